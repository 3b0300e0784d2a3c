"""What people read of handovers and covers. It is asked when it is read, so it is never out of date."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.urls import reverse_in
from apps.goals.access import sees_goal
from apps.goals.services.reminder_mail import day_words
from apps.goals.services.topics import Topic, is_private, said_about
from apps.handovers.models import Handover, HandoverStatus
from apps.handovers.services import notices
from apps.handovers.services.handovers import accept_handover
from apps.notifications.models import Notice, Reach
from apps.notifications.services import NoticeKind, NoticeWords, subjects_of
from apps.responsibilities.access import sees_responsibility
from apps.workspaces.models import Absence, Member


def read_offers(told: Sequence[Notice], _at: datetime) -> dict[UUID, Handover]:
    """What one is asked to take over for good, or to cover, while it waits for an answer."""
    return _handovers(
        told,
        lambda notice, handover: handover.to_member_id == notice.recipient_id,
        status=HandoverStatus.PROPOSED,
    )


def say_handover_offer(_notice: Notice, handover: Handover) -> NoticeWords:
    """Who asks, and from when."""
    return said_about(
        _topic(handover),
        title=_("%(name)s asks you to take over %(thing)s from %(day)s"),
        outside=_("%(name)s asks you to take over a private goal from %(day)s"),
        words={"name": handover.proposed_by.name, "day": day_words(handover.starts_on)},
        text=_("The brief shows the last check-ins and the open tasks."),
        quote=handover.notes,
        action=_("Accept"),
        reason=_("You get this because it was proposed to you. The reminders stop when you answer."),
    )


def say_cover_offer(_notice: Notice, cover: Handover) -> NoticeWords:
    """Who is away, and when."""
    return said_about(
        _topic(cover),
        title=_("Will you cover %(thing)s for %(name)s, %(first)s to %(last)s?"),
        outside=_("Will you cover a private goal for %(name)s, %(first)s to %(last)s?"),
        words=_days(cover),
        text=_("The brief shows the last check-ins and the open tasks."),
        quote=cover.notes,
        action=_("Accept"),
        reason=_("You get this because you were asked to cover. The reminders stop when you answer."),
    )


def read_answers(told: Sequence[Notice], _at: datetime) -> dict[UUID, Handover]:
    """What was proposed and answered, as it still stands."""
    return _handovers(told, lambda notice, handover: handover.status == notice.data.get("status"))


def say_answer(notice: Notice, handover: Handover) -> NoticeWords:
    """How it was answered."""
    return said_about(
        _topic(handover),
        title=_answer(notice, handover),
        outside=_answer_outside(notice, handover),
        words={"name": handover.to_member.name},
        text="" if handover.decline_reason else handover.why_declined,
        quote=handover.decline_reason,
        action=_("Open the cover") if handover.is_cover else _("Open the handover"),
        reason=_("You get this because you are giving it, proposed it or were asked to take it."),
    )


def _answer(notice: Notice, handover: Handover) -> str:
    if handover.status == HandoverStatus.ACCEPTED:
        return _("%(name)s will cover %(thing)s") if handover.is_cover else _("%(name)s will take over %(thing)s")
    if notice.recipient_id == handover.to_member_id:
        return _("You no longer need to take over %(thing)s")
    return _("%(name)s does not cover %(thing)s") if handover.is_cover else _("%(name)s does not take over %(thing)s")


def _answer_outside(notice: Notice, handover: Handover) -> str:
    covers = handover.is_cover
    if handover.status == HandoverStatus.ACCEPTED:
        return _("%(name)s will cover a private goal") if covers else _("%(name)s will take over a private goal")
    if notice.recipient_id == handover.to_member_id:
        return _("You no longer need to take over a private goal")
    return _("%(name)s does not cover a private goal") if covers else _("%(name)s does not take over a private goal")


def read_done(told: Sequence[Notice], _at: datetime) -> dict[UUID, Handover]:
    """What passed from one to the other."""
    return _handovers(told, status=HandoverStatus.DONE)


def say_done(_notice: Notice, handover: Handover) -> NoticeWords:
    """From whom, to whom, and what with it."""
    return said_about(
        _topic(handover),
        title=_("%(thing)s has passed from %(giver)s to %(name)s"),
        outside=_("A private goal has passed from %(giver)s to %(name)s"),
        words={"giver": handover.from_member.name, "name": handover.to_member.name},
        text=_("Roles, hours and the tasks that were chosen moved with it."),
        action=_("Open the handover"),
        reason=_("You get this because you gave or took it."),
    )


def read_beginnings(told: Sequence[Notice], _at: datetime) -> dict[UUID, Handover]:
    """What one covers from tomorrow on, while the cover stands."""
    return _handovers(told, status=HandoverStatus.ACCEPTED)


def say_beginning(_notice: Notice, cover: Handover) -> NoticeWords:
    """For whom and how long, with the way to the brief."""
    page = _page(cover)
    return NoticeWords(
        title=_("You cover for %(name)s from %(first)s to %(last)s") % _days(cover),
        text=_("Until then you act in their place, and are reminded of their check-ins. Everything returns by itself."),
        action=_("Read the brief"),
        url=page,
        about=_absence_name(cover.from_member),
        about_url=page,
        reason=_("You get this because you accepted to cover."),
    )


def read_returns(told: Sequence[Notice], _at: datetime) -> dict[UUID, Absence]:
    """The absences people are back from."""
    rows = Absence.objects.select_related("workspace")
    return subjects_of(told, rows, lambda notice, absence: absence.member_id == notice.recipient_id)


def say_return(_notice: Notice, absence: Absence) -> NoticeWords:
    """Welcome back, with the list to catch up with."""
    page = reverse_in(absence.workspace, "handovers:absence_catch_up", absence.pk)
    return NoticeWords(
        title=_("Welcome back"),
        text=_("What you hold is yours again. See what was said, done and decided on it while you were away."),
        action=_("Catch up"),
        url=page,
        about=_("Your time off until %(day)s") % {"day": day_words(absence.ends_on)},
        about_url=page,
        reason=_("You get this because your time off is over."),
    )


def accept(notice: Notice, by: Member, at: datetime) -> None:
    """The button of an offer."""
    accept_handover(Handover.objects.get(pk=notice.subject_id), by=by, at=at)


def _handovers(
    told: Sequence[Notice], holds: Callable[[Notice, Handover], bool] | None = None, **only: object
) -> dict[UUID, Handover]:
    """The handovers the notices speak of, where their recipients see what is handed over: by the notice's id."""
    related = ("workspace", "goal", "responsibility", "from_member", "to_member", "proposed_by")
    found = subjects_of(told, Handover.objects.filter(**only).select_related(*related), holds)
    readable = _readable(found)
    return {pk: handover for pk, handover in found.items() if pk in readable}


def _readable(ids: Iterable[UUID]) -> set[UUID]:
    """Those of responsibilities and goals that their reader sees."""
    handover = Handover.objects.filter(pk=OuterRef("subject_id"))
    rows = Notice.objects.filter(pk__in=list(ids)).annotate(
        of_goal_id=handover.values("goal_id")[:1], of_responsibility_id=handover.values("responsibility_id")[:1]
    )
    seen = rows.filter(
        Q(sees_goal(member="recipient_id", goal="of_goal_id"))
        | Q(sees_responsibility(member="recipient_id", responsibility="of_responsibility_id"))
    )
    return set(seen.values_list("pk", flat=True))


def _page(handover: Handover) -> str:
    return reverse_in(handover.workspace, "handovers:handover_detail", handover.pk)


def _absence_name(person: Member) -> str:
    return _("Time off: %(name)s") % {"name": person.name}


def _days(cover: Handover) -> dict[str, str]:
    """Whose absence a cover is for, and its days, as sentences name them."""
    return {"name": cover.from_member.name, "first": day_words(cover.starts_on), "last": day_words(cover.ends_on)}


def _topic(handover: Handover) -> Topic:
    return Topic(
        "thing",
        handover.thing.title,
        _page(handover),
        is_private=is_private(handover.thing),
        about=_absence_name(handover.from_member) if handover.absence_id else "",
    )


GROUP = gettext_lazy("Handing over and covering")
HANDOVER_KINDS = (
    NoticeKind(
        name=notices.HANDOVER_OFFERED,
        label=gettext_lazy("I am asked to take something over"),
        group=GROUP,
        default=Reach.MAIL,
        read=read_offers,
        say=say_handover_offer,
        help=gettext_lazy("At once, again after two working days, and a last time after five."),
        act=accept,
        again=(2, 5),
    ),
    NoticeKind(
        name=notices.COVER_OFFERED,
        label=gettext_lazy("I am asked to cover for somebody"),
        group=GROUP,
        default=Reach.MAIL,
        read=read_offers,
        say=say_cover_offer,
        help=gettext_lazy("At once, again after two working days, and a last time after five."),
        act=accept,
        again=(2, 5),
    ),
    NoticeKind(
        name=notices.HANDOVER_ANSWERED,
        label=gettext_lazy("My handover was answered"),
        group=GROUP,
        default=Reach.DIGEST,
        read=read_answers,
        say=say_answer,
    ),
    NoticeKind(
        name=notices.HANDOVER_DONE,
        label=gettext_lazy("Something passed to or from me"),
        group=GROUP,
        default=Reach.DIGEST,
        read=read_done,
        say=say_done,
    ),
    NoticeKind(
        name=notices.COVER_BEGINS,
        label=gettext_lazy("My cover begins tomorrow"),
        group=GROUP,
        default=Reach.MAIL,
        read=read_beginnings,
        say=say_beginning,
    ),
    NoticeKind(
        name=notices.WELCOME_BACK,
        label=gettext_lazy("Welcome back, with what to catch up on"),
        group=GROUP,
        default=Reach.MAIL,
        read=read_returns,
        say=say_return,
    ),
)
