"""The last release on today's schema, and today's release taking its place while people work."""

import re
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import httpx
import pytest
from django.core.management import CommandError

from apps.core.management.commands.lint_migrations import released_migrations
from devserver.embedded import OWNER, Embedded
from tests.releases import (
    GOOD,
    Crowd,
    Proxy,
    Release,
    Web,
    accounts_of,
    call_api,
    copy_last_release,
    pages_named_on,
    program,
    running,
    unpack_last_release,
    visitor,
    walk,
    write_by_api,
)
from tests.servers import DATABASE, ROOT, copy_template, let_pass

pytestmark = pytest.mark.slow

ASSET = re.compile(r'"(/static/[^"]+\.[0-9a-f]{12}\.(?:css|js))"')
LEAST_PAGES = 30
LEAST_CALLS = 25


class Upgrade:
    """Both releases on a database that the last one made."""

    def __init__(self, folder: Path) -> None:
        code = unpack_last_release(folder / "last-release")
        copy_last_release(code, folder / "data")
        self.servers = Embedded(folder / "data", database=DATABASE, durable=False)
        kept = folder / "kept"
        self.old = Release(code, folder / "data" / "old", self.servers, kept)
        self.new = Release(ROOT, folder / "new", self.servers, kept)
        self.of_old = Release(ROOT, self.old.var, self.servers, kept)
        """Today's commands on what the last release wrote."""


@pytest.fixture(scope="module")
def upgrade(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Upgrade]:
    folder = tmp_path_factory.mktemp("upgrade")
    let_pass(folder)
    made = Upgrade(folder)
    made.servers.start()
    yield made
    made.servers.stop()


def assets_of(web: Web) -> list[str]:
    """The hashed files that a release's page loads."""
    page = httpx.get(f"{web.url}/", follow_redirects=True, timeout=60).text
    return sorted(set(ASSET.findall(page)))


def missing(web: Web, assets: list[str]) -> list[str]:
    return [path for path in assets if httpx.get(f"{web.url}{path}", timeout=60).status_code != httpx.codes.OK]


def bad(found: dict[str, int]) -> dict[str, int]:
    return {what: status for what, status in found.items() if status not in GOOD}


def test_the_last_release_serves_on_the_new_schema_until_the_new_one_took_its_place(upgrade: Upgrade) -> None:
    """The steps of docs/deployment.md, with processes for containers, while somebody reads and others write."""
    member, owner, *_others = accounts_of(upgrade.old)
    upgrade.of_old.manage("keep_static")
    upgrade.new.manage("collectstatic", "--no-input", "--verbosity", "0")
    with upgrade.old.serving() as old, ExitStack() as clients:
        proxy = Proxy(old)
        reader, writer, caller, walker = (
            clients.enter_context(closing(each))
            for each in (visitor(proxy, member), program(owner), program(member), visitor(proxy, owner))
        )
        paths = ["/", *pages_named_on(proxy.ask(reader, "GET", "/").text)]
        work = [
            lambda turn: {(path := paths[turn % len(paths)]): proxy.ask(reader, "GET", path).status_code},
            lambda turn: write_by_api(proxy, writer, f"Written while it changes {turn}"),
            lambda _turn: {"GET tasks/": proxy.ask(caller, "GET", "/api/v1/tasks/").status_code},
        ]
        with running(Crowd(work)) as crowd:
            crowd.wait_for_rounds(2)
            upgrade.new.manage("keep_static")
            upgrade.new.manage("migrate", "--no-input", "--verbosity", "0")
            crowd.wait_for_rounds(2)
            pages, calls = walk(proxy, walker), call_api(proxy, writer)
            assert (bad(pages), bad(calls)) == ({}, {}), old.log.read_text()[-4000:]
            assert len(pages) > LEAST_PAGES, pages
            assert len(calls) > LEAST_CALLS, calls
            with upgrade.new.serving() as new:
                of_old, of_new = assets_of(old), assets_of(new)
                assert of_old
                assert of_new
                assert set(of_old) != set(of_new)
                assert missing(new, of_old) == [], "a page of the old release that is still open"
                proxy.webs = [new]
                crowd.wait_for_rounds(1)
                assert old.stop(), old.log.read_text()[-4000:]
                crowd.wait_for_rounds(4)
                assert crowd.stop() == [], new.log.read_text()[-4000:]


def schema_of(servers: Embedded) -> str:
    dump = servers.postgres_program.with_name("pg_dump")
    command = [str(dump), "--schema-only", "--host", str(servers.sockets), "--username", OWNER, DATABASE]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return re.sub(r"^\\(un)?restrict .*$", "", done.stdout, flags=re.MULTILINE)


def test_upgraded_and_new_databases_have_the_same_schema(upgrade: Upgrade, tmp_path: Path) -> None:
    """So no migration was changed after it was released, which nobody's database would ever see."""
    upgrade.new.manage("migrate", "--no-input", "--verbosity", "0")
    let_pass(tmp_path)
    (tmp_path / "data").mkdir()
    copy_template(tmp_path / "data" / "postgres")
    fresh = Embedded(tmp_path / "data", database=DATABASE, durable=False)
    fresh.start(valkey=False)
    try:
        assert schema_of(upgrade.servers).splitlines() == schema_of(fresh).splitlines()
    finally:
        fresh.stop()


def test_a_shallow_clone_gets_the_rest_of_its_history_or_says_what_is_missing(tmp_path: Path) -> None:
    shallow = tmp_path / "clone"
    clone = ["git", "clone", "--quiet", "--depth", "1", f"file://{ROOT}", str(shallow)]
    subprocess.run(clone, check=True, capture_output=True)
    origin_is = ["git", "remote", "set-url", "origin"]
    subprocess.run([*origin_is, "file:///nowhere"], check=True, cwd=shallow)
    with pytest.raises(CommandError, match="git fetch --unshallow"):
        released_migrations(shallow)
    subprocess.run([*origin_is, f"file://{ROOT}"], check=True, cwd=shallow)
    assert ("goals", "0001_initial") in released_migrations(shallow)
