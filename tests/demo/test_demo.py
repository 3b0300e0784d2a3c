"""The demo: believable, the same each time, and in the state in which the services would have left it."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import F, Sum
from django.test import Client, override_settings

from apps.activity.models import Event
from apps.capacity.models import HoursReport
from apps.demo.services.builder import build
from apps.demo.services.seasons import name_after, season_names
from apps.demo.services.story import people
from apps.goals import services
from apps.goals.access import visible_goals
from apps.goals.models import (
    CheckIn,
    CheckInRevision,
    Cycle,
    Goal,
    KeyResult,
    KeyResultKind,
    Reading,
    Status,
    Visibility,
)
from apps.goals.models.progress import is_behind
from apps.goals.services.checkins import _bring_up_to_date
from apps.handovers.models import Handover, HandoverKind, HandoverStatus
from apps.notifications import queries
from apps.notifications.models import Delivery, Notice
from apps.notifications.services.messages import LARGEST_BYTES, compose
from apps.responsibilities.models import HELD, Assignment, AssignmentRole, AssignmentStatus, Responsibility
from apps.tasks.models import Consultation, Task, TaskStatus
from apps.workspaces.models import Absence, Member, Role, Team, Value, Workspace
from tests.counts import FULL, times
from tests.factories import GoalFactory, KeyResultFactory

THURSDAY = datetime(2026, 11, 19, 10, 30, tzinfo=UTC)
TODAY = THURSDAY.date()
MOMENTS = [
    datetime(2027, 1, 1, 0, 5, tzinfo=UTC),
    datetime(2028, 2, 29, 23, 30, tzinfo=UTC),
    datetime(2026, 3, 29, 1, 30, tzinfo=UTC),
    datetime(2026, 10, 25, 0, 59, tzinfo=UTC),
    datetime(2026, 12, 31, 23, 59, tzinfo=UTC),
    datetime(2026, 6, 30, 22, 30, tzinfo=UTC),
    datetime(2027, 8, 1, 12, 0, tzinfo=UTC),
    datetime(2027, 4, 5, 0, 0, tzinfo=UTC),
    datetime(2027, 5, 7, 18, 0, tzinfo=UTC),
    datetime(2029, 2, 28, 9, 0, tzinfo=UTC),
]
"""Edges of days, months, quarters, years and of summer time, a leap day, a Sunday, the first minute of a Monday."""


@pytest.fixture(scope="module")
def clinics(django_db_setup: None, django_db_blocker: Any) -> Iterator[Workspace]:
    """The demo as it is built on a Thursday, once for all tests of this file."""
    with django_db_blocker.unblock(), override_settings(DEMO=True), transaction.atomic():
        build(THURSDAY)
        yield Workspace.objects.get(slug=people.SLUG)
        transaction.set_rollback(True)


def now_running(clinics: Workspace) -> Cycle:
    """The running cycle."""
    cycle: Cycle = clinics.cycles.get(closed_at=None, starts_on__lte=TODAY)
    return cycle


def test_demo_has_people_teams_and_roles(clinics: Workspace) -> None:
    members = Member.objects.filter(workspace=clinics)
    assert 38 <= members.active().count() <= 44
    assert Counter(members.values_list("role", flat=True)) == {"member": 39, "admin": 2, "owner": 1, "guest": 1}
    assert members.filter(manager=None).count() <= 2
    assert members.exclude(deactivated_at=None).count() == 1
    teams = Team.objects.filter(workspace=clinics)
    assert (teams.filter(parent=None).count(), teams.exclude(parent=None).count()) == (7, 2)
    assert all(team.memberships.filter(is_lead=True).exists() for team in teams)
    assert Value.objects.filter(workspace=clinics, member=None).count() == 4


def test_demo_has_a_year_behind_it(clinics: Workspace) -> None:
    assert Cycle.objects.filter(workspace=clinics).exclude(closed_at=None).count() == 5
    upcoming = Cycle.objects.get(workspace=clinics, starts_on__gt=TODAY)
    assert set(upcoming.goals.values_list("status", flat=True)) == {"draft"}
    assert CheckIn.objects.filter(workspace=clinics).count() >= 600
    oldest = CheckIn.objects.filter(workspace=clinics).earliest("made_at").made_at
    assert THURSDAY - oldest > timedelta(days=365)
    closed = Goal.objects.filter(workspace=clinics).exclude(closed_at=None)
    assert set(closed.values_list("status", flat=True)) == {Status.ACHIEVED, Status.MISSED, Status.DROPPED}
    assert not closed.filter(lesson="").exists()
    assert closed.values("lesson").distinct().count() == closed.count()


def test_demo_cycle_is_half_gone(clinics: Workspace) -> None:
    cycle = now_running(clinics)
    assert cycle.starts_on is not None
    assert cycle.ends_on is not None
    gone = (TODAY - cycle.starts_on) / (cycle.ends_on - cycle.starts_on)
    assert 0.5 < gone < 0.65
    assert 24 <= cycle.goals.exclude(visibility=Visibility.PRIVATE).count() <= 30
    assert cycle.goals.filter(carried_from__isnull=False).exists()


def test_demo_has_every_kind_of_drift(clinics: Workspace) -> None:
    goals = list(now_running(clinics).goals.active().select_related("cycle").prefetch_related("key_results"))
    long_ago = TODAY - timedelta(days=2)
    silent = [
        goal for goal in goals if goal.check_in_due_on and goal.check_in_due_on < long_ago and goal.last_check_in_at
    ]
    behind = [goal for goal in goals if goal.is_measured and is_behind(goal.progress, goal.expected_on(TODAY))]
    assert len(silent) >= 2
    assert len(behind) >= 4
    assert len([goal for goal in goals if goal.confidence == "off_track"]) == 2
    assert len([goal for goal in goals if goal.confidence == "at_risk"]) >= 4
    assert [goal.title for goal in goals if goal.owner_id is None] == ["Insurers read our letters without calling back"]
    assert len([goal for goal in goals if not goal.key_results.all()]) >= 2
    assert len([goal for goal in goals if goal.last_check_in_at is None]) == 1
    on_time = [goal for goal in goals if goal not in behind and goal not in silent and goal.confidence == "on_track"]
    assert len(on_time) >= 8


def test_demo_has_asks_answered_and_open_blockers_and_an_edit(clinics: Workspace) -> None:
    asks = CheckIn.objects.filter(workspace=clinics).exclude(ask="")
    assert asks.filter(answered_at=None).count() >= 3
    assert asks.exclude(answered_at=None).count() >= 3
    assert CheckIn.objects.filter(workspace=clinics).exclude(blockers="").count() >= 4
    assert CheckInRevision.objects.filter(workspace=clinics).count() == 1
    kinds = set(KeyResult.objects.filter(workspace=clinics).values_list("kind", flat=True))
    assert kinds == set(KeyResultKind.values)


def test_demo_reads_like_people(clinics: Workspace) -> None:
    """No filler, and nobody says the same thing twice."""
    notes = list(CheckIn.objects.filter(workspace=clinics).exclude(note="").values_list("note", flat=True))
    assert len(notes) >= 240
    assert len(set(notes)) >= 0.98 * len(notes)
    for texts in (notes, Goal.objects.filter(workspace=clinics).values_list("reason", flat=True)):
        assert all(text.strip() and "lorem" not in text.lower() for text in texts)
    addresses = Member.objects.filter(workspace=clinics).values_list("email", flat=True)
    assert all(address.endswith(".example") for address in addresses)


def test_demo_puts_one_goal_before_maya_today(clinics: Workspace) -> None:
    maya = Member.objects.get(workspace=clinics, name="Maya Ortiz")
    due = Goal.objects.filter(owner=maya, check_in_due_on=TODAY)
    assert [goal.title for goal in due] == ["Patients get a first appointment within 9 days"]
    assert due[0].remind_on is None, "she was reminded this morning"
    assert Notice.objects.filter(recipient=maya, kind="check_in_due", subject_id=due[0].pk).count() == 1
    assert now_running(clinics).goals.ranked().first() == due[0]


def test_demo_is_in_the_state_the_services_leave(clinics: Workspace) -> None:
    """Working everything out anew changes nothing."""
    kept = ("progress", "progress_source", "confidence", "confidence_since", "last_check_in_at", "check_in_due_on")
    goals = Goal.objects.filter(workspace__slug__in=[people.SLUG, people.CLUB_SLUG])
    measures = KeyResult.objects.filter(goal__in=goals)
    before = {row.pop("pk"): row for row in goals.values("pk", "updated_at", *kept)}
    figures = dict(measures.values_list("pk", "progress"))
    last = dict(measures.values_list("pk", "current_value"))
    for goal in goals.select_related("workspace"):
        by = Member.objects.filter(workspace=goal.workspace, role=Role.OWNER).select_related("workspace").get()
        _bring_up_to_date(goal, by=by)
    after = {row.pop("pk"): row for row in goals.values("pk", "updated_at", *kept)}
    for pk, row in after.items():
        assert {name: row[name] for name in kept} == {name: before[pk][name] for name in kept}
    assert dict(measures.values_list("pk", "progress")) == figures
    assert dict(measures.values_list("pk", "current_value")) == last


def test_demo_writes_the_events_of_what_happened(clinics: Workspace) -> None:
    events = Event.objects.filter(workspace=clinics)
    assert events.filter(verb="goal.checked_in").count() == CheckIn.objects.filter(workspace=clinics).count()
    assert events.filter(verb="goal.created").count() == Goal.objects.filter(workspace=clinics).count()
    assert events.filter(verb="goal.ask_answered").count() == (
        CheckIn.objects.filter(workspace=clinics).exclude(answered_at=None).count()
    )
    assert not events.filter(at__gt=THURSDAY).exists()


def test_demo_does_nothing_before_it_was_possible(clinics: Workspace) -> None:
    check_ins = CheckIn.objects.filter(workspace__in=Workspace.objects.all())
    assert not check_ins.filter(made_at__gt=THURSDAY).exists()
    for check_in in check_ins.select_related("goal"):
        assert check_in.goal.activated_at is not None
        assert check_in.goal.activated_at <= check_in.made_at
        assert check_in.goal.closed_at is None or check_in.made_at <= check_in.goal.closed_at
    assert not check_ins.filter(made_at__week_day__in=[1, 7], workspace=clinics).exists()


def test_demo_keeps_private_goals_private(clinics: Workspace) -> None:
    private = Goal.objects.filter(workspace=clinics, visibility=Visibility.PRIVATE)
    assert private.count() == 2
    carla = Member.objects.get(workspace=clinics, name="Carla Mendes")
    assert not visible_goals(carla).filter(pk__in=private).exists()


def test_demo_guest_sees_the_one_goal_she_is_named_on(clinics: Workspace) -> None:
    inga = Member.objects.get(workspace=clinics, role=Role.GUEST)
    assert [goal.title for goal in visible_goals(inga)] == ["Invoices right the first time"]


def test_demo_has_responsibilities_as_real_teams_have_them(clinics: Workspace) -> None:
    """About thirty in six teams and more; most held well, some with a finding of each kind."""
    duties = Responsibility.objects.filter(workspace=clinics)
    assert 28 <= duties.count() <= 36
    assert duties.values("team").distinct().count() >= 6
    held = Assignment.objects.filter(workspace=clinics, status__in=HELD)
    accountable = Counter(held.filter(role=AssignmentRole.ACCOUNTABLE).values_list("responsibility__title", flat=True))
    assert [title for title, count in accountable.items() if count > 1] == ["Complaints are answered within five days"]
    assert duties.exclude(title__in=accountable).count() == 2
    assert set(held.values_list("role", flat=True)) == set(AssignmentRole.values)
    assert held.exclude(team=None).count() >= 8
    waiting = held.waiting(THURSDAY).get()
    assert (str(waiting.member), (THURSDAY - waiting.offered_at).days) == ("Oscar Lund", 9)
    assert Assignment.objects.filter(workspace=clinics, status=AssignmentStatus.DECLINED).count() == 1
    assert duties.filter(review_on__lt=TODAY).count() >= 3
    away_now = Absence.objects.filter(workspace=clinics).on(TODAY).values("member")
    assert held.filter(role=AssignmentRole.ACCOUNTABLE, member__in=away_now).exists()


def test_demo_has_tasks_in_every_state(clinics: Workspace) -> None:
    tasks = Task.objects.filter(workspace=clinics)
    assert 80 <= tasks.count() <= 110
    assert set(tasks.values_list("status", flat=True)) == set(TaskStatus.values)
    assert tasks.open().filter(due_on__lt=TODAY).count() >= 5
    assert tasks.open().filter(due_on=TODAY).count() >= 2
    assert tasks.exclude(responsibility=None).count() >= 20
    assert tasks.open().filter(assignee=None).exists()
    assert not tasks.filter(title__icontains="lorem").exists()
    assert tasks.values("title").distinct().count() == tasks.count()
    assert not tasks.filter(closed_at__lt=F("created_at")).exists()


def test_demo_has_somebody_who_promised_too_much(clinics: Workspace) -> None:
    matteo = Member.objects.get(workspace=clinics, name="Matteo Greco")
    roles = matteo.assignments.filter(status=AssignmentStatus.ACCEPTED).aggregate(sum=Sum("hours_per_week"))["sum"]
    goals = matteo.contributions.filter(goal__status="active").aggregate(sum=Sum("hours_per_week"))["sum"]
    assert matteo.weekly_hours is not None
    assert roles + goals > matteo.weekly_hours
    reports = HoursReport.objects.filter(workspace=clinics)
    assert reports.values("week").distinct().count() == 4
    assert reports.values("member").distinct().count() >= 8


def test_demo_has_absences_with_covers_and_handovers(clinics: Workspace) -> None:
    absences = Absence.objects.filter(workspace=clinics)
    assert absences.filter(ends_on__lt=TODAY).exists()
    assert absences.filter(starts_on__gt=TODAY).exists()
    covers = Handover.objects.filter(workspace=clinics, kind=HandoverKind.COVER)
    assert covers.covering(TODAY).filter(from_member__name="Agnes Kowalczyk").count() >= 2
    assert covers.filter(from_member__name="Maya Ortiz", status=HandoverStatus.PROPOSED).count() >= 2
    assert not covers.filter(from_member__name="Samir Haddad").open().exists()
    handovers = Handover.objects.filter(workspace=clinics, kind=HandoverKind.HANDOVER)
    assert Counter(handovers.values_list("status", flat=True)) == {"done": 1, "proposed": 1}
    callbacks = Assignment.objects.get(responsibility__title="Calls we promised to return", role="responsible")
    assert str(callbacks.member) == "Kirsten Dahl"


def test_demo_asks_those_who_are_consulted(clinics: Workspace) -> None:
    asked = Consultation.objects.filter(workspace=clinics)
    assert asked.exclude(answered_at=None).count() == 2
    assert asked.filter(answered_at=None).count() == 1


def test_demo_accounts_sign_in(clinics: Workspace) -> None:
    out = StringIO()
    call_command("demo_accounts", "--json", stdout=out)
    accounts = json.loads(out.getvalue())
    assert {account["role"] for account in accounts} == {"owner", "admin", "member", "guest"}
    assert [account["workspace"] for account in accounts if account["email"].startswith("maya")] == [
        people.SLUG,
        people.CLUB_SLUG,
    ]
    assert accounts[0]["email"] == "maya.ortiz@harbour.example"
    for account in accounts[:1]:
        assert authenticate(None, username=account["email"], password=account["password"]) is not None
    out = StringIO()
    call_command("demo_accounts", "--all", stdout=out)
    assert len(out.getvalue().splitlines()) == 43
    assert "marek" not in out.getvalue()


def test_load_demo_twice_changes_nothing(clinics: Workspace) -> None:
    counts = [model.objects.count() for model in (Member, Goal, CheckIn, Reading, Event)]
    for options, said in (([], "nothing was changed"), (["--if-missing"], "")):
        out = StringIO()
        call_command("load_demo", *options, stdout=out)
        assert said in out.getvalue()
    assert [model.objects.count() for model in (Member, Goal, CheckIn, Reading, Event)] == counts


def test_each_telling_of_demo_accounts_gives_fresh_tokens(clinics: Workspace) -> None:
    told = []
    for _time in range(2):
        out = StringIO()
        call_command("demo_accounts", "--json", stdout=out)
        told.append({account["email"]: account["token"] for account in json.loads(out.getvalue())})
    email = next(iter(told[0]))
    answers = [Client().get("/api/v1/me/", headers={"Authorization": f"Bearer {each[email]}"}) for each in told]
    assert [answer.status_code for answer in answers] == [401, 200]
    assert answers[1].json()["member"]["email"] == email


@pytest.mark.parametrize("command", ["load_demo", "demo_accounts"])
@pytest.mark.django_db
def test_demo_is_refused_where_it_is_real(command: str) -> None:
    """Its passwords are known to everybody."""
    with override_settings(DEMO=False), pytest.raises(CommandError, match="not a demo"):
        call_command(command)
    assert not Workspace.objects.filter(slug=people.SLUG).exists()


def test_season_names_are_never_the_same_twice() -> None:
    day = date(2024, 1, 1)
    while day.year < 2032:
        names = season_names(day, 6)
        everything = [*names, name_after(names[0])]
        assert len(set(everything)) == len(everything) == 7
        day += timedelta(days=1)
    assert season_names(date(2026, 11, 20), 6)[:3] == ["Autumn 2026", "Summer 2026", "Spring 2026"]
    assert season_names(date(2026, 1, 20), 6)[:2] == ["Winter 2025/26", "Autumn 2025"]
    assert season_names(date(2025, 12, 20), 6)[:2] == ["Winter 2025/26", "Autumn 2025"]
    assert name_after("Winter 2025/26") == "Spring 2026"
    assert name_after("Autumn 2026") == "Winter 2026/27"


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize("at", MOMENTS[: times(FULL["moments at which the demo is built"])])
def test_demo_can_be_built_at_any_moment(at: datetime) -> None:
    with override_settings(DEMO=True):
        build(at)
    assert CheckIn.objects.count() > 600
    assert not CheckIn.objects.filter(made_at__gt=at).exists()


@pytest.mark.django_db
def test_record_history_leaves_what_create_check_in_leaves(bob: Member, lea: Member, now: datetime) -> None:
    words: list[dict[str, Any]] = [
        {"note": "One", "confidence": "on_track"},
        {"note": "Two", "confidence": None, "blockers": "A wall"},
        {"note": "Three", "confidence": "at_risk", "ask": "Help?", "ask_to": lea},
        {"note": "Four", "confidence": "at_risk"},
        {"note": "Five", "confidence": None},
    ]
    goals, measures = [], []
    for _way in range(2):
        goal = GoalFactory(owner=bob, workspace=bob.workspace, activated_at=now)
        goals.append(goal)
        measures.append(KeyResultFactory(goal=goal, start_value=0, target_value=10))
    times = [now + timedelta(days=7 * number) for number in range(5)]
    answered_at = times[2] + timedelta(days=1)
    for number, (at, fields) in enumerate(zip(times, words, strict=True)):
        readings = {measures[0].pk: Decimal(number)} if number != 4 else {}
        made = services.create_check_in(goals[0], fields, readings=readings, by=bob, at=at)  # type: ignore[arg-type]
        if fields.get("ask"):
            services.answer_ask(made, answer="Yes", by=lea, at=answered_at)
    entries = [
        services.PastCheckIn(
            bob,
            at,
            fields,  # type: ignore[arg-type]
            {measures[1].pk: Decimal(number)} if number != 4 else {},
            "Yes" if fields.get("ask") else "",
            answered_at,
        )
        for number, (at, fields) in enumerate(zip(times, words, strict=True))
    ]
    services.record_history(goals[1], reversed(entries))
    left = [goal_as_left(goal) for goal in goals]
    assert left[0] == left[1]
    assert left[0]["goal"]["progress"] == 0.3


def goal_as_left(goal: Goal) -> dict[str, Any]:
    """Everything a goal keeps, without ids."""
    names = ("progress", "progress_source", "confidence", "confidence_since", "last_check_in_at", "check_in_due_on")
    said = ("made_at", "created_at", "confidence", "note", "blockers", "ask", "ask_to", "answer", "answered_at")
    return {
        "goal": Goal.objects.filter(pk=goal.pk).values(*names, "remind_on").get(),
        "measures": list(goal.key_results.values("current_value", "progress")),
        "said": list(goal.check_ins.order_by("made_at").values(*said, "author", "author_name")),
        "readings": list(Reading.objects.filter(check_in__goal=goal).order_by("value").values_list("value", flat=True)),
        "events": list(Event.objects.filter(subject_id=goal.pk).order_by("at").values("verb", "actor", "at")),
    }


def test_demo_has_news_in_inboxes_and_digests_on_their_way(clinics: Workspace) -> None:
    """Of the last morning, so that a stranger finds something whatever the hour."""
    told = Notice.objects.open().filter(workspace=clinics)
    assert told.filter(kind="check_in_due").exists()
    assert told.values("recipient").distinct().count() >= 3
    digests = Delivery.objects.filter(workspace=clinics, kind="digest")
    assert {row.address for row in digests} <= {f"{name}@harbour.example" for name in FEATURED_ADDRESSES}
    assert digests.count() >= 4
    for row in digests:
        mail = compose(claimed(row))
        assert mail is not None
        assert len(mail.message().as_bytes()) < LARGEST_BYTES


def test_demo_has_one_address_that_does_not_work(clinics: Workspace) -> None:
    admin = Member.objects.get(workspace=clinics, email="ana.sousa@harbour.example")
    (found,) = queries.faulty_addresses(admin)
    assert found.address == "oscar.lund@harbour.example"
    assert found.since is not None
    assert found.since <= THURSDAY


FEATURED_ADDRESSES = ("maya.ortiz", "ana.sousa", "carla.mendes", "lea.brandt", "jo.nakamura", "inga.holm", "oscar.lund")


def claimed(row: Delivery) -> Delivery:
    """As a sender holds it, at the moment the demo was made."""
    row.updated_at = THURSDAY
    return row
