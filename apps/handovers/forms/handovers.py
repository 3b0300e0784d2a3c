"""Forms of handovers."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.core.models import TEXT_MAX
from apps.handovers.forms.absences import area, choice, day, offer_people, sent
from apps.tasks.models import Task
from apps.workspaces.access import visible_members
from apps.workspaces.models import Member

REASON_MAX = 2_000


class HandoverForm(forms.Form):
    """To whom, from which day, with which words and tasks."""

    key = forms.UUIDField(widget=forms.HiddenInput, required=False)
    to_member = forms.ChoiceField(label=pgettext_lazy("receiver", "To"))
    starts_on = day(_("From the day"))
    notes = area(
        _("Notes"),
        most=TEXT_MAX,
        rows=6,
        required=False,
        help_text=_("What people should know: what is under way, whom to ask, what to look out for."),
    )
    tasks = forms.MultipleChoiceField(
        label=_("Open tasks that go with it"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(
        self,
        data: Mapping[str, object] | None = None,
        *,
        viewer: Member,
        giver: Member,
        tasks: Sequence[Task],
        initial: dict[str, Any],
    ) -> None:
        super().__init__(data, initial={**initial, "tasks": [str(task.pk) for task in tasks]})
        self.viewer = viewer
        self.known = {str(task.pk): task for task in tasks}
        offer_people(choice(self, "to_member"), viewer, chosen=[sent(data, "to_member")], without=giver)
        if tasks:
            choice(self, "tasks").choices = [(pk, task.title) for pk, task in self.known.items()]
        else:
            del self.fields["tasks"]

    def clean_to_member(self) -> Member | None:
        """The person themselves."""
        found: Member | None = visible_members(self.viewer).filter(pk=self.cleaned_data["to_member"]).first()
        return found

    def service_fields(self) -> dict[str, object]:
        """The fields of the service."""
        fields = {name: self.cleaned_data[name] for name in ("starts_on", "notes")}
        if "tasks" in self.fields:
            fields["tasks"] = [self.known[pk] for pk in self.cleaned_data["tasks"]]
        return fields


class HandoverDeclineForm(forms.Form):
    """Why not."""

    reason = area(
        _("Why not?"),
        most=REASON_MAX,
        rows=3,
        help_text=_("A sentence is enough. The person who proposed it reads it, and can look for somebody else."),
    )
