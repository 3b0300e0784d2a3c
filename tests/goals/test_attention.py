"""The page of goals that drift: which, since when, and the one next step."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.goals import queries
from apps.goals.models import Goal
from apps.goals.models.progress import expected_progress, is_behind
from apps.goals.queries import Drift, RowReader, Scope
from apps.workspaces.models import Member
from tests.counts import times
from tests.factories import ContributorFactory, CycleFactory, GoalFactory

TODAY = date(2026, 3, 4)


@pytest.fixture(autouse=True)
def at_now(now):
    """The pages ask the clock; here it is the cast's Wednesday morning."""
    with time_machine.travel(now, tick=False):
        yield


@pytest.fixture
def steady(bob, product, spring, now):
    """A maker of goals that do not drift, but for what is said."""

    def make(**fields):
        calm = {
            "owner": bob, "team": product, "cycle": spring, "confidence": "on_track", "progress": 0.7,
            "progress_source": "key_results", "activated_at": now - timedelta(days=40),
            "last_check_in_at": now - timedelta(days=3), "check_in_due_on": TODAY + timedelta(days=4),
        }  # fmt: skip
        return GoalFactory(**(calm | fields))

    return make


def rows_of(client, **query):
    return [entry["row"] for entry in client.get("/w/harbour/attention/", query).context["rows"]]


def drifts_of(member, scope=Scope.ALL, drift=None):
    goals = queries.DriftingGoals(member, scope, TODAY)
    return {row.goal.id: row for row in queries.drift_page(goals, RowReader(member, TODAY, "/"), drift=drift).rows}


KINDS: dict[Drift, tuple[dict[str, Any], date, str, str]] = {
    Drift.NO_OWNER: ({"owner": None}, date(2026, 1, 23), "Nobody has owned this goal for 40 days.", "Name an owner"),
    Drift.PAST_DUE: (
        {"due_on": date(2026, 3, 1)}, date(2026, 3, 1), "It was due on 1 Mar and is still open.", "Close it",
    ),
    Drift.OFF_TRACK: (
        {"confidence": "off_track", "confidence_since": date(2026, 2, 20)}, date(2026, 2, 20),
        "Off track since 20 Feb.", "Ask Bob",
    ),
    Drift.SILENT: (
        {"check_in_due_on": date(2026, 2, 23), "last_check_in_days": 16}, date(2026, 2, 16),
        "Nobody has checked in on this goal for 16 days.", "Ask Bob",
    ),
    Drift.BEHIND: (
        {"progress": 0.3}, date(2026, 2, 5),
        "At 30 %, where 70 % is expected by now. Behind since 5 Feb.", "Ask Bob",
    ),
    Drift.NO_KEY_RESULT: (
        {"progress_source": "none"}, date(2026, 1, 23),
        "No key result says how one would know it is reached, 40 days after it began.", "Add a key result",
    ),
}  # fmt: skip


@pytest.mark.parametrize("drift", KINDS)
def test_each_way_to_drift_says_since_when_and_what_next(client_of, lea, steady, bob, now, drift):
    fields, since, words, step = KINDS[drift]
    fields = dict(fields)
    if "last_check_in_days" in fields:
        fields["last_check_in_at"] = now - timedelta(days=fields.pop("last_check_in_days"))
    if fields.get("owner", bob) is None:
        fields["workspace"] = bob.workspace
    goal = steady(**fields)
    steady(title="Calm")
    response = client_of(lea).get("/w/harbour/attention/")
    assert [(entry["row"].goal.id, entry["row"].drift, entry["row"].since) for entry in response.context["rows"]] == [
        (goal.pk, drift, since)
    ]
    text = " ".join(_plain(response.content.decode()).split())
    assert words in text
    assert response.context["rows"][0]["step"]["label"] == step


def _plain(html: str) -> str:

    return re.sub(r"<[^>]*>", "", html).replace("\xa0", " ")


def test_goal_left_in_a_closed_cycle_drifts(client_of, lea, steady, spring, now):
    steady()
    spring.closed_at = now - timedelta(days=1)
    spring.save()
    row = rows_of(client_of(lea))[0]
    assert (row.drift, row.since, row.cycle) == (Drift.CLOSED_CYCLE, date(2026, 3, 3), "Spring")


def test_goal_of_somebody_who_left_has_no_owner(client_of, lea, bob, steady, now):
    steady()
    Member.objects.filter(pk=bob.pk).update(deactivated_at=now - timedelta(days=2))
    row = rows_of(client_of(lea))[0]
    assert (row.drift, row.since, row.former_owner) == (Drift.NO_OWNER, date(2026, 3, 2), True)


def test_goal_that_drifts_in_many_ways_is_one_row(client_of, lea, steady):
    steady(confidence="off_track", progress=0.1, check_in_due_on=date(2026, 3, 1))
    rows = rows_of(client_of(lea))
    assert [(row.drift, row.others) for row in rows] == [(Drift.OFF_TRACK, [Drift.SILENT, Drift.BEHIND])]
    silent = rows_of(client_of(lea), kind="silent")
    assert [row.drift for row in silent] == [Drift.SILENT]


@pytest.mark.parametrize("fields", [{"status": "draft"}, {"status": "achieved"}])
def test_drafts_and_closed_goals_do_not_drift(client_of, lea, steady, now, fields):
    closed = {"closed_at": now, "lesson": "x"} if fields["status"] == "achieved" else {}
    steady(confidence="off_track", **fields, **closed)
    assert rows_of(client_of(lea)) == []


def test_owner_checks_in_where_others_ask(client_of, bob, lea, steady):
    goal = steady(confidence="off_track")
    own = client_of(bob).get("/w/harbour/attention/").context["rows"][0]["step"]
    assert (own["label"], own["url"]) == ("Check in", f"/w/harbour/goals/{goal.pk}/check-in/")
    asked = client_of(lea).get("/w/harbour/attention/").context["rows"][0]["step"]
    assert asked["url"] == f"/w/harbour/goals/{goal.pk}/check-in/?ask_to={bob.pk}"
    form = client_of(lea).get(asked["url"]).context["form"]
    assert form.initial["ask_to"] == bob


def test_lead_sees_the_teams_led_and_admin_everything(client_of, lea, bob, adam, mo, steady, web, care):
    here = steady(confidence="off_track", team=web)
    there = steady(confidence="off_track", team=care, owner=mo)
    seen = lambda member, **query: {row.goal.id for row in rows_of(client_of(member), **query)}  # noqa: E731
    assert seen(lea) == {here.pk}
    assert seen(adam) == {here.pk, there.pk}
    assert seen(adam, scope="mine") == set()
    assert seen(bob) == {here.pk}
    assert seen(mo) == {there.pk}


@pytest.mark.parametrize(
    "query",
    [{"scope": "all"}, {"scope": "teams"}, {"scope": "x"}, {"kind": "x"}, {"kind": "\x00"}, {"team": "x" * 5000}],
)
def test_scope_and_kind_that_are_not_there_are_left_out(client_of, bob, mo, steady, query):
    steady(owner=mo, confidence="off_track")
    own = steady(confidence="off_track")
    response = client_of(bob).get("/w/harbour/attention/", query)
    assert response.status_code == 200
    assert "is left out" in response.content.decode()
    assert [entry["row"].goal.id for entry in response.context["rows"]] == [own.pk]


def test_filter_by_team_takes_in_the_teams_beneath(client_of, lea, steady, web, product):
    there = steady(confidence="off_track", team=web)
    steady(confidence="off_track", team=product)
    assert [row.goal.id for row in rows_of(client_of(lea), team=str(web.pk))] == [there.pk]
    assert len(rows_of(client_of(lea), team=str(product.pk))) == 2


def test_team_that_one_does_not_lead_is_left_out(client_of, lea, steady, care):
    steady(confidence="off_track")
    response = client_of(lea).get("/w/harbour/attention/", {"team": str(care.pk)})
    assert "is left out" in response.content.decode()
    assert len(response.context["rows"]) == 1


@pytest.mark.parametrize("cursor", ["x", "é", "W10", "A" * 9_000])
def test_hostile_cursor_gives_the_first_page(client_of, lea, steady, cursor):
    steady(confidence="off_track")
    assert len(rows_of(client_of(lea), after=cursor)) == 1
    assert len(rows_of(client_of(lea), before=cursor)) == 1


def test_pages_show_each_goal_once(client_of, lea, steady, monkeypatch):
    made = {steady(confidence="off_track", confidence_since=TODAY - timedelta(days=n // 2)).pk for n in range(5)}
    monkeypatch.setattr("apps.goals.queries.attention.PAGE_SIZE", 2)
    seen: list[Any] = []
    query: dict[str, str] = {}
    for _page in range(3):
        response = client_of(lea).get("/w/harbour/attention/", query)
        seen += [entry["row"].goal.id for entry in response.context["rows"]]
        query = {"after": response.context["page"].next}
    assert len(seen) == 5
    assert set(seen) == made


def test_hidden_goals_count_for_nobody_else(client_of, lea, adam, bob, steady):
    steady(title="Hidden canary", visibility="private", confidence="off_track")
    for member in (lea, adam):
        response = client_of(member).get("/w/harbour/attention/")
        assert response.context["total"] == 0
        assert "canary" not in response.content.decode()
    assert client_of(bob).get("/w/harbour/attention/").context["total"] == 1


def test_guest_does_not_learn_of_a_roll_up(client_of, gus, steady):
    summed = steady(owner=gus, progress=0.1, progress_source="children")
    plain = steady(owner=gus, progress=0.0, progress_source="none")
    rows = {row.goal.id: (row.drift, row.others, row.goal.progress) for row in rows_of(client_of(gus))}
    assert rows[summed.pk] == rows[plain.pk] == (Drift.NO_KEY_RESULT, [], None)


def test_counts_by_kind_are_those_of_the_lists(lea, steady, bob):
    steady(confidence="off_track", progress=0.1)
    steady(check_in_due_on=date(2026, 3, 1))
    steady(owner=None, workspace=bob.workspace)
    goals = queries.DriftingGoals(lea, Scope.TEAMS, TODAY)
    counts = queries.drift_counts(goals)
    for drift in Drift:
        assert counts[drift] == len(drifts_of(lea, Scope.TEAMS, drift)), drift
    assert counts["all"] == 3


dates = st.one_of(st.none(), st.dates(date(2025, 12, 20), date(2026, 4, 10)))


@settings(max_examples=times(600), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(starts_on=dates, due_on=dates, progress=st.floats(0, 1).map(lambda share: round(share, 3)), cycled=st.booleans())
def test_behind_is_what_the_rule_in_python_says(bob, spring, starts_on, due_on, progress, cycled):
    if starts_on and due_on and due_on < starts_on:
        starts_on, due_on = due_on, starts_on
    with transaction.atomic():
        goal = GoalFactory(
            owner=bob, cycle=spring if cycled else None, starts_on=starts_on, due_on=due_on, progress=progress,
            progress_source="key_results", check_in_due_on=None,
        )  # fmt: skip
        expected = expected_progress(*Goal.objects.get(pk=goal.pk).span(), TODAY)
        row = drifts_of(bob, Scope.MINE, Drift.BEHIND).get(goal.pk)
        close = expected is not None and abs(expected - progress - 0.1) < 1e-9
        assert close or (row is not None) == is_behind(progress, expected)
        if row is not None:
            assert row.since <= TODAY
        transaction.set_rollback(True)


@pytest.mark.parametrize("name", ["adam", "lea", "bob", "gus"])
def test_page_costs_the_same_for_one_goal_and_for_six(request, client_of, name, bob, gus, steady):
    client = client_of(request.getfixturevalue(name))

    def cost():
        client.get("/w/harbour/attention/")
        with CaptureQueriesContext(connection) as found:
            client.get("/w/harbour/attention/")
        return len(found)

    def drift():
        goal = steady(confidence="off_track", owner=gus if name == "gus" else bob, visibility="team")
        ContributorFactory(goal=goal, member=bob)

    drift()
    one = cost()
    for _goal in range(5):
        drift()
    assert cost() == one
    assert one <= 8


def test_page_without_drifting_goals_says_so(client_of, bob, steady):
    steady()
    assert "None of your goals is drifting" in client_of(bob).get("/w/harbour/attention/").content.decode()


def test_htmx_gets_the_list_alone(client_of, bob, steady):
    steady(confidence="off_track")
    text = client_of(bob).get("/w/harbour/attention/", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in text
    assert "Off track since" in _plain(text)


def test_outsider_finds_nothing(client_of, eve, harbour):
    assert client_of(eve).get("/w/harbour/attention/").status_code == 404


def test_goal_without_dates_is_never_behind(bob, harbour):
    goal = GoalFactory(owner=bob, cycle=CycleFactory(workspace=harbour), progress=0.0, progress_source="key_results")
    assert goal.pk not in drifts_of(bob, Scope.MINE, Drift.BEHIND)
