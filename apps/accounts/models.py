"""The person who signs in. What they may do is decided by their memberships, not here."""

import unicodedata
import zoneinfo
from functools import cache
from typing import ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from apps.core.models import new_id


@cache
def known_timezones() -> frozenset[str]:
    """The names of the IANA time zone database, read once: it lies in hundreds of files."""
    return frozenset(zoneinfo.available_timezones() - {"localtime", "Factory"})


def validate_timezone(value: str) -> None:
    """Refuse what the IANA time zone database does not know."""
    if value not in known_timezones():
        raise ValidationError(_("“%(value)s” is not a time zone."), params={"value": value}, code="invalid_timezone")


# Arabic letter mark, the two direction marks, embeddings, overrides and isolates: UAX #9, table 4.
DIRECTION_MARKS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def validate_name(value: str) -> None:
    """Refuse what would make a name read as another one: control characters, and marks that turn the direction."""
    if any(character in DIRECTION_MARKS or unicodedata.category(character) == "Cc" for character in value):
        raise ValidationError(
            _("A name cannot hold invisible control characters or marks that change the direction of writing."),
            code="invisible_characters",
        )


class UserManager(BaseUserManager["User"]):
    """Makes users by e-mail address."""

    def create_user(self, email: str, password: str | None = None, **fields: object) -> "User":
        """A new user; the address is kept in lower case, so that one person has one account."""
        if not email:
            raise ValueError("A user needs an e-mail address.")
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: object) -> "User":
        """A user of the admin site. It still sees no private goal, feedback or case."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """An account: an address, a password or passkey, and how its person reads dates and words."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=200, blank=True, validators=[validate_name])
    timezone = models.CharField(_("time zone"), max_length=64, default="UTC", validators=[validate_timezone])
    language = models.CharField(_("language"), max_length=8, default="en", choices=settings.LANGUAGES)
    is_staff = models.BooleanField(_("may use the admin site"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    date_joined = models.DateTimeField(_("joined"), default=now)
    session_stamp = models.PositiveIntegerField(default=0, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = (models.UniqueConstraint(Lower("email"), name="user_email_unique_in_any_case"),)

    def __str__(self) -> str:
        return self.name or self.email

    def clean(self) -> None:
        """Keep the address in lower case."""
        super().clean()
        self.email = self.email.strip().lower()

    def get_full_name(self) -> str:
        """The name, or the address where there is none."""
        return self.name or self.email

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """What a session must match to stay signed in: it changes with the password and with `session_stamp`."""
        return salted_hmac(
            "apps.accounts.models.User.session",
            f"{self.password}:{self.session_stamp}",
            secret=secret,
            algorithm="sha256",
        ).hexdigest()
