# SPDX-License-Identifier: MIT
"""What libmicrohttpd reads, or has no room for, before or beside us."""

from __future__ import annotations

import time

import pytest

from harness import static
from rawclient import Connection
from test_early import Quick

URL = "http://api.example.test"
POST = "POST /a/ HTTP/1.1\r\nHost: localhost\r\n"


@pytest.mark.parametrize("text", [
    "Content-Length: 5 \r\n\r\nhello",
    "Content-Length: 5\t\r\n\r\nhello",
    "Transfer-Encoding: chunked \r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    "Transfer-Encoding: chunked\t\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    "Transfer-Encoding: chunked \r\n\r\n",
    "Transfer-Encoding: chunked\r\n\r\n5 ;a=b\r\nhello\r\n0\r\n\r\n",
    "Transfer-Encoding: chunked\r\n\r\n5 \r\nhello\r\n0\r\n\r\n",
])
def test_white_space_that_the_grammar_allows(bearerd, upstream, text):
    """A 400 at once, with one head, and the connection is closed."""
    server = upstream()
    proxy = bearerd({"a": static(server.url)})
    with Connection(proxy.port, timeout=5) as connection, Quick():
        connection.send(POST + text)
        data = connection.read_to_end()
    assert data.startswith(b"HTTP/1.1 400 ")
    assert data.count(b"HTTP/1.1") == 1


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("body", [b"", b"ok", b"x" * 300_000], ids=len)
def test_head_that_does_not_fit_beside_the_requests(bearerd, upstream, method,
                                                    body):
    """It goes out all the same, and the connection is closed behind it."""
    fields = [f"X-{n}: {'y' * 900}" for n in range(20)]

    def script(peer):
        while True:
            peer.read_request()
            peer.answer(body, "200 OK", *fields)

    server = upstream(script)
    proxy = bearerd({"a": static(server.url)})
    cookies = "Cookie: " + "; ".join(f"c{n:02}={'v' * 50}" for n in range(80))
    with proxy.connect(timeout=5) as connection:
        connection.request(method, URL + "/", fields=[cookies],
                           body=b"hello" if method == "POST" else None)
        reply = connection.read_response()
        assert (reply.status, reply.complete) == (200, True)
        assert reply.body == body and len(reply.values("X-7")) == 1
        assert reply.value("Connection") == "close"
        assert connection.at_end()
    assert len(server.requests) == 1


@pytest.mark.parametrize("size", [10, 20, 30, 50])
def test_head_of_any_size(bearerd, upstream, size):
    """A request that has hardly any fields."""
    def script(peer):
        peer.read_request()
        peer.answer(b"ok", "200 OK", *[f"X-{n}: {'y' * 990}" for n in range(size)])

    proxy = bearerd({"a": static(upstream(script).url)})
    with proxy.connect(timeout=5) as connection:
        connection.request("GET", URL + "/")
        assert connection.read_response().body == b"ok"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_cookies_that_do_not_fit(bearerd, upstream, method):
    """The refusal says which key would let them through."""
    server = upstream()
    proxy = bearerd({"a": static(server.url)})
    cookies = "Cookie: " + ";".join("a=b" for _ in range(3000))
    with proxy.connect(timeout=5) as connection, Quick():
        connection.request(method, URL + "/", fields=[cookies],
                           body=b"hello" if method == "POST" else None)
        data = connection.read_to_end()
    assert data.startswith(b"HTTP/1.1 431 ") and data.count(b"HTTP/1.1") == 1
    assert b"max_header_size" in data
    assert server.requests == []
