"""A digest stays under its size, and says the same as text and as HTML, whatever people write."""

from collections.abc import Sequence
from datetime import timedelta
from email import message_from_bytes, policy
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from apps.goals.models import CheckIn, Contributor, Goal
from apps.notifications.services.messages import LARGEST_BYTES, Item, Section
from apps.routines.services.fitting import fitted
from apps.routines.services.sections import TITLE_MAX, cut
from apps.tasks.models import Task
from apps.workspaces.models import Member, Team, TeamMembership, Workspace
from tests.counts import times
from tests.digests import MONDAY, as_sent, both_digests, live_in
from tests.factories import CheckInFactory, GoalFactory, MemberFactory, TeamFactory, WorkspaceFactory

NIGHT, TODAY = MONDAY - timedelta(hours=12), MONDAY.date()
LOOK = (Phase.explicit, Phase.reuse, Phase.generate)  # making a failing world smaller takes minutes

any_letter = st.characters(exclude_categories=["Cs"], exclude_characters="\x00")
wild = st.one_of(
    st.sampled_from("🌊🧑‍🚀𠮷👩🏽‍💻"),
    st.sampled_from("<>&\"'=“%{}"),
    st.sampled_from("שלוםمرحبا\u202e\u2067\u200f"),
    st.sampled_from(" \t\n\r\x0b\x1b\x7f\x85\u2028\u00ad"),
    any_letter,
)
titles = st.one_of(
    st.text(wild, min_size=1, max_size=300),
    st.sampled_from(["🌊" * 1_000, "W" * 1_000, "&" * 1_000, "\x01" * 400, "ש" * 500, "a b " * 200, "𠮷 " * 300]),
).filter(lambda text: bool(text.strip()))
names = st.one_of(
    st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=40),
    st.sampled_from(["🌊" * 200, "&" * 200, "Ann"]),
).filter(lambda text: bool(text.strip()))
worlds = st.fixed_dictionaries(
    {
        "titles": st.lists(titles, min_size=1, max_size=8),
        "names": st.lists(names, min_size=3, max_size=8),
        "goals": st.integers(0, 12),
        "tasks": st.integers(0, 9),
        "teams": st.integers(1, 6),
        "language": st.sampled_from(["en", "de"]),
    }
)


class SizeWorld:
    """Two people, of whom one reads digests, in teams full of goals with these titles."""

    def __init__(self, given: dict[str, Any]) -> None:
        self.given = given
        self.workspace: Workspace = WorkspaceFactory(name=self.name(0)[:200], timezone="UTC")
        self.reader: Member = MemberFactory(workspace=self.workspace, name=self.name(1)[:200])
        self.other: Member = MemberFactory(workspace=self.workspace, name=self.name(2)[:200])
        live_in([self.reader], given["language"], since=MONDAY - timedelta(days=3))
        for number in range(given["teams"]):
            team = TeamFactory(workspace=self.workspace, name=self.name(3 + number)[:200])
            TeamMembership.objects.create(workspace=self.workspace, team=team, member=self.reader, is_lead=True)
            self._fill(team)

    def name(self, number: int) -> str:
        """One of the names."""
        return str(self.given["names"][number % len(self.given["names"])])

    def title(self, number: int) -> str:
        """One of the titles."""
        return str(self.given["titles"][number % len(self.given["titles"])])

    def _fill(self, team: Team) -> None:
        """Goals that are due, that drift and that ended, what was said about them, and tasks."""
        common: dict[str, Any] = {"workspace": self.workspace, "team": team}
        own = [
            Goal(
                **common,
                owner=self.reader,
                title=self.title(number),
                check_in_due_on=TODAY,
                due_on=TODAY,
                rank=number,
                confidence="off_track",
                confidence_since=TODAY,
            )
            for number in range(self.given["goals"])
        ]
        ended = [
            Goal(**common, owner=self.other, title=each.title, status="missed", closed_at=NIGHT, lesson=each.title)
            for each in own
        ]
        Goal.objects.bulk_create([*own, *ended])
        Contributor.objects.bulk_create(
            [Contributor(workspace=self.workspace, goal=goal, member=self.reader) for goal in ended]
        )
        CheckIn.objects.bulk_create(
            CheckIn(
                workspace=self.workspace,
                goal=goal,
                author=self.other,
                author_name=self.other.name,
                made_at=NIGHT,
                note=goal.title,
            )
            for goal in own
        )
        Task.objects.bulk_create(
            Task(workspace=self.workspace, goal=goal, assignee=self.reader, title=goal.title, due_on=TODAY)
            for goal in own[: self.given["tasks"]]
        )


class Lines(HTMLParser):
    """The lines of a digest's HTML as its text writes them, up to the foot."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.lines: list[str] = []
        self.href = self.place = ""
        card = html.partition('<div class="card">')[2]
        self.feed(card.partition('<div class="foot">')[0])

    def handle_starttag(self, tag: str, attributes: Sequence[tuple[str, str | None]]) -> None:
        """Where the next words stand."""
        if tag == "bdi":
            return
        named = dict(attributes)
        self.href = named.get("href") or self.href
        self.place = named.get("class") or ("text" if tag == "br" else tag)
        if tag == "td" and self.place == "td":
            self.lines.append("- ")

    def handle_endtag(self, tag: str) -> None:
        """The address follows the line, or the button."""
        if tag == "bdi":
            return
        if tag == "tr":
            self.lines.append(f"  {self.href}")
        elif tag == "a" and self.place == "button":
            self.lines.append(self.href)
        self.place = "" if tag != "td" else self.place

    def handle_data(self, words: str) -> None:
        """The words themselves."""
        if self.place == "item":
            self.lines[-1] += words
        elif self.place == "note":
            at = max(index for index, line in enumerate(self.lines) if line.startswith("- "))
            self.lines[at] += f" ({words})"
        elif self.place == "text":
            self.lines.append(f"  {words}")
        elif self.place == "button":
            self.lines.append(f"{words}:")
        elif self.place and words.strip():
            self.lines.append(words)


def both_parts(mail: bytes) -> tuple[list[str], list[str]]:
    """The lines of the text and of the HTML, up to the foot, as a mail program reads them."""
    message = message_from_bytes(mail, policy=policy.default)
    contents = {part.get_content_type(): part.get_content() for part in message.walk() if not part.is_multipart()}
    text, _foot = contents["text/plain"].replace("\r\n", "\n").split("\n-- \n")
    _workspace, *lines = Lines(contents["text/html"].replace("\r\n", "\n")).lines
    return [line for line in text.split("\n") if line.strip()], lines


FULL = {"goals": 12, "tasks": 9, "teams": 6, "names": ["🌊" * 200] * 8}


@pytest.mark.django_db
@settings(max_examples=times(200), deadline=None, phases=LOOK, suppress_health_check=list(HealthCheck))
@given(worlds)
@example({**FULL, "titles": ["🌊" * 1_000], "language": "de"})
@example({**FULL, "titles": ["&" * 1_000], "names": ["Ann"], "language": "en"})
@example({**FULL, "titles": ["A plain title of a goal"], "names": ["Ann"], "language": "en"})
def test_no_digest_is_larger_than_it_may_be_and_both_parts_say_the_same(given: dict[str, Any]) -> None:
    world = SizeWorld(given)
    mails = both_digests([world.reader])
    if not given["goals"]:
        assert mails == {}
        return
    mail = as_sent(mails[world.reader.name])
    assert len(mail) < LARGEST_BYTES
    text, html = both_parts(mail)
    assert text == html
    assert sum(line.startswith("- ") for line in text) > 0 or len(world.workspace.name) > TITLE_MAX


@pytest.mark.django_db
def test_an_ordinary_digest_has_room_for_all_its_lines() -> None:
    world = SizeWorld({**FULL, "titles": ["A plain title of a goal"], "names": ["Ann", "Bo", "Cy"], "language": "en"})
    mail = as_sent(both_digests([world.reader])["Bo"])
    text, _html = both_parts(mail)
    assert sum(line.startswith("- ") for line in text) > 30
    assert "There is more than fits into a mail." not in text


def test_what_does_not_fit_is_said(bob: Member) -> None:
    """The last part that is shown says that there is more; nothing is empty without a word."""
    line = Item(title="x" * 1_000, url="http://testserver/", text="y" * 1_000)
    sections = [Section(f"Part {number}", (line,) * 3, "And 2 more.") for number in range(9)]
    kept = fitted(sections, bob)
    assert 1 < len(kept) < 9
    assert all(section.items for section in kept)
    assert [section.more for section in kept] == [
        *["And 2 more."] * (len(kept) - 1),
        "There is more than fits into a mail.",
    ]
    huge = Item(title="x" * 40_000, url="http://testserver/")
    assert fitted([Section("Due", (huge,))], bob) == (Section("Due", (), "There is more than fits into a mail."),)
    assert fitted(sections[:1], bob) == (sections[0],)
    assert (
        fitted([*sections[:2], Section("Huge" * 9_000, (line,))], bob)[1].more == "There is more than fits into a mail."
    )


def test_a_part_without_a_line_keeps_what_it_says(lea: Member, bob: Member, product: Team) -> None:
    """A team whose goals were checked in on, with none worth naming."""
    live_in([bob], since=MONDAY - timedelta(days=3))
    goal = GoalFactory(owner=lea, workspace=bob.workspace, team=product)
    CheckInFactory(goal=goal, author=lea, made_at=NIGHT)
    assert "Product in the last seven days\n\n1 check-in on 1 goal.\n" in str(both_digests([bob])["Bob"].body)
    part = Section("Product in the last seven days", (), "1 check-in on 1 goal.")
    large = Section("Large", (Item(title="x" * 4_000, url="http://testserver/"),) * 2)
    assert fitted([part, large, part], bob) == (part, large, part)


def test_a_line_is_cut_without_what_hides_or_turns_other_text() -> None:
    assert cut("\u202eevil\u202c\x07 a\x0bb\u2028c\n d", 40) == "evil a b c d"
    assert cut("👩🏽‍💻 می‌خواهم", 40) == "👩🏽‍💻 می‌خواهم"
    assert len(cut("W" * 1_000, TITLE_MAX)) == TITLE_MAX
