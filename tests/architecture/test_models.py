"""What every model owes: a workspace, keys that cannot leave it, a rule of visibility, a factory."""

from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction
from factory.django import DjangoModelFactory

import tests.factories
from apps.core.tenancy import constraint_name

OURS = [model for model in apps.get_models() if model.__module__.startswith("apps.")]
IN_A_WORKSPACE = [m for m in OURS if any(f.name == "workspace" for f in m._meta.fields)]

NOT_SEEN_AS_SUCH = {
    "User": "the account of one person; others see members",
    "Contributor": "seen with its goal",
    "IdempotentAnswer": "found by its caller's own key only",
    "GoalSupport": "seen with its goal",
    "StandIn": "seen with its goal",
    "GoalValue": "seen with its goal",
    "ExportChunk": "read with its export",
    "ImportRecord": "the workers' alone, until the import ends",
    "TaskHelper": "seen with its task",
    "TaskTeam": "seen with its task",
    "Delivery": "the outbox: seen by nobody, its failures by admins as figures",
}


def _visibility_functions() -> set[str]:
    names: set[str] = set()
    for config in apps.get_app_configs():
        if config.name.startswith("apps."):
            try:
                module: Any = __import__(f"{config.name}.access", fromlist=["access"])
            except ModuleNotFoundError:
                continue
            names |= {name for name in dir(module) if name.startswith("visible_")}
    return names


def _foreign_keys() -> list[tuple[str, str]]:
    """(table, column) of every reference from a row of a workspace to another row of one."""
    return [
        (model._meta.db_table, field.column)
        for model in IN_A_WORKSPACE
        for field in model._meta.fields
        if isinstance(field, models.ForeignKey) and field.related_model in IN_A_WORKSPACE
    ]


@pytest.mark.parametrize(("table", "column"), _foreign_keys(), ids=str)
def test_references_cannot_leave_their_workspace(db: None, table: str, column: str) -> None:
    with connection.cursor() as cursor:
        sql = "SELECT 1 FROM pg_constraint WHERE conname = %s AND contype = 'f'"
        cursor.execute(sql, [constraint_name(table, column)])
        assert cursor.fetchone(), f"{table}.{column} needs a SameWorkspace operation in a migration"


@pytest.mark.parametrize("model", [m for m in OURS if m.__name__ not in NOT_SEEN_AS_SUCH], ids=lambda m: m.__name__)
def test_every_model_has_one_rule_of_visibility(model: type[models.Model]) -> None:
    plural = str(model._meta.verbose_name_plural).replace("-", "_").replace(" ", "_")
    candidates = {f"visible_{plural}", f"visible_{model.__name__.lower()}s", VISIBLE_AS.get(model.__name__, "")}
    assert candidates & _visibility_functions(), f"write visible_{plural} or say in NOT_SEEN_AS_SUCH why there is none"


VISIBLE_AS = {
    "TeamMembership": "visible_memberships",
    "CheckInRevision": "visible_revisions",
    "CheckIn": "visible_check_ins",
    "HandoverTask": "visible_handover_tasks",
    "ImportJob": "visible_imports",
}


CLASSES: list[Any] = [each for each in vars(tests.factories).values() if isinstance(each, type)]
FACTORIES = {
    each._meta.model: each for each in CLASSES if issubclass(each, DjangoModelFactory) and not each._meta.abstract
}


@pytest.mark.parametrize("model", OURS, ids=lambda m: m.__name__)
def test_every_model_has_a_factory_whose_rows_stand(db: None, model: type[models.Model]) -> None:
    row = FACTORIES[model]()
    assert model._default_manager.filter(pk=row.pk).exists()


def test_the_log_is_append_only(db: None) -> None:
    event = tests.factories.EventFactory()
    for change in (lambda: type(event).objects.filter(pk=event.pk).update(verb="x"), event.delete):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            change()
