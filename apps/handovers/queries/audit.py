"""What the audit log says of handovers and covers."""

from django.utils.translation import gettext_lazy as _

from apps.activity.access import SubjectKind
from apps.handovers import access

HANDOVER_SUBJECTS = (
    SubjectKind(
        name="handover",
        label=_("Handovers and cover"),
        visible=access.visible_handovers,
        title="to_member__name",
        page="handovers:handover_detail",
        words={
            "handover.proposed": _("proposed a handover or cover to"),
            "handover.changed": _("changed a handover or cover to"),
            "handover.accepted": _("accepted a handover or cover, as"),
            "handover.declined": _("declined or withdrew a handover or cover to"),
            "handover.begun": _("began a cover by"),
            "handover.done": _("carried out a handover or cover to"),
        },
    ),
)
