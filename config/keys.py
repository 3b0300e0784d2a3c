"""The keys of secrets at rest, read when the program starts."""

from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured

HOW = 'python3 -c "import base64, os; print(base64.urlsafe_b64encode(os.urandom(32)).decode())"'


def checked_keys(text: str) -> list[str]:
    """The keys of ENCRYPTION_KEYS, newest first, separated by commas or line breaks.

    ImproperlyConfigured where there is none or one is no Fernet key: 32 bytes in URL-safe base64.
    """
    keys = text.replace(",", " ").split()
    if not keys:
        raise ImproperlyConfigured(f"ENCRYPTION_KEYS (or ENCRYPTION_KEYS_FILE) must be set; this makes a key: {HOW}")
    for number, key in enumerate(keys, 1):
        try:
            Fernet(key)
        except ValueError:
            raise ImproperlyConfigured(
                f"Key {number} of ENCRYPTION_KEYS is none: a key is 32 bytes in URL-safe base64, as this makes: {HOW}"
            ) from None
    if len(set(keys)) < len(keys):
        raise ImproperlyConfigured("ENCRYPTION_KEYS names a key twice.")
    return keys
