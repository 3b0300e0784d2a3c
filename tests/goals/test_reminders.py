"""The check-in reminder: once per due date, at the owner's nine o'clock on a working day, never after it was done."""

import threading
import zoneinfo
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone
from hypothesis import HealthCheck, assume, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from apps.accounts.models import User
from apps.goals import services, tasks
from apps.goals.models import Contributor, Goal, Visibility
from apps.notifications.models import Delivery, Notice
from apps.notifications.services import send_due_deliveries, sweep_notice_mails
from apps.workspaces.models import Member, Workspace
from tests.counts import times
from tests.factories import GoalFactory, KeyResultFactory, MemberFactory
from tests.mails import html_of, whole

EVERY_DAY = [1, 2, 3, 4, 5, 6, 7]
ZONES = sorted(zoneinfo.available_timezones() - {"localtime", "Factory"})


def reminders() -> list[str]:
    """Who was reminded, as addresses."""
    told = Notice.objects.filter(kind="check_in_due").order_by("created_at")
    return list(told.values_list("recipient__user__email", flat=True))


def send(at: datetime) -> dict[str, int]:
    """Put what is due into mails, and send them."""
    sweep_notice_mails(at=at)
    return send_due_deliveries(at=at)


def at_nine(day: date, zone: str, hour: int = 9, minute: int = 0) -> datetime:
    """The moment at which the clock there shows it."""
    return datetime.combine(day, time(hour, minute), tzinfo=zoneinfo.ZoneInfo(zone)).astimezone(UTC)


@pytest.fixture
def due_goal(bob: Member, harbour: Workspace, now: datetime) -> Goal:
    """Bob's goal, active since Wednesday 4 March in Berlin, its check-in due on Wednesday 11 March."""
    assert bob.user is not None
    bob.user.timezone = "Europe/Berlin"
    bob.user.save()
    return services.create_goal({"title": "Answer every call", "owner": bob}, by=bob, at=now)


DUE = date(2026, 3, 11)
MORNING = at_nine(DUE, "Europe/Berlin")
NOON = at_nine(DUE, "UTC", 12)


def test_reminder_comes_at_the_owners_nine(due_goal: Goal) -> None:
    assert due_goal.check_in_due_on == DUE
    assert services.sweep_check_in_reminders(at=MORNING - timedelta(minutes=1)) == 0
    assert services.sweep_check_in_reminders(at=MORNING) == 1
    assert reminders() == ["bob@example.org"]


def test_reminder_comes_once_per_due_date(due_goal: Goal, bob: Member) -> None:
    for minutes in range(0, 60 * 24 * 3, 90):
        services.sweep_check_in_reminders(at=MORNING + timedelta(minutes=minutes))
    assert reminders() == ["bob@example.org"]
    done_at = MORNING + timedelta(days=3)
    services.create_check_in(due_goal, {"note": "Going well"}, readings={}, by=bob, at=done_at)
    assert services.sweep_check_in_reminders(at=done_at + timedelta(days=6)) == 0
    assert services.sweep_check_in_reminders(at=at_nine(date(2026, 3, 23), "Europe/Berlin")) == 1
    assert len(reminders()) == 2


def test_reminder_is_not_said_again_when_a_due_date_comes_back(due_goal: Goal, harbour: Workspace) -> None:
    services.sweep_check_in_reminders(at=MORNING)
    for cadence in (14, 7):
        harbour.cadence = cadence
        harbour.save()
        services.realign_check_in_dates(harbour)
    due_goal.refresh_from_db()
    assert due_goal.check_in_due_on == DUE
    services.sweep_check_in_reminders(at=MORNING + timedelta(hours=1))
    assert reminders() == ["bob@example.org"]


def test_reminder_waits_for_a_working_day(bob: Member, harbour: Workspace) -> None:
    saturday = datetime(2026, 3, 7, 10, tzinfo=UTC)
    goal = services.create_goal({"title": "A goal", "owner": bob}, by=bob, at=saturday)
    assert goal.check_in_due_on == date(2026, 3, 14)
    assert services.sweep_check_in_reminders(at=at_nine(date(2026, 3, 14), "UTC")) == 0
    assert services.sweep_check_in_reminders(at=at_nine(date(2026, 3, 15), "UTC")) == 0
    assert services.sweep_check_in_reminders(at=at_nine(date(2026, 3, 16), "UTC")) == 1


def test_reminder_waits_where_the_working_days_changed(due_goal: Goal, harbour: Workspace) -> None:
    harbour.working_days = [1, 5]
    harbour.save()
    assert services.sweep_check_in_reminders(at=MORNING) == 0
    assert services.sweep_check_in_reminders(at=at_nine(date(2026, 3, 13), "Europe/Berlin")) == 1


def test_reminder_comes_the_next_morning_after_beat_was_off(due_goal: Goal) -> None:
    evening = at_nine(DUE, "Europe/Berlin", 20)
    assert services.sweep_check_in_reminders(at=evening) == 0
    assert services.sweep_check_in_reminders(at=evening + timedelta(hours=8)) == 0
    assert services.sweep_check_in_reminders(at=MORNING + timedelta(days=1)) == 1
    assert reminders() == ["bob@example.org"]


@hypothesis_settings(
    max_examples=times(1200),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
@given(
    zone=st.sampled_from(ZONES),
    owner_zone=st.sampled_from(ZONES),
    day=st.dates(min_value=date(2026, 1, 1), max_value=date(2026, 12, 31)),
    hour=st.integers(min_value=9, max_value=19),
)
@example(zone="Europe/Berlin", owner_zone="Europe/Berlin", day=date(2026, 3, 29), hour=9)
@example(zone="Europe/Berlin", owner_zone="Europe/Berlin", day=date(2026, 10, 25), hour=9)
@example(zone="UTC", owner_zone="America/New_York", day=date(2026, 3, 8), hour=9)
@example(zone="UTC", owner_zone="America/New_York", day=date(2026, 11, 1), hour=19)
@example(zone="UTC", owner_zone="Australia/Lord_Howe", day=date(2026, 4, 5), hour=9)
@example(zone="UTC", owner_zone="Pacific/Kiritimati", day=date(2026, 1, 1), hour=9)
@example(zone="Pacific/Kiritimati", owner_zone="Pacific/Pago_Pago", day=date(2026, 6, 1), hour=9)
@example(zone="UTC", owner_zone="Asia/Kathmandu", day=date(2026, 2, 28), hour=9)
def test_reminder_comes_at_nine_everywhere_on_every_day(
    due_goal: Goal, harbour: Workspace, zone: str, owner_zone: str, day: date, hour: int
) -> None:
    """Not a minute before nine where the owner lives, then on the first sweep, whatever the workspace's zone."""
    nine, moment = at_nine(day, owner_zone), at_nine(day, owner_zone, hour)
    assume(nine.astimezone(zoneinfo.ZoneInfo(owner_zone)).hour == 9)
    Workspace.objects.filter(pk=harbour.pk).update(timezone=zone, working_days=EVERY_DAY)
    User.objects.filter(memberships=due_goal.owner).update(timezone=owner_zone)
    Goal.objects.filter(pk=due_goal.pk).update(check_in_due_on=day, remind_on=day)
    Notice.objects.all().delete()
    before_nine = [nine - timedelta(minutes=1), nine - timedelta(hours=9), nine - timedelta(hours=20)]
    assert [services.sweep_check_in_reminders(at=at) for at in before_nine] == [0, 0, 0]
    assert services.sweep_check_in_reminders(at=moment) == 1
    assert services.sweep_check_in_reminders(at=moment + timedelta(minutes=1)) == 0
    assert len(reminders()) == 1


def test_reminder_is_dropped_after_a_check_in_between_queue_and_send(due_goal: Goal, bob: Member) -> None:
    services.sweep_check_in_reminders(at=MORNING)
    sweep_notice_mails(at=MORNING)
    services.create_check_in(due_goal, {"note": "Done this morning"}, readings={}, by=bob, at=MORNING)
    assert send_due_deliveries(at=MORNING) == {"dropped": 1}
    assert mail.outbox == []


def test_reminder_is_dropped_when_the_goal_changed_hands(due_goal: Goal, bob: Member, lea: Member) -> None:
    services.sweep_check_in_reminders(at=MORNING)
    sweep_notice_mails(at=MORNING)
    services.update_goal(due_goal, {"owner": lea}, by=bob, at=MORNING)
    assert send_due_deliveries(at=MORNING) == {"dropped": 1}


def test_reminder_is_dropped_when_the_goal_was_closed(due_goal: Goal, bob: Member) -> None:
    services.sweep_check_in_reminders(at=MORNING)
    sweep_notice_mails(at=MORNING)
    services.close_goal(due_goal, outcome="dropped", lesson="No longer needed.", by=bob, at=MORNING)
    assert send_due_deliveries(at=MORNING) == {"dropped": 1}


def test_reminder_is_dropped_for_an_owner_who_left(due_goal: Goal, bob: Member) -> None:
    services.sweep_check_in_reminders(at=MORNING)
    sweep_notice_mails(at=MORNING)
    Member.objects.filter(pk=bob.pk).update(deactivated_at=MORNING)
    assert send_due_deliveries(at=MORNING) == {"dropped": 1}


@pytest.mark.parametrize("status", ["draft", "achieved"])
def test_reminder_is_for_active_goals_only(due_goal: Goal, bob: Member, status: str) -> None:
    if status == "draft":
        services.update_goal(due_goal, {"status": "draft"}, by=bob, at=MORNING - timedelta(days=1))
    else:
        services.close_goal(due_goal, outcome=status, lesson="It worked.", by=bob, at=MORNING - timedelta(days=1))
    assert services.sweep_check_in_reminders(at=MORNING) == 0


def test_reminder_skips_owners_without_an_account_or_who_left(harbour: Workspace, now: datetime) -> None:
    left = MemberFactory(workspace=harbour, deactivated_at=now)
    without_account = MemberFactory(workspace=harbour, user=None)
    blocked = MemberFactory(workspace=harbour, user__is_active=False)
    for owner in (left, without_account, blocked):
        GoalFactory(owner=owner, check_in_due_on=DUE, remind_on=DUE)
    GoalFactory(owner=None, workspace=harbour, check_in_due_on=DUE, remind_on=DUE)
    assert services.sweep_check_in_reminders(at=NOON) == 0
    assert reminders() == []


def test_reminder_of_a_private_goal_goes_to_its_owner_alone_and_does_not_name_it(
    bob: Member, lea: Member, alice: Member, now: datetime
) -> None:
    goal = services.create_goal(
        {"title": "Plumtree", "reason": "Plumtree", "owner": bob, "visibility": Visibility.PRIVATE}, by=bob, at=now
    )
    Contributor.objects.create(workspace=goal.workspace, goal=goal, member=lea)
    services.create_check_in(goal, {"note": "Plumtree", "confidence": "at_risk"}, readings={}, by=bob, at=now)
    services.sweep_check_in_reminders(at=NOON)
    assert send(NOON) == {"sent": 1}
    (sent,) = mail.outbox
    assert (sent.to, sent.cc, sent.bcc) == (["bob@example.org"], [], [])
    assert "Plumtree" not in whole(sent)
    assert sent.subject == "Time to check in on a private goal of yours"


def test_reminder_says_how_the_goal_stands(due_goal: Goal, bob: Member, now: datetime) -> None:
    key_result = KeyResultFactory(goal=due_goal, title="Median wait", start_value="14.1", target_value=9, unit="days")
    milestone = KeyResultFactory(goal=due_goal, title="New form live", kind="milestone", target_value=1)
    services.create_check_in(
        due_goal,
        {"note": "The new triage slots\nhelped.", "confidence": "on_track"},
        readings={key_result.pk: "11.2", milestone.pk: 0},  # type: ignore[dict-item]
        by=bob,
        at=now,
    )
    services.sweep_check_in_reminders(at=MORNING)
    send(MORNING)
    (sent,) = mail.outbox
    assert sent.subject == "Time to check in on “Answer every call”"
    for said in (
        "Hello Bob,",
        "The last check-in was on Wednesday 4 March.",
        "Confidence: On track",
        "Progress: 28 %",
        "Median wait: 11.2 days, target 9 days",
        "New form live: not done yet",
        "“The new triage slots helped.”",
        f"http://testserver/w/harbour/goals/{due_goal.pk}/check-in/",
        "its check-in was due on Wednesday 11 March",
    ):
        assert said in sent.body
    assert "“Answer every call”" in html_of(sent)


def test_reminder_speaks_the_owners_language(due_goal: Goal, bob: Member) -> None:
    assert bob.user is not None
    bob.user.language = "de"
    bob.user.save()
    services.sweep_check_in_reminders(at=MORNING)
    send(MORNING)
    assert "Mittwoch" in mail.outbox[0].body
    assert 'lang="de"' in html_of(mail.outbox[0])


def test_reminder_of_a_huge_goal_stays_small(due_goal: Goal, bob: Member, now: datetime) -> None:
    for _number in range(12):
        KeyResultFactory(goal=due_goal, title="A measure " * 90, unit="u" * 40)
    services.update_goal(due_goal, {"title": "A long title " * 70}, by=bob, at=now)
    services.create_check_in(due_goal, {"note": "word <b> " * 5_000}, readings={}, by=bob, at=now)
    services.sweep_check_in_reminders(at=MORNING)
    assert send(MORNING) == {"sent": 1}
    assert len(mail.outbox[0].message().as_bytes()) < 30 * 1024


def test_sweep_takes_any_number_in_bounded_batches(
    bob: Member, django_assert_max_num_queries: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apps.goals.services.reminders.BATCH", 4)
    for _number in range(10):
        GoalFactory(owner=bob, check_in_due_on=DUE, remind_on=DUE)
    assert services.sweep_check_in_reminders(at=NOON) == 10
    with django_assert_max_num_queries(3):
        assert services.sweep_check_in_reminders(at=NOON) == 0
    assert len(reminders()) == 10


def test_sweep_asks_the_database_little_while_nobody_works(due_goal: Goal, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(3):
        assert services.sweep_check_in_reminders(at=at_nine(DUE, "Europe/Berlin", 5)) == 0


def test_sweep_check_in_reminders_runs_twice_without_harm(bob: Member) -> None:
    assert bob.user is not None
    goal = GoalFactory(owner=bob, workspace__working_days=EVERY_DAY, check_in_due_on=DUE, remind_on=DUE)
    Workspace.objects.filter(pk=goal.workspace_id).update(working_days=EVERY_DAY)
    zone = next(name for name in ZONES if 9 <= datetime.now(zoneinfo.ZoneInfo(name)).hour < 19)
    User.objects.filter(pk=bob.user.pk).update(timezone=zone)
    assert [tasks.sweep_check_in_reminders(), tasks.sweep_check_in_reminders()] == [1, 0]
    assert len(reminders()) == 1


@pytest.mark.django_db(transaction=True)
def test_sweeps_at_the_same_moment_remind_once(bob: Member) -> None:
    for _number in range(30):
        GoalFactory(owner=bob, check_in_due_on=DUE, remind_on=DUE)
    start = threading.Barrier(4)
    taken: list[int] = []

    def sweep() -> None:
        try:
            start.wait()
            taken.append(services.sweep_check_in_reminders(at=NOON))
        finally:
            connection.close()

    run_all(threading.Thread(target=sweep) for _number in range(4))
    assert len(taken) == 4
    assert sum(taken) == 30
    assert len(reminders()) == 30


@pytest.mark.django_db(transaction=True)
def test_senders_at_the_same_moment_send_each_mail_once(bob: Member) -> None:
    for owner in MemberFactory.create_batch(30, workspace=bob.workspace):
        GoalFactory(owner=owner, check_in_due_on=DUE, remind_on=DUE)
    services.sweep_check_in_reminders(at=NOON)
    sweep_notice_mails(at=NOON)
    start = threading.Barrier(4)

    def send() -> None:
        try:
            start.wait()
            send_due_deliveries(at=NOON)
        finally:
            connection.close()

    run_all(threading.Thread(target=send) for _number in range(4))
    ids = [sent.extra_headers["Message-ID"] for sent in mail.outbox]
    assert len(ids) == len(set(ids)) == 30
    assert set(Delivery.objects.values_list("state", flat=True)) == {"sent"}


def run_all(threads: Iterable[threading.Thread]) -> None:
    """Start them together, wait for all."""
    running = list(threads)
    for thread in running:
        thread.start()
    for thread in running:
        thread.join(timeout=30)


def test_realign_moves_the_dates_with_the_cadence(due_goal: Goal, harbour: Workspace) -> None:
    harbour.cadence = 14
    harbour.save()
    services.realign_check_in_dates(harbour)
    due_goal.refresh_from_db()
    assert (due_goal.check_in_due_on, due_goal.remind_on) == (date(2026, 3, 18), date(2026, 3, 18))


def test_realign_agrees_with_what_a_check_in_sets(due_goal: Goal, harbour: Workspace, bob: Member) -> None:
    for number, zone in enumerate(("Pacific/Kiritimati", "America/Adak", "UTC", "Asia/Kathmandu")):
        harbour.timezone, harbour.working_days, harbour.cadence = zone, [number + 1], 7 * (number + 1)
        harbour.save()
        services.realign_check_in_dates(harbour)
        swept = Goal.objects.get(pk=due_goal.pk)
        by_hand = Goal.objects.get(pk=due_goal.pk)
        by_hand.check_in_due_on = by_hand.remind_on = None
        services.dates.set_check_in_dates(by_hand, workspace=harbour)
        assert (swept.check_in_due_on, swept.remind_on) == (by_hand.check_in_due_on, by_hand.remind_on)


def test_remind_command_queues_what_another_moment_will_bring(due_goal: Goal, settings: Any) -> None:
    settings.DEMO = True
    out = StringIO()
    call_command("remind", "--at", MORNING.isoformat(), stdout=out)
    assert out.getvalue() == "Queued reminders for 1 goals.\n"
    assert Delivery.objects.due(timezone.now()).filter(kind="notices").count() == 1


@pytest.mark.parametrize(
    ("demo", "at", "said"),
    [
        (False, "2026-03-11T09:00+01:00", "Only a demo"),
        (True, "tomorrow", "not an ISO 8601 moment"),
        (True, "2026-03-11T09:00", "offset from UTC"),
    ],
)
@pytest.mark.django_db
def test_remind_command_refuses(settings: Any, demo: bool, at: str, said: str) -> None:
    settings.DEMO = demo
    with pytest.raises(CommandError, match=said):
        call_command("remind", "--at", at)


@pytest.mark.django_db
def test_remind_command_reminds_now(settings: Any) -> None:
    out = StringIO()
    call_command("remind", stdout=out)
    assert out.getvalue() == "Queued reminders for 0 goals.\n"
