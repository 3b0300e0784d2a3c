"""The weekly digest: what the last week brought to one's teams, and what drifts in those one leads."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import partial
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.goals.models import Confidence, Status
from apps.goals.queries import Drift
from apps.notifications.services.digest_parts import DigestPart, DigestRequest, Told
from apps.notifications.services.messages import Item, Section
from apps.routines import queries
from apps.routines.services.sections import (
    SHOWN,
    TEXT_MAX,
    TITLE_MAX,
    cut,
    day_note,
    goal_url,
    members_of,
    quoted,
    section,
)
from apps.workspaces.models import Member

TEAMS_SHOWN = 4


def read_teams(asked: Sequence[DigestRequest], today: date, at: datetime) -> Told:
    """For each team one is in: goals that ended, worry people since, or are due this week, and how many checked in."""
    members = members_of(asked)
    teams = queries.teams_of(members)
    news = queries.team_news({team.pk for team in teams}, today=today, until=at)
    found: dict[UUID, list[tuple[str, queries.TeamNews]]] = defaultdict(list)
    for team in teams:
        if team.pk in news and len(found[team.member_id]) < TEAMS_SHOWN:
            found[team.member_id].append((team.name, news[team.pk]))
    return {pk: partial(_of_teams, members[pk], those, today) for pk, those in found.items() if those}


def _of_teams(member: Member, teams: Iterable[tuple[str, queries.TeamNews]], today: date) -> list[Section]:
    return [_of_team(member, name, news, today) for name, news in teams]


def _of_team(member: Member, name: str, news: queries.TeamNews, today: date) -> Section:
    items = [_of_week(member, goal, today) for goal in news.goals]
    counted = ngettext("%(count)s check-in on %(goals)s", "%(count)s check-ins on %(goals)s", news.check_ins) % {
        "count": news.check_ins,
        "goals": ngettext("%(count)s goal.", "%(count)s goals.", news.goals_checked) % {"count": news.goals_checked},
    }
    title = _("%(team)s in the last seven days") % {"team": cut(name, TITLE_MAX)}
    return section(title, items, after=counted if news.check_ins else _("Nobody checked in."))


def _of_week(member: Member, goal: queries.WeekGoal, today: date) -> Item:
    name, url = quoted(goal.title), goal_url(member, goal.pk)
    if goal.status != Status.ACTIVE:
        return Item(title=name, url=url, text=cut(goal.lesson, TEXT_MAX), note=str(Status(goal.status).label))
    if goal.due_on and goal.due_on >= today:
        return Item(title=name, url=url, note=_("due %(when)s") % {"when": day_note(goal.due_on, today)})
    return Item(title=name, url=url, note=str(Confidence(goal.confidence).label) if goal.confidence else "")


def read_led(asked: Sequence[DigestRequest], today: date, _at: datetime) -> Told:
    """For who leads teams: the goals of these and all teams beneath that drift, the most pressing first."""
    members = members_of(asked)
    teams = queries.led_teams_of(members)
    drifting = queries.drifting_goals({team.pk for team in teams}, today=today)
    found: dict[UUID, list[queries.DriftingGoal]] = defaultdict(list)
    for team in teams:
        found[team.member_id].extend(drifting.get(team.pk, ()))
    return {pk: partial(_of_lead, members[pk], goals) for pk, goals in found.items() if goals}


def _of_lead(member: Member, goals: Sequence[queries.DriftingGoal]) -> list[Section]:
    ways = list(Drift)
    first = sorted(goals, key=lambda goal: ways.index(goal.drifts[0]))[:SHOWN]
    items = [
        Item(
            title=quoted(goal.title),
            url=goal_url(member, goal.pk),
            text=cut(goal.owner, TITLE_MAX),
            note=str(goal.drifts[0].label),
        )
        for goal in first
    ]
    title = ngettext(
        "In the teams you lead, %(count)s goal needs a look",
        "In the teams you lead, %(count)s goals need a look",
        len(goals),
    )
    return [section(title % {"count": len(goals)}, items, count=len(goals))]


WEEKLY = (
    DigestPart("led", place=110, weekly=True, read=read_led),
    DigestPart("teams", place=120, weekly=True, read=read_teams),
)
