"""What the audit log says of tasks, and the log of a goal of those who are consulted on it."""

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.activity.access import AddedWords, SubjectKind
from apps.activity.models import Event
from apps.tasks import access

CONSULTED = {
    "goal.consulted": _("asked those consulted before closing the goal"),
    "goal.consultation_answered": _("said what they think about closing the goal"),
}
TASK_SUBJECTS = (
    SubjectKind(
        name="task",
        label=_("Tasks"),
        visible=access.visible_tasks,
        shared=access.shared_tasks,
        title="title",
        page="tasks:task_detail",
        references={
            "goal": "goal",
            "responsibility": "responsibility",
            "assignee": "member",
            "helpers": "member",
            "teams": "team",
        },
        words={
            "task.created": _("wrote the task"),
            "task.updated": _("changed the task"),
            "task.started": _("began the task"),
            "task.put_back": _("put back the task"),
            "task.completed": _("did the task"),
            "task.dropped": _("dropped the task"),
            "task.reopened": _("reopened the task"),
            "task.deleted": _("deleted the task"),
            "task.imported": _("imported the task"),
            "task.handed_over": _("handed over the task"),
            "task.consulted": _("asked those consulted before closing the task"),
            "task.consultation_answered": _("said what they think about closing the task"),
        },
    ),
)

CONSULTED_ON_GOALS = AddedWords(name="consulted", subject="goal", words=CONSULTED)


def consulting_deeds(event: Event, _names: object) -> str:
    """What the history of a goal says of consulting, to stand behind a name; nothing for other events."""
    words = {
        "goal.consulted": gettext("asked those who are consulted before closing it"),
        "goal.consultation_answered": gettext("said what they think about closing it"),
    }
    return words.get(event.verb, "")
