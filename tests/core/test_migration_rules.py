"""Migrations that a live table, or the last release's code, could not bear are refused; safe ones are not."""

from pathlib import Path

import pytest
from django.contrib.postgres import operations as postgres
from django.core.management import CommandError, call_command
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.models.functions import Lower

from apps.core.management.commands import lint_migrations
from apps.core.management.commands.lint_migrations import faults_since, missing, released_migrations
from apps.core.migration_rules import faults_of_migration
from apps.core.tenancy import SameWorkspace, ValidateSameWorkspace
from tests.servers import ROOT

NOOP = migrations.RunPython.noop
CHECK = models.CheckConstraint(condition=~models.Q(url=""), name="webhook_has_url")
INDEX = models.Index(fields=["url"], name="webhook_by_url")
TABLE = "integrations_webhook"
LETTER = migrations.CreateModel("Letter", [("id", models.UUIDField(primary_key=True)), ("text", models.TextField())])


class OwnOperation(Operation):
    """Of a kind that nobody thought of."""

    def state_forwards(self, app_label: str, state: object) -> None:
        """Change nothing."""


def faults(*operations: Operation, atomic: bool = True) -> list[str]:
    """What is wrong with a migration of webhooks, were everything that is here released."""
    state = MigrationLoader(None).project_state()
    kind = type("Migration", (migrations.Migration,), {"operations": list(operations), "atomic": atomic})
    return faults_of_migration(kind("0999_next", "integrations"), state.clone(), state)


def sql(*statements: str) -> migrations.RunSQL:
    return migrations.RunSQL([*statements], migrations.RunSQL.noop)


REFUSED: dict[str, tuple[Operation, str]] = {
    "index": (migrations.AddIndex("webhook", INDEX), "AddIndexConcurrently"),
    "concurrently in a transaction": (postgres.AddIndexConcurrently("webhook", INDEX), "atomic = False"),
    "index dropped": (migrations.RemoveIndex("webhookdelivery", "webhook_to_send"), "RemoveIndexConcurrently"),
    "not null": (migrations.AddField("webhook", "note", models.TextField(default="")), "null=True or db_default"),
    "indexed": (migrations.AddField("webhook", "n", models.TextField(null=True, db_index=True)), "index under a lock"),
    "foreign key": (
        migrations.AddField("webhook", "n", models.ForeignKey("workspaces.Team", models.PROTECT, null=True)),
        "index under a lock",
    ),
    "generated": (
        migrations.AddField(
            "webhook",
            "n",
            models.GeneratedField(expression=Lower("url"), output_field=models.TextField(), db_persist=True),
        ),
        "worked out for every row",
    ),
    "type": (migrations.AlterField("webhook", "url", models.IntegerField()), "changes the type of url"),
    "shorter": (migrations.AlterField("webhook", "url", models.CharField(max_length=9)), "changes the type of url"),
    "column": (
        migrations.AlterField("webhook", "paused_at", models.DateTimeField(null=True, db_column="x")),
        "renames the column of paused_at",
    ),
    "null": (migrations.AlterField("webhook", "paused_at", models.DateTimeField()), "forbids paused_at to be empty"),
    "new index": (
        migrations.AlterField("webhook", "paused_at", models.DateTimeField(null=True, db_index=True)),
        "makes an index on paused_at",
    ),
    "dropped": (migrations.RemoveField("webhook", "url"), "takes away url"),
    "renamed": (migrations.RenameField("webhook", "url", "address"), "renames url"),
    "table dropped": (migrations.DeleteModel("Webhook"), "takes away the table of Webhook"),
    "table moved": (migrations.AlterModelTable("Webhook", "hooks"), "takes away the table of Webhook"),
    "table renamed": (migrations.RenameModel("Webhook", "Hook"), "renames the table of Webhook"),
    "constraint": (migrations.AddConstraint("webhook", CHECK), "AddConstraintNotValid"),
    "unique together": (migrations.AlterUniqueTogether("webhook", {("url", "id")}), "AlterUniqueTogether"),
    "same workspace": (SameWorkspace("goals_goal", "team_id", "workspaces_team"), "without NOT VALID"),
    "one-way data": (migrations.RunPython(NOOP), "cannot go back"),
    "data in one transaction": (migrations.RunPython(NOOP, NOOP), "atomic = False, in batches"),
    "one-way SQL": (migrations.RunSQL("SELECT 1"), "cannot be undone"),
    "SQL index": (sql(f"CREATE INDEX x ON {TABLE} (url)"), "without CONCURRENTLY"),
    "SQL index in a transaction": (sql(f"CREATE INDEX CONCURRENTLY x ON {TABLE} (url)"), "atomic = False"),
    "SQL drop": (sql(f'ALTER TABLE "{TABLE}" DROP COLUMN url'), "drops url in SQL"),
    "SQL rename": (sql(f"ALTER TABLE {TABLE} RENAME url TO address"), "what the last release uses"),
    "SQL type": (sql(f"ALTER TABLE {TABLE} ALTER COLUMN url TYPE text"), "what the last release uses"),
    "SQL null": (sql(f"ALTER TABLE {TABLE} ALTER paused_at SET NOT NULL"), "what the last release uses"),
    "SQL table": (sql("SELECT 1", f"DROP TABLE IF EXISTS {TABLE}"), "what the last release uses"),
    "SQL constraint": (sql(f"ALTER TABLE ONLY {TABLE} ADD CONSTRAINT x CHECK (true)"), "without NOT VALID"),
    "SQL data": (sql("UPDATE integrations_webhook SET url = ''"), "moves data in SQL"),
    "row security": (sql(f"ALTER TABLE {TABLE} ENABLE ROW LEVEL SECURITY"), "does not say who acts"),
    "by a side door": (
        migrations.SeparateDatabaseAndState(database_operations=[migrations.RemoveField("webhook", "url")]),
        "takes away url",
    ),
    "forgotten, but not null": (
        migrations.SeparateDatabaseAndState(state_operations=[migrations.RemoveField("webhook", "url")]),
        "forgets url",
    ),
    "unknown": (OwnOperation(), "no rule yet"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_safe_is_refused(name: str) -> None:
    operation, said = REFUSED[name]
    [fault] = faults(operation, atomic=name != "one-way data")
    assert said in fault


def test_data_and_schema_are_apart_and_so_are_adding_and_validating() -> None:
    field = migrations.AddField("webhook", "note", models.TextField(null=True))
    assert faults(field, migrations.RunPython(NOOP, NOOP), atomic=False) == [
        "moves data and changes the schema: make it two"
    ]
    added = postgres.AddConstraintNotValid("webhook", CHECK)
    [fault] = faults(added, postgres.ValidateConstraint("webhook", CHECK.name))
    assert "under the lock that added it" in fault


TRIGGER = """
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $body$ BEGIN
    UPDATE integrations_webhook SET url = '';
    RETURN NEW;
END $body$
"""
SAFE: dict[str, list[Operation]] = {
    "a table of its own": [
        LETTER,
        migrations.AddIndex("letter", models.Index(fields=["text"], name="letter_by_text")),
        migrations.AddField("letter", "more", models.TextField(default="", db_index=True)),
        migrations.RenameField("letter", "text", "words"),
        migrations.DeleteModel("Letter"),
    ],
    "by default": [migrations.AddField("webhook", "note", models.TextField(db_default=""))],
    "longer": [migrations.AlterField("webhook", "url", models.CharField("where", max_length=9_000))],
    "text": [migrations.AlterField("webhook", "url", models.TextField())],
    "may be empty": [migrations.AlterField("webhook", "is_active", models.BooleanField(null=True))],
    "checks what comes": [postgres.AddConstraintNotValid("webhook", CHECK)],
    "checks what is there": [postgres.ValidateConstraint("webhook", "webhook_has_url")],
    "forgotten": [
        migrations.SeparateDatabaseAndState(state_operations=[migrations.RemoveField("webhook", "paused_at")])
    ],
    "dropped a release later": [sql(f"ALTER TABLE {TABLE} DROP COLUMN forgotten")],
    "same workspace": [
        SameWorkspace("goals_goal", "team_id", "workspaces_team", validated=False),
    ],
    "same workspace, what is there": [ValidateSameWorkspace("goals_goal", "team_id")],
    "a function": [sql(TRIGGER), sql(f"CREATE TRIGGER t BEFORE UPDATE ON {TABLE} EXECUTE FUNCTION f()")],
    "a view": [sql("CREATE OR REPLACE VIEW hooks AS SELECT id FROM integrations_webhook")],
}
SAFE_ALONE: dict[str, list[Operation]] = {
    "index": [postgres.AddIndexConcurrently("webhook", INDEX)],
    "index dropped": [postgres.RemoveIndexConcurrently("webhookdelivery", "webhook_to_send")],
    "SQL index": [sql(f"CREATE INDEX CONCURRENTLY x ON {TABLE} (url)")],
    "batches": [migrations.RunPython(NOOP, NOOP)],
}


@pytest.mark.parametrize("name", SAFE)
def test_what_is_safe_passes(name: str) -> None:
    assert faults(*SAFE[name]) == []


@pytest.mark.parametrize("name", SAFE_ALONE)
def test_what_is_safe_outside_a_transaction_passes(name: str) -> None:
    assert faults(*SAFE_ALONE[name], atomic=False) == []


def test_our_migrations_are_safe_since_the_last_release() -> None:
    call_command("lint_migrations")


def test_only_what_is_not_released_is_judged() -> None:
    """0003 drops and makes an index under a lock; it was written before anybody had rows."""
    loader = MigrationLoader(None)
    everything = set(loader.disk_migrations)
    assert list(faults_since(loader, everything)) == []
    found = list(faults_since(loader, everything - {("integrations", "0003_webhooks_in_turns")}))
    assert [line.split(": ")[0] for line in found] == ["integrations.0003_webhooks_in_turns"] * 2
    assert list(faults_since(loader, set())) == [], "what no database has yet may be written as one likes"


def test_a_released_migration_stays() -> None:
    loader = MigrationLoader(None)
    [said] = missing(loader, {*loader.disk_migrations, ("goals", "0000_gone")})
    assert said.startswith("goals.0000_gone was released and is gone")


@pytest.mark.parametrize("commit", ["0" * 40, "no commit"])
def test_a_release_that_is_not_in_the_clone_is_said(
    commit: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "last-release"
    file.write_text(commit)
    monkeypatch.setattr(lint_migrations, "RELEASE_FILE", file)
    with pytest.raises(CommandError, match=r"is not here\. In a shallow clone fetch .*: git fetch --unshallow"):
        released_migrations(ROOT)
