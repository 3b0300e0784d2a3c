"""When people are away: planning it, changing it, coming back sooner."""

from datetime import date, datetime, timedelta
from typing import TypedDict

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from apps.core.registries import Hook
from apps.workspaces import access
from apps.workspaces.models import Absence, Member
from apps.workspaces.services.events import changes, record
from apps.workspaces.services.locks import locked_member

ABSENCE_CHANGED: Hook[[Absence, Member, datetime], None] = Hook(
    "ABSENCE_CHANGED",
    "called with (absence, by, at) in the transaction in which an absence was planned, changed or taken away (then its "
    "row is gone, its id is not)",
)

LONGEST = timedelta(days=366 * 2)


class AbsenceFields(TypedDict, total=False):
    """What can be said about an absence. A missing key leaves the field as it is."""

    starts_on: date
    ends_on: date
    external_id: str


@transaction.atomic
def create_absence(person: Member, fields: AbsenceFields, *, by: Member, at: datetime) -> Absence:
    """Somebody will be away on these days, the first and the last included.

    The same days of the same person again give the absence there is, so a form sent twice makes one. Raises
    PermissionDenied, ValidationError by field.
    """
    person = _person(person, by=by)
    same = Absence.objects.filter(member_id=person.pk, **fields).first()
    if same is not None:
        found: Absence = same
        return found
    absence = Absence(workspace_id=person.workspace_id, member=person, created_at=at)
    _assign(absence, fields)
    absence.save(force_insert=True)
    _told("member.absence_planned", absence, by=by, at=at)
    return absence


@transaction.atomic
def update_absence(absence: Absence, fields: AbsenceFields, *, by: Member, at: datetime) -> Absence:
    """Move an absence to other days. Raises PermissionDenied, ValidationError by field."""
    person = _person(absence.member, by=by)
    absence = _locked(absence)
    absence.member = person
    before = {name: getattr(absence, name) for name in fields}
    _assign(absence, fields)
    if not changes(before, {name: getattr(absence, name) for name in fields}):
        return absence
    absence.save()
    _told("member.absence_changed", absence, by=by, at=at)
    return absence


@transaction.atomic
def end_absence(absence: Absence, *, on: date, by: Member, at: datetime) -> Absence | None:
    """The person is back on a day: the absence ends the day before, and is taken away where it had not begun by then.

    Raises PermissionDenied, ValidationError where it was over by then.
    """
    if on > absence.ends_on:
        raise ValidationError(_("This time off is already over."))
    if on <= absence.starts_on:
        delete_absence(absence, by=by, at=at)
        return None
    return update_absence(absence, {"ends_on": on - timedelta(days=1)}, by=by, at=at)


@transaction.atomic
def delete_absence(absence: Absence, *, by: Member, at: datetime) -> None:
    """Take an absence away, as if it had never been planned. Raises PermissionDenied."""
    person = _person(absence.member, by=by)
    absence = _locked(absence)
    absence.member = person
    Absence.objects.filter(pk=absence.pk).delete()  # by its id, which the object keeps for those who are told
    _told("member.absence_ended", absence, by=by, at=at)


def _person(person: Member, *, by: Member) -> Member:
    """The person, locked: so no two absences of theirs are planned at once."""
    person = locked_member(person, by=by)
    access.can_change_absence.demand(by, person)
    return person


def _locked(absence: Absence) -> Absence:
    """The absence as it is now. ValidationError where somebody has taken it away."""
    found: Absence | None = Absence.objects.select_for_update(of=("self",)).filter(pk=absence.pk).first()
    if found is None:
        raise ValidationError(_("This time off was removed in the meantime."))
    return found


def _assign(absence: Absence, fields: AbsenceFields) -> None:
    for name, value in fields.items():
        setattr(absence, name, value)
    absence.clean_fields(exclude=["workspace", "member"])
    if absence.ends_on < absence.starts_on:
        raise ValidationError({"ends_on": _("The last day is before the first.")})
    if absence.ends_on - absence.starts_on > LONGEST:
        raise ValidationError(
            {"ends_on": _("Time off lasts at most two years. Deactivate people who are not coming back.")}
        )
    others = Absence.objects.filter(member_id=absence.member_id).exclude(pk=absence.pk)
    if others.between(absence.starts_on, absence.ends_on).exists():
        raise ValidationError({"starts_on": _("There is already time off on some of these days.")})
    taken = Absence.objects.filter(workspace_id=absence.workspace_id, external_id=absence.external_id)
    if absence.external_id and taken.exclude(pk=absence.pk).exists():
        raise ValidationError({"external_id": _("Other time off already has this external id.")})


def _told(verb: str, absence: Absence, *, by: Member, at: datetime) -> None:
    person = absence.member
    data = {"starts_on": absence.starts_on, "ends_on": absence.ends_on}
    record(verb, person, by=by, at=at, workspace=person.workspace, data=data)
    ABSENCE_CHANGED(absence, by, at)
