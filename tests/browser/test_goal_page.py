"""The goal page in a browser: checking in without leaving it, drafts that survive, the keyboard alone, no script."""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import pytest
from allauth.account.models import EmailAddress
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from apps.goals import services
from apps.goals.models import CheckIn, Goal
from tests.factories import PASSWORD, KeyResultFactory, MemberFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PageOf = Callable[..., Page]


@pytest.fixture
def wait(goal):
    """From 14 days to 9, last at 12."""
    made = KeyResultFactory(goal=goal, title="Median wait", start_value=14, target_value=9, unit="days")
    fields: services.CheckInFields = {"confidence": "at_risk", "note": "A hard week."}
    services.create_check_in(goal, fields, readings={made.pk: Decimal(12)}, by=goal.owner, at=timezone.now())
    return made


def url(row: Any, name: str = "goal_detail") -> str:
    """The address of a page of a goal."""
    return reverse(f"goals:{name}", args=[row.workspace.slug, row.pk])


def sign_out_on_the_server() -> None:
    """Every session ends, as if it had run out; the browser does not know."""
    Session.objects.all().delete()
    cache.clear()


def sign_in(page: Page, email: str) -> None:
    """Through the sign-in page."""
    page.locator("[name=login]").fill(email)
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


DRAFTS = "Object.keys(localStorage).filter((key) => key.startsWith('draft:'))"


def drafts(page: Page) -> list[str]:
    """What the browser keeps of forms that were not sent."""
    found: list[str] = page.evaluate(DRAFTS)
    return found


def test_check_in_without_leaving_the_page(page_of: PageOf, bob, goal, wait):
    page = page_of(bob)
    page.goto(url(goal))
    page.get_by_role("link", name="Check in").click()
    form = page.locator("#check-in form")
    expect(form.get_by_label("Median wait")).to_have_value("12")
    expect(page.locator("#check-in aside")).to_contain_text("A hard week.")
    form.get_by_label("Median wait").fill("10.5")
    expect(form.locator("output").first).to_have_text("\u22121.5")
    form.get_by_label("On track").check()
    form.get_by_label("What happened").fill("The **second desk** is open.")
    form.get_by_role("button", name="Preview").click()
    expect(form.locator("#note-preview strong")).to_have_text("second desk")
    form.get_by_role("button", name="Save the check-in").click()
    expect(page.locator("#last-check-in")).to_be_focused()
    expect(page.locator("main")).to_contain_text("The second desk is open.")
    expect(page.locator(".goal-head")).to_contain_text("On track")
    expect(page.locator("#check-in form")).to_have_count(0)
    expect(page.locator("#toasts")).to_contain_text("Your check-in is saved.")
    assert urlsplit(page.url).path == url(goal)
    page.reload()
    page.get_by_role("link", name="Check in").click()
    expect(page.locator("#check-in form").get_by_label("What happened")).to_have_value("")


def test_refused_check_in_keeps_what_was_written_and_takes_the_focus(page_of: PageOf, bob, goal, wait):
    page = page_of(bob)
    page.goto(url(goal))
    page.get_by_role("link", name="Check in").click()
    form = page.locator("#check-in form")
    form.get_by_label("Median wait").fill("many")
    form.get_by_label("What happened").fill("Written with care.")
    form.get_by_role("button", name="Save the check-in").click()
    expect(page.locator("#check-in .summary")).to_be_focused()
    expect(page.locator("#check-in form").get_by_label("What happened")).to_have_value("Written with care.")
    assert CheckIn.objects.count() == 1


def test_draft_survives_a_reload(page_of: PageOf, bob, goal, wait):
    page = page_of(bob)
    page.goto(url(goal))
    page.get_by_role("link", name="Check in").click()
    page.locator("#check-in form").get_by_label("What happened").fill("Half a thought")
    for _turn in range(50):
        if drafts(page):
            break
        page.wait_for_timeout(50)
    page.reload()
    page.get_by_role("link", name="Check in").click()
    expect(page.locator("#check-in form").get_by_label("What happened")).to_have_value("Half a thought")
    page.goto(url(goal, "check_in_create"))
    expect(page.get_by_label("What happened")).to_have_value("Half a thought")


@pytest.mark.parametrize("in_place", [True, False])
def test_session_that_ran_out_comes_back_to_the_filled_form(page_of: PageOf, bob, goal, wait, in_place):
    EmailAddress.objects.create(user=bob.user, email=bob.user.email, verified=True, primary=True)
    page = page_of(bob)
    page.goto(url(goal) if in_place else url(goal, "check_in_create"))
    if in_place:
        page.get_by_role("link", name="Check in").click()
    page.get_by_role("textbox", name="Median wait").fill("10")
    page.get_by_label("What happened").fill("Ten days, and nobody lost it.")
    page.get_by_label("At risk").check()
    sign_out_on_the_server()
    page.get_by_role("button", name="Save the check-in").click()
    page.wait_for_url("**/account/login/**")
    sign_in(page, bob.user.email)
    page.wait_for_url(f"**{url(goal, 'check_in_create')}")
    expect(page.get_by_label("What happened")).to_have_value("Ten days, and nobody lost it.")
    expect(page.get_by_role("textbox", name="Median wait")).to_have_value("10")
    expect(page.get_by_label("At risk")).to_be_checked()
    assert CheckIn.objects.count() == 1
    page.get_by_role("button", name="Save the check-in").click()
    expect(page.locator("main")).to_contain_text("Ten days, and nobody lost it.")
    assert CheckIn.objects.count() == 2
    page.wait_for_function(f"() => !({DRAFTS}).length")


def test_two_clicks_are_one_check_in(page_of: PageOf, bob, goal):
    page = page_of(bob)
    page.goto(url(goal))
    page.get_by_role("link", name="Check in").click()
    page.get_by_label("On track").check()
    page.get_by_role("button", name="Save the check-in").dblclick()
    expect(page.locator("#toasts")).to_contain_text("Your check-in is saved.")
    assert CheckIn.objects.count() == 1


def test_ask_is_answered_in_place(page_of: PageOf, bob, lea, goal):
    services.create_check_in(goal, {"ask": "May we hire?", "ask_to": lea}, readings={}, by=bob, at=timezone.now())
    page = page_of(lea)
    page.goto(url(goal))
    page.get_by_role("link", name="Answer").click()
    page.get_by_label("Your answer").fill("Yes, from May.")
    page.get_by_role("button", name="Send the answer").click()
    expect(page.locator("main")).to_contain_text("Lea answers: Yes, from May.")
    assert urlsplit(page.url).path == url(goal)


def press(page: Page, *keys: str) -> None:
    """Keys one after the other."""
    for key in keys:
        page.keyboard.press(key)


def tab_to(page: Page, selector: str) -> None:
    """Go on with Tab until something that matches has the focus."""
    for _step in range(80):
        if page.evaluate("(wanted) => document.activeElement.matches(wanted)", selector):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"Tab does not come to {selector}")


def test_check_in_by_keyboard_alone(page_of: PageOf, bob, lea, goal, wait):
    page = page_of(bob)
    page.goto(url(goal))
    tab_to(page, "#check-in-open")
    press(page, "Enter")
    expect(page.locator("#check-in-now")).to_be_focused()
    tab_to(page, "[name=confidence]")
    press(page, "ArrowDown")
    tab_to(page, "[name^=reading_]")
    page.keyboard.type("9.5")
    tab_to(page, "[name=note]")
    page.keyboard.type("Typed.")
    tab_to(page, "[name=ask]")
    page.keyboard.type("May we hire?")
    tab_to(page, "[role=combobox]:not(#find-input)")
    page.keyboard.type("Le")
    expect(page.locator(".combo-list [role=option]")).to_have_count(1)
    press(page, "Enter")
    tab_to(page, "#check-in button[type=submit]")
    press(page, "Enter")
    expect(page.locator("#last-check-in")).to_be_focused()
    made = CheckIn.objects.latest("made_at")
    assert (made.confidence, made.note, made.ask_to) == ("off_track", "Typed.", lea)
    assert made.readings.get().value == Decimal("9.5")


def test_goal_is_written_with_people_chosen_from_many(page_of: PageOf, bob, mo, goal, harbour):
    for number in range(40):
        MemberFactory(workspace=harbour, name=f"Aaron {number}")
    page = page_of(bob)
    page.goto(reverse("goals:goal_create", args=[harbour.slug]) + f"?parent={goal.pk}")
    page.get_by_label("What do you want to reach?").fill("Nobody waits")
    page.get_by_role("combobox", name="Person").first.fill("Mo")
    page.get_by_role("option", name="Mo", exact=True).first.click()
    page.get_by_label("Hours a week").first.fill("4.5")
    page.get_by_label(re.compile("^Private")).check()
    expect(page.locator("#readers")).to_contain_text("You and Mo can read this. Nobody else, no admin.")
    rows = page.get_by_role("combobox", name="Person")
    before = rows.count()
    page.get_by_role("button", name="Another person").click()
    expect(rows).to_have_count(before + 1)
    page.get_by_role("button", name="Save the goal").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Nobody waits")
    made = Goal.objects.get(title="Nobody waits")
    assert (made.parent, made.visibility, made.contributions.get().member) == (goal, "private", mo)
    assert made.contributions.get().hours_per_week == Decimal("4.5")


def test_everything_works_without_scripts(page_of: PageOf, bob, lea, goal, wait):
    page = page_of(bob, java_script_enabled=False)
    page.goto(url(goal))
    page.get_by_role("link", name="Check in").click()
    page.get_by_label("On track").check()
    page.get_by_label("What do you need from others?").fill("May we hire?")
    page.locator("[name=ask_to_text]").fill("lea")
    page.get_by_role("button", name="Save the check-in").click()
    expect(page.locator("main")).to_contain_text("Asks Lea: May we hire?")
    page.goto(url(goal, "goal_edit"))
    page.locator("[name=owner_text]").fill("Lea")
    page.locator("[name=person_text]").first.fill(bob.email)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".goal-head")).to_contain_text("Lea")
    assert Goal.objects.get(pk=goal.pk).contributions.get().member == bob


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_pages_do_not_scroll_sideways_and_break_no_rule_of_the_browser(page_of: PageOf, bob, goal, wait, scheme, width):
    Goal.objects.filter(pk=goal.pk).update(title="Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz" * 3)
    page = page_of(bob, viewport={"width": width, "height": 844}, color_scheme=scheme)
    complaints: list[str] = []
    page.on(
        "console", lambda message: complaints.append(message.text) if message.type in {"error", "warning"} else None
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    for name in (
        "goal_detail",
        "goal_edit",
        "goal_close",
        "goal_history",
        "check_in_create",
        "check_in_list",
        "key_result_create",
    ):
        page.goto(url(goal, name))
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
    assert complaints == []
