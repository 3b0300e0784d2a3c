"""Two people change one goal on its page: nobody's change is lost, and each answers for their own."""

from decimal import Decimal

import pytest
from django.urls import reverse

from apps.activity.models import Event
from apps.goals import services
from apps.goals.models import Contributor, Goal
from tests.factories import GoalFactory
from tests.opened import opened, opened_in, save, with_changes


@pytest.fixture
def page(goal):
    """The address of the goal's form."""
    return reverse("goals:goal_edit", args=[goal.workspace.slug, goal.pk])


@pytest.fixture
def both(client_of, bob, lea, goal, page):
    """Lea opened the goal's form; then Bob changed title, reason and labels."""
    Goal.objects.filter(pk=goal.pk).update(title="Calls", reason="They wait.", labels=["one", "two"])
    form = opened(client_of(lea), page)
    changes = {"title": "Every call", "reason": "They wait too long.", "labels": "two, three"}
    assert save(client_of(bob), page, changes).status_code == 302
    return form


def last_event():
    """What the log said last of a goal's change."""
    return Event.objects.filter(verb="goal.updated").order_by("-at", "-id").first()


def test_what_somebody_else_changed_meanwhile_stays(client_of, lea, goal, page, both):
    assert client_of(lea).post(page, with_changes(both, {"description": "By phone."})).status_code == 302
    goal.refresh_from_db()
    assert (goal.title, goal.reason, goal.description) == ("Every call", "They wait too long.", "By phone.")


def test_history_names_what_each_person_changed(client_of, lea, goal, page, both):
    client_of(lea).post(page, with_changes(both, {"description": "By phone."}))
    event = last_event()
    assert event.actor == lea
    assert event.data["changes"] == {"description": ["", "By phone."]}


def test_a_form_sent_untouched_after_anothers_change_changes_nothing(client_of, lea, goal, page, both):
    before = Goal.objects.filter(pk=goal.pk).values().get()
    assert client_of(lea).post(page, both).status_code == 302
    assert Goal.objects.filter(pk=goal.pk).values().get() == before


def test_both_touched_the_same_nothing_is_saved_and_both_values_are_shown(client_of, lea, goal, page, both):
    response = client_of(lea).post(page, with_changes(both, {"title": "All calls", "description": "By phone."}))
    body = response.content.decode()
    goal.refresh_from_db()
    assert (goal.title, goal.description) == ("Every call", "")
    assert response.status_code == 422
    conflict = response.context["form"].conflicts["title"]
    assert (conflict.theirs, conflict.mine, conflict.who) == ("Every call", "All calls", "Bob")
    assert "Bob changed this while you were editing" in body
    assert "<q>Every call</q>" in body
    assert "<q>All calls</q>" in body
    again = opened_in(body)
    assert (again["title"], again["description"]) == (["All calls"], ["By phone."])
    assert again["reason"] == ["They wait too long."]


@pytest.mark.parametrize(("keep", "title"), [("mine", "All calls"), ("theirs", "Every call")])
def test_the_choice_decides_and_the_rest_is_saved(client_of, lea, goal, page, both, keep, title):
    response = client_of(lea).post(page, with_changes(both, {"title": "All calls", "description": "By phone."}))
    seen = response.context["form"].conflicts["title"].seen
    again = opened_in(response.content.decode()) | {"keep-title": seen if keep == "mine" else "theirs"}
    assert client_of(lea).post(page, again).status_code == 302
    goal.refresh_from_db()
    assert (goal.title, goal.description, goal.reason) == (title, "By phone.", "They wait too long.")


def test_without_a_choice_it_is_asked_again(client_of, lea, goal, page, both):
    response = client_of(lea).post(page, with_changes(both, {"title": "All calls"}))
    again = client_of(lea).post(page, opened_in(response.content.decode()))
    assert again.status_code == 422
    assert "title" in again.context["form"].conflicts


def test_a_choice_against_what_was_seen_does_not_hold_against_what_came_after(client_of, bob, lea, goal, page, both):
    response = client_of(lea).post(page, with_changes(both, {"title": "All calls"}))
    seen = response.context["form"].conflicts["title"].seen
    save(client_of(bob), page, {"title": "Each call"})
    again = client_of(lea).post(page, opened_in(response.content.decode()) | {"keep-title": seen})
    assert again.context["form"].conflicts["title"].theirs == "Each call"


def test_a_choice_survives_another_mistake(client_of, lea, goal, page, both):
    first = client_of(lea).post(page, with_changes(both, {"title": "All calls"}))
    seen = first.context["form"].conflicts["title"].seen
    sent = opened_in(first.content.decode()) | {"keep-title": seen, "url": "nowhere at all"}
    second = client_of(lea).post(page, sent)
    assert set(second.context["form"].errors) == {"url"}
    third = client_of(lea).post(page, opened_in(second.content.decode()) | {"url": ""})
    assert third.status_code == 302
    goal.refresh_from_db()
    assert goal.title == "All calls"


def test_a_mistake_keeps_what_was_opened(client_of, bob, lea, goal, page):
    form = opened(client_of(lea), page)
    answer = client_of(lea).post(page, with_changes(form, {"title": "All calls", "url": "nowhere at all"}))
    save(client_of(bob), page, {"title": "Each call"})
    again = client_of(lea).post(page, opened_in(answer.content.decode()) | {"url": ""})
    assert again.context["form"].conflicts["title"].theirs == "Each call"


def test_the_same_said_by_both_is_no_conflict(client_of, lea, goal, page, both):
    assert client_of(lea).post(page, with_changes(both, {"title": "Every call"})).status_code == 302
    assert last_event().actor != lea


def test_labels_are_compared_one_by_one(client_of, lea, goal, page, both):
    assert client_of(lea).post(page, with_changes(both, {"labels": "one, two, four"})).status_code == 302
    goal.refresh_from_db()
    assert goal.labels == ["two", "three", "four"]


def people(goal):
    """Who gives how many hours."""
    rows = Contributor.objects.filter(goal=goal).values_list("member__name", "hours_per_week")
    return dict(rows)


def test_contributors_are_compared_one_by_one(client_of, alice, bob, lea, mo, goal, page, now):
    hours = [(alice, Decimal(2)), (mo, Decimal(4))]
    services.update_goal(goal, {"contributors": hours}, by=bob, at=now)
    form = opened(client_of(lea), page)
    services.update_goal(goal, {"contributors": [(mo, Decimal(4)), (bob, Decimal(1))]}, by=bob, at=now)
    wanted = [*zip(form["person"], form["hours"], strict=True)]
    changed = [(pk, "6" if pk == str(mo.pk) else each) for pk, each in wanted]
    changed[-1] = (str(lea.pk), "3")
    sent = with_changes(form, {"person": [pk for pk, _h in changed], "hours": [each for _pk, each in changed]})
    assert client_of(lea).post(page, sent).status_code == 302
    assert people(goal) == {"Mo": Decimal(6), "Bob": Decimal(1), "Lea": Decimal(3)}


def test_one_contributor_changed_by_both_is_asked_about(client_of, bob, lea, mo, goal, page, now):
    services.update_goal(goal, {"contributors": [(mo, Decimal(4))]}, by=bob, at=now)
    form = opened(client_of(lea), page)
    services.update_goal(goal, {"contributors": [(mo, Decimal(5))]}, by=bob, at=now)
    sent = with_changes(form, {"hours": ["6" if pk == str(mo.pk) else "" for pk in form["person"]]})
    response = client_of(lea).post(page, sent)
    conflict = response.context["form"].conflicts["contributors"]
    assert (conflict.theirs, conflict.mine) == ("Mo (5)", "Mo (6)")
    assert "Bob changed this" in response.content.decode()
    again = client_of(lea).post(page, opened_in(response.content.decode()) | {"keep-contributors": conflict.seen})
    assert again.status_code == 302
    assert people(goal) == {"Mo": Decimal(6)}


def test_a_form_without_a_version_overwrites_nothing_unasked(client_of, lea, goal, page, both):
    sent = {name: value for name, value in both.items() if name != "version"}
    response = client_of(lea).post(page, with_changes(sent, {"description": "By phone."}))
    assert set(response.context["form"].conflicts) == {"title", "reason", "description", "labels"}
    goal.refresh_from_db()
    assert (goal.title, goal.description) == ("Every call", "")


@pytest.mark.parametrize(
    "version", ["title", ":", "*", "title:", "title:zz labels*x,y,", "\x00", "title*aa", "x" * 5_000]
)
def test_a_spoilt_version_is_none(client_of, lea, goal, page, both, version):
    response = client_of(lea).post(page, with_changes(both, {"version": version, "title": "All calls"}))
    assert response.status_code == 422
    goal.refresh_from_db()
    assert goal.title == "Every call"


def test_a_private_goal_gone_from_sight_keeps_what_was_typed(client_of, bob, mo, lea, goal, page, both):
    Goal.objects.filter(pk=goal.pk).update(visibility="private")
    response = client_of(lea).post(page, with_changes(both, {"description": "What I thought of it."}))
    assert response.status_code == 404
    assert "What I thought of it." in response.content.decode()
    assert "Every call" not in response.content.decode()


def test_who_may_not_change_it_any_more_keeps_what_was_typed(client_of, bob, mo, goal, page):
    form = opened(client_of(bob), page)
    Goal.objects.filter(pk=goal.pk).update(owner=mo)
    response = client_of(bob).post(page, with_changes(form, {"description": "What I thought of it."}))
    assert response.status_code == 403
    assert "What I thought of it." in response.content.decode()


def test_hidden_and_absent_answer_alike_to_what_was_typed(client_of, bob, mo, care, page, goal):
    hidden = GoalFactory(owner=mo, team=care, visibility="private")
    answers = []
    for pk in (hidden.pk, "019470a0-0000-7000-8000-000000000000"):
        address = reverse("goals:goal_edit", args=[goal.workspace.slug, pk])
        response = client_of(bob).post(address, {"title": "A guess"})
        answers.append((response.status_code, "A guess" in response.content.decode()))
    assert answers == [(404, True), (404, True)]
