"""What a person holds, and how each of it is handed over: a registry that higher apps add their kinds to.

When somebody is deactivated, everything in these lists is shown first and needs a choice each. A kind lists only what
the viewer may see: what they may not see is neither shown nor counted, and stays as it is.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_stubs_ext import StrOrPromise

from apps.core.registries import Registry
from apps.core.urls import reverse_in
from apps.workspaces import access
from apps.workspaces.models import Member, Team
from apps.workspaces.services.members import set_manager
from apps.workspaces.services.memberships import add_to_team, set_lead


@dataclass(frozen=True)
class Holding:
    """One thing somebody holds: `key` is unique within its kind, `lost` says what is lost if nobody takes it over."""

    key: str
    title: str
    url: str
    lost: str


class HandOver(Protocol):
    """Gives these holdings of a person to another; to nobody where `to` is None.

    Raises ValidationError, PermissionDenied.
    """

    def __call__(self, keys: Sequence[str], *, of: Member, to: Member | None, by: Member, at: datetime) -> None:
        """Do it, in the caller's transaction."""


@dataclass(frozen=True)
class HoldingKind:
    """One kind of holding: `list(member, viewer)` gives those of the member that the viewer may see and hand over."""

    name: str
    label: StrOrPromise
    list: Callable[[Member, Member], list[Holding]]
    hand_over: HandOver


HOLDINGS: Registry[HoldingKind] = Registry(
    "HOLDINGS",
    "kinds of things a person holds (`list(member, viewer)` and `hand_over(keys, of=, to=, by=, at=)`), asked for one "
    "by one before somebody is deactivated",
)


def holdings_of(member: Member, *, viewer: Member) -> list[tuple[HoldingKind, list[Holding]]]:
    """Everything the member holds that the viewer may see, by kind; kinds of which there is nothing are left out."""
    found = [(kind, kind.list(member, viewer)) for kind in HOLDINGS]
    return [(kind, holdings) for kind, holdings in found if holdings]


def field_name(kind: HoldingKind, holding: Holding) -> str:
    """The name under which a choice for one holding travels: in forms, in `choices`, and in errors."""
    return f"{kind.name}-{holding.key}"


def _teams_led(member: Member, viewer: Member) -> list[Holding]:
    teams = access.visible_teams(viewer).filter(
        memberships__member_id=member.pk, memberships__is_lead=True, archived_at=None
    )
    return [
        Holding(
            key=str(team.pk),
            title=team.name,
            url=reverse_in(viewer.workspace, "workspaces:team_detail", team.pk),
            lost=_("The team may have no lead."),
        )
        for team in teams.order_by("name", "pk")
    ]


def _hand_over_teams(keys: Sequence[str], *, of: Member, to: Member | None, by: Member, at: datetime) -> None:
    for team in Team.objects.filter(workspace_id=by.workspace_id, pk__in=map(UUID, keys)).order_by("pk"):
        if to is not None:
            add_to_team(team, to, is_lead=True, by=by, at=at)
        set_lead(team, of, is_lead=False, by=by, at=at)


def _reports(member: Member, viewer: Member) -> list[Holding]:
    people = access.visible_members(viewer).filter(manager_id=member.pk, deactivated_at=None)
    return [
        Holding(
            key=str(person.pk),
            title=person.name,
            url=reverse_in(viewer.workspace, "workspaces:member_detail", person.pk),
            lost=_("This person will report to nobody."),
        )
        for person in people.order_by("name", "pk")
    ]


def _hand_over_reports(keys: Sequence[str], *, of: Member, to: Member | None, by: Member, at: datetime) -> None:
    people = Member.objects.filter(workspace_id=by.workspace_id, manager_id=of.pk, pk__in=map(UUID, keys))
    for person in people.order_by("pk"):
        set_manager(person, manager=to, by=by, at=at)


HOLDINGS.add(
    HoldingKind("team", gettext_lazy("Teams they lead"), _teams_led, _hand_over_teams),
    HoldingKind("report", gettext_lazy("People who report to them"), _reports, _hand_over_reports),
)
