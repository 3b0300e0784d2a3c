"""Forms about chat channels."""

from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import urlsplit

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.core.forms import grouped
from apps.core.write_conflicts import EditForm
from apps.notifications.models import ChatChannel, ChatFormat
from apps.notifications.services import CHAT_EVENTS, EVENT_GROUPS
from apps.notifications.services.chat_channels import URL_MAX, ChatFields
from apps.workspaces.models import Member


class ChatForm(EditForm):
    """Where a chat is and how it wants messages; for the workspace's also of what it is told.

    The address is a secret, so the present one is not shown: an empty field keeps it.
    """

    format = forms.ChoiceField(label=_("Chat"), choices=ChatFormat.choices, widget=forms.RadioSelect)
    url = forms.URLField(
        label=_("Address of its incoming webhook"), max_length=URL_MAX, assume_scheme="https",
        help_text=_("You find it in the settings of the chat. Whoever knows it can write there: we keep it encrypted."),
        widget=forms.URLInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )  # fmt: skip
    events = forms.MultipleChoiceField(
        label=_("Tell it when"), choices=lambda: grouped({each.name: each.label for each in CHAT_EVENTS}, EVENT_GROUPS),
        widget=forms.CheckboxSelectMultiple, help_text=_("Only of what every member may see."),
    )  # fmt: skip
    is_active = forms.BooleanField(label=_("Send messages"), required=False, initial=True)

    def __init__(
        self, data: Mapping[str, object] | None = None, *, channel: ChatChannel | None, own: bool, reader: Member
    ) -> None:
        initial: dict[str, Any] = {"format": ChatFormat.SLACK}
        if channel is not None:
            initial = {"format": channel.format, "events": channel.events, "is_active": channel.is_active}
        super().__init__(data, thing=channel, reader=reader, initial=initial)
        if own:
            del self.fields["events"]
        if channel is not None:
            self.fields["url"].required = False
            self.fields["url"].help_text = _kept(channel)

    def fields_of_channel(self) -> ChatFields:
        """As the service takes them."""
        data = self.cleaned_data
        return cast("ChatFields", {name: value for name, value in data.items() if name != "url" or value})


def _kept(channel: ChatChannel) -> str:
    """What an empty field means: the address that is there, of which only the host is told."""
    if not channel.is_reachable:
        return gettext("It cannot be read just now. Leave this empty to keep it, or enter it again.")
    return gettext("It leads to %(host)s. Leave this empty to keep it.") % {
        "host": urlsplit(channel.url).hostname or "…"
    }
