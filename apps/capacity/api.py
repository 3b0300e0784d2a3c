"""Load and reported hours for programs, with the same rules as the pages; of hours one writes one's own."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Never, cast
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.capacity.forms.load import EVERYBODY, LoadFilterForm
from apps.capacity.models import HoursReport
from apps.capacity.queries import load
from apps.capacity.queries.capacity import HoursSubject, weeks_from
from apps.capacity.queries.hours import seen_reports
from apps.capacity.serializers import (
    HoursLineGiven,
    LoadPageSerializer,
    ReportedHoursSerializer,
    ReportedWeekSerializer,
    WeekHoursGiven,
    WeekHoursSerializer,
    load_row,
)
from apps.capacity.services import check_week, report_hours
from apps.core.api_schema import (
    IF_MATCH,
    IF_NONE_MATCH,
    MATCH_ERRORS,
    NOT_MODIFIED,
    QUERY_ERRORS,
    READ_ERRORS,
    WRITE_ERRORS,
    describe,
)
from apps.core.etag import check_if_match, etag_of
from apps.core.filters import FilterSet, by_date, by_id, by_time
from apps.core.pagination import Keyset
from apps.core.viewsets import ApiViewSet, ResourceViewSet, link_to, only_known, page_size, single_values
from apps.workspaces.access import visible_members
from apps.workspaces.models import Member

PEOPLE = Keyset("name", "id")


class LoadViewSet(ApiViewSet):
    """Hours promised against capacity."""

    scope_family = "responsibilities"

    @extend_schema(
        summary="Read who promised how many hours",
        description="People by name, each with eight weeks: the hours they have (less working days away), the hours "
        "they promised as contributors of goals, as holders of responsibilities and while they cover somebody, and how "
        "the two go together. Only what the caller may see is shown and summed. A person's hours on one goal count "
        "once, the larger where they are both contributor and assigned.",
        parameters=[
            OpenApiParameter("team", OpenApiTypes.UUID, description="People of this team and its sub-teams."),
            OpenApiParameter("week", OpenApiTypes.DATE, description="A day of the first week; else the present week."),
            OpenApiParameter("page_size", {"type": "integer", "minimum": 1, "maximum": 200, "default": 50}),
            OpenApiParameter("cursor", OpenApiTypes.STR, description="Comes with `next` and `previous`."),
            IF_NONE_MATCH,
        ],
        responses={200: LoadPageSerializer, **NOT_MODIFIED, **QUERY_ERRORS, **READ_ERRORS},
    )
    def list(self, request: Request) -> Response:
        """A page of people."""
        only_known(request, {"team", "week", "page_size", "cursor"})
        params = single_values(request)
        form = self._form(params)
        people = load.people_in(self.member, form.cleaned_data["team"])
        page = PEOPLE.page(people, cursor=params.get("cursor", ""), size=page_size(params))
        found = load.load_of(page.rows, weeks_from(form.week_chosen, load.WEEKS_AHEAD), viewer=self.member)
        rows = [load_row(row) for row in load.rows_of(page.rows, found)]
        return self.conditional({"next": self._link(page.next), "previous": self._link(page.previous), "results": rows})

    def _form(self, params: dict[str, str]) -> LoadFilterForm:
        """The page's own filter, of which nothing is left out here. Raises ValidationError."""
        form = LoadFilterForm(params, member=self.member, today=self.member.today(timezone.now()))
        if form.errors:
            found = {name: [str(each) for each in errors] for name, errors in form.errors.items()}
            raise exceptions.ValidationError(found)
        if params.get("team") == EVERYBODY:
            raise exceptions.ValidationError({"team": [_("Give the id of a team.")]})
        return form

    def _link(self, cursor: str) -> str | None:
        if not cursor:
            return None
        params = {**single_values(self.request), "cursor": cursor}
        return link_to(f"{self.request.path}?{urlencode(params)}")


@describe(
    "report of hours",
    "reported hours",
    "Hours that people reported for a week: one's own; for those who lead somebody also theirs, for admins "
    "everybody's, each of what the caller sees. One's own are written by the week: `reported-hours/by-week/<Monday>/`.",
)
class ReportedHoursViewSet(ResourceViewSet[HoursReport, Never]):
    """What people reported."""

    scope_family = "responsibilities"
    serializer_class = ReportedHoursSerializer
    upserts = False
    filterset = FilterSet(
        filters={
            "member": by_id("member", of=visible_members),
            "goal": by_id("goal"),
            "responsibility": by_id("responsibility"),
            "week": by_date("week"),
            "week_after": by_date("week__gt"),
            "week_before": by_date("week__lt"),
            "updated_since": by_time("updated_at__gte"),
        },
        orderings={"week": "week", "created_at": "created_at", "updated_at": "updated_at"},
        default="-week",
    )

    def visible(self, member: Member) -> QuerySet[HoursReport]:
        """As on the pages."""
        return seen_reports(member)


class ReportedWeekViewSet(ApiViewSet):
    """The caller's own hours of one week."""

    scope_family = "responsibilities"
    serializer_class = WeekHoursSerializer

    @extend_schema(
        summary="Read one's own hours of a week",
        description="All that the caller reported for the week that begins on this Monday.",
        parameters=[OpenApiParameter("week", OpenApiTypes.DATE, OpenApiParameter.PATH), IF_NONE_MATCH],
        responses={200: ReportedWeekSerializer, **NOT_MODIFIED, **QUERY_ERRORS, **READ_ERRORS},
    )
    def retrieve(self, request: Request, week: str) -> Response:
        """The week as it stands."""
        only_known(request, set())
        return self.conditional(self._reported(self._monday(week)))

    @extend_schema(
        summary="Report one's own hours of a week",
        description="Sets each line that is named; the others stay, and 0 takes one away. The same again changes "
        "nothing. A week of the past year, at most 168 hours in all.",
        parameters=[OpenApiParameter("week", OpenApiTypes.DATE, OpenApiParameter.PATH), IF_MATCH],
        responses={200: ReportedWeekSerializer, **WRITE_ERRORS, **READ_ERRORS, **MATCH_ERRORS},
    )
    def update(self, request: Request, week: str) -> Response:
        """report_hours."""
        monday = self._monday(week)
        check_if_match(request, etag_of(self._reported(monday)))
        report_hours(monday, lines(self._validated()["rows"]), by=self.member, at=timezone.now())
        data = self._reported(monday)
        return Response(data, headers={"ETag": etag_of(data)})

    def _validated(self) -> WeekHoursGiven:
        serializer = self.get_serializer(data=self.request.data)
        serializer.is_valid(raise_exception=True)
        return cast("WeekHoursGiven", serializer.validated_data)

    def get_serializer_context(self) -> dict[str, object]:
        """What fields need: the acting member, and one memo of looked-up references."""
        return {**super().get_serializer_context(), "member": getattr(self.request, "member", None), "references": {}}

    def _monday(self, text: str) -> date:
        """The week of the address. Raises ValidationError."""
        try:
            monday: date = serializers.DateField().run_validation(text)
        except exceptions.ValidationError as error:
            raise exceptions.ValidationError({"week": error.detail}) from error
        check_week(monday, today=self.member.today(timezone.now()))
        return monday

    def _reported(self, monday: date) -> dict[str, object]:
        rows = seen_reports(self.member).filter(member_id=self.member.pk, week=monday).order_by("created_at", "pk")
        shape = ReportedHoursSerializer
        return {"week": monday, "rows": shape.shape(shape.select(rows, member=self.member), member=self.member)}


def lines(rows: Sequence[HoursLineGiven]) -> dict[HoursSubject | None, Decimal | None]:
    """What the service is told. Raises ValidationError for a line of two things, and for two of the same."""
    found: dict[HoursSubject | None, Decimal | None] = {}
    for row in rows:
        goal, responsibility = row.get("goal"), row.get("responsibility")
        if goal and responsibility:
            raise exceptions.ValidationError({"rows": [_("A line is of a goal or of a responsibility, not of both.")]})
        thing = HoursSubject("goal", goal.pk) if goal else None
        thing = HoursSubject("responsibility", responsibility.pk) if responsibility else thing
        if thing in found:
            raise exceptions.ValidationError({"rows": [_("Say each line once.")]})
        found[thing] = row["hours"]
    return found
