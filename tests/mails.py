"""Reading what was sent in tests."""

from email import message_from_bytes, policy
from email.message import EmailMessage as Read

from django.core.mail import EmailMessage, EmailMultiAlternatives


def html_of(sent: EmailMessage) -> str:
    """The HTML part of a mail."""
    assert isinstance(sent, EmailMultiAlternatives)
    (html,) = [str(content) for content, kind in sent.alternatives if kind == "text/html"]
    return html


def read(sent: EmailMessage) -> Read:
    """A mail as a mail program reads it, from the bytes that go over the wire."""
    return message_from_bytes(sent.message().as_bytes(), policy=policy.default)


def whole(sent: EmailMessage) -> str:
    """Everything a mail says, decoded from the wire: every header, its text and its HTML."""
    message = read(sent)
    headers = "\n".join(f"{name}: {value}" for name, value in message.items())
    parts = [part.get_content() for part in message.walk() if part.get_content_maintype() == "text"]
    assert parts
    return "\n".join([headers, *map(str, parts)])
