# SPDX-License-Identifier: MIT
"""Bodies of any size in bounded memory, at the pace of the slower side."""

import hashlib
import os
import socket
import time

import pytest

from harness import either, memory_peak, static, wait_for
from rawclient import Connection
from rawserver import exactly

URL = "http://api.example.test"
MIB = 1 << 20
GIB = 1 << 30
# What two connections' buffers in the kernel may hold between the two ends.
IN_THE_KERNEL = 40 * MIB


def memory_bound() -> int:
    return int(either(32, 700)) * MIB


def block(length: int) -> bytes:
    return os.urandom(length)


def read_all(connection: Connection) -> int:
    """Reads the rest of a body to the connection's end; its length."""
    length = len(connection.buffer)
    scratch = bytearray(MIB)
    while count := connection.sock.recv_into(scratch):
        length += count
    return length


def test_1_gib_down(bearerd, nginx):
    proxy = bearerd({"a": static(nginx.url)})
    with proxy.connect() as connection:
        connection.request("GET", URL + "/big", fields=["Connection: close"])
        head = connection.read_head()
        assert head.status == 200
        assert head.value("Content-Length") == str(GIB)
        assert read_all(connection) == GIB
    assert memory_peak(proxy.pid) < memory_bound()


@pytest.mark.parametrize("chunked", [False, True], ids=["length", "chunked"])
def test_1_gib_up(bearerd, upstream, chunked):
    arrived = []

    def script(peer):
        peer.read_head()
        length = len(peer.buffer)
        scratch = bytearray(MIB)
        tail = b""
        while not (tail.endswith(b"0\r\n\r\n") if chunked else length >= GIB):
            count = peer.sock.recv_into(scratch)
            if not count:
                break
            length += count
            tail = (tail + scratch[max(0, count - 5):count])[-5:]
        arrived.append(length)
        peer.answer(b"done")

    proxy = bearerd({"a": static(upstream(script).url)})
    piece = bytes(MIB)
    with proxy.connect(timeout=120) as connection:
        connection.request("POST", URL + "/", fields=[
            "Transfer-Encoding: chunked" if chunked else f"Content-Length: {GIB}"])
        for _ in range(GIB // MIB):
            connection.send(b"%x\r\n%s\r\n" % (MIB, piece) if chunked else piece)
        if chunked:
            connection.send(b"0\r\n\r\n")
        assert connection.read_response().body == b"done"
    assert arrived[0] >= GIB if chunked else arrived[0] == GIB
    assert memory_peak(proxy.pid) < memory_bound()


@pytest.mark.threads
def test_bytes_arrive_as_they_were(bearerd, upstream, nginx):
    content = block(16 * MIB + 13)
    (nginx.files / "random").write_bytes(content)
    digests = []

    def script(peer):
        request = peer.read_request()
        digests.append(hashlib.sha256(request.body).digest())
        peer.answer(b"")

    proxy = bearerd({"down": static(nginx.url),
                     "up": static(upstream(script).url, match="up.example.test")})
    assert proxy.get(URL + "/random").body == content
    assert proxy.post("http://up.example.test/", content).status == 200
    assert digests == [hashlib.sha256(content).digest()]


def pour(peer, sent: list, size: int) -> None:
    """Sends `size` bytes as fast as they are taken; counts in sent[0]."""
    piece = bytes(65536)
    while sent[0] < size:
        sent[0] += peer.sock.send(piece)


def stands_still(counter, seconds: float = 1.0, timeout: float = 30.0) -> bool:
    """Whether a counter comes to rest within the time."""
    limit = time.monotonic() + timeout
    while time.monotonic() < limit:
        before = counter()
        time.sleep(seconds)
        if counter() == before:
            return True
    return False


def test_slow_reader_slows_the_upstream(bearerd, upstream):
    size = 256 * MIB
    sent = [0]

    def script(peer):
        peer.read_head()
        peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size)
        pour(peer, sent, size)

    proxy = bearerd({"a": static(upstream(script).url)})
    with proxy.connect(receive_buffer=65536) as connection:
        connection.request("GET", URL + "/", fields=["Connection: close"])
        assert connection.read_head().status == 200
        assert stands_still(lambda: sent[0])
        assert sent[0] < IN_THE_KERNEL
        assert memory_peak(proxy.pid) < memory_bound()
        assert read_all(connection) == size
    assert memory_peak(proxy.pid) < memory_bound()


def test_slow_upstream_slows_the_client(bearerd, upstream):
    size = 256 * MIB
    go_on = []

    def script(peer):
        peer.read_head()
        while not go_on:
            time.sleep(0.05)
        length = len(peer.buffer)
        while length < size:
            length += len(peer.sock.recv(MIB)) or size
        peer.answer(str(length).encode())

    proxy = bearerd({"a": static(upstream(script, receive_buffer=65536).url)})
    with proxy.connect() as connection:
        connection.request("POST", URL + "/", fields=[f"Content-Length: {size}"])
        connection.sock.settimeout(1.5)
        piece, sent = bytes(65536), 0
        try:
            while sent < size:
                sent += connection.sock.send(piece[:min(65536, size - sent)])
        except TimeoutError:
            pass
        assert sent < IN_THE_KERNEL
        assert memory_peak(proxy.pid) < memory_bound()
        go_on.append(True)
        connection.sock.settimeout(60)
        while sent < size:
            sent += connection.sock.send(piece[:min(65536, size - sent)])
        assert connection.read_response().body == str(size).encode()
    assert memory_peak(proxy.pid) < memory_bound()


def test_many_slow_readers(bearerd, nginx):
    proxy = bearerd({"a": static(nginx.url)})
    readers = [proxy.connect(receive_buffer=65536) for _ in range(50)]
    try:
        for reader in readers:
            reader.request("GET", URL + "/big")
        time.sleep(2)
        assert all(reader.read_head().status == 200 for reader in readers)
        assert proxy.health().status == 200
        assert memory_peak(proxy.pid) < memory_bound() + 50 * MIB // 2
    finally:
        for reader in readers:
            reader.close()


def test_events_arrive_as_they_are_sent(bearerd, provider):
    proxy = bearerd({"a": provider.service()})
    with proxy.connect() as connection:
        connection.request("GET", URL + "/sse?events=4&interval=0.5")
        began = time.monotonic()
        assert connection.read_head().value("Content-Type").startswith(
            "text/event-stream")
        times, seen = [], 0
        while seen < 4:
            while connection.buffer.count(b"data: event") <= seen:
                assert connection.receive()
            seen = connection.buffer.count(b"data: event")
            times.append(time.monotonic() - began)
    assert len(times) == 4
    assert times[0] < either(0.4, 1.5)
    for before, after in zip(times, times[1:]):
        assert 0.2 < after - before < either(0.9, 2)


def test_small_pieces_up_arrive_as_they_are_sent(bearerd, upstream):
    times = []

    def script(peer):
        peer.read_head()
        for _ in range(3):
            peer.take(4)
            times.append(time.monotonic())
        peer.answer(b"")

    proxy = bearerd({"a": static(upstream(script).url)})
    with proxy.connect() as connection:
        connection.request("POST", URL + "/", fields=["Content-Length: 12"])
        for _ in range(3):
            connection.send(b"four")
            time.sleep(0.5)
        assert connection.read_response().status == 200
    for before, after in zip(times, times[1:]):
        assert 0.2 < after - before < either(0.9, 2)


@pytest.mark.threads
def test_client_that_leaves_ends_the_upstreams_answer(bearerd, upstream):
    ended = []

    def script(peer):
        peer.read_head()
        peer.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        try:
            for _ in range(600):
                peer.send(b"5\r\nhello\r\n")
                time.sleep(0.02)
        except OSError:
            ended.append(time.monotonic())

    proxy = bearerd({"a": static(upstream(script).url)})
    with proxy.connect() as connection:
        connection.request("GET", URL + "/")
        connection.read_head()
    wait_for(lambda: ended, 8, "the upstream's connection closed")


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.threads
def test_client_that_leaves_before_the_answer(bearerd, upstream, method):
    closed = []

    def script(peer):
        peer.read_request()
        closed.append(peer.wait_until_closed(20))

    server = upstream(script)
    proxy = bearerd({"a": static(server.url)})
    with proxy.connect() as connection:
        connection.request(method, URL + "/", body=b"x" if method == "POST" else None)
        server.wait_for_requests(1)
    wait_for(lambda: closed == [True], 10, "the upstream's connection closed")


@pytest.mark.threads
def test_connections_are_kept_and_used_again(bearerd, upstream):
    server = upstream()
    proxy = bearerd({"a": static(server.url)}, {"workers": 1})
    with proxy.connect() as connection:
        for n in range(20):
            connection.request("GET", f"{URL}/{n}")
            reply = connection.read_response()
            assert reply.status == 200
            assert (reply.value("Connection") or "").lower() != "close"
    for n in range(5):
        proxy.get(f"{URL}/{n}")
    assert len(server.requests) == 25
    assert server.connections == 1


def test_post_bodies_on_a_kept_connection(bearerd, upstream):
    server = upstream()
    proxy = bearerd({"a": static(server.url)})
    with proxy.connect() as connection:
        for n in (0, 1, 5000, 100000, 3):
            connection.request("POST", f"{URL}/{n}", body=b"x" * n)
            assert connection.read_response().json()["length"] == n


def answers_in_step(proxy, method: str, status: int) -> None:
    """The answer to `method` has no body, and the next one is read right; or
    there is none, and the answer said so."""
    with proxy.connect() as connection:
        for _ in range(2):
            connection.request(method, URL + "/")
            reply = connection.read_response(method)
            assert reply.status == status
            assert connection.buffer == b""
            if (reply.value("Connection") or "").lower() == "close":
                assert connection.at_end()
                return
        connection.sock.settimeout(0.2)
        with pytest.raises(TimeoutError):
            connection.receive()


@pytest.mark.parametrize("head", [
    "Content-Length: 1234", "Transfer-Encoding: chunked", "Content-Length: 0"])
def test_head(bearerd, upstream, head):
    def script(peer):
        while True:
            assert peer.read_request().method == "HEAD"
            peer.send(f"HTTP/1.1 200 OK\r\n{head}\r\n\r\n".encode())

    proxy = bearerd({"a": static(upstream(script).url)})
    answers_in_step(proxy, "HEAD", 200)
    reply = proxy.fetch("HEAD", URL + "/")
    if head == "Content-Length: 1234":
        assert reply.value("Content-Length") == "1234"


@pytest.mark.parametrize("status, fields", [
    ("204 No Content", ""), ("304 Not Modified", "ETag: \"x\"\r\n"),
    ("304 Not Modified", "Content-Length: 99\r\n")])
def test_answers_without_a_body(bearerd, upstream, status, fields):
    server = upstream(exactly(f"HTTP/1.1 {status}\r\n{fields}\r\n".encode(),
                              close=False))
    answers_in_step(bearerd({"a": static(server.url)}), "GET", int(status[:3]))


def test_empty_answer(bearerd, upstream):
    server = upstream(exactly(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
                              close=False))
    proxy = bearerd({"a": static(server.url)})
    answers_in_step(proxy, "GET", 200)
    assert proxy.get(URL + "/").value("Content-Length") == "0"


def test_chunked_answer(bearerd, upstream):
    server = upstream(exactly(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n"
        b"5;a=b\r\nhello\r\n1\r\n \r\n5\r\nworld\r\n0\r\nX-T: 1\r\n\r\n",
        close=False))
    proxy = bearerd({"a": static(server.url)})
    with proxy.connect() as connection:
        for _ in range(2):
            connection.request("GET", URL + "/")
            reply = connection.read_response()
            assert reply.complete and reply.body == b"hello world"


def test_answer_that_ends_with_its_connection(bearerd, upstream):
    server = upstream(exactly(b"HTTP/1.1 200 OK\r\n\r\nhello world"))
    proxy = bearerd({"a": static(server.url)})
    reply = proxy.get(URL + "/")
    assert reply.complete and reply.body == b"hello world"


@pytest.mark.parametrize("answer", [
    b"HTTP/1.1 200 OK\r\nContent-Length: 500000\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7a120\r\n"])
@pytest.mark.parametrize("how", ["close", "reset"])
def test_answer_that_breaks_off_is_no_whole_one(bearerd, upstream, answer, how):
    def script(peer):
        peer.read_request()
        peer.send(answer + b"x" * 100000)
        time.sleep(0.3)
        if how == "reset":
            peer.reset()

    proxy = bearerd({"a": static(upstream(script).url)})
    reply = proxy.get(URL + "/")
    assert reply.status == 200
    assert not reply.complete


def test_broken_off_answer_to_http_1_0(bearerd, upstream):
    """Without framing a close would look like the end: a reset does not."""
    def script(peer):
        peer.read_request()
        peer.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                  b"100\r\nhello")
        time.sleep(0.3)

    proxy = bearerd({"a": static(upstream(script).url)})
    with Connection(proxy.port) as connection:
        connection.send(f"GET {URL}/ HTTP/1.0\r\nHost: api.example.test\r\n\r\n")
        with pytest.raises(ConnectionError):
            while connection.sock.recv(65536):
                pass


def test_http_1_0_client(bearerd, upstream):
    server = upstream(exactly(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"5\r\nhello\r\n0\r\n\r\n"))
    proxy = bearerd({"a": static(server.url)})
    with Connection(proxy.port) as connection:
        connection.send(f"GET {URL}/ HTTP/1.0\r\nHost: api.example.test\r\n\r\n")
        answer = connection.read_to_end()
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"chunked" not in head.lower()
    assert body == b"hello"


@pytest.mark.threads
def test_pipelined_requests(bearerd, upstream):
    server = upstream()
    proxy = bearerd({"a": static(server.url)})
    with proxy.connect() as connection:
        connection.send("".join(
            f"POST {URL}/{n} HTTP/1.1\r\nHost: api.example.test\r\n"
            f"Content-Length: {n}\r\n\r\n{'x' * n}" for n in range(10)))
        for n in range(10):
            reply = connection.read_response().json()
            assert reply["line"] == f"POST /{n} HTTP/1.1"
            assert reply["length"] == n


def test_expect_100_continue(bearerd, upstream):
    server = upstream()
    proxy = bearerd({"a": static(server.url)})
    with proxy.connect(timeout=5) as connection:
        connection.request("POST", URL + "/", fields=[
            "Expect: 100-continue", "Content-Length: 5"])
        assert connection.read_head().status == 100
        connection.send(b"hello")
        assert connection.read_response().json()["length"] == 5


def test_answer_before_the_upload_is_read(bearerd, upstream):
    def script(peer):
        peer.read_head()
        peer.answer(b"too much", "413 Content Too Large", "Connection: close")
        peer.sock.shutdown(socket.SHUT_WR)
        peer.wait_until_closed(10)

    proxy = bearerd({"a": static(upstream(script).url)})
    size = 8 * MIB
    with proxy.connect() as connection:
        connection.request("POST", URL + "/", fields=[f"Content-Length: {size}"])
        try:
            connection.send(bytes(size))
        except ConnectionError:
            pass
        reply = connection.read_response()
    assert (reply.status, reply.body) == (413, b"too much")


def test_interim_answers_are_no_answer(bearerd, upstream):
    server = upstream(exactly(
        b"HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\n"
        b"Link: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"))
    proxy = bearerd({"a": static(server.url)})
    reply = proxy.get(URL + "/")
    assert (reply.status, reply.body) == (200, b"ok")
