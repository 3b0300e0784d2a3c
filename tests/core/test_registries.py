"""The two kinds of lists by which lower apps ask and tell higher ones."""

from dataclasses import dataclass

import pytest

from apps.core.registries import Hook, Registry


@dataclass(frozen=True)
class Room:
    name: str
    size: int


def double(number: int) -> int:
    return 2 * number


def triple(number: int) -> int:
    return 3 * number


def test_a_hook_answers_in_the_order_in_which_functions_were_added() -> None:
    asked: Hook[[int], int] = Hook("ASKED", "called with a number")
    assert asked(7) == []
    asked.add(triple, double)
    assert asked(7) == [21, 14]


def test_a_hook_refuses_a_function_twice() -> None:
    asked: Hook[[int], int] = Hook("ASKED", "called with a number")
    asked.add(double)
    with pytest.raises(ValueError, match="already among ASKED"):
        asked.add(double)
    assert asked(1) == [2]


def test_a_registry_holds_its_entries_by_name_in_the_order_of_adding() -> None:
    rooms: Registry[Room] = Registry("ROOMS", "rooms of a house")
    rooms.add(Room("kitchen", 20), Room("attic", 9))
    assert [room.name for room in rooms] == ["kitchen", "attic"]
    assert rooms["attic"].size == 9
    assert rooms.get("cellar") is None
    assert "kitchen" in rooms
    assert "cellar" not in rooms
    assert len(rooms) == 2


def test_a_registry_refuses_a_name_twice() -> None:
    rooms: Registry[Room] = Registry("ROOMS", "rooms of a house")
    rooms.add(Room("kitchen", 20))
    with pytest.raises(ValueError, match="kitchen is already among ROOMS"):
        rooms.add(Room("kitchen", 9))
    assert rooms["kitchen"].size == 20
