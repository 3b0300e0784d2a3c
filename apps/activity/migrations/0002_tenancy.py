"""References stay within their workspace, by composite foreign keys."""

from typing import ClassVar

from django.db import migrations

from apps.core.tenancy import SameWorkspace


APPEND_ONLY = """
CREATE FUNCTION activity_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The log of events is append-only.' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER activity_event_append_only BEFORE UPDATE OR DELETE ON activity_event
FOR EACH ROW EXECUTE FUNCTION activity_refuse_change();
"""
TAKE_BACK = "DROP TRIGGER activity_event_append_only ON activity_event; DROP FUNCTION activity_refuse_change();"


class Migration(migrations.Migration):
    dependencies: ClassVar = [("activity", "0001_initial"), ("workspaces", "0002_tenancy")]

    operations: ClassVar = [
        SameWorkspace("activity_event", "actor_id", "workspaces_member"),
        migrations.RunSQL(APPEND_ONLY, TAKE_BACK),
    ]
