"""What `/health/ready` says of each part of the installation: one or two plain words, never a name or an address."""

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connection
from redis.exceptions import RedisError

from apps.core.clock import database_now
from apps.core.encryption.checks import unreadable_count
from apps.core.heartbeats import BEAT, silent
from apps.core.registries import Registry
from apps.core.row_security import is_confidential_ready

OK, UNKNOWN, UNREACHABLE = "ok", "unknown", "unreachable"
WELL = {OK, "open"}


@dataclass(frozen=True)
class WaitingWork:
    """Rows that wait for a job. `oldest(at)` says since when the longest waiting has been due, None where none is; from
    `patience` on it is late.
    """

    name: str
    oldest: Callable[[datetime], datetime | None]
    patience: timedelta


WAITING: Registry[WaitingWork] = Registry(
    "WAITING", "rows that wait for a job: since when the oldest does, and from when on `/health/ready` calls that late"
)


def health() -> dict[str, str]:
    """Each part by its name. What cannot be asked while another part is away is unknown."""
    database, redis = database_answers(), redis_answers()
    words = {
        "database": OK if database else UNREACHABLE,
        "redis": OK if redis else UNREACHABLE,
        "confidential": "open" if database and is_confidential_ready() else "closed",
        "secrets": _secrets() if database and redis else UNKNOWN,
        "disk": _disk(),
        "waiting": _waiting() if database else UNKNOWN,
    }
    return {**words, **_heartbeats(heard=redis)}


def is_well(words: dict[str, str]) -> bool:
    """Whether nobody has to look after anything."""
    return WELL.issuperset(words.values())


def database_answers() -> bool:
    """Whether the database takes a query."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def redis_answers() -> bool:
    """Whether the cache takes a value and gives it back."""
    try:
        cache.set("health", 1, 5)
        return bool(cache.get("health") == 1)
    except (RedisError, OSError):
        return False


def _secrets() -> str:
    """Whether every secret can be opened, as it was found a few minutes ago at most."""
    count = unreadable_count()
    return f"{count} unreadable" if count else OK


def _disk() -> str:
    """Whether the file systems that this process writes to have room left."""
    try:
        usages = [shutil.disk_usage(path) for path in {str(settings.VAR_DIR), tempfile.gettempdir()}]
    except OSError:
        return UNKNOWN
    is_full = any(usage.free * 100 < usage.total * settings.DISK_FREE_PERCENT for usage in usages)
    return "full" if is_full else OK


def _waiting() -> str:
    try:
        at = database_now()
        found = {work.name: work.oldest(at) for work in WAITING}
    except DatabaseError:
        return UNKNOWN
    late = [name for name, since in found.items() if since is not None and at - since > WAITING[name].patience]
    return f"late: {', '.join(late)}" if late else OK


def _heartbeats(*, heard: bool) -> dict[str, str]:
    """Without beat nobody asks the workers for a sign of life, so of them nothing is known."""
    try:
        missing = silent() if heard else None
    except RedisError:
        missing = None
    if missing is None:
        return {"beat": UNKNOWN, "workers": UNKNOWN}
    if BEAT in missing:
        return {"beat": "silent", "workers": UNKNOWN}
    return {"beat": OK, "workers": f"silent: {', '.join(missing)}" if missing else OK}
