"""When people may be written to: their rhythm, and what is planned by it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import TypedDict
from uuid import UUID
from zoneinfo import ZoneInfo

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.notifications.models import Rhythm
from apps.notifications.models.preference import RhythmQuerySet
from apps.notifications.services.schedule import DAYS_AHEAD, Reader, moved_digest, next_digest, next_weekly
from apps.workspaces.models import Absence, Member, Workspace

LONGEST_PAUSE = 366


class RhythmFields(TypedDict, total=False):
    """What a person may say about their rhythm. A missing key leaves it as it is."""

    quiet_from: time
    quiet_until: time
    working_days: Sequence[int] | None
    daily_digest: bool
    digest_at: time
    weekly_digest: bool
    weekly_on: int
    paused_until: date | None


def rhythm_of(member: Member) -> Rhythm:
    """The person's rhythm; an unsaved one as everybody begins with where they have none yet."""
    found: Rhythm | None = Rhythm.objects.filter(member_id=member.pk).first()
    return found or Rhythm(workspace_id=member.workspace_id, member=member)


def readers_of(
    people: Iterable[Member], *, at: datetime, rhythms: Mapping[UUID, Rhythm] | None = None
) -> dict[UUID, Reader]:
    """What decides when each may be written to, of people with an account (`user` and `workspace` at hand).

    Two queries for however many; one where the caller holds the rhythms already.
    """
    members = [member for member in people if member.user is not None]
    ids = [member.pk for member in members]
    if rhythms is None:
        rhythms = {rhythm.member_id: rhythm for rhythm in Rhythm.objects.filter(member_id__in=ids)}
    first = at.date() - timedelta(days=8)
    away: dict[UUID, list[tuple[date, date]]] = {}
    absences = Absence.objects.filter(member_id__in=ids).between(first, first + timedelta(days=DAYS_AHEAD))
    for member_id, starts_on, ends_on in absences.values_list("member_id", "starts_on", "ends_on"):
        away.setdefault(member_id, []).append((starts_on, ends_on))
    return {
        member.pk: reader(
            member,
            rhythms.get(member.pk) or Rhythm(workspace_id=member.workspace_id, member=member),
            away=away.get(member.pk, []),
        )
        for member in members
    }


def reader(member: Member, rhythm: Rhythm, *, away: Sequence[tuple[date, date]]) -> Reader:
    """One person with an account, as the schedule sees them."""
    zone = member.user.timezone if member.user else member.workspace.timezone
    days = rhythm.working_days or member.workspace.working_days
    return Reader(rhythm=rhythm, zone=ZoneInfo(zone), working_days=tuple(days), away=tuple(away))


@transaction.atomic
def update_rhythm(member: Member, fields: RhythmFields, *, by: Member, at: datetime) -> Rhythm:
    """Change what `fields` names of one's own rhythm, and plan the digests anew.

    Raises PermissionDenied (another's), ValidationError by field.
    """
    if by.pk != member.pk or not by.is_active:
        raise PermissionDenied(_("Only you say when you are written to."))
    make_rhythms([member], at=at)
    rhythm: Rhythm = Rhythm.objects.select_for_update(of=("self",)).get(member_id=member.pk)
    for name, value in fields.items():
        setattr(rhythm, name, sorted(set(value)) if name == "working_days" and value is not None else value)  # type: ignore[call-overload]
    if rhythm.working_days is not None and not rhythm.working_days:
        raise ValidationError({"working_days": _("Choose at least one day.")})
    if rhythm.paused_until is not None and rhythm.paused_until > at.date() + timedelta(days=LONGEST_PAUSE):
        raise ValidationError({"paused_until": _("A pause lasts at most a year.")})
    rhythm.full_clean(exclude=["workspace", "member"], validate_unique=False)
    _plan([rhythm], {member.pk: member}, at=at)
    return rhythm


def make_rhythms(people: Iterable[Member], *, at: datetime) -> int:
    """A rhythm for each of these people with an account who has none; gives back how many were made."""
    members = {member.pk: member for member in people if member.user is not None}
    having = set(Rhythm.objects.filter(member_id__in=members).values_list("member_id", flat=True))
    missing = [member for pk, member in members.items() if pk not in having]
    if not missing:
        return 0
    found = readers_of(missing, at=at)
    rows = [Rhythm(workspace_id=member.workspace_id, member=member, created_at=at) for member in missing]
    for row in rows:
        plan(found[row.member_id], row, after=at)
    Rhythm.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def make_missing_rhythms(*, at: datetime, limit: int = 1_000) -> int:
    """A rhythm for active people who got an account and have none yet, at most `limit` of them."""
    people = Member.objects.filter(rhythm=None, user__is_active=True, deactivated_at=None)
    return make_rhythms(people.select_related("user", "workspace").order_by("pk")[:limit], at=at)


def plan(reader: Reader, rhythm: Rhythm, *, after: datetime) -> None:
    """Set when the next digests are due, the first ones after a moment (unsaved)."""
    rhythm.next_digest_at = next_digest(reader, after)
    rhythm.next_weekly_at = next_weekly(reader, after)
    set_days(reader, rhythm)


def set_days(reader: Reader, rhythm: Rhythm) -> None:
    """The days the planned digests are for, from their moments (unsaved)."""
    rhythm.next_digest_on = rhythm.next_digest_at and rhythm.next_digest_at.astimezone(reader.zone).date()
    rhythm.next_weekly_on = rhythm.next_weekly_at and rhythm.next_weekly_at.astimezone(reader.zone).date()


PLANNED = {
    "next_digest_at": "timestamptz",
    "next_digest_on": "date",
    "next_weekly_at": "timestamptz",
    "next_weekly_on": "date",
    "last_mail_at": "timestamptz",
}
SAVE_PLANS = (
    f"UPDATE notifications_rhythm AS kept SET {', '.join(f'{name} = planned.{name}' for name in PLANNED)} "  # noqa: S608 - our own names
    f"FROM unnest(%s::uuid[], {', '.join(f'%s::{kind}[]' for kind in PLANNED.values())}) "
    f"AS planned(id, {', '.join(PLANNED)}) WHERE kept.id = planned.id"
)


def save_plans(rhythms: Iterable[Rhythm]) -> None:
    """Write what is planned for many people, in one statement: bulk_update takes a hundred times as long to build."""
    rows = list(rhythms)
    columns = [[getattr(row, name) for row in rows] for name in ("pk", *PLANNED)]
    with connection.cursor() as cursor:
        cursor.execute(SAVE_PLANS, columns)


def realign_account(user: User, *, at: datetime) -> None:
    """After a person chose another time zone: plan their digests anew, in every workspace of theirs."""
    _realign(Rhythm.objects.filter(member__user_id=user.pk), at=at)


def realign_workspace(workspace: Workspace, *, at: datetime) -> None:
    """After a workspace chose other working days: plan the digests of those who go by them anew."""
    _realign(Rhythm.objects.filter(workspace_id=workspace.pk, working_days=None), at=at)


def realign_member(member: Member, *, at: datetime) -> None:
    """After an absence was planned, changed or ended: plan the digests anew, also for days before those planned.

    What is due already stays so.
    """
    rhythms = Rhythm.objects.filter(member_id=member.pk)
    rhythms.filter(next_digest_at__gt=at).update(next_digest_on=None)
    _realign(rhythms, at=at)


@transaction.atomic
def _realign(rhythms: RhythmQuerySet, *, at: datetime) -> None:
    rows = list(rhythms.select_for_update(of=("self",)).order_by("pk"))
    people = Member.objects.filter(pk__in=[row.member_id for row in rows]).select_related("user", "workspace")
    _plan(rows, {member.pk: member for member in people}, at=at)


def _plan(rhythms: Sequence[Rhythm], members: dict[UUID, Member], *, at: datetime) -> None:
    by_member = {rhythm.member_id: rhythm for rhythm in rhythms}
    for pk, those in readers_of(members.values(), at=at, rhythms=by_member).items():
        rhythm = by_member[pk]
        rhythm.next_digest_at = moved_digest(those, planned_on=rhythm.next_digest_on, at=at)
        rhythm.next_weekly_at = next_weekly(those, _served(rhythm, those, at=at))
        set_days(those, rhythm)
        rhythm.save()


def _served(rhythm: Rhythm, reader: Reader, *, at: datetime) -> datetime:
    """From when on the next weekly digest may come: now, but not before the day it was planned for, if that is near."""
    if rhythm.next_weekly_on is None:
        return at
    planned = datetime.combine(rhythm.next_weekly_on, time(0, 0), reader.zone) - timedelta(microseconds=1)
    return max(at, planned) if planned - at < timedelta(days=6) else at
