"""What others did to the things one is informed on, as the morning digest says it."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from apps.goals import services as goals
from apps.goals.models import Contributor, Goal
from apps.responsibilities import services
from apps.responsibilities.models import Assignment, Responsibility
from apps.tasks import services as task_services
from apps.tasks.models import Task
from apps.workspaces.models import Member, Role, Team
from tests.digests import MORNING, both_digests, due_digests, live_in
from tests.factories import AssignmentFactory, GoalFactory, ResponsibilityFactory, TaskFactory, TeamMembershipFactory
from tests.mails import html_of

pytestmark = pytest.mark.django_db

NIGHT = MORNING - timedelta(hours=4)
HEADING = "You are informed"


def informed(member: Member | None = None, **fields: object) -> Assignment:
    return AssignmentFactory(member=member, role="informed", **fields)


def lines(member: Member, *, at: datetime = MORNING) -> list[str]:
    """The lines of that part in the person's digest of a day, with where each leads; nothing where there is none."""
    member.refresh_from_db()
    mail = both_digests([member], at=at).get(member.name)
    body = str(mail.body) if mail else ""
    if f"\n{HEADING}\n" not in body:
        return []
    said: list[str] = []
    for line in body.split(f"\n{HEADING}\n")[1].splitlines()[1:]:
        if line and not line.startswith(("- ", "  ")):
            break
        said += [line.removeprefix("- ").strip()] if line else []
    return [said.replace("http://testserver", "").split("/w/harbour")[-1] for said in said]


def page(name: str, row: Goal | Task | Responsibility) -> str:
    return reverse(name, args=[row.workspace.slug, row.pk]).removeprefix("/w/harbour")


@pytest.fixture
def duty(lea: Member, product: Team) -> Responsibility:
    return ResponsibilityFactory(workspace=lea.workspace, team=product, title="Keep the phones up")


def test_ends_and_changes_are_said_and_lead_to_their_page(
    goal: Goal, duty: Responsibility, mo: Member, bob: Member, lea: Member, client_of: Callable[[Member], Client]
) -> None:
    live_in([mo])
    informed(mo, goal=goal)
    informed(mo, responsibility=duty)
    task = TaskFactory(responsibility=duty, title="Buy headsets")
    task_services.complete_task(task, by=lea, at=NIGHT)
    services.update_responsibility(duty, {"description": "Day and night."}, by=lea, at=NIGHT + timedelta(minutes=1))
    goals.close_goal(goal, outcome="missed", lesson="x", by=bob, at=NIGHT + timedelta(minutes=2))
    places = [
        ("“Answer every call” was closed (Missed)", page("goals:goal_detail", goal)),
        ("“Keep the phones up” changed", page("responsibilities:responsibility_detail", duty)),
        ("“Buy headsets” is done", page("tasks:task_detail", task)),
    ]
    assert lines(mo) == [part for place in places for part in place]
    client = client_of(mo)
    for _said, address in places:
        assert client.get("/w/harbour" + address).status_code == 200


def test_links_of_text_and_html_are_the_same(goal: Goal, mo: Member, bob: Member) -> None:
    live_in([mo])
    informed(mo, goal=goal)
    goals.close_goal(goal, outcome="achieved", lesson="x", by=bob, at=NIGHT)
    mail = due_digests()["Mo"]
    address = reverse("goals:goal_detail", args=["harbour", goal.pk])
    assert f"{address}\n" in str(mail.body)
    assert f'{address}"><bdi>“Answer every call” was closed</bdi></a>' in html_of(mail)


def test_one_s_own_doings_are_left_out(goal: Goal, duty: Responsibility, lea: Member, mo: Member, bob: Member) -> None:
    live_in([lea, mo])
    for member in (lea, mo):
        informed(member, responsibility=duty)
    task_services.complete_task(TaskFactory(responsibility=duty, title="Buy headsets"), by=lea, at=NIGHT)
    services.update_responsibility(duty, {"title": "Keep all phones up"}, by=lea, at=NIGHT)
    mails = due_digests()
    assert HEADING in str(mails["Mo"].body)
    assert "Lea" not in mails


def test_what_one_may_no_longer_see_is_left_out(bob: Member, mo: Member) -> None:
    """Whoever is taken off a private goal, and whoever is outside a goal that becomes its team's own."""
    live_in([mo])
    secret = GoalFactory(owner=bob, title="Plumtree", visibility="private")
    named = Contributor.objects.create(workspace=bob.workspace, goal=secret, member=mo)
    for title in ("Figtree", "Peartree"):
        task_services.complete_task(TaskFactory(goal=secret, title=title), by=bob, at=NIGHT)
    informed(mo, goal=secret)
    address = page("tasks:task_detail", Task.objects.get(title="Figtree"))
    said = lines(mo)
    assert said.count("A task on a private goal is done") == 2
    assert address in said
    assert not any("tree" in line for line in said)
    named.delete()
    assert lines(mo) == []


def test_goal_that_became_the_team_s_own_is_left_out(goal: Goal, lea: Member, mo: Member, bob: Member) -> None:
    live_in([lea, mo])
    informed(lea, goal=goal)
    informed(mo, goal=goal)
    goals.update_goal(goal, {"visibility": "team"}, by=bob, at=NIGHT)
    goals.close_goal(goal, outcome="achieved", lesson="x", by=bob, at=NIGHT)
    assert set(due_digests()) == {"Lea"}


def test_closed_private_goal_is_not_named_nor_how_it_ended(bob: Member, mo: Member) -> None:
    live_in([mo])
    secret = GoalFactory(owner=bob, title="Plumtree", visibility="private")
    Contributor.objects.create(workspace=bob.workspace, goal=secret, member=mo)
    informed(mo, goal=secret)
    goals.close_goal(secret, outcome="dropped", lesson="Figtree", by=bob, at=NIGHT)
    assert lines(mo) == ["A private goal was closed", page("goals:goal_detail", secret)]


def test_only_since_the_last_digest(goal: Goal, duty: Responsibility, mo: Member, lea: Member, bob: Member) -> None:
    live_in([mo])
    informed(mo, responsibility=duty)
    last = MORNING - timedelta(days=1)
    services.update_responsibility(duty, {"title": "Keep all phones up"}, by=lea, at=last)
    task_services.complete_task(TaskFactory(responsibility=duty, title="Early"), by=lea, at=last - timedelta(hours=1))
    task_services.complete_task(TaskFactory(responsibility=duty, title="Late"), by=lea, at=last + timedelta(seconds=1))
    assert [line for line in lines(mo) if line[0] != "/"] == ["“Late” is done"]
    assert lines(mo, at=MORNING + timedelta(days=1)) == []


def test_a_team_s_letter_is_that_of_its_members(
    goal: Goal, duty: Responsibility, care: Team, mo: Member, gus: Member, bob: Member, lea: Member, alice: Member
) -> None:
    live_in([mo, gus, alice])
    TeamMembershipFactory(team=care, member=gus)
    informed(team=care, goal=goal)
    informed(team=care, responsibility=duty)
    services.update_responsibility(duty, {"title": "Keep all phones up"}, by=lea, at=NIGHT)
    goals.close_goal(goal, outcome="achieved", lesson="x", by=bob, at=NIGHT)
    mails = due_digests()
    assert set(mails) == {"Mo", "Gus"}
    assert "Answer every call" in str(mails["Mo"].body)
    assert "Answer every call" not in str(mails["Gus"].body)  # a guest sees the goals that name them
    for name in ("Mo", "Gus"):
        assert "“Keep all phones up” changed" in str(mails[name].body)


def test_a_guest_hears_of_what_names_them(goal: Goal, duty: Responsibility, gus: Member, bob: Member) -> None:
    live_in([gus])
    informed(gus, goal=goal)
    task_services.complete_task(TaskFactory(goal=goal, title="Call back"), by=bob, at=NIGHT)
    other = GoalFactory(owner=bob, title="Not theirs")
    informed(gus, goal=other)
    Contributor.objects.create(workspace=bob.workspace, goal=goal, member=gus)
    goals.close_goal(goal, outcome="achieved", lesson="x", by=bob, at=NIGHT + timedelta(minutes=1))
    goals.close_goal(other, outcome="achieved", lesson="x", by=bob, at=NIGHT + timedelta(minutes=1))
    assert [line for line in lines(gus) if line[0] != "/"] == [
        "“Answer every call” was closed (Achieved)",
        "“Call back” is done",
    ]


def test_who_becomes_a_guest_hears_no_more_of_others_goals(goal: Goal, mo: Member, bob: Member) -> None:
    live_in([mo])
    informed(mo, goal=goal)
    goals.close_goal(goal, outcome="achieved", lesson="x", by=bob, at=NIGHT)
    assert lines(mo)
    Member.objects.filter(pk=mo.pk).update(role=Role.GUEST)
    assert lines(mo) == []
