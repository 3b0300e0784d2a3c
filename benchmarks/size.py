"""How large a generated workspace is."""

from dataclasses import dataclass

PEOPLE, GOALS, CHECK_INS = 10_000, 100_000, 1_000_000
FEWEST_PEOPLE, FEWEST_GOALS = 40, 130


@dataclass(frozen=True)
class WorkspaceSize:
    """People, goals and check-ins of one workspace."""

    people: int
    goals: int
    check_ins: int

    @classmethod
    def scaled(cls, scale: float, *, goals: int | None = None) -> "WorkspaceSize":
        """The full size times a factor; `goals` sets their number by itself."""
        return cls(
            people=max(FEWEST_PEOPLE, round(PEOPLE * scale)),
            goals=goals or max(FEWEST_GOALS, round(GOALS * scale)),
            check_ins=max(10 * FEWEST_GOALS, round(CHECK_INS * scale)),
        )

    @property
    def teams(self) -> int:
        """Eight people to a team."""
        return self.people // 8
