"""Cover mode and handovers in a browser: from planning an absence to checking in for somebody, by three people."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from apps.goals.models import CheckIn, Goal
from apps.handovers.models import Handover
from apps.workspaces.models import Member, Team
from tests.factories import AssignmentFactory, GoalFactory, TaskFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PageOf = Callable[..., Page]
PHONE = {"width": 375, "height": 812}


@pytest.fixture
def desk(bob: Member, mo: Member, product: Team) -> Goal:
    """Bob's goal, of which mo is informed: by himself he may not check in there; and a task of bob's."""
    goal = GoalFactory(owner=bob, team=product, title="Answer every call")
    AssignmentFactory(goal=goal, member=mo, role="informed")
    TaskFactory(goal=goal, assignee=bob, title="Open the second desk")
    return goal


def faults(page: Page) -> list[str]:
    """What axe finds, and whether the page scrolls sideways."""
    found = [f"{each['id']}: {each['nodes'][0]['html']}" for each in Axe().run(page).response["violations"]]
    if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
        found.append("scrolls sideways")
    return found


def at(name: str, *args: object) -> str:
    return reverse(f"handovers:{name}", args=["harbour", *args])


def test_from_an_absence_to_a_check_in_as_cover(page_of: PageOf, desk: Goal, bob: Member, mo: Member) -> None:
    today = bob.today(timezone.now())
    page = page_of(bob, viewport=PHONE)
    page.goto(at("absence_list"))
    page.get_by_role("main").get_by_role("link", name="Plan time off").click()
    assert faults(page) == []
    page.get_by_label("First day away").fill(str(today))
    page.get_by_label("Last day away").fill(str(today + timedelta(days=4)))
    page.get_by_role("button", name="Go on to the cover").click()
    expect(page.get_by_role("heading", name="Who covers for you")).to_be_visible()
    assert faults(page) == []
    page.get_by_label("Notes for those who cover").fill("Ask Ana about the rota.")
    page.get_by_role("button", name="Ask them").click()
    expect(page.get_by_text("1 cover was asked for.")).to_be_visible()

    other = page_of(mo)
    other.goto(at("handover_list"))
    assert faults(other) == []
    other.get_by_role("link", name="Read the brief").click()
    expect(other.get_by_text("Ask Ana about the rota.")).to_be_visible()
    expect(other.get_by_role("link", name="Open the second desk")).to_be_visible()
    assert faults(other) == []
    other.get_by_role("button", name="Accept").click()
    expect(other.get_by_text("You act for")).to_be_visible()
    other.goto(reverse("goals:check_in_create", args=["harbour", desk.pk]))
    other.get_by_label("On track").check()
    other.get_by_label("What happened").fill("The second desk is open.")
    other.get_by_role("button", name="Save the check-in").click()
    expect(other.get_by_text("Your check-in is saved.")).to_be_visible()
    assert CheckIn.objects.get().author == mo

    page.goto(at("absence_list"))
    expect(page.get_by_text("1 of 1 covers accepted")).to_be_visible()
    assert faults(page) == []


def test_a_handover_by_keyboard_and_in_the_dark(page_of: PageOf, desk: Goal, bob: Member, lea: Member) -> None:
    page = page_of(bob, color_scheme="dark")
    page.goto(at("handover_create"))
    assert faults(page) == []
    page.get_by_role("main").get_by_role("link", name="Hand over").press("Enter")
    assert faults(page) == []
    page.get_by_role("combobox", name="To", exact=True).fill("Lea")
    page.get_by_role("option", name="Lea").click()
    page.get_by_label("Notes").fill("Well.")
    page.get_by_role("button", name="Propose").press("Enter")
    expect(page.get_by_role("heading", name="Answer every call")).to_be_visible()
    assert faults(page) == []
    other = page_of(lea)
    other.goto(at("handover_detail", Handover.objects.get().pk))
    other.get_by_role("link", name="Decline").click()
    other.get_by_label("Why not?").fill("Too much.")
    other.get_by_role("button", name="Decline").click()
    expect(other.get_by_text("Too much.")).to_be_visible()
    desk.refresh_from_db()
    assert desk.owner == bob
