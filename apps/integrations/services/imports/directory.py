"""Finding what a file refers to: by key, and in tables also by address, name, path or title."""

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from functools import cached_property
from uuid import UUID

from django.db.models import Q

from apps.goals.access import visible_cycles, visible_goals
from apps.integrations.models import ImportJob, ImportRecord
from apps.integrations.services.imports.report import Report
from apps.integrations.services.imports.staged import digest_of
from apps.workspaces.access import visible_members, visible_teams
from apps.workspaces.models import Member

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
    """What of the workspace a file can refer to, as the importing member sees it. Read where it is asked for."""

    def __init__(self, job: ImportJob, by: Member, report: Report) -> None:
        self.job, self.by, self.report = job, by, report
        self.by_names = job.format == ImportJob.Format.CSV
        self.goals = Index("no_goal")
        self.names_of: dict[UUID, str] = {}

    @cached_property
    def people(self) -> Index:
        """Everyone in the workspace."""
        index = Index("no_person")
        rows = visible_members(self.by).order_by().values_list("pk", "external_id", "email", "name")
        for pk, key, email, name in rows.iterator(chunk_size=2_000):
            index.add(key, pk)
            self.names_of[pk] = name
            if self.by_names:
                index.name(email, pk)
                index.name(name, pk)
        return index

    @cached_property
    def gone(self) -> set[UUID]:
        """People who were deactivated."""
        left = visible_members(self.by).filter(deactivated_at__isnull=False)
        return set(left.order_by().values_list("pk", flat=True))

    @cached_property
    def teams(self) -> Index:
        """All teams; a path is "Product / Web"."""
        index = Index("no_team")
        rows = list(visible_teams(self.by).order_by().values_list("pk", "external_id", "name", "ancestor_ids"))
        names = {pk: name for pk, _key, name, _path in rows}
        for pk, key, name, path in rows:
            index.add(key, pk)
            if self.by_names:
                index.name(name, pk)
                if path:
                    index.name(" / ".join([*(names[each] for each in path), name]), pk)
        return index

    @cached_property
    def cycles(self) -> Index:
        """All cycles, by name."""
        index = Index("no_cycle")
        for pk, name in visible_cycles(self.by).order_by().values_list("pk", "name"):
            index.name(name, pk)
        return index

    def own_goals(self, keys: Collection[str]) -> dict[str, UUID | None]:
        """The file's own goals of these keys: their ids here, None for one that was left out."""
        own = ImportRecord.objects.filter(job=self.job, kind="goals", key__in=keys)
        return dict(own.order_by().values_list("key", "row_id"))

    def read_goals(self, texts: Collection[str]) -> None:
        """Goals that a file names, by key, and in tables by id or title: its own first, then those of the workspace."""
        digests = [digest_of(text) for text in texts]
        named = Q(key__in=texts) | Q(folded__in=digests)
        if self.by_names:
            named |= Q(name__in=digests)
        own = ImportRecord.objects.filter(named, job=self.job, kind="goals", row_id__isnull=False)
        for key, title, pk in own.order_by().values_list("key", "data__title", "row_id"):
            if pk is not None:
                self.goals.add(key, pk)
                if self.by_names:
                    self.goals.name(title or "", pk)
        self._read_others([text for text in texts if self.goals.find(text)[0] is None])

    def _read_others(self, texts: Sequence[str]) -> None:
        visible = visible_goals(self.by).order_by()
        for pk, key in visible.filter(external_id__in=texts).values_list("pk", "external_id") if texts else ():
            self.goals.add(key, pk)
        if not self.by_names:
            return
        ids = [found for text in texts if (found := _uuid(text))]
        for pk in visible.filter(pk__in=ids).values_list("pk", flat=True):
            self.goals.add(str(pk), pk)
        for pk, title in visible.filter(title__in=texts).values_list("pk", "title"):
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
