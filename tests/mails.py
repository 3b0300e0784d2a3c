"""Reading what was sent in tests."""

from django.core.mail import EmailMessage, EmailMultiAlternatives


def html_of(sent: EmailMessage) -> str:
    """The HTML part of a mail."""
    assert isinstance(sent, EmailMultiAlternatives)
    (html,) = [str(content) for content, kind in sent.alternatives if kind == "text/html"]
    return html
