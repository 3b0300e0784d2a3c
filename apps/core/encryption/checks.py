"""`check --database default`, which `migrate` runs as well: a key that secrets still need is not left out."""

from collections.abc import Collection

from django.core.cache import cache
from django.core.checks import CheckMessage, Error
from django.db import ProgrammingError, transaction

from apps.core.encryption.columns import secret_columns, tally_of

COUNTED_FOR_SECONDS = 300


def unreadable_secrets() -> dict[str, int]:
    """How many secrets no key opens, by column; those given up for lost do not count, nor columns still to be made."""
    found = {}
    for column in secret_columns():
        try:
            with transaction.atomic():
                found[str(column)] = len(tally_of(column).unreadable)
        except ProgrammingError:
            continue
    return {name: count for name, count in found.items() if count}


def unreadable_count() -> int:
    """The same as one number, counted every few minutes, for the health check. RedisError while the cache is away."""
    count = cache.get("core.unreadable_secrets")
    if count is None:
        count = sum(unreadable_secrets().values())
        cache.set("core.unreadable_secrets", count, COUNTED_FOR_SECONDS)
    return int(count)


def check_secrets(*, databases: Collection[str] | None = None, **_options: object) -> list[CheckMessage]:
    """An error where secrets lie under keys that are not there."""
    found = unreadable_secrets() if databases and "default" in databases else {}
    if not found:
        return []
    columns = ", ".join(f"{name}: {count}" for name, count in found.items())
    return [
        Error(
            f"No key of ENCRYPTION_KEYS opens these secrets: {columns}.",
            hint="Put back the key that was left out, and run `manage.py reencrypt` before leaving it out again. "
            "`manage.py reencrypt --check` names the rows; if the key is lost, see docs/deployment.md.",
            id="core.E001",
        )
    ]
