"""What the API does is what its schema says: requests made from the schema, valid and not, as several callers.

The requests are the same at each run. Where a request names a row or refers to one it mostly gets a real one, so that
most of them reach the services.
"""

import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from rest_framework.test import APIClient
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

from apps.core.throttling import CallerThrottle
from apps.workspaces.models import Member
from tests.counts import times
from tests.factories import (
    CheckInFactory,
    ContributorFactory,
    CycleFactory,
    ExportFactory,
    GoalFactory,
    KeyResultFactory,
    ValueFactory,
    WebhookDeliveryFactory,
    WebhookFactory,
)

application = get_wsgi_application()  # as config.wsgi, which asks the database at once
Api = Callable[..., APIClient]
EXAMPLES = times(30)
CALLERS = ("alice", "bob", "gus", "token of few scopes")
MODES = st.sampled_from([GenerationMode.POSITIVE, GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
# Not among them: whether a request is accepted depends on rows and rules that a schema cannot say.
CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
REFERENCES = {
    "goal": "goals", "parent": "goals", "after": "goals", "before": "goals", "carry": "goals",
    "key_result": "key-results",
    "cycle": "cycles", "into": "cycles", "team": "teams", "teams": "teams", "supporting_teams": "teams",
    "owner": "members", "member": "members", "members": "members", "leads": "members", "manager": "members",
    "author": "members", "ask_to": "members", "values": "values", "contributor": "members",
}  # fmt: skip
Rows = dict[str, list[str]]


@pytest.fixture
def rows(alice: Member, lea: Member, bob: Member, mo: Member, gus: Member, goal: Any, care: Any) -> Rows:
    """Ids of a few rows of every resource, some of them hidden from some."""
    private = GoalFactory(owner=bob, visibility="private", external_id="mine")
    within = GoalFactory(owner=lea, team=goal.team, visibility="team", parent=goal)
    closed = GoalFactory(owner=bob, status="achieved", lesson="Ask.", closed_at=goal.created_at, closed_by=bob)
    for person in (lea, gus):
        ContributorFactory(goal=goal, member=person)
    goals = [goal, private, within, closed]
    hooks = [WebhookFactory(member=person) for person in (alice, bob)]
    return {
        name: [str(row.pk) for row in found]
        for name, found in {
            "goals": goals,
            "key-results": [KeyResultFactory(goal=each) for each in goals[:2]],
            "check-ins": [CheckInFactory(goal=each, author=bob, author_name="Bob") for each in goals[:2]],
            "cycles": [goal.cycle, CycleFactory(workspace=alice.workspace)],
            "teams": [goal.team, care],
            "members": [alice, lea, bob, mo, gus],
            "values": [ValueFactory(workspace=alice.workspace), ValueFactory(workspace=alice.workspace, member=bob)],
            "webhooks": hooks,
            "deliveries": [WebhookDeliveryFactory(webhook=each) for each in hooks],
            "exports": [ExportFactory(requested_by=person) for person in (alice, bob)],
        }.items()
    }


def referring(value: Any, rows: Rows, chance: random.Random, kind: str = "") -> Any:
    """The same body, most of its references to real rows."""
    match value:
        case dict() if kind and chance.random() < 0.8:
            return chance.choice(rows[kind])
        case dict():
            return {name: referring(each, rows, chance, REFERENCES.get(name, "")) for name, each in value.items()}
        case list():
            return [referring(each, rows, chance, kind) for each in value]
        case str() if kind and chance.random() < 0.8:
            return chance.choice(rows[kind])
        case _:
            return value


def aim(case: Any, rows: Rows, chance: random.Random) -> None:
    """Let a case mostly meet what is there."""
    words = [word for word in case.path.split("/") if word]
    for name in case.path_parameters or {}:
        kind = words[words.index(f"{{{name}}}") - 1]
        if kind in rows and chance.random() < 0.8:
            case.path_parameters[name] = chance.choice(rows[kind])
        if name == "external_id" and chance.random() < 0.5:
            case.path_parameters[name] = chance.choice(["mine", "a/b", "é ü"])
    for name in case.query or {}:
        if name in REFERENCES and chance.random() < 0.8:
            case.query[name] = chance.choice(rows[REFERENCES[name]])
    if isinstance(case.body, dict | list):
        case.body = referring(case.body, rows, chance)


def headers_of(caller: str, api_of: Api, people: dict[str, Member]) -> dict[str, str]:
    """What a caller sends along."""
    client = api_of(people[caller]) if caller in people else api_of(people["bob"], "goals:read", "people:write")
    return {"Authorization": client._credentials["HTTP_AUTHORIZATION"]}  # type: ignore[attr-defined]


@pytest.fixture
def schema(db: None) -> Iterator[Any]:
    """The schema as the API serves it. The test's connection stays open, as with Django's own client."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield schemathesis.openapi.from_wsgi("/api/v1/schema/?format=json", application)
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def operations(schema: Any) -> Iterator[Any]:
    """Every operation of the schema."""
    for result in schema.get_all_operations():
        yield result.ok()


@pytest.mark.slow
@pytest.mark.parametrize("caller", CALLERS)
def test_answers_are_what_the_schema_says(
    caller: str,
    schema: Any,
    rows: Rows,
    api_of: Api,
    alice: Member,
    bob: Member,
    gus: Member,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(CallerThrottle, "allow_request", lambda *_args: True)
    headers = headers_of(caller, api_of, {"alice": alice, "bob": bob, "gus": gus})
    seen: set[int] = set()
    failures: list[str] = []
    for operation in operations(schema):
        check(operation, headers, rows, seen, failures)
    assert not failures, "\n\n".join(failures)
    assert seen >= ({200, 400, 403, 404} if caller != "alice" else {200, 201, 400, 404})


def check(operation: Any, headers: dict[str, str], rows: Rows, seen: set[int], failures: list[str]) -> None:
    """A few requests of one operation."""

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    @given(data=st.data(), seed=st.integers(0, 2**32))
    def run(data: Any, seed: int) -> None:
        case = data.draw(operation.as_strategy(generation_mode=data.draw(MODES)))
        aim(case, rows, random.Random(seed))  # noqa: S311 - the same each time, not a secret
        with transaction.atomic():
            response = case.call(headers=headers)
            transaction.set_rollback(True)
        seen.add(response.status_code)
        try:
            case.validate_response(response, checks=CHECKS)
        except BaseExceptionGroup as group:
            failures.extend(f"{operation.label}: {error}" for error in group.exceptions)

    run()
