"""Digests: gathered, written and sent, beside mails that stand ready and only go over one connection."""

import os
import smtplib
import socket
import statistics
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext, override_settings
from django.utils import timezone

from apps.goals.models import CheckIn, Status
from apps.goals.services.notices import ASK
from apps.notifications.models import Delivery, DeliverySchedule, Notice
from apps.notifications.services import News, make_missing_schedules, notify_many, send_due_deliveries
from apps.notifications.services.messages import compose
from apps.notifications.services.outbox import claim_deliveries
from apps.routines.services import KIND, queue_digests, sweep_digests
from apps.workspaces.models import Member
from benchmarks.bench import Bench
from benchmarks.measuring import Figure, at_least, at_most, measurement

BATCH = 500
SMTP = "django.core.mail.backends.smtp.EmailBackend"


@contextmanager
def mail_server() -> Iterator[tuple[str, int]]:
    """The sink, as a process of its own; its address."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        script = str(Path(__file__).with_name("sink.py"))
        process = subprocess.Popen([sys.executable, script, str(listening.fileno())], pass_fds=[listening.fileno()])
        host, port = listening.getsockname()
        try:
            with override_settings(EMAIL_BACKEND=SMTP, EMAIL_HOST=host, EMAIL_PORT=port, EMAIL_USE_TLS=False):
                yield host, port
        finally:
            process.kill()
            process.wait()


def due_at() -> datetime:
    """Half past nine in the morning of the week's first Tuesday, so that everybody is in a working day."""
    today = timezone.now().date()
    day = today - timedelta(days=today.weekday()) + timedelta(days=1)
    return datetime(day.year, day.month, day.day, 9, 30, tzinfo=UTC)


def begin_again(at: datetime) -> None:
    """Nobody was told anything yet, and everybody's digest is due; notices stay as they are."""
    Delivery.objects.filter(kind=KIND).delete()
    DeliverySchedule.objects.update(
        next_digest_at=at, next_digest_on=at.date(), next_weekly_at=None, next_weekly_on=None
    )


def seconds(run: Callable[[], object]) -> float:
    """How long one call takes."""
    began = time.perf_counter()
    run()
    return time.perf_counter() - began


def everything(at: datetime) -> None:
    """What a worker does: find who is due, gather, queue, gather again, write, send."""
    sweep_digests(at=at)
    send_due_deliveries(at=at, limit=1_000_000)


def in_two(at: datetime) -> None:
    """The same by two processes at once."""
    connection.close()
    children = []
    for _each in range(2):
        child = os.fork()
        if not child:
            everything(at)
            os._exit(0)
        children.append(child)
    for child in children:
        os.waitpid(child, 0)


def over_one_connection(mails: list[tuple[str, bytes]], address: tuple[str, int]) -> Callable[[], None]:
    """The limit: the same mails, written beforehand, one after the other."""

    def send() -> None:
        with smtplib.SMTP(*address) as server:
            for to, content in mails:
                server.sendmail(settings.DEFAULT_FROM_EMAIL, [to], content)

    return send


def written(at: datetime) -> list[tuple[str, bytes]]:
    """The mails as they go out."""
    begin_again(at)
    sweep_digests(at=at)
    rows = claim_deliveries(at=at, limit=100_000)
    found = [mail for row in rows if (mail := compose(row)) is not None]
    return [(mail.to[0], mail.message().as_bytes(linesep="\r\n")) for mail in found]


def ask_people(at: datetime) -> None:
    """Let what check-ins ask, and nobody answered, wait in the inboxes: digests tell of it."""
    asks = CheckIn.objects.filter(ask_to__isnull=False, answered_at=None, goal__status=Status.ACTIVE)
    rows = asks.select_related("ask_to").order_by("-made_at", "pk")[: Member.objects.count()]
    news = [News(row.ask_to, row.pk, row.goal_id, str(row.pk)) for row in rows if row.ask_to]
    notify_many(ASK, news, at=at)


@measurement
def digests(bench: Bench) -> Iterator[Figure]:
    """Everybody's morning digest by one process and by two, in turns with the same mails standing ready."""
    at = due_at()
    with bench.at(bench.place), mail_server() as address:
        while make_missing_schedules(at=at - timedelta(days=7)):
            pass
        ask_people(at - timedelta(days=2))
        mails = written(at)
        limit = over_one_connection(mails, address)
        times: dict[str, list[float]] = {"one": [], "two": [], "limit": []}
        for turn in range(bench.rounds):
            for name in ("one", "limit", "two") if turn % 2 else ("two", "limit", "one"):
                begin_again(at)
                run: dict[str, Callable[[], Any]] = {"one": lambda: everything(at), "two": lambda: in_two(at)}
                times[name].append(seconds(run.get(name, limit)))
        one, two, alone = (statistics.median(times[name]) for name in ("one", "two", "limit"))
        more = {"mails": len(mails), "bytes": max(len(content) for _to, content in mails)}
        yield from _speed(len(mails), one, two, alone, more)
        yield from _growth(at)
        Delivery.objects.filter(kind=KIND).delete()
        DeliverySchedule.objects.all().delete()
        Notice.objects.all().delete()


def _speed(count: int, one: float, two: float, alone: float, more: dict[str, Any]) -> Iterator[Figure]:
    what = "digests gathered, written and sent by one process ÷ the same mails ready, over one connection"
    yield Figure("digests", what, "mails/s", count / one, count / alone, at_least(0.18), more)
    what = "the same by two processes at once"
    yield Figure("digests_two", what, "mails/s", count / two, count / alone, at_least(0.3), more)


def _growth(at: datetime) -> Iterator[Figure]:
    """Queries and memory of a batch of many people beside one of few."""
    found = []
    for limit in (BATCH // 10, BATCH):
        begin_again(at)
        tracemalloc.start()
        with CaptureQueriesContext(connection) as asked:
            people, _mails = queue_digests(at=at, limit=limit)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        found.append((people, len(asked), peak))
    (few, queries, _peak), (many, queries_of_many, peak) = found
    what = f"statements for the digests of {many} people ÷ of {few}"
    yield Figure("digests_queries", what, "queries", queries_of_many, queries, at_most(1))
    what = f"the most memory while the digests of {many} people are queued ÷ 32 MiB"
    yield Figure("digests_memory", what, "bytes", peak, 32 * 1024 * 1024, at_most(1))
