"""Full-text search that PostgreSQL keeps by itself."""

import operator
from functools import reduce
from typing import Any

from django.contrib.postgres.search import SearchQuery, SearchVector, SearchVectorField
from django.db import models
from django.db.models import F, Value
from django.db.models.functions import Left

CONFIG = "simple"
INDEXED_CHARACTERS = 100_000


class GeneratedSearchVector(models.GeneratedField):
    """A stored tsvector over weighted columns: `GeneratedSearchVector(("title", "A"), ("reason", "B"))`.

    The "simple" configuration suits text in many languages (PostgreSQL manual, 12.6.2); long texts are indexed up to
    INDEXED_CHARACTERS, since a tsvector holds at most 1 MB.
    """

    def __init__(self, *columns: tuple[str, str], **_rest: Any) -> None:
        self.columns = columns
        vectors = [
            SearchVector(Left(F(name), INDEXED_CHARACTERS), config=Value(CONFIG), weight=weight)
            for name, weight in columns
        ]
        super().__init__(expression=reduce(operator.add, vectors), output_field=SearchVectorField(), db_persist=True)

    def deconstruct(self) -> tuple[str, str, list[object], dict[str, object]]:
        """How a migration writes it down: by its columns."""
        name, path, _args, _kwargs = super().deconstruct()
        return name, path, list(self.columns), {}


def search_query(text: str) -> SearchQuery:
    """What a person typed, as a query: words, "phrases", -without (websearch_to_tsquery never raises on bad input)."""
    return SearchQuery(text.replace("\x00", " "), config=CONFIG, search_type="websearch")
