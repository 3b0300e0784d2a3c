"""Reading a mail server's notification: what it says, what its codes mean, and that no content does any harm."""

import base64
import smtplib
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.notifications.services.bounce_reports import LARGEST, Bounce, read_bounce
from apps.notifications.services.faults import Fault, fault_of, fault_of_refusal
from tests.bounces import report
from tests.counts import times

BOB = frozenset({"bob@example.org"})


@pytest.mark.parametrize("kind", ["text/rfc822-headers", "message/rfc822", "message/global-headers"])
def test_notification_says_which_mail_whose_and_why(kind: str) -> None:
    found = read_bounce(report("<a@b>", kind=kind))
    assert found == Bounce("<a@b>", "550 5.1.1 <bob@example.org> No such user here", BOB, Fault.FOR_GOOD)


def test_forwarded_mail_is_known_by_whom_it_was_written_to() -> None:
    found = read_bounce(report("<a@b>", to="Bob@Example.org", final="<bob@elsewhere.example>"))
    assert found is not None
    assert found.addresses == {"bob@example.org", "bob@elsewhere.example"}


@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed", "expanded", ""])
def test_delays_and_successes_are_no_bounces(action: str) -> None:
    assert read_bounce(report("<a@b>", action=action)) is None


def test_lines_may_end_as_in_smtp() -> None:
    assert read_bounce(report("<a@b>").replace(b"\n", b"\r\n")) == read_bounce(report("<a@b>"))


def test_encoded_parts_are_read() -> None:
    plain = b"From: us@example.org\nTo: Bob <bob@example.org>\nMessage-ID: <a@b>\nSubject: Your day\n"
    kind = b"Content-Type: text/rfc822-headers\n"
    encoded = kind + b"Content-Transfer-Encoding: base64\n\n" + base64.encodebytes(plain)
    found = read_bounce(report("<a@b>").replace(kind + b"\n" + plain, encoded))
    assert found is not None
    assert (found.message_id, found.addresses) == ("<a@b>", BOB)


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ("5.1.1", Fault.FOR_GOOD),
        ("5.1.2", Fault.FOR_GOOD),
        ("5.1.10 (null MX)", Fault.FOR_GOOD),
        ("5.2.1", Fault.FOR_GOOD),
        ("5.01.001", Fault.FOR_GOOD),
        ("5.2.2", Fault.PERHAPS),
        ("4.4.7", Fault.PERHAPS),
        ("4.1.1", Fault.PERHAPS),
        ("5.6.0", Fault.PERHAPS),
        ("5.7.1", Fault.PERHAPS),
        ("5.1.100", Fault.PERHAPS),
        ("5.1.8", Fault.NONE),
        ("5.7.26", Fault.NONE),
        ("2.1.5", Fault.NONE),
        ("", Fault.PERHAPS),
        ("no code, but 5.1.1.7 and 15.1.1", Fault.PERHAPS),
    ],
)
def test_status_says_what_is_wrong_with_the_address(said: str, fault: Fault) -> None:
    assert fault_of(said) == fault


def test_a_status_that_says_nothing_leaves_it_to_what_the_server_said() -> None:
    assert fault_of("5.0.0", "550 5.1.1 unknown") == Fault.FOR_GOOD
    assert fault_of("5.2.2", "550 5.1.1 unknown") == Fault.PERHAPS


@pytest.mark.parametrize(
    ("code", "text", "fault"),
    [
        (550, b"no such mailbox", Fault.FOR_GOOD),
        (550, b"5.1.1 no such mailbox", Fault.FOR_GOOD),
        (550, b"5.7.1 not from you", Fault.PERHAPS),
        (552, b"mailbox full", Fault.PERHAPS),
        (550, b"5.1.8 sender's domain unknown", Fault.NONE),
        (450, b"later", Fault.NONE),
        (550, "\udcff no such mailbox", Fault.FOR_GOOD),
    ],
)
def test_refusals_say_it_too(code: int, text: bytes, fault: Fault) -> None:
    assert fault_of_refusal(smtplib.SMTPRecipientsRefused({"bob@example.org": (code, text)})) == fault


# ---- whatever arrives -------------------------------------------------------------------------------------------

NOTICE = report("<a@b>")
HEAD = b"Content-Type: multipart/report; boundary=b\n\n"


def nested(levels: int) -> bytes:
    """Parts within parts within parts."""
    heads = (f'--{n}\nContent-Type: multipart/mixed; boundary="{n + 1}"\n\n' for n in range(levels))
    return b'Content-Type: multipart/report; boundary="0"\n\n' + "".join(heads).encode()


BOMBS = {
    "nothing": b"",
    "nested": nested(20_000),
    "nested in one another": HEAD + b"--b\nContent-Type: message/rfc822\n\n" * 20_000,
    "many parts": HEAD + b"--b\n\nx\n" * 150_000,
    "many blocks": HEAD + b"--b\nContent-Type: message/delivery-status\n\n" + b"Action: delayed\n\n" * 60_000,
    "many heads": b"X: y\n" * 200_000,
    "one long head": b"Content-Type: multipart/report; boundary=" + b"b" * LARGEST,
    "quotes and semicolons": b'Content-Type: multipart/report; x="' + b";" * LARGEST,
    "parameters": b"Content-Type: multipart/report; " + b"boundary*0*=x; boundary*1=y;" * 30_000,
    "comments": report("<a@b>", to="(" * 100_000),
    "addresses": report("<a@b>", to="a@b, " * 100_000),
    "no addresses": report("<a@b>", to="a" * 200_000),
    "folded": b"Content-Type: multipart/report;\n" + b" x=y;\n" * 150_000,
    "blank": b"\n" * LARGEST,
    "spaces": HEAD + b"--b\nContent-Type: message/delivery-status\n\n" + b"\n \t" * 300_000,
    "nuls": b"\0" * LARGEST + NOTICE,
    "bad base64": NOTICE.replace(b"delivery-status\n\n", b"delivery-status\nContent-Transfer-Encoding: base64\n\n"),
    "bad charset": NOTICE.replace(b"boundary=", b"boundary*=nowhere'x'"),
    "far too large": NOTICE.replace(b"I could", b"x" * 5 * LARGEST),
}


@pytest.mark.parametrize("name", BOMBS)
def test_hostile_content_costs_little_and_raises_nothing(name: str) -> None:
    """What took quadratic time would never come to an end here."""
    tracemalloc.start()
    try:
        assert isinstance(read_bounce(BOMBS[name]), Bounce | None)
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 40 * LARGEST


PIECES = st.one_of(
    st.binary(max_size=40),
    st.sampled_from([b"\n", b"\r\n", b"\n\n", b"--b", b"--", b"\0", b":", b";", b'"', b"=?utf-8?q?=FF?=", b"\xff\xfe"]),
    st.sampled_from([b"boundary*0*=nowhere'", b"boundary*x=1", b"Content-Type: ", b"message/rfc822", b"Status: 5.1.1"]),
)


@settings(max_examples=times(2000), deadline=None)
@given(st.lists(PIECES, max_size=12), st.integers(0, len(NOTICE)), st.integers(0, 60))
def test_a_notification_with_anything_in_it_is_read_or_left(pieces: list[bytes], at: int, gone: int) -> None:
    content = NOTICE[:at] + b"".join(pieces) + NOTICE[at + gone :]
    assert isinstance(read_bounce(content), Bounce | None)


@settings(max_examples=times(1000), deadline=None)
@given(st.binary(max_size=600))
def test_anything_may_arrive(content: bytes) -> None:
    assert isinstance(read_bounce(content), Bounce | None)
    assert isinstance(read_bounce(HEAD + b"--b\n" + content), Bounce | None)
