"""Time in a browser: the load of a team, the warning while hours are typed, and a week's report; also on a phone."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from apps.capacity.models import HoursReport
from apps.capacity.queries.capacity import monday_of
from apps.goals.models import Goal
from apps.workspaces.models import Member
from tests.factories import AbsenceFactory, AssignmentFactory, ContributorFactory, GoalFactory, ResponsibilityFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PageOf = Callable[..., Page]
LOOKS = [("light", {"width": 1280, "height": 900}), ("dark", {"width": 375, "height": 812})]


@pytest.fixture
def calls(bob: Member, lea: Member) -> Goal:
    """A goal with ten hours of bob's, who holds 28 more and will be away."""
    goal: Goal = GoalFactory(owner=lea, title="Answer every call", activated_at=timezone.now() - timedelta(days=60))
    ContributorFactory(goal=goal, member=bob, hours_per_week=10)
    duty = ResponsibilityFactory(workspace=bob.workspace, title="Duty rota")
    AssignmentFactory(
        responsibility=duty, member=bob, hours_per_week=28, offered_at=timezone.now() - timedelta(days=60)
    )
    monday = monday_of(timezone.localdate()) + timedelta(weeks=3)
    AbsenceFactory(member=bob, starts_on=monday)
    return goal


def url(name: str, *args: object) -> str:
    """A page of the workspace."""
    return reverse(f"capacity:{name}", args=["harbour", *args])


def faults(page: Page) -> list[str]:
    """What axe finds, and whether the page scrolls sideways."""
    found = [f"{each['id']}: {each['nodes'][0]['html'][:200]}" for each in Axe().run(page).response["violations"]]
    if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
        found.append("scrolls sideways")
    return found


@pytest.mark.parametrize(("scheme", "viewport"), LOOKS, ids=["light-wide", "dark-narrow"])
def test_the_pages_of_time_have_no_fault(
    page_of: PageOf, lea: Member, bob: Member, calls: Goal, scheme: str, viewport: dict[str, int]
) -> None:
    page = page_of(bob, color_scheme=scheme, viewport=viewport)
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None)
    goal = reverse("goals:goal_detail", args=["harbour", calls.pk])
    person = reverse("workspaces:member_detail", args=["harbour", bob.pk])
    for address in (url("load_list"), url("load_detail", bob.pk), url("hours_now"), goal, person):
        page.goto(address)
        assert (address, faults(page)) == (address, [])
    assert complaints == []


def test_the_team_is_changed_in_place_and_kept_in_the_address(page_of: PageOf, lea: Member, mo: Member) -> None:
    page = page_of(lea)
    page.goto(url("load_list"))
    table = page.get_by_role("table")
    expect(table.get_by_text("Mo", exact=True)).to_have_count(0)
    page.goto(f"{url('load_list')}?team=all")
    expect(table.get_by_text("Mo", exact=True)).to_have_count(1)
    page.get_by_role("link", name="Later").click()
    expect(page).to_have_url(re.compile(r"team=all&week=|week=.*team=all"))


def test_a_form_says_what_hours_come_to_and_saves_all_the_same(
    page_of: PageOf, lea: Member, bob: Member, calls: Goal
) -> None:
    page = page_of(lea)
    page.goto(reverse("goals:goal_edit", args=["harbour", calls.pk]))
    hours = page.get_by_label("Hours a week").first
    expect(page.get_by_text("It fits into the hours they have")).to_be_visible()
    hours.fill("15")
    hours.press("Tab")
    expect(page.get_by_text("Bob would be at 43 of 40 h in the week of")).to_be_visible()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Bob promised 43 of 40 h in the week of")).to_be_visible()


def test_a_week_is_reported_without_a_script(page_of: PageOf, bob: Member, calls: Goal) -> None:
    page = page_of(bob, java_script_enabled=False)
    page.goto(url("load_list"))
    page.get_by_role("link", name="Report my hours").click()
    field = page.get_by_label("Hours: Answer every call")
    expect(field).to_have_value("10")
    field.fill("12.5")
    page.get_by_label("Hours: Everything else").fill("3")
    page.get_by_role("button", name="Save my hours").click()
    expect(field).to_have_value("12.5")
    stored = HoursReport.objects.filter(member=bob).values_list("goal_id", "responsibility__title", "hours")
    assert {(goal, duty): float(hours) for goal, duty, hours in stored} == {
        (calls.pk, None): 12.5,
        (None, "Duty rota"): 28.0,
        (None, None): 3.0,
    }
