"""Redis that takes connections and never answers."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from redis.exceptions import RedisError

from apps.core import cache as module
from apps.core.cache import Breaker, RedisCache


class Mute:
    """A server that reads and says nothing. `asked` counts what came."""

    def __init__(self, path: Path) -> None:
        self.asked = 0
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(path))
        self.listener.listen()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        kept = []
        while True:
            try:
                kept.append(self.listener.accept()[0])
            except OSError:
                return
            self.asked += 1


@pytest.fixture
def mute(tmp_path: Path) -> Iterator[tuple[Mute, RedisCache]]:
    server = Mute(tmp_path / "s")
    options = {"socket_connect_timeout": 0.1, "socket_timeout": 0.1}
    with patch.object(module._Redis, "breaker", Breaker()):
        yield server, RedisCache(f"unix://{tmp_path / 's'}?db=1", {"OPTIONS": options})
    server.listener.close()


def touches(cache: RedisCache) -> list[Any]:
    """All ways by which a request asks it."""
    return [
        lambda: cache.get("a"),
        lambda: cache.set("a", 1),
        lambda: cache.count("a", seconds=5),
        lambda: cache.get_many(["a"]),
        lambda: cache.delete("a"),
    ]


@pytest.mark.parametrize("first", range(5))
def test_a_server_that_hangs_is_asked_once_and_then_left_alone(mute: tuple[Mute, RedisCache], first: int) -> None:
    server, cache = mute
    with pytest.raises(RedisError):
        touches(cache)[first]()
    asked = server.asked
    for touch in touches(cache):
        with pytest.raises(RedisError):
            touch()
    assert server.asked == asked


def test_it_is_asked_again_after_some_seconds(mute: tuple[Mute, RedisCache]) -> None:
    server, cache = mute
    with pytest.raises(RedisError):
        cache.get("a")
    asked = server.asked
    module._Redis.breaker.until = 0.0
    with pytest.raises(RedisError):
        cache.get("a")
    assert server.asked > asked
