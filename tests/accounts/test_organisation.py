"""Signing in with an organisation's accounts, against a small OpenID Connect server."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.socialaccount.models import SocialAccount
from django.core import mail
from django.test import Client

from apps.accounts.models import User
from tests.accounts.people import is_signed_in, sign_in, verified
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


class Provider(BaseHTTPRequestHandler):
    """Discovery, token and userinfo, as OpenID Connect Core 1.0 has them."""

    person: dict[str, object] = {}

    def _answer(self) -> None:
        base = f"http://127.0.0.1:{self.server.server_port}"  # type: ignore[attr-defined]
        answers: dict[str, dict[str, object]] = {
            "/.well-known/openid-configuration": {
                "issuer": base,
                "authorization_endpoint": f"{base}/authorize",
                "token_endpoint": f"{base}/token",
                "userinfo_endpoint": f"{base}/userinfo",
                "jwks_uri": f"{base}/jwks",
            },
            "/token": {"access_token": "token", "token_type": "Bearer"},
            "/userinfo": self.person,
        }
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = json.dumps(answers[urlsplit(self.path).path]).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = _answer  # noqa: N815 - their names in http.server

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name in http.server
        """Say nothing."""


@pytest.fixture
def provider(settings: object) -> Iterator[type[Provider]]:
    """The server, set up as OIDC_* would."""
    Provider.person = {"sub": "1", "name": "Noor \u202eHaddad", "email": "noor@example.org", "email_verified": True}
    server = ThreadingHTTPServer(("127.0.0.1", 0), Provider)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    app = {
        "provider_id": "organisation",
        "name": "Harbour",
        "client_id": "client",
        "secret": "secret",
        "settings": {"server_url": f"http://127.0.0.1:{server.server_port}"},
    }
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [app]}}  # type: ignore[attr-defined]
    yield Provider
    server.shutdown()
    server.server_close()


def go(client: Client, process: str = "login") -> str:
    """Go there and come back; where that leads."""
    there = client.post(f"/account/oidc/organisation/login/?process={process}").headers["Location"]
    state = parse_qs(urlsplit(there).query)["state"][0]
    return client.get("/account/oidc/organisation/login/callback/", {"code": "x", "state": state}).headers["Location"]


def test_the_button_shows_only_where_an_organisation_is_set_up(client: Client) -> None:
    assert "/account/oidc/" not in client.get("/account/login/").content.decode()
    assert client.get("/account/oidc/organisation/login/").status_code == 404


def test_the_button_names_the_organisation(client: Client, provider: type[Provider]) -> None:
    assert "Sign in with Harbour" in client.get("/account/login/").content.decode()
    assert "Continue with Harbour" in client.get("/account/signup/").content.decode()
    assert client.get("/account/oidc/organisation/login/").status_code == 200


def test_a_new_person_gets_an_account_with_a_readable_name(client: Client, provider: type[Provider]) -> None:
    assert go(client) == "/"
    noor = User.objects.get()
    assert (noor.name, noor.email, noor.has_usable_password()) == ("Noor Haddad", "noor@example.org", False)
    assert is_signed_in(client)
    page = client.get("/account/password/set/")
    assert page.status_code == 200
    assert client.get("/account/password/change/").headers["Location"] == "/account/password/set/"
    assert client.get("/account/3rdparty/").status_code == 200


def test_an_address_that_has_an_account_is_not_taken_over(client: Client, provider: type[Provider]) -> None:
    mine = verified(UserFactory(email="noor@example.org"))
    go(client)
    assert not is_signed_in(client)
    assert list(User.objects.all()) == [mine]
    assert not SocialAccount.objects.exists()


def test_an_address_that_nobody_confirmed_must_be_confirmed_here(client: Client, provider: type[Provider]) -> None:
    provider.person = {**provider.person, "email_verified": False}
    assert go(client) == "/account/confirm-email/"
    assert not is_signed_in(client)
    assert mail.outbox[0].subject == "Please confirm your address"


def test_sign_up_by_invitation_holds_here_too(client: Client, provider: type[Provider], settings: object) -> None:
    settings.SIGNUP = "invitation"  # type: ignore[attr-defined]
    there = client.post("/account/oidc/organisation/login/?process=login").headers["Location"]
    state = parse_qs(urlsplit(there).query)["state"][0]
    answer = client.get("/account/oidc/organisation/login/callback/", {"code": "x", "state": state}, follow=True)
    assert "by invitation" in answer.content.decode()
    assert not User.objects.exists()


def test_connecting_an_account_one_has(provider: type[Provider]) -> None:
    noor = verified(UserFactory(email="other@example.org"))
    client = sign_in(noor)
    client.post("/account/reauthenticate/", {"password": "a long enough password"})
    assert go(client, "connect") == "/account/3rdparty/"
    assert SocialAccount.objects.get(user=noor).uid == "1"
    assert "Disconnect" in client.get("/account/3rdparty/").content.decode()
