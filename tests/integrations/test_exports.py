"""Exports: what an archive holds, who stops it, and what happens where its worker dies."""

import csv
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from apps.core.exports import EXPORTED
from apps.goals import services as goals
from apps.goals.models import Goal
from apps.integrations import queries
from apps.integrations.access import visible_exports
from apps.integrations.models import SCOPES, Export, ExportChunk
from apps.integrations.services import exports, tokens
from apps.integrations.services.exports import archive, work
from apps.workspaces import services as workspaces
from apps.workspaces.models import Member, Role
from tests.factories import ExportChunkFactory, ExportFactory, GoalFactory

Reads = Callable[[], object]


def run() -> bool:
    """What the task does, once."""
    return exports.run_next_export(EXPORTED, clock=timezone.now)


def start(member: Member) -> Export:
    """An export of the member's."""
    return exports.create_export(by=member, at=timezone.now())


def opened(export: Export) -> zipfile.ZipFile:
    """The finished archive."""
    export.refresh_from_db()
    assert export.state == "done", export.error
    content = b"".join(queries.archive_pieces(export))
    assert len(content) == export.size
    found = zipfile.ZipFile(io.BytesIO(content))
    assert found.testzip() is None
    return found


def rows_of(export: Export, name: str) -> list[dict[str, Any]]:
    """The rows of one file of JSON."""
    results: list[dict[str, Any]] = json.loads(opened(export).read(f"{name}.json"))["results"]
    return results


def table_of(export: Export, name: str) -> list[dict[str, str]]:
    """The rows of one table."""
    return list(csv.DictReader(io.StringIO(opened(export).read(f"{name}.csv").decode("utf-8-sig"), newline="")))


@dataclass
class Watched:
    """A resource that does something at each batch it is asked for, before it reads."""

    name: str = "goals"
    before: Reads = lambda: None
    read: list[set[str]] = field(default_factory=list)

    def columns(self) -> list[str]:
        """As the API's."""
        return self._real().columns()

    def count(self, member: Member) -> int:
        """As the API's."""
        return self._real().count(member)

    def batch(self, member: Member, *, after: Any, size: int) -> list[dict[str, Any]]:
        """As the API's."""
        self.before()
        rows = self._real().batch(member, after=after, size=size)
        self.read.append({row["title"] for row in rows})
        return rows

    def _real(self) -> Any:
        return next(each for each in EXPORTED if each.name == self.name)


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """One row at a time."""
    monkeypatch.setattr(work, "BATCH", 1)


@pytest.fixture
def between(small_batches: None, monkeypatch: pytest.MonkeyPatch) -> Callable[[Reads], None]:
    """`between(act)`: act once, after the first row is read and before the next."""

    def arrange(act: Reads) -> None:
        waiting = [act]
        real = archive.cells

        def cells(row: dict[str, Any], columns: list[str]) -> list[str]:
            if waiting:
                waiting.pop()()
            return real(row, columns)

        monkeypatch.setattr(archive, "cells", cells)

    return arrange


# ---- what it holds ---------------------------------------------------------------------------------------------


def test_the_archive_holds_every_exported_resource_in_the_shape_of_the_api(
    api_of: Callable[[Member], APIClient], bob: Member, lea: Member, goal: Goal, now: datetime
) -> None:
    goals.create_check_in(goal, {"note": "Two desks now."}, readings={}, by=bob, at=now + timedelta(days=1))
    export = start(bob)
    assert run()
    assert not run()
    names = set(opened(export).namelist())
    assert names == {f"{each.name}.{kind}" for each in EXPORTED for kind in ("json", "csv")} | {"README.txt"}
    client = api_of(bob)
    for each in EXPORTED:
        over_the_api = client.get(f"/api/v1/{each.name}/?page_size=200&ordering=created_at").json()["results"]
        by_id = {row["id"]: row for row in over_the_api}
        assert {row["id"]: row for row in rows_of(export, each.name)} == by_id, each.name
        assert [row["id"] for row in table_of(export, each.name)] == sorted(by_id), each.name
    assert rows_of(export, "check-ins")[0]["note"] == "Two desks now."


def test_the_readme_says_when_by_whom_and_what(bob: Member, goal: Goal) -> None:
    export = start(bob)
    run()
    words = opened(export).read("README.txt").decode()
    for part in ("Export of Harbour", "By: Bob (Member)", str(timezone.now().year), "goals: 1", "check-ins: 0"):
        assert part in words


def test_the_archive_holds_what_its_person_sees_and_nothing_else(
    bob: Member, mo: Member, gus: Member, adam: Member, goal: Goal
) -> None:
    GoalFactory(title="Canary of the team", owner=bob, team=goal.team, visibility="team")
    GoalFactory(title="Canary of Bob", owner=bob, visibility="private")
    seen = {}
    for person in (bob, mo, adam, gus):
        export = start(person)
        run()
        seen[person.name] = {row["title"] for row in rows_of(export, "goals")}
        whole = b"".join(opened(export).read(name) for name in opened(export).namelist())
        assert (b"Canary" in whole) == (person == bob), person.name
    assert seen["Mo"] == seen["Adam"] == {"Answer every call"}
    assert seen["Gus"] == set()


def test_no_cell_is_a_formula(bob: Member, goal: Goal) -> None:
    for number, title in enumerate(("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "＝1")):  # noqa: RUF001 - as typed
        GoalFactory(title=title, owner=bob, labels=[f"={number}", "-b"], reason="=HYPERLINK()")
    export = start(bob)
    run()
    bad = [cell for row in table_of(export, "goals") for cell in row.values() if cell.lstrip()[:1] in tuple("=+-@＝")]  # noqa: RUF001
    assert bad == []
    assert {row["title"] for row in rows_of(export, "goals")} >= {"=1+1", "＝1"}  # noqa: RUF001


def test_pieces_together_are_the_archive(bob: Member, goal: Goal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "PIECE", 64)
    export = start(bob)
    run()
    assert opened(export).namelist()
    sizes = [len(bytes(each)) for each in ExportChunk.objects.order_by("position").values_list("content", flat=True)]
    assert len(sizes) > 10
    assert set(sizes[:-1]) == {64}


def test_a_step_reads_a_bounded_number_of_rows_in_few_queries(
    bob: Member, goal: Goal, small_batches: None, django_assert_max_num_queries: Any
) -> None:
    for _number in range(5):
        GoalFactory(owner=bob)
    watched = Watched()
    start(bob)
    with django_assert_max_num_queries(8 * 10):
        exports.run_next_export([watched], clock=timezone.now)
    assert [len(batch) for batch in watched.read] == [1, 1, 1, 1, 1, 1, 0]


# ---- its progress and its end ----------------------------------------------------------------------------------


def test_progress_is_rows_done_of_rows_known(bob: Member, goal: Goal, small_batches: None) -> None:
    GoalFactory(owner=bob)
    said: list[tuple[int, int]] = []

    def look() -> None:
        export = Export.objects.get()
        said.append((export.rows_done, export.rows_known))

    start(bob)
    exports.run_next_export([Watched(before=look)], clock=timezone.now)
    assert said == [(0, 2), (1, 2), (2, 2)]


def test_a_role_that_is_taken_while_it_is_written_begins_it_anew(
    bob: Member, alice: Member, goal: Goal, between: Callable[[Reads], None]
) -> None:
    GoalFactory(title="Second", owner=alice)
    export, watched = start(bob), Watched()
    between(lambda: workspaces.set_role(bob, role=Role.GUEST, by=alice, at=timezone.now()))
    assert exports.run_next_export([watched], clock=timezone.now)
    export.refresh_from_db()
    assert (export.state, export.role) == ("waiting", "guest")
    assert len(watched.read) == 1, "nothing is read after the role was taken"
    assert not ExportChunk.objects.exists()
    watched.read = []
    assert exports.run_next_export([watched], clock=timezone.now)
    assert [row["title"] for row in rows_of(export, "goals")] == ["Answer every call"]
    assert set().union(*watched.read) == {"Answer every call"}


def test_an_export_ends_with_its_persons_access(
    bob: Member, alice: Member, goal: Goal, between: Callable[[Reads], None]
) -> None:
    GoalFactory(owner=alice)
    export, watched = start(bob), Watched()
    between(lambda: Member.objects.filter(pk=bob.pk).update(deactivated_at=timezone.now()))
    exports.run_next_export([watched], clock=timezone.now)
    export.refresh_from_db()
    assert export.state == "failed"
    assert "access" in export.error
    assert len(watched.read) == 1
    assert not ExportChunk.objects.exists()


def test_a_goal_that_is_hidden_while_it_is_written_is_not_read(
    bob: Member, mo: Member, goal: Goal, between: Callable[[Reads], None]
) -> None:
    second = GoalFactory(title="Second", owner=bob)
    export = start(mo)
    between(lambda: Goal.objects.filter(pk=second.pk).update(visibility="private"))
    run()
    assert [row["title"] for row in rows_of(export, "goals")] == ["Answer every call"]


def test_an_archive_stays_shut_once_a_goal_in_it_is_no_longer_for_its_person(
    client_of: Callable[[Member], Client], api_of: Callable[..., APIClient], bob: Member, mo: Member, goal: Goal
) -> None:
    export = start(mo)
    run()
    detail = f"/w/harbour/programs/exports/{export.pk}/"
    download = f"/api/v1/exports/{export.pk}/download/"
    assert client_of(mo).get(f"{detail}download/").status_code == 200
    assert api_of(mo).get(download).status_code == 200
    GoalFactory(workspace=goal.workspace, owner=bob, visibility="private")
    assert client_of(mo).get(f"{detail}download/").status_code == 200, "it is not in the archive"
    goals.update_goal(goal, {"visibility": "private"}, by=bob, at=timezone.now())
    page = client_of(mo).get(detail).content.decode()
    assert "This archive holds goals that are no longer for you. Start another export." in page
    assert "Download" not in page
    assert client_of(mo).get(f"{detail}download/").status_code == 403
    answer = api_of(mo).get(download)
    assert (answer.status_code, answer.json()["detail"]) == (
        403,
        "This archive holds goals that are no longer for you. Start another export.",
    )
    goals.update_goal(goal, {"visibility": "workspace"}, by=bob, at=timezone.now())
    assert client_of(mo).get(f"{detail}download/").status_code == 200


def test_who_became_a_guest_does_not_get_the_archive_from_before(bob: Member, goal: Goal) -> None:
    start(bob)
    run()
    assert visible_exports(bob).count() == 1
    bob.role = Role.GUEST
    assert visible_exports(bob).count() == 0


@pytest.mark.parametrize("how", [exports.cancel_export, exports.delete_export])
def test_a_cancelled_or_deleted_export_stops_at_the_next_step(
    bob: Member,
    goal: Goal,
    between: Callable[[Reads], None],
    monkeypatch: pytest.MonkeyPatch,
    how: exports.ExportAction,
) -> None:
    monkeypatch.setattr(archive, "PIECE", 16)
    GoalFactory(owner=bob)
    export, watched = start(bob), Watched()
    between(lambda: how(export, by=bob, at=timezone.now()))
    assert exports.run_next_export([watched], clock=timezone.now)
    assert len(watched.read) == 1
    assert not ExportChunk.objects.exists()
    assert not Export.objects.exclude(state="cancelled").exists()
    assert not run()


# ---- workers ---------------------------------------------------------------------------------------------------


class Killed(BaseException):
    """What kill -9 amounts to: nothing of the worker runs after it."""


def test_an_export_whose_worker_died_is_taken_again(bob: Member, goal: Goal, between: Callable[[Reads], None]) -> None:
    def die() -> None:
        raise Killed

    GoalFactory(owner=bob)
    export, watched = start(bob), Watched()
    between(die)
    with pytest.raises(Killed):
        exports.run_next_export([watched], clock=timezone.now)
    assert not run(), "its lease still runs"
    assert exports.run_next_export(EXPORTED, clock=lambda: timezone.now() + work.LEASE)
    export.refresh_from_db()
    assert export.attempts == 2
    assert len(rows_of(export, "goals")) == 2


def test_a_worker_that_was_given_up_on_writes_no_more(
    bob: Member, goal: Goal, between: Callable[[Reads], None]
) -> None:
    def overtaken() -> None:
        assert exports.run_next_export(EXPORTED, clock=lambda: timezone.now() + work.LEASE)

    GoalFactory(owner=bob)
    export, slow = start(bob), Watched()
    between(overtaken)
    assert exports.run_next_export([slow], clock=timezone.now)
    assert len(slow.read) == 1
    assert set(ExportChunk.objects.values_list("attempt", flat=True)) == {2}
    assert "teams.json" in opened(export).namelist()


def test_an_export_that_always_breaks_is_set_aside(bob: Member, goal: Goal) -> None:
    def broken() -> None:
        raise ZeroDivisionError

    export = start(bob)
    now = timezone.now()
    for number in range(exports.TRIES):
        with pytest.raises(ZeroDivisionError):
            exports.run_next_export([Watched(before=broken)], clock=lambda n=number: now + n * work.LEASE)  # type: ignore[misc]
    assert not exports.run_next_export([], clock=lambda: now + exports.TRIES * work.LEASE)
    export.refresh_from_db()
    assert export.state == "failed"
    assert "3 times" in export.error


def test_one_is_written_at_a_time(bob: Member, mo: Member, goal: Goal) -> None:
    ExportFactory(requested_by=mo, state="running", attempts=1, leased_until=timezone.now() + timedelta(minutes=1))
    start(bob)
    assert not run()


# ---- limits and forgetting -------------------------------------------------------------------------------------


def test_a_second_export_waits_for_the_first(bob: Member) -> None:
    start(bob)
    with pytest.raises(ValidationError, match="still being written"):
        start(bob)


def test_only_a_few_are_kept(bob: Member) -> None:
    for _number in range(5):
        ExportFactory(requested_by=bob, state="done", finished_at=timezone.now())
    with pytest.raises(ValidationError, match="Delete one first"):
        start(bob)


def test_who_left_cannot_start_one(bob: Member) -> None:
    Member.objects.filter(pk=bob.pk).update(deactivated_at=timezone.now())
    with pytest.raises(PermissionDenied):
        start(bob)


@pytest.mark.parametrize("how", [exports.cancel_export, exports.delete_export])
@pytest.mark.parametrize("name", ["alice", "adam", "eve"])
def test_nobody_else_changes_an_export(
    bob: Member, how: exports.ExportAction, name: str, request: pytest.FixtureRequest
) -> None:
    export = start(bob)
    with pytest.raises(PermissionDenied):
        how(export, by=request.getfixturevalue(name), at=timezone.now())


@pytest.mark.parametrize("days", [1, 7])
def test_an_archive_is_forgotten_after_the_days_of_the_setting(bob: Member, settings: Any, days: int) -> None:
    settings.KEEP_EXPORTS_DAYS = days
    now, kept = timezone.now(), timedelta(days=days)
    old = ExportFactory(requested_by=bob, state="done", finished_at=now - kept)
    new = ExportFactory(requested_by=bob, state="done", finished_at=now - kept + timedelta(seconds=1))
    for each in (old, new):
        ExportChunkFactory(export=each)
    assert exports.forget_old_exports(at=now) == 1
    assert list(Export.objects.all()) == [new]
    assert ExportChunk.objects.count() == 1


# ---- over the API ----------------------------------------------------------------------------------------------


@pytest.fixture
def api_of() -> Callable[..., APIClient]:
    """A client with a fresh token of the member."""

    def make(member: Member, *scopes: str) -> APIClient:
        _token, secret = tokens.create_token(
            name="Test", scopes=scopes or SCOPES, expires_at=None, by=member, at=timezone.now()
        )
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
        client.default_format = "json"
        return client

    return make


def test_an_export_over_the_api(api_of: Callable[..., APIClient], bob: Member, alice: Member, goal: Goal) -> None:
    client = api_of(bob)
    first = client.post("/api/v1/exports/", {}, headers={"Idempotency-Key": "nightly"})
    again = client.post("/api/v1/exports/", {}, headers={"Idempotency-Key": "nightly"})
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert Export.objects.count() == 1
    url = first["Location"]
    assert client.get(url).json()["state"] == "waiting"
    assert client.get(f"{url}download/").status_code == 404
    run()
    ready = client.get(url).json()
    assert ready["state"] == "done"
    assert ready["rows_done"] == ready["rows_known"] > 0
    for accept in ("*/*", "application/zip", "application/json"):
        answer = client.get(f"{url}download/", headers={"Accept": accept})
        assert answer.status_code == 200
        assert answer["Content-Type"] == "application/zip"
        assert answer["Cache-Control"] == "no-store"
        content = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
        assert len(content) == int(answer["Content-Length"]) == ready["size"]
    assert "goals.csv" in zipfile.ZipFile(io.BytesIO(content)).namelist()
    other = api_of(alice)
    for path in (url, f"{url}download/"):
        assert other.get(path).status_code == 404
    assert other.get(f"{url}download/", headers={"Accept": "application/zip"})["Content-Type"] == (
        "application/problem+json"
    )
    assert client.delete(url).status_code == 204
    assert not ExportChunk.objects.exists()


def test_a_token_needs_the_scope(api_of: Callable[..., APIClient], bob: Member) -> None:
    reader = api_of(bob, "exports:read")
    assert reader.post("/api/v1/exports/", {}).status_code == 403
    assert reader.get("/api/v1/exports/").status_code == 200
    assert api_of(bob, "goals:read").get("/api/v1/exports/").status_code == 403


def test_a_second_one_is_refused_over_the_api(api_of: Callable[..., APIClient], bob: Member) -> None:
    client = api_of(bob)
    export = client.post("/api/v1/exports/", {}).json()
    refused = client.post("/api/v1/exports/", {})
    assert refused.status_code == 400
    assert "still being written" in refused.json()["detail"]
    assert client.post(f"/api/v1/exports/{export['id']}/cancel/").json()["state"] == "cancelled"
    assert client.post("/api/v1/exports/", {}).status_code == 201
