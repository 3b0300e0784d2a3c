"""Files to import: made up ones, and the real ones where they lie beside the checkout."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from apps.integrations.services.imports import import_content
from apps.integrations.services.imports.report import Report, ReportLine
from apps.workspaces.models import Member

HERE = Path(__file__).resolve().parent
NOW = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)


def sample(**changes: Any) -> dict[str, Any]:
    """The harbour's file as a dictionary, some sections changed."""
    return {**json.loads((HERE / "data" / "harbour.json").read_text()), **changes}


def neutral(**sections: Any) -> bytes:
    """A file of the shape with these sections alone."""
    return json.dumps(sections, default=str).encode()


def goal(key: str = "g", **fields: Any) -> dict[str, Any]:
    """A goal of a file."""
    return {"key": key, "title": f"Goal {key}", **fields}


def run(content: bytes | dict[str, Any], by: Member, *, at: datetime = NOW, dry_run: bool = False) -> Report:
    """Import at once, as `by`."""
    if isinstance(content, dict):
        content = json.dumps(content).encode()
    return import_content(content, by=by, at=at, dry_run=dry_run, progress=lambda _d, _t: None)


def told(report: Report, kind: str = "", reason: str = "") -> list[ReportLine]:
    """The report's lines of a kind and reason."""
    return [line for line in report.lines if kind in ("", line.kind) and reason in ("", line.reason)]


def reasons(report: Report, kind: str, key: str) -> set[tuple[str, str]]:
    """(reason, field) of everything that was told of a row."""
    return {(line.reason, line.field) for line in report.lines if (line.kind, line.key) == (kind, key)}


def real_file(name: str) -> bytes | None:
    """A file of ../shared/data (or $COUNTERPOISE_DATA); None where it is not there."""
    folder = Path(os.environ.get("COUNTERPOISE_DATA", HERE.parents[2] / "shared" / "data"))
    path = folder / f"{name}.json"
    return path.read_bytes() if path.exists() else None


def like_rust_goals() -> bytes:
    """A made-up file with as many rows of each kind as rust_goals.json has, and the same oddities."""
    people = [{"key": f"p{n}", "name": None if n < 20 else f"Person {n}", "github": f"P{n}"} for n in range(686)]
    teams = [
        {
            "key": f"t{n}", "name": f"Team {n}", "parent": f"t{(n - 1) // 3}" if n % 4 and n < 120 else None,
            "lead_keys": [f"p{n}"] if n < 88 else [], "member_keys": [f"p{(n * 7 + k) % 686}" for k in range(n % 8)],
            "archived": n % 4 == 3, "kind": "working-group" if n % 3 else None, "description": f"What team {n} is for.",
        }
        for n in range(217)
    ]  # fmt: skip
    cycles = [{"name": f"{year}h2", "start": f"{year}-07-01", "end": f"{year}-12-31"} for year in range(2022, 2026)]
    goals = [
        goal(
            f"g{n}",
            cycle=f"{2022 + n % 4}h2",
            owner_key=f"p{n}" if n >= 16 else None,
            team_keys=[f"t{n}", f"t{n + 1}"] if n % 7 else [],
            parent_key=f"g{n // 5}" if 1 <= n <= 43 else None,
            status=("Accepted", "Proposed", None, "Not accepted")[n % 4],
            progress_hint="2/4" if n < 105 else None,
            key_results_or_tasks=[
                {
                    "title": f"Task {k % 4}", "owner_keys": [f"p{n}", f"p{n + 1}"][: k % 3], "owner_text": f"@P{n}",
                    "team_keys": [f"t{n}"] if k == 1 else [], "status": ("complete", "help wanted", None)[(n + k) % 3],
                    "notes": None,
                }
                for k in range(6 if n < 4 else 5)
            ],
            updates=[
                {
                    "date": f"2024-{k + 1:02}-0{n % 9 + 1}", "author_key": f"p{k}", "text": f"What happened {k}. " * 20,
                    "ref": f"r{k}", "format": "html" if k == 4 else "markdown", "progress": "1/4" if k == 2 else None,
                    "status": None,
                }
                for k in range(6 if n < 18 else 5)
            ] if n < 105 else [],
        )
        for n in range(216)
    ]  # fmt: skip
    roles = ("accountable", "responsible", "consulted", "informed")
    assignments = [
        {
            "goal_key": None if n < 175 else f"g{n % 216}", "subject": f"team t{n % 101}" if n < 175 else None,
            "person_key": None if 175 <= n < 732 else f"p{n % 7}", "team_key": f"t{n % 5}" if 175 <= n < 732 else None,
            "role": roles[n % 4], "source_field": "Owner",
        }
        for n in range(1399)
    ]  # fmt: skip
    return neutral(
        meta={"format": "neutral-goals/1"}, people=people, teams=teams, cycles=cycles, goals=goals,
        assignments=assignments,
    )  # fmt: skip


def like_sourcegraph_okrs() -> bytes:
    """A made-up file with as many rows of each kind as sourcegraph_okrs.json has."""
    people = [
        {"key": f"p{n}", "name": f"Person {n}", "title": "Role", "manager_key": f"p{(n - 1) // 4}" if n else None}
        for n in range(270)
    ]
    teams = [
        {"key": f"t{n}", "name": f"Team {n % 90}", "parent": f"t{n // 3}" if 1 <= n <= 60 else None} for n in range(120)
    ]
    cycles = [{"name": f"FY{n}", "start": f"20{n}-02-01", "end": f"20{n}-04-31"} for n in range(16, 26)]
    goals = [
        goal(
            f"g{n}", title="A long title. " * 40 if n == 7 else f"Goal {n % 200}", cycle=f"FY{16 + n % 10}",
            team_keys=[f"t{n % 120}"], parent_key=f"g{n // 4}" if 1 <= n <= 62 else None,
            owner_text="CEO" if n < 75 else None,
            key_results_or_tasks=[{"title": "Do", "status": "???" if n == 9 else "Done"}] * (2 if n < 112 else 3),
        )
        for n in range(252)
    ]  # fmt: skip
    assignments = [
        {
            "goal_key": None if n < 45 else f"g{n % 252}", "subject": f"team t{n % 15}" if n < 45 else None,
            "person_key": f"p{n}" if n < 45 else None, "team_key": None if n < 45 else f"t{n % 120}",
            "role": "accountable", "source_field": "page heading",
        }
        for n in range(329)
    ]  # fmt: skip
    return neutral(people=people, teams=teams, cycles=cycles, goals=goals, assignments=assignments)
