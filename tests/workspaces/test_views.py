"""The pages: what they show, whom they refuse, and that bad input gives an error at its field and changes nothing."""

from datetime import timedelta
from urllib.parse import urlencode

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.activity.models import Event
from apps.goals.models import Goal
from apps.workspaces import services
from apps.workspaces.models import Invitation, Member, Role, Team, TeamMembership, Value, Workspace
from tests.factories import (
    ContributorFactory,
    GoalFactory,
    InvitationFactory,
    MemberFactory,
    TeamFactory,
    TeamMembershipFactory,
    UserFactory,
    ValueFactory,
    WorkspaceFactory,
)
from tests.opened import send


def url(name, *args):
    return reverse(f"workspaces:{name}", args=["harbour", *args])


def text(response):
    return response.content.decode()


def joined(url):
    return url.rstrip("/").rsplit("/", 1)[-1]


# ---- the frame ---------------------------------------------------------------------------------------------------


def test_new_menu_offers_what_its_reader_may_make(adam, bob, gus, client_of):
    def offered(member):
        return [item["label"] for item in client_of(member).get(url("member_list")).context["new_menu"]]

    assert offered(bob) == ["Goal", "Task", "Responsibility"]
    assert offered(adam) == ["Goal", "Task", "Responsibility", "Cycle", "Team", "Invitation"]
    assert offered(gus) == []


# ---- people ------------------------------------------------------------------------------------------------------


def test_people_list_shows_active_people_with_teams(alice, lea, bob, product, client_of, harbour, now):
    MemberFactory(workspace=harbour, name="Gone Girl", deactivated_at=now)
    page = text(client_of(alice).get(url("member_list")))
    assert all(name in page for name in ("Alice", "Lea", "Bob", "Product"))
    assert "Gone Girl" not in page


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"q": "bo"}, {"Bob"}),
        ({"q": "LEA@example"}, {"Lea"}),
        ({"role": "owner"}, {"Alice"}),
        ({"status": "waiting"}, {"Imported"}),
        ({"status": "deactivated"}, {"Gone"}),
        ({"status": "all", "q": "o"}, {"Bob", "Gone", "Mo", "Imported", "Alice", "Lea"}),
        ({"q": "nobody at all"}, set()),
        ({"q": "%"}, set()),
    ],
)
@pytest.mark.usefixtures("lea", "bob", "mo")
def test_people_list_filters(alice, client_of, now, query, names):
    harbour = alice.workspace
    MemberFactory(workspace=harbour, name="Gone", deactivated_at=now)
    MemberFactory(workspace=harbour, name="Imported", user=None, email="")
    response = client_of(alice).get(url("member_list"), query)
    assert {person.name for person in response.context["page"].rows} == names


def test_people_list_filters_by_team_and_the_teams_beneath(alice, lea, bob, mo, web, product, client_of):
    TeamMembershipFactory(team=web, member=mo)
    response = client_of(alice).get(url("member_list"), {"team": str(product.pk)})
    assert {person.name for person in response.context["page"].rows} == {"Lea", "Bob", "Mo"}


def test_people_list_pages_through_everybody_once(alice, client_of, harbour):
    Member.objects.bulk_create(Member(workspace=harbour, name=f"P{number % 40}") for number in range(130))
    client, found, place = client_of(alice), [], ""
    while True:
        page = client.get(f"{url('member_list')}{place}").context["page"]
        found += [person.pk for person in page.rows]
        if not page.next:
            break
        place = f"?{urlencode({'after': page.next})}"
    assert len(found) == len(set(found)) == 131


def test_a_guest_lists_only_the_people_of_their_teams(alice, gus, mo, bob, care, client_of):
    TeamMembershipFactory(team=care, member=gus)
    response = client_of(gus).get(url("member_list"))
    assert {person.name for person in response.context["page"].rows} == {"Gus", "Mo"}


def test_person_page_shows_what_the_reader_sees(alice, lea, bob, product, goal, client_of):
    Member.objects.filter(pk=bob.pk).update(manager=lea)
    GoalFactory(owner=bob, title="Canary of bob", visibility="private")
    ContributorFactory(goal=GoalFactory(owner=lea, title="Short queues"), member=bob)
    ValueFactory(workspace=bob.workspace, member=bob, name="Canary value")
    page = text(client_of(alice).get(url("member_detail", bob.pk)))
    assert all(words in page for words in ("Bob", "Lea", "Product", "Answer every call", "Short queues"))
    assert "Canary" not in page
    own = text(client_of(bob).get(url("member_detail", bob.pk)))
    assert "Canary of bob" in own
    assert "Canary value" in own


def test_person_page_offers_only_what_the_reader_may(alice, lea, bob, client_of):
    edit, leave = url("member_edit", bob.pk), url("member_deactivate", bob.pk)
    for reader, may in ((alice, (True, True)), (bob, (True, False)), (lea, (False, False))):
        page = text(client_of(reader).get(url("member_detail", bob.pk)))
        assert (edit in page, leave in page) == may


def test_edit_person(alice, lea, bob, client_of):
    fields = {"name": "Bobby", "title": "Cook", "weekly_hours": "20", "manager": str(lea.pk)}
    response = send(client_of(alice), url("member_edit", bob.pk), fields)
    bob.refresh_from_db()
    assert response.status_code == 302
    assert (bob.name, bob.title, bob.weekly_hours, bob.manager) == ("Bobby", "Cook", 20, lea)


def test_edit_oneself_leaves_manager_and_address_alone(lea, bob, client_of):
    Member.objects.filter(pk=bob.pk).update(manager=lea)
    fields = {"name": "Bobby", "weekly_hours": "20", "manager": "", "email": "boss@example.org"}
    assert send(client_of(bob), url("member_edit", bob.pk), fields).status_code == 302
    bob.refresh_from_db()
    assert (bob.name, bob.manager, bob.email) == ("Bobby", lea, "bob@example.org")


def test_edit_keeps_a_manager_who_left(alice, lea, bob, client_of, now):
    Member.objects.filter(pk=bob.pk).update(manager=lea)
    Member.objects.filter(pk=lea.pk).update(deactivated_at=now)
    page = text(client_of(alice).get(url("member_edit", bob.pk)))
    assert page.count("<form") >= 1
    fields = {"name": "Bobby", "weekly_hours": "20", "manager": ""}
    assert send(client_of(alice), url("member_edit", bob.pk), fields).status_code == 302


HOSTILE = ["", " ", "x" * 201, "a\x00b", "\u202eevil", "\x1b[31m"]


@pytest.mark.parametrize("name", HOSTILE)
def test_edit_person_refuses_hostile_names_at_the_field(alice, bob, client_of, name):
    response = send(client_of(alice), url("member_edit", bob.pk), {"name": name, "weekly_hours": "20", "title": "X"})
    assert response.status_code == 200
    assert set(response.context["form"].errors) == {"name"}
    bob.refresh_from_db()
    assert (bob.name, bob.title) == ("Bob", "")


@pytest.mark.parametrize("hours", ["", "many", "-1", "169", "1e9", "NaN", "Infinity", "1.23", "9" * 5000])
def test_edit_person_refuses_hostile_hours_at_the_field(alice, bob, client_of, hours):
    response = send(client_of(alice), url("member_edit", bob.pk), {"name": "Bob", "weekly_hours": hours})
    assert set(response.context["form"].errors) == {"weekly_hours"}


@pytest.mark.parametrize(
    "manager", ["nonsense", "../..", "\x00", "00000000-0000-7000-8000-000000000000", "SELF", "EVE"]
)
def test_edit_person_refuses_hostile_managers_at_the_field(alice, bob, eve, client_of, manager):
    value = {"SELF": str(bob.pk), "EVE": str(eve.pk)}.get(manager, manager)
    fields = {"name": "Bob", "weekly_hours": "20", "manager": value, "title": "X"}
    response = send(client_of(alice), url("member_edit", bob.pk), fields)
    assert set(response.context["form"].errors) == {"manager"}
    bob.refresh_from_db()
    assert (bob.manager, bob.title) == (None, "")


def test_a_circle_in_the_reporting_line_changes_nothing_else_either(alice, lea, bob, client_of):
    Member.objects.filter(pk=lea.pk).update(manager=bob)
    fields = {"name": "Bobby", "weekly_hours": "20", "manager": str(lea.pk)}
    response = send(client_of(alice), url("member_edit", bob.pk), fields)
    assert set(response.context["form"].errors) == {"manager"}
    bob.refresh_from_db()
    assert bob.name == "Bob"


def test_script_in_a_name_is_shown_as_text(alice, bob, client_of):
    Member.objects.filter(pk=bob.pk).update(name="<script>alert(1)</script>", title="<img src=x onerror=alert(1)>")
    for page in (url("member_list"), url("member_detail", bob.pk), url("member_deactivate", bob.pk)):
        answer = text(client_of(alice).get(page))
        assert "<script>alert(1)" not in answer
        assert "<img src=x" not in answer
        assert "&lt;script&gt;" in answer


def test_change_a_role(alice, bob, client_of):
    assert send(client_of(alice), url("member_role", bob.pk), {"role": "admin"}).status_code == 302
    bob.refresh_from_db()
    assert bob.role == Role.ADMIN


@pytest.mark.parametrize("role", ["", "emperor", "owner"])
def test_roles_one_cannot_give_are_refused_at_the_field(adam, bob, client_of, role):
    response = send(client_of(adam), url("member_role", bob.pk), {"role": role})
    assert set(response.context["form"].errors) == {"role"}


def test_the_last_owner_is_told_so_at_the_field(alice, client_of):
    response = send(client_of(alice), url("member_role", alice.pk), {"role": "member"})
    assert "needs an owner" in str(response.context["form"].errors["role"])


def test_deactivate_lists_first_and_asks_for_each(alice, lea, bob, goal, client_of):
    GoalFactory(owner=bob, title="Canary", visibility="private")
    client = client_of(alice)
    page = text(client.get(url("member_deactivate", bob.pk)))
    assert "Answer every call" in page
    assert "Canary" not in page
    response = client.post(url("member_deactivate", bob.pk), {})
    assert set(response.context["form"].errors) == {f"goal-{goal.pk}"}
    bob.refresh_from_db()
    assert bob.is_active
    assert client.post(url("member_deactivate", bob.pk), {f"goal-{goal.pk}": str(lea.pk)}).status_code == 302
    goal.refresh_from_db()
    bob.refresh_from_db()
    assert (goal.owner, bob.is_active) == (lea, False)


@pytest.mark.parametrize(("rest", "owner"), [("leave", None), ("LEA", "Lea")])
def test_one_answer_for_all_the_rest(alice, lea, bob, client_of, goal, rest, owner):
    GoalFactory(owner=bob)
    data = {"rest": str(lea.pk) if rest == "LEA" else rest, f"goal-{goal.pk}": str(alice.pk)}
    assert client_of(alice).post(url("member_deactivate", bob.pk), data).status_code == 302
    goal.refresh_from_db()
    other = Event.objects.filter(verb="goal.updated").exclude(subject_id=goal.pk).get()
    assert goal.owner == alice
    assert other.data["changes"]["owner"][1] == (str(lea.pk) if owner else None)


def test_what_has_no_choice_of_its_own_follows_the_rest(alice, lea, bob, client_of, monkeypatch):
    monkeypatch.setattr("apps.workspaces.forms.people.FIELDS_MAX", 2)
    monkeypatch.setattr("apps.workspaces.forms.people.OPTIONS_MAX", 2)
    goals = [GoalFactory(owner=bob, title=f"Goal {number}") for number in range(4)]
    client, address = client_of(alice), url("member_deactivate", bob.pk)
    page = text(client.get(address))
    assert "2 more things" in page
    assert "Goal 3" not in page
    own = {f"goal-{goal.pk}": str(alice.pk) for goal in goals}
    assert set(client.post(address, own).context["form"].errors) == {"rest"}
    assert client.post(address, {**own, "rest": str(lea.pk)}).status_code == 302
    assert [Goal.objects.get(pk=goal.pk).owner for goal in goals] == [alice, alice, lea, lea]


@pytest.mark.parametrize("choice", ["nonsense", "\x00", "SELF", "EVE"])
def test_hostile_choices_change_nothing(alice, bob, eve, goal, client_of, choice):
    value = {"SELF": str(bob.pk), "EVE": str(eve.pk)}.get(choice, choice)
    response = client_of(alice).post(url("member_deactivate", bob.pk), {f"goal-{goal.pk}": value, "rest": value})
    assert response.status_code == 200
    bob.refresh_from_db()
    assert bob.is_active


def test_reactivate(alice, bob, client_of, now):
    services.deactivate_member(bob, choices={}, by=alice, at=now)
    assert client_of(alice).get(url("member_deactivate", bob.pk)).status_code == 302
    assert client_of(alice).post(url("member_reactivate", bob.pk)).status_code == 302
    bob.refresh_from_db()
    assert bob.is_active


def test_who_was_deactivated_finds_nothing(alice, bob, client_of, now):
    MemberFactory(user=bob.user)
    services.deactivate_member(bob, choices={}, by=alice, at=now)
    client = client_of(bob)
    for page in (url("member_list"), url("member_detail", alice.pk), url("welcome"), url("team_list")):
        assert client.get(page).status_code == 404


# ---- choosing among many -----------------------------------------------------------------------------------------


def test_options_are_few_and_visible(alice, gus, client_of, harbour):
    Member.objects.bulk_create(Member(workspace=harbour, name=f"Person {number:02}") for number in range(30))
    found = client_of(alice).get(url("member_options"), {"q": "person"}).json()["results"]
    assert len(found) == 20
    assert found[0]["label"] == "Person 00"
    assert set(found[0]) == {"value", "label", "detail"}
    assert [each["label"] for each in client_of(gus).get(url("member_options")).json()["results"]] == ["Gus"]


def test_options_begin_with_what_was_typed_first(alice, client_of, harbour):
    for name in ("Anna Bo", "Bo Anders", "Zed Bo"):
        MemberFactory(workspace=harbour, name=name, user=None)
    found = client_of(alice).get(url("member_options"), {"q": "bo", "also": "leave"}).json()["results"]
    assert [each["label"] for each in found][1:] == ["Bo Anders", "Anna Bo", "Zed Bo"]
    assert found[0]["value"] == "leave"


def test_team_options_leave_archived_and_hidden_teams_out(alice, gus, product, care, client_of, now):
    TeamFactory(workspace=alice.workspace, name="Products past", archived_at=now)
    assert [each["label"] for each in client_of(alice).get(url("team_options"), {"q": "prod"}).json()["results"]] == [
        "Product"
    ]
    assert client_of(gus).get(url("team_options")).json()["results"] == []


@pytest.mark.parametrize("query", ["%00", "x" * 9000, "%25", "_", "%E2%80%AE", "'; DROP TABLE", "%F0%9F"])
@pytest.mark.parametrize("name", ["member_options", "team_options", "member_list", "team_list"])
def test_any_search_is_answered(alice, product, client_of, name, query):
    assert client_of(alice).get(f"{url(name)}?q={query}&team={query}&which={query}&after={query}").status_code == 200


# ---- teams -------------------------------------------------------------------------------------------------------


def test_team_tree(alice, lea, product, web, care, client_of):
    response = client_of(alice).get(url("team_list"))
    roots = {node.team.name: node for node in response.context["tree"].roots}
    assert set(roots) == {"Product", "Care"}
    assert [node.team.name for node in roots["Product"].children] == ["Web"]
    assert ([each.name for each in roots["Product"].leads], roots["Product"].people) == (["Lea"], 1)


def test_a_huge_tree_is_cut_from_below(alice, product, web, client_of, monkeypatch):
    monkeypatch.setattr("apps.workspaces.queries.teams.TREE_MAX", 1)
    response = client_of(alice).get(url("team_list"))
    assert response.context["tree"].is_cut
    assert [node.team.name for node in response.context["tree"].roots] == ["Product"]
    assert "lowest levels are not shown" in text(response)


def test_team_search_and_archive(alice, product, web, client_of, now):
    services.archive_team(web, by=alice, at=now)
    client = client_of(alice)
    assert [node.team.name for node in client.get(url("team_list"), {"q": "PRO"}).context["nodes"]] == ["Product"]
    assert [node.team.name for node in client.get(url("team_list"), {"which": "archived"}).context["nodes"]] == ["Web"]


def test_team_page(alice, lea, bob, product, web, goal, client_of):
    GoalFactory(owner=bob, team=product, title="Canary", visibility="team")
    Team.objects.filter(pk=product.pk).update(purpose="To **make** it. <script>alert(1)</script>")
    page = text(client_of(alice).get(url("team_detail", product.pk)))
    assert all(words in page for words in ("Lea", "Bob", "Web", "Answer every call", "<strong>make</strong>"))
    assert "<script>alert(1)" not in page
    assert "Canary" not in page
    assert "Canary" in text(client_of(bob).get(url("team_detail", product.pk)))


def test_make_a_team_then_choose_its_people(alice, product, client_of):
    response = client_of(alice).post(url("team_create"), {"name": "Night", "parent": str(product.pk)})
    night = Team.objects.get(name="Night")
    assert response["Location"] == url("team_members", night.pk)
    assert night.parent == product


def test_a_lead_makes_teams_beneath_theirs_only(lea, product, web, care, client_of):
    client = client_of(lea)
    choices = dict(client.get(url("team_create"), {"parent": str(web.pk)}).context["form"].fields["parent"].choices)
    assert set(choices) == {str(product.pk), str(web.pk)}
    for parent in ("", str(care.pk)):
        response = client.post(url("team_create"), {"name": "Mine", "parent": parent})
        assert set(response.context["form"].errors) == {"parent"}
    assert client.post(url("team_create"), {"name": "Ours", "parent": str(web.pk)}).status_code == 302


def test_a_lead_edits_their_root_team_and_leaves_it_there(lea, product, client_of):
    assert send(client_of(lea), url("team_edit", product.pk), {"name": "Produce", "parent": ""}).status_code == 302
    product.refresh_from_db()
    assert (product.name, product.parent) == ("Produce", None)


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_team_names_are_refused_at_the_field(alice, product, client_of, name):
    for page in (url("team_create"), url("team_edit", product.pk)):
        response = client_of(alice).post(page, {"name": name})
        assert set(response.context["form"].errors) == {"name"}
    assert list(Team.objects.values_list("name", flat=True)) == ["Product"]


def test_a_huge_purpose_is_refused(alice, product, client_of):
    for size, status in ((50_001, 200), (10_000_000, 400)):
        response = send(client_of(alice), url("team_edit", product.pk), {"name": "Product", "purpose": "x" * size})
        assert response.status_code == status
    product.refresh_from_db()
    assert not product.purpose


def test_move_beneath_itself_is_refused_at_the_field(alice, product, web, client_of):
    response = send(client_of(alice), url("team_edit", product.pk), {"name": "Other", "parent": str(web.pk)})
    assert set(response.context["form"].errors) == {"parent"}
    product.refresh_from_db()
    assert product.name == "Product"


def test_choose_the_people_of_a_team(lea, bob, mo, product, client_of):
    data = {"leads": [str(lea.pk), str(mo.pk)], "members": [str(mo.pk)]}
    assert send(client_of(lea), url("team_members", product.pk), data).status_code == 302
    places = dict(TeamMembership.objects.filter(team=product).values_list("member__name", "is_lead"))
    assert places == {"Lea": True, "Mo": True}


@pytest.mark.parametrize("value", ["nonsense", "\x00", "EVE"])
def test_hostile_people_are_refused_at_the_field(alice, lea, eve, product, client_of, value):
    data = {"leads": [str(lea.pk)], "members": [str(eve.pk) if value == "EVE" else value]}
    response = send(client_of(alice), url("team_members", product.pk), data)
    assert set(response.context["form"].errors) == {"members"}


def test_guests_as_leads_are_refused_at_the_field(alice, gus, product, client_of):
    response = send(client_of(alice), url("team_members", product.pk), {"leads": [str(gus.pk)]})
    assert set(response.context["form"].errors) in ({"leads"}, {"__all__"}, {"members"})
    assert not TeamMembership.objects.filter(member=gus).exists()


def test_archive_and_restore_a_team(alice, product, web, client_of):
    client = client_of(alice)
    refused = client.post(url("team_archive", product.pk))
    assert refused.status_code == 400
    assert "This team has 1 sub-team" in text(refused)
    assert client.post(url("team_archive", web.pk)).status_code == 302
    web.refresh_from_db()
    assert web.archived_at is not None
    assert "Archived" in text(client.get(url("team_detail", web.pk)))
    assert client.post(url("team_archive", web.pk)).status_code == 302
    web.refresh_from_db()
    assert web.archived_at is None


# ---- values and settings -----------------------------------------------------------------------------------------


def test_values_shared_and_own(alice, bob, client_of):
    admin, member = client_of(alice), client_of(bob)
    admin.post(url("value_create"), {"name": "Candour", "shared": "1"})
    admin.post(url("value_create"), {"name": "Canary", "shared": "0"})
    member.post(url("value_create"), {"name": "Quiet", "shared": "1"})
    assert dict(Value.objects.values_list("name", "member__name")) == {
        "Candour": None,
        "Canary": "Alice",
        "Quiet": "Bob",
    }
    page = text(member.get(url("value_list")))
    assert "Candour" in page
    assert "Quiet" in page
    assert "Canary" not in page


def test_change_and_take_away_a_value(alice, client_of, harbour):
    value = ValueFactory(workspace=harbour, name="Speed")
    client = client_of(alice)
    assert send(client, url("value_edit", value.pk), {"name": "Care", "statement": "Slowly."}).status_code == 302
    assert "Remove" in text(client.get(url("value_delete", value.pk)))
    assert client.post(url("value_delete", value.pk)).status_code == 302
    assert not Value.objects.exists()


@pytest.mark.parametrize("name", [*HOSTILE, "SPEED"])
def test_hostile_values_are_refused_at_the_field(alice, harbour, client_of, name):
    ValueFactory(workspace=harbour, name="Speed")
    response = client_of(alice).post(url("value_create"), {"name": name, "shared": "1"})
    assert set(response.context["form"].errors) == {"name"}


SETTINGS = {
    "name": "Harbour",
    "slug": "harbour",
    "timezone": "Europe/Berlin",
    "cadence": "7",
    "working_days": ["1", "2"],
    "accountable_most": "7",
    "consult_days": "2",
}


def test_change_the_settings(alice, harbour, client_of):
    fields = {
        **SETTINGS,
        "name": "Port",
        "slug": "port",
        "cadence": "28",
        "working_days": ["6", "7"],
        "consult_days": "0",
    }
    response = send(client_of(alice), url("workspace_settings"), fields)
    harbour.refresh_from_db()
    assert response["Location"] == "/w/port/settings/"
    assert (harbour.name, harbour.cadence, harbour.working_days, harbour.consult_days) == ("Port", 28, [6, 7], 0)


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"name": "\x00"}, "name"),
        ({"slug": "../.."}, "slug"),
        ({"slug": "Ünïcode"}, "slug"),
        ({"slug": "elsewhere"}, "slug"),
        ({"slug": "x" * 61}, "slug"),
        ({"timezone": "Mars/Base"}, "timezone"),
        ({"timezone": "../../etc/passwd"}, "timezone"),
        ({"timezone": ""}, "timezone"),
        ({"cadence": "0"}, "cadence"),
        ({"cadence": "weekly"}, "cadence"),
        ({"working_days": []}, "working_days"),
        ({"working_days": ["8"]}, "working_days"),
        ({"working_days": ["Monday"]}, "working_days"),
        ({"accountable_most": "0"}, "accountable_most"),
        ({"consult_days": "-1"}, "consult_days"),
        ({"consult_days": "21"}, "consult_days"),
        ({"consult_days": "soon"}, "consult_days"),
    ],
)
def test_hostile_settings_are_refused_at_the_field(alice, eve, harbour, client_of, fields, wrong):
    response = send(client_of(alice), url("workspace_settings"), {**SETTINGS, "name": "New", **fields})
    assert set(response.context["form"].errors) == {wrong}
    assert Workspace.objects.get(pk=harbour.pk).name == "Harbour"


# ---- invitations -------------------------------------------------------------------------------------------------


def test_invite_a_pasted_list(adam, product, client_of):
    data = {"people": "Zoe <zoe@x.org>\nyan@x.org", "role": "guest", "team": str(product.pk)}
    response = client_of(adam).post(url("invitation_create"), data)
    assert response["Location"] == url("invitation_list")
    assert set(Invitation.objects.values_list("email", "role", "team__name")) == {
        ("zoe@x.org", "guest", "Product"),
        ("yan@x.org", "guest", "Product"),
    }
    page = text(client_of(adam).get(url("invitation_list")))
    assert "zoe@x.org" in page
    assert "Open" in page


def test_faulty_lines_are_named_and_nobody_is_invited(adam, client_of):
    response = client_of(adam).post(
        url("invitation_create"), {"people": "ok@x.org\n<script>\nalso bad", "role": "member"}
    )
    errors = response.context["invite"].errors
    assert set(errors) == {"people"}
    assert [message.split(":")[0] for message in errors["people"]] == ["Line 2", "Line 3"]
    assert not Invitation.objects.exists()


@pytest.mark.parametrize(
    ("data", "wrong"),
    [
        ({"people": ""}, "people"),
        ({"people": "a\x00@x.org"}, "people"),
        ({"people": "x" * 50_001}, "people"),
        ({"people": "a@x.org", "role": "owner"}, "role"),
        ({"people": "a@x.org", "team": "nonsense"}, "team"),
    ],
)
def test_hostile_invitations_are_refused_at_the_field(adam, client_of, data, wrong):
    response = client_of(adam).post(url("invitation_create"), {"role": "member", **data})
    assert set(response.context["invite"].errors) == {wrong}
    assert not Invitation.objects.exists()


def test_make_a_link_shown_once(adam, client_of):
    client = client_of(adam)
    page = text(client.post(url("invitation_create"), {"link": "1", "link-role": "member", "link-days": "7"}))
    token = page.split("/join/")[1].split("/")[0]
    assert token not in text(client.get(url("invitation_list")))
    assert services.accept_invitation(token, user=UserFactory(), at=timezone.now()).role == Role.MEMBER


@pytest.mark.parametrize(("data", "wrong"), [({"link-role": "admin"}, "role"), ({"link-days": "365"}, "days")])
def test_hostile_links_are_refused_at_the_field(adam, client_of, data, wrong):
    response = client_of(adam).post(
        url("invitation_create"), {"link": "1", "link-role": "member", "link-days": "7", **data}
    )
    assert set(response.context["link"].errors) == {wrong}


def test_invite_somebody_who_is_here_without_account(adam, harbour, client_of):
    imported = MemberFactory(workspace=harbour, user=None, name="Z. Ng", email="")
    page = f"{url('invitation_create')}?member={imported.pk}"
    assert "Z. Ng" in text(client_of(adam).get(page))
    assert set(client_of(adam).post(page, {"email": "bad"}).context["form"].errors) == {"email"}
    assert client_of(adam).post(page, {"email": "zoe@x.org"}).status_code == 302
    assert Invitation.objects.get().member == imported


def test_withdraw_and_send_again(adam, client_of):
    invitation = InvitationFactory(
        workspace=adam.workspace, invited_by=adam, email="zoe@x.org", expires_at=timezone.now()
    )
    client, before = client_of(adam), invitation.token_hash
    client.post(url("invitation_resend", invitation.pk))
    invitation.refresh_from_db()
    assert invitation.token_hash != before
    client.post(url("invitation_revoke", invitation.pk))
    invitation.refresh_from_db()
    assert invitation.revoked_at is not None
    again = client.post(url("invitation_resend", invitation.pk), follow=True)
    assert "no longer open" in text(again)


# ---- the way in --------------------------------------------------------------------------------------------------


def account(email, *, verified=True):
    user = UserFactory(email=email)
    EmailAddress.objects.create(user=user, email=email, verified=verified, primary=True)
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return user, client


def test_a_visitor_signs_up_first_and_comes_back(adam):
    invited = services.create_link(by=adam, at=timezone.now())
    page = f"/join/{joined(invited.url)}/"
    visitor = Client()
    answer = text(visitor.get(page))
    assert "Harbour" in answer
    assert reverse("account_signup") in answer
    assert visitor.session["invitation_token"] == joined(invited.url)
    visitor.force_login(UserFactory(), backend="django.contrib.auth.backends.ModelBackend")
    assert visitor.get("/")["Location"] == page
    assert "Join Harbour" in text(visitor.get(page))
    assert visitor.post(page)["Location"] == "/w/harbour/goals/"
    assert "invitation_token" not in visitor.session


def test_looking_at_an_invitation_does_not_accept_it(adam):
    invited = services.create_invitations("zoe@x.org", by=adam, at=timezone.now())[0]
    user, client = account("zoe@x.org")
    assert client.get(f"/join/{joined(invited.url)}/").status_code == 200
    assert not Member.objects.filter(user=user).exists()


@pytest.mark.parametrize(
    ("why", "status", "words"),
    [
        ("other", 403, "for another address"),
        ("revoked", 410, "was withdrawn"),
        ("expired", 410, "has expired"),
        ("accepted", 410, "used already"),
        ("unknown", 404, "no such invitation"),
    ],
)
def test_an_invitation_that_opens_nothing_says_why(adam, why, status, words):
    now = timezone.now()
    at = now - timedelta(days=15) if why == "expired" else now
    invited = services.create_invitations("zoe@x.org", by=adam, at=at)[0]
    page = f"/join/{'x' if why == 'unknown' else ''}{joined(invited.url)}/"
    if why == "revoked":
        services.revoke_invitation(invited.invitation, by=adam, at=now)
    elif why == "accepted":
        account("zoe@x.org")[1].post(page)
    user, client = account("late@x.org")
    response = client.post(page)
    assert response.status_code == status
    assert words in text(response)
    assert not Member.objects.filter(user=user).exists()


@pytest.mark.parametrize("token", ["%00", "..%2F..", "%E2%80%AE", "<script>", "x" * 2000])
def test_hostile_tokens_get_a_plain_answer(db, token):
    response = Client().get(f"/join/{token}/")
    assert response.status_code == 404


def test_home_without_a_workspace_makes_one(db):
    user, client = account("new@x.org")
    assert client.get("/")["Location"] == reverse("workspace_create")
    response = client.post(reverse("workspace_create"), {"name": "Choir Board", "timezone": "Europe/Lisbon"})
    assert response["Location"] == "/w/choir-board/welcome/"
    assert Member.objects.get(user=user).role == Role.OWNER


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"name": ""}, "name"),
        ({"name": "\x00"}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"timezone": "Mars"}, "timezone"),
    ],
)
def test_hostile_workspaces_are_refused_at_the_field(db, fields, wrong):
    _user, client = account("new@x.org")
    response = client.post(reverse("workspace_create"), {"name": "Choir", "timezone": "UTC", **fields})
    assert set(response.context["form"].errors) == {wrong}
    assert not Workspace.objects.exists()


def test_home_leads_to_the_one_workspace(bob, client_of):
    assert client_of(bob).get("/")["Location"] == "/w/harbour/goals/"


def test_home_lets_choose_and_remembers(bob, client_of, now):
    MemberFactory(user=bob.user, workspace=WorkspaceFactory(name="Rowing", slug="rowing"))
    MemberFactory(user=bob.user, workspace=WorkspaceFactory(name="Canary", slug="gone"), deactivated_at=now)
    client = client_of(bob)
    page = text(client.get("/"))
    assert "Rowing" in page
    assert "Canary" not in page
    assert client.get("/?to=rowing")["Location"] == "/w/rowing/goals/"
    assert client.get("/")["Location"] == "/w/rowing/goals/"
    assert client.get("/?to=elsewhere")["Location"] == "/w/rowing/goals/"
    assert client.get("/?choose=1").status_code == 200


# ---- the first five minutes --------------------------------------------------------------------------------------


def test_welcome_step_by_step(alice, client_of):
    client, page = client_of(alice), url("welcome")
    assert text(client.get(page)).count(">Done<") == 0
    assert client.post(page, {"step": "team", "name": "Bakery"}).status_code == 302
    assert client.post(page, {"step": "people", "people": "zoe@x.org"}).status_code == 302
    client.post(page, {"skip": "goal"})
    answer = text(client.get(page))
    assert (answer.count(">Done<"), answer.count(">Skipped<")) == (2, 1)
    assert Team.objects.get().name == "Bakery"
    GoalFactory(owner=alice, title="Bread by six")
    assert "Bread by six" in text(client.get(page))


def test_welcome_says_what_is_wrong(alice, client_of):
    client, page = client_of(alice), url("welcome")
    response = client.post(page, {"step": "people", "people": "nonsense"})
    assert "Line 1" in text(response)
    response = client.post(page, {"step": "team", "name": "\x00"})
    assert set(response.context["forms"]["team"].errors) == {"name"}
    assert client.post(page, {"step": "nonsense", "skip": "nonsense"}).status_code == 200


@pytest.mark.parametrize("name", ["bob", "gus"])
def test_welcome_offers_only_what_one_may(request, client_of, name):
    client = client_of(request.getfixturevalue(name))
    page = text(client.get(url("welcome")))
    assert 'name="people"' not in page
    client.post(url("welcome"), {"step": "people", "people": "zoe@x.org"})
    client.post(url("welcome"), {"step": "team", "name": "Mine"})
    assert not Invitation.objects.exists()
    assert not Team.objects.filter(name="Mine").exists()


# ---- the cost of a page ------------------------------------------------------------------------------------------


def _rows(product, leaver, alice, count):
    """More of everything that a page of alice, of leaver or of product lists."""
    workspace = alice.workspace
    for number in range(count):
        member = MemberFactory(workspace=workspace, manager=alice)
        MemberFactory(workspace=workspace, manager=leaver)
        team = TeamFactory(workspace=workspace, parent=product)
        TeamMembershipFactory(team=team, member=member, is_lead=True)
        TeamMembershipFactory(team=team, member=alice)
        TeamMembershipFactory(team=team, member=leaver, is_lead=True)
        TeamMembershipFactory(team=product, member=member, is_lead=number % 2 == 0)
        for person in (alice, leaver):
            ContributorFactory(goal=GoalFactory(owner=member, team=product), member=person)
            GoalFactory(owner=person, team=product)
        InvitationFactory(workspace=workspace, invited_by=alice, member=member)
        ValueFactory(workspace=workspace)
        ValueFactory(workspace=workspace, member=alice)


@pytest.mark.parametrize(
    ("name", "about", "most"),
    [
        ("member_list", None, 6),
        ("member_detail", "person", 10),
        ("member_edit", "person", 6),
        ("member_deactivate", "leaver", 16),
        ("team_list", None, 6),
        ("team_detail", "team", 12),
        ("team_members", "team", 8),
        ("invitation_list", None, 6),
        ("invitation_create", None, 6),
        ("value_list", None, 6),
        ("welcome", None, 10),
        ("member_options", None, 4),
        ("team_options", None, 4),
    ],
)
def test_pages_ask_the_same_number_of_queries_for_one_row_and_six(
    alice, product, client_of, django_assert_max_num_queries, name, about, most
):
    leaver = MemberFactory(workspace=alice.workspace)
    subject = {"person": alice, "leaver": leaver, "team": product}.get(about)
    address = url(name, *([subject.pk] if subject else []))
    client, counts = client_of(alice), []
    client.get(address)
    for more in (1, 5):
        _rows(product, leaver, alice, more)
        with django_assert_max_num_queries(most) as asked:
            assert client.get(address).status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1], counts
