"""The morning digest: what is due, who waits for one, what came up, what others said, and what matters most."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import partial
from uuid import UUID

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.goals.models import Confidence
from apps.goals.services.notices import CHECK_IN_DUE, GOAL_DUE
from apps.notifications.models import Notice, Reach
from apps.notifications.services import KINDS, NoticeWords, read_notices
from apps.notifications.services.digest_parts import DigestPart, DigestRequest, Told
from apps.notifications.services.messages import Item, Section
from apps.notifications.services.preferences import reaches_among
from apps.routines import queries
from apps.routines.queries import DueGoal, DueTask, FocusGoal, NewCheckIn
from apps.routines.services.informed import read_informed
from apps.routines.services.sections import (
    SHOWN,
    TEXT_MAX,
    TITLE_MAX,
    cut,
    day_note,
    goal_url,
    members_of,
    quoted,
    section,
    since_note,
)
from apps.tasks.services.notices import TASK_DUE
from apps.workspaces.models import Member

Notices = list[tuple[Notice, Callable[[], NoticeWords]]]
"""Notices with what says their words in the active language."""
WANTED = (Reach.DIGEST, Reach.MAIL)
DUE_KINDS = (CHECK_IN_DUE, GOAL_DUE, TASK_DUE)
"""What the part “due” says itself, from goals and tasks, before their reminders are made."""


@dataclass
class DueThings:
    """What is due for one person; of all their tasks the first, beside them `beyond` more."""

    goals: list[DueGoal] = field(default_factory=list)
    tasks: list[DueTask] = field(default_factory=list)
    beyond: int = 0


def read_due(asked: Sequence[DigestRequest], today: date, _at: datetime) -> Told:
    """One's own goals whose check-in is due, or whose date is near or over, the due check-ins one covers, and one's
    tasks that are near their date or beyond it, as far as one wants to be told of it.
    """
    members = members_of(asked)
    reaches = reaches_among(DUE_KINDS, members)
    check_ins, dates, tasks = ({pk for pk, reach in reaches[kind].items() if reach in WANTED} for kind in DUE_KINDS)
    found: dict[UUID, DueThings] = defaultdict(DueThings)
    due = queries.due_goals(check_ins | dates, today=today)
    for goal in [*due, *queries.covered_goals(check_ins, today=today)]:
        checks_in = goal.check_in_due_on if goal.member_id in check_ins else None
        ends = goal.due_on if goal.member_id in dates else None
        if checks_in or ends:
            found[goal.member_id].goals.append(replace(goal, check_in_due_on=checks_in, due_on=ends))
    for task in queries.due_tasks(tasks, today=today, most=SHOWN):
        found[task.member_id].tasks.append(task)
        found[task.member_id].beyond = max(0, task.of_all - SHOWN)
    return {pk: partial(_due, members[pk], things, today) for pk, things in found.items()}


def _due(member: Member, due: DueThings, today: date) -> list[Section]:
    """All by its day, the longest first."""
    lines: list[tuple[date, Item]] = []
    for goal in due.goals:
        if goal.check_in_due_on:
            lines.append((goal.check_in_due_on, _check_in_line(member, goal, goal.check_in_due_on, today)))
        if goal.due_on:
            lines.append((goal.due_on, _goal_line(member, goal, goal.due_on, today)))
    lines += [(task.due_on, _task_line(member, task, today)) for task in due.tasks]
    items = [item for _day, item in sorted(lines, key=lambda line: line[0])]
    return [section(_("Due"), items, count=len(items) + due.beyond)]


def _check_in_line(member: Member, goal: DueGoal, day: date, today: date) -> Item:
    words = {"goal": quoted(goal.title), "name": goal.instead_of}
    title = _check_in_words(covers=bool(goal.instead_of), is_private=goal.is_private) % words
    url = goal_url(member, goal.pk, "goals:check_in_create")
    return Item(title=title, url=url, note=day_note(day, today), action=_("Check in"))


def _check_in_words(*, covers: bool, is_private: bool) -> str:
    if covers:
        return _("Check in on a private goal for %(name)s") if is_private else _("Check in on %(goal)s for %(name)s")
    return _("Check in on a private goal") if is_private else _("Check in on %(goal)s")


def _goal_line(member: Member, goal: DueGoal, day: date, today: date) -> Item:
    words = _("A private goal reaches its date") if goal.is_private else _("%(goal)s reaches its date")
    title, url = words % {"goal": quoted(goal.title)}, goal_url(member, goal.pk)
    return Item(title=title, url=url, note=day_note(day, today), action=_("Open the goal"))


def _task_line(member: Member, task: DueTask, today: date) -> Item:
    words = _("A task of a private goal is to be done") if task.is_private else _("%(task)s is to be done")
    title, url = words % {"task": quoted(task.title)}, goal_url(member, task.pk, "tasks:task_detail")
    return Item(title=title, url=url, note=day_note(task.due_on, today), action=_("Open the task"))


def read_waiting(asked: Sequence[DigestRequest], _today: date, at: datetime) -> Told:
    """What stands open in the inbox and asks something of them, however long ago it came."""
    kinds = [kind.name for kind in KINDS if (kind.act or kind.again) and kind.name not in DUE_KINDS]
    notices = Notice.objects.open().filter(
        recipient_id__in=[each.member.pk for each in asked], kind__in=kinds, reach__in=WANTED, created_at__lte=at
    )
    told = _read(notices.order_by("created_at", "pk"), members_of(asked), at=at)
    return {pk: partial(_waiting, those) for pk, those in told.items()}


def _waiting(told: Notices) -> list[Section]:
    return [section(_("Waiting for you"), _once(told, since=True))]


def read_news(asked: Sequence[DigestRequest], _today: date, at: datetime) -> Told:
    """The notices this digest takes up, but those that other parts speak of."""
    taken = [pk for each in asked for pk in each.news]
    kinds = [kind.name for kind in KINDS if not (kind.act or kind.again) and kind.name not in DUE_KINDS]
    notices = Notice.objects.open().filter(pk__in=taken, kind__in=kinds)
    told = _read(notices.order_by("-created_at", "-pk"), members_of(asked), at=at)
    return {pk: partial(_news, those) for pk, those in told.items()}


def _news(told: Notices) -> list[Section]:
    return [section(_("New for you"), _once(told, since=False))]


def _read(rows: Iterable[Notice], members: dict[UUID, Member], *, at: datetime) -> dict[UUID, Notices]:
    """Notices of several people with what says their words, by person; those that say nothing are left out."""
    notices = [notice for notice in rows if notice.recipient_id in members]
    for notice in notices:
        notice.recipient = members[notice.recipient_id]
    said = read_notices(notices, at=at)
    told: dict[UUID, Notices] = defaultdict(list)
    for notice in notices:
        if notice.pk in said:
            told[notice.recipient_id].append((notice, said[notice.pk]))
    return told


def _once(told: Notices, *, since: bool) -> list[Item]:
    """One line for each thing, also where it was said before and is said again; words that lines share only once."""
    lines: dict[tuple[str, UUID], Item] = {}
    before = ""
    for notice, say in told:
        if (notice.kind, notice.subject_id) in lines:
            continue
        said = say()
        came = timezone.localtime(notice.created_at).date()
        text = cut(said.quote or said.text, TEXT_MAX)  # what a person wrote, rather than what we say of it
        lines[notice.kind, notice.subject_id] = Item(
            title=cut(said.outside or said.title, TITLE_MAX + TEXT_MAX),
            text="" if text == before else text,
            url=settings.SITE_URL + said.url,
            note=since_note(came) if since else "",
        )
        before = text
    return list(lines.values())


def read_said(asked: Sequence[DigestRequest], _today: date, at: datetime) -> Told:
    """The newest check-in of others on each goal one owns or contributes to, since the last digest."""
    since = {each.member.pk: each.since for each in asked}
    members = members_of(asked)
    found: dict[UUID, dict[UUID, NewCheckIn]] = defaultdict(dict)
    for said in queries.new_check_ins(members, since=min(since.values()), until=at):
        if said.made_at > since[said.member_id]:
            found[said.member_id].setdefault(said.goal_id, said)
    return {pk: partial(_said, members[pk], list(those.values())) for pk, those in found.items()}


def _said(member: Member, check_ins: Iterable[NewCheckIn]) -> list[Section]:
    items = []
    for said in check_ins:
        words = _("%(name)s checked in on a private goal") if said.is_private else _("%(name)s checked in on %(goal)s")
        items.append(
            Item(
                title=words % {"name": said.author, "goal": quoted(said.title)},
                text="" if said.is_private else cut(said.note, TEXT_MAX),
                url=goal_url(member, said.goal_id),
                note=_confidence(said.confidence, is_private=said.is_private),
            )
        )
    return [section(_("What others said"), items)]


def read_focus(asked: Sequence[DigestRequest], _today: date, _at: datetime) -> Told:
    """The few goals of one's own that matter most: a reminder of where the day belongs."""
    members = members_of(asked)
    goals: dict[UUID, list[FocusGoal]] = defaultdict(list)
    for goal in queries.focus_goals(members):
        goals[goal.owner_id].append(goal)
    return {pk: partial(_focus, members[pk], those) for pk, those in goals.items()}


def _focus(member: Member, goals: Iterable[FocusGoal]) -> list[Section]:
    items = [
        Item(
            title=_("A private goal of yours") if goal.is_private else quoted(goal.title),
            url=goal_url(member, goal.pk),
            note=_confidence(goal.confidence, is_private=goal.is_private),
        )
        for goal in goals
    ]
    return [section(_("What matters most"), items)]


def _confidence(confidence: str | None, *, is_private: bool) -> str:
    return "" if is_private or not confidence else str(Confidence(confidence).label)


MORNING = (
    DigestPart("due", place=10, weekly=False, read=read_due),
    DigestPart("waiting", place=20, weekly=False, read=read_waiting),
    DigestPart("news", place=30, weekly=False, read=read_news),
    DigestPart("informed", place=40, weekly=False, read=read_informed),
    DigestPart("said", place=50, weekly=False, read=read_said),
    DigestPart("focus", place=60, weekly=False, read=read_focus, news=False),
)
