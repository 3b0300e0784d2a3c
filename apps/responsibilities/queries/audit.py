"""What the audit log says of responsibilities, and of who is what on goals."""

from django.utils.translation import gettext_lazy as _

from apps.activity.access import AddedWords, SubjectKind
from apps.responsibilities import access

ASSIGNED = {
    "responsibility.assigned": _("gave somebody a role on"),
    "responsibility.withdrawn": _("removed somebody's role on"),
    "responsibility.assignment_changed": _("changed somebody's role on"),
    "assignment.accepted": _("accepted a role on"),
    "assignment.declined": _("declined a role on"),
}
RESPONSIBILITY_SUBJECTS = (
    SubjectKind(
        name="responsibility",
        label=_("Responsibilities"),
        visible=access.visible_responsibilities,
        title="title",
        page="responsibilities:responsibility_detail",
        references={"team": "team", "goal": "goal", "member": "member"},
        words={
            "responsibility.created": _("wrote the responsibility"),
            "responsibility.updated": _("changed the responsibility"),
            "responsibility.archived": _("archived the responsibility"),
            "responsibility.restored": _("restored the responsibility"),
            "responsibility.assignments_imported": _("imported the roles on the responsibility"),
            **ASSIGNED,
        },
    ),
)
ASSIGNED_ON_GOALS = AddedWords(name="assigned", subject="goal", words=ASSIGNED)
