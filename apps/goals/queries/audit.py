"""What the audit log says of goals and cycles."""

from django.utils.translation import gettext_lazy as _

from apps.activity.access import SubjectKind
from apps.goals import access

GOAL_SUBJECTS = (
    SubjectKind(
        name="goal",
        label=_("Goals"),
        visible=access.visible_goals,
        shared=access.shared_goals,
        title="title",
        page="goals:goal_detail",
        references={
            "owner": "member",
            "contributors": "member",
            "team": "team",
            "supporting_teams": "team",
            "parent": "goal",
            "cycle": "cycle",
            "values": "value",
        },
        words={
            "goal.created": _("wrote the goal"),
            "goal.updated": _("changed the goal"),
            "goal.moved": _("changed the rank of"),
            "goal.placed": _("placed on the priority map:"),
            "goal.achieved": _("closed as achieved:"),
            "goal.missed": _("closed as missed:"),
            "goal.dropped": _("dropped the goal"),
            "goal.reopened": _("reopened the goal"),
            "goal.carried_over": _("carried over the goal"),
            "goal.imported": _("imported the goal"),
            "goal.check_ins_imported": _("imported check-ins on the goal"),
            "goal.assignments_imported": _("imported the roles on the goal"),
            "goal.checked_in": _("checked in on the goal"),
            "goal.check_in_edited": _("changed a check-in on the goal"),
            "goal.ask_answered": _("answered a question on the goal"),
            "goal.ask_handed_over": _("handed over a question on the goal"),
            "goal.key_result_added": _("added a key result to the goal"),
            "goal.key_result_changed": _("changed a key result of the goal"),
            "goal.key_result_removed": _("removed a key result of the goal"),
        },
    ),
    SubjectKind(
        name="cycle",
        label=_("Cycles"),
        visible=access.visible_cycles,
        title="name",
        page="goals:cycle_detail",
        words={
            "cycle.created": _("created the cycle"),
            "cycle.updated": _("changed the cycle"),
            "cycle.closed": _("closed the cycle"),
            "cycle.reopened": _("reopened the cycle"),
        },
    ),
)
