"""The pages of who holds what."""

import csv
import gzip
import io
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.notifications.models import Notice
from apps.notifications.queries import unread_count
from apps.responsibilities import queries, services
from apps.responsibilities.models import Assignment, Responsibility
from apps.workspaces.services import set_role
from tests.factories import (
    AssignmentFactory,
    ContributorFactory,
    GoalFactory,
    MemberFactory,
    ResponsibilityFactory,
    TeamMembershipFactory,
)
from tests.opened import send


def url(name, *args):
    return reverse(name if ":" in name else f"responsibilities:{name}", args=["harbour", *args])


@pytest.fixture
def phones(harbour, product):
    return ResponsibilityFactory(workspace=harbour, title="Phone desk", team=product)


@pytest.fixture
def offer(phones, bob, now):
    return AssignmentFactory(responsibility=phones, member=bob, offered_at=now)


@pytest.fixture
def duty_of_bob(phones, bob, now):
    AssignmentFactory(responsibility=phones, member=bob, role="accountable", status="accepted", answered_at=now)
    return phones


# ---- writing ----


def test_write_one_down_and_be_accountable_for_it(bob, product, client_of):
    fields = {"title": "Duty rota", "accountable": str(bob.pk), "team": str(product.pk), "review_on": "2026-09-01"}
    response = client_of(bob).post(url("responsibility_create"), fields)
    made = Responsibility.objects.get()
    assert response["Location"] == url("responsibility_detail", made.pk)
    assert (made.title, made.team, str(made.review_on)) == ("Duty rota", product, "2026-09-01")
    assert Assignment.objects.get().status == "accepted"


def test_a_form_without_a_title_is_shown_again(bob, client_of):
    response = client_of(bob).post(url("responsibility_create"), {"title": " ", "review_on": "never"})
    assert response.status_code == 422
    assert set(response.context["form"].errors) == {"title", "review_on"}
    assert not Responsibility.objects.exists()


def test_edit_keeps_a_goal_the_editor_does_not_see(alice, bob, phones, client_of):
    phones.goal = GoalFactory(owner=bob, visibility="private", title="Secret")
    phones.save()
    page = client_of(alice).get(url("responsibility_edit", phones.pk))
    assert "Secret" not in page.content.decode()
    send(client_of(alice), url("responsibility_edit", phones.pk), {"title": "Phones"})
    phones.refresh_from_db()
    assert (phones.title, phones.goal_id is None) == ("Phones", False)
    assert "Secret" not in client_of(alice).get(url("responsibility_detail", phones.pk)).content.decode()


def test_archive_and_restore(lea, phones, client_of):
    client_of(lea).post(url("responsibility_archive", phones.pk))
    assert "Phone desk" not in client_of(lea).get(url("responsibility_matrix")).content.decode()
    assert "Phone desk" in client_of(lea).get(url("responsibility_matrix") + "?archived=on").content.decode()
    assert "Restore" in client_of(lea).get(url("responsibility_detail", phones.pk)).content.decode()
    client_of(lea).post(url("responsibility_restore", phones.pk))
    assert Responsibility.objects.open().get() == phones


# ---- offering and answering ----


def test_ask_somebody(lea, bob, phones, client_of):
    page = client_of(lea).get(url("responsibility_offer", phones.pk) + f"?member={bob.pk}&role=accountable")
    assert page.context["form"].initial["member"] == bob
    fields = {"member": str(bob.pk), "role": "accountable", "hours_per_week": "2.5", "note": "You know it."}
    response = client_of(lea).post(url("responsibility_offer", phones.pk), fields)
    assert response["Location"] == url("responsibility_detail", phones.pk)
    made = Assignment.objects.get()
    assert (made.member, made.role, made.hours_per_week, made.status) == (bob, "accountable", Decimal("2.5"), "offered")


@pytest.mark.parametrize(
    ("fields", "at"),
    [({}, "member"), ({"hours_per_week": "many"}, "hours_per_week"), ({"role": "boss"}, "role")],
)
def test_an_offer_without_shape_is_shown_again(lea, bob, phones, client_of, fields, at):
    given = {"role": "informed", **({"member": str(bob.pk)} if fields else {}), **fields}
    response = client_of(lea).post(url("responsibility_offer", phones.pk), given)
    assert response.status_code == 422
    assert at in response.context["form"].errors


def test_accept_where_it_is_shown(offer, phones, bob, client_of):
    page = client_of(bob).get(url("responsibility_detail", phones.pk)).content.decode()
    assert url("assignment_accept", offer.pk) in page
    there = url("holder_detail", bob.pk)
    response = client_of(bob).post(url("assignment_accept", offer.pk), {"next": there})
    offer.refresh_from_db()
    assert (offer.status, response["Location"]) == ("accepted", there)
    away = client_of(bob).post(url("assignment_accept", offer.pk), {"next": "//evil.example/"})
    assert away["Location"] == url("responsibility_detail", phones.pk)


def test_decline_with_a_reason_that_others_read(offer, phones, bob, lea, client_of):
    assert client_of(bob).post(url("assignment_decline", offer.pk), {"reason": ""}).status_code == 422
    client_of(bob).post(url("assignment_decline", offer.pk), {"reason": "No time."})
    assert "No time." in client_of(lea).get(url("responsibility_detail", phones.pk)).content.decode()


def test_a_guest_who_declined_is_led_to_their_own_page(phones, gus, now, client_of):
    offer = AssignmentFactory(responsibility=phones, member=gus, offered_at=now)
    assert client_of(gus).get(url("responsibility_detail", phones.pk)).status_code == 200
    response = client_of(gus).post(url("assignment_decline", offer.pk), {"reason": "No time."})
    assert response["Location"] == url("holder_detail", gus.pk)
    assert client_of(gus).get(url("responsibility_detail", phones.pk)).status_code == 404


def test_change_and_take_away(offer, lea, client_of):
    send(client_of(lea), url("assignment_edit", offer.pk), {"role": "consulted", "hours_per_week": ""})
    offer.refresh_from_db()
    assert offer.role == "consulted"
    assert "no longer be" in client_of(lea).get(url("assignment_withdraw", offer.pk)).content.decode()
    client_of(lea).post(url("assignment_withdraw", offer.pk))
    assert not Assignment.objects.exists()


# ---- the matrix ----


def test_the_matrix_shows_letters_and_findings_to_all_and_links_to_those_who_may(offer, phones, lea, mo, client_of):
    cell = f"{url('responsibility_cell', phones.pk)}?party={offer.member_id}"
    for member, linked in ((lea, True), (mo, False)):
        page = client_of(member).get(url("responsibility_matrix") + "?team=all").content.decode()
        assert 'class="letter R open"' in page
        assert "Nobody is accountable" in page
        assert (cell in page) == linked
    roles = client_of(lea).get(url("responsibility_matrix") + "?columns=roles").content.decode()
    assert 'class="holder open"' in roles


def test_the_matrix_opens_with_ones_own_team_and_leads_to_everybodys(phones, care, lea, mo, alice, gus, client_of):
    of_care = ResponsibilityFactory(workspace=care.workspace, title="Ward round", team=care)
    AssignmentFactory(responsibility=of_care, member=gus)

    def seen(member, query=""):
        page = client_of(member).get(url("responsibility_matrix") + query)
        return {line.title for line in page.context["matrix"].lines}

    both = {"Phone desk", "Ward round"}
    assert (seen(lea), seen(mo), seen(alice)) == ({"Phone desk"}, {"Ward round"}, both)
    assert seen(gus) == {"Ward round"}  # of another team, but gus was asked
    page = client_of(lea).get(url("responsibility_matrix"))
    ways = {each["label"]: each["url"] for each in page.context["teams"]}
    assert [*ways] == ["Product", "Everybody"]
    assert seen(lea, "?team=all") == seen(lea, "?" + ways["Everybody"].split("?")[1]) == both
    other = client_of(lea).get(url("responsibility_matrix") + f"?team={care.pk}")
    assert [(each["label"], each["current"]) for each in other.context["teams"]] == [
        ("Product", False),
        ("Care", True),
        ("Everybody", False),
    ]
    assert list(page.context["form"].fields["team"].choices)[2:] == [
        (str(phones.team_id), "Product"),
        (str(care.pk), "Care"),
    ]


def test_the_matrix_does_not_open_with_an_own_team_that_has_nothing(phones, care, web, harbour, lea, client_of):
    TeamMembershipFactory(team=care, member=lea)
    assert client_of(lea).get(url("responsibility_matrix")).context["form"].team_shown == str(phones.team_id)
    phones.team = web  # beneath Product
    phones.save()
    assert client_of(lea).get(url("responsibility_matrix")).context["form"].team_shown == str(web.parent_id)
    phones.team = care
    phones.save()
    assert client_of(lea).get(url("responsibility_matrix")).context["form"].team_shown == str(care.pk)
    assert client_of(lea).get(url("responsibility_matrix") + "?rows=goals").context["form"].team_shown == "all"
    phones.team = None
    phones.save()
    page = client_of(lea).get(url("responsibility_matrix"))
    assert page.context["form"].team_shown == "all"
    assert "Phone desk" in page.content.decode()


def test_a_team_without_any_says_where_the_others_are(care, product, harbour, lea, client_of):
    ResponsibilityFactory(workspace=harbour, title="Ward round", team=care)
    shown = f"{url('responsibility_matrix')}?team={product.pk}"
    page = client_of(lea).get(shown).content.decode()
    assert "Write the first one" in page
    assert "Those of the other teams are under" in page
    assert "The open goals of this team" in client_of(lea).get(f"{shown}&rows=goals").content.decode()
    nothing = client_of(lea).get(f"{shown}&q=round").content.decode()
    assert "?q=round&amp;team=all" in nothing


def test_the_foot_holds_hours_against_capacity_as_far_as_the_reader_may_see(
    phones, product, harbour, lea, bob, gus, now, client_of
):
    common = {"responsibility": phones, "status": "accepted", "offered_at": now, "answered_at": now}
    AssignmentFactory(member=bob, hours_per_week=45, **common)
    AssignmentFactory(member=gus, role="informed", hours_per_week=2, **common)
    AssignmentFactory(team=product, role="consulted", **common)
    secret = GoalFactory(owner=bob, visibility="private", activated_at=now)
    ContributorFactory(goal=secret, member=bob, hours_per_week=7)

    def foot(member):
        page = client_of(member).get(url("responsibility_matrix") + "?team=all")
        shown = {column.party.name: week for column, week in page.context["hours"] if week}
        return page.content.decode(), {name: (week.promised, week.capacity) for name, week in shown.items()}

    page, hours = foot(lea)
    assert hours == {"Bob": (45, bob.weekly_hours), "Gus": (2, gus.weekly_hours)}  # what is private adds nothing
    assert "5 h too much" in page
    assert foot(bob)[1]["Bob"][0] == 52
    assert [*foot(gus)[1]] == ["Gus"]
    roles = client_of(lea).get(url("responsibility_matrix") + "?columns=roles").content.decode()
    assert "Hours this week" not in roles


def test_who_holds_nothing_here_is_counted_and_shown_when_asked_for(phones, offer, product, lea, client_of):
    page = client_of(lea).get(url("responsibility_matrix"))
    assert [column.party.name for column in page.context["matrix"].columns] == ["Bob"]
    assert "1 more person of this team holds nothing here" in page.content.decode()
    all_of_them = client_of(lea).get(page.context["empty_url"])
    assert [column.party.name for column in all_of_them.context["matrix"].columns] == ["Bob", "Lea"]
    assert "more person of this team" not in all_of_them.content.decode()
    offer.delete()
    nobody = client_of(lea).get(url("responsibility_matrix"))
    assert [column.party.name for column in nobody.context["matrix"].columns] == ["Bob", "Lea"]


def test_the_csv_holds_the_rows_that_are_shown(phones, care, harbour, lea, client_of):
    ResponsibilityFactory(workspace=harbour, title="Ward round", team=care)
    for query, count in (("", 1), ("?team=all", 2)):
        page = client_of(lea).get(url("responsibility_matrix") + query)
        answer = client_of(lea).get(page.context["export_url"])
        assert b"".join(answer.streaming_content).decode().count("\n") == 1 + count


def test_unknown_choices_are_left_out_and_said(phones, lea, client_of):
    page = client_of(lea).get(url("responsibility_matrix") + "?team=x&finding=y&after=%00&person=z&rows=w")
    assert page.status_code == 200
    assert page.content.decode().count("is not known here") >= 3
    assert "Phone desk" in page.content.decode()


def test_a_cell_without_script(phones, offer, lea, bob, client_of):
    address = f"{url('responsibility_cell', phones.pk)}?party={bob.pk}"
    assert "checked" in client_of(lea).get(address).content.decode()
    response = client_of(lea).post(address, {"was": ["responsible"], "roles": ["accountable", "responsible"]})
    assert response["Location"] == url("responsibility_matrix") + f"?team={phones.team_id}"
    assert set(Assignment.objects.values_list("role", flat=True)) == {"responsible", "accountable"}


def test_a_cell_for_a_script_answers_with_the_cell_and_the_findings(phones, product, lea, client_of):
    address = f"{url('responsibility_cell', phones.pk)}?party={product.pk}"
    response = client_of(lea).post(address, {"roles": ["accountable"]}, HTTP_HX_REQUEST="true")
    page = response.content.decode()
    assert 'class="letter A"' in page  # lea leads the team, so it is accepted
    assert "Nobody is accountable" not in page
    assert "Nobody is responsible" in page
    refused = client_of(lea).post(address, {"roles": ["boss"]}, HTTP_HX_REQUEST="true")
    assert (refused.status_code, refused["Content-Type"]) == (422, "text/plain; charset=utf-8")


def test_a_cell_of_nobody_there_is_not_there(phones, lea, eve, client_of):
    for party in (eve.pk, "nobody"):
        assert client_of(lea).get(f"{url('responsibility_cell', phones.pk)}?party={party}").status_code == 404


def test_titles_and_names_stay_what_they_are(harbour, lea, bob, now, client_of):
    bob.name = "<b>Bob</b>"
    bob.save()
    evil = ResponsibilityFactory(workspace=harbour, title="<script>alert(1)</script>")
    AssignmentFactory(responsibility=evil, member=bob, role="accountable", offered_at=now)
    for view in ("people", "roles"):
        page = client_of(lea).get(url("responsibility_matrix") + f"?team=all&columns={view}").content.decode()
        assert "<script>alert" not in page
        assert "<b>Bob" not in page


def test_the_matrix_as_csv_holds_no_formula_and_nothing_hidden(harbour, alice, bob, mo, client_of):
    evil = ResponsibilityFactory(workspace=harbour, title="=HYPERLINK(1)")
    AssignmentFactory(responsibility=evil, member=bob, role="accountable")
    private = GoalFactory(owner=bob, visibility="private", title="Secret")
    ContributorFactory(goal=private, member=mo)

    def rows(member, query=""):
        answer = client_of(member).get(url("integrations:matrix_export") + query)
        return list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))

    head, line = rows(alice)
    assert head == ["id", "title", "team", "responsible", "accountable", "consulted", "informed", "findings"]
    assert line[1:] == ["'=HYPERLINK(1)", "", "", "Bob (offered)", "", "", "nobody_responsible"]
    assert len(rows(alice, "?rows=goals")) == 1
    assert rows(mo, "?rows=goals")[1][1] == "Secret"
    assert len(rows(alice, "?team=x&person=y&finding=z&q=hyper")) == 2


# ---- by person, and on other pages ----


def test_by_person_and_a_persons_page(offer, phones, bob, lea, client_of):
    page = client_of(lea).get(url("holder_list") + "?q=bob").content.decode()
    assert "Phone desk" in page
    assert "Alice" not in page
    own = client_of(bob).get(url("holder_detail", bob.pk)).content.decode()
    assert url("assignment_accept", offer.pk) in own
    assert url("assignment_accept", offer.pk) not in client_of(lea).get(url("holder_detail", bob.pk)).content.decode()


def test_a_goals_page_says_who_holds_what_on_it(goal, bob, mo, now, client_of):
    AssignmentFactory(goal=goal, member=mo, role="consulted", offered_at=now)
    page = client_of(mo).get(reverse("goals:goal_detail", args=["harbour", goal.pk])).content.decode()
    assert "Nobody is accountable" in page
    assert "Accept" in page
    assert url("goal_offer", goal.pk) not in page
    assert (
        url("goal_offer", goal.pk)
        in client_of(bob).get(reverse("goals:goal_detail", args=["harbour", goal.pk])).content.decode()
    )


def test_a_persons_entry_and_the_history_speak_of_it(offer, phones, bob, lea, client_of):
    person = client_of(lea).get(reverse("workspaces:member_detail", args=["harbour", bob.pk])).content.decode()
    assert "Phone desk" in person
    client_of(bob).post(url("assignment_decline", offer.pk), {"reason": "No time."})
    history = client_of(lea).get(url("responsibility_history", phones.pk)).content.decode()
    assert "declined to be responsible" in history


def test_a_goals_history_names_whom_it_was_given_to(goal, bob, mo, client_of):
    client_of(bob).post(url("goal_offer", goal.pk), {"member": str(mo.pk), "role": "informed"})
    page = client_of(bob).get(reverse("goals:goal_history", args=["harbour", goal.pk])).content.decode()
    assert "asked Mo to be informed" in page


def test_a_matrix_of_200_rows_and_60_columns_stays_as_cheap_as_a_small_one(harbour, product, alice, now, client_of):
    """A page has 50 rows whatever there is: the queries are those of one row, the bytes are bounded."""

    def look(query=""):
        with CaptureQueriesContext(connection) as asked:
            page = client_of(alice).get(url("responsibility_matrix") + query)
        return page, len(asked)

    people = MemberFactory.create_batch(60, workspace=harbour)
    AssignmentFactory(responsibility=ResponsibilityFactory(workspace=harbour, title="000"), member=people[0])
    look()
    one = look()[1]
    rows = [Responsibility(workspace=harbour, team=product, title=f"Duty {number:03}") for number in range(199)]
    Responsibility.objects.bulk_create(rows)
    roles = ("responsible", "accountable", "consulted", "informed")
    cells = [
        (row, person, roles[(x + y) % 4])
        for y, row in enumerate(rows)
        for x, person in enumerate(people)
        if (x + y) % 3 == 0
    ]
    common = {"workspace": harbour, "status": "accepted", "offered_at": now, "answered_at": now}
    Assignment.objects.bulk_create(
        Assignment(responsibility=row, member=person, role=role, **common) for row, person, role in cells
    )
    for query in ("", "?columns=roles"):
        page, asked = look(query)
        assert asked <= one
        assert len(page.content) < 1_500_000
        assert len(gzip.compress(page.content)) < 100_000
    moment, chosen, after = queries.Moment(alice, now), queries.MatrixFilters(), ""
    seen: list[str] = []
    while after or not seen:
        found = queries.matrix(alice, chosen, moment, cursor=after)
        assert (len(found.columns), found.left_out) == (60, 0)
        seen += [line.title for line in found.lines]
        after = found.page.next
    assert (len(seen), seen) == (200, sorted(seen))


def test_who_becomes_a_guest_reads_no_more_of_what_they_no_longer_hold(duty_of_bob, bob, mo, alice, now, client_of):
    """Neither of an answer to what they offered, nor of a review: neither in the inbox nor in the bell."""
    inbox = reverse("notifications:notice_list", args=["harbour"])
    made = services.offer_assignment(duty_of_bob, {"member": mo, "role": "informed"}, by=bob, at=now)
    services.accept_assignment(made, by=mo, at=now)
    assert "Phone desk" in client_of(bob).get(inbox).content.decode()
    Notice.objects.filter(recipient=bob).update(read_at=None)
    services.withdraw_assignment(Assignment.objects.get(member=bob), by=alice, at=now)
    set_role(bob, role="guest", by=alice, at=now)
    assert client_of(bob).get(url("responsibility_detail", duty_of_bob.pk)).status_code == 404
    page = client_of(bob).get(inbox).content.decode()
    assert "Phone desk" not in page
    assert unread_count(bob) == 0
