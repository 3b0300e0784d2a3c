"""The shape of what people say about what reaches them."""

from apps.notifications.forms.chat import ChatForm
from apps.notifications.forms.preferences import DeliveryScheduleForm, ReachForm

__all__ = ["ChatForm", "DeliveryScheduleForm", "ReachForm"]
