"""What a person may say about a goal: its shape, and whether what it names exists for that person."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypedDict

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from apps.goals import access
from apps.goals.models import Contributor, Cycle, Goal, GoalSupport, GoalValue, Visibility
from apps.goals.services.locks import MAX_DEPTH, levels_above, levels_below
from apps.workspaces.access import visible_members, visible_teams, visible_values
from apps.workspaces.models import Member, Team, Value

LABELS_MAX = 20
CONTRIBUTORS_MAX = 200
HOURS_A_WEEK = 168


class GoalFields(TypedDict, total=False):
    """What a person may say about a goal. A missing key leaves the field as it is."""

    title: str
    reason: str
    description: str
    cycle: Cycle | None
    team: Team | None
    supporting_teams: Sequence[Team]
    owner: Member | None
    parent: Goal | None
    contributors: Sequence[tuple[Member, Decimal | None]]
    values: Sequence[Value]
    labels: Sequence[str]
    url: str
    importance: int | None
    urgency: int | None
    status: str
    visibility: str
    starts_on: date | None
    due_on: date | None
    external_id: str


RELATED = ("supporting_teams", "contributors", "values")


def assign(goal: Goal, fields: GoalFields, *, by: Member) -> None:
    """Put the plain fields on the goal (unsaved). Raises ValidationError where one names what the person cannot see."""
    _check_references(goal, fields, by=by)
    for name, value in fields.items():
        if name not in RELATED:
            setattr(goal, name, _clean_labels(value) if name == "labels" else value)
    goal.title = " ".join(goal.title.split())


def _clean_labels(labels: Any) -> list[str]:
    """Labels without the space around them, each once, in the order they were given."""
    found = list(dict.fromkeys(" ".join(label.split()) for label in labels if label.strip()))
    if len(found) > LABELS_MAX:
        raise ValidationError({"labels": _("At most %(most)s labels.") % {"most": LABELS_MAX}})
    return found


def _check_references(goal: Goal, fields: GoalFields, *, by: Member) -> None:
    """What a goal names must exist for the person who names it: what they cannot see is "not there"."""
    _check_parent(goal, fields.get("parent"), by=by)
    team = fields.get("team")
    if team is not None and team.pk != goal.team_id and not _can_take(team, by=by):
        raise ValidationError({"team": _("There is no such team.")})
    owner = fields.get("owner")
    if owner is not None and owner.pk != goal.owner_id:
        _check_people([owner], "owner", by=by)
    cycle = fields.get("cycle")
    if cycle is not None and cycle.pk != goal.cycle_id:
        if cycle.workspace_id != by.workspace_id:
            raise ValidationError({"cycle": _("There is no such cycle.")})
        if cycle.is_closed:
            raise ValidationError({"cycle": _("This cycle is closed.")})


def _can_take(team: Team, *, by: Member) -> bool:
    return visible_teams(by).filter(pk=team.pk, archived_at=None).exists()


def _check_people(people: Sequence[Member], field: str, *, by: Member) -> None:
    ids = {person.pk for person in people}
    seen = set(visible_members(by).filter(pk__in=ids, deactivated_at=None).values_list("pk", flat=True))
    if ids - seen:
        raise ValidationError({field: _("Choose people who are active in this workspace.")})


def _check_parent(goal: Goal, parent: Goal | None, *, by: Member) -> None:
    if parent is None or parent.pk == goal.parent_id:
        return
    if not access.can_see(by, parent):
        raise ValidationError({"parent": _("There is no such goal.")})
    above = levels_above(parent.pk)
    if goal.pk in above:
        raise ValidationError({"parent": _("A goal cannot be a sub-goal of itself.")})
    if len(above) + 1 + levels_below(goal.pk) > MAX_DEPTH:
        raise ValidationError(
            {"parent": _("The tree of goals can be at most %(levels)s levels deep.") % {"levels": MAX_DEPTH}}
        )


def set_related(goal: Goal, fields: GoalFields, *, by: Member, at: datetime) -> None:
    """Supporting teams, values and contributors of a saved goal. Raises ValidationError by field."""
    if "supporting_teams" in fields:
        _set_supporting_teams(goal, fields["supporting_teams"], by=by)
    if "values" in fields:
        _set_values(goal, fields["values"], by=by)
    if "contributors" in fields:
        _set_contributors(goal, fields["contributors"], by=by, at=at)


def _set_supporting_teams(goal: Goal, teams: Sequence[Team], *, by: Member) -> None:
    ids = {team.pk for team in teams} - {goal.team_id}
    if len(ids) != visible_teams(by).filter(pk__in=ids).count():
        raise ValidationError({"supporting_teams": _("Choose teams of this workspace.")})
    GoalSupport.objects.filter(goal=goal).exclude(team_id__in=ids).delete()
    rows = [GoalSupport(workspace_id=goal.workspace_id, goal=goal, team_id=pk) for pk in sorted(ids)]
    GoalSupport.objects.bulk_create(rows, ignore_conflicts=True)


def _set_values(goal: Goal, values: Sequence[Value], *, by: Member) -> None:
    ids = {value.pk for value in values}
    if len(ids) != visible_values(by).filter(pk__in=ids).count():
        raise ValidationError({"values": _("Choose values of this workspace, or your own.")})
    others_own = GoalValue.objects.filter(goal=goal, value__member__isnull=False).exclude(value__member=by)
    GoalValue.objects.filter(goal=goal).exclude(value_id__in=ids).exclude(pk__in=others_own.values("pk")).delete()
    rows = [GoalValue(workspace_id=goal.workspace_id, goal=goal, value_id=pk) for pk in sorted(ids)]
    GoalValue.objects.bulk_create(rows, ignore_conflicts=True)


def _set_contributors(goal: Goal, people: Sequence[tuple[Member, Decimal | None]], *, by: Member, at: datetime) -> None:
    ids = {person.pk for person, _hours in people}
    if len(ids) != len(people):
        raise ValidationError({"contributors": _("Name each person once.")})
    if len(ids) > CONTRIBUTORS_MAX:
        raise ValidationError({"contributors": _("At most %(most)s contributors.") % {"most": CONTRIBUTORS_MAX}})
    already = dict(Contributor.objects.filter(goal=goal).values_list("member_id", "hours_per_week"))
    _check_people([person for person, _hours in people if person.pk not in already], "contributors", by=by)
    Contributor.objects.filter(goal=goal).exclude(member_id__in=ids).delete()
    for person, hours in people:
        if hours is not None and not (hours.is_finite() and 0 <= hours <= HOURS_A_WEEK):
            raise ValidationError({"contributors": _("Hours a week must be between 0 and 168.")})
        if person.pk not in already:
            Contributor.objects.create(workspace_id=goal.workspace_id, goal=goal, member=person, hours_per_week=hours)
        elif already[person.pk] != hours:
            Contributor.objects.filter(goal=goal, member=person).update(hours_per_week=hours, updated_at=at)


def shows_something(text: str) -> bool:
    """Whether a reader would see anything: marks of direction and of control alone are nothing."""
    return any(character.isprintable() and not character.isspace() for character in text)


def check_whole(goal: Goal) -> None:
    """The shape of an assigned goal, as errors at their fields; the same that the database's constraints hold.

    The constraints themselves are not asked: Django would send a query for each. Foreign keys were checked already.
    """
    if not shows_something(goal.title):
        raise ValidationError({"title": _("Give it a title.")})
    if goal.visibility == Visibility.TEAM and goal.team_id is None:
        raise ValidationError({"team": _("A goal for a team only must name the team.")})
    if goal.visibility == Visibility.PRIVATE and goal.owner_id is None:
        raise ValidationError({"owner": _("A private goal needs an owner.")})
    if goal.due_on and goal.starts_on and goal.due_on < goal.starts_on:
        raise ValidationError({"due_on": _("The due date is before the start.")})
    references = ("workspace", "cycle", "team", "owner", "created_by", "parent", "closed_by", "carried_from")
    goal.clean_fields(exclude=[*references, "search"])
    if goal.external_id and (
        Goal.objects.filter(workspace_id=goal.workspace_id, external_id=goal.external_id).exclude(pk=goal.pk).exists()
    ):
        raise ValidationError({"external_id": _("Another goal has this external id.")})
