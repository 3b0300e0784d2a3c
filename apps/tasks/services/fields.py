"""What a person may say about a task: its shape, and whether what it names exists for that person."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import TypedDict

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils.translation import gettext as _

from apps.goals.models import Goal
from apps.responsibilities.access import can_see
from apps.responsibilities.models import Responsibility
from apps.tasks import access
from apps.tasks.models import Task, TaskHelper, TaskTeam
from apps.workspaces.access import visible_members, visible_teams
from apps.workspaces.models import Member, Team

LABELS_MAX = 20
PEOPLE_MAX = 50


class TaskFields(TypedDict, total=False):
    """What a person may say about a task. A missing key leaves the field as it is. Exactly one of goal and
    responsibility stands in the end; giving one takes the other away.
    """

    title: str
    description: str
    goal: Goal | None
    responsibility: Responsibility | None
    assignee: Member | None
    helpers: Sequence[Member]
    teams: Sequence[Team]
    labels: Sequence[str]
    importance: int | None
    urgency: int | None
    due_on: date | None
    hours: Decimal | None
    external_id: str


RELATED = ("helpers", "teams")
OF_WORK = {"hours", "assignee"}
"""What the assignee may change of a task that is otherwise not theirs; as assignee only nobody."""


def assign(task: Task, fields: TaskFields, *, by: Member) -> None:
    """Put the plain fields on the task (unsaved). Raises ValidationError where one names what the person cannot see."""
    place(task, fields, by=by)
    old_assignee_id = task.assignee_id
    for name, value in fields.items():
        if name not in (*RELATED, "goal", "responsibility"):
            setattr(task, name, clean_labels(fields["labels"]) if name == "labels" else value)
    task.title = " ".join(task.title.split())
    _check_assignee(task, old_assignee_id, moved="goal" in fields or "responsibility" in fields, by=by)


def place(task: Task, fields: TaskFields, *, by: Member) -> None:
    """Hang the task on what the fields name. Raises ValidationError, PermissionDenied where one may not add there."""
    before = task.goal_id, task.responsibility_id
    if fields.get("goal") and fields.get("responsibility"):
        raise ValidationError({"goal": _("A task belongs to a goal or to a responsibility, not to both.")})
    for name, other in (("goal", "responsibility"), ("responsibility", "goal")):
        if name in fields:
            thing = fields[name]  # type: ignore[literal-required]
            setattr(task, name, thing)
            if thing is not None:
                setattr(task, other, None)
    if task.goal_id is None and task.responsibility_id is None:
        raise ValidationError({"goal": _("Say what the task belongs to: a goal or a responsibility.")})
    if (task.goal_id, task.responsibility_id) != before:
        _check_thing(task, by=by)


def _check_thing(task: Task, *, by: Member) -> None:
    thing = task.thing
    field = "goal" if isinstance(thing, Goal) else "responsibility"
    if not can_see(by, thing):
        raise ValidationError({field: _("There is no such row.")})
    if not access.can_add_task(by, thing):
        raise PermissionDenied(_("Only those who carry it can add tasks here."))
    if isinstance(thing, Goal) and thing.is_closed:
        raise ValidationError({field: _("This goal is closed. Reopen it to add tasks.")})
    if isinstance(thing, Responsibility) and thing.archived_at is not None:
        raise ValidationError({field: _("This responsibility is archived. Restore it to add tasks.")})


def _check_assignee(task: Task, old_id: object, *, moved: bool, by: Member) -> None:
    """A new assignee must be somebody the person sees; whoever has it in the end must see what it hangs on."""
    assignee = task.assignee
    if assignee is None or (assignee.pk == old_id and not moved):
        return
    if assignee.pk not in {old_id, by.pk} and not visible_members(by).filter(pk=assignee.pk).exists():
        raise ValidationError({"assignee": _("Choose somebody who is active in this workspace.")})
    if not access.who_can_take(task).filter(pk=assignee.pk).exists():
        raise ValidationError({"assignee": _("Choose somebody who is active here and can see what it belongs to.")})


def clean_labels(labels: Sequence[str]) -> list[str]:
    """Labels without the space around them, each once, in the order they were given. Raises ValidationError."""
    found = list(dict.fromkeys(" ".join(label.split()) for label in labels if label.strip()))
    if len(found) > LABELS_MAX:
        raise ValidationError({"labels": _("At most %(most)s labels.") % {"most": LABELS_MAX}})
    return found


def set_related(task: Task, fields: TaskFields, *, by: Member) -> None:
    """Helpers and teams of a saved task. Raises ValidationError by field."""
    if "helpers" in fields:
        _set_helpers(task, fields["helpers"], by=by)
    if "teams" in fields:
        _set_teams(task, fields["teams"], by=by)


def _set_helpers(task: Task, people: Sequence[Member], *, by: Member) -> None:
    wanted = {person.pk for person in people}
    if len(wanted) > PEOPLE_MAX:
        raise ValidationError({"helpers": _("At most %(most)s people.") % {"most": PEOPLE_MAX}})
    before = set(TaskHelper.objects.filter(task=task).values_list("member_id", flat=True))
    if wanted == before:
        return
    new = wanted - before
    seen = visible_members(by).filter(pk__in=new).values("pk")
    if access.who_can_take(task).filter(pk__in=seen).count() != len(new):
        raise ValidationError({"helpers": _("Choose people who are active here and can see what it belongs to.")})
    TaskHelper.objects.filter(task=task).exclude(member_id__in=wanted).delete()
    rows = [TaskHelper(workspace_id=task.workspace_id, task=task, member_id=pk) for pk in sorted(new)]
    TaskHelper.objects.bulk_create(rows, ignore_conflicts=True)


def _set_teams(task: Task, teams: Sequence[Team], *, by: Member) -> None:
    wanted = {team.pk for team in teams}
    if len(wanted) > PEOPLE_MAX:
        raise ValidationError({"teams": _("At most %(most)s teams.") % {"most": PEOPLE_MAX}})
    if wanted == set(TaskTeam.objects.filter(task=task).values_list("team_id", flat=True)):
        return
    if visible_teams(by).filter(pk__in=wanted).count() != len(wanted):
        raise ValidationError({"teams": _("Choose teams of this workspace.")})
    TaskTeam.objects.filter(task=task).exclude(team_id__in=wanted).delete()
    rows = [TaskTeam(workspace_id=task.workspace_id, task=task, team_id=pk) for pk in sorted(wanted)]
    TaskTeam.objects.bulk_create(rows, ignore_conflicts=True)


def check_whole(task: Task) -> None:
    """The shape of an assigned task, as errors at their fields; the same that the database's constraints hold."""
    if not any(character.isprintable() and not character.isspace() for character in task.title):
        raise ValidationError({"title": _("Give it a title.")})
    references = ("workspace", "goal", "responsibility", "assignee", "created_by", "closed_by", "search")
    task.clean_fields(exclude=references)
    if task.external_id and (
        Task.objects.filter(workspace_id=task.workspace_id, external_id=task.external_id).exclude(pk=task.pk).exists()
    ):
        raise ValidationError({"external_id": _("Another task has this external id.")})
