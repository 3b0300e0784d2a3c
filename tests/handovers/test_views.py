"""The pages of handovers, absences and cover."""

import re
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.core.models import new_id
from apps.handovers.models import Handover
from apps.handovers.services import cover
from apps.responsibilities.models import Assignment
from apps.workspaces import services as workspaces
from apps.workspaces.models import Absence
from tests.factories import (
    AbsenceFactory,
    AssignmentFactory,
    ContributorFactory,
    GoalFactory,
    HandoverFactory,
    ResponsibilityFactory,
    TaskFactory,
)
from tests.opened import send

NAUGHTY = ["<script>alert(1)</script>", "../../etc/passwd", "\x00", "\u202eevil", "x" * 60_000, "2026-02-31"]


@pytest.fixture(autouse=True)
def clock(time_machine, now):
    time_machine.move_to(now, tick=False)


@pytest.fixture
def press(bob, product, now):
    row = ResponsibilityFactory(workspace=bob.workspace, team=product, title="Answering the press")
    AssignmentFactory(responsibility=row, member=bob, status="accepted", answered_at=now)
    return row


@pytest.fixture
def week(bob, now):
    return workspaces.create_absence(
        bob, {"starts_on": now.date() + timedelta(days=5), "ends_on": now.date() + timedelta(days=9)}, by=bob, at=now
    )


def url(name, *args):
    return reverse(f"handovers:{name}", args=["harbour", *args])


def text(response):
    return response.content.decode()


# ---- handing over ----


def test_from_what_one_holds_to_the_other_s_yes(press, bob, lea, client_of):
    task = TaskFactory(responsibility=press, assignee=bob, title="Call back")
    giver, receiver = client_of(bob), client_of(lea)
    assert "Answering the press" in text(giver.get(url("handover_create")))
    address = f"{url('handover_create')}?responsibility={press.pk}"
    assert "Call back" in text(giver.get(address))
    data = {
        "key": new_id(), "to_member": lea.pk, "starts_on": "2026-03-04", "notes": "**Call** Ana.", "tasks": [task.pk],
    }  # fmt: skip
    sent = giver.post(address, data)
    handover = Handover.objects.get()
    assert sent["Location"] == url("handover_detail", handover.pk)
    assert giver.post(address, data)["Location"] == sent["Location"]
    assert Handover.objects.count() == 1
    page = text(receiver.get(url("handover_detail", handover.pk)))
    assert "<strong>Call</strong> Ana." in page
    assert "Call back" in page
    assert "Answering the press" in text(receiver.get(url("handover_list")))
    assert receiver.post(url("handover_accept", handover.pk)).status_code == 302
    assert Assignment.objects.get().member == lea
    task.refresh_from_db()
    assert task.assignee == lea


def test_a_lead_chooses_whose_and_others_are_refused(press, bob, lea, mo, client_of):
    address = f"{url('handover_create')}?responsibility={press.pk}"
    assert client_of(lea).get(address).status_code == 200
    assert client_of(mo).get(address).status_code == 403
    assert client_of(mo).get(f"{url('handover_create')}?goal={new_id()}").status_code == 404
    assert client_of(mo).get(f"{url('handover_create')}?goal=x").status_code == 404


def test_declining_asks_why(press, bob, lea, client_of, now):
    handover = HandoverFactory(responsibility=press, from_member=bob, to_member=lea)
    client = client_of(lea)
    assert client.post(url("handover_decline", handover.pk), {"reason": ""}).status_code == 422
    assert client.post(url("handover_decline", handover.pk), {"reason": "Too much."}).status_code == 302
    said = text(client_of(bob).get(url("handover_detail", handover.pk)))
    assert "Lea declined:</b> Too much." in said
    assert f"{url('handover_create')}?responsibility={press.pk}" in said
    assert "Ask somebody else" not in text(client.get(url("handover_detail", handover.pk)))
    accepted = client.post(url("handover_accept", handover.pk), follow=True)
    assert "declined or withdrawn already" in text(accepted)


def test_withdrawing(press, bob, lea, client_of):
    handover = HandoverFactory(responsibility=press, from_member=bob, to_member=lea)
    page = client_of(bob).post(url("handover_withdraw", handover.pk), follow=True)
    assert "It was withdrawn." in text(page)
    assert "over already" in text(client_of(bob).post(url("handover_withdraw", handover.pk), follow=True))
    page = text(client_of(bob).get(url("handover_detail", handover.pk)))
    assert "Withdrawn</span>" in page
    assert "declined:" not in page


def test_a_cover_that_came_to_nothing_leads_to_another_while_there_is_time(press, bob, lea, mo, week, client_of, now):
    asked = cover.propose_cover(press, {}, absent=bob, taker=mo, absence=week, by=bob, at=now)
    assert "Ask somebody else" not in text(client_of(bob).get(url("handover_detail", asked.pk)))
    client_of(mo).post(url("handover_decline", asked.pk), {"reason": "Away too."})
    page = text(client_of(bob).get(url("handover_detail", asked.pk)))
    assert f'class="button main" href="{url("absence_cover", week.pk)}"' in page
    Absence.objects.update(starts_on=now.date() - timedelta(days=9), ends_on=now.date() - timedelta(days=5))
    assert "Ask somebody else" not in text(client_of(bob).get(url("handover_detail", asked.pk)))


@pytest.mark.parametrize("bad", NAUGHTY)
def test_bad_input_is_said_and_changes_nothing(press, bob, lea, client_of, bad):
    client = client_of(bob)
    address = f"{url('handover_create')}?responsibility={press.pk}"
    for field in ("to_member", "starts_on", "tasks", "key"):
        data = {"to_member": lea.pk, "starts_on": "2026-03-04", field: bad}
        assert client.post(address, data).status_code in {200, 302}
        assert Handover.objects.count() == 0 or field == "tasks"
        Handover.objects.all().delete()
    for field in ("starts_on", "ends_on", "member"):
        data = {"starts_on": "2026-03-04", "ends_on": "2026-03-05", field: bad}
        assert client.post(url("absence_create"), data).status_code == 200 or field == "member"
        Absence.objects.all().delete()


# ---- being away ----


def test_planning_an_absence_leads_to_its_cover(goal, bob, lea, mo, client_of):
    ContributorFactory(goal=goal, member=mo)
    client = client_of(bob)
    sent = client.post(url("absence_create"), {"starts_on": "2026-03-09", "ends_on": "2026-03-13"})
    absence = Absence.objects.get()
    assert sent["Location"] == url("absence_cover", absence.pk)
    page = text(client.get(url("absence_cover", absence.pk)))
    assert f'<option value="{mo.pk}" selected>Mo</option>' in page
    data = {f"goal-{goal.pk}": str(mo.pk), "notes": "Ask Ana."}
    assert send(client, url("absence_cover", absence.pk), data).status_code == 302
    assert Handover.objects.get().to_member == mo
    assert "0 of 1 covers accepted" in text(client.get(url("absence_list")))
    assert goal.title in text(client_of(lea).get(url("absence_cover", absence.pk)))


def test_a_person_who_cannot_see_it_is_refused_at_its_place(goal, bob, gus, week, client_of):
    page = send(client_of(bob), url("absence_cover", week.pk), {f"goal-{goal.pk}": str(gus.pk)})
    assert "Gus cannot see this." in text(page)
    assert not Handover.objects.exists()


def test_leads_plan_for_their_people_and_nobody_else(bob, lea, mo, client_of):
    days = {"starts_on": "2026-03-09", "ends_on": "2026-03-13"}
    assert client_of(lea).post(url("absence_create"), {**days, "member": str(bob.pk)}).status_code == 302
    assert Absence.objects.get().member == bob
    assert client_of(lea).post(url("absence_create"), {**days, "member": str(mo.pk)}).status_code == 200
    assert Absence.objects.count() == 1


def test_the_calendar_shows_days_and_no_goal_that_is_hidden(bob, lea, mo, care, product, week, client_of, now):
    secret = GoalFactory(owner=bob, visibility="private", title="Canary xyzzy")
    ContributorFactory(goal=secret, member=lea)
    cover.ask_for_cover(week, secret, lea, by=bob, at=now)
    client = client_of(mo)
    assert "Bob" in text(client.get(url("absence_list")))
    assert "Bob" in text(client.get(f"{url('absence_list')}?team={product.pk}"))
    assert 'class="timeline' not in text(client.get(f"{url('absence_list')}?team={care.pk}"))
    assert "xyzzy" not in text(client.get(url("absence_cover", week.pk)))
    assert client.get(url("handover_detail", Handover.objects.get().pk)).status_code == 404
    assert "xyzzy" in text(client_of(lea).get(url("absence_cover", week.pk)))


def test_back_sooner_leads_to_the_catch_up(goal, bob, client_of, now):
    absence = AbsenceFactory(member=bob, starts_on=now.date() - timedelta(days=2), ends_on=now.date())
    sent = client_of(bob).post(url("absence_end", absence.pk))
    assert sent["Location"] == url("absence_catch_up", absence.pk)
    assert Absence.objects.get().ends_on == now.date() - timedelta(days=1)


@pytest.mark.parametrize(
    ("days", "title", "others"),
    [
        (-6, "Before you are away", "nothing to catch up on yet"),
        (2, "While you are away", "Nothing has happened so far"),
        (9, "Welcome back", "Everything is as you left it"),
    ],
)
def test_the_catch_up_says_what_it_is(bob, now, client_of, days, title, others):
    first = now.date() - timedelta(days=days)
    absence = AbsenceFactory(member=bob, starts_on=first, ends_on=first + timedelta(days=4))
    late = GoalFactory(owner=bob, title="Long silent", check_in_due_on=now.date() - timedelta(days=3))
    page = text(client_of(bob).get(url("absence_catch_up", absence.pk)))
    assert f"<h1>{title}</h1>" in page
    assert others in page
    is_over = title == "Welcome back"
    assert (late.title in page) == is_over  # whoever is away is asked for nothing
    assert (url("absence_cover", absence.pk) in page) != is_over


def test_taking_an_absence_away(week, bob, client_of):
    client = client_of(bob)
    assert client.get(url("absence_delete", week.pk)).status_code == 200
    assert client.post(url("absence_delete", week.pk)).status_code == 302
    assert not Absence.objects.exists()


def test_moving_an_absence(week, bob, client_of):
    data = {"starts_on": "2026-03-10", "ends_on": "2026-03-10"}
    assert send(client_of(bob), url("absence_edit", week.pk), data).status_code == 302
    assert Absence.objects.get().starts_on == date(2026, 3, 10)


LISTS = ["handover_list", "absence_list", "absence_cover", "absence_catch_up", "handover_detail"]


@pytest.mark.parametrize("name", LISTS)
def test_pages_ask_as_many_queries_for_six_as_for_one(press, bob, lea, mo, week, client_of, now, name):
    client = client_of(bob)
    about = {"handover_list": [], "absence_list": [], "handover_detail": []}.get(name, [week.pk])
    if name == "handover_detail":
        about = [HandoverFactory(responsibility=press, from_member=bob, to_member=lea).pk]
    counts: list[int] = []
    for count in (1, 5):
        for each in range(count):
            goal = GoalFactory(owner=bob, team=press.team)
            TaskFactory(goal=goal, assignee=bob)
            HandoverFactory(goal=goal, from_member=lea, to_member=bob)
            cover.ask_for_cover(week, goal, mo, by=bob, at=now)
            day = now.date() + timedelta(days=count * 4 + 2 * each)
            AbsenceFactory(member=lea, starts_on=day, ends_on=day)
        client.get(url(name, *about))
        with CaptureQueriesContext(connection) as asked:
            assert client.get(url(name, *about)).status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_a_german_reader_gets_the_words_in_german_order(press, lea, bob, client_of, now):
    for person in (bob, lea):
        person.user.language = "de"
        person.user.save()
    handover = HandoverFactory(
        responsibility=press, from_member=bob, to_member=lea, proposed_by=bob, proposed_at=now - timedelta(days=3)
    )
    form = text(client_of(bob).get(url("handover_create") + f"?responsibility={press.pk}"))
    assert ">An</label>" in form
    assert ">Bis</label>" not in form
    asked = re.sub(r"<[^>]*>", "", text(client_of(lea).get(url("handover_decline", handover.pk))))
    assert "Bob hat vor 3 Tagen gefragt" in " ".join(asked.split())
