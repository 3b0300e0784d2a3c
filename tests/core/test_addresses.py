"""Addresses inside a workspace are those that Django's own reverse gives, however they are kept."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, reverse, set_script_prefix

from apps.core.urls import reverse_in


class Slugged:
    """Anything with a slug."""

    slug = "harbour"


def routes(patterns: Any, space: str = "", converters: dict[str, Any] | None = None) -> Iterator[tuple[str, list[str]]]:
    """Names of the routes that take a slug and one id, with the names of both."""
    for each in patterns:
        taken = {**(converters or {}), **each.pattern.converters}
        if isinstance(each, URLResolver):
            inner = f"{space}{each.namespace}:" if each.namespace else space
            yield from routes(each.url_patterns, inner, taken)
        elif isinstance(each, URLPattern) and each.name and list(taken)[:1] == ["workspace"]:
            yield f"{space}{each.name}", [name for name in taken if name != "workspace"]


def of_one_id() -> list[str]:
    found = []
    for name, others in routes(get_resolver().url_patterns):
        if len(others) == 1:
            found.append(name)
    return sorted(set(found))


def test_there_are_such_routes() -> None:
    assert len(of_one_id()) > 20


@pytest.fixture(params=["/", "/team/"])
def prefix(request: pytest.FixtureRequest) -> Iterator[str]:
    set_script_prefix(request.param)
    yield request.param
    set_script_prefix("/")


@pytest.mark.parametrize("name", of_one_id())
def test_an_address_with_an_id_is_the_one_django_gives(name: str, prefix: str) -> None:
    for pk in (uuid4(), UUID(int=0), UUID(int=2**128 - 1)):
        assert reverse_in(Slugged, name, pk) == reverse(name, args=["harbour", pk])
        assert reverse_in(Slugged, name, pk).startswith(prefix)


def test_a_workspace_may_be_called_what_looks_like_an_id() -> None:
    class Odd:
        slug = str(UUID(int=0))

    pk = uuid4()
    assert reverse_in(Odd, "goals:goal_detail", pk) == reverse("goals:goal_detail", args=[Odd.slug, pk])
