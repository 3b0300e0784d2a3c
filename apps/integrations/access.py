"""Who may import and who sees an import; whose tokens are whose."""

from django.db.models import F, QuerySet
from django.utils.translation import gettext_lazy as _

from apps.core.refusals import refuses
from apps.core.sql import Rule
from apps.goals.access import visible_goals
from apps.goals.models import Goal
from apps.integrations.models import ApiToken, Export, ImportJob, ImportRow, Webhook, WebhookDelivery
from apps.workspaces import access as workspaces
from apps.workspaces.models import Member, Role

can_import = workspaces.can_import


def visible_imports(member: Member) -> QuerySet[ImportJob]:
    """One's own, while one may import: a file and its report may speak of goals that other admins cannot see."""
    jobs = ImportJob.objects.filter(workspace_id=member.workspace_id, requested_by_id=member.pk)
    return jobs if can_import(member) else jobs.none()


def visible_import_rows(member: Member) -> QuerySet[ImportRow]:
    """The reports of these."""
    return ImportRow.objects.filter(job__in=visible_imports(member))


def can_export(member: Member) -> bool:
    """Everybody who works here and signs in: an export holds what they may see, and nothing else."""
    return member.is_active and member.user is not None and member.user.is_active


def visible_exports(member: Member) -> QuerySet[Export]:
    """One's own, while one works here. Who became a guest no longer sees archives from before: they hold more."""
    exports = Export.objects.filter(workspace_id=member.workspace_id, requested_by_id=member.pk)
    if not can_export(member):
        return exports.none()
    return exports.filter(role=Role.GUEST) if member.is_guest else exports


IN_ARCHIVE = "{goal} = ANY (SELECT unnest(held_goals) FROM integrations_export WHERE id = {export})"
"""Whether a goal is in the archive of an export."""


@refuses(_("This archive holds goals that are no longer for you. Start another export."))
def can_download(member: Member, export: Export) -> bool:
    """Who wrote it, while they still see every goal in it that there is; the rest hangs on a goal or on the role."""
    if export.requested_by_id != member.pk:
        return False
    held = Goal.objects.filter(Rule(IN_ARCHIVE, {"goal": F("id"), "export": export.pk}))
    return not held.exclude(pk__in=visible_goals(member).order_by().values("pk")).exists()


def visible_tokens(member: Member) -> QuerySet[ApiToken]:
    """One's own tokens."""
    return ApiToken.objects.filter(workspace_id=member.workspace_id, member_id=member.pk)


def can_revoke(member: Member, token: ApiToken) -> bool:
    """The person it acts as."""
    return token.member_id == member.pk


def visible_webhooks(member: Member) -> QuerySet[Webhook]:
    """One's own webhooks; nobody else's, whatever one's role. Who became a guest has none until they are more again."""
    webhooks = Webhook.objects.filter(workspace_id=member.workspace_id, member_id=member.pk)
    return webhooks if can_have_webhooks(member) else webhooks.none()


def visible_webhook_deliveries(member: Member) -> QuerySet[WebhookDelivery]:
    """The messages to one's own webhooks."""
    return WebhookDelivery.objects.filter(webhook__in=visible_webhooks(member))


@refuses(_("Guests cannot have webhooks."))
def can_have_webhooks(member: Member) -> bool:
    """Every active member but guests."""
    return member.is_active and not member.is_guest


def can_change_webhook(member: Member, webhook: Webhook) -> bool:
    """Its owner, while they may have any."""
    return webhook.member_id == member.pk and can_have_webhooks(member)
