"""A goal: what somebody wants to reach, why, by when, and who may know."""

from datetime import date

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.core.models import TITLE_MAX, BaseModel, ExternalId, LongTextField, UniqueExternalId, UniqueInWorkspace
from apps.core.search import GeneratedSearchVector
from apps.goals.models.cycle import Cycle
from apps.goals.models.progress import expected_progress
from apps.workspaces.models import Member, Team, Value, Workspace


class Status(models.TextChoices):
    """The life of a goal: draft → active → one of the three ends."""

    DRAFT = "draft", _("Draft")
    ACTIVE = "active", pgettext_lazy("goal status", "Active")
    ACHIEVED = "achieved", _("Achieved")
    MISSED = "missed", _("Missed")
    DROPPED = "dropped", _("Dropped")


OPEN_STATUSES = (Status.DRAFT, Status.ACTIVE)


class Confidence(models.TextChoices):
    """What the people on the goal believe about reaching it."""

    ON_TRACK = "on_track", _("On track")
    AT_RISK = "at_risk", _("At risk")
    OFF_TRACK = "off_track", _("Off track")


class Visibility(models.TextChoices):
    """Who may know of the goal."""

    WORKSPACE = "workspace", _("Everyone in the workspace")
    TEAM = "team", _("The team and the leads above it")
    PRIVATE = "private", _("Only the owner and named contributors")


class ProgressSource(models.TextChoices):
    """What a goal's progress is drawn from."""

    NONE = "none", _("Nothing to measure by yet")
    KEY_RESULTS = "key_results", _("Key results")
    CHILDREN = "children", _("Sub-goals")
    CHECK_IN = "check_in", _("The last check-in")


class GoalQuerySet(models.QuerySet["Goal"]):
    """Chainable filters on goals. None of them knows who may see what: see goals.access."""

    def open(self) -> "GoalQuerySet":
        """Drafts and active goals."""
        return self.filter(status__in=OPEN_STATUSES)

    def active(self) -> "GoalQuerySet":
        """Those people work on now."""
        return self.filter(status=Status.ACTIVE)

    def ranked(self) -> "GoalQuerySet":
        """In the order people gave them within a cycle."""
        return self.order_by("rank", "id")


class Goal(BaseModel, ExternalId):
    """One goal. Progress, confidence and the dates of check-ins are kept here by services, so that lists stay cheap."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="goals", verbose_name=_("workspace"))
    cycle = models.ForeignKey(
        Cycle, models.PROTECT, null=True, blank=True, related_name="goals", verbose_name=_("cycle")
    )
    title = models.CharField(_("title"), max_length=TITLE_MAX)
    reason = LongTextField(_("reason"))
    description = LongTextField(_("description"))
    team = models.ForeignKey(Team, models.PROTECT, null=True, blank=True, related_name="goals", verbose_name=_("team"))
    supporting_teams = models.ManyToManyField(
        Team, through="GoalSupport", related_name="supported_goals", blank=True, verbose_name=_("supporting teams")
    )
    owner = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="owned_goals", verbose_name=_("owner")
    )
    created_by = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, editable=False, related_name="+", verbose_name=_("written by")
    )
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("parent goal")
    )
    contributors = models.ManyToManyField(
        Member, through="Contributor", related_name="contributed_goals", blank=True, verbose_name=_("contributors")
    )
    values = models.ManyToManyField(
        Value, through="GoalValue", related_name="goals", blank=True, verbose_name=_("values it serves")
    )
    labels = ArrayField(models.CharField(max_length=100), default=list, blank=True, verbose_name=_("labels"))
    url = models.URLField(_("link"), max_length=2_000, blank=True)
    importance = models.PositiveSmallIntegerField(
        _("importance"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    urgency = models.PositiveSmallIntegerField(
        _("urgency"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    rank = models.BigIntegerField(_("rank"), default=0)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.ACTIVE)
    visibility = models.CharField(_("who may know"), max_length=10, choices=Visibility, default=Visibility.WORKSPACE)
    starts_on = models.DateField(_("starts on"), null=True, blank=True)
    due_on = models.DateField(_("due on"), null=True, blank=True)
    activated_at = models.DateTimeField(_("active since"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    closed_by = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="+")
    lesson = LongTextField(_("what was learned"))
    carried_from = models.ForeignKey(
        Cycle, models.SET_NULL, null=True, blank=True, related_name="carried_goals", verbose_name=_("carried over from")
    )

    confidence = models.CharField(_("confidence"), max_length=10, choices=Confidence, null=True, blank=True)
    confidence_since = models.DateField(_("this confidence since"), null=True, blank=True)
    progress = models.FloatField(_("progress"), default=0.0)
    progress_source = models.CharField(
        _("progress drawn from"), max_length=12, choices=ProgressSource, default=ProgressSource.NONE
    )
    last_check_in_at = models.DateTimeField(_("last check-in"), null=True, blank=True)
    check_in_due_on = models.DateField(_("next check-in due"), null=True, blank=True)
    remind_on = models.DateField(_("remind of the check-in on"), null=True, blank=True, editable=False)
    search = GeneratedSearchVector(("title", "A"), ("reason", "B"), ("description", "C"))

    objects = GoalQuerySet.as_manager()

    class Meta:
        verbose_name = _("goal")
        verbose_name_plural = _("goals")
        constraints = (
            UniqueInWorkspace(name="goal_unique_in_workspace"),
            UniqueExternalId(name="goal_external_id_unique"),
            models.CheckConstraint(condition=~Q(title=""), name="goal_has_a_title"),
            models.CheckConstraint(condition=~Q(parent=F("id")), name="goal_is_not_own_parent"),
            models.CheckConstraint(
                condition=Q(importance__isnull=True) | Q(importance__range=(1, 5)), name="goal_importance_1_to_5"
            ),
            models.CheckConstraint(
                condition=Q(urgency__isnull=True) | Q(urgency__range=(1, 5)), name="goal_urgency_1_to_5"
            ),
            models.CheckConstraint(condition=Q(progress__range=(0, 1)), name="goal_progress_0_to_1"),
            models.CheckConstraint(
                condition=Q(status__in=OPEN_STATUSES, closed_at__isnull=True)
                | (~Q(status__in=OPEN_STATUSES) & Q(closed_at__isnull=False)),
                name="goal_closed_at_iff_closed",
            ),
            models.CheckConstraint(
                condition=~Q(visibility=Visibility.TEAM) | Q(team__isnull=False), name="goal_for_a_team_names_it"
            ),
            models.CheckConstraint(
                condition=~Q(visibility=Visibility.PRIVATE) | Q(owner__isnull=False), name="goal_private_has_an_owner"
            ),
            models.CheckConstraint(
                condition=Q(due_on__isnull=True) | Q(starts_on__isnull=True) | Q(due_on__gte=F("starts_on")),
                name="goal_due_after_start",
            ),
        )
        indexes = (
            models.Index(fields=["workspace", "cycle", "rank", "id"], name="goal_by_rank"),
            models.Index(fields=["workspace", "-created_at", "-id"], name="goal_newest"),
            # Counts over a cycle, and the tree, are read from this index alone: docs/decisions/covering-index.md.
            models.Index(
                fields=["workspace", "cycle", "status"],
                include=[
                    *("id", "parent", "team", "owner", "rank", "visibility"),
                    *("confidence", "check_in_due_on", "importance", "urgency"),
                ],
                name="goal_counted",
            ),
            models.Index(fields=["workspace", "due_on", "id"], name="goal_by_due_date"),
            models.Index(fields=["owner", "status"], name="goal_by_owner"),
            models.Index(fields=["team", "cycle", "rank", "id"], name="goal_by_team"),
            models.Index(fields=["parent"], name="goal_children", condition=Q(parent__isnull=False)),
            models.Index(
                fields=["remind_on"],
                name="goal_to_remind",
                condition=Q(remind_on__isnull=False, status=Status.ACTIVE, owner__isnull=False),
            ),
            models.Index(
                fields=["workspace", "check_in_due_on", "id"], name="goal_silent", condition=Q(status=Status.ACTIVE)
            ),
            GinIndex(fields=["search"], name="goal_search"),
            GinIndex(fields=["labels"], name="goal_labels"),
            GinIndex(OpClass(Upper("title"), name="gin_trgm_ops"), name="goal_title_search"),
            models.Index(fields=["workspace", "-id"], name="goal_labelled", condition=~Q(labels=[])),
        )

    def __str__(self) -> str:
        return self.title

    def span(self) -> tuple[date | None, date | None]:
        """From when to when the goal runs: its own dates, else its cycle's."""
        starts_on = self.starts_on or (self.cycle.starts_on if self.cycle else None)
        ends_on = self.due_on or (self.cycle.ends_on if self.cycle else None)
        return starts_on, ends_on

    def expected_on(self, day: date) -> float | None:
        """Where time says the progress should be on a day; None without dates or for a draft."""
        return None if self.status == Status.DRAFT else expected_progress(*self.span(), day)

    @property
    def is_closed(self) -> bool:
        """Whether the goal was achieved, missed or dropped."""
        return self.closed_at is not None

    @property
    def is_measured(self) -> bool:
        """Whether anything says how far it is."""
        return self.progress_source != ProgressSource.NONE


class Contributor(BaseModel):
    """A member who gives time to a goal."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+", verbose_name=_("workspace"))
    goal = models.ForeignKey(Goal, models.CASCADE, related_name="contributions", verbose_name=_("goal"))
    member = models.ForeignKey(Member, models.PROTECT, related_name="contributions", verbose_name=_("member"))
    hours_per_week = models.DecimalField(
        _("hours a week"),
        max_digits=4,
        decimal_places=1,
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(168)],
    )

    class Meta:
        verbose_name = _("contributor")
        verbose_name_plural = _("contributors")
        constraints = (
            models.UniqueConstraint(fields=["goal", "member"], name="contributor_once_per_goal"),
            models.CheckConstraint(
                condition=Q(hours_per_week__isnull=True) | Q(hours_per_week__range=(0, 168)),
                name="contributor_hours_fit_a_week",
            ),
        )

    def __str__(self) -> str:
        return f"{self.member_id} on {self.goal_id}"


class GoalSupport(BaseModel):
    """A team that supports a goal of another."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+", verbose_name=_("workspace"))
    goal = models.ForeignKey(Goal, models.CASCADE, related_name="supports", verbose_name=_("goal"))
    team = models.ForeignKey(Team, models.CASCADE, related_name="+", verbose_name=_("team"))

    class Meta:
        verbose_name = _("supporting team")
        verbose_name_plural = _("supporting teams")
        constraints = (models.UniqueConstraint(fields=["goal", "team"], name="goal_support_once"),)

    def __str__(self) -> str:
        return f"{self.team_id} supports {self.goal_id}"


class GoalValue(BaseModel):
    """A value that a goal serves."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+", verbose_name=_("workspace"))
    goal = models.ForeignKey(Goal, models.CASCADE, related_name="+", verbose_name=_("goal"))
    value = models.ForeignKey(Value, models.CASCADE, related_name="+", verbose_name=_("value"))

    class Meta:
        verbose_name = _("value served")
        verbose_name_plural = _("values served")
        constraints = (models.UniqueConstraint(fields=["goal", "value"], name="goal_value_once"),)

    def __str__(self) -> str:
        return f"{self.goal_id} serves {self.value_id}"
