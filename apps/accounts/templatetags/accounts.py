"""What the pages of an account need."""

import re
from typing import Any

from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django import template
from django.conf import settings
from django.template import Context
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.accounts.adapter.second_factor import factor_opens

register = template.Library()

BROWSERS = (
    ("Edge", r"Edg(e|A|iOS)?/"),
    ("Opera", r"OPR/"),
    ("Samsung Internet", r"SamsungBrowser/"),
    ("Firefox", r"(Firefox|FxiOS)/"),
    ("Chrome", r"(HeadlessChrome|Chrome|CriOS|Chromium)/"),
    ("Safari", r"Version/.* Safari/"),
)
SYSTEMS = (
    ("iPhone", r"iPhone"),
    ("iPad", r"iPad"),
    ("Android", r"Android"),
    ("Windows", r"Windows"),
    ("macOS", r"Macintosh|Mac OS X"),
    ("ChromeOS", r"CrOS"),
    ("Linux", r"Linux|X11"),
)
PHONES = {"iPhone", "iPad", "Android"}


def first_match(kinds: tuple[tuple[str, str], ...], text: str) -> str:
    """The first kind whose pattern the text holds, or nothing."""
    return next((name for name, pattern in kinds if re.search(pattern, text)), "")


@register.filter
def device(user_agent: str) -> str:
    """What a browser says of itself, in two words: “Firefox on Linux”."""
    browser, system = first_match(BROWSERS, user_agent), first_match(SYSTEMS, user_agent)
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or system or _("Another program")


@register.filter
def device_icon(user_agent: str) -> str:
    """The icon of a phone or of a computer."""
    return "smartphone" if first_match(SYSTEMS, user_agent) in PHONES else "monitor"


@register.simple_tag
def organisation_signin() -> list[dict[str, str]]:
    """The organisations whose accounts sign in here (OIDC_*): name, and the address that starts it. Empty for most."""
    apps: list[dict[str, Any]] = settings.SOCIALACCOUNT_PROVIDERS.get("openid_connect", {}).get("APPS", [])
    return [{"name": app["name"], "url": reverse("openid_connect_login", args=[app["provider_id"]])} for app in apps]


@register.filter
def is_closed(factor: TOTP | RecoveryCodes | None) -> bool:
    """Whether an app or recovery codes cannot be checked, because no key opens them."""
    return factor is not None and not factor_opens(factor.instance.data)


TABS = (
    ("profile", "user", ("profile",)),
    ("account_email", "mail", ("account_email",)),
    ("account_change_password", "key-round", ("account_change_password", "account_set_password")),
    (
        "mfa_index",
        "shield-check",
        (
            "mfa_index",
            "mfa_activate_totp",
            "mfa_deactivate_totp",
            "mfa_view_recovery_codes",
            "mfa_generate_recovery_codes",
        ),
    ),
    (
        "mfa_list_webauthn",
        "fingerprint-pattern",
        ("mfa_list_webauthn", "mfa_add_webauthn", "mfa_edit_webauthn", "mfa_remove_webauthn"),
    ),
    ("usersessions_list", "monitor-smartphone", ("usersessions_list",)),
    ("socialaccount_connections", "link", ("socialaccount_connections",)),
)


@register.simple_tag(takes_context=True)
def account_tabs(context: Context) -> list[dict[str, object]]:
    """The tabs beside every page of one's account: label, address, icon, and which is open."""
    labels = {
        "profile": _("Profile"),
        "account_email": _("E-mail address"),
        "account_change_password": _("Password"),
        "mfa_index": _("Two-step sign-in"),
        "mfa_list_webauthn": _("Passkeys"),
        "usersessions_list": _("Devices"),
        "socialaccount_connections": _("Organisation"),
    }
    match = context["request"].resolver_match
    here = match.url_name if match else ""
    shown = [tab for tab in TABS if tab[0] != "socialaccount_connections" or organisation_signin()]
    return [
        {"label": labels[name], "url": reverse(name), "icon": icon, "current": here in names}
        for name, icon, names in shown
    ]
