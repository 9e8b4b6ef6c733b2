# SPDX-License-Identifier: MIT
"""Expect: 100-continue: the upstream decides whether the body is sent, and its
interim responses reach the client."""

from __future__ import annotations

import time

import pytest

from harness import static
from rawclient import Connection
from test_early import Quick

URL = "http://api.example.test"
EXPECT = "Expect: 100-continue"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
FORM = "Content-Type: application/x-www-form-urlencoded"


def ask(connection: Connection, *fields: str, expect: str = EXPECT) -> None:
    connection.request("POST", URL + "/", fields=[
        expect, *(fields or ["Content-Length: 5"])])


def continuing(peer):
    while True:
        peer.read_head()
        time.sleep(0.3)
        peer.send(CONTINUE)
        assert peer.take(5) == b"hello"
        peer.send(OK)


@pytest.mark.parametrize("expect", [
    EXPECT, "Expect: 100-Continue", "Expect:100-continue  ",
    "Expect: \t100-continue\t"])
def test_the_upstream_says_100(bearerd, upstream, expect):
    """And nobody before it; padded or not, once."""
    server = upstream(continuing)
    proxy = bearerd({"a": static(server.url)})
    with proxy.connect(timeout=5) as connection:
        for _ in range(3):
            begin = time.monotonic()
            ask(connection, expect=expect)
            assert connection.read_head().status == 100
            assert time.monotonic() - begin > 0.25
            connection.send(b"hello")
            reply = connection.read_head()
            assert reply.status == 200
            assert connection._take(2) == b"ok" and not connection.buffer
    assert server.last.value("Expect") == "100-continue"


@pytest.mark.parametrize("status", [200, 204, 401, 403, 417])
def test_final_answer(bearerd, upstream, status):
    """Before any 100: the client gets it, and nothing of its body is sent."""
    rest = []

    def script(peer):
        peer.read_head()
        peer.send(b"HTTP/1.1 %d X\r\n" % status
                  + (b"\r\n" if status == 204 else b"Content-Length: 2\r\n\r\nno"))
        peer.sock.settimeout(3)
        try:
            rest.append(peer.sock.recv(100))
        except TimeoutError:
            rest.append(None)

    proxy = bearerd({"a": static(upstream(script).url)})
    with proxy.connect(timeout=5) as connection:
        ask(connection)
        with Quick():
            reply = connection.read_response()
        assert reply.status == status
        assert connection.at_end()
    time.sleep(0.5)
    assert rest in ([b""], [])


def test_upstream_that_says_nothing(bearerd, upstream):
    """After a second the body is sent all the same."""
    proxy = bearerd({"a": static(upstream().url)})
    with proxy.connect(timeout=5) as connection:
        begin = time.monotonic()
        ask(connection)
        assert connection.read_head().status == 100
        assert 0.8 < time.monotonic() - begin < 2.5
        connection.send(b"hello")
        assert connection.read_response().json()["length"] == 5


def test_client_that_does_not_wait(bearerd, upstream):
    proxy = bearerd({"a": static(upstream(continuing).url)})
    with proxy.connect(timeout=5) as connection:
        for _ in range(2):
            ask(connection)
            connection.send(b"hello")
            assert connection.read_response().body == b"ok"


@pytest.mark.parametrize("fields", [
    ["Transfer-Encoding: chunked"], ["Content-Length: 0"], ["X-None: 1"]])
def test_other_bodies(bearerd, upstream, fields):
    """In chunks, empty, and none at all."""
    def script(peer):
        while True:
            request = peer.read_head()
            if request.values("Transfer-Encoding"):
                peer.send(CONTINUE)
                while peer.take_line() != b"0":
                    pass
                peer.take_line()
            peer.send(OK)

    proxy = bearerd({"a": static(upstream(script).url)})
    with proxy.connect(timeout=5) as connection:
        for _ in range(2):
            ask(connection, *fields)
            if "chunked" in fields[0]:
                assert connection.read_head().status == 100
                connection.send(b"5\r\nhello\r\n0\r\n\r\n")
            assert connection.read_response().body == b"ok"


def test_http_1_0_waits_for_nothing(bearerd, upstream):
    server = upstream()
    proxy = bearerd({"a": static(server.url)})
    with proxy.connect(timeout=5) as connection:
        connection.request("POST", URL + "/", fields=[EXPECT], body=b"hello",
                           version="HTTP/1.0")
        reply = connection.read_head()
        assert reply.status == 200
    assert server.last.values("Expect") == []


def test_body_that_is_gathered_here(bearerd, upstream, provider):
    """bearerd says 100 itself, at once."""
    server = upstream()
    proxy = bearerd({"a": provider.service(upstream=server.url, token_placement="body")})
    for expect in (EXPECT, EXPECT + " "):
        with proxy.connect(timeout=5) as connection:
            ask(connection, FORM, "Content-Length: 3", expect=expect)
            with Quick():
                assert connection.read_head().status == 100
            connection.send(b"a=1")
            assert connection.read_response().status == 200
    assert server.last.values("Expect") == []


def test_refusal_is_renewed_before_the_client_is_told(bearerd, upstream, provider):
    """A body that is larger than could be kept."""
    seen = []

    def script(peer):
        while True:
            request = peer.read_head()
            seen.append(request.value("Authorization"))
            if len(seen) == 1:
                peer.answer(b"", "401 Unauthorized")
                continue
            peer.send(CONTINUE)
            assert len(peer.take(3_000_000)) == 3_000_000
            peer.send(OK)

    proxy = bearerd({"a": provider.service(
        upstream=upstream(script).url, replay_body="1K")})
    with proxy.connect(timeout=5) as connection:
        ask(connection, "Content-Length: 3000000")
        assert connection.read_head().status == 100
        connection.send(bytes(3_000_000))
        reply = connection.read_head()
        assert reply.status == 200
    assert len(seen) == 2 and seen[0] != seen[1]


# ---- other interim responses ----

ORDERS = [
    [103], [102], [103, 103], [102, 103, 102], [100], [100, 103], [103, 100, 103],
    [110, 199],
]


@pytest.mark.parametrize("body", [b"", b"hello"], ids=["GET", "POST"])
@pytest.mark.parametrize("order", ORDERS, ids=str)
def test_interim_responses(bearerd, upstream, order, body):
    """In their order, with their fields; 100 is the next hop's own."""
    def script(peer):
        while True:
            peer.read_request()
            for n, status in enumerate(order):
                peer.send(b"HTTP/1.1 %d X\r\nX-N: %d\r\nConnection: X-Hop\r\n"
                          b"X-Hop: 1\r\n\r\n" % (status, n))
            peer.send(OK)

    proxy = bearerd({"a": static(upstream(script).url)})
    with proxy.connect(timeout=5) as connection:
        for _ in range(2):
            connection.request("POST" if body else "GET", URL + "/",
                               body=body or None)
            for n, status in enumerate(order):
                if status == 100:
                    continue
                head = connection.read_head()
                assert (head.status, head.value("X-N")) == (status, str(n))
                assert head.values("X-Hop") == []
            reply = connection.read_response()
            assert (reply.status, reply.body) == (200, b"ok")


def test_interim_and_expect(bearerd, upstream):
    """103 before the 100, and behind it."""
    def script(peer):
        peer.read_head()
        for status in (b"103 A", b"100 B", b"102 C"):
            peer.send(b"HTTP/1.1 " + status + b"\r\n\r\n")
        peer.take(5)
        peer.send(b"HTTP/1.1 103 D\r\n\r\n" + OK)

    proxy = bearerd({"a": static(upstream(script).url)})
    with proxy.connect(timeout=5) as connection:
        ask(connection)
        got = [connection.read_head().status for _ in range(3)]
        assert got[0] == 103 and sorted(got) == [100, 102, 103]
        connection.send(b"hello")
        assert connection.read_head().status == 103
        assert connection.read_response().body == b"ok"


@pytest.mark.parametrize("version, agent, passed", [
    ("HTTP/1.0", "curl/8", False), ("HTTP/1.1", "curl/8", True),
    ("HTTP/1.1", "Python-urllib/3.11", False), ("HTTP/1.1", "Java/17", False),
    ("HTTP/1.1", "libwww-perl/6", False), ("HTTP/1.1", "python-requests/2", False),
    ("HTTP/1.1", "Mozilla Java/17", True)])
def test_who_is_told(bearerd, upstream, version, agent, passed):
    def script(peer):
        peer.read_request()
        peer.send(b"HTTP/1.1 103 X\r\nLink: </x>\r\n\r\n" + OK)
        time.sleep(1)

    proxy = bearerd({"a": static(upstream(script).url)})
    with proxy.connect(timeout=5) as connection:
        connection.request("GET", URL + "/", version=version,
                           fields=[f"User-Agent: {agent}"])
        first = connection.read_head()
        assert first.status == (103 if passed else 200)


def test_hints_by_path(bearerd, upstream):
    """What they name is what the client knows, and no token goes with them."""
    def script(peer):
        request = peer.read_request()
        target = request.target
        peer.send(b"HTTP/1.1 103 X\r\nLink: <" + target.encode()
                  + b">; rel=next\r\nClear-Site-Data: \"*\"\r\n\r\n" + OK)
        time.sleep(1)

    proxy = bearerd({"a": static(upstream(script).url, token_placement="query",
                                 access_token="geheim-geheim")})
    with proxy.connect(timeout=5) as connection:
        connection.request("GET", "/a/x?q=1")
        head = connection.read_head()
        assert head.status == 103 and head.values("Clear-Site-Data") == []
        assert head.value("Link").startswith("</a/x?q=1")
        assert b"geheim" not in head.raw_head


def test_endless_interim_responses(bearerd, upstream):
    """They end, and take no memory."""
    def script(peer):
        peer.read_request()
        for _ in range(60):
            peer.send(b"HTTP/1.1 103 X\r\nX-L: " + b"x" * 5000 + b"\r\n\r\n")
        peer.send(OK)
        time.sleep(1)

    proxy = bearerd({"a": static(upstream(script).url)})
    with proxy.connect(timeout=5) as connection:
        connection.request("GET", URL + "/")
        count = 0
        while (head := connection.read_head()).status == 103:
            count += 1
        assert 10 <= count < 16
        assert head.status in (200, 502)
