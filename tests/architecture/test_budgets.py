"""How many queries a page or an answer may take. What is not in here fails the build."""

from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.architecture.matrix import API_MATRIX, MATRIX, Route
from tests.architecture.test_matrix import World, make_world

LIST, DETAIL, FORM = 7, 11, 13
API_LIST, API_DETAIL = 5, 8

# Pages that need more than the rule of their kind, each with the reason.
MORE = {
    "goals:goal_edit": 14,  # six pickers each ask for what is chosen now
    "goals:goal_close": 14,  # beside the form stand who is to be heard first, and the tasks that are left open
    "routines:digest_preview": 26,  # each part of a digest asks for itself, as it does for 500 people
    "routines:digest_preview_html": 26,  # as above
}


def _kind(name: str) -> int:
    """The budget of a page by its name; the session and the member are in it."""
    if name in MORE:
        return MORE[name]
    if name.startswith("api-"):
        return API_LIST if name == "api-me" or not name.endswith(("-row", "-deliveries")) else API_DETAIL
    if name.endswith(("_list", "_options", "attention", "search")):
        return LIST
    return DETAIL if name.endswith(("_detail", "_history", "_revisions")) else FORM


PAGES = [
    (name, route)
    for name, routes in {**MATRIX, **API_MATRIX}.items()
    for route in routes
    if "GET" in route.methods and route.methods["GET"].lets_in
]


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Any:
    """As in the access matrix."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield make_world()
        transaction.set_rollback(True)


@pytest.mark.parametrize(("name", "route"), PAGES, ids=lambda each: getattr(each, "subject", each))
def test_pages_keep_their_budget(world: World, django_db_blocker: Any, name: str, route: Route) -> None:
    with django_db_blocker.unblock():
        names = [part for part in route.subject.split("+") if part]
        arguments = [world.rows[part].pk for part in names]
        url = reverse(name, args=arguments if name.startswith("api-") else [world.slug, *arguments])
        client = world.clients[route.methods["GET"].lets_in[0]]
        client.get(url)
        with CaptureQueriesContext(connection) as queries:
            client.get(url)
    asked = [q["sql"] for q in queries if not q["sql"].startswith(("SAVEPOINT", "RELEASE", "ROLLBACK"))]
    assert len(asked) <= _kind(name), "\n".join(asked)
