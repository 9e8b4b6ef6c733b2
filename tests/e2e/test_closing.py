# SPDX-License-Identifier: MIT
"""The end of a client's connection: whatever lies unread on it, the answer
arrives whole."""

from __future__ import annotations

import time

import pytest

from harness import static
from rawclient import Connection

URL = "http://api.example.test"
SIZE = 3_000_000
BODY = bytes(range(250)) * (SIZE // 250)


def slow_read(connection: Connection) -> bytes:
    """Nothing at first; then bit by bit."""
    time.sleep(1)
    data = b""
    while piece := connection.sock.recv(30_000):
        data += piece
        time.sleep(0.002)
    return data


BEHIND = {
    "CRLF": b"\r\n",
    "another request": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "octets": bytes(100_000),
}


@pytest.mark.parametrize("behind", BEHIND)
@pytest.mark.parametrize("request_line, fields", [
    ("POST /a/ HTTP/1.1", "Connection: close\r\nContent-Length: 5"),
    ("POST /a/ HTTP/1.0", "Content-Length: 5"),
    ("GET /a/ HTTP/1.0", "X: y"),
], ids=["close", "1.0", "1.0 GET"])
def test_octets_behind_the_last_request(bearerd, upstream, request_line, fields,
                                        behind):
    def script(peer):
        while True:
            peer.read_request()
            peer.answer(BODY)

    proxy = bearerd({"a": static(upstream(script).url)})
    with Connection(proxy.port, receive_buffer=4096) as connection:
        connection.send(f"{request_line}\r\nHost: localhost\r\n{fields}\r\n\r\n")
        if "5" in fields:
            connection.send(b"hello")
        connection.send(BEHIND[behind])
        data = slow_read(connection)
    assert data.endswith(BODY[-1000:])
    assert len(data.partition(b"\r\n\r\n")[2]) == SIZE


def test_octets_that_come_later(bearerd, upstream):
    """While the answer is on its way."""
    def script(peer):
        peer.read_request()
        peer.answer(BODY)

    proxy = bearerd({"a": static(upstream(script).url)})
    with Connection(proxy.port, receive_buffer=4096) as connection:
        connection.request("GET", URL + "/", fields=["Connection: close"])
        time.sleep(0.5)
        connection.send(b"\r\n\r\n")
        assert len(slow_read(connection).partition(b"\r\n\r\n")[2]) == SIZE


@pytest.mark.parametrize("text", [
    b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    b"POST /nothing HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9000000\r\n\r\n",
    b"POST /a/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5x\r\n\r\n",
], ids=["400", "404", "libmicrohttpd's 400"])
def test_refusal_of_a_client_that_goes_on(bearerd, upstream, text):
    proxy = bearerd({"a": static(upstream().url)})
    with Connection(proxy.port) as connection:
        connection.send(text)
        for _ in range(20):
            connection.send(bytes(200_000))
            time.sleep(0.01)
        reply = connection.read_response()
        assert reply.status in (400, 404) and reply.complete


def test_it_is_closed_in_the_end(bearerd, upstream):
    """A client that neither ends nor sends is not waited for for ever."""
    proxy = bearerd({"a": static(upstream().url)})
    with Connection(proxy.port) as connection:
        connection.request("GET", URL + "/", fields=["Connection: close"])
        assert connection.read_response().status == 200
        assert connection.at_end()
        time.sleep(6)
        with pytest.raises(ConnectionError):
            for _ in range(50):
                connection.send(b"x")
                time.sleep(0.05)
