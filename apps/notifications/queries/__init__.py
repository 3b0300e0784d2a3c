"""Page-shaped reads: the inbox, the health of the mail, and the demo's mailbox."""

from apps.notifications.queries.health import MailHealth, failed_mails, mail_health, mail_trouble
from apps.notifications.queries.inbox import COUNTED_MAX, newest_of_things, notices_about, unread_count
from apps.notifications.queries.mailbox import KeptMail, kept_mail, kept_mails

__all__ = [
    "COUNTED_MAX",
    "KeptMail",
    "MailHealth",
    "failed_mails",
    "kept_mail",
    "kept_mails",
    "mail_health",
    "mail_trouble",
    "newest_of_things",
    "notices_about",
    "unread_count",
]
