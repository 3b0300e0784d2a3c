"""The quick add: what one line says, for any line at all."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from hypothesis import given
from hypothesis import strategies as st

from apps.tasks.models import Task
from apps.tasks.services import quick_add, understand
from apps.tasks.services.quick_add_dates import MONTH, MONTHS, WEEKDAYS, read_day
from apps.tasks.services.quick_add_grammar import Parsed, parse, quoted
from tests.factories import GoalFactory, MemberFactory, ResponsibilityFactory, TeamMembershipFactory

TODAY = date(2026, 3, 4)
"""A Wednesday."""


@pytest.fixture(autouse=True)
def at_now(now):
    with time_machine.travel(now, tick=False):
        yield


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("today", TODAY),
        ("heute", TODAY),
        ("Tomorrow,", date(2026, 3, 5)),
        ("übermorgen", date(2026, 3, 6)),
        ("friday", date(2026, 3, 6)),
        ("Freitag.", date(2026, 3, 6)),
        ("wednesday", date(2026, 3, 11)),
        ("by fri", date(2026, 3, 6)),
        ("am mo", date(2026, 3, 9)),
        ("next week", date(2026, 3, 9)),
        ("nächste Woche", date(2026, 3, 9)),
        ("next friday", date(2026, 3, 13)),
        ("in 3 days", date(2026, 3, 7)),
        ("in 2 Wochen", date(2026, 3, 18)),
        ("in a month", date(2026, 4, 4)),
        ("in 12 months", date(2027, 3, 4)),
        ("2026-12-01", date(2026, 12, 1)),
        ("1.12.", date(2026, 12, 1)),
        ("1.12.2027", date(2027, 12, 1)),
        ("3.3.", date(2027, 3, 3)),
        ("1 Dec", date(2026, 12, 1)),
        ("1st December 2027", date(2027, 12, 1)),
        ("Dec 1", date(2026, 12, 1)),
        ("1. Dezember", date(2026, 12, 1)),
        ("bis 29 feb", date(2028, 2, 29)),
    ],
)
def test_days_as_people_write_them(words, expected):
    assert read_day(words.split(), TODAY) == (expected, len(words.split()))


@pytest.mark.parametrize(
    "words",
    ["", "mo", "so what", "next", "next time", "in", "in days", "in x days", "in 3", "2026-13-01", "31.2.", "may be",
     "by", "by the way", "32 dec", "dec", "in 9999 weeks", "1000-01-01", "0 jan"],
)  # fmt: skip
def test_what_is_no_day(words):
    assert read_day(words.split(), TODAY) is None


def test_the_end_of_a_month_stays_the_end():
    assert read_day(["in", "1", "month"], date(2027, 1, 31)) == (date(2027, 2, 28), 3)


@pytest.mark.parametrize("number", range(1, 8))
def test_every_name_of_a_weekday_is_the_next_one(number):
    for name in WEEKDAYS[number - 1]:
        found = read_day(["by", name], TODAY)
        assert found
        day = found[0]
        assert day.isoweekday() == number
        assert TODAY < day <= TODAY + timedelta(days=7)


@given(st.dates(date(2020, 1, 1), date(2090, 1, 1)), st.sampled_from(sorted(MONTH)), st.integers(1, 28))
def test_a_day_without_a_year_is_the_next_one(today, month, day):
    read_as = read_day([str(day), month], today)
    assert read_as
    found, length = read_as
    assert length == 2
    assert (found.day, found.month) == (day, MONTH[month])
    assert today <= found < today + timedelta(days=366)


@given(st.dates(date(2020, 1, 1), date(2090, 1, 1)), st.integers(-3_000, 3_000))
def test_a_written_date_is_that_date(today, away):
    day = today + timedelta(days=away)
    assert read_day([day.isoformat()], today) == (day, 1)
    assert read_day([f"{day.day}.{day.month}.{day.year}"], today) == (day, 1)
    assert read_day([str(day.day), MONTHS[day.month - 1][0], str(day.year)], today) == (day, 3)


def test_the_line_of_the_issue():
    assert parse("Write the release note @lea friday !4", TODAY) == Parsed(
        title="Write the release note", assignee="lea", importance=4, due_on=date(2026, 3, 6)
    )


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Call !4/3", Parsed("Call", importance=4, urgency=3)),
        ("Call ^5 !2", Parsed("Call", importance=2, urgency=5)),
        ("Call ^5 !2/1", Parsed("Call", importance=2, urgency=5)),
        ("Call 2h", Parsed("Call", hours=Decimal("2.0"))),
        ("Call 1,5h", Parsed("Call", hours=Decimal("1.5"))),
        ("Call 90min", Parsed("Call", hours=Decimal("1.5"))),
        ("Call #phone #\"spring fair\" #phone", Parsed("Call", labels=("phone", "spring fair"))),
        ('Call @"Lea Berg" >"Answer every call"', Parsed("Call", assignee="Lea Berg", place="Answer every call")),
        ("Call by friday", Parsed("Call", due_on=date(2026, 3, 6))),
        ("Prepare the monday round", Parsed("Prepare the round", due_on=date(2026, 3, 9))),
        (r"Prepare the \monday round", Parsed("Prepare the monday round")),
        (r"Pay \#12 and \@lea", Parsed("Pay #12 and @lea")),
        ("Call @bob @lea", Parsed("Call @bob", assignee="lea")),
        ("Move it from monday to friday", Parsed("Move it from monday to", due_on=date(2026, 3, 6))),
        ("Learn C# by !9 #! @ > #", Parsed("Learn C# by !9 #! @ > #")),
        ("mail bob@example.org", Parsed("mail bob@example.org")),
        ("Guten Morgen sagen", Parsed("Guten sagen", due_on=date(2026, 3, 5))),
        ("   ", Parsed("")),
        ("fr", Parsed("fr")),
        ("am fr", Parsed("", due_on=date(2026, 3, 6))),
        ("Decide what to do", Parsed("Decide what to do")),
        ("Make it so", Parsed("Make it so")),
        ("See where they sat", Parsed("See where they sat")),
        ("Call this friday", Parsed("Call", due_on=date(2026, 3, 6))),
        ("Anrufen diesen Fr", Parsed("Anrufen", due_on=date(2026, 3, 6))),
        ("Do this", Parsed("Do this")),
        ("do fr stuff", Parsed("do fr stuff")),
    ],
)  # fmt: skip
def test_lines(line, expected):
    assert parse(line, TODAY) == expected


LINES = st.text(max_size=300)
PLAIN = st.from_regex(r"\A[xyz]{1,8}\Z")


@given(LINES, st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_any_line_is_read(line, today):
    read = parse(line, today)
    assert read == parse(line, today)
    assert read.importance in {None, 1, 2, 3, 4, 5}
    assert read.urgency in {None, 1, 2, 3, 4, 5}
    assert read.hours is None or 0 <= read.hours <= 10_000
    assert read.title == " ".join(read.title.split())


@given(LINES)
def test_no_word_is_lost(line):
    """What is not in the title was understood as something, and what stands there was written."""
    read = parse(line, TODAY)
    words = line.replace("\x00", " ").split()
    for word in read.title.split():
        assert any(word in each for each in words)
    nothing = (read.assignee, read.place, read.labels) == ("", "", ()) and not any(
        (read.importance, read.urgency, read.due_on, read.hours is not None)
    )
    if nothing:
        kept = " ".join(word[1:] if word.startswith("\\") and len(word) > 1 else word for word in words)
        assert read.title == kept


@given(
    st.lists(PLAIN, min_size=1, max_size=6),
    st.integers(1, 5),
    st.integers(1, 5),
    st.integers(0, 300),
    st.dates(date(2026, 1, 1), date(2030, 1, 1)),
    st.from_regex(r"\A[a-z]{2,9}( [a-z]{2,9})?\Z"),
    st.randoms(use_true_random=False),
)
def test_what_is_written_is_read_in_any_order(words, importance, urgency, hours, day, name, random):
    parts = [f"!{importance}/{urgency}", f"{hours}h", day.isoformat(), quoted("@", name), quoted(">", name), "#tag"]
    title = " ".join(words)
    mixed = [*words]
    for part in parts:
        mixed.insert(random.randint(0, len(mixed)), part)
    read = parse(" ".join(mixed), TODAY)
    assert read == Parsed(
        title, name, name, importance, urgency, day, Decimal(hours).quantize(Decimal("0.1")), ("tag",)
    )


@given(LINES)
def test_every_word_can_be_kept(line):
    words = line.replace("\x00", " ").split()
    kept = " ".join(f"\\{word}" for word in words)
    assert parse(kept, TODAY) == Parsed(" ".join(words)[:10_000])


# ---- names ----


@pytest.fixture
def people(bob, lea, product):
    names = ("Lea Berg", "Lea Kern", "Leander Voss", "Jo Le Roux")
    return {name: MemberFactory(workspace=bob.workspace, name=name) for name in names}


def read(line, by, now, thing=None):
    return understand(line, by=by, at=now, thing=thing)


def test_names_are_looked_up(people, bob, goal, now):
    assert read("x @leander", bob, now).assignee == people["Leander Voss"]
    assert read("x @lea.berg", bob, now).assignee == people["Lea Berg"]
    assert read('x @"lea kern"', bob, now).assignee == people["Lea Kern"]
    assert read("x @roux", bob, now).assignee == people["Jo Le Roux"]
    assert read("x @me", bob, now).assignee == read("x @ich", bob, now).assignee == bob
    assert read("x", bob, now, goal).thing == goal


def test_a_whole_name_wins_over_longer_ones(people, bob, lea, now):
    assert read("x @lea", bob, now).assignee == lea


def test_unknown_names_stay_in_the_title(people, bob, now):
    found = read("Ask @zoe about it", bob, now)
    assert (found.title, found.assignee, found.unknown) == ("Ask about it @zoe", None, ("@zoe",))


def test_a_name_of_several_must_be_chosen(people, bob, goal, now):
    assert read("x @le", bob, now).assignee == people["Jo Le Roux"]
    found = read("x @lean @ke", bob, now)
    assert (found.assignee, found.title) == (people["Lea Kern"], "x @lean")
    assert read("x @be", bob, now).assignee == people["Lea Berg"]
    other = MemberFactory(workspace=bob.workspace, name="Lea Berg-Hahn")
    assert read("x @be", bob, now).ambiguous == (("@be", ('@"Lea Berg"', '@"Lea Berg-Hahn"')),)
    with pytest.raises(ValidationError, match="could be") as caught:
        quick_add("x @berg", by=bob, at=now, thing=goal)
    assert list(caught.value.error_dict) == ["line"]
    assert other.name in str(caught.value)


def test_the_gone_and_those_elsewhere_are_not_named(people, bob, eve, now):
    people["Leander Voss"].deactivated_at = now
    people["Leander Voss"].save()
    assert read("x @leander", bob, now).unknown == ("@leander",)
    assert read("x @eve", bob, now).unknown == ("@eve",)


def test_a_guest_names_only_whom_they_see(people, gus, now):
    assert read("x @leander", gus, now).unknown == ("@leander",)


def test_what_it_belongs_to_is_looked_up(bob, mo, goal, now):
    held = ResponsibilityFactory(workspace=bob.workspace, title="Keep the phones up")
    GoalFactory(owner=mo, title="Answer letters", visibility="private")
    closed = GoalFactory(owner=bob, title="Answer faxes", status="missed", closed_at=now, lesson="x")
    assert read("x >answer", bob, now).thing == goal
    assert read("x >phones", bob, now).thing == held
    assert read("x >letters", bob, now).unknown == (">letters",)
    assert read("x >faxes", bob, now).unknown == (">faxes",)
    assert read('x >"every call"', bob, now, held).thing == goal
    assert closed.is_closed


def test_a_line_makes_the_task(bob, lea, goal, now):
    task = quick_add("Write the release note @lea friday !4/2 2h #print", by=bob, at=now, thing=goal)
    assert (task.title, task.assignee, task.due_on) == ("Write the release note", lea, date(2026, 3, 6))
    assert (task.importance, task.urgency, task.hours, task.labels) == (4, 2, Decimal(2), ["print"])
    assert (task.goal, task.created_by) == (goal, bob)


@pytest.mark.parametrize(("line", "words"), [("@lea friday", "what is to be done"), ("x" * 1_200, "1000 characters")])
def test_a_line_that_says_too_little_or_too_much(bob, lea, goal, now, line, words):
    with pytest.raises(ValidationError, match=words) as caught:
        quick_add(line, by=bob, at=now, thing=goal)
    assert list(caught.value.error_dict) == ["line"]
    assert not Task.objects.exists()


def test_a_line_without_a_place(bob, now):
    with pytest.raises(ValidationError, match="what it belongs to"):
        quick_add("Write", by=bob, at=now)


def test_a_line_for_somebody_who_may_not_see_it(bob, mo, goal, now):
    goal.visibility = "team"
    goal.save()
    with pytest.raises(ValidationError, match="can see") as caught:
        quick_add("Write @mo", by=bob, at=now, thing=goal)
    assert list(caught.value.error_dict) == ["line"]


def test_a_line_where_one_may_not_add(mo, goal, now):
    with pytest.raises(PermissionDenied):
        quick_add("Write >every", by=mo, at=now)


def test_days_are_those_of_the_writer(bob, goal, now):
    bob.user.timezone = "Pacific/Kiritimati"
    bob.user.save()
    late = now.replace(hour=20)
    assert quick_add("x today", by=bob, at=late, thing=goal).due_on == date(2026, 3, 5)


def test_members_of_a_team_are_no_matter(bob, care, goal, now):
    other = MemberFactory(workspace=bob.workspace, name="Zoe")
    TeamMembershipFactory(team=care, member=other)
    assert read("x @zo", bob, now).assignee == other
