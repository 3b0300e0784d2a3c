"""What is said in a chat, and how Slack-compatible chats and Microsoft Teams want it written.

Slack: "Sending messages using incoming webhooks" and "Formatting text for app surfaces" (escape &, <, > and nothing
else; links are <address|words>). Teams: a "message" with one Adaptive Card 1.4, as the Workflows app takes it; its text
is Markdown, so what people wrote is escaped.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.activity.access import SUBJECTS, words_of
from apps.activity.models import Event
from apps.core.urls import reverse_in
from apps.notifications.models import ChatFormat, Delivery, Notice
from apps.notifications.services.messages import Item
from apps.notifications.services.notices import describe_notices
from apps.workspaces.models import Member, Role

SHOWN = 10
MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+!|<>~-])")


@dataclass(frozen=True)
class Post:
    """One message to a chat, plain text throughout: a heading (may be empty), and lines that lead somewhere."""

    heading: str
    items: tuple[Item, ...]


def body_of(post: Post, form: str) -> dict[str, Any]:
    """The post as a chat of this format takes it."""
    return _for_teams(post) if form == ChatFormat.TEAMS else _for_slack(post)


def _for_slack(post: Post) -> dict[str, object]:
    lines = [_slack(post.heading)] if post.heading else []
    for item in post.items:
        lines.append(f"*<{item.url}|{_slack(item.title)}>*")
        lines += [_slack(text) for text in (item.text, item.note) if text]
    return {"text": "\n".join(lines)}


def _slack(text: str) -> str:
    """Escaped; a bar or a line break would end a link."""
    plain = " ".join(text.split()).replace("|", "¦")
    return plain.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _for_teams(post: Post) -> dict[str, object]:
    blocks: list[dict[str, object]] = []
    if post.heading:
        blocks.append({"type": "TextBlock", "text": _teams(post.heading), "wrap": True})
    for item in post.items:
        blocks.append({"type": "TextBlock", "text": f"**[{_teams(item.title)}]({item.url})**", "wrap": True})
        blocks += [
            {"type": "TextBlock", "text": _teams(text), "wrap": True, "isSubtle": True, "spacing": "None"}
            for text in (item.text, item.note)
            if text
        ]
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": blocks,
    }
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [attachment]}


def _teams(text: str) -> str:
    return MARKDOWN.sub(r"\\\1", " ".join(text.split()))


def post_of_notices(delivery: Delivery) -> Post | None:
    """What a person is mailed at the same moment, without links that act for them: others may read along in a chat.

    So what is private is not named here either.
    """
    member = delivery.recipient
    if member is None:
        return None
    ids = delivery.data.get("notices", ())
    notices = list(Notice.objects.open().filter(pk__in=ids, recipient_id=member.pk).order_by("created_at", "pk"))
    for notice in notices:
        notice.recipient = member
    said = describe_notices(notices, at=delivery.updated_at)
    told = [said[notice.pk] for notice in notices if notice.pk in said]
    items = [
        Item(title=each.outside or each.title, text=each.words, url=settings.SITE_URL + each.url)
        for each in told[:SHOWN]
    ]
    left = len(told) - SHOWN
    if left > 0:
        more = ngettext("%(count)s more is in your inbox.", "%(count)s more are in your inbox.", left)
        inbox = settings.SITE_URL + reverse_in(member.workspace, "notifications:notice_list")
        items.append(Item(title=more % {"count": left}, url=inbox))
    return Post("", tuple(items)) if items else None


def post_of_event(delivery: Delivery) -> Post | None:
    """What happened, of what every member may see: what is for one team, private, or gone by now is not said."""
    if delivery.subject_id is None:
        return None
    event = Event.objects.filter(pk=delivery.subject_id, workspace_id=delivery.workspace_id).select_related("actor")
    found = event.first()
    kind = SUBJECTS.get(found.subject_type) if found else None
    if found is None or kind is None:
        return None
    anyone = Member(workspace=delivery.workspace, role=Role.MEMBER)  # in no team, named on nothing
    rows = kind.shared(delivery.workspace_id) if kind.shared else kind.visible(anyone)
    title = rows.filter(pk=found.subject_id).order_by().values_list(kind.title, flat=True).first()
    did = words_of(found)
    if title is None or did is None:
        return None
    words = {"name": found.actor.name if found.actor else _("Somebody"), "did": did, "title": title}
    page = reverse_in(delivery.workspace, kind.page, found.subject_id) if kind.page else ""
    url = settings.SITE_URL + (page or reverse_in(delivery.workspace, "goals:goal_list"))
    return Post("", (Item(title=_("%(name)s %(did)s “%(title)s”") % words, url=url),))


def post_of_test(delivery: Delivery) -> Post:
    """Says that it works."""
    url = settings.SITE_URL + reverse_in(delivery.workspace, "notifications:notice_list")
    return Post(
        "", (Item(title=_("This chat now gets news from Counterpoise"), url=url, text=delivery.workspace.name),)
    )


POSTS: dict[str, Callable[[Delivery], Post | None]] = {
    "notices": post_of_notices,
    "chat_event": post_of_event,
    "chat_test": post_of_test,
}
"""Kind of delivery → what it says in a chat; None where there is nothing to say any more."""
