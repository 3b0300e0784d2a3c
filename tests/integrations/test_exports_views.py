"""The pages of exports."""

import io
import zipfile
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from apps.goals.models import Goal
from apps.integrations.models import Export
from apps.integrations.tasks import run_exports
from apps.workspaces.models import Member, Role
from tests.factories import ExportChunkFactory, ExportFactory

ClientOf = Callable[[Member], Client]
LIST = "/w/harbour/programs/exports/"
NEW = f"{LIST}new/"


def page_of(export: Export) -> str:
    """Its address."""
    return f"{LIST}{export.pk}/"


@pytest.fixture
def export(bob: Member) -> Export:
    """Bob's, ready."""
    found: Export = ExportFactory(requested_by=bob, state="done", attempts=1, finished_at=timezone.now(), size=2)
    ExportChunkFactory(export=found, position=0)
    return found


@pytest.mark.parametrize("name", ["alice", "bob", "gus"])
def test_the_way_of_an_export(client_of: ClientOf, goal: Goal, name: str, request: pytest.FixtureRequest) -> None:
    client = client_of(request.getfixturevalue(name))
    assert "kept for 7 days" in client.get(LIST).content.decode()
    answer = client.post(NEW)
    export = Export.objects.get()
    assert answer["Location"] == page_of(export)
    waiting = client.get(page_of(export)).content.decode()
    assert "Look again" in waiting
    assert "Waiting for its turn" in waiting
    assert client.get(f"{page_of(export)}download/").status_code == 404
    assert run_exports() == 1
    ready = client.get(page_of(export)).content.decode()
    assert "Look again" not in ready
    download = client.get(f"{page_of(export)}download/")
    assert download["Cache-Control"] == "no-store"
    assert download["Content-Disposition"].startswith('attachment; filename="harbour-')
    assert "goals.csv" in zipfile.ZipFile(io.BytesIO(download.getvalue())).namelist()
    assert "Ready" in client.get(LIST).content.decode()
    assert "Copies that were downloaded" in client.get(f"{page_of(export)}delete/").content.decode()
    assert client.post(f"{page_of(export)}delete/")["Location"] == LIST
    assert not Export.objects.exists()


def test_the_bar_asks_again_until_it_is_done(client_of: ClientOf, bob: Member) -> None:
    export = ExportFactory(requested_by=bob, state="running", rows_done=1234, rows_known=56789)
    client, headers = client_of(bob), {"HX-Request": "true"}
    fragment = client.get(page_of(export), headers=headers).content.decode()
    assert 'max="56789" value="1234"' in fragment
    assert "1,234 of 56,789 rows" in fragment
    assert "<html" not in fragment
    Export.objects.update(state="done", finished_at=timezone.now())
    answer = client.get(page_of(export), headers=headers)
    assert (answer.status_code, answer["HX-Refresh"]) == (204, "true")


def test_an_export_can_be_cancelled_while_it_is_written(client_of: ClientOf, bob: Member) -> None:
    client = client_of(bob)
    client.post(NEW)
    export = Export.objects.get()
    client.post(f"{page_of(export)}cancel/")
    assert "what was written is gone" in client.get(page_of(export)).content.decode()
    assert "has ended already" in client.post(f"{page_of(export)}cancel/", follow=True).content.decode()


def test_a_second_one_is_refused_with_the_reason(client_of: ClientOf, bob: Member) -> None:
    client = client_of(bob)
    client.post(NEW)
    assert "still being written" in client.post(NEW, follow=True).content.decode()
    assert Export.objects.count() == 1
    assert "Start an export" not in client.get(LIST).content.decode()


def test_why_it_failed_stands_on_its_page(client_of: ClientOf, bob: Member) -> None:
    export = ExportFactory(requested_by=bob, state="failed", error="Tried <3> times.", finished_at=timezone.now())
    assert "Tried &lt;3&gt; times." in client_of(bob).get(page_of(export)).content.decode()


@pytest.mark.parametrize("name", ["alice", "adam", "mo", "gus", "eve"])
def test_an_export_does_not_exist_for_others(
    client_of: ClientOf, export: Export, name: str, request: pytest.FixtureRequest
) -> None:
    client = client_of(request.getfixturevalue(name))
    for path in ("", "download/", "delete/"):
        assert client.get(f"{page_of(export)}{path}").status_code == 404
    for path in ("cancel/", "delete/"):
        assert client.post(f"{page_of(export)}{path}").status_code == 404
    assert export.file_name not in client.get(LIST).content.decode()
    assert Export.objects.get().state == "done"


def test_who_became_a_guest_no_longer_fetches_it(client_of: ClientOf, export: Export, bob: Member) -> None:
    client = client_of(bob)
    assert client.get(f"{page_of(export)}download/").getvalue() == b"PK"
    Member.objects.filter(pk=bob.pk).update(role=Role.GUEST)
    assert client.get(f"{page_of(export)}download/").status_code == 404


def test_who_left_no_longer_fetches_it(client_of: ClientOf, export: Export, bob: Member) -> None:
    client = client_of(bob)
    Member.objects.filter(pk=bob.pk).update(deactivated_at=timezone.now())
    assert client.get(f"{page_of(export)}download/").status_code == 404


def test_the_sweep_forgets_what_is_old(export: Export) -> None:
    Export.objects.update(finished_at=timezone.now() - timedelta(days=7))
    run_exports()
    assert not Export.objects.exists()
