"""Every column that holds secrets, counted by the key that opens them, and moved to the newest key in batches."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from cryptography.fernet import MultiFernet
from django.apps import apps
from django.db import models, transaction

from apps.core.encryption.fields import EncryptedTextField, Sealed
from apps.core.encryption.keys import GIVEN_UP, boxes, key_number
from apps.core.registries import Registry


@dataclass(frozen=True)
class SecretColumn:
    """A column with sealed texts: `rewrite` hands each text of a value to a function and puts in what that returns."""

    model: type[models.Model]
    field: str
    rewrite: Callable[[object, Callable[[str], str]], object]

    @property
    def name(self) -> str:
        """What reports call it."""
        return f"{self.model._meta.label}.{self.field}"

    def __str__(self) -> str:
        return self.name


COLUMNS: Registry[SecretColumn] = Registry(
    "COLUMNS", "columns with secrets that are no EncryptedTextField; `reencrypt` and the checks go through them"
)


@dataclass
class ReencryptionTally:
    """How many secrets of a column each key opens, the rows of those that none opens, and how many were moved."""

    by_key: Counter[int] = field(default_factory=Counter)
    unreadable: list[str] = field(default_factory=list)
    given_up: int = 0
    moved: int = 0


def secret_columns() -> list[SecretColumn]:
    """All of them, those of EncryptedTextField found by looking at the models."""
    found = [
        SecretColumn(model, each.attname, _rewrite_field)
        for model in apps.get_models()
        if not model._meta.proxy
        for each in model._meta.local_concrete_fields
        if isinstance(each, EncryptedTextField)
    ]
    return sorted([*found, *COLUMNS], key=str)


def _rewrite_field(value: object, change: Callable[[str], str]) -> object:
    return Sealed(change(value.text)) if isinstance(value, Sealed) else value


def tally_of(column: SecretColumn, *, batch: int = 1_000) -> ReencryptionTally:
    """Count a column's secrets. Changes nothing."""
    tally = ReencryptionTally()
    _walk(column, batch, lambda pk, value: column.rewrite(value, _counting(tally, pk)))
    return tally


def reencrypt(column: SecretColumn, *, batch: int, give_up: bool = False) -> ReencryptionTally:
    """Move a column's secrets to the newest key; each batch commits, so that a second run goes on where one was ended.

    What no key opens stays as it is; with `give_up` it is marked, so that the checks no longer ask for its key.
    """
    tally = ReencryptionTally()
    rows = column.model._base_manager

    def change(text: str) -> str:
        changed = _moved(text, give_up=give_up)
        tally.moved += changed != text and key_number(changed) == 0
        return changed

    def move(pk: object, value: object) -> None:
        changed = column.rewrite(value, change)
        if changed != value:
            rows.filter(pk=pk).update(**{column.field: changed})
        column.rewrite(changed, _counting(tally, pk))

    _walk(column, batch, move, locked=True)
    return tally


def _moved(text: str, *, give_up: bool) -> str:
    bare = text.removeprefix(GIVEN_UP)
    number = key_number(text)
    if number is None:
        return GIVEN_UP + bare if give_up else text
    return bare if number == 0 else MultiFernet(boxes()).rotate(bare.encode()).decode()


def _counting(tally: ReencryptionTally, pk: object) -> Callable[[str], str]:
    def count(text: str) -> str:
        number = key_number(text)
        if number is not None:
            tally.by_key[number] += 1
        elif text.startswith(GIVEN_UP):
            tally.given_up += 1
        else:
            tally.unreadable.append(str(pk))
        return text

    return count


def _walk(column: SecretColumn, size: int, work: Callable[[object, object], object], *, locked: bool = False) -> None:
    """Give every row's id and value to `work`, by id, a batch to a transaction."""
    rows = column.model._base_manager.order_by("pk").values_list("pk", column.field)
    page = rows
    while True:
        with transaction.atomic():
            found = list((page.select_for_update() if locked else page)[:size])
            for pk, value in found:
                work(pk, value)
        if len(found) < size:
            return
        page = rows.filter(pk__gt=found[-1][0])
