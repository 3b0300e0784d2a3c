"""No row is “not stored” any more: lines of earlier reports that say so are forgotten."""

from typing import Any

from django.db import migrations


def forget(apps: Any, _schema_editor: Any) -> None:
    """Delete these lines; the reports would have been forgotten within a week."""
    apps.get_model("integrations", "ImportRow").objects.filter(reason="not_stored").delete()


class Migration(migrations.Migration):
    dependencies = [
        ("integrations", "0008_import_row_kind"),
    ]

    operations = [migrations.RunPython(forget, migrations.RunPython.noop)]
