"""The team tree: making, changing, moving and archiving teams.

`ancestor_ids` of a team names every team above it, the root first; each change keeps it right for the whole subtree.
"""

from datetime import datetime
from typing import Any, TypedDict

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.workspaces import access
from apps.workspaces.models import Member, Team
from apps.workspaces.services.events import changes, record
from apps.workspaces.services.locks import lock_shape, locked_team

LEVELS_MAX = 10


class TeamFields(TypedDict, total=False):
    """What can be said about a team. A missing key leaves the field as it is."""

    name: str
    purpose: str
    parent: Team | None
    external_id: str


@transaction.atomic
def create_team(fields: TeamFields, *, by: Member, at: datetime) -> Team:
    """A new team in the actor's workspace, beneath `parent` or at the root.

    Raises PermissionDenied (whoever is neither admin nor leads the parent), ValidationError by field.
    """
    by = lock_shape(by)
    parent = _place(fields.get("parent"), by=by)
    if not access.can_create_team(by, parent):
        raise PermissionDenied(_("Only admins, and the leads of the team above, can make a team here."))
    team = Team(workspace=by.workspace, created_at=at, parent=parent, ancestor_ids=_path_to(parent))
    _check_levels(len(team.ancestor_ids) + 1)
    _assign(team, fields)
    team.save(force_insert=True)
    record("team.created", team, by=by, at=at, workspace=by.workspace, data={"name": team.name})
    return team


@transaction.atomic
def update_team(team: Team, fields: TeamFields, *, by: Member, at: datetime) -> Team:
    """Change what `fields` names; a new parent moves the team. Raises PermissionDenied, ValidationError by field."""
    by = lock_shape(by)
    team = locked_team(team, by=by)
    _check_can_change(team, by=by)
    if "parent" in fields and (fields["parent"].pk if fields["parent"] else None) != team.parent_id:
        team = move_team(team, parent=fields["parent"], by=by, at=at)
    names = [name for name in fields if name != "parent"]
    before = {name: getattr(team, name) for name in names}
    _assign(team, fields)
    changed = changes(before, {name: getattr(team, name) for name in names})
    if changed:
        team.save()
        record("team.updated", team, by=by, at=at, workspace=by.workspace, data={"changes": changed})
    return team


@transaction.atomic
def move_team(team: Team, *, parent: Team | None, by: Member, at: datetime) -> Team:
    """Put the team, with all beneath it, under another or at the root.

    The actor must be able to change the team and to make one at the new place, since the leads above see what is for
    the team only. Raises PermissionDenied, ValidationError on `parent` (beneath itself, too deep, archived).
    """
    by = lock_shape(by)
    team = locked_team(team, by=by)
    _check_can_change(team, by=by)
    parent = _place(parent, by=by)
    if not access.can_create_team(by, parent):
        raise PermissionDenied(_("Only admins, and the leads of the team above, can move a team there."))
    if parent is not None and (parent.pk == team.pk or team.pk in parent.ancestor_ids):
        raise ValidationError({"parent": _("A team cannot be a sub-team of itself.")})
    old_parent_id, old_depth, path = team.parent_id, team.depth, _path_to(parent)
    beneath = list(Team.objects.below([team.pk]).select_for_update(of=("self",), no_key=True).order_by("pk"))
    deepest = max([team.depth, *(each.depth for each in beneath)])
    _check_levels(len(path) + 1 + deepest - old_depth)
    team.parent, team.ancestor_ids = parent, path
    team.save(update_fields=["parent", "ancestor_ids"])
    for each in beneath:
        each.ancestor_ids = path + each.ancestor_ids[old_depth:]
    Team.objects.bulk_update(beneath, ["ancestor_ids"], batch_size=500)
    data = {"changes": {"parent": [old_parent_id, team.parent_id]}}
    record("team.moved", team, by=by, at=at, workspace=by.workspace, data=data)
    return team


@transaction.atomic
def archive_team(team: Team, *, by: Member, at: datetime) -> Team:
    """Put the team away; its people and goals stay with it.

    Raises PermissionDenied, ValidationError (teams beneath it are open).
    """
    by = lock_shape(by)
    team = locked_team(team, by=by)
    _check_can_change(team, by=by)
    if team.archived_at is not None:
        return team
    open_beneath = Team.objects.open().filter(parent=team).count()
    if open_beneath:
        message = ngettext(
            "This team has %(count)d sub-team. Move or archive it first.",
            "This team has %(count)d sub-teams. Move or archive them first.",
            open_beneath,
        )
        raise ValidationError(message % {"count": open_beneath})
    team.archived_at = at
    team.save(update_fields=["archived_at"])
    record("team.archived", team, by=by, at=at, workspace=by.workspace)
    return team


@transaction.atomic
def restore_team(team: Team, *, by: Member, at: datetime) -> Team:
    """Take an archived team back. Raises PermissionDenied, ValidationError (the team above is archived)."""
    by = lock_shape(by)
    team = locked_team(team, by=by)
    _check_can_change(team, by=by)
    if team.archived_at is None:
        return team
    if team.parent is not None and team.parent.archived_at is not None:
        raise ValidationError(_("The team above is archived. Restore that one first, or move this team."))
    team.archived_at = None
    team.save(update_fields=["archived_at"])
    record("team.restored", team, by=by, at=at, workspace=by.workspace)
    return team


def _check_can_change(team: Team, *, by: Member) -> None:
    access.can_change_team.demand(by, team)


def _place(parent: Team | None, *, by: Member) -> Team | None:
    """The team to stand under, as it is now; ValidationError where the actor sees no such team, or it is archived."""
    if parent is None:
        return None
    found: Team | None = access.visible_teams(by).filter(pk=parent.pk).first()
    if found is None:
        raise ValidationError({"parent": _("There is no such team.")})
    if found.archived_at is not None:
        raise ValidationError({"parent": _("That team is archived.")})
    return found


def _path_to(parent: Team | None) -> list[Any]:
    return [*parent.ancestor_ids, parent.pk] if parent else []


def _check_levels(levels: int) -> None:
    if levels > LEVELS_MAX:
        raise ValidationError(
            {"parent": _("The tree of teams can be at most %(levels)s levels deep.") % {"levels": LEVELS_MAX}}
        )


def _assign(team: Team, fields: TeamFields) -> None:
    for name in ("name", "purpose", "external_id"):
        if name in fields:
            setattr(team, name, fields[name])
    team.name = " ".join(team.name.split())
    team.clean_fields(exclude=["workspace", "parent", "ancestor_ids"])
    taken = Team.objects.filter(workspace_id=team.workspace_id, external_id=team.external_id).exclude(pk=team.pk)
    if team.external_id and taken.exists():
        raise ValidationError({"external_id": _("Another team has this external id.")})
