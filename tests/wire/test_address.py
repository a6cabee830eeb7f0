"""Addresses: what is read, what is refused, and that nobody listens to the world without keys."""

from __future__ import annotations

import pytest
from stylebridge.errors import InputError
from stylebridge.wire import Collector, Sender
from stylebridge.wire.address import Address, check_open, is_loopback, parse_address
from stylebridge.wire.layout import DEFAULT_PORT


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("tcp://127.0.0.1:5571", "127.0.0.1", 5571),
        ("zmq://127.0.0.1:5571", "127.0.0.1", 5571),
        ("127.0.0.1:5571/", "127.0.0.1", 5571),
        ("  localhost:1  ", "localhost", 1),
        ("127.0.0.1", "127.0.0.1", DEFAULT_PORT),
        (":5571", "127.0.0.1", 5571),
        ("5571", "127.0.0.1", 5571),
        ("", "127.0.0.1", DEFAULT_PORT),
        ("zmq://", "127.0.0.1", DEFAULT_PORT),
        ("127.0.0.1:*", "127.0.0.1", 0),
        ("*:80", "0.0.0.0", 80),  # noqa: S104 - read, not bound
        ("[::1]:5571", "::1", 5571),
        ("[fe80::1%eth0]", "fe80::1%eth0", DEFAULT_PORT),
        ("game-pc.lan:65535", "game-pc.lan", 65535),
    ],
)
def test_every_short_form_is_read(text: str, host: str, port: int) -> None:
    assert parse_address(text) == Address(host, port)


@pytest.mark.parametrize(
    "text",
    [
        *("udp://127.0.0.1:1", "127.0.0.1:65536", "127.0.0.1:123456", "127.0.0.1:port", "127.0.0.1:-1"),
        *("a b:1", "a/b:1", "::1:5571", "[::1", "99999", "9" * 5000, "tcp://tcp://a:1"),
    ],
)
def test_anything_else_is_refused_with_the_form_that_is_expected(text: str) -> None:
    with pytest.raises(InputError, match=r"address .*expected HOST:PORT such as tcp://127.0.0.1:5570"):
        parse_address(text)


@pytest.mark.parametrize(
    ("address", "endpoint"),
    [
        (Address("127.0.0.1", 0), "tcp://127.0.0.1:*"),
        (Address("::1", 9), "tcp://[::1]:9"),
        (Address("a", 9), "tcp://a:9"),
    ],
)
def test_the_endpoint_is_what_zeromq_takes(address: Address, endpoint: str) -> None:
    assert address.endpoint == str(address) == endpoint


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "::1", "localhost"])
def test_these_hosts_are_loopback(host: str) -> None:
    assert is_loopback(host)
    check_open(Address(host, 1), keys=False)


@pytest.mark.parametrize(
    "host",
    ["0.0.0.0", "192.168.1.2", "::", "example.com", "localhost.evil.com", "127.1", "127.0.0.1;1.2.3.4", "", "eth0"],  # noqa: S104
)
def test_every_other_host_needs_keys(host: str) -> None:
    assert not is_loopback(host)
    check_open(Address(host, 1), keys=True)
    with pytest.raises(InputError, match=r"no keys; expected a loopback address, or keys\. Make keys with"):
        check_open(Address(host, 1), keys=False)


@pytest.mark.parametrize("bind", ["*:0", "0.0.0.0:0", "192.0.2.1:1"])
def test_neither_side_leaves_this_machine_without_keys(bind: str) -> None:
    with pytest.raises(InputError, match="can be reached from outside and there are no keys"):
        Collector(bind)
    with pytest.raises(InputError, match="can be reached from outside and there are no keys"):
        Sender(bind)


@pytest.mark.parametrize("bind", ["localhost:0", "127.0.0.1:*", ":0"])
def test_a_collector_says_which_port_it_got(bind: str) -> None:
    with Collector(bind) as collector:
        assert parse_address(collector.address).port > 0
        assert parse_address(collector.address).loopback


def test_a_port_that_is_taken_is_named_with_what_to_do() -> None:
    with Collector("127.0.0.1:*") as first, pytest.raises(InputError, match=r"can't listen: .*choose another port"):
        Collector(first.address)
