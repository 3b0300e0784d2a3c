"""Pages about what people are told."""

from apps.notifications.views.chat import (
    chat_delete,
    chat_edit,
    chat_test,
    workspace_chat_delete,
    workspace_chat_edit,
    workspace_chat_test,
)
from apps.notifications.views.inbox import (
    notice_act,
    notice_list,
    notice_open,
    notice_put_away,
    notice_read,
    notice_unread,
    notices_read,
)
from apps.notifications.views.mail_health import address_mail_again, mail_health, mail_retry, mail_test
from apps.notifications.views.mail_links import mail_act, mail_stop
from apps.notifications.views.mailbox import mail_detail, mail_html, mail_list
from apps.notifications.views.preferences import own_mail_again, preference_edit

__all__ = [
    "address_mail_again",
    "chat_delete",
    "chat_edit",
    "chat_test",
    "mail_act",
    "mail_detail",
    "mail_health",
    "mail_html",
    "mail_list",
    "mail_retry",
    "mail_stop",
    "mail_test",
    "notice_act",
    "notice_list",
    "notice_open",
    "notice_put_away",
    "notice_read",
    "notice_unread",
    "notices_read",
    "own_mail_again",
    "preference_edit",
    "workspace_chat_delete",
    "workspace_chat_edit",
    "workspace_chat_test",
]
