"""Reading the mails that the demo's mail server keeps as files instead of delivering them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

from django.conf import settings

MAILS_LISTED = 200
MAIL_NAME = re.compile(r"\d{20}-\d{6}")
NANOSECONDS = 1_000_000_000


@dataclass(frozen=True)
class KeptMail:
    """One mail as the demo shows it; `text` and `html` are empty where the mail has no such part, or in a list."""

    name: str
    sender: str
    recipients: str
    subject: str
    arrived_at: datetime
    text: str = ""
    html: str = ""
    headers: tuple[tuple[str, str], ...] = ()


def kept_mails() -> list[KeptMail]:
    """The newest mails first, without their bodies."""
    names = sorted((path.stem for path in Path(settings.MAIL_DIR).glob("*.eml") if is_name(path.stem)), reverse=True)
    return [read(name, with_body=False) for name in names[:MAILS_LISTED]]


def kept_mail(name: str) -> KeptMail | None:
    """One mail whole, or None where there is none of this name."""
    if not is_name(name) or not mail_path(name).is_file():
        return None
    return read(name, with_body=True)


def is_name(name: str) -> bool:
    """Whether this is a name the mail server gives: time of arrival and a number."""
    return MAIL_NAME.fullmatch(name) is not None


def mail_path(name: str) -> Path:
    """Where the mail lies."""
    return Path(settings.MAIL_DIR) / f"{name}.eml"


def read(name: str, *, with_body: bool) -> KeptMail:
    """Read one mail's file."""
    with mail_path(name).open("rb") as file:
        message = BytesParser(EmailMessage, policy=policy.default).parse(file, headersonly=not with_body)
    return KeptMail(
        name=name,
        sender=str(message["From"] or message["X-Envelope-From"] or ""),
        recipients=str(message["To"] or message["X-Envelope-To"] or ""),
        subject=str(message["Subject"] or ""),
        arrived_at=datetime.fromtimestamp(int(name[: name.index("-")]) / NANOSECONDS, tz=UTC),
        text=body(message, ("plain",)) if with_body else "",
        html=body(message, ("html",)) if with_body else "",
        headers=tuple((key, str(value)) for key, value in message.items()),
    )


def body(message: EmailMessage, kinds: Iterable[str]) -> str:
    """The mail's part of this kind, empty where there is none."""
    part = message.get_body(tuple(kinds))
    return str(part.get_content()) if part is not None else ""
