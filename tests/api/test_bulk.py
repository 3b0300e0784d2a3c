"""Many upserts at once."""

from collections.abc import Callable
from typing import Any

from rest_framework.test import APIClient

from apps.goals.models import CheckIn, Goal, KeyResult
from apps.workspaces.models import Member

Api = Callable[..., APIClient]
URL = "/api/v1/bulk/"


def row(resource: str, external_id: str, **fields: Any) -> dict[str, Any]:
    """One upsert."""
    return {"resource": resource, "external_id": external_id, "fields": fields}


def everything() -> list[dict[str, Any]]:
    """A little of each resource, each naming the ones before."""
    ref = lambda name: {"external_id": name}  # noqa: E731 - short on purpose
    return [
        row("members", "ana", name="Ana"),
        row("members", "ben", name="Ben", manager=ref("ana")),
        row("teams", "t", name="Letters", members=[ref("ana"), ref("ben")], leads=[ref("ana")]),
        row("values", "v", name="Plain words"),
        row("cycles", "c", name="2026", starts_on="2026-01-01", ends_on="2026-12-31"),
        row(
            "goals", "g/1", title="Letters people read", owner=ref("ana"), team=ref("t"), cycle=ref("c"),
            values=[ref("v")],
        ),
        row(
            "goals", "g/2", title="One page", parent=ref("g/1"),
            contributors=[{"member": ref("ben"), "hours_per_week": 2}],
        ),
        row("key-results", "k", goal=ref("g/1"), title="Pages", start_value=3, target_value=1),
        row(
            "check-ins", "i", goal=ref("g/1"), note="Two now.", author=ref("ana"), made_at="2026-01-05T10:00:00Z",
            readings=[{"key_result": ref("k"), "value": 2}],
        ),
        row(
            "check-ins", "j", goal=ref("g/1"), note="<p>Hm.</p>", note_format="html", author_name="Somebody",
            author=None, made_at="2026-01-04T10:00:00Z",
        ),
    ]  # fmt: skip


def test_rows_may_name_earlier_ones_and_a_second_run_changes_nothing(api_of: Api, alice: Member) -> None:
    client = api_of(alice)
    first = client.post(URL, {"rows": everything()})
    assert first.status_code == 200, first.content
    assert {each["outcome"] for each in first.json()["results"]} == {"created"}
    stamps = list(Goal.objects.order_by("pk").values_list("updated_at", flat=True))
    again = client.post(URL, {"rows": everything()})
    assert {each["outcome"] for each in again.json()["results"]} == {"unchanged"}
    assert [each["id"] for each in again.json()["results"]] == [each["id"] for each in first.json()["results"]]
    assert list(Goal.objects.order_by("pk").values_list("updated_at", flat=True)) == stamps
    assert KeyResult.objects.get().progress == 0.5
    assert CheckIn.objects.get(external_id="i").author.name == "Ana"  # type: ignore[union-attr]
    other = CheckIn.objects.get(external_id="j")
    assert (other.author, other.author_name, other.note_format) == (None, "Somebody", "html")


def outcomes(client: APIClient, rows: list[dict[str, Any]]) -> list[str]:
    """What became of the rows."""
    response = client.post(URL, {"rows": rows})
    assert response.status_code == 200, response.content
    return [each["outcome"] for each in response.json()["results"]]


def test_what_is_unchanged_is_read_in_a_number_of_queries_that_does_not_grow(
    api_of: Api, alice: Member, django_assert_max_num_queries: Any
) -> None:
    client, parent = api_of(alice), {"external_id": "g0"}
    rows = [row("goals", f"g{n}", title=f"Goal {n}", **({"parent": parent} if n else {})) for n in range(40)]
    assert set(outcomes(client, rows)) == {"created"}
    with django_assert_max_num_queries(20):
        assert set(outcomes(client, rows)) == {"unchanged"}


def test_a_row_may_stand_twice_and_meets_what_rows_before_it_changed(api_of: Api, alice: Member) -> None:
    client, team = api_of(alice), {"external_id": "t"}
    ana = row("members", "ana", name="Ana", teams=[team])
    assert outcomes(client, [row("teams", "t", name="Letters"), ana, ana]) == ["created", "created", "unchanged"]
    left = row("teams", "t", name="Letters", members=[])
    assert outcomes(client, [ana, left, left, ana, ana]) == [
        "unchanged",
        "updated",
        "unchanged",
        "updated",
        "unchanged",
    ]
    assert Member.objects.get(external_id="ana").memberships.count() == 1
    renamed = row("members", "ana", name="Ana B.")
    assert outcomes(client, [renamed, ana, ana, renamed]) == ["updated", "updated", "unchanged", "updated"]


def test_what_the_service_finds_the_same_is_unchanged(api_of: Api, alice: Member) -> None:
    rows = [row("goals", "g", title="Two  spaces", labels=["a", "a "])]
    assert outcomes(api_of(alice), rows) == ["created"]
    stamp = Goal.objects.get().updated_at
    assert outcomes(api_of(alice), rows) == ["unchanged"]
    assert Goal.objects.get().updated_at == stamp


def test_what_one_cannot_see_is_neither_changed_nor_referred_to(api_of: Api, alice: Member, lea: Member) -> None:
    hidden = row("goals", "secret", title="Hidden", visibility="private", owner=str(lea.pk))
    assert outcomes(api_of(lea), [hidden]) == ["created"]
    again, child = row("goals", "secret", title="Mine"), row("goals", "c", title="c", parent={"external_id": "secret"})
    for rows, field in (([again], "rows.0.external_id"), ([again | {"external_id": "o"}, child], "rows.1.parent")):
        response = api_of(alice).post(URL, {"rows": rows})
        assert response.status_code == 400
        assert [each["field"] for each in response.json()["errors"]] == [field]
    assert Goal.objects.get().title == "Hidden"


def test_one_bad_row_undoes_all_and_is_named(api_of: Api, alice: Member) -> None:
    rows = [row("goals", "a", title="Fine"), row("goals", "b", title="")]
    response = api_of(alice).post(URL, {"rows": rows})
    assert response.status_code == 400
    assert [(e["field"], e["code"]) for e in response.json()["errors"]] == [("rows.1.title", "blank")]
    assert not Goal.objects.exists()


def test_errors_of_services_name_the_row_too(api_of: Api, alice: Member, bob: Member) -> None:
    rows = [row("goals", "a", title="Fine"), row("goals", "b", title="x", visibility="team")]
    assert api_of(alice).post(URL, {"rows": rows}).json()["errors"][0]["field"] == "rows.1.team"
    refused = api_of(bob).post(URL, {"rows": [row("cycles", "c", name="x")]}).json()["errors"][0]
    assert (refused["field"], refused["code"]) == ("rows.0", "permission_denied")


def test_bulk_knows_its_limits(api_of: Api, alice: Member) -> None:
    client = api_of(alice)
    for body, field in (
        ({}, "rows"),
        ({"rows": []}, "rows"),
        ({"rows": [row("goals", str(n), title="x") for n in range(1001)]}, "rows"),
        ({"rows": [row("unicorns", "u")]}, "rows.0.resource"),
        ({"rows": [{"resource": "goals", "external_id": "x"}]}, "rows.0.fields"),
        ({"rows": [{**row("goals", "x", title="x"), "more": 1}]}, "rows.0.more"),
    ):
        response = client.post(URL, body)
        assert response.status_code == 400, body
        assert response.json()["errors"][0]["field"] == field, response.content
    assert not Goal.objects.exists()


def test_every_row_needs_its_scope(api_of: Api, alice: Member) -> None:
    response = api_of(alice, "goals:write").post(URL, {"rows": [row("members", "a", name="Ana")]})
    assert response.status_code == 403
    assert "people:write" in response.json()["detail"]


def test_a_member_cannot_speak_for_another(api_of: Api, bob: Member, lea: Member, goal: Goal) -> None:
    body = {"goal": str(goal.pk), "note": "x", "author": str(lea.pk), "external_id": "e"}
    response = api_of(bob).post("/api/v1/check-ins/", body)
    assert response.status_code == 400
    assert response.json()["errors"][0]["field"] == "author"
