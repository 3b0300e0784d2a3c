"""Closing a goal: how it ended, and what was learned."""

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.core.models import TEXT_MAX
from apps.goals.models import Status
from apps.goals.services import REASON_MAX

OUTCOMES = [
    (Status.ACHIEVED, _("Achieved: we are where we wanted to be")),
    (Status.MISSED, _("Missed: we tried, and did not get there")),
    (Status.DROPPED, _("Dropped: it no longer made sense")),
]


class CloseForm(forms.Form):
    """The outcome and the lesson, both asked for; and why one goes on where something is waited for."""

    outcome = forms.ChoiceField(
        label=_("How did it end?"),
        choices=OUTCOMES,
        widget=forms.RadioSelect,
        error_messages={"required": _("Say whether the goal was achieved, missed or dropped.")},
    )
    lesson = forms.CharField(
        label=_("What did you learn?"),
        max_length=TEXT_MAX,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("What would you do again, and what differently? One honest sentence is enough."),
        error_messages={"required": _("Say in a sentence what was learned.")},
    )
    without_answers = forms.CharField(
        label=_("Close it without their answers? Say why"),
        required=False,
        max_length=REASON_MAX,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("It stays in the goal's history. Left empty, the goal is closed once they have answered."),
    )
