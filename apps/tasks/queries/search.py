"""Finding tasks by what somebody types."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.goals.queries.filters import matches
from apps.responsibilities.queries.search import put_first
from apps.tasks import access
from apps.tasks.models import Task
from apps.workspaces.models import Member
from apps.workspaces.queries.search import Searched, SearchHit

CANDIDATES_MAX = 200


def find_tasks(member: Member, text: str, most: int) -> list[SearchHit]:
    """The tasks the member sees that match: what is to do before what is closed, their own before those of others.

    Only the newest CANDIDATES_MAX matches are put in order, so that a common word costs no more than a rare one.
    """
    newest = access.visible_tasks(member).filter(matches(text)).order_by("-id").values("pk")[:CANDIDATES_MAX]
    rows = Task.objects.filter(pk__in=newest).annotate(
        to_do=put_first(Q(closed_at=None)),
        mine=put_first(Q(assignee_id=member.pk)),
        fits=put_first(Q(title__istartswith=text)),
    )
    columns = ("pk", "title", "assignee__name", "goal__title", "responsibility__title")
    found = rows.order_by("to_do", "mine", "fits", "-id").values_list(*columns)[:most]
    return [
        SearchHit(pk, title, " · ".join(part for part in (assignee, goal or responsibility) if part))
        for pk, title, assignee, goal, responsibility in found
    ]


TASKS = Searched(name="tasks", label=_("Tasks"), icon="list-checks", page="tasks:task_detail", find=find_tasks)
