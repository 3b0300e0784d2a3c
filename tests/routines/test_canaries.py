"""No mail names what its reader may not see, and none names what is private: told by words that stand nowhere else.

Each thing people write gets a word of its own (a canary). Everybody is told of everything as bluntly as the tables
allow, also of what they may not see (any more). Then all that their mails say is searched for the words.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from apps.goals.access import visible_goals
from apps.goals.models import Goal
from apps.notifications.models import Notice
from apps.notifications.services import KINDS
from apps.responsibilities.access import visible_responsibilities
from apps.responsibilities.models import Responsibility
from apps.tasks.models import Task
from apps.workspaces.models import Member, Role, Team
from tests.digests import MONDAY, both_digests, live_in
from tests.factories import (
    AbsenceFactory,
    AssignmentFactory,
    CheckInFactory,
    ConsultationFactory,
    ContributorFactory,
    EventFactory,
    GoalFactory,
    HandoverFactory,
    MemberFactory,
    NoticeFactory,
    ResponsibilityFactory,
    StandInFactory,
    TaskFactory,
    TeamMembershipFactory,
)
from tests.mails import whole

pytestmark = pytest.mark.django_db

TODAY, NIGHT = MONDAY.date(), MONDAY - timedelta(hours=12)
AT_ONCE = 6
"""So many lines stand under a heading: of no more kinds is anybody told at once."""
OF_PARTY = {"handover", "cover", "why not"}
OF_ANYTHING = {"title", "task", "task done", "offer", "declined", "question", "view", *OF_PARTY}
OF_GOALS = {*OF_ANYTHING, "lesson", "note", "ask", "answer"}


@dataclass
class CanaryWorld:
    """A goal or a responsibility with all that hangs on it, the words in there, and what everybody is told of it.

    A word stands for what it is written in, and for whom a mail is to name it, where that is one person.
    """

    people: Sequence[Member]
    words: dict[str, tuple[str, Member | None]] = field(default_factory=dict)
    told: list[tuple[str, Member, Any, Any, dict[str, Any]]] = field(default_factory=list)

    def word(self, what: str, reader: Member | None = None) -> str:
        """A new word."""
        word = f"zq{len(self.words):03d}x"
        self.words[word] = (what, reader)
        return word

    def tell(self, kind: str, reader: Member, subject: Any, about: Any = None, **data: Any) -> None:
        """Put this into the reader's inbox, whether they may see it or not."""
        self.told.append((kind, reader, subject, about or subject, data))

    def mails(self, language: str) -> dict[str, str]:
        """All that is sent to each person, by name: of a few kinds at a time, so that no line is left out for room."""
        live_in(self.people, language, since=MONDAY - timedelta(days=3))
        said: dict[str, str] = defaultdict(str)
        for kinds in in_small_groups(sorted(kind.name for kind in KINDS)):
            Notice.objects.all().delete()
            for kind, reader, subject, about, data in self.told:
                if kind in kinds:
                    NoticeFactory(
                        recipient=reader,
                        kind=kind,
                        subject_id=subject.pk,
                        about_id=about.pk,
                        data=data,
                        created_at=NIGHT,
                    )
            for name, mail in both_digests(self.people).items():
                said[name] += whole(mail)
        return said

    def named(self, text: str) -> set[str]:
        """The words that stand in there."""
        return {word for word in self.words if word in text}


def in_small_groups(kinds: Sequence[str]) -> Iterator[Sequence[str]]:
    for first in range(0, len(kinds), AT_ONCE):
        yield kinds[first : first + AT_ONCE]


@pytest.fixture
def world(
    alice: Member, adam: Member, lea: Member, bob: Member, mo: Member, gus: Member, product: Team, eve: Member
) -> CanaryWorld:
    """Everybody; Mo leads another team, the guest is in the team too. Eve belongs to another workspace."""
    mo.memberships.update(is_lead=True)
    TeamMembershipFactory(team=product, member=gus)
    return CanaryWorld([alice, adam, lea, bob, mo, gus, eve])


def tell_all(world: CanaryWorld, thing: Goal | Responsibility, owner: Member, *, but: Sequence[Member] = ()) -> None:
    """Everybody has a part in the thing, and is told of it. `but` are those whose part somebody else has."""
    on: dict[str, Any] = {"workspace": owner.workspace}
    on["goal" if isinstance(thing, Goal) else "responsibility"] = thing
    for reader in world.people:
        if reader.workspace_id != owner.workspace_id:
            continue
        holder = MemberFactory(workspace=owner.workspace) if reader in but else reader
        AssignmentFactory(**on, member=holder, role="informed", status="accepted", answered_at=NIGHT)
        tell_of_roles(world, reader, holder, thing, on)
        tell_of_tasks(world, reader, holder, on)
        tell_of_handovers(world, reader, on)


def tell_of_roles(world: CanaryWorld, reader: Member, holder: Member, thing: Any, on: dict[str, Any]) -> None:
    """One role that is offered to them, one they offered that was declined."""
    other = MemberFactory(workspace=reader.workspace)
    offered = AssignmentFactory(**on, member=holder, offered_by=other, note=world.word("offer", reader))
    world.tell("assignment_offered", reader, offered, thing)
    refused = AssignmentFactory(
        **on, member=other, status="declined", offered_by=reader, answered_at=NIGHT, answered_by=other
    )
    refused.decline_reason = world.word("declined", reader)
    refused.save()
    world.tell("assignment_answered", reader, refused, thing, status="declined")


def tell_of_tasks(world: CanaryWorld, reader: Member, holder: Member, on: dict[str, Any]) -> None:
    """A task of theirs, one they wrote that is done, and what was asked and said about closing one."""
    other = MemberFactory(workspace=reader.workspace)
    title, description = world.word("task", reader), world.word("task's description")
    mine = TaskFactory(**on, assignee=holder, due_on=TODAY, title=title, description=description)
    world.tell("task_assigned", reader, mine)
    world.tell("task_due", reader, mine, due_on=str(TODAY))
    title = world.word("task done", reader)
    done = TaskFactory(**on, created_by=reader, status="done", closed_at=NIGHT, title=title)
    world.tell("task_completed", reader, done)
    about: dict[str, Any] = {"goal": on["goal"]} if on.get("goal") else {"goal": None, "task": mine}
    about |= {"workspace": reader.workspace, "asked_at": NIGHT}
    asked = ConsultationFactory(**about, member=reader, asked_by=other, question=world.word("question", reader))
    world.tell("consultation", reader, asked, asked.thing)
    view = ConsultationFactory(
        **about, member=other, asked_by=reader, answer=world.word("view", reader), answered_at=NIGHT
    )
    world.tell("consultation_answered", reader, view, view.thing)


def tell_of_handovers(world: CanaryWorld, reader: Member, on: dict[str, Any]) -> None:
    """A handover and a cover proposed to them, a cover that begins, one they gave that nobody took, one done."""
    other = MemberFactory(workspace=reader.workspace)
    taken = {**on, "from_member": other, "to_member": reader, "starts_on": TODAY}
    given = {**on, "from_member": reader, "to_member": other, "starts_on": TODAY}
    world.tell("handover_offered", reader, HandoverFactory(**taken, notes=world.word("handover", reader)))
    cover = {**taken, "kind": "cover", "ends_on": TODAY + timedelta(days=2)}
    world.tell("cover_offered", reader, HandoverFactory(**cover, notes=world.word("cover", reader)))
    begins = HandoverFactory(**cover, status="accepted", notes=world.word("cover that begins"))
    world.tell("cover_begins", reader, begins)
    refused = HandoverFactory(**given, status="declined", notes=world.word("declined handover"))
    refused.decline_reason = world.word("why not", reader)
    refused.save()
    world.tell("handover_answered", reader, refused, status="declined")
    done = HandoverFactory(**given, status="done", done_at=NIGHT, notes=world.word("handover done"))
    world.tell("handover_done", reader, done)


def tell_of_goal(world: CanaryWorld, goal: Goal, ended: Goal) -> None:
    """Check-ins that ask them, or answer what they asked; all that is told of a goal's dates and end."""
    assert goal.owner is not None
    due = {"due_on": str(goal.check_in_due_on)}
    for reader in world.people:
        for kind in ("check_in_due", "goal_quiet"):
            world.tell(kind, reader, goal, **due)
        world.tell("goal_due", reader, goal, due_on=str(goal.due_on))
        world.tell("goal_closed", reader, ended)
        if reader.workspace_id != goal.workspace_id:
            continue
        other = MemberFactory(workspace=reader.workspace, name="Ann")
        early: dict[str, Any] = {"goal": goal, "made_at": NIGHT - timedelta(minutes=1)}
        asks = CheckInFactory(
            **early, author=other, author_name="Ann", note="", ask_to=reader, ask=world.word("ask", reader)
        )
        world.tell("ask", reader, asks, goal)
        answered = CheckInFactory(**early, author=reader, note="", ask_to=other, ask=world.word("asked"))
        answered.answer, answered.answered_at = world.word("answer", reader), NIGHT
        answered.save()
        world.tell("ask_answered", reader, answered, goal)
        if reader != goal.owner:
            StandInFactory(goal=goal, member=reader)
    note = world.word("note")
    CheckInFactory(goal=goal, author=MemberFactory(workspace=goal.workspace), made_at=NIGHT, note=note)


def make_goal(world: CanaryWorld, visibility: str, owner: Member, team: Team, *named: Member) -> Goal:
    """A goal that is due, one that ended, and everybody told of both; `named` contribute."""
    common = {"owner": owner, "workspace": owner.workspace, "team": team, "visibility": visibility}
    goal, ended = (
        GoalFactory(
            **common,
            **fields,
            title=world.word("title"),
            reason=world.word("reason"),
            description=world.word("description"),
        )
        for fields in (
            {
                "due_on": TODAY,
                "check_in_due_on": TODAY,
                "confidence": "off_track",
                "confidence_since": TODAY,
                "importance": 5,
            },
            {"status": "achieved", "closed_at": NIGHT, "lesson": world.word("lesson")},
        )
    )
    for each in (goal, ended):
        for member in named:
            ContributorFactory(goal=each, member=member)
    tell_of_goal(world, goal, ended)
    tell_all(world, goal, owner)
    for reader in world.people:
        if reader.workspace_id == owner.workspace_id:
            AssignmentFactory(goal=ended, workspace=owner.workspace, member=reader, role="informed")
    tell_eve(world)
    return goal


def make_responsibility(world: CanaryWorld, team: Team, owner: Member, *, but: Sequence[Member]) -> Responsibility:
    """One that changed and is to be looked at again, and everybody told of it; `but` hold nothing of it."""
    row: Responsibility = ResponsibilityFactory(
        workspace=team.workspace,
        team=team,
        title=world.word("title"),
        description=world.word("description"),
        review_on=TODAY,
    )
    EventFactory(
        workspace=team.workspace,
        verb="responsibility.updated",
        subject_type="responsibility",
        subject_id=row.pk,
        at=NIGHT,
        actor=owner,
    )
    for reader in world.people:
        world.tell("responsibility_review_due", reader, row, review_on=str(TODAY))
        last_week = TODAY - timedelta(days=7)
        away = AbsenceFactory(member=reader, starts_on=last_week, ends_on=last_week)
        world.tell("welcome_back", reader, away)
    tell_all(world, row, owner, but=but)
    tell_eve(world)
    return row


def tell_eve(world: CanaryWorld) -> None:
    """Somebody of another workspace is told all that its owner is told."""
    owner, eve = world.people[0], world.people[-1]
    for kind, reader, *what in list(world.told):
        if reader == owner:
            world.told.append((kind, eve, *what))


def check(world: CanaryWorld, said: dict[str, str], seeing: set[str], nameable: set[str]) -> None:
    """Of the words only those of `nameable` stand in mails, and only in those of people who see the thing; there each
    one that is the reader's stands.
    """
    for reader in world.people:
        found = {word: world.words[word] for word in world.named(said.get(reader.name, ""))}
        if reader.name not in seeing:
            assert found == {}, reader.name
            continue
        assert {what for what, _whose in found.values()} <= nameable, reader.name
        if reader.is_guest:
            assert {whose for what, whose in found.values() if what in OF_PARTY} <= {reader}
        own = {what for what, whose in world.words.values() if whose == reader and what in nameable}
        assert {what for what, whose in found.values() if whose == reader} == own, reader.name
    everything = world.named("".join(said.values()))
    assert {world.words[word][0] for word in everything} == nameable


CASES = [
    ("workspace", False, {"Alice", "Adam", "Lea", "Bob", "Mo"}),
    ("workspace", True, {"Alice", "Adam", "Lea", "Bob", "Mo", "Gus"}),
    ("team", False, {"Lea", "Bob"}),
    ("team", True, {"Lea", "Bob", "Mo", "Gus"}),
    ("private", False, {"Bob"}),
    ("private", True, {"Bob", "Mo", "Gus"}),
]


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize(("visibility", "with_names", "seeing"), CASES)
def test_no_word_of_a_goal_reaches_who_does_not_see_it_nor_of_a_private_one_anybody(
    world: CanaryWorld,
    bob: Member,
    mo: Member,
    gus: Member,
    product: Team,
    *,
    visibility: str,
    with_names: bool,
    seeing: set[str],
    language: str,
) -> None:
    goal = make_goal(world, visibility, bob, product, *((mo, gus) if with_names else ()))
    assert seeing == {each.name for each in world.people if visible_goals(each).filter(pk=goal.pk).exists()}
    said = world.mails(language)
    check(world, said, seeing, set() if visibility == "private" else OF_GOALS)
    for reader in world.people:  # whoever sees it is told of it, by name or not, and nobody else is
        assert (str(goal.pk) in said.get(reader.name, "")) == (reader.name in seeing), reader.name


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("with_guest", [False, True], ids=["without", "with"])
def test_no_word_of_a_responsibility_reaches_a_guest_who_has_no_part_in_it(
    world: CanaryWorld, bob: Member, gus: Member, care: Team, *, with_guest: bool, language: str
) -> None:
    row = make_responsibility(world, care, bob, but=[] if with_guest else [gus])
    seeing = {"Alice", "Adam", "Lea", "Bob", "Mo"} | ({"Gus"} if with_guest else set())
    assert seeing == {each.name for each in world.people if visible_responsibilities(each).filter(pk=row.pk).exists()}
    check(world, world.mails(language), seeing, OF_ANYTHING)


def test_no_word_reaches_who_lost_sight_of_it(
    world: CanaryWorld, bob: Member, lea: Member, mo: Member, gus: Member, product: Team
) -> None:
    """What was told stands in the inbox; then one is no longer named, one leaves the team, one becomes a guest."""
    make_goal(world, "team", bob, product, mo, gus)
    before = world.mails("en")
    assert all(world.named(before[each.name]) for each in (lea, bob, mo, gus))
    mo.contributions.all().delete()
    gus.contributions.all().delete()
    lea.memberships.all().delete()
    Member.objects.filter(pk=lea.pk).update(role=Role.GUEST)
    for each in world.people:
        each.refresh_from_db()
    check(world, world.mails("en"), {"Bob"}, OF_GOALS)


def test_everything_one_can_be_told_is_told_here(world: CanaryWorld, bob: Member, product: Team) -> None:
    """Whoever adds a kind of news tells the canaries of it."""
    make_goal(world, "workspace", bob, product)
    make_responsibility(world, product, bob, but=())
    assert {kind for kind, *_rest in world.told} == {kind.name for kind in KINDS}
    assert Task.objects.exists()
