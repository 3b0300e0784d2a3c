"""The pages of tasks: lists, board, map, one task, the line that adds one; and hearing people before closing."""

import re

import pytest
import time_machine

from apps.core.models import new_id
from apps.core.templatetags.core.fields import row_version
from apps.tasks import services
from apps.tasks.models import Task
from tests import opened
from tests.factories import AssignmentFactory, ConsultationFactory, GoalFactory, ResponsibilityFactory, TaskFactory


@pytest.fixture(autouse=True)
def at_now(now):
    with time_machine.travel(now, tick=False):
        yield


@pytest.fixture
def task(goal, mo, bob, now):
    return TaskFactory(
        goal=goal, title="Buy headsets", assignee=mo, created_by=bob, due_on=now.date(), importance=4, urgency=2
    )


@pytest.fixture
def some(task, goal, bob, lea, harbour, now):
    """Beside mo's task: two of a responsibility, one of them done, one on a private goal of lea's."""
    duty = ResponsibilityFactory(workspace=harbour, title="Keep the phones up")
    return {
        "mine": task,
        "old": TaskFactory(responsibility=duty, title="Pay the bill", due_on=now.date().replace(day=1)),
        "done": TaskFactory(responsibility=duty, title="Paint the door", status="done", closed_at=now),
        "private": TaskFactory(goal=GoalFactory(owner=lea, visibility="private"), title="Sell the boat"),
        "duty": duty,
    }


def look(client_of, member, path="tasks/", **query):
    return client_of(member).get(f"/w/harbour/{path}", query)


def send(client_of, member, path, htmx=False, **data):
    headers = {"HX-Request": "true"} if htmx else {}
    if path.endswith("/edit/"):
        return opened.send(client_of(member), f"/w/harbour/{path}", data, headers=headers)
    return client_of(member).post(f"/w/harbour/{path}", data, headers=headers)


def titles(response):
    return [row.title for row in response.context["page"].rows]


# ---- lists ----


def test_the_list_shows_what_is_to_do_by_its_day(some, bob, lea, client_of):
    assert titles(look(client_of, bob)) == ["Pay the bill", "Buy headsets"]
    assert titles(look(client_of, lea)) == ["Pay the bill", "Buy headsets", "Sell the boat"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"assignee": "me"}, []),
        ({"assignee": "none"}, ["Pay the bill"]),
        ({"status": "any", "sort": "title"}, ["Buy headsets", "Paint the door", "Pay the bill"]),
        ({"status": "closed"}, ["Paint the door"]),
        ({"status": "done"}, ["Paint the door"]),
        ({"due": "overdue"}, ["Pay the bill"]),
        ({"due": "week"}, ["Buy headsets"]),
        ({"due": "later"}, []),
        ({"due": "none", "status": "any"}, ["Paint the door"]),
        ({"q": "head"}, ["Buy headsets"]),
        ({"q": "boat"}, []),
        ({"sort": "importance"}, ["Buy headsets", "Pay the bill"]),
    ],
)
def test_filters(some, bob, client_of, query, expected):
    assert titles(look(client_of, bob, **query)) == expected


def test_filters_by_person_team_goal_and_responsibility(some, goal, product, care, mo, bob, client_of):
    assert titles(look(client_of, bob, assignee=str(mo.pk))) == ["Buy headsets"]
    assert titles(look(client_of, bob, team=str(product.pk))) == ["Buy headsets"]
    assert titles(look(client_of, bob, team=str(care.pk))) == []
    assert titles(look(client_of, bob, goal=str(goal.pk))) == ["Buy headsets"]
    assert titles(look(client_of, bob, responsibility=str(some["duty"].pk))) == ["Pay the bill"]


@pytest.mark.parametrize("query", [{"assignee": "x"}, {"goal": str(new_id())}, {"status": "\x00"}, {"view": "zzz"}])
def test_what_is_not_known_is_left_out_and_said(some, bob, client_of, query):
    response = look(client_of, bob, **query)
    assert response.status_code == 200
    assert response.context["form"].left_out


def test_a_hidden_goal_is_no_filter(some, bob, client_of):
    response = look(client_of, bob, goal=str(some["private"].goal_id))
    assert response.context["form"].left_out
    assert "boat" not in response.content.decode()


def test_pages_go_on(goal, bob, client_of):
    for number in range(60):
        TaskFactory(goal=goal, title=f"{number:02}")
    first = look(client_of, bob, sort="title")
    second = look(client_of, bob, sort="title", after=first.context["page"].next)
    assert titles(first) + titles(second) == [f"{number:02}" for number in range(60)]
    assert titles(look(client_of, bob, sort="title", after="nonsense")) == titles(first)


def test_the_board_has_a_column_for_each_state(some, bob, client_of):
    columns = [shown["column"] for shown in look(client_of, bob, view="board").context["columns"]]
    found = {column.status: ([row.title for row in column.rows], column.total) for column in columns}
    assert found == {
        "open": (["Pay the bill", "Buy headsets"], 2),
        "doing": ([], 0),
        "done": (["Paint the door"], 1),
        "dropped": ([], 0),
    }


def test_the_map_places_and_lists_the_rest(some, bob, client_of):
    context = look(client_of, bob, view="map").context
    assert [(point["label"], point["x"], point["y"]) for point in context["points"]] == [("Buy headsets", 2, 4)]
    assert [row.title for row in context["unplaced"]] == ["Pay the bill"]


@pytest.mark.parametrize("view", ["list", "board", "map"])
def test_an_empty_workspace_is_taught(bob, gus, client_of, view):
    assert "one piece of work" in look(client_of, bob, view=view).content.decode()
    assert "that name you" in look(client_of, gus, view=view).content.decode()


def test_htmx_gets_the_part_that_changes(some, bob, client_of):
    body = client_of(bob).get("/w/harbour/tasks/", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in body
    assert "Buy headsets" in body


# ---- one task ----


def test_the_page_shows_the_buttons_of_the_rules(task, bob, mo, lea, adam, client_of, harbour):
    for member, edits, deletes in ((bob, True, True), (mo, False, False)):
        body = look(client_of, member, f"tasks/{task.pk}/").content.decode()
        assert ("Delete" in body, 'value="done"' in body) == (deletes, True)
        assert ("Say how long it takes" in body) is not edits
    body = look(client_of, mo, f"tasks/{task.pk}/").content.decode()
    assert "Hand it back" in body


def test_editing_in_place(task, bob, client_of):
    form = client_of(bob).get(f"/w/harbour/tasks/{task.pk}/edit/", headers={"HX-Request": "true"})
    assert "<html" not in form.content.decode()
    data = {"title": "Lend headsets", "goal": task.goal_id, "assignee": task.assignee_id, "hours": "2"}
    response = send(client_of, bob, f"tasks/{task.pk}/edit/", htmx=True, **data)
    assert (response.status_code, response["HX-Retarget"]) == (200, "#content")
    assert "Lend headsets" in response.content.decode()
    response = send(client_of, bob, f"tasks/{task.pk}/edit/", **data | {"title": "Buy them"})
    assert response["Location"] == f"/w/harbour/tasks/{task.pk}/"
    task.refresh_from_db()
    assert (task.title, task.hours, task.importance) == ("Buy them", 2, 4)


@pytest.mark.parametrize(
    "bad",
    [{"title": ""}, {"title": "x" * 1_001}, {"due_on": "soon"}, {"hours": "many"}, {"hours": "-1"},
     {"importance": "9"}, {"assignee": "zzz"}, {"labels": "x" * 101}, {"title": "a\x00b"}],
)  # fmt: skip
def test_bad_input_is_said_at_its_field(task, bob, client_of, bad):
    data = {"title": "x", "goal": task.goal_id, **bad}
    response = send(client_of, bob, f"tasks/{task.pk}/edit/", **data)
    assert response.status_code == 422
    assert set(response.context["form"].errors) == set(bad)


def test_a_task_moves_to_a_responsibility_that_is_chosen(task, bob, harbour, client_of):
    duty = ResponsibilityFactory(workspace=harbour, title="Keep the phones up")
    AssignmentFactory(responsibility=duty, member=bob, role="responsible")
    page = look(client_of, bob, f"tasks/{task.pk}/edit/").content.decode()
    assert 'data-url="/w/harbour/options/responsibilities/"' in page
    both = {"title": task.title, "goal": task.goal_id, "responsibility": duty.pk}
    response = send(client_of, bob, f"tasks/{task.pk}/edit/", **both)
    assert (response.status_code, set(response.context["form"].errors)) == (422, {"goal"})
    assert send(client_of, bob, f"tasks/{task.pk}/edit/", **both | {"goal": ""}).status_code == 302
    task.refresh_from_db()
    assert (task.goal_id, task.responsibility_id) == (None, duty.pk)
    neither = {"title": task.title, "responsibility": ""}
    assert set(send(client_of, bob, f"tasks/{task.pk}/edit/", **neither).context["form"].errors) == {"goal"}


def test_responsibilities_to_choose_from_are_open_and_seen(bob, gus, harbour, client_of, now):
    for title in ("Phone desk", "Front desk"):
        ResponsibilityFactory(workspace=harbour, title=title)
    ResponsibilityFactory(workspace=harbour, title="Phone tree", archived_at=now)

    def offered(member, **query):
        answer = look(client_of, member, "options/responsibilities/", **query).json()
        return [row["label"] for row in answer["results"]]

    assert offered(bob) == ["Front desk", "Phone desk"]
    assert offered(bob, q="pho\x00") == ["Phone desk"]
    assert offered(gus) == []


def test_the_assignee_says_how_long(task, mo, client_of):
    response = send(client_of, mo, f"tasks/{task.pk}/edit/", hours="3", title="Mine")
    assert response.status_code == 302
    task.refresh_from_db()
    assert (task.hours, task.title) == (3, "Buy headsets")


def test_a_column_of_the_board_shows_twelve_and_leads_to_the_rest(harbour, bob, client_of):
    phones = ResponsibilityFactory(workspace=harbour)
    TaskFactory.create_batch(14, responsibility=phones, title="Ring back")
    TaskFactory.create_batch(12, responsibility=phones, title="Write down", status="doing")
    page = look(client_of, bob, "tasks/", view="board")
    open_ones, doing, *_closed = page.context["columns"]
    assert (len(open_ones["column"].rows), open_ones["more"], doing["more"]) == (12, 2, 0)
    text = page.content.decode()
    assert "2 more in the list" in text
    assert text.count("more in the list") == 1
    rest = client_of(bob).get(open_ones["url"])
    assert len(rest.context["page"].rows) == 14


def test_moving_from_a_list_goes_back_there(task, mo, client_of):
    response = send(client_of, mo, f"tasks/{task.pk}/move/", status="done", next="/w/harbour/tasks/?view=board")
    assert response["Location"] == "/w/harbour/tasks/?view=board"
    response = send(client_of, mo, f"tasks/{task.pk}/move/", status="open", next="https://evil.example/")
    assert response["Location"] == "/w/harbour/tasks/"
    assert send(client_of, mo, f"tasks/{task.pk}/move/", htmx=True, status="doing").status_code == 204
    assert send(client_of, mo, f"tasks/{task.pk}/move/", htmx=True, status="zzz").status_code == 422
    task.refresh_from_db()
    assert task.status == "doing"


def test_a_step_from_a_page_of_before_does_not_undo_anothers(task, bob, mo, client_of):
    send(client_of, mo, f"tasks/{task.pk}/move/", status="done", was="open")
    response = send(client_of, bob, f"tasks/{task.pk}/move/", htmx=True, status="doing", was="open")
    assert (response.status_code, "in the meantime" in response.content.decode()) == (422, True)
    task.refresh_from_db()
    assert task.status == "done"
    assert send(client_of, bob, f"tasks/{task.pk}/move/", htmx=True, status="done", was="open").status_code == 204
    assert send(client_of, bob, f"tasks/{task.pk}/move/", htmx=True, status="open", was="done").status_code == 204


@pytest.mark.parametrize("path", ["tasks/", "tasks/?view=board", "tasks/{pk}/"])
def test_every_button_says_from_which_state_it_moves(task, bob, client_of, path):
    page = client_of(bob).get(f"/w/harbour/{path.format(pk=task.pk)}").content.decode()
    moving = re.findall(r'<form[^>]*action="[^"]*/move/".*?</form>', page, re.DOTALL)
    assert moving
    assert all('name="was" value="open"' in form for form in moving)


def test_a_place_given_on_a_map_of_before_does_not_undo_anothers(task, bob, client_of):
    before = row_version(importance=task.importance, urgency=task.urgency)
    for importance, urgency in (("5", "3"), ("2", "3")):
        given = {"importance": importance, "urgency": urgency, "version": before}
        send(client_of, bob, f"tasks/{task.pk}/place/", **given)
    task.refresh_from_db()
    assert (task.importance, task.urgency) == (5, 3)


def test_placing_handing_back_and_deleting(task, bob, mo, client_of):
    version = row_version(importance=task.importance, urgency=task.urgency)
    send(client_of, bob, f"tasks/{task.pk}/place/", importance="5", urgency="", version=version)
    send(client_of, mo, f"tasks/{task.pk}/hand-back/")
    task.refresh_from_db()
    assert (task.importance, task.urgency, task.assignee) == (5, None, None)
    send(client_of, bob, f"tasks/{task.pk}/place/", importance="7", urgency="1")
    task.refresh_from_db()
    assert task.importance == 5
    assert "gone for good" in look(client_of, bob, f"tasks/{task.pk}/delete/").content.decode()
    send(client_of, bob, f"tasks/{task.pk}/delete/")
    assert not Task.objects.exists()


# ---- the line ----


def test_the_line_on_a_goal_makes_a_task_and_goes_back(goal, bob, lea, client_of):
    page = f"/w/harbour/goals/{goal.pk}/"
    assert 'name="line"' in client_of(bob).get(page).content.decode()
    data = {"line": "Write the release note @lea friday !4", "goal": goal.pk, "key": new_id(), "next": page}
    for _twice in range(2):
        response = send(client_of, bob, "tasks/new/", **data)
        assert response["Location"] == f"{page}#quick-add"
    task = Task.objects.get()
    assert (task.title, task.assignee, task.importance, task.goal) == ("Write the release note", lea, 4, goal)
    assert "Write the release note" in client_of(bob).get(page).content.decode()


def test_who_may_not_add_has_no_line(goal, mo, client_of):
    assert 'name="line"' not in client_of(mo).get(f"/w/harbour/goals/{goal.pk}/").content.decode()


def test_the_preview_says_what_was_understood(goal, bob, lea, client_of):
    line = "Call @lea friday !4/2 2h #x >answer"
    body = look(client_of, bob, "tasks/understood/", line=line, goal="").content.decode()
    assert "is not known here" in look(client_of, bob, "tasks/understood/", line="x @zoe").content.decode()
    for words in ("Lea", "importance 4", "urgency 2", "2 h", "Answer every call"):
        assert words in body
    assert look(client_of, bob, "tasks/understood/").content.decode().strip() == ""


@pytest.mark.parametrize("line", ["", " ", "@lea", "x" * 1_501, "a\x00b", "<script>alert(1)</script>"])
def test_a_line_that_does_not_fit_is_said_at_it(bob, lea, client_of, line):
    response = send(client_of, bob, "tasks/new/", line=line)
    assert response.status_code == 422
    assert "line" in response.context["quick"].errors
    assert "<script>alert" not in response.content.decode()
    assert look(client_of, bob, "tasks/understood/", line=line).status_code == 200


def test_the_page_of_a_responsibility_has_its_tasks(some, alice, client_of):
    body = look(client_of, alice, f"responsibilities/{some['duty'].pk}/").content.decode()
    assert "Pay the bill" in body
    assert 'name="line"' in body


# ---- before closing ----


def test_the_form_of_closing_shows_who_is_to_be_heard(goal, task, bob, lea, client_of):
    AssignmentFactory(goal=goal, member=lea, role="consulted")
    body = look(client_of, bob, f"goals/{goal.pk}/close/").content.decode()
    assert "Ask them" in body
    assert "without their answers" in body
    assert "Buy headsets" in body
    response = send(client_of, bob, f"goals/{goal.pk}/close/", outcome="missed", lesson="x")
    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["without_answers"]
    response = send(client_of, bob, f"goals/{goal.pk}/consult/", question="May we?", answer_by_on="2026-03-05")
    assert response["Location"] == f"/w/harbour/goals/{goal.pk}/close/"
    response = send(client_of, bob, f"goals/{goal.pk}/close/", outcome="missed", lesson="x", without_answers="Late.")
    assert response.status_code == 302


def test_a_goal_nobody_is_consulted_on_is_closed_as_before(goal, bob, client_of):
    body = look(client_of, bob, f"goals/{goal.pk}/close/").content.decode()
    assert "without their answers" not in body
    assert send(client_of, bob, f"goals/{goal.pk}/close/", outcome="missed", lesson="x").status_code == 302


def test_asking_twice_and_badly_is_said(goal, bob, lea, client_of):
    AssignmentFactory(goal=goal, member=lea, role="consulted")
    for data in ({"question": ""}, {"question": "?", "answer_by_on": "2020-01-01"}, {"question": "x" * 2_001}):
        assert send(client_of, bob, f"goals/{goal.pk}/consult/", **data).status_code == 422
    send(client_of, bob, f"goals/{goal.pk}/consult/", question="?")
    response = send(client_of, bob, f"goals/{goal.pk}/consult/", question="?")
    assert "asked already" in response.content.decode()


def test_answering(goal, bob, lea, mo, client_of):
    row = ConsultationFactory(goal=goal, member=lea, asked_by=bob, question="May we close?")
    path = f"consultations/{row.pk}/"
    assert "Send the answer" in look(client_of, lea, path).content.decode()
    assert "has not answered yet" in look(client_of, mo, path).content.decode()
    assert send(client_of, lea, path, answer=" ").status_code == 422
    assert send(client_of, lea, path, answer="Not yet.")["Location"] == f"/w/harbour/goals/{goal.pk}/"
    assert "Not yet." in look(client_of, mo, path).content.decode()
    assert send(client_of, lea, path, answer="Again.").status_code == 422


def test_a_task_waits_on_its_page_too(some, alice, lea, client_of):
    AssignmentFactory(responsibility=some["duty"], member=lea, role="consulted")
    task = some["old"]
    response = send(client_of, alice, f"tasks/{task.pk}/move/", status="done")
    assert response["Location"] == f"/w/harbour/tasks/{task.pk}/"
    response = send(client_of, alice, f"tasks/{task.pk}/move/", htmx=True, status="done")
    assert (response.status_code, "Lea should be asked first" in response.content.decode()) == (422, True)
    assert "Why go ahead without them?" in look(client_of, alice, f"tasks/{task.pk}/").content.decode()
    send(client_of, alice, f"tasks/{task.pk}/consult/", question="May I?")
    services.answer_consultation(task.consultations.get(), answer="Do.", by=lea, at=task.created_at)
    send(client_of, alice, f"tasks/{task.pk}/move/", status="done")
    task.refresh_from_db()
    assert task.status == "done"
    assert "Do." in look(client_of, alice, f"tasks/{task.pk}/").content.decode()
