"""Several at once, on a real server with its threads: nothing is lost, nothing is there twice."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import httpx
import pytest
from django.conf import settings
from django.utils import timezone

from apps.core.models import IdempotentAnswer
from apps.goals.models import Goal
from apps.integrations.models import SCOPES
from apps.integrations.services import tokens
from apps.workspaces.models import Member
from tests.counts import FULL, times
from tests.factories import GoalFactory

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
Ask = Callable[..., httpx.Response]
AT_ONCE = 10


@pytest.fixture
def ask(live_server: Any, bob: Member) -> Ask:
    """`ask("GET", path, …)` as bob, each time over a connection of its own."""
    _token, secret = tokens.create_token(name="x", scopes=SCOPES, expires_at=None, by=bob, at=timezone.now())

    def request(method: str, path: str, *, headers: dict[str, str] | None = None, **rest: Any) -> httpx.Response:
        sent = {"Authorization": f"Bearer {secret}", **(headers or {})}
        here = path.removeprefix(settings.SITE_URL) if path.startswith("http") else f"/api/v1/{path}"
        url = f"{live_server.url}{here}"
        return httpx.request(method, url, headers=sent, timeout=60, **rest)

    return request


def at_once(act: Callable[[int], httpx.Response], number: int = AT_ONCE) -> list[httpx.Response]:
    """The answers of as many threads that begin together."""
    gate = Barrier(number)

    def run(each: int) -> httpx.Response:
        gate.wait(timeout=30)
        return act(each)

    with ThreadPoolExecutor(number) as threads:
        return list(threads.map(run, range(number)))


def test_of_two_who_edit_one_goal_one_is_told_and_nothing_is_lost(ask: Ask, goal: Goal) -> None:
    path = f"goals/{goal.pk}/"
    for round_number in range(5):
        tag = ask("GET", path).headers["ETag"]
        fields = [{"title": f"Title {round_number}"}, {"reason": f"Reason {round_number}"}]
        answers = at_once(lambda each: ask("PATCH", path, json=fields[each], headers={"If-Match": tag}), 2)  # noqa: B023
        assert sorted(answer.status_code for answer in answers) == [200, 412]
        refused = next(number for number, answer in enumerate(answers) if answer.status_code == 412)
        again = ask("PATCH", path, json=fields[refused], headers={"If-Match": ask("GET", path).headers["ETag"]})
        assert again.status_code == 200
        assert {**fields[0], **fields[1]}.items() <= ask("GET", path).json().items()


def test_equal_requests_at_once_with_one_key_make_one_goal(ask: Ask) -> None:
    def post(_number: int) -> httpx.Response:
        return ask("POST", "goals/", json={"title": "Once"}, headers={"Idempotency-Key": "one"})

    answers = [answer for _round in range(times(FULL["rounds of equal requests at once"])) for answer in at_once(post)]
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert len({(answer.headers["ETag"], answer.headers["Location"]) for answer in answers}) == 1
    assert sum("Idempotency-Replayed" in answer.headers for answer in answers) == len(answers) - 1
    assert Goal.objects.filter(title="Once").count() == 1


def test_equal_upserts_at_once_make_one_goal_and_no_fault(ask: Ask) -> None:
    answers = at_once(lambda _each: ask("PUT", "goals/by-external-id/x/", json={"title": "Once"}))
    assert {answer.status_code for answer in answers} <= {200, 201, 400, 409}
    assert [answer.status_code for answer in answers].count(201) == 1
    assert Goal.objects.filter(external_id="x").count() == 1


def test_the_key_and_the_change_stand_or_fall_together(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that dies in the middle leaves what its one transaction left: neither the goal nor the key. So the same
    request again is the first, never a lost one and never a second one. Here the last write of the request fails."""

    def die(*_args: Any, **_rest: Any) -> None:
        raise RuntimeError("died before the answer was kept")

    with monkeypatch.context() as broken:
        broken.setattr(IdempotentAnswer, "save", die)
        assert ask("POST", "goals/", json={"title": "Half"}, headers={"Idempotency-Key": "k"}).status_code == 500
    assert not Goal.objects.filter(title="Half").exists()
    assert not IdempotentAnswer.objects.exists()
    again = ask("POST", "goals/", json={"title": "Half"}, headers={"Idempotency-Key": "k"})
    assert again.status_code == 201
    assert "Idempotency-Replayed" not in again.headers
    assert Goal.objects.filter(title="Half").count() == 1


@pytest.mark.parametrize("ordering", ["created_at", "-created_at", "title", "-title"])
def test_pages_skip_and_repeat_nothing_while_rows_are_inserted(ask: Ask, bob: Member, ordering: str) -> None:
    there = {str(GoalFactory(owner=bob, title=f"Goal {number % 3}").pk) for number in range(20)}
    seen: list[str] = []
    url: str | None = f"goals/?page_size=3&ordering={ordering}"
    while url:
        page = ask("GET", url).json()
        seen += [row["id"] for row in page["results"]]
        url = page["next"] if len(seen) < 100 else None
        GoalFactory(owner=bob, title="Goal 0")
        GoalFactory(owner=bob, title="Goal 9")
    assert len(seen) == len(set(seen))
    assert there <= set(seen)
