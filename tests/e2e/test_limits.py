# SPDX-License-Identifier: MIT
"""Each limit, from both sides: what is within it passes, what is beyond it is
told so, and the next one is served again."""

import resource
import select
import socket
import time

import pytest

from harness import either, static, wait_for
from rawclient import Connection
from rawserver import exactly

URL = "http://api.example.test"
HOST = "Host: api.example.test\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def check_problem(reply, status: int, error: str) -> None:
    assert reply.status == status, reply
    assert reply.value("Content-Type") == "application/problem+json"
    assert reply.error == error
    assert reply.json()["status"] == status


def trickle(connection: Connection, data: bytes, pause: float) -> float:
    """Sends byte by byte until something comes back; how long that took."""
    began = time.monotonic()
    for at in range(len(data)):
        connection.sock.sendall(data[at:at + 1])
        if select.select([connection.sock], [], [], pause)[0]:
            return time.monotonic() - began
    raise AssertionError("all of it was taken, and nothing came back")


# ---- connections ----

def test_max_connections(bearerd, upstream):
    """Of the whole process, whichever worker has them."""
    server = upstream()
    proxy = bearerd({"a": static(server.url)}, {"max_connections": 5})
    time.sleep(0.2)
    held = [proxy.connect() for _ in range(5)]
    try:
        for connection in held:
            connection.request("GET", URL + "/")
            assert connection.read_response().status == 200
        for _ in range(3):
            with proxy.connect(timeout=5) as other:
                reply = other.read_response()
                check_problem(reply, 503, "connection_limit_reached")
                assert int(reply.value("Retry-After")) >= 1
                assert other.at_end()
        with proxy.connect(timeout=5) as other:
            other.request("POST", URL + "/", body=b"x" * 100000)
            check_problem(other.read_response(), 503, "connection_limit_reached")
        held.pop().close()
        wait_for(lambda: proxy.get(URL + "/").status == 200, 5, "a free place")
        for connection in held:
            connection.request("GET", URL + "/again")
            assert connection.read_response().status == 200
    finally:
        for connection in held:
            connection.close()


def test_too_few_descriptors(bearerd, upstream):
    def few():
        resource.setrlimit(resource.RLIMIT_NOFILE, (1000, 1000))

    words = bearerd.refused({"a": static(upstream().url)}, preexec_fn=few)
    assert "max_connections" in words and "1000" in words


def test_enough_descriptors_for_fewer(bearerd, upstream):
    def few():
        resource.setrlimit(resource.RLIMIT_NOFILE, (1000, 1000))

    proxy = bearerd({"a": static(upstream().url)}, {"max_connections": 100},
                    preexec_fn=few)
    assert proxy.get(URL + "/").status == 200


# ---- the head ----

def head_of(size: int, field: str = "X-A") -> bytes:
    head = f"GET {URL}/ HTTP/1.1\r\n{HOST}{field}: "
    return (head + "x" * (size - len(head) - 4) + "\r\n\r\n").encode()


def target_of(size: int) -> bytes:
    return (f"GET {URL}/{'x' * (size - 29)} HTTP/1.1\r\n{HOST}\r\n").encode()


@pytest.mark.parametrize("size", ["2K", "16K", "64K"])
def test_max_header_size(bearerd, upstream, size):
    server = upstream(exactly(
        b"HTTP/1.1 200 OK\r\nX-B: " + b"b" * 8000 +
        b"\r\nContent-Length: 2\r\n\r\nok", close=False))
    proxy = bearerd({"a": static(server.url)}, {"max_header_size": size})
    octets = int(size[:-1]) * 1024
    for _ in range(2):
        with proxy.connect() as connection:
            reply = connection.send(head_of(octets)).read_response()
            assert (reply.status, reply.body) == (200, b"ok")
            assert len(reply.value("X-B")) == 8000
            # There is no room beside it for the answer's.
            assert reply.value("Connection") == "close"
            assert connection.at_end()
    reached = len(server.requests)
    assert reached == 2
    for beyond in (octets + 1, octets + 3000, octets * 2, octets * 4, octets * 40):
        with proxy.connect() as connection:
            try:
                connection.send(head_of(beyond))
            except ConnectionError:
                pass
            reply = connection.read_response()
            assert reply.status == 431
            assert connection.at_end()
    assert len(server.requests) == reached


def test_max_header_size_of_the_target(bearerd, upstream):
    server = upstream()
    proxy = bearerd({"a": static(server.url)}, {"max_header_size": "4K"})
    with proxy.connect() as connection:
        assert connection.send(target_of(3500)).read_response().status == 200
    for size in (4200, 8000, 100000):
        with proxy.connect() as connection:
            try:
                connection.send(target_of(size))
            except ConnectionError:
                pass
            assert connection.read_response().status == 414
            assert connection.at_end()
    assert len(server.requests) == 1


def test_head_that_is_too_large_says_why(bearerd, upstream):
    proxy = bearerd({"a": static(upstream().url)}, {"max_header_size": "4K"})
    with proxy.connect() as connection:
        check_problem(connection.send(head_of(5000)).read_response(), 431,
                      "http_request_error")
    with proxy.connect() as connection:
        check_problem(connection.send(target_of(5000)).read_response(), 414,
                      "http_request_error")


def test_head_that_is_far_too_large_beside_another(bearerd, upstream):
    """libmicrohttpd refuses it, and does not say whose head it is: nobody else
    is told so."""
    server = upstream()
    proxy = bearerd({"a": static(server.url)},
                    {"max_header_size": "4K", "workers": 1})
    with proxy.connect() as other, proxy.connect() as connection:
        other.send(f"GET {URL}/ HTTP/1.1\r\n{HOST}X-A: ")
        time.sleep(0.2)  # it is there first; if not, the answer is the nicer one
        try:
            connection.send(head_of(20000))
        except ConnectionError:
            pass
        assert connection.read_response().status == 431
        other.send("1\r\n\r\n")
        assert other.read_response().status == 200
    with proxy.connect() as connection:  # alone again
        try:
            connection.send(head_of(20000))
        except ConnectionError:
            pass
        check_problem(connection.read_response(), 431, "http_request_error")
    assert len(server.requests) == 1


def test_many_small_fields_within_the_size(bearerd, upstream):
    server = upstream()
    proxy = bearerd({"a": static(server.url)})
    lines = "".join(f"X-{n}: 1\r\n" for n in range(100))
    with proxy.connect() as connection:
        connection.send(f"GET {URL}/ HTTP/1.1\r\n{HOST}{lines}\r\n")
        assert connection.read_response().status == 200
    assert server.last.value("X-99") == "1"


@pytest.mark.parametrize("sent", [
    "", "G", "GET ", f"GET {URL}/ HTTP/1.1\r\n", f"GET {URL}/ HTTP/1.1\r\n{HOST}X-A"])
def test_header_timeout_of_a_head_that_stands_still(bearerd, upstream, sent):
    server = upstream()
    proxy = bearerd({"a": static(server.url)}, {"header_timeout": "1s"})
    with proxy.connect() as connection:
        began = time.monotonic()
        connection.send(sent)
        check_problem(connection.read_response(), 408, "http_request_error")
        assert 0.9 < time.monotonic() - began < either(2.5, 6)
        assert connection.at_end()
    assert server.requests == []


def test_header_timeout_of_a_head_that_trickles_in(bearerd, upstream):
    server = upstream()
    proxy = bearerd({"a": static(server.url)}, {"header_timeout": "1s"})
    with proxy.connect() as connection:
        took = trickle(connection, head_of(200), 0.1)
        assert 0.9 < took < either(2.5, 6)
        check_problem(connection.read_response(), 408, "http_request_error")
    assert server.requests == []


@pytest.mark.parametrize("pause", [0.0, 1.5])
def test_header_timeout_of_a_later_request(bearerd, upstream, pause):
    """Counts from its first byte, not from the last answer."""
    server = upstream()
    proxy = bearerd({"a": static(server.url)}, {"header_timeout": "1s"})
    with proxy.connect() as connection:
        connection.request("GET", URL + "/")
        assert connection.read_response().status == 200
        time.sleep(pause)
        took = trickle(connection, head_of(200), 0.1)
        assert 0.8 < took < either(3, 7)
        check_problem(connection.read_response(), 408, "http_request_error")
    assert len(server.requests) == 1


def test_header_timeout_leaves_whole_heads_alone(bearerd, upstream):
    """However long their answers and bodies take."""
    def script(peer):
        while True:
            peer.read_request()
            time.sleep(2)
            peer.send(OK)

    proxy = bearerd({"a": static(upstream(script).url)}, {"header_timeout": "1s"})
    with proxy.connect() as connection:
        connection.request("POST", URL + "/", fields=["Content-Length: 3"])
        for _ in range(3):
            time.sleep(0.7)
            connection.send(b"x")
        assert connection.read_response().body == b"ok"
        time.sleep(2)
        connection.request("GET", URL + "/")
        assert connection.read_response().body == b"ok"


# ---- between requests ----

def test_keepalive_timeout(bearerd, upstream):
    proxy = bearerd({"a": static(upstream().url)}, {"keepalive_timeout": "1s"})
    with proxy.connect() as connection:
        for _ in range(3):
            connection.request("GET", URL + "/")
            assert connection.read_response().status == 200
            time.sleep(0.5)
        began = time.monotonic()
        assert connection.at_end(10)
        assert 0.3 < time.monotonic() - began < either(2.5, 6)


def test_keepalive_timeout_is_none_of_a_request(bearerd, upstream):
    """Neither of one that waits for its answer, nor of one that is read."""
    def script(peer):
        peer.read_request()
        time.sleep(2.5)
        peer.send(OK)

    proxy = bearerd({"a": static(upstream(script).url)}, {"keepalive_timeout": "1s"})
    assert proxy.get(URL + "/").body == b"ok"
    with proxy.connect() as connection:
        connection.send(f"GET {URL}/ HTTP/1.1\r\n")
        time.sleep(2.5)
        connection.send(HOST + "\r\n")
        assert connection.read_response().body == b"ok"


# ---- the client's pace ----

def test_idle_upload(bearerd, upstream):
    server = upstream()
    proxy = bearerd({"a": static(server.url, idle_timeout="1s")})
    with proxy.connect() as connection:
        connection.request("POST", URL + "/", fields=["Content-Length: 10"])
        connection.send(b"hello")
        began = time.monotonic()
        check_problem(connection.read_response(), 408, "http_request_error")
        assert 0.9 < time.monotonic() - began < either(4, 8)
        assert connection.at_end()
    assert not any(request.complete for request in server.requests)


def test_slow_upload_is_not_idle(bearerd, upstream):
    server = upstream()
    proxy = bearerd({"a": static(server.url, idle_timeout="1s")})
    with proxy.connect() as connection:
        connection.request("POST", URL + "/", fields=["Content-Length: 8"])
        for _ in range(8):
            time.sleep(0.5)
            connection.send(b"x")
        assert connection.read_response().json()["length"] == 8


@pytest.mark.parametrize("size", [1 << 23, 1 << 27])
def test_client_that_does_not_read(bearerd, upstream, size):
    """Its connection ends, and so does the upstream's."""
    ended = []

    def script(peer):
        peer.read_request()
        try:
            peer.answer(bytes(size))
            ended.append(peer.wait_until_closed(30))
        except OSError:
            ended.append(True)

    proxy = bearerd({"a": static(upstream(script).url, idle_timeout="1s")})
    with proxy.connect(receive_buffer=4096) as connection:
        connection.request("GET", URL + "/", fields=["Connection: close"])
        wait_for(lambda: ended == [True], 30, "the upstream's connection closed")
        connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        length = len(connection.read_to_end())
    assert length < size


def test_client_that_reads_slowly(bearerd, upstream):
    size = 300_000
    server = upstream(exactly(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size
                              + bytes(size)))
    proxy = bearerd({"a": static(server.url, idle_timeout="1s")})
    with proxy.connect(receive_buffer=4096) as connection:
        connection.request("GET", URL + "/", fields=["Connection: close"])
        length = 0
        for _ in range(12):
            time.sleep(0.4)
            length += len(connection.sock.recv(8192))
        reply = connection.read_to_end()
        assert length + len(reply) > size


# ---- bodies ----

def test_max_body_by_length(bearerd, upstream):
    server = upstream()
    proxy = bearerd({"a": static(server.url, max_body="10K")})
    assert proxy.post(URL + "/", b"x" * 10240).json()["length"] == 10240
    reached = server.connections
    with proxy.connect() as connection:
        connection.request("POST", URL + "/", body=b"x" * 10241)
        check_problem(connection.read_response(), 413, "http_request_error")
        assert connection.at_end()
    assert len(server.requests) == 1
    assert server.connections == reached


def test_max_body_of_a_large_upload(bearerd, upstream):
    """The answer is not lost, though the client is still sending."""
    server = upstream()
    proxy = bearerd({"a": static(server.url, max_body="10K")})
    for _ in range(5):
        with proxy.connect() as connection:
            connection.request("POST", URL + "/",
                               fields=[f"Content-Length: {1 << 25}"])
            try:
                for _ in range(32):
                    connection.send(bytes(1 << 20))
            except ConnectionError:
                pass
            check_problem(connection.read_response(), 413, "http_request_error")
    assert server.requests == []


def test_max_body_and_expect(bearerd, upstream):
    """Refused before the client sends anything."""
    server = upstream()
    proxy = bearerd({"a": static(server.url, max_body="10K")})
    with proxy.connect(timeout=5) as connection:
        connection.request("POST", URL + "/", fields=[
            "Expect: 100-continue", "Content-Length: 20000"])
        assert connection.read_head().status == 413
    assert server.requests == []


def test_max_body_in_chunks(bearerd, upstream):
    server = upstream()
    proxy = bearerd({"a": static(server.url, max_body="10K")})
    chunk = b"400\r\n" + b"x" * 1024 + b"\r\n"
    head = (f"POST {URL}/ HTTP/1.1\r\n{HOST}"
            "Transfer-Encoding: chunked\r\n\r\n").encode()
    with proxy.connect() as connection:
        connection.send(head + chunk * 10 + b"0\r\n\r\n")
        assert connection.read_response().json()["length"] == 10240
        connection.send(head + chunk * 10)
        time.sleep(0.2)
        connection.send(b"1\r\nx\r\n")
        check_problem(connection.read_response(), 413, "http_request_error")
        assert connection.at_end()
    time.sleep(0.2)
    assert [request.complete for request in server.requests] == [True, False]


def test_max_body_in_endless_chunks(bearerd, upstream):
    server = upstream()
    proxy = bearerd({"a": static(server.url, max_body="10K")})
    chunk = b"10000\r\n" + bytes(65536) + b"\r\n"
    with proxy.connect() as connection:
        try:
            connection.send(f"POST {URL}/ HTTP/1.1\r\n{HOST}"
                            "Transfer-Encoding: chunked\r\n\r\n")
            for _ in range(500):
                connection.send(chunk)
        except ConnectionError:
            pass
        check_problem(connection.read_response(), 413, "http_request_error")
    assert not any(request.complete for request in server.requests)


# ---- upstream ----

def slow(seconds: float):
    def script(peer):
        while True:
            peer.read_request()
            time.sleep(seconds)
            peer.send(OK)

    return script


def test_max_upstream_connections(bearerd, upstream):
    """Of all workers together; the rest waits its turn."""
    server = upstream(slow(0.3))
    proxy = bearerd({"a": static(server.url, max_upstream_connections=2)},
                    {"workers": 2})
    connections = [proxy.connect() for _ in range(8)]
    began = time.monotonic()
    for connection in connections:
        connection.request("GET", URL + "/")
    for connection in connections:
        assert connection.read_response().body == b"ok"
        connection.close()
    assert time.monotonic() - began > 1.0
    assert server.connections <= 8
    assert len(server.requests) == 8


def test_max_upstream_connections_and_connect_timeout(bearerd, upstream):
    server = upstream(slow(4))
    proxy = bearerd({"a": static(server.url, max_upstream_connections=1,
                                 connect_timeout="1s")})
    with proxy.connect() as first:
        first.request("GET", URL + "/")
        server.wait_for_requests(1)
        began = time.monotonic()
        reply = proxy.get(URL + "/")
        assert 0.9 < time.monotonic() - began < either(2.5, 6)
        check_problem(reply, 503, "connection_limit_reached")
        assert int(reply.value("Retry-After")) >= 1
        assert first.read_response().body == b"ok"
    assert len(server.requests) == 1


# ---- the end ----

def test_drain_timeout(bearerd, upstream):
    """What is under way may finish, for so long; the rest is cut."""
    def script(peer):
        request = peer.read_request()
        if request.target == "/quick":
            time.sleep(1)
            peer.send(OK)
        else:
            peer.wait_until_closed(30)

    server = upstream(script)
    proxy = bearerd({"a": static(server.url)}, {"drain_timeout": "2s"})
    with proxy.connect() as quick, proxy.connect() as stuck:
        quick.request("GET", URL + "/quick")
        stuck.request("GET", URL + "/stuck")
        server.wait_for_requests(2)
        began = time.monotonic()
        proxy.process.terminate()
        assert quick.read_response().body == b"ok"
        assert time.monotonic() - began < either(1.8, 4)
        reply = stuck.read_response()
        assert reply.status == 503
        assert 1.8 < time.monotonic() - began < either(4, 8)
        assert proxy.process.wait(10) == 0
    proxy.stopped = True


def test_ends_at_once_where_nothing_is_under_way(bearerd, upstream):
    proxy = bearerd({"a": static(upstream().url)}, {"drain_timeout": "20s"})
    with proxy.connect() as idle:
        idle.request("GET", URL + "/")
        idle.read_response()
        began = time.monotonic()
        proxy.stop()
        assert time.monotonic() - began < either(2, 6)
        assert idle.at_end()
