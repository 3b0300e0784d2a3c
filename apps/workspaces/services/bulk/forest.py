"""A tree (or several) held in memory while a file moves its rows about."""

from collections import defaultdict
from collections.abc import Mapping
from uuid import UUID


class Forest:
    """Who stands beneath whom. All walks end, whatever the rows say."""

    def __init__(self, above: Mapping[UUID, UUID | None]) -> None:
        self.above = dict(above)
        self.below: dict[UUID, set[UUID]] = defaultdict(set)
        for pk, parent in self.above.items():
            if parent is not None:
                self.below[parent].add(pk)

    def parent(self, pk: UUID) -> UUID | None:
        """Beneath whom a row stands."""
        return self.above.get(pk)

    def path(self, pk: UUID) -> list[UUID]:
        """The ids from the root down to the parent."""
        path: dict[UUID, None] = {}
        node = self.above.get(pk)
        while node is not None and node not in path:
            path[node] = None
            node = self.above.get(node)
        return list(path)[::-1]

    def height(self, pk: UUID, limit: int) -> int:
        """How many levels stand beneath a row, counted up to the limit."""
        level, height = {pk}, 0
        while height < limit:
            level = {child for node in level for child in self.below.get(node, ())}
            if not level:
                break
            height += 1
        return height

    def refuse(self, pk: UUID, parent: UUID, *, levels: int, beneath: int = 0) -> str:
        """Why the row cannot stand beneath that parent: circle, too_deep, or nothing.

        `beneath` is how many levels stand under the row that the forest does not know of.
        """
        above = self.path(parent)
        if pk == parent or pk in above:
            return "circle"
        height = max(beneath, self.height(pk, levels))
        return "too_deep" if len(above) + 2 + height > levels else ""

    def move(self, pk: UUID, parent: UUID) -> None:
        """Put the row beneath that parent."""
        old = self.above.get(pk)
        if old is not None:
            self.below[old].discard(pk)
        self.above[pk] = parent
        self.below[parent].add(pk)
