"""Addresses inside a workspace."""

from functools import lru_cache
from typing import Protocol
from uuid import UUID

from django.urls import get_script_prefix, path, reverse

from apps.core import views


class HasSlug(Protocol):
    """Anything with a slug: a workspace."""

    slug: str


def reverse_in(workspace: HasSlug, name: str, *args: object) -> str:
    """The path of a page inside a workspace: `reverse_in(workspace, "goals:goal_detail", goal.pk)`."""
    if len(args) == 1 and isinstance(args[0], UUID):
        before, after = _around_id(workspace.slug, name, get_script_prefix())
        return f"{before}{args[0]}{after}"
    return _reverse(workspace.slug, name, args, get_script_prefix())


NO_ID = UUID(int=0)


@lru_cache(maxsize=2_000)
def _around_id(slug: str, name: str, _prefix: str) -> tuple[str, str]:
    """What stands before and after the id in the path of a thing's page."""
    before, _id, after = reverse(name, args=[slug, NO_ID]).rpartition(str(NO_ID))
    return before, after


@lru_cache(maxsize=5_000)
def _reverse(slug: str, name: str, args: tuple[object, ...], _prefix: str) -> str:
    """Kept, because the frame of every page needs twenty of them, and lists one a line."""
    return reverse(name, args=[slug, *args])


urlpatterns = [
    path("health/live", views.health_live, name="health_live"),
    path("health/ready", views.health_ready, name="health_ready"),
]
