"""When people may be written to: their schedule, and what is planned by it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import TypedDict
from uuid import UUID
from zoneinfo import ZoneInfo

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.notifications.models import DeliverySchedule
from apps.notifications.models.preference import DeliveryScheduleQuerySet
from apps.notifications.services.send_times import DAYS_AHEAD, MailReader, moved_digest, next_digest, next_weekly
from apps.workspaces.models import Absence, Member, Workspace

LONGEST_PAUSE = 366


class DeliveryScheduleFields(TypedDict, total=False):
    """What a person may say about their schedule. A missing key leaves it as it is."""

    quiet_from: time
    quiet_until: time
    working_days: Sequence[int] | None
    daily_digest: bool
    digest_at: time
    weekly_digest: bool
    weekly_on: int
    paused_until: date | None


def schedule_of(member: Member) -> DeliverySchedule:
    """The person's schedule; an unsaved one as everybody begins with where they have none yet."""
    found: DeliverySchedule | None = DeliverySchedule.objects.filter(member_id=member.pk).first()
    return found or DeliverySchedule(workspace_id=member.workspace_id, member=member)


def readers_of(
    people: Iterable[Member], *, at: datetime, schedules: Mapping[UUID, DeliverySchedule] | None = None
) -> dict[UUID, MailReader]:
    """What decides when each may be written to, of people with an account (`user` and `workspace` at hand).

    Two queries for however many; one where the caller holds the schedules already.
    """
    members = [member for member in people if member.user is not None]
    ids = [member.pk for member in members]
    if schedules is None:
        schedules = {schedule.member_id: schedule for schedule in DeliverySchedule.objects.filter(member_id__in=ids)}
    first = at.date() - timedelta(days=8)
    away: dict[UUID, list[tuple[date, date]]] = {}
    absences = Absence.objects.filter(member_id__in=ids).between(first, first + timedelta(days=DAYS_AHEAD))
    for member_id, starts_on, ends_on in absences.values_list("member_id", "starts_on", "ends_on"):
        away.setdefault(member_id, []).append((starts_on, ends_on))
    return {
        member.pk: reader(
            member,
            schedules.get(member.pk) or DeliverySchedule(workspace_id=member.workspace_id, member=member),
            away=away.get(member.pk, []),
        )
        for member in members
    }


def reader(member: Member, schedule: DeliverySchedule, *, away: Sequence[tuple[date, date]]) -> MailReader:
    """One person with an account, as the schedule sees them."""
    zone = member.user.timezone if member.user else member.workspace.timezone
    days = schedule.working_days or member.workspace.working_days
    return MailReader(schedule=schedule, zone=ZoneInfo(zone), working_days=tuple(days), away=tuple(away))


@transaction.atomic
def update_schedule(member: Member, fields: DeliveryScheduleFields, *, by: Member, at: datetime) -> DeliverySchedule:
    """Change what `fields` names of one's own schedule, and plan the digests anew.

    Raises PermissionDenied (another's), ValidationError by field.
    """
    if by.pk != member.pk or not by.is_active:
        raise PermissionDenied(_("Only you can change when you get mail."))
    make_schedules([member], at=at)
    schedule: DeliverySchedule = DeliverySchedule.objects.select_for_update(of=("self",)).get(member_id=member.pk)
    for name, value in fields.items():
        setattr(schedule, name, sorted(set(value)) if name == "working_days" and value is not None else value)  # type: ignore[call-overload]
    if schedule.working_days is not None and not schedule.working_days:
        raise ValidationError({"working_days": _("Choose at least one day.")})
    if schedule.paused_until is not None and schedule.paused_until > at.date() + timedelta(days=LONGEST_PAUSE):
        raise ValidationError({"paused_until": _("A pause lasts at most a year.")})
    schedule.full_clean(exclude=["workspace", "member"], validate_unique=False)
    _plan([schedule], {member.pk: member}, at=at)
    return schedule


def make_schedules(people: Iterable[Member], *, at: datetime) -> int:
    """A schedule for each of these people with an account who has none; gives back how many were made."""
    members = {member.pk: member for member in people if member.user is not None}
    having = set(DeliverySchedule.objects.filter(member_id__in=members).values_list("member_id", flat=True))
    missing = [member for pk, member in members.items() if pk not in having]
    if not missing:
        return 0
    found = readers_of(missing, at=at)
    rows = [DeliverySchedule(workspace_id=member.workspace_id, member=member, created_at=at) for member in missing]
    for row in rows:
        plan(found[row.member_id], row, after=at)
    DeliverySchedule.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def make_missing_schedules(*, at: datetime, limit: int = 1_000) -> int:
    """A schedule for active people who got an account and have none yet, at most `limit` of them."""
    people = Member.objects.filter(schedule=None, user__is_active=True, deactivated_at=None)
    return make_schedules(people.select_related("user", "workspace").order_by("pk")[:limit], at=at)


def plan(reader: MailReader, schedule: DeliverySchedule, *, after: datetime) -> None:
    """Set when the next digests are due, the first ones after a moment (unsaved)."""
    schedule.next_digest_at = next_digest(reader, after)
    schedule.next_weekly_at = next_weekly(reader, after)
    set_days(reader, schedule)


def set_days(reader: MailReader, schedule: DeliverySchedule) -> None:
    """The days the planned digests are for, from their moments (unsaved)."""
    schedule.next_digest_on = schedule.next_digest_at and schedule.next_digest_at.astimezone(reader.zone).date()
    schedule.next_weekly_on = schedule.next_weekly_at and schedule.next_weekly_at.astimezone(reader.zone).date()


PLANNED = {
    "next_digest_at": "timestamptz",
    "next_digest_on": "date",
    "next_weekly_at": "timestamptz",
    "next_weekly_on": "date",
    "last_mail_at": "timestamptz",
}
SAVE_PLANS = (
    f"UPDATE notifications_deliveryschedule AS kept SET {', '.join(f'{name} = planned.{name}' for name in PLANNED)} "  # noqa: S608 - our own names
    f"FROM unnest(%s::uuid[], {', '.join(f'%s::{kind}[]' for kind in PLANNED.values())}) "
    f"AS planned(id, {', '.join(PLANNED)}) WHERE kept.id = planned.id"
)


def save_plans(schedules: Iterable[DeliverySchedule]) -> None:
    """Write what is planned for many people, in one statement: bulk_update takes a hundred times as long to build."""
    rows = list(schedules)
    columns = [[getattr(row, name) for row in rows] for name in ("pk", *PLANNED)]
    with connection.cursor() as cursor:
        cursor.execute(SAVE_PLANS, columns)


def realign_account(user: User, *, at: datetime) -> None:
    """After a person chose another time zone: plan their digests anew, in every workspace of theirs."""
    _realign(DeliverySchedule.objects.filter(member__user_id=user.pk), at=at)


def realign_workspace(workspace: Workspace, *, at: datetime) -> None:
    """After a workspace chose other working days: plan the digests of those who go by them anew."""
    _realign(DeliverySchedule.objects.filter(workspace_id=workspace.pk, working_days=None), at=at)


def realign_member(member: Member, *, at: datetime) -> None:
    """After an absence was planned, changed or ended: plan the digests anew, also for days before those planned.

    What is due already stays so.
    """
    schedules = DeliverySchedule.objects.filter(member_id=member.pk)
    schedules.filter(next_digest_at__gt=at).update(next_digest_on=None)
    _realign(schedules, at=at)


@transaction.atomic
def _realign(schedules: DeliveryScheduleQuerySet, *, at: datetime) -> None:
    rows = list(schedules.select_for_update(of=("self",)).order_by("pk"))
    people = Member.objects.filter(pk__in=[row.member_id for row in rows]).select_related("user", "workspace")
    _plan(rows, {member.pk: member for member in people}, at=at)


def _plan(schedules: Sequence[DeliverySchedule], members: dict[UUID, Member], *, at: datetime) -> None:
    by_member = {schedule.member_id: schedule for schedule in schedules}
    for pk, those in readers_of(members.values(), at=at, schedules=by_member).items():
        schedule = by_member[pk]
        schedule.next_digest_at = moved_digest(those, planned_on=schedule.next_digest_on, at=at)
        schedule.next_weekly_at = next_weekly(those, _served(schedule, those, at=at))
        set_days(those, schedule)
        schedule.save()


def _served(schedule: DeliverySchedule, reader: MailReader, *, at: datetime) -> datetime:
    """From when on the next weekly digest may come: now, but not before the day it was planned for, if that is near."""
    if schedule.next_weekly_on is None:
        return at
    planned = datetime.combine(schedule.next_weekly_on, time(0, 0), reader.zone) - timedelta(microseconds=1)
    return max(at, planned) if planned - at < timedelta(days=6) else at
