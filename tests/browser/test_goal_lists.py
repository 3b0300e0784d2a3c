"""The goals page and the search in a real browser: by mouse, by keyboard, and without scripts."""

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone

from apps.goals.models import Goal
from tests.factories import CycleFactory, GoalFactory

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def four(bob: Any, product: Any, harbour: Any) -> list[Goal]:
    """Three goals of Bob's in the cycle that runs, and one beneath the second."""
    today = timezone.localdate()
    cycle = CycleFactory(
        workspace=harbour, name="Now", starts_on=today - timedelta(days=30), ends_on=today + timedelta(days=60)
    )
    names = ("Answer every call", "Letters leave the same day", "A rota that people keep")
    goals = [
        GoalFactory(title=name, owner=bob, team=product, cycle=cycle, rank=place * 1_000, confidence=confidence)
        for place, (name, confidence) in enumerate(zip(names, ("on_track", "at_risk", "off_track"), strict=True))
    ]
    beneath = GoalFactory(title="Templates", owner=bob, team=product, cycle=cycle, rank=9_000, parent=goals[1])
    return [*goals, beneath]


def order(page: "Page") -> list[str]:
    """The titles as they stand on the page."""
    return page.locator(".goal-tree a.title").all_inner_texts()


def stored() -> list[str]:
    """The titles of the roots in the order that is kept."""
    return list(Goal.objects.filter(parent=None).order_by("rank").values_list("title", flat=True))


MOVED = ["Letters leave the same day", "Templates", "Answer every call", "A rota that people keep"]


def test_filter_swaps_the_list_and_changes_the_address(page_of: Callable[..., "Page"], bob: Any, four: Any) -> None:
    page = page_of(bob)
    page.goto("/w/harbour/goals/")
    assert len(order(page)) == 4
    page.get_by_label("Search in these goals").fill("rota")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=rota**")
    page.get_by_role("link", name="Remove filter").wait_for()
    assert order(page) == ["A rota that people keep"]
    assert "1 off track" in page.locator("#list-summary").inner_text()
    page.get_by_role("link", name="Remove filter").click()
    page.wait_for_url(lambda url: "rota" not in url)
    assert len(order(page)) == 4


def test_owner_is_chosen_in_a_box_with_oneself_first(
    page_of: Callable[..., "Page"], bob: Any, lea: Any, four: Any
) -> None:
    page = page_of(bob)
    page.goto("/w/harbour/goals/")
    page.get_by_role("combobox", name="Owner").click()
    page.locator(".combo-list [role=option]", has_text="Me").wait_for()
    assert page.locator(".combo-list:not([hidden]) [role=option]").first.inner_text() == "Me"
    page.get_by_role("combobox", name="Owner").fill("lea")
    page.locator(".combo-list [role=option]", has_text="Lea").click()
    page.get_by_text("No goal fits these filters.").wait_for()
    assert f"owner={lea.pk}" in page.url


def test_enter_in_a_box_takes_nobody_found_for_other_words(
    page_of: Callable[..., "Page"], bob: Any, lea: Any, mo: Any, four: Any
) -> None:
    page = page_of(bob)
    page.goto("/w/harbour/goals/")
    box = page.get_by_role("combobox", name="Owner")
    box.click()
    box.fill("mo")
    page.get_by_role("option", name="Mo", selected=True).wait_for()
    box.fill("lea")
    page.keyboard.press("Enter")
    page.wait_for_url("**owner=*")
    assert f"owner={lea.pk}" in page.url


def test_filter_works_without_scripts(page_of: Callable[..., "Page"], bob: Any, four: Any) -> None:
    page = page_of(bob, java_script_enabled=False)
    page.goto("/w/harbour/goals/")
    page.get_by_text("Filter", exact=True).click()
    page.get_by_label("Confidence").select_option("at_risk")
    page.get_by_role("button", name="Apply").click()
    assert order(page) == ["Letters leave the same day"]


def test_goal_moves_with_what_is_beneath_it_by_keyboard(page_of: Callable[..., "Page"], bob: Any, four: Any) -> None:
    page = page_of(bob)
    page.goto("/w/harbour/goals/")
    with page.expect_response("**/move/") as answer:
        page.locator(f"#h-{four[1].pk}").focus()
        page.keyboard.press("Alt+ArrowUp")
    assert answer.value.status == 204
    assert order(page) == MOVED
    assert page.evaluate("document.activeElement.id") == f"h-{four[1].pk}"
    page.locator("[aria-live=assertive]", has_text="1").wait_for(state="attached")
    assert stored() == ["Letters leave the same day", "Answer every call", "A rota that people keep"]


def test_goal_moves_by_mouse_and_stays_moved(page_of: Callable[..., "Page"], bob: Any, four: Any) -> None:
    page = page_of(bob)
    page.goto("/w/harbour/goals/")
    row = page.locator("tr[data-id]", has_text="Letters leave")
    row.hover()
    handle, above = page.locator(f"#h-{four[1].pk}"), page.locator("tr[data-id]", has_text="Answer every call")
    box, target = handle.bounding_box(), above.bounding_box()
    assert box
    assert target
    with page.expect_response("**/move/") as answer:
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        page.mouse.down()
        page.mouse.move(target["x"] + 80, target["y"] + 4, steps=6)
        page.mouse.up()
    assert answer.value.status == 204
    assert order(page) == MOVED
    page.reload()
    assert order(page) == MOVED


def test_goal_that_cannot_be_moved_goes_back(page_of: Callable[..., "Page"], bob: Any, four: Any) -> None:
    page = page_of(bob)
    page.goto("/w/harbour/goals/")
    before = order(page)
    page.route("**/move/", lambda route: route.fulfill(status=422, body="no"))
    page.locator(f"#h-{four[1].pk}").focus()
    page.keyboard.press("Alt+ArrowUp")
    page.locator("[aria-live=assertive]", has_text="could not be moved").wait_for(state="attached")
    assert order(page) == before


def test_goal_moves_without_scripts(page_of: Callable[..., "Page"], bob: Any, four: Any) -> None:
    page = page_of(bob, java_script_enabled=False)
    page.goto("/w/harbour/goals/")
    page.get_by_role("button", name="Move up: Letters leave the same day").click()
    assert order(page) == MOVED


def test_search_dialog_finds_and_goes(page_of: Callable[..., "Page"], bob: Any, four: Any) -> None:
    page = page_of(bob)
    page.goto("/w/harbour/goals/")
    page.keyboard.press("/")
    page.keyboard.type("rota")
    page.get_by_role("option", name="A rota that people keep").wait_for()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/goals/{four[2].pk}/")


def test_enter_follows_a_result_the_moment_it_shows_and_none_of_other_words(
    page_of: Callable[..., "Page"], bob: Any, four: Any
) -> None:
    page = page_of(bob)
    page.goto("/w/harbour/goals/")
    page.keyboard.press("/")
    page.keyboard.type("rota")
    page.evaluate(
        """() => new MutationObserver(() => {
             if (!document.querySelector('#find [role="option"]')) return;
             document.getElementById("find-input").dispatchEvent(
               new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }));
           }).observe(document.getElementById("find-results"), { childList: true })"""
    )
    page.wait_for_url(f"**/goals/{four[2].pk}/")

    page.goto("/w/harbour/goals/")
    page.keyboard.press("/")
    page.keyboard.type("rota")
    page.get_by_role("option", name="A rota that people keep", selected=True).wait_for()
    page.locator("#find-input").evaluate("input => { input.value = 'letters'; }")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/?q=letters*")


def test_priority_map_places_a_goal_by_keyboard(page_of: Callable[..., "Page"], bob: Any, four: Any) -> None:
    page = page_of(bob)
    page.goto("/w/harbour/goals/?view=map")
    form = page.locator("form.place").first
    form.get_by_label("Importance").select_option("5")
    form.get_by_label("Urgency").select_option("4")
    form.get_by_role("button").focus()
    page.keyboard.press("Enter")
    page.locator(".scatter .point").wait_for()
    placed = Goal.objects.get(importance=5)
    assert (placed.title, placed.urgency) == ("Answer every call", 4)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_are_accessible(page_of: Callable[..., "Page"], alice: Any, four: Any, scheme: str) -> None:
    page = page_of(alice, color_scheme=scheme)
    cycle = four[0].cycle
    views = [f"goals/?view={view}" for view in ("tree", "table", "timeline", "map")]
    for path in (
        *views,
        "attention/",
        "cycles/",
        f"cycles/{cycle.pk}/",
        f"cycles/{cycle.pk}/close/",
        "cycles/new/",
        "search/?q=rota",
    ):
        page.goto(f"/w/harbour/{path}")
        found = Axe().run(page).response["violations"]
        assert [(path, each["id"], each["nodes"][0]["html"]) for each in found] == []


@pytest.mark.parametrize("path", ["goals/", "goals/?view=table", "goals/?view=map", "attention/", "cycles/"])
def test_nothing_scrolls_sideways_on_a_phone(page_of: Callable[..., "Page"], bob: Any, four: Any, path: str) -> None:
    page = page_of(bob, viewport={"width": 390, "height": 844})
    page.goto(f"/w/harbour/{path}")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
