"""An import in a real browser: upload, preview, bar, report; with and without JavaScript."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.cache import cache

from apps.goals.models import Goal
from apps.integrations.models import ImportJob
from apps.integrations.services import imports
from apps.integrations.tasks import run_imports
from apps.workspaces.models import Member
from tests.integrations.files import HERE

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NEW = "/w/harbour/settings/imports/new/"
SAMPLE = HERE / "data" / "harbour.json"
PageOf = Callable[..., "Page"]


def _upload(page: "Page") -> ImportJob:
    page.goto(NEW)
    page.get_by_label("File").set_input_files(SAMPLE)
    page.get_by_role("button", name="Upload and look").click()
    page.wait_for_url(re.compile("/settings/imports/[0-9a-f-]{36}/$"))
    return ImportJob.objects.get()


def _check(page: "Page") -> None:
    """Nothing for axe to find, and nothing that makes the page scroll sideways."""
    found: Any = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.mark.parametrize(
    ("scheme", "size"),
    [("light", {"width": 1280, "height": 900}), ("dark", {"width": 390, "height": 844})],
)
def test_a_file_is_imported_while_one_looks(page_of: PageOf, adam: Member, scheme: str, size: dict[str, int]) -> None:
    page = page_of(adam, color_scheme=scheme, viewport=size)
    complaints: list[str] = []
    page.on("console", lambda told: complaints.append(told.text) if told.type in {"error", "warning"} else None)
    page.goto(NEW)
    _check(page)
    job = _upload(page)
    _check(page)
    cache.set(imports.progress_key(job.pk), {"done": 9, "total": 21}, timeout=60)
    page.get_by_text("9 of 21 rows").wait_for()
    _check(page)
    run_imports()
    page.get_by_text("Nothing has been written yet").wait_for()
    _check(page)
    assert Goal.objects.count() == 0
    page.get_by_role("button", name="Yes, import this").click()
    page.get_by_text("You can leave this page and come back").wait_for()
    run_imports()
    page.get_by_text("Everything that could be imported is here now").wait_for()
    assert Goal.objects.count() == 4
    page.goto(f"{page.url}?kind=cycles")
    page.get_by_role("rowheader", name="2025h1").wait_for()
    _check(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    assert download.value.suggested_filename == "report.csv"
    page.goto("/w/harbour/settings/imports/")
    _check(page)
    assert complaints == []


def test_a_file_is_imported_without_javascript(page_of: PageOf, adam: Member) -> None:
    page = page_of(adam, java_script_enabled=False)
    _upload(page)
    run_imports()
    page.get_by_role("link", name="Look again").click()
    page.get_by_text("Nothing has been written yet").wait_for()
    page.get_by_role("button", name="Yes, import this").click()
    page.get_by_text("You can leave this page and come back").wait_for()
    run_imports()
    page.get_by_role("link", name="Look again").click()
    page.get_by_text("Everything that could be imported is here now").wait_for()
    page.get_by_label("Of", exact=True).select_option("cycles")
    page.get_by_role("button", name="Apply").click()
    page.get_by_role("rowheader", name="2025h1").wait_for()
