"""The notifications app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NotificationsConfig(AppConfig):
    """What is said to whom: notices, and the deliveries that carry them."""

    name = "apps.notifications"
    verbose_name = _("Notifications")

    def ready(self) -> None:
        """Hear of invitations and of changed clocks, and tell the outbox what its mails say."""
        # The models are loaded only now, hence the imports here.
        from apps.accounts.services import ACCOUNT_MAILED, ADDRESS_FOLLOWERS, CLOCK_FOLLOWERS  # noqa: PLC0415
        from apps.core.clock import database_now  # noqa: PLC0415
        from apps.notifications.services import (  # noqa: PLC0415
            RENDERERS,
            begin_anew,
            invitation_mail,
            mail_health,
            notice_mail,
            realign_account,
            realign_member,
            realign_workspace,
        )
        from apps.notifications.tasks import mail_account  # noqa: PLC0415
        from apps.workspaces.services import ABSENCE_CHANGED, WORKSPACE_CHANGED  # noqa: PLC0415
        from apps.workspaces.services.invitations import INVITATION_CREATED  # noqa: PLC0415

        ACCOUNT_MAILED.append(mail_account)
        INVITATION_CREATED.append(invitation_mail.queue_invitation)
        RENDERERS[invitation_mail.KIND] = invitation_mail.render_invitation
        RENDERERS[mail_health.KIND] = mail_health.render_test_mail
        RENDERERS[notice_mail.KIND] = notice_mail.render_notices
        ADDRESS_FOLLOWERS.append(lambda user: begin_anew(user, at=database_now()))
        CLOCK_FOLLOWERS.append(lambda user: realign_account(user, at=database_now()))
        ABSENCE_CHANGED.append(lambda absence, _by, at: realign_member(absence.member, at=at))
        WORKSPACE_CHANGED.append(lambda workspace: realign_workspace(workspace, at=database_now()))
