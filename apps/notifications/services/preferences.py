"""What people want to be told of, and how far it reaches them."""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from apps.core.sql import one_of
from apps.notifications.models import Notice, Preference, Reach
from apps.notifications.services.kinds import KINDS
from apps.workspaces.models import Member


def reaches_of(member: Member) -> dict[str, Reach]:
    """How far each kind of news reaches the person: as they chose, else the kind's default."""
    chosen = dict(Preference.objects.filter(member_id=member.pk).values_list("kind", "reach"))
    return {kind.name: Reach(chosen.get(kind.name, kind.default)) for kind in KINDS}


def reach_among(kind: str, members: Collection[UUID]) -> dict[UUID, Reach]:
    """How far one kind of news reaches each of these people, in one query."""
    return reaches_among([kind], members)[kind]


def reaches_among(kinds: Collection[str], members: Collection[UUID]) -> dict[str, dict[UUID, Reach]]:
    """How far each of these kinds of news reaches each of these people, in one query."""
    chosen = Preference.objects.filter(one_of("member_id", members), kind__in=kinds)
    found = {kind: dict.fromkeys(members, KINDS[kind].default) for kind in kinds}
    for kind, member_id, reach in chosen.values_list("kind", "member_id", "reach"):
        found[kind][member_id] = Reach(reach)
    return found


@transaction.atomic
def set_reaches(member: Member, wanted: Mapping[str, str], *, by: Member, at: datetime) -> None:
    """Choose how far kinds of news reach oneself; what stands in the inbox already is mailed no more where mail is off.

    Raises PermissionDenied (another's), ValidationError by kind.
    """
    if by.pk != member.pk or not by.is_active:
        raise PermissionDenied(_("Only you can change what you are told about."))
    for name, reach in wanted.items():
        if name not in KINDS:
            raise ValidationError(_("There are no notifications of the kind “%(name)s”.") % {"name": name})
        if reach not in Reach.values:
            raise ValidationError({name: _("Choose how you are notified.")})
    rows = [
        Preference(workspace_id=member.workspace_id, member=member, kind=name, reach=reach, created_at=at)
        for name, reach in sorted(wanted.items())
    ]
    Preference.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["member", "kind"], update_fields=["reach", "updated_at"]
    )
    silent = [name for name, reach in wanted.items() if reach != Reach.MAIL]
    waiting = Notice.objects.filter(recipient_id=member.pk, kind__in=silent, mailed_at=None, mail_due_at__isnull=False)
    waiting.update(mail_due_at=None, updated_at=at)
