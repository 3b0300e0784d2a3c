"""The check-in reminder: said once per due date, at the owner's nine o'clock on a working day."""

from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import BooleanField, DateField, F, IntegerField, Value
from django.db.models.expressions import Func

from apps.goals.models import Goal, Status
from apps.notifications.services import queue_delivery
from apps.workspaces.models import Workspace

REMIND_FROM_HOUR = 9
REMIND_UNTIL_HOUR = 20
KIND = "check_in_due"


ZONE = "owner__user__timezone"


class _LocalDate(Func):
    """The date it is at a moment in the zone that a column names."""

    template = "timezone(%(expressions)s)::date"
    output_field = DateField()


class _LocalHour(Func):
    """The hour (0 to 23) it is at a moment in the zone that a column names."""

    template = "EXTRACT(HOUR FROM timezone(%(expressions)s))::integer"
    output_field = IntegerField()


class _IsWorkingDay(Func):
    """Whether a date's ISO weekday stands in an array of them."""

    template = "(EXTRACT(ISODOW FROM %(expressions)s))"
    arg_joiner = ")::integer = ANY("
    output_field = BooleanField()


@transaction.atomic
def queue_check_in_reminders(*, at: datetime, limit: int = 500) -> int:
    """Queue the reminders that have become due; gives back how many goals were taken.

    Taken are active goals whose reminder day has come where their owner lives, from 9:00 to 20:00 on a working day there.
    A row another sweep works on is skipped, and a goal is taken once per due date: `remind_on` is cleared with it.
    """
    goals = list(
        Goal.objects.select_for_update(of=("self",), skip_locked=True)
        .filter(
            status=Status.ACTIVE,
            remind_on__lte=at.date() + timedelta(days=1),
            owner__deactivated_at=None,
            owner__user__isnull=False,
        )
        .alias(local_date=_LocalDate(F(ZONE), Value(at)), local_hour=_LocalHour(F(ZONE), Value(at)))
        .alias(works=_IsWorkingDay(F("local_date"), F("workspace__working_days")))
        .filter(
            remind_on__lte=F("local_date"),
            local_hour__gte=REMIND_FROM_HOUR,
            local_hour__lt=REMIND_UNTIL_HOUR,
            works=True,
        )
        .select_related("workspace", "owner__user")
        .order_by("remind_on", "id")[:limit]
    )
    for goal in goals:
        queue_delivery(
            workspace=goal.workspace,
            recipient=goal.owner,
            kind=KIND,
            occasion=f"{goal.pk}:{goal.check_in_due_on}",
            subject_id=goal.pk,
            data={"due_on": str(goal.check_in_due_on)},
            at=at,
        )
    Goal.objects.filter(pk__in=[goal.pk for goal in goals]).update(remind_on=None)
    return len(goals)


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
