"""Mails as bytes: what RFC 5322 and MIME (RFC 2045 to 2047) want of them, written down directly.

Python's own `email` package can write any mail and takes ten times as long for it; all of ours have the same form, a
text and its HTML, and leave by the thousand. tests/notifications/test_mime.py compares the two.
"""

import re
import secrets
from base64 import encodebytes
from binascii import b2a_qp
from collections.abc import Iterator
from email.utils import formatdate
from functools import lru_cache
from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.core.mail.message import forbid_multi_line_headers

LINE = 78
"""The length a header's line should keep to (RFC 5322, section 2.1.1)."""
EOL = "\r\n"
CHARSET = "utf-8"
LINE_END = re.compile(r"\r\n|\r|\n")
BASE64_GROWS = 1.37
"""Four letters for three bytes, and the ends of lines."""


class ReadyMail(EmailMultiAlternatives):
    """A mail to one address, as text and as the HTML of the same content."""

    def message(self, **_options: Any) -> Any:
        """The mail as it goes over the wire. Raises BadHeaderError (a line break in a header), ValueError (an address
        that cannot be written)."""
        return _MimeBytes(b"".join(_parts(self)))


class _MimeBytes:
    """What Django's mail backends ask of a message."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    def as_bytes(self, *, linesep: str = "\n", **_options: object) -> bytes:
        """The whole mail, its lines ended as wanted."""
        return self.content if linesep == EOL else self.content.replace(b"\r\n", linesep.encode())

    def as_string(self) -> str:
        """The same as text: it is ASCII throughout."""
        return self.as_bytes().decode("ascii")

    def get_charset(self) -> None:
        """None: each part says its own."""


def _parts(mail: ReadyMail) -> Iterator[bytes]:
    boundary = f"=_{secrets.token_hex(12)}"  # "=_" stands nowhere in quoted-printable (RFC 2045, section 6.7)
    yield "".join(f"{name}:{value}{EOL}" for name, value in _headers(mail)).encode("ascii")
    yield f'MIME-Version: 1.0{EOL}Content-Type: multipart/alternative; boundary="{boundary}"{EOL}{EOL}'.encode()
    alternatives = [(str(mail.body), "text/plain"), *((str(content), kind) for content, kind in mail.alternatives)]
    for content, kind in alternatives:
        encoding, encoded = _for_the_wire(content)
        yield (
            f'--{boundary}{EOL}Content-Type: {kind}; charset="utf-8"{EOL}'
            f"Content-Transfer-Encoding: {encoding}{EOL}{EOL}"
        ).encode()
        yield encoded
    yield f"--{boundary}--{EOL}".encode()


def _for_the_wire(content: str) -> tuple[str, bytes]:
    """The name of the shorter encoding of a text, and the text in it: ASCII in short lines, which all servers take."""
    plain = EOL.join([*LINE_END.split(content), ""]).encode()
    quoted = b2a_qp(plain, istext=True)
    if len(quoted) <= len(plain) * BASE64_GROWS:
        return "quoted-printable", quoted
    return "base64", encodebytes(plain).replace(b"\n", b"\r\n")


def _headers(mail: ReadyMail) -> Iterator[tuple[str, str]]:
    """The names and what follows the colon, in ASCII (Django's rules); long values begin on a line of their own."""
    given = {str(name): str(value) for name, value in mail.extra_headers.items()}
    (to,) = mail.to
    yield "From", _kept("From", given.pop("From", mail.from_email))
    yield "To", _folded("To", to)
    yield "Subject", _kept("Subject", str(mail.subject))
    yield "Date", f" {formatdate()}"
    for name, value in given.items():
        yield name, _folded(name, value)


def _folded(name: str, value: str) -> str:
    encoded: str = forbid_multi_line_headers(name, value, CHARSET)[1].replace("\n", EOL)
    is_long = EOL not in encoded and len(name) + len(encoded) + 2 > LINE
    return f"{EOL} {encoded}" if is_long else f" {encoded}"


@lru_cache(maxsize=1_000)
def _kept(name: str, value: str) -> str:
    """The sender is always the same, and the mails of one morning share their subjects."""
    return _folded(name, value)
