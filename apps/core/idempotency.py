"""Idempotency-Key: a POST that is sent again gives the first answer again
(draft-ietf-httpapi-idempotency-key-header-07).

The key is a row that is inserted first, in the transaction of the change. A second request with it waits at the
unique index until the first has ended: then it finds the stored answer, or, where the first failed, is the first
itself. A crash leaves neither a key nor a change.
"""

import functools
import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import orjson
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import exceptions, status
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.models import IdempotentAnswer
from apps.core.parsers import to_json
from apps.core.problems import KeyReused
from apps.core.retention import delete_old

KEPT_FOR = timedelta(hours=24)
KEY_MAX = 255
REPLAYED = "Idempotency-Replayed"


def once(request: Request, act: Callable[[], Response]) -> Response:
    """Do `act` unless this caller's key was answered already; then that answer again. Without a key just do it.

    The caller is the token, whose scopes the answer was cut to, or the person in a browser.

    Errors are not kept: what was refused can be mended and sent again with the same key. Raises KeyReused where the key
    came with another request, ValidationError for a key that is empty or too long.
    """
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return act()
    if not 1 <= len(key) <= KEY_MAX:
        raise exceptions.ValidationError({"Idempotency-Key": [_("A key has 1 to 255 characters.")]})
    owner_id: UUID = (request.auth or request.member).pk  # type: ignore[attr-defined]
    print_of_request = _fingerprint(request)
    row = _claim(owner_id, key, print_of_request)
    if row is None:
        return _answer_again(owner_id, key, print_of_request)
    response = act()
    if response.status_code < status.HTTP_400_BAD_REQUEST:
        headers = {name: response[name] for name in ("ETag", "Location") if name in response}
        row.status, row.body, row.headers = response.status_code, to_json(response.data), headers
        row.save()
    return response


def idempotent(method: Callable[..., Response]) -> Callable[..., Response]:
    """Decorator of a view's POST: see `once`."""

    @functools.wraps(method)
    def wrapper(view: object, request: Request, *args: object, **kwargs: object) -> Response:
        return once(request, lambda: method(view, request, *args, **kwargs))

    return wrapper


def forget_old_keys(*, at: datetime) -> int:
    """Delete the keys that are older than a day; gives back how many."""
    return delete_old(IdempotentAnswer.objects.filter(created_at__lt=at - KEPT_FOR))


def _claim(owner_id: UUID, key: str, fingerprint: str) -> IdempotentAnswer | None:
    """The key as a new row; None where it was answered within the last day. An older one counts as never used."""
    with transaction.atomic():
        IdempotentAnswer.objects.filter(owner_id=owner_id, key=key, created_at__lt=timezone.now() - KEPT_FOR).delete()
        try:
            with transaction.atomic():
                return IdempotentAnswer.objects.create(owner_id=owner_id, key=key, fingerprint=fingerprint)
        except IntegrityError:
            return None


def _answer_again(owner_id: UUID, key: str, fingerprint: str) -> Response:
    row = IdempotentAnswer.objects.get(owner_id=owner_id, key=key)
    if row.fingerprint != fingerprint:
        raise KeyReused
    data: object = orjson.loads(bytes(row.body)) if row.body else None
    return Response(data, status=row.status, headers={**row.headers, REPLAYED: "true"})


def _fingerprint(request: Request) -> str:
    try:
        content = to_json([request.method, request.get_full_path(), request.data])
    except TypeError as error:  # orjson writes less deep than it reads
        raise exceptions.ParseError(_("This is nested too deeply.")) from error
    return hashlib.sha256(content).hexdigest()
