"""The health endpoints, asked by balancers without signing in."""

import shutil
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import pytest
from celery.signals import after_task_publish
from django.conf import settings
from django.core.cache import cache
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import path
from redis.exceptions import ConnectionError as RedisConnectionError

from apps.core import row_security
from apps.core.clock import database_now
from apps.core.health import WAITING
from apps.core.heartbeats import BEAT, note_heartbeat, silent
from apps.core.tasks import note_heartbeat as task_of_workers
from apps.core.views import health_live, health_ready
from config.timetable import HEARTBEAT, JOBS, QUEUES
from tests.factories import (
    AccountMailFactory,
    ChatChannelFactory,
    DeliveryFactory,
    ExportFactory,
    ImportJobFactory,
    WebhookDeliveryFactory,
)

urlpatterns = [path("health/live", health_live), path("health/ready", health_ready)]

pytestmark = pytest.mark.urls(__name__)


def test_live_answers_without_database():
    answer = Client().get("/health/live")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok"}


WELL = {
    "status": "ok", "database": "ok", "redis": "ok", "confidential": "open", "secrets": "ok", "disk": "ok",
    "waiting": "ok", "beat": "ok", "workers": "ok",
}  # fmt: skip


def ready(query: str = "") -> tuple[int, dict[str, str]]:
    answer = Client().get(f"/health/ready{query}")
    assert "no-store" in answer["Cache-Control"]
    return answer.status_code, answer.json()


@pytest.fixture
def beating(monkeypatch: pytest.MonkeyPatch) -> None:
    """All workers and beat live, and the disk of the machine these tests run on is left out."""
    for name in settings.HEARTBEATS:
        note_heartbeat(name)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage(free=50))


def usage(free: int) -> Any:
    return SimpleNamespace(total=100, free=free)


@pytest.mark.django_db
def test_ready_names_what_answers(beating: None) -> None:
    assert ready() == ready("?all") == (200, WELL)


@pytest.mark.django_db
def test_a_full_disk_is_said(beating: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage(free=4))
    assert ready() == (200, WELL | {"status": "degraded", "disk": "full"})
    monkeypatch.setattr(settings, "DISK_FREE_PERCENT", 3)
    assert ready() == (200, WELL)


@pytest.mark.django_db
@pytest.mark.parametrize("queue", ["mail", "sweeps", "imports", "webhooks"])
def test_workers_of_a_queue_that_are_silent_are_said(beating: None, queue: str) -> None:
    cache.delete(f"heartbeat:{queue}")
    words = WELL | {"status": "degraded", "workers": f"silent: {queue}"}
    assert ready() == (200, words), "pages are served all the same"
    assert ready("?all") == (503, words), "what watches by the status alone hears of it"


@pytest.mark.django_db
def test_beat_that_is_silent_is_said_and_then_nothing_is_known_of_workers(beating: None) -> None:
    cache.delete("heartbeat:beat")
    assert ready() == (200, WELL | {"status": "degraded", "beat": "silent", "workers": "unknown"})


def test_each_queue_gives_a_sign_of_life_well_before_it_is_called_silent() -> None:
    jobs = [job for job in JOBS if job.task == HEARTBEAT]
    assert [(job.queue, job.args) for job in jobs] == [(queue, (queue,)) for queue in QUEUES]
    assert {BEAT, *QUEUES} == set(settings.HEARTBEATS)
    assert all(job.seconds * 3 < settings.HEARTBEATS[name] for job in jobs for name in (job.queue, BEAT))


@pytest.mark.django_db
def test_a_worker_that_takes_it_up_and_beat_that_sent_it_are_heard() -> None:
    task_of_workers.apply(("mail",), throw=True)
    assert task_of_workers.name == HEARTBEAT
    assert "mail" not in silent()
    assert BEAT in silent()
    after_task_publish.send(sender=HEARTBEAT, body=None, exchange="", routing_key="mail")
    assert BEAT not in silent()
    after_task_publish.send(sender="apps.goals.tasks.tell_of_goals_due", body=None, exchange="", routing_key="x")
    assert "sweeps" in silent()


OLD = timedelta(hours=1)


def waits(name: str, since: datetime) -> None:
    """A row that waits for a job, and has since then."""
    match name:
        case "mail":
            DeliveryFactory(next_try_at=since)
        case "account mail":
            AccountMailFactory(next_try_at=since)
        case "chat":
            chat = ChatChannelFactory()
            DeliveryFactory(channel="chat", chat=chat, workspace=chat.workspace, address="", next_try_at=since)
        case "webhooks":
            WebhookDeliveryFactory(next_try_at=since)
        case "imports":
            job = ImportJobFactory(state="checking", worked_at=None)
            type(job).objects.filter(pk=job.pk).update(updated_at=since)
        case "exports":
            ExportFactory(state="waiting", created_at=since)


@pytest.mark.django_db
@pytest.mark.parametrize("name", [work.name for work in WAITING])
def test_what_waits_for_too_long_is_said_and_what_is_not_due_is_not(beating: None, name: str) -> None:
    at = database_now()
    waits(name, at - timedelta(seconds=1))
    assert ready() == (200, WELL)
    waits(name, at + OLD)
    assert ready() == (200, WELL)
    waits(name, at - OLD)
    assert ready() == (200, WELL | {"status": "degraded", "waiting": f"late: {name}"})


@pytest.mark.django_db
def test_how_much_waits_does_not_make_it_slow(beating: None) -> None:
    """In statements; each reads by an index."""
    waits("webhooks", database_now() - OLD)
    ready()  # secrets are counted once in some minutes
    with CaptureQueriesContext(connection) as few:
        ready()
    for _number in range(3):
        for work in WAITING:
            waits(work.name, database_now() - OLD)
    with CaptureQueriesContext(connection) as many:
        ready()
    assert len(many) == len(few) <= 12


@pytest.mark.django_db
def test_ready_refuses_while_database_is_away():
    with patch.object(connection, "cursor", side_effect=OperationalError("gone")):
        answer = Client().get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["database"] == "unreachable"
    assert answer.json()["confidential"] == "closed"
    assert answer.json()["waiting"] == "unknown"
    assert "gone" not in answer.text


@pytest.mark.django_db
def test_ready_says_that_confidential_areas_stay_closed_and_not_why():
    with patch.object(row_security, "role_fault", return_value="The database role boss is a superuser."):
        answer = Client().get("/health/ready")
    assert answer.status_code == 200, "the rest works"
    assert answer.json()["confidential"] == "closed"
    assert "boss" not in answer.text


@pytest.mark.django_db
def test_ready_goes_on_while_redis_is_away(beating: None) -> None:
    with patch.object(cache, "set", side_effect=RedisConnectionError("gone")):
        status, words = ready()
    assert status == 200
    unknown = dict.fromkeys(("secrets", "beat", "workers"), "unknown")
    assert words == WELL | {"status": "degraded", "redis": "unreachable"} | unknown
