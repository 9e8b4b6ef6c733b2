# SPDX-License-Identifier: MIT
"""Answers that come before their requests' end: the client has them within a
second, whatever it and the upstream do meanwhile."""

from __future__ import annotations

import socket
import threading
import time

import pytest

from harness import free_port, memory_peak, static
from rawclient import Connection
from test_errors import check_problem

URL = "http://api.example.test"
MIB = 1 << 20
FRAMINGS = {"sized": "Content-Length: 1000000", "chunked": "Transfer-Encoding: chunked"}
FIRST = {"sized": b"hello", "chunked": b"5\r\nhello\r\n"}



class Quick:
    """Fails where it takes longer than a second, and three for a machine that
    is busy."""

    def __enter__(self):
        self.begin = time.monotonic()
        return self

    def __exit__(self, *exc):
        if not exc[0]:
            assert time.monotonic() - self.begin < 4


def begin(connection: Connection, framing: str, path: str = "/") -> None:
    connection.request("POST", URL + path, fields=[FRAMINGS[framing]])
    connection.send(FIRST[framing])


# ---- the upstream's ----

@pytest.mark.parametrize("framing", FRAMINGS)
@pytest.mark.parametrize("kind", ["sized", "chunked", "to the end", "none"])
def test_client_that_pauses(bearerd, upstream, framing, kind):
    answers = {
        "sized": b"Content-Length: 2\r\n\r\nno",
        "chunked": b"Transfer-Encoding: chunked\r\n\r\n2\r\nno\r\n0\r\n\r\n",
        "to the end": b"Connection: close\r\n\r\nno",
        "none": b"Content-Length: 0\r\n\r\n",
    }

    def script(peer):
        peer.read_head()
        peer.send(b"HTTP/1.1 403 Forbidden\r\nX-Mine: 1\r\n" + answers[kind])
        if kind == "to the end":  # not a close: octets unread make it a reset
            peer.sock.shutdown(socket.SHUT_WR)
        peer.wait_until_closed(10)

    proxy = bearerd({"a": static(upstream(script).url)})
    with proxy.connect(timeout=10) as connection:
        begin(connection, framing)
        with Quick():
            reply = connection.read_response()
        assert (reply.status, reply.complete) == (403, True)
        assert reply.body == (b"" if kind == "none" else b"no")
        assert reply.value("Connection") == "close"
        assert reply.value("X-Mine") == "1" and reply.value("Date")
        assert connection.at_end()


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "GET"])
def test_every_method(bearerd, upstream, method):
    def script(peer):
        peer.read_head()
        peer.answer(b"no", "403 Forbidden")
        peer.wait_until_closed(10)

    proxy = bearerd({"a": static(upstream(script).url)})
    with proxy.connect(timeout=5) as connection:
        connection.request(method, URL + "/", fields=["Content-Length: 9"])
        with Quick():
            assert connection.read_response().body == b"no"


def test_http_1_0_client(bearerd, upstream):
    """Chunks are not for it: the connection's end is its answer's."""
    def script(peer):
        peer.read_head()
        peer.send(b"HTTP/1.1 403 Forbidden\r\nTransfer-Encoding: chunked\r\n\r\n"
                  b"2\r\nno\r\n0\r\n\r\n")
        peer.wait_until_closed(10)

    proxy = bearerd({"a": static(upstream(script).url)})
    with proxy.connect(timeout=5) as connection:
        connection.request("POST", URL + "/", fields=["Content-Length: 9"],
                           version="HTTP/1.0")
        reply = connection.read_response()
        assert (reply.status, reply.body) == (403, b"no")
        assert reply.values("Transfer-Encoding") == []


@pytest.mark.parametrize("status", [204, 304])
def test_answers_without_a_body(bearerd, upstream, status):
    def script(peer):
        peer.read_head()
        peer.send(b"HTTP/1.1 %d X\r\nETag: \"a\"\r\n\r\n" % status)
        peer.wait_until_closed(10)

    proxy = bearerd({"a": static(upstream(script).url)})
    with proxy.connect(timeout=5) as connection:
        begin(connection, "sized")
        with Quick():
            reply = connection.read_response()
        assert reply.status == status and connection.at_end()
        assert reply.values("Transfer-Encoding") == []


def test_small_request_keeps_its_connection(bearerd, upstream):
    """The rest of it comes a moment later."""
    def script(peer):
        while True:
            peer.read_head()
            peer.answer(b"no", "403 Forbidden")
            peer.take(10)

    proxy = bearerd({"a": static(upstream(script).url)})
    with proxy.connect(timeout=5) as connection:
        for _ in range(5):
            connection.request("POST", URL + "/", fields=["Content-Length: 10"])
            connection.send(b"hello")
            time.sleep(0.02)
            connection.send(b"hello")
            reply = connection.read_response()
            assert reply.body == b"no" and reply.values("Connection") == []


def fast(sock):
    return sock.recv(MIB)


def slow(sock):
    time.sleep(0.02)
    return sock.recv(200_000)


@pytest.mark.parametrize("read", [fast, slow], ids=["fast", "slow"])
@pytest.mark.parametrize("size", [0, 1, 16_383, 16_384, 16_385, 262_144, 3_000_000])
@pytest.mark.parametrize("sized", [True, False], ids=["sized", "chunked"])
def test_upstream_that_reads_no_more(bearerd, upstream, size, sized, read):
    """And a client that goes on writing."""
    body = bytes(range(256)) * (size // 256) + b"x" * (size % 256)

    def script(peer):
        peer.read_head()
        if sized:
            peer.answer(body, "413 Content Too Large")
        else:
            peer.send(b"HTTP/1.1 413 X\r\nTransfer-Encoding: chunked\r\n\r\n")
            for at in range(0, size, 50_000):
                piece = body[at:at + 50_000]
                peer.send(b"%x\r\n%b\r\n" % (len(piece), piece))
            peer.send(b"0\r\n\r\n")
        time.sleep(1)

    proxy = bearerd({"a": static(upstream(script).url)})
    with proxy.connect(timeout=10) as connection:
        connection.request("POST", URL + "/", fields=["Content-Length: 1000000000"])
        stop = threading.Event()

        def write():
            try:
                while not stop.is_set():
                    connection.sock.send(bytes(65536))
            except OSError:
                pass

        writer = threading.Thread(target=write)
        writer.start()
        try:
            with Quick():
                reply = connection.read_head()
            assert reply.status == 413
            data = connection.buffer
            while piece := read(connection.sock):
                data += piece
        finally:
            stop.set()
            writer.join(10)
    if sized:
        assert data == body
    else:
        assert data.endswith(b"0\r\n\r\n") and len(data) > size


def test_refusal_of_a_token_waits_for_the_end(bearerd, upstream, provider):
    """So that the request can be sent again, with a newer token."""
    seen = []

    def script(peer):
        while True:
            seen.append(peer.read_head().value("Authorization"))
            if len(seen) == 1:
                peer.answer(b"", "401 Unauthorized")
                peer.wait_until_closed(10)
                return
            assert peer.take(10) == b"hellohello"
            peer.answer(b"ok")

    proxy = bearerd({"a": provider.service(upstream=upstream(script).url)})
    with proxy.connect() as connection:
        connection.request("POST", URL + "/", fields=["Content-Length: 10"])
        connection.send(b"hello")
        time.sleep(0.3)
        connection.send(b"hello")
        assert connection.read_response().body == b"ok"
    assert len(set(seen)) == 2


@pytest.mark.parametrize("framing", FRAMINGS)
@pytest.mark.parametrize("goes_on", [False, True], ids=["pauses", "goes on"])
def test_refusal_of_a_token_waits_no_longer(bearerd, upstream, provider, framing,
                                            goes_on):
    """Than a second of silence, or than the request can be kept."""
    def script(peer):
        peer.read_head()
        peer.answer(b"no", "401 Unauthorized")
        time.sleep(15)

    proxy = bearerd({"a": provider.service(upstream=upstream(script).url)})
    with proxy.connect(timeout=20) as connection:
        connection.request("POST", URL + "/", fields=[
            "Content-Length: 1000000000" if framing == "sized" else FRAMINGS[framing]])
        connection.send(FIRST[framing])
        stop = threading.Event()

        def write():
            try:
                while goes_on and not stop.is_set():
                    connection.sock.send(b"a" * 4096 if framing == "sized"
                                         else b"1000\r\n" + b"a" * 4096 + b"\r\n")
            except OSError:
                pass

        writer = threading.Thread(target=write)
        writer.start()
        try:
            start = time.monotonic()
            reply = connection.read_response()
            assert time.monotonic() - start < 10
        finally:
            stop.set()
            writer.join(10)
        assert (reply.status, reply.body) == (401, b"no")
        assert reply.value("Connection") == "close"
        assert connection.at_end()


def test_client_that_reads_after_it_has_written(bearerd, upstream):
    """For as long as it goes on to."""
    def script(peer):
        peer.read_head()
        peer.answer(b"x" * 100_000, "413 Content Too Large")
        peer.wait_until_closed(10)

    proxy = bearerd({"a": static(upstream(script).url)})
    with proxy.connect(timeout=10) as connection:
        size = 40 * MIB
        connection.request("POST", URL + "/", fields=[f"Content-Length: {size}"])
        for _ in range(40):
            connection.send(bytes(MIB))
            time.sleep(0.02)
        reply = connection.read_response()
        assert reply.complete and reply.body == b"x" * 100_000


@pytest.mark.parametrize("framing", FRAMINGS)
def test_answer_that_breaks_off(bearerd, upstream, framing):
    """The client can tell."""
    def script(peer):
        peer.read_head()
        peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello")
        time.sleep(0.5)
        peer.reset()

    proxy = bearerd({"a": static(upstream(script).url)})
    with proxy.connect(timeout=5) as connection:
        begin(connection, framing)
        reply = connection.read_response()
        assert (reply.status, reply.complete) == (200, False)


def test_trailers_of_an_early_answer(bearerd, upstream):
    def script(peer):
        peer.read_head()
        peer.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                  b"2\r\nok\r\n0\r\nX-Sum: 1\r\n\r\n")
        peer.wait_until_closed(5)

    proxy = bearerd({"a": static(upstream(script).url)})
    with proxy.connect(timeout=5) as connection:
        connection.request("POST", URL + "/", fields=[
            "TE: trailers", "Content-Length: 9"])
        assert connection.read_to_end().endswith(b"0\r\nX-Sum: 1\r\n\r\n")


def test_memory(bearerd, upstream):
    """Many at once, whose clients do not read, cost what their spools do."""
    def script(peer):
        peer.read_head()
        peer.answer(b"x" * (8 * MIB))
        peer.wait_until_closed(20)

    proxy = bearerd({"a": static(upstream(script).url)})
    before = memory_peak(proxy.pid)
    clients = [proxy.connect(receive_buffer=4096) for _ in range(48)]
    for client in clients:
        client.request("POST", URL + "/", fields=["Content-Length: 1000"])
        client.send(b"a" * 500)
    time.sleep(3)
    assert memory_peak(proxy.pid) - before < 40 * MIB
    for client in clients:
        client.close()


def test_memory_of_uploads(bearerd, upstream):
    """Many that go on writing to upstreams that answer and read no more."""
    def script(peer):
        peer.read_head()
        peer.answer(b"x" * MIB, "413 Content Too Large")
        time.sleep(20)

    proxy = bearerd({"a": static(upstream(script, receive_buffer=4096).url)})
    before = memory_peak(proxy.pid)
    clients = [proxy.connect(receive_buffer=4096) for _ in range(48)]
    for client in clients:
        client.request("POST", URL + "/", fields=["Content-Length: 1000000000"])
        client.sock.setblocking(False)
    wrote = 0
    limit = time.monotonic() + 3
    while time.monotonic() < limit:
        for client in clients:
            try:
                wrote += client.sock.send(bytes(MIB))
            except BlockingIOError:
                pass
        time.sleep(0.01)
    assert wrote > 48 * MIB
    assert memory_peak(proxy.pid) - before < 40 * MIB
    for client in clients:
        client.sock.settimeout(20)
        reply = client.read_head()
        assert reply.status == 413
        client.close()


# ---- both ways at once ----

def test_conversation(bearerd, upstream):
    """Each piece travels as it comes."""
    def script(peer):
        peer.read_head()
        peer.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while size := int(peer.take_line(), 16):
            peer.send(b"%x\r\n%b\r\n" % (size, peer.take(size).upper()))
            peer.take(2)
        peer.send(b"0\r\n\r\n")

    proxy = bearerd({"a": static(upstream(script).url)})
    with proxy.connect(timeout=5) as connection:
        connection.request("POST", URL + "/", fields=["Transfer-Encoding: chunked"])
        with Quick():
            assert connection.read_head().status == 200
        for n in range(50):
            with Quick():
                connection.send(b"5\r\npi%03d\r\n" % n)
                assert connection._line() == b"5"
                assert connection._take(7) == b"PI%03d\r\n" % n
        connection.send(b"0\r\n\r\n")
        assert connection.read_to_end() == b"0\r\n\r\n"


def test_conversation_in_bulk(bearerd, upstream):
    """Both ways at once, more than is kept."""
    size = 20 * MIB
    got = []

    def script(peer):
        peer.read_head()
        peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size)
        sender = threading.Thread(target=peer.send, args=(b"d" * (size - 1),))
        sender.start()
        got.append(len(peer.take(size)))
        sender.join()
        peer.send(b"d")

    proxy = bearerd({"a": static(upstream(script).url)})
    with proxy.connect(timeout=20) as connection:
        connection.request("POST", URL + "/", fields=[f"Content-Length: {size}"])
        sender = threading.Thread(target=connection.send, args=(b"u" * size,))
        time.sleep(0.3)
        sender.start()
        reply = connection.read_response()
        sender.join()
    assert reply.complete and len(reply.body) == size
    assert got == [size]


# ---- bearerd's own ----

@pytest.mark.parametrize("framing", FRAMINGS)
def test_upstream_that_is_down(bearerd, framing):
    proxy = bearerd({"a": static(f"http://127.0.0.1:{free_port()}")})
    with proxy.connect(timeout=5) as connection:
        begin(connection, framing)
        with Quick():
            reply = connection.read_response()
        check_problem(reply, 502, "connection_refused")
        assert reply.complete and connection.at_end()


@pytest.mark.parametrize("target, status", [
    ("http://evil.test/", 403), ("/nothing", 404), (URL + "/../x", 400)])
def test_refusals(bearerd, upstream, target, status):
    proxy = bearerd({"a": static(upstream().url)})
    with proxy.connect(timeout=5) as connection:
        connection.request("POST", target, fields=["Content-Length: 1000"])
        connection.send(b"hello")
        with Quick():
            reply = connection.read_response()
        assert reply.status == status and reply.complete
        assert connection.at_end()


def test_chunk_that_is_none_behind_an_answer(bearerd, upstream):
    """No second head comes within the answer."""
    def script(peer):
        peer.read_head()
        peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\nhello")
        peer.wait_until_closed(10)

    proxy = bearerd({"a": static(upstream(script).url)}, {"workers": 1})
    with proxy.connect(timeout=5) as connection:
        begin(connection, "chunked")
        assert connection.read_head().status == 200
        connection.send(b"zz\r\n")
        assert connection.read_to_end() == b"hello"


@pytest.mark.parametrize("trouble", [b"zz\r\n", b"5 x\r\nhello\r\n", b"1\r\nabcd\r\n"])
@pytest.mark.parametrize("wrong", ["answered", "uploads"])
@pytest.mark.parametrize("other", ["answered", "uploads"])
def test_chunk_that_is_none_beside_another_upload(bearerd, upstream, wrong, other,
                                                  trouble):
    """On the same worker, which can tell the two apart: the one ends, with
    one head, and the other goes on."""
    def script(peer):
        def chunk():
            size = int(peer.take_line(), 16)
            return peer.take(size + 2)[:size]

        answered = peer.read_head().target == "/answered"
        assert chunk() == b"hello"
        if answered:
            peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello")
        assert (chunk(), chunk()) == (b"world", b"")
        peer.send(b"world" if answered else
                  b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhelloworld")

    server = upstream(script)
    proxy = bearerd({"a": static(server.url)}, {"workers": 1})
    with proxy.connect() as first, proxy.connect() as second, \
            proxy.connect() as third:
        for connection, kind in ((first, other), (second, wrong), (third, other)):
            begin(connection, "chunked", "/" + kind)
            if kind == "answered":
                assert connection.read_head().status == 200
        server.wait_for_requests(3)
        second.send(trouble)
        if wrong == "answered":
            assert second.read_to_end() == b"hello"
        else:
            assert second.read_head().status == 400
            assert b"HTTP/1.1" not in second.read_to_end()
        for connection in (first, third):
            connection.send(b"5\r\nworld\r\n0\r\n\r\n")
            if other == "uploads":
                assert connection.read_head().status == 200
            assert connection._take(10) == b"helloworld"
