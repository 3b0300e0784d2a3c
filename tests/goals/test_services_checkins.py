"""Check-ins, their readings, edits and asks."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.activity.models import Event
from apps.goals import services
from apps.goals.models import CheckIn, CheckInRevision, Goal, KeyResult, Reading
from apps.goals.services import CheckInFields
from tests.counts import times
from tests.factories import ContributorFactory, GoalFactory, KeyResultFactory, MemberFactory

DAY = timedelta(days=1)


def field_of(caught):
    """The names of the fields an error lies at."""
    return set(caught.value.message_dict) if hasattr(caught.value, "error_dict") else {"__all__"}


def check_in(goal, by, at, readings=None, **fields):
    """The shortest way to one."""
    said: Any = fields
    return services.create_check_in(goal, said, readings=readings or {}, by=by, at=at)


@pytest.fixture
def wait(goal):
    """From 14 days to 9."""
    return KeyResultFactory(goal=goal, title="Median wait", start_value=14, target_value=9, unit="days")


@pytest.fixture
def form(goal):
    """A milestone."""
    return KeyResultFactory(goal=goal, title="Form", kind="milestone", start_value=0, target_value=1)


def test_check_in_brings_everything_up_to_date(goal, bob, lea, wait, form, now):
    made = services.create_check_in(
        goal,
        {"confidence": "at_risk", "note": " So far. ", "blockers": "The form.", "ask": "A day of Ida?", "ask_to": lea},
        readings={wait.pk: Decimal("11.5"), form.pk: Decimal(1)},
        by=bob,
        at=now,
    )
    goal.refresh_from_db()
    wait.refresh_from_db()
    assert (made.author, made.author_name, made.note, made.made_at, made.created_at) == (
        bob,
        "Bob",
        "So far.",
        now,
        now,
    )
    assert (goal.confidence, goal.confidence_since, goal.last_check_in_at) == ("at_risk", date(2026, 3, 4), now)
    assert goal.check_in_due_on == date(2026, 3, 11)
    assert (wait.current_value, wait.progress) == (Decimal("11.5"), 0.5)
    assert (goal.progress, goal.progress_source) == (0.75, "key_results")
    event = Event.objects.get(verb="goal.checked_in")
    assert (event.subject_id, event.actor, event.data) == (
        goal.pk, bob, {"check_in": str(made.pk), "confidence": "at_risk"},
    )  # fmt: skip


@pytest.mark.parametrize(("who", "may"), [("bob", 1), ("lea", 1), ("alice", 1), ("mo", 0), ("gus", 0), ("eve", 0)])
def test_check_in_is_for_the_people_on_the_goal(request, goal, now, who, may):
    member = request.getfixturevalue(who)
    if may:
        check_in(goal, member, now, note="So far.")
    else:
        with pytest.raises(PermissionDenied):
            check_in(goal, member, now, note="So far.")
    assert CheckIn.objects.count() == may


def test_contributors_and_named_guests_check_in(goal, mo, gus, now):
    for member in (mo, gus):
        ContributorFactory(goal=goal, member=member)
        assert check_in(goal, member, now, note="So far.").author == member


def test_same_key_makes_one_check_in_of_a_person_and_goal(goal, bob, lea, now):
    key, other = uuid4(), GoalFactory(owner=bob)
    one = services.create_check_in(goal, {"note": "One."}, readings={}, by=bob, at=now, key=key)
    again = services.create_check_in(goal, {"note": "Again."}, readings={}, by=bob, at=now + DAY, key=key)
    assert (again.pk, again.note) == (one.pk, "One.")
    with pytest.raises(ValidationError):
        services.create_check_in(other, {"note": "Two."}, readings={}, by=bob, at=now, key=key)
    assert CheckIn.objects.get() == one
    for known in (key, one.pk):  # another person's key, or id, tells them nothing
        assert services.create_check_in(goal, {"note": "Two."}, readings={}, by=lea, at=now, key=known).pk != one.pk


def test_resent_check_in_is_answered_even_after_the_goal_was_closed(goal, bob, now):
    key = uuid4()
    one = services.create_check_in(goal, {"note": "One."}, readings={}, by=bob, at=now, key=key)
    services.close_goal(goal, outcome="achieved", lesson="It works.", by=bob, at=now)
    assert services.create_check_in(goal, {"note": "One."}, readings={}, by=bob, at=now, key=key) == one


def test_drafts_and_closed_goals_take_no_check_in(goal, bob, now):
    draft = services.create_goal({"title": "Draft", "status": "draft", "owner": bob}, by=bob, at=now)
    services.close_goal(goal, outcome="missed", lesson="x", by=bob, at=now)
    for each in (draft, goal):
        with pytest.raises(ValidationError):
            check_in(each, bob, now, note="So far.")
    assert not CheckIn.objects.exists()


def test_check_in_of_the_past_changes_nothing_that_was_said_since(goal, bob, wait, now):
    check_in(goal, bob, now, {wait.pk: Decimal(10)}, confidence="on_track")
    services.create_check_in(
        goal, {"confidence": "off_track"}, readings={wait.pk: Decimal(13)}, by=bob, at=now, made_at=now - 9 * DAY
    )
    goal.refresh_from_db()
    wait.refresh_from_db()
    assert (goal.confidence, goal.last_check_in_at, wait.current_value) == ("on_track", now, 10)


def test_check_in_of_the_future_is_refused(goal, bob, now):
    with pytest.raises(ValidationError) as caught:
        services.create_check_in(goal, {}, readings={}, by=bob, at=now, made_at=now + DAY)
    assert field_of(caught) == {"made_at"}


def test_confidence_is_dated_from_the_first_of_the_same_in_a_row(goal, bob, now):
    for days, said in enumerate(["at_risk", "on_track", None, "on_track", "on_track"]):
        check_in(goal, bob, now + days * DAY, confidence=said)
    goal.refresh_from_db()
    assert (goal.confidence, goal.confidence_since) == ("on_track", date(2026, 3, 5))


def test_confidence_is_dated_in_the_workspaces_zone(goal, bob):
    check_in(goal, bob, datetime(2026, 3, 10, 23, 30, tzinfo=UTC), confidence="on_track")
    goal.refresh_from_db()
    assert goal.confidence_since == date(2026, 3, 11)


@pytest.mark.parametrize(
    ("fields", "at_field"),
    [
        ({"confidence": "splendid"}, "confidence"),
        ({"note": "x" * 50_001}, "note"),
        ({"blockers": "x" * 50_001}, "blockers"),
        ({"ask": "x" * 50_001}, "ask"),
        ({"progress": 1.2}, "progress"),
        ({"progress": -0.1}, "progress"),
        ({"progress": float("nan")}, "progress"),
        ({"progress": float("inf")}, "progress"),
        ({"progress": "half"}, "progress"),
        ({"note_format": "docx"}, "note_format"),
    ],
    ids=lambda each: str(each)[:30],
)
def test_check_in_refuses_at_the_field(goal, bob, now, fields, at_field):
    with pytest.raises(ValidationError) as caught:
        check_in(goal, bob, now, **fields)
    assert field_of(caught) == {at_field}
    assert not CheckIn.objects.exists()


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity", "1e400", "1.00001", "99999999999999999", "sNaN"])
def test_reading_must_be_a_number_one_can_write_down(goal, bob, wait, now, value):
    with pytest.raises(ValidationError) as caught:
        check_in(goal, bob, now, {wait.pk: Decimal(value)}, note="So far.")
    assert field_of(caught) == {f"reading_{wait.pk}"}
    assert not CheckIn.objects.exists()
    assert not Reading.objects.exists()


def test_milestone_is_done_or_not(goal, bob, form, now):
    with pytest.raises(ValidationError) as caught:
        check_in(goal, bob, now, {form.pk: Decimal("0.5")})
    assert field_of(caught) == {f"reading_{form.pk}"}


def test_reading_of_another_goals_key_result_is_refused(goal, bob, now):
    other = KeyResultFactory(goal=GoalFactory(owner=bob))
    with pytest.raises(ValidationError):
        check_in(goal, bob, now, {other.pk: Decimal(1)})
    assert not CheckIn.objects.exists()


def test_one_asks_only_who_sees_the_goal(goal, bob, mo, gus, eve, product, now):
    services.update_goal(goal, {"visibility": "team"}, by=bob, at=now)
    gone = MemberFactory(workspace=bob.workspace, deactivated_at=now)
    for member in (mo, gus, eve, gone):
        with pytest.raises(ValidationError) as caught:
            check_in(goal, bob, now, ask="May we?", ask_to=member)
        assert field_of(caught) == {"ask_to"}


def test_asking_somebody_needs_an_ask(goal, bob, lea, now):
    with pytest.raises(ValidationError) as caught:
        check_in(goal, bob, now, ask=" ", ask_to=lea)
    assert field_of(caught) == {"ask"}


# ---- edits ----


def test_edit_keeps_what_it_said_before(goal, bob, lea, wait, now):
    made = check_in(goal, bob, now, {wait.pk: Decimal(12)}, note="Twelve.", confidence="at_risk")
    services.edit_check_in(
        made, {"note": "Eleven.", "confidence": "on_track"}, readings={wait.pk: Decimal(11)}, by=bob, at=now + DAY
    )
    made.refresh_from_db()
    goal.refresh_from_db()
    wait.refresh_from_db()
    before = CheckInRevision.objects.get().before
    assert (before["note"], before["confidence"], before["readings"]) == (
        "Twelve.", "at_risk", {str(wait.pk): "12.0000"},
    )  # fmt: skip
    assert (made.note, made.edited_at, goal.confidence, wait.current_value) == ("Eleven.", now + DAY, "on_track", 11)
    assert Event.objects.filter(verb="goal.check_in_edited").count() == 1


def test_edit_that_changes_nothing_leaves_no_trace(goal, bob, wait, now):
    made = check_in(goal, bob, now, {wait.pk: Decimal(12)}, note="Twelve.")
    services.edit_check_in(made, {"note": "Twelve. "}, readings={wait.pk: Decimal(12)}, by=bob, at=now + DAY)
    made.refresh_from_db()
    assert made.edited_at is None
    assert not CheckInRevision.objects.exists()


def test_edit_notices_the_last_digit_of_a_long_reading(goal, bob, now):
    key_result = KeyResultFactory(goal=goal, start_value=0, target_value=10**15)
    made = check_in(goal, bob, now, {key_result.pk: Decimal("9007199254740992.0001")})
    services.edit_check_in(made, {}, readings={key_result.pk: Decimal("9007199254740992.0002")}, by=bob, at=now + DAY)
    assert CheckInRevision.objects.count() == 1


def test_edit_can_take_a_reading_away(goal, bob, wait, now):
    check_in(goal, bob, now, {wait.pk: Decimal(12)})
    second = check_in(goal, bob, now + DAY, {wait.pk: Decimal(5)})
    services.edit_check_in(second, {}, readings={}, by=bob, at=now + DAY)
    wait.refresh_from_db()
    assert wait.current_value == 12
    services.edit_check_in(CheckIn.objects.earliest("made_at"), {}, readings={}, by=bob, at=now + DAY)
    wait.refresh_from_db()
    assert (wait.current_value, wait.progress) == (None, 0.0)


def test_edit_leaves_readings_alone_when_told_none(goal, bob, wait, now):
    made = check_in(goal, bob, now, {wait.pk: Decimal(12)}, note="Twelve.")
    services.edit_check_in(made, {"note": "A dozen."}, readings=None, by=bob, at=now + DAY)
    assert Reading.objects.get().value == 12


@pytest.mark.parametrize("who", ["lea", "alice", "mo", "eve"])
def test_only_its_author_edits_a_check_in(request, goal, bob, now, who):
    made = check_in(goal, bob, now, note="Mine.")
    with pytest.raises(PermissionDenied):
        services.edit_check_in(made, {"note": "Theirs."}, readings=None, by=request.getfixturevalue(who), at=now)


def test_check_in_of_a_closed_goal_stays_as_it_is(goal, bob, now):
    made = check_in(goal, bob, now, note="So far.")
    services.close_goal(goal, outcome="missed", lesson="x", by=bob, at=now)
    with pytest.raises(ValidationError):
        services.edit_check_in(made, {"note": "Other."}, readings=None, by=bob, at=now)


def test_bad_edit_writes_nothing(goal, bob, wait, now):
    made = check_in(goal, bob, now, {wait.pk: Decimal(12)}, note="Twelve.")
    with pytest.raises(ValidationError):
        services.edit_check_in(made, {"note": "Other."}, readings={wait.pk: Decimal("NaN")}, by=bob, at=now)
    made.refresh_from_db()
    assert made.note == "Twelve."
    assert not CheckInRevision.objects.exists()


# ---- asks ----


def test_ask_is_answered_once_by_who_was_asked(goal, bob, lea, alice, now):
    asked = check_in(goal, bob, now, ask="A day of Ida?", ask_to=lea)
    for member in (bob, alice):
        with pytest.raises(PermissionDenied):
            services.answer_ask(asked, answer="Yes.", by=member, at=now)
    with pytest.raises(ValidationError) as caught:
        services.answer_ask(asked, answer=" ", by=lea, at=now)
    assert field_of(caught) == {"answer"}
    services.answer_ask(asked, answer=" Yes, Tuesday. ", by=lea, at=now + DAY)
    services.answer_ask(asked, answer="Yes, Tuesday.", by=lea, at=now + 2 * DAY)
    asked.refresh_from_db()
    assert (asked.answer, asked.answered_at) == ("Yes, Tuesday.", now + DAY)
    with pytest.raises(ValidationError):
        services.answer_ask(asked, answer="No.", by=lea, at=now + DAY)
    assert Event.objects.filter(verb="goal.ask_answered").count() == 1


def test_answered_ask_is_not_turned_into_another(goal, bob, lea, alice, now):
    asked = check_in(goal, bob, now, ask="A day of Ida?", ask_to=lea)
    services.answer_ask(asked, answer="Yes.", by=lea, at=now)
    changes: list[CheckInFields] = [{"ask": "A month of Ida?"}, {"ask_to": alice}]
    for fields in changes:
        with pytest.raises(ValidationError) as caught:
            services.edit_check_in(asked, fields, readings=None, by=bob, at=now)
        assert field_of(caught) == {"ask"}
    services.edit_check_in(asked, {"note": "Thanks."}, readings=None, by=bob, at=now)


def test_who_lost_sight_of_the_goal_no_longer_answers(goal, bob, mo, now):
    asked = check_in(goal, bob, now, ask="A day of Ida?", ask_to=mo)
    services.update_goal(goal, {"visibility": "team"}, by=bob, at=now)
    with pytest.raises(PermissionDenied):
        services.answer_ask(asked, answer="Yes.", by=mo, at=now)


def test_number_of_queries_does_not_grow_with_the_key_results(bob, now):
    counts = []
    for size in (1, 6):
        each = GoalFactory(owner=bob, activated_at=now)
        rows = [KeyResultFactory(goal=each, current_value=5) for _n in range(size)]
        with CaptureQueriesContext(
            connection,
        ) as asked:
            services.create_check_in(each, {}, readings={row.pk: Decimal(5) for row in rows}, by=bob, at=now)
        counts.append(len(asked))
    assert counts[0] == counts[1]


# ---- any history at all ----


@settings(max_examples=times(150), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.integers(0, 30), st.sampled_from([None, "on_track", "at_risk"]), st.none() | st.integers(-5, 20)),
        min_size=1,
        max_size=6,
        unique_by=lambda each: each[0],
    )
)
def test_what_a_goal_keeps_follows_from_its_check_ins_in_any_order(goal, bob, wait, now, history):
    CheckIn.objects.all().delete()
    at = now + 40 * DAY
    for days, confidence, value in history:
        readings = {} if value is None else {wait.pk: Decimal(value)}
        services.create_check_in(
            goal, {"confidence": confidence}, readings=readings, by=bob, at=at, made_at=now + days * DAY
        )
    ordered = sorted(history)
    kept = Goal.objects.get(pk=goal.pk)
    said = [(days, word) for days, word, _v in ordered if word]
    run_start = None
    for days, word in said:
        if word != (kept_word := said[-1][1]):
            run_start = None
        elif run_start is None:
            run_start = days
        assert kept_word
    assert kept.last_check_in_at == now + ordered[-1][0] * DAY
    assert kept.confidence == (said[-1][1] if said else None)
    assert kept.confidence_since == ((now + run_start * DAY).date() if run_start is not None else None)
    values = [value for _d, _w, value in ordered if value is not None]
    assert KeyResult.objects.get(pk=wait.pk).current_value == (values[-1] if values else None)
