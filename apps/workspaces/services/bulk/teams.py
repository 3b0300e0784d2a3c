"""Teams from a file: themselves, their place in the tree, and their people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from apps.core.bulk import insert_many
from apps.core.models import new_id
from apps.workspaces.models import Member, Role, Team, TeamMembership
from apps.workspaces.services.bulk.forest import Forest
from apps.workspaces.services.bulk.run import BATCH, BulkRun, BulkTally, apply_changes, batches, kept_by_hand
from apps.workspaces.services.teams import LEVELS_MAX


@dataclass(slots=True)
class TeamSpec:
    """A team as the file has it; None where it says nothing."""

    key: str
    name: str | None = None
    purpose: str | None = None
    archived: bool | None = None
    rest: dict[str, Any] = field(default_factory=dict)


def upsert_teams(rows: Sequence[TeamSpec], run: BulkRun) -> BulkTally:
    """Make or change teams by their key (external id). Their place in the tree is set_team_parents."""
    tally = BulkTally()
    run.hold_shape()
    for batch in batches(rows):
        teams = Team.objects.filter(workspace_id=run.by.workspace_id, external_id__in=[row.key for row in batch])
        known = {team.external_id: team for team in run.locked(teams)}
        run.existing(team.pk for team in known.values())
        new, changed = [], []
        for row in batch:
            team = known.get(row.key)
            if team is None:
                team = Team(
                    workspace_id=run.by.workspace_id,
                    name=row.name or row.key[:200],
                    purpose=row.purpose or "",
                    archived_at=run.at if row.archived else None,
                    external_id=row.key,
                    created_at=run.at,
                )
                new.append(team)
                tally.created.add(team.pk)
                run.record("team.created", team, {"name": team.name, "source": row.rest})
            elif _update_team(team, row, run):
                changed.append(team)
                tally.touch(team.pk)
            tally.ids[row.key] = team.pk
        insert_many(new)
        run.update(changed, ["name", "purpose", "archived_at", "updated_at"], made=tally.created)
    return tally


def _update_team(team: Team, row: TeamSpec, run: BulkRun) -> bool:
    wanted: dict[str, object] = {"name": row.name, "purpose": row.purpose}
    differing = {name: value for name, value in wanted.items() if value is not None and value != getattr(team, name)}
    if row.archived is not None and row.archived != (team.archived_at is not None):
        differing["archived_at"] = run.at if row.archived else None
    if not differing:
        return False
    deeds = {"archived_at", "archived", "restored", *differing}
    kept = kept_by_hand("team", team.pk, deeds, run)
    for name in list(differing):
        if name in kept or (name == "archived_at" and kept & {"archived", "restored"}):
            run.tell("teams", row.key, "kept_by_hand", name.removesuffix("_at"), str(differing.pop(name) or ""))
    return apply_changes(team, differing, "team.updated", run)


def set_team_parents(parents: Mapping[str, UUID], tally: BulkTally, run: BulkRun) -> None:
    """Place teams in the tree (`parents`: the team's key → the parent's id). Circles and too many levels are told."""
    run.hold_shape()
    teams = Team.objects.filter(workspace_id=run.by.workspace_id)
    tree = Forest(dict(teams.values_list("pk", "parent_id")))
    moved: dict[UUID, UUID] = {}
    run.existing(set(tally.ids.values()) - tally.created)
    for key, parent_id in parents.items():
        pk = tally.ids[key]
        if tree.parent(pk) == parent_id:
            continue
        if reason := _refuse_parent(pk, parent_id, tree, tally, run):
            run.tell("teams", key, reason, "parent")
        else:
            tree.move(pk, parent_id)
            moved[pk] = parent_id
            tally.touch(pk)
    changed = []
    for team in run.locked(teams) if moved else ():
        path = tree.path(team.pk)
        if team.pk in moved and team.pk not in tally.created:
            run.record("team.moved", team, {"changes": {"parent": [team.parent_id, moved[team.pk]]}})
        if team.parent_id != tree.parent(team.pk) or team.ancestor_ids != path:
            team.parent_id, team.ancestor_ids, team.updated_at = tree.parent(team.pk), path, run.at
            changed.append(team)
    run.update(changed, ["parent", "ancestor_ids", "updated_at"], made=tally.created)


def _refuse_parent(pk: UUID, parent_id: UUID, tree: Forest, tally: BulkTally, run: BulkRun) -> str:
    if reason := tree.refuse(pk, parent_id, levels=LEVELS_MAX):
        return reason
    return "kept_by_hand" if pk not in tally.created and kept_by_hand("team", pk, ["parent"], run) else ""


def add_memberships(places: Mapping[tuple[str, UUID], bool], tally: BulkTally, run: BulkRun) -> None:
    """Put people into teams (`places`: team's key and member's id → whether they lead). Nobody is taken out.

    Not taken are people who were deactivated, guests as leads, and changes to a team whose people were chosen by hand.
    """
    run.hold_shape()
    for batch in batches(places.items(), BATCH * 4):
        team_ids = {tally.ids[key] for (key, _member_id), _lead in batch}
        run.existing(team_ids - tally.created)
        members = Member.objects.filter(pk__in={member_id for (_key, member_id), _lead in batch}).only(
            "role", "deactivated_at"
        )
        people = {member.pk: member for member in members}
        rows = run.locked(TeamMembership.objects.filter(team_id__in=team_ids))
        now = {(row.team_id, row.member_id): row for row in rows}
        new, changed = [], []
        for (key, member_id), is_lead in batch:
            pk = tally.ids[key]
            row = now.get((pk, member_id))
            if row is not None and (row.is_lead or not is_lead):
                continue
            if reason := _refuse_place(pk, people[member_id], is_lead, tally, run):
                run.tell("teams", key, reason, "lead_keys" if is_lead else "member_keys")
            elif row is not None:
                row.is_lead, row.updated_at = True, run.at
                changed.append(row)
                tally.touch(pk)
            else:
                new.append(
                    TeamMembership(
                        id=new_id(),
                        workspace_id=run.by.workspace_id,
                        team_id=pk,
                        member_id=member_id,
                        is_lead=is_lead,
                        created_at=run.at,
                    )
                )
                tally.touch(pk)
        insert_many(new)
        run.update(changed, ["is_lead", "updated_at"], made=())


def _refuse_place(team_id: UUID, member: Member, is_lead: bool, tally: BulkTally, run: BulkRun) -> str:
    if not member.is_active:
        return "person_left"
    if is_lead and member.role == Role.GUEST:
        return "guest_cannot_lead"
    if team_id not in tally.created and kept_by_hand("team", team_id, ["members_changed"], run):
        return "kept_by_hand"
    return ""
