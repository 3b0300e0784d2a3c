"""References stay within their workspace, by composite foreign keys."""

from typing import ClassVar

from django.db import migrations

from apps.core.tenancy import SameWorkspace


class Migration(migrations.Migration):
    dependencies: ClassVar = [("integrations", "0001_initial"), ("workspaces", "0002_tenancy")]

    operations: ClassVar = [
        SameWorkspace("integrations_importjob", "requested_by_id", "workspaces_member"),
    ]
