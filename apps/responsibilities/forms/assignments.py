"""Offering, changing and declining assignments: shape only."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.core.choosing import ChooseOne, Chooser
from apps.core.urls import reverse_in
from apps.core.write_conflicts import EditForm
from apps.responsibilities.models import Assignment, AssignmentRole
from apps.responsibilities.services import AssignmentFields, check_one_party
from apps.workspaces.access import visible_members, visible_teams
from apps.workspaces.models import Member

NOTE_MAX = 2_000
ROLES = [
    (AssignmentRole.RESPONSIBLE, _("Responsible: does it")),
    (AssignmentRole.ACCOUNTABLE, _("Accountable: answers for it, one person")),
    (AssignmentRole.CONSULTED, _("Consulted: is asked before it is closed")),
    (AssignmentRole.INFORMED, _("Informed: reads what happened in the digest")),
]


def hours_field() -> forms.DecimalField:
    """Hours a week, or not said."""
    return forms.DecimalField(
        label=_("Hours a week"),
        required=False,
        min_value=0,
        max_value=168,
        max_digits=4,
        decimal_places=1,
        localize=True,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        error_messages={
            "invalid": _("Write the hours as a number."),
            "min_value": _("Hours a week must be between 0 and 168."),
            "max_value": _("Hours a week must be between 0 and 168."),
        },
    )


class OfferForm(forms.Form):
    """Who is to be what, and how many hours a week it takes."""

    member = ChooseOne(label=_("Person"), required=False)
    team = ChooseOne(label=_("or a whole team"), required=False, help_text=_("Its leads answer for it."))
    role = forms.ChoiceField(label=_("Which role?"), choices=ROLES, widget=forms.RadioSelect)
    hours_per_week = hours_field()
    note = forms.CharField(
        label=_("A note to them"),
        required=False,
        max_length=NOTE_MAX,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Why you ask them, and what you expect."),
    )
    key = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, by: Member, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = Chooser(visible_members(by).filter(deactivated_at=None), "name", "email")
        teams = Chooser(visible_teams(by).filter(archived_at=None), "name")
        for name, chooser, url in (("member", people, "member_options"), ("team", teams, "team_options")):
            self.fields[name].among(chooser, url=reverse_in(by.workspace, f"workspaces:{url}"))  # type: ignore[attr-defined]

    def clean(self) -> dict[str, object]:
        """A person or a team."""
        data = super().clean() or {}
        failed = {"member", "team"} & self.errors.keys()
        if not failed:
            check_one_party(data.get("member"), data.get("team"))
        return data

    def service_fields(self) -> AssignmentFields:
        """The cleaned fields as the service takes them."""
        return {name: value for name, value in self.cleaned_data.items() if name != "key"}  # type: ignore[return-value]

    @property
    def key_given(self) -> UUID | None:
        """The key of the form that was sent."""
        return self.cleaned_data.get("key")


class AssignmentForm(EditForm):
    """What may be changed of an assignment: by who gives it out also the role, by who holds it hours and note."""

    role = forms.ChoiceField(label=_("Which role?"), choices=ROLES, widget=forms.RadioSelect)
    hours_per_week = hours_field()
    note = forms.CharField(
        label=_("Note"), required=False, max_length=NOTE_MAX, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(
        self, data: Mapping[str, object] | None, *, assignment: Assignment, may_assign: bool, reader: Member
    ) -> None:
        names = ("role", "hours_per_week", "note")
        initial = {name: getattr(assignment, name) for name in names}
        thing = assignment.responsibility or assignment.goal
        super().__init__(data, thing=assignment, reader=reader, logged=thing, initial=initial)
        if not may_assign:
            del self.fields["role"]

    def service_fields(self) -> AssignmentFields:
        """The cleaned fields as the service takes them."""
        return dict(self.cleaned_data)  # type: ignore[return-value]  # a dict built by name


class AssignmentDeclineForm(forms.Form):
    """Why somebody does not take it, or gives it back."""

    reason = forms.CharField(
        label=_("Why not?"),
        max_length=NOTE_MAX,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("A sentence is enough. Whoever offered it reads it and looks for another way."),
    )
