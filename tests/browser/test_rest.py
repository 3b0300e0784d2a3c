"""In browser tests nothing moves or fades: what is measured does not depend on the moment."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from apps.workspaces.models import Member

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
