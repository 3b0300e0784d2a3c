"""Pages about what people are told."""

from apps.notifications.views.inbox import (
    notice_act,
    notice_list,
    notice_open,
    notice_put_away,
    notice_read,
    notice_unread,
    notices_read,
)
from apps.notifications.views.mailbox import mail_detail, mail_html, mail_list

__all__ = [
    "mail_detail",
    "mail_html",
    "mail_list",
    "notice_act",
    "notice_list",
    "notice_open",
    "notice_put_away",
    "notice_read",
    "notice_unread",
    "notices_read",
]
