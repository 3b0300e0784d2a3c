"""Keyset pages neither skip nor repeat."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.core.pagination import Keyset
from apps.goals.models import Goal
from tests.counts import times
from tests.factories import GoalFactory, MemberFactory

DAY = date(2026, 1, 1)


def walk(keyset: Keyset, size: int, meanwhile: Any = None) -> list[Any]:
    """All rows, page by page."""
    seen, cursor = [], ""
    while True:
        page = keyset.page(Goal.objects.all(), cursor=cursor, size=size)
        seen += page.rows
        if not page.next:
            return seen
        cursor = page.next
        if meanwhile:
            meanwhile()


@settings(max_examples=times(250), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(dues=st.lists(st.none() | st.integers(0, 3), max_size=9), size=st.integers(1, 4), descending=st.booleans())
def test_pages_join_to_the_whole_list(db: None, dues: list[int | None], size: int, descending: bool) -> None:
    Goal.objects.all().delete()
    owner = MemberFactory()
    for due in dues:
        GoalFactory(owner=owner, due_on=None if due is None else DAY + timedelta(days=due))
    keyset = Keyset("-due_on" if descending else "due_on", "id")
    whole = keyset.page(Goal.objects.all(), size=100).rows
    assert walk(keyset, size) == whole
    back: list[Goal] = []
    cursor = ""
    pages = []
    while True:
        page = keyset.page(Goal.objects.all(), cursor=cursor, size=size)
        pages.append(page)
        if not page.next:
            break
        cursor = page.next
    while page.previous:
        back = page.rows + back
        page = keyset.page(Goal.objects.all(), cursor=page.previous, size=size)
    assert page.rows + back == whole


def test_rows_inserted_while_paging_are_neither_skipped_nor_repeated(db: None) -> None:
    owner = MemberFactory()
    first = [GoalFactory(owner=owner, rank=n * 10) for n in range(1, 8)]
    seen = walk(Keyset("rank", "id"), 2, meanwhile=lambda: GoalFactory(owner=owner, rank=0))
    assert seen == first


@pytest.mark.parametrize(
    "cursor",
    ["x", "%%%", "W10", "bnVsbA", "WzAsWyJyYW5rIiwiaWQiXSxbIngiLCJ5Il1d", "é", "A" * 5000, "WzAsWyJpZCJdLFsiMSJdXQ"],
)
def test_a_strange_cursor_is_refused(db: None, cursor: str) -> None:
    with pytest.raises(ValidationError) as error:
        Keyset("rank", "id").page(Goal.objects.all(), cursor=cursor)
    assert "cursor" in error.value.message_dict
