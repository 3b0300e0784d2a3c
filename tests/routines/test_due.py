"""The part “Due” of the morning digest: check-ins, goals and tasks, each once, by their day."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.goals.models import Contributor, Goal
from apps.notifications.models import Notice
from apps.notifications.services import set_reaches
from apps.responsibilities.models import Responsibility
from apps.routines.queries import due_tasks
from apps.tasks import services
from apps.tasks.models import Task
from apps.tasks.services.notices import TASK_ASSIGNED, TASK_DUE, tell_of_tasks_due
from apps.workspaces.models import Member, Team
from tests.digests import MORNING, both_digests, due_digests, lines_under, live_in
from tests.factories import (
    GoalFactory,
    HandoverFactory,
    MemberFactory,
    NoticeFactory,
    ResponsibilityFactory,
    TaskFactory,
)

pytestmark = pytest.mark.django_db

TODAY = MORNING.date()


def on(days: int) -> date:
    return TODAY + timedelta(days=days)


def due(member: Member, heading: str = "Due") -> list[str]:
    """The lines under a heading of the person's morning digest, without where they lead."""
    return lines_under(heading, both_digests([member], at=MORNING).get(member.name))


@pytest.fixture
def duty(bob: Member, product: Team) -> Responsibility:
    live_in([bob])
    return ResponsibilityFactory(workspace=bob.workspace, team=product, title="Keep the phones up")


def test_all_that_is_due_stands_in_the_order_of_its_days(bob: Member, duty: Responsibility) -> None:
    GoalFactory(owner=bob, title="First", check_in_due_on=on(-3), due_on=on(2))
    GoalFactory(owner=bob, title="Second", check_in_due_on=on(0))
    for title, day in (
        ("Old", on(-5)),
        ("Yesterday's", on(-1)),
        ("Near", on(1)),
        ("Far", on(4)),
        ("Nearly far", on(3)),
    ):
        TaskFactory(responsibility=duty, assignee=bob, title=title, due_on=day)
    TaskFactory(responsibility=duty, assignee=bob, title="Some day")
    assert due(bob) == [
        "“Old” is to be done (since 27 February)",
        "Check in on “First” (since 1 March)",
        "“Yesterday's” is to be done (since 3 March)",
        "Check in on “Second” (today)",
        "“Near” is to be done (tomorrow)",
        "“First” reaches its date (6 March)",
        "And 1 more.",
    ]


def test_only_what_is_open_and_one_s_own(bob: Member, lea: Member, duty: Responsibility) -> None:
    TaskFactory(responsibility=duty, assignee=lea, title="Lea's", due_on=TODAY)
    TaskFactory(responsibility=duty, title="Nobody's", due_on=TODAY)
    task = TaskFactory(responsibility=duty, assignee=bob, title="Mine", due_on=TODAY)
    services.move_task(task, "doing", by=bob, at=MORNING)
    assert due(bob) == ["“Mine” is to be done (today)"]
    services.complete_task(task, by=bob, at=MORNING)
    assert due(bob) == []


def test_it_is_said_once(bob: Member, duty: Responsibility) -> None:
    """The reminder of a task stands in the inbox; the digest speaks of the task under “Due” alone."""
    task = TaskFactory(responsibility=duty, assignee=bob, title="Buy headsets", due_on=TODAY)
    assert tell_of_tasks_due(TODAY, at=MORNING - timedelta(hours=2)) == 1
    given = TaskFactory(responsibility=duty, assignee=bob, title="Pay them", due_on=on(30))
    NoticeFactory(recipient=bob, kind=TASK_ASSIGNED, subject_id=given.pk, created_at=MORNING - timedelta(hours=2))
    assert due(bob) == ["“Buy headsets” is to be done (today)"]
    assert due(bob, "New for you") == ["“Pay them” is yours now"]
    (mail,) = due_digests().values()
    assert str(mail.body).count("Buy headsets") == 1
    assert Notice.objects.get(kind=TASK_DUE, subject_id=task.pk).digested_at == MORNING


def test_as_far_as_one_wants_to_be_told(bob: Member, duty: Responsibility) -> None:
    TaskFactory(responsibility=duty, assignee=bob, title="Buy headsets", due_on=TODAY)
    for reach, told in (("off", 0), ("inbox", 0), ("digest", 1), ("mail", 1)):
        set_reaches(bob, {TASK_DUE: reach}, by=bob, at=MORNING)
        assert len(due(bob)) == told, reach


def test_of_a_private_goal_it_is_not_named_and_only_told_to_who_sees_it(bob: Member, mo: Member, lea: Member) -> None:
    live_in([bob, mo, lea])
    goal: Goal = GoalFactory(owner=bob, title="Plumtree", visibility="private")
    Contributor.objects.create(workspace=bob.workspace, goal=goal, member=mo)
    tasks = {each.name: TaskFactory(goal=goal, assignee=each, title="Figtree", due_on=TODAY) for each in (bob, mo, lea)}
    for member in (bob, mo):
        assert due(member) == ["A task of a private goal is to be done (today)"]
        (mail,) = both_digests([member], at=MORNING).values()
        assert f"/tasks/{tasks[member.name].pk}/" in str(mail.body)
        assert "tree" not in str(mail.body)
    assert due(lea) == []


def test_a_guest_is_told_of_their_tasks(gus: Member, duty: Responsibility, goal: Goal) -> None:
    live_in([gus])
    TaskFactory(responsibility=duty, assignee=gus, title="Theirs", due_on=TODAY)
    TaskFactory(goal=goal, assignee=gus, title="Of a goal that does not name them", due_on=TODAY)
    assert due(gus) == ["“Theirs” is to be done (today)"]


def test_many_are_bounded_and_counted(bob: Member, duty: Responsibility) -> None:
    for number in range(40):
        TaskFactory(responsibility=duty, assignee=bob, title=f"Task {number}", due_on=on(-number))
    GoalFactory(owner=bob, title="First", check_in_due_on=on(-100))
    lines = due(bob)
    assert lines[0].startswith("Check in on “First”")
    assert lines[1].startswith("“Task 39” is to be done")
    assert lines[-1] == "And 35 more."
    assert len(lines) == 7
    rows = due_tasks([bob.pk], today=TODAY, most=3)
    assert [(row.title, row.of_all) for row in rows] == [("Task 39", 40), ("Task 38", 40), ("Task 37", 40)]


def test_tasks_of_many_people_are_read_by_one_query(harbour: object, duty: Responsibility) -> None:
    people: list[UUID] = []
    for size in (1, 5):
        crowd = MemberFactory.create_batch(size, workspace=harbour)
        people += [member.pk for member in crowd]
        for member in crowd:
            TaskFactory(responsibility=duty, assignee=member, due_on=TODAY)
        with CaptureQueriesContext(connection) as asked:
            assert len(due_tasks(people, today=TODAY, most=6)) == len(people)
        assert len(asked) == 1
    assert Task.objects.count() == len(people)


def test_words_that_many_lines_share_stand_once(bob: Member, mo: Member, duty: Responsibility) -> None:
    """Somebody asks to cover for ten things with the same note: it is read once."""
    for number in range(3):
        goal = GoalFactory(owner=mo, workspace=bob.workspace, title=f"Goal {number}")
        fields: dict[str, Any] = {"workspace": bob.workspace, "kind": "cover", "ends_on": on(9), "starts_on": on(5)}
        note = "I am not to be reached." if number < 2 else "Ask Ann."
        cover = HandoverFactory(**fields, goal=goal, from_member=mo, to_member=bob, notes=note)
        NoticeFactory(recipient=bob, kind="cover_offered", subject_id=cover.pk, created_at=MORNING - timedelta(hours=2))
    mail = both_digests([bob], at=MORNING)["Bob"]
    assert len(lines_under("Waiting for you", mail)) == 3
    assert str(mail.body).count("I am not to be reached.") == 1
    assert str(mail.body).count("Ask Ann.") == 1
