"""The preview of the next digest in a browser: the mail stands in its frame, on a phone and without script."""

from collections.abc import Callable

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from apps.workspaces.models import Member
from tests.factories import GoalFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PageOf = Callable[..., Page]
PHONE = {"width": 375, "height": 812}
FITS = """() => {
  const frame = document.querySelector("iframe");
  return frame.clientHeight === frame.contentDocument.documentElement.offsetHeight;
}"""
"""The frame is as high as its mail: neither scrolls in the other, nor is room left."""


@pytest.mark.parametrize("script", [True, False])
def test_the_mail_stands_in_its_frame_and_runs_nothing(page_of: PageOf, bob: Member, script: bool) -> None:
    title = "<img src=x onerror=document.title='taken'>Answer"
    GoalFactory(owner=bob, title=title, check_in_due_on=timezone.localdate())
    page = page_of(bob, viewport=PHONE, java_script_enabled=script)
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.goto(reverse("notifications:preference_edit", args=["harbour"]))
    page.get_by_role("link", name="Next digest").click()
    expect(page.get_by_role("heading", name="Next digest")).to_be_visible()
    frame = page.frame_locator("iframe")
    expect(frame.get_by_role("link", name="Check in on")).to_be_visible()
    expect(frame.get_by_role("link", name="Check in", exact=True)).to_be_visible()
    if script:
        page.wait_for_function(FITS)
    assert complaints == []
    assert "taken" not in page.title()
    page.get_by_role("link", name="Weekly digest").click()
    expect(page.get_by_text("nothing to tell about your week")).to_be_visible()
