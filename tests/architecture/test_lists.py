"""The lists by which lower apps ask higher ones: all of one of two types, and the table of them is true."""

import ast
import re

from django.core.management import call_command

from apps.core.management.commands.document_lists import END, PAGE, table
from tests.servers import ROOT


def test_the_table_of_lists_is_as_the_source_has_it() -> None:
    call_command("document_lists", check=True)


def test_the_table_names_who_declares_and_who_adds() -> None:
    row = next(line for line in table().splitlines() if line.startswith("| `HOLDINGS` "))
    assert "`Registry[HoldingKind]` | `apps/workspaces/services/holdings.py`" in row
    assert row.endswith("| workspaces, goals, handovers |")
    assert END in PAGE.read_text(encoding="utf-8")


def test_lists_are_called_as_they_are_declared() -> None:
    rows = re.findall(r"^\| `(\w+)` \| `\w+\[.*?\]` \| `(\S+)` ", table(), re.MULTILINE)
    assert len(rows) >= 24
    for name, path in rows:
        assert re.search(rf"^{name}: (Hook|Registry)\[", (ROOT / path).read_text(), re.MULTILINE), (name, path)


ADDS = re.compile(r"[A-Z_]+\.add\(|checks\.register\(")


def test_apps_add_to_nothing_but_hooks_registries_and_checks() -> None:
    """What apps.py does in ready() is to add: no assignment into somebody else's dictionary, no list extended."""
    for path in sorted((ROOT / "apps").glob("*/apps.py")):
        ready = next(
            (node for node in ast.walk(ast.parse(path.read_text())) if getattr(node, "name", "") == "ready"), None
        )
        for node in ready.body[1:] if isinstance(ready, ast.FunctionDef) else []:
            assert isinstance(node, ast.ImportFrom) or ADDS.match(ast.unparse(node)), (path, node.lineno)
