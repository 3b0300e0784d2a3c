"""What a person chose to see of the goals, as conditions on the rows they may see; and what there is to choose from."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.contrib.postgres.search import SearchQuery
from django.db.models import CharField, DateField, DateTimeField, F, Func, Model, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast

from apps.core.search import CONFIG
from apps.core.sql import Rule
from apps.core.statements import Fixed, Inputs, as_value, run
from apps.goals import access
from apps.goals.models import OPEN_STATUSES, Cycle, Goal
from apps.workspaces.access import visible_members, visible_teams
from apps.workspaces.models import Member, Team

ALL, NONE, ME, SILENT = "all", "none", "me", "silent"
OPEN, CLOSED, ANY = "open", "closed", "any"
CHOICES_MAX = 200
LABELLED_MAX = 2_000
TRIGRAM = 3
PICKED = {"team": "team", "person": "owner", "cycle": "cycle", "parent": "parent"}
NEWEST = (F("starts_on").desc(nulls_last=True), "-name", "-id")
HAS_LABELS = Rule("NOT ({goal.labels} = '{}')", {"goal": F("workspace_id")})  # as the index goal_labelled says it
NO_DATE = Cast(Value(None), DateField())
NO_MOMENT = Cast(Value(None), DateTimeField())


@dataclass(frozen=True)
class GoalFilters:
    """The choices of one reader. Empty means that nothing was chosen; `cycle` is an id, "none" or "all"."""

    cycle: str = ALL
    team: str = ""
    owner: str = ""
    status: str = "open"
    confidence: str = ""
    label: str = ""
    importance: str = ""
    due_before: date | None = None
    mine: bool = False
    parent: str = ""
    q: str = ""


@dataclass
class GoalFilterChoices:
    """What may stand in the filters: (id, name) of what the reader sees, and the cycles with their dates."""

    cycles: list[Cycle] = field(default_factory=list)
    teams: list[tuple[str, str]] = field(default_factory=list)
    people: list[tuple[str, str]] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    parents: list[tuple[str, str]] = field(default_factory=list)

    def current_cycle(self, day: date) -> Cycle | None:
        """The open cycle that runs on the day (the one that began last), else the latest that has begun, else any."""
        dated = [cycle for cycle in self.cycles if cycle.starts_on and cycle.starts_on <= day]
        running = [cycle for cycle in dated if not cycle.is_closed and (cycle.ends_on is None or cycle.ends_on >= day)]
        return next(iter([*running, *dated, *self.cycles]), None)


def filter_choices(member: Member, chosen: dict[str, str]) -> GoalFilterChoices:
    """Everything the filters offer of what the member sees, in one query; no label of a hidden goal is told.

    At most CHOICES_MAX of each; the labels are those of the newest goals that have any. What is `chosen` already (ids
    as text, or anything) is among them if the member sees it.
    """
    inputs = Inputs()
    who = inputs.stand_in(member)
    label = chosen.get("label", "").replace("\x00", "")
    wanted = {kind: as_uuid(chosen.get(name, "")) for kind, name in PICKED.items()}
    picked = {kind: inputs.put(pk) for kind, pk in wanted.items() if pk is not None}
    said = inputs.put(label) if label else None
    rows = run(("filter_choices", tuple(picked), bool(label)), lambda: _offered(who, picked, said), inputs)
    return _read(rows, member)


def _offered(member: Member, picked: Mapping[str, object], label: object) -> QuerySet[Model, object]:
    visible = access.visible_goals(member)
    labelled = visible.filter(HAS_LABELS).order_by("-id")[:LABELLED_MAX]
    arms = [
        _arm("team", visible_teams(member).filter(archived_at=None).order_by("name", "id"), "name")[:CHOICES_MAX],
        _arm("cycle", access.visible_cycles(member).order_by(*NEWEST), "name", cycles=True)[:CHOICES_MAX],
        _labels(labelled.values("pk")),
        *([_as_label(visible.filter(labels__contains=[label]), label)] if label else []),
    ]
    rows: dict[str, tuple[QuerySet[Model], str]] = {
        "team": (visible_teams(member), "name"),
        "person": (visible_members(member), "name"),
        "cycle": (access.visible_cycles(member), "name"),
        "parent": (visible, "title"),
    }
    for kind, pk in picked.items():
        those, column = rows[kind]
        arms.append(_arm(kind, those.filter(pk=pk).order_by(), column, cycles=kind == "cycle"))
    return arms[0].union(*arms[1:], all=True)


def _arm(kind: str, rows: QuerySet[Any], column: str, *, cycles: bool = False) -> QuerySet[Any, Any]:
    arm: QuerySet[Model, Any] = rows.annotate(
        arm=Value(Fixed(kind), output_field=CharField()),
        key=Cast("pk", TextField()),
        label=Cast(column, TextField()),
        since=F("starts_on") if cycles else NO_DATE,
        until=F("ends_on") if cycles else NO_DATE,
        done=F("closed_at") if cycles else NO_MOMENT,
    ).values_list("arm", "key", "label", "since", "until", "done")
    return arm


def _as_label(holders: QuerySet[Goal], label: object) -> QuerySet[Model, object]:
    """The label itself, if any of the goals has it."""
    arm: QuerySet[Model, object] = (
        holders.order_by()
        .annotate(
            arm=Value(Fixed("label"), output_field=CharField()),
            key=Value(Fixed(""), output_field=TextField()),
            label=as_value(label, TextField()),
            since=NO_DATE,
            until=NO_DATE,
            done=NO_MOMENT,
        )
        .values_list("arm", "key", "label", "since", "until", "done")[:1]
    )
    return arm


def _labels(labelled: QuerySet[Goal, object]) -> QuerySet[Model, object]:
    return (
        Goal.objects.filter(pk__in=labelled)
        .order_by()
        .annotate(
            arm=Value(Fixed("label"), output_field=CharField()),
            key=Value(Fixed(""), output_field=TextField()),
            label=Func(F("labels"), function="unnest", output_field=TextField()),
            since=NO_DATE,
            until=NO_DATE,
            done=NO_MOMENT,
        )
        .values_list("arm", "key", "label", "since", "until", "done")
        .distinct()[:CHOICES_MAX]
    )


def _read(
    rows: Iterable[tuple[str, str, str, date | None, date | None, datetime | None]], member: Member
) -> GoalFilterChoices:
    found: dict[str, dict[str, str]] = {"team": {}, "person": {}, "parent": {}, "label": {}}
    cycles: dict[str, Cycle] = {}
    for kind, key, name, since, until, done in rows:
        if kind == "cycle":
            cycles[key] = Cycle(
                id=UUID(key), workspace=member.workspace, name=name, starts_on=since, ends_on=until, closed_at=done
            )
        else:
            found[kind][key or name] = name
    return GoalFilterChoices(
        cycles=sorted(cycles.values(), key=lambda cycle: (cycle.starts_on or date.min, cycle.name), reverse=True),
        teams=_by_name(found["team"]),
        people=_by_name(found["person"]),
        labels=sorted(found["label"], key=str.casefold),
        parents=_by_name(found["parent"]),
    )


def _by_name(names: dict[str, str]) -> list[tuple[str, str]]:
    return sorted(names.items(), key=lambda pair: (pair[1].casefold(), pair[0]))


def as_uuid(text: str) -> UUID | None:
    """The id that a text holds; None where it holds none."""
    try:
        return UUID(text)
    except ValueError:
        return None


def filtered(goals: QuerySet[Goal], chosen: GoalFilters, *, member: Member, today: date) -> QuerySet[Goal]:
    """The goals (of those the member sees) that pass every filter. Values must be valid: see forms.filters."""
    conditions = [
        _in_cycle(chosen.cycle),
        _in_team(chosen.team),
        _of_owner(chosen.owner, member),
        _with_status(chosen.status),
        _with_confidence(chosen.confidence, today),
        _with_importance(chosen.importance),
        Q(labels__contains=[chosen.label]) if chosen.label else Q(),
        _due_by(chosen.due_before),
        _of(member) if chosen.mine else Q(),
        Q(parent_id=chosen.parent) if chosen.parent else Q(),
        matches(chosen.q) if chosen.q else Q(),
    ]
    for condition in conditions:
        if condition:
            goals = goals.filter(condition)
    return goals


def with_filters(chosen: GoalFilters, **changes: Any) -> GoalFilters:
    """The same filters, some of them changed."""
    return replace(chosen, **changes)


def matches(text: str) -> Q:
    """Goals whose words begin with the words typed, in any order or whose title holds the text (from 3 letters).

    Words are matched by PostgreSQL's prefix search (manual, 12.3.2), the title by its trigrams.
    """
    words = re.findall(r"\w+", text.replace("\x00", " "))
    condition = Q(pk__in=[])
    if words:
        query = " & ".join(f"'{word}':*" for word in words)
        condition |= Q(search=SearchQuery(query, config=CONFIG, search_type="raw"))
    if len(text.strip()) >= TRIGRAM:
        condition |= Q(title__icontains=text.strip().replace("\x00", ""))
    return condition


def _in_cycle(cycle: str) -> Q:
    if cycle == ALL:
        return Q()
    return Q(cycle=None) if cycle == NONE else Q(cycle_id=cycle)


def _in_team(team: str) -> Q:
    if team in {"", NONE}:
        return Q(team=None) if team else Q()
    below = Team.objects.filter(Q(pk=team) | Q(ancestor_ids__contains=[team])).order_by()
    return Q(team_id__in=below.values("pk"))


def _of_owner(owner: str, member: Member) -> Q:
    if owner in {"", NONE}:
        return Q(owner=None) if owner else Q()
    return Q(owner_id=member.pk if owner == ME else owner)


def _of(member: Member) -> Q:
    return Q(owner_id=member.pk) | Q(access.contributes(member))


def _with_status(status: str) -> Q:
    if status == OPEN:
        return Q(status__in=OPEN_STATUSES)
    if status == CLOSED:
        return ~Q(status__in=OPEN_STATUSES)
    return Q() if status in {"", ANY} else Q(status=status)


def _with_confidence(confidence: str, today: date) -> Q | Rule:
    if confidence == SILENT:
        return silent(today)
    if confidence == NONE:
        return Q(confidence=None)
    return Q(confidence=confidence) if confidence else Q()


SILENT_SQL = (
    "{goal.status} = 'active' AND {goal.check_in_due_on} IS NOT NULL AND {goal.check_in_due_on} < {today}::date"
)


def silent(today: date) -> Rule:
    """Active goals whose next check-in is past its day."""
    return Rule(SILENT_SQL, {"goal": F("workspace_id"), "today": today})


def _with_importance(importance: str) -> Q:
    if importance == NONE:
        return Q(importance=None)
    return Q(importance__gte=importance) if importance else Q()


def _due_by(day: date | None) -> Q:
    if day is None:
        return Q()
    return Q(due_on__lte=day) | Q(due_on=None, cycle__ends_on__lte=day)
