"""Load and reported hours over the API."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from apps.activity.models import Event
from apps.capacity.models import HoursReport
from apps.capacity.queries.capacity import monday_of
from apps.goals.models import Goal
from apps.workspaces.models import Member, Team
from tests.factories import ContributorFactory, GoalFactory, HoursReportFactory, ResponsibilityFactory

Api = Callable[..., APIClient]
LOAD, REPORTED = "/api/v1/insights/load/", "/api/v1/reported-hours/"


WEEK = monday_of(timezone.localdate()) - timedelta(weeks=1)
BY_WEEK = f"{REPORTED}by-week/{WEEK.isoformat()}/"


@pytest.fixture
def private(bob: Member) -> Any:
    """A goal of bob's that nobody else sees, with seven of his hours."""
    goal = GoalFactory(owner=bob, visibility="private", activated_at=timezone.now() - timedelta(days=60))
    return ContributorFactory(goal=goal, member=bob, hours_per_week=7).goal


def weeks_of(answer: Any, person: Member) -> list[dict[str, Any]]:
    """The person's weeks."""
    weeks: list[dict[str, Any]] = next(row["weeks"] for row in answer["results"] if row["member"] == str(person.pk))
    return weeks


def test_load_is_what_the_caller_sees(api_of: Api, bob: Member, lea: Member, private: Any) -> None:
    own = weeks_of(api_of(bob).get(LOAD).json(), bob)
    assert len(own) == 8
    assert own[0] == {
        "week": monday_of(timezone.localdate()).isoformat(),
        "capacity": 40.0,
        "promised": 7.0,
        "fit": "room",
        "days_away": 0,
        "parts": [{"goal": str(private.pk), "responsibility": None, "instead_of": None, "hours": 7.0}],
    }
    others = weeks_of(api_of(lea).get(LOAD).json(), bob)
    assert (others[0]["promised"], others[0]["parts"]) == (0.0, [])


def test_load_by_team_and_week(api_of: Api, bob: Member, lea: Member, mo: Member, product: Team) -> None:
    day = monday_of(timezone.localdate()) + timedelta(weeks=3, days=2)
    answer = api_of(mo).get(LOAD, {"team": str(product.pk), "week": day.isoformat()}).json()
    assert {row["member"] for row in answer["results"]} == {str(bob.pk), str(lea.pk)}
    assert answer["results"][0]["weeks"][0]["week"] == (day - timedelta(days=2)).isoformat()


def test_load_goes_on_page_by_page(api_of: Api, bob: Member, lea: Member, mo: Member) -> None:
    client, found, url = api_of(mo), [], f"{LOAD}?page_size=1"
    while url:
        answer = client.get(url).json()
        found += [row["member"] for row in answer["results"]]
        url = answer["next"]
    assert found == [str(person.pk) for person in (bob, lea, mo)]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"team": "x"}, "team"), ({"team": "all"}, "team"), ({"week": "x"}, "week"), ({"week": "9999-12-31"}, "week"),
        ({"page_size": "0"}, "page_size"), ({"cursor": "x"}, "cursor"), ({"cycle": "x"}, "cycle"),
    ],
)  # fmt: skip
def test_load_names_what_it_does_not_understand(api_of: Api, bob: Member, query: dict[str, str], field: str) -> None:
    answer = api_of(bob).get(LOAD, query)
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == [field]


def test_load_answers_304_and_needs_its_scope(api_of: Api, bob: Member) -> None:
    client = api_of(bob, "responsibilities:read")
    tag = client.get(LOAD)["ETag"]
    assert client.get(LOAD, headers={"If-None-Match": tag}).status_code == 304
    assert api_of(bob, "goals:read").get(LOAD).status_code == 403


def test_reported_hours_are_read_by_those_who_may(
    api_of: Api, bob: Member, lea: Member, mo: Member, private: Any
) -> None:
    report = HoursReportFactory(member=bob, hours=4)
    hidden = HoursReportFactory(member=bob, goal=private, hours=7)

    def seen(caller: Member) -> set[str]:
        return {row["id"] for row in api_of(caller).get(REPORTED, {"week": "2026-03-02"}).json()["results"]}

    assert seen(bob) == {str(report.pk), str(hidden.pk)}
    assert seen(lea) == {str(report.pk)}
    assert seen(mo) == set()
    row = api_of(lea).get(f"{REPORTED}{report.pk}/").json()
    assert (row["member"], row["week"], row["goal"], row["hours"]) == (str(bob.pk), "2026-03-02", None, 4.0)
    assert api_of(lea).get(f"{REPORTED}{hidden.pk}/").status_code == 404
    assert api_of(bob).post(REPORTED, {}).status_code == 405


def test_own_hours_of_a_week_are_reported_and_the_same_again_changes_nothing(
    api_of: Api, bob: Member, lea: Member, goal: Goal
) -> None:
    duty = ResponsibilityFactory(workspace=bob.workspace, external_id="phones")
    named: list[dict[str, Any]] = [
        {"goal": str(goal.pk), "hours": 6.5},
        {"responsibility": {"external_id": "phones"}, "hours": 2},
        {"hours": 20},
    ]
    first = api_of(bob).put(BY_WEEK, {"rows": named})
    assert (first.status_code, first.json()["week"]) == (200, WEEK.isoformat())
    said = {(row["goal"], row["responsibility"]): row["hours"] for row in first.json()["rows"]}
    assert said == {(str(goal.pk), None): 6.5, (None, str(duty.pk)): 2.0, (None, None): 20.0}
    again = api_of(bob).put(BY_WEEK, {"rows": named}, headers={"If-Match": first["ETag"]})
    assert (again.json(), again["ETag"]) == (first.json(), first["ETag"])
    assert Event.objects.filter(verb="member.hours_reported").count() == 1
    fewer = api_of(bob).put(BY_WEEK, {"rows": [{"hours": 0}, {"goal": str(goal.pk), "hours": 8}]}).json()["rows"]
    assert sorted(row["hours"] for row in fewer) == [2.0, 8.0]
    assert api_of(bob).put(BY_WEEK, {"rows": named}, headers={"If-Match": first["ETag"]}).status_code == 412
    read = api_of(bob).get(BY_WEEK)
    assert read.json()["rows"] == fewer
    assert api_of(bob).get(BY_WEEK, headers={"If-None-Match": read["ETag"]}).status_code == 304
    assert api_of(lea).get(BY_WEEK).json()["rows"] == []


@pytest.mark.parametrize(
    ("rows", "field"),
    [
        (None, "rows"), ("x", "rows"), ([{"hours": 169}], "rows.0.hours"), ([{"hours": "many"}], "rows.0.hours"),
        ([{}], "rows.0.hours"), ([{"hours": 1, "member": "x"}], "rows.0.member"), ([{"hours": 1}] * 2, "rows"),
        ([{"hours": 1}] * 201, "rows"), ([{"hours": 1, "goal": "x"}], "rows.0.goal"),
    ],
)  # fmt: skip
def test_hours_that_do_not_fit_are_named(api_of: Api, bob: Member, rows: Any, field: str) -> None:
    answer = api_of(bob).put(BY_WEEK, {"rows": rows})
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert not HoursReport.objects.exists()


def test_hours_on_two_things_too_many_or_hidden_are_refused(
    api_of: Api, bob: Member, mo: Member, goal: Goal, private: Any
) -> None:
    duty = ResponsibilityFactory(workspace=bob.workspace)
    both = {"goal": str(goal.pk), "responsibility": str(duty.pk), "hours": 1}
    for rows in ([both], [{"hours": 100}, {"goal": str(goal.pk), "hours": 100}]):
        assert api_of(bob).put(BY_WEEK, {"rows": rows}).status_code == 400
    hidden = api_of(mo).put(BY_WEEK, {"rows": [{"goal": str(private.pk), "hours": 1}]}).json()
    absent = api_of(mo).put(BY_WEEK, {"rows": [{"goal": str(duty.pk), "hours": 1}]}).json()
    assert hidden == absent
    assert not HoursReport.objects.exists()


@pytest.mark.parametrize(
    "week", ["x", "2026-02-31", "1999-01-04", "9999-12-27", (WEEK + timedelta(days=1)).isoformat()]
)
def test_a_week_that_is_none_is_named(api_of: Api, bob: Member, week: str) -> None:
    for send in (api_of(bob).get, api_of(bob).put):
        answer = send(f"{REPORTED}by-week/{week}/")
        assert answer.status_code == 400, week
        assert [error["field"] for error in answer.json()["errors"]] == ["week"]


def test_reporting_needs_the_scope_to_write(api_of: Api, bob: Member) -> None:
    assert api_of(bob, "responsibilities:read").put(BY_WEEK, {"rows": []}).status_code == 403
