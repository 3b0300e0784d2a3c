"""The accounts app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """The person who signs in."""

    name = "apps.accounts"
    verbose_name = _("Accounts")

    def ready(self) -> None:
        """Say where secrets of second factors lie."""
        from apps.accounts.adapter.second_factor import FACTOR_SECRETS
        from apps.core.encryption import COLUMNS

        COLUMNS.add(FACTOR_SECRETS)
