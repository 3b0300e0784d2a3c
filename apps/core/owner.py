"""The owner: the database's role that migrates. All else works as the role of DATABASE_URL, which owns nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from apps.core.bulk import MAINTAIN_SINCE

MISSING = (
    "Set DATABASE_OWNER_URL to the address of the role that owns the tables: the role of DATABASE_URL may not change "
    "them (docs/deployment.md)."
)
OF_A_ROLE = ("USER", "PASSWORD", "HOST", "PORT", "OPTIONS")
GIVEN = """
SELECT DISTINCT privilege_type
FROM pg_default_acl, aclexplode(defaclacl) AS given JOIN pg_roles ON pg_roles.oid = given.grantee
WHERE defaclrole = current_user::regrole AND defaclnamespace = 'public'::regnamespace AND rolname = %s
"""
GRANTS = (
    "GRANT USAGE ON SCHEMA public TO {role}",
    "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {role}",
    "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE ON SEQUENCES TO {role}",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
    "GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {role}",
)
# To analyze a table after an import: its rows stay the role's to read and write, its shape the owner's to change.
MAINTAIN = (
    "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT MAINTAIN ON TABLES TO {role}",
    "GRANT MAINTAIN ON ALL TABLES IN SCHEMA public TO {role}",
)


@contextmanager
def as_owner(alias: str = DEFAULT_DB_ALIAS) -> Iterator[BaseDatabaseWrapper]:
    """Let Django work as the owner inside the block, over a connection of its own that ends with it.

    Raises ImproperlyConfigured where DATABASE_OWNER_URL is not set.
    """
    owner = settings.DATABASE_OWNER
    if owner is None:
        raise ImproperlyConfigured(MISSING)
    earlier = connections[alias]
    described = {**earlier.settings_dict, **{name: owner[name] for name in OF_A_ROLE}}
    connections[alias] = type(earlier)(described, alias)
    try:
        yield connections[alias]
    finally:
        connections[alias].close()
        connections[alias] = earlier


def grant_to_runtime(connection: BaseDatabaseWrapper, role: str) -> None:
    """Let the role read and write the rows of all tables, those to come too. As the owner.

    Each is given once in a database, one that a later version adds when it comes: what a migration takes back of it
    is not given again.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, current_setting('server_version_num')::int")
        owner, version = cursor.fetchone()
        if role == owner:
            return
        cursor.execute(GIVEN, [role])
        given = {privilege for (privilege,) in cursor.fetchall()}
        grants = {"SELECT": GRANTS} | ({"MAINTAIN": MAINTAIN} if version >= MAINTAIN_SINCE else {})
        for each in chain.from_iterable(some for privilege, some in grants.items() if privilege not in given):
            cursor.execute(each.format(role=connection.ops.quote_name(role)))
