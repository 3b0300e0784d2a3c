"""Page-shaped reads: the inbox, the health of the mail, and the demo's mailbox."""

from apps.notifications.queries.mailbox import KeptMail, kept_mail, kept_mails

__all__ = ["KeptMail", "kept_mail", "kept_mails"]
