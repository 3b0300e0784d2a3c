"""Handing a mail to the server: over SMTP with as few waits as the server allows."""

import smtplib
from contextlib import suppress
from email.utils import parseaddr
from functools import lru_cache

from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.smtp import EmailBackend
from django.core.mail.message import sanitize_address

from apps.notifications.services.mime import CHARSET, EOL, ReadyMail

OK, FORWARDED, SEND_IT, CLOSING = 250, 251, 354, 421
"""Replies of RFC 5321, section 4.2.3."""
GOES_ON = {OK, FORWARDED, SEND_IT}
COMMANDS = 3


def hand_over(backend: BaseEmailBackend, mail: ReadyMail) -> None:
    """Give a mail to the server behind an open backend.

    Raises what smtplib.SMTP.sendmail raises, and ValueError where a header or the address cannot be written.
    """
    server = backend.connection if isinstance(backend, EmailBackend) else None
    if server is None:  # another backend, as tests and consoles have
        backend.send_messages([mail])
        return
    sender, recipient = _envelope(mail.from_email), _of_one_mail(mail.to[0])
    content = mail.message().as_bytes(linesep=EOL)
    server.ehlo_or_helo_if_needed()
    if server.has_extn("pipelining"):
        _in_one_go(server, sender, recipient, content)
        return
    try:
        server.sendmail(sender, [recipient], content)
    except smtplib.SMTPDataError as error:  # after a no to “data” itself smtplib goes on as if nothing had been said
        _leave(server, error.smtp_code)
        raise


def is_gone(backend: BaseEmailBackend) -> bool:
    """Whether the server said goodbye or hung up: smtplib then closes the connection, unseen by the backend."""
    server = backend.connection if isinstance(backend, EmailBackend) else None
    return server is not None and server.sock is None


def _in_one_go(server: smtplib.SMTP, sender: str, recipient: str, content: bytes) -> None:
    """Sender, recipient and “data” in one packet, the three answers after it (RFC 2920): two waits instead of four."""
    size = f" SIZE={len(content)}" if server.has_extn("size") else ""
    server.send(f"MAIL FROM:{smtplib.quoteaddr(sender)}{size}{EOL}RCPT TO:{smtplib.quoteaddr(recipient)}{EOL}DATA{EOL}")
    from_said, to_said, go_on = _answers(server)
    if from_said[0] == OK and to_said[0] in {OK, FORWARDED} and go_on[0] == SEND_IT:
        # A line that begins with a dot gets another one (RFC 5321, section 4.5.2).
        server.send((EOL.encode() + content).replace(b"\r\n.", b"\r\n..")[2:] + b"." + EOL.encode())
        said = server.getreply()
        if said[0] == OK:
            return
        _leave(server, said[0])
        raise smtplib.SMTPDataError(*said)
    if go_on[0] == SEND_IT:  # it would take the mail, though nobody is to get it: send none (RFC 2920, section 3.1)
        with suppress(smtplib.SMTPServerDisconnected):
            server.send(f".{EOL}")
            server.getreply()
    _leave(server, *(said[0] for said in (from_said, to_said, go_on)))
    if from_said[0] != OK:
        raise smtplib.SMTPSenderRefused(*from_said, sender)
    if to_said[0] not in {OK, FORWARDED}:
        raise smtplib.SMTPRecipientsRefused({recipient: to_said})
    raise smtplib.SMTPDataError(*go_on)


def _answers(server: smtplib.SMTP) -> list[tuple[int, bytes]]:
    """What the server says to sender, recipient and “data”.

    Where it says no and hangs up its no stands, the rest are goodbyes; SMTPServerDisconnected where it only hangs up.
    """
    said = [server.getreply()]
    while len(said) < COMMANDS:
        try:
            said.append(server.getreply())
        except smtplib.SMTPServerDisconnected:
            if all(code in GOES_ON for code, _text in said):
                raise
            said += [(CLOSING, b"hung up")] * (COMMANDS - len(said))
    return said


def _leave(server: smtplib.SMTP, *codes: int) -> None:
    """After a refusal: ready for the next mail, or closed where the server said goodbye."""
    if CLOSING in codes:
        server.close()
        return
    with suppress(smtplib.SMTPServerDisconnected):
        server.rset()


@lru_cache(maxsize=64)
def _envelope(address: str) -> str:
    """The bare address of a sender, as a server takes it."""
    return parseaddr(sanitize_address(address, CHARSET))[1]


def _of_one_mail(address: str) -> str:
    """The same of a recipient, whom no later mail goes to."""
    return address if address.isascii() and address.isprintable() and "<" not in address else _envelope(address)
