"""What a mail server's no says of the address: nothing, perhaps something, or that it does not work.

By the enhanced status codes of RFC 3463 and their register at IANA. Large senders draw the same line between “hard”
and “soft” bounces: a mailbox that does not exist stays so, one that is full, or a content that was refused, may not.
"""

import re
import smtplib
from enum import IntEnum

ENHANCED = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?!\.?\d)", re.ASCII)
FOR_GOOD = {"1.1", "1.2", "1.3", "1.6", "1.10", "2.1"}
"""Under 5: no such mailbox, no such domain, no address at all, moved away (RFC 3463, section 3.2), a domain that takes
no mail (RFC 7505; Exchange says it of unknown people), a mailbox that was closed (RFC 3463, section 3.3)."""
OF_SENDER = {"1.5", "1.7", "1.8"} | {f"7.{detail}" for detail in range(20, 28)}
"""Of our own address or domain (RFC 3463, section 3.2; RFC 7372; RFC 7505, section 4.2): no reader can mend that."""
NO_MAILBOX = {550, 551, 553}
"""Answers to RCPT where no enhanced code says more: no such mailbox, not here, no name for one (RFC 5321, 4.2.3)."""


class Fault(IntEnum):
    """What it says of the address."""

    NONE = 0
    PERHAPS = 1
    FOR_GOOD = 2


def fault_of(*said: str) -> Fault:
    """The fault that a failure for good tells of; the first text whose code says more than “something” counts."""
    codes = [found for text in said for found in ENHANCED.findall(text)]
    precise = next((code for code in codes if code[1:] != ("0", "0")), None)
    if precise is None:
        return Fault.PERHAPS
    kind, detail = precise[0], f"{int(precise[1])}.{int(precise[2])}"
    if kind == "2" or detail in OF_SENDER:
        return Fault.NONE
    return Fault.FOR_GOOD if kind == "5" and detail in FOR_GOOD else Fault.PERHAPS


def fault_of_refusal(error: smtplib.SMTPRecipientsRefused) -> Fault:
    """The fault that a refused recipient tells of; a 4xx tells of none."""
    faults = [_of_answer(code, text) for code, text in error.recipients.values()]
    return max(faults, default=Fault.NONE)


def _of_answer(code: int, text: bytes | str) -> Fault:
    said = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    if code < 500:  # noqa: PLR2004 - RFC 5321, section 4.2.1
        return Fault.NONE
    return Fault.FOR_GOOD if code in NO_MAILBOX and not ENHANCED.search(said) else fault_of(said)
