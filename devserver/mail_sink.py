"""A local mail server that delivers nothing: it writes each mail as one .eml file. For the demo, tests and trials.

Run as a script: `python mail_sink.py FOLDER FILE_DESCRIPTOR`, with a listening socket as FILE_DESCRIPTOR.
"""

import asyncio
import signal
import socket
import sys
import time
from itertools import count
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

LARGEST_MAIL = 10 * 1024 * 1024


class Folder:
    """Writes each mail whole or not at all, under a name that sorts by arrival."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.numbers = count()

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        """Say that commands may come several in a packet (RFC 2920): aiosmtpd reads them one after the other."""
        del server, envelope
        session.host_name = hostname
        return [responses[0], "250-PIPELINING", *responses[1:]]

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Keep one mail, with the addresses of its envelope, as aiosmtpd asks for it."""
        del server, session
        head = f"X-Envelope-From: {envelope.mail_from}\r\nX-Envelope-To: {', '.join(envelope.rcpt_tos)}\r\n"
        name = f"{time.time_ns():020d}-{next(self.numbers):06d}.eml"
        half = self.path / f".{name}.part"
        half.write_bytes(head.encode() + (envelope.original_content or b""))
        half.rename(self.path / name)
        return "250 Message accepted for delivery"


async def serve(path: Path, listening: socket.socket) -> None:
    """Take mails until a signal asks to stop."""
    path.mkdir(parents=True, exist_ok=True)
    folder = Folder(path)
    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stopped.set)

    def protocol() -> SMTP:
        return SMTP(folder, data_size_limit=LARGEST_MAIL, enable_SMTPUTF8=True, loop=loop)

    server = await loop.create_server(protocol, sock=listening)
    async with server:
        await stopped.wait()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), socket.socket(fileno=int(sys.argv[2]))))
