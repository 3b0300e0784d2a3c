"""Mails as bytes: beside what Python's and Django's own writers make of the same content, for whatever it is."""

from email import message_from_bytes, policy

import pytest
from django.core.mail import EmailMultiAlternatives
from hypothesis import example, given
from hypothesis import strategies as st

from apps.notifications.services.mime import ReadyMail
from tests.digests import as_sent
from tests.mails import read, whole

HEADERS = {"Message-ID": "<1.2@example.org>", "Auto-Submitted": "auto-generated"}
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=400)
SUBJECTS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=200)


def made(kind: type[EmailMultiAlternatives], subject: str, body: str, html: str) -> EmailMultiAlternatives:
    mail = kind(subject, body, "Zoë <team@example.org>", ["jo@example.org"], headers=dict(HEADERS))
    mail.attach_alternative(html, "text/html")
    return mail


def lines(text: str) -> list[str]:
    """What a mail keeps of a text: the ends of lines are CRLF on the wire, whatever they were."""
    return text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n").split("\n")


@given(subject=SUBJECTS, body=TEXTS, html=TEXTS)
@example(subject="Hello", body=".\n..\nFrom me\n-- \n", html="<p>=_</p>\n" + "x" * 3_000)
@example(subject="ß" * 150, body="日本語\n" * 50, html="🌊" * 300)
@example(subject="a " * 70, body="--=_\r\n\r\nContent-Type: text/x\r\n", html="\ttab \r\n ")
def test_it_reads_as_what_django_writes(subject: str, body: str, html: str) -> None:
    ours, theirs = (read(made(kind, subject, body, html)) for kind in (ReadyMail, EmailMultiAlternatives))
    assert sorted(set(ours.keys()) - {"Content-Type"}) == sorted(set(theirs.keys()) - {"Content-Type"})
    for name in ("From", "To", "Subject", "Message-ID", "Auto-Submitted", "MIME-Version"):
        assert str(ours[name]).split() == str(theirs[name]).split(), name
    assert ours.get_content_type() == "multipart/alternative"
    parts = list(ours.iter_parts())
    assert [part.get_content_type() for part in parts] == ["text/plain", "text/html"]
    assert [lines(part.get_content()) for part in parts] == [lines(body), lines(html)]
    assert not any(part.defects for part in [ours, *parts])


@given(subject=SUBJECTS, body=TEXTS, html=TEXTS)
@example(subject="Hello", body="x" * 3_000, html="")
def test_it_is_ascii_in_short_lines(subject: str, body: str, html: str) -> None:
    wire = as_sent(made(ReadyMail, subject, body, html))
    assert wire.isascii()
    assert all(len(line) <= 998 and b"\r" not in line and b"\n" not in line for line in wire.split(b"\r\n"))
    assert wire.endswith(b"--\r\n")
    text = message_from_bytes(wire, policy=policy.default)
    assert text["To"] == "jo@example.org"


def test_scripts_of_many_bytes_stay_small() -> None:
    japanese, german = "日本語" * 500, "Grüß Gott, liebe Leute. " * 100
    mail = made(ReadyMail, "Hello", japanese, german)
    text, html = read(mail).iter_parts()
    assert (text["Content-Transfer-Encoding"], html["Content-Transfer-Encoding"]) == ("base64", "quoted-printable")
    assert len(mail.message().as_bytes()) < 1.6 * len((japanese + german).encode())


@pytest.mark.parametrize(
    ("name", "value"), [("Subject", "a\nBcc: eve@example.org"), ("X-Kind", "a\r\nBcc: eve@example.org")]
)
def test_no_line_break_gets_into_a_header(name: str, value: str) -> None:
    mail = ReadyMail(value if name == "Subject" else "Hello", "Text", "a@example.org", ["b@example.org"])
    mail.extra_headers[name] = value
    with pytest.raises(ValueError, match="newlines"):
        mail.message()


@pytest.mark.parametrize("to", ["jo@example.org\r\nBcc: eve@example.org", "jo@example.org\nRCPT TO:<eve@example.org>"])
def test_no_line_break_gets_into_the_address(to: str) -> None:
    with pytest.raises(ValueError, match="newlines"):
        ReadyMail("Hello", "Text", "a@example.org", [to]).message()


def test_addresses_and_long_headers_are_written_as_servers_want_them() -> None:
    mail = ReadyMail("Hello", "Text", "Zoë <zoë@exämple.org>", ["jo@exämple.org"])
    mail.extra_headers["List-Unsubscribe"] = f"<https://example.org/{'x' * 300}>"
    assert "jo@xn--exmple-cua.org" in whole(mail)
    wire = mail.message().as_bytes(linesep="\r\n")
    assert b"List-Unsubscribe:\r\n <https://example.org/xxx" in wire
    assert read(mail)["List-Unsubscribe"].strip() == f"<https://example.org/{'x' * 300}>"
