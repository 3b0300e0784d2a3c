"""Writes the table of hooks and registries into docs/architecture.md, from their declarations in the source."""

import ast
from argparse import ArgumentParser
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from apps.core.registries import Hook, Registry

PAGE = Path(settings.BASE_DIR) / "docs" / "architecture.md"
BEGIN, END = "<!-- made by manage.py document_lists -->", "<!-- end of what was made -->"
HEAD = "| List | Kind | Declared in | What it is | Who adds |\n|---|---|---|---|---|"

Declared = Hook[Any, Any] | Registry[Any]


class Command(BaseCommand):
    """With --check it changes nothing, and fails where the table is stale."""

    help = "Write the table of hooks and registries into docs/architecture.md."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Whether only to look."""
        parser.add_argument("--check", action="store_true", help="Change nothing; fail where the table is stale.")

    def handle(self, *_args: object, check: bool, **_options: object) -> None:
        """Write or look."""
        text = PAGE.read_text(encoding="utf-8")
        before, _begin, rest = text.partition(BEGIN)
        _old, _end, after = rest.partition(END)
        made = f"{before}{BEGIN}\n\n{table()}\n\n{END}{after}"
        if check and made != text:
            raise CommandError("The table in docs/architecture.md is stale: run manage.py document_lists.")
        PAGE.write_text(made, encoding="utf-8")


def table() -> str:
    """A line for each list, the lowest app first."""
    sources = {path: ast.parse(path.read_text(encoding="utf-8")) for path in _files()}
    found = [each for path, tree in sources.items() for each in _declarations(path, tree)]
    adders: dict[int, list[str]] = {}
    for path, tree in sources.items():
        for added in _added(path, tree):
            names = adders.setdefault(id(added), [])
            if _app(path) not in names:
                names.append(_app(path))
    return "\n".join([HEAD, *(_row(path, kind, each, adders) for path, kind, each in found)])


def _row(path: Path, kind: str, declared: Declared, adders: dict[int, list[str]]) -> str:
    where = path.relative_to(settings.BASE_DIR)
    who = ", ".join(adders.get(id(declared), []))
    escaped = kind.replace("|", r"\|")  # else it would end the cell
    return f"| `{declared.name}` | `{escaped}` | `{where}` | {declared.about} | {who} |"


def _files() -> list[Path]:
    """The source of our apps, the lowest app first."""
    ours = [config for config in apps.get_app_configs() if config.name.startswith("apps.")]
    return [
        path for config in ours for path in sorted(Path(config.path).rglob("*.py")) if "migrations" not in path.parts
    ]


def _app(path: Path) -> str:
    return path.relative_to(Path(settings.BASE_DIR) / "apps").parts[0]


def _module(path: Path) -> object:
    parts = path.relative_to(settings.BASE_DIR).with_suffix("").parts
    return import_module(".".join(parts[:-1] if parts[-1] == "__init__" else parts))


def _declarations(path: Path, tree: ast.Module) -> Iterator[tuple[Path, str, Declared]]:
    for node in tree.body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            kind = ast.unparse(node.annotation)
            if kind.startswith(("Hook[", "Registry[")):
                yield path, kind, getattr(_module(path), node.target.id)


def _added(path: Path, tree: ast.Module) -> Iterator[Declared]:
    """The lists to which a file adds: `NAME.add(…)`, where NAME stands there or is imported."""
    imported = {
        alias.asname or alias.name: (node.module, alias.name)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
    }
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="add")) if name.isupper():
                module, attribute = imported.get(name, ("", name))
                found = getattr(import_module(module) if module else _module(path), attribute, None)
                if isinstance(found, Hook | Registry):
                    yield found
