"""Rows for tests. Ruled state (closed goals, check-ins) is made through services; see tests/cast.py for the people."""

from typing import Any

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from apps.accounts.models import User
from apps.goals.models import Cycle, Goal, KeyResult
from apps.workspaces.models import Member, Team, TeamMembership, Value, Workspace

PASSWORD = "a long enough password"  # noqa: S105 - of people who do not exist


class UserFactory(DjangoModelFactory[User]):
    """An account with a password."""

    class Meta:
        model = User

    email = factory.Sequence(lambda n: f"person{n}@example.org")
    name = factory.Sequence(lambda n: f"Person {n}")

    @classmethod
    def _create(cls, model_class: type[User], *args: Any, **kwargs: Any) -> User:
        return model_class.objects.create_user(password=PASSWORD, **kwargs)


class WorkspaceFactory(DjangoModelFactory[Workspace]):
    """A workspace in Berlin."""

    class Meta:
        model = Workspace

    name = factory.Sequence(lambda n: f"Workspace {n}")
    slug = factory.Sequence(lambda n: f"workspace-{n}")
    timezone = "Europe/Berlin"


class MemberFactory(DjangoModelFactory[Member]):
    """A member with an account."""

    class Meta:
        model = Member

    workspace = factory.SubFactory(WorkspaceFactory)
    name = factory.Sequence(lambda n: f"Member {n}")
    user = factory.SubFactory(UserFactory, name=factory.SelfAttribute("..name"))
    email = factory.LazyAttribute(lambda member: member.user.email if member.user else "")


class TeamFactory(DjangoModelFactory[Team]):
    """A team; give `parent` for one beneath another."""

    class Meta:
        model = Team

    workspace = factory.SubFactory(WorkspaceFactory)
    name = factory.Sequence(lambda n: f"Team {n}")
    ancestor_ids = factory.LazyAttribute(
        lambda team: [*team.parent.ancestor_ids, team.parent.pk] if getattr(team, "parent", None) else []
    )


class TeamMembershipFactory(DjangoModelFactory[TeamMembership]):
    """A place in a team."""

    class Meta:
        model = TeamMembership

    workspace = factory.SelfAttribute("team.workspace")


class ValueFactory(DjangoModelFactory[Value]):
    """A value of the workspace."""

    class Meta:
        model = Value

    workspace = factory.SubFactory(WorkspaceFactory)
    name = factory.Sequence(lambda n: f"Value {n}")


class CycleFactory(DjangoModelFactory[Cycle]):
    """A cycle of a quarter."""

    class Meta:
        model = Cycle

    workspace = factory.SubFactory(WorkspaceFactory)
    name = factory.Sequence(lambda n: f"Cycle {n}")


class GoalFactory(DjangoModelFactory[Goal]):
    """An active goal; `workspace` follows from the owner where one is given."""

    class Meta:
        model = Goal

    title = factory.Sequence(lambda n: f"Goal {n}")
    owner = factory.SubFactory(MemberFactory)
    workspace = factory.SelfAttribute("owner.workspace")
    activated_at = factory.LazyFunction(timezone.now)
    rank = factory.Sequence(lambda n: (n + 1) * 65536)


class KeyResultFactory(DjangoModelFactory[KeyResult]):
    """From 0 to 100."""

    class Meta:
        model = KeyResult

    title = factory.Sequence(lambda n: f"Key result {n}")
    workspace = factory.SelfAttribute("goal.workspace")
