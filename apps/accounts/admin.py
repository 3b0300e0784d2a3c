"""The admin site: accounts, and of those only who may sign in. It shows nothing that people wrote, and no secret.

allauth registers its own tables there: session keys, secrets of second factors, tokens. They go.
"""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.decorators import secure_admin_login
from django.contrib import admin, messages
from django.contrib.admin import ModelAdmin
from django.contrib.auth.models import Group
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from apps.accounts import services
from apps.accounts.models import User

OTHERS = ("account", "mfa", "socialaccount", "usersessions")

for model in [model for model in admin.site._registry if model._meta.app_label in OTHERS or model is Group]:
    admin.site.unregister(model)

# Signing in with all that belongs to it: rate limits, second factor, list of sessions.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]


@admin.register(User)
class UserAdmin(ModelAdmin):  # type: ignore[type-arg]
    """Find an account, switch it off and on, let it use this site."""

    list_display = ("email", "name", "is_active", "is_staff", "date_joined", "last_login")
    list_filter = ("is_active", "is_staff")
    search_fields = ("email", "name")
    ordering = ("email",)
    fields = ("email", "name", "timezone", "language", "is_active", "is_staff", "date_joined", "last_login")
    readonly_fields = ("email", "name", "timezone", "language", "date_joined", "last_login")
    list_per_page = 50
    show_full_result_count = False

    actions = ("reset_second_factors",)

    @admin.action(description=_("Remove all second factors and sign out everywhere"), permissions=["superuser"])
    def reset_second_factors(self, request: HttpRequest, accounts: QuerySet[User]) -> None:
        """For people who lost theirs. Each is mailed that it happened."""
        for account in accounts:
            services.reset_second_factors(account)
            get_adapter(request).send_notification_mail("mfa/email/totp_deactivated", account)
        messages.success(request, _("Their password alone signs them in again."))

    def has_superuser_permission(self, request: HttpRequest) -> bool:
        """Who may open somebody's account to their password alone."""
        return bool(getattr(request.user, "is_superuser", False))

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Accounts are made by their people."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """An account that wrote something cannot vanish; it can be switched off."""
        return False

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Only superusers make staff; switching off signs out everywhere."""
        if "is_active" in form.changed_data:
            services.set_active(obj, active=obj.is_active)
        if "is_staff" in form.changed_data:
            services.set_staff(obj, is_staff=obj.is_staff)

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        """Who is no superuser gives no rights away."""
        fields = tuple(self.readonly_fields)
        return fields if getattr(request.user, "is_superuser", False) else (*fields, "is_staff")
