"""What people are told about goals: the kinds of news, and what each says."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import TypeVar
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.urls import reverse_in
from apps.goals.access import sees_goal
from apps.goals.models import CheckIn, Goal, Status
from apps.goals.services.reminder_mail import day_words, read_check_ins_due, say_check_in_due
from apps.goals.services.topics import Topic, is_private, said_about
from apps.notifications.models import Notice, Reach
from apps.notifications.services import News, NoticeKind, NoticeWords, notify, notify_many, settle, subjects_of
from apps.workspaces.models import Member, TeamMembership

Row = TypeVar("Row")
CHECK_IN_DUE, ASK, ASK_ANSWERED = "check_in_due", "ask", "ask_answered"
GOAL_DUE, GOAL_CLOSED, GOAL_QUIET = "goal_due", "goal_closed", "goal_quiet"
DUE_DAYS = (3, 0)
"""So many days before its due date a goal's owner is told of it."""


def read_asks(notices: Sequence[Notice], _at: datetime) -> dict[UUID, CheckIn]:
    """What check-ins ask of people, while it is asked of them and not answered."""
    return _check_ins(notices, lambda notice, asked: asked.ask_to_id == notice.recipient_id, answered_at=None)


def say_ask(_notice: Notice, check_in: CheckIn) -> NoticeWords:
    """Who asks what."""
    return said_about(
        _topic(check_in.goal),
        title=_("%(name)s asks you something about %(goal)s"),
        outside=_("%(name)s asks you something about a private goal"),
        words={"name": check_in.author_name},
        quote=check_in.ask,
        action=_("Answer"),
        reason=_("You get this because a check-in asks you for something. The reminders stop when you answer."),
    )


def read_answers(notices: Sequence[Notice], _at: datetime) -> dict[UUID, CheckIn]:
    """What came back to who asked."""
    return _check_ins(
        notices, lambda notice, answered: answered.author_id == notice.recipient_id, answered_at__isnull=False
    )


def say_answer(_notice: Notice, check_in: CheckIn) -> NoticeWords:
    """Who answered what."""
    return said_about(
        _topic(check_in.goal),
        title=_("%(name)s answered what you asked about %(goal)s"),
        outside=_("%(name)s answered what you asked about a private goal"),
        words={"name": check_in.ask_to.name if check_in.ask_to else _("Somebody")},
        quote=check_in.answer,
        action=_("Read the answer"),
        reason=_("You get this because you asked for it in a check-in."),
    )


def read_goals_due(notices: Sequence[Notice], _at: datetime) -> dict[UUID, Goal]:
    """Goals of one's own whose due date is near, while they are active and it did not move."""
    return _goals(
        notices,
        lambda notice, goal: goal.owner_id == notice.recipient_id and str(goal.due_on) == notice.data.get("due_on"),
        status=Status.ACTIVE,
    )


def say_goal_due(_notice: Notice, goal: Goal) -> NoticeWords:
    """When it is due, and what to do."""
    return said_about(
        _topic(goal),
        title=_("%(goal)s is due on %(day)s"),
        outside=_("A private goal is due on %(day)s"),
        words={"day": day_words(goal.due_on)},
        text=_("Close it with what was learned, or give it another date."),
        action=_("Open the goal"),
        reason=_("You get this because you own this goal."),
    )


def read_closed(notices: Sequence[Notice], _at: datetime) -> dict[UUID, Goal]:
    """Goals somebody is named on that ended, while they stay closed."""
    return _goals(notices, closed_at__isnull=False)


def say_closed(_notice: Notice, goal: Goal) -> NoticeWords:
    """How it ended."""
    return said_about(
        _topic(goal),
        title=_("%(goal)s was closed: %(outcome)s"),
        outside=_("A private goal was closed: %(outcome)s"),
        words={"outcome": goal.get_status_display()},
        quote=goal.lesson,
        action=_("Open the goal"),
        reason=_("You get this because you are named on this goal."),
    )


def read_quiet(notices: Sequence[Notice], _at: datetime) -> dict[UUID, Goal]:
    """Goals of teams one leads that nobody checked in on, though their owner was reminded to the end."""
    return _goals(
        notices, lambda notice, goal: str(goal.check_in_due_on) == notice.data.get("due_on"), status=Status.ACTIVE
    )


def say_quiet(_notice: Notice, goal: Goal) -> NoticeWords:
    """Since when nobody did."""
    return said_about(
        _topic(goal),
        title=_("Nobody has checked in on %(goal)s since it was due on %(day)s"),
        outside=_("Nobody has checked in on a private goal since it was due on %(day)s"),
        words={"day": day_words(goal.check_in_due_on)},
        text=_("Its owner was reminded three times. Perhaps they need something from you."),
        action=_("Open the goal"),
        reason=_("You get this because you lead the team of this goal. Its owner was told first."),
    )


def tell_leads(notices: Sequence[Notice], at: datetime) -> None:
    """After the last reminder of a check-in: the leads of the goal's team. Never of a private goal."""
    goals = {due.goal.pk: due.goal for due in read_check_ins_due(notices, at).values()}
    by_team: dict[UUID, list[Goal]] = defaultdict(list)
    for goal in goals.values():
        if goal.team_id is not None and not is_private(goal):
            by_team[goal.team_id].append(goal)
    leads = TeamMembership.objects.filter(team_id__in=by_team, is_lead=True).select_related("member")
    news = [
        News(lead.member, goal.pk, goal.pk, f"{goal.pk}:{goal.check_in_due_on}", data={"due_on": goal.check_in_due_on})
        for lead in leads
        for goal in by_team[lead.team_id]
        if lead.member_id != goal.owner_id
    ]
    notify_many(GOAL_QUIET, news, at=at)


GROUP_OWN, GROUP_OTHERS = gettext_lazy("My goals"), gettext_lazy("Goals I am named on or lead")
GOAL_KINDS = (
    NoticeKind(
        name=CHECK_IN_DUE,
        label=gettext_lazy("A check-in is due"),
        group=GROUP_OWN,
        default=Reach.MAIL,
        read=read_check_ins_due,
        say=say_check_in_due,
        help=gettext_lazy("On its due date, again after two working days, and a last time after five."),
        again=(2, 5),
        escalate=tell_leads,
    ),
    NoticeKind(
        name=GOAL_DUE,
        label=gettext_lazy("A goal is due"),
        group=GROUP_OWN,
        default=Reach.DIGEST,
        read=read_goals_due,
        say=say_goal_due,
        help=gettext_lazy("Three days before, and on the day."),
    ),
    NoticeKind(
        name=ASK,
        label=gettext_lazy("Somebody asks something of me"),
        group=GROUP_OTHERS,
        default=Reach.MAIL,
        read=read_asks,
        say=say_ask,
        help=gettext_lazy("At once, again after two working days, and a last time after five."),
        again=(2, 5),
    ),
    NoticeKind(
        name=ASK_ANSWERED,
        label=gettext_lazy("Something I asked for was answered"),
        group=GROUP_OWN,
        default=Reach.DIGEST,
        read=read_answers,
        say=say_answer,
    ),
    NoticeKind(
        name=GOAL_CLOSED,
        label=gettext_lazy("A goal was closed"),
        group=GROUP_OTHERS,
        default=Reach.DIGEST,
        read=read_closed,
        say=say_closed,
    ),
    NoticeKind(
        name=GOAL_QUIET,
        label=gettext_lazy("A goal of my team still has no check-in"),
        group=GROUP_OTHERS,
        default=Reach.DIGEST,
        read=read_quiet,
        say=say_quiet,
        help=gettext_lazy("After the last reminder to its owner."),
    ),
)


# ---- telling, called by the services in their transaction ----


def tell_asked(check_in: CheckIn, *, by: Member, at: datetime) -> None:
    """Tell who a check-in asks; who it asked before an edit is told no more."""
    open_asks = Notice.objects.open().filter(kind=ASK, subject_id=check_in.pk)
    others = open_asks.exclude(recipient_id=check_in.ask_to_id)
    others.update(done_at=at, updated_at=at)
    if check_in.ask_to is None or check_in.answered_at is not None:
        return
    dedupe_key = f"{check_in.pk}:{check_in.ask_to_id}"
    people = [check_in.ask_to]
    notify(
        ASK, recipients=people, subject_id=check_in.pk, about_id=check_in.goal_id, dedupe_key=dedupe_key, by=by, at=at
    )


def tell_answered(check_in: CheckIn, *, by: Member, at: datetime) -> None:
    """The answer settles the ask, and its author is told."""
    settle([ASK], [check_in.pk], at=at)
    if check_in.author is not None:
        about, dedupe_key = check_in.goal_id, str(check_in.pk)
        people = [check_in.author]
        notify(
            ASK_ANSWERED, recipients=people, subject_id=check_in.pk, about_id=about, dedupe_key=dedupe_key, by=by, at=at
        )


def tell_checked_in(check_in: CheckIn, *, by: Member, at: datetime) -> None:
    """A check-in settles the reminders of it, and what the leads were told; whom it asks is told.

    What a check-in of the past asked, elsewhere and long ago, is nobody's to answer now.
    """
    settle([CHECK_IN_DUE, GOAL_QUIET], [check_in.goal_id], at=at)
    if check_in.made_at == at:
        tell_asked(check_in, by=by, at=at)


def tell_closed(goal: Goal, *, by: Member, at: datetime) -> None:
    """Closing settles all reminders about the goal, and tells the people named on it."""
    settle([CHECK_IN_DUE, GOAL_QUIET, GOAL_DUE], [goal.pk], at=at)
    asks = goal.check_ins.filter(ask_to__isnull=False, answered_at=None).values_list("pk", flat=True)
    settle([ASK], asks, at=at)
    named = Member.objects.filter(Q(pk=goal.owner_id) | Q(contributions__goal_id=goal.pk)).distinct()
    dedupe_key = f"{goal.pk}:{at.isoformat()}"
    notify(GOAL_CLOSED, recipients=named, subject_id=goal.pk, about_id=goal.pk, dedupe_key=dedupe_key, by=by, at=at)


def tell_reopened(goal: Goal, *, at: datetime) -> None:
    """What was told of the end is no longer so."""
    settle([GOAL_CLOSED], [goal.pk], at=at)


def tell_of_goals_due(today: date, *, at: datetime, limit: int = 2_000) -> int:
    """Tell owners of active goals that are due today or in a few days; how many were told of one for the first time.

    `today` is the day by UTC; a day more or less for those far off is near enough for a date.
    """
    told = 0
    for days in DUE_DAYS:
        day = today + timedelta(days=days)
        goals = Goal.objects.active().filter(due_on=day, owner__isnull=False).select_related("owner").order_by("pk")
        news = [
            News(goal.owner, goal.pk, goal.pk, f"{goal.pk}:{day}:{days}", data={"due_on": day})
            for goal in goals[:limit]
            if goal.owner is not None
        ]
        told += notify_many(GOAL_DUE, news, at=at)
    return told


# ---- reading ----


def _check_ins(
    notices: Sequence[Notice], holds: Callable[[Notice, CheckIn], bool], **only: object
) -> dict[UUID, CheckIn]:
    """The check-ins the notices speak of, on goals their recipients see: by the notice's id."""
    rows = CheckIn.objects.filter(**only).select_related("goal__workspace", "ask_to")
    return _where_seen(subjects_of(notices, rows, holds), goal="about_id")


def _goals(
    notices: Sequence[Notice], holds: Callable[[Notice, Goal], bool] | None = None, **only: object
) -> dict[UUID, Goal]:
    """The goals the notices speak of, where their recipients see them: by the notice's id."""
    rows = Goal.objects.filter(**only).select_related("workspace")
    return _where_seen(subjects_of(notices, rows, holds), goal="subject_id")


def _where_seen(found: dict[UUID, Row], *, goal: str) -> dict[UUID, Row]:
    rows = Notice.objects.filter(sees_goal(member="recipient_id", goal=goal), pk__in=found.keys())
    return {pk: found[pk] for pk in rows.values_list("pk", flat=True)}


def _topic(goal: Goal) -> Topic:
    return Topic("goal", goal.title, reverse_in(goal.workspace, "goals:goal_detail", goal.pk), is_private(goal))
