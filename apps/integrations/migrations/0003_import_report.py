"""The lines of an import's report, as rows of their own: a report can be long, and is read a page at a time."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import apps.core.models


class Migration(migrations.Migration):
    dependencies = [
        ("integrations", "0002_tenancy"),
    ]

    operations = [
        migrations.AlterField(
            model_name="importjob",
            name="content",
            field=models.BinaryField(default=b"", verbose_name="content"),
        ),
        migrations.CreateModel(
            name="ImportRow",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=apps.core.models.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="created"),
                ),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="last changed")),
                ("position", models.PositiveIntegerField(verbose_name="position")),
                ("kind", models.CharField(max_length=12, verbose_name="kind")),
                ("key", models.CharField(blank=True, max_length=255, verbose_name="key")),
                ("reason", models.CharField(max_length=40, verbose_name="reason")),
                ("field", models.CharField(blank=True, max_length=100, verbose_name="field")),
                ("value", models.CharField(blank=True, max_length=300, verbose_name="value")),
                ("count", models.PositiveIntegerField(default=1, verbose_name="rows")),
                (
                    "job",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rows",
                        to="integrations.importjob",
                        verbose_name="import",
                    ),
                ),
            ],
            options={
                "verbose_name": "import row",
                "verbose_name_plural": "import rows",
                "ordering": ("position",),
                "constraints": [
                    models.UniqueConstraint(fields=("job", "position"), name="import_row_position_once")
                ],
            },
        ),
    ]
