"""Boxes around markup of the page: card, menu, dialog, table."""

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import slugify
from django.utils.translation import gettext as _

from apps.core.templatetags.core.links import icon_markup
from apps.core.templatetags.core.registry import register


@register.simple_block_tag
def card(content: str, title: object = "", note: object = "", css: str = "", id: str = "") -> SafeString:  # noqa: A002 - it is the attribute
    """`{% card _("Key results") note="62 % done" %} … {% endcard %}`: a section with a heading."""
    key = id or slugify(str(title)) or "card"
    if not title:
        return format_html('<div class="card {}">{}</div>', css, content)
    small = format_html("<small>{}</small>", note) if note else ""
    return format_html(
        '<section class="card {}" aria-labelledby="{}-h">'
        '<div class="card-head"><h2 id="{}-h">{}</h2>{}</div>{}</section>',
        css, key, key, title, small, content,
    )  # fmt: skip


@register.simple_block_tag
def menu(content: str, label: object, id: str, icon: str = "", css: str = "", bare: bool = False) -> SafeString:  # noqa: A002
    """`{% menu _("More") "goal-more" icon="ellipsis" %}<a href="…">…</a>{% endmenu %}`: a button that opens a list.

    The list holds links and buttons. `id` is unique on the page; `bare=True` shows only the icon. It works without
    JavaScript (popover).
    """
    mark = icon_markup(icon) if icon else ""
    text = format_html('<span class="hidden">{}</span>', label) if bare else format_html("<span>{}</span>", label)
    return format_html(
        '<button type="button" class="button {}" popovertarget="{}" aria-haspopup="true">{}{}</button>'
        '<div class="menu" id="{}" popover>{}</div>',
        f"{css} icon-only".strip() if bare else css, id, mark, text, id, content,
    )  # fmt: skip


@register.simple_block_tag
def dialog(content: str, id: str, title: object, css: str = "") -> SafeString:  # noqa: A002
    """`{% dialog "close-goal" _("Close this goal") %} … {% enddialog %}`: a dialog of the page, closed at first.

    It is opened by `<a data-dialog="close-goal" href="the same as a page">`.
    """
    return format_html(
        '<dialog id="{}" class="dialog {}" aria-labelledby="{}-h"><div class="dialog-head"><h2 id="{}-h">{}</h2>'
        '<button type="button" class="button quiet icon-only" data-close aria-label="{}">{}</button></div>{}</dialog>',
        id, css, id, id, title, _("Close"), icon_markup("x"), content,
    )  # fmt: skip


@register.simple_block_tag
def table(content: str, caption: object, css: str = "", wide: bool = False) -> SafeString:
    """`{% table _("Goals of this cycle") css="cards" %}<thead>…</thead><tbody>…</tbody>{% endtable %}`.

    The heading row stays in sight. `css="cards"` makes rows cards on a phone (each cell then has `data-label`);
    `wide=True` scrolls sideways, alone.
    """
    return format_html(
        '<div class="table-box {}" role="region" aria-label="{}" tabindex="0">'
        '<table class="table {}"><caption class="hidden">{}</caption>{}</table></div>',
        "wide" if wide else "", caption, css, caption, content,
    )  # fmt: skip
