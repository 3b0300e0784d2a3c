"""How the mail of a workspace is doing, in figures."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, F, Max, Min, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from apps.core.pagination import Page, keyset_page
from apps.notifications import access
from apps.notifications.models import Channel, Delivery, FaultyAddress
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
    """The figures of the viewer's workspace; all zero for those who are not its admins. Two queries."""
    states = Delivery.State
    recent = access.visible_mails(viewer).filter(created_at__gte=at - LOOKS_BACK)
    waiting = Q(state=states.QUEUED)
    figures = recent.aggregate(
        waiting=Count("pk", filter=waiting),
        retrying=Count("pk", filter=waiting & ~Q(last_error="")),
        sent=Count("pk", filter=Q(state=states.SENT)),
        dropped=Count("pk", filter=Q(state=states.DROPPED)),
        failed=Count("pk", filter=Q(state=states.FAILED)),
        held=Count("pk", filter=Q(state=states.HELD)),
        oldest_due_at=Min("next_try_at", filter=waiting & Q(next_try_at__lte=at)),
        last_sent_at=Max("sent_at"),
    )
    said = (
        recent.exclude(last_error="")
        .exclude(state=states.HELD)
        .order_by("-updated_at")
        .values_list("last_error", "updated_at")
        .first()
    )
    error, error_at = said or ("", None)
    oldest = figures["oldest_due_at"]
    is_late = oldest is not None and at - oldest > LATE
    return MailHealth(**figures, last_error=error, last_error_at=error_at, is_late=is_late)


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
