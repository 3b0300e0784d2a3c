"""The health endpoints, asked by balancers without signing in."""

from unittest.mock import patch

import pytest
from django.core.cache import cache
from django.db import OperationalError, connection
from django.test import Client
from django.urls import path
from redis.exceptions import ConnectionError as RedisConnectionError

from apps.core import row_security
from apps.core.views import health_live, health_ready

urlpatterns = [path("health/live", health_live), path("health/ready", health_ready)]

pytestmark = pytest.mark.urls(__name__)


def test_live_answers_without_database():
    answer = Client().get("/health/live")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok"}


@pytest.mark.django_db
def test_ready_names_what_answers():
    answer = Client().get("/health/ready")
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ok", "database": "ok", "redis": "ok", "confidential": "open", "secrets": "ok",
    }  # fmt: skip
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.django_db
def test_ready_refuses_while_database_is_away():
    with patch.object(connection, "cursor", side_effect=OperationalError("gone")):
        answer = Client().get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["database"] == "unreachable"
    assert answer.json()["confidential"] == "closed"


@pytest.mark.django_db
def test_ready_says_that_confidential_areas_stay_closed_and_not_why():
    with patch.object(row_security, "role_fault", return_value="The database role boss is a superuser."):
        answer = Client().get("/health/ready")
    assert answer.status_code == 200, "the rest works"
    assert answer.json()["confidential"] == "closed"
    assert "boss" not in answer.text


@pytest.mark.django_db
def test_ready_goes_on_while_redis_is_away():
    with patch.object(cache, "set", side_effect=RedisConnectionError("gone")):
        answer = Client().get("/health/ready")
    assert answer.status_code == 200
    assert answer.json()["redis"] == "unreachable"
