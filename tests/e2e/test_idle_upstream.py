# SPDX-License-Identifier: MIT
"""Kept connections to the upstream, between two requests: what it says then is
nobody's answer, and its end fails nobody's request."""

from __future__ import annotations

import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from forwardproxy import HttpProxy, SocksProxy
from harness import Nginx, free_port, static, wait_for
from rawclient import Connection

URL = "http://api.example.test/"
CARRIERS = pytest.mark.parametrize("carrier", ("auto", "libcurl"))
LATE = b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 4\r\n\r\nlate"


@pytest.fixture(scope="module")
def impatient(tmp_path_factory, authority):
    """nginx with TLS that ends idle connections after a second."""
    port = free_port()
    certificate, key = authority.issue("127.0.0.1")
    nginx = Nginx(tmp_path_factory.mktemp("impatient"), f"""
        listen 127.0.0.1:{port} ssl;
        ssl_certificate {certificate};
        ssl_certificate_key {key};
        keepalive_timeout 1s;
        location / {{ return 200 "$connection"; }}
    """)
    yield f"https://127.0.0.1:{port}"
    nginx.stop()


@CARRIERS
def test_requests_after_the_upstreams_timeout(bearerd, impatient, authority, carrier):
    proxy = bearerd({"a": static(impatient, upstream_ca=authority.path,
                                 carrier=carrier)},
                    {"workers": 1})
    for _ in range(4):
        reply = proxy.post(URL, b"hello")
        assert reply.status == 200, reply.body
        time.sleep(1.1)


@CARRIERS
def test_many_connections_end_at_once(bearerd, upstream, authority, carrier):
    """More than libcurl tries one after the other."""
    def together(peer):
        peer.read_request()
        peer.server.wait_for_requests(20)
        peer.answer(b"ok")
        if len(peer.server.requests) == 20:
            time.sleep(0.2)
            return
        while True:
            peer.read_request()
            peer.answer(b"ok")

    server = upstream(together, tls=authority.context("127.0.0.1"))
    proxy = bearerd({"a": static(server.url, upstream_ca=authority.path,
                                 carrier=carrier)},
                    {"workers": 1})
    with ThreadPoolExecutor(20) as pool:
        replies = list(pool.map(lambda _: proxy.get(URL), range(20)))
    assert {reply.status for reply in replies} == {200}
    assert server.connections == 20
    time.sleep(0.5)
    for _ in range(6):
        reply = proxy.get(URL)
        assert reply.status == 200, reply.body
    assert server.connections == 21


# What a server may do on a connection on which no request is. A close_notify
# is TLS's own FIN; an alert, too, comes unasked.


def fin(peer) -> None:
    peer.sock.shutdown(socket.SHUT_WR)


def end(peer) -> None:
    """close_notify, or FIN."""
    if hasattr(peer.sock, "unwrap"):
        # It waits for the other side's, which is what is looked for.
        peer.sock.settimeout(1)
        peer.sock = peer.sock.unwrap()
    else:
        fin(peer)


def octet(peer) -> None:
    peer.send(b"x")


ENDS = {"fin": fin, "end": end, "octet": octet, "answer": lambda p: p.send(LATE)}


@pytest.mark.parametrize("secure", (False, True), ids=("plain", "tls"))
@pytest.mark.parametrize("what", ENDS)
@CARRIERS
def test_end_is_noticed(bearerd, upstream, authority, what, secure, carrier):
    """At once: the connection is closed, whether or not another request comes."""
    took = []

    def script(peer):
        peer.read_request()
        peer.answer(b"ok")
        time.sleep(0.2)
        began = time.monotonic()
        ENDS[what](peer)
        if peer.wait_until_closed(5):
            took.append(time.monotonic() - began)

    context = authority.context("127.0.0.1") if secure else None
    proxy = bearerd({"a": static(upstream(script, tls=context).url, carrier=carrier,
                                 upstream_ca=authority.path)}, {"workers": 1})
    assert proxy.get(URL).body == b"ok"
    wait_for(lambda: took, 8, "the connection has ended")
    assert took[0] < 1


def talkative(answer: bytes, unasked: bytes):
    """Each connection's first answer, something unasked a moment later; what
    comes then is answered in order."""
    def script(peer):
        peer.read_request()
        peer.send(answer)
        time.sleep(0.1)
        peer.send(unasked)
        while True:
            peer.read_request()
            peer.answer(b"its own")

    return script


UNASKED = {
    "408": (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", LATE),
    "whole answer": (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
                     b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nothers"),
    "rest of a 204": (b"HTTP/1.1 204 No Content\r\n\r\n", b"body"),
}


@pytest.mark.parametrize("secure", (False, True), ids=("plain", "tls"))
@pytest.mark.parametrize("case", UNASKED)
@CARRIERS
def test_unasked_answer(bearerd, upstream, authority, case, secure, carrier):
    answer, unasked = UNASKED[case]
    context = authority.context("127.0.0.1") if secure else None
    server = upstream(talkative(answer, unasked), tls=context)
    proxy = bearerd({"a": static(server.url, upstream_ca=authority.path,
                                 carrier=carrier)},
                    {"workers": 1})
    assert proxy.get(URL + "first").status in (200, 204)
    time.sleep(0.3)
    server.script = talkative(
        b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nits own", b"")
    for send in (proxy.get, lambda url: proxy.post(url, b"hello")):
        reply = send(URL + "second")
        assert (reply.status, reply.body) == (200, b"its own")
    assert server.connections == 2


def test_unasked_answer_of_any_site(bearerd, upstream):
    """unmatched = forward: between two clients of the proxy."""
    site = upstream(talkative(*UNASKED["whole answer"]), host="127.0.0.2")
    proxy = bearerd({"a": static(upstream().url)}, {
        "workers": 1, "unmatched": "forward", "forward_to": "127.0.0.0/8"})
    assert proxy.get(site.url + "/").status == 200
    time.sleep(0.3)
    site.script = talkative(
        b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nits own", b"")
    assert proxy.get(site.url + "/").body == b"its own"


@pytest.mark.parametrize("secure", (False, True), ids=("plain", "tls"))
@pytest.mark.parametrize("way", (HttpProxy, SocksProxy))
def test_behind_a_proxy(bearerd, upstream, authority, way, secure):
    """Kept over many requests, and ended when something comes unasked."""
    def late(peer):
        for n in range(4):
            peer.read_request()
            peer.answer(b"its own")
        time.sleep(0.1)
        peer.send(LATE)
        peer.wait_until_closed(5)

    if way is HttpProxy and not secure:
        # Such a proxy answers itself.
        server, between = upstream(), upstream(late)
        url = between.url
    else:
        context = authority.context("127.0.0.1") if secure else None
        server, between = upstream(late, tls=context), way()
        url = f"{'http' if way is HttpProxy else 'socks5'}://127.0.0.1:{between.port}"
    proxy = bearerd({"a": static(server.url, upstream_ca=authority.path,
                                 upstream_proxy=url)}, {"workers": 1})
    for n in range(8):
        reply = proxy.post(URL, b"x") if n % 2 else proxy.get(URL)
        assert (reply.status, reply.body) == (200, b"its own"), n
        if n == 3:
            assert between.connections == 1
            time.sleep(0.3)
    assert between.connections == 2
    between.stop()


def test_large_request_is_sent_again_whole(bearerd, upstream):
    """The connection ends behind all of it: a head near its bound, and a body."""
    body = 60_000 * b"b"

    def script(peer):
        peer.read_request()
        if peer.number == 1:
            peer.answer(b"first")
            peer.read_request()
            return
        peer.answer(b"second")

    server = upstream(script)
    proxy = bearerd({"a": static(server.url)}, {"workers": 1, "max_header_size": "1M"})
    assert proxy.get(URL).body == b"first"
    with Connection(proxy.port) as client:
        client.request("PUT", URL, body=body,
                       fields=[f"X-Large: {1_030_000 * 'h'}", "Connection: close"])
        assert client.read_to_end().endswith(b"second")
    first, again = server.requests[1:]
    assert first.head == again.head and again.body == body


@pytest.mark.parametrize("last", [1, 2])
def test_the_one_that_was_used_last_is_used_next(bearerd, upstream, last):
    """So that those that a burst opened can end."""
    gates = {1: threading.Event(), 2: threading.Event()}

    def script(peer):
        while True:
            peer.read_request()
            assert gates[peer.number].wait(20)
            peer.answer(b"%d" % peer.number)

    server = upstream(script)
    proxy = bearerd({"a": static(server.url)}, {"workers": 1})
    clients = []
    for count in (1, 2):
        clients.append(proxy.connect().request("GET", "/a/"))
        server.wait_for_requests(count)
    for number in (3 - last, last):
        gates[number].set()
        assert clients[number - 1].read_response().body == b"%d" % number
    for _ in range(3):
        assert proxy.get("/a/").body == b"%d" % last
    for client in clients:
        client.close()
