"""A typed client, generated from the committed schema, brings a whole file in over the API, twice."""

import importlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.conf import settings
from django.utils import timezone

from apps.goals.models import CheckIn, Goal
from apps.integrations.models import SCOPES
from apps.integrations.services import tokens
from apps.responsibilities.models import Assignment, Responsibility
from apps.tasks.models import Task
from apps.workspaces.models import Member, Team
from tests.counts import FULL, times
from tests.integrations.files import like_rust_goals, real_file

SCHEMA = Path(settings.BASE_DIR) / "docs" / "integrators" / "openapi.yaml"
ROWS_A_REQUEST = 1_000
Row = tuple[str, str, dict[str, Any]]


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The generated package, to import from."""
    folder = tmp_path_factory.mktemp("generated")
    (folder / "config.yaml").write_text("post_hooks: []\n")
    command = ["-m", "openapi_python_client", "generate", "--meta", "none", "--path", str(SCHEMA), "--config"]
    target = folder / "counterpoise_client"
    done = subprocess.run(
        [sys.executable, *command, str(folder / "config.yaml"), "--output-path", str(target)],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    sys.path.insert(0, str(folder))
    yield lambda name: importlib.import_module(f"counterpoise_client.{name}")
    sys.path.remove(str(folder))


def part_of(content: dict[str, Any]) -> dict[str, Any]:
    """The file with as many of its goals as this run brings, all that hangs on these, and as large a part of the rest
    of who holds what.
    """
    goals = content["goals"][: times(FULL["goals that a generated client brings"])]
    keys = {row["key"] for row in goals}
    others = [row for row in content["assignments"] if row["subject"]]
    held = [row for row in content["assignments"] if row["goal_key"] in keys]
    return {**content, "goals": goals, "assignments": held + others[: times(len(others))]}


def parents_first(rows: list[dict[str, Any]], parent: str) -> list[dict[str, Any]]:
    """The rows so that each comes after the one it names; a parent that is not there, or a ring, is left out."""
    known = {row["key"]: row for row in rows}
    placed: dict[str, dict[str, Any]] = {}

    def place(row: dict[str, Any], above: frozenset[str]) -> None:
        key = row[parent]
        if key not in known or key in above:
            row = {**row, parent: None}
        elif key not in placed:
            place(known[key], above | {row["key"]})
        placed.setdefault(row["key"], row)

    for row in rows:
        place(row, frozenset({row["key"]}))
    return list(placed.values())


def ref(key: str | None) -> dict[str, str] | None:
    """A row by its external id."""
    return {"external_id": key} if key else None


def rows_of(content: dict[str, Any]) -> Iterator[Row]:
    """The file as upserts, each after those it refers to."""
    people = {row["key"] for row in content["people"]}
    for row in content["people"]:
        yield "members", row["key"], {"name": row["name"] or row["key"]}
    for row in parents_first(content["teams"], "parent"):
        leads = [key for key in row["lead_keys"] if key in people]
        members = list(dict.fromkeys([*leads, *(key for key in row["member_keys"] if key in people)]))
        fields = {"name": row["name"], "purpose": row["description"] or "", "parent": ref(row["parent"])}
        yield "teams", row["key"], {**fields, "leads": [ref(k) for k in leads], "members": [ref(k) for k in members]}
    for row in content["cycles"]:
        yield "cycles", row["name"], {"name": row["name"], "starts_on": row["start"], "ends_on": row["end"]}
    for row in parents_first(content["goals"], "parent_key"):
        yield "goals", row["key"], goal_fields(row, {team["key"] for team in content["teams"]}, people)
    for row in content["goals"]:
        for number, task in enumerate(row["key_results_or_tasks"]):
            yield "tasks", f"{row['key']}#{number}", task_fields(row["key"], task, people)
    for row in content["goals"]:
        yield from check_ins_of(row, people)
    yield from held_rows(content, people)


def check_ins_of(goal: dict[str, Any], people: set[str]) -> Iterator[Row]:
    """What was said of a goal."""
    for number, update in enumerate(goal["updates"]):
        author = update["author_key"] if update["author_key"] in people else None
        yield "check-ins", f"{goal['key']}@{number}", {
            "goal": ref(goal["key"]), "author": ref(author),
            "author_name": update.get("author_name") or author or "-",
            "made_at": f"{update['date'][:10]}T12:00:00Z", "note": update["text"] or "",
            "note_format": update.get("format") or "markdown",
        }  # fmt: skip


def held_rows(content: dict[str, Any], people: set[str]) -> Iterator[Row]:
    """What is no goal but held, and who holds what. The same row twice has two numbers."""
    goals = {row["key"] for row in content["goals"]}
    for subject in dict.fromkeys(row["subject"] for row in content["assignments"] if row["subject"]):
        yield "responsibilities", subject, {"title": subject}
    for number, row in enumerate(content["assignments"]):
        assert row["goal_key"] in goals or row["subject"]
        assert row["person_key"] in people or row["team_key"]
        yield "assignments", str(number), {
            "goal": ref(row["goal_key"]), "responsibility": ref(row["subject"]), "member": ref(row["person_key"]),
            "team": ref(row["team_key"]), "role": row["role"], "status": "accepted", "note": row["source_field"] or "",
        }  # fmt: skip


def task_fields(goal: str, task: dict[str, Any], people: set[str]) -> dict[str, Any]:
    """One task; the first of its owners is the assignee, the others help. A word that is no state becomes a label."""
    owners = [key for key in task["owner_keys"] if key in people]
    states = {"complete": "done", "done": "done", "in progress": "doing", None: "open"}
    return {
        "goal": ref(goal),
        "title": task["title"][:1000],
        "description": task["notes"] or "",
        "assignee": ref(owners[0] if owners else None),
        "helpers": [ref(key) for key in owners[1:]],
        "teams": [ref(key) for key in task["team_keys"]],
        "labels": [] if task["status"] in states else [task["status"]],
        "status": states.get(task["status"], "open"),
    }


def goal_fields(row: dict[str, Any], teams: set[str], people: set[str]) -> dict[str, Any]:
    """One goal; its first team is the one that answers for it."""
    known = [key for key in row["team_keys"] if key in teams]
    return {
        "title": row["title"],
        "reason": row.get("summary") or "",
        "cycle": ref(row["cycle"]),
        "owner": ref(row["owner_key"] if row["owner_key"] in people else None),
        "parent": ref(row["parent_key"]),
        "team": ref(known[0] if known else None),
        "supporting_teams": [ref(key) for key in known[1:]],
        "labels": list(dict.fromkeys(row.get("labels") or [])),
        "url": row.get("url") or "",
    }


def send(generated: Any, client: Any, rows: list[Row]) -> list[tuple[str, str]]:
    """(resource, outcome) of every row."""
    bulk = generated("api.general.bulk_create")
    models = generated("models")
    outcomes: list[tuple[str, str]] = []
    for start in range(0, len(rows), ROWS_A_REQUEST):
        body = models.BulkRequest(
            rows=[
                models.BulkRowRequest(
                    resource=resource, external_id=key, fields=models.BulkRowRequestFields.from_dict(fields)
                )
                for resource, key, fields in rows[start : start + ROWS_A_REQUEST]
            ]
        )
        answer = bulk.sync_detailed(client=client, body=body, idempotency_key=f"{len(outcomes)}-{timezone.now()}")
        assert answer.status_code == httpx.codes.OK, answer.content[:1000]
        outcomes += [(each.resource, each.outcome.value) for each in answer.parsed.results]
    return outcomes


def stamps() -> list[Any]:
    """When which row was changed last."""
    kinds = (Goal, CheckIn, Member, Team, Responsibility, Assignment, Task)
    return [list(kind.objects.order_by("pk").values_list("pk", "updated_at")) for kind in kinds]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_generated_client_imports_everything_and_the_second_run_changes_nothing(
    generated: Any, live_server: Any, alice: Member
) -> None:
    content = part_of(json.loads(real_file("rust_goals") or like_rust_goals()))
    _token, secret = tokens.create_token(name="Import", scopes=SCOPES, expires_at=None, by=alice, at=timezone.now())
    client = generated("client").AuthenticatedClient(
        base_url=live_server.url, token=secret, timeout=httpx.Timeout(300), raise_on_unexpected_status=True
    )
    with client:
        walk(generated, client, content, alice)


def walk(generated: Any, client: Any, content: dict[str, Any], alice: Member) -> None:
    """Twice everything, then a look at what is there."""
    rows = list(rows_of(content))
    first = send(generated, client, rows)
    assert {outcome for _resource, outcome in first} == {"created"}
    assert len(first) == len(rows)
    before = stamps()

    second = send(generated, client, rows)
    assert [each for each in second if each[1] != "unchanged"] == []
    assert stamps() == before

    said = [update for goal in content["goals"] for update in goal["updates"]]
    people = {row["key"] for row in content["people"]}
    assert Goal.objects.count() == len(content["goals"])
    assert CheckIn.objects.count() == len(said)
    assert CheckIn.objects.exclude(author=None).count() == sum(update["author_key"] in people for update in said)
    assert not CheckIn.objects.filter(author=alice).exists()
    tasks = [task for goal in content["goals"] for task in goal["key_results_or_tasks"]]
    assert Task.objects.count() == len(tasks)
    assert Assignment.objects.filter(status="accepted").count() == len(content["assignments"])
    assert Assignment.objects.exclude(team=None).count() == sum(bool(row["team_key"]) for row in content["assignments"])

    listed = generated("api.goals.goals_list")
    page = listed.sync(client=client, page_size=len(content["goals"]) - 1)
    assert len(page.results) == len(content["goals"]) - 1
    assert page.next_
    one = generated("api.goals.goals_retrieve").sync(client=client, id=page.results[0].id)
    assert one.title == page.results[0].title
