# SPDX-License-Identifier: MIT
"""Trailers of an answer: on to those who take them, and no others."""

from __future__ import annotations

import time

import pytest

from harness import static
from rawclient import Connection

URL = "http://api.example.test/"
ANSWER = (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"
          b"Trailer: X-Sum, X-More\r\n\r\n5\r\nhello\r\n")
TRAILERS = (b"0\r\nX-Sum: 5d41\r\nX-More: a\r\nX-More: b\r\nSet-Cookie: a=b\r\n"
            b"Content-Length: 3\r\nConnection: X-Hop\r\nX-Hop: 1\r\n"
            b"Transfer-Encoding: gzip\r\n\r\n")
END = b"0\r\nX-Sum: 5d41\r\nX-More: a\r\nX-More: b\r\n\r\n"


@pytest.fixture(params=[0, 0.2], ids=["at once", "later"])
def proxy(request, bearerd, upstream):
    def script(peer):
        while True:
            peer.read_request()
            peer.send(ANSWER)
            time.sleep(request.param)
            peer.send(TRAILERS)

    server = upstream(script)
    return bearerd({"a": static(server.url)}, {"workers": 1})


def ask(proxy, *fields: str, version="HTTP/1.1") -> bytes:
    with Connection(proxy.port) as client:
        client.request("GET", URL, fields=[*fields, "Connection: close"],
                       version=version)
        return client.read_to_end()


@pytest.mark.parametrize("te", ["TE: trailers", "TE: gzip;q=0.5, Trailers"])
def test_client_that_takes_them(proxy, te):
    for _ in range(3):
        got = ask(proxy, te)
        assert got.startswith(b"HTTP/1.1 200 ")
        assert got.endswith(b"5\r\nhello\r\n" + END), got


@pytest.mark.parametrize("fields", [[], ["TE: gzip"], ["X-TE: trailers"]])
def test_client_that_does_not(proxy, fields):
    got = ask(proxy, *fields)
    assert b"hello" in got and b"X-Sum:" not in got
    assert got.endswith((b"\r\n0\r\n\r\n", b"\r\n\r\nhello"))


def test_http_1_0(proxy):
    got = ask(proxy, "TE: trailers", version="HTTP/1.0")
    assert got.endswith(b"\r\n\r\nhello")


def test_connection_goes_on(proxy):
    with Connection(proxy.port) as client:
        for _ in range(3):
            client.request("GET", URL, fields=["TE: trailers"])
            assert client.read_response().body == b"hello"


def trailing(bearerd, upstream, trailers: bytes, **keys):
    def script(peer):
        peer.read_request()
        peer.send(ANSWER + b"0\r\n" + trailers + b"\r\n")

    return bearerd({"api": static(upstream(script).url, **keys)}, {"workers": 1})


def test_token_does_not_come_back(bearerd, upstream):
    """As little as in a field of the head."""
    links = [b"</x?access_token=fixed-token&p=2>; rel=next",
             b"</x?p=3&access_token=fixed-token>; rel=last"]
    proxy = trailing(bearerd, upstream,
                     b"".join(b"Link: %s\r\n" % link for link in links)
                     + b"Refresh: 5; url=/x?access_token=fixed-token\r\n",
                     token_placement="query")
    got = ask(proxy, "TE: trailers")
    assert got.count(b"Link:") == 2 and b"p=2" in got and b"p=3" in got
    assert b"fixed-token" not in got


def test_by_path_nothing_is_said_for_the_whole_origin(bearerd, upstream):
    proxy = trailing(bearerd, upstream,
                     b'Clear-Site-Data: "*"\r\nX-Sum: 1\r\nAlt-Svc: h2=":1"\r\n'
                     b"Content-Location: /x\r\n")
    with Connection(proxy.port) as client:
        client.request("GET", "/api/x", f"127.0.0.1:{proxy.port}",
                       fields=["TE: trailers", "Connection: close"])
        got = client.read_to_end()
    tail = got[got.index(b"hello"):]
    assert tail == b"hello\r\n0\r\nX-Sum: 1\r\nContent-Location: /api/x\r\n\r\n"


@pytest.mark.parametrize("name", ["X-HTTP-Method-Override", "x_http_method",
                                  "X-Original-URL", "X-Rewrite-URL", "Cookie"])
def test_of_a_request_none_that_rules_are_asked_for(bearerd, upstream, name):
    """Where trailers are fields to an upstream, they would be behind allow and deny."""
    def script(peer):
        peer.read_request()
        peer.answer()

    server = upstream(script)
    proxy = bearerd({"a": static(server.url, deny="DELETE /")}, {"workers": 1})
    with Connection(proxy.port) as client:
        client.send(f"POST {URL} HTTP/1.1\r\nHost: api.example.test\r\n"
                    "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
                    f"1\r\na\r\n0\r\nX-Sum: 1\r\n{name}: DELETE\r\n\r\n".encode())
        assert client.read_to_end().startswith(b"HTTP/1.1 200 ")
    assert server.requests[0].trailers == [b"X-Sum: 1"]


def test_of_a_request_too_many_are_left_out(bearerd, upstream):
    """As large as max_header_size, and more than a head may have."""
    def script(peer):
        peer.read_request()
        peer.answer(b"hello")

    server = upstream(script)
    proxy = bearerd({"a": static(server.url)}, {"workers": 1, "max_header_size": "1M"})
    with Connection(proxy.port) as client:
        client.send(f"POST {URL} HTTP/1.1\r\nHost: api.example.test\r\n"
                    "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
                    f"1\r\na\r\n0\r\nX-Sum: {1_050_000 * 'a'}\r\n\r\n".encode())
        assert client.read_to_end().endswith(b"hello")
    assert server.requests[0].trailers == []


@pytest.mark.parametrize("count, size", [(100, 10), (1, 8000)])
def test_of_a_request_beside_a_large_head_of_the_answer(bearerd, upstream, count, size):
    """libmicrohttpd keeps both in one room, where there may be too little of it."""
    fields = [f"X-Field-{n}: {90 * 'v'}" for n in range(130)]

    def script(peer):
        peer.read_request()
        peer.answer(b"hello", "200 OK", *fields)

    server = upstream(script)
    proxy = bearerd({"a": static(server.url)}, {"workers": 1})
    trailers = [f"X-{n}: {size * 't'}" for n in range(count)]
    with Connection(proxy.port) as client:
        client.send("\r\n".join([f"POST {URL} HTTP/1.1", "Host: api.example.test",
                                 "Transfer-Encoding: chunked", "Connection: close", "",
                                 "1", "a", "0", *trailers, "", ""]))
        got = client.read_to_end()
    assert got.startswith(b"HTTP/1.1 200 ") and got.endswith(b"hello")
    assert all(field.encode() in got for field in fields)
    assert len(server.requests[0].trailers) == count
