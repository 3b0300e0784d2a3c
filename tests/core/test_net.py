"""Requests to addresses that somebody else chose: none of them opens a connection into our own network."""

import ipaddress
import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from django.test import RequestFactory

from apps.core import net

# Written as hosts in many ways: loopback, private, shared, link-local, documentation, benchmark, multicast, reserved,
# metadata servers, and the forms that carry one of these inside (IANA's special-purpose registries; RFC 6890, 5735).
CLOSED = [
    # this machine, in every spelling the resolver takes
    "127.0.0.1", "127.0.0.2", "127.1", "127.0.1", "127.255.255.254", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1",
    "0177.1", "017700000001", "0x7f.0x0.0x0.0x1", "00000177.0.0.1", "127.0.0.0x1", "127.000.000.001", "localhost",
    "LOCALHOST", "0.0.0.0", "0", "0x0", "0.1.2.3", "0.255.255.255",  # noqa: S104 - it must be refused
    # private, shared and link-local
    "10.0.0.0", "10.0.0.1", "10.1", "10.255.255.255", "0xa.0.0.1", "012.0.0.1", "167772161", "172.16.0.1",
    "172.20.10.1",
    "172.31.255.254", "0xac.0x10.0.1", "2886729729", "192.168.0.1", "192.168.1", "192.168.255.255", "0xc0a80001",
    "3232235521", "0300.0250.0.1", "100.64.0.1", "100.100.100.200", "100.127.255.254", "169.254.0.1", "169.254.1",
    "169.254.169.253", "169.254.255.254",
    # metadata servers
    "169.254.169.254", "169.254.43518", "2852039166", "0xa9fea9fe", "0xa9.0xfe.0xa9.0xfe", "0251.0376.0251.0376",
    "169.254.170.2", "169.254.42.42", "192.0.0.192", "168.63.129.16", "[fd00:ec2::254]", "[fd20:ce::254]",
    "[::ffff:169.254.169.254]", "[::ffff:a9fe:a9fe]", "[::ffff:168.63.129.16]",
    # protocols, documentation, benchmarks, relays
    "192.0.0.1", "192.0.0.170", "192.0.2.1", "192.0.2.255", "198.51.100.1", "203.0.113.1", "203.0.113.255",
    "198.18.0.1",
    "198.19.255.254", "192.88.99.1",
    # multicast, reserved, broadcast
    "224.0.0.1", "224.0.0.251", "232.1.1.1", "239.255.255.250", "240.0.0.1", "250.1.2.3", "255.255.255.254",
    "255.255.255.255", "0xffffffff", "4294967295",
    # the same in IPv6
    "[::1]", "[0:0:0:0:0:0:0:1]", "[0000:0000:0000:0000:0000:0000:0000:0001]", "[::0.0.0.1]", "[::]", "[::2]", "[1::1]",
    "[fc00::1]", "[fd12:3456:789a::1]", "[fdff:ffff::1]", "[fe80::1]", "[fe80::1%25lo]", "[febf::1]", "[fec0::1]",
    "[feff::1]", "[ff00::1]", "[ff01::1]", "[ff02::1]", "[ff02::fb]", "[ff05::1:3]", "[ff0e::1]", "[100::1]",
    "[100:0:0:1::1]", "[2001:db8::1]", "[3fff::1]", "[3fff:fff::1]", "[5f00::1]", "[4000::1]", "[a000::1]",
    "[2001:2::1]", "[2001:10::1]", "[2001:20::1]", "[2001::1]",
    # addresses of the fourth version inside those of the sixth
    "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::ffff:0.0.0.0]", "[::ffff:10.0.0.1]", "[::ffff:a00:1]",
    "[::ffff:172.16.0.1]", "[::ffff:192.168.0.1]", "[::ffff:100.64.0.1]", "[::ffff:224.0.0.1]", "[::127.0.0.1]",
    "[::7f00:1]", "[::10.0.0.1]", "[::ffff:0:7f00:1]", "[::ffff:0:127.0.0.1]", "[64:ff9b::7f00:1]",
    "[64:ff9b::127.0.0.1]",
    "[64:ff9b::a9fe:a9fe]", "[64:ff9b::a00:1]", "[64:ff9b:1::a00:1]", "[64:ff9b:1:ffff::1]", "[2002:7f00:1::]",
    "[2002:a00:1::1]", "[2002:c0a8:1::1]", "[2002:a9fe:a9fe::1]", "[2001:0:7f00:1::]",
    "[2001:0:4136:e378:8000:63bf:80ff:fffe]", "[2002:ac10:1::1]", "[2002:6440:1::1]", "[64:ff9b::c0a8:1]",
    "[64:ff9b::6440:1]",
    "[::ffff:198.18.0.1]", "[::ffff:240.0.0.1]", "[::ffff:255.255.255.255]", "[::192.168.0.1]", "[::169.254.169.254]",
]  # fmt: skip
OPEN = [
    "93.184.215.14",
    "8.8.8.8",
    "1.1.1.1",
    "172.15.0.1",
    "172.32.0.1",
    "100.128.0.1",
    "[2606:4700::1111]",
    "[2a00:1450::1]",
]


class Connections:
    """What is connected to, at the socket."""

    def __init__(self) -> None:
        self.made: list[str] = []

    def connect(self, _socket: Any, address: Any) -> None:
        """Instead of socket.connect."""
        self.made.append(str(address[0]))
        raise OSError("no network here")


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Connections:
    """Nothing is listed by the administrator, and every connection is noted."""
    settings.WEBHOOK_ALLOW = []
    found = Connections()

    class Watched(socket.socket):
        def connect(self, address: Any) -> None:
            found.connect(self, address)

    monkeypatch.setattr(socket, "socket", Watched)
    return found


def answers(monkeypatch: pytest.MonkeyPatch, *each_time: list[str]) -> list[str]:
    """A name server that gives these addresses, the last ones ever after; the names it was asked for."""
    asked: list[str] = []

    def resolve(host: str, port: int, *_rest: Any, **_more: Any) -> list[Any]:
        asked.append(host)
        found = each_time[min(len(asked), len(each_time)) - 1]
        return [(socket.AF_INET6 if ":" in each else socket.AF_INET, 1, 6, "", (each, port)) for each in found]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return asked


def test_the_list_is_long() -> None:
    assert len(set(CLOSED)) >= 150


@pytest.mark.parametrize("host", CLOSED)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_closed_addresses_are_never_connected_to(connections: Connections, host: str, scheme: str) -> None:
    with pytest.raises(net.ForbiddenAddressError):
        net.post(f"{scheme}://{host}/latest/meta-data/", b"{}", {})
    assert connections.made == []


@pytest.mark.parametrize("host", OPEN)
def test_public_addresses_are(connections: Connections, host: str) -> None:
    with pytest.raises(OSError, match="no network here"):
        net.post(f"http://{host}/", b"{}", {})
    assert connections.made == [host.strip("[]")]


def numeric(host: str) -> str | None:
    """The address a closed host is, as a name server would give it; None for spellings and names."""
    try:
        return str(ipaddress.ip_address(host.strip("[]")))
    except ValueError:
        return None


ADDRESSES = sorted({address for host in CLOSED if (address := numeric(host))})


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_name_that_leads_there_is_refused(
    connections: Connections, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    for found in ([address], ["93.184.215.14", address], [address, "93.184.215.14"]):
        answers(monkeypatch, found)
        with pytest.raises(net.ForbiddenAddressError):
            net.post("https://innocent.example.org/", b"{}", {})
    assert connections.made == []


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_name_that_leads_there_only_when_asked_again_gains_nothing(
    connections: Connections, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    """The connection goes to the address that was checked: nobody asks again."""
    asked = answers(monkeypatch, ["93.184.215.14"], [address])
    real = socket.getaddrinfo

    def once_by_name(host: str, *rest: Any, **more: Any) -> Any:
        return real(host, *rest, **more) if host == "rebind.example.org" else [(2, 1, 6, "", (host, rest[0]))]

    monkeypatch.setattr(socket, "getaddrinfo", once_by_name)
    with pytest.raises(OSError, match="no network here"):
        net.post("http://rebind.example.org/", b"{}", {})
    assert connections.made == ["93.184.215.14"]
    assert asked == ["rebind.example.org"]


class Redirecting(BaseHTTPRequestHandler):
    """Sends everybody on."""

    to: str = ""
    status: int = 302

    def do_POST(self) -> None:
        """A redirect."""
        self.send_response(self.status)
        self.send_header("Location", self.to)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name in the standard library
        """Quiet."""


@pytest.fixture
def redirecting(settings: Any) -> Iterator[HTTPServer]:
    """A server that the administrator listed, and that redirects."""
    settings.WEBHOOK_ALLOW = ["127.0.0.1"]
    server = HTTPServer(("127.0.0.1", 0), Redirecting)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


def test_a_redirect_is_an_answer_and_no_way(redirecting: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even to an address that is listed: whatever it says, there is one connection."""
    with closing(socket.create_server(("127.0.0.1", 0))) as other:
        other.settimeout(0)
        places = [f"http://127.0.0.1:{other.getsockname()[1]}/", *(f"http://{host}/" for host in CLOSED[::10])]
        for status in (301, 302, 303, 307, 308):
            for place in places:
                monkeypatch.setattr(Redirecting, "to", place)
                monkeypatch.setattr(Redirecting, "status", status)
                answer = net.post(f"http://127.0.0.1:{redirecting.server_port}/", b"{}", {})
                assert answer.status == status
        with pytest.raises(BlockingIOError):
            other.accept()


def test_what_is_read_is_bounded(redirecting: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer without an end is not read to it."""

    def endless(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        for _number in range(64):
            try:
                handler.wfile.write(b"x" * 65_536)
            except OSError:
                return

    monkeypatch.setattr(Redirecting, "do_POST", endless)
    assert len(net.post(f"http://127.0.0.1:{redirecting.server_port}/", b"{}", {}).text) == net.ANSWER_MAX


@pytest.mark.parametrize(
    ("listed", "host", "allowed"),
    [
        (["10.0.0.0/8"], "10.1.2.3", True),
        (["10.0.0.0/8"], "192.168.0.1", False),
        (["10.1.2.3"], "10.1.2.3", True),
        (["10.1.2.3"], "10.1.2.4", False),
        (["localhost"], "LOCALHOST", True),
        (["fd00::/8"], "fd12::1", True),
        (["no network", "10.0.0.0/8"], "10.0.0.1", True),
    ],
)
def test_the_administrator_opens_hosts_and_networks(settings: Any, listed: list[str], host: str, allowed: bool) -> None:
    settings.WEBHOOK_ALLOW = listed
    if allowed:
        assert net.allowed_addresses(host, 80)
    else:
        with pytest.raises(net.ForbiddenAddressError):
            net.allowed_addresses(host, 80)


@pytest.mark.parametrize(
    ("hops", "forwarded", "connection", "address"),
    [
        (0, "203.0.113.9", "198.51.100.1", "198.51.100.1"),  # nobody stands in front: the header is anybody's word
        (1, "203.0.113.9", "172.18.0.2", "203.0.113.9"),
        (1, "6.6.6.6, 203.0.113.9", "172.18.0.2", "203.0.113.9"),  # what the caller wrote before the proxy's entry
        (2, "6.6.6.6, 203.0.113.9, 10.0.0.1", "172.18.0.2", "203.0.113.9"),
        (2, "203.0.113.9", "172.18.0.2", "172.18.0.2"),  # it did not pass them all
        (1, "", "172.18.0.2", "172.18.0.2"),
        (1, "x" * 100_000, "172.18.0.2", "172.18.0.2"),
        (1, "2001:db8:1:2:3:4:5:6", "172.18.0.2", "2001:db8:1:2::"),
        (0, "", "::ffff:198.51.100.1", "198.51.100.1"),
        (0, "", "", ""),
    ],
)
def test_only_the_named_proxies_are_believed(
    settings: Any, rf: RequestFactory, hops: int, forwarded: str, connection: str, address: str
) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = hops
    request = rf.get("/", headers={"X-Forwarded-For": forwarded}, REMOTE_ADDR=connection)
    assert net.client_address(request) == address
