"""Mails written out: one content as text and as HTML, by the templates of `jinja2/mail`."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.template import engines
from django.utils.translation import get_language
from django.utils.translation import gettext as _


@dataclass(frozen=True)
class MailFrame:
    """The words that stand in every mail around its content."""

    sent_by: str
    no_more: str
    quoted: str
    """A quotation in the marks of its language, as the plain text shows it."""


def written_out(message: Any, *, sender: str = "") -> tuple[str, str]:
    """A message as text and as HTML, in the active language.

    `message` has what the templates show: greeting, paragraphs, facts, quote, sections, after, action, url, reason and
    unsubscribe, plain text throughout, which is escaped here. `sender` is the workspace that speaks, if it is one.
    """
    language = get_language() or settings.LANGUAGE_CODE
    context = {
        "message": message,
        "sender": sender,
        "words": _frame(sender, language),
        "language": language,
        "site_url": settings.SITE_URL,
    }
    templates = engines["jinja2"]
    text, html = (templates.get_template(f"mail/message.{kind}").render(context) for kind in ("txt", "html"))
    return text, html


@lru_cache(maxsize=500)
def _frame(sender: str, _language: str) -> MailFrame:
    """The same in all mails of a workspace and a language."""
    sent_by = _("Sent by Counterpoise for %(workspace)s.") % {"workspace": sender} if sender else ""
    return MailFrame(
        sent_by=sent_by or _("Sent by Counterpoise."),
        no_more=_("No more mails of this kind"),
        quoted=_("“%(title)s”"),
    )
