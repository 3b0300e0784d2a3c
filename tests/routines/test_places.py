"""Where the one button of a digest leads."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.goals.models import Contributor
from apps.notifications.services.digest_parts import DigestRequest
from apps.routines.services import Which, preview_digest
from apps.routines.services.places import weeks_of
from apps.workspaces.models import Member, Role, Team
from tests.digests import MONDAY, MORNING, both_digests, due_digests, live_in
from tests.factories import GoalFactory, MemberFactory, ResponsibilityFactory, TaskFactory, TeamMembershipFactory
from tests.mails import html_of

pytestmark = pytest.mark.django_db

SITE = "http://testserver"


def button(text: str, html: str) -> tuple[str, str]:
    """Its words and where it leads, the same in text and HTML."""
    (found,) = re.findall(r'<a class="button" href="([^"]+)">([^<]+)</a>', html)
    url, label = found
    assert f"\n{label}:\n{url}\n" in text
    return label, "/" + url.split("/w/harbour/")[1]


def of_day(member: Member) -> tuple[str, str]:
    """The button of the next morning digest."""
    mail = preview_digest(member, Which.DAILY, at=MORNING - timedelta(hours=1)).mail
    assert mail is not None
    return button(mail.text, mail.html)


def of_week(member: Member) -> tuple[str, str]:
    """The button of the next weekly digest."""
    mail = preview_digest(member, Which.WEEKLY, at=MONDAY - timedelta(hours=1)).mail
    assert mail is not None
    return button(mail.text, mail.html)


def test_the_one_thing_that_is_due(bob: Member, product: Team) -> None:
    live_in([bob])
    goal = GoalFactory(owner=bob, check_in_due_on=MORNING.date())
    assert of_day(bob) == ("Check in", f"/goals/{goal.pk}/check-in/")
    type(goal).objects.update(check_in_due_on=None, due_on=MORNING.date())
    assert of_day(bob) == ("Open the goal", f"/goals/{goal.pk}/")
    type(goal).objects.update(due_on=None)
    duty = ResponsibilityFactory(workspace=bob.workspace)
    task = TaskFactory(responsibility=duty, assignee=bob, due_on=MORNING.date())
    assert of_day(bob) == ("Open the task", f"/tasks/{task.pk}/")
    GoalFactory(owner=bob, check_in_due_on=MORNING.date())
    assert of_day(bob) == ("Open your page", f"/people/{bob.pk}/")


def test_where_nothing_is_due_one_s_own_page(bob: Member, alice: Member) -> None:
    live_in([bob])
    goal = GoalFactory(owner=bob)
    goal.check_ins.create(workspace=bob.workspace, author=alice, author_name="Alice", note="x", made_at=MORNING)
    type(goal.check_ins.get()).objects.update(made_at=MORNING - timedelta(hours=2))
    assert of_day(bob) == ("Open your page", f"/people/{bob.pk}/")


def test_a_week_is_looked_at_where_it_is_shown(lea: Member, bob: Member, product: Team, care: Team) -> None:
    """Leads at what drifts; others at the goals of their team, or at all where they are in several."""
    live_in([lea, bob])
    GoalFactory(owner=bob, team=product, due_on=MONDAY.date())
    assert of_week(lea) == ("See what drifts", "/attention/")
    assert of_week(bob) == ("See the goals of your team", f"/goals/?team={product.pk}")
    TeamMembershipFactory(team=care, member=bob)
    assert of_week(bob) == ("See the goals", "/goals/")
    type(care).objects.filter(pk=care.pk).update(archived_at=MORNING)
    assert of_week(bob) == ("See the goals of your team", f"/goals/?team={product.pk}")


def test_who_leads_only_what_is_archived_leads_nothing(lea: Member, bob: Member, product: Team, care: Team) -> None:
    live_in([lea])
    lea.memberships.update(is_lead=False)
    TeamMembershipFactory(team=care, member=lea, is_lead=True)
    GoalFactory(owner=bob, team=product, due_on=MONDAY.date())
    type(care).objects.filter(pk=care.pk).update(archived_at=MORNING)
    assert of_week(lea)[0] == "See the goals of your team"


def test_both_in_one_lead_to_the_week(bob: Member, alice: Member, gus: Member, product: Team) -> None:
    """Whoever is in no team looks at their own goals; a guest is told of no team."""
    live_in([bob, alice, gus])
    TeamMembershipFactory(team=product, member=gus)
    for member in (bob, alice, gus):
        GoalFactory(owner=member, check_in_due_on=MONDAY.date())
    mails = both_digests([bob, alice, gus])
    found = {name: button(str(mail.body), html_of(mail)) for name, mail in mails.items()}
    assert found == {
        "Bob": ("See the goals of your team", f"/goals/?team={product.pk}"),
        "Alice": ("See your goals", "/goals/?mine=on"),
        "Gus": ("See your goals", "/goals/?mine=on"),
    }


def test_every_place_opens_and_shows_it(
    lea: Member, bob: Member, gus: Member, product: Team, client_of: Callable[[Member], Client]
) -> None:
    goal = GoalFactory(owner=bob, team=product, title="Answer every call", confidence="off_track")
    Contributor.objects.create(workspace=bob.workspace, goal=goal, member=gus)
    GoalFactory(owner=lea, workspace=bob.workspace, title="Of somebody else")
    for member, address, shown in (
        (lea, "/attention/", "Answer every call"),
        (bob, f"/goals/?team={product.pk}", "Answer every call"),
        (gus, "/goals/?mine=on", "Answer every call"),
        (bob, f"/people/{bob.pk}/", "Answer every call"),
    ):
        page = client_of(member).get("/w/harbour" + address)
        assert page.status_code == 200
        assert shown in page.content.decode(), address
        assert "Of somebody else" not in page.content.decode() or "/people" in address


def test_the_preview_s_button_is_that_of_the_mail(lea: Member, bob: Member, product: Team) -> None:
    live_in([lea, bob])
    GoalFactory(owner=bob, check_in_due_on=MORNING.date())
    shown = of_day(bob)
    (mail,) = due_digests(at=MORNING).values()
    assert button(str(mail.body), html_of(mail)) == shown


def test_the_queries_do_not_grow(harbour: object, product: Team) -> None:
    counts = []
    for size in (1, 6):
        crowd = MemberFactory.create_batch(size, workspace=harbour)
        for member in crowd:
            TeamMembershipFactory(team=product, member=member, is_lead=member == crowd[0])
        asked = [DigestRequest(each, MONDAY.date(), MORNING, daily=True, weekly=True) for each in crowd]
        with CaptureQueriesContext(connection) as queries:
            weeks = weeks_of(asked)
        assert sum(week.leads for week in weeks.values()) == 1
        counts.append(len(queries))
    assert counts == [2, 2]
    with CaptureQueriesContext(connection) as queries:
        assert weeks_of([DigestRequest(crowd[0], MONDAY.date(), MORNING, daily=True, weekly=False)]) == {}
    assert len(queries) == 0
    Member.objects.filter(pk=crowd[0].pk).update(role=Role.GUEST)
    assert not any(week.leads for week in weeks_of(asked).values())
