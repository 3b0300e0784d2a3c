"""What assignments speak of that is no goal becomes a responsibility of that name."""

from collections.abc import Iterable, Iterator, Mapping
from uuid import UUID

from apps.core.models import TITLE_MAX
from apps.integrations.services.imports.report import Report
from apps.integrations.services.imports.rows import AssignmentRow, SubjectRow
from apps.integrations.services.imports.work import KEY_SHOWN, digest
from apps.responsibilities.services.bulk import ResponsibilitySpec

TEAM_WORD = "team "


def subject_key(subject: str) -> str:
    """The external id of what a subject names: one, in any case, whichever people and teams the rows name."""
    return digest("subject", subject.casefold())


def subjects_of(rows: Iterable[AssignmentRow]) -> Iterator[SubjectRow]:
    """A subject of each name, as where it is met first."""
    met: set[str] = set()
    for row in rows:
        key = subject_key(row.subject) if row.subject else ""
        if row.subject and key not in met:
            met.add(key)
            yield SubjectRow(key, row.subject)


def responsibility_of(row: SubjectRow, teams: Mapping[str, UUID], report: Report) -> ResponsibilitySpec:
    """What is made of a subject. `teams` are the teams' ids by their keys. A long title is kept in the description."""
    key, subject = row.key, row.subject
    spec = ResponsibilitySpec(key=key, label=subject[:KEY_SHOWN], title=subject, team_id=_team_of(subject, teams))
    if len(subject) > TITLE_MAX:
        report.tell("responsibilities", spec.label, "title_long", "subject", f"{len(subject)} > {TITLE_MAX}")
        spec.title, spec.description = f"{subject[: TITLE_MAX - 1]}…", subject
    return spec


def _team_of(subject: str, teams: Mapping[str, UUID]) -> UUID | None:
    """The team in “team KEY” and in “team KEY: role”, where there is one of exactly that key; else none."""
    if not subject.startswith(TEAM_WORD):
        return None
    name = subject.removeprefix(TEAM_WORD)
    return teams.get(name) or teams.get(name.partition(":")[0].strip())
