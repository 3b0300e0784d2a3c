"""Authenticator apps, passkeys and recovery codes."""

from base64 import urlsafe_b64encode
from typing import Any

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

PRODUCT = "Counterpoise"


class SecondFactorAdapter(DefaultMFAAdapter):
    """Keeps secrets encrypted, and names things plainly."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "cannot_generate_recovery_codes": gettext_lazy(
            "Recovery codes belong to an authenticator app or a passkey. Add one first."
        ),
        "incorrect_code": gettext_lazy("This code is not right. Codes change every 30 seconds: take the newest."),
        "unverified_email": gettext_lazy("Please confirm your address first."),
    }

    def encrypt(self, text: str) -> str:
        """The secret as the database holds it (Fernet, with a key derived from SECRET_KEY)."""
        return _keys().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """The secret itself; keys of SECRET_KEY_FALLBACKS still open what they closed. InvalidToken where none does."""
        return _keys().decrypt(encrypted_text.encode()).decode()

    def generate_authenticator_name(self, user: Any, type: Any) -> str:  # noqa: A002 - allauth's name
        """A name to start from: Passkey, Passkey 2, …"""
        count = Authenticator.objects.filter(user_id=user.pk, type=type).count()
        return _("Passkey %(number)s") % {"number": count + 1} if count else _("Passkey")

    def get_totp_issuer(self) -> str:
        """What the authenticator app shows beside the code."""
        return PRODUCT

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """The site a passkey belongs to, by our name."""
        return {**super().get_public_key_credential_rp_entity(), "name": PRODUCT}


def _keys() -> MultiFernet:
    return MultiFernet([_key(secret) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def _key(secret: str) -> Fernet:
    """RFC 5869 with a purpose of its own, so that the key is no other use of SECRET_KEY."""
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"counterpoise second factors").derive(
        secret.encode()
    )
    return Fernet(urlsafe_b64encode(derived))
