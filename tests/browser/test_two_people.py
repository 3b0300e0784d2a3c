"""Two people have the same form open, each in a browser of their own."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import Page, expect

from apps.goals.models import Goal

pytestmark = pytest.mark.browser
SCREENS = {
    "wide and light": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "light"},
    "narrow and dark": {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"},
}


@pytest.fixture
def address(goal: Goal) -> str:
    """The address of the goal's form."""
    Goal.objects.filter(pk=goal.pk).update(reason="They wait.")
    return reverse("goals:goal_edit", args=[goal.workspace.slug, goal.pk])


def save(page: Page) -> None:
    """Press the form's own button."""
    page.locator(".form-foot button[type=submit]").click()


@pytest.mark.parametrize("screen", SCREENS.values(), ids=list(SCREENS))
def test_what_one_left_alone_stays_as_the_other_left_it(
    page_of: Any, bob: Any, lea: Any, goal: Goal, address: str, screen: dict[str, Any]
) -> None:
    hers, his = page_of(lea, **screen), page_of(bob, **screen)
    for page in (hers, his):
        page.goto(address)
    his.get_by_label("Why does it matter?").fill("They wait too long, and give up.")
    save(his)
    expect(his.get_by_text("Your changes are saved.")).to_be_visible()
    hers.get_by_label("What do you want to reach?").fill("Every call is answered")
    save(hers)
    expect(hers.get_by_text("Your changes are saved.")).to_be_visible()
    goal.refresh_from_db()
    assert (goal.title, goal.reason) == ("Every call is answered", "They wait too long, and give up.")


@pytest.mark.parametrize("screen", SCREENS.values(), ids=list(SCREENS))
def test_both_changed_the_same_and_one_chooses(
    page_of: Any, bob: Any, lea: Any, goal: Goal, address: str, screen: dict[str, Any]
) -> None:
    hers, his = page_of(lea, **screen), page_of(bob, **screen)
    for page in (hers, his):
        page.goto(address)
    his.get_by_label("What do you want to reach?").fill("Answer every call within a minute")
    his.get_by_label("Why does it matter?").fill("They wait too long, and give up.")
    save(his)
    expect(his.get_by_text("Your changes are saved.")).to_be_visible()
    hers.get_by_label("What do you want to reach?").fill("Every call is answered")
    hers.get_by_label("Why does it matter?").fill("Whoever calls is in need.")
    hers.get_by_label("How, and what else people should know").fill("By phone and by mail.")
    save(hers)
    question = hers.locator(".write-conflict")
    expect(question).to_have_count(2)
    expect(question.first).to_contain_text("Bob changed this while you were editing")
    expect(question.first).to_contain_text("Answer every call within a minute")
    expect(hers.get_by_label("How, and what else people should know")).to_have_value("By phone and by mail.")
    assert hers.evaluate("document.documentElement.scrollWidth <= innerWidth"), "it scrolls sideways"
    assert Axe().run(hers).response["violations"] == []
    question.first.get_by_label("Keep yours").check()
    question.last.get_by_label("Take Bob").check()
    save(hers)
    expect(hers.get_by_text("Your changes are saved.")).to_be_visible()
    goal.refresh_from_db()
    assert (goal.title, goal.reason) == ("Every call is answered", "They wait too long, and give up.")
    assert goal.description == "By phone and by mail."


def test_a_draft_of_yesterday_puts_nothing_back(page_of: Any, bob: Any, lea: Any, goal: Goal, address: str) -> None:
    """What was typed and left is a draft in the browser: it comes back with the version it was typed upon."""
    hers, his = page_of(lea), page_of(bob)
    hers.goto(address)
    hers.get_by_label("What do you want to reach?").fill("Every call is answered")
    hers.wait_for_function("() => Object.keys(localStorage).some((key) => key.startsWith('draft:'))")
    his.goto(address)
    his.get_by_label("Why does it matter?").fill("They wait too long, and give up.")
    save(his)
    expect(his.get_by_text("Your changes are saved.")).to_be_visible()
    hers.goto(address)
    expect(hers.get_by_label("What do you want to reach?")).to_have_value("Every call is answered")
    save(hers)
    expect(hers.get_by_text("Your changes are saved.")).to_be_visible()
    goal.refresh_from_db()
    assert (goal.title, goal.reason) == ("Every call is answered", "They wait too long, and give up.")
