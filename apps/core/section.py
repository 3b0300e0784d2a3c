"""Which entry of the sidebar a page belongs to."""

from collections.abc import Callable
from typing import TypeVar

from django.http import HttpResponseBase

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


def section(name: str) -> Callable[[View], View]:
    """`@section("people")`: marks the view, so that the frame shows that entry as current. It stands outermost."""

    def mark(view: View) -> View:
        view.section = name  # type: ignore[attr-defined]
        return view

    return mark
