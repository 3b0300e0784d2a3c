"""The admin site: which workspaces and people there are, to read. None of what they wrote is here."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from apps.workspaces.models import Member, Workspace


class ReadOnly(admin.ModelAdmin[Any]):
    """Nothing is added, changed or deleted past the services and their rules."""

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Never."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Never."""
        return False


@admin.register(Workspace)
class WorkspaceAdmin(ReadOnly):
    """Names and addresses of workspaces."""

    list_display = ("name", "slug", "timezone", "created_at")
    search_fields = ("name", "slug")
    fields = ("name", "slug", "timezone", "working_days", "cadence", "created_at")


@admin.register(Member)
class MemberAdmin(ReadOnly):
    """Who is in which workspace, and as what."""

    list_display = ("name", "email", "workspace", "role", "deactivated_at")
    list_filter = ("role",)
    list_select_related = ("workspace",)
    search_fields = ("name", "email")
    show_full_result_count = False
    fields = ("workspace", "name", "email", "role", "deactivated_at", "created_at")
