"""What somebody holds in the days of an absence, who could cover each of it, and what happened there meanwhile."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.activity.models import Event
from apps.core.urls import reverse_in
from apps.goals import access as goals
from apps.goals.models import OPEN_STATUSES, CheckIn, Contributor, Goal, Visibility
from apps.handovers import access
from apps.handovers.models import Handover, HandoverStatus
from apps.responsibilities.access import on_visible_thing, visible_assignments
from apps.responsibilities.models import HELD, Assignment, AssignmentRole, Responsibility
from apps.tasks.access import visible_tasks
from apps.tasks.models import Task
from apps.workspaces.models import Absence, Member, TeamMembership

Thing = Responsibility | Goal
HELD_MAX = 200
SUGGESTED = 5
CAUGHT_UP = 50
DECISIONS = ("goal.achieved", "goal.missed", "goal.dropped", "goal.reopened", "goal.updated")


@dataclass(frozen=True)
class CoveredThing:
    """One thing somebody holds in the days of an absence, and who covers it.

    `key` is unique among all kinds, `why` says what they hold of it, `cover` is the open cover there is, `suggested`
    who could, the best first.
    """

    key: str
    title: str
    url: str
    why: tuple[str, ...]
    cover: Handover | None = None
    suggested: tuple[Member, ...] = field(default=())


def thing_of(row: Assignment | Task) -> Thing:
    """What an assignment or a task hangs on."""
    found = row.goal or row.responsibility
    assert found is not None, "a constraint holds it"  # noqa: S101
    return found


def key_of(thing: Thing) -> str:
    """How a responsibility or goal is called in forms of cover."""
    return f"{'goal' if isinstance(thing, Goal) else 'responsibility'}-{thing.pk}"


def held_work(absence: Absence, viewer: Member) -> list[CoveredThing]:
    """The responsibilities and goals on which the person holds something in these days, as far as the viewer sees.

    In a number of queries that does not grow; at most HELD_MAX things.
    """
    things = _things(absence, viewer)
    if not things:
        return []
    covers = {key_of(cover.thing): cover for cover in _covers(absence, viewer)}
    suggested = _suggestions([thing for thing, _why in things.values()], absence)
    return [
        CoveredThing(
            key=key,
            title=thing.title,
            url=thing_url(viewer, thing),
            why=tuple(why),
            cover=covers.get(key),
            suggested=tuple(suggested.get(key, [])[:SUGGESTED]),
        )
        for key, (thing, why) in things.items()
    ]


def thing_url(viewer: Member, thing: Thing) -> str:
    """The page of a goal or responsibility."""
    if isinstance(thing, Goal):
        return reverse_in(viewer.workspace, "goals:goal_detail", thing.pk)
    return reverse_in(viewer.workspace, "responsibilities:responsibility_detail", thing.pk)


def _covers(absence: Absence, viewer: Member) -> QuerySet[Handover]:
    rows = access.visible_handovers(viewer).filter(absence=absence)
    return rows.open().select_related("to_member", "goal", "responsibility")  # type: ignore[attr-defined,no-any-return]


def _things(absence: Absence, viewer: Member) -> dict[str, tuple[Thing, list[str]]]:
    """By key: the thing, and what the person holds of it in words."""
    found: dict[str, tuple[Thing, list[str]]] = {}

    def hold(thing: Thing, words: str) -> None:
        if len(found) < HELD_MAX or key_of(thing) in found:
            found.setdefault(key_of(thing), (thing, []))[1].append(words)

    for goal in _goals_of(absence.member, viewer):
        hold(goal, _("owner, with its check-ins") if goal.owner_id == absence.member_id else _("contributes"))
    for row in _assignments_of(absence.member, viewer):
        hold(thing_of(row), str(AssignmentRole(row.role).label).lower())
    counts: dict[str, tuple[Thing, int]] = {}
    for task in _tasks_of(absence, viewer):
        thing = thing_of(task)
        counts[key_of(thing)] = (thing, counts.get(key_of(thing), (thing, 0))[1] + 1)
    for thing, count in counts.values():
        hold(thing, ngettext("%(count)s open task", "%(count)s open tasks", count) % {"count": count})
    return found


def _goals_of(person: Member, viewer: Member) -> QuerySet[Goal]:
    contributing = Exists(Contributor.objects.filter(goal=OuterRef("pk"), member_id=person.pk))
    rows = goals.visible_goals(viewer).filter(Q(owner_id=person.pk) | contributing, status__in=OPEN_STATUSES)
    return rows.select_related("owner").defer("search").order_by("check_in_due_on", "title", "pk")[:HELD_MAX]


def _assignments_of(person: Member, viewer: Member) -> QuerySet[Assignment]:
    rows = visible_assignments(viewer).filter(_still_open(), member_id=person.pk, status__in=HELD)
    rows = rows.select_related("responsibility", "goal").order_by("responsibility__title", "goal__title", "role", "pk")
    return rows[: 4 * HELD_MAX]


def _tasks_of(absence: Absence, viewer: Member) -> QuerySet[Task]:
    in_these_days = Q(due_on__isnull=True) | Q(due_on__lte=absence.ends_on)
    rows: Any = visible_tasks(viewer).filter(_still_open(), in_these_days, assignee_id=absence.member_id)
    found: QuerySet[Task] = rows.open().select_related("responsibility", "goal").order_by("due_on", "pk")
    return found[: 4 * HELD_MAX]


def _still_open() -> Q:
    """Rows on goals that are open and responsibilities that are not archived."""
    return Q(goal__status__in=OPEN_STATUSES) | Q(responsibility__isnull=False, responsibility__archived_at=None)


def _suggestions(things: Iterable[Thing], absence: Absence) -> dict[str, list[Member]]:
    """Who could cover each: others on the same thing, whoever owns it first, then the leads of its team.

    Nobody who left, or is away on one of these days. Of a private goal only who is named on it.
    """
    by_key = {key_of(thing): thing for thing in things}
    people: dict[str, dict[UUID, Member]] = defaultdict(dict)
    for key, member in [*_named_on(by_key), *_on_the_same(by_key), *_leads_of(by_key)]:
        people[key].setdefault(member.pk, member)
    everybody = {pk for those in people.values() for pk in those}
    away = set(
        Absence.objects.filter(member_id__in=everybody)
        .between(absence.starts_on, absence.ends_on)
        .values_list("member_id", flat=True)
    )
    return {
        key: [each for each in those.values() if each.pk not in away | {absence.member_id} and each.is_active]
        for key, those in people.items()
    }


def _named_on(by_key: Mapping[str, Thing]) -> list[tuple[str, Member]]:
    owners = [(key, each.owner) for key, each in by_key.items() if isinstance(each, Goal) and each.owner]
    ids = [each.pk for each in by_key.values() if isinstance(each, Goal)]
    rows = Contributor.objects.filter(goal_id__in=ids).select_related("member").order_by("-hours_per_week", "pk")
    return [*owners, *((f"goal-{row.goal_id}", row.member) for row in rows)]


def _on_the_same(by_key: Mapping[str, Thing]) -> list[tuple[str, Member]]:
    on_goals = Q(goal_id__in=[each.pk for each in by_key.values() if isinstance(each, Goal)])
    on_rest = Q(responsibility_id__in=[each.pk for each in by_key.values() if isinstance(each, Responsibility)])
    rows = Assignment.objects.filter(on_goals | on_rest, member__isnull=False, status__in=HELD)
    order = {role: place for place, role in enumerate((AssignmentRole.RESPONSIBLE, AssignmentRole.ACCOUNTABLE))}
    found = sorted(rows.select_related("member"), key=lambda row: order.get(AssignmentRole(row.role), 2))
    return [
        (f"goal-{row.goal_id}" if row.goal_id else f"responsibility-{row.responsibility_id}", row.member)
        for row in found
        if row.member and not _is_secret(by_key.get(f"goal-{row.goal_id}"))
    ]


def _leads_of(by_key: Mapping[str, Thing]) -> list[tuple[str, Member]]:
    teams = {each.team_id for each in by_key.values() if each.team_id}
    leads: dict[UUID, list[Member]] = defaultdict(list)
    for row in TeamMembership.objects.filter(team_id__in=teams, is_lead=True).select_related("member").order_by("pk"):
        leads[row.team_id].append(row.member)
    return [
        (key, lead)
        for key, each in by_key.items()
        if each.team_id and not _is_secret(each)
        for lead in leads[each.team_id]
    ]


def _is_secret(thing: Thing | None) -> bool:
    return isinstance(thing, Goal) and thing.visibility == Visibility.PRIVATE


# ---- coming back -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CatchUp:
    """What happened in an absence on what the person holds: who covered, what was said, done and decided.

    Before the absence `covers` are those that were asked for, too; from then on only those that were accepted.
    """

    covers: list[Handover]
    check_ins: list[CheckIn]
    tasks: list[Task]
    decisions: list[tuple[Event, Goal]]
    overdue: list[Goal]

    def __bool__(self) -> bool:
        return bool(self.covers or self.check_ins or self.tasks or self.decisions or self.overdue)


def catch_up(absence: Absence, *, at: datetime) -> CatchUp:
    """What the person whose absence it was finds on coming back, the newest first, CAUGHT_UP of each at most."""
    person = absence.member
    since = datetime.combine(absence.starts_on, time(), person.zone)
    until = min(at, datetime.combine(absence.ends_on + timedelta(days=1), time(), person.zone))
    theirs = _held_goals(person)
    covering = (HandoverStatus.ACCEPTED, HandoverStatus.DONE)
    asked = (HandoverStatus.PROPOSED, *covering)
    said = CheckIn.objects.filter(goal__in=theirs, made_at__gte=since, made_at__lt=until).exclude(author_id=person.pk)
    return CatchUp(
        covers=list(
            Handover.objects.filter(absence=absence, status__in=asked if at < since else covering)
            .filter(on_visible_thing(person))
            .select_related("goal", "responsibility", "to_member")
            .order_by("pk")[:CAUGHT_UP]
        ),
        check_ins=list(said.select_related("goal", "author").order_by("-made_at", "-pk")[:CAUGHT_UP]),
        tasks=_done_tasks(person, since, until),
        decisions=_decisions(person, theirs, since, until),
        overdue=list(_overdue(person, person.today(at))),
    )


def _held_goals(person: Member) -> QuerySet[Goal]:
    contributing = Exists(Contributor.objects.filter(goal=OuterRef("pk"), member_id=person.pk))
    assigned = Exists(Assignment.objects.filter(goal=OuterRef("pk"), member_id=person.pk, status__in=HELD))
    return goals.visible_goals(person).filter(Q(owner_id=person.pk) | contributing | assigned).order_by()


def _done_tasks(person: Member, since: datetime, until: datetime) -> list[Task]:
    """Tasks others closed: the person's own, and those on what they hold."""
    held = Assignment.objects.filter(member_id=person.pk, status__in=HELD, responsibility__isnull=False)
    theirs = (
        Q(assignee_id=person.pk)
        | Q(goal__in=_held_goals(person))
        | Q(responsibility_id__in=held.values("responsibility_id"))
    )
    rows = visible_tasks(person).filter(theirs, closed_at__gte=since, closed_at__lt=until)
    rows = rows.exclude(closed_by_id=person.pk).select_related("goal", "responsibility", "closed_by")
    return list(rows.order_by("-closed_at", "-pk")[:CAUGHT_UP])


def _decisions(person: Member, theirs: QuerySet[Goal], since: datetime, until: datetime) -> list[tuple[Event, Goal]]:
    events = Event.objects.filter(
        workspace_id=person.workspace_id,
        subject_type="goal",
        subject_id__in=theirs.values("pk"),
        verb__in=DECISIONS,
        at__gte=since,
        at__lt=until,
    ).exclude(actor_id=person.pk)
    found = list(events.select_related("actor").order_by("-at", "-pk")[:CAUGHT_UP])
    named = {goal.pk: goal for goal in theirs.filter(pk__in={event.subject_id for event in found})}
    return [(event, named[event.subject_id]) for event in found if event.subject_id in named]


def _overdue(person: Member, today: date) -> QuerySet[Goal]:
    mine = goals.visible_goals(person).filter(owner_id=person.pk, check_in_due_on__lte=today)
    return mine.order_by("check_in_due_on", "pk")[:CAUGHT_UP]
