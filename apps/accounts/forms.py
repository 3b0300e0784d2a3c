"""The forms of an account: allauth's, with plain words, one field for a new password, and limits."""

import struct
from collections.abc import Callable
from typing import Any

from allauth.account import forms as account
from allauth.core.internal.cryptokit import normalize_user_code
from allauth.mfa import app_settings
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from allauth.socialaccount import forms as social
from django import forms
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.validators import MaxLengthValidator
from django.http import HttpRequest
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from apps.accounts import services
from apps.accounts.models import User, known_timezones, validate_name
from apps.core.write_conflicts import EditForm

NAME_MAX = 200
SECRET_MAX = 1000
EMAIL_MAX = 254
LABELS = {
    "login": _("E-mail address"),
    "email": _("E-mail address"),
    "password": _("Password"),
    "password1": _("New password"),
    "oldpassword": _("Current password"),
    "code": _("Code"),
}
PASSWORD_HELP = _("At least 10 characters. A short sentence is easy to remember and hard to guess.")


class PlainForm(forms.Form):
    """Our labels instead of placeholders, and no field without a limit."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("password2", None)  # it can be looked at instead of typed twice
        for name, field in self.fields.items():
            field.label = self.label_of(name, field)
            field.widget.attrs.pop("placeholder", None)
            if isinstance(field, forms.CharField) and not isinstance(field, forms.JSONField):
                limit(field)
            if isinstance(field.widget, forms.PasswordInput):
                prepare_password(field)
            if name == "code":
                field.widget.attrs |= {"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}

    def label_of(self, name: str, field: forms.Field) -> StrOrPromise | None:
        """What stands above the field."""
        return LABELS.get(name, field.label)


def limit(field: forms.CharField) -> None:
    """Refuse what nobody types, before it is hashed, compared or stored."""
    longest = EMAIL_MAX if isinstance(field, forms.EmailField) else SECRET_MAX
    if field.max_length is None or field.max_length > longest:
        field.max_length = longest
        field.validators.append(MaxLengthValidator(longest))
        field.widget.attrs["maxlength"] = str(longest)


def prepare_password(field: forms.Field) -> None:
    """A hint for a new password, none for a known one; static/js/account.js adds a button that shows it."""
    is_new = field.widget.attrs.get("autocomplete") == "new-password"
    field.help_text = PASSWORD_HELP if is_new else ""
    field.widget.attrs |= {"data-show": _("Show the password"), "data-hide": _("Hide the password")}


class LoginForm(PlainForm, account.LoginForm):
    """Address and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].widget.attrs |= {"autocomplete": "username", "autocapitalize": "none", "autofocus": True}


class NamedForm(forms.Form):
    """The name a person gives themselves."""

    name = forms.CharField(
        label=_("Your name"),
        max_length=NAME_MAX,
        validators=[validate_name],
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )

    def clean_name(self) -> str:
        """The name without stray blanks."""
        return " ".join(self.cleaned_data["name"].split())


class SignupForm(PlainForm, NamedForm, account.SignupForm):
    """Name, address and password; the browser proposes the time zone."""

    timezone = forms.CharField(required=False, widget=forms.HiddenInput(attrs={"data-timezone": ""}))
    field_order = ("name", "email", "password1", "timezone")

    def label_of(self, name: str, field: forms.Field) -> StrOrPromise | None:
        """It is the first password here, not a new one."""
        return LABELS["password"] if name == "password1" else super().label_of(name, field)

    def try_save(self, request: HttpRequest) -> Any:
        """As allauth; an address that is known costs the hash of a password too, so that it is not told by the time."""
        if self.account_already_exists:
            make_password(self.cleaned_data["password1"])
        return super().try_save(request)

    def clean_timezone(self) -> str:
        """Only what could be the name of a zone; an unknown one is no reason to keep somebody out."""
        zone: str = self.cleaned_data["timezone"]
        return zone if zone in known_timezones() else ""


class SocialSignupForm(PlainForm, NamedForm, social.SignupForm):
    """What an organisation did not say about a person who comes from there."""

    field_order = ("name", "email")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].initial = self.sociallogin.user.name


class AddEmailForm(PlainForm, account.AddEmailForm):
    """A new address."""

    def label_of(self, name: str, field: forms.Field) -> StrOrPromise | None:
        """It replaces the present one."""
        return _("New e-mail address") if name == "email" else super().label_of(name, field)


class ChangePasswordForm(PlainForm, account.ChangePasswordForm):
    """The present password and the new one."""


class SetPasswordForm(PlainForm, account.SetPasswordForm):
    """The first password of an account that was made by an organisation's sign-in."""


class ResetPasswordForm(PlainForm, account.ResetPasswordForm):
    """Where to send the link."""


class ResetPasswordKeyForm(PlainForm, account.ResetPasswordKeyForm):
    """The new password, after the link."""


class ReauthenticateForm(PlainForm, account.ReauthenticateForm):
    """The password once more, before something dear is changed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].widget.attrs["autofocus"] = True


class OneTimeForm(PlainForm):
    """A code that is used up by being taken, whichever form took it (RFC 6238, 5.2)."""

    user: User
    takes_recovery_codes = True

    def clean_code(self) -> str:
        """The code. Raises ValidationError where it is wrong or was taken before, in words that fit an app's code or a
        recovery code, whichever was typed.
        """
        written = normalize_user_code(self.cleaned_data["code"])
        try:
            code: str = super().clean_code()  # type: ignore[misc]
        except forms.ValidationError:
            if self.takes_recovery_codes and len(written) == app_settings.RECOVERY_CODE_DIGITS:
                raise get_adapter().validation_error("incorrect_recovery_code") from None
            raise
        if not services.use_code(self.user, code):
            raise get_adapter().validation_error("used_code")
        return code


class CodeForm(OneTimeForm, mfa.AuthenticateForm):
    """The second step of signing in."""


class ConfirmCodeForm(OneTimeForm, mfa.ReauthenticateForm):
    """A code once more, before something dear is changed."""


class ActivateAppForm(OneTimeForm, totp.ActivateTOTPForm):
    """The first code of a new authenticator app."""

    takes_recovery_codes = False


# What the reading of a forged credential ends in, deep in CBOR and COSE; allauth knows some of them.
MALFORMED = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, struct.error)
NOT_ACCEPTED = _("This passkey was not accepted. Please try again.")


class CredentialForm(forms.Form):
    """Passkeys: whatever was sent in place of one is refused at the form."""

    def clean_credential(self) -> Any:
        """The credential: read, and for a sign-in checked. ValidationError for everything else."""
        inherited = getattr(super(), "clean_credential", lambda: self.cleaned_data["credential"])
        return checked(inherited)

    def clean(self) -> dict[str, Any] | None:
        """The same for what is checked of the form as a whole."""
        return checked(super().clean)  # type: ignore[no-any-return]


def checked(read: Callable[[], Any]) -> Any:
    """What `read` gives; ValidationError in our words where it cannot read a credential or does not accept it."""
    try:
        return read()
    except MALFORMED:
        raise forms.ValidationError(NOT_ACCEPTED, code="not_accepted") from None
    except forms.ValidationError as error:
        if getattr(error, "code", None) == "incorrect_code":
            raise forms.ValidationError(NOT_ACCEPTED, code="not_accepted") from None
        raise


class PasskeyLoginForm(CredentialForm, webauthn.LoginWebAuthnForm):
    """Signing in with a passkey alone."""


class PasskeyCodeForm(CredentialForm, webauthn.AuthenticateWebAuthnForm):
    """A passkey as the second step."""


class ConfirmPasskeyForm(CredentialForm, webauthn.ReauthenticateWebAuthnForm):
    """A passkey once more, before something dear is changed."""


class AddPasskeyForm(CredentialForm, PlainForm, webauthn.AddWebAuthnForm):
    """A new passkey, which signs in alone unless one says otherwise."""

    name = forms.CharField(
        label=_("Name"),
        required=False,
        max_length=100,
        validators=[validate_name],
        help_text=_("To tell your passkeys apart, for example “Work laptop”."),
    )
    passwordless = forms.BooleanField(
        label=_("Sign in with it alone"),
        required=False,
        initial=True,
        help_text=_("It then replaces address, password and code. Without this it only replaces the code."),
    )


class EditPasskeyForm(PlainForm, webauthn.EditWebAuthnForm):
    """A passkey's name."""

    name = forms.CharField(label=_("Name"), max_length=100, validators=[validate_name])


COMMON_ZONES = (
    "UTC",
    "Europe/London",
    "Europe/Lisbon",
    "Europe/Paris",
    "Europe/Madrid",
    "Europe/Berlin",
    "Europe/Vienna",
    "Europe/Zurich",
    "Europe/Rome",
    "Europe/Warsaw",
    "Europe/Athens",
    "Europe/Kyiv",
    "Europe/Istanbul",
    "Africa/Lagos",
    "Africa/Johannesburg",
    "Africa/Nairobi",
    "Asia/Dubai",
    "Asia/Karachi",
    "Asia/Kolkata",
    "Asia/Bangkok",
    "Asia/Singapore",
    "Asia/Shanghai",
    "Asia/Tokyo",
    "Australia/Sydney",
    "Pacific/Auckland",
    "America/Sao_Paulo",
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Los_Angeles",
)


def zone_choices(present: str) -> list[tuple[Any, Any]]:
    """The zones to choose from: the common ones first, then those with a continent, and whatever the person has now."""
    rest = {zone for zone in known_timezones() if "/" in zone and not zone.startswith("Etc/")} | {present}
    return [
        (_("Common"), [(zone, zone_label(zone)) for zone in COMMON_ZONES]),
        (_("All"), [(zone, zone_label(zone)) for zone in sorted(rest - set(COMMON_ZONES)) if zone]),
    ]


def zone_label(zone: str) -> Any:
    """Europe/Berlin as people write it."""
    area, _slash, place = zone.replace("_", " ").partition("/")
    return format_lazy("{place} ({area})", place=place.replace("/", ", "), area=area) if place else zone


class ProfileForm(NamedForm, EditForm):
    """How a person is called, and how they read dates and words."""

    timezone = forms.CharField(
        label=_("Time zone"),
        max_length=64,
        widget=forms.Select(attrs={"data-combobox": ""}),
        help_text=_("For due dates, reminders and the time in mails."),
    )
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        kwargs["initial"] = {"name": user.name, "timezone": user.timezone, "language": user.language}
        super().__init__(*args, thing=user, reader=user, **kwargs)
        self.fields["timezone"].widget.choices = zone_choices(user.timezone)
