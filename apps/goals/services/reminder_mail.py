"""What the reminder of a check-in says."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import F
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from apps.core.charts import whole_percent
from apps.core.urls import reverse_in
from apps.goals import access
from apps.goals.models import (
    CheckIn,
    Goal,
    KeyResult,
    KeyResultKind,
    NoteFormat,
    ProgressSource,
    StandIn,
    Status,
    Visibility,
)
from apps.notifications.models import Notice
from apps.notifications.services import Fact, NoticeWords, subjects_of

KEY_RESULTS_SHOWN = 5
QUOTE_MAX = 400
TITLE_MAX = 120


@dataclass(frozen=True)
class Due:
    """A goal whose check-in is due, and how it stands: its last check-in and key results, none of a private goal."""

    goal: Goal
    last: CheckIn | None
    key_results: Sequence[KeyResult]
    shows_progress: bool


def read_check_ins_due(notices: Sequence[Notice], _at: datetime) -> dict[UUID, Due]:
    """What owners and stand-ins are reminded of; nothing once somebody checked in, or the goal is closed, hidden or
    another's.
    """
    rows = Goal.objects.filter(status=Status.ACTIVE).select_related("workspace")
    goals = subjects_of(notices, rows, lambda notice, goal: str(goal.check_in_due_on) == notice.data.get("due_on"))
    covered = set(_stand_ins(goals.values()))
    theirs = {
        notice.pk: goal
        for notice in notices
        if (goal := goals.get(notice.pk))
        and notice.recipient.is_active
        and _reminded(notice.recipient_id, goal, covered)
    }
    named = {goal.pk for goal in theirs.values() if goal.visibility != Visibility.PRIVATE}
    last, key_results = _last_check_ins(named), _key_results(named)
    hidden = _without_progress(theirs)
    return {
        pk: Due(goal, last.get(goal.pk), key_results.get(goal.pk, ()), shows_progress=pk not in hidden)
        for pk, goal in theirs.items()
    }


def _stand_ins(goals: Iterable[Goal]) -> Iterable[tuple[UUID, UUID]]:
    """(goal, member) for those who stand in for the owners."""
    rows = StandIn.objects.filter(goal__in={goal.pk for goal in goals}, absent_id=F("goal__owner_id"))
    return rows.values_list("goal_id", "member_id")


def _reminded(reader: UUID, goal: Goal, covered: Collection[tuple[UUID, UUID]]) -> bool:
    return goal.owner_id == reader or (goal.pk, reader) in covered


def _last_check_ins(goals: Collection[UUID]) -> dict[UUID, CheckIn]:
    rows = CheckIn.objects.filter(goal_id__in=goals).order_by("goal_id", "-made_at", "-id").distinct("goal_id")
    return {check_in.goal_id: check_in for check_in in rows}


def _key_results(goals: Collection[UUID]) -> dict[UUID, list[KeyResult]]:
    found: dict[UUID, list[KeyResult]] = {}
    for each in KeyResult.objects.filter(goal_id__in=goals).order_by("goal_id", "position", "id"):
        found.setdefault(each.goal_id, []).append(each)
    return found


def _without_progress(goals: Mapping[UUID, Goal]) -> set[UUID]:
    """The notices, of these by id, whose recipient may not read the progress of the goal."""
    asked = [pk for pk, goal in goals.items() if goal.progress_source == ProgressSource.CHILDREN]
    shown = Notice.objects.filter(access.shows_progress_to(member="recipient_id", goal="subject_id"), pk__in=asked)
    return set(asked).difference(shown.values_list("pk", flat=True))


def say_check_in_due(notice: Notice, due: Due) -> NoticeWords:
    """The reminder. A private goal is not named outside: mail passes through other people's servers."""
    goal = due.goal
    private = goal.visibility == Visibility.PRIVATE
    covers = goal.owner_id != notice.recipient_id
    quoted = _("“%(title)s”") % {"title": shortened(goal.title, TITLE_MAX)}
    text = f"{_so_far(goal)} {_('It takes about two minutes: the form starts from the last readings.')}".strip()
    return NoticeWords(
        title=_("Time to check in on %(goal)s") % {"goal": quoted},
        outside=_outside(covers=covers) if private else "",
        text=text,
        facts=() if private else _facts(due),
        quote=quoted_note(due.last),
        action=_("Check in"),
        url=reverse_in(goal.workspace, "goals:check_in_create", goal.pk),
        about=goal.title,
        about_url=reverse_in(goal.workspace, "goals:goal_detail", goal.pk),
        reason=_reason(covers=covers) % {"day": day_words(goal.check_in_due_on)},
    )


def _outside(*, covers: bool) -> str:
    return _("Time to check in on a private goal") if covers else _("Time to check in on a private goal of yours")


def _reason(*, covers: bool) -> str:
    if covers:
        return _(
            "You get this because you cover for the owner of this goal and its check-in was due on %(day)s. There "
            "are at most three reminders, and they stop when somebody checks in."
        )
    return _(
        "You get this because you own this goal and its check-in was due on %(day)s. There are at most three "
        "reminders, and they stop when somebody checks in."
    )


def _so_far(goal: Goal) -> str:
    if goal.last_check_in_at is not None:
        return _("The last check-in was on %(day)s.") % {"day": day_words(timezone.localtime(goal.last_check_in_at))}
    if goal.activated_at is not None:
        since = day_words(timezone.localtime(goal.activated_at))
        return _("It is the first one: the goal has been active since %(day)s.") % {"day": since}
    return ""


def _facts(due: Due) -> tuple[Fact, ...]:
    goal, key_results = due.goal, due.key_results
    facts = [] if goal.confidence is None else [Fact(_("Confidence"), goal.get_confidence_display())]
    if goal.is_measured and due.shows_progress:
        facts.append(Fact(_("Progress"), _("%(percent)s %%") % {"percent": whole_percent(goal.progress)}))
    facts.extend(Fact(shortened(each.title, TITLE_MAX), _value(each)) for each in key_results[:KEY_RESULTS_SHOWN])
    left = len(key_results) - KEY_RESULTS_SHOWN
    if left > 0:
        more = ngettext("%(count)s more key result", "%(count)s more key results", left)
        facts.append(Fact(more % {"count": left}, ""))
    return tuple(facts)


def _value(key_result: KeyResult) -> str:
    """“11.2 days, target 9”, or whether a milestone is done."""
    if key_result.kind == KeyResultKind.MILESTONE:
        return _("done") if key_result.value_now >= 1 else _("not done yet")
    return _("%(now)s, target %(target)s") % {
        "now": _figure(key_result.value_now, key_result.shown_unit),
        "target": _figure(key_result.target_value, key_result.shown_unit),
    }


def _figure(value: Decimal, unit: str) -> str:
    places = max(0, -int(value.normalize().as_tuple().exponent))
    return f"{number_format(value, places, use_l10n=True, force_grouping=True)} {unit}".strip()


def quoted_note(check_in: CheckIn | None) -> str:
    """The beginning of what a check-in says; nothing of an imported one with marks of another program."""
    if check_in is None or check_in.note_format != NoteFormat.MARKDOWN:
        return ""
    return shortened(check_in.note, QUOTE_MAX)


def shortened(text: str, longest: int) -> str:
    """The text on one line, cut at a word where it is longer."""
    words = " ".join(text.split())
    return words if len(words) <= longest else words[: longest - 1].rsplit(" ", 1)[0] + "…"


def day_words(day: date | datetime | None) -> str:
    """“Wednesday 4 March”, in the active language; nothing for no day."""
    return date_format(day, pgettext("date format", "l j F")) if day else ""
