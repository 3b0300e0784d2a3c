"""The lines of the long lists of goals, by Jinja2: Django's templates take three times as long for each of them."""

from collections.abc import Iterable, Mapping
from functools import partial

from django.template import Context, Library
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.core.templatetags.core.dates import when
from apps.core.templatetags.core.figures import progress, status
from apps.core.templatetags.core.lines import drawn
from apps.core.templatetags.core.links import icon_markup
from apps.core.templatetags.core.people import person
from apps.core.templatetags.core.words import number
from apps.goals.queries import GoalGroup, GoalTableRow

register = Library()


def _rendered(name: str, context: Context, values: Mapping[str, object]) -> SafeString:
    """The template, with what draws the parts of every line."""
    parts = {"icon": icon_markup, "person": person, "progress": progress, "status": status}
    return drawn(name, **parts, when=partial(when, context), **values)


@register.simple_tag(takes_context=True)
def goal_table_lines(context: Context, rows: Iterable[GoalTableRow]) -> SafeString:
    """`{% goal_table_lines page.rows %}`: the body of the table of goals."""
    words = {"unsaid": _("No check-in yet"), "importance": _("Importance")}
    return _rendered("goals/goal_table_lines.html", context, {"rows": rows, "words": words})


@register.simple_tag(takes_context=True)
def goal_tree_lines(context: Context, groups: Iterable[GoalGroup]) -> SafeString:
    """`{% goal_tree_lines page.groups %}`: the body of the tree of goals, with what moves them where that may be."""
    words = {
        "move": _("Move (Alt and the arrow keys)"),
        "up": _("Move up"),
        "down": _("Move down"),
        "progress": _("Progress"),
        "unsaid": _("No check-in yet"),
        "heard": _("last check-in %(ago)s"),
        "begun": _("started %(ago)s"),
    }
    values = {
        "groups": groups,
        "words": words,
        "by_rank": context["group_ranks"],
        "list_path": context["list_path"],
        "more_words": _more_words,
    }
    return _rendered("goals/goal_tree_lines.html", context, values)


def _more_words(row: GoalTableRow) -> str:
    shown = {"shown": number(row.more)}
    return ngettext("one more sub-goal", "%(shown)s more sub-goals", row.more) % shown
