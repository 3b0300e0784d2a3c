"""What a migration may not do to tables that are in use, by people who wait and by the last release's code.

Own rules rather than a linter's: docs/decisions/live-migrations.md says why.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import singledispatch

from django.contrib.postgres import operations as postgres
from django.db import connection
from django.db.migrations import Migration
from django.db.migrations import operations as django
from django.db.migrations.operations.base import Operation
from django.db.migrations.operations.models import AlterTogetherOptionOperation
from django.db.migrations.state import ProjectState
from django.db.models import CharField, Field, GeneratedField, TextField

AnyField = Field[object, object]
NAMED = re.compile(
    r'\b(?=(?:TABLE|VIEW|ON|INTO|UPDATE|FROM)\s+(?:IF\s+EXISTS\s+)?(?:ONLY\s+)?(?:public\.)?"?(\w+)"?)', re.IGNORECASE
)
BODY = re.compile(r"\$(\w*)\$.*?\$\1\$", re.DOTALL)
DROPPED = re.compile(r'\bDROP\s+COLUMN\s+(?:IF\s+EXISTS\s+)?"?(\w+)"?', re.IGNORECASE)
READS_ALL = (
    "AddConstraintNotValid, and ValidateConstraint in the next migration (what is unique: an index made concurrently, "
    "then ADD CONSTRAINT … USING INDEX)"
)
CONCURRENTLY = re.compile(r"\bCONCURRENTLY\b", re.IGNORECASE)
IN_SQL = {
    re.compile(r"\bCREATE\s+(UNIQUE\s+)?INDEX\s+(?!CONCURRENTLY)", re.IGNORECASE): (
        "makes an index in SQL without CONCURRENTLY"
    ),
    re.compile(r"\bADD\s+CONSTRAINT\b(?!.*\b(NOT\s+VALID|USING\s+INDEX)\b)", re.IGNORECASE | re.DOTALL): (
        "adds a constraint in SQL without NOT VALID"
    ),
    re.compile(
        r"\b(DROP\s+(TABLE|VIEW)|RENAME|SET\s+NOT\s+NULL|(ALTER\s+COLUMN\s+\S+\s+|DATA\s+)TYPE)\b", re.IGNORECASE
    ): ("takes away or changes in SQL what the last release uses"),
    re.compile(r"\b(ENABLE|FORCE)\s+ROW\s+LEVEL\s+SECURITY\b", re.IGNORECASE): (
        "closes rows to the last release, which does not say who acts"
    ),
    re.compile(r"^\s*(UPDATE|INSERT|DELETE|TRUNCATE)\b", re.IGNORECASE | re.MULTILINE): (
        "moves data in SQL in one go: RunPython in batches that commit, with atomic = False"
    ),
}


@dataclass(frozen=True)
class Standpoint:
    """Where an operation stands: what the last release knew, in which migration, what was true just before it."""

    released: ProjectState
    migration: Migration
    before: ProjectState

    def released_field(self, model: str, field: str) -> AnyField | None:
        """The field as the last release's code uses it; None where it does not know it."""
        found = self.released.models.get((self.migration.app_label, model.lower()))
        return found.fields.get(field) if found else None

    def is_in_use(self, model: str) -> bool:
        """Whether the model's table has rows and readers: the migrations that make a table change it at will."""
        return (self.migration.app_label, model.lower()) in self.released.models

    def columns(self) -> dict[str, set[str]]:
        """The columns the last release uses, by table."""
        models = self.released.apps.get_models(include_auto_created=True)
        return {each._meta.db_table: {str(field.column) for field in each._meta.local_fields} for each in models}


def faults_of_migration(migration: Migration, state: ProjectState, released: ProjectState) -> list[str]:
    """What is wrong with a migration, in words for who wrote it; nothing where it is safe. Moves `state` on."""
    faults = []
    if len({isinstance(each, django.RunPython) for each in migration.operations}) > 1:
        faults.append("moves data and changes the schema: make it two")
    added = {each.constraint.name for each in migration.operations if isinstance(each, postgres.AddConstraintNotValid)}
    for operation in migration.operations:
        if isinstance(operation, postgres.ValidateConstraint) and operation.name in added:
            faults.append(f"validates {operation.name} under the lock that added it: make it two")
        faults += faults_of(operation, Standpoint(released, migration, state))
        operation.state_forwards(migration.app_label, state)
    return faults


@singledispatch
def faults_of(operation: Operation, at: Standpoint) -> list[str]:
    """What is wrong with one operation. What has no rule here is refused, so that no kind slips through."""
    return [f"does {type(operation).__name__}, for which apps/core/migration_rules.py has no rule yet"]


@faults_of.register(django.CreateModel)
@faults_of.register(django.AlterModelOptions)
@faults_of.register(django.AlterModelManagers)
@faults_of.register(django.AlterModelTableComment)
@faults_of.register(django.RenameIndex)
@faults_of.register(django.RemoveConstraint)
@faults_of.register(postgres.CreateExtension)
@faults_of.register(postgres.ValidateConstraint)
def _of_what_is_brief(operation: Operation, at: Standpoint) -> list[str]:
    return []


@faults_of.register(django.AddIndex)
@faults_of.register(django.RemoveIndex)
def _of_index(operation: django.AddIndex | django.RemoveIndex, at: Standpoint) -> list[str]:
    if not at.is_in_use(operation.model_name):
        return []
    if not isinstance(operation, postgres.AddIndexConcurrently | postgres.RemoveIndexConcurrently):
        kind = type(operation).__name__
        return [f"does {kind}, which stops all writing meanwhile: {kind}Concurrently, with atomic = False"]
    return _of_atomic(at)


def _of_atomic(at: Standpoint) -> list[str]:
    return ["does something concurrently: that takes atomic = False"] if at.migration.atomic else []


@faults_of.register(django.AddConstraint)
def _of_constraint(operation: django.AddConstraint, at: Standpoint) -> list[str]:
    if isinstance(operation, postgres.AddConstraintNotValid) or not at.is_in_use(operation.model_name):
        return []
    return [f"adds {operation.constraint.name}, which reads the whole table under a lock: {READS_ALL}"]


@faults_of.register(AlterTogetherOptionOperation)
@faults_of.register(django.AlterOrderWithRespectTo)
def _of_old_ways(operation: AlterTogetherOptionOperation | django.AlterOrderWithRespectTo, at: Standpoint) -> list[str]:
    return [f"does {type(operation).__name__} on a table in use"] if at.is_in_use(operation.name) else []


@faults_of.register(django.AddField)
def _of_new_field(operation: django.AddField, at: Standpoint) -> list[str]:
    if not at.is_in_use(operation.model_name):
        return []
    field, faults = operation.field, []
    if isinstance(field, GeneratedField):
        faults.append(f"adds {operation.name}, which is worked out for every row under a lock")
    elif not (field.null or field.many_to_many or field.has_db_default()):
        faults.append(f"adds {operation.name}, which the last release leaves empty: null=True or db_default")
    if _has_index(field):
        faults.append(f"adds {operation.name} with an index under a lock: add the index by itself, concurrently")
    return faults


@faults_of.register(django.AlterField)
def _of_changed_field(operation: django.AlterField, at: Standpoint) -> list[str]:
    if at.released_field(operation.model_name, operation.name) is None:
        return []
    model = at.before.models[at.migration.app_label, operation.model_name_lower]
    return list(_changes(operation.name, model.fields[operation.name], operation.field))


def _changes(name: str, old: AnyField, new: AnyField) -> Iterator[str]:
    if not _holds_all_of(new, old):
        yield f"changes the type of {name}: add a field beside it, move the data, drop the old one a release later"
    if old.db_column != new.db_column:
        yield f"renames the column of {name}, which the last release uses"
    if old.null and not new.null:
        yield f"forbids {name} to be empty, under a lock: a CHECK that is NOT VALID, then validated"
    if _has_index(new) and not _has_index(old):
        yield f"makes an index on {name} under a lock: add it by itself, concurrently"


def _has_index(field: AnyField) -> bool:
    return bool(field.unique or getattr(field, "db_index", False))


def _holds_all_of(new: AnyField, old: AnyField) -> bool:
    """Whether the column takes every old value without being rewritten."""
    if new.is_relation or old.is_relation:
        return new.get_internal_type() == old.get_internal_type() and new.related_model == old.related_model
    if isinstance(old, CharField) and isinstance(new, CharField):
        return new.max_length is None or (old.max_length is not None and new.max_length >= old.max_length)
    if isinstance(old, CharField) and isinstance(new, TextField):
        return True
    return new.db_type(connection) == old.db_type(connection)


@faults_of.register(django.RemoveField)
def _of_dropped_field(operation: django.RemoveField, at: Standpoint) -> list[str]:
    name = operation.name
    if at.released_field(operation.model_name, name) is None:
        return []
    return [f"takes away {name}, which the last release uses: only from the state now, from the table a release later"]


@faults_of.register(django.RenameField)
def _of_renamed_field(operation: django.RenameField, at: Standpoint) -> list[str]:
    name = operation.old_name
    if at.released_field(operation.model_name, name) is None:
        return []
    return [f"renames {name}, which the last release uses: keep its column by db_column, or add a field beside it"]


@faults_of.register(django.DeleteModel)
@faults_of.register(django.AlterModelTable)
def _of_dropped_table(operation: django.DeleteModel | django.AlterModelTable, at: Standpoint) -> list[str]:
    if not at.is_in_use(operation.name):
        return []
    return [f"takes away the table of {operation.name}, which the last release uses: do that a release later"]


@faults_of.register(django.RenameModel)
def _of_renamed_table(operation: django.RenameModel, at: Standpoint) -> list[str]:
    if not at.is_in_use(operation.old_name):
        return []
    return [f"renames the table of {operation.old_name}, which the last release uses: keep it by db_table"]


@faults_of.register(django.SeparateDatabaseAndState)
def _of_parts(operation: django.SeparateDatabaseAndState, at: Standpoint) -> list[str]:
    faults = [fault for each in operation.database_operations for fault in faults_of(each, at)]
    for each in operation.state_operations:
        if not isinstance(each, django.RemoveField):
            continue
        field = at.released_field(each.model_name, each.name)
        if field is not None and not (field.null or field.many_to_many or field.has_db_default()):
            faults.append(
                f"forgets {each.name}, whose column may not be empty: first, in a migration before, null=True"
            )
    return faults


@faults_of.register(django.RunPython)
def _of_moved_data(operation: django.RunPython, at: Standpoint) -> list[str]:
    faults = [] if operation.reversible else ["moves data and cannot go back: give reverse_code (noop, where true)"]
    if at.migration.atomic:
        faults.append("moves data in one transaction, whose locks last: atomic = False, in batches that commit")
    return faults


@faults_of.register(django.RunSQL)
def _of_sql(operation: django.RunSQL, at: Standpoint) -> list[str]:
    faults = [] if operation.reversible else ["has SQL that cannot be undone: give its reverse"]
    columns = at.columns()
    for statement in _statements(operation.sql):
        in_use = set(NAMED.findall(statement)) & columns.keys()
        if in_use:
            faults += [fault for pattern, fault in IN_SQL.items() if pattern.search(statement)]
        dropped = set(DROPPED.findall(statement)) & set().union(*(columns[table] for table in in_use))
        faults += [f"drops {column} in SQL, which the last release uses" for column in sorted(dropped)]
        if in_use and CONCURRENTLY.search(statement):
            faults += _of_atomic(at)
    return faults


def _statements(sql: object) -> list[str]:
    """Without the bodies of functions, which run later."""
    given = sql if isinstance(sql, list | tuple) else [sql]
    return [BODY.sub("", str(each[0] if isinstance(each, list | tuple) else each)) for each in given]
