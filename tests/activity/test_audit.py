"""The log: what is written, and what its readers are told."""

import ast
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse

from apps.activity import access, queries
from apps.activity.models import Event
from apps.activity.services import changes, plain, record
from apps.goals import services as goals
from apps.workspaces import services
from tests.factories import GoalFactory, MemberFactory

URL = "/w/harbour/settings/audit/"


def entries(viewer, **chosen):
    return queries.audit_page(viewer, place={}, **chosen)[0]


@pytest.fixture
def history(alice, adam, bob, product, now):
    """Bob writes a public and a private goal, alice renames the team, adam keeps a value for himself."""
    public = goals.create_goal({"title": "Open sea"}, by=bob, at=now)
    fields: goals.GoalFields = {"title": "Canary xyzzy", "visibility": "private", "owner": bob}
    secret = goals.create_goal(fields, by=bob, at=now + timedelta(minutes=1))
    services.update_team(product, {"name": "Produce"}, by=alice, at=now + timedelta(minutes=2))
    services.create_value(name="Quiet xyzzy", shared=False, by=adam, at=now + timedelta(minutes=3))
    return public, secret


def test_newest_first_with_who_what_and_where(alice, history):
    value, team, secret, public = entries(alice)
    assert (team.actor, team.words, team.title) == (alice, "changed the team", "Produce")
    assert public.title == "Open sea"
    assert public.url == reverse("goals:goal_detail", args=["harbour", history[0].pk])
    assert value.is_hidden
    assert secret.is_hidden


def test_of_hidden_things_only_the_moment_is_told(alice, history):
    hidden = [each for each in entries(alice) if each.is_hidden]
    assert len(hidden) == 2
    for each in hidden:
        assert (each.actor, each.words, each.title, each.url, each.detail) == (None, "", "", "", "")


def test_a_filter_leaves_hidden_things_out(alice, bob, history):
    assert [each.title for each in entries(alice, actor_id=bob.pk)] == ["Open sea"]
    assert [each.title for each in entries(alice, kind="goal")] == ["Open sea"]
    assert entries(alice, kind="value") == []


def test_each_reader_sees_what_is_theirs(adam, bob, history):
    assert [each.title for each in entries(adam) if not each.is_hidden] == ["Quiet xyzzy", "Produce", "Open sea"]
    assert [each.title for each in entries(bob) if not each.is_hidden] == ["Produce", "Canary xyzzy", "Open sea"]


def test_a_kind_nobody_declared_is_hidden(alice, bob, now):
    event = record("mystery.happened", bob, by=bob, at=now, workspace_id=bob.workspace_id)
    Event.objects.bulk_create(
        [Event(workspace=bob.workspace, verb="x.y", subject_type="delivery", subject_id=event.pk, at=now)]
    )
    assert [each.is_hidden for each in entries(alice)] == [True, False]
    assert [each.words for each in entries(alice)] == ["", "changed something about"]


def test_a_change_of_role_says_from_what_to_what(alice, bob, now):
    services.set_role(bob, role="admin", by=alice, at=now)
    assert entries(alice)[0].detail == "Member → Admin"


def test_the_page(alice, client_of, history):
    response = client_of(alice).get(URL)
    page = response.content.decode()
    assert response.status_code == 200
    assert "Open sea" in page
    assert page.count("only the people concerned") == 2
    assert "xyzzy" not in page


@pytest.mark.parametrize(("name", "status"), [("lea", 403), ("bob", 403), ("gus", 403), ("eve", 404)])
def test_the_page_is_for_admins(request, harbour, client_of, name, status):
    assert client_of(request.getfixturevalue(name)).get(URL).status_code == status


@pytest.mark.parametrize(
    "query",
    [
        "kind=nonsense",
        "who=nonsense",
        "who=%00",
        "kind=%00&after=%00",
        "after=AAAA",
        "after=W10",
        "before=" + "x" * 9000,
        "who=' OR 1=1",
    ],
)
def test_nonsense_in_the_address_is_left_out(alice, client_of, history, query):
    assert client_of(alice).get(f"{URL}?{query}").status_code == 200


def test_filter_by_somebody_who_is_no_admin(alice, bob, client_of, history):
    page = client_of(alice).get(URL, {"who": str(bob.pk)}).content.decode()
    assert "Open sea" in page
    assert "people concerned" not in page


def test_pages_follow_each_other(alice, harbour, now):
    for number in range(120):
        services.create_member({"name": f"P{number:03}"}, by=alice, at=now + timedelta(seconds=number // 2))
    place: dict[str, str] = {}
    found: list[str] = []
    while True:
        rows, page = queries.audit_page(alice, place=place)
        found += [each.title for each in rows]
        if not page.next:
            break
        place = {"after": page.next}
    assert sorted(found) == [f"P{number:03}" for number in range(120)]


@pytest.mark.parametrize("rows", [1, 6])
def test_the_page_asks_the_same_number_of_queries(alice, client_of, django_assert_num_queries, now, rows):
    client = client_of(alice)
    for _n in range(rows):
        services.create_member({"name": "Z"}, by=alice, at=now)
        GoalFactory(owner=MemberFactory(workspace=alice.workspace))
    client.get(URL)
    with django_assert_num_queries(4):
        client.get(URL)


def _verbs():
    """Every verb that some service writes, read from the source."""
    for path in sorted((Path(settings.BASE_DIR) / "apps").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                if name == "record" and isinstance(node.args[0].value, str):
                    yield node.args[0].value


def test_every_verb_has_words():
    spoken = {verb for kind in (*access.SUBJECTS, *access.ADDED_WORDS) for verb in kind.words}
    verbs = set(_verbs())
    assert {"goal.created", "team.moved"} <= verbs
    assert verbs - spoken == set()


def test_changes_and_plain():
    assert changes({"a": 1, "b": 2}, {"a": 1, "b": 3}) == {"b": [2, 3]}
    assert plain({"a": [1, (2,)], "b": None}) == {"a": [1, [2]], "b": None}
