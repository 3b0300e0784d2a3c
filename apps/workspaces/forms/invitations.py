"""Forms about invitations."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from apps.workspaces import access
from apps.workspaces.forms.fields import area, choice, pick_team, row_of, sent
from apps.workspaces.models import Member, Role, Team
from apps.workspaces.services.invitations import LINK_DAYS, LINK_ROLES, ROLES


def _roles(roles: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(value, str(label)) for value, label in Role.choices if value in roles]


class _ToTeam(forms.Form):
    """With a team to join, chosen among those the viewer sees."""

    team = forms.ChoiceField(label=_("Team"), required=False, help_text=_("New people start in this team."))

    def __init__(
        self,
        data: Mapping[str, object] | None = None,
        *,
        viewer: Member,
        prefix: str | None = None,
        initial: Any = None,
    ) -> None:
        self.viewer = viewer
        super().__init__(data, prefix=prefix, initial=initial)
        pick_team(choice(self, "team"), viewer, chosen=sent(data, self.add_prefix("team")), none=_("No team yet"))

    def clean_team(self) -> Team | None:
        """The team itself."""
        found: Team | None = row_of(
            access.visible_teams(self.viewer).filter(archived_at=None), self.cleaned_data["team"]
        )
        return found


class InviteForm(_ToTeam):
    """A pasted list of people."""

    people = area(
        _("People"), most=50_000, rows=7,
        help_text=_("One person a line: an e-mail address, or a name and the address in angle brackets."),
    )  # fmt: skip
    role = forms.ChoiceField(label=_("Role"), choices=_roles(ROLES), initial=Role.MEMBER, widget=forms.RadioSelect)
    field_order = ("people", "role", "team")


class LinkForm(_ToTeam):
    """A link for many."""

    role = forms.ChoiceField(label=_("Role"), choices=_roles(LINK_ROLES), initial=Role.MEMBER, widget=forms.RadioSelect)
    days = forms.TypedChoiceField(
        label=_("Open for"),
        coerce=int,
        choices=[(days, ngettext_lazy("%(days)d day", "%(days)d days", "days") % {"days": days}) for days in LINK_DAYS],
        initial=7,
        widget=forms.RadioSelect,
    )
    field_order = ("role", "team", "days")


class BindForm(forms.Form):
    """The address of somebody who is here without an account."""

    email = forms.EmailField(label=_("E-mail address"), max_length=254)
