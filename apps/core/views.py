"""Whether the process lives and whether it can serve, for balancers; and the answers to what is not there or fails."""

import sys

from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django.views.defaults import page_not_found, server_error
from redis.exceptions import RedisError

from apps.core.encryption.checks import unreadable_count
from apps.core.problems import is_api, problem_response
from apps.core.resending import unavailable
from apps.core.row_security import is_confidential_ready


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler404: a page for people, a problem for programs."""
    if is_api(request):
        return problem_response(404, _("There is nothing here."))
    return page_not_found(request, exception)


def fault(request: HttpRequest) -> HttpResponse:
    """handler500: a page for people, a problem for programs.

    A database that is away is met first by the middleware that looks who is signed in, outside the one that translates
    errors: it ends here, and is no fault.
    """
    error = sys.exc_info()[1]
    if isinstance(error, OperationalError | InterfaceError):
        return unavailable(request, error)
    if is_api(request):
        return problem_response(500, _("That is our mistake, and it has been noted."))
    return server_error(request)


@login_not_required
@require_safe
@never_cache
def health_live(request: HttpRequest) -> JsonResponse:
    """200 as long as the process answers at all; asks nothing of the servers behind it."""
    return JsonResponse({"status": "ok"})


@login_not_required
@require_safe
@never_cache
def health_ready(request: HttpRequest) -> JsonResponse:
    """200 where the database answers, else 503.

    Redis is reported, whether confidential areas may open, and secrets that no key opens; pages work without, so these
    do not decide.
    """
    answers = {"database": database_answers(), "redis": redis_answers()}
    ready = answers["database"]
    words = {name: "ok" if answer else "unreachable" for name, answer in answers.items()}
    words["confidential"] = "open" if ready and is_confidential_ready() else "closed"
    words["secrets"] = secrets_answer() if all(answers.values()) else "unknown"
    return JsonResponse({"status": "ok" if ready else "unavailable", **words}, status=200 if ready else 503)


def secrets_answer() -> str:
    """Whether every secret can be opened, as it was found a few minutes ago at most."""
    count = unreadable_count()
    return f"{count} unreadable" if count else "ok"


def database_answers() -> bool:
    """Whether the database takes a query."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def redis_answers() -> bool:
    """Whether the cache takes a value and gives it back."""
    try:
        cache.set("health", 1, 5)
        return bool(cache.get("health") == 1)
    except (RedisError, OSError):
        return False
