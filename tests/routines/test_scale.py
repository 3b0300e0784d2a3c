"""Due people are found by an index, however many others there are."""

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from django.db import transaction
from django.db.models import Q

from apps.notifications.models import DeliverySchedule
from tests.faults.digest_crowd import make_crowd

PEOPLE = 2_000
DUE = 20
AT = datetime(2026, 3, 4, 8, 30, tzinfo=UTC)


def test_no_scan_of_people_finds_who_is_due(owner: "psycopg.Connection[Any]") -> None:
    make_crowd(PEOPLE, due_at=AT + timedelta(days=1))
    DeliverySchedule.objects.filter(pk__in=DeliverySchedule.objects.order_by("pk").values("pk")[:DUE]).update(
        next_digest_at=AT
    )
    owner.execute("ANALYZE notifications_deliveryschedule")
    with transaction.atomic():
        due = DeliverySchedule.objects.filter(Q(next_digest_at__lte=AT) | Q(next_weekly_at__lte=AT)).order_by("pk")
        plan = due.select_for_update(of=("self",), skip_locked=True)[:500].explain()
    assert "Seq Scan" not in plan, plan
    assert "schedule_next_digest" in plan
    assert "schedule_next_weekly" in plan
    assert due.count() == DUE
