"""The shape of the code, held by tests: what stands where, and what may not."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
OURS = sorted((ROOT / "apps").iterdir())
ALLOWED = {
    "models", "access", "queries", "services", "forms", "serializers", "tasks", "views", "api", "urls", "admin", "apps",
    "migrations", "management", "templatetags", "__init__", "__pycache__",
}  # fmt: skip
EXTRA = {
    "core": {
        "jobs", "resending", "health", "heartbeats",
        "actor", "ahead", "api_schema", "bulk", "cache", "charts", "choosing", "clock", "encryption", "etag",
        "exports", "fields", "filters", "idempotency", "jinja2", "kept_lists", "mails", "markdown", "middleware",
        "migration_rules", "net", "owner", "pagination", "parsers", "permissions", "problems", "refusals", "registries",
        "retention", "row_security", "search", "section", "sql", "statements", "static_files", "tenancy",
        "throttling", "timeouts", "viewsets", "write_conflicts",
    },
    "accounts": {"adapter", "middleware", "sessions"},
    "goals": {"jinja2"},
    "responsibilities": {"jinja2"},
    "capacity": {"jinja2"},
    "workspaces": {"backends", "middleware", "context_processors"},
    "integrations": {"authentication"},
}  # fmt: skip
ENTRY_POINTS = ("views", "api", "forms", "serializers", "tasks", "templatetags", "urls", "context_processors")
LINES_MAX = 400


def modules() -> Iterator[Path]:
    """Our own Python files, without migrations."""
    for path in sorted((ROOT / "apps").rglob("*.py")):
        if "migrations" not in path.parts and path.parent.name != "apps":
            yield path


def layer_of(path: Path) -> str:
    """views for apps/goals/views.py and for apps/goals/views/lists.py."""
    return path.relative_to(ROOT / "apps").parts[1].removesuffix(".py")


def test_apps_hold_only_files_of_known_layers() -> None:
    strange = [
        str(path.relative_to(ROOT))
        for app in OURS
        if app.is_dir() and app.name != "__pycache__"
        for path in app.iterdir()
        if path.stem not in ALLOWED | EXTRA.get(app.name, set())
    ]
    assert strange == []


def test_every_allowed_name_is_some_files() -> None:
    """A name that no file has would let one in unseen."""
    there = {app.name: {path.stem for path in app.iterdir()} for app in OURS if app.is_dir()}
    absent = [f"{app}/{name}" for app, names in EXTRA.items() for name in sorted(names - there.get(app, set()))]
    absent += sorted(ALLOWED - {"__pycache__"} - set().union(*there.values()))
    assert absent == []


def test_modules_stay_short() -> None:
    long = {str(path.relative_to(ROOT)): n for path in modules() if (n := path.read_text().count("\n")) > LINES_MAX}
    assert long == {}


def test_entry_points_do_not_query() -> None:
    """Entry points start from access, queries and services: `.objects` in one would be a rule of its own."""
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in modules()
        if layer_of(path) in ENTRY_POINTS
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr in {"objects", "_default_manager", "_base_manager"}
    ]
    assert found == []


def test_services_do_not_ask_the_clock_or_send() -> None:
    """The clock comes in as `at=`; work for later is a row, not a task."""
    clock = r"timezone\.now\(|datetime\.now\(|date\.today\(|localdate\(|localtime\(\)"
    pattern = re.compile(rf"{clock}|\.delay\(|apply_async")
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in modules()
        if layer_of(path) in {"services", "access", "queries"}
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if pattern.search(line)
    ]
    assert found == []


def test_no_signals() -> None:
    """What follows a change is said where the change is made. A model field's own pre_save is no signal."""
    found = [
        str(path.relative_to(ROOT))
        for path in modules()
        if re.search(r"@receiver|\bpost_save\b|(?<!field\.)(?<!def )\bpre_save\b|\bpost_delete\b", path.read_text())
    ]
    assert found == []


SHARED_NAMES = {"Command", "Migration"}  # what Django looks for by its name


def test_a_top_level_class_has_a_name_of_its_own() -> None:
    """`Line` in four modules means that a reader, a search and a traceback never know which."""
    where: dict[str, list[str]] = {}
    for folder in ("apps", "config", "devserver", "benchmarks", "tests"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.parse(path.read_text()).body:
                if isinstance(node, ast.ClassDef) and node.name not in SHARED_NAMES:
                    where.setdefault(node.name, []).append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert {name: places for name, places in where.items() if len(places) > 1} == {}


def test_every_public_function_and_class_says_what_it_does() -> None:
    silent = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef)
        and not node.name.startswith("_")
        and node.name != "Meta"
        and ast.get_docstring(node) is None
        and not _is_inner(node, path)
    ]
    assert silent == []


def _is_inner(node: ast.AST, path: Path) -> bool:
    """Functions within functions need no docstring."""
    return any(
        inner is not outer and getattr(inner, "lineno", 0) == getattr(node, "lineno", -1)
        for outer in ast.walk(ast.parse(path.read_text()))
        if isinstance(outer, ast.FunctionDef)
        for inner in ast.walk(outer)
        if isinstance(inner, ast.FunctionDef | ast.ClassDef)
    )


WORDS = ("NotImplemented" + "Error", "TO" + "DO", "FIX" + "ME", "coming " + "soon", "Placehol" + "der")
UNFINISHED = re.compile("|".join(WORDS))


def test_nothing_is_left_unfinished() -> None:
    kinds = {".py", ".html", ".js", ".css", ".md", ".toml", ".yml"}
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for folder in ("apps", "config", "devserver", "templates", "static", "docs", "tests", "benchmarks")
        for path in sorted((ROOT / folder).rglob("*"))
        if path.suffix in kinds
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if UNFINISHED.search(line)
    ]
    assert found == []


@pytest.mark.parametrize("model", [m for m in apps.get_models() if m.__module__.startswith("apps.")], ids=str)
def test_models_have_a_time_ordered_id(model: type) -> None:
    """UUIDv7 sorts by time; serial numbers would tell how many there are."""
    field = model._meta.pk  # type: ignore[attr-defined]
    assert field.get_internal_type() == "UUIDField"
    assert field.default().version == 7
