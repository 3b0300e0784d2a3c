"""Writing and changing a goal: shape only. What one may name is what access lets one see."""

from typing import Any, cast
from uuid import UUID

from django import forms
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.core.choosing import ChooseOne, Chooser, ChooseSeveral
from apps.core.forms import IMPORTANCE, LabelsField, date_field, scale
from apps.core.models import TEXT_MAX, TITLE_MAX
from apps.core.urls import reverse_in
from apps.core.write_conflicts import EditForm
from apps.goals.access import visible_cycles, visible_goals
from apps.goals.forms.contributors import Contributors
from apps.goals.models import Cycle, Goal, Status, Visibility
from apps.goals.services import GoalFields
from apps.workspaces.access import visible_members, visible_teams, visible_values
from apps.workspaces.models import Member

CYCLES_OFFERED = 40
VALUES_OFFERED = 60
URGENCY = [
    (5, _("5 · now")),
    (4, _("4 · this month")),
    (3, _("3 · this cycle")),
    (2, _("2 · can wait a while")),
    (1, _("1 · some day")),
]
FOR_GUESTS = ("title", "reason", "description", "labels", "url", "importance", "urgency", "starts_on", "due_on", "key")
VISIBILITIES = [
    (Visibility.WORKSPACE, _("Everyone: all members of the workspace, and guests who are named here")),
    (Visibility.TEAM, _("The team: its people, the leads above it, and who is named here. No other admin")),
    (Visibility.PRIVATE, _("Private: the owner and the contributors. Nobody else, no admin")),
]
STATUSES = [
    (Status.ACTIVE, _("Active: people are working on it and checking in")),
    (Status.DRAFT, _("Draft: still being thought about")),
]


class GoalForm(EditForm):
    """All a person may say about a goal. `goal` is the one that is changed, None for a new one."""

    title = forms.CharField(
        label=_("What do you want to reach?"),
        max_length=TITLE_MAX,
        help_text=_("One sentence, as if you were there: “Patients get a first appointment within 9 days.”"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    reason = forms.CharField(
        label=_("Why does it matter?"),
        required=False,
        max_length=TEXT_MAX,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("To whom, and what happens if it is left undone."),
    )
    description = forms.CharField(
        label=_("How, and what else people should know"),
        required=False,
        max_length=TEXT_MAX,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Markdown: **bold**, lists, links."),
    )
    owner = ChooseOne(label=_("Owner"), required=False, help_text=_("One person who takes care of it."))
    team = ChooseOne(label=_("Team"), required=False)
    cycle = forms.ChoiceField(label=_("Cycle"), required=False)
    parent = ChooseOne(label=_("Parent goal"), required=False, help_text=_("The goal this one helps to reach."))
    starts_on = date_field(label=_("Starts"), help_text=_("If empty: when the cycle starts."))
    due_on = date_field(label=_("Due"), help_text=_("If empty: when the cycle ends."))
    contributors = Contributors(
        label=_("Contributors"),
        required=False,
        help_text=_("With the hours a week they promise, if you know."),
    )
    supporting_teams = ChooseSeveral(label=_("Supporting teams"), required=False)
    importance = scale(_("How important is it?"), IMPORTANCE)
    urgency = scale(_("How urgent is it?"), URGENCY)
    values = forms.MultipleChoiceField(
        label=_("Which values does it serve?"), required=False, widget=forms.CheckboxSelectMultiple
    )
    labels = LabelsField(label=_("Labels"), required=False, max_length=3_000, help_text=_("Separated by commas."))
    url = forms.URLField(label=_("Link"), required=False, max_length=2_000, assume_scheme="https")
    visibility = forms.ChoiceField(label=_("Who may read it?"), choices=VISIBILITIES, widget=forms.RadioSelect)
    status = forms.ChoiceField(label=_("Now"), choices=STATUSES, widget=forms.RadioSelect, initial=Status.ACTIVE)
    key = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, member: Member, goal: Goal | None = None, **kwargs: Any) -> None:
        super().__init__(*args, thing=goal, reader=member, **kwargs)
        self.member, self.goal = member, goal
        if member.is_guest:
            for name in set(self.fields) - {*FOR_GUESTS, "version"}:
                del self.fields[name]
            return
        self._offer_people()
        self._offer_places()
        if goal is not None and (goal.is_closed or goal.last_check_in_at):
            del self.fields["status"]

    def _offer_people(self) -> None:
        goal, fields = self.goal, self.fields
        at_work = Q(deactivated_at=None)
        if goal is not None:
            at_work |= Q(pk=goal.owner_id) | Q(contributions__goal=goal)
        people = Chooser(visible_members(self.member).filter(at_work).distinct(), "name", "email")
        url = self._url("workspaces:member_options")
        for name in ("owner", "contributors"):
            fields[name].among(people, url=url)  # type: ignore[attr-defined]
        fields["contributors"].widget.row_url = self._url("goals:contributor_row")
        there = Q(archived_at=None)
        if goal is not None:
            there |= Q(pk=goal.team_id) | Q(supported_goals=goal)
        teams = Chooser(visible_teams(self.member).filter(there).distinct(), "name")
        for name in ("team", "supporting_teams"):
            fields[name].among(teams, url=self._url("workspaces:team_options"))  # type: ignore[attr-defined]

    def _offer_places(self) -> None:
        goal, fields = self.goal, self.fields
        url = self._url("goals:goal_options")
        goals = visible_goals(self.member)
        if goal is not None:
            goals, url = goals.exclude(pk=goal.pk), f"{url}?not={goal.pk}"
        fields["parent"].among(Chooser(goals, "title"), url=url)  # type: ignore[attr-defined]
        self.cycles = {str(each.pk): each for each in self._cycles()}
        choices = [(pk, cycle.name) for pk, cycle in self.cycles.items()]
        self._choice("cycle").choices = [("", _("None")), *choices]
        self.known_values = {str(each.pk): each for each in visible_values(self.member)[:VALUES_OFFERED]}
        self._choice("values").choices = [(pk, value.name) for pk, value in self.known_values.items()]
        if not self.known_values:
            del self.fields["values"]

    def _choice(self, name: str) -> forms.ChoiceField:
        return cast("forms.ChoiceField", self.fields[name])

    def _cycles(self) -> list[Cycle]:
        current = self.goal.cycle_id if self.goal else None
        offered = visible_cycles(self.member).filter(Q(closed_at=None) | Q(pk=current))
        return list(offered.order_by(F("starts_on").desc(nulls_last=True), "-name")[:CYCLES_OFFERED])

    def _url(self, name: str) -> str:
        return reverse_in(self.member.workspace, name)

    def service_fields(self) -> GoalFields:
        """The cleaned fields as the service takes them. A parent the person cannot see stays, unless replaced."""
        data = {name: value for name, value in self.cleaned_data.items() if name != "key"}
        if "cycle" in data:
            data["cycle"] = self.cycles.get(data["cycle"])
        if "values" in data:
            data["values"] = [self.known_values[pk] for pk in data["values"] if pk in self.known_values]
        if data.get("parent") is None and self.hides_parent:
            data.pop("parent", None)
        return data  # type: ignore[return-value]  # a dict built by name

    @property
    def hides_parent(self) -> bool:
        """Whether there is a parent that the person does not see."""
        if self.goal is None or self.goal.parent_id is None or self.member.is_guest:
            return False
        return self.fields["parent"].chooser.by_id(self.goal.parent_id) is None  # type: ignore[attr-defined]

    @property
    def key_given(self) -> UUID | None:
        """The key of the form that was sent."""
        return self.cleaned_data.get("key")


def initial_of(goal: Goal, member: Member) -> dict[str, Any]:
    """What the form starts from for a goal there is. What the member does not see is left out."""
    initial: dict[str, object] = {name: getattr(goal, name) for name in FOR_GUESTS if name != "key"}
    initial |= {"visibility": goal.visibility, "status": goal.status, "owner": goal.owner, "team": goal.team}
    for name in ("importance", "urgency"):
        initial[name] = getattr(goal, name) or ""
    if member.is_guest:
        return initial
    shown = visible_goals(member).filter(pk=goal.parent_id).first() if goal.parent_id else None
    initial |= {
        "cycle": str(goal.cycle_id or ""),
        "parent": shown,
        "supporting_teams": list(goal.supporting_teams.order_by("name")),
        "values": [str(pk) for pk in goal.values.values_list("pk", flat=True)],
        "contributors": [
            (each.member, each.hours_per_week)
            for each in goal.contributions.select_related("member").order_by("member__name", "member_id")
        ],
    }
    return initial


class ReadersForm(forms.Form):
    """What the sentence about the readers follows from."""

    visibility = forms.ChoiceField(choices=Visibility.choices)
    team = ChooseOne(required=False)
    owner = ChooseOne(required=False)
    contributors = Contributors(required=False)

    def __init__(self, *args: Any, member: Member, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("owner", "contributors"):
            self.fields[name].among(Chooser(visible_members(member), "name", "email"), url="")  # type: ignore[attr-defined]
        self.fields["team"].among(Chooser(visible_teams(member), "name"), url="")  # type: ignore[attr-defined]
