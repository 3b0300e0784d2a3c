"""What people are told about responsibilities, and what each notice says while it is so."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.urls import reverse_in
from apps.goals.access import sees_goal
from apps.goals.models import Goal, Visibility
from apps.goals.services.reminder_mail import QUOTE_MAX, TITLE_MAX, day_words, shortened
from apps.notifications.models import Notice, Reach
from apps.notifications.services import NoticeKind, Said
from apps.responsibilities.models import Assignment, AssignmentStatus, Responsibility
from apps.responsibilities.services.assignments import accept_assignment
from apps.responsibilities.services.locks import thing_of
from apps.responsibilities.services.notices import ANSWERED, OFFERED, REVIEW_DUE
from apps.workspaces.models import Member


def describe_offers(notices: Sequence[Notice], _at: datetime) -> dict[UUID, Said]:
    """What is offered, while nobody answered it."""
    rows = _assignments(notices, status=AssignmentStatus.OFFERED)
    return {
        notice.pk: _of(
            notice,
            row,
            title=_offer_title(row),
            words={"name": row.offered_by.name if row.offered_by else _("Somebody"), "role": _role(row)},
            text=shortened(row.note, QUOTE_MAX) or _("Accept it, or decline with a reason."),
            action=_("Accept"),
            reason=_("You get this because it is offered to you, or to a team you lead. It ends when you answer."),
        )
        for notice in notices
        if (row := rows.get(notice.pk))
    }


def describe_answers(notices: Sequence[Notice], _at: datetime) -> dict[UUID, Said]:
    """What came back to who offered, while the answer stands."""
    rows = _assignments(notices, status__in=(AssignmentStatus.ACCEPTED, AssignmentStatus.DECLINED))
    return {
        notice.pk: _of(
            notice,
            row,
            title=_answer_title(row),
            words={"name": row.answered_by.name if row.answered_by else _("Somebody"), "role": _role(row)},
            text=shortened(row.decline_reason, QUOTE_MAX),
            action=_("Look for somebody else") if row.status == AssignmentStatus.DECLINED else _("Open the page"),
            reason=_("You get this because you offered it."),
        )
        for notice in notices
        if (row := rows.get(notice.pk))
        and row.offered_by_id == notice.recipient_id
        and row.status == notice.data.get("status")
    }


def describe_reviews(notices: Sequence[Notice], _at: datetime) -> dict[UUID, Said]:
    """Responsibilities to be looked at again, while their date stays."""
    ids = {notice.subject_id for notice in notices}
    found = {each.pk: each for each in Responsibility.objects.open().filter(pk__in=ids).select_related("workspace")}
    return {
        notice.pk: _review(each)
        for notice in notices
        if (each := found.get(notice.subject_id)) and str(each.review_on) == notice.data.get("review_on")
    }


def _review(responsibility: Responsibility) -> Said:
    page = page_of(responsibility)
    title = shortened(responsibility.title, TITLE_MAX)
    words = {"title": _("“%(title)s”") % {"title": title}, "day": day_words(responsibility.review_on)}
    return Said(
        title=_("%(title)s was to be looked at again on %(day)s") % words,
        text=_("Does it still matter, and is it held by the right people? Then give it another date."),
        url=page,
        action=_("Look at it"),
        about=responsibility.title,
        about_url=page,
        reason=_("You get this because you are accountable for it, or lead its team."),
    )


def _offer_title(row: Assignment) -> str:
    if row.team_id:
        return _("%(name)s asks a team of yours to be %(role)s for %(thing)s")
    return _("%(name)s asks you to be %(role)s for %(thing)s")


def _answer_title(row: Assignment) -> str:
    if row.status == AssignmentStatus.DECLINED:
        return _("%(name)s declined to be %(role)s for %(thing)s")
    return _("%(name)s accepted to be %(role)s for %(thing)s")


def _role(row: Assignment) -> str:
    return str(row.get_role_display()).lower()


def _assignments(notices: Sequence[Notice], **only: object) -> dict[UUID, Assignment]:
    """The assignments the notices speak of, where their recipients see what they are on: by the notice's id."""
    rows = Assignment.objects.filter(pk__in={notice.subject_id for notice in notices}, **only)
    related = ("responsibility__workspace", "goal__workspace", "offered_by", "answered_by", "member", "team")
    found: dict[UUID, Assignment] = {row.pk: row for row in rows.select_related(*related)}
    hidden = _hidden(notices)
    return {
        notice.pk: row
        for notice in notices
        if (row := found.get(notice.subject_id))
        and notice.pk not in hidden
        and (row.responsibility is None or row.responsibility.archived_at is None)
    }


def _hidden(notices: Sequence[Notice]) -> set[UUID]:
    """Those about a goal that their recipient does not see."""
    rows = Notice.objects.filter(pk__in=[notice.pk for notice in notices])
    about_goals = Goal.objects.filter(pk__in={notice.about_id for notice in notices}).values("pk")
    unseen = rows.filter(Q(about_id__in=about_goals) & ~Q(sees_goal(member="recipient_id", goal="about_id")))
    return set(unseen.values_list("pk", flat=True))


def page_of(thing: Responsibility | Goal) -> str:
    """The address of its page."""
    name = "goals:goal_detail" if isinstance(thing, Goal) else "responsibilities:responsibility_detail"
    return reverse_in(thing.workspace, name, thing.pk)


def _of(
    notice: Notice, row: Assignment, *, title: str, words: Mapping[str, str], text: str, action: str, reason: str
) -> Said:
    """What a notice about an assignment says. Outside, a private goal is not named, nor what was said about it."""
    thing = thing_of(row)
    private = isinstance(thing, Goal) and thing.visibility == Visibility.PRIVATE
    name = _("“%(title)s”") % {"title": shortened(thing.title, TITLE_MAX)}
    page = page_of(thing)
    return Said(
        title=title % {**words, "thing": name},
        outside=(title % {**words, "thing": _("a private goal")}) if private else "",
        text=_("The goal is private, so it is not named here. Sign in to read on.") if private else text,
        url=page,
        action=action,
        about=thing.title,
        about_url=page,
        reason=reason,
    )


def _accept(notice: Notice, by: Member, at: datetime) -> None:
    accept_assignment(Assignment.objects.get(pk=notice.subject_id), by=by, at=at)


GROUP = gettext_lazy("Responsibilities")
RESPONSIBILITY_KINDS = (
    NoticeKind(
        name=OFFERED,
        label=gettext_lazy("Something is offered to me, or to a team I lead"),
        group=GROUP,
        default=Reach.MAIL,
        describe=describe_offers,
        help=gettext_lazy("At once, again after two working days, and a last time after five."),
        act=_accept,
        again=(2, 5),
    ),
    NoticeKind(
        name=ANSWERED,
        label=gettext_lazy("What I offered was accepted or declined"),
        group=GROUP,
        default=Reach.DIGEST,
        describe=describe_answers,
    ),
    NoticeKind(
        name=REVIEW_DUE,
        label=gettext_lazy("A responsibility of mine is to be looked at again"),
        group=GROUP,
        default=Reach.DIGEST,
        describe=describe_reviews,
        help=gettext_lazy("On the day it was to be reviewed."),
    ),
)
