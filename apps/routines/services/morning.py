"""The morning digest: what is due, who waits for one, what came up, what others said, and what matters most."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from uuid import UUID

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.goals.models import Confidence
from apps.goals.services.notices import CHECK_IN_DUE, GOAL_DUE
from apps.notifications.models import Notice, Reach
from apps.notifications.services import KINDS, Said, describe_notices
from apps.notifications.services.messages import Item
from apps.notifications.services.preferences import reach_among
from apps.routines import queries
from apps.routines.services.informed import gather_informed
from apps.routines.services.sections import (
    TEXT_MAX,
    TITLE_MAX,
    Asked,
    DigestPart,
    Sections,
    cut,
    day_note,
    goal_name,
    goal_url,
    section,
    since_note,
)
from apps.workspaces.models import Member

TOLD = (Reach.DIGEST, Reach.MAIL)
DUE_KINDS = (CHECK_IN_DUE, GOAL_DUE)
"""What the part “due” says itself, from the goals, before their reminders are made."""


def gather_due(asked: Sequence[Asked], today: date, _at: datetime) -> Sections:
    """One's own goals whose check-in is due, or whose date is near or over, and the due check-ins one covers, as far as
    one wants to be told of it.
    """
    members = {each.member.pk: each.member for each in asked}
    check_ins, dates = (_wanting(kind, members) for kind in DUE_KINDS)
    found: dict[UUID, list[Item]] = defaultdict(list)
    due = queries.due_goals(check_ins | dates, today=today)
    for goal in [*due, *queries.covered_goals(check_ins, today=today)]:
        member, name = members[goal.member_id], goal_name(goal.title, is_private=goal.is_private)
        if goal.check_in_due_on and member.pk in check_ins:
            found[member.pk].append(
                Item(
                    title=_check_in_words(goal.instead_of) % {"goal": name, "name": goal.instead_of},
                    url=goal_url(member, goal.pk, "goals:check_in_create"),
                    note=day_note(goal.check_in_due_on, today),
                )
            )
        if goal.due_on and member.pk in dates:
            found[member.pk].append(
                Item(
                    title=_("%(goal)s reaches its date") % {"goal": name},
                    url=goal_url(member, goal.pk),
                    note=day_note(goal.due_on, today),
                )
            )
    return {pk: [section(_("Due"), items)] for pk, items in found.items()}


def _check_in_words(instead_of: str) -> str:
    return _("Check in on %(goal)s for %(name)s") if instead_of else _("Check in on %(goal)s")


def _wanting(kind: str, members: Iterable[UUID]) -> set[UUID]:
    return {pk for pk, reach in reach_among(kind, list(members)).items() if reach in TOLD}


def gather_waiting(asked: Sequence[Asked], _today: date, at: datetime) -> Sections:
    """What stands open in the inbox and asks something of them, however long ago it came."""
    kinds = [name for name, kind in KINDS.items() if (kind.act or kind.again) and name not in DUE_KINDS]
    notices = Notice.objects.open().filter(
        recipient_id__in=[each.member.pk for each in asked], kind__in=kinds, reach__in=TOLD, created_at__lte=at
    )
    told = _described(notices.order_by("created_at", "pk"), {each.member.pk: each.member for each in asked}, at=at)
    return {pk: [section(_("Waiting for you"), _once(those, since=True))] for pk, those in told.items()}


def gather_news(asked: Sequence[Asked], _today: date, at: datetime) -> Sections:
    """The notices this digest takes up, but those that other parts speak of."""
    taken = [pk for each in asked for pk in each.news]
    kinds = [name for name, kind in KINDS.items() if not (kind.act or kind.again) and name not in DUE_KINDS]
    notices = Notice.objects.open().filter(pk__in=taken, kind__in=kinds)
    told = _described(notices.order_by("-created_at", "-pk"), {each.member.pk: each.member for each in asked}, at=at)
    return {pk: [section(_("New for you"), _once(those, since=False))] for pk, those in told.items()}


Told = list[tuple[Notice, Said]]


def _described(rows: Iterable[Notice], members: dict[UUID, Member], *, at: datetime) -> dict[UUID, Told]:
    """What notices of several people who share a language say, by person; those that say nothing are left out."""
    notices = [notice for notice in rows if notice.recipient_id in members]
    for notice in notices:
        notice.recipient = members[notice.recipient_id]
    said = describe_notices(notices, at=at)
    told: dict[UUID, Told] = defaultdict(list)
    for notice in notices:
        if notice.pk in said:
            told[notice.recipient_id].append((notice, said[notice.pk]))
    return told


def _once(told: Told, *, since: bool) -> list[Item]:
    """One line for each thing, also where it was said before and is said again."""
    lines: dict[tuple[str, UUID], Item] = {}
    for notice, said in told:
        came = timezone.localtime(notice.created_at).date()
        item = Item(
            title=cut(said.outside or said.title, TITLE_MAX + TEXT_MAX),
            text=cut(said.text, TEXT_MAX),
            url=settings.SITE_URL + said.url,
            note=since_note(came) if since else "",
        )
        lines.setdefault((notice.kind, notice.subject_id), item)
    return list(lines.values())


def gather_said(asked: Sequence[Asked], _today: date, at: datetime) -> Sections:
    """The newest check-in of others on each goal one owns or contributes to, since the last digest."""
    since = {each.member.pk: each.since for each in asked}
    members = {each.member.pk: each.member for each in asked}
    lines: dict[UUID, dict[UUID, Item]] = defaultdict(dict)
    for said in queries.new_check_ins(members, since=min(since.values()), until=at):
        if said.made_at <= since[said.member_id]:
            continue
        name = goal_name(said.title, is_private=said.is_private)
        title = _("%(name)s checked in on %(goal)s") % {"name": said.author, "goal": name}
        item = Item(
            title=title,
            text="" if said.is_private else cut(said.note, TEXT_MAX),
            url=goal_url(members[said.member_id], said.goal_id),
            note=_confidence(said.confidence, is_private=said.is_private),
        )
        lines[said.member_id].setdefault(said.goal_id, item)
    return {pk: [section(_("What others said"), list(items.values()))] for pk, items in lines.items()}


def gather_focus(asked: Sequence[Asked], _today: date, _at: datetime) -> Sections:
    """The few goals of one's own that matter most: a reminder of where the day belongs."""
    members = {each.member.pk: each.member for each in asked}
    items: dict[UUID, list[Item]] = defaultdict(list)
    for goal in queries.focus_goals(members):
        name = goal_name(goal.title, is_private=goal.is_private)
        url, note = goal_url(members[goal.owner_id], goal.pk), _confidence(goal.confidence, is_private=goal.is_private)
        items[goal.owner_id].append(Item(title=name, url=url, note=note))
    return {pk: [section(_("What matters most"), those)] for pk, those in items.items()}


def _confidence(confidence: str | None, *, is_private: bool) -> str:
    return "" if is_private or not confidence else str(Confidence(confidence).label)


MORNING = (
    DigestPart("due", weekly=False, gather=gather_due),
    DigestPart("waiting", weekly=False, gather=gather_waiting),
    DigestPart("news", weekly=False, gather=gather_news),
    DigestPart("informed", weekly=False, gather=gather_informed),
    DigestPart("said", weekly=False, gather=gather_said),
    DigestPart("focus", weekly=False, gather=gather_focus, news=False),
)
