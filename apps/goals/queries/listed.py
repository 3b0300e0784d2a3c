"""The goals that a reader listed, asked in several ways by statements that are compiled once for each form."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

from django.db.models import QuerySet

from apps.core.statements import Inputs, RawStatement, run, run_once
from apps.goals import access
from apps.goals.models import Goal
from apps.goals.queries.filters import ALL, ME, NONE, GoalFilters, filtered
from apps.workspaces.models import Member

WORDS = {"", ALL, NONE, ME}
VALUES = ("cycle", "team", "owner", "label", "parent", "due_before")


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
        inputs = Inputs()
        who, today = inputs.stand_in(self.member), inputs.put(self.today)
        chosen = slotted(self.chosen, inputs)
        given = [inputs.put(value) for value in values]

        def made() -> Any:
            return build(ListQuestion(self._goals(who, chosen, today), who, today), *given)

        if self.chosen.q:
            return run_once(made, inputs)
        return run((key, chosen), made, inputs)

    def _goals(self, member: Any, chosen: GoalFilters, today: Any) -> QuerySet[Goal]:
        return filtered(access.visible_goals(member), chosen, member=member, today=today)


def slotted(chosen: GoalFilters, inputs: Inputs) -> GoalFilters:
    """The choices with slots in the place of ids, labels and days; words stay: they decide how a statement reads."""
    concrete = {name: getattr(chosen, name) for name in VALUES}
    return replace(
        chosen,
        **{name: inputs.put(value) for name, value in concrete.items() if value is not None and value not in WORDS},
    )
