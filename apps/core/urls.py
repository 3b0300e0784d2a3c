"""Addresses inside a workspace."""

from functools import lru_cache
from typing import Any, Protocol

from django.urls import get_script_prefix, path, reverse

from apps.core import views


class HasSlug(Protocol):
    """Anything with a slug: a workspace."""

    slug: str


def reverse_in(workspace: HasSlug, name: str, *args: Any) -> str:
    """The path of a page inside a workspace: `reverse_in(workspace, "goals:goal_detail", goal.pk)`."""
    return _reverse(workspace.slug, name, args, get_script_prefix())


@lru_cache(maxsize=5_000)
def _reverse(slug: str, name: str, args: tuple[Any, ...], _prefix: str) -> str:
    """Kept, because the frame of every page needs twenty of them, and lists one a line."""
    return reverse(name, args=[slug, *args])


urlpatterns = [
    path("health/live", views.health_live, name="health_live"),
    path("health/ready", views.health_ready, name="health_ready"),
]
