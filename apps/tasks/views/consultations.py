"""Asking those who are consulted before a goal or a task is closed, and answering."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from apps.core.actor import actor
from apps.core.forms import add_errors, posted
from apps.core.section import section
from apps.core.urls import reverse_in
from apps.goals.access import visible_goals
from apps.goals.models import Goal
from apps.tasks import access, queries, services
from apps.tasks.forms.consultations import ConsultationAnswerForm, ask_form
from apps.tasks.models import Task
from apps.tasks.views.tasks import task_url
from apps.workspaces.models import Member


@section("goals")
@require_http_methods(["GET", "HEAD", "POST"])
def goal_consult(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask those consulted on a goal before it is closed."""
    member = actor(request)
    goal = get_object_or_404(visible_goals(member).select_related("team", "owner", "workspace"), pk=pk)
    return _ask(request, member, goal, reverse_in(member.workspace, "goals:goal_close", goal.pk))


@section("responsibilities")
@require_http_methods(["GET", "HEAD", "POST"])
def task_consult(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask those consulted on a task's responsibility before it is closed."""
    member = actor(request)
    task = get_object_or_404(queries.task_for_page(member), pk=pk)
    return _ask(request, member, task, task_url(member, task))


def _ask(request: HttpRequest, member: Member, thing: Goal | Task, back: str) -> HttpResponse:
    access.can_consult.demand(member, thing)
    at = timezone.now()
    form = ask_form(member, posted(request), at=at)
    if request.method == "POST" and form.is_valid():
        try:
            asked = services.ask_consulted(thing, **form.cleaned_data, by=member, at=at)
        except ValidationError as error:
            add_errors(form, error)
        else:
            words = ngettext("%(count)s person has been asked.", "%(count)s people have been asked.", len(asked))
            messages.success(request, words % {"count": len(asked)})
            return redirect(back)
    hearing = [] if thing.is_closed else services.hearing(thing, by=member, at=at)
    context = {"form": form, "thing": thing, "back": back, "hearing": hearing, "today": member.today(at)}
    context["unasked"] = [each for each in hearing if each.consultation is None]
    return render(request, "tasks/consultation_ask.html", context, status=422 if form.errors else 200)


@section("responsibilities")
@require_http_methods(["GET", "HEAD", "POST"])
def consultation_answer(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say what one thinks before something is closed; afterwards who sees it can read the answer here."""
    member, at = actor(request), timezone.now()
    rows = access.visible_consultations(member)
    related = ("goal", "task__goal", "task__responsibility", "member", "asked_by")
    consultation = get_object_or_404(rows.select_related(*related), pk=pk)
    is_asked = access.can_answer_consultation(member, consultation)
    if request.method == "POST" and not is_asked:
        raise access.can_answer_consultation.refused()
    form = ConsultationAnswerForm(posted(request))
    thing = consultation.thing
    if request.method == "POST" and form.is_valid():
        try:
            services.answer_consultation(consultation, answer=form.cleaned_data["answer"], by=member, at=at)
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("Your answer is saved."))
            name = "goals:goal_detail" if consultation.goal_id else "tasks:task_detail"
            return redirect(reverse_in(member.workspace, name, thing.pk))
    is_open = consultation.answered_at is None and consultation.ended_at is None
    context = {"form": form, "consultation": consultation, "thing": thing, "may_answer": is_asked and is_open}
    context |= {"today": member.today(at)}
    return render(request, "tasks/consultation_answer.html", context, status=422 if form.errors else 200)
