"""What people are told: notices, what they want to be told of and when, and the outbox of all mail and chat."""

from apps.notifications.models.account_mail import AccountMail
from apps.notifications.models.address import FaultyAddress, FaultyAddressQuerySet
from apps.notifications.models.chat import ChatChannel, ChatFormat
from apps.notifications.models.delivery import Channel, Delivery, DeliveryQuerySet
from apps.notifications.models.notice import Notice, Reach
from apps.notifications.models.preference import DeliverySchedule, Preference

__all__ = [
    "AccountMail",
    "Channel",
    "ChatChannel",
    "ChatFormat",
    "Delivery",
    "DeliveryQuerySet",
    "DeliverySchedule",
    "FaultyAddress",
    "FaultyAddressQuerySet",
    "Notice",
    "Preference",
    "Reach",
]
