"""Every form that changes what is there carries the version it was opened with, and writes only what was touched.

A page with a form that is neither in here nor carries a version fails the build.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Model
from django.urls import reverse

from apps.activity.models import Event
from tests.architecture.matrix import MATRIX, Route
from tests.architecture.test_matrix import MatrixWorld, make_world
from tests.opened import OpenedForm, opened, with_changes

# Forms about what is there that change no field of it, each with the reason why nothing can be lost.
DEEDS = {
    "goals:goal_close": "a step; a goal that is closed already refuses it, under its lock",
    "goals:cycle_close": "a step; a closed cycle refuses it, under its lock",
    "goals:key_result_create": "makes something new",
    "goals:check_in_create": "makes something new",
    "goals:ask_answer": "an answer is given once; a second one is refused, under its lock",
    "responsibilities:responsibility_offer": "makes something new",
    "responsibilities:goal_offer": "makes something new",
    "responsibilities:assignment_decline": "a step; what is decided already refuses it, under its lock",
    "responsibilities:assignment_withdraw": "a step; what is decided already refuses it, under its lock",
    "tasks:task_consult": "makes something new",
    "tasks:goal_consult": "makes something new",
    "tasks:consultation_answer": "an answer is given once; a second one is refused, under its lock",
    "responsibilities:responsibility_cell": "carries `was`, what the party was when it was shown",
    "responsibilities:goal_cell": "carries `was`, what the party was when it was shown",
    "handovers:handover_decline": "a step; what is answered already refuses it, under its lock",
    "notifications:chat_edit": "makes the first one here; tests/notifications/test_chat.py changes it",
    "notifications:workspace_chat_edit": "as above",
    "workspaces:member_deactivate": "a step; what the person holds by then is asked about anew",
}
# Forms that propose something until they are sent for the first time.
FIRST: dict[str, dict[str, str]] = {"capacity:hours_week": {"rest": "3"}, "handovers:absence_cover": {}}
TEXTS = ("title", "name", "note", "purpose", "statement", "brief", "rest")
IGNORED = {"csrfmiddlewaretoken", "key", "version"}
FORMS = [
    (name, route)
    for name, routes in MATRIX.items()
    for route in routes
    if {"GET", "POST"} <= set(route.methods) and route.methods["POST"].lets_in
]


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[MatrixWorld]:
    """As in the access matrix."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield make_world()
        transaction.set_rollback(True)


@pytest.fixture
def taken_back(world: MatrixWorld, django_db_blocker: Any) -> Iterator[MatrixWorld]:
    """What a test changes is undone."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield world
        transaction.set_rollback(True)


def address(world: MatrixWorld, name: str, route: Route) -> str:
    """The address of a route about its subject."""
    return reverse(name, args=[world.slug, *(world.rows[part].pk for part in route.subject.split("+") if part)])


def client_of(world: MatrixWorld, route: Route) -> Any:
    """Somebody who may send the form."""
    return world.clients[route.methods["POST"].lets_in[0]]


def row_of(world: MatrixWorld, route: Route) -> dict[str, Any]:
    """What the database says of the subject."""
    subject = world.rows.get(route.subject)
    subject = subject if isinstance(subject, Model) else world.alice.workspace
    return dict(type(subject)._base_manager.filter(pk=subject.pk).values().get())


@pytest.mark.parametrize(("name", "route"), FORMS, ids=lambda each: getattr(each, "subject", each))
def test_forms_carry_their_version_and_lose_nothing(taken_back: MatrixWorld, name: str, route: Route) -> None:
    world = taken_back
    url, client = address(world, name, route), client_of(world, route)
    forms = _forms_on(client, url)
    if name in FIRST:
        assert client.post(url, with_changes(forms[0], FIRST[name])).status_code == 302
        forms = _forms_on(client, url)
    if not any("version" in form for form in forms):
        own = [form for form in forms if form.keys() - IGNORED - {"next"}]
        is_new = name.endswith("_create") and not route.subject
        assert not own or is_new or name in DEEDS, f"{name} changes what is there, and does not say upon what"
        return
    assert name not in DEEDS
    form = opened(client, url)
    assert all(form["version"]), "an empty version"
    _sent_back_untouched_it_writes_nothing(world, route, url, form)
    _what_was_changed_meanwhile_stays(client, url, form)


def _forms_on(client: Any, url: str) -> list[dict[str, Any]]:
    page = client.get(url).content.decode()
    return [form for form in OpenedForm(page).forms if form.keys() - IGNORED]


def _sent_back_untouched_it_writes_nothing(world: MatrixWorld, route: Route, url: str, form: dict[str, Any]) -> None:
    before, events = row_of(world, route), Event.objects.count()
    answer = client_of(world, route).post(url, form)
    assert answer.status_code == 302, [each.errors for each in _forms(answer)]
    after = row_of(world, route)
    assert {name: (before[name], after[name]) for name in before if before[name] != after[name]}.keys() <= {
        "updated_at"
    }
    assert [each.verb for each in Event.objects.order_by("-id")[: Event.objects.count() - events]] == []


def _what_was_changed_meanwhile_stays(client: Any, url: str, form: dict[str, Any]) -> None:
    name = next((name for name in TEXTS if name in form and len(form[name]) == 1), None)
    if name is None:
        return
    text = "5.0" if name == "rest" else "Changed meanwhile"
    answer = client.post(url, with_changes(form, {name: text}))
    assert answer.status_code == 302, [each.errors for each in _forms(answer)]
    assert client.post(url, form).status_code == 302
    assert opened(client, url)[name] == [text]


def _forms(answer: Any) -> list[Any]:
    found = [value for each in answer.context or [] for layer in each.dicts for value in layer.values()]
    return [value for value in found if hasattr(value, "errors")]
