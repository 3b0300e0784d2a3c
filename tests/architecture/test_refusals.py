"""What people are refused with: each sentence stands once, at the rule, and views and forms ask the rule."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

APPS = Path(settings.BASE_DIR) / "apps"
ENTRIES = {"views", "api", "forms", "serializers", "templatetags"}
WORDS = {"_", "gettext", "gettext_lazy", "pgettext", "ngettext"}
FORBIDS, INVALID = {"PermissionDenied", "refuses"}, {"ValidationError"}


def refusals(kinds: set[str]) -> dict[str, set[Path]]:
    """The sentences in calls of these names, with the modules in which they stand."""
    found: dict[str, set[Path]] = defaultdict(set)
    for path in sorted(APPS.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and name_of(node) in kinds:
                for sentence in sentences(node):
                    found[sentence].add(path.relative_to(APPS))
    return found


def name_of(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def sentences(call: ast.Call) -> Iterator[str]:
    for node in ast.walk(call):
        if isinstance(node, ast.Call) and name_of(node) in WORDS:
            words = [each.value for each in node.args if isinstance(each, ast.Constant)]
            yield from (each for each in words if isinstance(each, str))


def is_entry(path: Path) -> bool:
    return path.parts[1].removesuffix(".py") in ENTRIES


def test_who_may_not_is_told_why_in_one_place() -> None:
    found = refusals(FORBIDS)
    assert len(found) > 50
    assert {sentence: sorted(map(str, paths)) for sentence, paths in found.items() if len(paths) > 1} == {}


def test_views_and_forms_repeat_no_sentence_of_a_service() -> None:
    found = refusals(FORBIDS | INVALID)
    twice = {
        sentence: sorted(map(str, paths))
        for sentence, paths in found.items()
        if len(paths) > 1 and any(map(is_entry, paths))
    }
    assert twice == {}
