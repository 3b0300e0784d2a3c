"""Checking in, changing a check-in and answering what it asks, over HTTP."""

import json
import re
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.urls import reverse

from apps.goals import services
from apps.goals.models import CheckIn, Goal, KeyResult
from tests.factories import ContributorFactory, KeyResultFactory, MemberFactory
from tests.opened import send

DAY = timedelta(days=1)
HTMX = {"HTTP_HX_REQUEST": "true"}


def url(row, name):
    """The address of a page of a goal or a check-in."""
    return reverse(f"goals:{name}", args=[row.workspace.slug, row.pk])


def text_of(response):
    """What a reader reads."""
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


@pytest.fixture
def wait(goal):
    """From 14 days to 9."""
    return KeyResultFactory(goal=goal, title="Median wait", start_value=14, target_value=9, unit="days")


@pytest.fixture
def live(goal):
    """A milestone."""
    return KeyResultFactory(goal=goal, title="Form is live", kind="milestone", start_value=0, target_value=1)


@pytest.fixture
def sent(wait, live, lea):
    """A whole form."""
    return {
        "confidence": "at_risk",
        "note": "Two days off.",
        "blockers": "The form.",
        "ask": "May we hire?",
        "ask_to": str(lea.pk),
        f"reading_{wait.pk}": "11.5",
        f"reading_{live.pk}": "on",
        "key": str(uuid4()),
    }


def test_form_saves_a_check_in(client_of, bob, lea, goal, wait, live, sent):
    response = client_of(bob).post(url(goal, "check_in_create"), sent)
    assert response["Location"] == url(goal, "goal_detail")
    made = CheckIn.objects.get()
    assert (made.confidence, made.note, made.ask_to) == ("at_risk", "Two days off.", lea)
    values = {reading.key_result: reading.value for reading in made.readings.all()}
    assert values == {wait: Decimal("11.5"), live: 1}
    assert Goal.objects.get(pk=goal.pk).progress == 0.75


def test_form_sent_twice_is_one_check_in(client_of, bob, goal, sent):
    for _turn in range(2):
        assert client_of(bob).post(url(goal, "check_in_create"), sent).status_code == 302
    assert CheckIn.objects.count() == 1


def test_form_starts_from_where_the_last_one_ended_and_shows_it_beside(client_of, bob, goal, wait, live, now):
    services.create_check_in(
        goal, {"confidence": "off_track", "note": "A hard week."},
        readings={wait.pk: Decimal("12.50"), live.pk: Decimal(1)}, by=bob, at=now,
    )  # fmt: skip
    for headers in ({}, HTMX):
        response = client_of(bob).get(url(goal, "check_in_create"), **headers)
        body = response.content.decode()
        assert re.search(r'value="off_track"[^>]*checked', body)
        assert re.search(rf'name="reading_{wait.pk}" value="12.5"', body)
        assert re.search(rf'name="reading_{live.pk}"[^>]*checked', body)
        assert "A hard week." in body
        assert ("<html" in body) is not bool(headers)


def test_reading_left_empty_is_no_reading(client_of, bob, goal, wait, live, sent):
    client_of(bob).post(url(goal, "check_in_create"), sent | {f"reading_{wait.pk}": ""})
    assert KeyResult.objects.get(pk=wait.pk).current_value is None


def test_numbers_are_read_as_the_person_writes_them(client_of, bob, goal, wait, live, sent):
    bob.user.language = "de"
    bob.user.save()
    client_of(bob).post(url(goal, "check_in_create"), sent | {f"reading_{wait.pk}": "11,25"})
    assert KeyResult.objects.get(pk=wait.pk).current_value == Decimal("11.25")


def test_progress_is_asked_only_where_nothing_else_says_it(client_of, bob, goal, now):
    client = client_of(bob)
    client.post(url(goal, "check_in_create"), {"confidence": "on_track", "progress": "40"})
    assert Goal.objects.values_list("progress", "progress_source").get(pk=goal.pk) == (0.4, "check_in")
    services.create_key_result(goal, {"title": "Calls"}, by=bob, at=now)
    assert 'name="progress"' not in client.get(url(goal, "check_in_create")).content.decode()
    client.post(url(goal, "check_in_create"), {"confidence": "on_track", "progress": "90"})
    assert CheckIn.objects.latest("made_at").progress is None


# ---- in place ----


def test_in_place_the_answer_is_the_goal_as_it_is_now(client_of, bob, goal, sent):
    response = client_of(bob).post(url(goal, "check_in_create"), sent, **HTMX)
    body = response.content.decode()
    assert (response.status_code, response["HX-Retarget"]) == (200, "#content")
    assert "<html" not in body
    assert "Two days off." in body
    assert f'<meta name="draft-saved" content="check-in-{goal.pk}">' in body
    assert "Your check-in is saved." in body


def test_in_place_errors_come_back_into_the_form(client_of, bob, goal, sent):
    response = client_of(bob).post(url(goal, "check_in_create"), sent | {"confidence": ""}, **HTMX)
    assert response.status_code == 422
    assert "HX-Retarget" not in response
    assert "Say how sure you are" in text_of(response)
    assert "Two days off." in response.content.decode()


def test_page_after_a_check_in_forgets_the_draft_once(client_of, bob, goal, sent):
    client = client_of(bob)
    page = client.post(url(goal, "check_in_create"), sent, follow=True)
    assert f'content="check-in-{goal.pk}"' in page.content.decode()
    assert 'name="draft-saved"' not in client.get(url(goal, "goal_detail")).content.decode()


def test_refused_form_does_not_forget_the_draft(client_of, bob, goal, sent):
    client = client_of(bob)
    client.post(url(goal, "check_in_create"), sent | {"confidence": "x"})
    assert 'name="draft-saved"' not in client.get(url(goal, "goal_detail")).content.decode()


# ---- refused ----


BAD = {
    "confidence": ["", "splendid", "\x00"],
    "note": ["x" * 50_001, "a\x00b"],
    "blockers": ["x" * 50_001, "a\x00b"],
    "ask": ["x" * 50_001, "a\x00b"],
    "ask_to": ["", "nonsense", "00000000-0000-0000-0000-000000000000", "\x00"],
    "reading": [
        "many",
        "NaN",
        "sNaN",
        "Infinity",
        "-Infinity",
        "1e400",
        "1.00001",
        "9" * 30,
        "\x00",
        "<script>",
        "\u202e5x",
    ],
    "key": ["nonsense"],
}


@pytest.mark.parametrize(
    ("field", "value"), [(f, v) for f, vs in BAD.items() for v in vs], ids=lambda each: str(each)[:20]
)
def test_bad_input_is_answered_at_its_field(client_of, bob, goal, wait, live, sent, field, value):
    name = f"reading_{wait.pk}" if field == "reading" else field
    response = client_of(bob).post(url(goal, "check_in_create"), sent | {name: value})
    assert response.status_code == 422
    assert name in response.context["form"].errors
    assert not CheckIn.objects.exists()
    assert KeyResult.objects.get(pk=wait.pk).current_value is None


@pytest.mark.parametrize("value", ["101", "-1", "half", "NaN"])
def test_bad_progress_is_answered_at_its_field(client_of, bob, goal, value):
    response = client_of(bob).post(url(goal, "check_in_create"), {"confidence": "on_track", "progress": value})
    assert "progress" in response.context["form"].errors


def test_ten_megabytes_are_refused_whole(client_of, bob, goal, sent):
    assert client_of(bob).post(url(goal, "check_in_create"), sent | {"note": "x" * 10_000_000}).status_code == 400
    assert not CheckIn.objects.exists()


def test_ask_without_anybody_asked_and_somebody_without_an_ask(client_of, bob, goal, lea, sent):
    client = client_of(bob)
    assert "ask_to" in client.post(url(goal, "check_in_create"), sent | {"ask_to": ""}).context["form"].errors
    assert "ask" in client.post(url(goal, "check_in_create"), sent | {"ask": ""}).context["form"].errors


def test_one_asks_only_who_sees_the_goal(client_of, bob, mo, goal, sent, now):
    services.update_goal(goal, {"visibility": "team"}, by=bob, at=now)
    for data in ({"ask_to": str(mo.pk)}, {"ask_to": "", "ask_to_text": "Mo"}):
        response = client_of(bob).post(url(goal, "check_in_create"), sent | data)
        assert "ask_to" in response.context["form"].errors


def test_people_to_ask_are_those_who_see_the_goal(client_of, bob, lea, mo, gus, adam, goal, now):
    client = client_of(bob)

    def offered(text=""):
        found = json.loads(client.get(url(goal, "goal_people"), {"q": text}).content)["results"]
        return {row["label"] for row in found}

    assert offered() == {"Bob", "Lea", "Mo", "Adam"}
    assert offered("le") == {"Lea"}
    assert offered("\x00") == {"Bob", "Lea", "Mo", "Adam"}
    services.update_goal(goal, {"visibility": "team"}, by=bob, at=now)
    assert offered() == {"Bob", "Lea"}


def test_people_to_ask_are_bounded(client_of, bob, goal, harbour):
    for _n in range(30):
        MemberFactory(workspace=harbour)
    assert len(json.loads(client_of(bob).get(url(goal, "goal_people")).content)["results"]) == 20


def test_closed_goals_and_drafts_say_why_not(client_of, bob, goal, sent, now):
    services.close_goal(goal, outcome="missed", lesson="x", by=bob, at=now)
    response = client_of(bob).post(url(goal, "check_in_create"), sent)
    assert response.status_code == 422
    assert "This goal is closed. Reopen it to check in." in text_of(response)


def test_signed_out_person_comes_back_to_the_form(client, goal, sent):
    response = client.post(url(goal, "check_in_create"), sent)
    assert "/account/login/" in response["Location"]
    assert url(goal, "check_in_create") in response["Location"].replace("%2F", "/")
    assert not CheckIn.objects.exists()


# ---- edits ----


@pytest.fixture
def made(goal, bob, wait, live, lea, now):
    """Bob's check-in."""
    fields: services.CheckInFields = {"confidence": "at_risk", "note": "Twelve.", "ask": "May we hire?", "ask_to": lea}
    return services.create_check_in(goal, fields, readings={wait.pk: Decimal(12)}, by=bob, at=now)


def test_author_changes_a_check_in_and_its_history_is_kept(client_of, bob, mo, made, wait, sent):
    client = client_of(bob)
    body = client.get(url(made, "check_in_edit")).content.decode()
    assert "Twelve." in body
    send(client, url(made, "check_in_edit"), sent | {"note": "Eleven and a half."})
    said = text_of(client_of(mo).get(url(made, "check_in_revisions")))
    assert "Bob changed" in said
    assert "Twelve. to Eleven and a half." in said
    assert "Median wait 12 to 11.5" in said
    assert "What is in the way nothing to The form." in said
    assert "edited" in text_of(client.get(url(made.goal, "goal_detail")))


def test_revisions_of_an_unchanged_check_in(client_of, bob, made):
    assert "never changed" in text_of(client_of(bob).get(url(made, "check_in_revisions")))


@pytest.mark.parametrize("who", ["lea", "alice", "mo"])
def test_others_do_not_change_it(request, client_of, made, who, sent):
    client = client_of(request.getfixturevalue(who))
    assert client.get(url(made, "check_in_edit")).status_code == 403
    assert send(client, url(made, "check_in_edit"), sent).status_code == 403


@pytest.mark.parametrize("name", ["check_in_edit", "check_in_revisions", "ask_answer"])
def test_check_in_of_a_hidden_goal_is_not_there(client_of, bob, adam, eve, made, now, name):
    services.update_goal(made.goal, {"visibility": "team"}, by=bob, at=now)
    for member in (adam, eve):
        assert client_of(member).get(url(made, name)).status_code == 404


# ---- asks ----


def test_asked_person_answers_in_place(client_of, lea, bob, made):
    client = client_of(lea)
    assert "Answer" in text_of(client.get(url(made.goal, "goal_detail")))
    form = client.get(url(made, "ask_answer"), **HTMX)
    assert "<html" not in form.content.decode()
    response = client.post(url(made, "ask_answer"), {"answer": "Yes, from May."}, **HTMX)
    assert response["HX-Retarget"] == "#content"
    assert "Lea answers: Yes, from May." in text_of(client_of(bob).get(url(made.goal, "goal_detail")))


def test_answer_works_as_a_page(client_of, lea, made):
    client = client_of(lea)
    assert "May we hire?" in text_of(client.get(url(made, "ask_answer")))
    for bad in ("", " ", "x" * 50_001, "a\x00b"):
        assert "answer" in client.post(url(made, "ask_answer"), {"answer": bad}).context["form"].errors
    assert client.post(url(made, "ask_answer"), {"answer": "Yes."}).status_code == 302
    assert "Your answer: Yes." in text_of(client.get(url(made, "ask_answer")))
    assert client.post(url(made, "ask_answer"), {"answer": "No."}).status_code == 422


@pytest.mark.parametrize("who", ["bob", "alice", "mo"])
def test_only_the_asked_person_answers(request, client_of, made, who):
    assert client_of(request.getfixturevalue(who)).post(url(made, "ask_answer"), {"answer": "x"}).status_code == 403


def test_guest_who_was_named_is_asked_and_answers(client_of, bob, gus, goal, now):
    ContributorFactory(goal=goal, member=gus)
    asked = services.create_check_in(goal, {"ask": "Is it so?", "ask_to": gus}, readings={}, by=bob, at=now)
    assert client_of(gus).post(url(asked, "ask_answer"), {"answer": "It is."}).status_code == 302


# ---- preview ----


def test_preview_shows_markdown_cleaned(client_of, bob):
    address = reverse("goals:note_preview", args=[bob.workspace.slug])
    body = client_of(bob).post(address, {"note": "**bold** <script>alert(1)</script>"}, **HTMX).content.decode()
    assert "<strong>bold</strong>" in body
    assert "<script>" not in body
    assert "Nothing written yet." in client_of(bob).post(address, {}, **HTMX).content.decode()


def test_notes_of_others_are_cleaned_on_the_page(client_of, bob, mo, goal, now):
    services.create_check_in(
        goal, {"note": "<img src=x onerror=alert(1)> [a](javascript:alert(1))"}, readings={}, by=bob, at=now
    )
    services.create_check_in(
        goal, {"note": "<b onclick=x>old</b><script>x</script>", "note_format": "html"}, readings={}, by=bob, at=now
    )
    main = client_of(mo).get(url(goal, "goal_detail")).content.decode().split("<main", 1)[1]
    assert "onerror" not in re.sub(r"&lt;.*?&gt;", "", main)
    assert "<img" not in main
    assert 'href="javascript' not in main
    assert "onclick" not in main
    assert "<b>old</b>" in main
