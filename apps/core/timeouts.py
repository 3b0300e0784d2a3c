"""How long statements may take. The role has the patience of a page (deploy/roles.sql); a job asks for more."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import connection, transaction
from django.db.transaction import TransactionManagementError
from psycopg.pq import TransactionStatus

STATEMENT_SECONDS, LOCK_SECONDS, IDLE_SECONDS = 60, 20, 600
ALLOW = (
    "SELECT set_config('statement_timeout', %s, true), set_config('lock_timeout', %s, true), "
    "set_config('idle_in_transaction_session_timeout', %s, true)"
)


def allow_long(*, statements: int, locks: int) -> None:
    """Let each statement of this transaction take so many seconds, and wait so many for a lock.

    For what needs other than a job has anyway (`patience`). Between two statements ten minutes may pass. Raises
    TransactionManagementError outside of a transaction: there it would last for no statement at all.
    """
    if not connection.in_atomic_block:
        raise TransactionManagementError("Longer timeouts last until the end of a transaction: begin one first.")
    with connection.cursor() as cursor:
        cursor.execute(ALLOW, _seconds(statements, locks))


@contextmanager
def patience() -> Iterator[None]:
    """Let every statement inside the block, in whichever transaction, take a minute and wait 20 s for a lock.

    Said anew at the beginning of each transaction and only for it, since a proxy between may give the next one another
    connection; a statement outside of any gets one of its own.
    """
    with connection.execute_wrapper(_allow_first):
        yield


def _allow_first(execute: Callable[..., object], sql: str, params: object, many: bool, context: object) -> object:
    if not connection.in_atomic_block:
        with transaction.atomic():
            return _allow_first(execute, sql, params, many, context)
    begun = connection.connection
    if begun.info.transaction_status == TransactionStatus.IDLE:
        with connection.wrap_database_errors:
            begun.execute(ALLOW, _seconds(STATEMENT_SECONDS, LOCK_SECONDS))
    return execute(sql, params, many, context)


def _seconds(statements: int, locks: int) -> list[str]:
    return [f"{statements}s", f"{locks}s", f"{IDLE_SECONDS}s"]
