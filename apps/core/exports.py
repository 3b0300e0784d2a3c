"""Which resources of the API a workspace's export holds: each app adds its own, in the shape of its serializer.

What is not on the list is never exported.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Model, QuerySet

from apps.core.registries import Registry
from apps.core.serializers import ResourceSerializer, Shown

if TYPE_CHECKING:
    from apps.workspaces.models import Member


@dataclass(frozen=True)
class Exported:
    """A resource as the API names it, its shape there, and the rule of who sees which rows."""

    name: str
    serializer: type[ResourceSerializer]
    visible: Callable[["Member"], QuerySet[Model]]

    def columns(self) -> list[str]:
        """The names of its fields."""
        return list(self.serializer.columns())

    def count(self, member: "Member") -> int:
        """How many rows the member sees now."""
        return self.visible(member).order_by().count()

    def batch(self, member: "Member", *, after: object, size: int) -> list[Shown]:
        """The next rows, in the order of their ids, of those that the member sees now."""
        rows = self.visible(member).order_by("pk")
        rows = rows.filter(pk__gt=after) if after is not None else rows
        return self.serializer.shape(self.serializer.select(rows, member=member)[:size], member=member)


EXPORTED: Registry[Exported] = Registry(
    "EXPORTED",
    "the resources that the export of a workspace holds: their names in the API, serializers and rules of visibility; "
    "what is not among them is never exported",
)
