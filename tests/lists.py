"""Changing registries and hooks for one test. The product only ever adds to them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from apps.core.registries import Hook, Registry


def hook_of(*functions: Callable[..., Any]) -> Hook[..., Any]:
    """A hook that calls only these."""
    hook: Hook[..., Any] = Hook("HOOK", "called by a test")
    hook.add(*functions)
    return hook


def put(registry: Registry[Any], *entries: Any) -> None:
    """Hold these entries, in the place of any of their names."""
    registry._entries |= {entry.name: entry for entry in entries}


@contextmanager
def as_it_was(registry: Registry[Any]) -> Iterator[None]:
    """Afterwards the registry holds what it held before."""
    before = dict(registry._entries)
    try:
        yield
    finally:
        registry._entries = before


@contextmanager
def holding(registry: Registry[Any], *entries: Any, only: bool = False) -> Iterator[None]:
    """Within, the registry holds these too (in the place of any of their names), or only these."""
    with as_it_was(registry):
        if only:
            registry._entries = {}
        put(registry, *entries)
        yield
