"""Secrets at rest: what must be read again (a webhook's signing secret) is encrypted with the installation's key."""

import base64
import hashlib
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models


@lru_cache(maxsize=4)
def _box(keys: tuple[str, ...]) -> MultiFernet:
    derived = [hashlib.scrypt(key.encode(), salt=b"counterpoise.fields", n=2**14, r=8, p=1, dklen=32) for key in keys]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in derived])


def box() -> MultiFernet:
    """Encrypts with SECRET_KEY, decrypts with it and SECRET_KEY_FALLBACKS, so that keys can be changed."""
    return _box((settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS))


class EncryptedTextField(models.TextField[str, str]):
    """A text that lies encrypted in the database (Fernet: AES-128-CBC with HMAC-SHA256)."""

    def get_prep_value(self, value: Any) -> Any:
        """Text → what is stored."""
        return value if value is None else box().encrypt(str(value).encode()).decode()

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        """What is stored → text; empty where no key of ours opens it any more."""
        if value is None:
            return None
        try:
            return box().decrypt(value.encode()).decode()
        except InvalidToken:
            return ""
