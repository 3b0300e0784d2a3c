"""Links in mails that work without signing in, as an attacker, a scanner or a hasty reader uses them."""

import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core import signing
from django.core.exceptions import ValidationError
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.notifications.models import Notice, Reach
from apps.notifications.services import KINDS, NoticeKind, NoticeWords, notify, set_reaches
from apps.notifications.services.delivery_schedules import schedule_of
from apps.notifications.services.mail_links import ACT_SALT, ACT_WITHIN, DAILY, STOP_SALT, WEEKLY, act_url, stop_url
from apps.notifications.services.preferences import reaches_of
from apps.workspaces.models import Member
from tests.counts import times
from tests.lists import holding

pytestmark = pytest.mark.django_db

ClientOf = Callable[[Member], Client]
KIND, OTHER = "test_link", "test_link_other"
DONE: list[UUID] = []
SIGNED = re.compile(r"/mail/(?:stop|act)/([^/]+)/")
METHODS = ("get", "head", "post")


def read(notices: Sequence[Notice], at: datetime) -> Mapping[UUID, str]:
    """What is spoken of, unless its reader may not see it."""
    return {each.pk: "x" for each in notices if not each.data.get("hidden")}


def say(notice: Notice, row: str) -> NoticeWords:
    """Words that name what is private where the convention lets them."""
    return NoticeWords(
        "The private canary",
        "Somebody asks for your yes.",
        "/x/",
        "Accept",
        "canary",
        "/x/",
        "Because.",
        outside="A goal",
    )


def act(notice: Notice, by: Member, at: datetime) -> None:
    """What the button does: once."""
    if notice.pk in DONE:
        raise ValidationError("Somebody was faster.")
    DONE.append(notice.pk)


@pytest.fixture(autouse=True)
def kinds() -> Iterator[None]:
    """Two kinds of news, one of which asks for a yes."""
    DONE.clear()
    asking = NoticeKind(KIND, "News", "Tests", Reach.MAIL, read, say, act=act)
    with holding(KINDS, asking, NoticeKind(OTHER, "Other news", "Tests", Reach.MAIL, read, say)):
        yield


@pytest.fixture
def notice(bob: Member, now: datetime) -> Notice:
    """Something that bob is asked for."""
    subject = uuid4()
    notify(KIND, recipients=[bob], subject_id=subject, about_id=subject, dedupe_key="a", at=now)
    found: Notice = Notice.objects.get()
    return found


def path(url: str) -> str:
    return re.sub(r"^https?://[^/]+", "", url)


def token(url: str) -> str:
    found = SIGNED.search(url)
    assert found
    return found[1]


# ---- forged, altered, for something else ------------------------------------------------------------------------


def test_an_altered_link_does_nothing(bob: Member, notice: Notice) -> None:
    for url in (act_url(notice), stop_url(bob, [KIND])):
        said, stamp, signature = token(url).split(":")
        other = signing.b64_encode(f'"{uuid4()}"'.encode()).decode()
        for forged in (
            f"{other}:{stamp}:{signature}",
            f"{said}:{stamp}x:{signature}",
            f"{said}:{stamp}:{signature[:-1]}",
            f"{said}:{stamp}:",
            f"{said}:{signature}",
            f"{said}:{stamp}:{signature}:{signature}",
            f".{said}:{stamp}:{signature}",
            f"{said}:{stamp}:{signature}%00",
            f"{said}:{stamp}:{signature}é",
        ):
            address = path(url).replace(token(url), forged)
            assert [getattr(Client(), method)(address).status_code for method in METHODS] == [404] * 3
    assert (DONE, reaches_of(bob)[KIND]) == ([], Reach.MAIL)


@pytest.mark.parametrize("salt", ["", "django.core.signing", "notifications", ACT_SALT.upper(), "password_reset"])
def test_what_was_signed_for_something_else_is_not_ours(bob: Member, notice: Notice, salt: str) -> None:
    assert Client().post(f"/mail/act/{signing.dumps(str(notice.pk), salt=salt)}/").status_code == 404
    said = {"member": str(bob.pk), "kinds": [KIND]}
    assert Client().post(f"/mail/stop/{signing.dumps(said, salt=salt)}/").status_code == 404


def test_a_link_serves_one_purpose(bob: Member, notice: Notice) -> None:
    assert Client().post(f"/mail/stop/{token(act_url(notice))}/").status_code == 404
    assert Client().post(f"/mail/act/{token(stop_url(bob, [KIND]))}/").status_code == 404
    assert (DONE, reaches_of(bob)[KIND]) == ([], Reach.MAIL)


def test_another_key_signs_nothing(bob: Member, notice: Notice) -> None:
    signed = signing.dumps(str(notice.pk), key="another", salt=ACT_SALT)
    assert Client().post(f"/mail/act/{signed}/").status_code == 404


@settings(max_examples=times(250), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(blacklist_characters="/?#%", blacklist_categories=["Cs"]), min_size=1, max_size=80))
def test_any_token_is_answered(text: str) -> None:
    for where in ("stop", "act"):
        assert Client().get(f"/mail/{where}/{text}/").status_code in {404, 301}, text


@pytest.mark.parametrize("where", ["stop", "act"])
@pytest.mark.parametrize("start", ["", ".", ":", "a:b:"])
def test_a_huge_token_is_answered(where: str, start: str) -> None:
    """A leading point means packed: it is unpacked only once its signature holds."""
    assert Client().post(f"/mail/{where}/{start}{'x' * 500_000}/").status_code == 404


# ---- looked at, not pressed -------------------------------------------------------------------------------------


def test_scanners_change_nothing(bob: Member, notice: Notice) -> None:
    scanner = Client(enforce_csrf_checks=True)
    for url in (act_url(notice), stop_url(bob, [KIND, DAILY])):
        for method in ("get", "head", "get"):
            assert getattr(scanner, method)(path(url)).status_code == 200
        for method in ("options", "put", "patch", "delete", "trace"):
            assert getattr(scanner, method)(path(url)).status_code in {403, 405}
    assert DONE == []
    assert reaches_of(bob)[KIND] == Reach.MAIL
    assert schedule_of(bob).daily_digest
    assert Notice.objects.open().unread().exists()


def test_another_site_cannot_press_the_button(notice: Notice) -> None:
    assert Client(enforce_csrf_checks=True).post(path(act_url(notice))).status_code == 403
    assert DONE == []


def test_pages_are_kept_nowhere_and_give_their_address_to_no_other_site(bob: Member, notice: Notice) -> None:
    for url in (act_url(notice), stop_url(bob, [KIND])):
        answer = Client().get(path(url))
        assert "no-store" in answer["Cache-Control"]
        assert answer["Referrer-Policy"] == "same-origin"
        assert "sessionid" not in answer.cookies


def test_a_page_that_needs_no_signing_in_names_nothing_private(
    bob: Member, notice: Notice, client_of: ClientOf
) -> None:
    page = Client().get(path(act_url(notice))).content.decode()
    assert "A goal" in page
    assert "canary" not in page
    assert "canary" in client_of(bob).get(path(act_url(notice))).content.decode()
    assert "canary" not in Client().post(path(act_url(notice))).content.decode()


# ---- twice, late, over ------------------------------------------------------------------------------------------


def test_the_button_works_once_and_then_says_so(notice: Notice) -> None:
    link = path(act_url(notice))
    assert Client().post(link).status_code == 200
    for method in METHODS:
        answer = getattr(Client(), method)(link)
        assert answer.status_code == 410
    page = Client().get(link).content.decode()
    assert "Nothing left to do here" in page
    assert "A goal" not in page
    assert [notice.pk] == DONE


def test_a_link_lasts_so_long(notice: Notice, monkeypatch: pytest.MonkeyPatch) -> None:
    link = path(act_url(notice))
    over = ACT_WITHIN.total_seconds()
    clock = time.time
    monkeypatch.setattr("django.core.signing.time.time", lambda: clock() + over - 60)
    assert Client().get(link).status_code == 200
    monkeypatch.setattr("django.core.signing.time.time", lambda: clock() + over + 60)
    assert Client().post(link).status_code == 410
    assert DONE == []


def test_what_was_put_away_is_not_done(notice: Notice, now: datetime) -> None:
    Notice.objects.update(done_at=now)
    assert Client().post(path(act_url(notice))).status_code == 410
    assert DONE == []


def test_what_its_reader_no_longer_sees_is_not_done_and_not_told_from_what_is_over(
    notice: Notice, now: datetime
) -> None:
    link = path(act_url(notice))
    Notice.objects.update(data={"hidden": True})
    hidden = Client().get(link)
    assert (hidden.status_code, Client().post(link).status_code, DONE) == (410, 410, [])
    Notice.objects.update(data={}, done_at=now)
    assert _without_nonces(Client().get(link)) == _without_nonces(hidden)


def _without_nonces(answer: Any) -> str:
    return re.sub(r'nonce="[^"]*"', "", answer.content.decode())


def test_a_refusal_is_said_on_the_page(notice: Notice) -> None:
    DONE.append(notice.pk)
    answer = Client().post(path(act_url(notice)))
    assert answer.status_code == 200
    assert "Somebody was faster." in answer.content.decode()
    assert Notice.objects.open().exists()


def test_a_deleted_notice_is_absent(notice: Notice) -> None:
    link = path(act_url(notice))
    notice.delete()
    assert Client().post(link).status_code == 404


# ---- whose ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("gone", ["deactivated", "switched off", "without an account"])
def test_links_of_people_who_left_are_dead(bob: Member, notice: Notice, now: datetime, gone: str) -> None:
    links = [path(act_url(notice)), path(stop_url(bob, [KIND]))]
    assert bob.user is not None
    if gone == "switched off":
        bob.user.is_active = False
        bob.user.save()
    else:
        bob.deactivated_at = now if gone == "deactivated" else None
        bob.user = bob.user if gone == "deactivated" else None
        bob.save()
    for link in links:
        assert [getattr(Client(), method)(link).status_code for method in METHODS] == [404] * 3
    assert DONE == []


def test_who_left_one_workspace_is_asked_in_the_other(bob: Member, eve: Member, notice: Notice, now: datetime) -> None:
    """A link belongs to a place in one workspace, not to the account."""
    there = Member.objects.create(workspace=eve.workspace, user=bob.user, name="Bob", email="bob@example.org")
    bob.deactivated_at = now
    bob.save()
    assert Client().post(path(stop_url(there, [KIND]))).status_code == 200
    assert reaches_of(there)[KIND] == Reach.INBOX
    assert reaches_of(bob)[KIND] == Reach.MAIL
    assert Client().post(path(act_url(notice))).status_code == 404


def test_it_works_for_whoever_is_signed_in_as_its_reader(bob: Member, notice: Notice, client_of: ClientOf) -> None:
    assert client_of(bob).post(path(act_url(notice))).status_code == 200
    assert [notice.pk] == DONE


@pytest.mark.parametrize("method", METHODS)
def test_who_is_signed_in_as_somebody_else_was_forwarded_it(
    alice: Member, bob: Member, notice: Notice, client_of: ClientOf, method: str
) -> None:
    client = client_of(alice)
    for url in (act_url(notice), stop_url(bob, [KIND])):
        answer = getattr(client, method)(path(url))
        assert answer.status_code == 403
        assert "Bob" not in answer.content.decode()
        assert "canary" not in answer.content.decode()
    assert "written to somebody else" in client.get(path(act_url(notice))).content.decode()
    assert (DONE, reaches_of(bob)[KIND]) == ([], Reach.MAIL)


# ---- ending mails -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body", [{"List-Unsubscribe": "One-Click"}, {}, {"List-Unsubscribe": "no"}, {"kinds": OTHER, "member": "x"}]
)
def test_one_request_ends_mails_whatever_its_body(bob: Member, body: dict[str, str]) -> None:
    """The button of our own page sends none: a POST is a press (RFC 8058, section 3.2)."""
    client = Client(enforce_csrf_checks=True)
    for _twice in range(2):
        assert client.post(path(stop_url(bob, [KIND])), body).status_code == 200
    assert reaches_of(bob)[KIND] == Reach.INBOX
    assert reaches_of(bob)[OTHER] == Reach.MAIL


def test_a_body_that_is_no_form_ends_them_too(bob: Member) -> None:
    answer = Client().generic("POST", path(stop_url(bob, [KIND])), b"\xff\x00" * 1_000, content_type="text/plain")
    assert answer.status_code == 200
    assert reaches_of(bob)[KIND] == Reach.INBOX


def test_an_old_link_brings_nothing_back(bob: Member, now: datetime) -> None:
    link = path(stop_url(bob, [KIND, OTHER]))
    set_reaches(bob, {KIND: Reach.OFF, OTHER: Reach.DIGEST}, by=bob, at=now)
    Client().post(link)
    assert reaches_of(bob)[KIND] == Reach.OFF
    assert reaches_of(bob)[OTHER] == Reach.INBOX


def test_kinds_that_there_are_no_more_are_passed_over(bob: Member) -> None:
    signed = signing.dumps({"member": str(bob.pk), "kinds": [KIND, "of_long_ago"]}, salt=STOP_SALT)
    assert Client().get(f"/mail/stop/{signed}/").status_code == 200
    assert Client().post(f"/mail/stop/{signed}/").status_code == 200
    assert reaches_of(bob)[KIND] == Reach.INBOX


def test_a_link_to_end_mails_works_for_years(bob: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    link = path(stop_url(bob, [KIND]))
    clock = time.time
    monkeypatch.setattr("django.core.signing.time.time", lambda: clock() + timedelta(days=3_000).total_seconds())
    assert Client().post(link).status_code == 200


def test_who_stopped_mails_is_not_asked_again_and_learns_what_still_comes(
    bob: Member, client_of: Callable[..., Client], now: datetime
) -> None:
    set_reaches(bob, {kind.name: Reach.INBOX for kind in KINDS if kind.name not in {KIND, OTHER}}, by=bob, at=now)
    set_reaches(bob, {OTHER: Reach.MAIL}, by=bob, at=now)
    link = path(stop_url(bob, [KIND]))
    assert "Stop these mails?" in Client().get(link).content.decode()
    for stranger in (Client().post(link), Client().get(link)):
        page = stranger.content.decode()
        assert "<form" not in page
        assert "Mails of other kinds, or a digest, still come." in page
        assert str(KINDS[OTHER].label) not in page, "a forwarded link tells no stranger what else there is"
    mine = client_of(bob).get(link).content.decode()
    assert str(KINDS[OTHER].label) in mine
    assert "The morning digest" in mine
    Client().post(path(stop_url(bob, [OTHER, DAILY, WEEKLY])))
    assert "Nothing else comes by mail" in Client().get(link).content.decode()


def test_a_kind_that_comes_in_the_digest_can_still_be_stopped(bob: Member, now: datetime) -> None:
    set_reaches(bob, {KIND: Reach.DIGEST}, by=bob, at=now)
    assert "<form" in Client().get(path(stop_url(bob, [KIND]))).content.decode()
