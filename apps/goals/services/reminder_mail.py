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

from apps.core.urls import reverse_in
from apps.goals import access
from apps.goals.models import CheckIn, Goal, KeyResult, Kind, NoteFormat, StandIn, Status, Visibility
from apps.notifications.models import Notice
from apps.notifications.services import Fact, Said
from apps.workspaces.models import Member

KEY_RESULTS_SHOWN = 5
QUOTE_MAX = 400
TITLE_MAX = 120


@dataclass(frozen=True)
class Standing:
    """How goals stand: the last check-in and the first key results of each."""

    last: Mapping[UUID, CheckIn]
    key_results: Mapping[UUID, list[KeyResult]]


def describe_check_in_due(notices: Sequence[Notice], _at: datetime) -> dict[UUID, Said]:
    """The reminders of goals' owners and stand-ins; nothing once somebody checked in, or the goal is closed, hidden or
    another's.

    A private goal is not named outside: mail passes through other people's servers.
    """
    rows = Goal.objects.filter(pk__in={notice.subject_id for notice in notices}, status=Status.ACTIVE)
    goals: dict[UUID, Goal] = {goal.pk: goal for goal in rows.select_related("workspace")}
    covered = set(_stand_ins(goals.values()))
    due = {notice.pk: goal for notice in notices if (goal := _still_due(notice, goals.get(notice.subject_id), covered))}
    standing = _standing_of({goal.pk for goal in due.values() if goal.visibility != Visibility.PRIVATE})
    return {notice.pk: _said(notice.recipient, due[notice.pk], standing) for notice in notices if notice.pk in due}


def _stand_ins(goals: Iterable[Goal]) -> Iterable[tuple[UUID, UUID]]:
    """(goal, member) for those who stand in for the owners."""
    rows = StandIn.objects.filter(goal__in=[goal.pk for goal in goals], absent_id=F("goal__owner_id"))
    return rows.values_list("goal_id", "member_id")


def _still_due(notice: Notice, goal: Goal | None, covered: Collection[tuple[UUID, UUID]]) -> Goal | None:
    if goal is None or not notice.recipient.is_active:
        return None
    if goal.owner_id != notice.recipient_id and (goal.pk, notice.recipient_id) not in covered:
        return None
    return goal if str(goal.check_in_due_on) == notice.data.get("due_on") else None


def _standing_of(goals: Collection[UUID]) -> Standing:
    last = CheckIn.objects.filter(goal_id__in=goals).order_by("goal_id", "-made_at", "-id").distinct("goal_id")
    key_results: dict[UUID, list[KeyResult]] = {}
    for each in KeyResult.objects.filter(goal_id__in=goals).order_by("goal_id", "position", "id"):
        key_results.setdefault(each.goal_id, []).append(each)
    return Standing({check_in.goal_id: check_in for check_in in last}, key_results)


def _said(owner: Member, goal: Goal, standing: Standing) -> Said:
    private = goal.visibility == Visibility.PRIVATE
    covers = goal.owner_id != owner.pk
    secret = _("a private goal") if covers else _("a private goal of yours")
    title = secret if private else _quoted(goal)
    subject = _("Time to check in on %(goal)s")
    text = _opening(goal, title) + " " + _("It takes about two minutes: the form starts from the last readings.")
    return Said(
        title=subject % {"goal": _quoted(goal)},
        outside=subject % {"goal": title},
        text=text,
        facts=() if private else _facts(goal, owner, standing.key_results.get(goal.pk, [])),
        quote=quoted_note(standing.last.get(goal.pk)),
        action=_("Check in"),
        url=reverse_in(goal.workspace, "goals:check_in_create", goal.pk),
        about=goal.title,
        about_url=reverse_in(goal.workspace, "goals:goal_detail", goal.pk),
        reason=_reason(covers=covers) % {"day": day_words(goal.check_in_due_on)},
    )


def _reason(*, covers: bool) -> str:
    if covers:
        return _(
            "You get this because you cover for the owner of this goal and its check-in was due on %(day)s. It ends"
            " when somebody checks in, and is said at most three times."
        )
    return _(
        "You get this because you own this goal and its check-in was due on %(day)s. It ends when somebody checks"
        " in, and is said at most three times."
    )


def _quoted(goal: Goal) -> str:
    return _("“%(title)s”") % {"title": shortened(goal.title, TITLE_MAX)}


def _opening(goal: Goal, title: str) -> str:
    if goal.last_check_in_at is not None:
        return _("It is time to check in on %(goal)s. The last check-in was on %(day)s.") % {
            "goal": title,
            "day": day_words(timezone.localtime(goal.last_check_in_at)),
        }
    if goal.activated_at is not None:
        return _("It is time for a first check-in on %(goal)s, which has been active since %(day)s.") % {
            "goal": title,
            "day": day_words(timezone.localtime(goal.activated_at)),
        }
    return _("It is time for a first check-in on %(goal)s.") % {"goal": title}


def _facts(goal: Goal, owner: Member, key_results: Sequence[KeyResult]) -> tuple[Fact, ...]:
    facts = [] if goal.confidence is None else [Fact(_("Confidence"), goal.get_confidence_display())]
    if goal.is_measured and access.shows_progress(owner, goal):
        facts.append(Fact(_("Progress"), _("%(percent)s %%") % {"percent": round(goal.progress * 100)}))
    facts.extend(Fact(shortened(each.title, TITLE_MAX), _value(each)) for each in key_results[:KEY_RESULTS_SHOWN])
    left = len(key_results) - KEY_RESULTS_SHOWN
    if left > 0:
        more = ngettext("%(count)s more key result", "%(count)s more key results", left)
        facts.append(Fact(more % {"count": left}, ""))
    return tuple(facts)


def _value(key_result: KeyResult) -> str:
    """“11.2 days, target 9”, or whether a milestone is done."""
    if key_result.kind == Kind.MILESTONE:
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
