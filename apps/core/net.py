"""Requests to addresses that somebody else chose, without letting them choose ours.

The name is resolved once; every address it has must be public; the connection goes to the very address that was
checked, so that a second answer of the name server (DNS rebinding) changes nothing. Redirects are not followed.
Source: OWASP, "Server-Side Request Forgery Prevention Cheat Sheet".
"""

import ipaddress
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

import urllib3
from django.conf import settings
from django.utils.translation import gettext as _
from urllib3.exceptions import HTTPError

CONNECT_SECONDS = 5.0
READ_SECONDS = 10.0
ANSWER_MAX = 2_000
FIRST_PRINTABLE = " "

# Public by their number, but doors into networks that are not: NAT64, 6to4 and Teredo carry an IPv4 address inside.
_TRANSLATED = tuple(ipaddress.ip_network(each) for each in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32"))

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class ForbiddenAddressError(ValueError):
    """The address leads to a place that is not public, or is none at all."""


@dataclass(frozen=True)
class Answer:
    """What came back: the status and the beginning of the body."""

    status: int
    text: str


def check_url(url: str) -> SplitResult:
    """The parts of a plain http(s) address with a host and no user. Raises ForbiddenAddressError."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ForbiddenAddressError(_("This is not an address.")) from error
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username or parts.password or port == 0:
        raise ForbiddenAddressError(_("Give an address that begins with https://."))
    if any(character.isspace() or character < FIRST_PRINTABLE for character in url):
        raise ForbiddenAddressError(_("This is not an address."))
    return parts


def is_public(address: Address) -> bool:
    """Whether an address belongs to the open internet. Loopback, private, link-local and metadata addresses do not."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if any(address in network for network in _TRANSLATED) or address.scope_id:
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def allowed_addresses(host: str, port: int) -> list[str]:
    """The addresses of a host, all of them public or listed by the administrator (WEBHOOK_ALLOW: hosts, networks).

    Raises ForbiddenAddressError where any is not, or the name is unknown.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise ForbiddenAddressError(_("There is no such host.")) from error
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    for text in addresses:
        address = ipaddress.ip_address(text)
        if not is_public(address) and not _is_listed(host, address, settings.WEBHOOK_ALLOW):
            raise ForbiddenAddressError(_("This address is not public."))
    return addresses


def _is_listed(host: str, address: Address, listed: Sequence[str]) -> bool:
    for entry in listed:
        if entry.lower() == host.lower():
            return True
        try:
            if address in ipaddress.ip_network(entry, strict=False):
                return True
        except ValueError:
            continue
    return False


def post(url: str, body: bytes, headers: dict[str, str]) -> Answer:
    """Send a POST to a checked address. Raises ForbiddenAddressError, or OSError where nobody answered in time.

    The whole exchange is bounded in time and in what is read.
    """
    parts = check_url(url)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    address = allowed_addresses(host, port)[0]
    timeout = urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS, total=CONNECT_SECONDS + READ_SECONDS)
    pool: urllib3.HTTPConnectionPool
    if parts.scheme == "https":
        pool = urllib3.HTTPSConnectionPool(address, port, server_hostname=host, assert_hostname=host, timeout=timeout)
    else:
        pool = urllib3.HTTPConnectionPool(address, port, timeout=timeout)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        with pool:
            response = pool.request(
                "POST", target, body=body, headers={**headers, "Host": _host_header(parts)},
                redirect=False, retries=False, preload_content=False, assert_same_host=False,
            )  # fmt: skip
            text = response.read(ANSWER_MAX, decode_content=False).decode("utf-8", "replace")
            status = response.status
            response.close()
    except (HTTPError, OSError, ValueError) as error:
        raise OSError(f"{type(error).__name__}: {error}"[:500]) from error
    return Answer(status, text)


def _host_header(parts: SplitResult) -> str:
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    return f"{host}:{parts.port}" if parts.port else host
