"""Markup is written in templates. Python says what is shown, not how."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
ELEMENTS = (
    "a|abbr|b|base|bdi|body|br|button|caption|code|dd|details|div|dl|dt|em|form|g|h[1-6]|head|html|i|img|input|label|li"
    "|line|link|nav|ol|option|p|path|rect|script|section|select|small|span|strong|style|summary|svg|table|tbody|td|text"
    "|th|thead|time|title|tr|ul"
)
TAG = re.compile(rf"</?({ELEMENTS})(\s|/?>)|<!doctype", re.IGNORECASE)
UNESCAPED = {"SafeString", "format_html", "format_html_join", "mark_safe"}
ALLOWED = {
    "apps/core/templatetags/core/": "the smallest parts, which stand many times in every line: icon, person, bar, date",
    "apps/core/markdown.py": "cleans the markup that people wrote",
    "apps/core/api_schema/examples.py": "examples of notes in the API's document",
    "apps/integrations/services/imports/neutral.py": "adds a line to a note that is markup already",
    "apps/notifications/views/mailbox.py": "opens a mail's links outside its frame",
    "apps/routines/views.py": "opens a mail's links outside its frame",
}


def markup(source: str) -> Iterator[int]:
    """The lines at which Python writes markup, or says that a text needs no escaping."""
    tree = ast.parse(source)
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            if TAG.search(node.value):
                yield node.lineno
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in UNESCAPED:
            yield node.lineno


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("a = f'<td>{x}</td>'", [1, 1]),
        ("a = '<a class=\"x\" href='", [1]),
        ("def f():\n    '''Draws <td>.'''\n    return mark_safe(x)", [3]),
        ("a = 'PUT /<resource>/<id>/'", []),
        ("a = x < y > z\nb = 'Alice <alice@example.org>'", []),
    ],
)
def test_markup_is_found(source: str, lines: list[int]) -> None:
    assert list(markup(source)) == lines


def test_python_writes_no_markup() -> None:
    found = {
        str(path.relative_to(ROOT)): lines
        for path in sorted((ROOT / "apps").rglob("*.py"))
        if "migrations" not in path.parts and (lines := list(markup(path.read_text())))
    }
    strange = {path: lines for path, lines in found.items() if not any(path.startswith(each) for each in ALLOWED)}
    assert strange == {}
    unused = [each for each in ALLOWED if not any(path.startswith(each) for path in found)]
    assert unused == [], "a name that no markup needs would let some in unseen"
