"""Goals that drift, found by conditions that PostgreSQL evaluates for all of them at once."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db.models import Count, DateField, F, IntegerField, Q, QuerySet, TextChoices, Value
from django.utils.translation import gettext_lazy as _

from apps.core.pagination import PAGE_SIZE, Keyset, KeysetPosition, Page
from apps.core.sql import Rule, SqlText
from apps.goals import access
from apps.goals.models import Goal, Visibility
from apps.goals.models.progress import BEHIND_MARGIN
from apps.goals.queries.filters import SILENT_SQL
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


BEGINS = "coalesce({goal.starts_on}, {season.starts_on})"
FINISHES = "coalesce({goal.due_on}, {season.ends_on})"
DAYS = f"({FINISHES} - {BEGINS})::float8"
EXPECTED = f"""CASE WHEN {FINISHES} <= {{today}} AND {BEGINS} IS NOT NULL THEN 1 WHEN {BEGINS} >= {{today}} THEN
    CASE WHEN {FINISHES} IS NOT NULL THEN 0 END
ELSE ({{today}} - {BEGINS})::float8 / {DAYS} END"""
"""models.progress.expected_progress: (day - start) / (due - start) within 0 and 1, or null without dates."""

UNMEASURED = "{goal.progress_source} = 'none'"
WAYS = {
    Drift.NO_OWNER: "{goal.owner_id} IS NULL OR {keeper.deactivated_at} IS NOT NULL",
    Drift.CLOSED_CYCLE: "{season.closed_at} IS NOT NULL",
    Drift.PAST_DUE: f"{FINISHES} < {{today}}",
    Drift.OFF_TRACK: "{goal.confidence} = 'off_track'",
    Drift.SILENT: SILENT_SQL,
    Drift.BEHIND: f"{EXPECTED} > {{goal.progress}} + {BEHIND_MARGIN} AND NOT ({UNMEASURED} OR {{hidden}})",
    Drift.NO_KEY_RESULT: f"{UNMEASURED} OR {{hidden}} OR {{goal.progress_source}} = 'check_in'",
}
"""How an active goal drifts, over the goal, its cycle (`season`) and owner (`keeper`) and a day."""

BEGUN = "coalesce({goal.activated_at}, {goal.created_at})"
LAST_HEARD = "coalesce({goal.last_check_in_at}, {goal.activated_at}, {goal.created_at})"
SINCE = {
    Drift.NO_OWNER: f"(coalesce({{keeper.deactivated_at}}, {BEGUN}) AT TIME ZONE {{zone}})::date",
    Drift.CLOSED_CYCLE: "({season.closed_at} AT TIME ZONE {zone})::date",
    Drift.PAST_DUE: FINISHES,
    Drift.OFF_TRACK: f"coalesce({{goal.confidence_since}}, ({LAST_HEARD} AT TIME ZONE {{zone}})::date)",
    Drift.SILENT: f"({LAST_HEARD} AT TIME ZONE {{zone}})::date",
    Drift.BEHIND: f"{BEGINS} + floor(({{goal.progress}} + {BEHIND_MARGIN}) * {DAYS})::int",
    Drift.NO_KEY_RESULT: f"({BEGUN} AT TIME ZONE {{zone}})::date",
}
"""Since when, for each way. Behind: the day on which time passed the present progress by the margin."""


class DriftTexts:
    """WAYS and what follows from them as expressions on goals, for a reader from whom `hidden` keeps the progress."""

    def __init__(self, hidden: Rule | None, today: date) -> None:
        self.given: dict[str, object] = {
            "goal": F("workspace_id"),
            "season": F("cycle__name"),
            "keeper": F("owner__name"),
            "today": Value(today, DateField()),
            "hidden": hidden or Value(False),
        }

    def drifts(self) -> Rule:
        """In any way."""
        return Rule(" OR ".join(f"({text}) IS TRUE" for text in WAYS.values()), self.given)

    def ways(self) -> dict[str, Rule]:
        """Each way by its name."""
        return {str(way): Rule(f"({text}) IS TRUE", self.given) for way, text in WAYS.items()}

    def counts(self) -> dict[str, Count]:
        """How many drift in each way."""
        return {f"count_{way}": Count("pk", filter=rule) for way, rule in self.ways().items()}

    def turn(self) -> SqlText:
        """The number of the first way, which is shown."""
        return SqlText(_first({way: str(number) for number, way in enumerate(Drift)}), self.given, IntegerField())

    def since(self, zone: ZoneInfo, way: Drift | None) -> SqlText:
        """Since when a goal drifts in this way, or in the first."""
        text = SINCE[way] if way else _first(SINCE)
        return SqlText(text, {**self.given, "zone": Value(str(zone))}, DateField())


def _first(texts: Mapping[Drift, str]) -> str:
    """What is said of the first way in which a goal drifts."""
    return f"CASE {' '.join(f'WHEN {text} THEN {texts[way]}' for way, text in WAYS.items())} END"


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


@dataclass(frozen=True)
class DriftingGoals:
    """The goals that drift in a scope (and a team), as a member sees them on a day."""

    member: Member
    scope: Scope
    today: date
    team: str = ""

    @property
    def texts(self) -> DriftTexts:
        """How they drift, as far as the member may read it."""
        return DriftTexts(access.hides_progress(self.member), self.today)

    @property
    def active(self) -> QuerySet[Goal]:
        """The active goals of the scope that the member sees."""
        goals: QuerySet[Goal] = access.visible_goals(self.member).active()  # type: ignore[attr-defined]  # a GoalQuerySet
        if self.scope == Scope.MINE:
            goals = goals.filter(owner_id=self.member.pk)
        elif self.scope == Scope.TEAMS:
            goals = goals.filter(leads_team(self.member))
        if self.team:
            below = Team.objects.filter(Q(pk=self.team) | Q(ancestor_ids__contains=[self.team])).order_by()
            goals = goals.filter(team_id__in=below.values("pk"))
        return goals


def drifting_in_teams(teams: Collection[UUID], *, today: date) -> QuerySet[Goal]:
    """The active goals of these teams that drift, annotated with every Drift (true or false), for whoever leads them:
    private ones aside, they see all of these, with their progress.
    """
    goals: QuerySet[Goal] = Goal.objects.active().filter(team_id__in=teams).exclude(visibility=Visibility.PRIVATE)
    texts = DriftTexts(None, today)
    return goals.filter(texts.drifts()).annotate(**texts.ways())


def drift_counts(drifting: DriftingGoals) -> dict[str, int]:
    """How many goals drift in each way, and ("all") how many in any, in one query. A goal may count in several."""
    texts = drifting.texts
    found = drifting.active.filter(texts.drifts()).order_by().aggregate(count_all=Count("pk"), **texts.counts())
    return {name: found[f"count_{name}"] for name in ("all", *map(str, Drift))}


def drift_page(drifting: DriftingGoals, reader: RowReader, *, drift: Drift | None, cursor: str = "") -> Page[DriftRow]:
    """A page of drifting goals: the most pressing way first and the longest time first within it; or one way only."""
    keyset = Keyset("turn", "since", "id", types={"turn": int, "since": date.fromisoformat})
    try:
        place = keyset.place(Goal, cursor)
    except ValidationError:
        place = KeysetPosition()
    rows = list(keyset.cut(_valued(drifting, reader.member.zone, drift), place, PAGE_SIZE))
    page = keyset.gathered(rows, place, PAGE_SIZE)
    return Page([_read(values, reader) for values in page.rows], page.previous, page.next)


def _valued(drifting: DriftingGoals, zone: ZoneInfo, drift: Drift | None) -> QuerySet[Goal, dict[str, Any]]:
    texts, ways = drifting.texts, drifting.texts.ways()
    turn = texts.turn() if drift is None else Value(list(Drift).index(drift), output_field=IntegerField())
    goals = drifting.active.filter(texts.drifts() if drift is None else ways[drift])
    turned = goals.annotate(
        turn=turn, since=texts.since(zone, drift), may_change=access.changeable(drifting.member), **ways
    )
    names = ("may_change", "turn", "since", "cycle__name", "owner__deactivated_at", *ways)
    valued: QuerySet[Goal, dict[str, object]] = turned.values(*COLUMNS, *names)
    return valued


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
