"""Where a workspace or a person is told of things in their chat."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.core.encryption import EncryptedTextField, is_readable
from apps.core.models import BaseModel, LongTextField, UniqueInWorkspace
from apps.workspaces.models import Member, Workspace


class ChatFormat(models.TextChoices):
    """The shape of the message."""

    SLACK = "slack", _("Slack or compatible (Mattermost, Rocket.Chat, Zulip)")
    TEAMS = "teams", _("Microsoft Teams")


class ChatChannel(BaseModel):
    """An incoming-webhook address of a chat. Without a member it is the workspace's own.

    A person's channel is told what they would be mailed at once; a workspace's only of what every member may see, of
    the `events` it names. The address is a secret: who has it can write into the chat.
    """

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+", verbose_name=_("workspace"))
    member = models.ForeignKey(
        Member, models.CASCADE, null=True, blank=True, related_name="chat_channels", verbose_name=_("person")
    )
    format = models.CharField(_("format"), max_length=6, choices=ChatFormat, default=ChatFormat.SLACK)
    url = EncryptedTextField(_("address"))
    events = ArrayField(models.CharField(max_length=60), default=list, blank=True, verbose_name=_("events"))
    is_active = models.BooleanField(_("active"), default=True)
    created_by = models.ForeignKey(Member, models.CASCADE, related_name="+", verbose_name=_("made by"))
    last_sent_at = models.DateTimeField(_("last sent"), null=True, blank=True)
    failing_since = models.DateTimeField(_("failing since"), null=True, blank=True)
    last_error = LongTextField(_("last error"), max_length=500)

    objects = models.Manager()

    class Meta:
        verbose_name = _("chat channel")
        verbose_name_plural = _("chat channels")
        constraints = (
            UniqueInWorkspace(name="chat_channel_unique_in_workspace"),
            models.UniqueConstraint(
                fields=["workspace", "member"], nulls_distinct=False, name="chat_channel_once_per_person"
            ),
        )

    @property
    def is_reachable(self) -> bool:
        """Whether its address can be opened: without it nothing is sent."""
        return is_readable(self, "url")

    def __str__(self) -> str:
        return f"{self.format} of {self.member_id or self.workspace_id}"
