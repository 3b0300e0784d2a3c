"""Kinds of rows with longer names."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("integrations", "0007_webhook_not_sent"),
    ]

    operations = [
        migrations.AlterField(
            model_name="importrow",
            name="kind",
            field=models.CharField(max_length=20, verbose_name="kind"),
        ),
    ]
