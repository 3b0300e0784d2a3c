"""Sessions in the database, with Redis before it: with Redis away they still work, only slower."""

import logging
from collections.abc import Callable
from typing import Any

from django.contrib.sessions.backends import cached_db
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.core.cache.backends.base import BaseCache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)


class SessionStore(cached_db.SessionStore):
    """Django's cached_db, but reading survives an unreachable cache.

    Ending a session does not: it drops the cached copy first and raises RedisError where it cannot. Otherwise a session
    that was ended while Redis was away would come back with it.
    """

    _cache: BaseCache
    _session: dict[str, object]
    _get_session_from_db: Callable[[], Any]

    def load(self) -> dict[str, Any]:
        """The session's data, from the cache or else from the database."""
        try:
            cached: dict[str, object] | None = self._cache.get(self.cache_key)
        except (RedisError, OSError):
            cached = None
        if cached is not None:
            return cached
        row = self._get_session_from_db()
        if row is None:
            return {}
        data = self.decode(row.session_data)
        self._remember(data, self.get_expiry_age(expiry=row.expire_date))
        return data

    def exists(self, session_key: str) -> bool:
        """Whether the database, which is the truth, has this session."""
        return DatabaseStore.exists(self, session_key)

    def save(self, must_create: bool = False) -> None:
        """To the database, and to the cache if it can be reached."""
        DatabaseStore.save(self, must_create)
        self._remember(self._session, self.get_expiry_age())

    def _remember(self, data: dict[str, Any], seconds: int) -> None:
        try:
            self._cache.set(self.cache_key, data, seconds)
        except (RedisError, OSError):
            logger.warning("The session cache cannot be reached; the session is in the database.")

    def delete(self, session_key: str | None = None) -> None:
        """Drop the session; RedisError where its cached copy cannot be dropped."""
        key = session_key or self.session_key
        if key is None:
            return
        self._cache.delete(self.cache_key_prefix + key)
        DatabaseStore.delete(self, key)
