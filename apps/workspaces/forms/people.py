"""Forms about people."""

from collections.abc import Mapping, Sequence

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import validate_name
from apps.core.urls import reverse_in
from apps.core.write_conflicts import EditForm
from apps.workspaces import access
from apps.workspaces.forms.fields import OFFERED, choice, ids_of, options, pick_member, pick_team, row_of, sent, text
from apps.workspaces.models import Member, Role
from apps.workspaces.services import Holding, HoldingKind, field_name

STATUSES = (
    ("", _("Active")),
    ("waiting", _("Without an account")),
    ("deactivated", _("Deactivated")),
    ("all", _("Everyone")),
)
FIELDS_MAX = 200
OPTIONS_MAX = 4_000
FEW = 20
LEAVE = "leave"
LEAVE_WORDS = _("Leave without anybody")


class MemberFilterForm(forms.Form):
    """Which people to list."""

    q = forms.CharField(
        label=_("Search"), required=False, max_length=200, widget=forms.TextInput(attrs={"type": "search"})
    )
    team = forms.ChoiceField(label=_("Team"), required=False)
    role = forms.ChoiceField(label=_("Role"), required=False, choices=[("", _("any")), *Role.choices])
    status = forms.ChoiceField(label=_("Who"), required=False, choices=STATUSES)

    use_required_attribute = False

    def __init__(self, data: Mapping[str, object] | None, *, viewer: Member) -> None:
        super().__init__(data, auto_id="filter-%s")
        self.viewer = viewer
        pick_team(choice(self, "team"), viewer, chosen=sent(data, "team"), none=_("all"))

    def chosen(self) -> dict[str, str]:
        """The filters that were understood."""
        self.full_clean()
        return {name: value for name, value in self.cleaned_data.items() if value}

    def spoken(self, name: str) -> str:
        """A chosen value in words."""
        value = self.cleaned_data[name]
        field = self.fields[name]
        return dict(options(field)).get(value, value) if isinstance(field, forms.ChoiceField) else str(value)


class MemberForm(EditForm):
    """A person's name, title and hours; for admins also the address and whom they report to."""

    name = text(_("Name"), validators=[validate_name])
    title = text(_("Title"), required=False, help_text=_("What they do here, in their own words."))
    weekly_hours = forms.DecimalField(
        label=_("Hours a week"), min_value=0, max_value=168, max_digits=4, decimal_places=1,
        help_text=_("How much time they have here. Promises to goals are set against it."),
    )  # fmt: skip
    email = forms.EmailField(label=_("E-mail address"), required=False, max_length=254)
    manager = forms.ChoiceField(label=_("Reports to"), required=False)

    def __init__(self, data: Mapping[str, object] | None = None, *, person: Member, viewer: Member) -> None:
        self.person, self.viewer = person, viewer
        initial = {name: getattr(person, name) for name in ("name", "title", "weekly_hours", "email")}
        initial |= {"manager": str(person.manager_id or "")}
        super().__init__(data, thing=person, reader=viewer, initial=initial)
        if person.user_id is not None or not viewer.is_admin:
            del self.fields["email"]
        if access.can_set_manager(viewer, person):
            field = choice(self, "manager")
            pick_member(field, viewer, chosen=[person.manager_id, *sent(data, "manager")], none=_("Nobody"))
            field.choices = options(field, without={str(person.pk)})
        else:
            del self.fields["manager"]

    def clean_manager(self) -> Member | None:
        """The person themselves."""
        value = self.cleaned_data["manager"]
        if value and value == str(self.person.manager_id):
            return self.person.manager
        found: Member | None = row_of(access.visible_members(self.viewer).filter(deactivated_at=None), value)
        return found


class RoleForm(EditForm):
    """Another role."""

    role = forms.ChoiceField(label=_("Role"), widget=forms.RadioSelect)

    def __init__(self, data: Mapping[str, object] | None = None, *, person: Member, viewer: Member) -> None:
        super().__init__(data, thing=person, reader=viewer, initial={"role": person.role})
        choice(self, "role").choices = [
            each for each in Role.choices if each[0] == person.role or access.can_set_role(viewer, person, each[0])
        ]


class DeactivateForm(forms.Form):
    """For each thing the person holds: who takes it over, or that it is left. One choice may answer for all the rest.

    Only the first FIELDS_MAX things have a choice of their own; the others follow the one for the rest, which is then
    needed.
    """

    rest = forms.ChoiceField(label=_("Everything else"), required=False)

    def __init__(
        self,
        data: Mapping[str, object] | None = None,
        *,
        person: Member,
        viewer: Member,
        holdings: Sequence[tuple[HoldingKind, Sequence[Holding]]],
    ) -> None:
        super().__init__(data)
        self.viewer = viewer
        every = [(kind, holding, field_name(kind, holding)) for kind, found in holdings for holding in found]
        self.own, self.more = every[:FIELDS_MAX], every[FIELDS_MAX:]
        for _kind, holding, name in self.own:
            self.fields[name] = forms.ChoiceField(label=holding.title, required=False)
        candidates, attributes = self._candidates(person)
        few = candidates if len(candidates) * len(self.own) <= OPTIONS_MAX else candidates[:FEW]
        for name in self.fields:
            words, offered = (_("One by one"), candidates) if name == "rest" else (_("Choose…"), few)
            chosen = [each for each in candidates if each not in offered and each[0] in sent(data, name)]
            choice(self, name).choices = [("", words), (LEAVE, LEAVE_WORDS), *offered, *chosen]
            self.fields[name].widget.attrs |= {**attributes, "data-placeholder": words}

    def _candidates(self, person: Member) -> tuple[list[tuple[str, str]], dict[str, str]]:
        """Who is offered, those chosen before among them; and how to find others."""
        field = forms.ChoiceField()
        pick_member(field, self.viewer, chosen=[value for name in self.fields for value in sent(self.data, name)])
        url = reverse_in(self.viewer.workspace, "workspaces:member_options")
        found = options(field, without={"", str(person.pk)})
        many = len(found) * len(self.fields) > OPTIONS_MAX or len(found) >= OFFERED - 1
        return found, {"data-combobox": "", **({"data-url": f"{url}?also={LEAVE}"} if many else {})}

    def clean_rest(self) -> str:
        """Needed where there are more things than choices."""
        rest: str = self.cleaned_data["rest"]
        if self.more and not rest:
            raise forms.ValidationError(
                _("Choose for the %(count)s things without a choice of their own.") % {"count": len(self.more)}
            )
        return rest

    def choices(self) -> Mapping[str, Member | None]:
        """Name of the holding → who takes it, None for nobody; without those for which nothing was said."""
        rest = self.cleaned_data.get("rest", "")
        names = [name for _kind, _holding, name in [*self.own, *self.more] if name not in self.errors]
        said = {name: self.cleaned_data.get(name) or rest for name in names}
        ids = ids_of(said.values())
        people = {str(each.pk): each for each in access.visible_members(self.viewer).filter(pk__in=ids)}
        return {name: people.get(value) for name, value in said.items() if value == LEAVE or value in people}

    def rows(self) -> list[tuple[object, list[tuple[Holding, forms.BoundField]]]]:
        """For the page: each kind's label with its holdings and their fields."""
        found: dict[str, tuple[object, list[tuple[Holding, forms.BoundField]]]] = {}
        for kind, holding, name in self.own:
            found.setdefault(kind.name, (kind.label, []))[1].append((holding, self[name]))
        return list(found.values())
