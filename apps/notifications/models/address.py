"""Addresses whose mail comes back."""

from django.db import models
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.core.models import BaseModel, LongTextField


class FaultyAddressQuerySet(models.QuerySet["FaultyAddress"]):
    """Chainable filters on faulty addresses."""

    def standing(self) -> "FaultyAddressQuerySet":
        """Those that get no mail: found not to work, and still the address of their account."""
        return self.filter(since__isnull=False, address=F("user__email"))


class FaultyAddress(BaseModel):
    """What mail that came back says of an account's address; it belongs to no workspace, as the account does.

    While `since` is empty its mail still goes, and faults are counted: `strikes` are days, the last of which had a mail
    that went out at `last_mail_at`. Of mail that went out until `mailed_again_at` nothing is counted any more.
    """

    user = models.OneToOneField(User, models.CASCADE, related_name="faulty_address", verbose_name=_("account"))
    address = models.EmailField(_("e-mail address"))
    since = models.DateTimeField(_("does not work since"), null=True, blank=True)
    said = LongTextField(_("what the server said"), max_length=500)
    strikes = models.PositiveSmallIntegerField(_("faults in a row"), default=0)
    last_mail_at = models.DateTimeField(_("last mail that came back"), null=True, blank=True)
    mailed_again_at = models.DateTimeField(_("mailed again"), null=True, blank=True)

    objects = FaultyAddressQuerySet.as_manager()

    class Meta:
        verbose_name = _("faulty address")
        verbose_name_plural = _("faulty addresses")
        indexes = (
            models.Index(fields=["-since"], name="faulty_address_newest", condition=models.Q(since__isnull=False)),
        )

    def __str__(self) -> str:
        return self.address
