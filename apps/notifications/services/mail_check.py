"""Whether mail can leave: the settings, and a talk with the mail server up to the point where a mail would follow."""

import smtplib
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parseaddr
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import get_connection
from django.core.mail.backends.smtp import EmailBackend
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from apps.notifications.models import AccountMail, Channel, Delivery
from apps.notifications.services.deliveries import queue_delivery
from apps.notifications.services.mail_health import KIND
from apps.notifications.services.sending import described
from apps.workspaces.models import Workspace

LATE = timedelta(minutes=5)
HERE = {"localhost", "127.0.0.1", "::1"}
NO_REAL_DOMAINS = ("localhost", ".local", ".invalid", ".test", ".example", "example.org", "example.com", "example.net")
REFUSED = 400
"""An answer of SMTP from here on says no (RFC 5321, section 4.2.1)."""


@dataclass(frozen=True)
class MailCheckResult:
    """One thing that was looked at: whether it is well, what was found, and else what to do."""

    name: str
    ok: bool
    said: str
    advice: str = ""


def check_mail(*, at: datetime) -> list[MailCheckResult]:
    """Everything that can be known without sending a mail; the talk with the server ends at the first refusal."""
    return [*_settings(), *_server(), _outbox(at)]


def _settings() -> Iterator[MailCheckResult]:
    secured = settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL
    both = settings.EMAIL_USE_TLS and settings.EMAIL_USE_SSL
    way = _("%(host)s, port %(port)s, %(how)s") % {
        "host": settings.EMAIL_HOST,
        "port": settings.EMAIL_PORT,
        "how": _("encrypted") if secured else _("not encrypted"),
    }
    if both:
        yield MailCheckResult("settings", ok=False, said=way, advice=_("Set EMAIL_USE_TLS or EMAIL_USE_SSL, not both."))
    elif settings.EMAIL_HOST_PASSWORD and not secured and settings.EMAIL_HOST not in HERE:
        advice = _("The password would be sent in the clear: set EMAIL_USE_TLS=1 (port 587) or EMAIL_USE_SSL=1 (465).")
        yield MailCheckResult("settings", ok=False, said=way, advice=advice)
    elif bool(settings.EMAIL_HOST_USER) != bool(settings.EMAIL_HOST_PASSWORD):
        advice = _("Set both EMAIL_HOST_USER and EMAIL_HOST_PASSWORD, or neither.")
        yield MailCheckResult("settings", ok=False, said=way, advice=advice)
    else:
        yield MailCheckResult("settings", ok=True, said=way)
    yield _sender()
    yield _links()


def _sender() -> MailCheckResult:
    address = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    try:
        validate_email(address)
    except ValidationError:
        advice = _("Set DEFAULT_FROM_EMAIL, as in “Counterpoise <goals@your-company.com>”.")
        return MailCheckResult("sender", ok=False, said=settings.DEFAULT_FROM_EMAIL, advice=advice)
    if address.endswith(NO_REAL_DOMAINS):
        advice = _("Nobody accepts mail from this domain: set DEFAULT_FROM_EMAIL to an address of a domain of yours.")
        return MailCheckResult("sender", ok=False, said=address, advice=advice)
    return MailCheckResult("sender", ok=True, said=address)


def _links() -> MailCheckResult:
    host = urlsplit(settings.SITE_URL).hostname or ""
    if host in HERE:
        advice = _("Links in mails would lead each reader to their own machine: set SITE_URL to the public address.")
        return MailCheckResult("links", ok=False, said=settings.SITE_URL, advice=advice)
    return MailCheckResult("links", ok=True, said=settings.SITE_URL)


def _server() -> Iterator[MailCheckResult]:
    if settings.EMAIL_USE_TLS and settings.EMAIL_USE_SSL:
        return  # the connection cannot be made; _settings says so
    connection = get_connection()
    if not isinstance(connection, EmailBackend):
        advice = _("This installation keeps its mails to itself; set EMAIL_BACKEND to the one for SMTP.")
        yield MailCheckResult("connection", ok=False, said=settings.EMAIL_BACKEND, advice=advice)
        return
    try:
        connection.open()
        said = _("Reached, with TLS.") if connection.use_tls or connection.use_ssl else _("Reached, without TLS.")
        signed_in = _("Signed in as %(user)s.") % {"user": connection.username} if connection.username else ""
        yield MailCheckResult("connection", ok=True, said=f"{said} {signed_in}".strip())
        if connection.connection is not None:
            yield _accepted(connection.connection)
    except (OSError, smtplib.SMTPException, ValueError) as error:
        name, advice = _why(error)
        yield MailCheckResult(name, ok=False, said=described(error), advice=advice)
    finally:
        connection.close()


def _accepted(server: smtplib.SMTP) -> MailCheckResult:
    """Whether the server takes mail from our address. Nothing is sent: RSET follows."""
    sender = settings.MAIL_RETURN_PATH or parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    code, text = server.mail(sender)
    server.rset()
    if code >= REFUSED:
        said = f"{code} {text.decode('utf-8', 'replace')}"
        advice = _("The server does not let this account send as %(sender)s.") % {"sender": sender}
        return MailCheckResult("sending", ok=False, said=said, advice=advice)
    said = _("The server takes mail from %(sender)s.") % {"sender": sender}
    advice = _(
        "Set up SPF, DKIM and DMARC records of the domain for this server, or others will treat the mails as forged."
    )
    return MailCheckResult("sending", ok=True, said=said, advice=advice)


def _why(error: Exception) -> tuple[str, str]:
    """Which step failed, and what to do."""
    match error:
        case smtplib.SMTPAuthenticationError():
            return "account", _("The server refuses the account: check EMAIL_HOST_USER and EMAIL_HOST_PASSWORD.")
        case ssl.SSLCertVerificationError():
            return "encryption", _(
                "The server's certificate is not valid for EMAIL_HOST: use the name it was made for."
            )
        case ssl.SSLError() | smtplib.SMTPServerDisconnected():
            return "encryption", _(
                "Port and encryption do not fit: EMAIL_USE_TLS goes with 587, EMAIL_USE_SSL with 465."
            )
        case smtplib.SMTPNotSupportedError():
            return "encryption", _("The server offers no STARTTLS or no sign-in on this port: try 587 or 465.")
        case TimeoutError() | ConnectionError() | OSError() if not isinstance(error, smtplib.SMTPException):
            return "connection", _("Nobody answers: check EMAIL_HOST and EMAIL_PORT, and that no firewall is between.")
        case _:
            return "connection", _("The server answered, but not as a mail server does.")


def _outbox(at: datetime) -> MailCheckResult:
    due = (Delivery.objects.due(at).filter(channel=Channel.MAIL), AccountMail.objects.due(at))
    said = _("%(count)s mails are due.") % {"count": sum(rows.count() for rows in due)}
    oldest = min((row.next_try_at for rows in due for row in rows[:1]), default=None)
    if oldest is not None and at - oldest > LATE:
        advice = _("They have been waiting for more than five minutes: no worker or no beat is running.")
        return MailCheckResult("outbox", ok=False, said=said, advice=advice)
    return MailCheckResult("outbox", ok=True, said=said)


def queue_test_mail(address: str, *, at: datetime) -> Delivery | None:
    """Put a test mail to any address into the outbox of the oldest workspace; None where there is no workspace yet.

    Raises ValidationError for what is no address.
    """
    validate_email(address)
    workspace = Workspace.objects.order_by("created_at", "pk").first()
    if workspace is None:
        return None
    dedupe_key = at.isoformat()
    queue_delivery(workspace=workspace, address=address, kind=KIND, dedupe_key=dedupe_key, at=at)
    queued: Delivery = Delivery.objects.get(
        workspace=workspace, address=address.lower(), kind=KIND, dedupe_key=dedupe_key
    )
    return queued


def how_it_went(delivery: Delivery) -> MailCheckResult | None:
    """What became of a test mail; None while nobody took it up."""
    row: Delivery = Delivery.objects.get(pk=delivery.pk)
    if row.state == Delivery.State.SENT:
        advice = _("If it does not arrive, check the spam folder, and SPF, DKIM and DMARC of the sender's domain.")
        said = _("Handed to the mail server for %(to)s.") % {"to": row.address}
        return MailCheckResult("test mail", ok=True, said=said, advice=advice)
    if row.last_error:
        advice = _("The worker tried it and could not; it tries again by itself where that may help.")
        return MailCheckResult("test mail", ok=False, said=row.last_error, advice=advice)
    return None
