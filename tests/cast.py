"""The cast: the same few people in every test.

alice is the owner of the workspace, adam an admin, lea leads the team Product, bob is in it, mo is in the team Care,
gus is a guest, eve is the owner of another workspace. "Web" is a team beneath Product.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from django.test import Client

from apps.goals.models import Cycle, Goal
from apps.workspaces.models import Member, Role, Team, Workspace
from tests.factories import (
    CycleFactory,
    GoalFactory,
    MemberFactory,
    TeamFactory,
    TeamMembershipFactory,
    WorkspaceFactory,
)

NOW = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)


@pytest.fixture
def now() -> datetime:
    """A Wednesday morning."""
    return NOW


@pytest.fixture
def harbour(db: None) -> Workspace:
    """The workspace of everyone but eve."""
    return WorkspaceFactory(name="Harbour", slug="harbour")


def _member(workspace: Workspace, name: str, role: Role = Role.MEMBER) -> Member:
    return MemberFactory(workspace=workspace, name=name, role=role, user__email=f"{name.lower()}@example.org")


@pytest.fixture
def alice(harbour: Workspace) -> Member:
    """Owner of the workspace."""
    return _member(harbour, "Alice", Role.OWNER)


@pytest.fixture
def adam(harbour: Workspace) -> Member:
    """Admin."""
    return _member(harbour, "Adam", Role.ADMIN)


@pytest.fixture
def product(harbour: Workspace) -> Team:
    """The team lea leads."""
    return TeamFactory(workspace=harbour, name="Product")


@pytest.fixture
def web(harbour: Workspace, product: Team) -> Team:
    """A team beneath Product."""
    return TeamFactory(workspace=harbour, name="Web", parent=product)


@pytest.fixture
def care(harbour: Workspace) -> Team:
    """Another team."""
    return TeamFactory(workspace=harbour, name="Care")


@pytest.fixture
def lea(harbour: Workspace, product: Team) -> Member:
    """Lead of Product."""
    member = _member(harbour, "Lea")
    TeamMembershipFactory(team=product, member=member, is_lead=True)
    return member


@pytest.fixture
def bob(harbour: Workspace, product: Team) -> Member:
    """In Product."""
    member = _member(harbour, "Bob")
    TeamMembershipFactory(team=product, member=member)
    return member


@pytest.fixture
def mo(harbour: Workspace, care: Team) -> Member:
    """In Care; later a mediator."""
    member = _member(harbour, "Mo")
    TeamMembershipFactory(team=care, member=member)
    return member


@pytest.fixture
def gus(harbour: Workspace) -> Member:
    """Guest."""
    return _member(harbour, "Gus", Role.GUEST)


@pytest.fixture
def eve(db: None) -> Member:
    """Owner of another workspace."""
    return _member(WorkspaceFactory(name="Elsewhere", slug="elsewhere"), "Eve", Role.OWNER)


@pytest.fixture
def spring(harbour: Workspace) -> Cycle:
    """The cycle that runs at `now`."""
    return CycleFactory(workspace=harbour, name="Spring", starts_on=date(2026, 1, 1), ends_on=date(2026, 3, 31))


@pytest.fixture
def goal(bob: Member, product: Team, spring: Cycle) -> Goal:
    """Bob's goal in Product, seen by everyone."""
    return GoalFactory(title="Answer every call", owner=bob, team=product, cycle=spring, activated_at=NOW)


@pytest.fixture
def client_of() -> Callable[[Member], Client]:
    """`client_of(member)` is a browser without scripts, signed in as the member."""

    def sign_in(member: Member) -> Client:
        client = Client()
        assert member.user is not None
        client.force_login(member.user)
        return client

    return sign_in
