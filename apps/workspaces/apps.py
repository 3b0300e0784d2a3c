"""The workspaces app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WorkspacesConfig(AppConfig):
    """The tenant: its members, teams, values and invitations."""

    name = "apps.workspaces"
    verbose_name = _("Workspaces")
