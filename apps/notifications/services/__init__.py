"""Telling people of things: notices and how far they reach, the outbox, and sending what is due."""

from apps.notifications.services.account_mails import queue_account_mail, send_due_account_mails
from apps.notifications.services.addresses import begin_anew
from apps.notifications.services.chat_channels import (
    CHAT_EVENTS,
    EVENT_GROUPS,
    ChatEvent,
    queue_chats_of_events,
    queue_chats_of_notices,
)
from apps.notifications.services.chat_outbox import send_due_chats
from apps.notifications.services.deliveries import queue_delivery
from apps.notifications.services.delivery_schedules import (
    DeliveryScheduleFields,
    make_missing_schedules,
    realign_account,
    realign_member,
    realign_workspace,
    schedule_of,
    update_schedule,
)
from apps.notifications.services.kinds import KINDS, NoticeKind, NoticeWords, subjects_of
from apps.notifications.services.messages import MAIL_KINDS, Fact, MailKind, Message
from apps.notifications.services.notice_mail import sweep_notice_mails
from apps.notifications.services.notices import News, describe_notices, notify, notify_many, read_notices, settle
from apps.notifications.services.outbox import LEASE, RETRY_AFTER, Outcome
from apps.notifications.services.preferences import reaches_of, set_reaches
from apps.notifications.services.repeats import sweep_repeats
from apps.notifications.services.retention import forget_old_deliveries, forget_old_notices
from apps.notifications.services.sending import send_due_deliveries

__all__ = [
    "CHAT_EVENTS",
    "EVENT_GROUPS",
    "KINDS",
    "LEASE",
    "MAIL_KINDS",
    "RETRY_AFTER",
    "ChatEvent",
    "DeliveryScheduleFields",
    "Fact",
    "MailKind",
    "Message",
    "News",
    "NoticeKind",
    "NoticeWords",
    "Outcome",
    "begin_anew",
    "describe_notices",
    "forget_old_deliveries",
    "forget_old_notices",
    "make_missing_schedules",
    "notify",
    "notify_many",
    "queue_account_mail",
    "queue_chats_of_events",
    "queue_chats_of_notices",
    "queue_delivery",
    "reaches_of",
    "read_notices",
    "realign_account",
    "realign_member",
    "realign_workspace",
    "schedule_of",
    "send_due_account_mails",
    "send_due_chats",
    "send_due_deliveries",
    "set_reaches",
    "settle",
    "subjects_of",
    "sweep_notice_mails",
    "sweep_repeats",
    "update_schedule",
]
