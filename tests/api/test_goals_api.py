"""Goals over the API."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from rest_framework.test import APIClient

from apps.core.viewsets import ResourceViewSet
from apps.goals.api import GoalViewSet
from apps.goals.models import Goal
from apps.workspaces.models import Member, Team
from tests.factories import (
    ContributorFactory,
    CycleFactory,
    GoalFactory,
    KeyResultFactory,
    ValueFactory,
)

Api = Callable[..., APIClient]
GOALS = "/api/v1/goals/"


def test_list_holds_what_the_member_sees(api_of: Api, bob: Member, mo: Member, goal: Goal, product: Team) -> None:
    GoalFactory(owner=bob, team=product, visibility="team", title="Ours")
    private = GoalFactory(owner=bob, visibility="private", title="Mine")
    ContributorFactory(goal=private, member=mo)
    titles = {each["title"] for each in api_of(mo).get(GOALS).json()["results"]}
    assert titles == {goal.title, "Mine"}


def test_create_then_read_gives_what_was_said(api_of: Api, lea: Member, bob: Member, product: Team, care: Team) -> None:
    value = ValueFactory(workspace=lea.workspace)
    cycle = CycleFactory(workspace=lea.workspace)
    said = {
        "title": "Shorter letters",
        "reason": "Nobody reads **three** pages.",
        "cycle": str(cycle.pk),
        "team": str(product.pk),
        "supporting_teams": [str(care.pk)],
        "owner": str(bob.pk),
        "labels": ["letters", "2026"],
        "contributors": [{"member": str(lea.pk), "hours_per_week": 2.5}],
        "values": [str(value.pk)],
        "importance": 4,
        "urgency": 2,
        "due_on": "2026-03-31",
        "external_id": "OKR/2026/7",
    }
    client = api_of(lea)
    made = client.post(GOALS, said)
    assert made.status_code == 201, made.content
    read = client.get(made["Location"])
    assert read.json() == made.json()
    assert {name: read.json()[name] for name in said} == said
    assert read.json()["progress"] == 0.0
    assert read.json()["status"] == "active"
    html = client.get(made["Location"], {"render": "html"}).json()
    assert "<strong>three</strong>" in html["reason_html"]


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({}, "title", "required"),
        ({"title": ""}, "title", "blank"),
        ({"title": "x" * 1001}, "title", "max_length"),
        ({"title": "a\x00b"}, "title", "null_characters_not_allowed"),
        ({"title": "x", "importance": 6}, "importance", "max_value"),
        ({"title": "x", "due_on": "2026-02-30"}, "due_on", "invalid"),
        ({"title": "x", "owner": "nobody"}, "owner", "invalid"),
        ({"title": "x", "owner": {"external_id": "nobody"}}, "owner", "does_not_exist"),
        ({"title": "x", "colour": "red"}, "colour", "unknown_field"),
        ({"title": "x", "status": "achieved"}, "lesson", "invalid"),
        ({"title": "x", "visibility": "team"}, "team", "invalid"),
        ({"title": "x", "labels": [["nested"]]}, "labels.0", "invalid"),
        ({"title": "x", "url": "javascript:alert(1)"}, "url", "invalid"),
    ],
)
def test_create_refuses_and_names_the_field(api_of: Api, alice: Member, body: Any, field: str, code: str) -> None:
    response = api_of(alice).post(GOALS, body)
    assert response.status_code == 400, response.content
    assert response["Content-Type"] == "application/problem+json"
    assert [(each["field"], each["code"]) for each in response.json()["errors"]] == [(field, code)]
    assert not Goal.objects.exists()


def test_references_to_hidden_rows_are_not_there(api_of: Api, mo: Member, bob: Member, eve: Member) -> None:
    hidden = GoalFactory(owner=bob, visibility="private")
    client = api_of(mo)
    answers = [
        client.post(GOALS, {"title": "x", "parent": str(pk)}).json()["errors"]
        for pk in (hidden.pk, GoalFactory(owner=eve).pk, bob.pk)
    ]
    assert answers[0] == answers[1] == answers[2]
    assert answers[0][0]["code"] == "does_not_exist"


def test_a_hidden_parent_is_null_and_cannot_be_filtered_for(api_of: Api, mo: Member, bob: Member) -> None:
    parent = GoalFactory(owner=bob, visibility="private")
    child = GoalFactory(owner=bob, parent=parent)
    client = api_of(mo)
    assert client.get(f"{GOALS}{child.pk}/").json()["parent"] is None
    assert client.get(GOALS, {"parent": str(parent.pk)}).json()["results"] == []
    assert api_of(bob).get(GOALS, {"parent": str(parent.pk)}).json()["results"][0]["id"] == str(child.pk)


def test_hidden_and_absent_are_the_same(api_of: Api, mo: Member, bob: Member) -> None:
    hidden = GoalFactory(owner=bob, visibility="private")
    client = api_of(mo)
    for method in ("get", "patch", "delete"):
        first, second = (getattr(client, method)(f"{GOALS}{pk}/", {}) for pk in (hidden.pk, mo.pk))
        assert (first.status_code, first.content) == (second.status_code, second.content)
        assert first.status_code in {404, 405}


def test_who_wrote_a_goal_may_mend_it_while_nobody_owns_it(api_of: Api, bob: Member, mo: Member, alice: Member) -> None:
    made = api_of(bob).post("/api/v1/goals/", {"title": "Anser every call"}).json()
    address = f"/api/v1/goals/{made['id']}/"
    assert made["owner"] is None
    assert api_of(mo).patch(address, {"title": "Mine"}).status_code == 403
    answer = api_of(bob).patch(address, {"title": "Answer every call"})
    assert (answer.status_code, answer.json()["title"]) == (200, "Answer every call")
    assert api_of(alice).patch(address, {"owner": str(alice.pk)}).status_code == 200
    assert api_of(bob).patch(address, {"title": "Answer"}).status_code == 403


def test_patch_with_a_stale_tag_changes_nothing(api_of: Api, bob: Member, goal: Goal) -> None:
    client = api_of(bob)
    url = f"{GOALS}{goal.pk}/"
    tag = client.get(url)["ETag"]
    assert client.patch(url, {"title": "First"}, headers={"If-Match": tag}).status_code == 200
    late = client.patch(url, {"title": "Second"}, headers={"If-Match": tag})
    assert late.status_code == 412
    assert client.get(url).json()["title"] == "First"


def test_unchanged_answers_304(api_of: Api, bob: Member, goal: Goal) -> None:
    client = api_of(bob)
    for url in (GOALS, f"{GOALS}{goal.pk}/"):
        tag = client.get(url)["ETag"]
        again = client.get(url, headers={"If-None-Match": tag})
        assert (again.status_code, again.content) == (304, b"")


def test_one_key_makes_one_goal(api_of: Api, bob: Member) -> None:
    client = api_of(bob)
    first = client.post(GOALS, {"title": "Once"}, headers={"Idempotency-Key": "k1"})
    again = client.post(GOALS, {"title": "Once"}, headers={"Idempotency-Key": "k1"})
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    assert again["Idempotency-Replayed"] == "true"
    assert client.post(GOALS, {"title": "Other"}, headers={"Idempotency-Key": "k1"}).status_code == 422
    assert Goal.objects.count() == 1


def test_a_refused_request_may_use_its_key_again(api_of: Api, bob: Member) -> None:
    client = api_of(bob)
    assert client.post(GOALS, {"title": ""}, headers={"Idempotency-Key": "k2"}).status_code == 400
    assert client.post(GOALS, {"title": "Now"}, headers={"Idempotency-Key": "k2"}).status_code == 201


def test_upsert_makes_once_and_then_changes(api_of: Api, bob: Member) -> None:
    client = api_of(bob)
    url = f"{GOALS}by-external-id/2026/roadmap a/"
    made = client.put(url, {"title": "Roadmap", "owner": str(bob.pk)})
    assert made.status_code == 201, made.content
    changed = client.put(url, {"title": "Road map"})
    assert changed.status_code == 200, changed.content
    assert (changed.status_code, changed.json()["id"]) == (200, made.json()["id"])
    assert Goal.objects.get().title == "Road map"
    untouched = client.put(url, {"title": "Road map", "owner": str(bob.pk), "labels": []})
    assert untouched.json() == changed.json()


def test_closing_asks_for_the_lesson(api_of: Api, bob: Member, goal: Goal) -> None:
    client = api_of(bob)
    url = f"{GOALS}{goal.pk}/achieve/"
    assert client.post(url, {}).json()["errors"][0]["field"] == "lesson"
    closed = client.post(url, {"lesson": "Ask earlier."})
    assert closed.json()["status"] == "achieved"
    assert closed.json()["lesson"] == "Ask earlier."
    assert client.post(url, {"lesson": "Again."}).status_code == 400
    assert client.post(f"{GOALS}{goal.pk}/reopen/").json()["status"] == "active"


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"colour": "red"}, "colour"),
        ({"status": "great"}, "status"),
        ({"owner": "x"}, "owner"),
        ({"importance": "9"}, "importance"),
        ({"due_before": "soon"}, "due_before"),
        ({"ordering": "reason"}, "ordering"),
        ({"page_size": "0"}, "page_size"),
        ({"page_size": "201"}, "page_size"),
        ({"cursor": "x"}, "cursor"),
        ({"search": "a\x00"}, "search"),
    ],
)
def test_a_strange_parameter_is_named(api_of: Api, bob: Member, params: dict[str, str], field: str) -> None:
    response = api_of(bob).get(GOALS, params)
    assert response.status_code == 400
    assert [each["field"] for each in response.json()["errors"]] == [field]


def test_pages_are_linked(api_of: Api, bob: Member) -> None:
    goals = [GoalFactory(owner=bob) for _number in range(5)]
    client = api_of(bob)
    seen, url = [], f"{GOALS}?page_size=2&ordering=created_at"
    while url:
        page = client.get(url).json()
        seen += [each["id"] for each in page["results"]]
        url = page["next"]
    assert seen == [str(goal.pk) for goal in goals]


def test_full_text_search_finds_words(api_of: Api, bob: Member, goal: Goal) -> None:
    GoalFactory(owner=bob, title="Something else")
    found = api_of(bob).get(GOALS, {"search": "every call"}).json()["results"]
    assert [each["id"] for each in found] == [str(goal.pk)]


def test_a_list_costs_the_same_for_one_and_six(
    api_of: Api, bob: Member, goal: Goal, django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    client = api_of(bob)
    client.get(GOALS)
    with django_assert_max_num_queries(4) as one:
        client.get(GOALS)
    for _number in range(5):
        ContributorFactory(goal=GoalFactory(owner=bob), member=bob)
    with django_assert_num_queries(len(one)):
        assert len(client.get(GOALS).json()["results"]) == 6


def test_every_filter_and_order_gives_what_the_plain_query_gives(
    api_of: Api, bob: Member, gus: Member, goal: Goal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answers of statements that are compiled once beside those of querysets, for each parameter there is."""
    view, path = GoalViewSet, GOALS
    GoalFactory.create_batch(3, owner=bob, importance=4, due_on=date(2026, 3, 1), labels=["a"], external_id="")
    KeyResultFactory(goal=goal, due_on=date(2026, 3, 1))
    ContributorFactory(goal=goal, member=gus)
    words = {
        "status": "active,draft",
        "visibility": "team,workspace",
        "confidence": "on_track",
    }
    values = {"importance": "4", "urgency": "1", "label": "a", "external_id": "x", **words}
    questions = [f"ordering={sign}{name}" for name in view.filterset.orderings for sign in ("", "-")]
    for name, each in view.filterset.filters.items():
        if each.schema.get("format") in {"date", "date-time"}:
            questions.append(f"{name}={'2026-03-02' if each.schema['format'] == 'date' else '2026-03-02T00:00:00Z'}")
        elif name in values:
            questions.append(f"{name}={values[name]}")
        else:
            person = name in {"owner", "contributor", "author", "ask_to"}
            questions += [f"{name}=null", f"{name}={bob.pk if person else goal.pk}"]
    callers = [api_of(bob), api_of(gus)]

    def answers() -> list[Any]:
        found = []
        for client in callers:
            for question in questions:
                first = client.get(f"{path}?{question}&page_size=2")
                assert first.status_code == 200, (question, first.content)
                following = (
                    client.get(first.json()["next"]).json() if first.json()["next"] and "ordering" in question else None
                )
                back = client.get(following["previous"]).json() if following else None
                found.append((question, first.json(), first["ETag"], following, back))
        return found

    compiled = answers()
    monkeypatch.setattr(view, "page_rows", ResourceViewSet.page_rows)
    plain = answers()
    assert compiled == plain
    assert any(answer["results"] for _question, answer, *_rest in plain)
