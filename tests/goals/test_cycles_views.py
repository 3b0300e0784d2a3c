"""The pages of cycles: who may do what, what they count, and how one is closed."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.goals.models import Cycle, Goal
from tests.factories import ContributorFactory, CycleFactory, GoalFactory
from tests.opened import send


@pytest.fixture(autouse=True)
def at_now(now):
    """The pages ask the clock; here it is the cast's Wednesday morning."""
    with time_machine.travel(now, tick=False):
        yield


@pytest.fixture
def summer(harbour):
    return CycleFactory(workspace=harbour, name="Summer", starts_on=date(2026, 4, 1), ends_on=date(2026, 6, 30))


def test_list_shows_cycles_newest_first_with_their_goals(client_of, bob, goal, spring, summer, now):
    GoalFactory(owner=bob, cycle=spring, status="achieved", closed_at=now, lesson="x")
    rows = client_of(bob).get("/w/harbour/cycles/").context["rows"]
    assert [(row.cycle.name, row.status, row.goals, row.open, row.achieved) for row in rows] == [
        ("Summer", "upcoming", 0, 0, 0),
        ("Spring", "current", 2, 1, 1),
    ]


def test_guest_sees_the_cycles_of_their_goals_alone(client_of, gus, goal, spring, summer):
    client = client_of(gus)
    assert client.get("/w/harbour/cycles/").context["rows"] == []
    assert client.get(f"/w/harbour/cycles/{spring.pk}/").status_code == 404
    ContributorFactory(goal=goal, member=gus)
    assert [row.cycle.name for row in client.get("/w/harbour/cycles/").context["rows"]] == ["Spring"]
    assert client.get(f"/w/harbour/cycles/{spring.pk}/").status_code == 200


def test_first_cycle_is_taught(client_of, alice, bob, harbour):
    assert "Start the first cycle" in client_of(alice).get("/w/harbour/cycles/").content.decode()
    assert "Start the first cycle" not in client_of(bob).get("/w/harbour/cycles/").content.decode()


@pytest.mark.parametrize("cursor", ["x", "é", "W10", "A" * 9_000])
def test_hostile_cursor_gives_the_first_page(client_of, bob, spring, cursor):
    assert len(client_of(bob).get("/w/harbour/cycles/", {"after": cursor}).context["rows"]) == 1


def test_create_begins_with_the_dates_that_follow(client_of, adam, spring):
    initial = client_of(adam).get("/w/harbour/cycles/new/").context["form"].initial
    assert initial == {"starts_on": date(2026, 4, 1), "ends_on": date(2026, 6, 30)}


def test_create_follows_the_cycle_it_is_asked_to(client_of, adam, spring, summer):
    client = client_of(adam)
    assert client.get("/w/harbour/cycles/new/").context["before"] == summer
    assert client.get("/w/harbour/cycles/new/", {"from": str(spring.pk)}).context["before"] == spring
    for strange in ("x", "\x00", str(uuid4())):
        assert client.get("/w/harbour/cycles/new/", {"from": strange}).context["before"] == summer


def test_create_makes_a_cycle(client_of, adam, harbour):
    fields = {"name": " Autumn ", "starts_on": "2026-07-01", "ends_on": "2026-09-30"}
    response = client_of(adam).post("/w/harbour/cycles/new/", fields)
    made = Cycle.objects.get(name="Autumn")
    assert response["Location"] == f"/w/harbour/cycles/{made.pk}/"


BAD = [
    ({"name": ""}, "name"),
    ({"name": "x" * 201}, "name"),
    ({"name": "a\x00b"}, "name"),
    ({"name": "SPRING"}, "name"),
    ({"starts_on": "yesterday"}, "starts_on"),
    ({"ends_on": ""}, "ends_on"),
    ({"ends_on": "2026-06-30"}, "ends_on"),
    ({"ends_on": "99999-01-01"}, "ends_on"),
]


@pytest.mark.parametrize(("change", "field"), BAD)
def test_bad_cycle_is_told_at_its_field(client_of, adam, spring, change, field):
    fields = {"name": "Autumn", "starts_on": "2026-07-01", "ends_on": "2026-09-30"} | change
    response = client_of(adam).post("/w/harbour/cycles/new/", fields)
    assert response.status_code == 200
    assert list(response.context["form"].errors) == [field]
    assert Cycle.objects.count() == 1


def test_edit_changes_name_and_dates(client_of, adam, spring):
    client = client_of(adam)
    assert client.get(f"/w/harbour/cycles/{spring.pk}/edit/").context["form"].initial["name"] == "Spring"
    send(
        client,
        f"/w/harbour/cycles/{spring.pk}/edit/",
        {"name": "Early", "starts_on": "2026-01-01", "ends_on": "2026-03-15"},
    )
    spring.refresh_from_db()
    assert (spring.name, spring.ends_on) == ("Early", date(2026, 3, 15))


@pytest.mark.parametrize("path", ["new/", "{pk}/edit/", "{pk}/close/"])
def test_members_may_not_change_cycles(client_of, bob, lea, eve, spring, path):
    path = "/w/harbour/cycles/" + path.format(pk=spring.pk)
    for member in (bob, lea):
        assert client_of(member).get(path).status_code == 403
        assert client_of(member).post(path, {"name": "x"}).status_code == 403
    assert client_of(eve).get(path).status_code == 404


def test_page_counts_the_goals_one_sees(client_of, adam, bob, goal, product, spring, now):
    Goal.objects.filter(pk=goal.pk).update(progress=0.4, progress_source="key_results", confidence="at_risk")
    GoalFactory(owner=bob, team=product, cycle=spring, progress=0.8, progress_source="check_in", activated_at=now)
    GoalFactory(owner=bob, team=product, cycle=spring, progress=0.0, progress_source="none", activated_at=now)
    GoalFactory(owner=bob, team=product, cycle=spring, visibility="private", progress=1, progress_source="key_results")
    GoalFactory(owner=bob, team=product, cycle=spring, status="draft")
    figures = client_of(adam).get(f"/w/harbour/cycles/{spring.pk}/").context["figures"]
    assert figures.statuses == {"active": 3, "draft": 1}
    assert figures.confidences == {"at_risk": 1, "none": 2}
    [team] = figures.teams
    assert (team["goals"], round(team["mean"], 6)) == (3, 0.6)


def test_figures_lead_to_lists_of_as_many_goals(client_of, bob, goal, spring, now):
    Goal.objects.filter(pk=goal.pk).update(confidence="at_risk")
    GoalFactory(owner=bob, cycle=spring, status="achieved", closed_at=now, lesson="x")
    GoalFactory(owner=bob, cycle=spring, status="draft")
    client = client_of(bob)
    outcomes = client.get(f"/w/harbour/cycles/{spring.pk}/").context["outcomes"]
    assert len(outcomes) == 3
    for figure in outcomes:
        assert client.get(figure["url"]).context["summary"].total == figure["count"], figure


def test_guest_does_not_read_a_roll_up_in_the_mean(client_of, gus, goal, spring):
    Goal.objects.filter(pk=goal.pk).update(progress=0.83, progress_source="children")
    ContributorFactory(goal=goal, member=gus)
    assert client_of(gus).get(f"/w/harbour/cycles/{spring.pk}/").context["figures"].teams[0]["mean"] is None


def test_close_carries_the_chosen_goals(client_of, adam, bob, goal, spring, summer):
    stays = GoalFactory(title="Stays", owner=bob, cycle=spring)
    client = client_of(adam)
    assert [each.pk for each in client.get(f"/w/harbour/cycles/{spring.pk}/close/").context["goals"]] == [
        goal.pk,
        stays.pk,
    ]
    client.post(f"/w/harbour/cycles/{spring.pk}/close/", {"carry": [str(goal.pk)], "into": str(summer.pk)})
    for each in (goal, stays, spring):
        each.refresh_from_db()
    assert spring.is_closed
    assert (goal.cycle, goal.carried_from, stays.cycle) == (summer, spring, spring)
    page = client.get(f"/w/harbour/cycles/{spring.pk}/").context["figures"]
    assert [(row["cycle__name"], row["goals"]) for row in page.carried_to] == [("Summer", 1)]
    page = client.get(f"/w/harbour/cycles/{summer.pk}/").context["figures"]
    assert [(row["carried_from__name"], row["goals"]) for row in page.carried_from] == [("Spring", 1)]


def test_close_carries_all_that_one_sees(client_of, adam, bob, goal, spring, summer):
    GoalFactory.create_batch(3, owner=bob, cycle=spring)
    hidden = GoalFactory(owner=bob, cycle=spring, visibility="private")
    client_of(adam).post(f"/w/harbour/cycles/{spring.pk}/close/", {"carry_all": "on", "into": str(summer.pk)})
    assert Goal.objects.filter(cycle=summer).count() == 4
    hidden.refresh_from_db()
    assert hidden.cycle == spring


def test_close_without_goals_needs_no_other_cycle(client_of, adam, spring):
    client_of(adam).post(f"/w/harbour/cycles/{spring.pk}/close/", {})
    spring.refresh_from_db()
    assert spring.is_closed


@pytest.mark.parametrize(
    "case", ["no cycle", "hidden goal", "absent goal", "nonsense", "closed cycle", "other workspace"]
)
def test_close_refuses_and_changes_nothing(client_of, adam, eve, goal, summer, now, case):
    bob, spring, harbour = goal.owner, goal.cycle, goal.workspace
    hidden = GoalFactory(owner=bob, cycle=spring, visibility="private")
    closed = CycleFactory(workspace=harbour, name="Old", closed_at=now)
    foreign = CycleFactory(workspace=eve.workspace, name="Theirs")
    fields, field = {
        "no cycle": ({"carry": [str(goal.pk)]}, "into"),
        "hidden goal": ({"carry": [str(hidden.pk)], "into": str(summer.pk)}, "carry"),
        "absent goal": ({"carry": [str(uuid4())], "into": str(summer.pk)}, "carry"),
        "nonsense": ({"carry": ["\x00", "x" * 5_000], "into": "\x00"}, "carry"),
        "closed cycle": ({"carry": [str(goal.pk)], "into": str(closed.pk)}, "into"),
        "other workspace": ({"carry": [str(goal.pk)], "into": str(foreign.pk)}, "into"),
    }[case]
    response = client_of(adam).post(f"/w/harbour/cycles/{spring.pk}/close/", fields)
    assert response.status_code == 200
    assert field in response.context["form"].errors
    spring.refresh_from_db()
    goal.refresh_from_db()
    assert not spring.is_closed
    assert goal.cycle == spring


def test_close_page_tells_of_no_hidden_goal(client_of, adam, bob, goal, spring, summer):
    GoalFactory(title="Hidden canary", owner=bob, cycle=spring, visibility="private")
    text = client_of(adam).get(f"/w/harbour/cycles/{spring.pk}/close/").content.decode()
    assert "Answer every call" in text
    assert "canary" not in text


def test_close_page_of_a_closed_cycle_leads_to_it(client_of, adam, spring, now):
    spring.closed_at = now
    spring.save()
    response = client_of(adam).get(f"/w/harbour/cycles/{spring.pk}/close/")
    assert response["Location"] == f"/w/harbour/cycles/{spring.pk}/"


def test_reopen(client_of, adam, bob, spring, now):
    spring.closed_at = now
    spring.save()
    path = f"/w/harbour/cycles/{spring.pk}/reopen/"
    assert client_of(bob).post(path).status_code == 403
    assert client_of(adam).get(path).status_code == 405
    client_of(adam).post(path)
    spring.refresh_from_db()
    assert not spring.is_closed
    again = client_of(adam).post(path, follow=True)
    assert "This cycle is not closed." in again.content.decode()


@pytest.mark.parametrize("path", ["", "{pk}/", "{pk}/close/"])
def test_page_costs_the_same_for_one_and_for_six(client_of, adam, bob, product, goal, spring, harbour, path):
    client, path = client_of(adam), "/w/harbour/cycles/" + path.format(pk=spring.pk)

    def cost():
        client.get(path)
        with CaptureQueriesContext(connection) as found:
            assert client.get(path).status_code == 200
        return len(found)

    GoalFactory(owner=bob, team=product, cycle=spring, carried_from=CycleFactory(workspace=harbour))
    one = cost()
    for number in range(5):
        cycle = CycleFactory(workspace=harbour, starts_on=date(2025, 1, 1) + timedelta(days=number))
        GoalFactory(owner=bob, team=product, cycle=spring, carried_from=cycle)
        GoalFactory(owner=bob, cycle=cycle, carried_from=spring)
    assert cost() == one
    assert one <= 10
