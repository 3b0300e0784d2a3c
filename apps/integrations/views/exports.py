"""Exports."""

import csv
from collections.abc import Iterable, Iterator

from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from apps.core.actor import actor
from apps.integrations import queries
from apps.integrations.forms import ExportForm, MatrixExportForm
from apps.responsibilities.queries import Moment


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        """The text itself."""
        return text


def csv_response(rows: Iterable[list[str]], name: str) -> StreamingHttpResponse:
    """The rows as a download, sent while they are read: UTF-8 with a mark, by which spreadsheets know it."""

    def lines() -> Iterator[str]:
        writer = csv.writer(_Echo())
        yield "\ufeff"
        for row in rows:
            yield writer.writerow(row)

    answer = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@require_safe
@never_cache
def goals_export(request: HttpRequest) -> HttpResponseBase:
    """The goals one sees, with the filters of the goals pages, as a table that can be changed and imported again."""
    member = actor(request)
    today = member.today(timezone.now())
    table = queries.goal_table(member, ExportForm(request.GET).filters(), today=today)
    return csv_response(table, f"goals-{today.isoformat()}.csv")


@require_safe
@never_cache
def matrix_export(request: HttpRequest) -> HttpResponseBase:
    """Who holds what, with the filters of the matrix, as a table."""
    member = actor(request)
    moment = Moment(member, timezone.now())
    chosen = MatrixExportForm(request.GET).filters(me=member.pk)
    name = f"{chosen.things}-{moment.today.isoformat()}.csv"
    return csv_response(queries.matrix_table(member, chosen, moment), name)
