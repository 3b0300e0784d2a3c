"""Digests: once a day and person, only what they may read, nothing where there is nothing."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.goals import services as goals
from apps.goals.access import visible_goals
from apps.goals.models import Contributor
from apps.goals.services.notices import ASK, CHECK_IN_DUE
from apps.notifications.models import Delivery, DeliverySchedule, Notice
from apps.notifications.services import MAIL_KINDS, set_reaches, sweep_notice_mails, update_schedule
from apps.notifications.services.delivery_schedules import make_schedules
from apps.notifications.services.messages import LARGEST_BYTES, as_reader, compose
from apps.notifications.services.outbox import claim_deliveries
from apps.notifications.services.sending import send_due_deliveries
from apps.routines.queries import new_check_ins
from apps.routines.services import KIND, queue_digests, render_digests, sweep_digests
from tests.factories import (
    AbsenceFactory,
    CheckInFactory,
    DeliveryFactory,
    GoalFactory,
    MemberFactory,
    StandInFactory,
    TeamMembershipFactory,
    UserFactory,
)
from tests.mails import whole

TUESDAY = datetime(2026, 3, 3, 18, 0, tzinfo=UTC)
MORNING = datetime(2026, 3, 4, 8, 30, tzinfo=UTC)  # a Wednesday
MONDAY = datetime(2026, 3, 9, 8, 30, tzinfo=UTC)


def planned(*people, at=TUESDAY):
    """People in UTC with a schedule, as of the evening before."""
    for member in people:
        member.user.timezone = "UTC"
        member.user.save()
    make_schedules(people, at=at)
    return people[0]


def mails(at=MORNING) -> list:
    """The digests that are sent now."""
    return [mail for row in claim_deliveries(at=at, limit=1_000) if row.kind == KIND and (mail := compose(row))]


def due_goal(owner, title="Answer every call", **fields):
    return GoalFactory(owner=owner, title=title, check_in_due_on=MORNING.date(), **fields)


def test_morning_digest_says_what_is_due_waits_came_up_and_was_said(bob, mo, lea, alice):
    planned(bob)
    goal = due_goal(bob)
    other = GoalFactory(owner=mo, workspace=bob.workspace, title="Quiet nights")
    Contributor.objects.create(workspace=bob.workspace, goal=other, member=bob)
    fields: goals.CheckInFields = {"note": "Two nights were loud.", "confidence": "at_risk"}
    goals.create_check_in(other, fields, readings={}, by=mo, at=TUESDAY)
    asking: goals.CheckInFields = {"note": "Fine.", "ask": "Can you lend us Ann?", "ask_to": bob}
    third = GoalFactory(owner=lea, workspace=bob.workspace, title="Third")
    goals.create_check_in(third, asking, readings={}, by=lea, at=TUESDAY)
    closed = GoalFactory(owner=alice, workspace=bob.workspace, title="Old one")
    Contributor.objects.create(workspace=bob.workspace, goal=closed, member=bob)
    goals.close_goal(closed, outcome="achieved", lesson="Start small.", by=alice, at=TUESDAY)
    assert queue_digests(at=MORNING) == (1, 1)
    (mail,) = mails()
    assert mail.subject == "Your day in Harbour: Wednesday 4 March"
    for said in (
        "Check in on “Answer every call” (today)",
        "Waiting for you",
        "Lea asks you something about “Third”",
        "Can you lend us Ann?",
        "“Old one” was closed: Achieved",
        "Mo checked in on “Quiet nights” (At risk)",
        "Two nights were loud.",
        "What matters most",
        f"/goals/{goal.pk}/check-in/",
        "because your notification settings send a digest on your working days",
    ):
        assert said in mail.body, said
    assert mail.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert Notice.objects.filter(recipient=bob, digested_at=None).exclude(kind=ASK).count() == 0


def test_who_covers_is_told_of_the_check_ins_that_are_due(bob, mo, lea):
    """Of those of the owner they stand in for alone, and only while they see the goal."""
    planned(mo)
    goal = due_goal(bob)
    StandInFactory(goal=goal, member=mo)
    StandInFactory(goal=due_goal(bob, "Not theirs"), member=mo, absent=lea)
    StandInFactory(goal=due_goal(bob, "Not seen", visibility="private"), member=mo)
    StandInFactory(goal=GoalFactory(owner=bob, title="Not yet", check_in_due_on=date(2026, 4, 1)), member=mo)
    secret = due_goal(bob, "Plumtree", visibility="private")
    Contributor.objects.create(workspace=bob.workspace, goal=secret, member=mo)
    StandInFactory(goal=secret, member=mo)
    assert queue_digests(at=MORNING) == (1, 1)
    (mail,) = mails()
    assert "Check in on “Answer every call” for Bob (today)" in mail.body
    assert "Check in on a private goal for Bob (today)" in mail.body
    assert f"/goals/{goal.pk}/check-in/" in mail.body
    assert not any(title in mail.body for title in ("Not theirs", "Not seen", "Not yet", "Plumtree"))
    set_reaches(mo, {CHECK_IN_DUE: "off"}, by=mo, at=MORNING)
    assert queue_digests(at=MORNING + timedelta(days=1)) == (1, 0)


def test_nothing_to_say_is_no_mail_and_one_s_own_doings_are_nothing(bob, product):
    planned(bob)
    goal = GoalFactory(owner=bob, title="Mine", check_in_due_on=date(2026, 4, 1))
    goals.create_check_in(goal, {"note": "I said it"}, readings={}, by=bob, at=TUESDAY)
    assert queue_digests(at=MORNING) == (1, 0)
    assert DeliverySchedule.objects.get(member=bob).next_digest_on == date(2026, 3, 5)


def test_private_goal_is_not_named_in_a_digest(bob, mo):
    planned(bob, mo)
    goal = due_goal(bob, "Plumtree", visibility="private")
    Contributor.objects.create(workspace=bob.workspace, goal=goal, member=mo)
    goals.create_check_in(goal, {"note": "Figtree"}, readings={}, by=bob, at=TUESDAY)
    type(goal).objects.update(check_in_due_on=MORNING.date())
    assert sweep_digests(at=MORNING) == 2
    for mail in mails():
        assert "a private goal" in mail.body
        assert "Plumtree" not in whole(mail)
        assert "Figtree" not in whole(mail)


def test_what_may_not_be_read_any_more_is_not_sent(bob, mo, care):
    """Between making and sending somebody leaves the goal: their digest says nothing of it."""
    planned(mo)
    goal = GoalFactory(owner=bob, title="Plumtree", visibility="private")
    named = Contributor.objects.create(workspace=bob.workspace, goal=goal, member=mo)
    goals.create_check_in(goal, {"note": "Figtree"}, readings={}, by=bob, at=TUESDAY)
    assert sweep_digests(at=MORNING) == 1
    named.delete()
    assert mails() == []


def test_kinds_that_are_off_stay_out(bob):
    planned(bob)
    due_goal(bob)
    set_reaches(bob, {CHECK_IN_DUE: "off"}, by=bob, at=TUESDAY)
    assert queue_digests(at=MORNING) == (1, 0)


def test_two_beats_and_a_day_without_one_make_one_digest_each(bob):
    planned(bob)
    due_goal(bob)
    assert [sweep_digests(at=MORNING), sweep_digests(at=MORNING), sweep_digests(at=MORNING + timedelta(hours=3))] == [
        1,
        0,
        0,
    ]
    late = MORNING + timedelta(days=1, hours=5)  # on Thursday beat came back at half past one
    assert [sweep_digests(at=late), sweep_digests(at=late)] == [1, 0]
    night = MORNING + timedelta(days=2, hours=12)  # on Friday only in the evening, in the quiet hours
    assert sweep_digests(at=night) == 0
    tuesday = MORNING + timedelta(days=6, hours=1)  # then not before Tuesday: that day's, and the week's of Monday
    assert [sweep_digests(at=tuesday), sweep_digests(at=tuesday)] == [1, 0]
    assert Delivery.objects.filter(kind=KIND).count() == 3
    assert Delivery.objects.get(kind=KIND, dedupe_key="2026-03-10").data["weekly"]
    assert not Delivery.objects.filter(kind=KIND, dedupe_key="2026-03-06").exists()


def test_digest_that_could_not_be_sent_on_its_day_is_dropped(bob):
    planned(bob)
    due_goal(bob)
    sweep_digests(at=MORNING)
    assert send_due_deliveries(at=MORNING + timedelta(days=1)) == {"dropped": 1}


def test_who_is_away_or_left_gets_none(bob, mo):
    planned(bob, mo)
    due_goal(bob)
    due_goal(mo, workspace=mo.workspace)
    AbsenceFactory(member=bob, starts_on=MORNING.date(), ends_on=MORNING.date())
    type(mo).objects.filter(pk=mo.pk).update(deactivated_at=TUESDAY)
    assert queue_digests(at=MORNING) == (2, 0)


def test_digest_takes_up_what_was_to_be_mailed_and_is_the_mail_of_that_hour(bob, lea):
    planned(bob)
    update_schedule(bob, {"quiet_from": time(19, 0), "quiet_until": time(8, 30)}, by=bob, at=TUESDAY)
    due_goal(bob)
    asking: goals.CheckInFields = {"note": "Fine.", "ask": "Can you?", "ask_to": bob}
    night = TUESDAY + timedelta(hours=4)
    goals.create_check_in(GoalFactory(owner=lea, workspace=bob.workspace), asking, readings={}, by=lea, at=night)
    assert sweep_digests(at=MORNING) == 1
    assert sweep_notice_mails(at=MORNING) == 0
    assert Delivery.objects.count() == 1


def test_weekly_digest_joins_the_morning_s_and_tells_leads_what_drifts(lea, bob, product, mo):
    planned(lea, bob, at=MONDAY - timedelta(days=3))
    GoalFactory(owner=bob, team=product, title="Drifter", confidence="off_track", check_in_due_on=date(2026, 3, 2))
    GoalFactory(owner=bob, team=product, title="Secret one", visibility="private", confidence="off_track")
    done = GoalFactory(owner=bob, team=product, title="Finished")
    goals.close_goal(done, outcome="achieved", lesson="Ask sooner.", by=bob, at=MONDAY - timedelta(days=2))
    GoalFactory(owner=mo, workspace=lea.workspace, title="Elsewhere", confidence="off_track")
    assert sweep_digests(at=MONDAY) == 2
    by_name = {mail.to[0]: mail for mail in mails(MONDAY)}
    leads = by_name[lea.user.email]
    assert leads.subject == "Your day and your week in Harbour: Monday 9 March"
    assert "In the teams you lead, 1 goal needs a look" in leads.body
    assert "Product in the last seven days" in leads.body
    assert "Ask sooner." in leads.body
    assert "needs a look" not in by_name[bob.user.email].body
    for mail in by_name.values():
        assert "Secret one" not in mail.body
        assert "Elsewhere" not in mail.body
    assert Delivery.objects.filter(kind=KIND).count() == 2


def test_guest_is_told_of_no_team(gus, product, bob):
    planned(gus, at=MONDAY - timedelta(days=3))
    TeamMembershipFactory(team=product, member=gus)
    GoalFactory(owner=bob, team=product, title="Drifter", due_on=MONDAY.date())
    assert sweep_digests(at=MONDAY) == 0


def test_digest_speaks_the_reader_s_language_and_day(bob):
    bob.user.language = "de"
    bob.user.timezone = "Pacific/Auckland"
    bob.user.save()
    make_schedules([bob], at=TUESDAY)
    due_goal(bob)
    at = datetime(2026, 3, 5, 8, 30, tzinfo=ZoneInfo("Pacific/Auckland")).astimezone(UTC)
    assert sweep_digests(at=at) == 1
    (mail,) = mails(at)
    assert "5. März" in mail.subject


def test_digests_written_together_are_those_written_alone(harbour, bob, mo, product):
    """Whatever language, time zone and day each reader has: at this moment it is three days on earth."""
    at = datetime(2026, 3, 4, 10, 30, tzinfo=UTC)
    rows = []
    zones = ("Pacific/Kiritimati", "Etc/GMT+12", "Europe/Berlin", "Pacific/Kiritimati", "Asia/Kathmandu", "Etc/GMT+12")
    for number, zone in enumerate(zones):
        user = UserFactory(timezone=zone, language=("de", "en")[number % 2])
        member = MemberFactory(workspace=harbour, user=user)
        TeamMembershipFactory(team=product, member=member, is_lead=number % 3 == 0)
        for days in range(-2, 3):
            GoalFactory(owner=member, check_in_due_on=at.date() + timedelta(days=days), due_on=at.date(), team=product)
        CheckInFactory(goal=due_goal(member), author=mo, author_name="Mo", made_at=at - timedelta(hours=3))
        data = {"day": member.today(at).isoformat(), "since": (at - timedelta(days=1)).isoformat(), "news": []}
        parts = {"daily": number != 1, "weekly": number != 2}
        rows.append(DeliveryFactory(workspace=harbour, recipient=member, kind=KIND, data=data | parts))
        rows[-1].updated_at = at
    make_schedules([row.recipient for row in rows], at=at)
    together = render_digests(rows)
    assert len({row.recipient.today(at) for row in rows}) == 3
    for row in rows:
        with as_reader(row):
            alone, written = MAIL_KINDS[KIND].render(row), together[row.pk]
        assert alone is not None
        assert _without_token(alone) == _without_token(written)
    assert len({message.subject for message in together.values() if message}) >= 5


def _without_token(message):
    return replace(message, unsubscribe=message.unsubscribe.split(":")[1])


def test_huge_digest_stays_small(bob, mo):
    planned(bob)
    for number in range(40):
        GoalFactory(owner=bob, title="🌊" * 300 + str(number), check_in_due_on=MORNING.date(), due_on=MORNING.date())
    for number in range(20):
        goal = GoalFactory(owner=bob, title=f"<b>&é {number} " * 20)
        CheckInFactory(goal=goal, author=mo, author_name="Mo", made_at=TUESDAY, note="<i>é&</i> " * 500)
    sweep_digests(at=MORNING)
    (mail,) = mails()
    assert len(mail.message().as_bytes()) < LARGEST_BYTES


@pytest.mark.parametrize("at", [MORNING, MONDAY], ids=["morning", "weekly"])
def test_queries_do_not_grow_with_the_people(harbour, product, at):
    counts = []
    for people in (3, 12):
        crowd = MemberFactory.create_batch(people, workspace=harbour)
        planned(*crowd, at=at - timedelta(hours=20) if at == MORNING else at - timedelta(days=2))
        for member in crowd:
            TeamMembershipFactory(team=product, member=member, is_lead=True)
            goal = due_goal(member, team=product)
            CheckInFactory(goal=goal, author=crowd[0], made_at=at - timedelta(hours=3))
            StandInFactory(goal=goal, member=crowd[crowd.index(member) - 1])
        with CaptureQueriesContext(connection) as queue:
            assert sweep_digests(at=at) == people
        rows = claim_deliveries(at=at, limit=people)
        with CaptureQueriesContext(connection) as write:
            assert all(render_digests(rows).values())
        counts.append((len(queue), len(write)))
        Delivery.objects.all().delete()
    assert counts[0] == counts[1]
    assert counts[1][0] < 35


def test_what_others_said_goes_to_each_contributor_but_its_author(bob, mo, lea, alice, harbour):
    """Only people who are due are named, whoever else contributes; nobody is told of their own words."""
    goal = GoalFactory(owner=alice, workspace=harbour)
    for member in (bob, mo, lea):
        Contributor.objects.create(workspace=harbour, goal=goal, member=member)
    CheckInFactory(goal=goal, author=mo, author_name="Mo", made_at=TUESDAY)
    asking = CheckInFactory(goal=goal, author=bob, author_name="Bob", made_at=TUESDAY, ask_to=lea, ask="Can you?")
    assert asking.answered_at is None
    found = new_check_ins([bob.pk, mo.pk], since=TUESDAY - timedelta(hours=1), until=MORNING)
    assert {(said.member_id, said.author) for said in found} == {(bob.pk, "Mo"), (mo.pk, "Bob")}
    found = new_check_ins([lea.pk], since=TUESDAY - timedelta(hours=1), until=MORNING)
    assert {(said.member_id, said.author) for said in found} == {(lea.pk, "Mo")}


def test_nobody_reads_of_a_goal_they_do_not_see(alice, adam, lea, bob, mo, gus, product, care):
    """Everybody in the cast, with goals of each visibility, owned, contributed to, in their teams and beside them."""
    cast = (alice, adam, lea, bob, mo, gus)
    planned(*cast, at=MONDAY - timedelta(days=3))
    yesterday = MONDAY - timedelta(days=1)
    for owner, team in ((bob, product), (lea, product), (mo, care), (alice, None)):
        for visibility in ("workspace", "team", "private") if team else ("workspace", "private"):
            fields = {"visibility": visibility, "confidence": "off_track", "confidence_since": yesterday.date()}
            goal = GoalFactory(
                owner=owner, workspace=owner.workspace, team=team, check_in_due_on=MONDAY.date(), **fields
            )
            CheckInFactory(goal=goal, author=adam, author_name="Adam", made_at=yesterday)
            Contributor.objects.create(workspace=owner.workspace, goal=goal, member=gus)
            for other in cast:
                if other != owner:
                    StandInFactory(goal=goal, member=other)
            goal.refresh_from_db()
    Contributor.objects.filter(member=gus, goal__visibility="team").delete()
    assert sweep_digests(at=MONDAY) >= 5
    by_address = {mail.to[0]: whole(mail) for mail in mails(MONDAY)}
    for member in cast:
        named = {UUID(pk) for pk in re.findall(r"/goals/([0-9a-f-]{36})/", by_address.get(member.user.email, ""))}
        assert named <= set(visible_goals(member).values_list("pk", flat=True)), member.name
    assert named
