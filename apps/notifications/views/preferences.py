"""What reaches one, how far and when."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from apps.core.actor import actor
from apps.core.clock import database_now
from apps.core.forms import add_errors
from apps.core.section import section
from apps.core.urls import reverse_in
from apps.core.write_conflicts import edits
from apps.notifications import queries, services
from apps.notifications.forms import DeliveryScheduleForm, ReachForm


@section("inbox")
@require_http_methods(["GET", "POST"])
@never_cache
@edits(DeliveryScheduleForm)
def preference_edit(request: HttpRequest) -> HttpResponse:
    """How far each kind of news reaches one in this workspace, and when one may be written to: saved together."""
    member = actor(request)
    data = request.POST if request.method == "POST" else None
    schedule = services.schedule_of(member)
    reach_form = ReachForm(data, reaches=services.reaches_of(member), member=member)
    schedule_form = DeliveryScheduleForm(data, schedule=schedule, member=member)
    if data is not None and all([schedule_form.is_valid(), reach_form.is_valid()]):
        try:
            at = database_now()  # what is planned now is compared with it later
            with transaction.atomic():
                services.update_schedule(member, schedule_form.fields_of_schedule(), by=member, at=at)
                services.set_reaches(member, reach_form.changed(), by=member, at=at)
        except ValidationError as error:
            add_errors(schedule_form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect(reverse_in(member.workspace, "notifications:preference_edit"))
    faulty = queries.own_faulty_address(member)
    context = {
        "reach_form": reach_form,
        "schedule_form": schedule_form,
        "schedule": schedule,
        "faulty": faulty,
        "trouble": None if faulty else queries.mail_trouble(member),
    }
    return render(request, "notifications/preference_edit.html", context)


@require_POST
def own_mail_again(request: HttpRequest) -> HttpResponse:
    """Mail one's own address again: it works, says its person."""
    member = actor(request)
    if member.user is not None:
        services.begin_anew(member.user, at=timezone.now())
        text = _("Mail goes to %(address)s again. If it comes back once more, it says so here.")
        messages.success(request, text % {"address": member.user.email})
    return redirect(reverse_in(member.workspace, "notifications:preference_edit"))
