"""Pages about what people are told."""

from apps.notifications.views.mailbox import mail_detail, mail_html, mail_list

__all__ = ["mail_detail", "mail_html", "mail_list"]
