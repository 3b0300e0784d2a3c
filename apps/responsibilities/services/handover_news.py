"""What people read of handovers and covers. It is asked when it is read, so it is never out of date."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.urls import reverse_in
from apps.goals.access import sees_goal
from apps.goals.models import Goal, Visibility
from apps.goals.services.reminder_mail import QUOTE_MAX, TITLE_MAX, day_words, shortened
from apps.notifications.models import Notice, Reach
from apps.notifications.services import NoticeKind, Said
from apps.responsibilities.models import Handover, HandoverStatus
from apps.responsibilities.services import handover_notices as notices
from apps.responsibilities.services.handovers import accept_handover
from apps.workspaces.models import Absence, Member

PROPOSED = (HandoverStatus.PROPOSED,)


def describe_handover_offers(told: Sequence[Notice], _at: datetime) -> dict[UUID, Said]:
    """What one is asked to take over for good, while it waits for an answer."""
    return {
        notice.pk: _said(
            handover,
            title=_("%(name)s asks you to take over %(thing)s from %(day)s"),
            words={"name": handover.proposed_by.name, "day": day_words(handover.starts_on)},
            text=shortened(handover.notes, QUOTE_MAX) or _("The brief shows the last check-ins and the open tasks."),
            action=_("Accept"),
            reason=_("You get this because it was proposed to you. It ends when you answer."),
        )
        for notice, handover in _seen(told, status__in=PROPOSED)
        if handover.to_member_id == notice.recipient_id
    }


def describe_cover_offers(told: Sequence[Notice], _at: datetime) -> dict[UUID, Said]:
    """What one is asked to cover, while it waits for an answer."""
    return {
        notice.pk: _said(
            cover,
            title=_("Will you cover %(thing)s for %(name)s, %(first)s to %(last)s?"),
            words={
                "name": cover.from_member.name,
                "first": day_words(cover.starts_on),
                "last": day_words(cover.ends_on),
            },
            text=shortened(cover.notes, QUOTE_MAX) or _("The brief shows the last check-ins and the open tasks."),
            action=_("Accept"),
            reason=_("You get this because you were asked to cover. It ends when you answer."),
        )
        for notice, cover in _seen(told, status__in=PROPOSED)
        if cover.to_member_id == notice.recipient_id
    }


def describe_answers(told: Sequence[Notice], _at: datetime) -> dict[UUID, Said]:
    """How what was proposed was answered, as it still stands."""
    return {
        notice.pk: _said(
            handover,
            title=_answer(notice, handover),
            words={"name": handover.to_member.name},
            text=shortened(handover.why_declined, QUOTE_MAX),
            action=_("Open"),
            reason=_("You get this because you give, proposed or were asked to take it."),
        )
        for notice, handover in _seen(told)
        if handover.status == notice.data.get("status")
    }


def _answer(notice: Notice, handover: Handover) -> str:
    if handover.status == HandoverStatus.ACCEPTED:
        return _("%(name)s will cover %(thing)s") if handover.is_cover else _("%(name)s will take over %(thing)s")
    if notice.recipient_id == handover.to_member_id:
        return _("You need not take %(thing)s any more")
    return _("%(name)s does not cover %(thing)s") if handover.is_cover else _("%(name)s does not take over %(thing)s")


def describe_done(told: Sequence[Notice], _at: datetime) -> dict[UUID, Said]:
    """That something passed from one to the other."""
    return {
        notice.pk: _said(
            handover,
            title=_("%(thing)s has passed from %(giver)s to %(name)s"),
            words={"giver": handover.from_member.name, "name": handover.to_member.name},
            text=_("Roles, hours and the tasks that were chosen moved with it."),
            action=_("Open"),
            reason=_("You get this because you gave or took it."),
        )
        for notice, handover in _seen(told, status=HandoverStatus.DONE)
    }


def describe_beginnings(told: Sequence[Notice], _at: datetime) -> dict[UUID, Said]:
    """That one covers from tomorrow on, with the way to the brief, while the cover stands."""
    found = {}
    for notice, cover in _seen(told, status=HandoverStatus.ACCEPTED):
        page = _page(cover)
        found[notice.pk] = Said(
            title=_("You cover for %(name)s from %(first)s to %(last)s")
            % {
                "name": cover.from_member.name,
                "first": day_words(cover.starts_on),
                "last": day_words(cover.ends_on),
            },
            text=_("Until then you act in their place, and are reminded of their check-ins. All returns by itself."),
            action=_("Read the brief"),
            url=page,
            about=_absence_name(cover.from_member),
            about_url=page,
            reason=_("You get this because you accepted to cover."),
        )
    return found


def describe_returns(told: Sequence[Notice], _at: datetime) -> dict[UUID, Said]:
    """Welcome back, with the list to catch up with."""
    rows = Absence.objects.filter(pk__in=[notice.subject_id for notice in told])
    absences: dict[UUID, Absence] = {row.pk: row for row in rows.select_related("workspace")}
    found = {}
    for notice in told:
        absence = absences.get(notice.subject_id)
        if absence is None or absence.member_id != notice.recipient_id:
            continue
        page = reverse_in(absence.workspace, "responsibilities:absence_catch_up", absence.pk)
        found[notice.pk] = Said(
            title=_("Welcome back"),
            text=_("What you hold is yours again. See what was said, done and decided on it while you were away."),
            action=_("Catch up"),
            url=page,
            about=_("Your absence until %(day)s") % {"day": day_words(absence.ends_on)},
            about_url=page,
            reason=_("You get this because your absence is over."),
        )
    return found


def accept(notice: Notice, by: Member, at: datetime) -> None:
    """The button of an offer."""
    accept_handover(Handover.objects.get(pk=notice.subject_id), by=by, at=at)


def _seen(told: Sequence[Notice], **only: object) -> Iterable[tuple[Notice, Handover]]:
    """The notices whose handover is still there and seen by its reader, in two queries."""
    rows = Handover.objects.filter(pk__in={notice.subject_id for notice in told}, **only)
    related = ("workspace", "goal", "responsibility", "from_member", "to_member", "proposed_by")
    handovers: dict[UUID, Handover] = {row.pk: row for row in rows.select_related(*related)}
    readable = _readable(told)
    return [
        (notice, handovers[notice.subject_id])
        for notice in told
        if notice.subject_id in handovers and notice.pk in readable
    ]


def _readable(told: Sequence[Notice]) -> set[UUID]:
    """Those of responsibilities, which every member sees, and those of goals that their reader sees."""
    goal = Handover.objects.filter(pk=OuterRef("subject_id")).values("goal_id")[:1]
    rows = Notice.objects.filter(pk__in=[notice.pk for notice in told]).annotate(goal_id=goal)
    seen = rows.filter(Q(goal_id__isnull=True) | sees_goal(member="recipient_id", goal="goal_id"))
    return set(seen.values_list("pk", flat=True))


def _page(handover: Handover) -> str:
    return reverse_in(handover.workspace, "responsibilities:handover_detail", handover.pk)


def _absence_name(person: Member) -> str:
    return _("Absence of %(name)s") % {"name": person.name}


def _said(handover: Handover, *, title: str, words: dict[str, str], text: str, action: str, reason: str) -> Said:
    """What a notice about a handover says. Outside, a private goal is not named, nor what was noted about it."""
    thing, page = handover.thing, _page(handover)
    private = isinstance(thing, Goal) and thing.visibility == Visibility.PRIVATE
    name = _("“%(title)s”") % {"title": shortened(thing.title, TITLE_MAX)}
    return Said(
        title=title % {"thing": name, **words},
        outside=title % {"thing": _("a private goal"), **words} if private else "",
        text=_("The goal is private, so it is not named here. Sign in to read on.") if private else text,
        url=page,
        action=action,
        about=_absence_name(handover.from_member) if handover.absence_id else thing.title,
        about_url=page,
        reason=reason,
    )


GROUP = gettext_lazy("Handing over and covering")
HANDOVER_KINDS = (
    NoticeKind(
        name=notices.HANDOVER_OFFERED,
        label=gettext_lazy("I am asked to take something over"),
        group=GROUP,
        default=Reach.MAIL,
        describe=describe_handover_offers,
        help=gettext_lazy("At once, again after two working days, and a last time after five."),
        act=accept,
        again=(2, 5),
    ),
    NoticeKind(
        name=notices.COVER_OFFERED,
        label=gettext_lazy("I am asked to cover for somebody"),
        group=GROUP,
        default=Reach.MAIL,
        describe=describe_cover_offers,
        help=gettext_lazy("At once, again after two working days, and a last time after five."),
        act=accept,
        again=(2, 5),
    ),
    NoticeKind(
        name=notices.HANDOVER_ANSWERED,
        label=gettext_lazy("What I handed over was answered"),
        group=GROUP,
        default=Reach.DIGEST,
        describe=describe_answers,
    ),
    NoticeKind(
        name=notices.HANDOVER_DONE,
        label=gettext_lazy("Something passed to or from me"),
        group=GROUP,
        default=Reach.DIGEST,
        describe=describe_done,
    ),
    NoticeKind(
        name=notices.COVER_BEGINS,
        label=gettext_lazy("My cover begins tomorrow"),
        group=GROUP,
        default=Reach.MAIL,
        describe=describe_beginnings,
    ),
    NoticeKind(
        name=notices.WELCOME_BACK,
        label=gettext_lazy("Welcome back, with what to catch up with"),
        group=GROUP,
        default=Reach.MAIL,
        describe=describe_returns,
    ),
)
