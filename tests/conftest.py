"""The test session: servers, Django, browser; the cast lives in tests/cast.py."""

import os
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest

from tests.servers import forget_environment, prepare_environment

SERVERS = prepare_environment()

import django  # noqa: E402 - the environment comes first
import psycopg  # noqa: E402 - as above

django.setup()

from django.conf import settings  # noqa: E402 - as above
from django.core.cache import cache  # noqa: E402 - as above
from django.core.signals import request_finished  # noqa: E402 - as above
from django.db import connection, transaction  # noqa: E402 - as above
from django.test import Client, TransactionTestCase  # noqa: E402 - as above
from django.test.utils import setup_databases, teardown_databases  # noqa: E402 - as above

from apps.accounts.services import AccountLetter  # noqa: E402 - as above
from apps.core import statements  # noqa: E402 - as above
from apps.core.clock import database_now  # noqa: E402 - as above
from apps.core.owner import as_owner  # noqa: E402 - as above
from apps.notifications import services as notifications  # noqa: E402 - as above
from devserver.browser import BrowserMissingError, ensure_browser  # noqa: E402 - as above

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

    from apps.workspaces.models import Member

settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
settings.WHITENOISE_USE_FINDERS = False  # each client would look through all static files; the live server has its own

pytest_plugins = ["tests.cast"]

PATIENCE = 60_000
"""Milliseconds until a state that does not come is a failure, also where other work has all the processors."""
MIGRATED = ("django_migrations", "django_content_type", "auth_permission")
APPEND_ONLY = ("activity_event",)
MANY_ROWS = 500
BROWSER_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


SLOW = ("faults", "slow", "browser")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long ones first, the rest in their order: processes that take from each other then end together."""
    items.sort(key=lambda item: not any(map(item.get_closest_marker, SLOW)))


# ---- servers ----------------------------------------------------------------------------------------------------


def pytest_sessionstart(session: pytest.Session) -> None:
    """Run this session's own servers, unless it was given others, or only hands the tests out to workers."""
    hands_out = session.config.getoption("dist") != "no"
    if not session.config.option.collectonly and not hands_out:
        SERVERS.start()


def pytest_xdist_setupnodes(config: pytest.Config) -> None:
    """Let each worker have servers of its own. Real servers are one database: they cannot be worked on side by side."""
    if not SERVERS.own:
        raise pytest.UsageError("With DATABASE_URL and REDIS_URL set, the tests run in one process: leave out -n.")
    forget_environment()


def pytest_unconfigure() -> None:
    """Stop them, and leave nothing behind."""
    SERVERS.stop()


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: Any) -> Iterator[None]:
    """The session's database came migrated with the embedded server; on a real server make one and migrate it."""
    if SERVERS.own:
        yield
        return
    with django_db_blocker.unblock(), as_owner():
        made = setup_databases(verbosity=0, interactive=False)
    yield
    with django_db_blocker.unblock(), as_owner():
        teardown_databases(made, verbosity=0)


def empty_tables(_case: TransactionTestCase) -> None:
    """What Django does by `flush` after a test that commits, in a twentieth of the time: most tables are empty.

    Done by the owner, who alone may truncate, and who does not wait for ever where a test left a table locked. Content
    types and permissions stay: they are not of the test, and were half of the work to make again. A few rows are
    deleted sooner than a file is made anew; but each deleted row is looked for in all tables that could name it, so
    that thousands took minutes.
    """
    names = connection.introspection.django_table_names(only_existing=True, include_views=False)
    with as_owner(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '10s'")
        asked = (
            f"SELECT '{name}', count(*) FROM (SELECT FROM \"{name}\" LIMIT {MANY_ROWS}) AS few"  # noqa: S608 - our own names
            for name in names
            if name not in MIGRATED
        )
        cursor.execute(" UNION ALL ".join(asked))
        filled = {name: count for name, count in cursor.fetchall() if count}
        if whole := [f'"{name}"' for name, count in filled.items() if name in APPEND_ONLY or count == MANY_ROWS]:
            cursor.execute(f"TRUNCATE {', '.join(whole)} CASCADE")
        for name in sorted(filled):
            cursor.execute(f'DELETE FROM "{name}"')  # noqa: S608 - as above


TransactionTestCase._fixture_teardown = empty_tables  # type: ignore[attr-defined]


@pytest.fixture
def owner(transactional_db: None) -> Iterator["psycopg.Connection[Any]"]:
    """A connection of the role that owns the tables, which commits each statement: for tests that change the schema.

    Everything else in the tests works as the runtime role, as in the product.
    """
    with as_owner() as described:
        role = described.settings_dict
    with psycopg.connect(
        dbname=connection.settings_dict["NAME"],
        user=role["USER"],
        password=role["PASSWORD"] or None,
        host=role["HOST"] or None,
        port=role["PORT"] or None,
        autocommit=True,
    ) as connected:
        yield connected


@pytest.fixture(autouse=True)
def empty_cache() -> None:
    """Every test starts without sessions, rate limits, memos and compiled statements of the one before."""
    cache.clear()
    statements.forget()


# ---- browser ----------------------------------------------------------------------------------------------------


def browser_at_hand() -> str:
    """The Chromium to drive, installed where there was none; the run ends where it cannot be."""
    try:
        return ensure_browser()
    except BrowserMissingError as error:
        pytest.exit(str(error), returncode=1)


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """pytest-playwright's hook: one Chromium, quiet and without a sandbox of its own (it may run as root)."""
    from playwright.sync_api import expect  # noqa: PLC0415 - it takes a while, and few tests need it

    expect.set_options(timeout=PATIENCE)
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright keeps an event loop in the thread the tests run in
    return {"executable_path": browser_at_hand(), "args": BROWSER_ARGUMENTS}


@pytest.fixture
def page_of(browser: "Browser", live_server: Any) -> Iterator[Callable[..., "Page"]]:
    """`page_of(member)` is a page signed in as the member; `page_of(None)` one of a visitor.

    Options are Playwright's for a context, for example `viewport` or `color_scheme`. Paths are relative to the server.
    Nothing moves or fades unless `reduced_motion` says so: what is measured does not depend on the moment.
    """
    contexts: list[BrowserContext] = []

    def open_page(member: "Member | None", **options: Any) -> "Page":
        context = browser.new_context(base_url=live_server.url, **{"reduced_motion": "reduce", **options})
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        if member is not None:
            assert member.user, "only members with an account sign in"
            client = Client()
            client.force_login(member.user)
            session = client.cookies[settings.SESSION_COOKIE_NAME].value
            context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture
def account_mails_leave(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """After a request the mails about accounts that it queued go out, as a worker would send them a moment later."""
    queued: list[AccountLetter] = []
    queue = notifications.queue_account_mail

    def note(letter: AccountLetter, at: datetime) -> None:
        queue(letter, at)
        queued.append(letter)

    def send(**_kwargs: object) -> None:
        if queued:
            queued.clear()
            notifications.send_due_account_mails(at=database_now())

    monkeypatch.setattr(notifications, "queue_account_mail", note)
    request_finished.connect(send)
    yield
    request_finished.disconnect(send)
