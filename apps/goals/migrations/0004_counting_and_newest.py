"""Indexes that counts over a cycle are read from alone, and that lists of the newest walk along."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("goals", "0003_list_indexes"), ("workspaces", "0002_tenancy")]

    operations: ClassVar = [
        migrations.RemoveIndex(model_name="goal", name="goal_newest"),
        migrations.AddIndex(
            model_name="goal",
            index=models.Index(fields=["workspace", "-created_at", "-id"], name="goal_newest"),
        ),
        migrations.AddIndex(
            model_name="goal",
            index=models.Index(
                fields=["workspace", "cycle", "status"],
                include=[
                    *("id", "parent", "team", "owner", "rank", "visibility"),
                    *("confidence", "check_in_due_on", "importance", "urgency"),
                ],
                name="goal_counted",
            ),
        ),
        migrations.AddIndex(
            model_name="checkin",
            index=models.Index(fields=["workspace", "-made_at", "-id"], name="check_in_by_time"),
        ),
        migrations.AddIndex(
            model_name="keyresult",
            index=models.Index(fields=["workspace", "-created_at", "-id"], name="key_result_newest"),
        ),
    ]
