"""The page on which people say what reaches them, and when."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.notifications.models import DeliverySchedule, Notice, Preference, Reach
from apps.notifications.services import reaches_of, schedule_of
from apps.notifications.services.kinds import KINDS, NoticeKind, NoticeWords
from apps.workspaces.models import Member
from tests import opened
from tests.lists import holding

pytestmark = pytest.mark.django_db

ClientOf = Callable[[Member], Client]
SENT = {
    "daily_digest": "on",
    "digest_at": "08:30",
    "weekly_digest": "on",
    "weekly_on": "1",
    "quiet_from": "19:00",
    "quiet_until": "07:30",
    "working_days": ["1", "2", "3", "4", "5"],
    "paused_until": "",
    "kind_tea_ready": "digest",
    "kind_tea_wanted": "mail",
}


def read(_notices: Sequence[Notice], _at: datetime) -> dict[UUID, NoticeWords]:
    """Nothing: on this page nothing is told."""
    return {}


def say(_notice: Notice, said: NoticeWords) -> NoticeWords:
    """What was read."""
    return said


@pytest.fixture(autouse=True)
def only_tea() -> Iterator[None]:
    """Two kinds and no other, so that what is sent is whole whatever other apps declare."""
    ready = NoticeKind("tea_ready", "Tea", "Kitchen", Reach.DIGEST, read, say, help="When it has drawn.")
    with holding(KINDS, ready, NoticeKind("tea_wanted", "Tea wanted", "Kitchen", Reach.MAIL, read, say), only=True):
        yield


def address(member: Member) -> str:
    return reverse("notifications:preference_edit", args=[member.workspace.slug])


def send(client: Client, member: Member, **changes: Any) -> Any:
    return opened.send(client, address(member), {**SENT, **changes}, follow=True)


def test_the_page_shows_the_defaults_and_saving_them_chooses_nothing(bob: Member, client_of: ClientOf) -> None:
    client = client_of(bob)
    page = client.get(address(bob)).content.decode()
    assert "When it has drawn." in page
    assert 'value="08:30"' in page
    assert "Saved." in send(client, bob).content.decode()
    assert not Preference.objects.exists()
    assert schedule_of(bob).working_days is None, "the workspace's days stay the workspace's"


def test_what_one_says_is_kept_for_this_membership_alone(bob: Member, lea: Member, client_of: ClientOf) -> None:
    until = timezone.localdate() + timedelta(days=20)
    changes = {
        "kind_tea_wanted": "off",
        "digest_at": "06:45",
        "weekly_on": "5",
        "quiet_from": "21:00",
        "working_days": ["2", "6"],
        "paused_until": until.isoformat(),
    }
    page = send(client_of(bob), bob, **changes).content.decode()
    assert "Saved." in page
    schedule = schedule_of(bob)
    assert (schedule.digest_at, schedule.weekly_on, schedule.quiet_from) == (time(6, 45), 5, time(21, 0))
    assert (schedule.working_days, schedule.paused_until) == ([2, 6], until)
    assert (reaches_of(bob)["tea_wanted"], reaches_of(bob)["tea_ready"]) == (Reach.OFF, Reach.DIGEST)
    assert Preference.objects.count() == 1
    assert reaches_of(lea)["tea_wanted"] == Reach.MAIL
    assert not DeliverySchedule.objects.filter(member=lea).exists()


def test_switching_the_digests_off(bob: Member, client_of: ClientOf) -> None:
    sent = {name: value for name, value in SENT.items() if name not in {"daily_digest", "weekly_digest"}}
    opened.send(client_of(bob), address(bob), sent)
    schedule = schedule_of(bob)
    assert (schedule.daily_digest, schedule.weekly_digest) == (False, False)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"digest_at": "25:00"}, "Enter a valid time."),
        ({"digest_at": ""}, "This field is required."),
        ({"weekly_on": "8"}, "Select a valid choice."),
        ({"working_days": []}, "Choose at least one day."),
        ({"working_days": ["0"]}, "Select a valid choice."),
        ({"paused_until": "31 February"}, "Enter a valid date."),
        ({"paused_until": date(9999, 12, 31).isoformat()}, "A pause lasts at most a year."),
        ({"kind_tea_ready": "carrier pigeon"}, "Select a valid choice."),
        ({"kind_tea_ready": "digest\x00"}, "Select a valid choice."),
    ],
)
def test_what_does_not_fit_is_said_at_its_field_and_nothing_is_saved(
    bob: Member, client_of: ClientOf, changes: dict[str, Any], said: str
) -> None:
    answer = send(client_of(bob), bob, kind_tea_wanted="off", **changes)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert said in page
    assert "need" in page, "errors are summed up at the top"
    assert not Preference.objects.exists()
    assert not DeliverySchedule.objects.exists()
