"""Authenticator apps, recovery codes, and the devices that are signed in."""

from io import StringIO
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from cryptography.fernet import Fernet
from django.contrib.auth.models import Permission
from django.core import mail
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.test import Client

from apps.accounts import services
from apps.accounts.models import User
from tests.accounts.people import code_of, is_signed_in, link_in, prove, sign_in, switch_on_app, verified
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)
ANOTHER_KEY = Fernet.generate_key().decode()
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def noor() -> User:
    return verified(UserFactory(name="Noor", email="noor@example.org"))


def half_way(user: User) -> Client:
    """A browser in which the password was right and the code is still to come."""
    client = Client()
    answer = client.post("/account/login/", {"login": user.email, "password": PASSWORD})
    assert answer.headers["Location"] == "/account/2fa/authenticate/"
    return client


def test_setting_up_an_app_asks_for_the_password_again(noor: User) -> None:
    answer = sign_in(noor).get("/account/2fa/totp/activate/")
    assert answer.headers["Location"] == "/account/reauthenticate/?next=%2Faccount%2F2fa%2Ftotp%2Factivate%2F"


def test_with_an_app_the_password_is_not_enough(noor: User) -> None:
    secret = switch_on_app(sign_in(noor))
    client = half_way(noor)
    assert not is_signed_in(client)
    assert "not right" in client.post("/account/2fa/authenticate/", {"code": "000000"}).content.decode()
    client.post("/account/2fa/authenticate/", {"code": code_of(secret, 1)})
    assert is_signed_in(client)


def test_the_code_that_switched_the_app_on_signs_nobody_in(noor: User) -> None:
    secret = switch_on_app(sign_in(noor))
    client = half_way(noor)
    answer = client.post("/account/2fa/authenticate/", {"code": code_of(secret, 0)})
    assert list(answer.context["form"].errors) == ["code"]
    assert not is_signed_in(client)


def test_a_code_signs_in_once_as_long_as_any_clock_takes_it(noor: User) -> None:
    secret = switch_on_app(sign_in(noor))
    code = code_of(secret, 2)
    half_way(noor).post("/account/2fa/authenticate/", {"code": code})
    cache.delete(f"allauth.mfa.totp.used?user={noor.pk}&code={code}")  # gone after 30 seconds
    client = half_way(noor)
    client.post("/account/2fa/authenticate/", {"code": f"{code[:3]} {code[3:]}"})
    assert not is_signed_in(client)


@pytest.mark.parametrize(
    "code", ["", "x", "9" * 5000, "12345\x00", "\u202e123456", "\uff11\uff12\uff13\uff14\uff15\uff16"]
)
def test_a_code_that_is_none_is_said_at_its_field(noor: User, code: str) -> None:
    switch_on_app(sign_in(noor))
    answer = half_way(noor).post("/account/2fa/authenticate/", {"code": code})
    assert list(answer.context["form"].errors) == ["code"]


def test_guessing_codes_is_stopped(noor: User) -> None:
    switch_on_app(sign_in(noor))
    client = half_way(noor)
    answers = [client.post("/account/2fa/authenticate/", {"code": f"{n:06}"}).content.decode() for n in range(6)]
    assert "too many times" in answers[-1]


def test_a_recovery_code_works_once(noor: User) -> None:
    client = sign_in(noor)
    switch_on_app(client)
    codes = client.get("/account/2fa/recovery-codes/").context["unused_codes"]
    assert len(codes) == 10
    second = half_way(noor)
    second.post("/account/2fa/authenticate/", {"code": codes[0]})
    assert is_signed_in(second)
    third = half_way(noor)
    answer = third.post("/account/2fa/authenticate/", {"code": codes[0]}).content.decode()
    assert not is_signed_in(third)
    assert "each works once" in answer
    assert "30 seconds" not in answer


def test_recovery_codes_download_as_text(noor: User) -> None:
    client = sign_in(noor)
    switch_on_app(client)
    answer = client.get("/account/2fa/recovery-codes/download/")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="recovery-codes.txt"'
    assert "no-store" in answer.headers["Cache-Control"]
    assert len(answer.content.split()) == 10


def test_secrets_lie_encrypted(noor: User) -> None:
    secret = switch_on_app(sign_in(noor))
    stored = [str(authenticator.data) for authenticator in Authenticator.objects.all()]
    assert len(stored) == 2
    assert all("gAAAA" in data and secret not in data for data in stored)


def test_a_new_secret_key_still_opens_them(noor: User, settings: Any) -> None:
    secret = switch_on_app(sign_in(noor))
    settings.SECRET_KEY = "x" * 60
    settings.SECRET_KEY_FALLBACKS = []
    authenticator = Authenticator.objects.get(type="totp")
    assert authenticator.wrap().validate_code(code_of(secret))


def test_they_move_to_a_new_key_with_everything_else(noor: User, settings: Any) -> None:
    client = sign_in(noor)
    secret = switch_on_app(client)
    codes = client.get("/account/2fa/recovery-codes/").context["unused_codes"]
    settings.ENCRYPTION_KEYS = [ANOTHER_KEY, *settings.ENCRYPTION_KEYS]
    call_command("reencrypt", stdout=StringIO())
    settings.ENCRYPTION_KEYS = [ANOTHER_KEY]
    assert Authenticator.objects.get(type="totp").wrap().validate_code(code_of(secret))
    assert Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes() == codes


@pytest.fixture
def keyless(noor: User, settings: Any) -> Client:
    """Noor's browser, after the key of her app and codes was left out."""
    client = sign_in(noor)
    switch_on_app(client)
    settings.ENCRYPTION_KEYS = [ANOTHER_KEY]
    return client


def test_without_the_key_signing_in_answers_in_words_and_opens_nothing(noor: User, keyless: Client) -> None:
    client = half_way(noor)
    assert client.get("/account/2fa/authenticate/").status_code == 200
    answer = client.post("/account/2fa/authenticate/", {"code": "123456"})
    assert answer.status_code == 503
    assert "its key is missing on the server" in answer.content.decode()
    assert not is_signed_in(client)


def test_without_the_key_the_page_of_two_step_sign_in_says_so_and_helps(noor: User, keyless: Client) -> None:
    page = keyless.get("/account/2fa/").content.decode()
    assert "Codes cannot be checked just now" in page
    assert "cannot be read" in page
    prove(keyless)
    assert keyless.post("/account/2fa/recovery-codes/generate/").status_code == 302
    assert Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()
    keyless.post("/account/2fa/totp/deactivate/")
    assert not Authenticator.objects.exists()
    assert "Codes cannot be checked" not in keyless.get("/account/2fa/").content.decode()


def test_an_admin_takes_second_factors_away(noor: User, keyless: Client) -> None:
    root = Client()
    root.force_login(UserFactory(email="root@example.org", is_staff=True, is_superuser=True))
    mail.outbox.clear()
    asked = {"action": "reset_second_factors", "_selected_action": [str(noor.pk)]}
    assert root.post("/admin/accounts/user/", asked).status_code == 302
    assert not is_signed_in(keyless)
    assert is_signed_in(sign_in(noor))
    assert [(message.to, message.subject) for message in mail.outbox] == [
        (["noor@example.org"], "An authenticator app was removed")
    ]


def test_only_a_superuser_takes_second_factors_away(noor: User, keyless: Client) -> None:
    staff = UserFactory(email="staff@example.org", is_staff=True)
    staff.user_permissions.set(Permission.objects.filter(content_type__app_label="accounts"))
    client = Client()
    client.force_login(staff)
    client.post("/admin/accounts/user/", {"action": "reset_second_factors", "_selected_action": [str(noor.pk)]})
    assert Authenticator.objects.filter(user=noor).count() == 2


def test_second_factors_are_taken_away_at_the_terminal_too(noor: User, keyless: Client) -> None:
    call_command("reset_second_factors", "Noor@example.org", stdout=StringIO())
    assert is_signed_in(sign_in(noor))
    with pytest.raises(CommandError, match="No account"):
        call_command("reset_second_factors", "nobody@example.org")


def test_changing_a_second_factor_ends_the_other_sessions_only(noor: User) -> None:
    here, there = sign_in(noor), sign_in(noor)
    switch_on_app(here)
    assert is_signed_in(here)
    assert not is_signed_in(there)
    assert [message.subject for message in mail.outbox] == ["Two-step sign-in is on"]

    second = half_way(noor)
    second.post(
        "/account/2fa/authenticate/", {"code": here.get("/account/2fa/recovery-codes/").context["unused_codes"][0]}
    )
    assert is_signed_in(second)
    here.post("/account/2fa/recovery-codes/generate/")
    assert not is_signed_in(second)
    here.post("/account/2fa/totp/deactivate/")
    assert is_signed_in(here)
    assert not Authenticator.objects.exists()
    assert is_signed_in(sign_in(noor))


def test_with_a_second_factor_the_address_can_be_changed_too(noor: User) -> None:
    client = sign_in(noor)
    switch_on_app(client)
    client.post("/account/email/", {"email": "new@example.org", "action_add": "1"})
    client.post(link_in(mail.outbox[-1]))
    noor.refresh_from_db()
    assert noor.email == "new@example.org"


def test_switching_an_account_off_ends_its_sessions_for_good(noor: User) -> None:
    client = sign_in(noor)
    services.set_active(noor, active=False)
    assert not is_signed_in(client)
    services.set_active(noor, active=True)
    assert not is_signed_in(client)


def test_the_devices_one_is_signed_in_on(noor: User) -> None:
    here = sign_in(noor, **{"user-agent": FIREFOX})
    there = sign_in(
        noor,
        **{"user-agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Mobile Safari/604.1"},
    )
    page = here.get("/account/sessions/").content.decode()
    assert "Firefox on Linux" in page
    assert "Safari on iPhone" in page
    assert page.count("this device") == 1
    here.post("/account/sessions/")
    assert is_signed_in(here)
    assert not is_signed_in(there)
    assert "Sign out all other devices" not in here.get("/account/sessions/").content.decode()


def test_the_list_of_devices_stays_right_when_the_session_changes_its_key(noor: User) -> None:
    client = sign_in(noor)
    switch_on_app(client)
    client.get("/account/profile/")
    assert [session.session_key for session in UserSession.objects.purge_and_list(noor)] == [client.session.session_key]


def test_a_device_is_not_noted_at_every_request(noor: User, django_assert_num_queries: object) -> None:
    client = sign_in(noor)
    client.get("/account/profile/")
    # Two: who it is, and that they are in no workspace.
    with django_assert_num_queries(2):  # type: ignore[operator]
        client.get("/account/profile/")


@pytest.mark.parametrize(
    "path",
    ["/account/2fa/webauthn/add/", "/account/2fa/webauthn/login/", "/account/2fa/webauthn/reauthenticate/"],
)
@pytest.mark.parametrize(
    "credential",
    ["", "x", "{}", "[]", '{"id": "x", "response": {}}', "null", '{"id": 1, "rawId": 1, "type": 1, "response": 1}'],
)
def test_a_passkey_that_is_none_is_refused(noor: User, path: str, credential: str) -> None:
    client = Client() if "login" in path else sign_in(noor)
    if "add" in path:
        prove(client)
        client.get(path)
    answer = client.post(path, {"name": "x", "credential": credential})
    assert answer.status_code in {200, 302}
    assert not Authenticator.objects.exists()
    if "login" in path:
        assert not is_signed_in(client)
