"""Foreign keys that cannot leave their workspace, held by PostgreSQL itself.

A row's `workspace_id` and its reference are checked together by a composite foreign key
(PostgreSQL manual, 5.5.5): `(workspace_id, goal_id)` must stand as `(workspace_id, id)` in the other table. A null
reference is not checked.
"""

from django.db import migrations


def constraint_name(table: str, column: str) -> str:
    """The name of the composite key on one column, within PostgreSQL's 63 characters."""
    return f"{table}_{column}_tenant"[:63]


class SameWorkspace(migrations.RunSQL):
    """Migration operation: `table.column` refers only to rows of `other` in the same workspace.

    On a table in use not `validated`: rows that come are checked, those that are there by `ValidateSameWorkspace`, in
    the next migration.
    """

    def __init__(self, table: str, column: str, other: str, *, validated: bool = True) -> None:
        name = constraint_name(table, column)
        super().__init__(
            f'ALTER TABLE "{table}" ADD CONSTRAINT "{name}" FOREIGN KEY (workspace_id, "{column}") '
            f'REFERENCES "{other}" (workspace_id, id) DEFERRABLE INITIALLY DEFERRED{"" if validated else " NOT VALID"}',
            f'ALTER TABLE "{table}" DROP CONSTRAINT "{name}"',
        )


class ValidateSameWorkspace(migrations.RunSQL):
    """Migration operation: reads the rows that were there before a `SameWorkspace` that was not validated."""

    def __init__(self, table: str, column: str) -> None:
        name = constraint_name(table, column)
        super().__init__(f'ALTER TABLE "{table}" VALIDATE CONSTRAINT "{name}"', migrations.RunSQL.noop)
