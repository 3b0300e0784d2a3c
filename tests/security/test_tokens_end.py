"""Whoever was in an account for an hour must not stay in it by a token."""

from collections.abc import Callable

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from rest_framework.test import APIClient

from apps.accounts import services
from apps.workspaces.models import Member
from tests.accounts.people import link_in

Api = Callable[..., APIClient]
PASSWORD, NEW = "a long old password", "another long password"


@pytest.fixture
def stolen(api_of: Api, bob: Member) -> APIClient:
    """A token of Bob's that works."""
    assert bob.user is not None
    bob.user.set_password(PASSWORD)
    bob.user.save()
    EmailAddress.objects.get_or_create(user=bob.user, email=bob.user.email, verified=True, primary=True)
    client = api_of(bob)
    assert client.get("/api/v1/me/").status_code == 200
    return client


def test_tokens_end_with_the_old_password(
    stolen: APIClient, client_of: Callable[[Member], Client], bob: Member, api_of: Api, adam: Member
) -> None:
    others = api_of(adam)
    browser = Client()
    browser.post("/account/login/", {"login": bob.user.email, "password": PASSWORD})  # type: ignore[union-attr]
    browser.post("/account/password/change/", {"oldpassword": PASSWORD, "password1": NEW})
    bob.user.refresh_from_db()  # type: ignore[union-attr]
    assert bob.user.check_password(NEW)  # type: ignore[union-attr]
    assert stolen.get("/api/v1/me/").status_code == 401
    assert others.get("/api/v1/me/").status_code == 200


@pytest.mark.usefixtures("account_mails_leave")
def test_tokens_end_with_a_new_password_by_mail(stolen: APIClient, bob: Member) -> None:
    client = Client()
    client.post("/account/password/reset/", {"email": bob.user.email})  # type: ignore[union-attr]
    page = client.get(link_in(mail.outbox[0])).headers["Location"]
    client.post(page, {"password1": NEW})
    assert stolen.get("/api/v1/me/").status_code == 401


def test_tokens_end_with_the_sessions_and_do_not_come_back(stolen: APIClient, bob: Member) -> None:
    assert bob.user is not None
    services.set_active(bob.user, active=False)
    services.set_active(bob.user, active=True)
    assert stolen.get("/api/v1/me/").status_code == 401
