"""Whether row security can hold: only for a role that it binds. Confidential areas ask here before they open."""

from collections.abc import Sequence

import structlog
from django.core import checks
from django.core.exceptions import PermissionDenied
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection
from django.utils.translation import gettext as _

log = structlog.get_logger(__name__)

CHECK_ID = "counterpoise.W001"
# Of the role that speaks and, where it was assumed, the one that signed in. Who owns a schema may drop what is in it.
ABOUT_ROLE = """
WITH acting AS (SELECT oid, rolname, rolsuper, rolbypassrls, rolcreaterole FROM pg_roles
                WHERE rolname IN (current_user, session_user)),
owners AS (SELECT relowner AS oid FROM pg_class WHERE relnamespace >= 16384 AND relpersistence <> 't'
           UNION SELECT relowner FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relpersistence <> 't'
           UNION SELECT nspowner FROM pg_namespace WHERE nspname = 'public'
           UNION SELECT datdba FROM pg_database WHERE datname = current_database())
SELECT (SELECT string_agg(rolname, ', ') FROM acting),
       EXISTS (SELECT FROM acting WHERE rolsuper),
       EXISTS (SELECT FROM acting WHERE rolbypassrls),
       EXISTS (SELECT FROM acting JOIN owners USING (oid)),
       EXISTS (SELECT FROM acting, pg_roles other
               WHERE other.oid <> acting.oid AND pg_has_role(acting.oid, other.oid, 'MEMBER')
               AND (other.rolsuper OR other.rolbypassrls OR other.oid IN (SELECT oid FROM owners))),
       EXISTS (SELECT FROM acting WHERE rolcreaterole)
"""
WRONG = (
    "is a superuser",
    "has BYPASSRLS",
    "owns the database or tables in it",
    "is a member of a role that owns them or that no policy binds",
    "may create roles and so become another",
)


def role_fault() -> str:
    """What is wrong with the role of DATABASE_URL, in one sentence for who runs the server; empty where all is well.

    Raises DatabaseError where the database does not answer.
    """
    with connection.cursor() as cursor:
        cursor.execute(ABOUT_ROLE)
        name, *found = cursor.fetchone()
    wrong = next((words for words, is_so in zip(WRONG, found, strict=True) if is_so), "")
    return wrong and (
        f"The database role {name} of DATABASE_URL {wrong}, so row security does not bind it and the confidential "
        "areas stay closed: use a role that may only read and write rows (docs/deployment.md)."
    )


def is_confidential_ready() -> bool:
    """Whether confidential areas may open: the database answers, and its policies bind the role we work as."""
    try:
        return role_fault() == ""
    except DatabaseError:
        return False


def require_confidential() -> None:
    """The gate of every confidential area, for pages, API and jobs. Raises PermissionDenied while it is closed."""
    if not is_confidential_ready():
        raise PermissionDenied(
            _(
                "This area is closed, because the database is not set up to keep it confidential. "
                "Ask whoever runs this server: manage.py check --database default says what to change."
            )
        )


def check_role(*, databases: Sequence[str] | None = None, **_options: object) -> list[checks.CheckMessage]:
    """The system check, asked with `check --database default` and before `migrate`."""
    if DEFAULT_DB_ALIAS not in (databases or ()):
        return []
    fault = role_fault()
    return [checks.Warning(fault, id=CHECK_ID)] if fault else []


def tell_of_role() -> None:
    """Log the fault, if there is one, as a process starts. Keeps no connection: the process may fork."""
    try:
        if fault := role_fault():
            log.warning(fault, check=CHECK_ID)
    except DatabaseError as error:
        log.warning("The database did not say what its role may do.", reason=type(error).__name__)
    finally:
        connection.close()
