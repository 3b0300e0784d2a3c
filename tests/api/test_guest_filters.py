"""A guest learns nothing by filtering for people and teams that do not exist for them."""

from collections.abc import Callable, Iterator

import pytest
from rest_framework.test import APIClient

from apps.core.filters import FilterSet
from apps.core.viewsets import ResourceViewSet
from apps.goals.models import Goal
from apps.workspaces.models import Member, Team
from tests.factories import CheckInFactory, ContributorFactory, TaskFactory, TeamMembershipFactory

OF_PEOPLE = {
    "member", "owner", "contributor", "author", "ask_to", "asked_by", "assignee", "helper", "from_member", "to_member",
}  # fmt: skip


def filter_sets(kind: type[ResourceViewSet] = ResourceViewSet) -> Iterator[FilterSet]:
    """Those of all resources."""
    for each in kind.__subclasses__():
        yield each.filterset
        yield from filter_sets(each)


@pytest.fixture
def guest(gus: Member, care: Team) -> Member:
    """Gus, who is in the team Care and sees nobody of Product."""
    TeamMembershipFactory(team=care, member=gus)
    return gus


def test_every_filter_by_people_and_teams_says_who_sees_them() -> None:
    found = [
        (name, each.of) for some in filter_sets() for name, each in some.filters.items() if name in {*OF_PEOPLE, "team"}
    ]
    assert len(found) > 15
    assert [name for name, of in found if of is None] == []


def test_a_hidden_team_or_person_finds_nothing(
    api_of: Callable[[Member], APIClient], guest: Member, mo: Member, lea: Member, goal: Goal, product: Team, care: Team
) -> None:
    """Gus is in Product's goal by name only; that lea is asked there, and that it is Product's, is not for him."""
    ContributorFactory(goal=goal, member=guest)
    ContributorFactory(goal=goal, member=lea)
    CheckInFactory(goal=goal, author=lea, author_name="Lea")
    TaskFactory(goal=goal, assignee=lea)
    TeamMembershipFactory(team=product, member=mo)
    client = api_of(guest)

    def found(path: str) -> int:
        answer = client.get(f"/api/v1/{path}")
        assert answer.status_code == 200, answer.content
        return len(answer.json()["results"])

    assert found(f"members/?team={care.pk}") == 2
    assert [found(f"goals/?contributor={guest.pk}"), found(f"tasks/?goal={goal.pk}")] == [1, 1]
    hidden = [
        f"members/?team={product.pk}",
        f"goals/?team={product.pk}",
        f"goals/?owner={goal.owner_id}",
        f"goals/?contributor={lea.pk}",
        f"check-ins/?author={lea.pk}",
        f"tasks/?assignee={lea.pk}",
    ]
    assert [found(path) for path in hidden] == [0] * len(hidden)
