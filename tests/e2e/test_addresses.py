# SPDX-License-Identifier: MIT
"""Names of several addresses: one that keeps silent, or refuses, costs little
where another answers (RFC 8305)."""

from __future__ import annotations

import concurrent.futures
import os
import socket
import time

import pytest

from forwardproxy import HttpProxy
from hanging import many
from harness import either, free_port, static

CARRIERS = pytest.mark.parametrize("carrier", ("auto", "libcurl"))
FAST = either(2, 8)


class Silent:
    """Addresses that swallow connections: nobody accepts, and the queue is
    full."""

    def __init__(self, port: int, *addresses: str):
        self.held: list[socket.socket] = []
        for address in addresses:
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            listener = socket.socket(family)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((address, port))
            listener.listen(0)
            self.held.append(listener)
            self.fill(family, address, port)

    def fill(self, family: int, address: str, port: int) -> None:
        for _ in range(10):
            one = socket.socket(family)
            one.settimeout(0.3)
            self.held.append(one)
            try:
                one.connect((address, port))
            except TimeoutError:
                return
        raise AssertionError(f"{address} goes on taking connections")

    def stop(self) -> None:
        for one in self.held:
            one.close()


@pytest.fixture
def silent():
    made = []

    def make(*arguments):
        made.append(Silent(*arguments))

    yield make
    for one in made:
        one.stop()


def url(port: int, *addresses: str) -> str:
    return f"http://{many(*addresses)}:{port}"


def service(port: int, *addresses: str, **keys) -> dict:
    return static(url(port, *addresses), match=None, allow_plain_upstream="yes", **keys)


def descriptors(proxy) -> int:
    return len(os.listdir(f"/proc/{proxy.pid}/fd"))


def timed(proxy, target: str):
    began = time.monotonic()
    reply = proxy.get(target)
    return reply, time.monotonic() - began


@CARRIERS
def test_silent_addresses_come_first(bearerd, upstream, silent, names, carrier):
    server = upstream()
    quiet = ("127.0.0.2", "127.0.0.3", "::1")
    silent(server.port, *quiet)
    proxy = bearerd({
        "one": service(server.port, quiet[0], "127.0.0.1", carrier=carrier),
        "two": service(server.port, *quiet[:2], "127.0.0.1", carrier=carrier),
        "six": service(server.port, quiet[2], "127.0.0.1", carrier=carrier),
        "all": service(server.port, *quiet, "127.0.0.1", carrier=carrier)},
        env=names.env)
    for name in ("one", "two", "six", "all"):
        reply, took = timed(proxy, f"/{name}/x")
        assert reply.status == 200, reply.body
        assert took < FAST
        assert timed(proxy, f"/{name}/x")[1] < FAST
    assert proxy.post("/one/x", b"x" * 100_000).status == 200


@CARRIERS
def test_silent_in_between(bearerd, upstream, silent, names, carrier):
    """The first refuses, the second keeps silent."""
    server = upstream()
    silent(server.port, "127.0.0.3")
    proxy = bearerd({"a": service(server.port, "127.0.0.2", "127.0.0.3", "127.0.0.1",
                                  carrier=carrier)}, env=names.env)
    reply, took = timed(proxy, "/a/x")
    assert reply.status == 200 and took < FAST


@CARRIERS
def test_refused_first(bearerd, upstream, names, carrier):
    """The next one is tried at once."""
    server = upstream()
    refused = [f"127.0.0.{n}" for n in range(2, 12)]
    proxy = bearerd({"a": service(server.port, *refused, "::1", "127.0.0.1",
                                  carrier=carrier)}, env=names.env)
    reply, took = timed(proxy, "/a/x")
    assert reply.status == 200 and took < either(0.5, 3)


@CARRIERS
def test_all_silent(bearerd, silent, names, carrier):
    port = free_port()
    silent(port, "127.0.0.2", "127.0.0.3", "::1")
    proxy = bearerd({"a": service(port, "127.0.0.2", "127.0.0.3", "::1", carrier=carrier,
                                  connect_timeout="1500ms")}, env=names.env)
    reply, took = timed(proxy, "/a/x")
    assert (reply.status, reply.error) == (504, "connection_timeout"), reply.body
    assert 1.4 < took < 1.5 + FAST


@CARRIERS
def test_all_refuse(bearerd, names, carrier):
    proxy = bearerd({"a": service(free_port(), "127.0.0.2", "127.0.0.3", "::1",
                                  carrier=carrier)}, env=names.env)
    reply, took = timed(proxy, "/a/x")
    assert (reply.status, reply.error) == (502, "connection_refused"), reply.body
    assert b"refused" in reply.body
    assert took < FAST


@CARRIERS
def test_addresses_that_may_not_be_reached(bearerd, upstream, names, carrier):
    """They are passed over; where there is no other, it is said."""
    server = upstream()
    proxy = bearerd({"a": static("http://127.0.0.1:9", carrier=carrier)},
                    {"unmatched": "forward", "forward_to": "127.0.0.1/32"},
                    env=names.env)
    assert proxy.get(url(server.port, "127.0.0.2", "::1", "127.0.0.1")).status == 200
    reply = proxy.get(url(server.port, "127.0.0.2", "::1"))
    assert (reply.status, reply.error) == (502, "destination_ip_prohibited"), reply.body
    assert len(server.requests) == 1


def test_proxy_of_several_addresses(bearerd, upstream, silent, names):
    """The way to an upstream_proxy is no other."""
    server = upstream()
    via = HttpProxy()
    silent(via.port, "127.0.0.2")
    proxy = bearerd({"a": static(
        f"http://127.0.0.1:{server.port}", allow_plain_upstream="yes",
        upstream_proxy=url(via.port, "127.0.0.2", "127.0.0.1"))}, env=names.env)
    reply, took = timed(proxy, "/a/x")
    via.stop()
    assert reply.status == 200 and took < FAST
    assert len(via.asked) == 1


def test_client_that_leaves_meanwhile(bearerd, silent, names):
    """Nothing of its attempts stays behind."""
    port = free_port()
    silent(port, "127.0.0.2", "127.0.0.3")
    proxy = bearerd({"a": service(port, "127.0.0.2", "127.0.0.3", connect_timeout="1s")},
                    {"workers": 1}, env=names.env)
    assert proxy.get("/a/x").status == 504
    before = descriptors(proxy)
    for _ in range(20):
        with proxy.connect() as client:
            client.request("GET", "/a/x")
            time.sleep(0.02)
    with concurrent.futures.ThreadPoolExecutor(10) as pool:
        replies = list(pool.map(lambda _: proxy.get("/a/x"), range(10)))
    assert {r.status for r in replies} == {504}
    limit = time.monotonic() + 10
    while descriptors(proxy) > before:
        assert time.monotonic() < limit, (before, descriptors(proxy))
        time.sleep(0.1)
