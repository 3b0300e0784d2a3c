"""Every page of an account: for the person it is for, and for nobody else; and the profile."""

import re
from collections.abc import Iterator

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from apps.accounts.models import User
from tests.accounts.people import sign_in, switch_on_app, verified
from tests.factories import UserFactory
from tests.opened import send

pytestmark = pytest.mark.django_db(transaction=True)

OPEN = {
    "account_login": "/account/login/",
    "account_signup": "/account/signup/",
    "account_inactive": "/account/inactive/",
    "account_email_verification_sent": "/account/confirm-email/",
    "account_confirm_email": "/account/confirm-email/MQ:1abc:none/",
    "account_reset_password": "/account/password/reset/",
    "account_reset_password_done": "/account/password/reset/done/",
    "account_reset_password_from_key": "/account/password/reset/key/1-none/",
    "account_reset_password_from_key_done": "/account/password/reset/key/done/",
    "socialaccount_login_cancelled": "/account/3rdparty/login/cancelled/",
}
# Pages within a way that has to be begun elsewhere: whoever comes from nowhere is sent to its beginning.
STEPS = {
    "account_confirm_login_code": "/account/login/code/confirm/",
    "mfa_authenticate": "/account/2fa/authenticate/",
    "mfa_login_webauthn": "/account/2fa/webauthn/login/",
    "socialaccount_signup": "/account/3rdparty/signup/",
}
SIGNED_IN = {
    "profile": "/account/profile/",
    "account_logout": "/account/logout/",
    "account_reauthenticate": "/account/reauthenticate/",
    "account_email": "/account/email/",
    "account_change_password": "/account/password/change/",
    "mfa_index": "/account/2fa/",
    "mfa_reauthenticate": "/account/2fa/reauthenticate/",
    "mfa_deactivate_totp": "/account/2fa/totp/deactivate/",
    "mfa_view_recovery_codes": "/account/2fa/recovery-codes/",
    "mfa_generate_recovery_codes": "/account/2fa/recovery-codes/generate/",
    "mfa_download_recovery_codes": "/account/2fa/recovery-codes/download/",
    "mfa_list_webauthn": "/account/2fa/webauthn/",
    "mfa_add_webauthn": "/account/2fa/webauthn/add/",
    "mfa_reauthenticate_webauthn": "/account/2fa/webauthn/reauthenticate/",
    "mfa_remove_webauthn": "/account/2fa/webauthn/keys/{key}/remove/",
    "mfa_edit_webauthn": "/account/2fa/webauthn/keys/{key}/edit/",
    "usersessions_list": "/account/sessions/",
    "socialaccount_connections": "/account/3rdparty/",
    "socialaccount_login_error": "/account/3rdparty/login/error/",
}
OTHERS = {
    "account_set_password": "/account/password/set/",  # for whoever has no password yet: test_organisation.py
    "mfa_activate_totp": "/account/2fa/totp/activate/",  # for whoever has no app yet: test_second_factor.py
    "openid_connect_login": "/account/oidc/none/login/",
    "openid_connect_callback": "/account/oidc/none/login/callback/",
}


def names(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, str | None]]:
    """Each address with its name."""
    for pattern in resolver.url_patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from names(pattern, path)
        elif isinstance(pattern, URLPattern):
            yield path, pattern.name


@pytest.fixture
def noor() -> User:
    return verified(UserFactory(name="Noor", email="noor@example.org"))


@pytest.fixture
def key(noor: User) -> Authenticator:
    """A passkey as the database holds it: made by a virtual authenticator, see tests/browser."""
    credential = {
        "id": "AAAA",
        "rawId": "AAAA",
        "type": "public-key",
        "clientExtensionResults": {"credProps": {"rk": True}},
        "response": {"clientDataJSON": "e30", "attestationObject": ATTESTATION, "transports": ["internal"]},
    }
    return Authenticator.objects.create(user=noor, type="webauthn", data={"name": "Laptop", "credential": credential})


# CBOR of {"fmt": "none", "attStmt": {}, "authData": rpIdHash, flags UP|UV|AT, counter 0, aaguid 0, id 000, ES256 key}
ATTESTATION = (
    "o2NmbXRkbm9uZWdhdHRTdG10oGhhdXRoRGF0YViHSZYN5YgOjGh0NBcPZHZgW4_krrmihjLHmVzzuoMdl2NFAAAAAAAAAAAAAAAAAAAAAAAAAAAAAwAAAKUBAgMmIAEhWCB6"
    "bW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbSJYIG1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1t"
)


def test_every_address_of_the_account_is_known_here() -> None:
    found = {name for path, name in names(get_resolver()) if path.startswith("account/") and name}
    assert found == OPEN.keys() | STEPS.keys() | SIGNED_IN.keys() | OTHERS.keys()


@pytest.mark.parametrize("path", OPEN.values(), ids=OPEN.keys())
def test_open_pages_are_ours(client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert looks_right(answer.content.decode())


@pytest.mark.parametrize("path", STEPS.values(), ids=STEPS.keys())
def test_steps_lead_to_their_beginning(client: Client, path: str) -> None:
    assert client.get(path).headers["Location"] in {"/account/login/", "/account/signup/"}


@pytest.mark.parametrize("path", SIGNED_IN.values(), ids=SIGNED_IN.keys())
@pytest.mark.parametrize("method", ["get", "post"])
def test_visitors_see_nothing_of_an_account(client: Client, key: Authenticator, path: str, method: str) -> None:
    answer = getattr(client, method)(path.format(key=key.pk))
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(("/account/login/", "/"))
    assert not answer.content


def test_pages_of_the_person_are_ours(noor: User) -> None:
    client = sign_in(noor)
    switch_on_app(client)
    for name, path in SIGNED_IN.items():
        if "{key}" in path or "webauthn/reauth" in path:
            continue
        answer = client.get(path)
        assert answer.status_code == (401 if name == "socialaccount_login_error" else 200), name
        assert name == "mfa_download_recovery_codes" or looks_right(answer.content.decode()), name


def test_a_passkey_of_somebody_else_does_not_exist(noor: User) -> None:
    other = verified(UserFactory())
    theirs = Authenticator.objects.create(user=other, type="webauthn", data={"name": "x", "credential": {}})
    client = sign_in(noor)
    client.post("/account/reauthenticate/", {"password": "a long enough password"})
    for action in ("edit", "remove"):
        assert client.get(f"/account/2fa/webauthn/keys/{theirs.pk}/{action}/").status_code == 404
        assert client.post(f"/account/2fa/webauthn/keys/{theirs.pk}/{action}/", {"name": "mine"}).status_code == 404
    assert Authenticator.objects.get(pk=theirs.pk).data["name"] == "x"


def looks_right(page: str) -> bool:
    """Whether the page stands in our frame, with one heading, without inline style or script."""
    scripts = re.findall(r"<script(?![^>]*(?:src=|application/json))", page)
    return (
        page.count("<h1>") == 1 and "plain-top" in page and not scripts and not re.search(r"\sstyle=|\son[a-z]+=", page)
    )


def test_the_profile_is_saved_and_speaks_the_new_language(noor: User) -> None:
    client = sign_in(noor)
    answer = send(
        client, "/account/profile/", {"name": "Noor Haddad", "timezone": "Europe/Berlin", "language": "de"}, follow=True
    )
    noor.refresh_from_db()
    assert (noor.name, noor.timezone, noor.language) == ("Noor Haddad", "Europe/Berlin", "de")
    assert answer.headers["Content-Language"] == "de"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "\u202e"),
        ("name", "a\x00b"),
        ("name", "x" * 1_000_000),
        ("timezone", "Mars/Olympus"),
        ("timezone", ""),
        ("timezone", "\x00"),
        ("timezone", "../../etc/passwd"),
        ("language", "tlh"),
        ("language", ""),
    ],
)
def test_the_profile_says_at_the_field_what_is_wrong(noor: User, field: str, value: str) -> None:
    fields = {"name": "Noor", "timezone": "UTC", "language": "en", field: value}
    answer = send(sign_in(noor), "/account/profile/", fields)
    assert answer.status_code == 200
    assert list(answer.context["form"].errors) == [field]
    noor.refresh_from_db()
    assert (noor.name, noor.timezone, noor.language) == ("Noor", "UTC", "en")


def test_a_renamed_person_is_renamed_in_every_workspace(client: Client, alice: object) -> None:
    client.force_login(alice.user)  # type: ignore[attr-defined]
    send(client, "/account/profile/", {"name": "Alice Okafor", "timezone": "Asia/Tokyo", "language": "en"})
    alice.refresh_from_db()  # type: ignore[attr-defined]
    assert alice.name == "Alice Okafor"  # type: ignore[attr-defined]
    assert alice.zone.key == "Asia/Tokyo"  # type: ignore[attr-defined]
