"""The filter of the audit log."""

from collections.abc import Mapping
from typing import Any, cast
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.activity.access import SUBJECTS
from apps.core.urls import reverse_in
from apps.workspaces import access
from apps.workspaces.models import Member


class AuditFilterForm(forms.Form):
    """What kind of thing, and who did it."""

    kind = forms.ChoiceField(label=_("About"), required=False)
    who = forms.ChoiceField(label=_("Done by"), required=False)

    use_required_attribute = False

    def __init__(self, data: Mapping[str, object] | None, *, viewer: Member) -> None:
        super().__init__(data, auto_id="filter-%s")
        kind, who = (cast("forms.ChoiceField", self.fields[name]) for name in ("kind", "who"))
        kind.choices = [("", _("everything")), *((each.name, each.label) for each in SUBJECTS)]
        people = [(str(each.pk), each.name) for each in self._chosen(data, viewer)]
        who.choices = [("", _("anyone")), *people]
        url = reverse_in(viewer.workspace, "workspaces:member_options")
        who.widget.attrs |= {"data-combobox": "", "data-url": url, "data-placeholder": _("anyone")}

    def _chosen(self, data: Any, viewer: Member) -> list[Member]:
        """The person chosen; and, for those without scripts, the admins, whose deeds are most looked for."""
        people = access.visible_members(viewer).filter(role__in=["owner", "admin"]).order_by("name", "pk")[:50]
        found = {person.pk: person for person in people}
        try:
            chosen = UUID(data.get("who", ""))
        except ValueError:
            return list(found.values())
        if chosen not in found:
            found |= {person.pk: person for person in access.visible_members(viewer).filter(pk=chosen)}
        return list(found.values())

    def value(self, name: str) -> str:
        """What was chosen for one field, where it was understood."""
        self.full_clean()
        return str(self.cleaned_data.get(name) or "")
