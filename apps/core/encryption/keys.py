"""The keys, and what they close and open."""

import hashlib
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

# Stands before a text whose key somebody has given up for lost. It still opens, should the key be found.
GIVEN_UP = "lost:"


class UnreadableSecretError(Exception):
    """No key of ENCRYPTION_KEYS opens a secret: a fault of the installation, told by what needs the secret."""


@lru_cache(maxsize=4)
def _boxes(keys: tuple[str, ...]) -> tuple[Fernet, ...]:
    return tuple(Fernet(key) for key in keys)


def boxes() -> tuple[Fernet, ...]:
    """A lock for each key, the newest first."""
    return _boxes(tuple(settings.ENCRYPTION_KEYS))


def seal(text: str) -> str:
    """The text as the database holds it, under the newest key (Fernet: AES-128-CBC with HMAC-SHA256)."""
    return boxes()[0].encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """The text itself. UnreadableSecretError where no key opens it."""
    try:
        return MultiFernet(boxes()).decrypt(_token(sealed)).decode()
    except InvalidToken:
        raise UnreadableSecretError("No key of ENCRYPTION_KEYS opens this secret.") from None


def key_number(sealed: str) -> int | None:
    """Which key opens it: 0 for the newest; None where none does."""
    for number, box in enumerate(boxes()):
        try:
            box.decrypt(_token(sealed))
        except InvalidToken:
            continue
        return number
    return None


def key_name(number: int) -> str:
    """What a key is called in reports: the beginning of its SHA-256, which gives nothing of it away."""
    return hashlib.sha256(settings.ENCRYPTION_KEYS[number].encode()).hexdigest()[:8]


def _token(sealed: str) -> bytes:
    return sealed.removeprefix(GIVEN_UP).encode()
