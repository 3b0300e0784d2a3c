"""What the mails about an account say. They look as all mails do: apps/core/jinja2/mail."""

import zoneinfo
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from allauth.account import app_settings
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from apps.accounts.templatetags.accounts import device
from apps.core.mails import written_out


@dataclass(frozen=True)
class MailFact:
    """One line of the small table in a mail."""

    label: str
    value: str


@dataclass(frozen=True)
class Words:
    """The content of one mail, plain text throughout: the templates escape it.

    Whoever signs up can name themselves as they like and give a stranger's address, so no name stands in these mails.
    """

    subject: str
    paragraphs: tuple[str, ...]
    action: str
    url: str
    reason: str
    greeting: str
    facts: tuple[MailFact, ...] = ()
    after: tuple[str, ...] = ()


Context = dict[str, Any]


def compose(kind: str, context: Context, to: list[str]) -> EmailMultiAlternatives | None:
    """The mail in its reader's language and zone, as text and HTML; None for a kind that has no words here."""
    write = KINDS.get(kind)
    if write is None:
        return None
    user = context.get("user")
    language = user.language if user else translation.get_language()
    zone = zoneinfo.ZoneInfo(user.timezone if user else settings.TIME_ZONE)
    with translation.override(language), timezone.override(zone):
        words = write(context)
        text, html = written_out(words)
        mail = EmailMultiAlternatives(words.subject, text, to=to, headers={"Auto-Submitted": "auto-generated"})
        mail.attach_alternative(html, "text/html")
    return mail


def ours(url: str) -> str:
    """The link at the address the site is configured to have, whatever host the request named."""
    return f"{settings.SITE_URL}{urlsplit(url).path}"


def _asked(subject: str, *paragraphs: str, action: str, url: str, after: tuple[str, ...] = ()) -> Words:
    """A mail that somebody asked for with this address."""
    reason = _(
        "You get this mail because somebody gave this address to Counterpoise. "
        "If it was not you, nothing happens: please ignore it."
    )
    return Words(subject, paragraphs, action, ours(url), reason, _("Hello,"), after=after)


def confirm_address(context: Context) -> Words:
    """After sign-up, and when an address is changed."""
    return _asked(
        _("Please confirm your address"),
        _("One step is left: confirm that this is your address."),
        action=_("Confirm my address"),
        url=context["activate_url"],
        after=(_("The link works for three days."),),
    )


def reset_password(context: Context) -> Words:
    """A new password was asked for."""
    return _asked(
        _("Set a new password"),
        _("Somebody, hopefully you, asked to set a new password for your account. Your current one works until then."),
        action=_("Set a new password"),
        url=context["password_reset_url"],
        after=(_("The link works once, for three days."),),
    )


def account_exists(context: Context) -> Words:
    """Somebody signed up with an address that has an account."""
    return _asked(
        _("You already have an account"),
        _(
            "Somebody, hopefully you, tried to sign up with this address. "
            "It has an account already, so nothing was changed."
        ),
        _("Sign in as always. If you forgot your password, set a new one."),
        action=_("Set a new password"),
        url=context["password_reset_url"],
    )


def no_account(context: Context) -> Words:
    """A new password was asked for with an address that has no account."""
    return _asked(
        _("There is no account with this address"),
        _(
            "Somebody, hopefully you, asked to set a new password. But no account has this address. "
            "Perhaps you signed up with another one?"
        ),
        action=_("Sign up"),
        url=context["signup_url"],
    )


def _changed(subject: str, paragraph: str) -> Callable[[Context], Words]:
    """A mail about a change of the account. Both texts are marked for translation where they are given."""

    def write(context: Context) -> Words:
        return Words(
            subject=_(subject),
            paragraphs=(
                _(paragraph) % {"from_email": context.get("from_email", ""), "to_email": context.get("to_email", "")},
            ),
            action=_("That was not me: set a new password"),
            url=f"{settings.SITE_URL}{reverse('account_reset_password')}",
            reason=_(
                "You get this mail because your account was changed. "
                "It cannot be switched off: it keeps the account yours."
            ),
            greeting=_("Hello,"),
            facts=_where(context),
        )

    return write


def address_changed(context: Context) -> Words:
    """Another address is the account's now; this goes to the one it had.

    A new password would be sent to the new address, so it is no help to whoever was robbed of the account.
    """
    words = _changed(
        gettext_noop("Your address was changed"),
        gettext_noop("The address of your account was changed from %(from_email)s to %(to_email)s."),
    )(context)
    return replace(
        words,
        after=(
            _("If that was not you, tell an admin of your workspace at once: they can lock the account out of it."),
        ),
        action=_("Look at your addresses"),
        url=f"{settings.SITE_URL}{reverse('account_email')}",
    )


def _where(context: Context) -> tuple[MailFact, ...]:
    if "timestamp" not in context:
        return ()
    when = date_format(timezone.localtime(context["timestamp"]), "DATETIME_FORMAT")
    return (
        MailFact(_("When"), when),
        MailFact(_("Internet address"), str(context.get("ip", ""))),
        MailFact(_("Device"), device(str(context.get("user_agent", "")))),
    )


LIVES: dict[str, Callable[[], timedelta]] = {
    "account/email/email_confirmation": lambda: timedelta(days=app_settings.EMAIL_CONFIRMATION_EXPIRE_DAYS),
    "account/email/email_confirmation_signup": lambda: timedelta(days=app_settings.EMAIL_CONFIRMATION_EXPIRE_DAYS),
    "account/email/password_reset_key": lambda: timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT),
}
"""How long the links of these mails are open."""

KINDS: dict[str, Callable[[Context], Words]] = {
    "account/email/email_confirmation": confirm_address,
    "account/email/email_confirmation_signup": confirm_address,
    "account/email/password_reset_key": reset_password,
    "account/email/account_already_exists": account_exists,
    "account/email/unknown_account": no_account,
    "account/email/password_changed": _changed(
        gettext_noop("Your password was changed"),
        gettext_noop("The password of your account was changed. All your other devices were signed out."),
    ),
    "account/email/password_reset": _changed(
        gettext_noop("Your password was changed"),
        gettext_noop("A new password was set for your account. All your devices were signed out."),
    ),
    "account/email/password_set": _changed(
        gettext_noop("Your account has a password now"),
        gettext_noop("A password was set for your account. All your other devices were signed out."),
    ),
    "account/email/email_changed": address_changed,
    "account/email/email_deleted": _changed(
        gettext_noop("A change of address was cancelled"),
        gettext_noop("The change of your account's address was cancelled. Your address stays as it was."),
    ),
    "mfa/email/totp_activated": _changed(
        gettext_noop("Two-step sign-in is on"),
        gettext_noop("An authenticator app was added to your account. Signing in now asks for its code as well."),
    ),
    "mfa/email/totp_deactivated": _changed(
        gettext_noop("An authenticator app was removed"),
        gettext_noop("The authenticator app was removed from your account. Signing in no longer asks for its code."),
    ),
    "mfa/email/webauthn_added": _changed(
        gettext_noop("A passkey was added"),
        gettext_noop("A passkey was added to your account. Whoever holds it can sign in."),
    ),
    "mfa/email/webauthn_removed": _changed(
        gettext_noop("A passkey was removed"),
        gettext_noop("A passkey was removed from your account. It no longer signs anybody in."),
    ),
    "mfa/email/recovery_codes_generated": _changed(
        gettext_noop("New recovery codes"),
        gettext_noop("New recovery codes were made for your account. The old ones no longer work."),
    ),
    "socialaccount/email/account_connected": _changed(
        gettext_noop("An outside account was connected"),
        gettext_noop("An account of your organisation was connected. You can sign in with it."),
    ),
    "socialaccount/email/account_disconnected": _changed(
        gettext_noop("An outside account was disconnected"),
        gettext_noop("An account of your organisation was disconnected. It no longer signs you in."),
    ),
}
