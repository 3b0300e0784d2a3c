"""The inbox: grouped, read and unread, one action in place, gone when done, and nobody else's."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from apps.integrations.services.tokens import create_token
from apps.notifications.models import Notice, Reach
from apps.notifications.queries import unread_count
from apps.notifications.services import inbox
from apps.notifications.services.kinds import KINDS, NoticeKind, NoticeWords
from apps.workspaces.models import Member
from tests.factories import NoticeFactory
from tests.lists import holding

pytestmark = pytest.mark.django_db

ClientOf = Callable[[Member], Client]


def read(notices: Sequence[Notice], at: datetime) -> dict[UUID, str]:
    """The dedupe keys; what is marked as hidden says nothing."""
    return {notice.pk: notice.dedupe_key for notice in notices if not notice.data.get("hidden")}


def say(notice: Notice, dedupe_key: str) -> NoticeWords:
    """Says the dedupe key."""
    return NoticeWords(
        title=f"Tea is {dedupe_key}",
        text=f"For {notice.recipient.name}.",
        url="/tea/?now=1",
        action="Drink",
        about="The <kettle>",
        about_url="/kettle/",
        reason="You like tea.",
    )


def pour(notice: Notice, by: Member, at: datetime) -> None:
    """Refuses where there is no water."""
    if notice.data.get("dry"):
        raise ValidationError("There is no water.")


@pytest.fixture(autouse=True)
def tea() -> Iterator[None]:
    """Two kinds of their own: one to look at, one to do."""
    ready = NoticeKind("tea_ready", "Tea", "Kitchen", Reach.DIGEST, read, say)
    wanted = NoticeKind("tea_wanted", "Tea wanted", "Kitchen", Reach.MAIL, read, say, act=pour)
    with holding(KINDS, ready, wanted):
        yield


def notice_of(member: Member, dedupe_key: str, **fields: object) -> Notice:
    return NoticeFactory(recipient=member, dedupe_key=dedupe_key, **{"kind": "tea_ready", **fields})


def address(name: str, row: Notice | None = None, member: Member | None = None) -> str:
    workspace = (member or row.recipient).workspace  # type: ignore[union-attr]
    return reverse(f"notifications:{name}", args=[workspace.slug, *([row.pk] if row else [])])


def page_of(client: Client, member: Member, query: str = "") -> str:
    return client.get(address("notice_list", member=member) + query).content.decode()


def test_an_empty_inbox_says_what_will_stand_there(bob: Member, client_of: ClientOf) -> None:
    page = page_of(client_of(bob), bob)
    assert "Nothing waits for you." in page
    assert "Inbox, nothing unread" in page


def test_the_inbox_groups_by_what_it_is_about_newest_first(bob: Member, now: datetime) -> None:
    first, second, third = (notice_of(bob, f"n{n}", created_at=now + timedelta(hours=n)) for n in range(3))
    Notice.objects.filter(pk=third.pk).update(about_id=first.about_id)
    things = inbox.read_inbox(bob, {}, at=now).rows
    assert [[line.notice.pk for line in thing.lines] for thing in things] == [[third.pk, first.pk], [second.pk]]


def test_nobody_sees_or_touches_another_persons_notice(bob: Member, lea: Member, client_of: ClientOf) -> None:
    notice = notice_of(bob, "ready")
    client = client_of(lea)
    assert "Tea is ready" not in page_of(client, lea)
    assert client.get(address("notice_open", notice)).status_code == 404
    for name in ("notice_read", "notice_unread", "notice_put_away", "notice_act"):
        assert client.post(address(name, notice)).status_code == 404
    client.post(address("notices_read", member=lea))
    notice.refresh_from_db()
    assert (notice.read_at, notice.done_at) == (None, None)


def test_opening_a_notice_reads_it_and_leads_on(bob: Member, client_of: ClientOf) -> None:
    notice, client = notice_of(bob, "ready"), client_of(bob)
    assert "Inbox, 1 unread" in page_of(client, bob)
    answer = client.get(address("notice_open", notice))
    assert (answer.status_code, answer["Location"]) == (302, "/tea/?now=1")
    assert "Inbox, nothing unread" in page_of(client, bob)


def test_reading_unreading_and_putting_away(bob: Member, client_of: ClientOf) -> None:
    notice, other, client = notice_of(bob, "ready"), notice_of(bob, "strong"), client_of(bob)
    client.post(address("notice_read", notice))
    assert unread_count(bob) == 1
    assert "Tea is ready" not in page_of(client, bob, "?show=unread")
    client.post(address("notice_unread", notice))
    assert unread_count(bob) == 2
    client.post(address("notices_read", member=bob))
    assert unread_count(bob) == 0
    answer = client.post(address("notice_put_away", notice) + "?show=unread")
    assert answer["Location"].endswith("?show=unread")
    page = page_of(client, bob)
    assert "Tea is ready" not in page
    assert "Tea is strong" in page
    client.post(address("notice_unread", notice))
    assert unread_count(bob) == 0, "what was put away does not come back as unread"
    assert other.pk


def test_the_one_action_is_done_in_place_once(bob: Member, client_of: ClientOf) -> None:
    notice, client = notice_of(bob, "wanted", kind="tea_wanted"), client_of(bob)
    assert address("notice_act", notice) in page_of(client, bob)
    assert "Done." in client.post(address("notice_act", notice), follow=True).content.decode()
    assert "Tea is wanted" not in page_of(client, bob)
    assert "This is done already." in client.post(address("notice_act", notice), follow=True).content.decode()


def test_an_action_that_is_refused_says_why_and_stays(bob: Member, client_of: ClientOf) -> None:
    notice, client = notice_of(bob, "wanted", kind="tea_wanted", data={"dry": True}), client_of(bob)
    page = client.post(address("notice_act", notice), follow=True).content.decode()
    assert "There is no water." in page
    assert "Tea is wanted" in page


def test_a_notice_without_a_button_has_none(bob: Member, now: datetime) -> None:
    with pytest.raises(ValidationError, match="Open it to answer"):
        inbox.do_act(notice_of(bob, "ready"), by=bob, at=now)


def test_what_may_no_longer_be_seen_is_neither_shown_counted_nor_opened(bob: Member, client_of: ClientOf) -> None:
    hidden, client = notice_of(bob, "secret", data={"hidden": True}, kind="tea_wanted"), client_of(bob)
    notice_of(bob, "odd", kind="no_such_kind")
    page = page_of(client, bob)
    assert "secret" not in page
    assert "Inbox, nothing unread" in page
    assert client.get(address("notice_open", hidden))["Location"] == address("notice_list", member=bob)
    assert "This is done already." in client.post(address("notice_act", hidden), follow=True).content.decode()


def test_titles_are_escaped(bob: Member, client_of: ClientOf) -> None:
    notice_of(bob, "<b>hot</b>")
    page = page_of(client_of(bob), bob)
    assert "Tea is &lt;b&gt;hot&lt;/b&gt;" in page
    assert "The &lt;kettle&gt;" in page


def test_pages_of_things_neither_skip_nor_repeat(bob: Member, client_of: ClientOf, monkeypatch) -> None:
    monkeypatch.setattr("apps.notifications.queries.inbox.THINGS_A_PAGE", 2)
    made = {notice_of(bob, f"n{n}").pk for n in range(5)}
    seen: list[UUID] = []
    place: dict[str, str] = {}
    for _page in range(3):
        page = inbox.read_inbox(bob, place, at=datetime.now().astimezone())
        seen += [line.notice.pk for thing in page.rows for line in thing.lines]
        place = {"after": page.next}
    assert sorted(seen) == sorted(made)
    assert client_of(bob).get(address("notice_list", member=bob) + "?after=rubbish").status_code == 200


def test_the_page_takes_as_many_queries_for_one_as_for_six(bob: Member, client_of: ClientOf) -> None:
    client = client_of(bob)
    counts = []
    for rows in (1, 5):
        for n in range(rows):
            notice_of(bob, f"{rows}-{n}")
        client.get(address("notice_list", member=bob))
        with CaptureQueriesContext(connection) as asked:
            client.get(address("notice_list", member=bob))
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 5


def test_htmx_gets_the_list_and_the_bell_anew(bob: Member, client_of: ClientOf) -> None:
    notice = notice_of(bob, "ready")
    answer = client_of(bob).post(address("notice_read", notice), headers={"HX-Request": "true"})
    page = answer.content.decode()
    assert "<html" not in page
    assert 'id="bell"' in page
    assert "Mark as unread" in page


def test_the_api_lists_ones_own_open_notices_with_their_words(bob: Member, lea: Member, client_of: ClientOf) -> None:
    notice, hidden = notice_of(bob, "ready"), notice_of(bob, "secret", data={"hidden": True})
    notice_of(lea, "hers")
    client = client_of(bob)
    rows = client.get("/api/v1/inbox/").json()["results"]
    assert [row["id"] for row in rows] == [str(notice.pk)]
    assert rows[0] | {"created_at": "", "updated_at": ""} == {
        "id": str(notice.pk),
        "created_at": "",
        "updated_at": "",
        "kind": "tea_ready",
        "subject": "Tea is ready",
        "text": "For Bob.",
        "about": "The <kettle>",
        "url": f"{settings.SITE_URL}/tea/?now=1",
        "action": "Drink",
        "read_at": None,
        "done_at": None,
    }
    assert client.get(f"/api/v1/inbox/{hidden.pk}/").status_code == 404
    assert client.get("/api/v1/inbox/?is_read=true").json()["results"] == []
    assert client.get("/api/v1/inbox/?kind=nothing").json()["results"] == []
    assert client.get("/api/v1/inbox/?is_read=perhaps").status_code == 400


def test_the_api_marks_puts_away_and_acts(bob: Member, client_of: ClientOf) -> None:
    ready, wanted = notice_of(bob, "ready"), notice_of(bob, "wanted", kind="tea_wanted")
    client = client_of(bob)

    def post(notice: Notice, name: str) -> Any:
        return client.post(f"/api/v1/inbox/{notice.pk}/{name}/", content_type="application/json")

    assert post(ready, "read").json()["read_at"] is not None
    assert post(ready, "unread").json()["read_at"] is None
    assert client.post("/api/v1/inbox/read-all/", content_type="application/json").json() == {"count": 2}
    assert post(ready, "act").status_code == 400
    assert post(wanted, "act").json()["done_at"] is not None
    done = post(ready, "done").json()
    assert (done["subject"], done["kind"]) == ("", "tea_ready")
    assert client.get("/api/v1/inbox/").json()["results"] == []
    assert len(client.get("/api/v1/inbox/?is_done=true").json()["results"]) == 2


def test_a_token_needs_the_scope_of_the_inbox(bob: Member) -> None:
    notice = notice_of(bob, "ready")
    _token, secret = create_token(name="x", scopes=["inbox:read"], expires_at=None, by=bob, at=timezone.now())
    client = Client(headers={"Authorization": f"Bearer {secret}"})
    assert client.get("/api/v1/inbox/").status_code == 200
    assert client.post(f"/api/v1/inbox/{notice.pk}/read/", content_type="application/json").status_code == 403
