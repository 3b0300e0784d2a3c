"""Writing and changing a responsibility: shape only."""

from typing import Any
from uuid import UUID

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.core.choosing import ChooseOne, Chooser
from apps.core.forms import date_field
from apps.core.models import TEXT_MAX, TITLE_MAX
from apps.core.urls import reverse_in
from apps.core.write_conflicts import EditForm
from apps.goals.access import visible_goals
from apps.responsibilities.models import Responsibility
from apps.responsibilities.services import ResponsibilityFields
from apps.workspaces.access import visible_members, visible_teams
from apps.workspaces.models import Member


class ResponsibilityForm(EditForm):
    """All a person may say about a responsibility. `responsibility` is the one that is changed, None for a new one."""

    title = forms.CharField(
        label=_("What needs an owner?"),
        max_length=TITLE_MAX,
        help_text=_("Something that lasts, in a few words: “Complaints inbox”, “Duty rota”."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    description = forms.CharField(
        label=_("What belongs to it?"),
        required=False,
        max_length=TEXT_MAX,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("What somebody new would need to know. Markdown: **bold**, lists, links."),
    )
    team = ChooseOne(label=_("Team"), required=False, help_text=_("Its leads can assign it."))
    goal = ChooseOne(label=_("Which goal does it serve?"), required=False)
    accountable = ChooseOne(
        label=_("Who is accountable?"),
        required=False,
        help_text=_("One person who answers for it. They are asked, and accept or decline."),
    )
    review_on = date_field(label=_("Review on"), help_text=_("Whoever is accountable is reminded."))
    key = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, member: Member, responsibility: Responsibility | None = None, **kwargs: Any) -> None:
        super().__init__(*args, thing=responsibility, reader=member, **kwargs)
        self.member, self.responsibility = member, responsibility
        there = Q(archived_at=None) | (Q(pk=responsibility.team_id) if responsibility else Q(pk__in=[]))
        self._among("team", visible_teams(member).filter(there), "workspaces:team_options", "name")
        self._among("goal", visible_goals(member), "goals:goal_options", "title")
        if responsibility is None:
            people = visible_members(member).filter(deactivated_at=None)
            self._among("accountable", people, "workspaces:member_options", "name", "email")
        else:
            del self.fields["accountable"]

    def _among(self, name: str, rows: Any, url: str, *fields: str) -> None:
        url = reverse_in(self.member.workspace, url)
        self.fields[name].among(Chooser(rows, *fields), url=url)  # type: ignore[attr-defined]

    def service_fields(self) -> ResponsibilityFields:
        """The cleaned fields as the service takes them. A goal the person cannot see stays, unless replaced."""
        names = ("title", "description", "team", "goal", "review_on")
        data: dict[str, object] = {name: self.cleaned_data[name] for name in names if name in self.cleaned_data}
        if data.get("goal") is None and self._hides_goal:
            data.pop("goal", None)
        return data  # type: ignore[return-value]  # a dict built by name

    @property
    def _hides_goal(self) -> bool:
        """Whether there is a goal that the person does not see."""
        if self.responsibility is None or self.responsibility.goal_id is None:
            return False
        return self.fields["goal"].chooser.by_id(self.responsibility.goal_id) is None  # type: ignore[attr-defined]

    @property
    def key_given(self) -> UUID | None:
        """The key of the form that was sent."""
        return self.cleaned_data.get("key")


def initial_of(responsibility: Responsibility, member: Member) -> dict[str, Any]:
    """What the form starts from. A goal the member does not see is left out."""
    names = ("title", "description", "team", "review_on")
    shown = visible_goals(member).filter(pk=responsibility.goal_id).first() if responsibility.goal_id else None
    return {name: getattr(responsibility, name) for name in names} | {"goal": shown}
