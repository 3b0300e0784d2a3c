"""The one lock of a workspace's shape: who is in it, their roles and reporting line, its team tree and its values.

Whatever changes one of them takes the workspace's row first and its own rows after, so that two changes never wait
for each other and each sees what the other did. NO KEY UPDATE lets rows that only refer to the workspace be written
meanwhile.
"""

from typing import TypeVar
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from apps.workspaces.models import Member, Team, Workspace

Row = TypeVar("Row", Member, Team)


def lock_workspace(pk: UUID) -> Workspace:
    """Wait for whoever changes the workspace's shape, and keep others waiting until the transaction ends."""
    return Workspace.objects.select_for_update(no_key=True).get(pk=pk)


def lock_shape(member: Member) -> Member:
    """Lock the member's workspace, and give the member back as it is now: its role may have changed while we waited."""
    lock_workspace(member.workspace_id)
    return Member.objects.select_related("workspace", "user").get(pk=member.pk)


def locked_member(member: Member, *, by: Member) -> Member:
    """The member as it is now, locked. ValidationError where it is of another workspace."""
    rows: QuerySet[Member] = Member.objects.select_for_update(of=("self",), no_key=True)
    return _of_workspace(rows.select_related("workspace", "user", "manager").get(pk=member.pk), by)


def locked_team(team: Team, *, by: Member) -> Team:
    """The team as it is now, locked. ValidationError where it is of another workspace."""
    rows: QuerySet[Team] = Team.objects.select_for_update(of=("self",), no_key=True)
    return _of_workspace(rows.select_related("workspace", "parent").get(pk=team.pk), by)


def _of_workspace(row: Row, by: Member) -> Row:
    if row.workspace_id != by.workspace_id:
        raise ValidationError(_("This belongs to another workspace."))
    return row
