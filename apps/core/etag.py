"""Entity tags: the version of an answer (RFC 9110, 8.8.3), and the conditions a caller ties to it (13.1)."""

import hashlib
from typing import Any

from rest_framework.request import Request

from apps.core.parsers import to_json
from apps.core.problems import PreconditionFailed


def etag_of(data: Any) -> str:
    """The strong tag of a body: two bodies have the same tag only if they are the same, byte for byte."""
    return f'"{hashlib.blake2b(to_json(data), digest_size=12).hexdigest()}"'


def is_unchanged(request: Request, tag: str) -> bool:
    """Whether If-None-Match names this tag: the caller has it already (304)."""
    return _names(request.headers.get("If-None-Match", ""), tag)


def check_if_match(request: Request, tag: str) -> None:
    """Raise PreconditionFailed where If-Match is given and does not name the object's present tag."""
    given = request.headers.get("If-Match", "")
    if given and not _names(given, tag):
        raise PreconditionFailed


def _names(header: str, tag: str) -> bool:
    tags = {each.strip().removeprefix("W/") for each in header.split(",")}
    return "*" in tags or tag in tags
