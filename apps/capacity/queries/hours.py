"""Hours that were reported, beside those that were promised."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Q, QuerySet, Sum

from apps.capacity import access
from apps.capacity.models import HoursReport
from apps.capacity.queries.capacity import WEEK, HoursSubject, WeekLoad
from apps.capacity.queries.load import held_things, load_of
from apps.capacity.queries.promises import ThingWords, thing_url
from apps.goals.access import visible_goals
from apps.responsibilities.access import on_visible_thing, visible_responsibilities
from apps.workspaces.models import Member

LINES_MOST = 60


@dataclass(frozen=True)
class HoursLine:
    """One thing of a week's report; without a thing it is everything else. None where nothing was reported."""

    thing: HoursSubject | None
    words: ThingWords | None
    planned: Decimal
    last_week: Decimal | None
    reported: Decimal | None

    @property
    def key(self) -> str:
        """The name of its field in a form."""
        return f"{self.thing.kind}-{self.thing.pk}" if self.thing else "rest"


@dataclass(frozen=True)
class HoursSheet:
    """What one person's report of a week has to say, everything else last."""

    week: date
    load: WeekLoad
    lines: list[HoursLine]

    @property
    def was_reported(self) -> bool:
        """Whether anything was reported for the week yet."""
        return any(line.reported is not None for line in self.lines)

    @property
    def reported(self) -> Decimal:
        """All that was reported for the week."""
        return sum((line.reported or Decimal(0) for line in self.lines), Decimal(0))

    @property
    def last_week(self) -> Decimal | None:
        """All that was reported for the week before; None where nothing was."""
        known = [line.last_week for line in self.lines if line.last_week is not None]
        return sum(known, Decimal(0)) if known else None


def hours_sheet(person: Member, week: date) -> HoursSheet:
    """The lines of a person's own report of a week: all they promised time to, covered or hold, and reported before."""
    load = load_of([person], [week], viewer=person)
    planned = load.weeks[person.pk][0]
    words = load.things | held_things(person, week, viewer=person)
    hours: dict[HoursSubject, Decimal] = {}
    for part in planned.parts:
        hours[part.thing] = hours.get(part.thing, Decimal(0)) + part.hours
    said, titles = _reported(person, week)
    known: dict[HoursSubject, ThingWords] = {**{thing: words[thing] for thing in hours}, **words, **titles}
    lines = [_line(thing, each, hours, said, week) for thing, each in list(known.items())[:LINES_MOST]]
    return HoursSheet(week, planned, [*lines, _line(None, None, hours, said, week)])


Said = Mapping[tuple[HoursSubject | None, date], Decimal]


def _line(
    thing: HoursSubject | None, words: ThingWords | None, hours: Mapping[HoursSubject, Decimal], said: Said, week: date
) -> HoursLine:
    planned = hours.get(thing, Decimal(0)) if thing else Decimal(0)
    return HoursLine(thing, words, planned, said.get((thing, week - WEEK)), said.get((thing, week)))


def _reported(person: Member, week: date) -> tuple[Said, dict[HoursSubject, ThingWords]]:
    said: dict[tuple[HoursSubject | None, date], Decimal] = {}
    titles: dict[HoursSubject, ThingWords] = {}
    rows = seen_reports(person).filter(member_id=person.pk, week__in=(week - WEEK, week))
    for row in rows.select_related("goal", "responsibility").order_by("pk"):
        thing = thing_reported(row)
        said[thing, row.week] = row.hours
        about = row.goal or row.responsibility
        if thing and about:
            titles[thing] = ThingWords(str(about), thing_url(thing, person.workspace))
    return said, titles


def thing_reported(row: HoursReport) -> HoursSubject | None:
    """What a report is about; None for everything else."""
    if row.goal_id:
        return HoursSubject("goal", row.goal_id)
    return HoursSubject("responsibility", row.responsibility_id) if row.responsibility_id else None


def seen_reports(viewer: Member) -> QuerySet[HoursReport]:
    """The reports that are visible to the viewer, of things that still exist for them."""
    nothing = Q(goal__isnull=True, responsibility__isnull=True)
    return access.visible_reported_hours(viewer).filter(nothing | on_visible_thing(viewer))


def reported_by_week(person: Member, weeks: Collection[date], *, viewer: Member) -> dict[date, Decimal]:
    """How many hours a person reported for each week, of what the viewer sees; weeks without a report are not in it."""
    rows = seen_reports(viewer).filter(member_id=person.pk, week__in=list(weeks))
    return dict(rows.order_by("week").values("week").annotate(total=Sum("hours")).values_list("week", "total"))


def things_seen(person: Member, things: Collection[HoursSubject]) -> set[HoursSubject]:
    """Which of these things exist for the person."""
    goals = visible_goals(person).filter(pk__in=[thing.pk for thing in things if thing.kind == "goal"])
    duties = visible_responsibilities(person)
    duties = duties.filter(pk__in=[thing.pk for thing in things if thing.kind == "responsibility"])
    seen = {HoursSubject("goal", pk) for pk in goals.values_list("pk", flat=True)}
    return seen | {HoursSubject("responsibility", pk) for pk in duties.values_list("pk", flat=True)}
