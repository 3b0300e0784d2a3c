"""Forms about the workspace and its values."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import known_timezones, validate_name
from apps.core.forms import weekdays
from apps.core.write_conflicts import EditForm
from apps.workspaces.forms.fields import area, text
from apps.workspaces.models import Cadence, Member, Value, Workspace


@cache
def zone_choices() -> list[tuple[str, str]]:
    """The time zones as people know them: places."""
    places = sorted(zone for zone in known_timezones() if "/" in zone and not zone.startswith("Etc/"))
    return [("UTC", "UTC"), *((zone, zone.replace("_", " ")) for zone in places)]


class ZoneField(forms.ChoiceField):
    """A time zone, chosen by typing part of its name."""

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=zone_choices, **options)
        self.widget.attrs["data-combobox"] = ""

    def valid_value(self, value: object) -> bool:
        """Any zone of the database, also one that goes by an old name."""
        return value in known_timezones()


class WorkspaceCreateForm(forms.Form):
    """A new workspace: what it is called and where it is."""

    name = text(
        _("Name"),
        validators=[validate_name],
        help_text=_("The organisation, or the part of it that works together here."),
    )
    timezone = ZoneField(
        label=_("Time zone"), help_text=_("Where most of you are. Each person also has a time zone of their own.")
    )

    def __init__(self, data: Mapping[str, object] | None = None, *, timezone: str) -> None:
        super().__init__(data, initial={"timezone": timezone})


class WorkspaceForm(EditForm):
    """The settings of a workspace."""

    name = text(_("Name"), validators=[validate_name])
    slug = forms.SlugField(
        label=_("Address"), max_length=60,
        help_text=_("Part of every link. Links that people kept stop working when you change it."),
    )  # fmt: skip
    timezone = ZoneField(label=_("Time zone"), help_text=_("Decides when a day ends for the workspace as a whole."))
    working_days = forms.TypedMultipleChoiceField(
        label=_("Working days"), coerce=int, choices=weekdays, widget=forms.CheckboxSelectMultiple,
        help_text=_("Nobody is reminded on other days."),
        error_messages={"required": _("Choose at least one working day.")},
    )  # fmt: skip
    cadence = forms.TypedChoiceField(
        label=_("Check-ins"), coerce=int, choices=Cadence.choices, widget=forms.RadioSelect,
        help_text=_("How often somebody should say how a goal is going. After that, its owner is reminded."),
    )  # fmt: skip

    accountable_most = forms.IntegerField(
        label=_("One person should be accountable for at most"), min_value=1, max_value=100,
        help_text=_("So many responsibilities and goals. Whoever has more is marked in the matrix."),
    )  # fmt: skip
    consult_days = forms.IntegerField(
        label=_("Working days to answer for whoever is consulted"), min_value=0, max_value=20,
        help_text=_("Before a goal or task is closed they are asked. After so many days it can go on without them."),
    )  # fmt: skip

    def __init__(
        self, data: Mapping[str, object] | None = None, *, workspace: Workspace, reader: Member | None = None
    ) -> None:
        names = ("name", "slug", "timezone", "working_days", "cadence", "accountable_most", "consult_days")
        initial = {name: getattr(workspace, name) for name in names}
        super().__init__(data, thing=workspace, reader=reader, initial=initial)


class ValueForm(EditForm):
    """A value and what it means."""

    name = text(_("Value"), validators=[validate_name], help_text=_("A word or two, such as “Candour”."))
    statement = area(
        _("What it means here"),
        required=False,
        most=5_000,
        help_text=_("So that somebody new would know it when they see it."),
    )
    shared = forms.TypedChoiceField(
        label=_("Whose value is it?"), coerce=lambda value: value == "1", widget=forms.RadioSelect,
        choices=[("1", _("Shared: the whole workspace sees it")), ("0", _("My own: only I see it"))],
    )  # fmt: skip

    def __init__(
        self,
        data: Mapping[str, object] | None = None,
        *,
        value: Value | None = None,
        reader: Member | None = None,
        may_share: bool = False,
    ) -> None:
        initial = {"name": value.name, "statement": value.statement} if value else {}
        super().__init__(data, thing=value, reader=reader, initial={**initial, "shared": "1"})
        if value is not None or not may_share:
            del self.fields["shared"]
