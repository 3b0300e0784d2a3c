"""Signing in with an organisation's own accounts (OpenID Connect)."""

from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from apps.accounts.adapter.account import spoken_language
from apps.accounts.models import DIRECTION_MARKS

NAME_MAX = 200


class SocialAdapter(DefaultSocialAccountAdapter):
    """Takes the person's name from what their organisation says."""

    error_messages = {
        **DefaultSocialAccountAdapter.error_messages,
        "connected_other": _("That account belongs to somebody else here."),
        "disconnect_last": _("This is your only way to sign in. Set a password first."),
        "email_taken": _(
            "There is an account with this address already. Sign in to it first, then connect %s under Account."
        ),
        "no_password": _("This is your only way to sign in. Set a password first."),
    }

    def populate_user(self, request: HttpRequest, sociallogin: object, data: dict[str, object]) -> object:
        """The account to be made: its name and the language of the page."""
        user = super().populate_user(request, sociallogin, data)
        name = data.get("name") or f"{data.get('first_name') or ''} {data.get('last_name') or ''}"
        user.name = printable(str(name))[:NAME_MAX]
        user.language = spoken_language()
        return user


def printable(text: str) -> str:
    """A name from elsewhere without what validate_name refuses."""
    return " ".join("".join(c if c.isprintable() and c not in DIRECTION_MARKS else " " for c in text).split())
