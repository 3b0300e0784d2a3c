"""Digests as they would be sent, for tests."""

import itertools
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.mail import EmailMultiAlternatives

from apps.notifications.models import Delivery
from apps.notifications.services.delivery_schedules import make_schedules
from apps.notifications.services.messages import compose, write_together
from apps.notifications.services.outbox import claim_deliveries
from apps.routines.services import KIND, queue_previews, sweep_digests
from apps.workspaces.models import Member

MORNING = datetime(2026, 3, 4, 8, 30, tzinfo=UTC)  # a Wednesday
MONDAY = datetime(2026, 3, 9, 8, 30, tzinfo=UTC)


def live_in(
    members: Iterable[Member], language: str = "en", *, since: datetime = MORNING - timedelta(hours=14)
) -> None:
    """These people live in UTC, read this language, and have had a schedule since then."""
    people = list(members)
    for member in people:
        assert member.user is not None
        member.user.timezone, member.user.language = "UTC", language
        member.user.save()
    make_schedules(people, at=since)


def due_digests(*, at: datetime = MORNING) -> dict[str, EmailMultiAlternatives]:
    """The digests that go out now, by the first name of their reader."""
    sweep_digests(at=at)
    return _sent(at)


def both_digests(members: Iterable[Member], *, at: datetime = MONDAY) -> dict[str, EmailMultiAlternatives]:
    """The morning's and the week's in one mail for each of these people, as they would be now; leaves no trace."""
    queue_previews(members, at=at)
    return _sent(at)


def _sent(at: datetime) -> dict[str, EmailMultiAlternatives]:
    rows = [row for row in claim_deliveries(at=at, limit=1_000) if row.kind == KIND and row.recipient]
    written = write_together(rows)
    mails: dict[str, EmailMultiAlternatives] = {
        row.recipient.name: mail for row in rows if row.recipient and (mail := compose(row, written))
    }
    Delivery.objects.filter(kind=KIND).delete()
    return mails


def lines_under(heading: str, mail: EmailMultiAlternatives | None) -> list[str]:
    """The lines of one part of a mail, and how many more there are, without where they lead; nothing where there is no
    such part.
    """
    _before, _heading, after = (str(mail.body) if mail else "").partition(f"\n{heading}\n")
    part = itertools.takewhile(lambda line: line.startswith(("- ", "  ", "And ")), filter(None, after.splitlines()))
    return [line.removeprefix("- ") for line in part if not line.startswith("  ")]


def as_sent(mail: EmailMultiAlternatives) -> bytes:
    """The bytes that go over the wire, as the mail backend asks for them."""
    message: Any = mail.message()
    return bytes(message.as_bytes(linesep="\r\n"))
