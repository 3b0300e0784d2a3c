"""What the many rows of one request ask for, read together instead of one by one.

Nothing is decided by it: what differs, and what is new, goes through the upsert of its resource, which looks again.
"""

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from django.db.models import QuerySet
from rest_framework import serializers

from apps.core.fields import Reference, References
from apps.core.models import ExternalId
from apps.core.serializers import ResourceSerializer, Shown

if TYPE_CHECKING:
    from apps.workspaces.models import Member

Wanted = dict[Callable[["Member"], QuerySet[ExternalId]], set[str]]  # external ids, by the rule of who sees their rows
ShownById = dict[str, Shown]


class Ahead:
    """The external ids of one resource that a request is going to upsert, in its order.

    `absent` are those that no row of the workspace has, whoever may see it. How rows are shown is read for as many as
    are still to come, and holds until something is written. From then on it is read for one row more, two, four and so
    on, so that neither a sync with one change nor one that changes everything reads much for nothing.
    """

    def __init__(self, wanted: Sequence[str], taken: Iterable[str], show: Callable[[list[str]], ShownById]) -> None:
        self.absent = set(wanted) - set(taken)
        self._coming, self._show = deque(wanted), show
        self._shown: ShownById = {}
        self._size = len(wanted)

    def take(self, external_id: str) -> Shown | None:
        """The row of this id as it is shown, if that was read; the next id is the next row's."""
        if external_id not in self.absent and external_id not in self._shown:
            if self._size:
                self._shown = self._show(list(islice(self._coming, self._size)))
            self._size = 2 * self._size or 1
        self._coming.popleft()
        return self._shown.get(external_id)

    def written(self, made: str) -> None:
        """Something was written, so what is shown may be another thing now, and there is a row of the id `made`."""
        self._shown, self._size = {}, 0
        self.absent.discard(made)


def look_up(serializer: ResourceSerializer, rows: Iterable[object], memo: References, member: "Member") -> None:
    """Find the rows that others refer to by external id, one query for each rule of visibility, for `Reference`."""
    wanted: Wanted = defaultdict(set)
    for row in rows:
        _gather(serializer, row, wanted)
    for visible, ids in wanted.items():
        found = visible(member).filter(external_id__in=ids)
        for each in found if found.ordered else found.order_by("pk"):
            memo.setdefault((visible.__name__, "external_id", each.external_id), each)


def _gather(field: object, value: object, wanted: Wanted) -> None:
    match field, value:
        case Reference(read_only=False), {"external_id": str(external_id)} if "\x00" not in external_id:
            wanted[field.visible].add(external_id)
        case ((serializers.ListField() | serializers.ListSerializer()), list()):
            for each in value:
                _gather(field.child, each, wanted)
        case serializers.Serializer(), Mapping():
            for name, inner in field.fields.items():
                if name in value:
                    _gather(inner, value[name], wanted)
