"""Many people whose morning digest is due at one moment, each with one goal to check in on."""

from datetime import datetime, time

from apps.accounts.models import User
from apps.goals.models import Goal
from apps.notifications.models import DeliverySchedule
from apps.workspaces.models import Member, Role, Workspace


def make_crowd(count: int, *, due_at: datetime) -> None:
    """So many people in one workspace, in UTC, without quiet hours or days off."""
    workspace = Workspace.objects.create(name="Harbour", slug="harbour-crowd", working_days=[1, 2, 3, 4, 5, 6, 7])
    people = [
        User(email=f"person{number}@example.org", name=f"Person {number}", timezone="UTC") for number in range(count)
    ]
    User.objects.bulk_create(people)
    members = [Member(workspace=workspace, user=user, name=user.name, role=Role.MEMBER) for user in people]
    Member.objects.bulk_create(members)
    DeliverySchedule.objects.bulk_create(
        [
            DeliverySchedule(
                workspace=workspace,
                member=member,
                quiet_from=time(0, 0),
                quiet_until=time(0, 0),
                digest_at=due_at.time(),
                weekly_digest=False,
                next_digest_at=due_at,
                next_digest_on=due_at.date(),
            )
            for member in members
        ]
    )
    Goal.objects.bulk_create(
        [
            Goal(
                workspace=workspace,
                owner=member,
                title=f"Goal of {member.name}",
                status="active",
                check_in_due_on=due_at.date(),
            )
            for member in members
        ]
    )
