"""Who sees which responsibilities, and what hangs on them or on goals; who may change them."""

from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from apps.core.refusals import refuses
from apps.core.registries import Hook
from apps.core.sql import Rule, of_table
from apps.goals import access as goals
from apps.goals.models import Goal
from apps.responsibilities.models import Responsibility
from apps.workspaces.access import COLLEAGUE, LEADS, can_change_workspace, leads
from apps.workspaces.models import Member, Team

PART_TAKEN: Hook[[], str] = Hook(
    "PART_TAKEN",
    "called when the rule of who sees a responsibility is put together; a SQL condition over `{responsibility}` and "
    "`{member}` under which they take part in one that they do not hold: a guest sees it then",
)

ME = "me.id = {member} AND me.deactivated_at IS NULL AND me.workspace_id = "

AT_WORK = f"{COLLEAGUE[:-1]} AND me.deactivated_at IS NULL)"
"""COLLEAGUE, while they still work here."""

HOLDS = """EXISTS (
    SELECT FROM responsibilities_assignment held
    WHERE held.responsibility_id = {responsibility.id} AND held.status IN ('offered', 'accepted') AND (
        held.member_id = {member}
        OR held.team_id IN (SELECT team_id FROM workspaces_teammembership WHERE member_id = {member})
    )
)"""
"""Whether the member, or a team of theirs, has any of the letters there."""

ANSWERS_FOR = f"""EXISTS (
    SELECT FROM responsibilities_assignment answers
    WHERE answers.{{column}} = {{thing}} AND answers.role = 'accountable' AND answers.status = 'accepted'
    AND (answers.member_id = {{member}} OR {LEADS.replace("{team}", "answers.team_id")})
)"""
"""Whether the member accepted to be accountable for something, or leads a team that did."""

ACCOUNTABLE_FOR_GOAL = ANSWERS_FOR.replace("{column}", "goal_id").replace("{thing}", "{goal.id}")
ACCOUNTABLE = ANSWERS_FOR.replace("{column}", "responsibility_id").replace("{thing}", "{responsibility.id}")

CHANGES = f"""EXISTS (
    SELECT FROM workspaces_member me WHERE {ME} {{responsibility.workspace_id}} AND me.role <> 'guest' AND (
        me.role IN ('owner', 'admin') OR {LEADS.replace("{team}", "{responsibility.team_id}")} OR {ACCOUNTABLE}
    )
)"""
"""Whether a member may change a responsibility: whoever is accountable, the leads of its team and of those above, and
admins.
"""

ASSIGNS_ON_GOAL = f"""({goals.CHANGES} OR {goals.SEES} AND {ACCOUNTABLE_FOR_GOAL} AND EXISTS (
    SELECT FROM workspaces_member me WHERE me.id = {{member}} AND me.role <> 'guest'
))"""
"""Whether a member may offer assignments on a goal: whoever may change it, and its accountable people but guests."""

ROW = F("workspace_id")


def sees() -> str:
    """The rule of who sees a responsibility, over `{responsibility}` and `{member}`: every member; a guest who holds
    it, or takes part in it.
    """
    return f"""({{responsibility.workspace_id}} IN {AT_WORK} OR EXISTS (
        SELECT FROM workspaces_member me WHERE {ME} {{responsibility.workspace_id}}
    ) AND ({_takes_part()}))"""


def _takes_part() -> str:
    return " OR ".join([HOLDS, *PART_TAKEN()])


def visible_responsibilities(member: Member) -> QuerySet[Responsibility]:
    """The responsibilities that exist for a member: see `sees`."""
    rule = Rule(sees(), {"responsibility": ROW, "member": member.pk})
    rows: QuerySet[Responsibility] = Responsibility.objects.filter(rule, workspace_id=member.workspace_id)
    return rows


def sees_responsibility(*, member: str, responsibility: str) -> Exists:
    """visible_responsibilities for many people at once: whether the member in one column of a row sees the
    responsibility in another.

    For rows with a `workspace_id` of their own, as goals.access.sees_goal for goals.
    """
    rule = Rule(sees(), {"responsibility": ROW, "member": OuterRef(member)})
    rows = Responsibility.objects.filter(rule, pk=OuterRef(responsibility), workspace_id=OuterRef("workspace_id"))
    return Exists(rows)


def sees_thing() -> str:
    """Whether the goal or responsibility on which a row hangs exists for a member, over `{row}` and `{member}`.

    The goal's rule is the goal's own; of responsibilities only guests are asked for more than that they are here.
    """
    parts = _takes_part().replace("{responsibility.id}", "{row.responsibility_id}")
    return f"""({{row.goal_id}} IS NOT NULL AND EXISTS (
        SELECT FROM goals_goal aim WHERE aim.id = {{row.goal_id}} AND {of_table(goals.SEES, goal="aim")}
    ) OR {{row.responsibility_id}} IS NOT NULL AND ({{row.workspace_id}} IN {AT_WORK} OR EXISTS (
        SELECT FROM workspaces_member me WHERE {ME} {{row.workspace_id}}
    ) AND ({parts})))"""  # noqa: S608 - constants


def on_visible_thing(member: Member) -> Rule:
    """Rows that hang on a responsibility or a goal which the member sees: see `sees_thing`."""
    return Rule(sees_thing(), {"row": ROW, "member": member.pk})


def can_see(member: Member, thing: Responsibility | Goal) -> bool:
    """Whether the responsibility or goal exists for the member."""
    if isinstance(thing, Goal):
        return goals.can_see(member, thing)
    return visible_responsibilities(member).filter(pk=thing.pk).exists()


@refuses(_("Guests cannot write responsibilities."))
def can_create_responsibility(member: Member, team: Team | None = None) -> bool:
    """Every active member but guests, for any team: who holds it is offered, not decreed."""
    return member.is_active and not member.is_guest and (team is None or team.workspace_id == member.workspace_id)


def is_accountable(member: Member, thing: Responsibility | Goal) -> bool:
    """Whether the member accepted to be accountable for it, or leads a team that did."""
    text = ACCOUNTABLE_FOR_GOAL if isinstance(thing, Goal) else ACCOUNTABLE
    given = {"goal.id": thing.pk, "responsibility.id": thing.pk, "member": F("id")}
    return member.is_active and Member.objects.filter(Rule(text, given), pk=member.pk).exists()


@refuses(_("Only the person accountable, a lead of the team or an admin can change this responsibility."))
def can_change_responsibility(member: Member, responsibility: Responsibility) -> bool:
    """The rule CHANGES in plain Python, for admins and members in memory without a query."""
    if not member.is_active or responsibility.workspace_id != member.workspace_id or member.is_guest:
        return False
    if can_change_workspace(member) or (responsibility.team is not None and leads(member, responsibility.team)):
        return True
    return is_accountable(member, responsibility)


def changeable(member: Member) -> Rule:
    """Whether the member may change a responsibility, as a condition on these: see CHANGES."""
    return Rule(CHANGES, {"responsibility": ROW, "member": member.pk})


def assignable(member: Member) -> Rule:
    """Whether the member may offer assignments on a goal, as a condition on goals: see ASSIGNS_ON_GOAL."""
    return Rule(ASSIGNS_ON_GOAL, {"goal": ROW, "member": member.pk})
