"""Every form of the access matrix, field by field, with what no honest person sends: never a fault, and a refusal that
says so. What a form says about each wrong value stands in its area's tests; this finds the form nobody thought of.
"""

from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from tests.architecture.matrix import MATRIX, Route
from tests.architecture.test_matrix import MatrixWorld, make_world

pytestmark = pytest.mark.slow

HOSTILE = {
    "nul": "a\x00b",
    "right-to-left script": "\u202e<script>alert(1)</script>\u200f",
    "no id": "00000000-0000-0000-0000-000000000000",
    "digits": "9" * 400,
    "negative": "-1",
    "not a number": "NaN",
    "no date": "2026-13-45",
    "last date": "9999-12-31",
    "huge": "\N{GRINNING FACE}" * 6_000,
}
EACH = 3  # of these for each field beside NUL, in turn, so that a form with many fields is not the whole test

# What an honest person fills in where the page has nothing yet, so that the one wrong value is what is judged.
HONEST = {
    "title": "Answers within a day",
    "name": "A name",
    "confidence": "on_track",
    "note": "So far.",
    "lesson": "Ask earlier.",
    "outcome": "missed",
    "kind": "number",
    "start_value": "0",
    "target_value": "5",
    "starts_on": "2029-01-01",
    "ends_on": "2029-03-31",
    "people": "noor@example.org",
    "visibility": "workspace",
}
FORMS = [
    (name, route)
    for name, routes in MATRIX.items()
    for route in routes[:1]
    if {"GET", "POST"} <= route.methods.keys() and route.methods["POST"].lets_in
]


class Form(HTMLParser):
    """The fields of the page's main form, with what stands in them."""

    def __init__(self, path: str, page: str) -> None:
        super().__init__()
        self.path, self.fields, self._is_own, self._select = path, dict[str, str](), False, ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {key: value or "" for key, value in attrs}
        name = found.get("name", "")
        if tag == "form":
            self._is_own = found.get("method") == "post" and found.get("action", self.path) in {"", self.path}
        elif not self._is_own:
            return
        elif tag in {"input", "textarea", "select"} and name and name != "csrfmiddlewaretoken":
            self._field(tag, name, found)
        elif tag == "option" and "selected" in found:
            self.fields[self._select] = found.get("value", "")

    def _field(self, tag: str, name: str, found: dict[str, str]) -> None:
        is_off = found.get("type") in {"checkbox", "radio"} and "checked" not in found
        if not is_off or name not in self.fields:
            self.fields[name] = "" if is_off else found.get("value", "")
        self._select = name if tag == "select" else self._select


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[MatrixWorld]:
    """As in the access matrix."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield make_world()
        transaction.set_rollback(True)


@pytest.mark.parametrize(("name", "route"), FORMS, ids=lambda each: getattr(each, "subject", each))
def test_no_field_of_a_form_takes_the_page_down(
    world: MatrixWorld, django_db_blocker: Any, name: str, route: Route
) -> None:
    with django_db_blocker.unblock():
        client = world.clients[route.methods["POST"].lets_in[0]]
        url = reverse(name, args=[world.slug, *([world.rows[route.subject].pk] if route.subject else [])])
        fields = Form(url, client.get(url).content.decode()).fields
        honest = {key: value or HONEST.get(key, "") for key, value in fields.items()}
        wrong = {
            (field, kind): fault
            for place, field in enumerate(fields)
            for kind in _kinds(place)
            if (fault := _fault(client, url, honest | {"key": str(uuid4()), field: HOSTILE[kind]}))
        }
    assert wrong == {}


def _kinds(place: int) -> list[str]:
    first, *others = HOSTILE
    return [first, *(others[(place * EACH + step) % len(others)] for step in range(EACH))]


def _fault(client: Client, url: str, sent: dict[str, str]) -> str:
    """What is wrong with the answer to one sending, whose changes are taken back."""
    with transaction.atomic():
        response = client.post(url, sent)
        transaction.set_rollback(True)
    if response.status_code >= 500:
        return f"answered {response.status_code}"
    is_refused = response.status_code >= 400
    return f"refused without a word ({response.status_code})" if is_refused and not _says_why(response) else ""


def _says_why(response: Any) -> bool:
    return b'role="alert"' in response.content


def test_the_reader_of_forms_finds_what_a_person_fills_in() -> None:
    page = """<form method="post" action="/other/"><input name="not_mine"></form>
      <form method="post"><input type="hidden" name="csrfmiddlewaretoken" value="x"><input name="title" value="Now">
      <textarea name="note"></textarea><select name="team"><option value="1"><option value="2" selected></select>
      <input type="radio" name="choice" value="a"><input type="radio" name="choice" value="b" checked></form>"""
    assert Form("/here/", page).fields == {"title": "Now", "note": "", "team": "2", "choice": "b"}
