"""Walks the access matrix, and counts the queries of each page and answer on the way."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from apps.goals import services
from apps.workspaces.models import Member, Role
from tests.architecture.budgets import budget_of
from tests.architecture.matrix import (
    API_BODIES,
    API_MATRIX,
    API_OPEN,
    MATRIX,
    OPEN,
    SIGNED_IN,
    THIRD_PARTY,
    Route,
)
from tests.cast import NOW
from tests.factories import (
    AbsenceFactory,
    ApiTokenFactory,
    AssignmentFactory,
    ConsultationFactory,
    ContributorFactory,
    CycleFactory,
    DeliveryFactory,
    ExportFactory,
    FaultyAddressFactory,
    GoalFactory,
    HandoverFactory,
    HoursReportFactory,
    ImportJobFactory,
    InvitationFactory,
    KeyResultFactory,
    MemberFactory,
    NoticeFactory,
    ResponsibilityFactory,
    TaskFactory,
    TeamFactory,
    TeamMembershipFactory,
    ValueFactory,
    WebhookDeliveryFactory,
    WebhookFactory,
    WorkspaceFactory,
)


def _names(resolver: URLResolver, prefix: str = "") -> Iterator[str]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from _names(entry, f"{prefix}{entry.namespace}:" if entry.namespace else prefix)
        elif isinstance(entry, URLPattern) and entry.lookup_str != "django.views.generic.base.RedirectView":
            yield f"{prefix}{entry.name or entry.lookup_str}"


def test_every_address_is_in_the_matrix() -> None:
    found = {name for name in _names(get_resolver()) if not name.startswith(THIRD_PARTY)}
    declared = set(MATRIX) | OPEN | SIGNED_IN | set(API_MATRIX) | API_OPEN
    assert found - declared == set(), "declare them in tests/architecture/matrix.py"
    assert declared - found == set(), "these are gone: take them out of tests/architecture/matrix.py"


@dataclass
class MatrixWorld:
    """The people of the matrix, signed in, and the rows that stand in the addresses."""

    clients: dict[str, Client]
    members: dict[str, Member]
    rows: dict[str, Any]
    slug: str

    @property
    def alice(self) -> Member:
        """The owner."""
        return self.members["A"]


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[MatrixWorld]:
    """Made once for all the cases, each of which takes back what it changes."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield make_world()
        transaction.set_rollback(True)


def make_world() -> MatrixWorld:
    """The cast of tests/cast.py, dan who was deactivated, and one row of every kind, most of them bob's."""
    harbour = WorkspaceFactory(name="Harbour", slug="harbour")

    def person(name: str, role: Role = Role.MEMBER, **fields: Any) -> Member:
        return MemberFactory(workspace=harbour, name=name, role=role, **fields)

    alice, adam, gus = person("Alice", Role.OWNER), person("Adam", Role.ADMIN), person("Gus", Role.GUEST)
    lea, bob, mo = person("Lea"), person("Bob"), person("Mo")
    dan = person("Dan", Role.ADMIN, deactivated_at=NOW)
    eve = MemberFactory(workspace=WorkspaceFactory(slug="elsewhere"), name="Eve", role=Role.OWNER)
    product = TeamFactory(workspace=harbour, name="Product")
    TeamMembershipFactory(team=product, member=lea, is_lead=True)
    TeamMembershipFactory(team=product, member=bob)
    spring = CycleFactory(workspace=harbour, name="Spring", starts_on=date(2026, 1, 1), ends_on=date(2026, 3, 31))
    cast: dict[str, Any] = {"A": alice, "D": adam, "L": lea, "B": bob, "M": mo, "G": gus, "eve": eve, "dan": dan}
    clients = {}
    for letter, member in cast.items():
        clients[letter] = Client(raise_request_exception=False)
        clients[letter].force_login(member.user)
    rows = {"cycle": spring, "team": product, "member": bob} | _goals(bob, lea, mo, product, spring)
    rows |= _handing(bob, lea, rows["goal"])
    return MatrixWorld(clients, cast, rows | _rest(alice, bob) | _held(bob, product), harbour.slug)


def _held(bob: Member, product: Any) -> dict[str, Any]:
    """A responsibility of the team, which bob is asked to do."""
    responsibility = ResponsibilityFactory(workspace=bob.workspace, team=product)
    return {
        "responsibility": responsibility,
        "assignment": AssignmentFactory(responsibility=responsibility, member=bob, offered_at=NOW),
    }


def _goals(bob: Member, lea: Member, mo: Member, product: Any, spring: Any) -> dict[str, Any]:
    goals = {
        name: GoalFactory(owner=bob, team=product, cycle=spring, visibility=visibility, activated_at=NOW)
        for name, visibility in (("goal", "workspace"), ("team_goal", "team"), ("private_goal", "private"))
    }
    ContributorFactory(goal=goals["private_goal"], member=mo)
    found: dict[str, Any] = dict(goals)
    for name, each in goals.items():
        found[f"task_of_{name}"] = TaskFactory(goal=each, assignee=bob)
        found[f"key_result_of_{name}"] = KeyResultFactory(goal=each)
        found[f"check_in_of_{name}"] = services.create_check_in(
            each, {"note": "So far."}, readings={}, by=bob, at=NOW + timedelta(days=1)
        )
    found["ask_of_lea"] = services.create_check_in(
        goals["goal"], {"ask": "May we hire?", "ask_to": lea}, readings={}, by=bob, at=NOW + timedelta(days=2)
    )
    found["task_of_duty"] = TaskFactory(
        responsibility=ResponsibilityFactory(workspace=bob.workspace), assignee=bob, title="Keep the phones up"
    )
    found["consultation"] = ConsultationFactory(goal=goals["goal"], member=lea)
    return found


def _handing(bob: Member, lea: Member, goal: Any) -> dict[str, Any]:
    """Bob is away these days, and hands his goal over to lea."""
    absence = AbsenceFactory(member=bob)
    HandoverFactory(
        goal=goal, from_member=bob, to_member=lea, kind="cover", absence=absence,
        starts_on=absence.starts_on, ends_on=absence.ends_on,
    )  # fmt: skip
    return {"absence": absence, "handover": HandoverFactory(goal=goal, from_member=bob, to_member=lea)}


def _rest(alice: Member, bob: Member) -> dict[str, Any]:
    webhook = WebhookFactory(member=bob)
    today = timezone.localdate()
    return {
        "week": SimpleNamespace(pk=(today - timedelta(days=today.weekday() + 7)).isoformat()),
        "reported_hours": HoursReportFactory(member=bob),
        "value": ValueFactory(workspace=bob.workspace),
        "invitation": InvitationFactory(workspace=bob.workspace, invited_by=alice),
        "import_job": ImportJobFactory(workspace=bob.workspace, requested_by=alice),
        "export": ExportFactory(requested_by=bob, state="done", finished_at=NOW),
        "token": ApiTokenFactory(member=bob),
        "notice": NoticeFactory(recipient=bob),
        "done_notice": NoticeFactory(recipient=bob, done_at=NOW),
        "failed_mail": DeliveryFactory(workspace=bob.workspace, recipient=bob, kind="notices", state="failed"),
        "faulty_address": FaultyAddressFactory(user=bob.user),
        "webhook": webhook,
        "webhook_message": WebhookDeliveryFactory(webhook=webhook, state="failed"),
    }


def _kind(response: Any) -> str:
    """What an answer amounts to."""
    if response.status_code in {302, 303} and "/account/login/" in response["Location"]:
        return "login"
    if response.status_code in {403, 404, 405}:
        return str(response.status_code)
    return "fault" if response.status_code >= 500 else "in"


def _expected(route: Route, method: str, letter: str) -> set[str]:
    answer = route.methods.get(method)
    if answer is None:
        return {"405", "404", "403"}
    if letter in answer.lets_in:
        return {"in"}
    return {"403"} if letter in answer.forbids else {"404"}


CASES = [(name, route, method) for name, routes in MATRIX.items() for route in routes for method in ("GET", "POST")]


@pytest.mark.parametrize(("name", "route", "method"), CASES, ids=lambda each: getattr(each, "subject", each))
def test_access(world: MatrixWorld, django_db_blocker: Any, name: str, route: Route, method: str) -> None:
    with django_db_blocker.unblock():
        _check_page(world, name, route, method)


def _check_page(world: MatrixWorld, name: str, route: Route, method: str) -> None:
    people = world.clients
    arguments = [world.slug, *([world.rows[route.subject].pk] if route.subject else [])]
    url = reverse(name, args=arguments)
    got = {letter: _kind(_ask(client, method, url)) for letter, client in people.items() if letter in "ADLBMG"}
    wrong = {
        letter: f"{kind}, not {sorted(_expected(route, method, letter))}"
        for letter, kind in sorted(got.items(), key=lambda pair: pair[0])
        if kind not in _expected(route, method, letter)
    }
    assert wrong == {}
    assert {_kind(_ask(people[each], method, url)) for each in ("eve", "dan")} == {"404"}
    assert _kind(_ask(Client(raise_request_exception=False), method, url)) == "login"
    if method == "GET":
        _check_budget(people, url, name, route)


def _check_budget(people: dict[str, Client], url: str, name: str, route: Route) -> None:
    """The queries of whoever has asked before: the session and the member are in them."""
    readers = route.methods["GET"].lets_in if "GET" in route.methods else ""
    if not readers:
        return
    with CaptureQueriesContext(connection) as queries:
        people[readers[0]].get(url)
    asked = [q["sql"] for q in queries if not q["sql"].startswith(("SAVEPOINT", "RELEASE", "ROLLBACK"))]
    assert 0 < len(asked) <= budget_of(name), "\n".join(asked)


def _ask(client: Client, method: str, url: str) -> Any:
    """One request whose changes are taken back, so that the next person meets the same rows."""
    with transaction.atomic():
        response = client.get(url) if method == "GET" else client.post(url)
        transaction.set_rollback(True)
    return response


API_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
OF_NOBODY = {"", "external", "week"}  # addresses that name no row: eve reads and writes her own there
API_CASES = [(name, route) for name, routes in API_MATRIX.items() for route in routes]


@pytest.mark.parametrize(("name", "route"), API_CASES, ids=lambda each: getattr(each, "subject", each))
def test_access_over_the_api(world: MatrixWorld, django_db_blocker: Any, name: str, route: Route) -> None:
    """Every method of every address; what is not declared answers 405 to whoever may come that far."""
    with django_db_blocker.unblock():
        _check_api(world.clients, reverse(name, args=_api_arguments(route, world.rows)), name, route)


def _check_api(people: dict[str, Client], url: str, name: str, route: Route) -> None:
    wrong = {}
    for method in API_METHODS:
        for letter in "ADLBMG":
            got = _kind(_call(people[letter], method, url, name))
            if got not in _expected(route, method, letter):
                wrong[method, letter] = f"{got}, not {sorted(_expected(route, method, letter))}"
        if route.subject not in OF_NOBODY:
            assert _kind(_call(people["eve"], method, url, name)) in {"404", "405"}
        for nobody in (people["dan"], Client(raise_request_exception=False)):
            assert _call(nobody, method, url, name).status_code in {401, 403}
    assert wrong == {}
    _check_budget(people, url, name, route)


def _api_arguments(route: Route, subjects: dict[str, Any]) -> list[Any]:
    if route.subject == "external":
        return ["a/new one"]
    return [subjects[name].pk for name in route.subject.split("+") if name]


def _call(client: Client, method: str, url: str, name: str) -> Any:
    with transaction.atomic():
        body = None if method == "GET" else API_BODIES.get(name, {})
        response = client.generic(method, url, json.dumps(body), content_type="application/json")
        transaction.set_rollback(True)
    return response


@pytest.mark.parametrize("name", sorted(SIGNED_IN))
def test_pages_outside_a_workspace_ask_to_sign_in(db: None, name: str) -> None:
    assert _kind(Client().get(reverse(name))) == "login"


@pytest.mark.parametrize("goal_name", ["team_goal", "private_goal"])
@pytest.mark.parametrize("name", [n for n, routes in MATRIX.items() if routes[0].subject == "goal"])
def test_hidden_and_absent_are_the_same(world: MatrixWorld, django_db_blocker: Any, name: str, goal_name: str) -> None:
    """Byte for byte, but for the address itself and the nonce of the page."""
    with django_db_blocker.unblock():
        _compare_hidden_and_absent(world, name, world.rows[goal_name].pk)


def _compare_hidden_and_absent(world: MatrixWorld, name: str, hidden_id: Any) -> None:
    client, alice = world.clients["A"], world.alice
    hidden = reverse(name, args=[world.slug, hidden_id])
    absent = reverse(name, args=[world.slug, alice.pk])
    answers = []
    for url, pk in ((hidden, hidden_id), (absent, alice.pk)):
        for method in ("GET", "POST"):
            response = client.get(url) if method == "GET" else client.post(url)
            body = response.content.decode().replace(str(pk), "PK")
            answers.append((method, response.status_code, _without_nonces(body)))
    assert answers[:2] == answers[2:]
    assert answers[0][1] == 404 or name != "goals:goal_detail"


def _without_nonces(body: str) -> str:
    return re.sub(r'nonce="[^"]*"|name="csrfmiddlewaretoken" value="[^"]*"|"X-CSRFToken": "[^"]*"', "", body)
