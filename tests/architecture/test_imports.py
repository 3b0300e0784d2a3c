"""What one app may know of another: its models, access, queries and services. What is in core is for everybody."""

import ast
from pathlib import Path

import pytest

from tests.servers import ROOT

SHARED = {"models", "access", "queries", "services"}


def imported(path: Path) -> set[str]:
    """The modules of our apps that a file imports, by their dotted names."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return {name for name in found if name.startswith("apps.")}


@pytest.mark.parametrize("app", sorted(path.name for path in (ROOT / "apps").iterdir() if (path / "apps.py").exists()))
def test_app_uses_only_what_others_share(app):
    wrong = []
    for path in sorted((ROOT / "apps" / app).rglob("*.py")):
        if "migrations" in path.parts:
            continue
        for name in sorted(imported(path)):
            _apps, other, module, *_rest = [*name.split("."), ""]
            if other not in {app, "core"} and module not in SHARED:
                wrong.append(f"{path.relative_to(ROOT)}: {name}")
    assert wrong == []


def test_lower_apps_are_listed_once():
    """pyproject.toml names every app in its layers: `exhaustive` there can only see those in the container."""
    layers = (ROOT / "pyproject.toml").read_text().split('id = "apps"')[1].split("layers = [")[1].split("]")[0]
    named = {word.strip().strip('"') for word in layers.split(",")}
    assert named == {path.name for path in (ROOT / "apps").iterdir() if (path / "apps.py").exists()}
