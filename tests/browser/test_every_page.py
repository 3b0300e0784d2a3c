"""Every page of the access matrix in a real browser, light and dark, wide and narrow: no fault of accessibility, no
complaint of the browser (the content policy among them), nothing that scrolls sideways."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse

from tests.architecture.matrix import MATRIX, Route
from tests.architecture.test_matrix import MatrixWorld, make_world

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

FILES = ("_csv", "_json", "_export", "_download", "_html")
FRAGMENTS = ("_options", "_people", "_readers", "_row", "load_preview", "quick_add_preview")
NO_PAGES = (*FILES, *FRAGMENTS)
PAGES = [
    (name, route)
    for name, routes in MATRIX.items()
    for route in routes[:1]
    if "GET" in route.methods and not name.endswith(NO_PAGES)
]
LOOKS = [("light", {"width": 1280, "height": 900}), ("dark", {"width": 375, "height": 800})]


@pytest.mark.parametrize(("scheme", "viewport"), LOOKS, ids=["light-wide", "dark-narrow"])
def test_no_page_has_a_fault(page_of: Callable[..., "Page"], scheme: str, viewport: dict[str, int]) -> None:
    world = make_world()
    pages = {letter: page_of(world.members[letter], color_scheme=scheme, viewport=viewport) for letter in "ABL"}
    complaints: list[str] = []
    for page in pages.values():
        page.on("console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
    found: dict[str, Any] = {}
    for name, route in PAGES:
        letter = next(each for each in "ABL" if each in route.methods["GET"].lets_in)
        faults = _faults(pages[letter], _url(world, name, route))
        if faults or complaints:
            found[name] = [*faults, *complaints]
            complaints.clear()
    assert found == {}


def _url(world: MatrixWorld, name: str, route: Route) -> str:
    return reverse(name, args=[world.slug, *([world.rows[route.subject].pk] if route.subject else [])])


def _faults(page: "Page", url: str) -> list[str]:
    response = page.goto(url)
    faults = [] if response is not None and response.ok else [f"answered {response.status if response else 'nothing'}"]
    results = Axe().run(page)
    faults += [f"{each['id']}: {each['nodes'][0]['html'][:160]}" for each in results.response["violations"]]
    if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
        faults.append("scrolls sideways")
    return faults
