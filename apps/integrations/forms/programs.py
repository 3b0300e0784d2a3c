"""Shapes of tokens and webhooks."""

from datetime import datetime, timedelta
from typing import cast

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.core.forms import grouped
from apps.core.write_conflicts import EditForm
from apps.integrations.models import EVENTS, SCOPES
from apps.integrations.services.webhooks import WebhookFields
from apps.notifications.services import EVENT_GROUPS

SCOPE_GROUPS = {
    "people": _("People"),
    "goals": _("Goals"),
    "responsibilities": _("Responsibilities and tasks"),
    "inbox": _("Inbox"),
    "webhooks": _("Webhooks"),
    "exports": _("Exports"),
}
LIFETIMES = [("30", _("30 days")), ("90", _("90 days")), ("365", _("One year")), ("", _("Never"))]


class TokenForm(forms.Form):
    """What a token is for, what it may do, and how long."""

    name = forms.CharField(label=_("Name"), max_length=100, help_text=_("Which program will use it?"))
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"),
        choices=grouped(SCOPES, SCOPE_GROUPS),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Never more than you may yourself: it sees and does what you see and do."),
    )
    lifetime = forms.ChoiceField(label=_("Expires"), choices=LIFETIMES, initial="90", required=False)

    def expires_at(self, at: datetime) -> datetime | None:
        """When it expires; None for never."""
        days = self.cleaned_data["lifetime"]
        return at + timedelta(days=int(days)) if days else None


class WebhookForm(EditForm):
    """Where to, and of what."""

    url = forms.URLField(
        label=_("Address"),
        max_length=2_000,
        assume_scheme="https",
        help_text=_("A public https:// address of your program."),
    )
    events = forms.MultipleChoiceField(
        label=_("Tell it when"),
        choices=grouped(EVENTS, {**EVENT_GROUPS, "import": _("Imports")}),
        widget=forms.CheckboxSelectMultiple,
    )
    is_active = forms.BooleanField(label=_("Send messages"), required=False, initial=True)

    def fields_of_webhook(self) -> WebhookFields:
        """As the service takes them."""
        return cast("WebhookFields", dict(self.cleaned_data))
