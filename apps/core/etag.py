"""Entity tags: the version of an answer (RFC 9110, 8.8.3), and the conditions a caller ties to it (13.1)."""

import hashlib
import re

from rest_framework.request import Request

from apps.core.parsers import to_json
from apps.core.problems import PreconditionFailed

_CODING = re.compile(r'-(?:gzip|br|zstd|deflate)"$')
SIZE = 12


def etag_of(data: object, shown: object = None) -> str:
    """The strong tag of a body: two bodies have the same tag only if they are the same, byte for byte.

    Where the body is another form of the data (`?render=html`), it is `shown`, and its tag is both: "version.form".
    If-Match looks at the version alone, so that what was read in one form can be changed whatever the answer's form.
    """
    version = version_of(data)
    return f'"{version}"' if shown is None else f'"{version}.{version_of(shown)}"'


def etag_of_body(body: bytes) -> str:
    """The tag of data that is a body already."""
    return f'"{_hash(body)}"'


def version_of(data: object, *, size: int = SIZE) -> str:
    """The version of what is there: other data, another version. Tags of the API and marks of forms are made of it.

    `size` is in bytes of the hash, each two letters long.
    """
    return _hash(to_json(data), size)


def is_unchanged(request: Request, tag: str) -> bool:
    """Whether If-None-Match names this tag: the caller has it already (304)."""
    return _names(request.headers.get("If-None-Match", ""), tag)


def check_if_match(request: Request, tag: str) -> None:
    """Raise PreconditionFailed where If-Match is given and does not name the object's present tag."""
    given = request.headers.get("If-Match", "")
    if given and not _names(re.sub(r"\.[0-9a-f]+(?=\")", "", given), tag):
        raise PreconditionFailed


def check_conditions(request: Request, tag: str) -> None:
    """For a PUT onto what is there: If-Match, and If-None-Match, by which `*` means "only if there is none yet".

    Raises PreconditionFailed.
    """
    check_if_match(request, tag)
    if is_unchanged(request, tag):
        raise PreconditionFailed


def _hash(body: bytes, size: int = SIZE) -> str:
    return hashlib.blake2b(body, digest_size=size).hexdigest()


def _names(header: str, tag: str) -> bool:
    """Whether a header names a tag, also as a proxy on the way made it.

    What compresses answers may weaken the tag (nginx: `W/"…"`) or put the coding behind it (Caddy, Apache: `"…-gzip"`),
    and the caller sends it back so. The tag stands for the data, which is the same in each coding.
    """
    tags = {_CODING.sub('"', each.strip().removeprefix("W/")) for each in header.split(",")}
    return "*" in tags or tag in tags
