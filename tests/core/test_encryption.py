"""Secrets at rest: what they lie under, what happens where no key opens one, and how they move to another key."""

import re
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client, RequestFactory

from apps.core.encryption import EncryptedTextField, UnreadableSecretError, columns
from apps.core.encryption.checks import check_secrets
from apps.core.encryption.columns import secret_columns
from apps.core.encryption.keys import seal
from apps.core.middleware import error_middleware
from apps.core.problems import exception_handler
from apps.integrations.models import Webhook
from apps.notifications.models import ChatChannel
from config.keys import checked_keys
from tests.factories import ChatChannelFactory, WebhookFactory

pytestmark = pytest.mark.django_db
OLD, NEW = (Fernet.generate_key().decode() for _ in range(2))
Keys = Callable[..., None]


@pytest.fixture
def keys(settings: Any) -> Keys:
    """Says what ENCRYPTION_KEYS is from now on; at the beginning OLD."""

    def use(*names: str) -> None:
        settings.ENCRYPTION_KEYS = list(names)
        cache.clear()

    use(OLD)
    return use


def stored(hook: Webhook) -> str:
    """What lies in the database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM integrations_webhook WHERE id = %s", [hook.pk])
        return str(cursor.fetchone()[0])


def run(*arguments: str) -> str:
    """What `reencrypt` prints."""
    out = StringIO()
    call_command("reencrypt", *arguments, stdout=out)
    return out.getvalue()


# ---- the field ---------------------------------------------------------------------------------------------------


def test_a_secret_lies_encrypted_and_is_read_as_it_was_written(keys: Keys) -> None:
    hook = WebhookFactory(secret="whsec_a-secret")
    assert "a-secret" not in stored(hook)
    assert Webhook.objects.get().secret == "whsec_a-secret"
    assert Webhook.objects.defer("secret").get().secret == "whsec_a-secret"


def test_the_secret_key_has_no_part_in_it(keys: Keys, settings: Any) -> None:
    WebhookFactory(secret="whsec_a-secret")
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another" * 10, []
    assert Webhook.objects.get().secret == "whsec_a-secret"


def test_a_secret_that_no_key_opens_is_an_error_and_never_an_empty_text(keys: Keys) -> None:
    WebhookFactory()
    keys(NEW)
    hook = Webhook.objects.get()
    with pytest.raises(UnreadableSecretError, match=rf"Webhook.secret of {hook.pk}"):
        _ = hook.secret


def test_rows_with_it_are_listed_and_changed_without_touching_it(keys: Keys) -> None:
    lay = stored(WebhookFactory())
    keys(NEW)
    [hook] = Webhook.objects.all()
    hook.url = "https://elsewhere.example.org/"
    hook.save()
    Webhook.objects.bulk_update([hook], ["is_active"])
    assert stored(hook) == lay
    keys(OLD)
    assert Webhook.objects.get().secret.startswith("whsec_")


def test_values_give_nothing_that_passes_for_the_text(keys: Keys) -> None:
    WebhookFactory()
    [(value,)] = Webhook.objects.values_list("secret")
    assert not isinstance(value, str)


# ---- what needs one ----------------------------------------------------------------------------------------------


def test_a_page_that_needs_one_answers_503_in_words(rf: RequestFactory) -> None:
    answer = error_middleware(lambda _request: None).process_exception(rf.get("/"), UnreadableSecretError("x"))  # type: ignore[arg-type,return-value]
    assert answer is not None
    assert answer.status_code == 503
    assert "its key is missing on the server" in answer.content.decode()


def test_the_api_answers_503_with_a_problem() -> None:
    answer = exception_handler(UnreadableSecretError("x"), {})
    assert answer is not None
    assert (answer.status_code, answer.data["title"]) == (503, "Unavailable")
    assert "its key is missing on the server" in answer.data["detail"]
    assert "Retry-After" not in answer.headers, "trying again does not help"


def test_the_health_check_counts_them(client: Client, keys: Keys) -> None:
    WebhookFactory()
    ChatChannelFactory()
    assert client.get("/health/ready").json()["secrets"] == "ok"
    keys(NEW)
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()["secrets"]) == (200, "2 unreadable")


# ---- changing keys -----------------------------------------------------------------------------------------------


def test_every_encrypted_field_and_the_authenticators_are_gone_through() -> None:
    names = {str(column) for column in secret_columns()}
    assert names == {
        "integrations.Webhook.secret",
        "notifications.AccountMail.content",
        "notifications.ChatChannel.url",
        "mfa.Authenticator.data",
    }
    assert isinstance(ChatChannel._meta.get_field("url"), EncryptedTextField)


def test_reencrypt_moves_all_in_batches_and_counts_by_key(keys: Keys) -> None:
    WebhookFactory.create_batch(5)
    before = {hook.pk: hook.secret for hook in Webhook.objects.all()}
    changed = {hook.pk: hook.updated_at for hook in Webhook.objects.all()}
    keys(NEW, OLD)
    WebhookFactory(secret="whsec_newest")
    said = run("--batch", "2")
    assert "Encrypted anew: 5." in said
    assert re.search(r"integrations\.Webhook\.secret\n  key 1 \(\w{8}\): 6\n", said)
    assert "the older ones may be left out" in said
    keys(NEW)
    hooks = Webhook.objects.exclude(secret=None).filter(pk__in=before)
    assert {hook.pk: hook.secret for hook in hooks} == before
    assert {hook.pk: hook.updated_at for hook in hooks} == changed, "nobody changed them, so syncs are told of none"


def test_reencrypt_goes_on_where_it_was_ended(keys: Keys, monkeypatch: pytest.MonkeyPatch) -> None:
    WebhookFactory.create_batch(6)
    keys(NEW, OLD)
    moved, plain = [], columns._moved

    def breaks(text: str, *, give_up: bool) -> str:
        moved.append(text)
        if len(moved) > 4:
            raise KeyboardInterrupt
        return plain(text, give_up=give_up)

    monkeypatch.setattr(columns, "_moved", breaks)
    with pytest.raises(KeyboardInterrupt):
        run("--batch", "2")
    monkeypatch.undo()
    assert "Encrypted anew: 2." in run("--batch", "2"), "two batches of two were done"


def test_the_check_refuses_while_an_older_key_is_needed(keys: Keys) -> None:
    WebhookFactory()
    keys(NEW, OLD)
    with pytest.raises(CommandError, match=r"do not leave them out: key 2 \(\w{8}\): 1\."):
        run("--check")
    assert "Encrypted anew: 1." in run()
    assert "the older ones may be left out" in run("--check")


def test_a_key_left_out_too_early_is_an_error_of_check_and_of_reencrypt(keys: Keys) -> None:
    hook = WebhookFactory()
    lay = stored(hook)
    assert check_secrets(databases=["default"]) == []
    keys(NEW)
    [error] = check_secrets(databases=["default"])
    assert "integrations.Webhook.secret: 1" in error.msg
    assert check_secrets(databases=None) == [], "a check without the database asks nothing of it"
    with pytest.raises(CommandError, match="no key of ENCRYPTION_KEYS opens: 1"):
        run()
    assert stored(hook) == lay
    keys(NEW, OLD)
    run()
    keys(NEW)
    assert check_secrets(databases=["default"]) == []


def test_what_is_given_up_is_no_longer_asked_for_but_still_no_empty_text(keys: Keys) -> None:
    hook = WebhookFactory(secret="whsec_found-again")
    keys(NEW)
    assert "given up for lost: 1" in run("--give-up")
    assert check_secrets(databases=["default"]) == []
    with pytest.raises(UnreadableSecretError):
        _ = Webhook.objects.get().secret
    keys(NEW, OLD)
    assert Webhook.objects.get().secret == "whsec_found-again"
    assert "Encrypted anew: 1." in run()
    assert stored(hook).startswith("gAAAA")


# ---- at the start ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "must be set"),
        (" , ", "must be set"),
        ("short", "Key 1 of ENCRYPTION_KEYS is none"),
        (f"{OLD},{NEW[:-4]}", "Key 2 of ENCRYPTION_KEYS is none"),
        (f"{OLD}\n{OLD}", "names a key twice"),
    ],
    ids=["none", "only a comma", "short", "one cut off", "twice"],
)
def test_keys_that_are_missing_or_malformed_stop_the_start_without_being_told(text: str, said: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=said) as caught:
        checked_keys(text)
    assert OLD not in str(caught.value)


def test_keys_stand_on_lines_or_between_commas() -> None:
    assert checked_keys(f"{NEW}\n{OLD}\n") == checked_keys(f"{NEW}, {OLD}") == [NEW, OLD]


def test_sealed_texts_differ_though_the_text_is_the_same(keys: Keys) -> None:
    assert seal("x") != seal("x")
