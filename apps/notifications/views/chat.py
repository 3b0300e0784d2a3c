"""Chat channels: one's own, and the workspace's for its admins."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from apps.core.actor import actor
from apps.core.forms import add_errors
from apps.core.section import section
from apps.core.urls import reverse_in
from apps.core.write_conflicts import edits
from apps.notifications import access
from apps.notifications.forms import ChatForm
from apps.notifications.services import chat_channels as chat
from apps.workspaces.models import Member

PAGES = {True: "notifications:chat_edit", False: "notifications:workspace_chat_edit"}


@section("inbox")
@require_http_methods(["GET", "POST"])
@never_cache
@edits(ChatForm, together=False)
def chat_edit(request: HttpRequest) -> HttpResponse:
    """One's own channel, which is told what one is mailed at once."""
    return _edit(request, own=True)


@section("settings")
@require_http_methods(["GET", "POST"])
@never_cache
@edits(ChatForm, together=False)
def workspace_chat_edit(request: HttpRequest) -> HttpResponse:
    """The workspace's channel, which is told what everybody may see."""
    _admin(request)
    return _edit(request, own=False)


@require_POST
def chat_test(request: HttpRequest) -> HttpResponse:
    """A test message to one's own channel."""
    return _test(request, own=True)


@require_POST
def workspace_chat_test(request: HttpRequest) -> HttpResponse:
    """A test message to the workspace's channel."""
    _admin(request)
    return _test(request, own=False)


@require_POST
def chat_delete(request: HttpRequest) -> HttpResponse:
    """Take one's own channel away."""
    return _delete(request, own=True)


@require_POST
def workspace_chat_delete(request: HttpRequest) -> HttpResponse:
    """Take the workspace's channel away."""
    _admin(request)
    return _delete(request, own=False)


def _admin(request: HttpRequest) -> None:
    access.can_change_channel.demand(actor(request), None)


def _back(member: Member, *, own: bool) -> HttpResponse:
    return redirect(reverse_in(member.workspace, PAGES[own]))


def _edit(request: HttpRequest, *, own: bool) -> HttpResponse:
    member = actor(request)
    channel = chat.channel_of(member, own=own)
    form = ChatForm(request.POST if request.method == "POST" else None, channel=channel, own=own, reader=member)
    if form.is_valid():
        try:
            chat.save_channel(form.fields_of_channel(), own=own, by=member, at=timezone.now())
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("Saved."))
            return _back(member, own=own)
    return render(request, "notifications/chat_edit.html", {"form": form, "channel": channel, "own": own})


def _test(request: HttpRequest, *, own: bool) -> HttpResponse:
    member = actor(request)
    channel = chat.channel_of(member, own=own)
    if channel is None:
        messages.error(request, _("There is no channel yet."))
        return _back(member, own=own)
    try:
        chat.send_test(channel, by=member, at=timezone.now())
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("A test message is on its way. Look at your chat, then come back here."))
    return _back(member, own=own)


def _delete(request: HttpRequest, *, own: bool) -> HttpResponse:
    member = actor(request)
    channel = chat.channel_of(member, own=own)
    if channel is not None:
        chat.delete_channel(channel, by=member, at=timezone.now())
        messages.success(request, _("The channel is gone."))
    return _back(member, own=own)
