"""The bell in the top bar of every page."""

from django import template

from apps.core.urls import reverse_in
from apps.notifications.queries import COUNTED_MAX, unread_count
from apps.workspaces.models import Member

register = template.Library()


@register.inclusion_tag("notifications/_bell.html", takes_context=True)
def bell(context: template.Context, *, anew: bool = False) -> dict[str, object]:
    """The way to the inbox, with the number of unread notices: one query. `anew` swaps the one that htmx shows."""
    member: Member = context["member"]
    unread = unread_count(member)
    return {
        "url": reverse_in(member.workspace, "notifications:notice_list"),
        "unread": unread,
        "shown": f"{COUNTED_MAX - 1}+" if unread >= COUNTED_MAX else str(unread),
        "anew": anew,
    }
