"""Tasks and consultations over the API."""

import pytest

from tests.factories import AssignmentFactory, ConsultationFactory, GoalFactory, ResponsibilityFactory, TaskFactory

TASKS, CONSULTATIONS = "/api/v1/tasks/", "/api/v1/consultations/"


@pytest.fixture
def task(goal, mo, bob):
    return TaskFactory(goal=goal, title="Buy headsets", assignee=mo, created_by=bob, external_id="T-1")


def titles(response):
    return [row["title"] for row in response.json()["results"]]


def test_a_task_is_written_and_read(api_of, bob, lea, mo, care, goal):
    body = {
        "title": "Buy headsets", "description": "Two", "goal": str(goal.pk), "assignee": str(lea.pk),
        "helpers": [str(mo.pk)], "teams": [str(care.pk)], "labels": ["print"], "importance": 4, "urgency": 2,
        "due_on": "2026-12-01", "hours": 2.5, "status": "doing", "external_id": "A",
    }  # fmt: skip
    response = api_of(bob).post(TASKS, body)
    assert response.status_code == 201, response.json()
    found = response.json()
    assert {name: found[name] for name in body} == body
    assert (found["responsibility"], found["created_by"], found["closed_at"]) == (None, str(bob.pk), None)
    assert api_of(bob).get(f"{TASKS}{found['id']}/?render=html").json()["description_html"] == "<p>Two</p>\n"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "title"),
        ({"title": "x"}, "goal"),
        ({"title": "x", "importance": 9}, "importance"),
        ({"title": "x", "hours": "many"}, "hours"),
        ({"title": "x", "status": "lost"}, "status"),
        ({"title": "x", "rank": 1}, "rank"),
        ({"title": "x", "goal": "00000000-0000-7000-8000-000000000000"}, "goal"),
    ],
)
def test_what_does_not_fit_is_named(api_of, bob, body, field):
    response = api_of(bob).post(TASKS, body)
    assert response.status_code == 400
    assert field in {error["field"] for error in response.json()["errors"]}


def test_lists_are_filtered_searched_and_ordered(api_of, bob, mo, goal, task, harbour):
    duty = ResponsibilityFactory(workspace=harbour)
    TaskFactory(responsibility=duty, title="Pay the bill", due_on="2026-03-01", importance=5, labels=["money"])
    hidden = TaskFactory(goal=GoalFactory(owner=mo, visibility="private"), title="Sell the boat")
    get = api_of(bob).get
    assert titles(get(f"{TASKS}?ordering=title")) == ["Buy headsets", "Pay the bill"]
    for query, expected in (
        (f"goal={goal.pk}", ["Buy headsets"]),
        (f"responsibility={duty.pk}", ["Pay the bill"]),
        (f"assignee={mo.pk}", ["Buy headsets"]),
        ("assignee=null", ["Pay the bill"]),
        ("status=open,doing&due_before=2026-03-02", ["Pay the bill"]),
        ("due_after=2026-03-01", []),
        ("is_closed=true", []),
        ("importance=5&label=money", ["Pay the bill"]),
        ("external_id=T-1", ["Buy headsets"]),
        ("search=headsets", ["Buy headsets"]),
        ("search=boat", []),
    ):
        assert titles(get(f"{TASKS}?{query}")) == expected, query
    assert get(f"{TASKS}{hidden.pk}/").status_code == 404
    assert get(f"{TASKS}?colour=red").status_code == 400


def test_changes_keep_to_the_version_and_the_rules(api_of, bob, mo, task):
    url = f"{TASKS}{task.pk}/"
    tag = api_of(bob).get(url)["ETag"]
    assert api_of(bob).patch(url, {"title": "Lend them"}, headers={"If-Match": tag}).status_code == 200
    assert api_of(bob).patch(url, {"title": "Buy them"}, headers={"If-Match": tag}).status_code == 412
    assert api_of(mo).patch(url, {"title": "Mine"}).status_code == 403
    assert api_of(mo).patch(url, {"hours": 3, "status": "doing"}).json()["status"] == "doing"
    assert api_of(mo).patch(url, {"assignee": None}).json()["assignee"] is None
    assert api_of(mo).delete(url).status_code == 403
    assert api_of(bob).delete(url).status_code == 204


def test_the_actions(api_of, bob, task):
    for name, status in (("complete", "done"), ("reopen", "open"), ("drop", "dropped")):
        response = api_of(bob).post(f"{TASKS}{task.pk}/{name}/", {} if name != "reopen" else None)
        assert (response.status_code, response.json()["status"]) == (200, status)
    assert api_of(bob).post(f"{TASKS}{task.pk}/reopen/").status_code == 200
    assert api_of(bob).post(f"{TASKS}{task.pk}/reopen/").status_code == 400


def test_upsert_and_bulk_change_nothing_the_second_time(api_of, bob, goal):
    body = {"title": "x", "goal": str(goal.pk), "status": "done", "labels": ["b", "a"], "hours": 2}
    put = api_of(bob).put
    assert put(f"{TASKS}by-external-id/B-7/", body).status_code == 201
    before = api_of(bob).get(f"{TASKS}?external_id=B-7").json()["results"][0]
    assert put(f"{TASKS}by-external-id/B-7/", body).status_code == 200
    assert api_of(bob).get(f"{TASKS}?external_id=B-7").json()["results"][0] == before
    rows = [
        {"resource": "tasks", "external_id": f"C-{n}", "fields": {"title": "y", "goal": str(goal.pk)}} for n in (1, 2)
    ]
    first, second = (api_of(bob).post("/api/v1/bulk/", {"rows": rows}) for _twice in range(2))
    assert first.status_code == second.status_code == 200, first.json()
    assert "unchanged" in second.content.decode()


def test_closing_waits_for_those_consulted(api_of, bob, lea, goal):
    AssignmentFactory(goal=goal, member=lea, role="consulted")
    url = f"/api/v1/goals/{goal.pk}/"
    for response in (
        api_of(bob).post(f"{url}achieve/", {"lesson": "x"}),
        api_of(bob).patch(url, {"status": "missed", "lesson": "x"}),
    ):
        assert response.status_code == 400
        (error,) = response.json()["errors"]
        assert (error["field"], error["code"]) == ("without_answers", "waits_for_answers")
        assert "Lea" in error["message"]
    response = api_of(bob).post(f"{url}achieve/", {"lesson": "x", "without_answers": "Late."})
    assert (response.status_code, response.json()["status"]) == (200, "achieved")
    assert "without_answers" not in response.json()


def test_a_task_waits_as_well(api_of, alice, lea, harbour):
    duty = ResponsibilityFactory(workspace=harbour)
    AssignmentFactory(responsibility=duty, member=lea, role="consulted")
    url = f"{TASKS}{TaskFactory(responsibility=duty).pk}/"
    for response in (api_of(alice).post(f"{url}complete/", {}), api_of(alice).patch(url, {"status": "dropped"})):
        assert response.json()["errors"][0]["code"] == "waits_for_answers"
    assert api_of(alice).patch(url, {"status": "dropped", "without_answers": "x"}).json()["status"] == "dropped"


def test_consultations_are_read_and_answered(api_of, bob, lea, mo, goal):
    row = ConsultationFactory(goal=goal, member=lea, asked_by=bob, question="May we?")
    private = ConsultationFactory(goal=GoalFactory(owner=mo, visibility="private"), member=mo)
    (found,) = api_of(lea).get(f"{CONSULTATIONS}?is_open=true&goal={goal.pk}").json()["results"]
    assert (found["question"], found["member"], found["task"]) == ("May we?", str(lea.pk), None)
    assert api_of(lea).get(f"{CONSULTATIONS}{private.pk}/").status_code == 404
    url = f"{CONSULTATIONS}{row.pk}/answer/"
    assert api_of(bob).post(url, {"answer": "Yes."}).status_code == 403
    assert api_of(lea).post(url, {"answer": ""}).status_code == 400
    assert api_of(lea).post(url, {"answer": "Yes."}).json()["answer"] == "Yes."
    assert api_of(lea).post(url, {"answer": "No."}).status_code == 400
    assert api_of(lea).get(f"{CONSULTATIONS}?is_open=true").json()["results"] == []


def test_a_token_without_the_scope_learns_nothing(api_of, bob, task):
    assert api_of(bob, "goals:read").get(TASKS).status_code == 403
    assert api_of(bob, "responsibilities:read").get(TASKS).status_code == 200
    assert api_of(bob, "responsibilities:read").post(f"{TASKS}{task.pk}/complete/", {}).status_code == 403
