"""The workspaces app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WorkspacesConfig(AppConfig):
    """The tenant: its members, teams, values and invitations."""

    name = "apps.workspaces"
    verbose_name = _("Workspaces")

    def ready(self) -> None:
        """A person who changes their name or address has the new one wherever they are a member."""
        from apps.accounts.services import ADDRESS_FOLLOWERS, NAME_FOLLOWERS
        from apps.core.exports import EXPORTED, Exported
        from apps.workspaces import access, serializers
        from apps.workspaces.services.members import follow_address, follow_name

        NAME_FOLLOWERS.add(follow_name)
        ADDRESS_FOLLOWERS.add(follow_address)
        EXPORTED.add(
            Exported("members", serializers.MemberSerializer, access.visible_members),
            Exported("teams", serializers.TeamSerializer, access.visible_teams),
            Exported("values", serializers.ValueSerializer, access.visible_values),
        )
