"""Coming in: sign-up, confirmation, invitations, and what nobody learns there."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client

from apps.accounts.models import User
from tests.accounts.people import SIGNUP, is_signed_in, link_in, verified
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def test_sign_up_confirm_and_be_signed_in(client: Client) -> None:
    answer = client.post("/account/signup/", {**SIGNUP, "timezone": "Asia/Tokyo"}, headers={"accept-language": "de"})
    assert answer.headers["Location"] == "/account/confirm-email/"
    noor = User.objects.get(email="noor@example.org")
    assert (noor.name, noor.timezone, noor.language) == ("Noor Haddad", "Asia/Tokyo", "de")
    assert not is_signed_in(client)

    page = link_in(mail.outbox[0])
    assert "Confirm" in client.get(page).content.decode()
    assert not EmailAddress.objects.get(user=noor).verified, "a link that a mail scanner opens confirms nothing"
    assert client.post(page).headers["Location"] == "/"
    assert EmailAddress.objects.get(user=noor).verified
    assert is_signed_in(client)


def test_without_confirmation_nobody_signs_in(client: Client) -> None:
    client.post("/account/signup/", SIGNUP)
    other = Client()
    answer = other.post("/account/login/", {"login": SIGNUP["email"], "password": SIGNUP["password1"]})
    assert answer.headers["Location"] == "/account/confirm-email/"
    assert not is_signed_in(other)


def test_a_confirmed_link_does_not_sign_in_another_browser(client: Client) -> None:
    client.post("/account/signup/", SIGNUP)
    stranger = Client()
    stranger.post(link_in(mail.outbox[0]))
    assert not is_signed_in(stranger)


def test_an_unknown_zone_keeps_nobody_out(client: Client) -> None:
    client.post("/account/signup/", {**SIGNUP, "timezone": "Mars/Olympus"})
    assert User.objects.get(email="noor@example.org").timezone == "UTC"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "x" * 201),
        ("name", "<script>\x00"),
        ("name", "Noor\u202egnp.exe"),
        ("name", "x" * 1_000_000),
        ("email", ""),
        ("email", "noor"),
        ("email", "noor@example.org\x00"),
        ("email", "a" * 300 + "@example.org"),
        ("email", "noor@example.org\nBcc: all@example.org"),
        ("password1", ""),
        ("password1", "short"),
        ("password1", "password12"),
        ("password1", "12345678901234"),
        ("password1", "noor@example.org"),
        ("password1", "x" * 1_001),
    ],
)
def test_what_cannot_be_taken_is_said_at_its_field(client: Client, field: str, value: str) -> None:
    answer = client.post("/account/signup/", {**SIGNUP, field: value})
    assert answer.status_code == 200
    assert list(answer.context["form"].errors) == [field]
    assert f'id="id_{field}_error"' in answer.content.decode()
    assert not User.objects.exists()
    assert not mail.outbox


def test_ten_megabytes_are_refused_before_they_are_read(client: Client) -> None:
    answer = client.post("/account/signup/", {**SIGNUP, "name": "x" * 10_000_000})
    assert answer.status_code == 400
    assert not User.objects.exists()


def test_a_hostile_name_is_text(client: Client) -> None:
    client.post("/account/signup/", {**SIGNUP, "name": "<script>alert(1)</script> ../ =1+1"})
    assert User.objects.get().name == "<script>alert(1)</script> ../ =1+1"
    assert "script" not in mail.outbox[0].body, "a stranger's inbox is no place for a name that anybody can choose"


def normal(content: bytes) -> str:
    """The page without what differs from request to request."""
    return re.sub(r'(name="csrfmiddlewaretoken" value=|nonce=|X-CSRFToken": )"[^"]*"', "", content.decode())


def test_sign_up_with_a_taken_address_looks_like_any_other(client: Client) -> None:
    verified(UserFactory(email="taken@example.org"))
    first = client.post("/account/signup/", {**SIGNUP, "email": "free@example.org"}, follow=True)
    second = Client().post("/account/signup/", {**SIGNUP, "email": "taken@example.org"}, follow=True)
    assert first.redirect_chain == second.redirect_chain
    assert normal(first.content).replace("free@", "@") == normal(second.content).replace("taken@", "@")
    assert [message.subject for message in mail.outbox] == [
        "Please confirm your address",
        "You already have an account",
    ]


def test_sign_up_can_be_by_invitation_only(client: Client, settings: object) -> None:
    settings.SIGNUP = "invitation"  # type: ignore[attr-defined]
    assert "by invitation" in client.get("/account/signup/").content.decode()
    client.post("/account/signup/", SIGNUP)
    assert not User.objects.exists()
    invite(client)
    client.post("/account/signup/", SIGNUP)
    assert User.objects.get().email == "noor@example.org"


def test_whoever_came_with_an_invitation_lands_on_it(client: Client) -> None:
    invite(client)
    client.post("/account/signup/", SIGNUP)
    assert client.post(link_in(mail.outbox[0])).headers["Location"] == "/join/the-token/"

    lea = verified(UserFactory())
    other = Client()
    invite(other)
    answer = other.post("/account/login/", {"login": lea.email, "password": "a long enough password"})
    assert answer.headers["Location"] == "/join/the-token/"


def invite(client: Client) -> None:
    """What the invitation's page leaves in the session of a visitor."""
    session = client.session
    session["invitation_token"] = "the-token"
    session.save()
    client.cookies["counterpoise_session"] = session.session_key or ""
