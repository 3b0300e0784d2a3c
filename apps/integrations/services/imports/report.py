"""The report while it grows: counts per kind, and lines of what was not taken whole."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from apps.integrations.models import RowKind

LINES_MAX = 20_000
VALUE_MAX = 300
KEY_MAX = 255
FIELD_MAX = 100
NAMELESS = "#"
COUNTED = [kind.value for kind in RowKind if kind != RowKind.FILE]
OUTCOMES = ("created", "updated", "unchanged", "reported")


@dataclass(slots=True)
class ReportLine:
    """One line: of which row what was not taken, and why; `count` rows at once where a line speaks of many."""

    kind: str
    key: str
    reason: str
    field: str = ""
    value: str = ""
    count: int = 1

    def as_dict(self) -> dict[str, object]:
        """For JSON."""
        return {
            "kind": self.kind, "key": self.key, "reason": self.reason, "field": self.field, "value": self.value,
            "count": self.count,
        }  # fmt: skip


@dataclass
class Report:
    """Collects what an import says, batch by batch: what waits here is written with the batch it speaks of.

    Beyond LINES_MAX lines the rest is counted per kind, reason and field. `nowhere` counts the reported rows of a kind
    that became no record; `counts` is there once the import ended.
    """

    lines: list[ReportLine] = field(default_factory=list)
    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    written: int = 0
    told: dict[str, set[str]] = field(default_factory=dict)
    nowhere: Counter[str] = field(default_factory=Counter)
    _many: Counter[tuple[str, str, str]] = field(default_factory=Counter)

    def tell(self, kind: str, key: str, reason: str, field: str = "", value: str = "") -> None:
        """Take one line down."""
        key = key[:KEY_MAX]
        self.told.setdefault(kind, set()).add(key)
        if self.written + len(self.lines) < LINES_MAX:
            self.lines.append(ReportLine(kind, key, reason, field[:FIELD_MAX], value[:VALUE_MAX]))
        else:
            self._many[kind, reason, field[:FIELD_MAX]] += 1

    def take_told(self) -> dict[str, set[str]]:
        """The rows reported since it was last asked, by kind."""
        told, self.told = self.told, {}
        return told

    def take_lines(self) -> list[ReportLine]:
        """The lines that wait to be written."""
        lines, self.lines = self.lines, []
        self.written += len(lines)
        return lines

    def finish(self) -> None:
        """Close the report with the lines that speak of many."""
        for (kind, reason, name), count in sorted(self._many.items()):
            self.lines.append(ReportLine(kind, "", reason, name, count=count))
        self._many.clear()

    def as_state(self) -> dict[str, object]:
        """What a later batch, in another process, goes on from."""
        return {
            "written": self.written,
            "nowhere": dict(self.nowhere),
            "many": [[*those, count] for those, count in self._many.items()],
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> "Report":
        """The report that as_state described."""
        many = Counter({(kind, reason, name): count for kind, reason, name, count in state.get("many", ())})
        return cls(written=state.get("written", 0), nowhere=Counter(state.get("nowhere", {})), _many=many)
