"""The goals page: its four views, its filters, its order, and who learns what from it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.core.templatetags.core.fields import row_version
from apps.goals import access, queries, services
from apps.goals.models import Goal
from apps.goals.queries import lists, tree
from apps.workspaces.models import Member
from tests.counts import times
from tests.factories import ContributorFactory, CycleFactory, GoalFactory, KeyResultFactory, TeamMembershipFactory

VIEWS = ("tree", "table", "timeline", "map")


@pytest.fixture(autouse=True)
def at_now(now):
    """The pages ask the clock; here it is the cast's Wednesday morning."""
    with time_machine.travel(now, tick=False):
        yield


@pytest.fixture
def look(client_of: Callable[[Member], Client]) -> Callable[..., Any]:
    """`look(bob, view="table")` is what bob gets of the goals page."""

    def get(member: Member, path: str = "goals/", **query: Any) -> Any:
        return client_of(member).get(f"/w/{member.workspace.slug}/{path}", query)

    return get


def titles(response: Any) -> list[str]:
    """The titles of the lines, in their order."""
    page = response.context["page"]
    return [row.title for row in page.rows]


@pytest.fixture
def forest(bob, lea, mo, product, web, care, spring, now) -> dict[str, Goal]:
    """Six goals that differ in everything one can filter by."""
    shared = {"cycle": spring, "activated_at": now - timedelta(days=40)}
    return {
        "calls": GoalFactory(
            title="Answer every call", owner=bob, team=product, confidence="on_track", importance=5, urgency=2,
            labels=["phone"], due_on=date(2026, 3, 10), rank=10, check_in_due_on=date(2026, 3, 9), **shared,
        ),
        "letters": GoalFactory(
            title="Letters leave the same day", owner=lea, team=web, confidence="at_risk", importance=3,
            labels=["post"], due_on=date(2026, 3, 20), rank=20, check_in_due_on=date(2026, 3, 1), **shared,
        ),
        "rota": GoalFactory(
            title="A rota that people keep", owner=mo, team=care, confidence="off_track", rank=30, **shared
        ),
        "desk": GoalFactory(title="A second desk at eight", owner=None, workspace=bob.workspace, rank=40, **shared),
        "idea": GoalFactory(title="An idea to write down", owner=bob, team=product, status="draft", rank=50, **shared),
        "done": GoalFactory(
            title="Signs at the door", owner=bob, team=product, status="achieved", closed_at=now, lesson="Bigger.",
            rank=60, **shared,
        ),
    }  # fmt: skip


# ---- what is listed -----------------------------------------------------------------------------------------------


def test_tree_puts_goals_under_their_teams_and_children_beneath_them(look, bob, forest):
    Goal.objects.filter(pk=forest["letters"].pk).update(parent=forest["calls"])
    groups = look(bob).context["page"].groups
    assert [group.name for group in groups] == ["Care", "Product", "No team"]
    lines = [(row.title, row.level) for row in groups[1].rows]
    assert lines == [("Answer every call", 0), ("Letters leave the same day", 1), ("An idea to write down", 0)]


def test_tree_shows_three_levels_and_says_how_many_are_beneath(look, bob, goal):
    above = goal
    for level in range(1, 4):
        above = GoalFactory(title=f"Level {level}", owner=bob, team=goal.team, cycle=goal.cycle, parent=above)
    rows = look(bob).context["page"].rows
    assert [(row.title, row.more) for row in rows] == [("Answer every call", 0), ("Level 1", 0), ("Level 2", 1)]
    beneath = look(bob, parent=str(rows[-1].id))
    assert titles(beneath) == ["Level 3"]


def test_tree_is_bounded_and_counts_the_rest(look, bob, goal, monkeypatch):
    monkeypatch.setattr(tree, "BENEATH_MAX", 2)
    GoalFactory.create_batch(5, owner=bob, team=goal.team, cycle=goal.cycle, parent=goal)
    rows = look(bob).context["page"].rows
    assert len(rows) == 3
    assert rows[0].more == 3


def test_tree_fills_its_lines_with_roots_then_children_then_theirs(look, bob, goal, monkeypatch):
    monkeypatch.setattr(tree, "LINES_MAX", 4)
    child = GoalFactory(title="Child", owner=bob, team=goal.team, cycle=goal.cycle, parent=goal)
    GoalFactory.create_batch(5, title="Beneath", owner=bob, team=goal.team, cycle=goal.cycle, parent=child)
    rows = look(bob).context["page"].rows
    assert [(row.title, row.more) for row in rows] == [
        ("Answer every call", 0), ("Child", 3), ("Beneath", 0), ("Beneath", 0),
    ]  # fmt: skip


def test_tree_shows_all_roots_where_they_are_more_than_its_lines(look, bob, forest, monkeypatch):
    monkeypatch.setattr(tree, "LINES_MAX", 1)
    GoalFactory(owner=bob, team=forest["calls"].team, cycle=forest["calls"].cycle, parent=forest["calls"])
    rows = look(bob).context["page"].rows
    assert {row.level for row in rows} == {0}
    assert len(rows) == 5


def test_head_counts_the_goals_that_are_listed(look, bob, forest):
    text = look(bob).content.decode()
    assert "5 goals, 70 % of the time passed" in text.replace("\xa0", " ")
    summary = look(bob).context["summary"]
    assert (summary.on_track, summary.at_risk, summary.off_track, summary.silent, summary.drafts) == (1, 1, 1, 1, 1)


def test_page_without_cycle_in_the_address_shows_the_one_that_runs(look, bob, forest, spring, harbour):
    CycleFactory(workspace=harbour, name="Summer", starts_on=date(2026, 4, 1), ends_on=date(2026, 6, 30))
    assert look(bob).context["cycle"] == spring


def test_page_shows_the_latest_cycle_where_none_runs(look, bob, spring, harbour):
    later = CycleFactory(workspace=harbour, name="Late winter", starts_on=date(2026, 2, 1), ends_on=date(2026, 2, 28))
    spring.starts_on, spring.ends_on = date(2025, 1, 1), date(2025, 3, 31)
    spring.save()
    assert look(bob).context["cycle"] == later


@pytest.mark.parametrize("view", VIEWS)
def test_empty_page_teaches(look, bob, spring, view):
    assert "A goal says what you want to reach" in look(bob, view=view).content.decode()


def test_empty_page_of_filters_offers_a_way_out(look, bob, forest):
    text = look(bob, q="zzzz").content.decode()
    assert "No goal fits these filters." in text


FILTERS = {
    "q words": ({"q": "same day"}, {"letters"}),
    "q beginning of a word": ({"q": "lett"}, {"letters"}),
    "q middle of a title": ({"q": "cond desk"}, {"desk"}),
    "status draft": ({"status": "draft"}, {"idea"}),
    "status closed": ({"status": "closed"}, {"done"}),
    "status any": ({"status": "any"}, {"calls", "letters", "rota", "desk", "idea", "done"}),
    "confidence": ({"confidence": "off_track"}, {"rota"}),
    "no confidence": ({"confidence": "none", "status": "active"}, {"desk"}),
    "silent": ({"confidence": "silent"}, {"letters"}),
    "label": ({"label": "phone"}, {"calls"}),
    "importance": ({"importance": "4"}, {"calls"}),
    "no importance": ({"importance": "none"}, {"rota", "desk", "idea"}),
    "mine": ({"mine": "on"}, {"calls", "idea"}),
    "me": ({"owner": "me"}, {"calls", "idea"}),
    "nobody": ({"owner": "none"}, {"desk"}),
    "no team": ({"team": "none"}, {"desk"}),
    "due before": ({"due_before": "2026-03-15"}, {"calls"}),
    "due before, by the cycle": ({"due_before": "2026-03-31"}, {"calls", "letters", "rota", "desk", "idea"}),
    "no cycle": ({"cycle": "none"}, set()),
    "two at once": ({"mine": "on", "status": "draft"}, {"idea"}),
}


@pytest.mark.parametrize("name", FILTERS)
@pytest.mark.parametrize("view", ["tree", "table"])
def test_filter(look, bob, forest, name, view):
    query, expected = FILTERS[name]
    assert set(titles(look(bob, view=view, **query))) == {forest[key].title for key in expected}


def test_filter_by_team_takes_in_the_teams_beneath(look, bob, forest, product, web):
    assert {forest[key].title for key in ("calls", "letters", "idea")} == set(titles(look(bob, team=str(product.pk))))
    assert titles(look(bob, team=str(web.pk))) == ["Letters leave the same day"]


def test_filter_by_owner(look, bob, forest, mo):
    response = look(bob, owner=str(mo.pk))
    assert titles(response) == ["A rota that people keep"]
    assert [chip["value"] for chip in response.context["active"]] == ["Mo"]


def test_mine_takes_in_what_one_contributes_to(look, bob, forest):
    ContributorFactory(goal=forest["rota"], member=bob)
    assert "A rota that people keep" in titles(look(bob, mine="on"))


def test_chip_takes_one_filter_away_and_leaves_the_rest(look, bob, forest, client_of):
    response = look(bob, view="table", label="phone", confidence="off_track")
    assert response.context["summary"].total == 0
    away = next(chip["remove_url"] for chip in response.context["active"] if chip["label"] == "Label")
    assert titles(client_of(bob).get(away)) == ["A rota that people keep"]


@pytest.mark.parametrize(
    "name", ["team", "owner", "status", "confidence", "label", "importance", "cycle", "parent", "group", "view", "sort"]
)
@pytest.mark.parametrize(
    "value", ["bogus", "\x00", "<script>alert(1)</script>", "x" * 9_000, "'; drop table", "\u202e"]
)
def test_unknown_choice_is_left_out_and_said(look, bob, forest, name, value):
    response = look(bob, **{name: value})
    assert response.status_code == 200
    assert response.context["form"].left_out
    assert "is left out" in response.content.decode()
    assert "<script>alert" not in response.content.decode()
    assert response.context["summary"].total == 5


@pytest.mark.parametrize("name", ["team", "owner", "parent", "cycle"])
def test_choice_of_something_that_is_not_there_is_left_out(look, bob, eve, forest, name):
    for value in (str(uuid4()), str(eve.pk)):
        response = look(bob, **{name: value})
        assert response.status_code == 200
        assert value in response.context["form"].left_out[0]


@pytest.mark.parametrize(
    ("name", "value"), [("q", "x" * 201), ("q", "\x00"), ("due_before", "yesterday"), ("due_before", "0000-99-99")]
)
def test_unreadable_text_is_left_out(look, bob, forest, name, value):
    response = look(bob, **{name: value})
    assert response.status_code == 200
    assert response.context["summary"].total == 5


@pytest.mark.parametrize(
    "q", ["'", "\\", "a & !b | (", "-", ":*", "%", "_", "☃", "a" * 200, "' OR 1=1 --", "<->", "é:*"]
)
def test_any_search_is_answered(look, bob, forest, q):
    assert look(bob, q=q).status_code == 200


CURSORS = [
    "",
    "x",
    "W10",
    "WzAsIiIsbnVsbCwxLDJd",
    "é",
    "=" * 50,
    "A" * 9_000,
    "bnVsbA",
    "WzEsMiwzLDQsNV0",
    "W1tdLFtdLFtdLFtdLFtdXQ",
]


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("cursor", CURSORS)
@pytest.mark.parametrize("key", ["after", "before"])
def test_hostile_cursor_gives_the_first_page(look, bob, forest, view, cursor, key):
    response = look(bob, view=view, **{key: cursor})
    assert response.status_code == 200
    if view != "map":
        assert len(titles(response)) == 5


def test_htmx_gets_the_list_alone(client_of, bob, forest):
    response = client_of(bob).get("/w/harbour/goals/", headers={"HX-Request": "true"})
    text = response.content.decode()
    assert "<html" not in text
    assert "Answer every call" in text
    assert 'id="list-summary" hx-swap-oob="true"' in text


# ---- pages and orders ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sort", [*lists.SORTS, *(f"-{name}" for name in lists.SORTS)])
def test_table_shows_every_goal_once_along_its_pages(look, bob, forest, sort, monkeypatch):
    monkeypatch.setattr("apps.goals.queries.lists.PAGE_SIZE", 2)
    seen: list[Any] = []
    query: dict[str, str] = {}
    for _page in range(5):
        response = look(bob, view="table", sort=sort, **query)
        seen += titles(response)
        if not response.context["page"].next:
            break
        query = {"after": response.context["page"].next}
    assert sorted(seen) == sorted(forest[key].title for key in ("calls", "letters", "rota", "desk", "idea"))
    back = look(bob, view="table", sort=sort, before=response.context["page"].previous)
    assert titles(back) == seen[2:4]


def test_table_sorts(look, bob, forest):
    assert titles(look(bob, view="table", sort="-importance"))[:2] == [
        "Answer every call",
        "Letters leave the same day",
    ]
    assert titles(look(bob, view="table", sort="due"))[:2] == ["Answer every call", "Letters leave the same day"]
    assert titles(look(bob, view="table", sort="confidence"))[:3] == [
        "A rota that people keep", "Letters leave the same day", "Answer every call",
    ]  # fmt: skip


@pytest.mark.parametrize("group", ["team", "owner", "none"])
def test_tree_shows_every_root_once_along_its_pages(look, bob, forest, group, monkeypatch):
    monkeypatch.setattr(tree, "ROOTS_MAX", 2)
    pages: list[list[str]] = []
    query: dict[str, str] = {}
    for _page in range(4):
        page = look(bob, group=group, **query).context["page"]
        pages.append([row.title for row in page.rows])
        if not page.next:
            break
        query = {"after": page.next}
    assert sorted(title for page in pages for title in page) == sorted(
        forest[key].title for key in ("calls", "letters", "rota", "desk", "idea")
    )
    before = look(bob, group=group, before=page.previous).context["page"]
    assert [row.title for row in before.rows] == pages[-2]


def test_group_by_owner_is_flat(look, bob, forest):
    Goal.objects.filter(pk=forest["letters"].pk).update(parent=forest["calls"])
    groups = look(bob, group="owner").context["page"].groups
    assert [(group.name, [row.level for row in group.rows]) for group in groups] == [
        ("Bob", [0, 0]), ("Lea", [0]), ("Mo", [0]), ("Nobody yet", [0]),
    ]  # fmt: skip


@settings(max_examples=times(120), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(parents=st.lists(st.integers(-1, 8), min_size=1, max_size=9), hidden=st.sets(st.integers(0, 8)))
def test_every_goal_one_sees_appears_once_and_no_other(bob, mo, product, spring, now, parents, hidden):
    """Any forest, any part of it hidden: lines and counts speak of the visible goals alone."""
    with transaction.atomic():
        made: list[Goal] = []
        for index, above in enumerate(parents):
            parent = made[above] if 0 <= above < index else None
            visibility = "private" if index in hidden else "workspace"
            made.append(GoalFactory(owner=bob, team=product, cycle=spring, parent=parent, visibility=visibility))
        listed = queries.Listed(mo, queries.GoalFilters(cycle=str(spring.pk)), now.date())
        page = queries.goal_tree(listed, queries.RowReader(mo, now.date(), "/"), group="team")
        visible = {goal.pk for goal in made if goal.visibility == "workspace"}
        shown = [row.id for row in page.rows]
        assert len(shown) == len(set(shown))
        deep = {goal.pk for goal in made if goal.pk in visible and _visible_depth(goal, visible) > 2}
        assert set(shown) == visible - deep
        assert sum(row.more for row in page.rows) == sum(
            1 for goal in made if goal.pk in visible and _visible_depth(goal, visible) == 3
        )
        transaction.set_rollback(True)


def _visible_depth(goal: Goal, visible: set[Any]) -> int:
    depth = 0
    while goal.parent is not None and goal.parent_id in visible:
        goal, depth = goal.parent, depth + 1
    return depth


# ---- who learns what ----------------------------------------------------------------------------------------------

SEEN = {
    "open": {"alice", "adam", "lea", "bob", "mo"},
    "team": {"lea", "bob"},
    "private": {"bob", "mo"},
    "foreign": {"eve"},
    "named": {"alice", "adam", "lea", "bob", "mo", "gus"},
}
PAGES = [
    *(f"goals/?view={view}&cycle=all&status=any" for view in VIEWS),
    "goals/?cycle=all&group=owner",
    "goals/?cycle=all&group=none",
    "goals/?cycle=all&q=canary",
    "goals/?cycle=all&confidence=silent",
    "goals/",
    "search/?q=canary",
    "options/goals/?q=canary",
    "options/goals/",
    "attention/",
    "attention/?scope=all",
    "attention/?scope=teams",
    "cycles/",
]


@pytest.fixture
def canaries(bob, mo, gus, eve, product, spring, now) -> dict[str, Goal]:
    """One goal of each kind, with words of its own in title, reason and label; hidden ones stand in the tree."""

    def plant(word: str, **fields: Any) -> Goal:
        fields = {"owner": bob, "team": product, "cycle": spring, **fields}
        return GoalFactory(
            title=f"Canary {word}title", reason=f"Because {word}reason", labels=[f"{word}label"],
            importance=4, urgency=4, activated_at=now - timedelta(days=40), check_in_due_on=date(2026, 2, 1), **fields,
        )  # fmt: skip

    private = plant("private", visibility="private")
    ContributorFactory(goal=private, member=mo)
    team = plant("team", visibility="team", parent=private)
    named = plant("named", parent=team)
    ContributorFactory(goal=named, member=gus)
    return {
        "private": private,
        "team": team,
        "named": named,
        "open": plant("open", parent=named),
        "foreign": plant("foreign", owner=eve, team=None, cycle=None),
    }


@pytest.mark.parametrize("name", ["alice", "adam", "lea", "bob", "mo", "gus", "eve"])
def test_no_page_tells_of_a_goal_one_cannot_see(request, look, canaries, name):
    member = request.getfixturevalue(name)
    for path in PAGES:
        response = look(member, path)
        assert response.status_code == 200, path
        text = response.content.decode()
        for word, readers in SEEN.items():
            if name not in readers:
                assert f"{word}title" not in text, (path, word)
                assert f"{word}label" not in text, (path, word)
                assert str(canaries[word].pk) not in text, (path, word)
    whole = look(member, "goals/", view="table", cycle="all", status="any")
    expected = {word for word, readers in SEEN.items() if name in readers}
    assert whole.context["summary"].total == len(expected)
    assert {title.split()[1].removesuffix("title") for title in titles(whole)} == expected


def test_child_of_a_hidden_goal_looks_like_any_root(look, alice, canaries, bob, product, spring, now):
    child = next(row for row in look(alice).context["page"].rows if row.id == canaries["named"].pk)
    assert (child.level, child.within) == (0, f"root-{product.pk}")
    plain = GoalFactory(title="Canary namedtitle", owner=bob, team=product, cycle=spring, activated_at=now)
    other = next(row for row in look(alice).context["page"].rows if row.id == plain.pk)
    assert (other.level, other.within, other.more) == (0, child.within, 0)


def test_hidden_label_is_as_unknown_as_an_absent_one(look, alice, canaries):
    hidden = look(alice, label="privatelabel").context["form"].left_out
    absent = look(alice, label="nosuchlabel").context["form"].left_out
    assert [text.replace("privatelabel", "nosuchlabel") for text in hidden] == absent


def test_hidden_parent_is_as_unknown_as_an_absent_one(look, alice, canaries):
    hidden = look(alice, parent=str(canaries["private"].pk))
    assert "is left out" in hidden.content.decode()
    assert hidden.context["summary"].total == look(alice, parent=str(uuid4())).context["summary"].total


def test_guest_does_not_read_a_roll_up(look, gus, bob, spring, now):
    summed = GoalFactory(
        title="Sum", owner=bob, cycle=spring, progress=0.83, progress_source="children", activated_at=now
    )
    ContributorFactory(goal=summed, member=gus)
    for view in VIEWS:
        response = look(gus, view=view, sort="-progress")
        assert "83\xa0%" not in response.content.decode().replace(" %", "\xa0%"), view
    assert look(gus).context["page"].rows[0].progress is None
    assert look(bob).context["page"].rows[0].progress == 0.83


def test_conditions_on_rows_say_the_same_as_the_rules(request, canaries, bob, mo, web, care, spring):
    TeamMembershipFactory(team=care, member=bob)
    GoalFactory(owner=mo, team=web, cycle=spring, visibility="team", progress_source="children")
    GoalFactory(owner=None, workspace=mo.workspace, team=care, visibility="team", progress_source="children")
    Goal.objects.filter(pk=canaries["team"].pk).update(progress_source="children")
    for name in ("alice", "adam", "lea", "bob", "mo", "gus"):
        member = request.getfixturevalue(name)
        visible = access.visible_goals(member)
        may = set(visible.filter(access.changeable(member)).values_list("pk", flat=True))
        assert may == {goal.pk for goal in visible if access.can_change_goal(member, goal)}, member
        hides = set(visible.filter(access.hides_progress(member)).values_list("pk", flat=True))
        assert hides == {goal.pk for goal in visible if not access.shows_progress(member, goal)}, member


# ---- cost ---------------------------------------------------------------------------------------------------------


def _queries(client: Client, path: str) -> int:
    client.get(path)
    with CaptureQueriesContext(connection) as found:
        assert client.get(path).status_code == 200
    return len(found)


@pytest.mark.parametrize(
    "path", [*(f"goals/?view={view}" for view in VIEWS), "goals/?group=owner", "goals/?q=call&mine=on"]
)
@pytest.mark.parametrize("name", ["adam", "lea", "bob", "gus"])
def test_page_costs_the_same_for_one_goal_and_for_six(request, client_of, path, name, goal, gus, now):
    member = request.getfixturevalue(name)
    bob, product, spring = goal.owner, goal.team, goal.cycle
    ContributorFactory(goal=goal, member=gus)
    client = client_of(member)
    one = _queries(client, f"/w/harbour/{path}")
    for place in range(5):
        more = GoalFactory(
            title=f"A call more {place}", owner=bob, team=product, cycle=spring, parent=goal if place % 2 else None,
            importance=place + 1, urgency=3, labels=[f"l{place}"], activated_at=now, visibility="team",
        )  # fmt: skip
        KeyResultFactory(goal=more)
        ContributorFactory(goal=more, member=gus)
    assert _queries(client, f"/w/harbour/{path}") == one
    assert one <= 8


# ---- order --------------------------------------------------------------------------------------------------------


@pytest.fixture
def three(bob, product, spring) -> list[Goal]:
    """Three goals of Bob's in their order."""
    return [
        GoalFactory(title=name, owner=bob, team=product, cycle=spring, rank=place * 100)
        for place, name in enumerate("abc")
    ]


def _move(client: Client, goal: Goal, **fields: Any) -> Any:
    return client.post(f"/w/harbour/goals/{goal.pk}/move/", fields)


def test_move_up_without_script(client_of, look, bob, three):
    response = _move(client_of(bob), three[2], before=three[1].pk, next="/w/harbour/goals/?view=tree")
    assert response["Location"] == "/w/harbour/goals/?view=tree"
    assert titles(look(bob)) == ["a", "c", "b"]


def test_move_between_two_with_script(client_of, look, bob, three):
    response = client_of(bob).post(
        f"/w/harbour/goals/{three[0].pk}/move/",
        {"id": three[0].pk, "after": three[1].pk, "before": three[2].pk},
        headers={"HX-Request": "true"},
    )
    assert response.status_code == 204
    assert titles(look(bob)) == ["b", "a", "c"]


@pytest.mark.parametrize("fields", [{}, {"after": "x"}, {"before": "\x00"}, {"after": str(uuid4())}])
def test_move_without_a_neighbour_changes_nothing(client_of, look, bob, three, fields):
    assert _move(client_of(bob), three[0], **fields).status_code == 302
    refused = client_of(bob).post(f"/w/harbour/goals/{three[0].pk}/move/", fields, headers={"HX-Request": "true"})
    assert refused.status_code == 422
    assert titles(look(bob)) == ["a", "b", "c"]


def test_move_beside_a_hidden_goal_is_the_same_as_beside_an_absent_one(client_of, mo, bob, care, spring):
    own = GoalFactory(owner=mo, team=care, cycle=spring)
    hidden = GoalFactory(owner=bob, cycle=spring, visibility="private")
    answers = [
        client_of(mo).post(f"/w/harbour/goals/{own.pk}/move/", {"after": pk}, headers={"HX-Request": "true"})
        for pk in (hidden.pk, uuid4())
    ]
    assert answers[0].status_code == answers[1].status_code == 422
    assert answers[0].content == answers[1].content


def test_move_refuses_who_may_not_change_the_goal(client_of, mo, gus, eve, three):
    assert _move(client_of(mo), three[0], after=three[1].pk).status_code == 403
    assert _move(client_of(gus), three[0], after=three[1].pk).status_code == 404
    assert client_of(eve).post(f"/w/harbour/goals/{three[0].pk}/move/").status_code == 404


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "\\\\evil.example", "javascript:alert(1)", "/\x00"]
)
def test_move_leads_nowhere_else(client_of, bob, three, target):
    response = _move(client_of(bob), three[2], before=three[1].pk, next=target)
    assert response["Location"] == "/w/harbour/goals/"


def test_handles_only_for_those_who_may_move(look, bob, mo, three):
    assert "data-handle" in look(bob).content.decode()
    assert "data-handle" not in look(mo).content.decode()


@pytest.mark.django_db(transaction=True)
def test_moves_at_the_same_moment_leave_one_order(bob, three, now):
    barrier = Barrier(3)

    def run(goal: Goal, after: Goal) -> Any:
        try:
            barrier.wait(timeout=20)
            return services.move_goal(goal, after=after, before=None, by=bob, at=now)
        except ValidationError as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(run, three, [three[1], three[2], three[0]]))
    ranks = list(Goal.objects.order_by("rank").values_list("rank", flat=True))
    assert len(set(ranks)) == 3


# ---- the map ------------------------------------------------------------------------------------------------------


def test_map_shows_the_most_important_and_says_of_how_many(look, bob, forest, monkeypatch):
    Goal.objects.exclude(pk=forest["calls"].pk).update(importance=2, urgency=2)
    monkeypatch.setattr(lists, "PLACED_MAX", 2)
    response = look(bob, view="map")
    assert response.context["points"][0]["label"] == "Answer every call"
    assert "Showing the 2 most important of 5 goals." in response.content.decode()


def test_place_puts_a_goal_on_the_map(client_of, bob, forest):
    path, version = f"/w/harbour/goals/{forest['idea'].pk}/place/", row_version(importance=None, urgency=None)
    given = {"importance": "4", "urgency": "2", "version": version}
    assert client_of(bob).post(path, given).status_code == 302
    placed = Goal.objects.get(pk=forest["idea"].pk)
    assert (placed.importance, placed.urgency) == (4, 2)


def test_place_given_on_a_map_of_before_does_not_undo_anothers(client_of, bob, lea, forest):
    path, before = f"/w/harbour/goals/{forest['idea'].pk}/place/", row_version(importance=None, urgency=None)
    client_of(bob).post(path, {"importance": "4", "urgency": "2", "version": before})
    late = client_of(lea).post(path, {"importance": "1", "urgency": "", "version": before}, follow=True)
    assert "Bob changed this while you were editing" in late.content.decode()
    assert Goal.objects.get(pk=forest["idea"].pk).importance == 4


def test_map_says_upon_what_a_place_is_given(look, bob, forest):
    page = look(bob, view="map").content.decode()
    assert row_version(importance=None, urgency=None) in page


@pytest.mark.parametrize("value", ["0", "6", "x", "4.5", "\x00", "9" * 500])
def test_place_refuses_what_is_not_on_the_scale(client_of, bob, forest, value):
    client = client_of(bob)
    given = {"importance": value, "urgency": "2", "version": row_version(importance=None, urgency=None)}
    response = client.post(f"/w/harbour/goals/{forest['idea'].pk}/place/", given, follow=True)
    assert "Importance and urgency go from 1 to 5." in response.content.decode()
    assert Goal.objects.get(pk=forest["idea"].pk).urgency is None


def test_place_refuses_who_may_not_change_the_goal(client_of, mo, gus, forest):
    path = f"/w/harbour/goals/{forest['idea'].pk}/place/"
    assert client_of(mo).post(path, {"importance": "4"}).status_code == 403
    assert client_of(gus).post(path, {"importance": "4"}).status_code == 404


@pytest.fixture
def everyone(adam, lea, mo, gus):
    """One of each kind."""
    return adam, lea, mo, gus


def test_list_by_statements_is_what_the_plain_query_gives(everyone, goal, product, care, spring):
    """Every filter, for each person in turn, by statements that serve them all."""
    _adam, lea, mo, gus = everyone
    GoalFactory(owner=lea, team=product, cycle=spring, visibility="team", labels=["a"], importance=4, urgency=2)
    GoalFactory(owner=mo, team=care, cycle=spring, visibility="team", labels=["b"], status="draft")
    ContributorFactory(goal=GoalFactory(owner=lea, visibility="private", cycle=spring, labels=["a"]), member=gus)
    today = spring.starts_on
    choices = [
        {"cycle": "all"}, {"cycle": "none"}, {"cycle": str(spring.pk)}, {"team": str(product.pk)}, {"team": "none"},
        {"team": str(care.pk)}, {"owner": "me"}, {"owner": "none"}, {"owner": str(mo.pk)}, {"status": "draft"},
        {"status": "any", "label": "a"}, {"label": "b", "status": "any"}, {"label": "none"}, {"importance": "3"},
        {"confidence": "silent"}, {"confidence": "none"}, {"due_before": spring.ends_on}, {"mine": True},
        {"q": "goal"}, {"q": "%%"},
    ]  # fmt: skip
    for chosen in [queries.GoalFilters(**each) for each in choices]:
        for member in everyone:
            listed = queries.Listed(member, chosen, today)
            plain = queries.filtered(access.visible_goals(member), chosen, member=member, today=today)
            reader = queries.RowReader(member, today, "/")
            table = queries.goal_table(listed, reader, sort="rank", descending=False, cursor="")
            expected = list(plain.order_by("rank", "id").values_list("pk", flat=True))
            assert [row.id for row in table.rows] == expected
            assert sorted(row.id for row in queries.goal_tree(listed, reader, group="none").rows) == sorted(expected)
            summary = queries.goal_summary(listed)
            assert (summary.total, summary.drafts) == (len(expected), plain.filter(status="draft").count())
            assert summary.silent == plain.filter(status="active", check_in_due_on__lt=today).count()


HOSTILE = "<script>alert(1)</script> & “x” 'y' \"z\""


@pytest.mark.parametrize("view", ["table", "tree"])
def test_lines_escape_what_people_wrote(client_of, bob, product, spring, view):
    bob.name = product.name = HOSTILE
    bob.save()
    product.save()
    GoalFactory(owner=bob, team=product, cycle=spring, title=HOSTILE, visibility="team", progress=0.5)
    response = client_of(bob).get(f"/w/harbour/goals/?view={view}&cycle={spring.pk}")
    html = response.content.decode()
    assert "<script>alert" not in html
    assert html.count("&lt;script&gt;alert(1)&lt;/script&gt; &amp; “x” &#x27;y&#x27; &quot;z&quot;") >= 3
