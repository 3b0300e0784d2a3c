"""Requests through the real WSGI handler, in this process, as a browser or a program would send them."""

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, connection, transaction
from django.test import Client

from apps.workspaces.models import Member

CSRF = "b" * 32


@dataclass(frozen=True)
class TimedAnswer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode()


class Caller:
    """Sends requests with some headers to a WSGI application; every answer but those allowed is an error."""

    def __init__(self, application: Any, **headers: str) -> None:
        self.application = application
        self.headers = headers

    def send(self, method: str, address: str, body: bytes = b"", **headers: str) -> TimedAnswer:
        """The answer to one request; the connection rules of the end of a request are kept, as in a server."""
        parts = urlsplit(address)
        environ = {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            "PATH_INFO": parts.path,
            "QUERY_STRING": parts.query,
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_HOST": "localhost",
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": io.StringIO(),
            "wsgi.multithread": False,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
            **self.headers,
            **headers,
        }
        started: list[Any] = []
        answer = self.application(environ, lambda status, fields: started.extend((status, fields)))
        try:
            content = b"".join(answer)
        finally:
            answer.close()
        return TimedAnswer(int(started[0][:3]), dict(started[1]), content)

    def get(self, address: str, *, expect: int = 200, **headers: str) -> TimedAnswer:
        """GET. RuntimeError for another status than the expected one."""
        return self._expected(self.send("GET", address, b"", **headers), address, expect)

    def post(self, address: str, body: bytes, kind: str, *, expect: int) -> TimedAnswer:
        """POST. RuntimeError for another status than the expected one."""
        return self._expected(self.send("POST", address, body, CONTENT_TYPE=kind), address, expect)

    def _expected(self, answer: TimedAnswer, address: str, expect: int) -> TimedAnswer:
        if answer.status != expect:
            raise RuntimeError(f"{address} answered {answer.status}: {answer.body[:300]!r}")
        return answer


def signed_in(application: Any, member: Member) -> Caller:
    """A browser in which this person has signed in."""
    client = Client()
    if member.user is None:
        raise ValueError("Only members with an account sign in.")
    client.force_login(member.user)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    return Caller(application, HTTP_COOKIE=f"{settings.SESSION_COOKIE_NAME}={session}; csrftoken={CSRF}")


@contextmanager
def counted() -> Iterator[list[str]]:
    """The SQL statements of the block."""
    statements: list[str] = []

    def note(execute: Callable[..., Any], query: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        statements.append(query)
        return execute(query, params, many, context)

    with connection.execute_wrapper(note):
        yield statements


@contextmanager
def taken_back() -> Iterator[None]:
    """A transaction around requests that write, undone at the end: the end of a request must not close it."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    try:
        with transaction.atomic():
            yield
            transaction.set_rollback(True)
    finally:
        for signal in signals:
            signal.connect(close_old_connections)
