"""The check-in reminder: said once per due date, at the owner's nine o'clock on a working day."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.db.models import F, Q

from apps.goals.models import Goal, StandIn
from apps.goals.models.goal import GoalQuerySet
from apps.goals.services.notices import CHECK_IN_DUE
from apps.notifications.services import News, notify_many
from apps.workspaces.models import Member, Workspace

REMIND_FROM_HOUR = 9
REMIND_UNTIL_HOUR = 20
BATCH = 500
BATCHES_A_SWEEP = 20


def sweep_check_in_reminders(*, at: datetime, told_at: datetime | None = None) -> int:
    """Tell of every reminder that has become due, batch by batch, each its own transaction. How many goals were taken.

    Bounded: what is left after BATCHES_A_SWEEP is taken by the next sweep. People are told at `at`, or at `told_at`
    where a trial asks what a later day will bring.
    """
    taken = 0
    for _batch in range(BATCHES_A_SWEEP):
        found = queue_check_in_reminders(at=at, limit=BATCH, told_at=told_at)
        taken += found
        if found < BATCH:
            break
    return taken


@transaction.atomic
def queue_check_in_reminders(*, at: datetime, limit: int = BATCH, told_at: datetime | None = None) -> int:
    """Tell of the reminders that have become due; gives back how many goals were taken.

    Taken are active goals whose reminder day has come where their owner lives, from 9:00 to 20:00 on a working day.
    A row another sweep works on is skipped, and a goal is taken once per due date: `remind_on` is cleared with it. Who
    stands in for an owner who is away is told instead of them.
    """
    waiting = _waiting(at)
    now_there = _working_hours(waiting.order_by().values_list("owner__user__timezone", flat=True).distinct(), at)
    if not now_there:
        return 0
    goals = list(
        waiting.filter(now_there)
        .select_for_update(of=("self",), skip_locked=True)
        .select_related("owner")
        .order_by("remind_on", "id")[:limit]
    )
    people = _whom_to_tell(goals)
    news = [
        News(person, goal.pk, goal.pk, f"{goal.pk}:{goal.check_in_due_on}", data={"due_on": goal.check_in_due_on})
        for goal in goals
        for person in people[goal.pk]
    ]
    notify_many(CHECK_IN_DUE, news, at=told_at or at)
    Goal.objects.filter(pk__in=[goal.pk for goal in goals]).update(remind_on=None)
    return len(goals)


def _whom_to_tell(goals: Sequence[Goal]) -> dict[UUID, list[Member]]:
    """Each goal's owner; in the days of a cover whoever stands in for them."""
    standing = StandIn.objects.filter(goal__in=goals, absent_id=F("goal__owner_id")).select_related("member")
    told: dict[UUID, list[Member]] = {goal.pk: [] for goal in goals}
    for row in standing.order_by("pk"):
        told[row.goal_id].append(row.member)
    return {goal.pk: told[goal.pk] or ([goal.owner] if goal.owner else []) for goal in goals}


def _waiting(at: datetime) -> GoalQuerySet:
    """Active goals whose reminder day has come anywhere on earth, with an owner who can get mail."""
    waiting: GoalQuerySet = Goal.objects.active().filter(
        remind_on__lte=at.date() + timedelta(days=1),
        owner__deactivated_at=None,
        owner__user__is_active=True,
    )
    return waiting


def _working_hours(zones: Iterable[str], at: datetime) -> Q:
    """Goals to remind of now, by the local date of each zone where the reminding hours run.

    Worked out here, not in SQL: so one rule of time zones holds, and a zone the database never heard of stops nobody.
    """
    zones_by_date: dict[date, list[str]] = {}
    for zone in zones:
        local = at.astimezone(ZoneInfo(zone))
        if REMIND_FROM_HOUR <= local.hour < REMIND_UNTIL_HOUR:
            zones_by_date.setdefault(local.date(), []).append(zone)
    now_there = Q()
    for day, names in zones_by_date.items():
        now_there |= Q(
            owner__user__timezone__in=names,
            remind_on__lte=day,
            workspace__working_days__contains=[day.isoweekday()],
        )
    return now_there


def realign_check_in_dates(workspace: Workspace) -> None:
    """After a change of cadence, working days or time zone: set every active goal's dates anew, in one statement.

    A goal whose due date does not move keeps what was said about it; only a new due date is reminded of.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH due AS (
                SELECT id, (timezone(%(zone)s, GREATEST(last_check_in_at, activated_at)))::date + %(cadence)s AS day
                FROM goals_goal
                WHERE workspace_id = %(workspace)s AND status = 'active' AND activated_at IS NOT NULL
            )
            UPDATE goals_goal SET check_in_due_on = due.day, updated_at = now(), remind_on = (
                SELECT due.day + step FROM generate_series(0, 6) AS step
                WHERE EXTRACT(ISODOW FROM due.day + step)::integer = ANY(%(days)s) ORDER BY step LIMIT 1
            )
            FROM due WHERE goals_goal.id = due.id AND goals_goal.check_in_due_on IS DISTINCT FROM due.day
            """,
            {
                "zone": workspace.timezone,
                "cadence": workspace.cadence,
                "workspace": workspace.pk,
                "days": workspace.working_days,
            },
        )
