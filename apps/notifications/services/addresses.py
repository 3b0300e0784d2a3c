"""Addresses that do not work: when one counts as such, what is held back meanwhile, and when it is mailed again.

The mark belongs to an account and to the address it had; another address is never held back. Whatever somebody asks
for by hand goes all the same, as do the mails about the account itself (account_mails).
"""

from collections.abc import Sequence
from datetime import datetime, time
from uuid import UUID

from django.db import transaction

from apps.accounts.models import User
from apps.activity import services as activity
from apps.notifications import access
from apps.notifications.models import Channel, Delivery, FaultyAddress
from apps.notifications.services.faults import Fault
from apps.workspaces.models import Member

STRIKES = 3
"""So many days in a row with mail that came back, and no arrival between, end an address: one full mailbox does not."""
ASKED_FOR = {"invitation", "mail_test"}
"""Kinds of mail that somebody sends by hand, to see whether they arrive."""
HELD = "Its address does not work."


@transaction.atomic
def note_fault(user: User, *, fault: Fault, said: str, mailed_at: datetime, at: datetime) -> None:
    """Note that a mail to the account's present address did not arrive. `mailed_at` is when it went out.

    A fault for good ends the address at once, others after STRIKES days. A day whose mail arrived begins anew: mail of
    an earlier day than this one's that did not come back. That of the same day may still be on its way back.
    """
    if fault == Fault.NONE:
        return
    FaultyAddress.objects.get_or_create(user=user, defaults={"address": user.email, "created_at": at})
    row: FaultyAddress = FaultyAddress.objects.select_for_update().get(user=user)
    if row.address != user.email:
        _forget(row)
        row.address, row.mailed_again_at = user.email, None
    elif row.since or (row.mailed_again_at and mailed_at <= row.mailed_again_at):
        return
    row.said = said
    if fault == Fault.PERHAPS:
        _count(row, mailed_at)
    if fault == Fault.FOR_GOOD or row.strikes >= STRIKES:
        row.since = at
    row.updated_at = at
    row.save()


def _count(row: FaultyAddress, mailed_at: datetime) -> None:
    last = row.last_mail_at
    if last is not None and mailed_at.date() <= last.date():
        return
    row.strikes = 1 if last is None or _arrived_between(row, last, mailed_at) else row.strikes + 1
    row.last_mail_at = mailed_at


def _arrived_between(row: FaultyAddress, last: datetime, mailed_at: datetime) -> bool:
    morning = datetime.combine(mailed_at.date(), time(0), mailed_at.tzinfo)
    sent = Delivery.objects.filter(recipient__user_id=row.user_id, channel=Channel.MAIL, state=Delivery.State.SENT)
    arrived: bool = sent.filter(sent_at__gt=last, sent_at__lt=morning).exists()
    return arrived


def hold_back(batch: Sequence[Delivery], *, at: datetime) -> list[Delivery]:
    """Hold back what of a claimed batch goes to addresses that do not work; gives back the rest. At most two queries.

    What is held back stays so: the inbox has it, and a digest of days ago is no news.
    """
    held = _to_hold(batch)
    if held:
        Delivery.objects.filter(pk__in=held, state=Delivery.State.QUEUED).update(
            state=Delivery.State.HELD, data={}, last_error=HELD, updated_at=at
        )
    return [row for row in batch if row.pk not in held]


def is_held_back(delivery: Delivery) -> bool:
    """Whether a mail would be held back now."""
    return bool(_to_hold([delivery]))


def _to_hold(batch: Sequence[Delivery]) -> set[UUID]:
    users = {row.pk: row.recipient.user_id for row in batch if row.recipient and row.kind not in ASKED_FOR}
    standing = FaultyAddress.objects.standing().filter(user_id__in={user for user in users.values() if user})
    marked = set(standing.values_list("user_id", flat=True))
    return {pk for pk, user in users.items() if user in marked}


@transaction.atomic
def mail_again(address: FaultyAddress, *, by: Member, at: datetime) -> None:
    """Let an admin mail somebody's address again. Raises PermissionDenied. Done twice it is done once.

    Mail comes back late: what went out before this moment no longer counts.
    """
    access.can_see_mail_health.demand(by)
    rows = access.visible_faulty_addresses(by).standing().filter(pk=address.pk)
    row = rows.select_for_update(of=("self",)).first()
    if row is None:
        return
    _begin_anew(row, at=at)
    person = Member.objects.active().get(workspace_id=by.workspace_id, user_id=row.user_id)
    activity.record("member.mailed_again", person, by=by, at=at, workspace_id=by.workspace_id)


@transaction.atomic
def begin_anew(user: User, *, at: datetime) -> None:
    """Mail an account's address again: its person said that it works, or confirmed it."""
    row = FaultyAddress.objects.select_for_update().filter(user=user).first()
    if row is not None:
        _begin_anew(row, at=at)


def _begin_anew(row: FaultyAddress, *, at: datetime) -> None:
    _forget(row)
    row.mailed_again_at = row.updated_at = at
    row.save()


def _forget(row: FaultyAddress) -> None:
    row.since, row.strikes, row.last_mail_at, row.said = None, 0, None, ""
