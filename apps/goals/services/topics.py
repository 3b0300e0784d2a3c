"""How notices name what they are about, and that nothing private is named outside."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Model
from django.utils.translation import gettext as _

from apps.goals.models import Goal, Visibility
from apps.goals.services.reminder_mail import QUOTE_MAX, TITLE_MAX, shortened
from apps.notifications.services import NoticeWords


@dataclass(frozen=True)
class Topic:
    """What a notice is about.

    `key` stands for its title in sentences (“%(goal)s is due”), `url` is where the one action leads. What is private is
    not named outside, in mails and chats. The inbox groups it under `about`, which leads to `about_url`; where these
    are empty, under its title, which leads to `url`.
    """

    key: str
    title: str
    url: str
    is_private: bool = False
    about: str = ""
    about_url: str = ""


def is_private(thing: Model | None) -> bool:
    """Whether it is a private goal."""
    return isinstance(thing, Goal) and thing.visibility == Visibility.PRIVATE


def said_about(
    topic: Topic,
    *,
    title: str,
    outside: str,
    action: str,
    reason: str,
    text: str = "",
    quote: str = "",
    words: Mapping[str, str] | None = None,
) -> NoticeWords:
    """What a notice about a topic says; `words` are what else its title names, `quote` what a person wrote.

    Outside, what is private is not named, nor what was said about it: `outside` says the same of “a private goal”, in a
    sentence of its own, since languages bend these words in the middle of one.
    """
    words = words or {}
    quoted = _("“%(title)s”") % {"title": shortened(topic.title, TITLE_MAX)}
    return NoticeWords(
        title=title % {**words, topic.key: quoted},
        outside=outside % words if topic.is_private else "",
        text=_("The goal is private, so it is not named here. Sign in to read on.") if topic.is_private else text,
        url=topic.url,
        action=action,
        about=topic.about or topic.title,
        about_url=topic.about_url or topic.url,
        reason=reason,
        quote="" if topic.is_private else shortened(quote, QUOTE_MAX),
    )
