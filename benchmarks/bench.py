"""What every measurement needs: the databases, the people who look, and how often."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.core.handlers.wsgi import WSGIHandler
from django.utils import timezone

from apps.goals.models import Cycle, Goal
from apps.integrations.models import SCOPES
from apps.integrations.services.tokens import create_token
from apps.workspaces.models import Member
from benchmarks import databases
from benchmarks.calling import Caller, signed_in
from benchmarks.floors import Bare
from benchmarks.generate_rows import CURRENT, SLUG
from benchmarks.size import WorkspaceSize

LEAD = "person16@example.org"
PAGE = f"/w/{SLUG}"
CURRENT_NAME = f"Quarter {CURRENT + 1}"


@dataclass(frozen=True)
class MeasuredDatabase:
    """One database, and what is asked of it: by a lead of a team, who is no admin, in the current cycle."""

    name: str
    reader: Caller
    program: Caller
    member: Member
    cycle: Cycle

    def goals(self, number: int) -> list[str]:
        """The ids of some goals that everyone sees, spread over the current cycle."""
        ids = list(
            Goal.objects.filter(cycle=self.cycle, visibility="workspace", status="active")
            .exclude(parent=None)
            .order_by("id")
            .values_list("pk", flat=True)
        )
        return [str(pk) for pk in ids[:: max(1, len(ids) // number)][:number]]


class Bench:
    """One run: `place` is the workspace of the wanted size, `small` one of a tenth of it."""

    def __init__(self, size: WorkspaceSize, *, rounds: int) -> None:
        self.size = size
        self.rounds = rounds
        self.application: Any = WSGIHandler()
        self.floor = Caller(Bare())

    @cached_property
    def place(self) -> MeasuredDatabase:
        """The workspace that is measured."""
        return self._place(self.size)

    @cached_property
    def small(self) -> MeasuredDatabase:
        """A workspace with a tenth of its goals and check-ins, and as many people."""
        size = WorkspaceSize(self.size.people, max(13, self.size.goals // 10), max(130, self.size.check_ins // 10))
        return self._place(size)

    def _place(self, size: WorkspaceSize) -> MeasuredDatabase:
        name = databases.ensure(size)
        with databases.using(name):
            member = Member.objects.select_related("user", "workspace").get(email=LEAD)
            cycle = Cycle.objects.get(name=CURRENT_NAME)
            _token, secret = create_token(name="Bench", scopes=SCOPES, expires_at=None, by=member, at=timezone.now())
            program = Caller(self.application, HTTP_AUTHORIZATION=f"Bearer {secret}", HTTP_ACCEPT="application/json")
            return MeasuredDatabase(name, signed_in(self.application, member), program, member, cycle)

    @contextmanager
    def at(self, place: MeasuredDatabase) -> Iterator[MeasuredDatabase]:
        """Django works on the place's database."""
        with databases.using(place.name):
            yield place

    def lines(self, place: MeasuredDatabase, *, rows: int, size: int) -> str:
        """The address of the floor under an HTML list."""
        query = {"workspace": place.member.workspace_id, "cycle": place.cycle.pk, "rows": rows, "size": size}
        return f"/lines/?{urlencode(query)}"
