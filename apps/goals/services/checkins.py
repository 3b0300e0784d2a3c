"""Making and editing check-ins, and answering what they ask."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, TypedDict
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max, Min
from django.utils.translation import gettext as _

from apps.activity import services as activity
from apps.goals import access
from apps.goals.models import CheckIn, CheckInRevision, Goal, KeyResult, KeyResultKind, Reading, Status
from apps.goals.models.progress import key_result_progress
from apps.goals.services.dates import set_check_in_dates
from apps.goals.services.locks import lock, lock_idempotency_key
from apps.goals.services.notices import tell_answered, tell_asked, tell_checked_in
from apps.goals.services.progress import refresh_progress
from apps.workspaces.models import Member, Workspace


class CheckInFields(TypedDict, total=False):
    """What a person may say in a check-in."""

    confidence: str | None
    progress: float | None
    note: str
    note_format: str
    blockers: str
    ask: str
    ask_to: Member | None
    external_id: str
    author: Member | None
    author_name: str


Readings = Mapping[UUID, Decimal]
TEXTS = frozenset({"note", "blockers", "ask"})
REFERENCES = ("workspace", "goal", "author", "ask_to")


@transaction.atomic
def create_check_in(
    goal: Goal,
    fields: CheckInFields,
    *,
    readings: Readings,
    by: Member,
    at: datetime,
    made_at: datetime | None = None,
    key: UUID | None = None,
) -> CheckIn:
    """A check-in with a value for each key result that has one (`readings`: key result id → value).

    `key` decides its id: the same key again gives the check-in that was made the first time, so a form sent twice, or
    once more after a lost connection, makes one. `made_at` is for check-ins of the past; see
    _check_byline for who may name another author. Raises PermissionDenied,
    ValidationError by field (a reading's field is `reading_<id>`).
    """
    pk = lock_idempotency_key(key, by=by)
    goal = lock(goal)
    access.can_check_in.demand(by, goal)
    if pk and (existing := CheckIn.objects.filter(pk=pk).first()):
        if existing.goal_id == goal.pk and existing.author_id == by.pk:
            return existing
        raise ValidationError(_("This form was already used. Please open a new one."))
    if goal.is_closed:
        raise ValidationError(_("This goal is closed. Reopen it to check in."))
    if goal.status == Status.DRAFT:
        raise ValidationError(_("This goal is a draft. Make it active to check in."))
    made_at = made_at or at
    if made_at > at:
        raise ValidationError({"made_at": _("A check-in cannot be in the future.")})
    check_in = CheckIn(workspace_id=goal.workspace_id, goal=goal, author=by, author_name=by.name, made_at=made_at)
    check_in.created_at = at
    if pk:
        check_in.pk = pk
    _check_byline(fields, by=by)
    _assign(check_in, fields, by=by)
    check_in.save(force_insert=True)
    _write_readings(check_in, readings)
    _bring_up_to_date(goal, by=by)
    activity.record(
        "goal.checked_in",
        goal,
        by=by,
        at=at,
        workspace_id=goal.workspace_id,
        data={"check_in": check_in.pk, "confidence": check_in.confidence},
    )
    tell_checked_in(check_in, by=by, at=at)
    return check_in


def _check_byline(fields: CheckInFields, *, by: Member) -> None:
    """Nobody speaks for another: only an admin's import (an external id tells it) may name the author it found."""
    if not {"author", "author_name"} & fields.keys():
        return
    author = fields.get("author", by)
    if author is not None and author.pk == by.pk and fields.get("author_name", by.name) == by.name:
        return
    if not (by.is_admin and fields.get("external_id")):
        raise ValidationError({"author": _("Only an import by an admin can name another author.")})


@transaction.atomic
def edit_check_in(
    check_in: CheckIn, fields: CheckInFields, *, readings: Readings | None, by: Member, at: datetime
) -> CheckIn:
    """Change a check-in; what it said before is kept as a revision. `readings` None leaves them as they are.

    Raises PermissionDenied, ValidationError by field.
    """
    goal = lock(check_in.goal)
    check_in = _lock_check_in(check_in)
    access.can_edit_check_in.demand(by, check_in)
    if goal.is_closed:
        raise ValidationError(_("This goal is closed. Reopen it to change its check-ins."))
    before = _content(check_in)
    _assign(check_in, fields, by=by)
    check_in.edited_at = at
    if readings is not None:
        _write_readings(check_in, readings)
    if _content(check_in) == before:
        return check_in
    check_in.save()
    CheckInRevision.objects.create(
        workspace_id=check_in.workspace_id, check_in=check_in, edited_by=by, edited_at=at, before=before
    )
    _bring_up_to_date(goal, by=by)
    activity.record(
        "goal.check_in_edited", goal, by=by, at=at, workspace_id=goal.workspace_id, data={"check_in": check_in.pk}
    )
    tell_asked(check_in, by=by, at=at)
    return check_in


@transaction.atomic
def answer_ask(check_in: CheckIn, *, answer: str, by: Member, at: datetime) -> CheckIn:
    """Answer what a check-in asks of this person. Raises PermissionDenied, ValidationError."""
    check_in = _lock_check_in(check_in)
    access.can_answer_ask.demand(by, check_in)
    answer = answer.strip()
    if not answer:
        raise ValidationError({"answer": _("Write an answer first.")})
    if check_in.answered_at is not None:
        if check_in.answer == answer:
            return check_in
        raise ValidationError({"answer": _("This was answered already.")})
    check_in.answer, check_in.answered_at = answer, at
    check_in.clean_fields(exclude=REFERENCES)
    check_in.save()
    activity.record(
        "goal.ask_answered",
        check_in.goal,
        by=by,
        at=at,
        workspace_id=check_in.workspace_id,
        data={"check_in": check_in.pk},
    )
    tell_answered(check_in, by=by, at=at)
    return check_in


def _lock_check_in(check_in: CheckIn) -> CheckIn:
    rows = CheckIn.objects.select_for_update(of=("self",), no_key=True)
    found: CheckIn = rows.select_related("goal__team", "ask_to").get(pk=check_in.pk)
    return found


def _assign(check_in: CheckIn, fields: CheckInFields, *, by: Member) -> None:
    asked_before, ask_before = check_in.ask_to_id, check_in.ask
    for name, value in fields.items():
        setattr(check_in, name, value.strip() if name in TEXTS and isinstance(value, str) else value)
    if check_in.answered_at is not None and (check_in.ask_to_id, check_in.ask) != (asked_before, ask_before):
        raise ValidationError({"ask": _("This was answered already. Ask the next thing in a new check-in.")})
    if check_in.ask_to is not None:
        if not check_in.ask:
            raise ValidationError({"ask": _("Say what you ask of %(name)s.") % {"name": check_in.ask_to.name}})
        if check_in.ask_to_id != asked_before:
            _check_asked(check_in, by=by)
    check_in.clean_fields(exclude=REFERENCES)
    if check_in.progress is not None and not 0 <= check_in.progress <= 1:
        raise ValidationError({"progress": _("Progress must be between 0 and 100 %.")})
    taken = CheckIn.objects.filter(workspace_id=check_in.workspace_id, external_id=check_in.external_id)
    if check_in.external_id and taken.exclude(pk=check_in.pk).exists():
        raise ValidationError({"external_id": _("Another check-in has this external id.")})


def _check_asked(check_in: CheckIn, *, by: Member) -> None:
    """One can only ask somebody who sees the goal: an ask would tell anyone else that it exists."""
    asked = check_in.ask_to
    if asked is None or asked.workspace_id != by.workspace_id or not access.can_see(asked, check_in.goal):
        raise ValidationError({"ask_to": _("Choose somebody who can see this goal.")})


def _write_readings(check_in: CheckIn, readings: Readings) -> None:
    """Make the readings of a check-in exactly these. Raises ValidationError at `reading_<key result id>`."""
    key_results = {each.pk: each for each in KeyResult.objects.filter(goal_id=check_in.goal_id)}
    rows = [_reading(check_in, key_results.get(pk), pk, value) for pk, value in readings.items()]
    Reading.objects.filter(check_in=check_in).exclude(key_result_id__in=list(readings)).delete()
    Reading.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["check_in", "key_result"], update_fields=["value", "updated_at"]
    )


def _reading(check_in: CheckIn, key_result: KeyResult | None, pk: UUID, value: Decimal) -> Reading:
    if key_result is None:
        raise ValidationError({"readings": _("There is no such key result on this goal.")})
    reading = Reading(workspace_id=check_in.workspace_id, check_in=check_in, key_result=key_result, value=value)
    try:
        reading.clean_fields(exclude=["workspace", "check_in", "key_result"])
    except ValidationError as error:
        raise ValidationError({f"reading_{pk}": error.messages}) from error
    if key_result.kind == KeyResultKind.MILESTONE and reading.value not in (Decimal(0), Decimal(1)):
        raise ValidationError({f"reading_{pk}": _("A milestone is done or not.")})
    return reading


def _bring_up_to_date(goal: Goal, *, by: Member) -> None:
    """What the goal and its key results keep of their check-ins: the last reading, confidence, date and progress."""
    _take_over_readings(goal)
    _take_over_last_words(goal, by.workspace)
    set_check_in_dates(goal, workspace=by.workspace)
    goal.save(update_fields=["last_check_in_at", "confidence", "confidence_since", "check_in_due_on", "remind_on"])
    refresh_progress(goal)


def _take_over_readings(goal: Goal) -> None:
    newest = (
        Reading.objects.filter(key_result__goal=goal)
        .order_by("key_result_id", "-check_in__made_at", "-check_in_id")
        .distinct("key_result_id")
        .values_list("key_result_id", "value")
    )
    last = dict(newest)
    for key_result in KeyResult.objects.filter(goal=goal):
        value = last.get(key_result.pk)
        if value != key_result.current_value:
            key_result.current_value = value
            key_result.progress = key_result_progress(key_result.start_value, key_result.target_value, value)
            key_result.save(update_fields=["current_value", "progress"])


def _take_over_last_words(goal: Goal, workspace: Workspace) -> None:
    """The last check-in's time; the last confidence said, and since when it has been said without another between."""
    goal.last_check_in_at = goal.check_ins.aggregate(last=Max("made_at"))["last"]
    said = goal.check_ins.exclude(confidence=None).order_by("-made_at", "-id")
    newest = said.values_list("confidence", flat=True).first()
    goal.confidence, goal.confidence_since = newest, None
    if newest is None:
        return
    other = said.exclude(confidence=newest).values_list("made_at", flat=True).first()
    run = said.filter(confidence=newest)
    since = (run.filter(made_at__gte=other) if other else run).aggregate(first=Min("made_at"))["first"]
    goal.confidence_since = since.astimezone(workspace.zone).date() if since else None


def _content(check_in: CheckIn) -> dict[str, Any]:
    names = ("confidence", "progress", "note", "blockers", "ask", "ask_to_id")
    readings = Reading.objects.filter(check_in=check_in).order_by("key_result_id").values_list("key_result_id", "value")
    content: dict[str, Any] = activity.plain({name: getattr(check_in, name) for name in names})
    return content | {"readings": {str(pk): str(value) for pk, value in readings}}
