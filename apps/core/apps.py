"""The core app."""

from django.apps import AppConfig
from django.core import checks
from django.utils.translation import gettext_lazy as _

from apps.core.encryption.checks import check_secrets
from apps.core.row_security import check_role


class CoreConfig(AppConfig):
    """What has no noun of the domain."""

    name = "apps.core"
    verbose_name = _("Core")

    def ready(self) -> None:
        """Have the database's role checked, and whether all secrets can be opened."""
        checks.register(check_role, checks.Tags.database)
        checks.register(check_secrets, checks.Tags.database)
