"""The frame of every page, and the pages that answer for errors."""

from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from django.contrib.messages.storage.base import Message
from django.template import Context, Template
from django.template.loader import render_to_string
from django.test import RequestFactory

pytestmark = pytest.mark.django_db  # the bell counts

EVIL = "\"'><script>alert(1)</script>"
NOBODY = UUID(int=1)


def frame(source: str = '{% extends "base.html" %}', **more: Any) -> str:
    """A page in the frame, for somebody whose names are hostile."""
    request = RequestFactory().get("/")
    request.user = SimpleNamespace(email=EVIL)  # type: ignore[assignment]
    nav = [
        {"label": f"{EVIL}{index}", "url": f"/{index}", "icon": "target", "current": index == 1} for index in range(6)
    ]
    workspace = SimpleNamespace(slug="harbour", name=EVIL)
    context = {
        "request": request,
        "member": SimpleNamespace(pk=NOBODY, name=EVIL, workspace_id=NOBODY, workspace=workspace),
        "workspace": workspace,
        "nav": nav,
        "new_menu": [{"label": EVIL, "url": "/new", "icon": "plus"}],
        "own_menu": [{"label": EVIL, "url": "/me", "icon": "user"}],
        **more,
    }
    return Template(source).render(Context(context))


def test_frame_lets_no_name_out_of_its_place():
    assert "<script>alert" not in frame(messages=[Message(20, EVIL)])


def test_frame_has_its_landmarks_once():
    html = frame()
    assert html.count("<main ") == 1
    assert html.count("<h1>") == 1
    assert html.index('class="skip"') < html.index('class="side"')
    for part in (
        '<header class="top">',
        'aria-label="Main"',
        'aria-label="Breadcrumbs"',
        'role="status" aria-live="polite"',
    ):
        assert part in html


def test_frame_offers_everything_on_a_phone():
    sheet = frame().split('id="more-sheet"')[1].split("</div>")[0]
    assert sheet.count("<a href=") == 6


def test_frame_marks_where_one_is():
    assert frame().count('aria-current="page"') == 3


def test_frame_without_new_menu_has_no_button_for_it():
    assert "new-menu" not in frame(new_menu=[])


def test_frame_signs_out_by_post_only():
    html = frame()
    assert 'method="post" action="/account/logout/"' in html
    assert 'href="/account/logout/"' not in html


def test_frame_has_unique_ids():
    html = frame()
    ids = [part.split('"')[0] for part in html.split(' id="')[1:]]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("name", ["400", "403", "404", "500", "503"])
def test_error_pages_need_no_context(name: str):
    html = render_to_string(f"{name}.html")
    assert html.count("<h1>") == 1
    assert "</html>" in html


def test_error_pages_escape_what_they_tell():
    assert "<script>alert" not in render_to_string("400.html", {"messages_list": [EVIL]})
    assert "<script>alert" not in render_to_string("403.html", {"exception": EVIL})
