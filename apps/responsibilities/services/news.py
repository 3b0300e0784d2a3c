"""What people are told about responsibilities, and what each notice says while it is so."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.urls import reverse_in
from apps.goals.access import sees_goal
from apps.goals.models import Goal
from apps.goals.services.reminder_mail import day_words
from apps.goals.services.topics import Topic, is_private, said_about
from apps.notifications.models import Notice, Reach
from apps.notifications.services import NoticeKind, NoticeWords, subjects_of
from apps.responsibilities.access import sees_responsibility
from apps.responsibilities.models import Assignment, AssignmentStatus, Responsibility
from apps.responsibilities.services.assignments import accept_assignment
from apps.responsibilities.services.locks import thing_of
from apps.responsibilities.services.notices import ANSWERED, OFFERED, REVIEW_DUE
from apps.workspaces.models import Member

Row = TypeVar("Row")


def read_offers(notices: Sequence[Notice], _at: datetime) -> dict[UUID, Assignment]:
    """What is offered, while nobody answered it."""
    return _assignments(notices, status=AssignmentStatus.OFFERED)


def say_offer(_notice: Notice, row: Assignment) -> NoticeWords:
    """Who offers it, and as what."""
    return said_about(
        _topic(row),
        title=_offer_title(row),
        outside=_offer_outside(row),
        words={"name": row.offered_by.name if row.offered_by else _("Somebody"), "role": _role(row)},
        text=_("Accept it, or decline with a reason."),
        quote=row.note,
        action=_("Accept"),
        reason=_(
            "You get this because it is offered to you, or to a team you lead. The reminders stop when you answer."
        ),
    )


def read_answers(notices: Sequence[Notice], _at: datetime) -> dict[UUID, Assignment]:
    """What came back to who offered, while the answer stands."""
    return _assignments(
        notices,
        lambda notice, row: row.offered_by_id == notice.recipient_id and row.status == notice.data.get("status"),
        status__in=(AssignmentStatus.ACCEPTED, AssignmentStatus.DECLINED),
    )


def say_answer(_notice: Notice, row: Assignment) -> NoticeWords:
    """Who answered, and how."""
    return said_about(
        _topic(row),
        title=_answer_title(row),
        outside=_answer_outside(row),
        words={"name": row.answered_by.name if row.answered_by else _("Somebody"), "role": _role(row)},
        quote=row.decline_reason,
        action=_("Look for somebody else") if row.status == AssignmentStatus.DECLINED else _("Open the page"),
        reason=_("You get this because you offered it."),
    )


def read_reviews(notices: Sequence[Notice], _at: datetime) -> dict[UUID, Responsibility]:
    """Responsibilities to be looked at again, while their date stays."""
    rows = Responsibility.objects.open().select_related("workspace")
    found = subjects_of(notices, rows, lambda notice, each: str(each.review_on) == notice.data.get("review_on"))
    return _where_seen(found)


def say_review(_notice: Notice, responsibility: Responsibility) -> NoticeWords:
    """Since when, and what to ask oneself."""
    return said_about(
        Topic("title", responsibility.title, page_of(responsibility)),
        title=_("%(title)s was due for review on %(day)s"),
        outside="",
        words={"day": day_words(responsibility.review_on)},
        text=_("Does it still matter, and is it held by the right people? Then give it another date."),
        action=_("Look at it"),
        reason=_("You get this because you are accountable for it, or lead its team."),
    )


def _offer_title(row: Assignment) -> str:
    if row.team_id:
        return _("%(name)s asks a team of yours to be %(role)s for %(thing)s")
    return _("%(name)s asks you to be %(role)s for %(thing)s")


def _offer_outside(row: Assignment) -> str:
    if row.team_id:
        return _("%(name)s asks a team of yours to be %(role)s for a private goal")
    return _("%(name)s asks you to be %(role)s for a private goal")


def _answer_title(row: Assignment) -> str:
    if row.status == AssignmentStatus.DECLINED:
        return _("%(name)s declined to be %(role)s for %(thing)s")
    return _("%(name)s agreed to be %(role)s for %(thing)s")


def _answer_outside(row: Assignment) -> str:
    if row.status == AssignmentStatus.DECLINED:
        return _("%(name)s declined to be %(role)s for a private goal")
    return _("%(name)s agreed to be %(role)s for a private goal")


def _role(row: Assignment) -> str:
    return str(row.get_role_display()).lower()


def _assignments(
    notices: Sequence[Notice], holds: Callable[[Notice, Assignment], bool] | None = None, **only: object
) -> dict[UUID, Assignment]:
    """The assignments the notices speak of, where their recipients see what they are on: by the notice's id."""
    related = ("responsibility__workspace", "goal__workspace", "offered_by", "answered_by")
    rows = Assignment.objects.filter(responsibility__archived_at=None, **only).select_related(*related)
    return _where_seen(subjects_of(notices, rows, holds))


def _where_seen(found: Mapping[UUID, Row]) -> dict[UUID, Row]:
    """Of what notices speak of, by their ids, that whose goal or responsibility their recipients see."""
    sees = Q(sees_goal(member="recipient_id", goal="about_id")) | Q(
        sees_responsibility(member="recipient_id", responsibility="about_id")
    )
    seen = set(Notice.objects.filter(sees, pk__in=list(found)).values_list("pk", flat=True))
    return {pk: row for pk, row in found.items() if pk in seen}


def page_of(thing: Responsibility | Goal) -> str:
    """The address of its page."""
    name = "goals:goal_detail" if isinstance(thing, Goal) else "responsibilities:responsibility_detail"
    return reverse_in(thing.workspace, name, thing.pk)


def _topic(row: Assignment) -> Topic:
    thing = thing_of(row)
    return Topic("thing", thing.title, page_of(thing), is_private=is_private(thing))


def _accept(notice: Notice, by: Member, at: datetime) -> None:
    accept_assignment(Assignment.objects.get(pk=notice.subject_id), by=by, at=at)


GROUP = gettext_lazy("Responsibilities")
RESPONSIBILITY_KINDS = (
    NoticeKind(
        name=OFFERED,
        label=gettext_lazy("Something is offered to me, or to a team I lead"),
        group=GROUP,
        default=Reach.MAIL,
        read=read_offers,
        say=say_offer,
        help=gettext_lazy("At once, again after two working days, and a last time after five."),
        act=_accept,
        again=(2, 5),
    ),
    NoticeKind(
        name=ANSWERED,
        label=gettext_lazy("What I offered was accepted or declined"),
        group=GROUP,
        default=Reach.DIGEST,
        read=read_answers,
        say=say_answer,
    ),
    NoticeKind(
        name=REVIEW_DUE,
        label=gettext_lazy("A responsibility of mine is due for review"),
        group=GROUP,
        default=Reach.DIGEST,
        read=read_reviews,
        say=say_review,
        help=gettext_lazy("On the day it was to be reviewed."),
    ),
)
