"""The page that shows the API's schema to people."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe


@login_not_required
@require_safe
def api_docs(request: HttpRequest) -> HttpResponse:
    """All operations, to read and to try, from files of this machine alone."""
    return render(request, "integrations/api_docs.html")
