"""Absences with their covers, and handovers, in the API."""

from collections.abc import Mapping, Sequence
from typing import cast
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework import exceptions

from apps.core.api_schema import describe, row_action
from apps.core.filters import FilterSet, by_choice, by_date, by_id, by_text, by_time
from apps.core.serializers import Shown
from apps.core.viewsets import ResourceViewSet, refuse_changes
from apps.goals.models import Goal
from apps.handovers import access
from apps.handovers.models import Handover, HandoverKind, HandoverStatus
from apps.handovers.queries.resources import last_asked
from apps.handovers.serializers import (
    AbsenceGiven,
    AbsenceSerializer,
    CoverGiven,
    DeclineHandoverGiven,
    DeclineHandoverSerializer,
    HandoverGiven,
    HandoverSerializer,
    WhatGiven,
)
from apps.handovers.services import cover
from apps.handovers.services import handovers as services
from apps.responsibilities.models import Responsibility
from apps.workspaces import services as workspaces
from apps.workspaces.access import visible_absences, visible_members
from apps.workspaces.models import Absence, Member

COMMON = {"external_id": by_text("external_id"), "updated_since": by_time("updated_at__gte")}
TIMES = {"created_at": "created_at", "updated_at": "updated_at", "starts_on": "starts_on"}
FIXED = ("responsibility", "goal", "from_member", "to_member", "kind", "absence")


def one_thing(fields: WhatGiven | HandoverGiven) -> Goal | Responsibility:
    """The goal or the responsibility, taken out of the fields. Raises ValidationError for none or both."""
    goal, responsibility = fields.pop("goal", None), fields.pop("responsibility", None)
    thing = goal or responsibility
    if thing is None or (goal and responsibility):
        raise exceptions.ValidationError({"responsibility": [_("Name either a responsibility or a goal.")]})
    return thing


def _ids(cover: CoverGiven) -> tuple[UUID | None, UUID | None, UUID]:
    """(goal, responsibility, who covers) of what was sent."""
    goal, responsibility = cover["what"].get("goal"), cover["what"].get("responsibility")
    return goal.pk if goal else None, responsibility.pk if responsibility else None, cover["cover"].pk


@describe("absence", "absences", "Days on which a person is away, and who covers what in them.")
class AbsenceViewSet(ResourceViewSet[Absence, AbsenceGiven]):
    """Absences."""

    scope_family = "responsibilities"
    serializer_class = AbsenceSerializer
    filterset = FilterSet(
        filters={
            **COMMON,
            "member": by_id("member", of=visible_members),
            "starts_before": by_date("starts_on__lt"),
            "ends_after": by_date("ends_on__gt"),
        },
        orderings={**TIMES, "ends_on": "ends_on"},
        default="-starts_on",
    )

    def visible(self, member: Member) -> QuerySet[Absence]:
        """As on the pages."""
        return visible_absences(member)

    def create_row(self, fields: AbsenceGiven) -> Absence:
        """create_absence, then a cover asked for each that is named."""
        person, covers = fields.pop("member", self.member), fields.pop("seen_covers", [])
        absence = workspaces.create_absence(person, fields, by=self.member, at=self.now())
        return self._ask(absence, covers)

    def update_row(self, row: Absence, fields: AbsenceGiven) -> Absence:
        """update_absence, then the covers; it stays with its person."""
        if fields.pop("member", row.member).pk != row.member_id:
            raise exceptions.ValidationError({"member": [_("It stays with its person.")]})
        covers = fields.pop("seen_covers", [])
        absence = workspaces.update_absence(row, fields, by=self.member, at=self.now())
        return self._ask(absence, covers)

    def delete_row(self, row: Absence) -> None:
        """delete_absence."""
        workspaces.delete_absence(row, by=self.member, at=self.now())

    def _differs(self, current: Shown, fields: Mapping[str, object]) -> bool:
        """Also whether somebody is named who was not the last to be asked: a sync asks nobody again who declined."""
        named = {_ids(each) for each in cast("AbsenceGiven", fields).get("seen_covers", [])}
        rest = {name: value for name, value in fields.items() if name != "seen_covers"}
        return super()._differs(current, rest) or bool(
            named and named - last_asked(cast("UUID", current["id"]), self.member)
        )

    def _ask(self, absence: Absence, covers: Sequence[CoverGiven]) -> Absence:
        for each in covers:
            thing = one_thing(each["what"].copy())
            cover.ask_for_cover(absence, thing, each["cover"], by=self.member, at=self.now())
        return absence


@describe(
    "handover",
    "handovers",
    "What one person passes to another on a responsibility or a goal. It moves on its day, once it is accepted; a "
    "cover moves nothing and ends by itself.",
)
class HandoverViewSet(ResourceViewSet[Handover, HandoverGiven]):
    """Handovers and covers."""

    scope_family = "responsibilities"
    serializer_class = HandoverSerializer
    filterset = FilterSet(
        filters={
            **COMMON,
            "responsibility": by_id("responsibility"),
            "goal": by_id("goal"),
            "absence": by_id("absence"),
            "from_member": by_id("from_member", of=visible_members),
            "to_member": by_id("to_member", of=visible_members),
            "kind": by_choice("kind", list(HandoverKind.values)),
            "status": by_choice("status", list(HandoverStatus.values)),
            "starts_before": by_date("starts_on__lt"),
            "starts_after": by_date("starts_on__gt"),
        },
        orderings=TIMES,
    )

    def visible(self, member: Member) -> QuerySet[Handover]:
        """As on the pages."""
        return access.visible_handovers(member)

    def create_row(self, fields: HandoverGiven) -> Handover:
        """propose_handover, or propose_cover as the kind says."""
        thing = one_thing(fields)
        giver, receiver = fields.pop("from_member", self.member), fields.pop("to_member")
        kind, absence = fields.pop("kind", HandoverKind.HANDOVER), fields.pop("absence", None)
        said = self._renamed(fields)
        by, at = self.member, self.now()
        if kind == HandoverKind.COVER:
            return cover.propose_cover(thing, said, absent=giver, taker=receiver, absence=absence, by=by, at=at)
        if absence is not None:
            raise exceptions.ValidationError({"absence": [_("Only a cover belongs to time off.")]})
        return services.propose_handover(thing, said, giver=giver, receiver=receiver, by=by, at=at)

    def update_row(self, row: Handover, fields: HandoverGiven) -> Handover:
        """update_handover; what it is about and between whom stays."""
        refuse_changes(row, fields, *FIXED)
        said = self._renamed(fields)
        return services.update_handover(row, said, by=self.member, at=self.now())

    def _renamed(self, fields: HandoverGiven) -> services.HandoverFields:
        said = {name.removeprefix("seen_"): value for name, value in fields.items() if name not in FIXED}
        return cast("services.HandoverFields", said)

    @row_action("Accept a handover or cover", HandoverSerializer)
    def accept(self, row: Handover, fields: dict[str, object]) -> None:
        """Only the receiver can. On its day everything moves in one step."""
        services.accept_handover(row, by=self.member, at=self.now())

    @row_action("Decline a handover or cover", HandoverSerializer, DeclineHandoverSerializer)
    def decline(self, row: Handover, fields: DeclineHandoverGiven) -> None:
        """Only the receiver can, with a reason."""
        services.decline_handover(row, reason=fields["reason"], by=self.member, at=self.now())

    @row_action("Withdraw a handover or cover", HandoverSerializer)
    def withdraw(self, row: Handover, fields: dict[str, object]) -> None:
        """By whoever proposed it, the giver, a lead or an admin; a cover that runs ends."""
        services.withdraw_handover(row, by=self.member, at=self.now())
