"""Finding responsibilities and tasks by what somebody types."""

from django.db.models import Case, IntegerField, Q, Value, When
from django.utils.translation import gettext_lazy as _

from apps.goals.queries import Found, Searched
from apps.goals.queries.filters import matches
from apps.responsibilities import access
from apps.responsibilities.models import Task
from apps.workspaces.models import Member

CANDIDATES_MAX = 200
OPTIONS_MAX = 20


def _first(condition: Q) -> Case:
    return Case(When(condition, then=Value(0)), default=Value(1), output_field=IntegerField())


def find_responsibilities(member: Member, text: str, most: int) -> list[Found]:
    """The open responsibilities the member sees that match, titles that begin with the text first."""
    rows = access.visible_responsibilities(member).filter(matches(text), archived_at=None)
    rows = rows.annotate(first=_first(Q(title__istartswith=text))).order_by("first", "title", "pk")
    found = rows.values_list("pk", "title", "team__name")
    return [Found(pk, title, team or "") for pk, title, team in found[:most]]


def responsibility_choices(member: Member, text: str) -> list[Found]:
    """At most OPTIONS_MAX open responsibilities to choose from: those that match; for no text the first by title."""
    text = " ".join(text.replace("\x00", " ").split())
    if text:
        return find_responsibilities(member, text, OPTIONS_MAX)
    rows = access.visible_responsibilities(member).filter(archived_at=None).order_by("title", "pk")
    return [
        Found(pk, title, team or "") for pk, title, team in rows.values_list("pk", "title", "team__name")[:OPTIONS_MAX]
    ]


def find_tasks(member: Member, text: str, most: int) -> list[Found]:
    """The tasks the member sees that match: what is to do before what is closed, their own before those of others.

    Only the newest CANDIDATES_MAX matches are put in order, so that a common word costs no more than a rare one.
    """
    newest = access.visible_tasks(member).filter(matches(text)).order_by("-id").values("pk")[:CANDIDATES_MAX]
    rows = Task.objects.filter(pk__in=newest).annotate(
        to_do=_first(Q(closed_at=None)),
        mine=_first(Q(assignee_id=member.pk)),
        fits=_first(Q(title__istartswith=text)),
    )
    columns = ("pk", "title", "assignee__name", "goal__title", "responsibility__title")
    found = rows.order_by("to_do", "mine", "fits", "-id").values_list(*columns)[:most]
    return [
        Found(pk, title, " · ".join(part for part in (assignee, goal or responsibility) if part))
        for pk, title, assignee, goal, responsibility in found
    ]


RESPONSIBILITIES = Searched(
    label=_("Responsibilities"),
    icon="table-properties",
    page="responsibilities:responsibility_detail",
    find=find_responsibilities,
)
TASKS = Searched(label=_("Tasks"), icon="list-checks", page="responsibilities:task_detail", find=find_tasks)
