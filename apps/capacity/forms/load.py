"""What of the load to look at, and what is being promised: shape only."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from uuid import UUID

from django import forms
from django.http import QueryDict
from django.utils.formats import sanitize_separators
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.capacity.access import people_with_load
from apps.capacity.queries.capacity import HoursSubject, Promise, monday_of
from apps.goals.access import visible_cycles, visible_goals
from apps.responsibilities.access import visible_assignments, visible_responsibilities
from apps.responsibilities.models import Assignment
from apps.workspaces.access import visible_teams
from apps.workspaces.models import Member

EVERYBODY = "all"
FARTHEST = timedelta(days=2 * 366)
PEOPLE_MOST = 50
HOURS_MOST = 168


class LoadFilterForm(forms.Form):
    """Whose load, around which week. What is not understood is left out, and said."""

    team = forms.CharField(label=gettext_lazy("Team"), required=False, max_length=36)
    week = forms.DateField(label=gettext_lazy("Week"), required=False, input_formats=["%Y-%m-%d"])

    def __init__(self, data: Mapping[str, object] | None, *, member: Member, today: date) -> None:
        super().__init__(data)
        self.member, self.today = member, today
        self.full_clean()

    def clean_team(self) -> UUID | str | None:
        """A team one sees, "all", or None where none was chosen. Raises ValidationError."""
        text: str = self.cleaned_data["team"]
        if text in {"", EVERYBODY}:
            return text or None
        pk = _uuid(text)
        if pk is None or not visible_teams(self.member).filter(pk=pk).exists():
            raise forms.ValidationError(_("There is no such team. Yours is shown."))
        return pk

    def clean_week(self) -> date | None:
        """The Monday of the week. Raises ValidationError for one too far away."""
        day: date | None = self.cleaned_data["week"]
        if day is not None and abs(day - self.today) > FARTHEST:
            raise forms.ValidationError(_("This week is too far away. The present one is shown."))
        return monday_of(day) if day else None

    @property
    def left_out(self) -> list[str]:
        """What was not understood, each as a sentence."""
        return [f"{self.fields[name].label}: {error}" for name, errors in self.errors.items() for error in errors]

    @property
    def week_chosen(self) -> date:
        """The Monday that was asked for, else this week's."""
        return self.cleaned_data.get("week") or monday_of(self.today)


class PreviewForm(forms.Form):
    """Hours that are being typed for people, on a goal or a responsibility that may not be there yet.

    It reads the fields of the form they stand in, by their names there: `person` and `hours`, as often as there are
    people (or once `member` and `hours_per_week`), `goal` or `responsibility`, and the days from `starts_on`, `due_on`
    or `cycle`. Where an `assignment` is being changed, its person and thing are meant. What is not understood counts
    as not typed yet.
    """

    goal = forms.UUIDField(required=False)
    responsibility = forms.UUIDField(required=False)
    assignment = forms.UUIDField(required=False)
    cycle = forms.UUIDField(required=False)
    starts_on = forms.DateField(required=False, input_formats=["%Y-%m-%d", "%d.%m.%Y"])
    due_on = forms.DateField(required=False, input_formats=["%Y-%m-%d", "%d.%m.%Y"])

    def __init__(self, data: QueryDict, *, member: Member, today: date) -> None:
        super().__init__(data)
        self.member, self.today, self.sent = member, today, data
        self.full_clean()
        self.changed = self._assignment()

    def _assignment(self) -> Assignment | None:
        """The assignment whose hours are typed, if one sees it and it is a person's."""
        pk = self.cleaned_data.get("assignment")
        rows = visible_assignments(self.member).filter(pk=pk, member__isnull=False) if pk else ()
        return next(iter(rows), None)

    def hours_typed(self) -> dict[Member, Decimal]:
        """The people that were named with hours, of those one sees; at most 50."""
        names = self.sent.getlist("person") or self.sent.getlist("member")
        if self.changed is not None:
            names = [str(self.changed.member_id)]
        amounts = self.sent.getlist("hours") or self.sent.getlist("hours_per_week")
        pairs = list(zip(names, amounts, strict=False))[:PEOPLE_MOST]
        typed = {pk: hours for name, text in pairs if (pk := _uuid(name)) and (hours := _hours(text)) is not None}
        people = people_with_load(self.member).filter(pk__in=typed) if typed else []
        return {person: typed[person.pk] for person in people}

    def thing(self) -> HoursSubject:
        """What the hours are for; one of its own for what is not written yet. What one does not see is not there."""
        goal, responsibility = self.cleaned_data.get("goal"), self.cleaned_data.get("responsibility")
        if self.changed is not None:
            goal, responsibility = self.changed.goal_id, self.changed.responsibility_id
        if goal and visible_goals(self.member).filter(pk=goal).exists():
            return HoursSubject("goal", goal)
        if responsibility and visible_responsibilities(self.member).filter(pk=responsibility).exists():
            return HoursSubject("responsibility", responsibility)
        return HoursSubject("goal", UUID(int=0))

    def days(self, thing: HoursSubject) -> tuple[date, date | None]:
        """From when to when: the dates typed, else those of the cycle that is chosen, else those of the goal itself."""
        data = self.cleaned_data
        first, last = data.get("starts_on"), data.get("due_on")
        cycle = visible_cycles(self.member).filter(pk=data["cycle"]).first() if data.get("cycle") else None
        if cycle is not None:
            first, last = first or cycle.starts_on, last or cycle.ends_on
        if "starts_on" not in self.sent and thing.kind == "goal":
            goal = visible_goals(self.member).filter(pk=thing.pk).select_related("cycle").first()
            first, last = goal.span() if goal else (first, last)
        return first or self.today, last

    def promises(self) -> dict[Member, Promise]:
        """What each person would promise."""
        typed = self.hours_typed()
        if not typed:
            return {}
        thing = self.thing()
        first, last = self.days(thing)
        is_contribution = "person" in self.sent
        return {
            person: Promise(person.pk, thing, hours, first, last, is_contribution=is_contribution)
            for person, hours in typed.items()
        }


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _hours(text: str) -> Decimal | None:
    """Hours a week, as they are written in the reader's language; None for what is none."""
    try:
        hours = Decimal(sanitize_separators(text.strip()[:20]))
    except InvalidOperation:
        return None
    return round(hours, 1) if hours.is_finite() and 0 <= hours <= HOURS_MOST else None
