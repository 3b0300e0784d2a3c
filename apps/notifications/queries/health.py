"""How the mail of a workspace is doing, in figures."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, F, Max, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from apps.core.pagination import Page, keyset_page
from apps.notifications import access
from apps.notifications.models import AccountMail, Channel, Delivery, FaultyAddress
from apps.workspaces.models import Member

LOOKS_BACK = timedelta(days=7)
LATE = timedelta(minutes=5)
FAILURES_A_PAGE = 30
ADDRESSES_SHOWN = 30


@dataclass(frozen=True)
class MailHealth:
    """Mails of the last LOOKS_BACK by what became of them; the present ones that wait; the last error and success.

    `oldest_due_at` is since when the longest waiting one could have been tried, None where nothing is due.
    """

    waiting: int
    retrying: int
    sent: int
    dropped: int
    failed: int
    held: int
    oldest_due_at: datetime | None
    last_sent_at: datetime | None
    last_error: str
    last_error_at: datetime | None
    is_late: bool

    @property
    def is_well(self) -> bool:
        """Nothing failed, is held back or is tried again, and what is due leaves at once."""
        return not (self.failed or self.held or self.retrying or self.is_late)


def mail_health(viewer: Member, *, at: datetime) -> MailHealth:
    """The figures of the viewer's workspace and of the mails about its people's accounts; all zero for those who are
    not its admins. Four queries.
    """
    if not access.can_see_mail_health(viewer):
        return MailHealth(0, 0, 0, 0, 0, 0, None, None, "", None, is_late=False)
    since = at - LOOKS_BACK
    mails = access.visible_mails(viewer).filter(created_at__gte=since)
    of_accounts = access.visible_account_mails(viewer).filter(created_at__gte=since)
    one, other = _figures(mails, at), _figures(of_accounts, at)
    counts = {name: one.pop(name) + other.pop(name) for name in COUNTS}
    oldest = min(filter(None, (one["oldest_due_at"], other["oldest_due_at"])), default=None)
    last_sent = max(filter(None, (one["last_sent_at"], other["last_sent_at"])), default=None)
    said = max(filter(None, (_last_said(mails), _last_said(of_accounts))), default=None)
    error_at, error = said or (None, "")
    is_late = oldest is not None and at - oldest > LATE
    return MailHealth(
        **counts,
        oldest_due_at=oldest,
        last_sent_at=last_sent,
        last_error=error,
        last_error_at=error_at,
        is_late=is_late,
    )


COUNTS = ("waiting", "retrying", "sent", "dropped", "failed", "held")


def _figures(recent: QuerySet[Delivery] | QuerySet[AccountMail], at: datetime) -> dict[str, Any]:
    states = Delivery.State
    waiting = Q(state=states.QUEUED)
    return recent.aggregate(
        waiting=Count("pk", filter=waiting),
        retrying=Count("pk", filter=waiting & ~Q(last_error="")),
        sent=Count("pk", filter=Q(state=states.SENT)),
        dropped=Count("pk", filter=Q(state=states.DROPPED)),
        failed=Count("pk", filter=Q(state=states.FAILED)),
        held=Count("pk", filter=Q(state=states.HELD)),
        oldest_due_at=Min("next_try_at", filter=waiting & Q(next_try_at__lte=at)),
        last_sent_at=Max("sent_at"),
    )


def _last_said(recent: QuerySet[Delivery] | QuerySet[AccountMail]) -> tuple[datetime, str] | None:
    """When a server said no last, and how."""
    said = recent.exclude(last_error="").exclude(state=Delivery.State.HELD).order_by("-updated_at")
    return said.values_list("updated_at", "last_error").first()


def account_mails_in_trouble(viewer: Member) -> list[AccountMail]:
    """The newest mails about accounts that have not gone out, one more than ADDRESSES_SHOWN, with their people's `name`
    here; one query.
    """
    here = Member.objects.active().filter(workspace_id=viewer.workspace_id, user_id=OuterRef("user_id"))
    waiting = Q(state=Delivery.State.QUEUED) & ~Q(last_error="")
    rows = access.visible_account_mails(viewer).filter(waiting | Q(state=Delivery.State.FAILED)).defer("content")
    named = rows.order_by("-updated_at", "-pk").annotate(name=Subquery(here.values("name")[:1]))
    return list(named[: ADDRESSES_SHOWN + 1])


def failed_mails(viewer: Member, place: Mapping[str, str]) -> Page[Delivery]:
    """A page of the mails that failed for good, the newest first."""
    rows = access.visible_mails(viewer).filter(state=Delivery.State.FAILED).select_related("recipient__user")
    return keyset_page(rows, place, order=("created_at", "id"), descending=True, size=FAILURES_A_PAGE)


def faulty_addresses(viewer: Member) -> list[FaultyAddress]:
    """The newest addresses of the workspace's people that do not work, one more than ADDRESSES_SHOWN; one query.

    Each with its person's `name` here, and how many mails of this workspace were `held` back since.
    """
    here = Member.objects.active().filter(workspace_id=viewer.workspace_id, user_id=OuterRef("user_id"))
    held = (
        Delivery.objects.filter(
            workspace_id=viewer.workspace_id,
            recipient__user_id=OuterRef("user_id"),
            state=Delivery.State.HELD,
            updated_at__gte=OuterRef("since"),
        )
        .order_by()
        .values("state")
        .annotate(count=Count("pk"))
    )
    rows = access.visible_faulty_addresses(viewer).standing().order_by("-since", "-pk")
    named = rows.annotate(name=Subquery(here.values("name")[:1]), held=Coalesce(Subquery(held.values("count")), 0))
    return list(named[: ADDRESSES_SHOWN + 1])


def own_faulty_address(member: Member) -> FaultyAddress | None:
    """The person's own address, where it does not work."""
    found: FaultyAddress | None = FaultyAddress.objects.standing().filter(user__memberships=member).first()
    return found


def mail_trouble(member: Member) -> Delivery | None:
    """The person's own newest mail that was sent or failed, where it failed: their address may be wrong.

    Not where their address was mailed again since.
    """
    over = Q(state=Delivery.State.SENT) | Q(state=Delivery.State.FAILED)
    own = access.visible_deliveries(member).filter(over, channel=Channel.MAIL)
    own = own.exclude(recipient__user__faulty_address__mailed_again_at__gte=F("updated_at"))
    newest: Delivery | None = own.order_by("-updated_at", "-pk").first()
    return newest if newest is not None and newest.state == Delivery.State.FAILED else None
