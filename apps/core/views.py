"""Whether the process lives and whether it can serve, for balancers; and the answers to what is not there or fails."""

import sys

from django.contrib.auth.decorators import login_not_required
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django.views.defaults import page_not_found, server_error

from apps.core.health import OK, health, is_well
from apps.core.problems import is_api, problem_response
from apps.core.resending import unavailable


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
    """200 where the database answers, else 503: what a balancer asks. Each part is named, and `status` is `degraded`
    where somebody has to look after one; with `?all` that is 503 too, for what watches by the status alone.
    """
    words = health()
    ready, well = words["database"] == OK, is_well(words)
    status = "unavailable" if not ready else "ok" if well else "degraded"
    is_fine = well if "all" in request.GET else ready
    return JsonResponse({"status": status, **words}, status=200 if is_fine else 503)
