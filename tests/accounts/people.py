"""What the tests of accounts do again and again."""

import re
from urllib.parse import urlsplit

from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core import mail
from django.test import Client

from apps.accounts.models import User
from tests.factories import PASSWORD

SIGNUP = {"name": "Noor Haddad", "email": "noor@example.org", "password1": "a sentence nobody guesses"}


def verified(user: User) -> User:
    """The person with their address confirmed, as after sign-up."""
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def sign_in(user: User, password: str = PASSWORD, **headers: str) -> Client:
    """A browser in which the person signed in with their password."""
    client = Client(headers=headers or None)
    answer = client.post("/account/login/", {"login": user.email, "password": password})
    assert answer.status_code == 302, answer.content.decode()
    return client


def prove(client: Client, password: str = PASSWORD) -> None:
    """Give the password once more, as before something dear is changed."""
    answer = client.post("/account/reauthenticate/", {"password": password, "next": "/account/2fa/"})
    assert answer.status_code == 302, answer.content.decode()


def link_in(message: mail.EmailMessage) -> str:
    """The path of the one thing to do in a mail."""
    found = re.search(r"^(https?://\S+/account/\S+)\s*$", str(message.body), re.MULTILINE)
    assert found is not None, message.body
    return urlsplit(found[1]).path


def code_of(secret: str, number: int = 0) -> str:
    """One of the three codes that are good now for an authenticator app with this secret: 0 is used to set it up."""
    return format_hotp_value(hotp_value(secret, list(yield_hotp_counters_from_time())[number]))


def is_signed_in(client: Client) -> bool:
    """Whether the browser still gets its own pages."""
    return client.get("/account/profile/").status_code == 200


def switch_on_app(client: Client) -> str:
    """Set up an authenticator app; its secret."""
    prove(client)
    secret: str = client.get("/account/2fa/totp/activate/").context["form"].secret
    answer = client.post("/account/2fa/totp/activate/", {"code": code_of(secret)})
    assert answer.status_code == 302, answer.content.decode()
    return secret
