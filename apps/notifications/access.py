"""Who sees which deliveries, notices, preferences and chat channels."""

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from apps.core.refusals import refuses
from apps.notifications.models import (
    AccountMail,
    Channel,
    ChatChannel,
    Delivery,
    DeliveryQuerySet,
    DeliverySchedule,
    FaultyAddress,
    FaultyAddressQuerySet,
    Notice,
    Preference,
)
from apps.notifications.models.notice import NoticeQuerySet
from apps.workspaces.access import can_change_workspace
from apps.workspaces.models import Member


def visible_deliveries(member: Member) -> QuerySet[Delivery]:
    """One's own. Not even admins see others': a delivery says that a private goal exists."""
    deliveries: QuerySet[Delivery] = Delivery.objects.filter(workspace_id=member.workspace_id, recipient_id=member.pk)
    return deliveries


def visible_notices(member: Member) -> NoticeQuerySet:
    """One's own. What a notice speaks of is looked at again when it is read."""
    notices: NoticeQuerySet = Notice.objects.filter(workspace_id=member.workspace_id, recipient_id=member.pk)
    return notices


def visible_preferences(member: Member) -> QuerySet[Preference]:
    """One's own."""
    preferences: QuerySet[Preference] = Preference.objects.filter(workspace_id=member.workspace_id, member_id=member.pk)
    return preferences


def visible_delivery_schedules(member: Member) -> QuerySet[DeliverySchedule]:
    """One's own."""
    schedules: QuerySet[DeliverySchedule] = DeliverySchedule.objects.filter(
        workspace_id=member.workspace_id, member_id=member.pk
    )
    return schedules


def visible_chat_channels(member: Member) -> QuerySet[ChatChannel]:
    """One's own, and for admins the workspace's: its address is a secret."""
    channels: QuerySet[ChatChannel] = ChatChannel.objects.filter(workspace_id=member.workspace_id)
    return channels.filter(Q(member_id=member.pk) | Q(member=None) if member.is_admin else Q(member_id=member.pk))


@refuses(_("Only owners and admins can change the workspace's chat."))
def can_change_channel(member: Member, channel: ChatChannel | None) -> bool:
    """A person's own channel is theirs; the workspace's, also before there is one (None), is the admins'."""
    if channel is None:
        return can_change_workspace(member)
    if channel.workspace_id != member.workspace_id or not member.is_active:
        return False
    return channel.member_id == member.pk if channel.member_id else can_change_workspace(member)


@refuses(_("Only owners and admins can manage mail."))
def can_see_mail_health(member: Member) -> bool:
    """Owners and admins: figures, and the addresses that failed; never what a mail says or is about."""
    return can_change_workspace(member)


def visible_mails(member: Member) -> DeliveryQuerySet:
    """The workspace's mails, for its admins to count; see can_see_mail_health for what of them may be shown."""
    mails: DeliveryQuerySet = Delivery.objects.filter(workspace_id=member.workspace_id, channel=Channel.MAIL)
    return mails if can_see_mail_health(member) else mails.none()


def visible_account_mails(member: Member) -> QuerySet[AccountMail]:
    """One's own, and for admins those to the people of their workspace; nobody sees what one says, or its kind."""
    mails: QuerySet[AccountMail] = AccountMail.objects.exclude(user=None)
    if not can_see_mail_health(member):
        return mails.filter(user=member.user)
    return mails.filter(user_id__in=Member.objects.active().filter(workspace_id=member.workspace_id).values("user_id"))


def visible_faulty_addresses(member: Member) -> FaultyAddressQuerySet:
    """One's own, and for admins those of the people of their workspace."""
    found: FaultyAddressQuerySet = FaultyAddress.objects.all()
    if not can_see_mail_health(member):
        return found.filter(user=member.user) if member.user else found.none()
    return found.filter(user_id__in=Member.objects.active().filter(workspace_id=member.workspace_id).values("user_id"))
