"""What belongs to no one page: nothing moves or fades in browser tests, and cards of narrow tables keep their shape."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from apps.integrations.models import SCOPES
from apps.workspaces.models import Member
from tests.factories import ApiTokenFactory

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LONGEST = """() => Math.max(...[...document.querySelectorAll("*")].flatMap((each) => {
    const style = getComputedStyle(each);
    return `${style.transitionDuration},${style.animationDuration}`.split(",").map(parseFloat);
}))"""


def test_no_page_of_a_test_moves_unless_it_asks_for_it(page_of: Callable[..., "Page"], bob: Member) -> None:
    path = f"/w/{bob.workspace.slug}/people/"
    page = page_of(bob)
    page.goto(path)
    assert page.evaluate(LONGEST) <= 0.001
    moving = page_of(bob, reduced_motion="no-preference")
    moving.goto(path)
    assert moving.evaluate(LONGEST) > 0.1


def test_a_long_cell_of_a_card_leaves_room_for_the_one_beside_it(page_of: Callable[..., "Page"], bob: Member) -> None:
    """The scopes of a token took the whole line, and its beginning stood one letter under the other."""
    ApiTokenFactory(member=bob, scopes=sorted(SCOPES))
    page = page_of(bob, viewport={"width": 375, "height": 800})
    page.goto(f"/w/{bob.workspace.slug}/programs/tokens/")
    widths = page.locator("td[data-label]").evaluate_all("cells => cells.map((cell) => cell.clientWidth)")
    assert min(widths) > 60, widths
