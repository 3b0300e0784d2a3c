"""Dates in words a person uses, with the exact time on hover."""

from datetime import date, datetime, timedelta
from functools import lru_cache

from django.template import Context
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from apps.core.templatetags.core.registry import register

WEEK = 7
MANY_WEEKS = 60
STYLES = {"words", "date", "both"}


def day_and_month(day: date, today: date, *, short: bool = False) -> str:
    """“19 December”, or “19 Dec”; with the year where it is another than this."""
    if day.year == today.year:
        form = pgettext("date format", "j M") if short else pgettext("date format", "j F")
    else:
        form = pgettext("date format", "j M Y") if short else pgettext("date format", "j F Y")
    return date_format(day, form)


def _ahead(day: date, days: int, today: date) -> str:
    if days < WEEK:
        return date_format(day, "l")
    if days < 2 * WEEK:
        return ngettext("in %(count)d day", "in %(count)d days", days) % {"count": days}
    if days < MANY_WEEKS:
        weeks = round(days / WEEK)
        return ngettext("in %(count)d week", "in %(count)d weeks", weeks) % {"count": weeks}
    return day_and_month(day, today)


def _ago(day: date, days: int, today: date) -> str:
    if days < 2 * WEEK:
        return ngettext("%(count)d day ago", "%(count)d days ago", days) % {"count": days}
    if days < MANY_WEEKS:
        weeks = round(days / WEEK)
        return ngettext("%(count)d week ago", "%(count)d weeks ago", weeks) % {"count": weeks}
    return day_and_month(day, today)


def day_words(day: date, today: date) -> str:
    """A day as seen from today: today, tomorrow, Thursday, in 10 days, in 4 weeks, 19 December; 3 days ago."""
    days = (day - today).days
    near = {0: _("today"), 1: _("tomorrow"), -1: _("yesterday")}
    if days in near:
        return near[days]
    return _ahead(day, days, today) if days > 0 else _ago(day, -days, today)


def moment_words(moment: datetime, now: datetime) -> str:
    """A moment as seen from now: just now, 12 minutes ago, today at 14:05, yesterday, 3 days ago."""
    passed = now - moment
    if timedelta(0) <= passed < timedelta(minutes=1):
        return _("just now")
    if timedelta(0) < passed < timedelta(hours=1):
        minutes = int(passed.total_seconds() // 60)
        return ngettext("%(count)d minute ago", "%(count)d minutes ago", minutes) % {"count": minutes}
    words = day_words(moment.date(), now.date())
    if abs((moment.date() - now.date()).days) <= 1:
        return _("%(day)s at %(time)s") % {"day": words, "time": date_format(moment, "H:i")}
    return words


def _words(value: date, today: date, style: str) -> str:
    if isinstance(value, datetime):
        if style == "words":
            return moment_words(value, datetime.combine(today, timezone.localtime().time(), value.tzinfo))
        value = value.date()
    if style == "date":
        return day_and_month(value, today, short=True)
    words, exact = day_words(value, today), day_and_month(value, today)
    return words if style == "words" or words == exact else f"{exact}, {words}"


def _today(context: Context) -> date:
    today = context.get("today")
    if isinstance(today, datetime):
        return today.date()
    return today if isinstance(today, date) else timezone.localdate()


@register.simple_tag(takes_context=True)
def when(context: Context, value: date | None, style: str = "words", none: str = "") -> SafeString:
    """`{% when goal.due_on %}` “in 4 weeks”; style "date" “19 Dec”; "both" “19 December, in 4 weeks”.

    The whole date is its title. A day is seen from `today` of the page's context, else from today in the reader's time
    zone. `none` is said where there is no date.
    """
    if not isinstance(value, date):
        return format_html('<span class="muted">{}</span>', none) if none else SafeString("")
    if not isinstance(value, datetime):
        return _day_markup(value, _today(context), style, get_language() or "")
    return _markup(value, _today(context), style)


@lru_cache(maxsize=2_000)
def _day_markup(day: date, today: date, style: str, _language: str) -> SafeString:
    """Lists show the same few days in many lines."""
    return _markup(day, today, style)


def _markup(value: date, today: date, style: str) -> SafeString:
    local = timezone.localtime(value) if isinstance(value, datetime) and timezone.is_aware(value) else value
    exact = date_format(local, "DATETIME_FORMAT" if isinstance(local, datetime) else "DATE_FORMAT")
    title = f"{date_format(local, 'l')}, {exact}"
    words = _words(local, today, style if style in STYLES else "words")
    return format_html('<time datetime="{}" title="{}">{}</time>', local.isoformat(), title, words)
