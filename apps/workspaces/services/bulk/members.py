"""People from a file."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from apps.core.bulk import insert_many
from apps.workspaces import access
from apps.workspaces.models import Member
from apps.workspaces.services.bulk.forest import Forest
from apps.workspaces.services.bulk.run import BulkRun, BulkTally, apply_changes, batches, kept_by_hand

Met = Callable[[Collection[UUID]], set[UUID]]


@dataclass(slots=True)
class MemberSpec:
    """A person as the file has them; None where it says nothing. `rest` goes to the log, which keeps it."""

    key: str
    name: str | None = None
    email: str | None = None
    title: str | None = None
    rest: dict[str, Any] = field(default_factory=dict)


def upsert_members(rows: Sequence[MemberSpec], run: BulkRun, *, met_before: Met) -> BulkTally:
    """Make or change people by their key (external id), else by their address. They have no account until invited.

    The name and address of somebody with an account are that person's own and never changed by a file. `met_before`
    says which of these people earlier rows of the file spoke of.
    """
    tally = BulkTally()
    run.hold_shape()
    for batch in batches(rows):
        known = _known_members(batch, run)
        run.existing(member.pk for member in known.values())
        met = met_before({member.pk for member in known.values()})
        new, changed = [], []
        for row in batch:
            member = known.get(row.key) or (known.get(_address(row.email)) if row.email else None)
            if member is None:
                member = _new_member(row, run)
                known[row.key] = member
                if member.email:
                    known[_address(member.email)] = member
                new.append(member)
                tally.created.add(member.pk)
                run.record("member.created", member, {"name": member.name, "role": member.role, "source": row.rest})
            elif member.pk in met and member.external_id != row.key:
                run.tell("people", row.key, "same_person", "email", row.email or "")
            elif _update_member(member, row, known, run):
                changed.append(member)
                tally.touch(member.pk)
            tally.ids[row.key] = member.pk
            met.add(member.pk)
        insert_many(new)
        run.update(changed, ["name", "email", "title", "external_id", "updated_at"], made=tally.created)
    return tally


def _address(email: str | None) -> str:
    """The place of an address among the keys: no key holds a NUL."""
    return f"\0{(email or '').casefold()}"


def _known_members(batch: Sequence[MemberSpec], run: BulkRun) -> dict[str, Member]:
    members = Member.objects.filter(workspace_id=run.by.workspace_id)
    known: dict[str, Member] = {}
    emails = {row.email.lower() for row in batch if row.email}
    if emails:
        by_email = run.locked(members.filter(email__in=emails))
        known = {_address(member.email): member for member in by_email}
    same = {member.pk: member for member in known.values()}
    by_key = run.locked(members.filter(external_id__in=[row.key for row in batch]))
    known.update({member.external_id: same.get(member.pk, member) for member in by_key})
    return known


def _new_member(row: MemberSpec, run: BulkRun) -> Member:
    return Member(
        workspace_id=run.by.workspace_id,
        name=row.name or row.key[:200],
        email=(row.email or "").lower(),
        title=row.title or "",
        external_id=row.key,
        created_at=run.at,
    )


def _update_member(member: Member, row: MemberSpec, known: Mapping[str, Member], run: BulkRun) -> bool:
    wanted: dict[str, object] = {"name": row.name, "email": row.email and row.email.lower(), "title": row.title}
    if not member.external_id:
        wanted["external_id"] = row.key
    differing = {name: value for name, value in wanted.items() if value is not None and value != getattr(member, name)}
    if not differing:
        return False
    if not access.can_change_member(run.by, member):
        run.tell("people", row.key, "not_yours", ", ".join(differing))
        return False
    kept = kept_by_hand("member", member.pk, differing, run)
    for name in list(differing):
        if reason := _refuse_field(member, name, differing[name], kept, known):
            run.tell("people", row.key, reason, name, str(differing.pop(name)))
    return apply_changes(member, differing, "member.updated", run)


def _refuse_field(member: Member, name: str, value: Any, kept: set[str], known: Mapping[str, Member]) -> str:
    if name in kept:
        return "kept_by_hand"
    if name in {"name", "email"} and member.user_id is not None:
        return "kept_own_account"
    other = known.get(_address(value)) if name == "email" else None
    return "address_taken" if other is not None and other.pk != member.pk else ""


def set_managers(managers: Mapping[str, UUID], tally: BulkTally, run: BulkRun) -> None:
    """Say whom people report to (`managers`: the person's key → the manager's id). A circle is told and left open."""
    run.hold_shape()
    everyone = Member.objects.filter(workspace_id=run.by.workspace_id)
    line = Forest(dict(everyone.values_list("pk", "manager_id")))
    wanted = {
        tally.ids[key]: (key, manager_id)
        for key, manager_id in managers.items()
        if line.parent(tally.ids[key]) != manager_id
    }
    changed = []
    for batch in batches(sorted(wanted)):
        run.existing(set(batch) - tally.created)
        for member in run.locked(everyone.filter(pk__in=batch)):
            key, manager_id = wanted[member.pk]
            reason = _refuse_manager(member, manager_id, line, tally, run)
            if reason:
                run.tell("people", key, reason, "manager_key")
                continue
            line.move(member.pk, manager_id)
            if member.pk in tally.created:
                member.manager_id = manager_id
            else:
                apply_changes(member, {"manager_id": manager_id}, "member.manager_changed", run)
            changed.append(member)
            tally.touch(member.pk)
    run.update(changed, ["manager", "updated_at"], made=tally.created)


def _refuse_manager(member: Member, manager_id: UUID, line: Forest, tally: BulkTally, run: BulkRun) -> str:
    if member.pk == manager_id or member.pk in line.path(manager_id):
        return "circle"
    if not access.can_set_manager(run.by, member):
        return "not_yours"
    by_hand = member.pk not in tally.created and kept_by_hand("member", member.pk, ["manager"], run)
    return "kept_by_hand" if by_hand else ""
