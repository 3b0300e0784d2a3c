"""Signing in and out, coming back, new passwords, new addresses, and the limits on all that."""

from urllib.parse import quote

import pytest
from django.core import mail
from django.core.cache import cache, caches
from django.test import Client
from redis.exceptions import ConnectionError as RedisConnectionError

from apps.accounts.models import User
from apps.workspaces.models import Member
from tests.accounts.people import is_signed_in, link_in, prove, sign_in, verified
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db
NEW = "another sentence nobody guesses"


@pytest.fixture
def noor() -> User:
    return verified(UserFactory(name="Noor", email="noor@example.org"))


def test_sign_in_in_any_case_of_the_address(noor: User, client: Client) -> None:
    client.post("/account/login/", {"login": " NOOR@Example.org ", "password": PASSWORD})
    assert is_signed_in(client)


def test_the_form_tells_password_managers_what_is_what(client: Client) -> None:
    page = client.get("/account/login/").content.decode()
    assert 'autocomplete="username"' in page
    assert 'autocomplete="current-password"' in page
    page = client.get("/account/signup/").content.decode()
    assert 'autocomplete="new-password"' in page
    assert 'autocomplete="name"' in page


def test_wrong_password_and_unknown_address_get_one_answer(noor: User, client: Client) -> None:
    known = client.post("/account/login/", {"login": noor.email, "password": "wrong password"})
    unknown = client.post("/account/login/", {"login": "nobody@example.org", "password": "wrong password"})
    assert known.context["form"].errors == unknown.context["form"].errors
    assert "do not belong together" in known.content.decode()


def test_who_is_switched_off_does_not_come_in(noor: User, client: Client) -> None:
    User.objects.update(is_active=False)
    wrong = client.post("/account/login/", {"login": noor.email, "password": "wrong password"})
    assert "do not belong together" in wrong.content.decode(), (
        "only who knows the password learns that it is switched off"
    )
    answer = client.post("/account/login/", {"login": noor.email, "password": PASSWORD})
    assert answer.headers["Location"] == "/account/inactive/"
    assert not is_signed_in(client)


def test_the_sixth_wrong_password_is_one_too_many(noor: User, client: Client) -> None:
    for _try in range(5):
        client.post("/account/login/", {"login": noor.email, "password": "wrong password"})
    answer = client.post("/account/login/", {"login": noor.email, "password": PASSWORD})
    assert "too many times" in answer.content.decode()
    assert not is_signed_in(client)


def test_many_tries_from_one_place_are_stopped(client: Client) -> None:
    answers = [
        client.post("/account/login/", {"login": f"person{n}@example.org", "password": "x"}).status_code
        for n in range(31)
    ]
    assert answers[:10] == [200] * 10
    assert answers[-1] == 429


@pytest.mark.parametrize(
    "path", ["/account/login/", "/account/signup/", "/account/profile/", "/account/password/reset/"]
)
def test_pages_are_never_kept(noor: User, client: Client, path: str) -> None:
    if path == "/account/profile/":
        client.force_login(noor)
    assert "no-store" in client.get(path).headers["Cache-Control"]


def test_back_to_where_one_was(noor: User, client: Client) -> None:
    answer = client.get("/account/profile/?a=1")
    assert answer.headers["Location"] == "/account/login/?next=/account/profile/%3Fa%3D1"
    page = client.get(answer.headers["Location"]).content.decode()
    assert 'name="next" value="/account/profile/?a=1"' in page
    answer = client.post(
        "/account/login/", {"login": noor.email, "password": PASSWORD, "next": "/account/profile/?a=1"}
    )
    assert answer.headers["Location"] == "/account/profile/?a=1"


@pytest.mark.parametrize("page", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil.example"])
def test_never_to_another_site(noor: User, client: Client, page: str) -> None:
    answer = client.post("/account/login/", {"login": noor.email, "password": PASSWORD, "next": page})
    assert answer.headers["Location"] == "/"


def test_a_form_that_outlived_its_session_leads_back_to_its_page(client: Client) -> None:
    answer = client.post("/account/sessions/", headers={"referer": "http://testserver/account/profile/?tab=1#x"})
    assert answer.headers["Location"] == f"/account/login/?next={quote('/account/profile/?tab=1', safe='/')}"
    answer = client.post("/account/sessions/", headers={"referer": "https://evil.example/account/profile/"})
    assert answer.headers["Location"] == "/account/login/?next=/account/sessions/"


def test_signing_out_takes_a_button(noor: User) -> None:
    client = sign_in(noor)
    client.get("/account/logout/")
    assert is_signed_in(client)
    client.post("/account/logout/")
    assert not is_signed_in(client)


def test_a_new_password_by_mail_ends_every_session(noor: User, client: Client) -> None:
    phone = sign_in(noor)
    answer = client.post("/account/password/reset/", {"email": noor.email})
    assert answer.headers["Location"] == "/account/password/reset/done/"
    page = client.get(link_in(mail.outbox[0])).headers["Location"]
    assert "set-password" in page, "the secret leaves the address at once"
    client.post(page, {"password1": NEW})
    assert not is_signed_in(phone)
    assert is_signed_in(sign_in(noor, NEW))
    assert "no longer works" in Client().get(link_in(mail.outbox[0])).content.decode()
    assert mail.outbox[1].subject == "Your password was changed"


def test_asking_for_a_new_password_tells_nobody_who_has_an_account(noor: User, client: Client) -> None:
    known = client.post("/account/password/reset/", {"email": noor.email}, follow=True)
    unknown = Client().post("/account/password/reset/", {"email": "nobody@example.org"}, follow=True)
    assert known.redirect_chain == unknown.redirect_chain
    assert [message.to for message in mail.outbox] == [["noor@example.org"], ["nobody@example.org"]]


def test_changing_the_password_ends_the_other_sessions_only(noor: User) -> None:
    here, there = sign_in(noor), sign_in(noor)
    answer = here.post("/account/password/change/", {"oldpassword": PASSWORD, "password1": NEW})
    assert answer.status_code == 302
    assert is_signed_in(here)
    assert not is_signed_in(there)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"oldpassword": "wrong password", "password1": NEW}, "oldpassword"),
        ({"oldpassword": PASSWORD, "password1": "short"}, "password1"),
        ({"oldpassword": PASSWORD, "password1": "x" * 1_001}, "password1"),
        ({"oldpassword": PASSWORD, "password1": "x\x00" * 10}, "password1"),
    ],
)
def test_a_password_that_cannot_be_taken_is_said_at_its_field(noor: User, fields: dict[str, str], field: str) -> None:
    answer = sign_in(noor).post("/account/password/change/", fields)
    assert list(answer.context["form"].errors) == [field]


def test_a_new_address_counts_once_it_is_confirmed(noor: User) -> None:
    client = sign_in(noor)
    assert (
        client.post("/account/email/", {"email": "new@example.org", "action_add": "1"})
        .headers["Location"]
        .startswith("/account/reauth")
    )
    prove(client)
    client.post("/account/email/", {"email": "new@example.org", "action_add": "1"})
    noor.refresh_from_db()
    assert noor.email == "noor@example.org"
    client.post(link_in(mail.outbox[0]))
    noor.refresh_from_db()
    assert noor.email == "new@example.org"
    assert mail.outbox[1].to == ["noor@example.org"], "the old address is told"
    assert mail.outbox[1].subject == "Your address was changed"


def test_a_new_address_is_the_persons_in_every_workspace(alice: Member, bob: Member, client: Client) -> None:
    assert alice.user is not None
    user = verified(alice.user)
    bob.email = "taken@example.org"
    bob.save()
    client = sign_in(user)
    prove(client)
    for address, expected in (("new@example.org", "new@example.org"), ("taken@example.org", "new@example.org")):
        cache.clear()
        client.post("/account/email/", {"email": address, "action_add": "1"})
        client.post(link_in(next(message for message in reversed(mail.outbox) if message.to == [address])))
        alice.refresh_from_db()
        user.refresh_from_db()
        assert (user.email, alice.email) == (address, expected)


def test_an_address_of_somebody_else_is_not_told_apart(noor: User) -> None:
    verified(UserFactory(email="taken@example.org"))
    client = sign_in(noor)
    prove(client)
    answer = client.post("/account/email/", {"email": "taken@example.org", "action_add": "1"})
    assert answer.headers["Location"] == "/account/email/"
    assert "is taken" in client.get(link_in(mail.outbox[0])).content.decode()
    client.post(link_in(mail.outbox[0]))
    noor.refresh_from_db()
    assert noor.email == "noor@example.org"


def test_with_redis_away_nobody_signs_in_and_everybody_works_on(noor: User, monkeypatch: pytest.MonkeyPatch) -> None:
    client = sign_in(noor)

    def away(*args: object, **kwargs: object) -> None:
        raise RedisConnectionError("Redis is away")

    backend = type(caches["default"])
    for name in ("get", "set", "add", "delete", "has_key"):
        monkeypatch.setattr(backend, name, away)
    assert is_signed_in(client)
    answer = Client().post("/account/login/", {"login": noor.email, "password": PASSWORD})
    assert answer.status_code == 503
    assert "Nothing was changed" in answer.content.decode()
    assert Client().get("/account/login/").status_code == 200
    assert client.post("/account/logout/").status_code == 503, "a session that cannot be ended is not said to be"
    monkeypatch.undo()
    assert is_signed_in(client)
