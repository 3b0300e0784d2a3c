"""The page of the API's schema, in a browser."""

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_docs_show_every_family_offline_and_within_the_policy(page_of: Callable[..., Page]) -> None:
    page = page_of(None)
    complaints: list[str] = []
    hosts: set[str] = set()
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: hosts.add(urlsplit(request.url).hostname or ""))
    page.goto("/api/v1/docs/")
    for family in ("general", "people", "goals", "responsibilities", "webhooks"):
        page.locator(f"#operations-tag-{family}").wait_for(timeout=60_000)  # the first one makes the schema
    page.locator("#operations-tag-goals button").first.click()
    operation = page.locator("#operations-goals-goals_create")
    operation.locator("button").first.click()
    operation.get_by_text("Idempotency-Key").first.wait_for()
    assert complaints == []
    assert {host for host in hosts if host} == {urlsplit(page.url).hostname}
