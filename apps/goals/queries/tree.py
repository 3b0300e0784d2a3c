"""The list as a tree: goals under their teams with the goals beneath them, a page in one query. By owner it is flat.

A goal stands at the root where its parent is not among the goals listed. So a goal whose parent the reader cannot see
looks like any other root, and nothing tells that there is one above it.
"""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.utils.translation import gettext as _

from apps.core.statements import RawStatement
from apps.goals import access
from apps.goals.models import Goal
from apps.goals.queries.listed import Listed, ListQuestion
from apps.goals.queries.rows import COLUMNS, GoalTableRow, RowReader, read_row
from apps.workspaces.models import Member

# A line weighs about 90 bytes gzipped, the page around them 7 KB, and a later page may weigh 15 KiB.
LINES_MAX = 70
ROOTS_MAX = 40
BENEATH_MAX = 20
CURSOR_MAX = 4_000


@dataclass
class GoalGroup:
    """A heading and the lines under it, in order, each with its level."""

    id: UUID | None
    name: str
    rows: list[GoalTableRow] = field(default_factory=list)


@dataclass(frozen=True)
class Tree:
    """A page of groups, and the cursors of the pages around it."""

    groups: list[GoalGroup]
    previous: str = ""
    next: str = ""

    @property
    def rows(self) -> list[GoalTableRow]:
        """All lines, without their groups."""
        return [row for group in self.groups for row in group.rows]


@dataclass(frozen=True)
class _Arm:
    """One part of the roots: a table of groups in its order, or the goals without a group."""

    section: int
    table: str
    column: str
    flat: bool = False

    @property
    def select(self) -> str:
        """The roots of this part, each with its group."""
        if not self.table:
            name, key, source = "''", "NULL::uuid", "listed l"
        else:
            name, key, source = "t.name", "t.id", f"{self.table} t JOIN listed l ON l.{self.column} = t.id"
        bare = f"l.{self.column} IS NULL" if self.column and not self.table else "true"
        root = "true" if self.flat else "NOT EXISTS (SELECT 1 FROM listed p WHERE p.id = l.parent_id)"
        return (
            f"SELECT {self.section} AS section, {name} AS group_name, {key} AS group_id, l.id, l.rank FROM {source} "  # noqa: S608 - constants
            f"WHERE {bare} AND {root}"
        )

    @property
    def order(self) -> tuple[str, ...]:
        """The columns that order this part, the last of them unique."""
        return ("t.name", "t.id", "l.rank", "l.id") if self.table else ("l.rank", "l.id")


ARMS = {
    "team": (_Arm(0, "workspaces_team", "team_id"), _Arm(1, "", "team_id")),
    "owner": (_Arm(0, "workspaces_member", "owner_id", flat=True), _Arm(1, "", "owner_id", flat=True)),
    "none": (_Arm(1, "", ""),),
}


def goal_tree(listed: Listed, reader: RowReader, *, group: str, after: str = "", before: str = "") -> Tree:
    """A page of at most ROOTS_MAX roots, with those beneath them LINES_MAX lines.

    The level below the roots comes first, then the one beneath it. An unreadable cursor gives the first page.
    """
    place = _decode(before or after)
    backwards = bool(before and place)
    section, values = (place[0], place[1:]) if place else (None, [])

    def build(asked: ListQuestion, *values: object) -> RawStatement:
        return _statement(asked, group, [section, *values] if values else None, backwards=backwards)

    rows = listed.rows(("tree", group, backwards, section), build, *values)
    roots = [row for row in rows if row["level"] == 0]
    more, roots = len(roots) > ROOTS_MAX, roots[:ROOTS_MAX]
    if backwards:
        roots.reverse()
    groups = _groups(roots, rows, reader, group)
    has_previous, has_next = (more, True) if backwards else (bool(place), more)
    return Tree(
        groups=groups,
        previous=_encode(roots[0]) if roots and has_previous else "",
        next=_encode(roots[-1]) if roots and has_next else "",
    )


def _statement(asked: ListQuestion, group: str, place: Sequence[Any] | None, *, backwards: bool) -> RawStatement:
    keys = asked.goals.order_by().values("id", "parent_id", "team_id", "owner_id", "rank")
    try:
        listed_sql, listed_params = keys.query.sql_with_params()
    except EmptyResultSet:  # nobody may see any
        return RawStatement("", [])
    roots_sql, roots_params = _roots(group, place, backwards=backwards)
    may_sql, may_params = _changeable(asked.who)
    children = "0" if ARMS[group][0].flat else "(SELECT count(*) FROM listed k WHERE k.parent_id = s.id)"
    beneath = 0 if ARMS[group][0].flat else BENEATH_MAX
    sql = f"""
        WITH listed AS NOT MATERIALIZED ({listed_sql}),
        roots AS ({roots_sql}),
        shown_roots AS (SELECT * FROM roots ORDER BY place LIMIT {ROOTS_MAX}),
        children AS (
            SELECT r.place, row_number() OVER (ORDER BY r.place, c.rank, c.id) AS turn, c.id, r.id AS parent_id
            FROM shown_roots r CROSS JOIN LATERAL (
                SELECT l.id, l.rank FROM listed l WHERE l.parent_id = r.id ORDER BY l.rank, l.id LIMIT {beneath}
            ) c ORDER BY turn
            LIMIT greatest({LINES_MAX} - (SELECT count(*) FROM shown_roots), 0)
        ),
        grandchildren AS (
            SELECT r.place, row_number() OVER (ORDER BY r.turn, c.rank, c.id) AS turn, c.id, r.id AS parent_id
            FROM children r CROSS JOIN LATERAL (
                SELECT l.id, l.rank FROM listed l WHERE l.parent_id = r.id ORDER BY l.rank, l.id LIMIT {BENEATH_MAX}
            ) c ORDER BY turn
            LIMIT greatest(
                {LINES_MAX} - (SELECT count(*) FROM shown_roots) - (SELECT count(*) FROM children), 0
            )
        ),
        shown AS (
            SELECT 0 AS level, place, 0 AS turn, id, NULL::uuid AS beneath, section, group_name, group_id, rank
            FROM roots
            UNION ALL SELECT 1, place, turn, id, parent_id, 0, '', NULL, 0 FROM children
            UNION ALL SELECT 2, place, turn, id, parent_id, 0, '', NULL, 0 FROM grandchildren
        )
        SELECT s.level, s.beneath, s.section, s.group_name, s.group_id, s.rank,
            {children} AS children, may.may_change, {_columns()}
        FROM shown s
        JOIN goals_goal g ON g.id = s.id
        JOIN LATERAL ({may_sql}) may ON true
        LEFT JOIN workspaces_team t ON t.id = g.team_id
        LEFT JOIN workspaces_member o ON o.id = g.owner_id
        LEFT JOIN goals_cycle c ON c.id = g.cycle_id
        ORDER BY s.level, s.place, s.turn
    """  # noqa: S608 - made of constants and of SQL that Django wrote, values are parameters
    return RawStatement(sql, [*listed_params, *roots_params, *may_params])


def _columns() -> str:
    tables = {"team": "t", "owner": "o", "cycle": "c"}
    picked = []
    for name in COLUMNS:
        relation, _sep, column = name.partition("__")
        picked.append(f'{tables[relation]}.{column} AS "{name}"' if column else f"g.{name}")
    return ", ".join(picked)


def _changeable(member: Member) -> tuple[str, tuple[Any, ...]]:
    """Whether the reader may change the goal `s.id`: access.changeable, for the few rows that are shown."""
    may = access.changeable(member)
    rows = Goal.objects.order_by().annotate(may_change=may).values("may_change")
    sql, params = rows.query.sql_with_params()
    return f'{sql} WHERE "goals_goal"."id" = s.id', params


def _roots(group: str, place: Sequence[object] | None, *, backwards: bool) -> tuple[str, list[object]]:
    direction = "DESC" if backwards else "ASC"
    parts, params = [], []
    for arm in ARMS[group]:
        condition, values = _beyond(arm, place, backwards=backwards)
        if condition is None:
            continue
        order = ", ".join(f"{column} {direction}" for column in arm.order)
        parts.append(f"({arm.select}{condition} ORDER BY {order} LIMIT {ROOTS_MAX + 1})")
        params.extend(values)
    order = ", ".join(f"{name} {direction}" for name in ("section", "group_name", "group_id", "rank", "id"))
    union = " UNION ALL ".join(parts)
    numbered = f"SELECT *, row_number() OVER (ORDER BY {order}) AS place FROM ({union}) arms"  # noqa: S608 - constants
    return f"{numbered} ORDER BY place LIMIT {ROOTS_MAX + 1}", params


def _beyond(arm: _Arm, place: Sequence[Any] | None, *, backwards: bool) -> tuple[str | None, list[object]]:
    """What of an arm lies behind the place: all of it, part of it, or (None) nothing."""
    if place is None:
        return "", []
    section, name, key, rank, pk = place
    if arm.section != section:
        ahead = arm.section < section if backwards else arm.section > section
        return ("", []) if ahead else (None, [])
    values = [name, key, rank, pk] if arm.table else [rank, pk]
    holders = ", ".join("%s" for _value in values)
    return f" AND ({', '.join(arm.order)}) {'<' if backwards else '>'} ({holders})", values


def _groups(roots: list[dict[str, Any]], rows: list[dict[str, Any]], reader: RowReader, kind: str) -> list[GoalGroup]:
    beneath: dict[UUID, list[dict[str, Any]]] = {}
    for row in rows:
        if row["level"]:
            beneath.setdefault(row["beneath"], []).append(row)
    nameless = {"team": _("No team"), "owner": _("Nobody yet")}.get(kind, "")
    groups: list[GoalGroup] = []
    for root in roots:
        if not groups or groups[-1].id != root["group_id"]:
            groups.append(GoalGroup(root["group_id"], root["group_name"] or nameless))
        groups[-1].rows.extend(_branch(root, beneath, reader, within=f"root-{root['group_id'] or ''}"))
    for group in groups:
        _link_neighbours(group.rows)
    return groups


def _branch(
    values: dict[str, Any], beneath: dict[UUID, list[dict[str, object]]], reader: RowReader, *, within: str
) -> list[GoalTableRow]:
    row = read_row(values, reader)
    row.level, row.within = values["level"], within
    children = beneath.get(row.id, [])
    row.more = values["children"] - len(children)
    lines = [row]
    for child in children:
        lines.extend(_branch(child, beneath, reader, within=str(row.id)))
    return lines


def _link_neighbours(rows: list[GoalTableRow]) -> None:
    """Tell each line which one stands above and below it among its siblings, for the buttons that move it."""
    last: dict[str, GoalTableRow] = {}
    for row in rows:
        above = last.get(row.within)
        if above is not None:
            row.above, above.below = above.id, row.id
        last[row.within] = row


def _encode(root: dict[str, Any]) -> str:
    key = str(root["group_id"]) if root["group_id"] else None
    place = [root["section"], root["group_name"], key, root["rank"], str(root["id"])]
    return base64.urlsafe_b64encode(json.dumps(place, separators=(",", ":")).encode()).decode().rstrip("=")


def _decode(cursor: str) -> list[object] | None:
    try:
        if not cursor or len(cursor) > CURSOR_MAX:
            return None
        section, name, key, rank, pk = json.loads(
            base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        )
        if section not in {0, 1} or not isinstance(name, str) or "\x00" in name or (key is None) != (section == 1):
            return None
        name.encode()  # half of a surrogate pair is a UnicodeEncodeError, which is a ValueError
        if not isinstance(rank, int) or abs(rank) >= 1 << 63:
            return None
        return [int(section), name, None if key is None else UUID(key), rank, UUID(pk)]
    except (ValueError, TypeError, AttributeError, RecursionError):
        return None
