"""What good practice finds missing or too much in who holds what.

Each finding is a condition that PostgreSQL evaluates for all rows of a list at once. An offer counts as held until it
is declined. Good practice is that exactly one is accountable for each thing and at least one does it (PMBOK Guide,
6th ed., 9.1.2.1).
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import BooleanField, Count, Exists, ExpressionWrapper, Model, OuterRef, Q, QuerySet, TextChoices
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from apps.core.registries import Hook
from apps.goals.models import OPEN_STATUSES, Goal, Visibility
from apps.responsibilities.models import ACCEPT_WITHIN, Assignment, AssignmentRole, AssignmentStatus
from apps.workspaces.models import Absence, Member


class Finding(TextChoices):
    """What can be wrong, the one to settle first at the top."""

    NO_ACCOUNTABLE = "no_accountable", _("Nobody is accountable")
    TWO_ACCOUNTABLE = "two_accountable", _("Several are accountable")
    NOBODY_RESPONSIBLE = "nobody_responsible", _("Nobody is responsible")
    HOLDER_GONE = "holder_gone", _("Somebody who holds it is deactivated")
    AWAY = "away", _("Somebody who holds it is away, without cover")
    NOT_ACCEPTED = "not_accepted", _("An offer is unanswered for a week")
    REVIEW_OVERDUE = "review_overdue", _("The review is overdue")
    OVERLOADED = "overloaded", _("Who is accountable is so for too much")


COVERED: Hook[[date], Exists] = Hook(
    "COVERED",
    "called with a day when findings are looked for; a condition on assignments under which somebody accepted to stand "
    "in for the person on that day",
)
WORKING_ROLES = (AssignmentRole.RESPONSIBLE, AssignmentRole.ACCOUNTABLE)
"""Those who must be there: without them nothing happens."""


@dataclass(frozen=True)
class Moment:
    """For whom findings are looked for: the member, the moment, and the day it is for them."""

    member: Member
    at: datetime

    @property
    def today(self) -> date:
        """The member's day."""
        return self.member.today(self.at)


def with_findings(rows: QuerySet[Model], moment: Moment) -> QuerySet[Model]:
    """Responsibilities or goals, each annotated with every Finding (true or false), by its name.

    An archived responsibility, a closed goal and a goal on which nobody was ever named have none. A guest is not told
    of overload, which speaks of things they do not see.
    """
    annotated: QuerySet[Model] = rows.annotate(**finding_columns(moment, of_goals=rows.model is Goal))
    return annotated


def finding_columns(moment: Moment, *, of_goals: bool = False) -> dict[str, object]:
    """The findings as expressions on responsibilities or goals, by name; see with_findings."""
    conditions = _conditions("goal" if of_goals else "responsibility", moment)
    if of_goals:
        in_force = Q(status__in=OPEN_STATUSES) & Q(Exists(Assignment.objects.filter(goal=OuterRef("pk"))))
    else:
        in_force = Q(archived_at=None)
    return {
        str(finding): ExpressionWrapper(in_force & Q(condition), output_field=BooleanField())
        for finding, condition in conditions.items()
    }


def any_finding() -> Q:
    """Whether annotated rows have any."""
    condition = Q()
    for finding in Finding:
        condition |= Q(**{str(finding): True})
    return condition


def found(row: Any) -> list[Finding]:
    """The findings of an annotated row (an instance or a dictionary of values), the one to settle first at the top."""
    values = row if isinstance(row, dict) else row.__dict__
    return [finding for finding in Finding if values.get(str(finding))]


def _conditions(column: str, moment: Moment) -> dict[Finding, object]:
    held = Assignment.objects.held().filter(**{column: OuterRef("pk")})
    accountable = held.filter(role=AssignmentRole.ACCOUNTABLE)
    late_review = Q(review_on__isnull=False, review_on__lt=moment.today)
    return {
        Finding.NO_ACCOUNTABLE: ~Exists(accountable),
        Finding.TWO_ACCOUNTABLE: _several(accountable, column),
        Finding.NOBODY_RESPONSIBLE: ~Exists(held.filter(role=AssignmentRole.RESPONSIBLE)),
        Finding.HOLDER_GONE: Exists(held.filter(gone())),
        Finding.AWAY: Exists(held.filter(away(moment.today))),
        Finding.NOT_ACCEPTED: Exists(held.filter(late(moment.at))),
        Finding.REVIEW_OVERDUE: late_review if column == "responsibility" else Q(pk=None),
        Finding.OVERLOADED: _overloaded(accountable, moment),
    }


def _several(accountable: QuerySet[Assignment], column: str) -> Exists:
    """Whether more than one party is accountable. The same party twice, as imports may say it, is one."""
    parties = Count(Coalesce("member_id", "team_id"), distinct=True)
    return Exists(accountable.order_by().values(f"{column}_id").annotate(parties=parties).filter(parties__gt=1))


def gone() -> Q:
    """Assignments of a deactivated person or an archived team."""
    return Q(member__deactivated_at__isnull=False) | Q(team__archived_at__isnull=False)


def late(at: datetime) -> Q:
    """Offers that nobody answered for a week."""
    return Q(status=AssignmentStatus.OFFERED, offered_at__lte=at - ACCEPT_WITHIN)


def away(today: date) -> Q:
    """Assignments to do or to account for something by a person who is away, for which nobody accepted to stand in."""
    absent = Absence.objects.on(today).filter(member_id=OuterRef("member_id"))
    alone = Q(role__in=WORKING_ROLES) & Q(Exists(absent))
    for covered in COVERED(today):
        alone &= ~Q(covered)
    return alone


def accountable_counts(workspace_id: Any) -> QuerySet[Any, Any]:
    """For how many things each person is accountable: open responsibilities, and open goals that all members see.

    Goals of one team or private are left out, so that the figure is the same for whoever reads it and speaks of
    nothing hidden. Rows of `member_id` and `things`.
    """
    rows = Assignment.objects.held().filter(
        Q(responsibility__isnull=False, responsibility__archived_at=None)
        | Q(goal__status__in=OPEN_STATUSES, goal__visibility=Visibility.WORKSPACE),
        workspace_id=workspace_id,
        role=AssignmentRole.ACCOUNTABLE,
        member__isnull=False,
    )
    things = Count("responsibility_id", distinct=True) + Count("goal_id", distinct=True)
    return rows.order_by().values("member_id").annotate(things=things)


def _overloaded(accountable: QuerySet[Assignment], moment: Moment) -> object:
    if moment.member.is_guest:
        return Q(pk=None)
    most = moment.member.workspace.accountable_most
    over = accountable_counts(moment.member.workspace_id).filter(things__gt=most).values("member_id")
    return Exists(accountable.filter(member_id__in=over))
