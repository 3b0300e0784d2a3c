"""What pages of a real size weigh, as a browser loads them in production: collected files, packed by gzip.

Gzip is what every browser takes, and the heaviest of what the server and the proxy before it offer.
"""

import gzip
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import transaction
from django.test import Client, override_settings

from apps.demo.services.builder import build
from apps.demo.services.story import people
from apps.goals.access import visible_goals
from apps.goals.models import Status
from apps.workspaces.models import Member, Role, Workspace

KIB = 1024
FIRST_LOAD = 60 * KIB
LATER_PAGE = 15 * KIB
ON_THE_FLY = 6  # gzip's level while answering; collected files are packed once, as far as it goes
NOT_NAMED = ("admin", "rest_framework", "drf_spectacular_sidecar")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"},
}
LISTS = {
    "goal tree": "goals/",
    "goal table": "goals/?view=table",
    "goal map": "goals/?view=map",
    "goal timeline": "goals/?view=timeline",
    "attention": "attention/?scope=all",
    "matrix of people": "responsibilities/",
    "matrix of roles": "responsibilities/?columns=roles",
    "matrix of goals": "responsibilities/?rows=goals",
    "holders": "responsibilities/people/",
    "task list": "tasks/",
    "task board": "tasks/?view=board",
    "task map": "tasks/?view=map",
    "load": "load/",
    "absences": "absences/",
    "inbox": "inbox/",
    "people": "people/",
    "settings": "settings/",
}


@pytest.fixture(scope="module")
def owner(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Client, Workspace]]:
    """Who sees the most, signed in to the demo as it is built now, with files collected as for production."""
    folder = tmp_path_factory.mktemp("static")
    with (
        django_db_blocker.unblock(),
        override_settings(DEMO=True, DEBUG=False, STATIC_ROOT=folder, STORAGES=STORAGES),
        transaction.atomic(),
    ):
        call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=[*NOT_NAMED])
        build(datetime.now(UTC))
        workspace = Workspace.objects.get(slug=people.SLUG)
        client = Client()
        user = Member.objects.get(workspace=workspace, role=Role.OWNER).user
        assert user is not None
        client.force_login(user)
        packed.cache_clear()
        yield client, workspace
        transaction.set_rollback(True)


@cache
def packed(name: str) -> int:
    """The bytes of a collected file."""
    return len(gzip.compress((Path(settings.STATIC_ROOT) / name).read_bytes()))


def weigh(client: Client, address: str) -> tuple[int, int]:
    """Bytes of the page with all it loads, and of the page alone."""
    answer = client.get(address)
    assert answer.status_code == 200, address
    files = set(re.findall(rf'(?:href|src)="{re.escape(settings.STATIC_URL)}([^"?#]+)', answer.content.decode()))
    assert len(files) > 10, address
    page = len(gzip.compress(answer.content, ON_THE_FLY))
    return page + sum(packed(name) for name in files), page


def too_heavy(weights: dict[str, tuple[int, int]]) -> dict[str, tuple[int, int]]:
    """Those of them above one of the two budgets."""
    return {
        name: (first, later) for name, (first, later) in weights.items() if first > FIRST_LOAD or later > LATER_PAGE
    }


def test_lists_and_boards_fit(owner: tuple[Client, Workspace]) -> None:
    client, workspace = owner
    weights = {name: weigh(client, f"/w/{workspace.slug}/{address}") for name, address in LISTS.items()}
    assert too_heavy(weights) == {}


def test_goal_pages_fit(owner: tuple[Client, Workspace]) -> None:
    client, workspace = owner
    reader = Member.objects.get(workspace=workspace, role=Role.OWNER)
    goals = visible_goals(reader).filter(status=Status.ACTIVE)
    weights = {goal.title: weigh(client, f"/w/{workspace.slug}/goals/{goal.pk}/") for goal in goals}
    assert len(weights) > 10
    assert too_heavy(weights) == {}
