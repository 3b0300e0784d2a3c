"""Days as people write them in one line, in English and in German. Plain functions: words and today in, a day out.

`read_day(words, today)` looks at the beginning of a list of words and says which day they mean and how many of them it
took. What it knows (in any case, a full stop or comma behind a word is no matter):

    today heute · tomorrow morgen · übermorgen
    a weekday, whole or short: friday fri freitag           the next one after today
    this friday, diesen freitag                              the same
    short words that mean something else too: on mon, am do  only behind a preposition
    next friday, nächsten freitag                            the one of the next calendar week
    next week, nächste woche                                 its Monday
    in 3 days, in 2 weeks, in a month; in 3 tagen …          counted from today
    2026-12-01 · 1.12. · 1.12.2026
    1 dec · 1st december 2026 · dec 1 · 1. dezember          without a year: the next such day

and before any of these, on by until due bis am zum fällig. Days lie within ten years of today.
"""

import re
from calendar import monthrange
from collections.abc import Sequence
from datetime import date, timedelta

WEEKDAYS = (
    ("monday", "mon", "montag", "mo"),
    ("tuesday", "tue", "tues", "dienstag", "di"),
    ("wednesday", "wed", "mittwoch", "mi"),
    ("thursday", "thu", "thur", "thurs", "donnerstag", "do"),
    ("friday", "fri", "freitag", "fr"),
    ("saturday", "sat", "samstag", "sonnabend", "sa"),
    ("sunday", "sun", "sonntag", "so"),
)
SHORT_WORDS = frozenset({"mo", "di", "mi", "do", "fr", "sa", "so", "mon", "sat", "sun", "wed"})
"""Short for a weekday, but words of their own too ("what to do", "make it so"): they count behind a preposition."""
MONTHS = (
    ("january", "jan", "januar"),
    ("february", "feb", "februar"),
    ("march", "mar", "märz", "maerz", "mär"),
    ("april", "apr"),
    ("may", "mai"),
    ("june", "jun", "juni"),
    ("july", "jul", "juli"),
    ("august", "aug"),
    ("september", "sep", "sept"),
    ("october", "oct", "oktober", "okt"),
    ("november", "nov"),
    ("december", "dec", "dezember", "dez"),
)
WEEKDAY = {name: number for number, names in enumerate(WEEKDAYS, 1) for name in names}
MONTH = {name: number for number, names in enumerate(MONTHS, 1) for name in names}
FIXED = {"today": 0, "heute": 0, "tomorrow": 1, "morgen": 1, "übermorgen": 2, "uebermorgen": 2}
BEFORE = frozenset({"on", "by", "until", "due", "bis", "am", "zum", "fällig"})
NEXT = frozenset({"next", "nächste", "nächsten", "nächster", "naechste", "naechsten", "kommende", "kommenden"})
THIS = frozenset({"this", "diesen", "dieser", "diesem"})
WEEK = frozenset({"week", "woche"})
UNITS = {
    **dict.fromkeys(("day", "days", "tag", "tage", "tagen"), "days"),
    **dict.fromkeys(("week", "weeks", "woche", "wochen"), "weeks"),
    **dict.fromkeys(("month", "months", "monat", "monate", "monaten"), "months"),
}
ONE = frozenset({"a", "an", "one", "einem", "einer", "ein", "eine"})
YEARS_AHEAD = 10
DAYS_MOST = 3_650
ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4}|\d{2})?")
DAY = re.compile(r"(\d{1,2})(?:st|nd|rd|th|\.)?")
NUMBER = re.compile(r"[0-9]{1,4}")
YEAR = re.compile(r"[0-9]{4}")

Found = tuple[date, int]


def read_day(words: Sequence[str], today: date) -> Found | None:
    """The day the first of these words mean and how many words say it; None where they mean none."""
    plain = [word.casefold().rstrip(",;") for word in words]
    if plain and plain[0] in BEFORE:
        found = _read(plain[1:], today, certain=True)
        return (found[0], found[1] + 1) if found else None
    return _read(plain, today, certain=False)


def _read(words: Sequence[str], today: date, *, certain: bool) -> Found | None:
    if not words:
        return None
    for reader in (_fixed, _this, _next, _within, _written, _month_first, _day_first):
        if found := reader(words, today):
            return found if _is_near(found[0], today) else None
    return _weekday(words, today, certain=certain)


def _is_near(day: date, today: date) -> bool:
    return abs((day - today).days) <= DAYS_MOST


def _fixed(words: Sequence[str], today: date) -> Found | None:
    days = FIXED.get(words[0].rstrip("."))
    return None if days is None else (today + timedelta(days=days), 1)


def _weekday(words: Sequence[str], today: date, *, certain: bool) -> Found | None:
    name = words[0].rstrip(".")
    number = WEEKDAY.get(name)
    if number is None or (name in SHORT_WORDS and not certain):
        return None
    return today + timedelta(days=(number - today.isoweekday() - 1) % 7 + 1), 1


def _this(words: Sequence[str], today: date) -> Found | None:
    if words[0] not in THIS or len(words) == 1:
        return None
    found = _weekday(words[1:], today, certain=True)
    return (found[0], 2) if found else None


def _next(words: Sequence[str], today: date) -> Found | None:
    if words[0] not in NEXT or len(words) == 1:
        return None
    monday = today + timedelta(days=8 - today.isoweekday())
    if words[1] in WEEK:
        return monday, 2
    number = WEEKDAY.get(words[1])
    return (monday + timedelta(days=number - 1), 2) if number else None


def _within(words: Sequence[str], today: date) -> Found | None:
    if words[0] != "in" or len(words) < 3 or words[2] not in UNITS:  # noqa: PLR2004 - in, how many, of what
        return None
    if words[1] in ONE:
        count = 1
    elif NUMBER.fullmatch(words[1]):
        count = int(words[1])
    else:
        return None
    unit = UNITS[words[2]]
    if unit == "months":
        return _months_later(today, count), 3
    return today + timedelta(days=min(count, DAYS_MOST + 1) * (7 if unit == "weeks" else 1)), 3


def _months_later(day: date, count: int) -> date:
    """The same day of a later month, or its last day where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + min(count, DAYS_MOST), 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _written(words: Sequence[str], today: date) -> Found | None:
    if match := ISO.fullmatch(words[0]):
        year, month, day = (int(part) for part in match.groups())
        made = _date(year, month, day)
        return (made, 1) if made else None
    if match := DOTTED.fullmatch(words[0]):
        day_text, month_text, year_text = match.groups()
        made = _on(int(day_text), int(month_text), year_text, today)
        return (made, 1) if made else None
    return None


def _day_first(words: Sequence[str], today: date) -> Found | None:
    """1 dec, 1st december 2026, 1. dezember."""
    match = DAY.fullmatch(words[0])
    month = MONTH.get(words[1].rstrip(".")) if len(words) > 1 else None
    return _with_year(int(match[1]), month, words, today) if match and month else None


def _month_first(words: Sequence[str], today: date) -> Found | None:
    """dec 1, december 1st 2026."""
    month = MONTH.get(words[0].rstrip("."))
    match = DAY.fullmatch(words[1]) if month and len(words) > 1 else None
    return _with_year(int(match[1]), month, words, today) if match and month else None


def _with_year(day: int, month: int, words: Sequence[str], today: date) -> Found | None:
    year = words[2] if len(words) > 2 and YEAR.fullmatch(words[2]) else None  # noqa: PLR2004 - day, month, year
    made = _on(day, month, year, today)
    return (made, 3 if year else 2) if made else None


def _on(day: int, month: int, year: str | None, today: date) -> date | None:
    """That day of the year (two digits are of this century), or, without one, the next from today on."""
    if year:
        return _date(int(year) if len(year) > 2 else 2000 + int(year), month, day)  # noqa: PLR2004 - 26 for 2026
    following = (_date(today.year + ahead, month, day) for ahead in range(9))  # nine: from one leap day to the next
    return next((found for found in following if found and found >= today), None)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
