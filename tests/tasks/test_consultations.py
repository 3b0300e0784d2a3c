"""Hearing those who are consulted before a goal or a task is closed."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from apps.activity.models import Event
from apps.goals import services as goals
from apps.notifications.models import Notice
from apps.notifications.services import describe_notices
from apps.tasks import access, services
from apps.tasks.models import Consultation
from tests.factories import (
    AssignmentFactory,
    GoalFactory,
    MemberFactory,
    ResponsibilityFactory,
    TaskFactory,
    TeamMembershipFactory,
)


def consulted(thing, member, **fields):
    return AssignmentFactory(**thing, member=member, role="consulted", **fields)


@pytest.fixture
def advised(goal, lea, mo):
    """Bob's goal, on which lea and mo are consulted."""
    consulted({"goal": goal}, lea)
    consulted({"goal": goal}, mo, status="accepted", answered_at=goal.activated_at)
    return goal


@pytest.fixture
def duty(harbour):
    return ResponsibilityFactory(workspace=harbour)


def close(goal, by, at, **fields):
    return goals.close_goal(goal, outcome="achieved", lesson="Ask earlier.", by=by, at=at, **fields)


def said(member, now):
    rows = list(Notice.objects.open().filter(recipient=member).select_related("recipient__user").order_by("created_at"))
    words = describe_notices(rows, at=now)
    return [words[row.pk] for row in rows if row.pk in words]


def names(people):
    return sorted(person.name for person in people)


# ---- who ----


def test_consulted_are_members_and_leads_of_teams(goal, duty, bob, lea, mo, product, care, now):
    consulted({"goal": goal}, mo)
    AssignmentFactory(goal=goal, member=None, team=product, role="consulted")
    TeamMembershipFactory(team=care, member=MemberFactory(workspace=goal.workspace, name="Cy"), is_lead=True)
    AssignmentFactory(responsibility=duty, member=None, team=care, role="consulted")
    assert names(access.consulted_on(goal)) == ["Lea", "Mo"]
    duty.goal = goal
    duty.save()
    assert names(access.consulted_on(goal)) == ["Cy", "Lea", "Mo"]
    assert names(access.consulted_on(TaskFactory(responsibility=duty))) == ["Cy"]
    assert names(access.consulted_on(TaskFactory(goal=goal))) == []
    duty.archived_at = now
    duty.save()
    assert names(access.consulted_on(goal)) == ["Lea", "Mo"]


def test_who_declined_or_left_or_cannot_see_or_answer_is_not_consulted(goal, lea, mo, gus, now):
    away = MemberFactory(workspace=goal.workspace, deactivated_at=now)
    nobody = MemberFactory(workspace=goal.workspace, user=None, email="")
    for member in (away, nobody, gus, mo):
        consulted({"goal": goal}, member)
    consulted({"goal": goal}, lea, status="declined", answered_at=now)
    for role in ("informed", "responsible", "accountable"):
        AssignmentFactory(goal=goal, member=lea, role=role)
    assert names(access.consulted_on(goal)) == ["Mo"]
    goal.visibility = "private"
    goal.save()
    assert names(access.consulted_on(goal)) == []


# ---- closing ----


def test_a_goal_without_consulted_people_is_closed_at_once(goal, bob, now):
    assert close(goal, bob, now).is_closed


def test_who_closes_need_not_ask_themselves(goal, bob, lea, now):
    consulted({"goal": goal}, bob)
    consulted({"goal": goal}, lea)
    assert [each.member for each in services.hearing(goal, by=bob, at=now)] == [lea]


@pytest.mark.parametrize("outcome", ["achieved", "missed", "dropped"])
def test_closing_asks_first(advised, bob, now, outcome):
    with pytest.raises(ValidationError) as caught:
        goals.close_goal(advised, outcome=outcome, lesson="x", by=bob, at=now)
    assert caught.value.message_dict == {
        "without_answers": [
            "Lea, Mo should be asked first. Wait for them, or say why you are going ahead without them."
        ]
    }
    assert caught.value.error_dict["without_answers"][0].code == "waits_for_answers"
    advised.refresh_from_db()
    assert not advised.is_closed


def test_closing_waits_for_all_answers(advised, bob, lea, mo, now):
    asked = services.ask_consulted(advised, question=" May we close? ", by=bob, at=now)
    assert {row.member for row in asked} == {lea, mo}
    assert {(row.question, row.answer_by_on) for row in asked} == {("May we close?", date(2026, 3, 6))}
    with pytest.raises(ValidationError, match="have not answered yet and have time until Friday 6 March"):
        close(advised, bob, now)
    for row in asked:
        with pytest.raises(ValidationError):
            close(advised, bob, now)
        services.answer_consultation(row, answer="Yes.", by=row.member, at=now)
    assert close(advised, bob, now).is_closed
    assert "without_answers" not in Event.objects.get(verb="goal.achieved").data


def test_after_the_day_nobody_is_waited_for(advised, bob, now):
    services.ask_consulted(advised, question="?", by=bob, at=now)
    with pytest.raises(ValidationError):
        close(advised, bob, now + timedelta(days=2))
    assert close(advised, bob, now + timedelta(days=3)).is_closed


def test_one_may_go_on_with_a_reason_which_is_kept(advised, bob, now):
    with pytest.raises(ValidationError):
        close(advised, bob, now, without_answers="   ")
    with pytest.raises(ValidationError) as caught:
        close(advised, bob, now, without_answers="x" * 2_001)
    assert list(caught.value.error_dict) == ["without_answers"]
    close(advised, bob, now, without_answers=" The ship sailed. ")
    assert Event.objects.get(verb="goal.achieved").data["without_answers"] == "The ship sailed."


def test_a_reason_that_nobody_needed_is_not_kept(goal, bob, now):
    close(goal, bob, now, without_answers="Why not?")
    assert "without_answers" not in Event.objects.get(verb="goal.achieved").data


def test_another_closing_asks_anew(advised, bob, lea, now):
    rows = services.ask_consulted(advised, question="?", by=bob, at=now)
    services.answer_consultation(rows[0], answer="Yes.", by=rows[0].member, at=now)
    close(advised, bob, now, without_answers="Late.")
    assert set(Consultation.objects.values_list("ended_at", flat=True)) == {now}
    goals.reopen_goal(advised, by=bob, at=now)
    with pytest.raises(ValidationError):
        close(advised, bob, now)
    assert len(services.ask_consulted(advised, question="And now?", by=bob, at=now)) == 2


def test_whoever_is_consulted_later_is_asked_too(advised, bob, adam, now):
    services.ask_consulted(advised, question="?", by=bob, at=now)
    with pytest.raises(ValidationError, match="asked already"):
        services.ask_consulted(advised, question="?", by=bob, at=now)
    consulted({"goal": advised}, adam)
    assert [row.member for row in services.ask_consulted(advised, question="?", by=bob, at=now)] == [adam]


def test_who_is_consulted_no_more_is_not_waited_for(advised, bob, lea, mo, now):
    services.ask_consulted(advised, question="?", by=bob, at=now)
    advised.assignments.all().delete()
    assert {each.member: each.waits for each in services.hearing(advised, by=bob, at=now)} == {lea: False, mo: False}
    assert close(advised, bob, now).is_closed


# ---- tasks ----


@pytest.mark.parametrize("act", [services.complete_task, services.drop_task])
def test_a_task_of_a_responsibility_asks_too(duty, lea, mo, now, act):
    consulted({"responsibility": duty}, lea)
    task = TaskFactory(responsibility=duty, assignee=mo)
    assert services.move_task(task, "doing", by=mo, at=now).status == "doing"
    with pytest.raises(ValidationError, match="Lea should be asked first"):
        act(task, by=mo, at=now)
    (row,) = services.ask_consulted(task, question="May I?", by=mo, at=now)
    services.answer_consultation(row, answer="Do.", by=lea, at=now)
    assert act(task, by=mo, at=now).is_closed
    verbs = list(Event.objects.filter(subject_id=task.pk).order_by("at", "id").values_list("verb", flat=True))
    assert verbs[1:3] == ["task.consulted", "task.consultation_answered"]


def test_a_task_goes_on_with_a_reason(duty, lea, mo, now):
    consulted({"responsibility": duty}, lea)
    task = TaskFactory(responsibility=duty, assignee=mo)
    services.complete_task(task, by=mo, at=now, without_answers="It burned.")
    assert Event.objects.get(verb="task.completed").data["without_answers"] == "It burned."


# ---- asking and answering ----


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"question": " "}, "question"),
        ({"question": "x" * 2_001}, "question"),
        ({"question": "?", "answer_by_on": date(2026, 3, 3)}, "answer_by_on"),
        ({"question": "?", "answer_by_on": date(2026, 12, 1)}, "answer_by_on"),
    ],
)
def test_asking_refuses_what_does_not_fit(advised, bob, now, fields, field):
    with pytest.raises(ValidationError) as caught:
        services.ask_consulted(advised, **fields, by=bob, at=now)
    assert list(caught.value.error_dict) == [field]
    assert not Consultation.objects.exists()


def test_only_who_may_close_asks_and_only_while_it_is_open(advised, bob, mo, now):
    with pytest.raises(PermissionDenied):
        services.ask_consulted(advised, question="?", by=mo, at=now)
    close(advised, bob, now, without_answers="x")
    with pytest.raises(ValidationError, match="closed already"):
        services.ask_consulted(advised, question="?", by=bob, at=now)


def test_the_workspace_says_how_many_working_days(harbour):
    friday = date(2026, 3, 6)
    assert services.default_answer_by(harbour, friday) == date(2026, 3, 10)
    harbour.consult_days, harbour.working_days = 0, [1]
    assert services.default_answer_by(harbour, friday) == friday
    harbour.consult_days = 2
    assert services.default_answer_by(harbour, friday) == date(2026, 3, 16)


def test_one_answers_once_in_words_and_for_oneself(advised, bob, lea, now):
    row = next(row for row in services.ask_consulted(advised, question="?", by=bob, at=now) if row.member == lea)
    for by in (bob,):
        with pytest.raises(PermissionDenied):
            services.answer_consultation(row, answer="Yes.", by=by, at=now)
    for answer in (" ", "x" * 10_001):
        with pytest.raises(ValidationError) as caught:
            services.answer_consultation(row, answer=answer, by=lea, at=now)
        assert list(caught.value.error_dict) == ["answer"]
    services.answer_consultation(row, answer=" Yes. ", by=lea, at=now)
    with pytest.raises(ValidationError, match="already"):
        services.answer_consultation(row, answer="No.", by=lea, at=now)
    row.refresh_from_db()
    assert row.answer == "Yes."


def test_after_the_closing_there_is_nothing_to_answer(advised, bob, now):
    rows = services.ask_consulted(advised, question="?", by=bob, at=now)
    close(advised, bob, now, without_answers="x")
    with pytest.raises(ValidationError, match="closed in the meantime"):
        services.answer_consultation(rows[0], answer="Yes.", by=rows[0].member, at=now)


# ---- what people are told ----


def test_the_asked_are_told_with_the_way_to_answer(advised, bob, lea, mo, now):
    rows = services.ask_consulted(advised, question="May we close?", by=bob, at=now)
    (words,) = said(lea, now)
    assert words.title == "Bob asks for your view before “Answer every call” is closed"
    assert (words.quote, words.action, words.outside) == ("May we close?", "Answer", "")
    row = next(row for row in rows if row.member == lea)
    assert words.url == f"/w/harbour/consultations/{row.pk}/"
    services.answer_consultation(row, answer="Not 100% sure.", by=lea, at=now)
    assert said(lea, now) == []
    (back,) = said(bob, now)
    assert (back.title, back.quote) == (
        "Lea said what they think about closing “Answer every call”",
        "Not 100% sure.",
    )
    close(advised, bob, now, without_answers="x")
    assert [each.title for each in said(mo, now)] == said(bob, now) == []


def test_a_private_goal_is_not_named_outside(bob, mo, now):
    goal = GoalFactory(owner=bob, visibility="private", title="Sell the boat")
    goal.contributors.add(mo, through_defaults={"workspace": goal.workspace})
    consulted({"goal": goal}, mo)
    services.ask_consulted(goal, question="May I?", by=bob, at=now)
    (words,) = said(mo, now)
    assert "Sell the boat" in words.title
    assert words.outside == "Bob asks for your view before a private goal is closed"
    assert "May I?" not in words.text


def test_who_sees_it_no_more_is_told_no_more(advised, bob, mo, lea, now):
    services.ask_consulted(advised, question="?", by=bob, at=now)
    goals.update_goal(advised, {"visibility": "team"}, by=bob, at=now)
    assert said(mo, now) == []
    assert len(said(lea, now)) == 1
    assert not access.visible_consultations(mo).exists()


def test_tasks_are_told_with_names_that_hold_signs(duty, lea, mo, now):
    consulted({"responsibility": duty}, lea)
    task = TaskFactory(responsibility=duty, assignee=mo, title="Reach 100% (all)")
    mo.name = "Mo 5%s"
    mo.save()
    services.ask_consulted(task, question="?", by=mo, at=now)
    (words,) = said(lea, now)
    assert words.title == "Mo 5%s asks for your view before “Reach 100% (all)” is closed"
    assert words.about_url == f"/w/harbour/tasks/{task.pk}/"
