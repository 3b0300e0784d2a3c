"""What is asked before a goal is closed, and told after it was. Higher apps add their checks in AppConfig.ready."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from apps.goals.models import Goal
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

    waits: Waits
    closed: Closed


CLOSING_CHECKS: list[ClosingCheck] = []


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


def tell_checks(goal: Goal, *, at: datetime) -> None:
    """The goal was closed."""
    for check in CLOSING_CHECKS:
        check.closed(goal, at=at)
