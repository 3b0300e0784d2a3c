"""Responsibilities and assignments in the API."""

from typing import cast

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from rest_framework import exceptions

from apps.core.api_schema import describe, row_action
from apps.core.filters import Filter, FilterSet, by_choice, by_date, by_flag, by_id, by_text, by_time, full_text
from apps.core.viewsets import ResourceViewSet
from apps.goals.models import Goal
from apps.responsibilities import access, services
from apps.responsibilities.models import Assignment, AssignmentRole, AssignmentStatus, Responsibility
from apps.responsibilities.queries import Finding
from apps.responsibilities.serializers.responsibilities import (
    AssignmentGiven,
    AssignmentSerializer,
    DeclineGiven,
    DeclineSerializer,
    ResponsibilityGiven,
    ResponsibilitySerializer,
)
from apps.workspaces.access import visible_members, visible_teams
from apps.workspaces.models import Member

COMMON = {"external_id": by_text("external_id"), "updated_since": by_time("updated_at__gte")}
TIMES = {"created_at": "created_at", "updated_at": "updated_at"}


def _by_finding() -> Filter:
    """Rows that have the finding."""

    def parse(text: str) -> str:
        if text not in Finding.values:
            raise ValueError(_("Choose from: %(choices)s.") % {"choices": ", ".join(Finding.values)})
        return text

    schema = {"type": "string", "enum": list(Finding.values)}
    return Filter(parse, lambda value: Q(**{f"seen_findings__{value}": True}), schema)


@describe("responsibility", "responsibilities", "Something that lasts and somebody holds, with what is missing in it.")
class ResponsibilityViewSet(ResourceViewSet[Responsibility, ResponsibilityGiven]):
    """Responsibilities."""

    scope_family = "responsibilities"
    serializer_class = ResponsibilitySerializer
    filterset = FilterSet(
        filters={
            **COMMON,
            "team": by_id("team", of=visible_teams),
            "goal": by_id("seen_goal"),
            "review_before": by_date("review_on__lt"),
            "is_archived": by_flag(lambda value: Q(archived_at__isnull=not value)),
            "finding": _by_finding(),
        },
        orderings={**TIMES, "title": "title", "review_on": "review_on"},
        search=full_text,
    )

    def visible(self, member: Member) -> QuerySet[Responsibility]:
        """As on the pages."""
        return access.visible_responsibilities(member)

    def create_row(self, fields: ResponsibilityGiven) -> Responsibility:
        """services.create_responsibility."""
        return services.create_responsibility(self._fields(fields), by=self.member, at=self.now())

    def update_row(self, row: Responsibility, fields: ResponsibilityGiven) -> Responsibility:
        """services.update_responsibility."""
        return services.update_responsibility(row, self._fields(fields), by=self.member, at=self.now())

    def _fields(self, fields: ResponsibilityGiven) -> services.ResponsibilityFields:
        """The serializer's names for what it shows filtered, as the service calls them."""
        renamed = {name.removeprefix("seen_"): value for name, value in fields.items()}
        return cast("services.ResponsibilityFields", renamed)

    @row_action("Archive a responsibility", ResponsibilitySerializer)
    def archive(self, row: Responsibility, fields: dict[str, object]) -> None:
        """Its history stays."""
        services.archive_responsibility(row, by=self.member, at=self.now())

    @row_action("Restore an archived responsibility", ResponsibilitySerializer)
    def restore(self, row: Responsibility, fields: dict[str, object]) -> None:
        """With whoever held it."""
        services.restore_responsibility(row, by=self.member, at=self.now())


@describe(
    "assignment",
    "assignments",
    "A member or a team in one role (responsible, accountable, consulted, informed) on a responsibility or a goal.",
)
class AssignmentViewSet(ResourceViewSet[Assignment, AssignmentGiven]):
    """Assignments."""

    scope_family = "responsibilities"
    serializer_class = AssignmentSerializer
    filterset = FilterSet(
        filters={
            **COMMON,
            "responsibility": by_id("responsibility"),
            "goal": by_id("goal"),
            "member": by_id("member", of=visible_members),
            "team": by_id("team", of=visible_teams),
            "role": by_choice("role", list(AssignmentRole.values)),
            "status": by_choice("status", list(AssignmentStatus.values)),
            "offered_before": by_time("offered_at__lt"),
        },
        orderings={**TIMES, "offered_at": "offered_at"},
    )

    def visible(self, member: Member) -> QuerySet[Assignment]:
        """As on the pages."""
        return access.visible_assignments(member)

    def create_row(self, fields: AssignmentGiven) -> Assignment:
        """services.offer_assignment."""
        goal, responsibility = fields.pop("goal", None), fields.pop("responsibility", None)
        thing = goal or responsibility
        if thing is None or (goal and responsibility):
            raise exceptions.ValidationError({"responsibility": [_("Name a responsibility or a goal, one of them.")]})
        return services.offer_assignment(thing, fields, by=self.member, at=self.now())

    def update_row(self, row: Assignment, fields: AssignmentGiven) -> Assignment:
        """services.update_assignment; it stays on its responsibility or goal."""
        things: dict[str, Goal | Responsibility | None] = {
            "goal": fields.pop("goal", row.goal),
            "responsibility": fields.pop("responsibility", row.responsibility),
        }
        for name, thing in things.items():
            if (thing.pk if thing else None) != getattr(row, f"{name}_id"):
                raise exceptions.ValidationError({name: [_("It stays where it is. Remove it and offer another.")]})
        return services.update_assignment(row, fields, by=self.member, at=self.now())

    def delete_row(self, row: Assignment) -> None:
        """services.withdraw_assignment."""
        services.withdraw_assignment(row, by=self.member, at=self.now())

    @row_action("Accept what is offered to you, or to a team you lead", AssignmentSerializer)
    def accept(self, row: Assignment, fields: dict[str, object]) -> None:
        """Only the one concerned can."""
        services.accept_assignment(row, by=self.member, at=self.now())

    @row_action("Decline an offer, or give back what was accepted", AssignmentSerializer, DeclineSerializer)
    def decline(self, row: Assignment, fields: DeclineGiven) -> None:
        """With the reason."""
        services.decline_assignment(row, reason=fields["reason"], by=self.member, at=self.now())
