"""Locks on what assignments hang on: the thing first, then its rows, so that no two changes wait for each other."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from apps.goals.models import Goal
from apps.goals.services.locks import lock as lock_goal
from apps.responsibilities.models import Assignment, Responsibility

Thing = Responsibility | Goal


def lock_responsibility(responsibility: Responsibility) -> Responsibility:
    """The responsibility as it is now with its team and goal, locked until the transaction ends."""
    rows = Responsibility.objects.select_for_update(of=("self",), no_key=True)
    found: Responsibility = rows.select_related("team", "goal").get(pk=responsibility.pk)
    return found


def lock_thing(thing: Thing) -> Thing:
    """The responsibility or goal as it is now, locked."""
    return lock_goal(thing) if isinstance(thing, Goal) else lock_responsibility(thing)


def lock_assignment(assignment: Assignment) -> Assignment:
    """The assignment as it is now, locked, and before it the thing it is on, which stands at it."""
    thing = lock_thing(thing_of(assignment))
    rows = Assignment.objects.select_for_update(of=("self",), no_key=True).select_related("member", "team")
    found: Assignment | None = rows.filter(pk=assignment.pk).first()
    if found is None:
        raise ValidationError(_("This was removed a moment ago."))
    if isinstance(thing, Goal):
        found.goal = thing
    else:
        found.responsibility = thing
    return found


def thing_of(assignment: Assignment) -> Thing:
    """The responsibility or the goal it is on."""
    thing = assignment.goal if assignment.goal_id else assignment.responsibility
    if thing is None:
        raise LookupError("an assignment on nothing")  # a constraint forbids it
    return thing


def is_over(thing: Thing) -> bool:
    """Whether nothing on it can be given out any more: an archived responsibility, a closed goal."""
    return thing.is_closed if isinstance(thing, Goal) else thing.archived_at is not None
