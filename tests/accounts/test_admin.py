"""The admin site shows accounts to staff, and nothing else to anybody."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.test import Client

from apps.accounts.models import User
from tests.accounts.people import is_signed_in, sign_in, verified
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh_content_types() -> None:
    """A test that commits may have made content types anew, under other ids than those remembered."""
    ContentType.objects.clear_cache()


@pytest.fixture
def noor() -> User:
    return verified(UserFactory(name="Noor", email="noor@example.org"))


@pytest.fixture
def root() -> Client:
    client = Client()
    client.force_login(UserFactory(email="root@example.org", is_staff=True, is_superuser=True))
    return client


def test_only_people_and_workspaces_are_there() -> None:
    """No goal, no check-in, no mail; and nothing of allauth's: session keys, secrets of second factors, tokens."""
    registered = {model._meta.label for model in admin.site._registry}
    assert registered <= {"accounts.User", "workspaces.Workspace", "workspaces.Member"}


def test_visitors_sign_in_as_everywhere(client: Client) -> None:
    answer = client.get("/admin/")
    assert answer.status_code == 302
    assert client.get("/admin/login/?next=/admin/").headers["Location"].startswith("/account/login/?next=")


def test_who_is_not_staff_is_told_no(client: Client, noor: User) -> None:
    client.force_login(noor)
    assert client.get("/admin/login/?next=/admin/").status_code == 403
    assert client.get("/admin/accounts/user/").status_code in {302, 403, 404}


def test_staff_without_a_permission_see_no_account(client: Client, noor: User) -> None:
    client.force_login(UserFactory(is_staff=True))
    assert client.get("/admin/accounts/user/").status_code == 403
    assert client.get(f"/admin/accounts/user/{noor.pk}/change/").status_code == 403


def test_no_secret_is_shown(root: Client, noor: User) -> None:
    page = root.get(f"/admin/accounts/user/{noor.pk}/change/").content.decode()
    assert "noor@example.org" in page
    assert noor.password not in page
    assert 'name="password"' not in page
    assert "session_stamp" not in page
    assert root.get("/admin/accounts/user/add/").status_code == 403
    assert root.post(f"/admin/accounts/user/{noor.pk}/delete/").status_code == 403


def test_switching_off_signs_out(root: Client, noor: User) -> None:
    client = sign_in(noor)
    root.post(f"/admin/accounts/user/{noor.pk}/change/", {"is_staff": "on"})
    noor.refresh_from_db()
    assert (noor.is_active, noor.is_staff) == (False, True)
    assert not is_signed_in(client)


def test_staff_cannot_make_staff(client: Client, noor: User) -> None:
    helper = UserFactory(is_staff=True)
    helper.user_permissions.set(Permission.objects.filter(content_type__app_label="accounts"))
    client.force_login(helper)
    client.post(
        f"/admin/accounts/user/{noor.pk}/change/",
        {"is_active": "on", "is_staff": "on", "is_superuser": "on", "email": "x@example.org"},
    )
    noor.refresh_from_db()
    assert (noor.is_staff, noor.is_superuser, noor.email) == (False, False, "noor@example.org")
