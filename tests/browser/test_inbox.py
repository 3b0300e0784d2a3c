"""The inbox and what reaches one in a browser: in place by htmx, by the keyboard, on a phone, without script."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from uuid import UUID

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import Page, expect

from apps.notifications.models import Notice, Reach
from apps.notifications.services import reaches_of
from apps.notifications.services.kinds import KINDS, NoticeKind, NoticeWords
from apps.workspaces.models import Member
from tests.factories import NoticeFactory
from tests.lists import holding

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PageOf = Callable[..., Page]
PHONE = {"width": 375, "height": 800}


def read(notices: Sequence[Notice], at: datetime) -> dict[UUID, str]:
    """The dedupe keys."""
    return {notice.pk: notice.dedupe_key for notice in notices}


def say(_notice: Notice, dedupe_key: str) -> NoticeWords:
    """Says the dedupe key."""
    return NoticeWords(
        f"Tea is {dedupe_key}", text="", url="/", action="Drink", about="The kettle", about_url="/", reason=""
    )


@pytest.fixture(autouse=True)
def tea() -> Iterator[None]:
    """Two kinds of their own."""
    ready = NoticeKind("tea_ready", "Tea", "Kitchen", Reach.DIGEST, read, say, help="When it has drawn.")
    act = lambda _notice, _by, _at: None  # noqa: E731 - it does nothing
    with holding(KINDS, ready, NoticeKind("tea_wanted", "Tea wanted", "Kitchen", Reach.MAIL, read, say, act=act)):
        yield


def faults(page: Page) -> list[str]:
    """What axe finds, and whether the page scrolls sideways."""
    found = [f"{each['id']}: {each['nodes'][0]['html']}" for each in Axe().run(page).response["violations"]]
    if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
        found.append("scrolls sideways")
    return found


def test_the_inbox_is_worked_through_in_place(page_of: PageOf, bob: Member) -> None:
    about = NoticeFactory(recipient=bob, kind="tea_ready", dedupe_key="ready").about_id
    NoticeFactory(recipient=bob, kind="tea_wanted", dedupe_key="wanted", about_id=about)
    page = page_of(bob, viewport=PHONE)
    page.goto(reverse("notifications:notice_list", args=["harbour"]))
    assert faults(page) == []
    bell = page.locator("#bell")
    expect(bell).to_have_text("Inbox, 2 unread2")
    row = page.get_by_role("listitem").filter(has_text="Tea is ready")
    row.get_by_role("button", name="Mark as read").press("Enter")
    expect(row.get_by_role("button", name="Mark as unread")).to_be_focused()
    expect(bell).to_have_text("Inbox, 1 unread1")
    page.get_by_role("button", name="Drink").click()
    expect(page.get_by_text("Tea is wanted")).to_have_count(0)
    expect(page.locator("#toasts")).to_contain_text("Done.")
    row.get_by_role("button", name="Put away").click()
    expect(page.get_by_text("Nothing waits for you.")).to_be_visible()
    expect(bell).to_have_text("Inbox, nothing unread")


def test_what_reaches_one_is_chosen_by_the_keyboard_without_script(page_of: PageOf, bob: Member) -> None:
    page = page_of(bob, viewport=PHONE, java_script_enabled=False)
    page.goto(reverse("notifications:preference_edit", args=["harbour"]))
    page.get_by_role("group", name="Tea wanted").get_by_label("Mail at once").press("ArrowRight")
    page.get_by_label("Sunday").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    assert reaches_of(bob)["tea_wanted"] == Reach.DIGEST
    scripted = page_of(bob, viewport=PHONE, color_scheme="dark")
    scripted.goto(page.url)
    assert faults(scripted) == []
    expect(scripted.get_by_label("Sunday")).to_be_checked()
