"""A notice: one thing that a person is told of. The inbox shows it; mails and digests take it up."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.core.models import BaseModel, UniqueInWorkspace
from apps.workspaces.models import Member, Workspace


class Reach(models.TextChoices):
    """How far news of one kind reaches a person. Each takes in those before it, but `mail` leaves out the digest."""

    OFF = "off", _("Off")
    INBOX = "inbox", _("Inbox only")
    DIGEST = "digest", _("Inbox and digest")
    MAIL = "mail", _("Inbox and mail at once")


STALE = timedelta(days=2)
"""After this time what should have been mailed at once, but could not, is left to the inbox and the digest."""


class NoticeQuerySet(models.QuerySet["Notice"]):
    """Chainable filters on notices."""

    def open(self) -> "NoticeQuerySet":
        """Those whose thing is not done yet."""
        return self.filter(done_at__isnull=True)

    def settled(self, *, asking: Collection[str]) -> "NoticeQuerySet":
        """Those that are done, or were looked at and are not of the kinds that ask for something."""
        return self.filter(Q(done_at__isnull=False) | Q(read_at__isnull=False) & ~Q(kind__in=asking))

    def unread(self) -> "NoticeQuerySet":
        """Open ones nobody looked at."""
        return self.open().filter(read_at__isnull=True)

    def to_mail(self, at: datetime) -> "NoticeQuerySet":
        """Those whose mail is due and has not been put into the outbox; what nobody mailed for days is no news."""
        return self.to_be_mailed().filter(mail_due_at__lte=at, mail_due_at__gt=at - STALE)

    def to_be_mailed(self) -> "NoticeQuerySet":
        """Those that are to be mailed now or later."""
        return self.open().filter(mail_due_at__isnull=False, mailed_at__isnull=True)


class Notice(BaseModel):
    """One thing one person is told of, once: `(recipient, kind, dedupe_key)` is unique.

    It holds ids, never words: what it says is asked of its kind when it is read, in the reader's language, and only if
    the reader may still see what it is about. `about_id` is the goal, responsibility or other page under which the
    inbox groups it; `subject_id` the row it speaks of. `step` is 1 for the first time, 2 and 3 for reminders of it.
    """

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+", verbose_name=_("workspace"))
    recipient = models.ForeignKey(Member, models.CASCADE, related_name="notices", verbose_name=_("recipient"))
    kind = models.CharField(_("kind"), max_length=40)
    dedupe_key = models.CharField(_("dedupe key"), max_length=160)
    subject_id = models.UUIDField(_("what it speaks of"))
    about_id = models.UUIDField(_("what it is about"))
    step = models.PositiveSmallIntegerField(_("which time"), default=1)
    data = models.JSONField(_("details"), default=dict)
    reach = models.CharField(_("reach"), max_length=6, choices=Reach)
    read_at = models.DateTimeField(_("read"), null=True, blank=True)
    done_at = models.DateTimeField(_("done"), null=True, blank=True)
    mail_due_at = models.DateTimeField(_("to be mailed from"), null=True, blank=True)
    mailed_at = models.DateTimeField(_("put into a mail"), null=True, blank=True)
    digested_at = models.DateTimeField(_("put into a digest"), null=True, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        constraints = (
            UniqueInWorkspace(name="notice_unique_in_workspace"),
            models.UniqueConstraint(fields=["recipient", "kind", "dedupe_key"], name="notice_said_once"),
            models.CheckConstraint(
                condition=Q(mail_due_at__isnull=True) | Q(reach=Reach.MAIL), name="notice_mailed_only_where_wanted"
            ),
            models.CheckConstraint(condition=~Q(reach=Reach.OFF), name="notice_none_where_off"),
        )
        indexes = (
            models.Index(
                fields=["recipient", "-created_at", "-id"], name="notice_inbox", condition=Q(done_at__isnull=True)
            ),
            models.Index(
                fields=["recipient"],
                name="notice_unread",
                condition=Q(done_at__isnull=True, read_at__isnull=True),
            ),
            models.Index(
                fields=["mail_due_at", "recipient"],
                name="notice_to_mail",
                condition=Q(done_at__isnull=True, mailed_at__isnull=True, mail_due_at__isnull=False),
            ),
            models.Index(fields=["subject_id", "kind"], name="notice_by_subject"),
            models.Index(
                fields=["kind", "step", "created_at"], name="notice_to_repeat", condition=Q(done_at__isnull=True)
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} to {self.recipient_id}"
