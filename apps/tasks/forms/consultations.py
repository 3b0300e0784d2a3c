"""Asking those who are consulted, and answering: shape only."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.core.forms import date_field
from apps.tasks.services.consultations import ANSWER_MAX, QUESTION_MAX, default_answer_by
from apps.workspaces.models import Member


class AskForm(forms.Form):
    """What one wants to know, and by when."""

    question = forms.CharField(
        label=_("What do you want to know of them?"),
        max_length=QUESTION_MAX,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Say what you want to know of them.")},
    )
    answer_by_on = date_field(label=_("Answer by"), help_text=_("After this day nothing waits for their answer."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs | {"auto_id": "ask-%s"})


def ask_form(member: Member, data: Mapping[str, object] | None = None, *, at: datetime) -> AskForm:
    """The form in which the consulted are asked, with the days that the workspace gives them."""
    return AskForm(data, initial={"answer_by_on": default_answer_by(member.workspace, member.today(at))})


class ConsultationAnswerForm(forms.Form):
    """What somebody thinks about closing it."""

    answer = forms.CharField(
        label=_("What do you think?"),
        max_length=ANSWER_MAX,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Say in a sentence what you think.")},
    )
