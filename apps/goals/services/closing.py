"""Closing and reopening: what is asked before, what it changes, and what is told after. One goal at a time or in bulk.

Higher apps add their checks in AppConfig.ready.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from apps.core.registries import Registry
from apps.goals.models import Goal, Status
from apps.goals.services.notices import tell_closed, tell_reopened
from apps.workspaces.models import Member

REASON_MAX = 2_000


class Waits(Protocol):
    """Why a goal should not be closed by somebody yet, as a sentence for them; "" where nothing is to be waited for."""

    def __call__(self, goal: Goal, /, *, by: Member, at: datetime) -> str:
        """In the transaction of the closing, with the goal locked; also to show it beforehand."""


class Closed(Protocol):
    """The goal was closed, in the same transaction."""

    def __call__(self, goal: Goal, /, *, at: datetime) -> None:
        """Whatever follows from it."""


@dataclass(frozen=True)
class ClosingCheck:
    """Something that is to be done before a goal is closed, unless somebody says why they go on without it.

    `waits` says what is missing. `closed` is called with the goal once it is closed, in the transaction.
    """

    name: str
    waits: Waits
    closed: Closed


CLOSING_CHECKS: Registry[ClosingCheck] = Registry(
    "CLOSING_CHECKS",
    "what is asked before a goal is closed (`waits(goal, by=, at=)` says what is to be waited for) and told after it "
    "(`closed(goal, at=)`), in the transaction of `close_goal`",
)


def reasons_to_wait(goal: Goal, *, by: Member, at: datetime) -> list[str]:
    """What every check says is to be waited for before this person closes the goal."""
    found = (check.waits(goal, by=by, at=at) for check in CLOSING_CHECKS)
    return [words for words in found if words]


def checked_reason(goal: Goal, without_answers: str, *, by: Member, at: datetime) -> str:
    """The reason for closing without waiting, "" where nothing is to be waited for; it goes into the log.

    Raises ValidationError at `without_answers`, with the code `waits_for_answers`, where one is needed and not given.
    """
    waiting, reason = reasons_to_wait(goal, by=by, at=at), without_answers.strip()
    if not waiting:
        return ""
    if not reason:
        raise ValidationError({"without_answers": ValidationError(" ".join(waiting), code="waits_for_answers")})
    if len(reason) > REASON_MAX:
        raise ValidationError({"without_answers": _("At most %(most)s characters.") % {"most": REASON_MAX}})
    return reason


def set_closed(
    goal: Goal, *, outcome: str, lesson: str, by: Member, at: datetime, without_answers: str = ""
) -> dict[str, str]:
    """Close a locked goal, unsaved; gives back what the event says. Raises ValidationError, by field but for a goal
    that is closed already; then nothing was changed.
    """
    if goal.is_closed:
        raise ValidationError(_("This goal is already closed."))
    if outcome not in (Status.ACHIEVED, Status.MISSED, Status.DROPPED):
        raise ValidationError({"outcome": _("Say whether the goal was achieved, missed or dropped.")})
    if not lesson.strip():
        raise ValidationError({"lesson": _("Say in a sentence what was learned.")})
    reason = checked_reason(goal, without_answers, by=by, at=at)
    goal.status, goal.lesson = outcome, lesson.strip()
    goal.closed_at, goal.closed_by = at, by
    return {"lesson": goal.lesson} | ({"without_answers": reason} if reason else {})


def set_reopened(goal: Goal, *, at: datetime) -> dict[str, str]:
    """Take back the closing of a locked goal, unsaved; gives back what the event says."""
    data = {"was": goal.status, "lesson": goal.lesson}
    goal.status, goal.closed_at, goal.closed_by, goal.lesson = Status.ACTIVE, None, None, ""
    goal.activated_at = at
    return data


def after_closing(goal: Goal, *, by: Member, at: datetime) -> None:
    """Tell people and checks that the goal, which is saved, was closed."""
    tell_closed(goal, by=by, at=at)
    for check in CLOSING_CHECKS:
        check.closed(goal, at=at)


def after_reopening(goal: Goal, *, at: datetime) -> None:
    """What people were told of the end is no longer so."""
    tell_reopened(goal, at=at)
