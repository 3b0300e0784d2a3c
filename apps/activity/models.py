"""The append-only log of what was done. Webhooks, histories and the audit read it; nobody changes it."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.core.models import BaseModel, UniqueInWorkspace
from apps.workspaces.models import Member, Workspace


class Event(BaseModel):
    """One thing that one person (or the system: no actor) did to one subject."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="events", verbose_name=_("workspace"))
    verb = models.CharField(_("what happened"), max_length=60)
    subject_type = models.CharField(_("kind of subject"), max_length=40)
    subject_id = models.UUIDField(_("subject"))
    actor = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="events", verbose_name=_("who")
    )
    at = models.DateTimeField(_("when"))
    data = models.JSONField(_("details"), default=dict)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ("-at", "-id")
        constraints = (UniqueInWorkspace(name="event_unique_in_workspace"),)
        indexes = (
            models.Index(fields=["subject_type", "subject_id", "-at"], name="event_by_subject"),
            models.Index(fields=["workspace", "-at", "-id"], name="event_by_workspace"),
        )

    def __str__(self) -> str:
        return f"{self.verb} {self.subject_id}"
