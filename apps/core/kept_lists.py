"""A list of the API whose SQL is compiled once: for the goals alone, see docs/decisions/compiled-statements.md."""

from collections.abc import Mapping
from typing import Generic

from django.db.models import QuerySet

from apps.core.pagination import Keyset, KeysetPosition
from apps.core.serializers import Shown
from apps.core.statements import Inputs, run
from apps.core.viewsets import Given, ResourceViewSet, Row, Rows


class KeptListViewSet(ResourceViewSet[Row, Given], Generic[Row, Given]):
    """A resource whose `visible` and whose serializer's `annotations` ask of the member only what MemberSlots knows."""

    def page_rows(
        self, given: Mapping[str, object], params: dict[str, str], keyset: Keyset, place: KeysetPosition, size: int
    ) -> Rows:
        """As ResourceViewSet; compiled once for each form of the question, unless words are searched for."""
        if params.get("search"):
            return super().page_rows(given, params, keyset, place, size)
        inputs = Inputs()
        member = inputs.stand_in(self.member)
        values = {name: inputs.put(value) for name, value in given.items()}
        there = KeysetPosition(place.backwards, inputs.put(place.values))
        key = (type(self), tuple(values), tuple(each.sign for each in keyset.keys), place.backwards, size)

        def build() -> QuerySet[Row, Shown]:
            return keyset.cut(self.asked(member, values, keyset), there, size)

        return run(key, build, inputs)
