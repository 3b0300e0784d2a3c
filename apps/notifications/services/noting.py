"""Noting that a mail went out while the next one is being written.

A sender waits for the database after each mail, for the commit to reach the disk. Here the statement goes off, and only
the hand-over of the next mail waits for it: as before, at most one mail of a sender is handed over and not yet noted.
"""

import select
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from psycopg import Error as PsycopgError
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGconn, PGresult

NOTE = b"""
UPDATE notifications_delivery SET state = 'sent', sent_at = $1, updated_at = $1, last_error = '', data = '{}'
WHERE id = $2 AND state = 'queued'
"""


NAME, KNOWN = b"counterpoise_note", "_counterpoise_note"
"""The statement's own name, so that no other is ever run in its place; and the mark of a connection that knows it."""


class SentNotes:
    """The note in flight, if there is one, over this thread's connection; nothing else may use that meanwhile.

    Django's own statements wait by themselves inside `connection.execute_wrapper(notes.before)`. Who opens a
    transaction calls `finish` first.
    """

    def __init__(self) -> None:
        self._busy: PGconn | None = None

    def begin(self, pk: UUID, *, at: datetime) -> None:
        """Send off that this delivery went out. Its details go: they may hold a secret link.

        Raises django.db.Error, as `finish` does.
        """
        self.finish()
        connection.ensure_connection()
        with connection.wrap_database_errors:
            pgconn = connection.connection.pgconn
            if not getattr(connection.connection, KNOWN, False):  # planned once for each connection
                _done(pgconn.prepare(NAME, NOTE))
                setattr(connection.connection, KNOWN, True)
            self._busy = pgconn  # before it goes: whoever ends the sender here must find it
            pgconn.send_query_prepared(NAME, [at.isoformat().encode(), str(pk).encode()])
            _flush(pgconn)

    def finish(self) -> None:
        """Wait until it is committed. Where something else ends the wait, a time limit, the next call waits again."""
        if self._busy is None:
            return
        with connection.wrap_database_errors:
            try:
                result = _answer(self._busy)
            except PsycopgError:  # the connection is gone: said once
                self._busy = None
                raise
            self._busy = None
            if result is not None:
                _done(result)

    def before(self, execute: Callable[..., Any], *statement: Any) -> Any:
        """Any other statement of the thread comes after it."""
        self.finish()
        return execute(*statement)


def _done(result: PGresult) -> None:
    if result.status != ExecStatus.COMMAND_OK:
        raise error_from_result(result)


def _flush(pgconn: PGconn) -> None:
    while pgconn.flush():
        select.select([], [pgconn.socket], [])


def _answer(pgconn: PGconn) -> PGresult | None:
    """What the database says, once it has said all (libpq, “Asynchronous Command Processing”); None where the statement
    never left.
    """
    _flush(pgconn)
    while pgconn.is_busy():
        select.select([pgconn.socket], [], [])
        pgconn.consume_input()
    first = last = pgconn.get_result()
    while last is not None:
        last = pgconn.get_result()
    return first
