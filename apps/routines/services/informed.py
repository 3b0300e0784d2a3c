"""What others did to the things one is informed on: the letter I of a responsibility or goal, put to work."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import partial
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _

from apps.core.urls import reverse_in
from apps.goals.models import Status
from apps.notifications.services.digest_parts import DigestRequest, Told
from apps.notifications.services.messages import Item, Section
from apps.routines.queries.informed import GOAL_CLOSED, TASK_COMPLETED, InformedNews, informed_news
from apps.routines.services.sections import members_of, quoted, section
from apps.workspaces.models import Member

PAGES = {GOAL_CLOSED: "goals:goal_detail", TASK_COMPLETED: "tasks:task_detail"}


def read_informed(asked: Sequence[DigestRequest], _today: date, at: datetime) -> Told:
    """What happened since the last digest to what each is informed on."""
    since = {each.member.pk: each.since for each in asked}
    members = members_of(asked)
    found: dict[UUID, list[InformedNews]] = defaultdict(list)
    for news in informed_news(members, since=min(since.values()), until=at):
        if news.at > since[news.member_id]:
            found[news.member_id].append(news)
    return {pk: partial(_informed, members[pk], those) for pk, those in found.items()}


def _informed(member: Member, news: Iterable[InformedNews]) -> list[Section]:
    return [section(_("You are informed"), [_line(member, each) for each in news])]


def _line(member: Member, news: InformedNews) -> Item:
    page = PAGES.get(news.kind, "responsibilities:responsibility_detail")
    url = settings.SITE_URL + reverse_in(member.workspace, page, news.pk)
    if news.kind == GOAL_CLOSED:
        if news.is_private:
            return Item(title=_("A private goal was closed"), url=url)
        title = _("%(goal)s was closed") % {"goal": quoted(news.title)}
        return Item(title=title, url=url, note=str(Status(news.outcome).label))
    name = quoted(news.title)
    if news.kind == TASK_COMPLETED:
        title = _("A task on a private goal is done") if news.is_private else _("%(task)s is done") % {"task": name}
        return Item(title=title, url=url)
    return Item(title=_("%(responsibility)s changed") % {"responsibility": name}, url=url)
