"""What limits a page: the same bytes by the barest means, raw SQL and f-strings or orjson, without any middleware."""

from html import escape
from typing import Any

import orjson
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import override_settings
from django.urls import ResolverMatch, get_resolver, path

LINES = """
SELECT g.id, g.title, g.status, g.visibility, g.confidence, g.progress, g.importance, g.urgency, g.due_on, g.labels,
    t.name, o.name, c.ends_on
FROM goals_goal g LEFT JOIN workspaces_team t ON t.id = g.team_id LEFT JOIN workspaces_member o ON o.id = g.owner_id
LEFT JOIN goals_cycle c ON c.id = g.cycle_id
WHERE g.workspace_id = %s AND g.cycle_id = %s AND g.status IN ('draft', 'active') ORDER BY g.rank, g.id LIMIT %s
"""
OBJECTS = """
SELECT g.id, g.external_id, g.created_at, g.updated_at, g.title, g.reason, g.description, g.cycle_id, g.team_id,
    ARRAY(SELECT s.team_id FROM goals_goalsupport s WHERE s.goal_id = g.id), g.owner_id, g.parent_id, g.labels, g.url,
    ARRAY(SELECT json_build_object('member', p.member_id, 'hours_per_week', p.hours_per_week)
        FROM goals_contributor p WHERE p.goal_id = g.id),
    ARRAY(SELECT v.value_id FROM goals_goalvalue v WHERE v.goal_id = g.id), g.importance, g.urgency, g.rank, g.status,
    g.lesson, g.confidence, g.progress, g.progress_source, g.starts_on, g.due_on, g.visibility, g.closed_at,
    g.last_check_in_at, g.check_in_due_on,
    (SELECT count(*) FROM goals_keyresult k WHERE k.goal_id = g.id)
FROM goals_goal g WHERE g.workspace_id = %s AND {where} ORDER BY g.id DESC LIMIT %s
"""
FIELDS = (
    *("id", "external_id", "created_at", "updated_at", "title", "reason", "description", "cycle", "team"),
    *(
        "supporting_teams",
        "owner",
        "parent",
        "labels",
        "url",
        "contributors",
        "values",
        "importance",
        "urgency",
        "rank",
    ),
    *(
        "status",
        "lesson",
        "confidence",
        "progress",
        "progress_source",
        "starts_on",
        "due_on",
        "visibility",
        "closed_at",
    ),
    *("last_check_in_at", "check_in_due_on", "clarity"),
)


class Bare(WSGIHandler):
    """Django's handler with no middleware and the addresses of this module."""

    def __init__(self) -> None:
        with override_settings(MIDDLEWARE=[]):
            super().__init__()

    def resolve_request(self, request: HttpRequest) -> ResolverMatch:
        """The view of an address of this module."""
        match = get_resolver("benchmarks.floors").resolve(request.path_info)
        request.resolver_match = match
        return match


def hello(_request: HttpRequest) -> HttpResponse:
    """A word."""
    return HttpResponse(b"hello", content_type="text/plain")


def _rows(sql: str, params: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())


def lines(request: HttpRequest) -> HttpResponse:
    """A page of goals by f-strings over raw SQL, filled up to `size` bytes."""
    rows = _rows(LINES, [request.GET["workspace"], request.GET["cycle"], int(request.GET["rows"])])
    html = "".join(
        f'<tr><td><a href="/w/bench/goals/{pk}/">{escape(title)}</a>{visibility}</td><td>{progress:.0%}</td>'
        f"<td>{confidence}{status}</td><td>{escape(owner or '')}</td><td>{escape(team or '')}</td>"
        f"<td>{importance} {urgency}</td><td>{due_on or ends_on}{' '.join(labels)}</td></tr>"
        for (
            pk,
            title,
            status,
            visibility,
            confidence,
            progress,
            importance,
            urgency,
            due_on,
            labels,
            team,
            owner,
            ends_on,
        ) in rows
    )
    return HttpResponse(html.encode().ljust(int(request.GET["size"])))


def objects(request: HttpRequest) -> HttpResponse:
    """A page of goals as JSON, by orjson over raw SQL, filled up to `size` bytes."""
    params: list[Any] = [request.GET["workspace"]]
    where = ["true"]
    for name, column in (("team", "g.team_id"), ("status", "g.status"), ("pk", "g.id")):
        if name in request.GET:
            where.append(f"{column} = %s")
            params.append(request.GET[name])
    rows = _rows(OBJECTS.format(where=" AND ".join(where)), [*params, int(request.GET["rows"])])
    body = orjson.dumps({"results": [dict(zip(FIELDS, row, strict=True)) for row in rows]}, default=str)
    return HttpResponse(body.ljust(int(request.GET["size"])), content_type="application/json")


urlpatterns = [path("hello/", hello), path("lines/", lines), path("objects/", objects)]
