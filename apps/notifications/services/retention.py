"""What people were told, and for how long we keep it."""

from datetime import datetime, timedelta

from django.conf import settings

from apps.core.retention import delete_old
from apps.notifications.models import AccountMail, Delivery, Notice
from apps.notifications.services.kinds import asking_kinds


def forget_old_notices(*, at: datetime) -> int:
    """Delete notices that are done or read and older than KEEP_NOTICES_DAYS; gives back how many.

    What nobody looked at stays, and so does what was read but asks for something that is not done yet.
    """
    before = at - timedelta(days=settings.KEEP_NOTICES_DAYS)
    return delete_old(Notice.objects.settled(asking=asking_kinds()).filter(created_at__lt=before))


def forget_old_deliveries(*, at: datetime) -> int:
    """Delete messages, mails about accounts too, that ended and are older than KEEP_DELIVERIES_DAYS."""
    before = at - timedelta(days=settings.KEEP_DELIVERIES_DAYS)
    return delete_old(Delivery.objects.ended().filter(created_at__lt=before)) + delete_old(
        AccountMail.objects.ended().filter(created_at__lt=before)
    )
