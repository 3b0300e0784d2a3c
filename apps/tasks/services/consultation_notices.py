"""What people are told about consulting: the kinds of news, and what each says."""

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.urls import reverse_in
from apps.goals.models import Goal
from apps.goals.services.reminder_mail import day_words
from apps.goals.services.topics import Topic, is_private, said_about
from apps.notifications.models import Notice, Reach
from apps.notifications.services import NoticeKind, NoticeWords, notify, settle, subjects_of
from apps.tasks.models import Consultation
from apps.tasks.services.notices import GROUP_TASKS, where_seen

CONSULTATION, CONSULTATION_ANSWERED = "consultation", "consultation_answered"


def read_questions(notices: Sequence[Notice], _at: datetime) -> dict[UUID, Consultation]:
    """What somebody is consulted on, while it is open and they see it."""
    return _consultations(
        notices, lambda notice, row: row.member_id == notice.recipient_id, answered_at=None, ended_at=None
    )


def say_question(_notice: Notice, row: Consultation) -> NoticeWords:
    """Who asks what, and until when."""
    return said_about(
        _topic(row),
        title=_("%(name)s asks for your view before %(thing)s is closed"),
        outside=_("%(name)s asks for your view before a private goal is closed")
        if row.goal_id
        else _("%(name)s asks for your view before a task of a private goal is closed"),
        words={"name": row.asked_by.name},
        quote=row.question,
        action=_("Answer"),
        reason=_("You get this because you are consulted on it. Please answer by %(day)s.")
        % {"day": day_words(row.answer_by_on)},
    )


def read_answers(notices: Sequence[Notice], _at: datetime) -> dict[UUID, Consultation]:
    """What came back to who asked."""
    return _consultations(
        notices, lambda notice, row: row.asked_by_id == notice.recipient_id, answered_at__isnull=False
    )


def say_answer(_notice: Notice, row: Consultation) -> NoticeWords:
    """Who answered what."""
    return said_about(
        _topic(row),
        title=_("%(name)s said what they think about closing %(thing)s"),
        outside=_("%(name)s said what they think about closing a private goal")
        if row.goal_id
        else _("%(name)s said what they think about closing a task of a private goal"),
        words={"name": row.member.name},
        quote=row.answer,
        action=_("Read the answer"),
        reason=_("You get this because you asked before closing it."),
    )


def tell_asked(rows: Sequence[Consultation], *, at: datetime) -> None:
    """Tell each who is asked."""
    for row in rows:
        notify(
            CONSULTATION,
            recipients=[row.member],
            subject_id=row.pk,
            about_id=row.thing_id,
            dedupe_key=str(row.pk),
            at=at,
        )


def tell_answered(row: Consultation, *, at: datetime) -> None:
    """The answer settles the question; who asked is told."""
    settle([CONSULTATION], [row.pk], at=at)
    people, dedupe_key = [row.asked_by], str(row.pk)
    notify(
        CONSULTATION_ANSWERED, recipients=people, subject_id=row.pk, about_id=row.thing_id, dedupe_key=dedupe_key, at=at
    )


def tell_ended(ids: Sequence[UUID], *, at: datetime) -> None:
    """Nobody is asked any more, and nobody has to read answers."""
    if ids:
        settle([CONSULTATION, CONSULTATION_ANSWERED], ids, at=at)


def _consultations(
    notices: Sequence[Notice], holds: Callable[[Notice, Consultation], bool], **only: object
) -> dict[UUID, Consultation]:
    """The consultations the notices speak of, where their recipients see what is asked about: by the notice's id."""
    related = ("goal", "task__goal", "member", "asked_by", "workspace")
    rows = Consultation.objects.filter(**only).select_related(*related)
    return where_seen(notices, subjects_of(notices, rows, holds), lambda row: row.thing)


def _topic(row: Consultation) -> Topic:
    thing = row.thing
    private = is_private(thing if isinstance(thing, Goal) else thing.goal)
    page = "goals:goal_detail" if row.goal_id else "tasks:task_detail"
    return Topic(
        "thing",
        thing.title,
        reverse_in(row.workspace, "tasks:consultation_answer", row.pk),
        is_private=private,
        about_url=reverse_in(row.workspace, page, thing.pk),
    )


CONSULTATION_KINDS = (
    NoticeKind(
        name=CONSULTATION,
        label=gettext_lazy("I am consulted before something is closed"),
        group=GROUP_TASKS,
        default=Reach.MAIL,
        read=read_questions,
        say=say_question,
        help=gettext_lazy("At once, and again after a working day."),
        again=(1,),
    ),
    NoticeKind(
        name=CONSULTATION_ANSWERED,
        label=gettext_lazy("Somebody I consulted answered"),
        group=GROUP_TASKS,
        default=Reach.DIGEST,
        read=read_answers,
        say=say_answer,
    ),
)
