"""A consultation: the question to a consulted person before a goal or a task is closed."""

from typing import cast
from uuid import UUID

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.core.models import BaseModel, LongTextField, UniqueInWorkspace
from apps.goals.models import Goal
from apps.tasks.models.task import Task
from apps.workspaces.models import Member, Workspace


class ConsultationQuerySet(models.QuerySet["Consultation"]):
    """Chainable filters on consultations."""

    def open(self) -> "ConsultationQuerySet":
        """Those that still wait for an answer."""
        return self.filter(answered_at__isnull=True, ended_at__isnull=True)


class Consultation(BaseModel):
    """One consulted member's view, asked before the end of a goal or a task.

    It is open until it is answered, or ended because what it was about was closed. The end of that ends the round:
    what was asked before, answered or not, does not count for the next closing.
    """

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+", verbose_name=_("workspace"))
    goal = models.ForeignKey(
        Goal, models.CASCADE, null=True, blank=True, related_name="consultations", verbose_name=_("goal")
    )
    task = models.ForeignKey(
        Task, models.CASCADE, null=True, blank=True, related_name="consultations", verbose_name=_("task")
    )
    member = models.ForeignKey(Member, models.PROTECT, related_name="consultations", verbose_name=_("consulted"))
    asked_by = models.ForeignKey(Member, models.PROTECT, related_name="+", verbose_name=_("asked by"))
    asked_at = models.DateTimeField(_("asked"))
    answer_by_on = models.DateField(_("answer by"))
    question = LongTextField(_("question"), max_length=2_000)
    answer = LongTextField(_("answer"), max_length=10_000)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended without an answer"), null=True, blank=True)

    objects = ConsultationQuerySet.as_manager()

    class Meta:
        verbose_name = _("consultation")
        verbose_name_plural = _("consultations")
        constraints = (
            UniqueInWorkspace(name="consultation_unique_in_workspace"),
            models.CheckConstraint(
                condition=Q(task__isnull=True, goal__isnull=False) | Q(task__isnull=False, goal__isnull=True),
                name="consultation_on_exactly_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True) | ~Q(answer=""), name="consultation_answered_in_words"
            ),
            models.UniqueConstraint(
                fields=["goal", "task", "member"],
                condition=Q(answered_at__isnull=True, ended_at__isnull=True),
                nulls_distinct=False,
                name="consultation_open_once",
            ),
        )
        indexes = (
            models.Index(fields=["goal", "-asked_at"], name="consultation_by_goal"),
            models.Index(fields=["task", "-asked_at"], name="consultation_by_task"),
            models.Index(
                fields=["member", "-asked_at"],
                name="consultation_open",
                condition=Q(answered_at__isnull=True, ended_at__isnull=True),
            ),
        )

    def __str__(self) -> str:
        return f"{self.member_id} on {self.goal_id or self.task_id}"

    @property
    def thing(self) -> Goal | Task:
        """What it is about; the database holds that it is exactly one."""
        return cast("Goal | Task", self.goal if self.goal_id else self.task)

    @property
    def thing_id(self) -> UUID:
        """The id of that."""
        return cast("UUID", self.goal_id or self.task_id)
