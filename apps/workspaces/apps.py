"""The workspaces app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WorkspacesConfig(AppConfig):
    """The tenant: its members, teams, values and invitations."""

    name = "apps.workspaces"
    verbose_name = _("Workspaces")

    def ready(self) -> None:
        """A person who changes their name or address has the new one wherever they are a member."""
        # The models are loaded only now, hence the imports here.
        from apps.accounts.services import ADDRESS_FOLLOWERS, NAME_FOLLOWERS  # noqa: PLC0415
        from apps.core.exports import EXPORTED, Exported  # noqa: PLC0415
        from apps.workspaces import access, serializers  # noqa: PLC0415
        from apps.workspaces.services.members import follow_address, follow_name  # noqa: PLC0415

        NAME_FOLLOWERS.append(follow_name)
        ADDRESS_FOLLOWERS.append(follow_address)
        EXPORTED.extend(
            (
                Exported("members", serializers.MemberSerializer, access.visible_members),
                Exported("teams", serializers.TeamSerializer, access.visible_teams),
                Exported("values", serializers.ValueSerializer, access.visible_values),
            )
        )
