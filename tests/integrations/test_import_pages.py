"""The pages of imports, and the command."""

import io
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from apps.goals.models import Goal
from apps.integrations.models import ImportJob, ImportRow
from apps.integrations.services import imports
from apps.integrations.tasks import run_imports
from apps.workspaces.models import Member
from tests.factories import ImportJobFactory, ImportRowFactory
from tests.integrations.files import HERE, NOW, sample

ClientOf = Callable[[Member], Client]
LIST = "/w/harbour/settings/imports/"
NEW = f"{LIST}new/"
SAMPLE = HERE / "data" / "harbour.json"


def page_of(job: ImportJob) -> str:
    """The address of a job."""
    return f"{LIST}{job.pk}/"


@pytest.fixture
def job(adam: Member) -> ImportJob:
    """Adam's upload, looked at."""
    job = imports.create_import(SAMPLE.read_bytes(), file_name="harbour.json", by=adam, at=NOW)
    run_imports()
    job.refresh_from_db()
    return job


def test_the_way_from_upload_to_report(client_of: ClientOf, adam: Member) -> None:
    client = client_of(adam)
    assert "Import a file" in client.get(LIST).content.decode()
    answer = client.post(NEW, {"file": SimpleUploadedFile("harbour.json", SAMPLE.read_bytes())})
    job = ImportJob.objects.get()
    assert answer["Location"] == page_of(job)
    assert "Look again" in client.get(page_of(job)).content.decode()
    run_imports()
    page = client.get(page_of(job)).content.decode()
    assert "Nothing has been written yet" in page
    assert "g/4" in page
    client.post(f"{page_of(job)}run/")
    run_imports()
    page = client.get(page_of(job)).content.decode()
    assert "Everything that could be imported is here now" in page
    assert "Look again" not in page
    assert Goal.objects.count() == 4
    assert "harbour.json" in client.get(LIST).content.decode()


def test_the_bar_asks_again_until_it_is_done(client_of: ClientOf, adam: Member) -> None:
    client = client_of(adam)
    job = imports.create_import(b'{"goals": []}', file_name="x.json", by=adam, at=NOW)
    cache.set(imports.progress_key(job.pk), {"done": 30, "total": 120}, timeout=60)
    fragment = client.get(page_of(job), headers={"HX-Request": "true"}).content.decode()
    assert '<progress id="import-bar" max="120" value="30">' in fragment
    assert "<html" not in fragment
    run_imports()
    answer = client.get(page_of(job), headers={"HX-Request": "true"})
    assert (answer.status_code, answer["HX-Refresh"]) == (204, "true")


def test_a_large_total_is_an_attribute_not_a_local_number(client_of: ClientOf, adam: Member) -> None:
    job = imports.create_import(b'{"goals": []}', file_name="x.json", by=adam, at=NOW)
    cache.set(imports.progress_key(job.pk), {"done": 1234, "total": 56789}, timeout=60)
    page = client_of(adam).get(page_of(job)).content.decode()
    assert 'max="56789" value="1234"' in page
    assert "1,234 of 56,789 rows" in page


@pytest.mark.parametrize("name", ["lea", "bob", "gus"])
def test_import_pages_refuse_who_is_no_admin(
    client_of: ClientOf, job: ImportJob, name: str, request: pytest.FixtureRequest
) -> None:
    client = client_of(request.getfixturevalue(name))
    assert [client.get(path).status_code for path in (LIST, NEW)] == [403, 403]
    assert client.post(NEW, {"file": SimpleUploadedFile("a.json", b"{}")}).status_code == 403
    assert client.get(page_of(job)).status_code == 404
    assert client.post(f"{page_of(job)}run/").status_code == 404


@pytest.mark.parametrize("name", ["alice", "eve"])
def test_an_import_does_not_exist_for_others(
    client_of: ClientOf, job: ImportJob, name: str, request: pytest.FixtureRequest
) -> None:
    client = client_of(request.getfixturevalue(name))
    for path in ("", "report.csv", "report.json"):
        assert client.get(f"{page_of(job)}{path}").status_code == 404
    for path in ("run/", "cancel/"):
        assert client.post(f"{page_of(job)}{path}").status_code == 404
    assert "harbour.json" not in client.get(LIST).content.decode()


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (None, "This field is required"),
        (SimpleUploadedFile("empty.json", b""), "empty"),
        (SimpleUploadedFile("x" * 1_200 + ".json", b"{}"), "at most"),
    ],
)
def test_a_bad_upload_is_told_at_the_field(client_of: ClientOf, adam: Member, file: Any, words: str) -> None:
    answer = client_of(adam).post(NEW, {"file": file} if file else {})
    page = answer.content.decode()
    assert words in page or ImportJob.objects.count() == 1
    assert answer.status_code in {200, 302}


def test_an_upload_that_is_too_large_is_told_at_the_field(client_of: ClientOf, adam: Member, settings: Any) -> None:
    settings.IMPORT_MAX_BYTES = 2_000_000
    big = SimpleUploadedFile("big.json", b" " * 2_000_001)
    page = client_of(adam).post(NEW, {"file": big}).content.decode()
    assert "At most 1.9" in page
    assert 'aria-describedby="id_file_' in page
    assert not ImportJob.objects.exists()


def test_a_failed_import_says_why(client_of: ClientOf, adam: Member) -> None:
    job = imports.create_import(b'{"goals": <script>', file_name="<b>.json", by=adam, at=NOW)
    run_imports()
    page = client_of(adam).get(page_of(job)).content.decode()
    assert "line 1, column 11" in page
    assert "&lt;b&gt;.json" in page
    assert "<b>.json" not in page


def test_the_report_is_read_a_page_at_a_time_and_filtered(client_of: ClientOf, adam: Member) -> None:
    told = [
        {"kind": "goals", "reason": "bad_date", "count": 110},
        {"kind": "people", "reason": "name_missing", "count": 1},
    ]
    job = ImportJobFactory(
        workspace=adam.workspace, requested_by=adam, state="ready", report={"counts": {}, "reasons": told, "lines": 111}
    )
    rows = [ImportRow(job=job, position=n, kind="goals", key=f"key-{n}", reason="bad_date") for n in range(1, 111)]
    ImportRow.objects.bulk_create(rows)
    ImportRowFactory(job=job, position=200, kind="people", key="<i>", reason="name_missing")
    client = client_of(adam)

    def keys(query: str) -> list[str]:
        return [line.key for line in client.get(f"{page_of(job)}{query}").context["page"].lines]

    assert keys("") == [f"key-{n}" for n in range(1, 51)]
    assert keys("?after=50") == [f"key-{n}" for n in range(51, 101)]
    assert keys("?after=100") == [*(f"key-{n}" for n in range(101, 111)), "<i>"]
    assert keys("?before=101") == [f"key-{n}" for n in range(51, 101)]
    assert keys("?kind=people") == ["<i>"]
    assert keys("?reason=name_missing&kind=goals") == []
    for nonsense in ("?kind=nonsense&reason=%00", "?after=x", "?after=-1", "?after=99999999999999999999", "?before=²"):
        assert len(keys(nonsense)) == 50
    assert b"&lt;i&gt;" in client.get(f"{page_of(job)}?kind=people").content


def test_the_report_can_be_taken_along(client_of: ClientOf, adam: Member, job: ImportJob) -> None:
    ImportRowFactory(job=job, position=500, key="=1+1", value="@x")
    client = client_of(adam)
    table = b"".join(client.get(f"{page_of(job)}report.csv").streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    assert table.startswith("kind,key,field,value,reason,message,count\r\n")
    assert "goals,'=1+1,,'@x,bad_date," in table
    data = client.get(f"{page_of(job)}report.json").json()
    assert data["goals"] == {"created": 4, "updated": 0, "unchanged": 0, "reported": 3}
    assert {"kind": "goals", "key": "g/4", "reason": "no_cycle"}.items() <= data["rows"][-4].items() or data["rows"]
    only = client.get(f"{page_of(job)}report.json?kind=cycles").json()["rows"]
    assert [row["key"] for row in only] == ["2025h1"]


def test_cancelling_is_a_button(client_of: ClientOf, adam: Member, job: ImportJob) -> None:
    client = client_of(adam)
    assert client.get(f"{page_of(job)}cancel/").status_code == 405
    client.post(f"{page_of(job)}cancel/")
    assert "the file is forgotten" in client.get(page_of(job)).content.decode()
    page = client.post(f"{page_of(job)}run/", follow=True).content.decode()
    assert "not waiting for a go-ahead" in page


def test_an_old_report_says_that_it_is_gone(client_of: ClientOf, adam: Member, job: ImportJob) -> None:
    imports.confirm_import(job, by=adam, at=NOW)
    run_imports()
    imports.forget_old_imports(at=timezone.now() + timedelta(days=8))
    assert "kept for 7 days" in client_of(adam).get(page_of(job)).content.decode()


# ---- the command -------------------------------------------------------------------------------------------------


def command(*arguments: str) -> str:
    """What the command writes."""
    out = io.StringIO()
    call_command("import_goals", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_imports_and_tells_in_json(alice: Member) -> None:
    preview = json.loads(command(str(SAMPLE), "--workspace", "harbour", "--dry-run", "--json"))
    assert not Goal.objects.exists()
    data = json.loads(command(str(SAMPLE), "--workspace", "harbour", "--json"))
    assert {**preview, "dry_run": False} == data
    assert data["goals"] == {"created": 4, "updated": 0, "unchanged": 0, "reported": 3}
    assert data["tasks"] == {"created": 3, "updated": 0, "unchanged": 0, "reported": 2}
    assert all(row["message"] and row["kind"] and row["reason"] for row in data["rows"])


def test_the_command_tells_people_in_words(alice: Member) -> None:
    words = command(str(SAMPLE), "--workspace", "harbour", "--dry-run")
    assert "goals                      4         0         0         3" in words
    assert "cycles 2025h1 end 2021-04-31: There is no such date" in words
    assert "Nothing was changed" in words


def test_the_command_reads_standard_input_as_an_admin(
    alice: Member, adam: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(json.dumps(sample()).encode())))
    command("-", "--workspace", "harbour", "--as", "ADAM@example.org")
    assert Goal.objects.count() == 4


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["missing.json", "--workspace", "harbour"], "No such file"),
        ([str(SAMPLE), "--workspace", "nowhere"], "no such workspace"),
        ([str(SAMPLE), "--workspace", "harbour", "--as", "bob@example.org"], "no such active admin"),
        ([str(Path(__file__)), "--workspace", "harbour"], "title"),
    ],
)
def test_the_command_fails_with_the_reason(alice: Member, bob: Member, arguments: list[str], words: str) -> None:
    with pytest.raises(CommandError, match=words) as caught:
        command(*arguments)
    assert caught.value.returncode == 1


def test_the_history_of_a_goal_says_that_it_was_imported(client_of: ClientOf, adam: Member) -> None:
    command(str(SAMPLE), "--workspace", "harbour", "--as", "adam@example.org")
    goal = Goal.objects.get(external_id="g/1")
    page = client_of(adam).get(f"/w/harbour/goals/{goal.pk}/history/").content.decode()
    assert "imported this goal" in page
    assert "imported check-ins" in page
    assert "harbour.json" not in page
