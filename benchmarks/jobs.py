"""Work without a page: the sweep of reminders, and the import."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import connection, transaction

from apps.accounts.models import User
from apps.goals.models import Goal
from apps.goals.services import reminders
from apps.integrations.services.imports import import_content
from apps.workspaces.models import Member, Role, Workspace
from benchmarks.bench import Bench
from benchmarks.generate_words import SENTENCES, THINGS, VERBS
from benchmarks.measuring import Figure, at_least, at_most, compare, measurement

PLAIN = """
SELECT g.*, o.*, u.* FROM goals_goal g
JOIN workspaces_member o ON o.id = g.owner_id JOIN accounts_user u ON u.id = o.user_id
WHERE g.status = 'active' AND g.remind_on <= %s ORDER BY g.remind_on, g.id LIMIT %s
"""


def working_noon(day: date) -> datetime:
    """Ten o'clock in the morning in Berlin on the first working day from then on."""
    while day.isoweekday() > 5:
        day += timedelta(days=1)
    return datetime(day.year, day.month, day.day, 9, tzinfo=UTC)


def undone(run: Any) -> Any:
    """A call whose changes are taken back."""

    def call() -> None:
        with transaction.atomic():
            run()
            transaction.set_rollback(True)

    return call


@measurement
def reminder_sweep(bench: Bench) -> Iterator[Figure]:
    """A batch of check-in reminders queued, beside one plain query of the same rows; and a sweep that finds nothing."""
    with bench.at(bench.place):
        days = Goal.objects.filter(remind_on__isnull=False).order_by("-remind_on")
        last = days.values_list("remind_on", flat=True).first() or datetime.now(UTC).date()
        at = working_noon(last)
        found: list[int] = []
        sweep = undone(lambda: found.append(reminders.queue_check_in_reminders(at=at)))

        def plain() -> None:
            with connection.cursor() as cursor:
                cursor.execute(PLAIN, [at.date(), max(1, found[0])])
                cursor.fetchall()

        sweep()
        ours, limit = compare(sweep, plain, rounds=bench.rounds)
        rows = max(1, found[0])
        what = f"a batch of {found[0]} reminders queued ÷ a plain query of the same goals and people"
        yield Figure("reminder_sweep", what, "goals/s", rows / ours, rows / limit)
        early = working_noon(date(2001, 1, 1))
        idle = undone(lambda: reminders.sweep_check_in_reminders(at=early))
        ours, limit = compare(idle, plain, rounds=bench.rounds)
        what = "a sweep when nothing is due ÷ the same plain query"
        yield Figure("reminder_idle", what, "ms", ours * 1e3, limit * 1e3, at_most(1))


IMPORTED = (
    "workspaces_member",
    "workspaces_team",
    "workspaces_teammembership",
    "goals_cycle",
    "goals_goal",
    "goals_checkin",
)
SMALLEST = 2_000


def neutral_file(rows: int) -> tuple[bytes, int]:
    """A file in the shape of rust_goals.json: people, teams, goals and updates as there; and how many rows it has."""
    goals = rows // 8
    people = [{"key": f"p{number}", "name": f"Person {number}"} for number in range(goals * 3)]
    teams = [
        {
            "key": f"t{number}",
            "name": f"Team {number}",
            "parent": f"t{number // 4}" if number else None,
            "lead_keys": [f"p{number * 3}"],
            "member_keys": [f"p{number * 3 + step}" for step in range(3)],
        }
        for number in range(goals)
    ]
    told = [
        {
            "key": f"g{number}",
            "title": f"{VERBS[number % 11]} {THINGS[number % 10]} ({number})",
            "summary": SENTENCES[number % 8] * 3,
            "cycle": "2026h1",
            "owner_key": f"p{number * 3}",
            "team_keys": [f"t{number}"],
            "parent_key": f"g{number // 10}" if number % 10 else None,
            "status": "active",
            "url": f"https://example.org/goals/{number}",
            "updates": [
                {"date": f"2026-0{month}-15", "author_key": f"p{number * 3}", "text": SENTENCES[(number + month) % 8]}
                for month in range(1, 4)
            ],
        }
        for number in range(goals)
    ]
    cycles = [{"name": "2026h1", "start": "2026-01-01", "end": "2026-06-30"}]
    content = {"meta": {"format": "neutral-goals/1"}, "people": people, "teams": teams, "cycles": cycles, "goals": told}
    total = len(people) + len(teams) + 1 + len(told) + 3 * len(told)
    return json.dumps({**content, "assignments": []}).encode(), total


@measurement
def import_file(bench: Bench) -> Iterator[Figure]:
    """A file imported into an empty workspace, beside a COPY of the rows it made into tables with the same indexes."""
    with bench.at(bench.place), transaction.atomic():
        content, rows = neutral_file(max(SMALLEST, bench.size.goals // 10))
        at = datetime.now(UTC)
        workspace = Workspace.objects.create(name="Import", slug="import-bench")
        user = User.objects.create_user("import@example.org")
        owner = Member.objects.create(workspace=workspace, user=user, name="Owner", role=Role.OWNER)

        def bring_in() -> None:
            import_content(content, by=owner, at=at, dry_run=False, progress=lambda _a, _b: None)

        data: dict[str, bytes] = {}
        with transaction.atomic(), connection.cursor() as cursor:
            bring_in()
            for table in IMPORTED:
                data[table] = copied(cursor, table, workspace)
                cursor.execute(f"CREATE TEMPORARY TABLE bench_{table} (LIKE {table} INCLUDING ALL)")
            made = {table: text.count(b"\n") for table, text in data.items()}
            transaction.set_rollback(True)

        def copy() -> None:
            with connection.cursor() as cursor:
                for table, text in data.items():
                    cursor.execute(f"CREATE TEMPORARY TABLE bench_{table} (LIKE {table} INCLUDING ALL)")
                    with cursor.copy(f"COPY bench_{table} ({columns(cursor, table)}) FROM STDIN") as into:
                        into.write(text)

        ours, limit = compare(undone(bring_in), undone(copy), rounds=min(3, bench.rounds))
        transaction.set_rollback(True)
    with bench.at(bench.place), connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")  # what was taken back would slow down who comes next
    what = f"{rows} rows of a file like rust_goals.json imported ÷ COPY of the {sum(made.values())} rows it made"
    yield Figure("import_file", what, "rows/s", rows / ours, rows / limit, None, {"bytes": len(content)})
    yield Figure("import_speed", "the same ÷ 2,000 rows a second", "rows/s", rows / ours, 2_000, at_least(1))


def columns(cursor: Any, table: str) -> str:
    """The columns of a table that can be written."""
    cursor.execute(
        "SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute "
        "WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''",
        [table],
    )
    return str(cursor.fetchone()[0])


def copied(cursor: Any, table: str, workspace: Workspace) -> bytes:
    """The workspace's rows of a table as COPY writes them."""
    query = f"SELECT {columns(cursor, table)} FROM {table} WHERE workspace_id = '{workspace.pk}'"
    with cursor.copy(f"COPY ({query}) TO STDOUT") as rows:
        return b"".join(bytes(part) for part in rows)
