"""The demo's mailbox: every mail the product sent, for whoever runs the demo. Mounted only where DEMO is set.

Open without signing in: who signs up has to read the verification mail first.
"""

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp, csp_update
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from apps.notifications import queries

SANDBOX = ["allow-popups", "allow-popups-to-escape-sandbox"]


@login_not_required
@require_safe
@never_cache
def mail_list(request: HttpRequest) -> HttpResponse:
    """The newest mails."""
    return render(request, "notifications/mail_list.html", {"mails": queries.kept_mails()})


@login_not_required
@require_safe
@never_cache
@csp_update({"frame-src": [SELF]})  # type: ignore[arg-type]  # django-csp types only views without arguments
def mail_detail(request: HttpRequest, name: str) -> HttpResponse:
    """One mail: its heads, its text, and its HTML in a frame."""
    mail = _mail(name)
    return render(request, "notifications/mail_detail.html", {"mail": mail, "sandbox": " ".join(SANDBOX)})


@login_not_required
@require_safe
@never_cache
@xframe_options_sameorigin
@csp(  # type: ignore[arg-type]  # as above
    {
        "default-src": [NONE],
        "style-src": [UNSAFE_INLINE],
        "img-src": [SELF, "data:"],
        "frame-ancestors": [SELF],
        "sandbox": SANDBOX,
    }
)
def mail_html(request: HttpRequest, name: str) -> HttpResponse:
    """The mail's HTML part as it was sent: without scripts or our cookies, its links opening pages of their own."""
    return HttpResponse(f'<!doctype html><base target="_blank">{_mail(name).html}')


def _mail(name: str) -> queries.KeptMail:
    mail = queries.kept_mail(name)
    if mail is None:
        raise Http404
    return mail
