"""Secrets at rest: what must be read again (a webhook's signing secret) lies encrypted under keys of its own.

The keys are ENCRYPTION_KEYS, newest first (docs/deployment.md tells how they are changed). A text that none of them
opens is UnreadableSecretError wherever it is needed: it is never taken for an empty one, and never written over.
"""

from apps.core.encryption.columns import COLUMNS, SecretColumn
from apps.core.encryption.fields import EncryptedTextField, is_readable
from apps.core.encryption.keys import UnreadableSecretError, key_number, seal, unseal

__all__ = [
    "COLUMNS",
    "EncryptedTextField",
    "SecretColumn",
    "UnreadableSecretError",
    "is_readable",
    "key_number",
    "seal",
    "unseal",
]
