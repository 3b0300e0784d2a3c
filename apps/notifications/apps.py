"""The notifications app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NotificationsConfig(AppConfig):
    """What is said to whom: notices, and the deliveries that carry them."""

    name = "apps.notifications"
    verbose_name = _("Notifications")

    def ready(self) -> None:
        """Hear of invitations and of changed clocks, and tell the outbox what its mails say."""
        from apps.accounts.services import ACCOUNT_MAILED, ADDRESS_FOLLOWERS, CLOCK_FOLLOWERS
        from apps.core.clock import database_now
        from apps.core.health import WAITING
        from apps.notifications.queries.menus import NOTIFICATION_MENU
        from apps.notifications.queries.waiting import SENT_LATER
        from apps.notifications.services import (
            MAIL_KINDS,
            MailKind,
            begin_anew,
            invitation_mail,
            mail_health,
            notice_mail,
            realign_account,
            realign_member,
            realign_workspace,
        )
        from apps.notifications.tasks import mail_account
        from apps.workspaces.queries.menus import MENU_ENTRIES
        from apps.workspaces.services import ABSENCE_CHANGED, WORKSPACE_CHANGED
        from apps.workspaces.services.invitations import INVITATION_CREATED

        MENU_ENTRIES.add(*NOTIFICATION_MENU)
        WAITING.add(*SENT_LATER)
        ACCOUNT_MAILED.add(mail_account)
        INVITATION_CREATED.add(invitation_mail.queue_invitation)
        MAIL_KINDS.add(
            MailKind(invitation_mail.KIND, invitation_mail.render_invitation),
            MailKind(mail_health.KIND, mail_health.render_test_mail, sent_again=True),
            MailKind(notice_mail.KIND, notice_mail.render_notices, sent_again=True),
        )
        ADDRESS_FOLLOWERS.add(lambda user: begin_anew(user, at=database_now()))
        CLOCK_FOLLOWERS.add(lambda user: realign_account(user, at=database_now()))
        ABSENCE_CHANGED.add(lambda absence, _by, at: realign_member(absence.member, at=at))
        WORKSPACE_CHANGED.add(lambda workspace: realign_workspace(workspace, at=database_now()))
