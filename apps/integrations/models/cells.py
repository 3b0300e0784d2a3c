"""Cells of tables that spreadsheets open: no text that people wrote may run as a formula there."""

import re

# OWASP, "CSV Injection": cells that begin with = + - @, a tab or a carriage return run as formulas in spreadsheets.
# Some skip blanks before the sign or read the full-width forms as well, and in a few a line break begins a cell anew.
_FORMULA = re.compile(r"[\s']*[=+\-@＝＋－＠]|'*[\t\r\n]")  # noqa: RUF001 - the full-width signs are meant


def safe_cell(text: str) -> str:
    """The text with an apostrophe ahead of it where a spreadsheet would take it for a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def plain_cell(text: str) -> str:
    """What safe_cell was given: plain_cell(safe_cell(text)) == text for every text."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text, 1) else text
