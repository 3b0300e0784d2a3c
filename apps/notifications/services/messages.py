"""What a mail says: one content, written out as text and as HTML."""

import logging
import zoneinfo
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import MappingProxyType
from uuid import UUID

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.utils import timezone, translation

from apps.accounts.models import User
from apps.core.mails import written_out
from apps.core.registries import Registry
from apps.notifications.models import Delivery
from apps.notifications.services.mime import ReadyMail
from apps.workspaces.models import Workspace

log = logging.getLogger(__name__)

SUBJECT_MAX = 150
LARGEST_BYTES = 30 * 1024


@dataclass(frozen=True)
class Fact:
    """One line of the small table in a mail."""

    label: str
    value: str


@dataclass(frozen=True)
class Item:
    """One line of a mail that says several things; `url` is where it leads.

    `action` is what one does there, where the line asks for something: the words of the button, were it the only one.
    """

    title: str
    url: str
    text: str = ""
    note: str = ""
    action: str = ""


@dataclass(frozen=True)
class Section:
    """Lines under a heading; `more` says how many were left out."""

    title: str
    items: tuple[Item, ...]
    more: str = ""


@dataclass(frozen=True)
class Message:
    """The content of one mail. Plain text throughout: the templates escape it.

    `reason` says why the reader gets it; `action` and `url` are the one thing to do. `unsubscribe` is an address at
    which one request without signing in ends mails of this kind (RFC 8058).
    """

    subject: str
    greeting: str
    paragraphs: tuple[str, ...]
    action: str
    url: str
    reason: str
    facts: tuple[Fact, ...] = ()
    quote: str = ""
    after: tuple[str, ...] = ()
    sections: tuple[Section, ...] = ()
    unsubscribe: str = ""


Renderer = Callable[[Delivery], Message | None]
BatchRenderer = Callable[[Sequence[Delivery]], dict[UUID, Message | None]]


@dataclass(frozen=True)
class MailKind:
    """A kind of mail (Delivery.kind) and what it says, asked when it is sent.

    `render` gives None where the mail is no longer needed or no longer allowed: both may have changed since it was
    queued. `render_many` says what many of them say at once, by id, each in its own reader's language, in a number of
    queries that does not grow. `sent_again` is for kinds whose rows hold ids and no secret: their details outlive a
    failure, so that an admin can send them again.
    """

    name: str
    render: Renderer
    render_many: BatchRenderer | None = None
    sent_again: bool = False


MAIL_KINDS: Registry[MailKind] = Registry("MAIL_KINDS", "kinds of mail, and what each says when it is sent")


def is_sent_again(delivery: Delivery) -> bool:
    """Whether a mail of this kind keeps what it needs after a failure; see MailKind."""
    kind = MAIL_KINDS.get(delivery.kind)
    return kind is not None and kind.sent_again


def write_together(batch: Sequence[Delivery]) -> dict[UUID, Message | None]:
    """What those of a batch say that can be written together; where that fails each is written by itself later."""
    written: dict[UUID, Message | None] = {}
    for kind in MAIL_KINDS:
        those = [each for each in batch if each.kind == kind.name and can_receive(each)] if kind.render_many else []
        try:
            written |= kind.render_many(those) if kind.render_many and those else {}
        except SoftTimeLimitExceeded:  # it ends the sender, not this one kind
            raise
        except Exception:
            log.exception("Deliveries of the kind %s could not be written together.", kind.name)
    return written


def compose(delivery: Delivery, written: Mapping[UUID, Message | None] = MappingProxyType({})) -> ReadyMail | None:
    """The mail as it is to be sent, in its reader's language and time zone; None where it is no longer needed.

    `written` are messages of write_together. KeyError where nobody renders this kind.
    """
    if delivery.recipient is not None and not can_receive(delivery):
        return None
    render = MAIL_KINDS[delivery.kind].render
    with as_reader(delivery):
        message = written[delivery.pk] if delivery.pk in written else render(delivery)
        return None if message is None else _mail(delivery, message)


def can_receive(delivery: Delivery) -> bool:
    """Whether its recipient still is an active member with an account that may sign in."""
    member = delivery.recipient
    return member is not None and member.is_active and member.user is not None and member.user.is_active


@dataclass(frozen=True)
class Written:
    """A message written out: the line in the mailbox, the text, and the HTML of the same content."""

    subject: str
    text: str
    html: str


def write(message: Message, workspace: Workspace) -> Written:
    """A message as a mail shows it, in the active language and time zone."""
    text, html = written_out(message, sender=workspace.name)
    return Written(subject=one_line(message.subject, SUBJECT_MAX), text=text, html=html)


def _mail(delivery: Delivery, message: Message) -> ReadyMail:
    headers = {}
    if message.unsubscribe:
        headers["List-Unsubscribe"] = f"<{message.unsubscribe}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    written = write(message, delivery.workspace)
    return ready(written, to=_address(delivery), message_id=delivery.message_id, headers=headers)


def ready(
    written: Written, *, to: str, message_id: str, headers: Mapping[str, str] = MappingProxyType({})
) -> ReadyMail:
    """What was written, in its envelope."""
    headers = {"Message-ID": message_id, "Auto-Submitted": "auto-generated", **headers}
    if settings.MAIL_RETURN_PATH:  # what comes back goes there, not to the address that readers see
        headers["From"] = settings.DEFAULT_FROM_EMAIL
    mail = ReadyMail(
        subject=written.subject,
        body=written.text,
        from_email=settings.MAIL_RETURN_PATH or None,
        to=[to],
        headers=headers,
    )
    mail.attach_alternative(written.html, "text/html")
    return mail


def _address(delivery: Delivery) -> str:
    """A member's mail goes to the address their account has now; any other to the address it was queued for."""
    member = delivery.recipient
    return member.user.email if member and member.user else delivery.address


def one_line(text: str, longest: int) -> str:
    """The text without line breaks and control characters, cut at a word where it is too long: fit for a header."""
    printable = "".join(character if character.isprintable() else " " for character in text)
    words = " ".join(printable.split())
    if len(words) <= longest:
        return words
    return words[: longest - 1].rsplit(" ", 1)[0].rstrip(" ,;:.–-") + "…"  # noqa: RUF001 - the dash is meant


@contextmanager
def as_reader(delivery: Delivery) -> Iterator[None]:
    """Words and times as the reader of a delivery knows them: their language and time zone."""
    user = delivery.recipient.user if delivery.recipient else User.objects.filter(email=delivery.address).first()
    language = user.language if user else settings.LANGUAGE_CODE
    zone = user.timezone if user else delivery.workspace.timezone
    with translation.override(language), timezone.override(zoneinfo.ZoneInfo(zone)):
        yield
