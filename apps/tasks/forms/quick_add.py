"""The one line of the quick add, and what it is added to."""

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.core.choosing import ChooseOne, Chooser
from apps.core.urls import reverse_in
from apps.goals.access import visible_goals
from apps.goals.models import OPEN_STATUSES, Goal
from apps.responsibilities.access import visible_responsibilities
from apps.responsibilities.models import Responsibility
from apps.tasks.services.quick_add_grammar import LINE_MAX
from apps.workspaces.models import Member


class QuickAddForm(forms.Form):
    """A line, what it hangs on unless it says so itself, and a key by which a form sent twice makes one task."""

    line = forms.CharField(
        label=_("What is to be done?"),
        max_length=LINE_MAX,
        error_messages={"required": _("Say what is to be done.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "enterkeyhint": "done"}),
    )
    goal = ChooseOne(label=_("For which goal?"), required=False)
    responsibility = ChooseOne(label=_("For which responsibility?"), required=False)
    key = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, member: Member, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs | {"auto_id": "quick-%s"})
        goals = visible_goals(member).filter(status__in=OPEN_STATUSES).select_related("team")
        responsibilities = visible_responsibilities(member).filter(archived_at=None).select_related("team")
        for name, rows in (("goal", goals), ("responsibility", responsibilities)):
            page = "goals:goal_options" if name == "goal" else "responsibilities:responsibility_options"
            url = reverse_in(member.workspace, page)
            cast("ChooseOne", self.fields[name]).among(Chooser(rows, "title"), url=url)

    @property
    def thing(self) -> Goal | Responsibility | None:
        """What was chosen; the responsibility where both were."""
        data = self.cleaned_data
        found: Goal | Responsibility | None = data.get("responsibility") or data.get("goal")
        return found
