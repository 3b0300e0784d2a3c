"""Check-ins of the past, many at once: what create_check_in and answer_ask would have made of them one by one."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from apps.activity import services as activity
from apps.goals import access
from apps.goals.models import CheckIn, Goal, Reading, Status
from apps.goals.services.checkins import CheckInFields, answer_ask, create_check_in
from apps.goals.services.locks import lock
from apps.workspaces.models import Member


@dataclass(frozen=True)
class PastCheckIn:
    """One check-in as it was made, and the answer to what it asked."""

    author: Member
    made_at: datetime
    fields: CheckInFields
    readings: dict[UUID, Decimal] = field(default_factory=dict)
    answer: str = ""
    answered_at: datetime | None = None


@transaction.atomic
def record_history(goal: Goal, entries: Iterable[PastCheckIn]) -> list[CheckIn]:
    """Write a goal's check-ins of the past, in the order in which they were made.

    The goal is left as create_check_in would have left it: the last entry goes through that service, which works out
    what the goal keeps from all rows. Raises PermissionDenied, ValidationError.
    """
    ordered = sorted(entries, key=lambda entry: entry.made_at)
    if not ordered:
        return []
    goal = lock(goal)
    _check(goal, ordered)
    check_ins = [_row(goal, entry) for entry in ordered[:-1]]
    CheckIn.objects.bulk_create(check_ins)
    Reading.objects.bulk_create(
        Reading(workspace_id=goal.workspace_id, check_in=check_in, key_result_id=pk, value=value)
        for check_in, entry in zip(check_ins, ordered, strict=False)
        for pk, value in entry.readings.items()
    )
    activity.record_past(_happened(goal, check_ins), workspace_id=goal.workspace_id)
    return [*check_ins, _last(goal, ordered[-1])]


def _check(goal: Goal, entries: Sequence[PastCheckIn]) -> None:
    if goal.status != Status.ACTIVE:
        raise ValidationError(_("Only an active goal has check-ins."))
    for author in {entry.author for entry in entries}:
        access.can_check_in.demand(author, goal)
    for asked in {entry.fields.get("ask_to") for entry in entries} - {None}:
        if asked is None or not access.can_see(asked, goal):
            raise ValidationError({"ask_to": _("Choose somebody who can see this goal.")})
    ours = set(goal.key_results.values_list("pk", flat=True))
    if any(entry.readings.keys() - ours for entry in entries):
        raise ValidationError({"readings": _("There is no such key result on this goal.")})


def _row(goal: Goal, entry: PastCheckIn) -> CheckIn:
    check_in = CheckIn(
        workspace_id=goal.workspace_id,
        goal=goal,
        author=entry.author,
        author_name=entry.author.name,
        made_at=entry.made_at,
        created_at=entry.made_at,
        answer=entry.answer,
        answered_at=entry.answered_at if entry.answer else None,
        **entry.fields,
    )
    check_in.clean_fields(exclude=["workspace", "goal", "author", "ask_to"])
    return check_in


def _happened(
    goal: Goal, check_ins: Sequence[CheckIn]
) -> Iterator[tuple[str, Goal, dict[str, object], Member | None, datetime]]:
    for each in check_ins:
        yield "goal.checked_in", goal, {"check_in": each.pk, "confidence": each.confidence}, each.author, each.made_at
        if each.answered_at is not None:
            yield "goal.ask_answered", goal, {"check_in": each.pk}, each.ask_to, each.answered_at


def _last(goal: Goal, entry: PastCheckIn) -> CheckIn:
    check_in = create_check_in(goal, entry.fields, readings=entry.readings, by=entry.author, at=entry.made_at)
    if entry.answer and check_in.ask_to is not None and entry.answered_at is not None:
        check_in = answer_ask(check_in, answer=entry.answer, by=check_in.ask_to, at=entry.answered_at)
    return check_in
