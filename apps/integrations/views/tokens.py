"""One's own tokens for programs."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from apps.core.actor import actor
from apps.core.forms import add_errors
from apps.core.section import section
from apps.core.urls import reverse_in
from apps.integrations import access
from apps.integrations.forms.programs import TokenForm
from apps.integrations.services import tokens


@section("programs")
@require_safe
@never_cache
def token_list(request: HttpRequest) -> HttpResponse:
    """One's tokens, the newest first."""
    found = access.visible_tokens(actor(request)).order_by("revoked_at", "-created_at")[:200]
    return render(request, "integrations/token_list.html", {"tokens": found, "now": timezone.now()})


@section("programs")
@require_http_methods(["GET", "POST"])
@never_cache
def token_create(request: HttpRequest) -> HttpResponse:
    """A new token; its secret stands on the answer to this one request and nowhere else."""
    member = actor(request)
    form = TokenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            token, secret = tokens.create_token(
                name=form.cleaned_data["name"],
                scopes=form.cleaned_data["scopes"],
                expires_at=form.expires_at(timezone.now()),
                by=member,
                at=timezone.now(),
            )
        except ValidationError as error:
            add_errors(form, error)
        else:
            return render(request, "integrations/token_created.html", {"token": token, "secret": secret})
    return render(request, "integrations/token_create.html", {"form": form})


@section("programs")
@require_http_methods(["GET", "POST"])
@never_cache
def token_revoke(request: HttpRequest, pk: UUID) -> HttpResponse:
    """It opens nothing from now on, after a question."""
    member = actor(request)
    token = get_object_or_404(access.visible_tokens(member), pk=pk)
    if request.method == "GET":
        return render(request, "integrations/token_revoke.html", {"token": token})
    tokens.revoke_token(token, by=member, at=timezone.now())
    messages.success(request, _("“%(name)s” no longer works.") % {"name": token.name})
    return redirect(reverse_in(member.workspace, "integrations:token_list"))
