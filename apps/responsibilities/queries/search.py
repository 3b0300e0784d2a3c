"""Finding responsibilities by what somebody types."""

from django.db.models import Case, IntegerField, Q, Value, When
from django.utils.translation import gettext_lazy as _

from apps.goals.queries.filters import matches
from apps.responsibilities import access
from apps.workspaces.models import Member
from apps.workspaces.queries.search import Searched, SearchHit

OPTIONS_MAX = 20


def put_first(condition: Q) -> Case:
    """An order: rows that meet the condition before those that do not."""
    return Case(When(condition, then=Value(0)), default=Value(1), output_field=IntegerField())


def find_responsibilities(member: Member, text: str, most: int) -> list[SearchHit]:
    """The open responsibilities the member sees that match, titles that begin with the text first."""
    rows = access.visible_responsibilities(member).filter(matches(text), archived_at=None)
    rows = rows.annotate(first=put_first(Q(title__istartswith=text))).order_by("first", "title", "pk")
    found = rows.values_list("pk", "title", "team__name")
    return [SearchHit(pk, title, team or "") for pk, title, team in found[:most]]


def responsibility_choices(member: Member, text: str) -> list[SearchHit]:
    """At most OPTIONS_MAX open responsibilities to choose from: those that match; for no text the first by title."""
    text = " ".join(text.replace("\x00", " ").split())
    if text:
        return find_responsibilities(member, text, OPTIONS_MAX)
    rows = access.visible_responsibilities(member).filter(archived_at=None).order_by("title", "pk")
    return [
        SearchHit(pk, title, team or "")
        for pk, title, team in rows.values_list("pk", "title", "team__name")[:OPTIONS_MAX]
    ]


RESPONSIBILITIES = Searched(
    name="responsibilities",
    label=_("Responsibilities"),
    icon="table-properties",
    page="responsibilities:responsibility_detail",
    find=find_responsibilities,
)
