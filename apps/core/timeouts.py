"""How long statements may take. The role has the patience of a page (deploy/roles.sql); a job asks for more."""

from django.db import connection
from django.db.transaction import TransactionManagementError

IDLE_SECONDS = 600


def allow_long(*, statements: int = 60, locks: int = 20) -> None:
    """Let each statement of this transaction take so many seconds, and wait so many for a lock.

    The defaults suit a batch of a sweep. Between two statements ten minutes may pass. Raises
    TransactionManagementError outside of a transaction: there it would last for no statement at all.
    """
    if not connection.in_atomic_block:
        raise TransactionManagementError("Longer timeouts last until the end of a transaction: begin one first.")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('statement_timeout', %s, true), set_config('lock_timeout', %s, true), "
            "set_config('idle_in_transaction_session_timeout', %s, true)",
            [f"{statements}s", f"{locks}s", f"{IDLE_SECONDS}s"],
        )
