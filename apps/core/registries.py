"""Named lists by which a lower app asks or tells higher ones without importing them.

The lower app declares a `Hook` or a `Registry`; the higher adds its own in `AppConfig.ready`. There are no other ways.
"""

from collections.abc import Callable, Iterator
from typing import Generic, ParamSpec, Protocol, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


class NamedEntry(Protocol):
    """What a registry holds: a frozen dataclass with a name of its own."""

    @property
    def name(self) -> str:
        """By which it is found; no two entries have the same."""


E = TypeVar("E", bound=NamedEntry)


class Hook(Generic[P, R]):
    """Functions of higher apps, called one after another within the transaction of whoever calls the hook.

    `name` is how the declaring module calls it, `about` says when it is called, and with what.
    """

    def __init__(self, name: str, about: str) -> None:
        self.name, self.about = name, about
        self._functions: list[Callable[P, R]] = []

    def add(self, *functions: Callable[P, R]) -> None:
        """Call these too, after those that are there. ValueError for one that is."""
        for function in functions:
            if function in self._functions:
                raise ValueError(f"{function} is already among {self.name}")
            self._functions.append(function)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> list[R]:
        """What each of them answers, in the order in which they were added."""
        return [function(*args, **kwargs) for function in self._functions]

    def __iter__(self) -> Iterator[Callable[P, R]]:
        return iter(self._functions)


class Registry(Generic[E]):
    """Entries of one kind that apps add, each under its own name, in the order in which they were added.

    `name` is how the declaring module calls it, `about` says what it holds.
    """

    def __init__(self, name: str, about: str) -> None:
        self.name, self.about = name, about
        self._entries: dict[str, E] = {}

    def add(self, *entries: E) -> None:
        """Hold these too. ValueError for a name that is taken."""
        for entry in entries:
            if entry.name in self._entries:
                raise ValueError(f"{entry.name} is already among {self.name}")
            self._entries[entry.name] = entry

    def get(self, name: str) -> E | None:
        """The entry of that name; None where there is no such."""
        return self._entries.get(name)

    def __getitem__(self, name: str) -> E:
        return self._entries[name]

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def __iter__(self) -> Iterator[E]:
        return iter(self._entries.values())

    def __len__(self) -> int:
        return len(self._entries)
