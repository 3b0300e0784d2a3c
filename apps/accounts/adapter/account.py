"""Sign-up, sign-in and the mails about them."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.contrib.auth import update_session_auth_hash
from django.core.exceptions import PermissionDenied
from django.core.mail import EmailMessage
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import linebreaks
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from apps.accounts import services
from apps.accounts.adapter import mails
from apps.accounts.models import User
from apps.core.net import client_address

INVITATION_KEY = "invitation_token"
"""Where the invitation's page keeps the token of a visitor who has yet to sign in."""

SECOND_FACTOR_MAILS = "mfa/email/"
PASSWORD_MAILS = {f"account/email/password_{what}" for what in ("changed", "reset", "set")}
PROOFS = {
    "reauthenticate": _("Use your password"),
    "mfa_reauthenticate": _("Use a code"),
    "mfa_reauthenticate:webauthn": _("Use a passkey"),
}


class AccountAdapter(DefaultAccountAdapter):
    """Keeps the name and zone given at sign-up, leads invited people back, and writes our mails."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": _("This account is switched off. An admin of your workspace can help."),
        "duplicate_email": _("This is your address already."),
        "email_password_mismatch": _(
            "This address and this password do not belong together. Check both, or set a new password."
        ),
        "enter_current_password": _("This is not your current password."),
        "incorrect_code": _("This code is not right. Codes change every 30 seconds, so use the newest."),
        "incorrect_password": _("This is not your password."),
        "rate_limited": _("That was a lot in a short time. Please wait a minute and try again."),
        "too_many_login_attempts": _("That failed too many times. Please wait five minutes, or set a new password."),
        "unverified_primary_email": _("Please confirm your address first."),
    }

    def get_client_ip(self, request: HttpRequest) -> str:
        """The address that tries to sign in are counted by, as everywhere. Raises PermissionDenied without one."""
        address = client_address(request)
        if not address:
            raise PermissionDenied(_("It is not clear which address you are asking from."))
        return address

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> Any:
        """Save the new account with its name, the zone its browser proposed and the language the page was read in."""
        user.name = form.cleaned_data.get("name", "") or user.name
        user.timezone = services.proposed_timezone(form.cleaned_data.get("timezone", ""))
        user.language = spoken_language()
        return super().save_user(request, user, form, commit)

    def confirm_email(self, request: HttpRequest, email_address: Any) -> bool:
        """Confirm the address; it then is the person's everywhere."""
        confirmed = bool(super().confirm_email(request, email_address))
        if confirmed:
            email_address.user.refresh_from_db()
            services.carry_address(email_address.user)
        return confirmed

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Everybody may sign up, unless SIGNUP=invitation: then those who hold an invitation."""
        return settings.SIGNUP == "open" or bool(request.session.get(INVITATION_KEY))

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Back to the invitation a person came with, else to where they work."""
        return _invitation(request) or super().get_login_redirect_url(request)

    def get_signup_redirect_url(self, request: HttpRequest) -> str:
        """The same after signing up."""
        return _invitation(request) or super().get_signup_redirect_url(request)

    def get_reauthentication_methods(self, user: User) -> list[dict[str, Any]]:
        """The ways to show once more that it is the same person, in our words."""
        methods = super().get_reauthentication_methods(user)
        return [{**method, "description": PROOFS.get(method["id"], method["description"])} for method in methods]

    def render_mail(
        self,
        template_prefix: str,
        email: str | list[str],
        context: dict[str, object],
        headers: dict[str, str] | None = None,
    ) -> EmailMessage:
        """Our mail for what happened; allauth's own where it invents a kind that we do not know."""
        mail = mails.compose(template_prefix, context, [email] if isinstance(email, str) else email)
        return mail or super().render_mail(template_prefix, email, context, headers)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Put the mail into the outbox: it leaves a moment later, and is tried again where the server is away."""
        mail = self.render_mail(template_prefix, email, {"request": self.request, "email": email, **context})
        alternatives = getattr(mail, "alternatives", None)
        at = timezone.now()
        life = mails.LIVES.get(template_prefix)
        letter = services.AccountLetter(
            kind=template_prefix,
            address=email,
            subject=str(mail.subject),
            text=str(mail.body),
            html=str(alternatives[0][0]) if alternatives else linebreaks(str(mail.body)),
            user=context.get("user") or self._owner_of(email),
            expires_at=at + life() if life else None,
        )
        services.mail_account(letter, at=at)

    @staticmethod
    def _owner_of(email: str) -> User | None:
        """Whose address it is: their admins see whether the mail went out."""
        return User.objects.filter(email__iexact=email).first()

    def send_notification_mail(
        self, template_prefix: str, user: User, context: dict[str, object] | None = None, email: str | None = None
    ) -> None:
        """Tell the person what changed. allauth does so for each change of a second factor or a password.

        Then tokens end, and so do other sessions; at a new password these do so by themselves.
        """
        if template_prefix.startswith(SECOND_FACTOR_MAILS):
            update_session_auth_hash(self.request, services.end_sessions(user))
        elif template_prefix in PASSWORD_MAILS:
            services.end_tokens(user)
        super().send_notification_mail(template_prefix, user, {"user": user, **(context or {})}, email)


def _invitation(request: HttpRequest) -> str | None:
    token = request.session.get(INVITATION_KEY)
    return reverse("invitation_accept", args=[token]) if token else None


def spoken_language() -> str:
    """The language this page is read in, if Counterpoise speaks it, else the first it speaks."""
    spoken = [code for code, _name in settings.LANGUAGES]
    language = get_language() or settings.LANGUAGE_CODE
    return next((code for code in (language, language.split("-")[0]) if code in spoken), settings.LANGUAGE_CODE)
