"""Forms about teams."""

from collections.abc import Mapping

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import validate_name
from apps.core.write_conflicts import EditForm
from apps.workspaces import access
from apps.workspaces.forms.fields import (
    UNKNOWN,
    area,
    choice,
    ids_of,
    options,
    pick_member,
    pick_team,
    row_of,
    sent,
    text,
)
from apps.workspaces.models import Member, Team


class TeamFilterForm(forms.Form):
    """Which teams to list."""

    q = forms.CharField(
        label=_("Search"), required=False, max_length=200, widget=forms.TextInput(attrs={"type": "search"})
    )
    which = forms.ChoiceField(label=_("Which"), required=False, choices=[("", _("Open")), ("archived", _("Archived"))])

    use_required_attribute = False


class TeamForm(EditForm):
    """A team's name, what it is there for, and where it stands."""

    name = text(_("Name"), validators=[validate_name])
    purpose = area(_("Purpose"), required=False, help_text=_("What would be missing if this team were not there?"))
    parent = forms.ChoiceField(label=_("Part of"), required=False)

    def __init__(
        self,
        data: Mapping[str, object] | None = None,
        *,
        viewer: Member,
        team: Team | None = None,
        parent: Team | None = None,
    ) -> None:
        self.viewer, self.team = viewer, team
        now = team.parent if team else parent
        initial = {"name": team.name, "purpose": team.purpose} if team else {}
        initial |= {"parent": str(now.pk) if now else ""}
        super().__init__(data, thing=team, reader=viewer, initial=initial)
        field = choice(self, "parent")
        everywhere = access.can_change_workspace(viewer)
        teams = None if everywhere else access.led_teams(viewer)
        chosen = [now.pk if now else "", *sent(data, "parent")]
        pick_team(field, viewer, teams=teams, chosen=chosen, none=_("No other team"))
        self._tidy(field, now, everywhere=everywhere)

    def _tidy(self, field: forms.ChoiceField, now: Team | None, *, everywhere: bool) -> None:
        """Take out what cannot be: the team itself, and the root for whoever may not put a team there.

        The present place stays.
        """
        out = {str(self.team.pk)} if self.team else set()
        if not everywhere and (self.team is None or now is not None):
            out.add("")
            field.required = True
        choices = options(field, without=out)
        if now is not None and str(now.pk) not in dict(choices):
            choices.append((str(now.pk), now.name))
        field.choices = choices

    def clean_parent(self) -> Team | None:
        """The team itself."""
        found: Team | None = row_of(access.visible_teams(self.viewer), self.cleaned_data["parent"])
        return found


class TeamMembersForm(EditForm):
    """Who is in the team, and who of them leads it."""

    leads = forms.MultipleChoiceField(
        label=_("Leads"),
        required=False,
        help_text=_("They can change the team, and see its goals and those of its sub-teams."),
    )
    members = forms.MultipleChoiceField(label=_("Members"), required=False)

    def __init__(
        self, data: Mapping[str, object] | None = None, *, viewer: Member, team: Team, places: dict[Member, bool]
    ) -> None:
        self.viewer = viewer
        leads = [str(member.pk) for member, is_lead in places.items() if is_lead]
        rest = [str(member.pk) for member, is_lead in places.items() if not is_lead]
        super().__init__(data, thing=team, reader=viewer, initial={"leads": leads, "members": rest})
        now = [member.pk for member in places]
        for name in ("leads", "members"):
            field = choice(self, name)
            pick_member(field, viewer, chosen=[*now, *sent(data, name)], none=None)
            field.error_messages["invalid_choice"] = UNKNOWN
            field.widget.attrs["size"] = 8

    def places(self) -> dict[Member, bool]:
        """Member → whether they lead. Somebody in both lists leads."""
        leads, rest = ids_of(self.said("leads")), ids_of(self.said("members"))
        people = access.visible_members(self.viewer).filter(pk__in=leads | rest)
        return {person: person.pk in leads for person in people}
