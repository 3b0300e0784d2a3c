"""Cycles, goals, key results and check-ins in the API."""

from collections.abc import Mapping
from decimal import Decimal
from typing import cast
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from rest_framework import exceptions

from apps.core.api_schema import describe, row_action
from apps.core.filters import (
    Filter,
    FilterSet,
    by_choice,
    by_date,
    by_flag,
    by_id,
    by_name,
    by_number,
    by_text,
    by_time,
    full_text,
)
from apps.core.kept_lists import KeptListViewSet
from apps.core.viewsets import ResourceViewSet
from apps.goals import access, services
from apps.goals.models import (
    OPEN_STATUSES,
    CheckIn,
    Confidence,
    Cycle,
    Goal,
    KeyResult,
    KeyResultKind,
    Status,
    Visibility,
)
from apps.goals.serializers import (
    AnswerGiven,
    AnswerSerializer,
    CheckInGiven,
    CheckInSerializer,
    CycleCloseGiven,
    CycleCloseSerializer,
    CycleSerializer,
    GoalGiven,
    GoalMoveGiven,
    GoalMoveSerializer,
    GoalSerializer,
    KeyResultGiven,
    KeyResultSerializer,
    LessonGiven,
    LessonSerializer,
)
from apps.workspaces.access import visible_members, visible_teams
from apps.workspaces.models import Member

COMMON = {"external_id": by_text("external_id"), "updated_since": by_time("updated_at__gte")}
TIMES = {"created_at": "created_at", "updated_at": "updated_at"}
STAYS = ("made_at", "author", "author_name")
CLOSED = (Status.ACHIEVED, Status.MISSED, Status.DROPPED)


@describe("cycle", "cycles", "The span of time in which goals are set and reached.")
class CycleViewSet(ResourceViewSet[Cycle, services.CycleFields]):
    """Cycles."""

    scope_family = "goals"
    serializer_class = CycleSerializer
    filterset = FilterSet(
        filters={
            **COMMON,
            "is_closed": by_flag(lambda value: Q(closed_at__isnull=not value)),
            "starts_before": by_date("starts_on__lt"),
            "ends_after": by_date("ends_on__gt"),
        },
        orderings={**TIMES, "name": "name", "starts_on": "starts_on", "ends_on": "ends_on"},
        default="-starts_on",
        search=by_name,
    )

    def visible(self, member: Member) -> QuerySet[Cycle]:
        """As on the pages."""
        return access.visible_cycles(member)

    def create_row(self, fields: services.CycleFields) -> Cycle:
        """services.create_cycle."""
        return services.create_cycle(fields, by=self.member, at=self.now())

    def update_row(self, row: Cycle, fields: services.CycleFields) -> Cycle:
        """services.update_cycle."""
        return services.update_cycle(row, fields, by=self.member, at=self.now())

    @row_action("Close a cycle", CycleSerializer, CycleCloseSerializer)
    def close(self, row: Cycle, fields: CycleCloseGiven) -> None:
        """The goals in `carry` go on in the cycle `into`; other open goals stay, to be closed by their owners."""
        carry = [goal.pk for goal in fields.get("carry", [])]
        services.close_cycle(row, carry=carry, into=fields.get("into"), by=self.member, at=self.now())

    @row_action("Reopen a cycle", CycleSerializer)
    def reopen(self, row: Cycle, fields: dict[str, object]) -> None:
        """Carried goals stay where they went."""
        services.reopen_cycle(row, by=self.member, at=self.now())


@describe("goal", "goals", "A goal with its reason, owner, key results and who may know of it.")
class GoalViewSet(KeptListViewSet[Goal, GoalGiven]):
    """Goals."""

    scope_family = "goals"
    serializer_class = GoalSerializer
    filterset = FilterSet(
        filters={
            **COMMON,
            "owner": by_id("owner", of=visible_members),
            "team": by_id("team", of=visible_teams),
            "cycle": by_id("cycle"),
            "parent": by_id("seen_parent"),
            "contributor": by_id("contributions__member", of=visible_members),
            "status": by_choice("status", list(Status.values)),
            "visibility": by_choice("visibility", list(Visibility.values)),
            "confidence": by_choice("confidence", list(Confidence.values)),
            "importance": by_number("importance", 1, 5),
            "urgency": by_number("urgency", 1, 5),
            "label": Filter(str, lambda value: Q(labels__contains=[value]), {"type": "string"}),
            "due_before": by_date("due_on__lt"),
            "due_after": by_date("due_on__gt"),
            "checked_in_before": by_time("last_check_in_at__lt"),
        },
        orderings={
            **TIMES,
            "rank": "rank",
            "title": "title",
            "due_on": "due_on",
            "progress": "seen_progress",
            "last_check_in_at": "last_check_in_at",
        },
        types={"seen_progress": float},
        search=full_text,
    )

    def visible(self, member: Member) -> QuerySet[Goal]:
        """As on the pages."""
        return access.visible_goals(member)

    def create_row(self, fields: GoalGiven) -> Goal:
        """services.create_goal; one that is created closed is closed at once, with its lesson."""
        status, lesson = fields.pop("status", Status.ACTIVE), fields.pop("lesson", "")
        without = fields.pop("without_answers", "")
        first = status if status in OPEN_STATUSES else Status.ACTIVE
        goal = services.create_goal({**self._fields(fields), "status": first}, by=self.member, at=self.now())
        return self._close(goal, status, lesson, without)

    def update_row(self, row: Goal, fields: GoalGiven) -> Goal:
        """services.update_goal, close_goal or reopen_goal, as the status says; the same status changes nothing."""
        status, lesson = fields.pop("status", row.status), fields.pop("lesson", row.lesson)
        without = fields.pop("without_answers", "")
        by, at = self.member, self.now()
        if row.is_closed and status != row.status:
            row = services.reopen_goal(row, by=by, at=at)
        if status in OPEN_STATUSES and status != row.status:
            fields["status"] = status
        row = services.update_goal(row, self._fields(fields), by=by, at=at)
        return row if status == row.status else self._close(row, status, lesson, without)

    def _close(self, goal: Goal, status: str, lesson: str, without_answers: str = "") -> Goal:
        if status not in CLOSED:
            return goal
        by, at = self.member, self.now()
        return services.close_goal(goal, outcome=status, lesson=lesson, without_answers=without_answers, by=by, at=at)

    def _fields(self, fields: GoalGiven) -> services.GoalFields:
        """The serializer's names for what it shows filtered, as the service calls them."""
        renamed: dict[str, object] = {name.removeprefix("seen_"): value for name, value in fields.items()}
        if "seen_contributors" in fields:
            people = fields["seen_contributors"]
            renamed["contributors"] = [(each["member"], each.get("hours_per_week")) for each in people]
        return cast("services.GoalFields", renamed)

    @row_action("Move a goal in the order of its cycle", GoalSerializer, GoalMoveSerializer)
    def move(self, row: Goal, fields: GoalMoveGiven) -> None:
        """Behind `after`, ahead of `before`."""
        after, before = fields.get("after"), fields.get("before")
        services.move_goal(row, after=after, before=before, by=self.member, at=self.now())

    @row_action("Close a goal as achieved", GoalSerializer, LessonSerializer)
    def achieve(self, row: Goal, fields: LessonGiven) -> None:
        """With what was learned."""
        self._close(row, Status.ACHIEVED, **fields)

    @row_action("Close a goal as missed", GoalSerializer, LessonSerializer)
    def miss(self, row: Goal, fields: LessonGiven) -> None:
        """With what was learned."""
        self._close(row, Status.MISSED, **fields)

    @row_action("Close a goal as dropped", GoalSerializer, LessonSerializer)
    def drop(self, row: Goal, fields: LessonGiven) -> None:
        """With what was learned."""
        self._close(row, Status.DROPPED, **fields)

    @row_action("Make a draft active", GoalSerializer)
    def activate(self, row: Goal, fields: dict[str, object]) -> None:
        """From then on check-ins are due."""
        services.activate_goal(row, by=self.member, at=self.now())

    @row_action("Reopen a closed goal", GoalSerializer)
    def reopen(self, row: Goal, fields: dict[str, object]) -> None:
        """What was learned stays in its history."""
        services.reopen_goal(row, by=self.member, at=self.now())


@describe("key result", "key results", "A measure of a goal; `current_value` is the last reading of a check-in.")
class KeyResultViewSet(ResourceViewSet[KeyResult, KeyResultGiven]):
    """Key results."""

    scope_family = "goals"
    serializer_class = KeyResultSerializer
    filterset = FilterSet(
        filters={
            **COMMON,
            "goal": by_id("goal"),
            "kind": by_choice("kind", list(KeyResultKind.values)),
            "due_before": by_date("due_on__lt"),
        },
        orderings={**TIMES, "title": "title", "due_on": "due_on", "progress": "progress"},
    )

    def visible(self, member: Member) -> QuerySet[KeyResult]:
        """As on the pages."""
        return access.visible_key_results(member)

    def create_row(self, fields: KeyResultGiven) -> KeyResult:
        """services.create_key_result."""
        goal = fields.pop("goal")
        return services.create_key_result(goal, fields, by=self.member, at=self.now())

    def update_row(self, row: KeyResult, fields: KeyResultGiven) -> KeyResult:
        """services.update_key_result; it stays with its goal."""
        _stays(fields.pop("goal", row.goal), row.goal_id)
        return services.update_key_result(row, fields, by=self.member, at=self.now())

    def delete_row(self, row: KeyResult) -> None:
        """services.delete_key_result."""
        services.delete_key_result(row, by=self.member, at=self.now())


@describe(
    "check-in",
    "check-ins",
    "What somebody said about a goal on a day. The author is the caller; only an import by an admin (with an "
    "external_id) may name another author.",
)
class CheckInViewSet(ResourceViewSet[CheckIn, CheckInGiven]):
    """Check-ins."""

    scope_family = "goals"
    serializer_class = CheckInSerializer
    filterset = FilterSet(
        filters={
            **COMMON,
            "goal": by_id("goal"),
            "author": by_id("author", of=visible_members),
            "ask_to": by_id("ask_to", of=visible_members),
            "confidence": by_choice("confidence", list(Confidence.values)),
            "made_after": by_time("made_at__gt"),
            "made_before": by_time("made_at__lt"),
        },
        orderings={**TIMES, "made_at": "made_at"},
        default="-made_at",
    )

    def visible(self, member: Member) -> QuerySet[CheckIn]:
        """As on the pages."""
        return access.visible_check_ins(member)

    def create_row(self, fields: CheckInGiven) -> CheckIn:
        """services.create_check_in."""
        goal, made_at = fields.pop("goal"), fields.pop("made_at", None)
        readings = self._readings(fields) or {}
        return services.create_check_in(goal, fields, readings=readings, by=self.member, at=self.now(), made_at=made_at)

    def update_row(self, row: CheckIn, fields: CheckInGiven) -> CheckIn:
        """services.edit_check_in; goal, author and time stay."""
        _stays(fields.pop("goal", row.goal), row.goal_id)
        readings = self._readings(fields)
        given: Mapping[str, object] = fields
        for name in STAYS:
            if name in given and given[name] != getattr(row, name):
                raise exceptions.ValidationError({name: [_("This stays as it was said.")]})
        said = {name: value for name, value in given.items() if name not in STAYS}
        changed = cast("services.CheckInFields", said)
        return services.edit_check_in(row, changed, readings=readings, by=self.member, at=self.now())

    def _readings(self, fields: CheckInGiven) -> dict[UUID, Decimal] | None:
        readings = fields.pop("seen_readings", None)
        return None if readings is None else {each["key_result"].pk: each["value"] for each in readings}

    @row_action("Answer what a check-in asks of you", CheckInSerializer, AnswerSerializer)
    def answer(self, row: CheckIn, fields: AnswerGiven) -> None:
        """Only the one who was asked can."""
        services.answer_ask(row, answer=fields["answer"], by=self.member, at=self.now())


def _stays(goal: Goal, goal_id: UUID) -> None:
    if goal.pk != goal_id:
        raise exceptions.ValidationError({"goal": [_("It stays with its goal.")]})
