"""The cells of the matrix, by Jinja2: Django's templates are slow in large tables."""

from collections.abc import Sequence
from uuid import UUID

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from apps.core.templatetags.core.lines import drawn
from apps.responsibilities.models import LETTERS, AssignmentRole
from apps.responsibilities.queries import Column, Letter, MatrixRow

register = template.Library()


def spoken(letter: Letter) -> str:
    """“Accountable”, and whether it still waits for an answer."""
    words = str(letter.role.label)
    return _("%(role)s, not accepted yet") % {"role": words} if letter.is_open else words


def _said(letters: Sequence[Letter]) -> str:
    return ", ".join(spoken(letter) for letter in letters) or _("nothing")


def _cells(cells: Sequence[tuple[str, Sequence[Letter], str]], *, in_row: bool) -> SafeString:
    """Cells of (name, letters, address of their form)."""
    words = {"spoken": spoken, "said": _said, "waits": _("not accepted yet")}
    return drawn("responsibilities/matrix_cells.html", cells=cells, in_row=in_row, letters=LETTERS, **words)


@register.simple_tag
def matrix_cells(line: MatrixRow, columns: Sequence[Column], path: str) -> SafeString:
    """The cells of a row after its title. `path` is where the pages of its kind lie: `…/responsibilities/`.

    Most cells are empty, and a link in each would be two thirds of the page's weight: matrix.js makes them, from the
    row's `data-cells` and the column's `data-party`. Without scripts the row's link asks somebody new.
    """
    base = f"{path}{line.id}/cell/?party="
    cells = [
        (party.name, held, f"{base}{party.id}" if held and line.may_change else "")
        for party, held in ((column.party, line.letters.get(column.party.id, ())) for column in columns)
    ]
    return _cells(cells, in_row=True)


@register.simple_tag
def one_cell(line: MatrixRow, party_id: UUID, name: str, path: str) -> SafeString:
    """One of them, without its td, as it is now."""
    url = f"{path}{line.id}/cell/?party={party_id}" if line.may_change else ""
    return _cells([(name, line.letters.get(party_id, ()), url)], in_row=False)


@register.simple_tag
def finding_marks(line: MatrixRow) -> str:
    """The findings of a row, each as a line with its shape."""
    return drawn("responsibilities/finding_marks.html", findings=line.findings) if line.findings else ""


@register.simple_tag
def roles_of(line: MatrixRow, path: str) -> SafeString:
    """The four cells of a row whose columns are roles: who is that; with a link to ask somebody for who may."""
    cells = [(role, line.parties.get(role, ())) for role in AssignmentRole]
    base = f"{path}{line.id}/offer/?role=" if line.may_change else ""
    words = {"assign": _("Assign"), "waits": _("not accepted yet")}
    return drawn("responsibilities/roles_of.html", cells=cells, base=base, title=line.title, **words)
