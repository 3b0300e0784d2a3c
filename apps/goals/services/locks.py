"""Locks on goals, in one order for everyone, so that no two changes wait for each other.

1. the key of a form, 2. the tree of a workspace (to move in it), 3. a cycle, 4. goals, a child before its parent.
Rows are locked FOR NO KEY UPDATE: their ids never change, so new rows that refer to them need not wait.
https://www.postgresql.org/docs/current/explicit-locking.html
"""

from collections.abc import Iterable
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet
from django.utils.crypto import salted_hmac

from apps.goals.models import Goal
from apps.workspaces.models import Member

MAX_DEPTH = 10
_GUARD = 4 * MAX_DEPTH
_TREE, _KEY = 1, 2


def lock(goal: Goal) -> Goal:
    """The goal as it is now, locked until the transaction ends, with its cycle, team, parent and owner."""
    rows: QuerySet[Goal] = Goal.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("cycle", "team", "parent", "owner").get(pk=goal.pk)


def lock_idempotency_key(key: UUID | None, *, by: Member) -> UUID | None:
    """The id of what a person's form makes, which only one transaction at a time works on; None without a key.

    The key's time stays, by which ids are in order. The rest is the person's own: nobody can ask with a key that is the
    id of something hidden whether there is such a thing, nor take an id that another's form would use.
    """
    if key is None:
        return None
    mine = salted_hmac("counterpoise.form", f"{by.pk}:{key}", algorithm="sha256").digest()
    pk = UUID(bytes=_as_version_7(key.bytes[:6] + mine[:10]))
    _hold(_KEY, pk)
    return pk


def _as_version_7(octets: bytes) -> bytes:
    """16 octets with the marks of a UUIDv7 (RFC 9562, section 5.7)."""
    return octets[:6] + bytes([0x70 | octets[6] & 0x0F, octets[7], 0x80 | octets[8] & 0x3F]) + octets[9:]


def hold_tree(workspace_id: UUID) -> None:
    """Let only one transaction at a time move goals in a workspace's tree, so that two moves cannot close a ring."""
    _hold(_TREE, workspace_id)


def lock_chains(starts: Iterable[UUID]) -> None:
    """Lock these goals and all above them, the deepest first."""
    ids = list(starts)
    if ids:
        lock_in_order(_by_depth(_ways_up(ids)))


def lock_together(ids: Iterable[UUID]) -> None:
    """Lock these goals, and no others, the deepest first."""
    wanted = list(dict.fromkeys(ids))
    lock_in_order([pk for pk in _by_depth(_ways_up(wanted)) if pk in set(wanted)])


def lock_in_order(ids: list[UUID]) -> None:
    """Lock goals one after the other, as they stand in the list."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM goals_goal WHERE id = ANY(%s) ORDER BY array_position(%s, id) FOR NO KEY UPDATE", [ids, ids]
        )


def levels_above(pk: UUID) -> list[UUID]:
    """The goal itself and those above it, from below to the top."""
    return [found for _start, found, _step in _ways_up([pk])]


def levels_below(pk: UUID) -> int:
    """How many levels of goals stand beneath this one."""
    return levels_below_many([pk]).get(pk, 0)


def levels_below_many(ids: Iterable[UUID]) -> dict[UUID, int]:
    """How many levels of goals stand beneath each of these."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH RECURSIVE down AS (
                SELECT id AS start, id, 0 AS step FROM goals_goal WHERE id = ANY(%s)
                UNION ALL SELECT start, g.id, step + 1
                FROM down JOIN goals_goal g ON g.parent_id = down.id WHERE step < %s
            ) SELECT start, max(step) FROM down GROUP BY start
            """,
            [list(ids), _GUARD],
        )
        return dict(cursor.fetchall())


def _hold(kind: int, pk: UUID) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [kind, str(pk)])


def _ways_up(ids: list[UUID]) -> list[tuple[UUID, UUID, int]]:
    """(start, goal, steps above the start), in the order of the steps."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH RECURSIVE up AS (
                SELECT id AS start, id, parent_id, 0 AS step FROM goals_goal WHERE id = ANY(%s)
                UNION ALL SELECT up.start, g.id, g.parent_id, step + 1
                FROM up JOIN goals_goal g ON g.id = up.parent_id WHERE step < %s
            ) SELECT start, id, step FROM up ORDER BY step
            """,
            [ids, _GUARD],
        )
        return list(cursor.fetchall())


def _by_depth(ways: list[tuple[UUID, UUID, int]]) -> list[UUID]:
    longest: dict[UUID, int] = {}
    for start, _pk, step in ways:
        longest[start] = max(step, longest.get(start, 0))
    depth = {pk: longest[start] - step for start, pk, step in ways}
    return sorted(depth, key=lambda pk: (-depth[pk], pk))
