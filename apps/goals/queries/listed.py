"""The goals that a reader listed, asked in several ways by statements that are compiled once for each form."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

from django.db.models import QuerySet

from apps.core.statements import Inputs, RawStatement, run
from apps.goals import access
from apps.goals.models import Goal
from apps.goals.queries.filters import ALL, ANY, CLOSED, ME, NONE, OPEN, SILENT, GoalFilters, filtered
from apps.workspaces.models import Member

WORDS = {
    "cycle": {ALL, NONE},
    "team": {NONE},
    "owner": {NONE, ME},
    "status": {OPEN, CLOSED, ANY},
    "confidence": {NONE, SILENT},
    "label": set(),
    "importance": {NONE},
    "due_before": set(),
    "parent": set(),
}
"""By the name of a filter the words that decide how a statement reads. Whatever else is chosen there is a value."""


@dataclass(frozen=True)
class ListQuestion:
    """What a statement is made from: the goals, who asks (or their stand-in), and the day it is for them."""

    goals: QuerySet[Goal]
    who: Any
    today: Any


@dataclass(frozen=True)
class Listed:
    """The goals that pass the filters, of those the member sees."""

    member: Member
    chosen: GoalFilters
    today: date

    @cached_property
    def goals(self) -> QuerySet[Goal]:
        """As a plain queryset."""
        return self._goals(self.member, self.chosen, self.today)

    def rows(self, key: Hashable, build: Callable[..., QuerySet[Any, Any] | RawStatement], *values: Any) -> list[Any]:
        """The rows of what `build(question, *values)` makes; `key` names what else decides how it reads.

        Where words are searched for, the statement is made of them and not kept.
        """
        if self.chosen.q:
            built = build(ListQuestion(self.goals, self.member, self.today), *values)
            return built.run() if isinstance(built, RawStatement) else list(built)
        inputs = Inputs()
        who, today = inputs.stand_in(self.member), inputs.put(self.today)
        chosen = slotted(self.chosen, inputs)
        given = [inputs.put(value) for value in values]

        def made() -> Any:
            return build(ListQuestion(self._goals(who, chosen, today), who, today), *given)

        return run((key, chosen), made, inputs)

    def _goals(self, member: Any, chosen: GoalFilters, today: Any) -> QuerySet[Goal]:
        return filtered(access.visible_goals(member), chosen, member=member, today=today)


def slotted(chosen: GoalFilters, inputs: Inputs) -> GoalFilters:
    """The choices with slots in the place of values; WORDS stay."""
    values = {name: getattr(chosen, name) for name in WORDS}
    return replace(
        chosen,
        **{name: inputs.put(value) for name, value in values.items() if value and value not in WORDS[name]},
    )
