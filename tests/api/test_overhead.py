"""Counting in Redis, and times read from PostgreSQL."""

from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from redis import Redis
from redis.client import Pipeline

from apps.workspaces.models import Member


def test_count_counts_each_key_and_forgets(empty_cache: None) -> None:
    counter: Any = cache
    assert [counter.count("a", seconds=60) for _time in range(3)] == [1, 2, 3]
    assert counter.count("b", seconds=60) == 1
    client = counter._cache.get_client()
    assert 0 < client.ttl(counter.make_key("a")) <= 60


def test_client_is_made_once() -> None:
    counter: Any = cache
    assert counter._cache.get_client("a") is counter._cache.get_client("b", write=True)


def test_limit_takes_one_round_trip(api_of: Any, bob: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    """As many as there must be: each costs every request."""
    api = api_of(bob)
    trips: list[str] = []
    single, several = Redis.execute_command, Pipeline.execute

    def command(self: Any, *args: Any, **options: Any) -> Any:
        trips.append(args[0])
        return single(self, *args, **options)

    def pipeline(self: Any, *args: Any, **options: Any) -> Any:
        trips.append("pipeline")
        return several(self, *args, **options)

    monkeypatch.setattr(Redis, "execute_command", command)
    monkeypatch.setattr(Pipeline, "execute", pipeline)
    first = int(api.get("/api/v1/me/")["RateLimit-Remaining"])
    assert trips == ["pipeline"]
    assert int(api.get("/api/v1/me/")["RateLimit-Remaining"]) in {first - 1, settings.API_RATE - 1}
