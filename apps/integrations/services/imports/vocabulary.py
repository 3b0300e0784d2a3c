"""Words of other systems for what we have words for. docs/users/import.md shows these tables.

Only words whose meaning is clear stand here. Any other is kept as it is, as a label or in the text, and reported: never
guessed.
"""

import re

from apps.goals.models import Confidence, Status, Visibility
from apps.responsibilities.models import AssignmentRole
from apps.tasks.models import TaskStatus

GOAL_STATUS: dict[str, Status] = {
    **dict.fromkeys(("draft", "proposed", "planned", "not started", "to do"), Status.DRAFT),
    **dict.fromkeys(
        ("active", "accepted", "approved", "continued", "in progress", "ongoing", "started", "wip"), Status.ACTIVE
    ),
    **dict.fromkeys(("achieved", "completed", "complete", "done", "finished", "reached"), Status.ACHIEVED),
    **dict.fromkeys(("missed", "not completed", "not achieved", "not reached", "not done", "failed"), Status.MISSED),
    **dict.fromkeys(
        ("dropped", "not accepted", "rejected", "declined", "cancelled", "canceled", "abandoned", "withdrawn"),
        Status.DROPPED,
    ),
}
CONFIDENCE: dict[str, Confidence] = {
    **dict.fromkeys(("on track", "green"), Confidence.ON_TRACK),
    **dict.fromkeys(("at risk", "amber", "yellow"), Confidence.AT_RISK),
    **dict.fromkeys(("off track", "red"), Confidence.OFF_TRACK),
}
VISIBILITY: dict[str, Visibility] = {
    **dict.fromkeys(("workspace", "everyone", "public"), Visibility.WORKSPACE),
    "team": Visibility.TEAM,
    "private": Visibility.PRIVATE,
}
TASK_STATUS: dict[str, TaskStatus] = {
    **dict.fromkeys(("open", "planned", "not started", "to do", "todo"), TaskStatus.OPEN),
    **dict.fromkeys(("in progress", "doing", "ongoing", "started", "wip"), TaskStatus.DOING),
    **dict.fromkeys(("done", "complete", "completed", "finished", "achieved"), TaskStatus.DONE),
    **dict.fromkeys(("dropped", "cancelled", "canceled", "abandoned", "withdrawn", "rejected"), TaskStatus.DROPPED),
}
ROLE: dict[str, AssignmentRole] = {word: role for role in AssignmentRole for word in (role.value, role.value[0])}
_ASIDE = re.compile(r"\s*\([^()]*\)\s*$")
_FRACTION = re.compile(r"\s*(\d{1,9})\s*/\s*(\d{1,9})\s*$")
_PERCENT = re.compile(r"\s*(\d{1,3}(?:\.\d{1,6})?)\s*%\s*$")


def plain_word(text: str) -> str:
    """The word as it stands in the tables: small letters, blanks for - and _, no remark in brackets at its end."""
    return " ".join(_ASIDE.sub("", text).replace("_", " ").replace("-", " ").casefold().split())


def goal_status(text: str) -> Status | None:
    """The status a word means; None where that is not clear."""
    return GOAL_STATUS.get(plain_word(text))


def task_status(text: str) -> TaskStatus | None:
    """The state of a task that a word means; None where that is not clear."""
    return TASK_STATUS.get(plain_word(text))


def assignment_role(text: str) -> AssignmentRole | None:
    """The role that a word or its letter means; None where that is not clear."""
    return ROLE.get(plain_word(text))


def confidence(text: str) -> Confidence | None:
    """The confidence a word means; None where that is not clear."""
    return CONFIDENCE.get(plain_word(text))


def share(text: str) -> float | None:
    """The share of the way that "3/8" or "40 %" says; None where a text does not clearly say one (9/8, 3/0, "half")."""
    if found := _FRACTION.match(text):
        done, whole = int(found[1]), int(found[2])
        return done / whole if whole and done <= whole else None
    if found := _PERCENT.match(text):
        value = float(found[1]) / 100
        return value if value <= 1 else None
    return None
