"""Load and reported hours over the API."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from apps.responsibilities.queries.capacity import monday_of
from apps.workspaces.models import Member, Team
from tests.factories import ContributorFactory, GoalFactory, HoursReportFactory

Api = Callable[..., APIClient]
LOAD, REPORTED = "/api/v1/insights/load/", "/api/v1/reported-hours/"


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
