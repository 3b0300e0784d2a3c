"""Who sees which deliveries."""

from django.db.models import QuerySet

from apps.notifications.models import Delivery
from apps.workspaces.models import Member


def visible_deliveries(member: Member) -> QuerySet[Delivery]:
    """One's own. Not even admins see others': a delivery says that a private goal exists."""
    deliveries: QuerySet[Delivery] = Delivery.objects.filter(workspace_id=member.workspace_id, recipient_id=member.pk)
    return deliveries
