"""Every error of the API as RFC 9457 `application/problem+json`."""

from collections.abc import Iterator, Mapping
from typing import Any

import structlog
from django.core.exceptions import PermissionDenied as DjangoPermissionDenied
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_stubs_ext import StrOrPromise
from psycopg import errors as postgres
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.views import set_rollback

from apps.core.encryption import UnreadableSecretError

CONTENT_TYPE = "application/problem+json"
TITLES = {
    400: "Bad request",
    401: "Not signed in",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    406: "Not acceptable",
    409: "Conflict",
    412: "Precondition failed",
    413: "Too large",
    415: "Unsupported media type",
    422: "Not the same request",
    429: "Too many requests",
    500: "Fault",
    503: "Unavailable",
}
# What PostgreSQL refuses because somebody else was there first: sending it again helps.
MET_ANOTHER = (
    postgres.UniqueViolation,
    postgres.ExclusionViolation,
    postgres.ForeignKeyViolation,
    postgres.DeadlockDetected,
    postgres.SerializationFailure,
    postgres.LockNotAvailable,
)
log = structlog.get_logger(__name__)


class PreconditionFailed(exceptions.APIException):
    """412: the object has changed since the caller read it (RFC 9110, 13.1.1)."""

    status_code = status.HTTP_412_PRECONDITION_FAILED
    default_detail = "The object has changed since you read it."
    default_code = "precondition_failed"


class KeyReused(exceptions.APIException):
    """422: an Idempotency-Key came back with another request (draft-ietf-httpapi-idempotency-key-header, 2.7)."""

    status_code = status.HTTP_422_UNPROCESSABLE_ENTITY
    default_detail = "This Idempotency-Key was already used with another request."
    default_code = "idempotency_key_reused"


class Conflict(exceptions.APIException):
    """409: somebody else changed the same thing at the same moment; nothing was done."""

    status_code = status.HTTP_409_CONFLICT
    default_detail = "Somebody else changed the same at this moment. Nothing was done; please try again."
    default_code = "conflict"


class Unavailable(exceptions.APIException):
    """503: the database is away."""

    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_detail: StrOrPromise = "The database cannot be reached just now. Please try again."
    default_code = "unavailable"
    wait = 5


class TooSlow(Unavailable):
    """503: it took longer than a page may, or waited too long for what somebody else was changing."""

    default_detail = gettext_lazy(
        "This took longer than it may, so it was stopped and nothing was changed. Please try again."
    )
    default_code = "too_slow"


class SecretUnreadable(exceptions.APIException):
    """503: no key of the installation opens a secret that is needed; trying again does not help."""

    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_detail = gettext_lazy(
        "A secret that is needed here cannot be opened: its key is missing on the server. Nothing was done."
    )
    default_code = "secret_unreadable"


def problem(code: int, detail: str, errors: list[dict[str, str]] | None = None) -> dict[str, object]:
    """The body of an error."""
    return {
        "type": "about:blank",
        "title": TITLES.get(code, "Error"),
        "status": code,
        "detail": detail,
        "errors": errors or [],
    }


def is_write_conflict(error: Exception) -> bool:
    """Whether PostgreSQL refused a change because another one of the same thing came first or at the same moment.

    Its transaction is undone; sending it again helps.
    """
    return isinstance(error, DatabaseError) and isinstance(error.__cause__, MET_ANOTHER)


def is_too_slow(error: Exception) -> bool:
    """Whether PostgreSQL ended a statement that took, or waited for a lock, longer than it may."""
    return isinstance(error, DatabaseError) and isinstance(
        error.__cause__, postgres.QueryCanceled | postgres.LockNotAvailable
    )


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's hook: what an API view raised, as an answer. None (a fault) goes on to Django, whose handler500 answers."""
    error = _as_api_error(error)
    if not isinstance(error, exceptions.APIException):
        return None
    headers = {}
    if header := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = header
    if seconds := getattr(error, "wait", None):
        headers["Retry-After"] = str(int(seconds) + 1)
    errors = list(_flatten(error.get_full_details())) if isinstance(error, exceptions.ValidationError) else []
    detail = errors[0]["message"] if errors else str(error.detail)
    set_rollback()
    return Response(
        problem(error.status_code, detail, errors), status=error.status_code, headers=headers, content_type=CONTENT_TYPE
    )


def _as_api_error(error: Exception) -> Exception:
    match error:
        case DjangoValidationError():
            return exceptions.ValidationError(details_of(error))
        case Http404():
            return exceptions.NotFound(_("There is nothing here."))
        case DjangoPermissionDenied():
            return exceptions.PermissionDenied(str(error) or None)
        case DatabaseError() | InterfaceError() | UnreadableSecretError():
            return _from_database(error)
        case _:
            return error


def _from_database(error: Exception) -> Exception:
    """What the database refused or could not do, as far as it is no fault of ours."""
    if isinstance(error, UnreadableSecretError):
        log.error("unreadable_secret", secret=str(error))
        return SecretUnreadable()
    if is_too_slow(error):
        log.warning("too_slow")
        return TooSlow()
    if is_write_conflict(error):
        return Conflict()
    return Unavailable() if isinstance(error, OperationalError | InterfaceError) else error


def details_of(error: DjangoValidationError) -> dict[str, list[exceptions.ErrorDetail]]:
    """What a service refused, by field, as DRF writes it."""
    by_field = (
        error.error_dict if hasattr(error, "error_dict") else {api_settings.NON_FIELD_ERRORS_KEY: error.error_list}
    )
    return {
        api_settings.NON_FIELD_ERRORS_KEY if field == "__all__" else field: [
            exceptions.ErrorDetail(message, code=each.code or "invalid") for each in errors for message in each.messages
        ]
        for field, errors in by_field.items()
    }


def _flatten(details: Any, path: str = "") -> Iterator[dict[str, str]]:
    """DRF's nested details as {field, code, message}, with dots and indexes in the path: `rows.3.title`."""
    if (
        isinstance(details, Mapping)
        and set(details) == {"message", "code"}
        and not isinstance(details["message"], dict | list)
    ):
        yield {"field": path, "code": str(details["code"]), "message": str(details["message"])}
    elif isinstance(details, Mapping):
        for name, each in details.items():
            inner = "" if name == api_settings.NON_FIELD_ERRORS_KEY else str(name)
            yield from _flatten(each, ".".join(filter(None, (path, inner))))
    else:
        for number, each in enumerate(details):
            leaf = isinstance(each, Mapping) and set(each) == {"message", "code"}
            yield from _flatten(each, path if leaf else f"{path}.{number}".lstrip("."))


def problem_response(code: int, detail: str) -> JsonResponse:
    """A problem for what never reached an API view: an unknown path, a fault."""
    return JsonResponse(problem(code, detail), status=code, content_type=CONTENT_TYPE)


def database_problem(error: DatabaseError | InterfaceError) -> JsonResponse:
    """The answer to what the database refused at the edges of a transaction. Raises the error where it is a fault."""
    known = _as_api_error(error)
    if not isinstance(known, exceptions.APIException):
        raise error
    response = problem_response(known.status_code, str(known.detail))
    if wait := getattr(known, "wait", None):
        response["Retry-After"] = str(wait)
    return response


def is_api(request: HttpRequest) -> bool:
    """Whether a program asks, not a person."""
    return request.path.startswith("/api/")
