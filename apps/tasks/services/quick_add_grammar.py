"""The grammar of the quick add: one line in, what it says of a task out. No database, no clock.

    line       = { word }                    words are set apart by spaces
    word       = assignee | place | weight | urgency | estimate | label | day | kept | plain
    assignee   = "@" name                    @lea · @lea.berg · @"Lea Berg" · @me
    place      = ">" name                    >calls · >"Answer every call"
    weight     = "!" 1-5 [ "/" 1-5 ]         importance, and urgency behind the stroke
    urgency    = "^" 1-5
    estimate   = number ( "h" | "std" | "m" | "min" )      2h · 1.5h · 1,5h · 90min, without a space
    label      = "#" name                    #print · #"spring fair"
    day        see quick_add_dates           friday · in 3 days · 1 dec · morgen …
    kept       = "\\" word                    stands in the title as it is, without the stroke
    plain      stands in the title

Of each kind the last one counts, of labels all; earlier ones stay in the title, as does everything that is not
understood. So nothing a person wrote is lost.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from apps.tasks.services.quick_add_dates import read_day

LINE_MAX = 1_500
LOOK_AHEAD = 6
LABEL_MAX = 100
HOURS_MOST = 10_000
WORD = re.compile(r"""[@>#]["“][^"“”]*["”]|\S+""")
WEIGHT = re.compile(r"!([1-5])(?:/([1-5]))?")
URGENCY = re.compile(r"\^([1-5])")
ESTIMATE = re.compile(r"([0-9]{1,5})(?:[.,]([0-9]{1,2}))?(h|std|m|min)")
MINUTES = frozenset({"m", "min"})
QUOTES = '"“”'


@dataclass(frozen=True)
class Parsed:
    """What a line says. Names are as they were written, to be looked up by somebody who may see them."""

    title: str
    assignee: str = ""
    place: str = ""
    importance: int | None = None
    urgency: int | None = None
    due_on: date | None = None
    hours: Decimal | None = None
    labels: tuple[str, ...] = field(default=())


@dataclass(frozen=True)
class _Token:
    """One thing understood: its kind, what it means, and the words it was said with."""

    kind: str
    value: object
    text: str


def parse(line: str, today: date) -> Parsed:
    """What the line says, by the grammar above; `today` is the day it is for the writer."""
    tokens = list(_tokens(" ".join(line.replace("\x00", " ")[:LINE_MAX].split()), today))
    counting = {token.kind: number for number, token in enumerate(tokens) if token.kind not in {"plain", "label"}}
    kept = [
        token.text
        for number, token in enumerate(tokens)
        if token.kind == "plain" or (token.kind != "label" and counting[token.kind] != number)
    ]
    said: dict[str, Any] = {kind: tokens[number].value for kind, number in counting.items()}
    said["importance"], urgency = said.pop("weight", (None, None))
    said["labels"] = tuple(dict.fromkeys(token.value for token in tokens if token.kind == "label"))
    return Parsed(title=" ".join(kept), **{"urgency": urgency, **said})


def _tokens(line: str, today: date) -> Iterator[_Token]:
    words = WORD.findall(line)
    at = 0
    while at < len(words):
        if found := read_day(words[at : at + LOOK_AHEAD], today):
            day, length = found
            yield _Token("due_on", day, " ".join(words[at : at + length]))
            at += length
            continue
        yield _one(words[at])
        at += 1


def _one(word: str) -> _Token:
    if word.startswith("\\") and len(word) > 1:
        return _Token("plain", None, word[1:])
    for reader in (_name, _weight, _estimate):
        if token := reader(word):
            return token
    return _Token("plain", None, word)


def _name(word: str) -> _Token | None:
    kind = {"@": "assignee", ">": "place", "#": "label"}.get(word[0])
    name = " ".join(word[1:].strip(QUOTES).split())
    if kind is None or not any(character.isalnum() for character in name):
        return None
    if kind == "label" and len(name) > LABEL_MAX:
        return None
    return _Token(kind, name, word)


def _weight(word: str) -> _Token | None:
    if match := WEIGHT.fullmatch(word):
        return _Token("weight", (int(match[1]), int(match[2]) if match[2] else None), word)
    if match := URGENCY.fullmatch(word):
        return _Token("urgency", int(match[1]), word)
    return None


def _estimate(word: str) -> _Token | None:
    match = ESTIMATE.fullmatch(word.casefold())
    if match is None:
        return None
    number = Decimal(f"{match[1]}.{match[2] or 0}")
    hours = (number / 60 if match[3] in MINUTES else number).quantize(Decimal("0.1"))
    return _Token("hours", hours, word) if hours <= HOURS_MOST else None


def quoted(sign: str, name: str) -> str:
    """A name as it is written in the line so that it is read as one: @"Lea Berg", >calls."""
    return f'{sign}"{name}"' if " " in name else f"{sign}{name}"
