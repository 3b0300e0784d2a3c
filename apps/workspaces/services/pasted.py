"""A pasted list of people: "Name <mail>", a mail a line, or several in a line with commas or semicolons."""

import re
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

PEOPLE_MAX = 200
NAME_MAX = 200
MAIL_MAX = 254
SHOWN_MAX = 60

_PIECES = re.compile(r'(?:[^,;"]|"[^"]*"?)+')
_BRACKETS = re.compile(r"(?P<name>[^<>]*)<\s*(?P<email>[^<>\s]+)\s*>")


@dataclass(frozen=True)
class Invitee:
    """One person of the list, and the line they stand in (from 1)."""

    line: int
    name: str
    email: str


def read_people(text: str) -> list[Invitee]:
    """The people of a pasted list, in its order.

    ValidationError with one message for each faulty line, and for a list too long or empty.
    """
    people: list[Invitee] = []
    faults: list[str] = []
    seen: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        for piece in _pieces(line):
            try:
                people.append(_unseen(_read(piece, number), seen))
            except ValidationError as error:
                faults += [_line(number, message) for message in error.messages]
    if len(people) > PEOPLE_MAX:
        faults.append(
            _("These are %(count)s people. Invite at most %(most)s at once.")
            % {"count": len(people), "most": PEOPLE_MAX}
        )
    if faults:
        raise ValidationError(faults)
    if not people:
        raise ValidationError(_("Write at least one e-mail address."))
    return people


def _unseen(invitee: Invitee, seen: dict[str, int]) -> Invitee:
    """The same, its address noted with its line; ValidationError where it stands in the list already."""
    if invitee.email in seen:
        words = {"email": invitee.email, "first": seen[invitee.email]}
        raise ValidationError(_("%(email)s is already in line %(first)s.") % words)
    seen[invitee.email] = invitee.line
    return invitee


def line_fault(invitee: Invitee, message: str) -> str:
    """The message as one of that person's line."""
    return _line(invitee.line, message)


def _line(number: int, message: str) -> str:
    return _("Line %(number)s: %(message)s") % {"number": number, "message": message}


def _pieces(line: str) -> list[str]:
    """The people of one line. A piece without an address belongs to the next one: “Doe, Jane <jane@example.org>”."""
    pieces: list[str] = []
    waiting = ""
    for match in _PIECES.finditer(line):
        piece = f"{waiting}, {match.group().strip()}" if waiting else match.group().strip()
        if "@" in piece:
            pieces.append(piece)
            waiting = ""
        else:
            waiting = piece
    return [*pieces, waiting] if waiting else pieces


def _read(piece: str, line: int) -> Invitee:
    name, email = _split(piece)
    name = " ".join(name.replace('"', " ").split()).strip(" '")
    email = email.strip("<>").removeprefix("mailto:").lower()
    shown = piece if len(piece) <= SHOWN_MAX else f"{piece[:SHOWN_MAX]}…"
    if not email or len(email) > MAIL_MAX:
        raise ValidationError(_("“%(text)s” is not an e-mail address.") % {"text": shown})
    if len(name) > NAME_MAX:
        raise ValidationError(_("“%(text)s” is too long for a name.") % {"text": shown})
    try:
        validate_email(email)
    except ValidationError as error:
        raise ValidationError(_("“%(text)s” is not an e-mail address.") % {"text": shown}) from error
    return Invitee(line, name, email)


def _split(piece: str) -> tuple[str, str]:
    """Name and address of one piece."""
    if match := _BRACKETS.fullmatch(piece):
        return match["name"], match["email"]
    words = piece.split()
    if words and "@" in words[-1]:
        return " ".join(words[:-1]), words[-1]
    return ("", words[0]) if len(words) == 1 else ("", "")
