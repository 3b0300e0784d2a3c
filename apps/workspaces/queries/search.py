"""What the search finds: each app declares its own kinds of things in AppConfig.ready."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django_stubs_ext import StrOrPromise

from apps.core.registries import Registry
from apps.workspaces.models import Member


@dataclass(frozen=True)
class SearchHit:
    """A hit: where it is, what it is called, and a word about it."""

    pk: Any
    title: str
    detail: str


@dataclass(frozen=True)
class Searched:
    """A kind of thing that people find: its heading, icon, URL name, and the search itself, called
    with the member, a text of one letter or more and the most it may give.
    """

    name: str
    label: StrOrPromise
    icon: str
    page: str
    find: Callable[[Member, str, int], Sequence[SearchHit]]


SEARCHED: Registry[Searched] = Registry(
    "SEARCHED",
    "what the search finds beside goals, people, teams and cycles: heading, icon, page, and the search itself",
)
