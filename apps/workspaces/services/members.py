"""People: making, changing, their role, and whom they report to."""

from datetime import datetime
from decimal import Decimal
from typing import TypedDict

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.workspaces import access
from apps.workspaces.models import Member, Role, Team
from apps.workspaces.services.events import changes, record
from apps.workspaces.services.locks import lock_shape, locked_member


class MemberFields(TypedDict, total=False):
    """What can be said about a person. A missing key leaves the field as it is."""

    name: str
    email: str
    title: str
    weekly_hours: Decimal
    external_id: str


OWN_FIELDS = {"name", "title", "weekly_hours"}


@transaction.atomic
def create_member(
    fields: MemberFields, *, role: str = Role.MEMBER, manager: Member | None = None, by: Member, at: datetime
) -> Member:
    """A person without an account, who can be named on goals now and join by an invitation later.

    Raises PermissionDenied (admins only), ValidationError by field.
    """
    by = lock_shape(by)
    if not access.can_invite(by):
        raise PermissionDenied(_("Only owners and admins can add people."))
    if role not in (Role.ADMIN, Role.MEMBER, Role.GUEST):
        raise ValidationError({"role": _("A person without an account can be an admin, a member or a guest.")})
    member = Member(workspace=by.workspace, role=role, created_at=at)
    _assign(member, fields)
    if manager is not None:
        member.manager = _manager(manager, by=by)
    member.save(force_insert=True)
    record("member.created", member, by=by, at=at, workspace=by.workspace, data={"name": member.name, "role": role})
    return member


@transaction.atomic
def update_member(member: Member, fields: MemberFields, *, by: Member, at: datetime) -> Member:
    """Change what `fields` names. A person changes their own name, title and hours; admins the rest too.

    The address of somebody with an account is their account's, and not changed here. Raises PermissionDenied,
    ValidationError by field.
    """
    by = lock_shape(by)
    member = locked_member(member, by=by)
    if not access.can_change_member(by, member) or (not by.is_admin and fields.keys() - OWN_FIELDS):
        raise PermissionDenied(_("Only admins can change this."))
    if member.user_id is not None and fields.get("email", member.email) != member.email:
        raise ValidationError({"email": _("This person has an account, and changes their address there.")})
    before = {name: getattr(member, name) for name in fields}
    _assign(member, fields)
    changed = changes(before, {name: getattr(member, name) for name in fields})
    if changed:
        member.save()
        record("member.updated", member, by=by, at=at, workspace=by.workspace, data={"changes": changed})
    return member


@transaction.atomic
def set_role(member: Member, *, role: str, by: Member, at: datetime) -> Member:
    """Give the person another role.

    Raises PermissionDenied, ValidationError on `role` (the last owner; a guest who leads a team).
    """
    by = lock_shape(by)
    member = locked_member(member, by=by)
    if role not in Role.values:
        raise ValidationError({"role": _("There is no such role.")})
    if not access.can_set_role(by, member, role):
        raise PermissionDenied(_("You cannot give this role to this person."))
    if role == member.role:
        return member
    if role == Role.OWNER and (member.user_id is None or not member.is_active):
        raise ValidationError({"role": _("An owner needs an account here, and to be active.")})
    check_an_owner_stays(member)
    if role == Role.GUEST:
        _check_leads_nothing(member)
    old, member.role = member.role, role
    member.save(update_fields=["role"])
    data = {"changes": {"role": [old, role]}}
    record("member.role_changed", member, by=by, at=at, workspace=by.workspace, data=data)
    return member


@transaction.atomic
def set_manager(member: Member, *, manager: Member | None, by: Member, at: datetime) -> Member:
    """Say whom the person reports to, or to nobody.

    Raises PermissionDenied (admins only), ValidationError on `manager` (a circle).
    """
    by = lock_shape(by)
    member = locked_member(member, by=by)
    if not access.can_set_manager(by, member):
        raise PermissionDenied(_("Only owners and admins can change whom somebody reports to."))
    if (manager.pk if manager else None) == member.manager_id:
        return member
    if manager is not None:
        manager = _manager(manager, by=by)
        if _reports_to(manager, member):
            raise ValidationError(
                {
                    "manager": _("%(manager)s reports to %(name)s already.")
                    % {"manager": manager.name, "name": member.name}
                }
            )
    old, member.manager = member.manager_id, manager
    member.save(update_fields=["manager"])
    data = {"changes": {"manager": [old, member.manager_id]}}
    record("member.manager_changed", member, by=by, at=at, workspace=by.workspace, data=data)
    return member


def follow_name(user: User) -> None:
    """Carry an account's new name to its person's places; apps.accounts calls it in the transaction of the change."""
    Member.objects.filter(user=user, deactivated_at=None).update(name=user.name)


def follow_address(user: User) -> None:
    """The same for an account's new address; where somebody else of the workspace has it, the old one stays."""
    for member in Member.objects.filter(user=user, deactivated_at=None).exclude(email=user.email):
        others = Member.objects.filter(workspace_id=member.workspace_id, email__iexact=user.email).exclude(pk=member.pk)
        if not others.exists():
            member.email = user.email
            member.save(update_fields=["email"])


def check_an_owner_stays(member: Member) -> None:
    """ValidationError where the member is the workspace's last active owner. The caller holds the workspace's lock."""
    if member.role != Role.OWNER or not member.is_active:
        return
    owners = Member.objects.active().filter(workspace_id=member.workspace_id, role=Role.OWNER, user__isnull=False)
    if not owners.exclude(pk=member.pk).exists():
        raise ValidationError({"role": _("A workspace needs an owner. Make somebody else an owner first.")})


def _check_leads_nothing(member: Member) -> None:
    led = (
        Team.objects.open().filter(memberships__member=member, memberships__is_lead=True).values_list("name", flat=True)
    )
    if names := ", ".join(led[:5]):
        raise ValidationError(
            {
                "role": _("%(name)s leads %(teams)s, and a guest cannot. Choose another lead first.")
                % {"name": member.name, "teams": names}
            }
        )


def _manager(manager: Member, *, by: Member) -> Member:
    found: Member | None = access.visible_members(by).filter(pk=manager.pk, deactivated_at=None).first()
    if found is None:
        raise ValidationError({"manager": _("Choose somebody who is active in this workspace.")})
    return found


def _reports_to(member: Member, other: Member) -> bool:
    """Whether the line upwards from the member meets the other person, who may be the member themselves.

    UNION drops rows that were met before, so that the walk ends whatever the rows say.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH RECURSIVE line(id, manager_id) AS (
                SELECT id, manager_id FROM workspaces_member WHERE id = %s
                UNION SELECT m.id, m.manager_id FROM workspaces_member m JOIN line ON m.id = line.manager_id
            ) SELECT 1 FROM line WHERE id = %s
            """,
            [member.pk, other.pk],
        )
        return cursor.fetchone() is not None


def _assign(member: Member, fields: MemberFields) -> None:
    for name, value in fields.items():
        setattr(member, name, value)
    member.name = " ".join(member.name.split())
    member.email = member.email.strip().lower()
    member.clean_fields(exclude=["workspace", "user", "manager"])
    others = Member.objects.filter(workspace_id=member.workspace_id).exclude(pk=member.pk)
    if member.email and others.filter(email__iexact=member.email).exists():
        raise ValidationError({"email": _("Somebody here has this address already.")})
    if member.external_id and others.filter(external_id=member.external_id).exists():
        raise ValidationError({"external_id": _("Somebody here has this external id already.")})
