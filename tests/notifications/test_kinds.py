"""Every kind of news: what it speaks of is read once for everybody, and said to each in their own language."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from apps.core.models import BaseModel
from apps.goals.models import Goal
from apps.notifications.models import Notice
from apps.notifications.services import KINDS, NoticeWords, describe_notices, read_notices
from apps.workspaces.models import Member
from tests.factories import (
    AbsenceFactory,
    AssignmentFactory,
    CheckInFactory,
    ConsultationFactory,
    ContributorFactory,
    GoalFactory,
    HandoverFactory,
    KeyResultFactory,
    MemberFactory,
    NoticeFactory,
    ResponsibilityFactory,
    StandInFactory,
    TaskFactory,
    TeamFactory,
    TeamMembershipFactory,
)

pytestmark = pytest.mark.django_db

DAY = date(2026, 3, 4)
LATE = datetime(2026, 3, 3, 23, 30, tzinfo=UTC)
"""Tuesday night in UTC, Wednesday in Berlin."""
Told = tuple[BaseModel, UUID, dict[str, Any]]
"""What a notice speaks of, the page it is about, and its data."""


# ---- one notice of each kind, in each of its forms: of a goal, a private one, a responsibility --------------------


def goals_of(owner: Member, named: Member, **fields: Any) -> list[Goal]:
    """One that all see, and a private one on which another is named."""
    goals: list[Goal] = [GoalFactory(owner=owner, visibility=each, **fields) for each in ("workspace", "private")]
    for goal in goals:
        ContributorFactory(goal=goal, member=named)
    return goals


def things_of(owner: Member, named: Member) -> Iterator[dict[str, Any]]:
    """The same goals and a responsibility, as what hangs on them names them."""
    yield from ({"goal": goal} for goal in goals_of(owner, named))
    yield {"responsibility": ResponsibilityFactory(workspace=owner.workspace)}


def check_ins_due(reader: Member, other: Member) -> Iterator[Told]:
    due = {"check_in_due_on": DAY, "last_check_in_at": LATE, "confidence": "on_track"}
    team = TeamFactory(workspace=reader.workspace)
    goals = goals_of(reader, other, **due)
    goals.append(GoalFactory(owner=reader, team=team, visibility="team", progress_source="children", **due))
    goals.append(GoalFactory(owner=other, **due))
    StandInFactory(goal=goals[-1], member=reader)
    for goal in goals:
        KeyResultFactory(goal=goal)
        CheckInFactory(goal=goal, made_at=LATE)
        yield goal, goal.pk, {"due_on": str(DAY)}


def asks(reader: Member, other: Member) -> Iterator[Told]:
    for goal in goals_of(other, reader):
        yield CheckInFactory(goal=goal, ask="May we hire?", ask_to=reader), goal.pk, {}


def answers(reader: Member, other: Member) -> Iterator[Told]:
    for goal in goals_of(reader, other):
        answered = {"ask_to": other, "answer": "Yes.", "answered_at": LATE}
        yield CheckInFactory(goal=goal, ask="May we hire?", **answered), goal.pk, {}


def goals_due(reader: Member, other: Member) -> Iterator[Told]:
    for goal in goals_of(reader, other, due_on=DAY):
        yield goal, goal.pk, {"due_on": str(DAY)}


def goals_closed(reader: Member, other: Member) -> Iterator[Told]:
    for goal in goals_of(other, reader, status="achieved", closed_at=LATE, lesson="Ask earlier."):
        yield goal, goal.pk, {}


def goals_quiet(reader: Member, other: Member) -> Iterator[Told]:
    for goal in goals_of(other, reader, check_in_due_on=DAY):
        yield goal, goal.pk, {"due_on": str(DAY)}


def assignments_offered(reader: Member, other: Member) -> Iterator[Told]:
    team = TeamFactory(workspace=reader.workspace)
    for thing in things_of(other, reader):
        for who in ({"member": reader}, {"team": team}):
            row = AssignmentFactory(**thing, **who, offered_by=other)
            yield row, row.goal_id or row.responsibility_id, {}


def assignments_answered(reader: Member, other: Member) -> Iterator[Told]:
    for thing in things_of(reader, other):
        answered = {"offered_by": reader, "answered_by": other, "answered_at": LATE}
        row = AssignmentFactory(**thing, member=other, status="declined", decline_reason="No time.", **answered)
        yield row, row.goal_id or row.responsibility_id, {"status": "declined"}


def reviews_due(reader: Member, other: Member) -> Iterator[Told]:
    row = ResponsibilityFactory(workspace=reader.workspace, review_on=DAY)
    yield row, row.pk, {"review_on": str(DAY)}


def tasks(reader: Member, other: Member, **fields: Any) -> Iterator[Told]:
    for thing in things_of(other, reader):
        task = TaskFactory(**thing, due_on=DAY, **fields)
        yield task, task.pk, {"due_on": str(DAY)}


def tasks_of(reader: Member, other: Member) -> Iterator[Told]:
    return tasks(reader, other, assignee=reader)


def tasks_done(reader: Member, other: Member) -> Iterator[Told]:
    return tasks(reader, other, created_by=reader, status="done", closed_at=LATE, closed_by=other)


def consultations(reader: Member, other: Member, **fields: Any) -> Iterator[Told]:
    for goal in goals_of(other, reader):
        row = ConsultationFactory(goal=goal, question="May we close?", **fields)
        yield row, row.thing_id, {}
    for thing in things_of(other, reader):
        task = TaskFactory(**thing)
        row = ConsultationFactory(goal=None, task=task, workspace=task.workspace, question="May we close?", **fields)
        yield row, row.thing_id, {}


def consulted(reader: Member, other: Member) -> Iterator[Told]:
    return consultations(reader, other, member=reader, asked_by=other)


def heard(reader: Member, other: Member) -> Iterator[Told]:
    return consultations(reader, other, member=other, asked_by=reader, answer="Yes.", answered_at=LATE)


def handovers(giver: Member, taker: Member, **fields: Any) -> Iterator[Told]:
    for thing in things_of(giver, taker):
        row = HandoverFactory(**thing, from_member=giver, to_member=taker, notes="Call first.", **fields)
        yield row, row.absence_id or row.pk, {"status": row.status}


def covers(giver: Member, taker: Member, **fields: Any) -> Iterator[Told]:
    absence = AbsenceFactory(member=giver)
    days = {"starts_on": absence.starts_on, "ends_on": absence.ends_on}
    return handovers(giver, taker, kind="cover", absence=absence, **days, **fields)


def answered_handovers(reader: Member, other: Member) -> Iterator[Told]:
    yield from handovers(reader, other, status="declined", answered_at=LATE, decline_code="not_seen")
    yield from handovers(reader, other, status="accepted", answered_at=LATE)
    yield from covers(reader, other, status="accepted", answered_at=LATE)


def returns(reader: Member, other: Member) -> Iterator[Told]:
    absence = AbsenceFactory(member=reader)
    yield absence, absence.pk, {}


TOLD: dict[str, Callable[[Member, Member], Iterator[Told]]] = {
    "check_in_due": check_ins_due,
    "ask": asks,
    "ask_answered": answers,
    "goal_due": goals_due,
    "goal_closed": goals_closed,
    "goal_quiet": goals_quiet,
    "assignment_offered": assignments_offered,
    "assignment_answered": assignments_answered,
    "responsibility_review_due": reviews_due,
    "task_assigned": tasks_of,
    "task_due": tasks_of,
    "task_completed": tasks_done,
    "consultation": consulted,
    "consultation_answered": heard,
    "handover_offered": lambda reader, other: handovers(other, reader),
    "cover_offered": lambda reader, other: covers(other, reader),
    "handover_answered": answered_handovers,
    "handover_done": lambda reader, other: handovers(other, reader, status="done", done_at=LATE),
    "cover_begins": lambda reader, other: covers(other, reader, status="accepted", answered_at=LATE),
    "welcome_back": returns,
}
ONES_OWN = {
    "check_in_due", "ask", "ask_answered", "goal_due", "assignment_answered", "task_assigned", "task_due",
    "task_completed", "consultation", "consultation_answered", "handover_offered", "cover_offered", "welcome_back",
}  # fmt: skip
"""What holds only for the one it was told."""
WHILE_SO = {
    "check_in_due", "goal_due", "goal_quiet", "assignment_answered", "responsibility_review_due", "task_due",
    "handover_answered",
}  # fmt: skip
"""What holds only while the day, or the answer, is the one that was told."""


def tell(kind: str, reader: Member) -> None:
    """Put notices of the kind, in all its forms, into somebody's inbox."""
    other = MemberFactory(workspace=reader.workspace)
    for subject, about_id, data in TOLD[kind](reader, other):
        NoticeFactory(kind=kind, recipient=reader, subject_id=subject.pk, about_id=about_id, data=data)


def waiting() -> list[Notice]:
    """All notices as a sweep reads them, with nothing at hand but their recipients."""
    return list(Notice.objects.select_related("recipient__user", "recipient__workspace").order_by("pk"))


def said_in(language: str, zone: str, says: dict[UUID, Callable[[], NoticeWords]]) -> dict[UUID, NoticeWords]:
    with translation.override(language), timezone.override(ZoneInfo(zone)):
        return {pk: say() for pk, say in says.items()}


# ---- what holds for each of them ----------------------------------------------------------------------------------


def test_every_kind_is_tried() -> None:
    assert set(TOLD) == {kind.name for kind in KINDS}


@pytest.mark.parametrize("kind", TOLD)
def test_saying_makes_no_queries(kind: str, bob: Member, now: datetime) -> None:
    tell(kind, bob)
    notices = waiting()
    says = read_notices(notices, at=now)
    assert set(says) == {notice.pk for notice in notices}
    with CaptureQueriesContext(connection) as queries:
        said = [say() for say in says.values()]
    assert [each["sql"] for each in queries] == []
    assert all(each.title and each.about and each.url and each.about_url and each.reason for each in said)


@pytest.mark.parametrize("kind", TOLD)
def test_reading_takes_as_many_queries_for_many_people_and_languages(kind: str, bob: Member, now: datetime) -> None:
    def count() -> int:
        notices = waiting()
        with CaptureQueriesContext(connection) as queries:
            says = read_notices(notices, at=now)
            for language, zone in (("en", "UTC"), ("de", "Europe/Berlin"), ("en", "Asia/Tokyo")):
                said_in(language, zone, says)
        assert len(says) == len(notices)
        return len(queries)

    tell(kind, bob)
    few = count()
    for language in ("de", "en", "de"):
        team = TeamFactory(workspace=bob.workspace)
        reader = MemberFactory(workspace=bob.workspace, user__language=language)
        TeamMembershipFactory(team=team, member=reader)
        tell(kind, reader)
    assert count() == few
    assert few <= 6


@pytest.mark.parametrize("kind", TOLD)
def test_one_reading_is_said_in_each_language(kind: str, bob: Member, now: datetime) -> None:
    tell(kind, bob)
    says = read_notices(waiting(), at=now)
    english, german = said_in("en", "UTC", says), said_in("de", "UTC", says)
    for language, words in (("en", english), ("de", german)):
        with translation.override(language), timezone.override(ZoneInfo("UTC")):
            assert words == describe_notices(waiting(), at=now)
    for pk in says:
        assert english[pk].title != german[pk].title
        assert english[pk].reason != german[pk].reason
        assert english[pk].url == german[pk].url


def test_days_are_those_of_the_reader(bob: Member, now: datetime) -> None:
    goal = GoalFactory(owner=bob, title="Answer every call", check_in_due_on=DAY, last_check_in_at=LATE)
    NoticeFactory(kind="check_in_due", recipient=bob, subject_id=goal.pk, data={"due_on": str(DAY)})
    (say,) = read_notices(waiting(), at=now).values()
    with translation.override("en"), timezone.override(UTC):
        assert "The last check-in was on Tuesday 3 March." in say().text
    with translation.override("de"), timezone.override(ZoneInfo("Europe/Berlin")):
        assert "Mittwoch, 4. März" in say().text


@pytest.mark.parametrize("kind", TOLD)
def test_nothing_private_is_read_to_a_stranger(kind: str, bob: Member, mo: Member, now: datetime) -> None:
    tell(kind, bob)
    Notice.objects.update(recipient=mo)
    about_private = [pk for pk, say in read_notices(waiting(), at=now).items() if say().outside]
    assert about_private == []


@pytest.mark.parametrize("kind", sorted(ONES_OWN))
def test_what_is_ones_own_is_read_to_nobody_else(kind: str, bob: Member, mo: Member, now: datetime) -> None:
    tell(kind, bob)
    for goal in Goal.objects.all():
        ContributorFactory(goal=goal, member=mo)
    Notice.objects.update(recipient=mo)
    assert read_notices(waiting(), at=now) == {}


@pytest.mark.parametrize("kind", sorted(WHILE_SO))
def test_what_changed_since_is_not_read(kind: str, bob: Member, now: datetime) -> None:
    tell(kind, bob)
    Notice.objects.update(data={"due_on": "2026-03-01", "review_on": "2026-03-01", "status": "proposed"})
    assert read_notices(waiting(), at=now) == {}


@pytest.mark.parametrize("kind", TOLD)
def test_nothing_is_read_of_what_is_gone(kind: str, bob: Member, now: datetime) -> None:
    tell(kind, bob)
    Notice.objects.update(subject_id=bob.pk)
    assert read_notices(waiting(), at=now) == {}


def test_a_kind_nobody_declares_is_left_out(bob: Member, now: datetime) -> None:
    tell("welcome_back", bob)
    kept = Notice.objects.get().pk
    NoticeFactory(kind="long_gone", recipient=bob)
    assert set(read_notices(waiting(), at=now)) == {kept}


def test_each_is_read_what_they_see(bob: Member, mo: Member, now: datetime) -> None:
    """Notices of several recipients of one thing, of whom one may not see it any more."""
    goal = GoalFactory(owner=bob, visibility="private", status="achieved", closed_at=LATE)
    rows = [NoticeFactory(kind="goal_closed", recipient=each, subject_id=goal.pk) for each in (bob, mo)]
    assert set(read_notices(waiting(), at=now)) == {rows[0].pk}


@pytest.mark.parametrize("kind", TOLD)
def test_what_is_private_has_a_whole_sentence_outside(kind: str, bob: Member, now: datetime) -> None:
    tell(kind, bob)
    for say in read_notices(waiting(), at=now).values():
        said = say()
        if said.outside:
            assert "private goal" in said.outside
            assert "%" not in said.outside
            assert said.about not in said.outside
