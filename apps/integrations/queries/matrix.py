"""The matrix as a table: a line for each responsibility or goal, a column for each role."""

from collections.abc import Iterator

from apps.integrations.models import safe_cell
from apps.responsibilities.models import AssignmentRole
from apps.responsibilities.queries import Finding, MatrixFilters, Moment, matrix
from apps.responsibilities.queries.matrix import Letter, MatrixRow, Party
from apps.workspaces.models import Member

CHUNK = 500
COLUMNS = ("id", "title", "team", *(role.value for role in AssignmentRole), "findings")


def matrix_table(member: Member, chosen: MatrixFilters, moment: Moment) -> Iterator[list[str]]:
    """The header, then the lines in the order of the page; every cell is safe to open in a spreadsheet.

    An offer nobody accepted yet is marked “(offered)”, as the API calls it.
    """
    yield list(COLUMNS)
    cursor = ""
    while True:
        found = matrix(member, chosen, moment, cursor=cursor, size=CHUNK)
        for line in found.lines:
            yield [safe_cell(text) for text in _cells(line)]
        cursor = found.page.next
        if not cursor:
            return


def _cells(line: MatrixRow) -> list[str]:
    roles = [
        "; ".join(_named(party, letter) for party, letter in line.parties.get(role, ())) for role in AssignmentRole
    ]
    return [str(line.id), line.title, line.team, *roles, "; ".join(Finding(each).value for each in line.findings)]


def _named(party: Party, letter: Letter) -> str:
    return f"{party.name} (offered)" if letter.is_open else party.name
