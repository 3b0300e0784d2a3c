"""References stay within their workspace, by composite foreign keys."""

from typing import ClassVar

from django.db import migrations

from apps.core.tenancy import SameWorkspace


class Migration(migrations.Migration):
    dependencies: ClassVar = [("notifications", "0003_notices"), ("workspaces", "0002_tenancy")]

    operations: ClassVar = [
        SameWorkspace("notifications_notice", "recipient_id", "workspaces_member"),
        SameWorkspace("notifications_preference", "member_id", "workspaces_member"),
        SameWorkspace("notifications_rhythm", "member_id", "workspaces_member"),
        SameWorkspace("notifications_chatchannel", "member_id", "workspaces_member"),
        SameWorkspace("notifications_chatchannel", "created_by_id", "workspaces_member"),
        SameWorkspace("notifications_delivery", "chat_id", "notifications_chatchannel"),
    ]
