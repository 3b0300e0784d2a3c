"""Finding responsibilities by what somebody types."""

from django.db.models import Case, IntegerField, Value, When
from django.utils.translation import gettext_lazy as _

from apps.goals.queries import Found, Searched
from apps.goals.queries.filters import matches
from apps.responsibilities import access
from apps.workspaces.models import Member


def find_responsibilities(member: Member, text: str, most: int) -> list[Found]:
    """The open responsibilities the member sees that match, titles that begin with the text first."""
    first = Case(When(title__istartswith=text, then=Value(0)), default=Value(1), output_field=IntegerField())
    rows = access.visible_responsibilities(member).filter(matches(text), archived_at=None)
    found = rows.annotate(first=first).order_by("first", "title", "pk").values_list("pk", "title", "team__name")
    return [Found(pk, title, team or "") for pk, title, team in found[:most]]


RESPONSIBILITIES = Searched(
    label=_("Responsibilities"),
    icon="table-properties",
    page="responsibilities:responsibility_detail",
    find=find_responsibilities,
)
