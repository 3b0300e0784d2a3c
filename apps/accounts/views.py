"""One's own profile. The other pages of an account are allauth's, with our templates, forms and adapter."""

from typing import cast

from allauth.account import views as allauth
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from apps.accounts import services
from apps.accounts.forms import ProfileForm, SignupForm
from apps.accounts.models import User
from apps.core.forms import add_errors
from apps.core.write_conflicts import edits


class SignupView(allauth.SignupView):
    """As allauth's, where the account and the mail about it stand or fall together."""

    @transaction.atomic
    def form_valid(self, form: SignupForm) -> HttpResponse:
        """Make the account, or tell who has one already, in one transaction."""
        response: HttpResponse = super().form_valid(form)
        return response


signup = SignupView.as_view()


@require_http_methods(["GET", "POST"])
@edits(ProfileForm)
def profile(request: HttpRequest) -> HttpResponse:
    """Name, time zone and language."""
    user = cast("User", request.user)
    form = ProfileForm(request.POST or None, user=user)
    if request.method == "POST" and form.is_valid():
        try:
            fields = {name: form.said(name) for name in ("name", "timezone", "language")}
            user = services.update_profile(user, **fields)
        except ValidationError as error:
            add_errors(form, error)
        else:
            with translation.override(user.language):
                messages.success(request, _("Saved. It applies everywhere from now on."))
            return redirect("profile")
    return render(request, "accounts/profile.html", {"form": form})
