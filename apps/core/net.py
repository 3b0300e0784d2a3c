"""Who asks us, and requests to addresses that somebody else chose, without letting them choose ours.

The name is resolved once; every address it has must be public; the connection goes to the very address that was
checked, so that a second answer of the name server (DNS rebinding) changes nothing. Redirects are not followed.
Source: OWASP, "Server-Side Request Forgery Prevention Cheat Sheet".
"""

import ipaddress
import socket
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPException
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

CONNECT_SECONDS = 5.0
EXCHANGE_SECONDS = 10.0
ANSWER_MAX = 2_000
FIRST_PRINTABLE = " "

# Public by their number, but doors into networks that are not: NAT64, 6to4 (and its relays) and Teredo carry an IPv4
# address inside; 3fff::/20 is for documentation (RFC 9637); 192.0.0.192 and 168.63.129.16 are the metadata servers of
# Oracle's and Azure's machines.
_CLOSED = tuple(
    ipaddress.ip_network(each)
    for each in (
        "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "3fff::/20", "192.0.0.0/24", "192.88.99.0/24",
        "168.63.129.16/32",
    )
)  # fmt: skip
_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")  # RFC 4291: what IANA gives out; the rest of IPv6 is reserved

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


IPV6_SITE = 64  # RFC 6177: one site has at least a /64, so its addresses are one caller


class ForbiddenAddressError(ValueError):
    """The address leads to a place that is not public, or is none at all."""


@dataclass(frozen=True)
class HttpAnswer:
    """What came back: the status and the beginning of the body."""

    status: int
    text: str


def client_address(request: HttpRequest) -> str:
    """The address of who asks, in its one canonical form: the key of every limit for those who are not signed in.

    Only the proxies that the settings name are believed (BEHIND_PROXY, TRUSTED_PROXIES): the last entries of
    X-Forwarded-For are theirs, whatever stands before may be forged. A request that did not pass them, or that names no
    address there, counts by its connection. Of an IPv6 address only the network counts, since one machine has them all.
    """
    forwarded = request.headers.get("X-Forwarded-For", "").split(",")
    hops = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    candidates = [forwarded[-hops]] if 0 < hops <= len(forwarded) else []
    for text in (*candidates, request.META.get("REMOTE_ADDR", "")):
        try:
            address = ipaddress.ip_address(text.strip())
        except ValueError:
            continue
        if isinstance(address, ipaddress.IPv6Address):
            if address.ipv4_mapped is not None:
                return str(address.ipv4_mapped)
            return str(ipaddress.ip_network((address, IPV6_SITE), strict=False).network_address)
        return str(address)
    return ""


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
        if address not in _GLOBAL_UNICAST or address.scope_id:
            return False
    if any(address in network for network in _CLOSED):
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


def post(url: str, body: bytes, headers: dict[str, str]) -> HttpAnswer:
    """Send a POST to a checked address. Raises ForbiddenAddressError, or OSError where nobody answered in time.

    The whole exchange is bounded in time, also against a server that answers in drips, and in what is read.
    """
    parts = check_url(url)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    asked = time.monotonic()
    address = allowed_addresses(host, port)[0]
    if time.monotonic() - asked > CONNECT_SECONDS:
        raise TimeoutError(_("The name server took too long."))
    connection: HTTPConnection
    if parts.scheme == "https":
        connection = HTTPSConnection(
            address,
            port,
            timeout=CONNECT_SECONDS,
            server_hostname=host,
            assert_hostname=host,
            cert_reqs="CERT_REQUIRED",
        )
    else:
        connection = HTTPConnection(address, port, timeout=CONNECT_SECONDS)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        return _exchange(connection, target, body, {**headers, "Host": _host_header(parts)})
    except (HTTPError, HTTPException, OSError, ValueError) as error:
        raise OSError(f"{type(error).__name__}: {error}"[:500]) from error
    finally:
        connection.close()


def _exchange(connection: HTTPConnection, target: str, body: bytes, headers: dict[str, str]) -> HttpAnswer:
    """One request over a new connection that is cut when its time is over: each read alone may take as long."""
    connection.connect()
    line = connection.sock
    line.settimeout(EXCHANGE_SECONDS)
    cut = threading.Timer(EXCHANGE_SECONDS, _cut, [line])
    cut.daemon = True
    cut.start()
    try:
        connection.request("POST", target, body=body, headers=headers, preload_content=False, decode_content=False)
        response = connection.getresponse()
        text = response.read(ANSWER_MAX, decode_content=False).decode("utf-8", "replace")
        return HttpAnswer(response.status, text)
    finally:
        cut.cancel()


def _cut(line: socket.socket) -> None:
    with suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)


def _host_header(parts: SplitResult) -> str:
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    return f"{host}:{parts.port}" if parts.port else host
