"""The cells of the matrix: built without a template, which is slow in large tables."""

from collections.abc import Sequence
from uuid import UUID

from django import template
from django.utils.html import conditional_escape, escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from apps.responsibilities.models import LETTERS, AssignmentRole
from apps.responsibilities.queries import Column, Letter, MatrixRow, Party

register = template.Library()


def spoken(letter: Letter) -> str:
    """“Accountable”, and whether it still waits for an answer."""
    words = str(letter.role.label)
    return _("%(role)s, not accepted yet") % {"role": words} if letter.is_open else words


@register.simple_tag
def letter_mark(letter: Letter) -> SafeString:
    """One letter: R, A, C or I, dashed while it is only offered."""
    mark, words = LETTERS[letter.role], spoken(letter)
    css = f"letter {mark} open" if letter.is_open else f"letter {mark}"
    return mark_safe(f'<span class="{css}" title="{escape(words)}">{mark}</span>{waits(letter)}')  # noqa: S308 - escaped


def waits(letter: Letter) -> str:
    """That a letter is only offered, for those who do not see how it looks."""
    return f'<span class="hidden"> ({escape(_("not accepted yet"))})</span>' if letter.is_open else ""


def cell(letters: Sequence[Letter], name: str, url: str) -> str:
    """What stands in a cell; a link to its small form where the reader may change it (`url`).

    Beside letters stands whose they are, for narrow windows, where rows are cards and columns have no heading.
    """
    marks = "".join(letter_mark(letter) for letter in letters)
    who = f'<bdi class="in-cards">{escape(name)}</bdi>' if letters else ""
    if not url:
        return marks + who
    words = ", ".join(spoken(letter) for letter in letters) or _("nothing")
    label = escape(f"{name}: {words}")
    return f'<a href="{escape(url)}" aria-label="{label}">{marks or "<i></i>"}</a>{who}'


@register.simple_tag
def matrix_cells(line: MatrixRow, columns: Sequence[Column], path: str) -> SafeString:
    """The cells of a row after its title. `path` is where the pages of its kind lie: `…/responsibilities/`.

    Most cells are empty, and a link in each would be two thirds of the page's weight: matrix.js makes them, from the
    row's `data-cells` and the column's `data-party`. Without scripts the row's link asks somebody new.
    """
    base = f"{path}{line.id}/cell/?party="
    found = [
        f"<td>{cell(held, party.name, f'{base}{party.id}' if line.may_change else '') if held else ''}</td>"
        for party, held in ((column.party, line.letters.get(column.party.id, ())) for column in columns)
    ]
    return mark_safe("".join(found))  # noqa: S308 - every part is escaped in cell


@register.simple_tag
def one_cell(line: MatrixRow, party_id: UUID, name: str, path: str) -> SafeString:
    """One of them, without its td, as it is now."""
    url = f"{path}{line.id}/cell/?party={party_id}" if line.may_change else ""
    return mark_safe(cell(line.letters.get(party_id, ()), name, url))  # noqa: S308 - escaped in cell


@register.simple_tag
def finding_marks(line: MatrixRow) -> SafeString:
    """The findings of a row, each as a line with its shape."""
    marks = "".join(f'<span class="status off">{conditional_escape(each.label)}</span>' for each in line.findings)
    return mark_safe(marks)  # noqa: S308 - escaped above


@register.simple_tag
def roles_of(line: MatrixRow, path: str) -> SafeString:
    """The four cells of a row whose columns are roles: who is that; with a link to ask somebody for who may."""
    cells = []
    for role in AssignmentRole:
        people = [_holder(party, letter) for party, letter in line.parties.get(role, ())]
        words = escape(_("Assign"))
        ask = (
            f'<a class="ask-one" href="{escape(path)}{line.id}/offer/?role={role.value}" title="{words}"'
            f' aria-label="{words}: {escape(line.title)}, {escape(role.label)}">+</a>'
            if line.may_change
            else ""
        )
        cells.append(f'<td data-label="{escape(role.label)}"><span class="cell">{" ".join(people)}{ask}</span></td>')
    return mark_safe("".join(cells))  # noqa: S308 - escaped above


def _holder(party: Party, letter: Letter) -> str:
    css = "holder open" if letter.is_open else "holder"
    return f'<span class="{css}"><bdi>{escape(party.name)}</bdi>{waits(letter)}</span>'
