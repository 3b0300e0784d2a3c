"""Forms about what reaches a person, and when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from apps.core.forms import weekdays
from apps.core.write_conflicts import EditForm
from apps.notifications.models import DeliverySchedule, Reach
from apps.notifications.services import KINDS, DeliveryScheduleFields
from apps.workspaces.models import Member

REACHES = (
    (Reach.MAIL.value, _("Mail at once")),
    (Reach.DIGEST.value, _("Digest")),
    (Reach.INBOX.value, _("Inbox only")),
    (Reach.OFF.value, _("Off")),
)
PREFIX = "kind_"


@dataclass(frozen=True)
class KindGroup:
    """Kinds of news under one heading, as fields of the form."""

    label: str
    fields: Sequence[forms.BoundField]


class ReachForm(EditForm):
    """How far each kind of news reaches a person: a field for each kind there is."""

    def __init__(self, data: Mapping[str, object] | None = None, *, reaches: Mapping[str, str], member: Member) -> None:
        super().__init__(data, thing=member, reader=member)
        for name, kind in ((kind.name, kind) for kind in KINDS):
            self.fields[PREFIX + name] = forms.ChoiceField(
                label=kind.label,
                help_text=kind.help,
                choices=REACHES,
                initial=reaches[name],
                widget=forms.RadioSelect,
            )

    def groups(self) -> list[KindGroup]:
        """The fields by the heading they stand under, in the order in which apps declared them."""
        found: dict[str, list[forms.BoundField]] = {}
        for name, kind in ((kind.name, kind) for kind in KINDS):
            found.setdefault(str(kind.group), []).append(self[PREFIX + name])
        return [KindGroup(label, fields) for label, fields in found.items()]

    def changed(self) -> dict[str, str]:
        """The kinds whose reach is another than before."""
        return {name.removeprefix(PREFIX): self.cleaned_data[name] for name in self.cleaned_data}


def clock(label: StrOrPromise, **options: Any) -> forms.TimeField:
    """A time of day, to the minute."""
    return forms.TimeField(label=label, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"), **options)


class DeliveryScheduleForm(EditForm):
    """When a person may be written to."""

    daily_digest = forms.BooleanField(
        label=_("Morning digest"), required=False,
        help_text=_("What is due, who waits for you, and what is new. None on days with nothing to say."),
    )  # fmt: skip
    digest_at = clock(_("At"))
    weekly_digest = forms.BooleanField(
        label=_("Weekly digest"), required=False, help_text=_("How your teams and their goals are going.")
    )
    weekly_on = forms.TypedChoiceField(label=_("On"), coerce=int, choices=weekdays)
    quiet_from = clock(_("Quiet from"))
    quiet_until = clock(_("until"))
    working_days = forms.TypedMultipleChoiceField(
        label=_("Your working days"), coerce=int, choices=weekdays, widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one day.")},
    )  # fmt: skip
    paused_until = forms.DateField(
        label=_("Pause until"), required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), input_formats=["%Y-%m-%d"],
        help_text=_("No mail before this day. What comes meanwhile waits in your inbox."),
    )  # fmt: skip

    def __init__(self, data: Mapping[str, object] | None = None, *, schedule: DeliverySchedule, member: Member) -> None:
        self.usual = list(member.workspace.working_days)
        names = [name for name in self.base_fields if name not in {"working_days", "version"}]
        initial = {name: getattr(schedule, name) for name in names}
        initial |= {"working_days": schedule.working_days or self.usual}
        super().__init__(data, thing=member, reader=member, initial=initial)
        days = cast("forms.TypedMultipleChoiceField", self.fields["working_days"])
        names_of_days = dict(weekdays())
        named = ", ".join(names_of_days[day] for day in self.usual)
        days.help_text = _("Mail comes on these days only. In this workspace: %(days)s.") % {"days": named}

    def fields_of_schedule(self) -> DeliveryScheduleFields:
        """As the service takes them. The workspace's own days stay the workspace's: they change with it."""
        data = dict(self.cleaned_data)
        if sorted(data.get("working_days", ())) == sorted(self.usual):
            data["working_days"] = None
        return cast("DeliveryScheduleFields", data)
