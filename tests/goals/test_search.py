"""Search and jump, and the goals to choose a parent from."""

from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.goals.models import Goal
from tests.factories import ContributorFactory, GoalFactory, MemberFactory, TeamFactory


def find(client, q, slug="harbour", **headers):
    return client.get(f"/w/{slug}/search/", {"q": q}, headers=headers)


def hits(response):
    return {item["title"] for group in response.context["groups"] for item in group["items_found"]}


def test_search_finds_goals_people_teams_cycles_and_pages(client_of, bob, lea, goal, product, spring):
    client = client_of(bob)
    assert "Answer every call" in hits(find(client, "call"))
    assert "Lea" in hits(find(client, "le"))
    assert "Product" in hits(find(client, "prod"))
    assert "Spring" in hits(find(client, "spr"))
    assert "New goal" in hits(find(client, "new"))


@pytest.mark.parametrize("q", ["answ", "CALL", "every answer", "swer eve", "call ans"])
def test_search_takes_beginnings_in_any_order(client_of, bob, goal, q):
    assert "Answer every call" in hits(find(client_of(bob), q))


def test_search_puts_what_begins_with_the_text_first(client_of, bob, spring):
    GoalFactory(title="The wards are safe", owner=bob, cycle=spring)
    GoalFactory(title="Wards without noise", owner=bob, cycle=spring)
    goals = find(client_of(bob), "wards").context["groups"][0]["items_found"]
    assert [each["title"] for each in goals] == ["Wards without noise", "The wards are safe"]


def test_search_is_bounded(client_of, bob, product, spring):
    GoalFactory.create_batch(12, title="Same words", owner=bob, cycle=spring)
    MemberFactory.create_batch(12, workspace=bob.workspace, name="Same Person")
    TeamFactory.create_batch(12, workspace=bob.workspace, name="Same team")
    assert sum(len(group["items_found"]) for group in find(client_of(bob), "same").context["groups"]) <= 20


def test_search_answers_htmx_with_options(client_of, bob, goal):
    text = find(client_of(bob), "call", **{"HX-Request": "true"}).content.decode()
    assert 'role="option"' in text
    assert "<html" not in text


def test_search_without_a_text_offers_the_pages(client_of, bob, gus, adam, harbour):
    assert "New goal" in hits(find(client_of(bob), ""))
    assert "New goal" not in hits(find(client_of(gus), ""))
    assert "Settings" in hits(find(client_of(adam), ""))
    assert "Settings" not in hits(find(client_of(bob), ""))


def test_search_leaves_out_who_left_and_other_workspaces(client_of, bob, eve, now):
    MemberFactory(workspace=bob.workspace, name="Gone Away", deactivated_at=now)
    assert "Gone Away" not in hits(find(client_of(bob), "gone"))
    assert "Eve" not in hits(find(client_of(bob), "eve"))
    assert client_of(eve).get("/w/harbour/search/", {"q": "a"}).status_code == 404


def test_guest_finds_only_what_names_them(client_of, gus, bob, goal, product, spring):
    assert hits(find(client_of(gus), "call")) == set()
    assert "Bob" not in hits(find(client_of(gus), "bob"))
    assert "Product" not in hits(find(client_of(gus), "product"))
    ContributorFactory(goal=goal, member=gus)
    assert "Answer every call" in hits(find(client_of(gus), "call"))


@pytest.mark.parametrize(
    "q", ["\x00", "'", "\\", "a & | !", ":*", "%%%", "____", "☃☃☃", "x" * 5_000, "' OR 1=1 --", "\u202eabc", " ", "<b>"]
)
def test_any_text_is_answered(client_of, bob, goal, q):
    client = client_of(bob)
    assert find(client, q).status_code == 200
    assert client.get("/w/harbour/options/goals/", {"q": q}).status_code == 200


@pytest.mark.parametrize("path", ["search/?q=call", "options/goals/?q=call", "options/goals/"])
def test_search_costs_the_same_for_one_hit_and_for_six(client_of, bob, goal, spring, path):
    client = client_of(bob)

    def cost():
        client.get(f"/w/harbour/{path}")
        with CaptureQueriesContext(connection) as found:
            client.get(f"/w/harbour/{path}")
        return len(found)

    one = cost()
    GoalFactory.create_batch(5, title="One more call", owner=bob, cycle=spring)
    assert cost() == one
    assert one <= 10


def test_options_give_goals_to_choose_from(client_of, bob, goal, product, spring):
    answer = client_of(bob).get("/w/harbour/options/goals/", {"q": "call"}).json()
    assert answer == {"results": [{"value": str(goal.pk), "label": "Answer every call", "detail": "Product · Spring"}]}


def test_options_leave_out_the_goal_itself(client_of, bob, goal):
    client = client_of(bob)
    assert client.get("/w/harbour/options/goals/", {"not": str(goal.pk)}).json() == {"results": []}
    for strange in ("x", "\x00", str(uuid4())):
        assert len(client.get("/w/harbour/options/goals/", {"not": strange}).json()["results"]) == 1


def test_options_without_a_text_are_open_goals_and_bounded(client_of, bob, goal, now):
    GoalFactory.create_batch(25, owner=bob)
    Goal.objects.filter(pk=goal.pk).update(status="dropped", closed_at=now)
    results = client_of(bob).get("/w/harbour/options/goals/").json()["results"]
    assert len(results) == 20
    assert str(goal.pk) not in {each["value"] for each in results}
