"""The next digest as it would be now."""

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp, csp_update
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from apps.core.actor import actor
from apps.core.section import section
from apps.core.urls import reverse_in
from apps.routines import services
from apps.workspaces.models import Member

SANDBOX = ["allow-popups", "allow-popups-to-escape-sandbox", "allow-same-origin"]
"""Nothing runs and nothing is loaded in the frame; as of our own origin the page may measure how high it has to be."""


@section("inbox")
@require_safe
@never_cache
@csp_update({"frame-src": [SELF]})
def digest_preview(request: HttpRequest) -> HttpResponse:
    """What one's next digest would say now, and when it would come; `?digest=weekly` for that of the week."""
    member, which = actor(request), _which(request)
    context = {
        "preview": services.preview_digest(member, which, at=timezone.now()),
        "is_weekly": which == services.Which.WEEKLY,
        "frame": f"{reverse_in(member.workspace, 'routines:digest_preview_html')}?digest={which}",
        "sandbox": " ".join(SANDBOX),
        "views": _views(member, which),
    }
    return render(request, "routines/digest_preview.html", context)


@require_safe
@never_cache
@xframe_options_sameorigin
@csp(
    {
        "default-src": [NONE],
        "style-src": [UNSAFE_INLINE],
        "img-src": ["data:"],
        "frame-ancestors": [SELF],
        "sandbox": SANDBOX,
    }
)
def digest_preview_html(request: HttpRequest) -> HttpResponse:
    """The HTML of that mail for a frame: nothing runs in it or is loaded, its links opening pages of their own."""
    mail = services.preview_digest(actor(request), _which(request), at=timezone.now()).mail
    if mail is None:
        return HttpResponse(format_html("<!doctype html><p>{}</p>", _("There is nothing to say.")))
    return HttpResponse(mail.html.replace("<head>", '<head><base target="_blank">', 1))


def _which(request: HttpRequest) -> services.Which:
    weekly = request.GET.get("digest") == services.Which.WEEKLY
    return services.Which.WEEKLY if weekly else services.Which.DAILY


def _views(member: Member, chosen: services.Which) -> list[dict[str, object]]:
    address = reverse_in(member.workspace, "routines:digest_preview")
    return [
        {"url": f"{address}?digest={which}", "label": label, "current": which == chosen}
        for which, label in services.LABELS.items()
    ]
