"""`manage.py lint_migrations`: refuses migrations that stop a live table, or that the last release cannot live with."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db.migrations.loader import MigrationLoader

from apps.core.migration_rules import faults_of_migration

RELEASE_FILE = Path("deploy", "last-release")
Key = tuple[str, str]


class Command(BaseCommand):
    """Goes through the migrations that are not in the commit that deploy/last-release names.

    Tables that these migrations make themselves may be changed at will: nobody has rows in them yet.
    """

    help = "Look whether the new migrations are safe on a live database that the last release still uses."

    def handle(self, *_args: object, **_options: object) -> None:
        """Print nothing where all is well. CommandError with every fault, or where the last release is not there."""
        released = released_migrations(Path(settings.BASE_DIR))
        loader = MigrationLoader(None)
        faults = [*missing(loader, released), *faults_since(loader, released)]
        if faults:
            raise CommandError("\n".join(["These migrations are not safe (CONTRIBUTING.md, Migrations):", *faults]))


def released_migrations(root: Path) -> set[Key]:
    """The migrations that the last release had. CommandError where its commit is not in this clone."""
    commit = (root / RELEASE_FILE).read_text(encoding="ascii").strip()
    listing = ["git", "ls-tree", "-r", "--name-only", commit, "apps"]
    found = subprocess.run(listing, check=False, cwd=root, capture_output=True, text=True)
    if found.returncode != 0 and deepened(root):
        found = subprocess.run(listing, check=False, cwd=root, capture_output=True, text=True)
    if found.returncode != 0:
        raise CommandError(
            f"The last release, commit {commit} of {RELEASE_FILE}, is not here. In a shallow clone fetch the rest of "
            f"the history: git fetch --unshallow. Git says: {found.stderr.strip()}"
        )
    paths = [Path(line) for line in found.stdout.splitlines()]
    return {
        (path.parts[1], path.stem)
        for path in paths
        if path.match("apps/*/migrations/*.py") and path.name != "__init__.py"
    }


def deepened(root: Path) -> bool:
    """Fetch the rest of the history of a shallow clone; False where it is not shallow, or the rest is out of reach."""
    ask = ["git", "rev-parse", "--is-shallow-repository"]
    if subprocess.run(ask, check=False, cwd=root, capture_output=True, text=True).stdout.strip() != "true":
        return False
    fetch = ["git", "fetch", "--quiet", "--unshallow"]
    return subprocess.run(fetch, check=False, cwd=root, capture_output=True).returncode == 0


def missing(loader: MigrationLoader, released: set[Key]) -> Iterator[str]:
    """Released migrations that are gone: databases have them applied. One may go where another replaces it."""
    replaced = {key for each in loader.disk_migrations.values() for key in each.replaces}
    for app, name in sorted(released - loader.disk_migrations.keys() - replaced):
        yield f"{app}.{name} was released and is gone: put it back, or say in a new one that it replaces it"


def faults_since(loader: MigrationLoader, released: set[Key]) -> Iterator[str]:
    """Each fault of a migration of ours that is not released, in the order in which they are applied."""
    new = {
        key
        for key, each in loader.disk_migrations.items()
        if each.__module__.startswith("apps.") and key not in released
    }
    state = loader.project_state([key for key in loader.graph.nodes if key not in new])
    before = state.clone()
    plan: dict[Key, None] = {}
    for leaf in loader.graph.leaf_nodes():
        plan |= dict.fromkeys(loader.graph.forwards_plan(leaf))
    for key in plan:
        if key in new:
            migration = loader.disk_migrations[key]
            yield from (f"{migration}: {fault}" for fault in faults_of_migration(migration, state, before))
