"""Goals that drift, found by conditions that PostgreSQL evaluates for all of them at once."""

from collections.abc import Callable, Collection, Hashable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db.models import (
    BooleanField,
    Case,
    Count,
    DateField,
    ExpressionWrapper,
    F,
    FloatField,
    Func,
    IntegerField,
    Q,
    QuerySet,
    TextChoices,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce, Floor, TruncDate
from django.utils.translation import gettext_lazy as _

from apps.core.pagination import PAGE_SIZE, Keyset, KeysetPosition, Page
from apps.core.statements import Inputs, as_value, run
from apps.goals import access
from apps.goals.models import Confidence, Goal, ProgressSource, Visibility
from apps.goals.models.progress import BEHIND_MARGIN
from apps.goals.queries.filters import silent
from apps.goals.queries.rows import COLUMNS, GoalTableRow, RowReader, read_row
from apps.workspaces.access import leads_team, led_teams
from apps.workspaces.models import Member, Team


class Drift(TextChoices):
    """The ways a goal drifts, the one to settle first at the top."""

    NO_OWNER = "no_owner", _("Nobody owns it")
    CLOSED_CYCLE = "closed_cycle", _("Left open in a closed cycle")
    PAST_DUE = "past_due", _("Past its date")
    OFF_TRACK = "off_track", _("Off track")
    SILENT = "silent", _("No check-in")
    BEHIND = "behind", _("Behind schedule")
    NO_KEY_RESULT = "no_key_result", _("No key result")


class Scope(TextChoices):
    """Whose goals are looked at."""

    MINE = "mine", _("Mine")
    TEAMS = "teams", _("Teams I lead")
    ALL = "all", _("Everything")


class _Days(Func):
    """The whole days between two dates, as PostgreSQL subtracts them."""

    template = "(%(expressions)s)"
    arg_joiner = " - "
    output_field: ClassVar[Any] = IntegerField()


class _DayAfter(Func):
    """A date and some days."""

    template = "(%(expressions)s)::date"
    arg_joiner = " + "
    output_field: ClassVar[Any] = DateField()


STARTS: Any = Coalesce("starts_on", "cycle__starts_on")
ENDS: Any = Coalesce("due_on", "cycle__ends_on")


def expected(today: Any) -> Case:
    """models.progress.expected_progress as an expression: (day - start) / (due - start) within 0 and 1, or null."""
    day = as_value(today, DateField())
    share = Cast(_Days(day, F("begins")), FloatField()) / Cast(_Days(F("finishes"), F("begins")), FloatField())
    return Case(
        When(Q(begins=None) | Q(finishes=None), then=None),
        When(finishes__lte=today, then=Value(1.0)),
        When(begins__gte=today, then=Value(0.0)),
        default=share,
        output_field=FloatField(),
    )


@dataclass(frozen=True)
class DriftRow:
    """A goal that drifts: how (the way shown first), since when, and in which other ways."""

    goal: GoalTableRow
    drift: Drift
    since: date
    others: list[Drift]
    cycle: str
    ever_checked_in: bool
    former_owner: bool
    days: int


def scopes_of(member: Member, *, is_lead: bool) -> list[Scope]:
    """What the member may look at; the widest that they are responsible for comes first."""
    scopes = [Scope.TEAMS] if is_lead else []
    if member.is_admin:
        scopes.append(Scope.ALL)
    return [*scopes, Scope.MINE]


def teams_led(member: Member) -> list[tuple[str, str]]:
    """(id, name) of the teams the member leads and all beneath, by name; at most 200."""
    rows = led_teams(member).order_by("name", "id").values_list("pk", "name")[:200]
    return [(str(pk), name) for pk, name in rows]


def drifting_goals(member: Member, scope: Scope, *, today: Any, team: Any = "") -> QuerySet[Goal]:
    """The active goals of a scope that drift in some way, each annotated with every Drift (true or false)."""
    goals = access.visible_goals(member).active()  # type: ignore[attr-defined]  # a GoalQuerySet
    if scope == Scope.MINE:
        goals = goals.filter(owner_id=member.pk)
    elif scope == Scope.TEAMS:
        goals = goals.filter(leads_team(member))
    if team:
        below = Team.objects.filter(Q(pk=team) | Q(ancestor_ids__contains=[team])).order_by()
        goals = goals.filter(team_id__in=below.values("pk"))
    return _annotated(goals, _conditions(Q(access.hides_progress(member)), today), today=today)


@dataclass(frozen=True)
class DriftingGoals:
    """The goals that drift in a scope (and a team), as a member sees them on a day."""

    member: Member
    scope: Scope
    today: date
    team: str = ""

    def rows(self, key: Hashable, build: Callable[..., QuerySet[Any, Any]], *values: Any) -> list[Any]:
        """The rows of what `build(goals, who, *values)` makes; `key` names what else decides how it reads."""
        inputs = Inputs()
        who, today = inputs.stand_in(self.member), inputs.put(self.today)
        team = inputs.put(self.team) if self.team else ""
        given = [inputs.put(value) for value in values]

        def made() -> QuerySet[Any, Any]:
            return build(drifting_goals(who, self.scope, today=today, team=team), who, *given)

        return run(("drifting", key, self.scope, bool(self.team)), made, inputs)


def _any(ways: dict[str, Any]) -> Q:
    condition = Q()
    for name in ways:
        condition |= Q(**{name: True})
    return condition


def drifting_in_teams(teams: Collection[UUID], *, today: date) -> QuerySet[Goal]:
    """The active goals of these teams that drift, annotated as above, for whoever leads them: private ones aside, they
    see all of these, with their progress.
    """
    goals: QuerySet[Goal] = Goal.objects.active().filter(team_id__in=teams).exclude(visibility=Visibility.PRIVATE)
    return _annotated(goals, _conditions(Q(pk=None), today), today=today)


def _annotated(goals: QuerySet[Goal], conditions: Mapping[Drift, Q], *, today: date) -> QuerySet[Goal]:
    goals = goals.alias(begins=STARTS, finishes=ENDS).alias(expects=expected(today))
    ways = {
        str(drift): ExpressionWrapper(condition, output_field=BooleanField()) for drift, condition in conditions.items()
    }
    annotated: QuerySet[Goal] = goals.annotate(**ways).filter(_any(ways))
    return annotated


def _conditions(hidden: Q, today: date) -> dict[Drift, Q]:
    unread = Q(progress_source=ProgressSource.NONE) | hidden
    return {
        Drift.NO_OWNER: Q(owner=None) | Q(owner__deactivated_at__isnull=False),
        Drift.CLOSED_CYCLE: Q(cycle__isnull=False, cycle__closed_at__isnull=False),
        Drift.PAST_DUE: Q(finishes__isnull=False, finishes__lt=today),
        Drift.OFF_TRACK: Q(confidence__isnull=False, confidence=Confidence.OFF_TRACK),
        Drift.SILENT: silent(today) & Q(check_in_due_on__isnull=False),
        Drift.BEHIND: Q(expects__isnull=False, expects__gt=F("progress") + BEHIND_MARGIN) & ~unread,
        Drift.NO_KEY_RESULT: unread | Q(progress_source=ProgressSource.CHECK_IN),
    }


def drift_counts(drifting: DriftingGoals) -> dict[str, int]:
    """How many goals drift in each way, and ("all") how many in any, in one query. A goal may count in several."""
    found = drifting.rows("counts", _counted)  # no row where nothing can fit
    return {name: found[0][f"count_{name}"] if found else 0 for name in ("all", *map(str, Drift))}


def _counted(goals: QuerySet[Goal], _who: Any) -> QuerySet[Goal, Any]:
    counts = {f"count_{drift}": Count("pk", filter=Q(**{str(drift): True})) for drift in Drift}
    together = goals.order_by().annotate(together=Value(1)).values("together")  # as in queries.lists
    counted: Any = together.annotate(count_all=Count("pk"), **counts)
    return cast("QuerySet[Goal, Any]", counted)


def drift_page(drifting: DriftingGoals, reader: RowReader, *, drift: Drift | None, cursor: str = "") -> Page[DriftRow]:
    """A page of drifting goals: the most pressing way first and the longest time first within it; or one way only."""
    keyset = Keyset("turn", "since", "id", types={"turn": int, "since": date.fromisoformat})
    try:
        place = keyset.place(Goal, cursor)
    except ValidationError:
        place = KeysetPosition()
    zone = reader.member.zone

    def build(goals: QuerySet[Goal], who: Any, values: list[Any] | None) -> QuerySet[Goal, dict[str, Any]]:
        return keyset.cut(_valued(goals, who, drift, zone), KeysetPosition(place.backwards, values), PAGE_SIZE)

    rows = drifting.rows(("page", drift, place.backwards, str(zone)), build, place.values)
    page = keyset.gathered(rows, place, PAGE_SIZE)
    return Page([_read(values, reader) for values in page.rows], page.previous, page.next)


def _valued(goals: QuerySet[Goal], who: Any, drift: Drift | None, zone: ZoneInfo) -> QuerySet[Goal, dict[str, Any]]:
    if drift is not None:
        goals = goals.filter(**{str(drift): True})
        order: Any = Value(list(Drift).index(drift), output_field=IntegerField())
    else:
        whens = [When(**{str(way): True}, then=Value(index)) for index, way in enumerate(Drift)]
        order = Case(*whens, output_field=IntegerField())
    may = access.changeable(who)
    turned = goals.annotate(turn=order, may_change=may).annotate(since=_since(zone))
    names = ("may_change", "turn", "since", "cycle__name", "owner__deactivated_at", *map(str, Drift))
    valued: QuerySet[Goal, dict[str, Any]] = turned.values(*COLUMNS, *names)
    return valued


def _since(zone: ZoneInfo) -> Case:
    """Since when a goal drifts in the way that is shown.

    Behind: the day on which time passed the present progress by the margin: start + (progress + margin) x days.
    """
    begun = Coalesce("activated_at", "created_at")
    passed = Cast(
        Floor((F("progress") + BEHIND_MARGIN) * Cast(_Days(F("finishes"), F("begins")), FloatField())), IntegerField()
    )
    days: dict[Drift, Any] = {
        Drift.NO_OWNER: TruncDate(Coalesce("owner__deactivated_at", "activated_at", "created_at"), tzinfo=zone),
        Drift.CLOSED_CYCLE: TruncDate("cycle__closed_at", tzinfo=zone),
        Drift.PAST_DUE: F("finishes"),
        Drift.OFF_TRACK: Coalesce(
            "confidence_since", TruncDate(Coalesce("last_check_in_at", "activated_at", "created_at"), tzinfo=zone)
        ),
        Drift.SILENT: TruncDate(Coalesce("last_check_in_at", "activated_at", "created_at"), tzinfo=zone),
        Drift.BEHIND: _DayAfter(F("begins"), passed),
        Drift.NO_KEY_RESULT: TruncDate(begun, tzinfo=zone),
    }
    whens = [When(turn=index, then=days[way]) for index, way in enumerate(Drift)]
    return Case(*whens, output_field=DateField())


def _read(values: dict[str, Any], reader: RowReader) -> DriftRow:
    drift = list(Drift)[values["turn"]]
    since = min(values["since"], reader.today)
    return DriftRow(
        goal=read_row(values, reader),
        drift=drift,
        since=since,
        days=(reader.today - since).days,
        others=[way for way in Drift if values[str(way)] and way != drift],
        cycle=values["cycle__name"] or "",
        ever_checked_in=values["last_check_in_at"] is not None,
        former_owner=values["owner__deactivated_at"] is not None,
    )
