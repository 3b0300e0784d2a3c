"""When people are away: who says so, and who hears of it."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from apps.activity.models import Event
from apps.notifications.models import DeliverySchedule
from apps.notifications.services import make_missing_schedules
from apps.workspaces import services
from apps.workspaces.models import Absence
from apps.workspaces.services import ABSENCE_CHANGED
from tests.lists import hook_of

MONDAY, FRIDAY = date(2026, 3, 9), date(2026, 3, 13)
DAYS: services.AbsenceFields = {"starts_on": MONDAY, "ends_on": FRIDAY}


@pytest.fixture
def week(bob, now):
    return services.create_absence(bob, DAYS, by=bob, at=now)


@pytest.mark.parametrize(
    ("who", "may"), [("bob", True), ("lea", True), ("adam", True), ("alice", True), ("mo", False), ("gus", False)]
)
def test_who_says_when_somebody_is_away(request, bob, lea, now, who, may):
    by = request.getfixturevalue(who)
    if may:
        assert services.create_absence(bob, DAYS, by=by, at=now).member == bob
    else:
        with pytest.raises(PermissionDenied):
            services.create_absence(bob, DAYS, by=by, at=now)


def test_of_another_workspace_nobody_can(bob, eve, now):
    with pytest.raises(ValidationError):
        services.create_absence(bob, DAYS, by=eve, at=now)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"starts_on": FRIDAY, "ends_on": MONDAY}, "ends_on"),
        ({"starts_on": MONDAY, "ends_on": MONDAY + timedelta(days=800)}, "ends_on"),
        ({"starts_on": MONDAY, "ends_on": FRIDAY, "external_id": "x" * 256}, "external_id"),
    ],
)
def test_days_that_do_not_fit_are_said_at_their_field(bob, now, fields, field):
    with pytest.raises(ValidationError) as refused:
        services.create_absence(bob, fields, by=bob, at=now)
    assert set(refused.value.message_dict) == {field}


def test_nobody_is_away_twice_at_once(week, bob, now):
    assert services.create_absence(bob, DAYS, by=bob, at=now) == week
    with pytest.raises(ValidationError) as refused:
        services.create_absence(bob, {"starts_on": FRIDAY, "ends_on": FRIDAY}, by=bob, at=now)
    assert set(refused.value.message_dict) == {"starts_on"}
    other = services.create_absence(
        bob, {"starts_on": FRIDAY + timedelta(days=1), "ends_on": FRIDAY + timedelta(days=2)}, by=bob, at=now
    )
    with pytest.raises(ValidationError):
        services.update_absence(other, {"starts_on": FRIDAY}, by=bob, at=now)


def test_coming_back_sooner(week, bob, now):
    services.end_absence(week, on=MONDAY + timedelta(days=2), by=bob, at=now)
    assert Absence.objects.get().ends_on == MONDAY + timedelta(days=1)
    with pytest.raises(ValidationError, match="already over"):
        services.end_absence(Absence.objects.get(), on=FRIDAY, by=bob, at=now)


def test_back_before_it_began_it_never_was(week, bob, now):
    assert services.end_absence(week, on=MONDAY, by=bob, at=now) is None
    assert not Absence.objects.exists()


def test_each_change_is_logged_and_told(week, bob, now, monkeypatch):
    heard = []
    monkeypatch.setattr(
        "apps.workspaces.services.absences.ABSENCE_CHANGED",
        hook_of(*ABSENCE_CHANGED, lambda absence, by, at: heard.append((absence.pk, absence.ends_on, by, at))),
    )
    services.update_absence(week, {"ends_on": MONDAY}, by=bob, at=now)
    services.update_absence(week, {"ends_on": MONDAY}, by=bob, at=now)
    services.delete_absence(week, by=bob, at=now)
    assert heard == [(week.pk, MONDAY, bob, now)] * 2
    verbs = ["member.absence_planned", "member.absence_changed", "member.absence_ended"]
    assert list(Event.objects.filter(subject_id=bob.pk).order_by("pk").values_list("verb", flat=True)) == verbs


def _next_digest(member) -> date:
    found = DeliverySchedule.objects.get(member=member).next_digest_on
    assert found
    return found


def test_no_digest_is_planned_into_an_absence(bob, now):
    make_missing_schedules(at=now)
    before = _next_digest(bob)
    days: services.AbsenceFields = {"starts_on": before, "ends_on": before + timedelta(days=2)}
    absence = services.create_absence(bob, days, by=bob, at=now)
    assert _next_digest(bob) > before + timedelta(days=2)
    services.delete_absence(absence, by=bob, at=now)
    assert _next_digest(bob) == before


def test_the_person_s_page_says_until_when(bob, mo, client_of, now, time_machine):
    time_machine.move_to(now)
    day = now.date()
    services.create_absence(bob, {"starts_on": day, "ends_on": day + timedelta(days=1)}, by=bob, at=now)
    page = client_of(mo).get(reverse("workspaces:member_detail", args=["harbour", bob.pk])).content.decode()
    assert "away until" in page
