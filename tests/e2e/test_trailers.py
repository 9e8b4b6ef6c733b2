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
