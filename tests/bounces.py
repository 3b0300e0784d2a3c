"""A mail server's notification that a mail did not arrive (RFC 3464), as Postfix writes it."""

NOTICE = """From: MAILER-DAEMON@mx.example.org
To: counterpoise@example.org
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

I could not deliver your mail.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org

Final-Recipient: rfc822; {final}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {said}

--b
Content-Type: {kind}

From: us@example.org
To: Bob <{to}>
Message-ID: {message_id}
Subject: Your day

--b--
"""
NO_USER = "550 5.1.1 <bob@example.org> No such\n user here"


def report(
    message_id: str,
    *,
    to: str = "bob@example.org",
    final: str = "",
    action: str = "failed",
    kind: str = "text/rfc822-headers",
    status: str = "5.1.1",
    said: str = NO_USER,
) -> bytes:
    """The notification about one mail; `final` is whom the last server did not reach, by default whom it was for."""
    return NOTICE.format(
        message_id=message_id, to=to, final=final or to, action=action, kind=kind, status=status, said=said
    ).encode()
