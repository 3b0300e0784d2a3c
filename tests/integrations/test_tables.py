"""Goals as CSV, in and out."""

import csv
import io
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.goals import services as goals
from apps.goals.models import Cycle, Goal, Visibility
from apps.workspaces.models import Member, Team
from tests.factories import GoalFactory
from tests.integrations.files import NOW, reasons, run, told

ClientOf = Callable[[Member], Client]


def table(*lines: str) -> bytes:
    """A CSV file of these lines."""
    return "\r\n".join(lines).encode()


def export(client: Client, query: str = "") -> list[dict[str, str]]:
    """The exported rows."""
    answer = client.get(f"/w/harbour/goals/export.csv{query}")
    assert answer.status_code == 200
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    return list(csv.DictReader(io.StringIO(text, newline="")))


def as_file(rows: list[dict[str, str]]) -> bytes:
    """Exported rows as a file again, as a spreadsheet would save them."""
    out = io.StringIO()
    writer = csv.DictWriter(out, rows[0].keys())
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def test_a_table_is_taken(alice: Member, bob: Member, web: Team, care: Team, spring: Cycle) -> None:
    report = run(
        table(
            "Objective;Owner;Department;Supporting teams;Quarter;Due date;Importance;Urgency;Tags;Status;"
            "Parent goal;Link;Why",
            "Ship it;bob@example.org;Product / Web;Care;SPRING;31.3.2026;5;2;sea; In progress;;https://example.org;Because",
            "Ship half;Bob;web;;Spring;2026-03-01;;;;Planned;Ship it;;",
        ),
        alice,
    )
    assert report.lines == []
    half, whole = Goal.objects.order_by("title")
    assert (whole.owner, whole.team, list(whole.supporting_teams.all()), whole.cycle) == (bob, web, [care], spring)
    assert (whole.due_on, whole.importance, whole.urgency, whole.labels) == (date(2026, 3, 31), 5, 2, ["sea"])
    assert (whole.status, whole.url, whole.reason) == ("active", "https://example.org", "Because")
    assert (half.parent, half.owner, half.team, half.status) == (whole, bob, web, "draft")
    assert report.counts["goals"] == {"created": 2, "updated": 0, "unchanged": 0, "reported": 0}


def test_the_same_table_again_changes_nothing(alice: Member) -> None:
    content = table("title,owner,labels", "One,alice@example.org,a; b", "Two,,")
    run(content, alice)
    assert run(content, alice).counts["goals"] == {"created": 0, "updated": 0, "unchanged": 2, "reported": 0}


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_separators_and_encodings_are_found_out(alice: Member, separator: str, encoding: str) -> None:
    text = separator.join(("title", "reason")) + "\n" + separator.join(("Größe", '"a, b; c"'))
    report = run(text.encode(encoding), alice)
    assert (Goal.objects.get().title, Goal.objects.get().reason, report.lines) == ("Größe", "a, b; c", [])


def test_windows_text_is_read_and_said(alice: Member) -> None:
    report = run("title\nGröße für 5 €".encode("cp1252"), alice)
    assert Goal.objects.get().title == "Größe für 5 €"
    assert [line.reason for line in report.lines] == ["encoding_assumed"]


def test_errors_are_told_line_by_line(alice: Member, bob: Member, mo: Member) -> None:
    Member.objects.filter(pk=mo.pk).update(name="Bob")
    report = run(
        table(
            "title,owner,team,cycle,parent,due_on,importance,url,visibility,status,colour,id",
            "A,Bob,Nowhere,Never,Nothing,2026-02-30,7,ftp://x,,Perhaps,red,",
            ",,,,,,,,,,,",
            " ,x,,,,,,,,,,",
            "B,,,,,,,,secret,,,",
            "C,,,,,,,,team,,,",
            "D,,,,,,,,private,,,",
            "a,,,Never,,,,,,,,",
            "E,,,,,,,,,,,not-an-id",
        ),
        alice,
    )
    assert set(Goal.objects.values_list("title", flat=True)) == {"A", "E"}
    first = Goal.objects.get(title="A")
    assert (first.status, first.labels) == ("active", ["Perhaps"])
    assert reasons(report, "goals", first.external_id) >= {
        ("ambiguous", "owner"), ("no_team", "team"), ("no_cycle", "cycle"), ("no_goal", "parent"),
        ("bad_date", "due_on"), ("bad_number", "importance"), ("bad_link", "url"),
        ("status_unknown", "status"), ("key_twice", ""),
    }  # fmt: skip
    assert reasons(report, "goals", "line 4") == {("key_missing", "title")}
    assert {line.reason for line in report.lines} >= {
        "visibility_unknown", "team_goal_without_team", "private_is_the_owners", "wrong_type",
    }  # fmt: skip
    assert [line.field for line in told(report, "file", "field_unknown")] == ["colour"]


def test_an_own_private_goal_can_come_from_a_table(alice: Member) -> None:
    run(table("title,visibility,owner", "Mine,private,alice@example.org"), alice)
    assert Goal.objects.get().visibility == Visibility.PRIVATE


# ---- export ------------------------------------------------------------------------------------------------------


def test_an_export_comes_back_as_it_was(
    client_of: ClientOf, alice: Member, bob: Member, goal: Goal, web: Team, care: Team, spring: Cycle
) -> None:
    fields: Any = {
        "title": "=1+1", "reason": "-because\r\nof\tthis", "description": "'=quoted, \"really\"; yes\n\n- list\n",
        "labels": ["a;b", "@c"], "supporting_teams": [web, care], "parent": goal, "due_on": date(2026, 3, 20),
        "importance": 4, "owner": bob, "cycle": spring, "team": goal.team, "url": "https://example.org/?a=1;b",
    }  # fmt: skip
    goals.create_goal(fields, by=alice, at=NOW)
    GoalFactory(
        owner=None, workspace=goal.workspace, title="+49 30 1234", labels=["one;"], status="draft", activated_at=None
    )
    rows = export(client_of(alice))
    before = list(Goal.objects.order_by("pk").values())
    report = run(as_file(rows), alice)
    assert report.lines == []
    assert report.counts["goals"] == {"created": 0, "updated": 0, "unchanged": 3, "reported": 0}
    assert list(Goal.objects.order_by("pk").values()) == before


def test_an_export_can_be_changed_and_taken_back(client_of: ClientOf, alice: Member, goal: Goal) -> None:
    goals.update_goal(goal, {"title": "Answer most calls"}, by=alice, at=NOW)
    rows = export(client_of(alice))
    rows[0]["title"] = "Answer every call within a minute"
    report = run(as_file(rows), alice, at=datetime.now(UTC))
    goal.refresh_from_db()
    assert (goal.title, report.lines) == ("Answer every call within a minute", [])


def test_what_people_changed_since_the_export_stays(client_of: ClientOf, alice: Member, goal: Goal) -> None:
    rows = export(client_of(alice))
    goals.update_goal(goal, {"title": "Our own words"}, by=alice, at=datetime.now(UTC) + timedelta(seconds=1))
    rows[0]["title"] = "Theirs"
    rows[0]["reason"] = "A reason at last"
    report = run(as_file(rows), alice)
    goal.refresh_from_db()
    assert (goal.title, goal.reason) == ("Our own words", "A reason at last")
    assert [(line.reason, line.field) for line in report.lines] == [("kept_by_hand", "title")]


def test_no_cell_of_an_export_is_a_formula(client_of: ClientOf, alice: Member) -> None:
    for sign in "=+-@":
        GoalFactory(owner=alice, title=f"{sign}cmd|' /C calc'!A0", labels=[f"{sign}1"], description=f"\t{sign}x")
    for row in export(client_of(alice)):
        assert not [cell for cell in row.values() if cell[:1] in {"=", "+", "-", "@", "\t", "\r"}]


def test_an_export_holds_what_its_reader_sees(
    client_of: ClientOf, alice: Member, bob: Member, mo: Member, gus: Member, goal: Goal, product: Team
) -> None:
    hidden = GoalFactory(owner=bob, visibility=Visibility.PRIVATE, title="Quietly leave")
    GoalFactory(owner=bob, team=product, visibility=Visibility.TEAM, title="For Product")
    Goal.objects.filter(pk=goal.pk).update(parent=hidden)
    assert {row["title"] for row in export(client_of(bob))} == {goal.title, "Quietly leave", "For Product"}
    for reader in (alice, mo):
        rows = export(client_of(reader))
        assert [row["title"] for row in rows] == [goal.title]
        assert (rows[0]["parent"], rows[0]["parent_title"]) == ("", "")
    assert export(client_of(gus)) == []
    goal.contributions.create(workspace=goal.workspace, member=gus)
    row = export(client_of(gus))[0]
    assert (row["title"], row["owner"], row["team"]) == (goal.title, "", "")


def test_an_export_follows_the_filters(
    client_of: ClientOf, alice: Member, bob: Member, goal: Goal, product: Team, spring: Cycle
) -> None:
    GoalFactory(owner=alice, title="Done", status="achieved", closed_at=NOW)
    client = client_of(alice)
    assert len(export(client)) == 2
    for query in (
        "status=open",
        f"team={product.pk}",
        f"owner={bob.pk}",
        f"cycle={spring.pk}",
        "q=every",
        "owner=me&status=open",
    ):
        titles = [row["title"] for row in export(client, f"?{query}")]
        assert titles == ([goal.title] if "me" not in query else []), query


@pytest.mark.parametrize("query", ["team=1", "status=x", "cycle=%00", "due_before=never", "importance=9"])
def test_a_filter_that_is_not_understood_is_refused(client_of: ClientOf, alice: Member, query: str) -> None:
    assert client_of(alice).get(f"/w/harbour/goals/export.csv?{query}").status_code == 400


def test_the_queries_of_an_export_do_not_grow(client_of: ClientOf, alice: Member, goal: Goal) -> None:
    client = client_of(alice)
    GoalFactory(owner=alice, parent=goal)
    export(client)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            export(client)
        return len(captured)

    one = queries()
    for _each in range(5):
        GoalFactory(owner=alice, parent=goal)
    assert queries() == one
