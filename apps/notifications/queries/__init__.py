"""Page-shaped reads: the inbox, the health of the mail, and the demo's mailbox."""

from apps.notifications.queries.health import (
    ADDRESSES_SHOWN,
    MailHealth,
    account_mails_in_trouble,
    failed_mails,
    faulty_addresses,
    mail_health,
    mail_trouble,
    own_faulty_address,
)
from apps.notifications.queries.inbox import COUNTED_MAX, newest_of_things, notices_about, unread_count
from apps.notifications.queries.mailbox import KeptMail, kept_mail, kept_mails

__all__ = [
    "ADDRESSES_SHOWN",
    "COUNTED_MAX",
    "KeptMail",
    "MailHealth",
    "account_mails_in_trouble",
    "failed_mails",
    "faulty_addresses",
    "kept_mail",
    "kept_mails",
    "mail_health",
    "mail_trouble",
    "newest_of_things",
    "notices_about",
    "own_faulty_address",
    "unread_count",
]
