"""What lies outside a workspace: the way in."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from apps.accounts.models import User
from apps.core.forms import add_errors
from apps.core.urls import reverse_in
from apps.workspaces import queries, services
from apps.workspaces.forms import WorkspaceCreateForm
from apps.workspaces.models import Invitation

INVITATION_KEY = "invitation_token"
LAST_KEY = "last_workspace"
STATUS = {"unknown": 404, "other_address": 403, "deactivated": 403}
GONE = 410


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101 - nobody comes here without signing in
    return request.user


@require_safe
@never_cache
def home(request: HttpRequest) -> HttpResponse:
    """To the goals of the one workspace, or of the one chosen last (`?to=`), or to a choice; who has none makes one."""
    if token := request.session.get(INVITATION_KEY):
        return redirect("invitation_accept", token)
    members = list(queries.memberships_of(_user(request)))
    if not members:
        return redirect("workspace_create")
    known = {member.workspace.slug: member for member in members}
    if (chosen := request.GET.get("to")) in known:
        request.session[LAST_KEY] = chosen
    last = str(request.session.get(LAST_KEY, ""))
    if "choose" not in request.GET and (len(members) == 1 or last in known):
        member = members[0] if len(members) == 1 else known[last]
        return redirect(reverse_in(member.workspace, "goals:goal_list"))
    return render(request, "workspaces/home.html", {"members": members, "last": last})


@require_http_methods(["GET", "POST"])
def workspace_create(request: HttpRequest) -> HttpResponse:
    """Make a workspace of one's own."""
    user = _user(request)
    form = WorkspaceCreateForm(request.POST if request.method == "POST" else None, timezone=user.timezone)
    if form.is_valid():
        try:
            workspace = services.create_workspace(user, at=timezone.now(), **form.cleaned_data)
        except ValidationError as error:
            add_errors(form, error)
        else:
            return redirect(reverse_in(workspace, "workspaces:welcome"))
    first = not queries.memberships_of(user).exists()
    return render(request, "workspaces/workspace_create.html", {"form": form, "first": first})


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def invitation_accept(request: HttpRequest, token: str) -> HttpResponse:
    """What an invitation offers; a visitor signs up or in first, and comes back here by the token in the session."""
    at = timezone.now()
    invitation = queries.find_invitation(token)
    if invitation is None or invitation.state(at) in {"revoked", "expired"}:
        return _closed(request, invitation, "unknown" if invitation is None else invitation.state(at))
    if not request.user.is_authenticated:
        if invitation.state(at) != "open":
            return _closed(request, invitation, "accepted")
        request.session[INVITATION_KEY] = token
        return render(request, "workspaces/invitation_accept.html", {"invitation": invitation})
    request.session.pop(INVITATION_KEY, None)
    if request.method == "POST" or invitation.state(at) == "accepted":
        return _accept(request, invitation, token)
    return render(request, "workspaces/invitation_accept.html", {"invitation": invitation})


def _accept(request: HttpRequest, invitation: Invitation, token: str) -> HttpResponse:
    try:
        member = services.accept_invitation(token, user=_user(request), at=timezone.now())
    except ValidationError as error:
        return _closed(request, invitation, error.code or "unknown", " ".join(error.messages))
    messages.success(request, _("Welcome to %(workspace)s.") % {"workspace": member.workspace.name})
    return redirect(reverse_in(member.workspace, "goals:goal_list"))


def _closed(request: HttpRequest, invitation: Invitation | None, why: str, words: str = "") -> HttpResponse:
    request.session.pop(INVITATION_KEY, None)
    context = {"invitation": invitation, "why": why, "words": words}
    return render(request, "workspaces/invitation_closed.html", context, status=STATUS.get(why, GONE))
