"""Redis that takes connections and never answers."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from celery import current_app
from django.db import transaction
from django.test import Client
from django.urls import reverse
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError

from apps.core import cache as module
from apps.core import jobs
from apps.core.cache import Breaker, RedisCache
from apps.integrations.tasks import run_exports, run_imports
from apps.notifications.tasks import send_account_mails
from tests.factories import UserFactory


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
    with patch.object(module, "server_breaker", Breaker()):
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
    module.server_breaker.until = 0.0
    with pytest.raises(RedisError):
        cache.get("a")
    assert server.asked > asked


@pytest.fixture
def mute_broker(mute: tuple[Mute, RedisCache], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Mute:
    monkeypatch.setattr(current_app.conf, "broker_url", f"redis+socket://{tmp_path / 's'}?virtual_host=0")
    monkeypatch.setattr(jobs, "RING_TIMEOUT", 0.1)
    return mute[0]


@pytest.mark.django_db(transaction=True)
def test_a_commit_asks_a_broker_that_hangs_once_and_then_leaves_it_alone(
    mute_broker: Mute, mute: tuple[Mute, RedisCache]
) -> None:
    """What was written stays written, and neither the next commit nor the cache waits for the same server again."""
    with transaction.atomic():
        user = UserFactory()
        jobs.ring(send_account_mails)
    user.refresh_from_db()
    asked = mute_broker.asked
    assert asked >= 1
    for task in (send_account_mails, run_imports, run_exports):
        with transaction.atomic():
            jobs.ring(task)
    with pytest.raises(RedisError):
        mute[1].get("a")
    assert mute_broker.asked == asked


@pytest.mark.django_db(transaction=True)
def test_nobody_is_rung_for_what_was_not_committed(mute_broker: Mute) -> None:
    with transaction.atomic():
        jobs.ring(run_imports)
        transaction.set_rollback(True)
    assert mute_broker.asked == 0


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("account_login", {"login": "noor@example.org", "password": "long enough to count"}),
        ("account_reset_password", {"email": "noor@example.org"}),
        ("account_signup", {"email": "new@example.org", "password1": "long enough to count"}),
    ],
)
def test_nobody_signs_in_while_tries_cannot_be_counted(name: str, data: dict[str, str]) -> None:
    """The limits fail closed: with Redis away they would let anybody try every password."""
    user = UserFactory(email="noor@example.org")
    user.set_password("long enough to count")
    user.save()
    client = Client()
    away = RedisConnectionError("gone")
    with (
        patch.object(module._Redis, "execute_command", side_effect=away),
        patch.object(module._Pipeline, "execute", side_effect=away),
    ):
        answer = client.post(reverse(name), data)
    assert answer.status_code == 503
    assert "_auth_user_id" not in client.session
