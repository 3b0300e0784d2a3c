"""The goals page leads to a table of just the goals it lists."""

import csv
import io
import re
from collections.abc import Callable
from html import unescape

from django.test import Client

from apps.goals.models import Goal
from apps.workspaces.models import Member
from tests.factories import GoalFactory


def test_the_link_exports_what_is_listed(client_of: Callable[[Member], Client], bob: Member, goal: Goal) -> None:
    GoalFactory(owner=bob, cycle=goal.cycle, title="Another one", labels=["calls"])
    client = client_of(bob)
    page = client.get("/w/harbour/goals/", {"cycle": str(goal.cycle_id), "label": "calls"})
    link = re.search(r'href="([^"]*export\.csv[^"]*)"', page.content.decode())
    assert link is not None
    table = b"".join(client.get(unescape(link[1])).streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    titles = [row["title"] for row in csv.DictReader(io.StringIO(table))]
    assert titles == ["Another one"]
