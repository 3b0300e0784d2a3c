"""What the browser is told and what it may send."""

from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from apps.core.urls import reverse_in
from apps.goals.models import Goal
from apps.workspaces.models import Member

ClientOf = Callable[[Member], Client]
PASSWORD = "a long old password"
HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(1)>'


def test_pages_run_no_script_but_their_own(client_of: ClientOf, bob: Member, goal: Goal) -> None:
    answer = client_of(bob).get(reverse_in(goal.workspace, "goals:goal_detail", goal.pk))
    policy = dict(part.strip().partition(" ")[::2] for part in answer["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert all(each == "'self'" or each.startswith("'nonce-") for each in policy["script-src"].split())
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("path", ["/account/login/", "/nowhere/", "/health/live", "/api/v1/unicorns/"])
def test_every_answer_closes_what_pages_do_not_use(db: None, path: str) -> None:
    policy = dict(part.strip().split("=") for part in Client().get(path)["Permissions-Policy"].split(","))
    assert policy["camera"] == policy["microphone"] == policy["geolocation"] == policy["payment"] == "()"
    assert policy["publickey-credentials-get"] == policy["clipboard-write"] == "(self)"


@pytest.mark.parametrize("view", ["tree", "table", "timeline", "map"])
def test_hostile_names_are_text_in_every_view_of_the_list(
    client_of: ClientOf, bob: Member, goal: Goal, view: str
) -> None:
    Goal.objects.filter(pk=goal.pk).update(title=HOSTILE, labels=[HOSTILE], importance=5, urgency=5)
    url = reverse_in(goal.workspace, "goals:goal_list")
    body = client_of(bob).get(url, {"view": view, "cycle": "all", "label": HOSTILE}).content.decode()
    assert "&lt;script&gt;alert(1)" in body
    assert "<script>alert" not in body
    assert "<img src=x" not in body


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "vbscript:x"])
def test_link_of_a_goal_leads_to_the_web_only(client_of: ClientOf, bob: Member, goal: Goal, url: str) -> None:
    form = {"title": "Linked", "visibility": "workspace", "status": "active", "url": url}
    assert client_of(bob).post(reverse_in(goal.workspace, "goals:goal_create"), form).status_code == 422
    assert not Goal.objects.filter(title="Linked").exists()


def test_form_of_another_site_changes_nothing(bob: Member, goal: Goal) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(bob.user)  # type: ignore[arg-type]
    url = reverse_in(goal.workspace, "goals:goal_close", goal.pk)
    assert client.post(url, {"outcome": "dropped", "lesson": "x"}).status_code == 403
    answer = client.post("/api/v1/goals/", {"title": "x"}, content_type="application/json")
    assert answer.status_code == 403
    assert Goal.objects.get().status == "active"


def test_signing_in_takes_over_no_planted_session_and_gives_a_guarded_cookie(bob: Member, settings: Any) -> None:
    assert bob.user is not None
    bob.user.set_password(PASSWORD)
    bob.user.save()
    EmailAddress.objects.create(user=bob.user, email=bob.user.email, verified=True, primary=True)
    client = Client()
    client.get("/account/login/")
    stranger = client.session
    stranger["planted"] = True
    stranger.save()
    planted = stranger.session_key
    assert planted is not None
    client.cookies[settings.SESSION_COOKIE_NAME] = planted
    answer = client.post("/account/login/", {"login": bob.user.email, "password": PASSWORD})
    cookie = answer.cookies[settings.SESSION_COOKIE_NAME]
    assert cookie.value != planted
    assert not stranger.exists(planted)
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
