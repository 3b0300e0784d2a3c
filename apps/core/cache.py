"""Redis as Django's cache, with one client a process instead of one a command, and counting in one round trip."""

import time
from collections.abc import Callable
from typing import Any, TypeVar, cast

import orjson
from django.core.cache.backends import redis
from kombu.exceptions import OperationalError as BrokerError
from redis import Redis
from redis.client import Pipeline
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

Answer = TypeVar("Answer")
LEFT_ALONE_SECONDS = 5


class Breaker:
    """Leaves a server that did not answer alone for some seconds: each touch of one that hangs costs its timeout."""

    FAILURES = (RedisConnectionError, RedisTimeoutError, BrokerError)

    def __init__(self) -> None:
        self.until = 0.0

    def ask(self, question: Callable[[], Answer]) -> Answer:
        """The server's answer. Raises RedisError where it gives none, and at once while it is left alone."""
        if time.monotonic() < self.until:
            raise RedisConnectionError("Redis did not answer a moment ago and is left alone.")
        try:
            return question()
        except self.FAILURES:
            self.until = time.monotonic() + LEFT_ALONE_SECONDS
            raise


server_breaker = Breaker()
"""One for all that a process asks of Redis: the cache and the broker are one server."""


class _Redis(Redis):
    """redis-py's client behind the breaker."""

    def execute_command(self, *args: object, **options: object) -> object:
        """One command. Raises RedisError, at once while the server is left alone."""
        return server_breaker.ask(lambda: super(_Redis, self).execute_command(*args, **options))  # type: ignore[no-untyped-call]

    def pipeline(self, transaction: bool = True, shard_hint: object = None) -> Pipeline:
        """Several commands in one round trip, behind the same breaker."""
        return _Pipeline(self.connection_pool, self.response_callbacks, transaction, shard_hint)


class _Pipeline(Pipeline):
    def execute(self, raise_on_error: bool = True) -> list[object]:
        """The answers to all of them. Raises RedisError, at once while the server is left alone."""
        return server_breaker.ask(lambda: super(_Pipeline, self).execute(raise_on_error))


class JSONValues(redis.RedisSerializer):
    """What is kept in Redis is JSON: reading a pickle would run whatever somebody wrote there."""

    def dumps(self, obj: object) -> bytes:
        """The value as JSON, an integer so that Redis can count with it. Raises TypeError for what cannot be JSON."""
        return orjson.dumps(obj)

    def loads(self, data: bytes) -> object:  # type: ignore[override] # it never sees a number: Redis gives bytes
        """The value; None, which is a miss, for what is no JSON (of a version before, or of somebody else)."""
        try:
            value: object = orjson.loads(data)
        except orjson.JSONDecodeError:
            return None
        return value


class _Client(redis.RedisCacheClient):
    """redis-py's client, which threads and forks may share, takes longer to make than a command takes to run."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._client = _Redis
        self._made: Any = None

    def get_client(self, key: Any = None, *, write: bool = False) -> Any:
        """The client of the server, of which we have one."""
        if self._made is None:
            self._made = super().get_client(key, write=write)
        return self._made


class RedisCache(redis.RedisCache):
    """Django's, and `count`."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = _Client

    def count(self, key: str, *, seconds: int) -> int:
        """How often this key has been counted, this time included; forgotten `seconds` after the last time.

        Raises RedisError.
        """
        whole = self.make_and_validate_key(key)
        with self._cache.get_client(whole, write=True).pipeline(transaction=False) as pipeline:
            pipeline.incr(whole)
            pipeline.expire(whole, seconds)
            return cast("int", pipeline.execute()[0])
