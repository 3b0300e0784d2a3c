"""Making and editing check-ins, and answering what they ask."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, TypedDict
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from apps.activity import services as activity
from apps.goals import access
from apps.goals.models import CheckIn, CheckInRevision, Goal, KeyResult, Kind, Reading
from apps.goals.models.progress import key_result_progress
from apps.goals.services.dates import set_check_in_dates
from apps.goals.services.goals import lock
from apps.goals.services.progress import refresh_progress
from apps.workspaces.models import Member


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


Readings = Mapping[UUID, Decimal]


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

    `key` becomes its id: the same key again gives the check-in that was made the first time, so a form sent twice, or once
    more after a lost connection, makes one. `made_at` is for check-ins of the past. Raises PermissionDenied,
    ValidationError by field (a reading's field is `reading_<id>`).
    """
    goal = lock(goal)
    if not access.can_check_in(by, goal):
        raise PermissionDenied(_("Only the people on this goal can check in."))
    if key and (existing := CheckIn.objects.filter(pk=key, goal=goal, author=by).first()):
        return existing
    if goal.is_closed:
        raise ValidationError(_("This goal is closed. Reopen it to check in."))
    if goal.activated_at is None:
        raise ValidationError(_("This goal is a draft. Make it active to check in."))
    made_at = made_at or at
    if made_at > at:
        raise ValidationError({"made_at": _("A check-in cannot lie in the future.")})
    check_in = CheckIn(workspace_id=goal.workspace_id, goal=goal, author=by, author_name=by.name, made_at=made_at)
    check_in.created_at = at
    if key:
        check_in.pk = key
    _assign(check_in, fields, by=by)
    check_in.save(force_insert=True)
    _write_readings(check_in, readings)
    _bring_up_to_date(goal, by=by)
    activity.record(
        "goal.checked_in", goal, by=by, at=at, workspace_id=goal.workspace_id,
        data={"check_in": check_in.pk, "confidence": check_in.confidence},
    )
    return check_in


@transaction.atomic
def edit_check_in(
    check_in: CheckIn, fields: CheckInFields, *, readings: Readings | None, by: Member, at: datetime
) -> CheckIn:
    """Change a check-in; what it said before is kept as a revision. `readings` None leaves them as they are.

    Raises PermissionDenied, ValidationError by field.
    """
    goal = lock(check_in.goal)
    check_in = CheckIn.objects.select_for_update(of=("self",)).select_related("goal").get(pk=check_in.pk)
    if not access.can_edit_check_in(by, check_in):
        raise PermissionDenied(_("Only its author can change a check-in."))
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
    return check_in


@transaction.atomic
def answer_ask(check_in: CheckIn, *, answer: str, by: Member, at: datetime) -> CheckIn:
    """Answer what a check-in asks of this person. Raises PermissionDenied, ValidationError."""
    check_in = CheckIn.objects.select_for_update(of=("self",)).select_related("goal").get(pk=check_in.pk)
    if not access.can_answer_ask(by, check_in):
        raise PermissionDenied(_("Only the person who was asked can answer."))
    if not answer.strip():
        raise ValidationError({"answer": _("Write an answer first.")})
    check_in.answer, check_in.answered_at = answer.strip(), at
    check_in.full_clean(exclude=["workspace", "goal", "author", "ask_to"], validate_unique=False)
    check_in.save()
    activity.record(
        "goal.ask_answered", check_in.goal, by=by, at=at, workspace_id=check_in.workspace_id,
        data={"check_in": check_in.pk},
    )
    return check_in


def _assign(check_in: CheckIn, fields: CheckInFields, *, by: Member) -> None:
    asked_before = check_in.ask_to_id
    for name, value in fields.items():
        setattr(check_in, name, value)
    if check_in.ask_to is not None:
        if not check_in.ask.strip():
            raise ValidationError({"ask": _("Say what you ask of %(name)s.") % {"name": check_in.ask_to.name}})
        if check_in.ask_to_id != asked_before:
            _check_asked(check_in, by=by)
    check_in.full_clean(exclude=["workspace", "goal", "author", "ask_to"], validate_unique=False)
    taken = CheckIn.objects.filter(workspace_id=check_in.workspace_id, external_id=check_in.external_id)
    if check_in.external_id and taken.exclude(pk=check_in.pk).exists():
        raise ValidationError({"external_id": _("Another check-in has this external id.")})


def _check_asked(check_in: CheckIn, *, by: Member) -> None:
    """One can only ask somebody who sees the goal: an ask would tell anyone else that it exists."""
    asked = check_in.ask_to
    if asked is None or asked.workspace_id != by.workspace_id or not access.can_see(asked, check_in.goal):
        raise ValidationError({"ask_to": _("Choose somebody who can see this goal.")})


def _write_readings(check_in: CheckIn, readings: Readings) -> None:
    key_results = {each.pk: each for each in KeyResult.objects.filter(goal_id=check_in.goal_id)}
    for pk, value in readings.items():
        key_result = key_results.get(pk)
        if key_result is None:
            raise ValidationError({"readings": _("There is no such key result on this goal.")})
        if key_result.kind == Kind.MILESTONE and value not in (Decimal(0), Decimal(1)):
            raise ValidationError({f"reading_{pk}": _("A milestone is done or not.")})
        reading = Reading(workspace_id=check_in.workspace_id, check_in=check_in, key_result=key_result, value=value)
        try:
            reading.clean_fields(exclude=["workspace", "check_in", "key_result"])
        except ValidationError as error:
            raise ValidationError({f"reading_{pk}": error.messages}) from error
    Reading.objects.filter(check_in=check_in).exclude(key_result_id__in=readings).delete()
    for pk, value in readings.items():
        Reading.objects.update_or_create(
            check_in=check_in,
            key_result_id=pk,
            defaults={"value": value},
            create_defaults={"workspace_id": check_in.workspace_id, "value": value},
        )


def _bring_up_to_date(goal: Goal, *, by: Member) -> None:
    """What the goal and its key results keep of their check-ins: the last reading, confidence, date and progress."""
    for key_result in KeyResult.objects.filter(goal=goal):
        last = (
            Reading.objects.filter(key_result=key_result)
            .order_by("-check_in__made_at", "-check_in_id")
            .values_list("value", flat=True)
            .first()
        )
        if last != key_result.current_value:
            key_result.current_value = last
            key_result.progress = key_result_progress(key_result.start_value, key_result.target_value, last)
            key_result.save(update_fields=["current_value", "progress"])
    _take_over_last_words(goal)
    set_check_in_dates(goal, workspace=by.workspace)
    goal.save(
        update_fields=["last_check_in_at", "confidence", "confidence_since", "check_in_due_on", "remind_on"]
    )
    refresh_progress(goal)


def _take_over_last_words(goal: Goal) -> None:
    last = goal.check_ins.order_by("-made_at", "-id").first()
    goal.last_check_in_at = last.made_at if last else None
    said = goal.check_ins.exclude(confidence=None).order_by("-made_at", "-id").first()
    confidence = said.confidence if said else None
    if confidence != goal.confidence:
        goal.confidence = confidence
        goal.confidence_since = said.made_at.date() if said else None


def _content(check_in: CheckIn) -> dict[str, Any]:
    names = ("confidence", "progress", "note", "blockers", "ask", "ask_to_id")
    readings = Reading.objects.filter(check_in=check_in).order_by("key_result_id").values_list("key_result_id", "value")
    content: dict[str, Any] = activity.plain({name: getattr(check_in, name) for name in names})
    return content | {"readings": {str(pk): float(value) for pk, value in readings}}
