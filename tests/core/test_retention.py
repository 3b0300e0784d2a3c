"""No table grows for ever: what is old and ended goes, what is new or still to be done stays."""

from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import Any
from unittest.mock import patch

import pytest
from allauth.usersessions.models import UserSession
from django.conf import settings as project
from django.contrib.sessions.models import Session
from django.core.exceptions import ImproperlyConfigured
from django.db import connections, transaction
from django.db.models import QuerySet
from django.utils import timezone

import config.celery
from apps.core.models import IdempotentAnswer
from apps.core.retention import delete_old
from apps.integrations.models import WebhookDelivery
from apps.notifications.models import AccountMail, Delivery, Notice
from config.env import env_days
from tests.factories import (
    AccountMailFactory,
    DeliveryFactory,
    IdempotentAnswerFactory,
    NoticeFactory,
    UserFactory,
    WebhookDeliveryFactory,
)

pytestmark = pytest.mark.django_db
NOW = timezone.now()
LINE = {"ip": "192.0.2.1", "user_agent": "Test"}


def run(name: str) -> Any:
    """The task as a worker runs it."""
    config.celery.app.loader.import_default_modules()
    return config.celery.app.tasks[name].apply(throw=True).get()


def aged(row: Any, days: int, **fields: Any) -> Any:
    """The row as if it had been made so many days (and an hour) ago."""
    type(row).objects.filter(pk=row.pk).update(created_at=NOW - timedelta(days=days, hours=1), **fields)
    return row


def test_notices_go_when_they_are_old_and_were_looked_at(settings: Any) -> None:
    settings.KEEP_NOTICES_DAYS = 30
    aged(NoticeFactory(), 30, done_at=NOW)
    aged(NoticeFactory(kind="goal_closed"), 30, read_at=NOW)
    asking = aged(NoticeFactory(kind="check_in_due"), 30, read_at=NOW)
    stay = {asking, aged(NoticeFactory(), 30), aged(NoticeFactory(), 29, done_at=NOW), NoticeFactory(read_at=NOW)}
    assert run("apps.notifications.tasks.forget_old_messages") == 2
    assert set(Notice.objects.all()) == stay


def test_messages_go_when_they_are_old_and_ended(settings: Any) -> None:
    settings.KEEP_DELIVERIES_DAYS = 10
    for state in ("dropped", "failed"):
        aged(DeliveryFactory(), 10, state=state)
        aged(AccountMailFactory(), 10, state=state)
    aged(DeliveryFactory(), 10, state="sent", sent_at=NOW)
    stay = {
        aged(DeliveryFactory(), 10),
        aged(DeliveryFactory(), 10, state="held"),
        aged(DeliveryFactory(), 9, state="failed"),
    }
    waiting = aged(AccountMailFactory(), 10)
    assert run("apps.notifications.tasks.forget_old_messages") == 5
    assert set(Delivery.objects.all()) == stay
    assert list(AccountMail.objects.all()) == [waiting]


def test_webhook_messages_go_when_they_are_old_and_ended(settings: Any) -> None:
    settings.KEEP_WEBHOOK_MESSAGES_DAYS = 5
    aged(WebhookDeliveryFactory(), 5, state="delivered", delivered_at=NOW)
    aged(WebhookDeliveryFactory(), 5, state="dropped")
    aged(WebhookDeliveryFactory(), 5, state="failed")
    stay = {aged(WebhookDeliveryFactory(), 5), aged(WebhookDeliveryFactory(), 4, state="failed")}
    assert run("apps.integrations.tasks.forget_old_webhook_messages") == 3
    assert set(WebhookDelivery.objects.all()) == stay


def test_idempotency_answers_go_after_a_day() -> None:
    aged(IdempotentAnswerFactory(), 1)
    new = aged(IdempotentAnswerFactory(), 0)
    assert run("apps.integrations.tasks.forget_idempotency_keys") == 1
    assert list(IdempotentAnswer.objects.all()) == [new]


def test_sessions_that_ran_out_go_with_the_lines_about_their_browsers() -> None:
    user = UserFactory()
    for key, days in (("old", -1), ("new", 1)):
        Session.objects.create(session_key=key, session_data="", expire_date=NOW + timedelta(days=days))
        UserSession.objects.create(user=user, session_key=key, created_at=NOW - timedelta(days=2), **LINE)
    UserSession.objects.create(user=user, session_key="signing in", created_at=NOW, **LINE)
    assert run("apps.accounts.tasks.forget_old_sessions") == 1
    assert [each.session_key for each in Session.objects.all()] == ["new"]
    assert {each.session_key for each in UserSession.objects.all()} == {"new", "signing in"}


def test_more_than_a_run_may_delete_is_left_to_the_next() -> None:
    for _number in range(5):
        aged(IdempotentAnswerFactory(), 2)
    old = IdempotentAnswer.objects.all()
    assert delete_old(old, batch=2, batches_max=2) == 4
    assert delete_old(old, batch=2, batches_max=2) == 1
    assert delete_old(old, batch=2, batches_max=2) == 0


def ended_at_the_second() -> Callable[[Any], Any]:
    """Deletes rows; its second run is ended from outside."""
    delete, runs = QuerySet.delete, count(1)

    def run(rows: Any) -> Any:
        if next(runs) == 2:
            raise KeyboardInterrupt
        return delete(rows)

    return run


@pytest.mark.django_db(transaction=True)
def test_batches_that_are_done_stay_done_and_held_rows_are_left() -> None:
    rows = [IdempotentAnswerFactory() for _number in range(5)]
    held = rows[0]
    other = connections.create_connection("default")
    try:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute("SELECT 1 FROM core_idempotentanswer WHERE id = %s FOR UPDATE", [held.pk])
        with (
            patch.object(QuerySet, "delete", side_effect=ended_at_the_second(), autospec=True),
            pytest.raises(KeyboardInterrupt),
        ):
            delete_old(IdempotentAnswer.objects.all(), batch=2)
        assert IdempotentAnswer.objects.count() == 3
        assert delete_old(IdempotentAnswer.objects.all(), batch=2) == 2
    finally:
        other.rollback()
        other.close()
    assert list(IdempotentAnswer.objects.all()) == [held]
    assert not transaction.get_connection().in_atomic_block


@pytest.mark.parametrize("value", ["0", "-1", "a year", "1.5"])
def test_a_number_of_days_that_is_none_is_refused_at_the_start(monkeypatch: Any, value: str) -> None:
    monkeypatch.setenv("KEEP_NOTICES_DAYS", value)
    with pytest.raises(ImproperlyConfigured, match="KEEP_NOTICES_DAYS"):
        env_days("KEEP_NOTICES_DAYS", 365)


@pytest.mark.parametrize("name", sorted(project.CELERY_BEAT_SCHEDULE))
def test_nothing_that_beat_starts_outlives_its_turn(name: str) -> None:
    entry: Any = project.CELERY_BEAT_SCHEDULE[name]
    assert 0 < entry["options"]["expires"] <= entry["schedule"]
