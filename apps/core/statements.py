"""Statements compiled once: Django builds and compiles a queryset for each request anew, which often takes longer than
the database needs to run it.

What differs from one run to the next is put into `Inputs` and stands in the queryset as a `Slot`. The first run
compiles the queryset and keeps the SQL; every later one with the same key fills in its own values and asks the
database. So the rules of `access` stay where they are and are asked each time: only their SQL is remembered, never an
answer.

    inputs = Inputs()
    who = inputs.stand_in(member)
    pk = inputs.put(pk)
    rows = run(("goal", who.flags), lambda: visible_goals(who).filter(pk=pk).values("title"), inputs)
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum
from functools import cache, partial
from typing import Any, cast

import orjson
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import EmptyResultSet, ImproperlyConfigured
from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Expression, ExpressionWrapper, FloatField, IntegerField, JSONField, Model, QuerySet, Value
from django.db.models.query import ModelIterable, ValuesIterable, get_related_populators

KEPT_MOST = 1_000


class Slot(Expression):
    """The place of a value in a statement, by its number."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number

    def as_sql(self, *_arguments: Any, **_options: Any) -> Any:
        """A parameter, which is the slot itself until a run puts its value there."""
        return "%s", [self]


@cache
def _slot(number: int) -> Slot:
    return Slot(number)


@dataclass(frozen=True)
class MemberSlots:
    """A member as far as a statement may know them, so that it serves everybody of whom the same is true.

    Asking for anything else is an AttributeError: what a statement is built from must be a slot or part of its key.
    """

    pk: Any
    workspace_id: object
    is_active: bool
    is_admin: bool
    is_guest: bool

    @property
    def flags(self) -> tuple[bool, bool, bool]:
        """What belongs into the key."""
        return self.is_active, self.is_admin, self.is_guest


@dataclass
class Inputs:
    """The values of one run, and their shape: what of them decides how the statement reads."""

    values: list[Any] = field(default_factory=list)
    shape: list[Hashable] = field(default_factory=list)

    def copy(self) -> "Inputs":
        """The same, to put more into."""
        return Inputs([*self.values], [*self.shape])

    def put(self, value: Any) -> Any:
        """What to write into the queryset instead of a value.

        None, true and false stay what they are, for a rule may ask for them: they are part of the shape, and so is how
        many values a list has.
        """
        if value is None or isinstance(value, bool):
            self.shape.append(value)
            return value
        if isinstance(value, list):
            self.shape.append(("list", len(value)))
            return [self.put(each) for each in value]
        self.shape.append("value")
        self.values.append(value)
        return _slot(len(self.values) - 1)

    def stand_in(self, member: Any) -> Any:
        """What to give to rules that ask for a member."""
        flags = (member.is_active, member.is_admin, member.is_guest)
        self.shape.append(flags)
        return MemberSlots(self.put(member.pk), self.put(member.workspace_id), *flags)


class Statement:
    """The SQL of a queryset with slots, and how its rows become what the queryset would give."""

    def __init__(self, queryset: QuerySet[Model, object]) -> None:
        compiler = queryset.query.get_compiler(DEFAULT_DB_ALIAS)
        try:
            self.sql, params = compiler.as_sql()
        except EmptyResultSet:  # nothing can fit, whatever the values
            self.sql = ""
            return
        self.params = [_checked(each) for each in params]
        selected = [each[0] for each in compiler.select[: compiler.col_count]]
        self.converters = [
            (place, [_quicker(each) for each in converters], expression)
            for place, (converters, expression) in compiler.get_converters(selected).items()
        ]
        self.make = _maker(queryset, compiler)

    def run(self, values: Sequence[Any]) -> list[Any]:
        """The rows for these values."""
        if not self.sql:
            return []
        with connection.cursor() as cursor:
            cursor.execute(self.sql, filled(self.params, values))
            rows = cursor.fetchall()
        return self.make(self._converted(rows) if self.converters else rows)

    def _converted(self, rows: Iterable[Sequence[object]]) -> Iterable[Sequence[object]]:
        for row in map(list, rows):
            for place, converters, expression in self.converters:
                for convert in converters:
                    row[place] = convert(row[place], expression, connection)
            yield row


Convert = Callable[[Any, Any, Any], Any]


def _quicker(convert: Convert) -> Convert:
    """How a value becomes Python's: JSON, of which lists have many small pieces, by orjson, in a fifth of the time."""
    field = getattr(convert, "__self__", None)
    inner = field.base_field if isinstance(field, ArrayField) else field
    if not isinstance(inner, JSONField) or inner.decoder is not None:
        return convert
    return partial(_from_array, inner.from_db_value) if inner is not field else partial(_from_json, convert)


def _from_json(convert: Convert, value: Any, expression: Any, database: Any) -> Any:
    if isinstance(value, str):
        with suppress(orjson.JSONDecodeError):
            return orjson.loads(value)
    return convert(value, expression, database)


def _from_array(convert: Convert, values: Any, expression: Any, database: Any) -> Any:
    return values and [_from_json(convert, each, expression, database) for each in values]


class Fixed(str):
    """A text that stands in a statement for everybody, and says so: `Value(Fixed("team"))`."""

    __slots__ = ()


class FixedNumber(Expression):
    """A number that stands in a statement for everybody: it is part of the SQL."""

    def __init__(self, number: float, output_field: Any = None) -> None:
        super().__init__(output_field=output_field or (IntegerField() if isinstance(number, int) else FloatField()))
        self.number = number

    def as_sql(self, *_arguments: Any, **_options: Any) -> Any:
        """The number as SQL writes it."""
        return repr(self.number), ()


def _checked(parameter: object) -> object:
    """A parameter of a kept statement: a slot, one of a model's choices written in the code, or Fixed.

    Anything else raises ImproperlyConfigured before a row is read: the second caller would get the first one's rows.
    """
    if not isinstance(parameter, Slot | Enum | Fixed):
        raise ImproperlyConfigured(f"{parameter!r} would stay in the statement for ever: put it into Inputs.")
    return parameter


Maker = Callable[[Iterable[Sequence[object]]], list[object]]


def _maker(queryset: QuerySet[Model, object], compiler: object) -> Maker:
    """How the database's rows become the queryset's: dictionaries, instances with what select_related joins, tuples."""
    kind = queryset._iterable_class
    if issubclass(kind, ValuesIterable):
        query = cast("Any", queryset.query)
        names = list(query.selected or [*query.extra_select, *query.values_select, *query.annotation_select])
        return lambda rows: [dict(zip(names, row, strict=True)) for row in rows]
    if issubclass(kind, ModelIterable):
        return _instances(compiler)
    return lambda rows: [tuple(row) for row in rows]


def _instances(compiler: Any) -> Maker:
    """As django.db.models.query.ModelIterable does."""
    select, info, annotations = compiler.select, compiler.klass_info, compiler.annotation_col_map or {}
    model, places = info["model"], info["select_fields"]
    begin, end = places[0], places[-1] + 1
    names = [each[0].target.attname for each in select[begin:end]]
    joined = cast("Any", get_related_populators)(info, select, DEFAULT_DB_ALIAS)

    def make(rows: Iterable[Sequence[object]]) -> list[object]:
        made = []
        for row in rows:
            instance = model.from_db(DEFAULT_DB_ALIAS, names, row[begin:end])
            for populator in joined:
                populator.populate(row, instance)
            for name, place in annotations.items():
                setattr(instance, name, row[place])
            made.append(instance)
        return made

    return make


class RawStatement:
    """SQL of our own around that of querysets, with slots or (to be run once, without values) without; its rows are
    dictionaries.
    """

    def __init__(self, sql: str, params: Sequence[object]) -> None:
        self.sql, self.params = sql, list(params)

    def checked(self) -> "RawStatement":
        """The same, to be kept: see _checked."""
        self.params = [_checked(each) for each in self.params]
        return self

    def run(self, values: Sequence[Any] = ()) -> list[Any]:
        """The rows for these values; none of an empty statement."""
        if not self.sql:
            return []
        with connection.cursor() as cursor:
            cursor.execute(self.sql, filled(self.params, values))
            names = [column.name for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def filled(params: Sequence[Any], values: Sequence[Any]) -> list[Any]:
    """The parameters of a statement with the values in their slots."""
    return [values[each.number] if isinstance(each, Slot) else each for each in params]


def as_value(value: Any, output_field: Any) -> Expression:
    """A value or what Inputs gave for it, as an expression of this kind."""
    return ExpressionWrapper(value, output_field) if isinstance(value, Slot) else Value(value, output_field)


Build = Callable[[], "QuerySet[Model, object] | RawStatement"]
_kept: dict[Hashable, Statement | RawStatement] = {}


def run(key: Hashable, build: Build, inputs: Inputs) -> list[Any]:
    """The rows of the queryset (or of the SQL) that `build` makes from the inputs' slots.

    `key` names everything else that decides what `build` makes. Beyond KEPT_MOST statements all are forgotten, so that
    nobody fills the memory by asking for ever other forms.
    """
    whole = (key, tuple(inputs.shape))
    statement = _kept.get(whole)
    if statement is None:
        statement = _made(build)
        if len(_kept) >= KEPT_MOST:
            _kept.clear()
        _kept[whole] = statement
    return statement.run(inputs.values)


def forget() -> None:
    """Compile everything anew: for tests that change what statements are made of."""
    _kept.clear()


def _made(build: Build) -> Statement | RawStatement:
    built = build()
    return built.checked() if isinstance(built, RawStatement) else Statement(built)
