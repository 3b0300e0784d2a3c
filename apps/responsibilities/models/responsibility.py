"""A responsibility: something that somebody has to hold for as long as it matters."""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from apps.core.models import TITLE_MAX, BaseModel, ExternalId, LongTextField, UniqueExternalId, UniqueInWorkspace
from apps.core.search import GeneratedSearchVector
from apps.goals.models import Goal
from apps.workspaces.models import Team, Workspace


class ResponsibilityQuerySet(models.QuerySet["Responsibility"]):
    """Chainable filters on responsibilities."""

    def open(self) -> "ResponsibilityQuerySet":
        """Those that are not archived."""
        return self.filter(archived_at__isnull=True)


class Responsibility(BaseModel, ExternalId):
    """Something that lasts and somebody holds; where it names a goal, it serves that goal."""

    workspace = models.ForeignKey(
        Workspace, models.CASCADE, related_name="responsibilities", verbose_name=_("workspace")
    )
    title = models.CharField(_("title"), max_length=TITLE_MAX)
    description = LongTextField(_("description"))
    team = models.ForeignKey(
        Team, models.PROTECT, null=True, blank=True, related_name="responsibilities", verbose_name=_("team")
    )
    goal = models.ForeignKey(
        Goal, models.SET_NULL, null=True, blank=True, related_name="responsibilities", verbose_name=_("goal")
    )
    review_on = models.DateField(_("review on"), null=True, blank=True)
    archived_at = models.DateTimeField(_("archived"), null=True, blank=True)
    search = GeneratedSearchVector(("title", "A"), ("description", "B"))

    objects = ResponsibilityQuerySet.as_manager()

    class Meta:
        verbose_name = _("responsibility")
        verbose_name_plural = _("responsibilities")
        ordering = ("title", "id")
        constraints = (
            UniqueInWorkspace(name="responsibility_unique_in_workspace"),
            UniqueExternalId(name="responsibility_external_id_unique"),
            models.CheckConstraint(condition=~Q(title=""), name="responsibility_has_a_title"),
        )
        indexes = (
            models.Index(fields=["workspace", "title", "id"], name="responsibility_by_title"),
            models.Index(fields=["workspace", "-created_at", "-id"], name="responsibility_newest"),
            models.Index(fields=["team", "title", "id"], name="responsibility_by_team"),
            models.Index(fields=["goal"], name="responsibility_by_goal", condition=Q(goal__isnull=False)),
            GinIndex(fields=["search"], name="responsibility_search"),
            GinIndex(OpClass(Upper("title"), name="gin_trgm_ops"), name="responsibility_title_search"),
        )

    def __str__(self) -> str:
        return self.title
