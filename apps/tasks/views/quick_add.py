"""The quick add: one line makes a task, and beforehand the page says how it was understood."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from apps.core.actor import actor
from apps.core.forms import add_errors, posted
from apps.core.models import new_id
from apps.core.section import section
from apps.tasks import access, services
from apps.tasks.forms.quick_add import QuickAddForm
from apps.tasks.views.tasks import target_of, task_url
from apps.workspaces.models import Member


@section("responsibilities")
@require_http_methods(["GET", "HEAD", "POST"])
def task_create(request: HttpRequest) -> HttpResponse:
    """Write a task in one line; from a goal, a responsibility or the list it is sent here and goes back there."""
    member = actor(request)
    _refuse_unless_allowed(member)
    is_sent = request.method == "POST"
    form = QuickAddForm(posted(request), member=member, initial=_initial(request))
    if is_sent and form.is_valid():
        data, at = form.cleaned_data, timezone.now()
        try:
            task = services.quick_add(data["line"], by=member, at=at, thing=form.thing, key=data.get("key"))
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("“%(task)s” is on the list.") % {"task": task.title})
            back = target_of(request, member) if request.POST.get("next") else task_url(member, task)
            return redirect(f"{back.split('#')[0]}#quick-add" if request.POST.get("next") else back)
    context = {"quick": form, "next": request.POST.get("next", ""), "understood": _understood(form, member)}
    return render(request, "tasks/task_create.html", context, status=422 if form.errors else 200)


@require_safe
def quick_add_preview(request: HttpRequest) -> HttpResponse:
    """How a line is understood as it stands, as a fragment."""
    member = actor(request)
    _refuse_unless_allowed(member)
    form = QuickAddForm(request.GET, member=member)
    form.is_valid()
    return render(request, "tasks/task_quick_preview.html", {"understood": _understood(form, member)})


def _understood(form: QuickAddForm, member: Member) -> services.Understood | None:
    line = getattr(form, "cleaned_data", {}).get("line", "")
    return services.understand(line, by=member, at=timezone.now(), thing=form.thing) if line else None


def _initial(request: HttpRequest) -> dict[str, object]:
    names = ("goal", "responsibility")
    return {"key": new_id(), **{name: request.GET.get(name, "")[:36] for name in names}}


def _refuse_unless_allowed(member: Member) -> None:
    if not access.can_add_some_task(member):
        raise PermissionDenied(_("Guests add tasks only on goals that name them."))
