"""Addresses inside a workspace."""

from typing import Any, Protocol

from django.urls import path, reverse

from apps.core import views


class HasSlug(Protocol):
    """Anything with a slug: a workspace."""

    slug: str


def reverse_in(workspace: HasSlug, name: str, *args: Any) -> str:
    """The path of a page inside a workspace: `reverse_in(workspace, "goals:goal_detail", goal.pk)`."""
    return reverse(name, args=[workspace.slug, *args])


urlpatterns = [
    path("health/live", views.health_live, name="health_live"),
    path("health/ready", views.health_ready, name="health_ready"),
]
