"""The matrix by keyboard and by pointer, on a desk and on a phone."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from apps.responsibilities.models import Assignment
from tests.factories import AssignmentFactory, ResponsibilityFactory

pytestmark = pytest.mark.browser
MATRIX = "/w/harbour/responsibilities/"


@pytest.fixture
def held(transactional_db: Any, harbour: Any, product: Any, lea: Any, bob: Any, now: Any) -> Any:
    """Two responsibilities of Product; bob is asked to do the first. Columns: Bob, Lea."""
    first = ResponsibilityFactory(workspace=harbour, title="Duty rota", team=product)
    second = ResponsibilityFactory(workspace=harbour, title="Phone desk", team=product)
    AssignmentFactory(responsibility=first, member=bob, offered_at=now)
    AssignmentFactory(responsibility=second, member=lea, role="accountable", status="accepted", answered_at=now)
    return first


def cell(page: Page, row: int, column: int) -> Any:
    """A cell by its place, counted from one, without the headings."""
    return page.locator(f"[data-matrix] tbody tr:nth-child({row}) td:nth-child({column + 1})")


def test_letters_by_keyboard(held: Any, lea: Any, page_of: Callable[..., Page]) -> None:
    page = page_of(lea)
    page.goto(MATRIX)
    cell(page, 1, 1).locator("a").focus()
    page.keyboard.press("ArrowRight")
    expect(cell(page, 1, 2).locator("a")).to_be_focused()
    page.keyboard.press("a")
    expect(cell(page, 1, 2).locator(".letter.A")).to_have_text("A")
    expect(page.locator("[data-matrix] tbody tr").first).not_to_contain_text("Nobody is accountable")
    expect(cell(page, 1, 2).locator("a")).to_be_focused()
    expect(page.locator("#matrix-said")).to_have_text("Lea: Accountable")
    page.keyboard.press("ArrowDown")
    expect(cell(page, 2, 2).locator("a")).to_be_focused()
    page.keyboard.press("Home")
    page.keyboard.press("c")
    expect(cell(page, 2, 1).locator(".letter.C.open")).to_have_text("C")
    page.keyboard.press("c")
    expect(cell(page, 2, 1).locator(".letter")).to_have_count(0)
    assert sorted(Assignment.objects.values_list("role", flat=True)) == ["accountable", "accountable", "responsible"]


def test_letters_by_pointer(held: Any, lea: Any, page_of: Callable[..., Page]) -> None:
    page = page_of(lea)
    page.goto(MATRIX)
    cell(page, 2, 1).locator("a").click()
    page.locator("#letters").get_by_role("button", name="Responsible").click()
    expect(cell(page, 2, 1).locator(".letter.R.open")).to_have_text("R")
    cell(page, 1, 1).locator("a").click()
    expect(page.locator("#letters [data-role=responsible]")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Escape")
    expect(page.locator("#letters")).to_be_hidden()


def test_without_scripts_a_letter_is_a_small_form(held: Any, lea: Any, page_of: Callable[..., Page]) -> None:
    page = page_of(lea, java_script_enabled=False)
    page.goto(MATRIX)
    cell(page, 2, 2).locator("a").click()
    page.get_by_label("Informed").check()
    page.get_by_role("button", name="Save").click()
    expect(cell(page, 2, 2).locator(".letter.I")).to_be_visible()


def test_without_scripts_a_row_leads_to_asking_somebody(held: Any, lea: Any, page_of: Callable[..., Page]) -> None:
    page = page_of(lea, java_script_enabled=False)
    page.goto(MATRIX)
    page.locator("[data-matrix] tbody tr").nth(1).get_by_role("link", name="Assign").click()
    expect(page).to_have_url(re.compile(r"/responsibilities/[\w-]+/offer/$"))


@pytest.mark.parametrize("query", ["", "?columns=roles", "?rows=goals"])
def test_on_a_phone_nothing_scrolls_sideways_but_the_table_in_its_box(
    held: Any, goal: Any, lea: Any, page_of: Callable[..., Page], query: str
) -> None:
    page = page_of(lea, viewport={"width": 375, "height": 700})
    page.goto(MATRIX + query)
    assert page.evaluate("document.documentElement.scrollWidth") <= 375


def test_on_a_phone_each_row_is_a_card_of_who_holds_it(held: Any, lea: Any, page_of: Callable[..., Page]) -> None:
    page = page_of(lea, viewport={"width": 375, "height": 700}, has_touch=True)
    page.goto(MATRIX)
    box = page.locator(".matrix-box")
    assert box.evaluate("node => node.scrollWidth <= node.clientWidth")
    expect(cell(page, 1, 1)).to_contain_text("Bob")
    expect(cell(page, 1, 2)).to_be_hidden()  # Lea holds nothing of it
    expect(page.locator("[data-matrix] tfoot td").first).to_contain_text("Bob")
    cell(page, 1, 1).locator("a").tap()
    page.locator("#letters").get_by_role("button", name="Accountable").click()
    expect(cell(page, 1, 1).locator(".letter")).to_have_count(2)
    expect(cell(page, 1, 1)).to_contain_text("Bob")
