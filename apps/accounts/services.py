"""Changing an account. Passwords, addresses and second factors are changed by allauth; see adapter."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from allauth.core.internal.cryptokit import normalize_user_code
from allauth.mfa import app_settings
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from apps.accounts.models import User, known_timezones
from apps.core.registries import Hook
from apps.core.retention import delete_old

NAME_FOLLOWERS: Hook[[User], None] = Hook(
    "NAME_FOLLOWERS", "called with the user in the transaction in which somebody changes their name"
)
ADDRESS_FOLLOWERS: Hook[[User], None] = Hook(
    "ADDRESS_FOLLOWERS", "called with the user in the transaction in which they confirm an address"
)
CLOCK_FOLLOWERS: Hook[[User], None] = Hook(
    "CLOCK_FOLLOWERS", "called with the user in the transaction in which their time zone changes"
)
ACCESS_FOLLOWERS: Hook[[User], None] = Hook(
    "ACCESS_FOLLOWERS",
    "called with the user in the transaction in which their sessions end or their password changes, to end what else "
    "lets programs act as them",
)


@dataclass(frozen=True)
class AccountLetter:
    """A mail about an account, written out for its reader; `user` is None where the address has no account.

    `expires_at` is when its link ends, None where it has none that does.
    """

    kind: str
    address: str
    subject: str
    text: str
    html: str
    user: User | None
    expires_at: datetime | None


ACCOUNT_MAILED: Hook[[AccountLetter, datetime], None] = Hook(
    "ACCOUNT_MAILED",
    "called with (letter, at) in the transaction of a mail about an account, which is written out already, to send it",
)


@transaction.atomic
def update_profile(user: User, *, name: str, timezone: str, language: str) -> User:
    """Change how a person is called and how they read dates and words, everywhere at once.

    ValidationError by field: an empty, overlong or misleading name, an unknown zone, a language that nothing is
    translated into.
    """
    user = User.objects.select_for_update().get(pk=user.pk)
    renamed, moved = user.name != (name := " ".join(name.split())), user.timezone != timezone
    user.name, user.timezone, user.language = name, timezone, language
    _check(user)
    user.save(update_fields=["name", "timezone", "language"])
    if renamed:
        NAME_FOLLOWERS(user)
    if moved:
        CLOCK_FOLLOWERS(user)
    return user


def use_code(user: User, code: str) -> bool:
    """Take a one-time code of an authenticator app; False where it was taken before.

    It is remembered for as long as any clock that we tolerate would still accept it. Raises RedisError where that
    cannot be asked: then nobody gets in by a code.
    """
    seconds = app_settings.TOTP_PERIOD * (2 * app_settings.TOTP_TOLERANCE + 1)
    return bool(cache.add(f"one-time-code:{user.pk}:{normalize_user_code(code)}", 1, seconds))


def _check(user: User) -> None:
    errors: dict[str, list[str]] = {}
    if not user.name:
        errors["name"] = [_("Please enter your name.")]
    try:
        user.clean_fields(exclude={field.name for field in User._meta.fields} - {"name", "timezone", "language"})
    except ValidationError as error:
        errors = {**error.message_dict, **errors}
    if errors:
        raise ValidationError({name: [str(text) for text in texts] for name, texts in errors.items()})


@transaction.atomic
def mail_account(letter: AccountLetter, *, at: datetime) -> None:
    """Let a mail about an account go out."""
    ACCOUNT_MAILED(letter, at)


@transaction.atomic
def carry_address(user: User) -> None:
    """Tell all that carries a person's address of the one they confirmed."""
    ADDRESS_FOLLOWERS(user)


def proposed_timezone(zone: str) -> str:
    """The zone a browser proposed, or UTC where nobody knows it: that is no reason to keep somebody out."""
    return zone if zone in known_timezones() else settings.TIME_ZONE


@transaction.atomic
def end_sessions(user: User) -> User:
    """End every session of the account, and its tokens. The caller may keep its own by storing the new hash in it."""
    user = User.objects.select_for_update().get(pk=user.pk)
    user.session_stamp += 1
    user.save(update_fields=["session_stamp"])
    end_tokens(user)
    return user


@transaction.atomic
def end_tokens(user: User) -> None:
    """Let no program act as this person any more: whoever was in the account may have made tokens of their own."""
    ACCESS_FOLLOWERS(user)


@transaction.atomic
def set_active(user: User, *, active: bool) -> User:
    """Let a person sign in or not. Either way their sessions end for good: coming back means signing in anew."""
    user = end_sessions(user)
    user.is_active = active
    user.save(update_fields=["is_active"])
    return user


@transaction.atomic
def reset_second_factors(user: User) -> User:
    """Take away every second factor, for somebody who has lost theirs: their password alone signs them in again.

    Their sessions and tokens end. Whoever asks for it must have made sure who asks.
    """
    user = end_sessions(user)
    Authenticator.objects.filter(user=user).delete()
    return user


@transaction.atomic
def set_staff(user: User, *, is_staff: bool) -> User:
    """Let a person use the admin site or not. It shows them nothing of any workspace either way."""
    user = User.objects.select_for_update().get(pk=user.pk)
    user.is_staff = is_staff
    user.save(update_fields=["is_staff"])
    return user


def forget_old_sessions(*, at: datetime) -> int:
    """Delete sessions that have run out, and what is kept of the browsers of sessions that are gone.

    Gives back how many sessions it were. A browser's line that is younger than an hour stays: its session may be about
    to be saved.
    """
    deleted = delete_old(Session.objects.filter(expire_date__lt=at))
    alive = Session.objects.filter(session_key=OuterRef("session_key"))
    delete_old(UserSession.objects.filter(~Exists(alive), created_at__lt=at - timedelta(hours=1)))
    return deleted
