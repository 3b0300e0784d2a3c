"""Who would read a goal, as a sentence that names them."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.goals import access
from apps.goals.models import Goal, Visibility
from apps.workspaces.access import visible_members
from apps.workspaces.models import Member, Team

NAMED_MOST = 6


@dataclass(frozen=True)
class Readers:
    """The sentence and its icon."""

    text: str
    icon: str


def goal_readers(goal: Goal, member: Member) -> Readers:
    """Who reads a goal there is; for goals that everyone sees nobody is counted."""
    if goal.visibility == Visibility.WORKSPACE:
        return Readers(_everyone(member), "globe")
    return _sentence(list(_first(access.readers_of(goal))), goal.visibility, goal.team, member)


def would_read(*, visibility: str, team: Team | None, named: Collection[UUID], member: Member) -> Readers:
    """Who would read a goal that is being written."""
    if visibility == Visibility.WORKSPACE:
        return Readers(_everyone(member), "globe")
    if visibility == Visibility.TEAM and team is None:
        return Readers(_("Choose a team: then its people and the leads above it can read this."), "users")
    people = access.readers(workspace_id=member.workspace_id, visibility=visibility, team=team, named=named)
    return _sentence(list(_first(people)), visibility, team, member)


def _first(people: QuerySet[Member]) -> QuerySet[Member]:
    return people.order_by("name", "pk").distinct()[: 10 * NAMED_MOST]


def _everyone(member: Member) -> str:
    return _("Every member of %(workspace)s can read this; a guest only where they are named.") % {
        "workspace": member.workspace.name
    }


def _sentence(people: list[Member], visibility: str, team: Team | None, member: Member) -> Readers:
    icon = "lock" if visibility == Visibility.PRIVATE else "users"
    who = _names(people, member)
    if visibility == Visibility.PRIVATE:
        return Readers(_("%(who)s can read this. Nobody else, no admin.") % {"who": who}, icon)
    group = _("the team %(team)s, the leads above it, and who is named here") % {"team": team.name if team else ""}
    return Readers(_("%(who)s can read this: %(group)s. Nobody else, no admin.") % {"who": who, "group": group}, icon)


def _names(people: list[Member], member: Member) -> str:
    """“You, Ana and Ben”, or “You, Ana, Ben, … and 9 others”."""
    ordered = sorted(people, key=lambda each: each.pk != member.pk)
    names = [_("You") if each.pk == member.pk else each.name for each in ordered]
    if not names:
        return _("Nobody yet")
    if len(names) == 1:
        return names[0]
    if len(names) <= NAMED_MOST:
        return _("%(names)s and %(last)s") % {"names": ", ".join(names[:-1]), "last": names[-1]}
    rest = len(names) - NAMED_MOST + 1
    more = ngettext("%(count)d other", "%(count)d others", rest) % {"count": rest}
    if len(people) >= 10 * NAMED_MOST:
        more = _("many others")
    return _("%(names)s and %(last)s") % {"names": ", ".join(names[: NAMED_MOST - 1]), "last": more}


def people_of_goal(goal: Goal, member: Member, text: str, *, most: int) -> list[Member]:
    """Those for whom the goal exists whose name, address or title holds the text, as far as the member sees them."""
    people = visible_members(member).filter(pk__in=access.readers_of(goal).values("pk"))
    words = " ".join(text.replace("\x00", " ").split())[:200]
    if words:
        people = people.filter(Q(name__icontains=words) | Q(title__icontains=words) | Q(email__istartswith=words))
    return list(people.order_by("name", "pk")[:most])
