"""What is kept in Redis, and in which form."""

import pickle
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client

from apps.core.cache import JSONValues
from apps.workspaces.models import Member


@pytest.mark.parametrize("value", [0, 7, -3, True, False, "text", "ä", [1.5, 2.5], {"done": 3, "total": None}])
def test_a_value_comes_back_as_it_was(value: object) -> None:
    cache.set("x", value, 60)
    assert cache.get("x") == value


class Bomb:
    """What runs code where it is unpickled."""

    def __reduce__(self) -> Any:
        return pytest.fail, ("a pickle was read",)


def test_a_pickle_is_never_read() -> None:
    assert JSONValues().loads(pickle.dumps(Bomb())) is None


def test_sessions_lie_in_redis_as_json_and_a_strange_one_is_read_from_the_database(bob: Member) -> None:
    client = Client()
    client.force_login(bob.user)  # type: ignore[arg-type]
    redis = cache._cache.get_client(None, write=True)  # type: ignore[attr-defined]
    [key] = [key for key in redis.keys("*") if Session.objects.get().session_key.encode() in key]
    assert redis.get(key).startswith(b"{")
    redis.set(key, pickle.dumps({"_auth_user_id": "somebody"}))
    assert client.get("/account/profile/").status_code == 200
