"""Tasks in a browser, by keyboard: the line that says how it is understood, and the board."""

import pytest

from apps.tasks.models import Task
from tests.factories import TaskFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_line_is_understood_and_makes_a_task(goal, bob, lea, page_of):
    page = page_of(bob)
    page.goto(f"/w/harbour/goals/{goal.pk}/")
    page.get_by_label("Add a task in one line").focus()
    page.keyboard.type("Write the release note @lea tomorrow !4", delay=5)
    understood = page.locator("#quick-understood")
    understood.get_by_text("importance 4").wait_for()
    assert "Lea" in understood.inner_text()
    page.keyboard.press("Enter")
    page.locator(".task-lines").get_by_text("Write the release note").wait_for()
    task = Task.objects.get()
    assert (task.assignee, task.importance) == (lea, 4)


def test_a_card_moves_by_keyboard_by_button_and_by_drag(goal, bob, page_of):
    task = TaskFactory(goal=goal, title="Buy headsets", assignee=bob)
    page = page_of(bob)
    page.goto("/w/harbour/tasks/?view=board")
    columns = {name: page.locator(f'.board-column[data-status="{name}"]') for name in ("open", "doing", "done")}
    columns["open"].get_by_role("link", name="Buy headsets").focus()
    page.keyboard.press("Alt+ArrowRight")
    columns["doing"].get_by_text("Buy headsets").wait_for()
    page.get_by_text("“Buy headsets” is now in: In progress").wait_for()
    assert page.evaluate("document.activeElement.textContent.trim()") == "Buy headsets"
    assert columns["doing"].locator("[data-count]").inner_text() == "1"
    task.refresh_from_db()
    assert task.status == "doing"
    page.reload()
    columns["doing"].get_by_role("button", name="“Buy headsets” is done").press("Enter")
    columns["done"].get_by_text("Buy headsets").wait_for()
    page.locator(".task-card").drag_to(columns["open"])
    page.get_by_text("“Buy headsets” is now in: Open").wait_for()
    task.refresh_from_db()
    assert task.status == "open"
