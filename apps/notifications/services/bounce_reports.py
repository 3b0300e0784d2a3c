"""Reading the notification that a mail server sends about a mail that did not arrive (RFC 3464).

Anybody can write to the address these come to, so nothing here trusts them: read are the first LARGEST bytes, so many
parts, so many lines of heads, each in one pass and none nested, whatever they hold. A parser of whole mails would not
do: it follows what is nested as deep as it goes, and takes quadratic time over some heads.
"""

import binascii
import quopri
import re
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message

from apps.notifications.services.faults import Fault, fault_of

LARGEST = 1024 * 1024
"""A notification may hold the whole mail that came back; what is beyond this is not read."""
PARTS_MAX, BLOCKS_MAX, LINES_MAX, FIELD_MAX = 20, 50, 500, 2_000
SAID_MAX = 400
ADDRESS = re.compile(r"""[^\s<>,;:"()\[\]@]{1,64}@[^\s<>,;:"()\[\]@]{1,255}""")
ADDRESSES_MAX = 20
STATUS_KINDS = {"message/delivery-status", "message/global-delivery-status"}
RETURNED_KINDS = {"message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers"}
"""The mail that came back, whole or its head; the latter two are RFC 6533's."""

Head = dict[str, str]


@dataclass(frozen=True)
class Bounce:
    """One mail that did not arrive: its Message-ID, whom it was for, what the last server said, and what that means.

    `addresses` are in lower case: those the server names, and those the mail itself was written to, since somebody who
    has their mail forwarded is named by the address it was forwarded to.
    """

    message_id: str
    said: str
    addresses: frozenset[str]
    fault: Fault


def read_bounce(content: bytes) -> Bounce | None:
    """What a notification says came back for good; None where it is none, or tells of a delay or of success."""
    text = content[:LARGEST].replace(b"\0", b"").replace(b"\r\n", b"\n").decode("utf-8", "replace")
    head, body = _split(text)
    report = _typed(head)
    boundary = report.get_boundary("") if report.get_content_type() == "multipart/report" else ""
    if not boundary:
        return None
    failure: Head = {}
    returned: Head = {}
    for part_head, part in _parts(body, boundary):
        kind = _typed(part_head).get_content_type()
        if kind in STATUS_KINDS and not failure:
            failure = next(_failures(_decoded(part_head, part)), {})
        elif kind in RETURNED_KINDS and not returned:
            returned = _split(_decoded(part_head, part))[0]
    return _bounce(failure, returned)


def _bounce(failure: Head, returned: Head) -> Bounce | None:
    message_id = returned.get("message-id", "")
    if not failure or not message_id:
        return None
    status, diagnostic = failure.get("status", ""), failure.get("diagnostic-code", "").partition(";")[2]
    named = (failure.get("final-recipient", ""), failure.get("original-recipient", ""), returned.get("to", ""))
    return Bounce(
        message_id=message_id,
        said=" ".join((diagnostic if status in diagnostic else f"{status} {diagnostic}").split())[:SAID_MAX]
        or "no reason given",
        addresses=frozenset(found for text in named for found in ADDRESS.findall(text.lower())[:ADDRESSES_MAX]),
        fault=fault_of(status, diagnostic),
    )


def _split(text: str) -> tuple[Head, str]:
    """The head's fields by name in lower case, the first of each, unfolded and cut; and what comes after the head."""
    raw, _blank, body = text.lstrip("\n").partition("\n\n")
    fields: Head = {}
    name = ""
    for line in raw.split("\n", LINES_MAX)[:LINES_MAX]:
        if line[:1] in {" ", "\t"}:
            if name:
                fields[name] = f"{fields[name]} {line.strip()}"[:FIELD_MAX]
            continue
        name, colon, value = line.partition(":")
        name = name.strip().lower() if colon else ""
        if name in fields:
            name = ""
        elif name:
            fields[name] = value.strip()[:FIELD_MAX]
    return fields, body


def _typed(head: Head) -> Message:
    """The standard library's reading of a content type, of a head already cut to length."""
    message = Message()
    message["Content-Type"] = head.get("content-type", "text/plain")
    return message


def _parts(body: str, boundary: str) -> Iterator[tuple[Head, str]]:
    """Head and body of each part between the boundaries (RFC 2046, section 5.1.1)."""
    for raw in f"\n{body}".split(f"\n--{boundary}", PARTS_MAX)[1:PARTS_MAX]:
        if raw.startswith("--"):
            return
        rest = raw.partition("\n")[2]
        yield ({}, rest[1:]) if rest.startswith("\n") else _split(rest)


def _failures(text: str) -> Iterator[Head]:
    """Each recipient's block that tells of a failure for good (RFC 3464, sections 2.3.3 to 2.3.6)."""
    for block in re.split(r"\n[ \t]*\n", text, maxsplit=BLOCKS_MAX)[:BLOCKS_MAX]:
        fields = _split(block)[0]
        if fields.get("action", "").lower() == "failed":
            yield fields


def _decoded(head: Head, part: str) -> str:
    """The part's text; some servers encode it although RFC 3464 wants it plain."""
    encoding = head.get("content-transfer-encoding", "").lower()
    raw = part.encode()
    try:
        if encoding == "base64":
            raw = b64decode(raw)
        elif encoding == "quoted-printable":
            raw = quopri.decodestring(raw)
    except (binascii.Error, ValueError):
        return part
    return raw.replace(b"\0", b"").replace(b"\r\n", b"\n").decode("utf-8", "replace")
