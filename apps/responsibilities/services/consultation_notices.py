"""What people are told about consulting: the kinds of news, and what each says."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.urls import reverse_in
from apps.goals.models import Goal, Visibility
from apps.goals.services.reminder_mail import QUOTE_MAX, TITLE_MAX, day_words, shortened
from apps.notifications.models import Notice, Reach
from apps.notifications.services import NoticeKind, Said, notify, settle
from apps.responsibilities.models import Consultation
from apps.responsibilities.services.task_notices import GROUP_TASKS, seen_by_recipients

CONSULTATION, CONSULTATION_ANSWERED = "consultation", "consultation_answered"


def describe_questions(notices: Sequence[Notice], _at: datetime) -> dict[UUID, Said]:
    """What somebody is consulted on, while it is open and they see it."""
    return {
        notice.pk: _said(
            row,
            title=_("%(name)s asks for your view before %(thing)s is closed"),
            name=row.asked_by.name,
            text=shortened(row.question, QUOTE_MAX),
            action=_("Answer"),
            reason=_("You get this because you are consulted on it. Your answer is waited for until %(day)s.")
            % {"day": day_words(row.answer_by_on)},
        )
        for notice, row in _pairs(notices, answered_at=None, ended_at=None)
        if row.member_id == notice.recipient_id
    }


def describe_answers(notices: Sequence[Notice], _at: datetime) -> dict[UUID, Said]:
    """What came back to who asked."""
    return {
        notice.pk: _said(
            row,
            title=_("%(name)s said what they think about closing %(thing)s"),
            name=row.member.name,
            text=shortened(row.answer, QUOTE_MAX),
            action=_("Read the answer"),
            reason=_("You get this because you asked before closing it."),
        )
        for notice, row in _pairs(notices, answered_at__isnull=False)
        if row.asked_by_id == notice.recipient_id
    }


def tell_asked(rows: Sequence[Consultation], *, at: datetime) -> None:
    """Tell each who is asked."""
    for row in rows:
        notify(
            CONSULTATION, recipients=[row.member], subject_id=row.pk, about_id=row.thing_id, occasion=str(row.pk), at=at
        )


def tell_answered(row: Consultation, *, at: datetime) -> None:
    """The answer settles the question; who asked is told."""
    settle([CONSULTATION], [row.pk], at=at)
    people, occasion = [row.asked_by], str(row.pk)
    notify(CONSULTATION_ANSWERED, recipients=people, subject_id=row.pk, about_id=row.thing_id, occasion=occasion, at=at)


def tell_ended(ids: Sequence[UUID], *, at: datetime) -> None:
    """Nobody is asked any more, and nobody has to read answers."""
    if ids:
        settle([CONSULTATION, CONSULTATION_ANSWERED], ids, at=at)


def _pairs(notices: Sequence[Notice], **only: object) -> list[tuple[Notice, Consultation]]:
    """The notices with what they speak of, where their recipients see it."""
    rows = Consultation.objects.filter(pk__in={notice.subject_id for notice in notices}, **only)
    related = ("goal", "task__goal", "task__responsibility", "member", "asked_by", "workspace")
    found = {row.pk: row for row in rows.select_related(*related)}
    pairs = [(notice, found[notice.subject_id]) for notice in notices if notice.subject_id in found]
    seen = seen_by_recipients([(notice, row.thing) for notice, row in pairs])
    return [(notice, row) for notice, row in pairs if notice.pk in seen]


def _said(row: Consultation, *, title: str, name: str, text: str, action: str, reason: str) -> Said:
    """The words; outside, nothing of a private goal is named."""
    thing = row.thing
    goal = thing if isinstance(thing, Goal) else thing.goal
    private = goal is not None and goal.visibility == Visibility.PRIVATE
    page = "goals:goal_detail" if row.goal_id else "responsibilities:task_detail"
    about_url = reverse_in(row.workspace, page, thing.pk)
    quoted = _("“%(title)s”") % {"title": shortened(thing.title, TITLE_MAX)}
    return Said(
        title=title % {"thing": quoted, "name": name},
        outside=title % {"thing": _("a private goal"), "name": name} if private else "",
        text=_("The goal is private, so it is not named here. Sign in to read on.") if private else text,
        url=reverse_in(row.workspace, "responsibilities:consultation_answer", row.pk),
        action=action,
        about=thing.title,
        about_url=about_url,
        reason=reason,
    )


CONSULTATION_KINDS = (
    NoticeKind(
        name=CONSULTATION,
        label=gettext_lazy("I am consulted before something is closed"),
        group=GROUP_TASKS,
        default=Reach.MAIL,
        describe=describe_questions,
        help=gettext_lazy("At once, and again after a working day."),
        again=(1,),
    ),
    NoticeKind(
        name=CONSULTATION_ANSWERED,
        label=gettext_lazy("Somebody I consulted answered"),
        group=GROUP_TASKS,
        default=Reach.DIGEST,
        describe=describe_answers,
    ),
)
