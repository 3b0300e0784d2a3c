"""Absences with their covers, and handovers, in the API."""

import pytest

from apps.handovers.models import Handover
from apps.handovers.services import handovers as services
from apps.responsibilities.models import Assignment
from tests.factories import AssignmentFactory, HandoverFactory, ResponsibilityFactory


@pytest.fixture(autouse=True)
def clock(time_machine, now):
    time_machine.move_to(now, tick=False)


@pytest.fixture
def press(bob, product, now):
    row = ResponsibilityFactory(workspace=bob.workspace, team=product, title="Answering the press")
    AssignmentFactory(responsibility=row, member=bob, status="accepted", answered_at=now)
    return row


def test_an_absence_with_its_covers_over_the_api(goal, bob, mo, lea, api_of):
    api = api_of(bob)
    body = {
        "starts_on": "2026-03-09", "ends_on": "2026-03-13", "external_id": "hr-1",
        "covers": [{"what": {"goal": str(goal.pk)}, "cover": str(mo.pk)}],
    }  # fmt: skip
    made = api.post("/api/v1/absences/", body)
    assert made.status_code == 201
    row = made.json()
    assert row["covers"] == [
        {
            "what": {"goal": str(goal.pk), "responsibility": None},
            "cover": str(mo.pk),
            "status": "proposed",
            "handover": str(Handover.objects.get().pk),
        }
    ]
    again = api.put("/api/v1/absences/by-external-id/hr-1/", body)
    assert (again.status_code, again.json()["updated_at"], again["ETag"]) == (200, row["updated_at"], made["ETag"])
    assert Handover.objects.count() == 1
    other = {"covers": [{"what": {"goal": str(goal.pk)}, "cover": str(lea.pk)}]}
    changed = api.patch(f"/api/v1/absences/{row['id']}/", other, headers={"if-match": again["ETag"]})
    assert [each["cover"] for each in changed.json()["covers"]] == [str(lea.pk)]
    stale = api.patch(f"/api/v1/absences/{row['id']}/", other, headers={"if-match": again["ETag"]})
    assert stale.status_code == 412
    assert api.get(f"/api/v1/absences/?member={bob.pk}&ends_after=2026-03-12").json()["results"] != []
    assert api.delete(f"/api/v1/absences/{row['id']}/").status_code == 204


def test_a_handover_over_the_api(press, bob, lea, api_of):
    body = {"responsibility": str(press.pk), "to_member": str(lea.pk), "notes": "Well.", "external_id": "h-1"}
    made = api_of(bob).post("/api/v1/handovers/", body)
    assert made.status_code == 201
    row = made.json()
    assert (row["status"], row["kind"], row["from_member"]) == ("proposed", "handover", str(bob.pk))
    same = api_of(bob).put("/api/v1/handovers/by-external-id/h-1/", body)
    assert (same.status_code, same.json()["updated_at"]) == (200, row["updated_at"])
    address = f"/api/v1/handovers/{row['id']}/"
    assert api_of(bob).post(f"{address}accept/", {}).status_code == 403
    assert api_of(lea).post(f"{address}accept/", {}).json()["status"] == "done"
    assert Assignment.objects.get().member == lea
    back = api_of(lea).post("/api/v1/handovers/", {"responsibility": str(press.pk), "to_member": str(bob.pk)}).json()
    gone = api_of(lea).post(f"/api/v1/handovers/{back['id']}/withdraw/", {}).json()
    assert (gone["decline_code"], gone["decline_reason"]) == ("withdrawn", "It was withdrawn.")
    assert api_of(bob).get("/api/v1/handovers/?status=done&to_member=" + str(lea.pk)).json()["results"] != []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"goal": None, "responsibility": None}, "responsibility"),
        ({"to_member": None}, "to_member"),
        ({"starts_on": "2026-02-31"}, "starts_on"),
        ({"ends_on": "2026-03-09"}, "ends_on"),
        ({"kind": "gift"}, "kind"),
        ({"notes": "x" * 50_001}, "notes"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_the_api_names_the_field(press, bob, lea, api_of, change, field):
    body = {"responsibility": str(press.pk), "to_member": str(lea.pk), **change}
    refused = api_of(bob).post("/api/v1/handovers/", body)
    assert refused.status_code == 400
    assert {error["field"].split(".")[0] for error in refused.json()["errors"]} == {field}


def test_what_is_fixed_stays(press, bob, lea, mo, api_of):
    handover = HandoverFactory(responsibility=press, from_member=bob, to_member=lea)
    address = f"/api/v1/handovers/{handover.pk}/"
    assert api_of(bob).patch(address, {"to_member": str(mo.pk)}).status_code == 400
    assert api_of(bob).patch(address, {"notes": "More."}).json()["notes"] == "More."


def test_bulk_takes_absences_and_handovers(press, bob, lea, mo, api_of):
    rows = [
        {"resource": "handovers", "external_id": "h", "fields": {
            "responsibility": str(press.pk), "to_member": str(lea.pk), "from_member": str(bob.pk)}},
        {"resource": "absences", "external_id": "a", "fields": {"starts_on": "2026-03-09", "ends_on": "2026-03-10"}},
    ]  # fmt: skip
    answer = api_of(bob).post("/api/v1/bulk/", {"rows": rows})
    assert answer.status_code in {200, 201}
    assert [row["outcome"] for row in answer.json()["results"]] == ["created", "created"]
    again = api_of(bob).post("/api/v1/bulk/", {"rows": rows})
    assert [row["outcome"] for row in again.json()["results"]] == ["unchanged", "unchanged"]


def test_the_same_covers_again_are_unchanged_even_where_one_was_declined(goal, press, bob, mo, lea, api_of, now):
    def send(*covers):
        named = [{"what": what, "cover": {"external_id": taker}} for what, taker in covers]
        fields = {"starts_on": "2026-03-09", "ends_on": "2026-03-13", "covers": named}
        rows = [{"resource": "absences", "external_id": "hr-1", "fields": fields}]
        return api_of(bob).post("/api/v1/bulk/", {"rows": rows}).json()["results"][0]["outcome"]

    for member in (mo, lea):
        type(member).objects.filter(pk=member.pk).update(external_id=member.name.lower())
    first, second = {"goal": str(goal.pk)}, {"responsibility": str(press.pk)}
    assert send((first, "mo"), (second, "lea")) == "created"
    services.decline_handover(Handover.objects.get(goal=goal), reason="Away.", by=mo, at=now)
    assert send((second, "lea"), (first, "mo")) == "unchanged"
    assert send((second, "lea")) == "unchanged"
    assert Handover.objects.count() == 2
    assert send((first, "lea")) == "updated"
    assert send((first, "lea")) == "unchanged"
    assert send((first, "mo")) == "updated"
    assert Handover.objects.open().filter(goal=goal).get().to_member == mo
    wrong = {"starts_on": "2026-03-09", "ends_on": "2026-03-13", "covers": [{"what": {}, "cover": str(mo.pk)}]}
    assert api_of(bob).put("/api/v1/absences/by-external-id/hr-1/", wrong).status_code == 400
