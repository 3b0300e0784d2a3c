"""Long tests start first, so that no process has one left when the others have ended."""

from types import SimpleNamespace
from typing import Any

from tests.conftest import pytest_collection_modifyitems


def item(name: str, *marks: str) -> Any:
    return SimpleNamespace(name=name, get_closest_marker=lambda mark: mark if mark in marks else None)


def test_long_tests_come_first_and_each_kind_keeps_its_order() -> None:
    items = [item("a"), item("b", "browser"), item("c", "django_db"), item("d", "slow", "faults"), item("e")]
    pytest_collection_modifyitems(items)
    assert [each.name for each in items] == ["b", "d", "a", "c", "e"]
