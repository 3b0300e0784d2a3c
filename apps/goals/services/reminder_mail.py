"""What the check-in reminder says."""

from datetime import date, datetime
from decimal import Decimal

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from apps.core.urls import reverse_in
from apps.goals import access
from apps.goals.models import CheckIn, Goal, KeyResult, Kind, NoteFormat, Status, Visibility
from apps.notifications.models import Delivery
from apps.notifications.services import Fact, Message

KEY_RESULTS_SHOWN = 5
QUOTE_MAX = 400
TITLE_MAX = 120


def render_check_in_due(delivery: Delivery) -> Message | None:
    """The reminder for the goal's owner. None once somebody checked in, or the goal is closed, hidden or another's.

    A private goal is not named: mail passes through other people's servers.
    """
    goal = _goal_still_due(delivery)
    if goal is None or goal.owner is None:
        return None
    private = goal.visibility == Visibility.PRIVATE
    last = None if private else goal.check_ins.order_by("-made_at", "-id").first()
    title = _("a private goal of yours") if private else _("“%(title)s”") % {"title": _short(goal.title, TITLE_MAX)}
    return Message(
        subject=_("Time to check in on %(goal)s") % {"goal": title},
        greeting=_("Hello %(name)s,") % {"name": goal.owner.name},
        paragraphs=(_opening(goal, title),),
        facts=() if private else _facts(goal),
        quote=_quote(last),
        after=(_("It takes about two minutes: the form starts from the last readings."),),
        action=_("Check in"),
        url=settings.SITE_URL + reverse_in(goal.workspace, "goals:check_in_create", goal.pk),
        reason=_(
            "You get this mail because you own this goal and its check-in was due on %(day)s. It is sent once for each"
            " due date, and not at all when somebody has checked in before."
        )
        % {"day": _day(goal.check_in_due_on)},
    )


def _goal_still_due(delivery: Delivery) -> Goal | None:
    if delivery.recipient is None or delivery.subject_id is None:
        return None
    goal: Goal | None = (
        access.visible_goals(delivery.recipient)
        .filter(
            pk=delivery.subject_id,
            status=Status.ACTIVE,
            owner_id=delivery.recipient_id,
            check_in_due_on=delivery.data.get("due_on"),
        )
        .select_related("workspace", "owner")
        .first()
    )
    return goal


def _opening(goal: Goal, title: str) -> str:
    if goal.last_check_in_at is not None:
        return _("It is time to check in on %(goal)s. The last check-in was on %(day)s.") % {
            "goal": title,
            "day": _day(timezone.localtime(goal.last_check_in_at)),
        }
    if goal.activated_at is not None:
        return _("It is time for a first check-in on %(goal)s, which has been active since %(day)s.") % {
            "goal": title,
            "day": _day(timezone.localtime(goal.activated_at)),
        }
    return _("It is time for a first check-in on %(goal)s.") % {"goal": title}


def _facts(goal: Goal) -> tuple[Fact, ...]:
    facts = [] if goal.confidence is None else [Fact(_("Confidence"), goal.get_confidence_display())]
    if goal.is_measured and goal.owner is not None and access.shows_progress(goal.owner, goal):
        facts.append(Fact(_("Progress"), _("%(percent)s %%") % {"percent": round(goal.progress * 100)}))
    key_results = goal.key_results.order_by("position", "id")[:KEY_RESULTS_SHOWN]
    return (*facts, *(Fact(_short(each.title, TITLE_MAX), _standing(each)) for each in key_results))


def _standing(key_result: KeyResult) -> str:
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


def _quote(check_in: CheckIn | None) -> str:
    if check_in is None or check_in.note_format != NoteFormat.MARKDOWN:
        return ""
    return _short(check_in.note, QUOTE_MAX)


def _short(text: str, longest: int) -> str:
    words = " ".join(text.split())
    return words if len(words) <= longest else words[: longest - 1].rsplit(" ", 1)[0] + "…"


def _day(day: date | datetime | None) -> str:
    return date_format(day, pgettext("date format", "l j F")) if day else ""
