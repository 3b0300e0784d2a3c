"""Teams, their tree, and who is in them."""

from collections.abc import Iterable
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from apps.core.models import BaseModel, ExternalId, LongTextField, UniqueExternalId, UniqueInWorkspace
from apps.workspaces.models.member import Member
from apps.workspaces.models.workspace import Workspace


class TeamQuerySet(models.QuerySet["Team"]):
    """Chainable filters on teams."""

    def open(self) -> "TeamQuerySet":
        """Those that are not archived."""
        return self.filter(archived_at__isnull=True)

    def below(self, team_ids: Iterable[UUID]) -> "TeamQuerySet":
        """The teams under any of these, at every depth, without these themselves."""
        return self.filter(ancestor_ids__overlap=list(team_ids))


class Team(BaseModel, ExternalId):
    """A team in the tree of teams. `ancestor_ids` runs from the root to the parent; services keep it."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="teams", verbose_name=_("workspace"))
    name = models.CharField(_("name"), max_length=200)
    purpose = LongTextField(_("purpose"))
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("parent team")
    )
    ancestor_ids: ArrayField[list[UUID], list[UUID]] = ArrayField(models.UUIDField(), default=list, editable=False)
    members = models.ManyToManyField(Member, through="TeamMembership", related_name="teams", verbose_name=_("members"))
    archived_at = models.DateTimeField(_("archived"), null=True, blank=True)

    objects = TeamQuerySet.as_manager()

    class Meta:
        verbose_name = _("team")
        verbose_name_plural = _("teams")
        ordering = ("name", "id")
        constraints = (
            UniqueInWorkspace(name="team_unique_in_workspace"),
            UniqueExternalId(name="team_external_id_unique"),
            models.CheckConstraint(condition=~Q(parent=F("id")), name="team_is_not_own_parent"),
        )
        indexes = (
            models.Index(fields=["workspace", "name", "id"], name="team_by_name"),
            GinIndex(fields=["ancestor_ids"], name="team_ancestors"),
            GinIndex(OpClass(Upper("name"), name="gin_trgm_ops"), name="team_name_search"),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def depth(self) -> int:
        """0 for a team at the root."""
        return len(self.ancestor_ids)


class TeamMembership(BaseModel):
    """A member's place in a team; leads lead it."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+", verbose_name=_("workspace"))
    team = models.ForeignKey(Team, models.CASCADE, related_name="memberships", verbose_name=_("team"))
    member = models.ForeignKey(Member, models.CASCADE, related_name="memberships", verbose_name=_("member"))
    is_lead = models.BooleanField(_("lead"), default=False)

    class Meta:
        verbose_name = _("team membership")
        verbose_name_plural = _("team memberships")
        constraints = (models.UniqueConstraint(fields=["team", "member"], name="team_membership_once"),)

    def __str__(self) -> str:
        return f"{self.member_id} in {self.team_id}"
