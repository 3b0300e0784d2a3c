"""Where the one button of a digest leads: to the one thing that is due, else where the day or the week is looked at."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _

from apps.core.urls import reverse_in
from apps.notifications.services.digest_parts import DigestRequest
from apps.notifications.services.messages import Section
from apps.routines import queries
from apps.workspaces.models import Member


@dataclass(frozen=True)
class DigestButton:
    """The words of the button, and the whole address it leads to."""

    label: str
    url: str


@dataclass(frozen=True)
class WeekView:
    """How somebody looks at a week: as a lead, else at the goals of the team they are in (None where of several)."""

    leads: bool = False
    is_in_team: bool = False
    team_id: UUID | None = None


def weeks_of(asked: Collection[DigestRequest]) -> dict[UUID, WeekView]:
    """How those of these people who are told of their week look at it, in two queries."""
    people = [each.member.pk for each in asked if each.weekly]
    leading = queries.leads_among(people) if people else set()
    teams: dict[UUID, list[UUID]] = {pk: [] for pk in people}
    for team in queries.teams_of(people) if people else ():
        teams[team.member_id].append(team.pk)
    return {
        pk: WeekView(leads=pk in leading, is_in_team=bool(ids), team_id=ids[0] if len(ids) == 1 else None)
        for pk, ids in teams.items()
    }


def place_of(asked: DigestRequest, sections: Sequence[Section], weeks: Mapping[UUID, WeekView]) -> DigestButton:
    """Where this digest's button leads, in the active language. A mail that tells of the week leads to the week."""
    member = asked.member
    if asked.weekly:
        return _of_week(member, weeks.get(member.pk, WeekView()))
    due = [item for section in sections for item in section.items if item.action]
    if len(due) == 1:
        return DigestButton(due[0].action, due[0].url)
    return DigestButton(_("Open your page"), _address(member, "workspaces:member_detail", member.pk))


def _of_week(member: Member, week: WeekView) -> DigestButton:
    if week.leads:
        return DigestButton(_("See what drifts"), _address(member, "goals:attention"))
    goals = _address(member, "goals:goal_list")
    if week.team_id is not None:
        return DigestButton(_("See the goals of your team"), f"{goals}?team={week.team_id}")
    if week.is_in_team:
        return DigestButton(_("See the goals"), goals)
    return DigestButton(_("See your goals"), f"{goals}?mine=on")


def _address(member: Member, name: str, *args: object) -> str:
    return settings.SITE_URL + reverse_in(member.workspace, name, *args)
