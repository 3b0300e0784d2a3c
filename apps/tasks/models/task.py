"""A task: one piece of work on a goal or a responsibility."""

from typing import cast

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.core.models import TITLE_MAX, BaseModel, ExternalId, LongTextField, UniqueExternalId, UniqueInWorkspace
from apps.core.search import GeneratedSearchVector
from apps.goals.models import Goal
from apps.responsibilities.models.responsibility import Responsibility
from apps.workspaces.models import Member, Team, Workspace


class TaskStatus(models.TextChoices):
    """Where a task stands."""

    OPEN = "open", pgettext_lazy("task", "Open")
    DOING = "doing", pgettext_lazy("task", "In progress")
    DONE = "done", pgettext_lazy("task", "Done")
    DROPPED = "dropped", pgettext_lazy("task", "Dropped")


OPEN_TASK_STATUSES = (TaskStatus.OPEN, TaskStatus.DOING)


class TaskQuerySet(models.QuerySet["Task"]):
    """Chainable filters on tasks."""

    def open(self) -> "TaskQuerySet":
        """Those that are still to be done."""
        return self.filter(status__in=OPEN_TASK_STATUSES)


class Task(BaseModel, ExternalId):
    """One piece of work. It has one assignee; others may help, and teams may be named for it."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="tasks", verbose_name=_("workspace"))
    title = models.CharField(_("title"), max_length=TITLE_MAX)
    description = LongTextField(_("description"))
    goal = models.ForeignKey(Goal, models.CASCADE, null=True, blank=True, related_name="tasks", verbose_name=_("goal"))
    responsibility = models.ForeignKey(
        Responsibility, models.CASCADE, null=True, blank=True, related_name="tasks", verbose_name=_("responsibility")
    )
    assignee = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="tasks", verbose_name=_("assignee")
    )
    helpers = models.ManyToManyField(
        Member, through="TaskHelper", related_name="helped_tasks", blank=True, verbose_name=_("also on it")
    )
    teams = models.ManyToManyField(
        Team, through="TaskTeam", related_name="tasks", blank=True, verbose_name=_("teams asked")
    )
    labels = ArrayField(models.CharField(max_length=100), default=list, blank=True, verbose_name=_("labels"))
    importance = models.PositiveSmallIntegerField(
        _("importance"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    urgency = models.PositiveSmallIntegerField(
        _("urgency"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    due_on = models.DateField(_("due on"), null=True, blank=True)
    status = models.CharField(_("status"), max_length=8, choices=TaskStatus, default=TaskStatus.OPEN)
    hours = models.DecimalField(
        _("estimated hours"),
        max_digits=6,
        decimal_places=1,
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(10_000)],
    )
    created_by = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("written by")
    )
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    closed_by = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("closed by")
    )
    search = GeneratedSearchVector(("title", "A"), ("description", "B"))

    objects = TaskQuerySet.as_manager()

    class Meta:
        verbose_name = _("task")
        verbose_name_plural = _("tasks")
        constraints = (
            UniqueInWorkspace(name="task_unique_in_workspace"),
            UniqueExternalId(name="task_external_id_unique"),
            models.CheckConstraint(condition=~Q(title=""), name="task_has_a_title"),
            models.CheckConstraint(
                condition=Q(responsibility__isnull=True, goal__isnull=False)
                | Q(responsibility__isnull=False, goal__isnull=True),
                name="task_on_exactly_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(importance__isnull=True) | Q(importance__range=(1, 5)), name="task_importance_1_to_5"
            ),
            models.CheckConstraint(
                condition=Q(urgency__isnull=True) | Q(urgency__range=(1, 5)), name="task_urgency_1_to_5"
            ),
            models.CheckConstraint(
                condition=Q(hours__isnull=True) | Q(hours__range=(0, 10_000)), name="task_hours_are_plausible"
            ),
            models.CheckConstraint(
                condition=Q(status__in=OPEN_TASK_STATUSES, closed_at__isnull=True)
                | (~Q(status__in=OPEN_TASK_STATUSES) & Q(closed_at__isnull=False)),
                name="task_closed_at_iff_closed",
            ),
        )
        indexes = (
            models.Index(fields=["workspace", "-created_at", "-id"], name="task_newest"),
            models.Index(fields=["workspace", "due_on", "id"], name="task_by_due_date"),
            models.Index(fields=["assignee", "status", "due_on"], name="task_by_assignee"),
            models.Index(fields=["goal", "status"], name="task_by_goal", condition=Q(goal__isnull=False)),
            models.Index(
                fields=["responsibility", "status"],
                name="task_by_responsibility",
                condition=Q(responsibility__isnull=False),
            ),
            GinIndex(fields=["search"], name="task_search"),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def thing(self) -> Goal | Responsibility:
        """What it hangs on; the database holds that it is exactly one."""
        return cast("Goal | Responsibility", self.goal if self.goal_id else self.responsibility)

    @property
    def is_closed(self) -> bool:
        """Done or dropped."""
        return self.closed_at is not None


class TaskHelper(BaseModel):
    """Somebody who is on a task beside its assignee."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+", verbose_name=_("workspace"))
    task = models.ForeignKey(Task, models.CASCADE, related_name="helps", verbose_name=_("task"))
    member = models.ForeignKey(Member, models.PROTECT, related_name="+", verbose_name=_("person"))

    class Meta:
        verbose_name = _("helper")
        verbose_name_plural = _("helpers")
        constraints = (models.UniqueConstraint(fields=["task", "member"], name="task_helper_once"),)

    def __str__(self) -> str:
        return f"{self.member_id} on {self.task_id}"


class TaskTeam(BaseModel):
    """A team that is named for a task."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+", verbose_name=_("workspace"))
    task = models.ForeignKey(Task, models.CASCADE, related_name="team_asks", verbose_name=_("task"))
    team = models.ForeignKey(Team, models.CASCADE, related_name="+", verbose_name=_("team"))

    class Meta:
        verbose_name = _("team asked")
        verbose_name_plural = _("teams asked")
        constraints = (models.UniqueConstraint(fields=["task", "team"], name="task_team_once"),)

    def __str__(self) -> str:
        return f"{self.team_id} on {self.task_id}"
