"""What a workspace, or one person, holds dear."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from apps.core.models import BaseModel, ExternalId, LongTextField, UniqueExternalId, UniqueInWorkspace
from apps.workspaces.models.member import Member
from apps.workspaces.models.workspace import Workspace


class Value(BaseModel, ExternalId):
    """Something the workspace (no member) or one person holds dear; goals name the values they serve."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="values", verbose_name=_("workspace"))
    member = models.ForeignKey(
        Member, models.CASCADE, null=True, blank=True, related_name="values", verbose_name=_("person")
    )
    name = models.CharField(_("name"), max_length=200)
    statement = LongTextField(_("what it means here"))

    class Meta:
        verbose_name = _("value")
        verbose_name_plural = _("values")
        ordering = ("name", "id")
        constraints = (
            UniqueInWorkspace(name="value_unique_in_workspace"),
            UniqueExternalId(name="value_external_id_unique"),
            models.UniqueConstraint(
                F("workspace"), Lower("name"), condition=Q(member__isnull=True), name="value_name_once_per_workspace"
            ),
        )

    def __str__(self) -> str:
        return self.name
