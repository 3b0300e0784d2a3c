"""The accounts app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """The person who signs in."""

    name = "apps.accounts"
    verbose_name = _("Accounts")
