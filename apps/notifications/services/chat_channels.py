"""Chat channels: incoming webhooks of a chat, one for a person and one for the workspace."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypedDict
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _
from django_stubs_ext import StrOrPromise

from apps.activity import services as activity
from apps.activity.models import Event
from apps.core import net
from apps.core.clock import due_at_once
from apps.core.registries import Registry
from apps.notifications import access
from apps.notifications.models import Channel, ChatChannel, ChatFormat, Delivery, Notice
from apps.notifications.services.deliveries import new_message_id
from apps.workspaces.models import Member

URL_MAX = 2_000
LOOKS_BACK = timedelta(hours=6)
EVENTS_A_SWEEP = 100
NOTICES, EVENT, TEST = "notices", "chat_event", "chat_test"


@dataclass(frozen=True)
class ChatEvent:
    """Something that a workspace's chat can be told of: the verb in the log, and the words by which it is chosen."""

    name: str
    label: StrOrPromise


CHAT_EVENTS: Registry[ChatEvent] = Registry("CHAT_EVENTS", "what a workspace's chat can be told of")
EVENT_GROUPS = {
    "goal": _("Goals"),
    "responsibility": _("Responsibilities"),
    "assignment": _("Answers to offers"),
    "task": _("Tasks"),
    "cycle": _("Cycles"),
    "team": _("Teams"),
    "member": _("People"),
}
"""What stands before the point of such a verb → the heading those choices stand under."""


class ChatFields(TypedDict, total=False):
    """What a person may say about a channel. `events` counts for the workspace's alone."""

    format: str
    url: str
    events: Collection[str]
    is_active: bool


def channel_of(by: Member, *, own: bool) -> ChatChannel | None:
    """One's own channel, or the workspace's for its admins; None where there is none."""
    rows = access.visible_chat_channels(by).select_related("created_by")
    found: ChatChannel | None = rows.filter(member=by if own else None).first()
    return found


def save_channel(fields: ChatFields, *, own: bool, by: Member, at: datetime) -> ChatChannel:
    """Make or change one's own channel, or the workspace's. What failed before is forgotten with a change.

    Raises PermissionDenied, ValidationError by field.
    """
    blank = ChatChannel(workspace_id=by.workspace_id, member=by if own else None)
    access.can_change_channel.demand(by, blank)
    _check(fields, own=own)
    return _save(fields, own=own, by=by, at=at)


def _check(fields: ChatFields, *, own: bool) -> None:
    """Asks the name's servers, so it holds no lock and no transaction."""
    if fields.get("format", ChatFormat.SLACK) not in ChatFormat.values:
        raise ValidationError({"format": _("Choose the chat's format.")})
    if not own and not set(fields.get("events", ())) <= {each.name for each in CHAT_EVENTS}:
        raise ValidationError({"events": _("Choose from the list.")})
    if "url" not in fields:
        return
    if len(fields["url"]) > URL_MAX:
        raise ValidationError({"url": _("This address is too long.")})
    try:
        parts = net.check_url(fields["url"])
        net.allowed_addresses(parts.hostname or "", parts.port or 443)
    except net.ForbiddenAddressError as error:
        raise ValidationError({"url": str(error)}) from error


@transaction.atomic
def _save(fields: ChatFields, *, own: bool, by: Member, at: datetime) -> ChatChannel:
    rows = access.visible_chat_channels(by).select_for_update(of=("self",))
    channel: ChatChannel | None = rows.filter(member=by if own else None).first()
    if channel is None:
        channel = ChatChannel(workspace=by.workspace, member=by if own else None, created_by=by, created_at=at)
    for name, value in fields.items():
        setattr(channel, name, value)
    channel.events = [] if own else sorted(set(channel.events))
    channel.failing_since, channel.last_error, channel.updated_at = None, "", at
    channel.save()
    if not own:
        activity.record("workspace.chat_changed", by.workspace, by=by, at=at, workspace_id=by.workspace_id)
    return channel


@transaction.atomic
def delete_channel(channel: ChatChannel, *, by: Member, at: datetime) -> None:
    """Take a channel away with what waits for it. Raises PermissionDenied."""
    access.can_change_channel.demand(by, channel)
    if channel.member_id is None:
        activity.record("workspace.chat_changed", by.workspace, by=by, at=at, workspace_id=by.workspace_id)
    channel.delete()


@transaction.atomic
def send_test(channel: ChatChannel, *, by: Member, at: datetime) -> None:
    """Put a test message into the outbox, at most one a minute. Raises PermissionDenied, ValidationError."""
    access.can_change_channel.demand(by, channel)
    if not channel.is_active:
        raise ValidationError(_("Switch the channel on first."))
    minute = at.replace(second=0, microsecond=0).isoformat()
    if not _queue([(channel, minute, None, {})], kind=TEST, at=at):
        raise ValidationError(_("A test was sent a moment ago."))


def queue_chats_of_notices(people: Sequence[Member], waiting: Mapping[UUID, Sequence[Notice]], *, at: datetime) -> None:
    """Say in people's own channels what they are mailed at this moment, in the same transaction."""
    channels = ChatChannel.objects.filter(member__in=people, is_active=True)
    ids = {pk: [str(notice.pk) for notice in notices] for pk, notices in waiting.items()}
    said = ((channel, ids[channel.member_id]) for channel in channels if channel.member_id)
    wanted = [(channel, at.isoformat(), None, {"notices": notices}) for channel, notices in said]
    _queue(wanted, kind=NOTICES, at=at)


def queue_chats_of_events(*, at: datetime) -> int:
    """Say in workspaces' channels what happened of the kinds they name; gives back how many messages were made.

    Read from the log, a few hours back, so that writing costs nothing; each event is said once. What of it every member
    may see is asked when it is sent. What an import wrote is not said: it may be thousands of rows.
    """
    made = 0
    channels = ChatChannel.objects.filter(member=None, is_active=True, events__len__gt=0)
    for channel in channels.order_by("pk").iterator():
        said = Delivery.objects.filter(chat=channel, kind=EVENT, subject_id=OuterRef("pk"))
        since = max(at - LOOKS_BACK, channel.updated_at)
        events = Event.objects.filter(workspace_id=channel.workspace_id, verb__in=channel.events, at__gte=since)
        events = events.exclude(data__has_key="import")
        found = events.filter(~Exists(said)).order_by("at", "pk")[:EVENTS_A_SWEEP]
        made += _queue([(channel, str(event.pk), event.pk, {}) for event in found], kind=EVENT, at=at)
    return made


Wanted = tuple[ChatChannel, str, UUID | None, dict[str, Any]]


def _queue(wanted: Sequence[Wanted], *, kind: str, at: datetime) -> int:
    """Put messages (channel, dedupe_key, subject, details) into the outbox; gives back how many did not stand there."""
    if not wanted:
        return 0
    before = Delivery.objects.filter(
        kind=kind, chat__in=[each[0] for each in wanted], dedupe_key__in=[each[1] for each in wanted]
    ).count()
    Delivery.objects.bulk_create(
        [
            Delivery(
                workspace_id=channel.workspace_id,
                recipient_id=channel.member_id,
                channel=Channel.CHAT,
                chat=channel,
                kind=kind,
                dedupe_key=dedupe_key,
                subject_id=subject_id,
                data=data,
                next_try_at=due_at_once(at),
                message_id=new_message_id(),
                created_at=at,
            )
            for channel, dedupe_key, subject_id, data in wanted
        ],
        ignore_conflicts=True,
    )
    return len(wanted) - before
