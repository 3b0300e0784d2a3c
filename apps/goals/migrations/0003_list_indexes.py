"""Indexes for finding goals by a part of their title, and the labels in use."""

from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import migrations, models
from django.db.models.functions import Upper


class Migration(migrations.Migration):
    dependencies: ClassVar = [("goals", "0002_tenancy")]

    operations: ClassVar = [
        migrations.AddIndex(
            model_name="goal",
            index=GinIndex(OpClass(Upper("title"), name="gin_trgm_ops"), name="goal_title_search"),
        ),
        migrations.AddIndex(
            model_name="goal",
            index=models.Index(
                condition=models.Q(("labels", []), _negated=True), fields=["workspace", "-id"], name="goal_labelled"
            ),
        ),
    ]
