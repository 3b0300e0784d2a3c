"""The goal page, and writing, changing, closing and reopening a goal, over HTTP."""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from apps.activity.models import Event
from apps.goals import services
from apps.goals.models import CheckIn, Goal, GoalSupport
from tests.factories import (
    CheckInFactory,
    ContributorFactory,
    CycleFactory,
    GoalFactory,
    KeyResultFactory,
    MemberFactory,
    TeamFactory,
    ValueFactory,
)

DAY = timedelta(days=1)


def url(goal, name="goal_detail"):
    """The address of a page of a goal."""
    return reverse(f"goals:{name}", args=[goal.workspace.slug, goal.pk])


def new_url(member, query=""):
    """The address of the form of a new goal."""
    return reverse("goals:goal_create", args=[member.workspace.slug]) + query


def text_of(response):
    """What a reader reads: the main part without tags, with single spaces."""
    body = response.content.decode()
    main = body[body.find("<main") :] if "<main" in body else body
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())


@pytest.fixture
def rich(goal, bob, lea, mo, care, spring, now):
    """A goal with everything on it."""
    parent = GoalFactory(title="Everybody is heard", owner=lea, cycle=spring)
    value = ValueFactory(workspace=bob.workspace, name="People before process")
    services.update_goal(
        goal,
        {
            "reason": "Who waits, leaves.",
            "description": "With a **rota**. <script>alert(1)</script>",
            "parent": parent,
            "contributors": [(mo, Decimal("6.5"))],
            "supporting_teams": [care],
            "values": [value],
            "labels": ["phone"],
            "url": "https://example.org/plan",
        },
        by=bob,
        at=now,
    )
    figure = services.create_key_result(
        goal, {"title": "Median wait", "start_value": Decimal(14), "target_value": Decimal(9), "unit": "days"},
        by=bob, at=now,
    )  # fmt: skip
    services.create_check_in(
        goal,
        {
            "confidence": "at_risk",
            "note": "Two days *off*.",
            "blockers": "The form.",
            "ask": "May we hire?",
            "ask_to": lea,
        },
        readings={figure.pk: Decimal("11.5")},
        by=bob,
        at=now + DAY,
    )
    GoalFactory(title="A rota for the phone", parent=goal, owner=mo, cycle=spring)
    return goal


# ---- the page ----


def test_page_shows_everything_about_the_goal(client_of, bob, rich):
    said = text_of(client_of(bob).get(url(rich)))
    for words in (
        "Answer every call", "Product", "Spring", "Rank 1 of 3", "Serves: People before process", "Bob", "At risk",
        "Who waits, leaves.", "Median wait", "14 days → 9 days", "50 % done", "Two days off .", "In the way:",
        "Asks Lea: May we hire?", "not answered yet", "A rota for the phone", "Everybody is heard", "6.5 h a week",
        "Care", "phone", "example.org/plan", "Clarity check", "5 of 5", "Every member of Harbour can read this",
        "Bob added the key result “Median wait”",
    ):  # fmt: skip
        assert words in said, words


def test_markdown_is_shown_and_cleaned(client_of, bob, rich):
    body = client_of(bob).get(url(rich)).content.decode()
    assert "<strong>rota</strong>" in body
    assert "<script>alert(1)" not in body


def test_titles_are_escaped(client_of, bob, goal):
    Goal.objects.filter(pk=goal.pk).update(title="<img src=x onerror=alert(1)>", labels=["<b>bold</b>"])
    body = client_of(bob).get(url(goal)).content.decode()
    assert "<img src=x" not in body
    assert "<b>bold" not in body


def actions_in(response):
    """The addresses of actions that the page offers."""
    found = set(
        re.findall(
            r'(?:href|action)="[^"]*?/(edit|close|reopen|activate|check-in|key-results/new|new)/',
            response.content.decode(),
        )
    )
    return found - {"new"}


def test_buttons_follow_the_rules(client_of, rich, bob, lea, alice, mo, adam, harbour):
    everything = {"edit", "close", "check-in", "key-results/new"}
    for member in (bob, lea, alice, adam):
        assert actions_in(client_of(member).get(url(rich))) == everything, member
    assert actions_in(client_of(mo).get(url(rich))) == {"check-in"}
    reader = MemberFactory(workspace=harbour)
    assert actions_in(client_of(reader).get(url(rich))) == set()


def test_contributor_checks_in_but_does_not_change(client_of, rich, mo):
    client = client_of(mo)
    assert client.get(url(rich, "check_in_create")).status_code == 200
    for name in ("goal_edit", "goal_close", "key_result_create"):
        assert client.get(url(rich, name)).status_code == 403


def test_draft_can_be_made_active_but_not_checked_in_on(client_of, bob, now):
    draft = services.create_goal({"title": "Draft", "status": "draft", "owner": bob}, by=bob, at=now)
    client = client_of(bob)
    assert actions_in(client.get(url(draft))) == {"edit", "close", "activate", "key-results/new"}
    client.post(url(draft, "goal_activate"))
    assert "check-in" in actions_in(client.get(url(draft)))


def test_closed_goal_says_first_how_it_ended(client_of, bob, rich, now):
    services.close_goal(rich, outcome="missed", lesson="We asked too late.", by=bob, at=now + 2 * DAY)
    response = client_of(bob).get(url(rich))
    said = text_of(response)
    assert said.index("We asked too late.") < said.index("Who waits, leaves.")
    assert actions_in(response) == {"edit", "reopen"}


def test_clarity_links_to_where_it_is_mended(client_of, bob, goal):
    body = client_of(bob).get(url(goal)).content.decode()
    assert f"{url(goal, 'goal_edit')}#id_reason" in body
    assert body.count(url(goal, "key_result_create")) >= 2


def test_readers_of_a_private_goal_are_named(client_of, bob, mo, goal, now):
    services.update_goal(goal, {"visibility": "private", "contributors": [(mo, None)]}, by=bob, at=now)
    assert "You and Mo can read this. Nobody else, no admin." in text_of(client_of(bob).get(url(goal)))


def test_readers_of_a_team_goal_are_named(client_of, lea, bob, goal, now):
    services.update_goal(goal, {"visibility": "team"}, by=bob, at=now)
    assert "You and Bob can read this: the team Product" in text_of(client_of(lea).get(url(goal)))


@pytest.mark.parametrize(
    "name",
    ["goal_detail", "goal_history", "goal_edit", "goal_close", "check_in_create", "check_in_list", "goal_people"],
)
@pytest.mark.parametrize("visibility", ["team", "private"])
def test_hidden_goal_is_as_absent(client_of, bob, alice, adam, goal, now, name, visibility):
    services.update_goal(goal, {"visibility": visibility}, by=bob, at=now)
    absent = reverse(f"goals:{name}", args=[goal.workspace.slug, uuid4()])
    for member in (alice, adam):
        client = client_of(member)
        answers = [client.get(url(goal, name)), client.get(absent)]
        assert [each.status_code for each in answers] == [404, 404]
        bodies = [
            re.sub(r'nonce="[^"]*"|[0-9a-f-]{36}|"X-CSRFToken": "[^"]*"|value="[^"]{64}"', "", a.content.decode())
            for a in answers
        ]
        assert bodies[0] == bodies[1]


# ---- nothing of what is hidden ----


@pytest.mark.parametrize(
    ("was", "readers", "others"),
    [("private", ["bob", "mo"], ["lea", "alice", "adam"]), ("team", ["bob", "lea"], ["alice"])],
)
def test_history_of_the_hidden_time_stays_with_those_who_could_read_it(
    request, client_of, goal, now, was, readers, others
):
    bob, mo = request.getfixturevalue("bob"), request.getfixturevalue("mo")
    hours = iter(range(1, 9))

    def change(**fields: Any) -> None:
        services.update_goal(goal, fields, by=bob, at=now + timedelta(hours=next(hours)))  # type: ignore[arg-type]

    if was == "private":
        change(contributors=[(mo, None)])
    change(visibility=was)
    change(reason="Told in confidence")
    change(visibility="workspace", reason="For everybody")
    change(reason="For all of us")

    for names, told in ((readers, True), (others, False)):
        for name in names:
            said = text_of(client_of(request.getfixturevalue(name)).get(url(goal, "goal_history")))
            assert "For all of us" in said
            assert ("Told in confidence" in said) is told, name


@pytest.fixture
def secrets(rich, bob, lea, mo, product, care, spring, now):
    """Hidden goals all around a visible one: above, beneath, before it in rank and in its history."""
    hidden = GoalFactory(title="Secret parent", owner=mo, team=care, visibility="team", cycle=spring, rank=1)
    child = GoalFactory(title="Secret child", owner=mo, team=care, visibility="team", parent=rich, cycle=spring, rank=2)
    KeyResultFactory(goal=child, title="Secret figure", current_value=90)
    services.update_goal(child, {"urgency": 2}, by=mo, at=now)
    old = Goal.objects.get(title="Everybody is heard")
    goal = GoalFactory(title="Moved about", owner=mo, team=care, parent=hidden, cycle=spring, rank=10**15)
    services.update_goal(goal, {"parent": old}, by=mo, at=now)
    services.update_goal(goal, {"parent": hidden}, by=mo, at=now)
    return goal


@pytest.mark.parametrize("who", ["bob", "lea", "alice"])
def test_nothing_of_hidden_goals_is_told(request, client_of, rich, secrets, who):
    client = client_of(request.getfixturevalue(who))
    for page in (
        url(rich),
        url(secrets),
        url(secrets, "goal_history"),
        url(rich, "goal_history"),
        url(rich, "check_in_list"),
    ):
        assert "Secret" not in client.get(page).content.decode()
    said = text_of(client.get(url(secrets)))
    assert "Helps to reach" not in said
    assert "Sub-goals" not in said or "Everybody is heard" in said


def test_hidden_goals_do_not_count_in_the_rank(client_of, rich, secrets, bob, mo):
    assert "Rank 1 of 4" in text_of(client_of(bob).get(url(rich)))
    assert "Rank 3 of 6" in text_of(client_of(mo).get(url(rich)))


def test_move_between_hidden_goals_leaves_no_line(client_of, secrets, bob, mo):
    mine = text_of(client_of(mo).get(url(secrets, "goal_history")))
    theirs = text_of(client_of(bob).get(url(secrets, "goal_history")))
    assert mine.count("changed the goal") == 2
    assert "Secret parent" in mine
    assert "Everybody is heard" in theirs


def test_check_in_on_a_parent_of_hidden_goals_looks_like_any_other(client_of, bob, mo, care, goal, now):
    child = GoalFactory(owner=mo, team=care, visibility="team", parent=goal)
    KeyResultFactory(goal=child, current_value=90)
    services.update_goal(child, {"urgency": 2}, by=mo, at=now)
    assert 'name="progress"' in client_of(bob).get(url(goal, "check_in_create")).content.decode()


def test_guest_is_not_told_the_roll_up(client_of, bob, gus, now):
    parent = GoalFactory(owner=bob, title="Answer every call")
    child = GoalFactory(owner=bob, parent=parent)
    KeyResultFactory(goal=child, current_value=77)
    services.update_goal(child, {"urgency": 2}, by=bob, at=now)
    ContributorFactory(goal=parent, member=gus)
    assert "77 %" not in client_of(gus).get(url(parent)).content.decode()
    assert "77 %" in client_of(bob).get(url(parent)).content.decode()
    form = client_of(gus).get(url(parent, "check_in_create")).content.decode()
    assert 'name="progress" value="0"' in form
    assert "77" not in re.sub(r"[0-9a-f-]{36}|[0-9a-zA-Z]{32,}", "", form.split("<main", 1)[1].split("</main>")[0])


def test_guest_sees_the_goal_that_names_them_without_links_into_the_workspace(client_of, rich, gus):
    ContributorFactory(goal=rich, member=gus)
    response = client_of(gus).get(url(rich))
    assert response.status_code == 200
    main = response.content.decode().split("<main", 1)[1].split("</main>")[0]
    assert "/people/" not in main
    assert "/teams/" not in main
    assert "A rota for the phone" not in main
    assert "Everybody is heard" not in main


# ---- bounded ----


def count_queries(client, address):
    """How many queries a page takes, once everything is warm."""
    client.get(address)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200
    return len(asked)


@pytest.mark.parametrize("who", ["bob", "lea", "alice", "mo"])
def test_page_takes_a_bounded_number_of_queries(request, client_of, who, bob, mo, care, spring, now):
    counts = []
    member = request.getfixturevalue(who)
    for size in (1, 6):
        goal = GoalFactory(owner=bob, cycle=spring, activated_at=now, parent=GoalFactory(owner=bob))
        rows = [KeyResultFactory(goal=goal) for _n in range(size)]
        for n in range(size):
            ContributorFactory(goal=goal, member=MemberFactory(workspace=bob.workspace))
            GoalSupport.objects.create(goal=goal, workspace=goal.workspace, team=TeamFactory(workspace=goal.workspace))
            GoalFactory(owner=bob, parent=goal, title=f"Child {n}")
            services.create_check_in(
                goal,
                {"ask": "?", "ask_to": mo},
                readings={row.pk: Decimal(n) for row in rows},
                by=bob,
                at=now + n * DAY,
            )
            services.update_goal(
                goal, {"team": care if n % 2 else None, "urgency": n % 5 + 1}, by=bob, at=now + n * DAY
            )
            services.update_goal(goal, {"contributors": [(mo, Decimal(n + 1))]}, by=bob, at=now + n * DAY)
        counts.append(count_queries(client_of(member), url(goal)))
    assert counts[0] == counts[1] <= 11


@pytest.mark.parametrize("name", ["goal_history", "check_in_list"])
def test_lists_take_a_constant_number_of_queries(client_of, bob, mo, name, now):
    counts = []
    for size in (1, 6):
        goal = GoalFactory(owner=bob, activated_at=now)
        row = KeyResultFactory(goal=goal)
        for n in range(size):
            services.create_check_in(goal, {"note": "x"}, readings={row.pk: Decimal(n)}, by=bob, at=now + n * DAY)
            services.update_goal(goal, {"contributors": [(mo, Decimal(n))]}, by=bob, at=now + n * DAY)
        counts.append(count_queries(client_of(bob), url(goal, name)))
    assert counts[0] == counts[1] <= 9


def test_history_writes_figures_as_its_reader_does(client_of, bob, goal, now):
    target = KeyResultFactory(goal=goal, start_value=0, target_value=1000)
    services.update_key_result(target, {"target_value": Decimal("1234567.25")}, by=bob, at=now)
    assert "1,000 → to 1,234,567.25" in text_of(client_of(bob).get(url(goal, "goal_history")))
    bob.user.language = "de"
    bob.user.save()
    assert "1.234.567,25" in text_of(client_of(bob).get(url(goal, "goal_history")))


def test_history_and_check_ins_are_paged(client_of, bob, goal, now):
    for n in range(45):
        services.create_check_in(goal, {"note": f"Note {n}."}, readings={}, by=bob, at=now + n * DAY)
    client = client_of(bob)
    for name, per_page in (("goal_history", 30), ("check_in_list", 20)):
        body = client.get(url(goal, name)).content.decode()
        assert body.count("<li><p><b>") == per_page or body.count('class="check-in-line"') == per_page
        found = re.search(r'rel="next" href="(\?after=[^"]+)"', body)
        assert found
        following = found.group(1)
        assert client.get(url(goal, name) + following.replace("&amp;", "&")).status_code == 200
        assert client.get(url(goal, name) + "?after=nonsense").status_code == 200


def test_chart_draws_at_most_sixty_readings(client_of, bob, goal, now):
    row = KeyResultFactory(goal=goal)
    for n in range(70):
        services.create_check_in(goal, {}, readings={row.pk: Decimal(n)}, by=bob, at=now + n * DAY)
    assert client_of(bob).get(url(goal)).content.decode().count('class="mark-dot"') == 60


# ---- writing ----


@pytest.fixture
def sent(lea, mo, product, care, spring, goal):
    """A whole form."""
    return {
        "title": "Nobody waits",
        "reason": "Waiting costs trust.",
        "description": "How.",
        "owner": str(lea.pk),
        "team": str(product.pk),
        "cycle": str(spring.pk),
        "parent": str(goal.pk),
        "person": [str(mo.pk), "", ""],
        "person_text": ["", "Bob", ""],
        "hours": ["4.5", "", ""],
        "supporting_teams": [str(care.pk)],
        "importance": "4",
        "urgency": "",
        "labels": "phone, care",
        "url": "example.org/plan",
        "starts_on": "2026-01-05",
        "due_on": "2026-03-20",
        "visibility": "workspace",
        "status": "active",
        "key": str(uuid4()),
    }


def test_form_writes_a_goal(client_of, bob, lea, mo, care, goal, sent):
    response = client_of(bob).post(new_url(bob), sent)
    made = Goal.objects.get(title="Nobody waits")
    assert response["Location"] == url(made)
    assert str(made.pk)[:13] == sent["key"][:13]  # the key's time
    assert (made.owner, made.team, made.cycle, made.parent) == (lea, goal.team, goal.cycle, goal)
    assert {c.member: c.hours_per_week for c in made.contributions.all()} == {mo: Decimal("4.5"), bob: None}
    assert (list(made.supporting_teams.all()), made.importance, made.urgency) == ([care], 4, None)
    assert (made.labels, made.url) == (["phone", "care"], "https://example.org/plan")


def test_form_sent_twice_makes_one_goal(client_of, bob, sent):
    client = client_of(bob)
    assert client.post(new_url(bob), sent)["Location"] == client.post(new_url(bob), sent)["Location"]
    assert Goal.objects.filter(title="Nobody waits").count() == 1


def test_title_alone_is_enough(client_of, bob):
    client_of(bob).post(new_url(bob), {"title": "Nobody waits", "visibility": "workspace", "status": "draft"})
    made = Goal.objects.get(title="Nobody waits")
    assert (made.status, made.owner, made.cycle) == ("draft", None, None)


def test_new_form_starts_beneath_its_parent(client_of, bob, goal, lea, now):
    services.update_goal(goal, {"visibility": "team"}, by=bob, at=now)
    body = client_of(lea).get(new_url(lea, f"?parent={goal.pk}")).content.decode()
    assert f'<option value="{goal.pk}" selected>' in body
    assert re.search(r'value="team"[^>]*checked', body)
    assert f'<option value="{lea.pk}" selected>Lea' in body


def test_new_form_starts_with_the_cycle_that_runs(client_of, bob):
    today = timezone.now().date()
    running = CycleFactory(workspace=bob.workspace, starts_on=today - 5 * DAY, ends_on=today + 5 * DAY)
    CycleFactory(workspace=bob.workspace, starts_on=today + 6 * DAY)
    assert f'<option value="{running.pk}" selected>' in client_of(bob).get(new_url(bob)).content.decode()


@pytest.mark.parametrize("query", ["?parent={hidden}", "?parent=nonsense", "?parent=%00", "?team=nonsense", "?parent="])
def test_new_form_ignores_a_parent_one_cannot_see(client_of, bob, mo, care, query):
    hidden = GoalFactory(title="Secret parent", owner=mo, team=care, visibility="team")
    response = client_of(bob).get(new_url(bob, query.format(hidden=hidden.pk)))
    assert response.status_code == 200
    assert "Secret" not in response.content.decode()


def test_guest_writes_no_goal(client_of, gus):
    client = client_of(gus)
    assert client.get(new_url(gus)).status_code == client.post(new_url(gus), {"title": "x"}).status_code == 403


BAD: dict[str, list[Any]] = {
    "title": ["", " ", "\u200f", "x" * 1001, "a\x00b"],
    "reason": ["x" * 50_001, "a\x00b"],
    "description": ["x" * 50_001, "a\x00b"],
    "owner": ["nonsense", "../../etc", "00000000-0000-0000-0000-000000000000", "\x00"],
    "owner_text": ["Nobody of that name", "a\x00b", "x" * 2000],
    "team": ["nonsense", "00000000-0000-0000-0000-000000000000"],
    "team_text": ["No such team", "\x00"],
    "cycle": ["nonsense", "00000000-0000-0000-0000-000000000000"],
    "parent": ["nonsense", "00000000-0000-0000-0000-000000000000"],
    "parent_text": ["No such goal"],
    "supporting_teams": ["nonsense", ["00000000-0000-0000-0000-000000000000"] * 60],
    "supporting_teams_text": ["No such team, nor this"],
    "person": [["nonsense"], ["00000000-0000-0000-0000-000000000000"]],
    "hours": [["many"], ["NaN"], ["Infinity"], ["1e400"], ["-1"], ["169"], ["1.23"], ["\x00"]],
    "importance": ["6", "0", "many", "\x00"],
    "urgency": ["-1", "1.5"],
    "values": ["nonsense", "00000000-0000-0000-0000-000000000000"],
    "labels": ["x" * 101, ",".join(str(n) for n in range(30)), "a\x00b"],
    "url": ["javascript:alert(1)", "not an address", "x" * 2001, "http://a\x00b"],
    "visibility": ["", "everyone", "\x00"],
    "status": ["achieved", "nonsense", ""],
    "starts_on": ["2026-02-30", "soon", "99999-01-01", "\x00", "2026-13-01", "0000-00-00"],
    "due_on": ["2025-01-01", "31.02.2026"],
    "key": ["nonsense", "\x00"],
}
AT = {
    "owner_text": "owner", "team_text": "team", "parent_text": "parent", "supporting_teams_text": "supporting_teams",
    "person": "contributors", "hours": "contributors",
}  # fmt: skip


@pytest.mark.parametrize(
    ("field", "value"), [(f, v) for f, vs in BAD.items() for v in vs], ids=lambda each: str(each)[:24]
)
def test_bad_input_is_answered_at_its_field(client_of, bob, harbour, sent, field, value):
    ValueFactory(workspace=harbour)
    before = Goal.objects.count()
    data = sent | {field: value}
    if field == "hours":
        data["person"] = [str(bob.pk)]
        data["person_text"] = [""]
    response = client_of(bob).post(new_url(bob), data)
    assert response.status_code == 422
    assert AT.get(field, field) in response.context["form"].errors
    assert Goal.objects.count() == before
    assert not Goal.objects.filter(title="Nobody waits").exists()


def test_what_was_written_stays_in_a_refused_form(client_of, bob, mo, sent):
    response = client_of(bob).post(new_url(bob), sent | {"due_on": "never", "reason": "<script>why</script>"})
    body = response.content.decode()
    assert "&lt;script&gt;why" in body
    assert f'<option value="{mo.pk}" selected>' in body
    assert 'value="4.5"' in body


def test_hostile_words_are_kept_as_words(client_of, bob, sent):
    title = "<script>alert(1)</script> \u202eabc ../../etc/passwd '; DROP TABLE"
    response = client_of(bob).post(new_url(bob), sent | {"title": title}, follow=True)
    assert Goal.objects.filter(title=title).exists()
    assert "<script>alert(1)" not in response.content.decode()


def test_ten_megabytes_are_refused_whole(client_of, bob, sent):
    response = client_of(bob).post(new_url(bob), sent | {"description": "x" * 10_000_000})
    assert response.status_code == 400
    assert not Goal.objects.filter(title="Nobody waits").exists()


def test_name_that_several_have_is_asked_again(client_of, bob, harbour, sent):
    ana = [MemberFactory(workspace=harbour, name="Ana Horn", user__email=f"ana{n}@example.org") for n in range(2)]
    response = client_of(bob).post(new_url(bob), sent | {"owner": "", "owner_text": "ana horn"})
    assert "Choose one of Ana Horn (ana0@example.org), Ana Horn (ana1@example.org)" in text_of(response)
    client_of(bob).post(new_url(bob), sent | {"owner": "", "owner_text": "ANA1@example.org"})
    assert Goal.objects.get(title="Nobody waits").owner == ana[1]


@pytest.mark.parametrize("who", ["eve", "dan"])
def test_only_people_of_the_workspace_who_are_there_can_be_named(request, client_of, bob, harbour, sent, now, who):
    dan = MemberFactory(workspace=harbour, name="Dan", deactivated_at=now)
    other = dan if who == "dan" else request.getfixturevalue("eve")
    for data in (
        {"owner": str(other.pk)},
        {"owner_text": other.name},
        {"person": [str(other.pk)], "person_text": [""]},
    ):
        response = client_of(bob).post(new_url(bob), sent | data)
        assert response.status_code == 422
        assert other.email not in response.content.decode()


def test_nobody_can_be_named_by_guessing_a_hidden_goal(client_of, bob, mo, care, sent):
    hidden = GoalFactory(title="Secret parent", owner=mo, team=care, visibility="team")
    for data in ({"parent": str(hidden.pk)}, {"parent": "", "parent_text": "Secret parent"}):
        response = client_of(bob).post(new_url(bob), sent | data)
        assert response.status_code == 422
        assert "Secret parent" not in re.sub(r'value="[^"]*"|“[^”]*”', "", response.content.decode())


def test_team_goal_written_for_another_team_is_saved_and_said_so(client_of, bob, mo, care, sent):
    data = sent | {
        "team": str(care.pk),
        "visibility": "team",
        "owner": str(mo.pk),
        "person": [""],
        "person_text": [""],
        "hours": [""],
        "parent": "",
        "supporting_teams": [],
    }
    response = client_of(bob).post(new_url(bob), data)
    assert Goal.objects.filter(title="Nobody waits", team=care).exists()
    assert response["Location"].endswith("/goals/")


# ---- changing ----


def form_data(client, goal):
    """What the browser would send back unchanged."""
    form = client.get(url(goal, "goal_edit")).context["form"]
    data: dict[str, Any] = {}
    for name in form.fields:
        value = form[name].value()
        if name == "contributors":
            data |= {"person": [str(m.pk) for m, _h in value or []], "hours": [str(h or "") for _m, h in value or []]}
        elif isinstance(value, list) and name != "labels":
            data[name] = [str(getattr(each, "pk", each)) for each in value]
        elif value is not None:
            data[name] = str(getattr(value, "pk", value))
    return data


def test_form_sent_back_unchanged_changes_nothing(client_of, bob, rich):
    client = client_of(bob)
    before = Goal.objects.filter(pk=rich.pk).values().get()
    events = Event.objects.count()
    assert client.post(url(rich, "goal_edit"), form_data(client, rich)).status_code == 302
    after = Goal.objects.filter(pk=rich.pk).values().get()
    assert {k: v for k, v in after.items() if k != "updated_at"} == {
        k: v for k, v in before.items() if k != "updated_at"
    }
    assert Event.objects.count() == events


def test_edit_says_from_what_to_what(client_of, bob, rich):
    client = client_of(bob)
    client.post(url(rich, "goal_edit"), form_data(client, rich) | {"title": "Answer all calls", "importance": "5"})
    said = text_of(client.get(url(rich, "goal_history")))
    assert "Title Answer every call → to Answer all calls" in said
    assert "Importance nothing → to 5" in said


def test_editor_does_not_meet_a_hidden_parent_nor_lose_it(client_of, bob, mo, care, rich):
    hidden = GoalFactory(title="Secret parent", owner=mo, team=care, visibility="team")
    Goal.objects.filter(pk=rich.pk).update(parent=hidden)
    client = client_of(bob)
    assert "Secret" not in client.get(url(rich, "goal_edit")).content.decode()
    client.post(url(rich, "goal_edit"), form_data(client, rich) | {"title": "Other"})
    rich.refresh_from_db()
    assert (rich.title, rich.parent_id) == ("Other", hidden.pk)


def test_guest_who_owns_a_goal_changes_its_words_only(client_of, rich, gus):
    Goal.objects.filter(pk=rich.pk).update(owner=gus)
    client = client_of(gus)
    assert "owner" not in client.get(url(rich, "goal_edit")).context["form"].fields
    forged = {"title": "Other", "owner": "", "visibility": "private", "team": ""}
    assert client.post(url(rich, "goal_edit"), form_data(client, rich) | forged).status_code == 302
    rich.refresh_from_db()
    assert (rich.title, rich.owner, rich.visibility, rich.team is not None) == ("Other", gus, "workspace", True)


def test_lead_is_told_at_the_field_that_privacy_is_the_owners(client_of, lea, rich):
    client = client_of(lea)
    response = client.post(url(rich, "goal_edit"), form_data(client, rich) | {"visibility": "private"})
    assert "visibility" in response.context["form"].errors


def test_readers_are_named_while_writing(client_of, bob, mo, product, care):
    address = reverse("goals:goal_readers", args=[bob.workspace.slug])
    client = client_of(bob)
    cases = [
        ({"visibility": "workspace"}, "Every member of Harbour can read this"),
        ({"visibility": "team"}, "Choose a team"),
        ({"visibility": "team", "team": product.pk, "owner": mo.pk}, "You and Mo can read this: the team Product"),
        (
            {"visibility": "private", "owner": bob.pk, "person": [mo.pk]},
            "You and Mo can read this. Nobody else, no admin.",
        ),
        ({"visibility": "private"}, "Nobody yet can read this"),
        ({"visibility": "nonsense", "team": "\x00", "owner": "x"}, "Every member"),
    ]
    for data, words in cases:
        assert words in text_of(client.get(address, data)), data


def test_one_more_row_for_a_person(client_of, bob):
    body = client_of(bob).get(reverse("goals:contributor_row", args=[bob.workspace.slug])).content.decode()
    assert body.count('name="person"') == body.count('name="hours"') == 1


# ---- closing ----


def test_earlier_check_ins_are_folded_unless_one_still_asks(client_of, bob, goal, now):
    CheckInFactory(goal=goal, made_at=now - timedelta(days=14), note="At first.", ask="May we?")
    CheckInFactory(goal=goal, made_at=now - timedelta(days=7))
    address = url(goal)
    assert '<details class="more-notices" id="earlier" open>' in client_of(bob).get(address).content.decode()
    CheckIn.objects.filter(note="At first.").update(answer="You may.", answered_at=now)
    page = client_of(bob).get(address).content.decode()
    assert '<details class="more-notices" id="earlier">' in page
    assert "At first." in page


def test_a_clear_goal_says_that_nothing_is_missing(client_of, bob, goal):
    address = url(goal)
    assert "Nothing is missing" not in client_of(bob).get(address).content.decode()
    goal.reason = "It matters."
    goal.save()
    KeyResultFactory(goal=goal)
    page = client_of(bob).get(address)
    assert [check.name for check in page.context["page"].clarity if not check.met] == []
    assert "Nothing is missing" in page.content.decode()


def test_close_asks_for_outcome_and_lesson(client_of, bob, rich):
    response = client_of(bob).post(url(rich, "goal_close"), {})
    assert set(response.context["form"].errors) == {"outcome", "lesson"}
    for data in (
        {"outcome": "won", "lesson": "x"},
        {"outcome": "missed", "lesson": "x" * 50_001},
        {"outcome": "missed", "lesson": "\x00"},
    ):
        assert client_of(bob).post(url(rich, "goal_close"), data).status_code == 422
    assert not Goal.objects.get(pk=rich.pk).is_closed


def test_close_says_what_is_still_open(client_of, bob, rich):
    said = text_of(client_of(bob).get(url(rich, "goal_close")))
    assert "1 key result is not reached: Median wait 11.5 days → 9 days" in said
    assert "1 sub-goal is still open" in said
    assert "A rota for the phone" in said


def test_close_and_reopen(client_of, bob, rich):
    client = client_of(bob)
    response = client.post(url(rich, "goal_close"), {"outcome": "achieved", "lesson": "Ask early."}, follow=True)
    assert "The goal is closed." in response.content.decode()
    again = client.post(url(rich, "goal_close"), {"outcome": "missed", "lesson": "x"})
    assert again.status_code == 422
    response = client.post(url(rich, "goal_reopen"), follow=True)
    assert "The goal is open again." in response.content.decode()
    assert not Goal.objects.get(pk=rich.pk).is_closed
    assert "This goal is not closed." in client.post(url(rich, "goal_reopen"), follow=True).content.decode()


@pytest.mark.parametrize("name", ["goal_reopen", "goal_activate"])
def test_actions_take_post_only(client_of, bob, rich, name):
    assert client_of(bob).get(url(rich, name)).status_code == 405
