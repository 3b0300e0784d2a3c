"""Finding what a file refers to: by key, and in tables also by address, name, path or title."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from uuid import UUID

from apps.goals.access import visible_goals
from apps.integrations.services.imports.report import Report
from apps.workspaces.access import visible_members, visible_teams
from apps.workspaces.models import Member
from apps.workspaces.services.bulk import batches

Tell = Callable[[str, str], None]


class Index:
    """Names → ids, exactly as written first, then in any case where only one is meant."""

    def __init__(self, missing: str) -> None:
        self.missing = missing
        self.exact: dict[str, UUID] = {}
        self.folded: dict[str, set[UUID]] = defaultdict(set)
        self.names: dict[str, set[UUID]] = defaultdict(set)

    def add(self, key: str, pk: UUID) -> None:
        """A key, which is one row's own."""
        if key:
            self.exact[key] = pk
            self.folded[key.casefold()].add(pk)

    def name(self, name: str, pk: UUID) -> None:
        """A name, which several may share."""
        if name:
            self.names[" ".join(name.casefold().split())].add(pk)

    def find(self, text: str) -> tuple[UUID | None, str]:
        """The one row that is meant, and what is to be told: nothing, other_case, ambiguous or that there is none."""
        if text in self.exact:
            return self.exact[text], ""
        for found, reason in (
            (self.folded.get(text.casefold()), "other_case"),
            (self.names.get(" ".join(text.casefold().split())), ""),
        ):
            if found:
                return (next(iter(found)), reason) if len(found) == 1 else (None, "ambiguous")
        return None, self.missing


class Directory:
    """What of the workspace a file can refer to, as the importing member sees it."""

    def __init__(self, by: Member, report: Report, *, by_names: bool) -> None:
        self.by, self.report, self.by_names = by, report, by_names
        self.people = Index("no_person")
        self.teams = Index("no_team")
        self.cycles = Index("no_cycle")
        self.goals = Index("no_goal")
        self.gone: set[UUID] = set()
        self.names_of: dict[UUID, str] = {}

    def read_people(self) -> None:
        """Everyone in the workspace."""
        rows = visible_members(self.by).order_by().values_list("pk", "external_id", "email", "name", "deactivated_at")
        for pk, key, email, name, deactivated_at in rows.iterator(chunk_size=2_000):
            self.people.add(key, pk)
            self.names_of[pk] = name
            if deactivated_at is not None:
                self.gone.add(pk)
            if self.by_names:
                self.people.name(email, pk)
                self.people.name(name, pk)

    def read_teams(self) -> None:
        """All teams; a path is "Product / Web"."""
        rows = list(visible_teams(self.by).order_by().values_list("pk", "external_id", "name", "ancestor_ids"))
        names = {pk: name for pk, _key, name, _path in rows}
        for pk, key, name, path in rows:
            self.teams.add(key, pk)
            if self.by_names:
                self.teams.name(name, pk)
                if path:
                    self.teams.name(" / ".join([*(names[each] for each in path), name]), pk)

    def read_goals(self, keys: Iterable[str]) -> None:
        """Goals that a file names as parents and does not hold itself: by key, and in tables by id or title."""
        visible = visible_goals(self.by).order_by()
        for batch in batches(sorted(set(keys))):
            for pk, key in visible.filter(external_id__in=batch).values_list("pk", "external_id"):
                self.goals.add(key, pk)
            if not self.by_names:
                continue
            ids = [found for text in batch if (found := _uuid(text))]
            for pk in visible.filter(pk__in=ids).values_list("pk", flat=True):
                self.goals.add(str(pk), pk)
            for pk, title in visible.filter(title__in=batch).values_list("pk", "title"):
                self.goals.name(title, pk)

    def person(self, text: str | None, kind: str, key: str, field: str) -> UUID | None:
        """The person, or None with the reason told."""
        return self._find(self.people, text, kind, key, field)

    def team(self, text: str | None, kind: str, key: str, field: str) -> UUID | None:
        """The team, or None with the reason told."""
        return self._find(self.teams, text, kind, key, field)

    def cycle(self, text: str | None, kind: str, key: str, field: str) -> UUID | None:
        """The cycle, or None with the reason told."""
        return self._find(self.cycles, text, kind, key, field)

    def goal(self, text: str | None, kind: str, key: str, field: str) -> UUID | None:
        """The goal, or None with the reason told."""
        return self._find(self.goals, text, kind, key, field)

    def people_of(self, texts: Collection[str], kind: str, key: str, field: str) -> list[UUID]:
        """Several people, each told of where missing."""
        found = (self.person(text, kind, key, field) for text in texts)
        return [pk for pk in found if pk is not None]

    def _find(self, index: Index, text: str | None, kind: str, key: str, field: str) -> UUID | None:
        if text is None:
            return None
        found, reason = index.find(text)
        if reason:
            self.report.tell(kind, key, reason, field, text)
        return found


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
