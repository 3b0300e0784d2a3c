"""The pages and cards of load, and what a form says while hours are typed."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.capacity.queries.capacity import monday_of
from apps.goals.models import Goal
from apps.workspaces.models import Member, Team
from tests.factories import (
    AbsenceFactory,
    AssignmentFactory,
    ContributorFactory,
    GoalFactory,
    HoursReportFactory,
    MemberFactory,
    ResponsibilityFactory,
)

ClientOf = Callable[[Member], Client]


@pytest.fixture(autouse=True)
def monday() -> Iterator[None]:
    """A week that has just begun: later in it, what is promised from today on fills only what is left of the week."""
    with time_machine.travel(datetime(2026, 11, 30, 12, tzinfo=UTC)):
        yield


def url(name: str, *args: Any) -> str:
    """A page of the workspace."""
    space = "capacity" if name.startswith(("load_", "hours_")) else "responsibilities"
    return reverse(f"{space}:{name}", args=["harbour", *args])


def text_of(response: Any) -> str:
    """The page as text."""
    return " ".join(response.content.decode().split())


def busy(person: Member, hours: int, title: str = "Answer every call", **fields: Any) -> Goal:
    """A goal that runs for long, to which the person gives so many hours."""
    goal: Goal = GoalFactory(owner=person, title=title, activated_at=timezone.now() - timedelta(days=90), **fields)
    ContributorFactory(goal=goal, member=person, hours_per_week=hours)
    return goal


def this_week() -> date:
    """The Monday of the present week."""
    return monday_of(timezone.localdate())


def test_the_page_names_first_who_promised_too_much_and_who_has_room(
    client_of: ClientOf, lea: Member, bob: Member, mo: Member
) -> None:
    busy(bob, 43)
    page = text_of(client_of(lea).get(url("load_list")))
    over, room = page.split('id="over-h"')[1].split('id="room-h"')
    assert "Bob" in over
    assert "43 of 40 h in the week of" in over
    assert "and 7 more weeks" in over
    assert "Lea" in room.split("by-week")[0]
    assert "3 h too much" in page
    assert ">Mo<" not in page.split('id="by-week"')[1].split("</table>")[0]  # another team
    assert ">Mo<" in text_of(client_of(lea).get(url("load_list"), {"team": "all"}))


def test_hidden_hours_leave_no_trace_on_the_page(client_of: ClientOf, lea: Member, bob: Member) -> None:
    before = text_of(client_of(lea).get(url("load_detail", bob.pk)))
    busy(bob, 43, title="Quietly", visibility="private")
    after = text_of(client_of(lea).get(url("load_detail", bob.pk)))
    assert _same(before) == _same(after)
    assert "Quietly" in text_of(client_of(bob).get(url("load_detail", bob.pk)))
    assert "too much" not in text_of(client_of(lea).get(url("load_list")))


def _same(page: str) -> str:
    return page.split('id="content"')[1].split("</main>", maxsplit=1)[0]


def test_absences_are_said(client_of: ClientOf, lea: Member, bob: Member) -> None:
    busy(bob, 4)
    monday = this_week() + timedelta(days=7)
    AbsenceFactory(member=bob, starts_on=monday, ends_on=monday + timedelta(days=6))
    page = text_of(client_of(lea).get(url("load_list")))
    assert "away all week" in page
    assert "4 h not covered" in page


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"team": "nobody"}, "There is no such team"),
        ({"team": str(UUID(int=5))}, "There is no such team"),
        ({"week": "9999-12-27"}, "too far away"),
        ({"week": "soon"}, "Enter a valid date"),
        ({"team": "\x00", "week": "0001-01-01"}, "too far away"),
    ],
)
def test_what_is_not_understood_is_left_out_and_said(
    client_of: ClientOf, lea: Member, query: dict[str, str], words: str
) -> None:
    answer = client_of(lea).get(url("load_list"), query)
    assert answer.status_code == 200
    assert words in text_of(answer)


def test_the_week_in_the_address_is_the_one_shown(client_of: ClientOf, lea: Member) -> None:
    there = this_week() + timedelta(weeks=10)
    page = text_of(client_of(lea).get(url("load_list"), {"week": (there + timedelta(days=3)).isoformat()}))
    assert f'datetime="{(there - timedelta(weeks=4)).isoformat()}"' in page
    assert "This week" in page


def test_another_weeks_team_is_kept_and_the_list_can_be_swapped(
    client_of: ClientOf, lea: Member, care: Team, mo: Member
) -> None:
    answer = client_of(lea).get(url("load_list"), {"team": str(care.pk)}, HTTP_HX_REQUEST="true")
    page = text_of(answer)
    assert "Mo" in page
    assert "<html" not in page
    assert f"team={care.pk}" in page


def test_the_list_asks_as_often_for_six_as_for_one(
    client_of: ClientOf, lea: Member, bob: Member, django_assert_max_num_queries: Any
) -> None:
    for _number in range(6):
        busy(MemberFactory(workspace=bob.workspace, user=None), 4)
    client = client_of(lea)
    client.get(url("load_list"))
    with django_assert_max_num_queries(7):
        client.get(url("load_list"), {"team": "all"})


def test_reported_hours_stand_beside_for_leads_only(client_of: ClientOf, lea: Member, bob: Member, mo: Member) -> None:
    HoursReportFactory(member=bob, week=this_week() - timedelta(days=7), hours=31)
    assert "31 h" in text_of(client_of(lea).get(url("load_detail", bob.pk)))
    page = text_of(client_of(mo).get(url("load_detail", bob.pk)))
    assert "31 h" not in page
    assert "Reported" not in page


def test_a_guest_sees_their_own_weeks(client_of: ClientOf, gus: Member, bob: Member) -> None:
    page = text_of(client_of(gus).get(url("load_list"), {"team": "all"}))
    assert "Gus" in page
    assert "Bob" not in page
    assert client_of(gus).get(url("load_detail", gus.pk)).status_code == 200
    assert client_of(gus).get(url("load_detail", bob.pk)).status_code == 404


def preview(client: Client, **fields: Any) -> str:
    """What the form is told."""
    answer = client.get(url("load_preview"), fields)
    assert answer.status_code == 200
    return text_of(answer)


def test_the_form_is_told_what_hours_come_to(client_of: ClientOf, lea: Member, bob: Member) -> None:
    busy(bob, 35)
    words = preview(client_of(lea), person=[str(bob.pk), str(lea.pk)], hours=["8", "5"])
    assert "<bdi>Bob</bdi> would be at 43 of 40 h in the week of" in words
    assert "You can save it all the same." in words
    assert "Lea" not in words
    assert "It fits into the hours they have" in preview(client_of(lea), person=str(bob.pk), hours="5")


def test_what_is_typed_replaces_what_stands_on_the_goal(client_of: ClientOf, lea: Member, bob: Member) -> None:
    goal = busy(bob, 35)
    assert "would be" not in preview(client_of(lea), goal=str(goal.pk), person=str(bob.pk), hours="8")


def test_hours_of_an_offer_count_beside_the_rest(client_of: ClientOf, lea: Member, bob: Member) -> None:
    busy(bob, 35)
    duty = ResponsibilityFactory(workspace=bob.workspace)
    words = preview(client_of(lea), responsibility=str(duty.pk), member=str(bob.pk), hours_per_week="6")
    assert "41 of 40 h" in words


def test_hours_that_are_changed_count_instead_of_those_there_were(
    client_of: ClientOf, lea: Member, bob: Member, gus: Member, product: Team
) -> None:
    busy(bob, 35)
    duty = AssignmentFactory(
        responsibility=ResponsibilityFactory(workspace=bob.workspace, team=product), member=bob, hours_per_week=8
    )
    form = client_of(lea).get(url("assignment_edit", duty.pk)).content.decode()
    assert f"{url('load_preview')}?assignment={duty.pk}" in form
    assert "44 of 40 h" in preview(client_of(lea), assignment=str(duty.pk), hours_per_week="9")
    assert "It fits" in preview(client_of(lea), assignment=str(duty.pk), hours_per_week="5")
    offered = timezone.now() - timedelta(days=7)  # else this week counts from today on only
    other = AssignmentFactory(
        responsibility=duty.responsibility, member=bob, role="informed", hours_per_week=7, offered_at=offered
    )
    assert "42 of 40 h" in preview(client_of(lea), assignment=str(duty.pk), hours_per_week="5")
    other.delete()
    of_team = AssignmentFactory(responsibility=duty.responsibility, team=product, role="informed")
    assert url("load_preview") not in client_of(lea).get(url("assignment_edit", of_team.pk)).content.decode()
    assert preview(client_of(lea), assignment=str(of_team.pk), hours_per_week="90").strip() == ""
    mine = AssignmentFactory(responsibility=duty.responsibility, member=gus, role="consulted")
    assert url("load_preview") not in client_of(gus).get(url("assignment_edit", mine.pk)).content.decode()


def test_an_assignment_on_a_hidden_goal_is_not_there_to_be_changed(
    client_of: ClientOf, lea: Member, bob: Member
) -> None:
    secret = AssignmentFactory(goal=GoalFactory(owner=bob, visibility="private"), member=bob, hours_per_week=8)
    assert preview(client_of(lea), assignment=str(secret.pk), hours_per_week="90").strip() == ""
    assert "90 of 40 h" in preview(client_of(bob), assignment=str(secret.pk), hours_per_week="90")


def test_hours_before_the_goal_begins_do_not_count(client_of: ClientOf, lea: Member, bob: Member) -> None:
    busy(bob, 35)
    later = (this_week() + timedelta(weeks=20)).isoformat()
    words = preview(client_of(lea), person=str(bob.pk), hours="20", starts_on=later, due_on="")
    assert "would be" not in words


def test_the_preview_tells_nothing_of_hidden_goals(client_of: ClientOf, lea: Member, bob: Member) -> None:
    busy(bob, 35, visibility="private")
    assert "would be" not in preview(client_of(lea), person=str(bob.pk), hours="8")
    assert "43 of 40" in preview(client_of(bob), person=str(bob.pk), hours="8")


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"person": "x", "hours": "8"},
        {"person": str(UUID(int=5)), "hours": "8"},
        {"member": "\x00", "hours_per_week": "1e999"},
        {"goal": "x", "cycle": "x", "starts_on": "never", "person": "", "hours": ""},
    ],
)
def test_what_is_no_promise_yet_says_nothing(client_of: ClientOf, lea: Member, fields: dict[str, str]) -> None:
    assert preview(client_of(lea), **fields) == ""


@pytest.mark.parametrize("hours", ["many", "-3", "169", "NaN", "9" * 400])
def test_hours_that_are_none_are_not_typed_yet(client_of: ClientOf, lea: Member, bob: Member, hours: str) -> None:
    assert preview(client_of(lea), person=str(bob.pk), hours=hours) == ""


def test_a_goals_page_says_who_gives_how_much(client_of: ClientOf, lea: Member, bob: Member) -> None:
    goal = busy(bob, 10)
    busy(bob, 33, title="More")
    page = text_of(client_of(lea).get(reverse("goals:goal_detail", args=["harbour", goal.pk])))
    card = page.split('id="allocation-h"')[1].split("</section>")[0]
    assert "10 h" in card
    assert "25" in card  # per cent of 40 hours
    assert "<bdi>Bob</bdi> promised 43 of 40 h in the week of" in card


def test_a_responsibilitys_page_says_it_too(client_of: ClientOf, lea: Member, bob: Member) -> None:
    duty = ResponsibilityFactory(workspace=bob.workspace)
    AssignmentFactory(responsibility=duty, member=bob, hours_per_week=6)
    page = text_of(client_of(lea).get(url("responsibility_detail", duty.pk)))
    assert "6 h" in page.split('id="allocation-h"')[1].split("</section>")[0]


def test_a_persons_page_says_what_they_promised_this_week(client_of: ClientOf, lea: Member, bob: Member) -> None:
    busy(bob, 43)
    page = text_of(client_of(lea).get(reverse("workspaces:member_detail", args=["harbour", bob.pk])))
    card = page.split('id="load-h"')[1].split("</section>")[0]
    assert "43 h of 40 h" in card
    assert "Answer every call" in card
