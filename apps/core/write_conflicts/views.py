"""Pages on which somebody changes what is there."""

import contextlib
import functools
from collections.abc import Callable
from typing import Concatenate, ParamSpec

from django import forms
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def edits(form: type[forms.Form], *, together: bool = True) -> Callable[[View[P]], View[P]]:
    """Run what was sent in one transaction, so that what the form is compared with stays until it is saved (not
    `together` where saving asks the network, for which no transaction waits).

    Where the thing is gone meanwhile, or may not be changed any more, what was typed into the form stays on the page.
    """

    def decorate(view: View[P]) -> View[P]:
        @functools.wraps(view)
        def run(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if request.method != "POST":
                return view(request, *args, **kwargs)
            try:
                with transaction.atomic() if together else contextlib.nullcontext():
                    return view(request, *args, **kwargs)
            except (Http404, PermissionDenied) as error:
                kept = _typed(form, request.POST)
                if not kept:
                    raise
                return _too_late(request, error, kept)

        return run

    return decorate


def _typed(form: type[forms.Form], data: QueryDict) -> list[tuple[object, str]]:
    """What a person wrote by hand, with the label it stood under."""
    fields: dict[str, forms.Field] = form.base_fields
    written = [
        (field.label, data.get(name, "").strip())
        for name, field in fields.items()
        if isinstance(field.widget, forms.TextInput | forms.Textarea) and not field.widget.is_hidden
    ]
    return [(label, text) for label, text in written if text]


def _too_late(request: HttpRequest, error: Http404 | PermissionDenied, kept: list[tuple[object, str]]) -> HttpResponse:
    status, words = 404, _("It was removed while you were editing, or you can no longer see it.")
    if isinstance(error, PermissionDenied):
        status, words = 403, str(error) or _("You can no longer change this.")
    return render(request, "edit_too_late.html", {"words": words, "kept": kept}, status=status)
