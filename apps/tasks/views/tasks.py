"""The page of a task; changing, moving, placing and deleting it."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.core.actor import actor
from apps.core.forms import add_errors, posted
from apps.core.section import section
from apps.core.urls import reverse_in
from apps.core.write_conflicts import edits
from apps.tasks import access, queries, services
from apps.tasks.forms.consultations import ask_form
from apps.tasks.forms.tasks import TaskForm, TaskMoveForm, TaskPlaceForm, WorkForm, initial_of
from apps.tasks.models import Task
from apps.workspaces.models import Member


@section("responsibilities")
@require_safe
def task_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The page of one task."""
    return render(request, "tasks/task_detail.html", _context(request, _task(actor(request), pk)))


def _context(request: HttpRequest, task: Task) -> dict[str, object]:
    """What the page shows: the task, who may do what, who is to be heard first, its history."""
    member, at = actor(request), timezone.now()
    page = queries.task_page(task, member)
    hearing = services.hearing(task, by=member, at=at) if page.may_work and not task.is_closed else []
    today = member.today(at)
    paths = queries.paths_of(member)
    thing = task.thing
    return {
        "task": task,
        "page": page,
        "thing": thing,
        "thing_url": f"{paths.goals if task.goal_id else paths.responsibilities}{thing.pk}/",
        "hearing": hearing,
        "waits": any(each.waits for each in hearing),
        "ask_form": ask_form(member, at=at) if any(each.consultation is None for each in hearing) else None,
        "answers": queries.answers_on(task, member) if task.responsibility_id else [],
        "history": queries.task_history(task, member),
        "today": today,
        "is_overdue": task.due_on is not None and task.due_on < today and not task.is_closed,
        "is_fragment": bool(request.htmx),  # type: ignore[attr-defined]
    }


@section("responsibilities")
@require_http_methods(["GET", "HEAD", "POST"])
@edits(TaskForm)
def task_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change a task, in place of what its page says; its assignee alone says how long it takes."""
    member = actor(request)
    task = _task(member, pk, lock=request.method == "POST")
    may_change = access.can_change_task(member, task)
    if not may_change and not access.can_work_on_task(member, task):
        raise PermissionDenied(_("Only its assignee and those who may change what it belongs to can change a task."))
    data = posted(request)
    form: TaskForm | WorkForm = (
        TaskForm(data, member=member, task=task, initial=initial_of(task))
        if may_change
        else WorkForm(data, thing=task, reader=member, initial={"hours": task.hours})
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.update_task(task, form.service_fields(), by=member, at=timezone.now())
        except ValidationError as error:
            add_errors(form, error)
        else:
            return _saved(request, member, task)
    context = {"form": form, "task": task, "may_change": may_change}
    in_place = bool(request.htmx)  # type: ignore[attr-defined]
    template = "tasks/task_form_fields.html" if in_place else "tasks/task_form.html"
    return render(request, template, context | {"in_place": in_place}, status=422 if form.errors else 200)


def _saved(request: HttpRequest, member: Member, task: Task) -> HttpResponse:
    """To the task's page, for htmx in its place; to the list where the person does not see the task any more."""
    messages.success(request, _("Your changes are saved."))
    found = queries.task_for_page(member).filter(pk=task.pk).first()
    url = task_url(member, task) if found else reverse_in(member.workspace, "tasks:task_list")
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect(url)
    if found is None:
        return HttpResponse(status=204, headers={"HX-Redirect": url})
    response = render(request, "tasks/task_detail_main.html", _context(request, found))
    response["HX-Retarget"], response["HX-Reswap"] = "#content", "innerHTML show:window:top"
    response["HX-Trigger"] = f'{{"draft-saved": "task-{task.pk}"}}'
    return response


@require_POST
def task_move(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Put a task into another state, from the board, a list or its page."""
    member = actor(request)
    task = _task(member, pk)
    if not access.can_work_on_task(member, task):
        raise PermissionDenied(_("Only its assignee and those who may change what it belongs to can move a task."))
    form = TaskMoveForm(request.POST)
    if not form.is_valid():
        return _refused(request, _("Choose open, in progress, done or dropped."), target_of(request, member))
    try:
        services.move_task(task, **form.cleaned_data, by=member, at=timezone.now())
    except ValidationError as error:
        return _refused(request, " ".join(error.messages), task_url(member, task))
    if request.htmx:  # type: ignore[attr-defined]
        return HttpResponse(status=204)
    words = {
        "open": _("“%(task)s” is open."),
        "doing": _("“%(task)s” is in progress."),
        "done": _("“%(task)s” is done."),
        "dropped": _("“%(task)s” is dropped."),
    }
    messages.success(request, words[form.cleaned_data["status"]] % {"task": task.title})
    return redirect(target_of(request, member))


@require_POST
def task_hand_back(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The assignee gives the task back to nobody."""
    member = actor(request)
    task = _task(member, pk)
    services.update_task(task, {"assignee": None}, by=member, at=timezone.now())
    messages.success(request, _("“%(task)s” has no assignee now.") % {"task": task.title})
    found = access.visible_tasks(member).filter(pk=task.pk).exists()
    return redirect(task_url(member, task) if found else reverse_in(member.workspace, "tasks:task_list"))


@require_POST
@transaction.atomic
def task_place(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Set a task's importance and urgency from the priority map."""
    member = actor(request)
    task = _task(member, pk, lock=True)
    access.can_change_task.demand(member, task)
    now = {"importance": task.importance, "urgency": task.urgency}
    form = TaskPlaceForm(request.POST, thing=task, reader=member, initial=now)
    if not form.is_valid():
        words = [str(each) for each in form.conflicts.values()] or [_("Importance and urgency go from 1 to 5.")]
        return _refused(request, words[0], target_of(request, member))
    services.update_task(task, form.cleaned_data, by=member, at=timezone.now())  # type: ignore[arg-type]
    messages.success(request, _("“%(task)s” is on the map now.") % {"task": task.title})
    return redirect(target_of(request, member))


@section("responsibilities")
@require_http_methods(["GET", "HEAD", "POST"])
def task_delete(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Delete a task, after asking."""
    member = actor(request)
    task = _task(member, pk)
    access.can_delete_task.demand(member, task)
    if request.method != "POST":
        return render(request, "tasks/task_delete.html", {"task": task})
    services.delete_task(task, by=member, at=timezone.now())
    messages.success(request, _("The task is deleted."))
    return redirect(reverse_in(member.workspace, "tasks:task_list"))


def _task(member: Member, pk: UUID, *, lock: bool = False) -> Task:
    if lock:
        get_object_or_404(access.visible_tasks(member).select_for_update(of=("self",), no_key=True), pk=pk)
    return get_object_or_404(queries.task_for_page(member), pk=pk)


def task_url(member: Member, task: Task) -> str:
    """The address of a task's page."""
    return reverse_in(member.workspace, "tasks:task_detail", task.pk)


def _refused(request: HttpRequest, words: str, url: str) -> HttpResponse:
    """What was refused, in words: to a script as 422, to a reader on a page."""
    if request.htmx:  # type: ignore[attr-defined]
        return HttpResponse(words, status=422, content_type="text/plain")
    messages.error(request, words)
    return redirect(url)


def target_of(request: HttpRequest, member: Member) -> str:
    """Where the form said that it goes on, if that is a page of this site; else the list of tasks."""
    target = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(target, allowed_hosts=None) and "\x00" not in target:
        return target
    return reverse_in(member.workspace, "tasks:task_list")
