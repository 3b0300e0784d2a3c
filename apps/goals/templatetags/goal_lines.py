"""The lines of the long lists of goals, written in Python: a template takes three times as long for each of them.

What is written here is markup like a template's: every value is escaped where it goes in.
"""

from collections.abc import Iterable
from html import escape

from django.template import Context, Library
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.core.templatetags.core.dates import when
from apps.core.templatetags.core.figures import progress, status
from apps.core.templatetags.core.links import icon_markup
from apps.core.templatetags.core.people import person
from apps.core.templatetags.core.words import number
from apps.goals.queries import GoalGroup, GoalTableRow

register = Library()
NONE = "\N{EN DASH}"


def _title(row: GoalTableRow) -> str:
    """The goal's name as a link, and a mark where not everybody sees it."""
    link = f'<a class="title" href="{escape(row.href)}" dir="auto">{escape(row.title)}</a>'
    if not row.visibility_icon:
        return link
    words = escape(row.visibility_words)
    mark = f'{icon_markup(row.visibility_icon, 13)}<span class="hidden">{words}</span>'
    return f'{link} <span class="seen-by" title="{words}">{mark}</span>'


def _status(row: GoalTableRow, unsaid: str) -> str:
    return status(row.state, row.state_words or unsaid)


@register.simple_tag(takes_context=True)
def goal_table_lines(context: Context, rows: Iterable[GoalTableRow]) -> SafeString:
    """`{% goal_table_lines page.rows %}`: the body of the table of goals."""
    unsaid, importance = _("No check-in yet"), escape(_("Importance"))
    lines = [
        f'<tr><td class="goal-cell">{_title(row)}</td>'
        f'<td class="col-progress bare">{progress(row.progress, row.expected, row.title)}</td>'
        f'<td class="bare">{_status(row, unsaid)}</td><td class="bare">{person(row.owner)}</td>'
        f'<td class="bare muted"><bdi>{escape(row.team or NONE)}</bdi></td>'
        f'<td class="num importance" data-label="{importance}">{row.importance or NONE}</td>'
        f'<td class="bare muted">{when(context, row.due_on, "date", none=NONE)}</td></tr>'
        for row in rows
    ]
    return SafeString("".join(lines))


@register.simple_tag(takes_context=True)
def goal_tree_lines(context: Context, groups: Iterable[GoalGroup]) -> SafeString:
    """`{% goal_tree_lines page.groups %}`: the body of the tree of goals, with what moves them where that may be."""
    words = {
        "move": escape(_("Move (Alt and the arrow keys)")),
        "up": escape(_("Move up")),
        "down": escape(_("Move down")),
        "progress": escape(_("Progress")),
        "unsaid": _("No check-in yet"),
    }
    lines: list[str] = []
    for group in groups:
        if group.name:
            name = escape(group.name)
            lines.append(f'<tr class="group"><th scope="rowgroup" colspan="5"><bdi>{name}</bdi></th></tr>')
        lines.extend(_tree_line(context, row, words) for row in group.rows)
    return SafeString("".join(lines))


def _tree_line(context: Context, row: GoalTableRow, words: dict[str, str]) -> str:
    level = f" level-{row.level}" if row.level else ""
    url = f' data-url="{escape(row.href)}move/"' if row.may_change else ""
    moves = bool(row.may_change and context["group_ranks"] and (row.above or row.below))
    return (
        f'\n<tr data-id="{row.id}" data-within="{escape(row.within)}" data-level="{row.level}"{url}>'
        f'<td class="goal-cell{level}">{_handle(row, words) if moves else ""}{_title(row)}'
        f"{_more(context, row) if row.more > 0 else ''}{_moves(row, words) if moves else ''}</td>"
        f'<td class="col-progress bare" data-label="{words["progress"]}">'
        f"{progress(row.progress, row.expected, row.title)}</td>"
        f'<td class="bare">{_status(row, words["unsaid"])}{_silence(context, row)}</td>'
        f'<td class="bare">{person(row.owner)}</td>'
        f'<td class="bare muted">{when(context, row.due_on, "date", none=NONE)}</td></tr>'
    )


def _handle(row: GoalTableRow, words: dict[str, str]) -> str:
    return (
        f'<button type="button" class="handle" data-handle id="h-{row.id}" '
        f'aria-label="{words["move"]}: {escape(row.title)}" title="{words["move"]}">{icon_markup("grip-vertical", 16)}'
        "</button>"
    )


def _more(context: Context, row: GoalTableRow) -> str:
    shown = {"shown": number(row.more)}
    text = ngettext("one more sub-goal", "%(shown)s more sub-goals", row.more) % shown
    return f' <a class="more" href="{escape(context["list_path"])}?parent={row.id}">{escape(text)}</a>'


def _moves(row: GoalTableRow, words: dict[str, str]) -> str:
    """Buttons for those without scripts."""
    buttons = [
        f'<button class="button quiet icon-only small" form="order" formaction="{escape(row.href)}move/" '
        f'name="{name}" value="{neighbour}" aria-label="{words[way]}: {escape(row.title)}">'
        f"{icon_markup(icon, 14)}</button>"
        for name, neighbour, way, icon in (
            ("before", row.above, "up", "arrow-up"),
            ("after", row.below, "down", "arrow-down"),
        )
        if neighbour
    ]
    return f'<span class="no-script moves">{"".join(buttons)}</span>'


def _silence(context: Context, row: GoalTableRow) -> str:
    """Since when nothing was heard, where a check-in is overdue."""
    if not row.silent_since:
        return ""
    ago = when(context, row.silent_since)
    text = escape(_("last check-in %(ago)s") if row.ever_checked_in else _("started %(ago)s"), quote=False) % {
        "ago": ago
    }
    return f'<small class="silent">{text}</small>'
