"""Single values of a file: clean and within the limits, or told and left empty."""

import io
import json
import tracemalloc
from datetime import UTC, date, datetime
from itertools import chain, islice
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from apps.goals.models import CheckIn, Goal
from apps.goals.services.bulk import CycleSpec
from apps.integrations.models import Reason, RowKind, plain_cell, safe_cell
from apps.integrations.services.imports import scan, tables, vocabulary
from apps.integrations.services.imports.content import Content
from apps.integrations.services.imports.neutral import read_neutral
from apps.integrations.services.imports.report import LINES_MAX, Report
from apps.integrations.services.imports.rows import GoalRow, PersonRow
from apps.integrations.services.imports.scan import Scanner, json_text
from apps.integrations.services.imports.values import LINK, clean, day_of, external_key, moment_of
from apps.workspaces.models import Member
from tests.factories import ImportJobFactory
from tests.integrations.files import NOW, goal, neutral, reasons, run, sample

BERLIN = ZoneInfo("Europe/Berlin")


def parse(**sections: Any) -> tuple[Any, Report]:
    """A file read, without writing it."""
    report = Report()
    rows = _rows(neutral(**sections).decode(), report)
    kinds = {"goals": GoalRow, "people": PersonRow, "cycles": CycleSpec}
    return SimpleNamespace(**{name: _of(kind, rows) for name, kind in kinds.items()}), report


def _rows(text: str, report: Report) -> list[Any]:
    batches = read_neutral(io.StringIO(text), zone=BERLIN, at=NOW, report=report, here=lambda _kind, _keys: set())
    return [row for batch in batches for row in batch]


def _of(kind: type, rows: list[Any]) -> list[Any]:
    return [row for row in rows if isinstance(row, kind)]


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("Accepted", "active"), ("Continued", "active"), ("IN_PROGRESS", "active"), ("Proposed", "draft"),
        ("Completed", "achieved"), (" done ", "achieved"), ("Not completed", "missed"),
        ("Not completed (lack of funding)", "missed"), ("Not accepted", "dropped"), ("Cancelled", "dropped"),
        ("Partially completed; work continues", None), ("Superseded by another", None), ("Yes", None), ("", None),
    ],
)  # fmt: skip
def test_only_clear_words_are_a_status(word: str, status: str | None) -> None:
    assert vocabulary.goal_status(word) == status


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("3/8", 0.375), ("0/4", 0.0), (" 30 / 30 ", 1.0), ("66%", 0.66), ("12.5 %", 0.125),
        ("9/8", None), ("3/0", None), ("120%", None), ("half", None), ("66% on time", None), ("-1/2", None),
        ("3/8/9", None),
    ],
)  # fmt: skip
def test_only_clear_shares_are_progress(text: str, share: float | None) -> None:
    assert vocabulary.share(text) == share


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-03-31", date(2026, 3, 31)), ("31.3.2026", date(2026, 3, 31)), ("2021-04-31", None), ("2025-30-01", None),
        ("2025-02", None), ("2025", None), ("01/02/2026", None), ("0001-01-01", None), ("9999-12-31", None),
        ("\u0662\u0660\u0662\u0666-\u0660\u0663-\u0660\u0661", None), ("2026-03-01T10:00", None),
    ],
)  # fmt: skip
def test_only_days_that_exist_are_days(text: str, day: date | None) -> None:
    assert day_of(text) == day


def test_a_day_is_noon_of_the_workspace_and_a_moment_is_itself() -> None:
    assert moment_of("2026-01-05", BERLIN) == datetime(2026, 1, 5, 11, tzinfo=UTC)
    assert moment_of("2026-01-05T23:30:00Z", BERLIN) == datetime(2026, 1, 5, 23, 30, tzinfo=UTC)
    assert moment_of("2026-01-05T23:30", BERLIN) == datetime(2026, 1, 5, 22, 30, tzinfo=UTC)
    assert moment_of("yesterday", BERLIN) is None


@given(st.text())
def test_safe_cells_come_back_as_they_were(text: str) -> None:
    assert plain_cell(safe_cell(text)) == text


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "＝1", "'=1", "''@x"])  # noqa: RUF001 - the full-width sign is meant
def test_no_cell_begins_as_a_formula(text: str) -> None:
    assert safe_cell(text) == f"'{text}"


@given(st.text(alphabet=st.characters(), max_size=50))
def test_clean_texts_can_be_stored(text: str) -> None:
    cleaned = clean(text)
    assert "\0" not in cleaned
    assert cleaned.encode().decode() == cleaned


def test_surrogates_nul_and_rtl_marks_are_stored_or_replaced(alice: Member) -> None:
    content = rb'{"goals": [{"key": "g", "title": "a\u0000b\ud800c \u202ed", "summary": "\ud83d\ude00 \udc00"}]}'
    report = run(content, alice)
    stored = Goal.objects.get()
    assert (stored.title, stored.description) == ("ab\ufffdc \u202ed", "\U0001f600 \ufffd")
    assert reasons(report, "goals", "g") == {("bad_characters", "title"), ("bad_characters", "summary")}


def test_long_titles_and_texts(alice: Member) -> None:
    whole, longer, text = "t" * 1_000, "u" * 1_400, "word " * 6_000
    report = run(
        neutral(goals=[goal("a", title=whole, summary=text), goal("b", title=longer, summary="x" * 60_000)]), alice
    )
    a, b = Goal.objects.order_by("external_id")
    assert (a.title, a.description) == (whole, text.strip())
    assert len(b.title) == 1_000
    assert b.title.endswith("…")
    assert b.description.startswith(longer)
    assert len(b.description) == 50_000
    assert reasons(report, "goals", "a") == set()
    assert reasons(report, "goals", "b") == {("title_long", "title"), ("shortened", "summary")}


@pytest.mark.parametrize(
    "hostile", ["<script>alert(1)</script>", "../../etc/passwd", "'; DROP TABLE goals_goal; --", "{{ 7*7 }}", "%s%s"]
)
def test_hostile_texts_are_only_texts(alice: Member, hostile: str) -> None:
    update = {"date": "2026-01-01", "text": hostile, "format": "html", "status": hostile}
    people = [{"key": hostile, "name": hostile}]
    run(
        neutral(
            people=people, goals=[goal(hostile, title=hostile, labels=[hostile], owner_key=hostile, updates=[update])]
        ),
        alice,
    )
    stored = Goal.objects.get()
    assert (stored.title, stored.labels, stored.external_id, stored.owner and stored.owner.name) == (
        hostile, [hostile], hostile, hostile,
    )  # fmt: skip
    assert CheckIn.objects.get().note.startswith(hostile)


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "//example.org",
        "http://",
        "https://a b",
        "ftp://x.org",
        "http://user@host/",
    ],
)
def test_only_http_links_are_links(link: str) -> None:
    assert not LINK.match(link)


def test_long_keys_are_shortened_and_stay_apart() -> None:
    one, two = external_key("k" * 300 + "1"), external_key("k" * 300 + "2")
    assert len(one) <= 255
    assert one != two
    assert external_key("k" * 255) == "k" * 255


def test_keys_that_stand_twice_and_rows_that_are_none() -> None:
    file, report = parse(
        people=[{"key": "a", "name": "A"}, {"key": "a", "name": "B"}, 7, {"name": "no key"}, {"key": " "}],
        cycles=[{"name": "Q1"}, {"name": "q1"}],
    )
    assert [row.spec.name for row in file.people] == ["A"]
    assert len(file.cycles) == 1
    assert [(line.kind, line.key, line.reason) for line in report.lines] == [
        ("people", "a", "key_twice"), ("people", "#3", "not_a_row"), ("people", "#4", "key_missing"),
        ("people", "#5", "key_missing"), ("cycles", "q1", "key_twice"),
    ]  # fmt: skip


def test_fields_that_stand_twice_or_are_not_known_are_told(alice: Member) -> None:
    report = run(b'{"goals": [{"key": "g", "title": "one", "title": "two", "colour": "red", "depth": null}]}', alice)
    assert Goal.objects.get().title == "two"
    assert reasons(report, "goals", "g") == {("field_twice", "title"), ("field_unknown", "colour")}


def test_a_value_of_a_wrong_kind_is_left_empty() -> None:
    _file, report = parse(
        goals=[
            goal(
                owner_key=5, team_keys="x", labels=[1, "good", {}], status=True, updates={"a": 1}, url=["u"], created=12
            ),
            {"key": "h", "title": 10**400},
        ]
    )
    assert {line.field for line in report.lines if line.reason == "wrong_type"} == {
        "owner_key", "team_keys", "labels", "status", "updates", "url", "created", "title",
    }  # fmt: skip


def test_check_ins_of_tomorrow_are_not_taken_and_those_of_today_are() -> None:
    updates = [{"date": "2026-03-05", "text": "x"}, {"date": "2026-03-04", "text": "y"}, {"text": "z"}]
    file, report = parse(goals=[goal(updates=updates)])
    assert [(row.note, row.made_at) for row in file.goals[0].updates] == [("y", NOW)]
    assert [line.reason for line in report.lines] == ["in_future", "date_missing"]


def test_keys_of_check_ins_stay_when_a_file_grows() -> None:
    old = [{"date": "2025-01-01", "text": "a", "ref": "r1"}, {"date": "2025-02-01", "text": "b"}]
    new = [{"date": "2024-12-01", "text": "before", "ref": "r0"}, *old, {"date": "2025-02-01", "text": "c"}]
    before = {row.note: row.key for row in parse(goals=[goal(updates=old)])[0].goals[0].updates}
    after = {row.note: row.key for row in parse(goals=[goal(updates=new)])[0].goals[0].updates}
    assert before.items() <= after.items()
    assert len(set(after.values())) == 4


def test_encodings_with_a_mark_are_read(db: None) -> None:
    text = json.dumps({"goals": [goal(title="Grüße")]}, ensure_ascii=False)
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-32"):
        job = ImportJobFactory(content=text.encode(encoding))
        assert json_text(Content(job.pk)).read().removeprefix("\ufeff") == text


def test_every_reason_and_kind_has_words() -> None:
    assert all(len(str(each.label)) > 3 for each in (*RowKind, *Reason))
    assert max(len(each.value) for each in Reason) <= 40


def test_a_report_is_bounded_and_counts_the_rest() -> None:
    report = Report()
    for n in range(LINES_MAX + 500):
        report.tell("goals", f"g{n}", "bad_date", "due_on")
    state = report.as_state()
    report.finish()
    assert len(report.lines) == LINES_MAX + 1
    assert (report.lines[-1].key, report.lines[-1].count) == ("", 500)
    again = Report.from_state(state)
    again.finish()
    assert again.lines == report.lines[-1:], "what is only counted survives a batch"


class Endless(io.StringIO):
    """A file of so many equal rows, made while it is read."""

    def __init__(self, row: str, rows: int) -> None:
        super().__init__()
        self.parts = chain(['{"goals": ['], (f"{row.replace('KEY', str(n))}," for n in range(rows)), ["{}]}"])

    def read(self, size: int | None = -1) -> str:
        """Some of it."""
        return "".join(islice(self.parts, 100))


@pytest.mark.parametrize("row", ['{"key": "KEY", "title": "T", "summary": "%s"}' % ("word " * 200), "{}", "0"])
def test_memory_does_not_grow_with_the_file(row: str) -> None:
    """Three times the rows, and not a tenth more at the peak."""
    peaks = []
    for rows in (4_000, 12_000):
        report = Report()
        source = Endless(row, rows)
        tracemalloc.start()
        for _batch in read_neutral(source, zone=BERLIN, at=NOW, report=report, here=lambda _kind, _keys: set()):
            report.take_told()
            report.take_lines()
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.1 * peaks[0] + 100_000


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64])
def test_a_file_reads_the_same_however_it_is_cut(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    text = json.dumps(sample(other=[1.5e10, -12, True, None, 'a"b\\', "\ud83d\ude00", {"a": [[]]}]), indent=1)
    whole = list(Scanner(io.StringIO(text), lambda _names: None).rows())
    monkeypatch.setattr(scan, "PIECE", size)
    assert list(Scanner(io.StringIO(text), lambda _names: None).rows()) == whole
    for wrong in (text[:-1], text.replace('"key"', '"key', 1), text + "x"):
        told = set()
        for piece in (size, 10**6):
            monkeypatch.setattr(scan, "PIECE", piece)
            with pytest.raises(ValidationError) as error:
                list(Scanner(io.StringIO(wrong), lambda _names: None).rows())
            told.add(error.value.messages[0])
        assert len(told) == 1, "line and column, too"


def test_the_documentation_names_the_same_words_as_the_code() -> None:
    text = (Path(settings.BASE_DIR) / "docs" / "users" / "import.md").read_text()
    for table in (vocabulary.GOAL_STATUS, vocabulary.CONFIDENCE):
        for meaning in dict.fromkeys(table.values()):
            words = ", ".join(word for word, found in table.items() if found == meaning)
            assert f"| {meaning.value} | {words} |" in text
    for name, aliases in tables.COLUMNS.items():
        assert f"`{name}`" in text or not aliases, name
