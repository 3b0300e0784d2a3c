"""SQL written as text in an expression; above all a rule, one condition over a row and a member, written once."""

import re
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, Expression, F, Field, Value
from django.db.models.expressions import Col, Combinable
from django.db.models.sql.compiler import SQLCompiler

PLACE = re.compile(r"\{((\w+)(?:\.(\w+))?)\}")


class SqlText(Expression):
    """What a text says: `SqlText("{goal.owner_id} = {member}", {"goal": F("workspace_id"), "member": bob.pk}, kind)`.

    `{member}` is what is given for it: a value, which goes to the database as a parameter, or an expression such as F
    or OuterRef, by which one query asks for as many people as it has rows. `{goal.owner_id}` is what is given for
    "goal.owner_id", else that column of the row in which the column given for `goal` stands; for this choose one that
    no foreign key holds as well (not an id: Django would not join its table). The texts' own tables have short names of
    their own.
    """

    def __init__(self, text: str, given: Mapping[str, object], output_field: "Field[Any, Any]") -> None:
        super().__init__(output_field=output_field)
        self.text, self.names = text, list(given)
        self.given = [each if isinstance(each, Combinable) else Value(each) for each in given.values()]

    def get_source_expressions(self) -> list[Combinable]:
        """What Django resolves, and gives the aliases of the query around it."""
        return self.given

    def set_source_expressions(self, exprs: list[Combinable]) -> None:  # type: ignore[override]  # never fewer
        """The same, resolved."""
        self.given = exprs

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, tuple[str | int, ...]]:
        """The text with everything in its places, and the parameters in the order of these."""
        given = dict(zip(self.names, self.given, strict=True))
        params: list[str | int] = []

        def placed(place: re.Match[str]) -> str:
            whole, name, column = place.groups()
            if isinstance(part := given.get(whole), Expression):
                sql, more = compiler.compile(part)
                params.extend(more)
                return sql
            row = given[name]
            if not isinstance(row, Col):
                raise TypeError(f"{name} is no row of its own here: give a plain column of it, not {row!r}.")
            return f"{compiler.quote_name_unless_alias(row.alias)}.{connection.ops.quote_name(column)}"

        return f"({PLACE.sub(placed, self.text)})", tuple(params)


class Rule(SqlText):
    """A condition: true or false, never null, so begin it with EXISTS."""

    def __init__(self, text: str, given: Mapping[str, object]) -> None:
        super().__init__(text, given, BooleanField())


def of_table(rule: str, **names: str) -> str:
    """A rule's text for a row that stands in another text's own table: `of_table(SEES, goal="above")`."""
    for row, table in names.items():
        rule = re.sub(rf"\{{{row}\.(\w+)\}}", rf"{table}.\1", rule)
    return rule


def one_of(column: str, ids: Iterable[UUID]) -> Rule:
    """Whether the column holds one of these ids, however many: one parameter, where `__in` makes one of each."""
    return Rule("{column} = ANY ({ids}::uuid[])", {"column": F(column), "ids": [str(each) for each in ids]})
