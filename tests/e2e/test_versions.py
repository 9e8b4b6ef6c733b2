# SPDX-License-Identifier: MIT
"""HTTP/1.0 on either side, octets that are no ASCII, ports that are not
bearerd's."""

from __future__ import annotations

import pytest

from harness import static

URL = "http://api.example.test"
CHUNKED = "Transfer-Encoding: chunked"


def old(peer):
    """Knows no chunks."""
    while True:
        request = peer.read_head()
        assert not request.values("Transfer-Encoding") or len(
            peer.server.requests) == 1
        length = request.values("Content-Length")
        body = peer.take(int(length[0]) if length else 0)
        peer.send(b"HTTP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        return


def chunks(size: int) -> bytes:
    return b"".join(b"2710\r\n" + bytes(10_000) + b"\r\n"
                    for _ in range(size // 10_000)) + b"0\r\n\r\n"


@pytest.mark.parametrize("size", [0, 10_000, 500_000, 1_000_000])
def test_upstream_of_http_1_0(bearerd, upstream, size):
    """It is told the length of what comes in chunks."""
    server = upstream(old)
    proxy = bearerd({"a": static(server.url)}, {"workers": 1})
    assert proxy.get(URL + "/").status == 200
    with proxy.connect(timeout=10) as connection:
        connection.request("POST", URL + "/", fields=[CHUNKED])
        connection.send(chunks(size))
        reply = connection.read_response()
        assert (reply.status, len(reply.body)) == (200, size)
    assert server.last.value("Content-Length") == str(size)
    assert server.last.line.endswith("HTTP/1.1")


def test_length_that_cannot_be_told(bearerd, upstream):
    server = upstream(old)
    proxy = bearerd({"a": static(server.url)}, {"workers": 1})
    assert proxy.get(URL + "/").status == 200
    with proxy.connect(timeout=10) as connection:
        connection.request("POST", URL + "/", fields=[CHUNKED])
        connection.send(chunks(1_100_000)[:-5])
        assert connection.read_response().status == 411
    assert len(server.requests) == 1


@pytest.mark.parametrize("client", ["1.0", "1.1"])
@pytest.mark.parametrize("server", ["1.0", "1.1"])
def test_via_says_what_was_received(bearerd, upstream, client, server):
    def script(peer):
        peer.read_request()
        peer.send(f"HTTP/{server} 200 OK\r\nContent-Length: 2\r\n\r\nok".encode())

    seen = upstream(script)
    proxy = bearerd({"a": static(seen.url)})
    with proxy.connect(timeout=5) as connection:
        connection.request("GET", URL + "/", version=f"HTTP/{client}")
        reply = connection.read_response()
    assert reply.value("Via").startswith(f"{server} bearerd-")
    assert seen.last.value("Via").startswith(f"{client} bearerd-")


@pytest.mark.parametrize("target", [URL + "/\u00e9?q=\u20ac", "/a/\u00e9"])
def test_raw_octets_in_a_target(bearerd, upstream, target):
    """They travel as they came."""
    server = upstream()
    proxy = bearerd({"a": static(server.url)})
    with proxy.connect(timeout=5) as connection:
        connection.send(b"GET " + target.encode() + b" HTTP/1.1\r\n"
                        b"Host: " + (b"api.example.test" if "://" in target
                                     else b"localhost") + b"\r\n\r\n")
        assert connection.read_response().status == 200
    line = server.last.head.split(b"\r\n")[0]
    assert "/\u00e9".encode() in line


def test_raw_octets_in_a_location(bearerd, upstream):
    def script(peer):
        peer.read_request()
        host = f"127.0.0.1:{peer.sock.getsockname()[1]}"
        peer.send(f"HTTP/1.1 302 X\r\nLocation: http://{host}/\u00e9\r\n"
                  "Content-Length: 0\r\n\r\n".encode())

    proxy = bearerd({"a": static(upstream(script).url)})
    with proxy.connect(timeout=5) as connection:
        connection.request("GET", "/a/x")
        head = connection.read_head().raw_head
    assert b"/a/\xc3\xa9" in head and b"127.0.0.1:" not in head


@pytest.mark.parametrize("unmatched", ["deny", "forward"])
def test_another_port_of_the_own_address(bearerd, upstream, unmatched):
    """It is the program's that listens there; to look at the ports of the
    machine needs unmatched = forward and forward_to."""
    server, other = upstream(), upstream()
    proxy = bearerd({"a": static(server.url)},
                    {"unmatched": "forward", "forward_to": "127.0.0.0/8"}
                    if unmatched == "forward" else {})
    host = f"127.0.0.1:{other.port}"
    with proxy.connect(timeout=5) as connection:
        connection.send(f"GET http://{host}/-/health HTTP/1.1\r\n"
                        f"Host: {host}\r\n\r\n".encode())
        status = connection.read_response().status
    assert status == (200 if unmatched == "forward" else 403)
    assert len(other.requests) == (unmatched == "forward")
