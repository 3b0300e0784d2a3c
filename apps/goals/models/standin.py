"""Who stands in on a goal for somebody who is away."""

from django.db import models
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from apps.core.models import BaseModel
from apps.goals.models.goal import Goal
from apps.workspaces.models import Member, Workspace


class StandIn(BaseModel):
    """While this row stands, `member` acts on the goal in the place of `absent`, and is reminded in their place.

    It stands exactly as long as the days of an accepted cover: whoever keeps covers (apps.handovers) writes it
    when they begin and takes it away when they end. So the rules here need neither the clock nor an app above.
    """

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+", verbose_name=_("workspace"))
    goal = models.ForeignKey(Goal, models.CASCADE, related_name="stand_ins", verbose_name=_("goal"))
    member = models.ForeignKey(Member, models.CASCADE, related_name="stands_in", verbose_name=_("who stands in"))
    absent = models.ForeignKey(Member, models.CASCADE, related_name="+", verbose_name=_("who is away"))

    class Meta:
        verbose_name = _("stand-in")
        verbose_name_plural = _("stand-ins")
        constraints = (
            models.UniqueConstraint(fields=["goal", "absent", "member"], name="stand_in_once"),
            models.CheckConstraint(condition=~models.Q(member=F("absent")), name="stand_in_for_another"),
        )

    def __str__(self) -> str:
        return f"{self.member_id} for {self.absent_id} on {self.goal_id}"
