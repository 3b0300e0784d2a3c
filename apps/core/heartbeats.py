"""Signs of life of beat and of the workers of each queue: keys that run out, so that no two clocks are compared.

Beat starts `apps.core.tasks.note_heartbeat` for each queue twice a minute. A worker that takes it up shows that its
queue moves; that it was sent at all shows that beat lives.
"""

from django.conf import settings
from django.core.cache import cache

BEAT = "beat"


def note_heartbeat(name: str) -> None:
    """Beat, or a worker of this queue, lives: silent only from HEARTBEATS[name] seconds on. Raises RedisError."""
    cache.set(_key(name), 1, settings.HEARTBEATS[name])


def silent() -> list[str]:
    """Of beat and the queues those that were not heard of, or not for too long. Raises RedisError."""
    heard = cache.get_many([_key(name) for name in settings.HEARTBEATS])
    return [name for name in settings.HEARTBEATS if _key(name) not in heard]


def _key(name: str) -> str:
    return f"heartbeat:{name}"
