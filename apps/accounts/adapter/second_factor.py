"""Authenticator apps, passkeys and recovery codes."""

from collections.abc import Callable
from typing import Any

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.encryption import SecretColumn, key_number, seal, unseal

PRODUCT = "Counterpoise"


class SecondFactorAdapter(DefaultMFAAdapter):
    """Keeps secrets encrypted, and names things plainly."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "cannot_generate_recovery_codes": gettext_lazy(
            "Recovery codes belong to an authenticator app or a passkey. Add one first."
        ),
        "incorrect_code": gettext_lazy("This code is not right. Codes change every 30 seconds, so use the newest."),
        "incorrect_recovery_code": gettext_lazy(
            "This recovery code is not right, or was used before: each works once. Take another from your list."
        ),
        "used_code": gettext_lazy("This code was used already. Wait for the app to show the next one."),
        "unverified_email": gettext_lazy("Please confirm your address first."),
    }

    def encrypt(self, text: str) -> str:
        """The secret as the database holds it, see apps.core.encryption."""
        return seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        """The secret itself. UnreadableSecretError where no key opens it: signing in with it then answers with 503."""
        return unseal(encrypted_text)

    def generate_authenticator_name(self, user: Any, type: object) -> str:  # noqa: A002 - allauth's name
        """A name to start from: Passkey, Passkey 2, …"""
        count = Authenticator.objects.filter(user_id=user.pk, type=type).count()
        return _("Passkey %(number)s") % {"number": count + 1} if count else _("Passkey")

    def get_totp_issuer(self) -> str:
        """What the authenticator app shows beside the code."""
        return PRODUCT

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """The site a passkey belongs to, by our name."""
        return {**super().get_public_key_credential_rp_entity(), "name": PRODUCT}


def rewrite_factor(data: object, change: Callable[[str], str]) -> object:
    """An authenticator's data with each sealed text changed: an app's secret, the seed or the list of codes."""
    if not isinstance(data, dict):
        return data
    sealed: dict[str, object] = {name: change(data[name]) for name in ("secret", "seed") if name in data}
    if isinstance(data.get("migrated_codes"), list):
        sealed["migrated_codes"] = [change(code) for code in data["migrated_codes"]]
    return {**data, **sealed}


def factor_opens(data: object) -> bool:
    """Whether our keys open all that is sealed in an authenticator's data."""
    sealed: list[str] = []

    def note(text: str) -> str:
        sealed.append(text)
        return text

    rewrite_factor(data, note)
    return all(key_number(text) is not None for text in sealed)


FACTOR_SECRETS = SecretColumn(Authenticator, "data", rewrite_factor)
