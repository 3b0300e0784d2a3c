"""Mails about accounts: in the outbox with their cause, sent a moment later, tried again, secret till then."""

import smtplib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection
from django.test import Client
from django.utils import timezone

from apps.accounts.models import User
from apps.core.clock import database_now
from apps.notifications import tasks
from apps.notifications.models import AccountMail
from apps.notifications.services import LEASE, RETRY_AFTER, account_mails, send_due_account_mails
from apps.workspaces.models import Member
from tests.accounts.people import SIGNUP, verified
from tests.factories import AccountMailFactory, UserFactory

pytestmark = pytest.mark.django_db

RESET = "/account/password/reset/"
ClientOf = Callable[[Member], Client]


class RefusingAccountMails(EmailBackend):
    """A mail server that says no."""

    error: Exception = smtplib.SMTPServerDisconnected("421 later")

    def send_messages(self, messages: Any) -> int:
        """No."""
        raise self.error


@pytest.fixture
def refusing(settings: Any) -> type[RefusingAccountMails]:
    settings.EMAIL_BACKEND = f"{__name__}.RefusingAccountMails"
    RefusingAccountMails.error = smtplib.SMTPServerDisconnected("421 later")
    return RefusingAccountMails


def stored() -> str:
    """The row as it lies in the database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(t::text, ' ') FROM notifications_accountmail t")
        found: str = cursor.fetchone()[0]
    return found


def test_a_reset_is_queued_and_nothing_is_sent_in_the_request(
    client: Client, refusing: type[RefusingAccountMails]
) -> None:
    """A mail server that hangs or is away costs nobody a page, and nobody reads that it failed and went."""
    noor = verified(UserFactory(email="noor@example.org"))
    answer = client.post(RESET, {"email": "noor@example.org"}, follow=True)
    assert answer.status_code == 200
    assert "could not be sent" not in answer.content.decode()
    (row,) = AccountMail.objects.all()
    assert (row.user, row.address, row.state, row.attempts) == (noor, "noor@example.org", "queued", 0)
    assert row.expires_at is not None
    assert timedelta(days=2) < row.expires_at - timezone.now() <= timedelta(days=3)


def test_what_it_says_is_stored_encrypted_and_erased_when_it_is_out(client: Client) -> None:
    verified(UserFactory(email="noor@example.org"))
    client.post(RESET, {"email": "noor@example.org"})
    assert "/account/password/reset/key/" in AccountMail.objects.get().content
    assert "/account/" not in stored()
    assert "Set a new password" not in stored()
    assert tasks.send_account_mails() == {"sent": 1}
    row = AccountMail.objects.get()
    assert (row.state, row.content) == ("sent", "")
    (sent,) = mail.outbox
    assert "/account/password/reset/key/" in sent.body
    assert sent.extra_headers["Message-ID"] == row.message_id
    assert tasks.send_account_mails() == {}


def test_the_account_and_its_mail_stand_or_fall_together(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_arguments: object, **_more: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(AccountMail.objects, "create", broken)
    client.raise_request_exception = False
    assert client.post("/account/signup/", SIGNUP).status_code == 500
    assert not User.objects.filter(email=SIGNUP["email"]).exists()


def test_signing_up_with_a_known_address_takes_as_long_as_with_a_new_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One password is hashed and one mail is queued either way; a known one is told that there is an account."""
    verified(UserFactory(email="known@example.org"))
    hashed = []
    encode = MD5PasswordHasher.encode

    def count(self: Any, password: str, *rest: Any, **more: Any) -> Any:
        hashed.append(password)
        return encode(self, password, *rest, **more)

    monkeypatch.setattr(MD5PasswordHasher, "encode", count)
    people = [SIGNUP, {**SIGNUP, "email": "known@example.org"}]
    answers = [Client().post("/account/signup/", those) for those in people]
    assert [answer.headers["Location"] for answer in answers] == ["/account/confirm-email/"] * 2
    assert hashed == [SIGNUP["password1"]] * 2
    kinds = AccountMail.objects.order_by("created_at").values_list("kind", flat=True)
    assert list(kinds) == ["account/email/email_confirmation_signup", "account/email/account_already_exists"]


def test_it_is_tried_again_until_it_is_out(refusing: type[RefusingAccountMails], settings: Any) -> None:
    row = AccountMailFactory()
    at = database_now()
    assert send_due_account_mails(at=at) == {"retry": 1}
    row.refresh_from_db()
    assert row.next_try_at == at + RETRY_AFTER[0]
    assert "421 later" in row.last_error
    assert row.content
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert send_due_account_mails(at=at + timedelta(seconds=59)) == {}
    assert send_due_account_mails(at=at + timedelta(seconds=60)) == {"sent": 1}
    row.refresh_from_db()
    assert (row.state, row.last_error, row.content) == ("sent", "", "")


def test_a_refusal_for_good_ends_it_and_erases_it(refusing: type[RefusingAccountMails]) -> None:
    refusing.error = smtplib.SMTPRecipientsRefused({"noor@example.org": (550, b"no such mailbox")})
    row = AccountMailFactory()
    assert send_due_account_mails(at=database_now()) == {"failed": 1}
    row.refresh_from_db()
    assert (row.state, row.content) == ("failed", "")
    assert "550 no such mailbox" in row.last_error


def test_it_is_given_up_in_the_end(refusing: type[RefusingAccountMails]) -> None:
    AccountMailFactory(attempts=len(RETRY_AFTER))
    assert send_due_account_mails(at=database_now()) == {"failed": 1}
    AccountMailFactory(attempts=len(RETRY_AFTER) + 1)
    assert send_due_account_mails(at=database_now()) == {"failed": 1}
    assert [mail.content for mail in AccountMail.objects.all()] == ["", ""]


def test_a_link_that_has_run_out_is_not_sent() -> None:
    at = database_now() + timedelta(minutes=1)
    AccountMailFactory(expires_at=at)
    AccountMailFactory(expires_at=at + timedelta(minutes=1))
    assert send_due_account_mails(at=at) == {"dropped": 1, "sent": 1}
    assert {mail.content for mail in AccountMail.objects.all()} == {""}


def test_one_that_no_key_opens_any_more_holds_up_no_other() -> None:
    lost, fine = AccountMailFactory(), AccountMailFactory()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE notifications_accountmail SET content = 'of another key' WHERE id = %s", [lost.pk])
    assert send_due_account_mails(at=database_now()) == {"retry": 1, "sent": 1}
    assert "could not be read" in AccountMail.objects.defer("content").get(pk=lost.pk).last_error
    assert AccountMail.objects.get(pk=fine.pk).state == "sent"


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_send_each_mail_once() -> None:
    for _each in range(20):
        AccountMailFactory()
    at = database_now()

    def work() -> dict[str, int]:
        try:
            return send_due_account_mails(at=at)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as workers:
        done = [each.result() for each in [workers.submit(work) for _each in range(2)]]
    assert sum(each.get("sent", 0) for each in done) == len(mail.outbox) == 20
    assert len({sent.extra_headers["Message-ID"] for sent in mail.outbox}) == 20


def test_a_server_out_of_reach_costs_one_try_of_one_mail(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    for _each in range(3):
        AccountMailFactory()
    assert send_due_account_mails(at=database_now()) == {"retry": 1}
    assert sorted(AccountMail.objects.values_list("attempts", flat=True)) == [0, 0, 1]


def test_a_claim_keeps_others_away_until_the_lease_ends() -> None:
    AccountMailFactory()
    at = database_now()
    assert account_mails._claim(at=at) is not None
    assert send_due_account_mails(at=at + LEASE - timedelta(seconds=1)) == {}
    assert send_due_account_mails(at=at + LEASE) == {"sent": 1}


@pytest.mark.django_db(transaction=True)
def test_a_worker_is_told_when_the_mail_is_committed(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """And where nobody can be told the page is the same: the next sweep sends it."""
    rung: list[int] = []

    def ring(*_arguments: object, **_more: object) -> None:
        rung.append(AccountMail.objects.count())
        raise OSError

    monkeypatch.setattr(tasks.send_account_mails, "apply_async", ring)
    assert client.post(RESET, {"email": "nobody@example.org"}).status_code == 302
    assert rung == [1]


def test_admins_see_what_did_not_arrive_without_what_it_says(
    alice: Member, bob: Member, eve: Member, client_of: ClientOf
) -> None:
    AccountMailFactory(user=bob.user, state="failed", last_error="550 no such mailbox", content="")
    AccountMailFactory(user=bob.user, last_error="421 later", content='["Set a new password", "canary", "canary"]')
    AccountMailFactory(user=eve.user, state="failed", last_error="550 elsewhere", content="")
    page = client_of(alice).get(f"/w/{alice.workspace.slug}/settings/mail/").content.decode()
    assert page.count("550 no such mailbox") >= 1
    assert "421 later" in page
    assert "550 elsewhere" not in page
    assert "canary" not in page
    assert "Set a new password" not in page
