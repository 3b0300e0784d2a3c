"""Links in mails that work without signing in: one that ends mails of a kind, one that does what a notice asks for.

A link is signed for one purpose and one person, and what it does is done by a POST alone: mail scanners follow links
(RFC 8058, section 1). Whoever holds a forwarded mail can use its links, so they can do nothing else, name nothing that
the mail does not, and refuse whoever is signed in as somebody else: they pressed by mistake.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from apps.notifications.models import Notice, Reach
from apps.notifications.services.delivery_schedules import schedule_of, update_schedule
from apps.notifications.services.kinds import KINDS
from apps.notifications.services.preferences import reaches_of, set_reaches
from apps.workspaces.models import Member

STOP_SALT, ACT_SALT = "notifications.stop", "notifications.act"
ACT_WITHIN = timedelta(days=30)
DAILY, WEEKLY = "daily_digest", "weekly_digest"
DIGEST_NAMES = {DAILY: _("The morning digest"), WEEKLY: _("The weekly digest")}


def stop_url(member: Member, kinds: Iterable[str]) -> str:
    """The address at which mails of these kinds, or a digest, end for the person. It works for as long as they do."""
    token = signing.dumps({"member": str(member.pk), "kinds": sorted(set(kinds))}, salt=STOP_SALT)
    before, after = _around_token("mail_links:mail_stop")
    return f"{settings.SITE_URL}{before}{token}{after}"


@lru_cache(maxsize=8)
def _around_token(name: str) -> tuple[str, str]:
    """What stands before and after the token in a link's path: every mail has one. Tokens hold nothing to be quoted."""
    before, _token, after = reverse(name, args=["token"]).partition("token")
    return before, after


def act_url(notice: Notice) -> str:
    """The address at which the recipient does what the notice asks for, within ACT_WITHIN."""
    token = signing.dumps(str(notice.pk), salt=ACT_SALT)
    return settings.SITE_URL + reverse("mail_links:mail_act", args=[token])


def read_stop(token: str) -> tuple[Member, list[str]] | None:
    """Whose mails of which kinds a link ends; None where it is not ours or they left."""
    said = _read(token, salt=STOP_SALT)
    member = _member(said["member"]) if isinstance(said, dict) else None
    return (
        None if member is None else (member, [name for name in said["kinds"] if name in KINDS or name in DIGEST_NAMES])
    )


@dataclass(frozen=True)
class LinkRequest:
    """What a link asks its reader to do; `is_open` where it still can be done, by this link."""

    notice: Notice
    is_open: bool


def read_act(token: str) -> LinkRequest | None:
    """What a link asks for; None where it is not ours, or its recipient left."""
    pk = _read(token, salt=ACT_SALT)
    if not isinstance(pk, str):
        return None
    rows = Notice.objects.filter(pk=pk).select_related("recipient__user", "recipient__workspace")
    notice: Notice | None = rows.first()
    if notice is None or not _may_act(notice.recipient):
        return None
    in_time = _read(token, salt=ACT_SALT, max_age=ACT_WITHIN) is not None
    return LinkRequest(notice, is_open=in_time and notice.done_at is None)


def mails_left(member: Member) -> list[str]:
    """What still comes to the person as mail: kinds that are mailed at once, and the digests."""
    schedule = schedule_of(member)
    digests = [name for name, is_on in ((DAILY, schedule.daily_digest), (WEEKLY, schedule.weekly_digest)) if is_on]
    return [name for name, reach in reaches_of(member).items() if reach == Reach.MAIL] + digests


def are_stopped(member: Member, kinds: Iterable[str]) -> bool:
    """Whether nothing of these kinds is mailed, at once or in a digest."""
    reaches, left = reaches_of(member), mails_left(member)
    return not any(name in left or reaches.get(name) == Reach.DIGEST for name in kinds)


def stop_mails(member: Member, kinds: Iterable[str], *, at: datetime) -> None:
    """End mails of these kinds: the inbox keeps them; a digest is switched off. Done twice it stays done.

    A link of long ago brings nothing back: what its reader switched off since stays off.
    """
    wanted = list(kinds)
    mailed = {name for name, reach in reaches_of(member).items() if reach in {Reach.MAIL, Reach.DIGEST}}
    set_reaches(member, {name: Reach.INBOX for name in wanted if name in mailed}, by=member, at=at)
    if DAILY in wanted:
        update_schedule(member, {"daily_digest": False}, by=member, at=at)
    if WEEKLY in wanted:
        update_schedule(member, {"weekly_digest": False}, by=member, at=at)


def _read(token: str, *, salt: str, max_age: timedelta | None = None) -> Any:
    try:
        return signing.loads(token, salt=salt, max_age=max_age)
    except signing.BadSignature:
        return None


def _member(pk: str) -> Member | None:
    found: Member | None = Member.objects.filter(pk=pk).select_related("user", "workspace").first()
    return found if found is not None and _may_act(found) else None


def _may_act(member: Member) -> bool:
    return member.is_active and member.user is not None and member.user.is_active
