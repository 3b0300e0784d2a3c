"""Forms about absences, and who covers what in them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from apps.core.choosing import as_uuid
from apps.core.urls import reverse_in
from apps.core.write_conflicts import EditForm
from apps.handovers.queries.absences import people_options, team_options
from apps.handovers.queries.cover import CoveredThing
from apps.handovers.services.cover import CoverKind
from apps.workspaces.access import visible_members
from apps.workspaces.models import Absence, Member

OFFERED, LISTED = 12, 200
NOBODY = _("Nobody")


def day(label: StrOrPromise, **options: Any) -> forms.DateField:
    """A day, with the browser's calendar."""
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, widget=widget, **options)


def area(label: StrOrPromise, *, most: int, rows: int = 4, **options: Any) -> forms.CharField:
    """Several lines of text."""
    return forms.CharField(label=label, max_length=most, widget=forms.Textarea(attrs={"rows": rows}), **options)


def choice(form: forms.BaseForm, name: str) -> forms.ChoiceField:
    """A field of the form that is a choice."""
    return cast("forms.ChoiceField", form.fields[name])


def sent(data: Any, name: str) -> str:
    """What was sent for a field."""
    return str(data.get(name) or "") if data is not None else ""


def offer_people(
    field: forms.ChoiceField, viewer: Member, *, chosen: Collection[str] = (), without: Member | None = None
) -> list[tuple[str, str]]:
    """Let the field choose among the active people the viewer sees: the first are listed, scripts find the others.

    Gives back what is listed.
    """
    people = people_options(viewer, chosen=[pk for each in chosen if (pk := as_uuid(each))], most=LISTED)
    found = [(str(each.pk), each.name) for each in people if without is None or each.pk != without.pk]
    field.choices = [("", ""), *found]
    field.widget.attrs["data-combobox"] = ""
    if len(found) >= LISTED - 1:
        field.widget.attrs["data-url"] = reverse_in(viewer.workspace, "workspaces:member_options")
    return found


class AbsenceForm(EditForm):
    """First and last day; those who may plan for others choose the person. Nobody is asked why."""

    member = forms.ChoiceField(label=_("Who"))
    starts_on = day(_("First day away"))
    ends_on = day(_("Last day away"))

    def __init__(
        self,
        data: Mapping[str, object] | None = None,
        *,
        viewer: Member,
        people: Sequence[Member],
        absence: Absence | None = None,
    ) -> None:
        initial: dict[str, Any] = {"member": str(viewer.pk)}
        if absence is not None:
            initial = {"starts_on": absence.starts_on, "ends_on": absence.ends_on}
        super().__init__(data, thing=absence, reader=viewer, initial=initial)
        self.people = {str(each.pk): each for each in people}
        if absence is not None or len(people) == 1:
            del self.fields["member"]
        else:
            choice(self, "member").choices = [(pk, each.name) for pk, each in self.people.items()]
            self.fields["member"].widget.attrs["data-combobox"] = ""

    def clean(self) -> dict[str, object]:
        """The last day does not lie before the first."""
        cleaned = super().clean() or {}
        first, last = cleaned.get("starts_on"), cleaned.get("ends_on")
        if first and last and last < first:
            self.add_error("ends_on", _("The last day is before the first."))
        return cleaned

    def person(self, otherwise: Member) -> Member:
        """Who will be away."""
        return self.people.get(self.cleaned_data.get("member", ""), otherwise)

    def days(self) -> dict[str, date]:
        """The fields of the service."""
        return {name: self.cleaned_data[name] for name in ("starts_on", "ends_on") if name in self.cleaned_data}


class AwayFilterForm(forms.Form):
    """Whose absences to show."""

    team = forms.ChoiceField(label=_("Team"), required=False)

    use_required_attribute = False

    def __init__(self, data: Mapping[str, object] | None, *, viewer: Member) -> None:
        super().__init__(data, auto_id="filter-%s")
        teams = team_options(viewer, most=LISTED)
        choice(self, "team").choices = [("", _("all")), *((str(each.pk), each.name) for each in teams)]

    def team_id(self) -> str:
        """The chosen team's id, or nothing."""
        self.full_clean()
        found: str = self.cleaned_data.get("team", "")
        return found


class CoverForm(EditForm):
    """For each thing held in an absence: who is asked to cover it, the best suggestion chosen already."""

    notes = area(
        _("Notes for those who cover"),
        most=50_000,
        required=False,
        help_text=_("Each also gets a brief with the last check-ins, the open tasks and the dates to come."),
    )

    def __init__(
        self,
        data: Mapping[str, object] | None = None,
        *,
        viewer: Member,
        absence: Absence,
        held: Sequence[tuple[CoverKind, Sequence[CoveredThing]]],
    ) -> None:
        super().__init__(data, thing=absence, reader=viewer)
        self.viewer, self.held = viewer, held
        every = [each for _kind, found in held for each in found]
        said = [sent(data, each.key) for each in every]
        people = offer_people(forms.ChoiceField(), viewer, chosen=said, without=absence.member)
        url = reverse_in(viewer.workspace, "workspaces:member_options")
        for each in every:
            self.fields[each.key] = self._field(each, people, sent(data, each.key), url)

    def _field(self, held: CoveredThing, people: list[tuple[str, str]], said: str, url: str) -> forms.ChoiceField:
        """Suggestions stand first, then the first of all people; with scripts everybody is found."""
        first = [(str(each.pk), each.name) for each in held.suggested]
        if held.cover is not None:
            first = [(str(held.cover.to_member_id), held.cover.to_member.name), *first]
        known = dict(first)
        rest = [pair for pair in people if pair[0] not in known]
        chosen = [pair for pair in rest[OFFERED:] if pair[0] == said]
        found = forms.ChoiceField(label=held.title, required=False)
        found.choices = [("", NOBODY), *known.items(), *rest[:OFFERED], *chosen]
        found.initial = first[0][0] if first else ""
        found.widget.attrs |= {"data-combobox": "", "data-placeholder": NOBODY, "aria-label": held.title}
        if len(rest) > OFFERED:
            found.widget.attrs["data-url"] = url
        return found

    def takers(self) -> dict[str, Member | None]:
        """Key of what is held → who is asked; None for nobody.

        A suggestion that was left as it is is taken. Not named is what was not sent, and whose cover was left as it is.
        """
        every = [each for _kind, found in self.held for each in found]
        said = {
            each.key: sent(self.data, each.key)
            for each in every
            if each.key in self.cleaned_data
            or (each.cover is None and sent(self.data, each.key) == self[each.key].initial)
        }
        ids = [pk for pk in said.values() if pk]
        people = {str(each.pk): each for each in visible_members(self.viewer).filter(pk__in=ids)}
        return {key: people.get(pk) for key, pk in said.items()}

    def rows(self) -> list[tuple[object, list[tuple[CoveredThing, forms.BoundField]]]]:
        """For the page: each kind's label with what is held and its field."""
        return [(kind.label, [(each, self[each.key]) for each in found]) for kind, found in self.held]
