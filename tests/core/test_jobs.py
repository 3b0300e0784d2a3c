"""How long what a job asks of the database may take, whichever job it is."""

from typing import Any

import pytest
from django.db import connection, transaction

import config.celery
from apps.core.timeouts import allow_long, patience
from tests.architecture.test_tasks import our_tasks

pytestmark = pytest.mark.django_db(transaction=True)

PAGE, JOB = ["20s", "5s"], ["1min", "20s"]


def timeouts() -> list[str]:
    """Of statements and of locks, as the next statement has them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('statement_timeout'), current_setting('lock_timeout')")
        return list(cursor.fetchone())


@pytest.mark.parametrize("name", our_tasks())
def test_no_task_runs_with_the_timeouts_of_a_page(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """In transactions, in the ones after it, and outside of any; and no page after it has those of a job."""
    seen: list[Any] = []

    def run(*_arguments: object) -> None:
        for _turn in range(2):
            with transaction.atomic():
                seen.append(timeouts())
                with transaction.atomic():
                    seen.append(timeouts())
            seen.append(timeouts())

    monkeypatch.setattr(config.celery.app.tasks[name], "run", run)
    config.celery.app.tasks[name].apply(throw=True)
    assert seen == [JOB] * 6
    assert timeouts() == PAGE


def test_a_job_that_needs_more_still_says_so() -> None:
    with patience(), transaction.atomic():
        allow_long(statements=300, locks=45)
        assert timeouts() == ["5min", "45s"]


def test_what_fails_outside_of_a_transaction_leaves_the_connection_usable() -> None:
    with patience():
        with pytest.raises(Exception, match="division by zero"), connection.cursor() as cursor:
            cursor.execute("SELECT 1 / 0")
        assert timeouts() == JOB
