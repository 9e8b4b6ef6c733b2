# SPDX-License-Identifier: MIT
"""HTTP as RFC 9110 and 9112 have it, between a client and an upstream that each
use all of it."""

import json
import socket
import threading
import time

import pytest

from harness import either, static, wait_for
from rawclient import Connection
from rawserver import Closed, echo, exactly

URL = "http://api.example.test"
HOST = "Host: api.example.test"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@pytest.fixture(scope="module")
def server(shared_upstream):
    return shared_upstream()


@pytest.fixture(scope="module")
def proxy(shared_bearerd, server):
    return shared_bearerd({"a": static(server.url)})


def lines(*parts: str) -> str:
    return "\r\n".join(parts) + "\r\n\r\n"


# ---- HTTP/1.0 ----

@pytest.mark.parametrize("head, kept", [
    (lines(f"GET {URL}/x HTTP/1.0"), False),
    (lines(f"GET {URL}/x HTTP/1.0", HOST), False),
    (lines("GET /a/x HTTP/1.0"), False),
    (lines("GET /x HTTP/1.0", HOST), False),
    (lines(f"GET {URL}/x HTTP/1.0", HOST, "Connection: keep-alive"), True),
    (lines(f"GET {URL}/x HTTP/1.0", HOST, "Connection: Keep-Alive"), True),
    (lines(f"GET {URL}/x HTTP/1.1", HOST, "Connection: close"), False),
    (lines(f"GET {URL}/x HTTP/1.1", HOST, "Connection: x, close"), False),
    (lines(f"GET {URL}/x HTTP/1.1", HOST), True),
])
def test_persistence(proxy, server, head, kept):
    with proxy.connect() as connection:
        for _ in range(2 if kept else 1):
            connection.send(head)
            reply = connection.read_response()
            assert (reply.status, reply.complete) == (200, True)
            assert reply.json()["line"] == "GET /x HTTP/1.1"
        if not kept:
            assert connection.at_end()


def test_http_1_0_and_a_body(proxy):
    with proxy.connect() as connection:
        connection.send(lines(f"POST {URL}/x HTTP/1.0", "Content-Length: 5") + "hello")
        assert connection.read_response().json()["length"] == 5


def test_http_1_0_gets_no_chunks(bearerd, upstream):
    """Kept alive where the length is known, else not."""
    def script(peer):
        while True:
            request = peer.read_request()
            if request.target == "/sized":
                peer.send(OK)
            else:
                peer.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                          b"5\r\nhello\r\n")
                time.sleep(0.2)
                peer.send(b"6\r\n world\r\n0\r\n\r\n")

    proxy = bearerd({"a": static(upstream(script).url)})
    with proxy.connect() as connection:
        connection.send(lines(f"GET {URL}/sized HTTP/1.0", HOST,
                              "Connection: keep-alive"))
        assert connection.read_response().body == b"ok"
        connection.send(lines(f"GET {URL}/chunked HTTP/1.0", HOST,
                              "Connection: keep-alive"))
        reply = connection.read_response()
        assert reply.values("Transfer-Encoding") == []
        assert reply.body == b"hello world"


def test_http_1_0_upstream(bearerd, upstream):
    for answer in (b"HTTP/1.0 200 OK\r\n\r\nhello",
                   b"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello",
                   b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n"
                   b"Content-Length: 5\r\n\r\nhello"):
        server = upstream(exactly(answer))
        proxy = bearerd({"a": static(server.url)})
        with proxy.connect() as connection:
            for _ in range(2):
                connection.request("GET", URL + "/")
                reply = connection.read_response()
                assert (reply.body, reply.complete) == (b"hello", True)
                assert reply.version == "HTTP/1.1"
        proxy.stop()


# ---- methods and targets ----

@pytest.mark.parametrize("method", [
    "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND", "MKCOL", "LOCK", "REPORT",
    "M-SEARCH", "QUERY", "get", "X", "A" * 40, "!#$%&'*+-.^_`|~09"])
def test_methods(proxy, server, method):
    reply = proxy.fetch(method, URL + "/x")
    assert reply.status == 200
    assert reply.json()["line"] == f"{method} /x HTTP/1.1"


@pytest.mark.parametrize("method", ["GET", "DELETE", "OPTIONS", "PROPFIND", "X"])
@pytest.mark.parametrize("chunked", [False, True])
def test_body_with_any_method(proxy, server, method, chunked):
    with proxy.connect() as connection:
        if chunked:
            connection.request(method, URL + "/x", fields=["Transfer-Encoding: chunked"])
            connection.send(b"5\r\nhello\r\n0\r\n\r\n")
        else:
            connection.request(method, URL + "/x", body=b"hello")
        reply = connection.read_response()
    assert reply.json()["length"] == 5
    assert server.last.method == method
    assert server.last.body == b"hello"


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_no_body_with_any_method(proxy, server, method):
    for fields in ([], ["Content-Length: 0"]):
        with proxy.connect() as connection:
            connection.request(method, URL + "/x", fields=fields)
            assert connection.read_response().json()["length"] == 0


def test_options_of_the_whole_server(proxy, server):
    assert proxy.fetch("OPTIONS", URL).json()["line"] == "OPTIONS * HTTP/1.1"
    assert proxy.fetch("OPTIONS", "*", host="api.example.test").json()[
        "line"] == "OPTIONS * HTTP/1.1"
    assert proxy.fetch("OPTIONS", URL + "/").json()["line"] == "OPTIONS / HTTP/1.1"
    assert proxy.get("*", host="api.example.test").status == 400


def test_ranges_and_conditions(bearerd, nginx):
    (nginx.files / "ten").write_bytes(b"0123456789")
    proxy = bearerd({"a": static(nginx.url)})
    whole = proxy.get(URL + "/ten")
    part = proxy.get(URL + "/ten", "Range: bytes=2-4")
    assert (part.status, part.body) == (206, b"234")
    assert part.value("Content-Range") == "bytes 2-4/10"
    parts = proxy.get(URL + "/ten", "Range: bytes=0-1,8-9")
    assert parts.status == 206
    assert parts.value("Content-Type").startswith("multipart/byteranges")
    assert parts.complete and b"\r\n\r\n01\r\n" in parts.body
    beyond = proxy.get(URL + "/ten", "Range: bytes=20-")
    assert (beyond.status, beyond.value("Content-Range")) == (416, "bytes */10")
    same = proxy.get(URL + "/ten", f"If-None-Match: {whole.value('ETag')}")
    assert (same.status, same.body) == (304, b"")
    assert same.value("ETag") == whole.value("ETag")
    assert proxy.get(URL + "/ten", 'If-Match: "x"').status == 412


@pytest.mark.parametrize("status", [200, 201, 203, 226, 299, 300, 404, 418, 451,
                                    499, 500, 599, 799])
def test_statuses(bearerd, upstream, status):
    server = upstream(exactly(
        f"HTTP/1.1 {status} As It Is\r\nContent-Length: 2\r\n\r\nok".encode()))
    proxy = bearerd({"a": static(server.url)})
    reply = proxy.get(URL + "/")
    if status < 600:
        assert (reply.status, reply.body) == (status, b"ok")
    else:
        assert reply.status in (status, 502)


def test_205_has_no_body(bearerd, upstream):
    server = upstream(exactly(b"HTTP/1.1 205 Reset Content\r\n"
                              b"Content-Length: 0\r\n\r\n", close=False))
    proxy = bearerd({"a": static(server.url)})
    with proxy.connect() as connection:
        for _ in range(2):
            connection.request("GET", URL + "/")
            assert connection.read_response().status == 205


# ---- interim answers ----

def test_expect_of_an_upstream_that_says_nothing(bearerd, upstream):
    """The client may send all the same, after a while."""
    server = upstream()
    proxy = bearerd({"a": static(server.url)})
    with proxy.connect(timeout=5) as connection:
        connection.request("POST", URL + "/", fields=[
            "Expect: 100-Continue", "Transfer-Encoding: chunked"])
        assert connection.read_head().status == 100
        connection.send(b"5\r\nhello\r\n0\r\n\r\n")
        assert connection.read_response().json()["length"] == 5
    assert server.last.values("Expect") == ["100-continue"]


@pytest.mark.parametrize("target, host, status", [
    ("http://evil.test/", "evil.test", 403), ("/nothing", "localhost", 404),
    ("/", "evil.test", 421), ("http://api.example.test/../", "x", 400)])
def test_expect_and_a_refusal(proxy, target, host, status):
    """The client need not send what nobody wants."""
    with proxy.connect(timeout=5) as connection:
        connection.request("POST", target, host=host, fields=[
            "Expect: 100-continue", "Content-Length: 100000"])
        assert connection.read_head().status == status


def test_client_that_does_not_wait_for_100(proxy):
    with proxy.connect() as connection:
        connection.request("POST", URL + "/", fields=["Expect: 100-continue"],
                           body=b"hello")
        assert connection.read_response().json()["length"] == 5


def test_interim_answers_of_the_upstream(bearerd, upstream):
    """Also in front of an answer to a body."""
    def script(peer):
        while True:
            peer.read_head()
            peer.send(b"HTTP/1.1 100 Continue\r\n\r\n")
            peer.take(5)
            peer.send(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n")
            peer.send(OK)

    proxy = bearerd({"a": static(upstream(script).url)})
    with proxy.connect() as connection:
        for _ in range(2):
            connection.request("POST", URL + "/", body=b"hello")
            assert connection.read_response().body == b"ok"


def test_101_that_nobody_asked_for(bearerd, upstream):
    server = upstream(exactly(b"HTTP/1.1 101 Switching Protocols\r\n"
                              b"Upgrade: x\r\nConnection: Upgrade\r\n\r\nraw"))
    proxy = bearerd({"a": static(server.url)})
    reply = proxy.get(URL + "/")
    assert reply.status == 502
    assert reply.error in ("http_protocol_error", "http_response_incomplete",
                           "connection_terminated")


# ---- many at once ----

def test_pipelining_of_50(proxy, server):
    """All in one piece, with bodies and without; answered in order."""
    data = ""
    for n in range(50):
        body = "x" * (n * 37 % 500)
        kind = n % 4
        if kind == 0:
            data += lines(f"GET {URL}/{n} HTTP/1.1", HOST)
        elif kind == 1:
            data += lines(f"POST {URL}/{n} HTTP/1.1", HOST,
                          f"Content-Length: {len(body)}") + body
        elif kind == 2:
            chunks = f"{len(body):x}\r\n{body}\r\n" if body else ""
            data += lines(f"PUT {URL}/{n} HTTP/1.1", HOST,
                          "Transfer-Encoding: chunked") + chunks + "0\r\n\r\n"
        else:
            data += lines("GET /nothing HTTP/1.1", "Host: localhost")
    with proxy.connect() as connection:
        connection.send(data)
        for n in range(50):
            reply = connection.read_response()
            if n % 4 == 3:
                assert reply.status == 404
                continue
            seen = reply.json()
            assert seen["line"].split()[1] == f"/{n}"
            assert seen["length"] == (n * 37 % 500 if n % 4 else 0)
        assert connection.buffer == b""


def test_pipelining_byte_by_byte(proxy):
    data = (lines(f"POST {URL}/1 HTTP/1.1", HOST, "Content-Length: 3") + "abc"
            + lines(f"GET {URL}/2 HTTP/1.1", HOST)).encode()
    with proxy.connect() as connection:
        for at in range(len(data)):
            connection.send(data[at:at + 1])
            time.sleep(0.001)
        assert connection.read_response().json()["length"] == 3
        assert connection.read_response().json()["line"] == "GET /2 HTTP/1.1"


def test_requests_behind_one_that_closes(proxy, server):
    """Are not served: the client was told that the connection ends."""
    server.requests.clear()
    with proxy.connect() as connection:
        connection.send(lines(f"GET {URL}/1 HTTP/1.1", HOST, "Connection: close")
                        + lines(f"GET {URL}/2 HTTP/1.1", HOST))
        assert connection.read_response().status == 200
        assert connection.at_end()
    assert [request.target for request in server.requests] == ["/1"]


def test_blank_lines_before_a_request(proxy):
    """RFC 9112 §2.2: at least one is passed over."""
    with proxy.connect() as connection:
        connection.send("\r\n" + lines(f"GET {URL}/1 HTTP/1.1", HOST))
        assert connection.read_response().status == 200


# ---- clients and upstreams that leave ----

def test_client_that_ends_its_side(proxy):
    """After its request: it may still read."""
    with proxy.connect() as connection:
        connection.send(lines(f"GET {URL}/1 HTTP/1.1", HOST))
        connection.sock.shutdown(socket.SHUT_WR)
        data = connection.read_to_end()
        assert data == b"" or data.startswith(b"HTTP/1.1 200")


@pytest.mark.threads
def test_client_that_leaves_within_its_body(bearerd, upstream):
    ended = []

    def script(peer):
        peer.read_head()
        try:
            peer.take(5)
        except Closed:  # the client left before they were passed on
            ended.append(True)
            return
        ended.append(peer.wait_until_closed(10))

    server = upstream(script)
    proxy = bearerd({"a": static(server.url)})
    for framing in ("Content-Length: 100", "Transfer-Encoding: chunked"):
        count = len(ended) + 1
        with proxy.connect() as connection:
            connection.request("POST", URL + "/", fields=[framing])
            connection.send(b"5\r\nhello\r\n" if "chunked" in framing else b"hello")
            server.wait_for_requests(count)
        wait_for(lambda: len(ended) >= count, 10, "the upstream's end")
    assert ended == [True, True]


@pytest.mark.parametrize("size", [100, 100_000, 20_000_000])
def test_early_answer_while_the_upload_goes_on(bearerd, upstream, size):
    """The upstream answers, and reads on."""
    read = []

    def script(peer):
        request = peer.read_head()
        peer.send(OK)
        peer.take(int(request.value("Content-Length")))
        read.append(True)
        peer.read_head()

    proxy = bearerd({"a": static(upstream(script).url)})
    with proxy.connect() as connection:
        connection.request("POST", URL + "/", body=bytes(size))
        assert connection.read_response().body == b"ok"


# ---- answers that break off ----

ANSWERS = {
    "sized": b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
             b"Content-Length: 26\r\n\r\nabcdefghijklmnopqrstuvwxyz",
    "chunked": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
               b"a\r\nabcdefghij\r\n10\r\nklmnopqrstuvwxyz\r\n0\r\n\r\n",
    "trailers": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"
                b"Trailer: X-T\r\n\r\n"
                b"1a\r\nabcdefghijklmnopqrstuvwxyz\r\n0\r\nX-T: 1\r\n\r\n",
    "interim": b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
               b"HTTP/1.1 200 OK\r\nContent-Length: 26\r\n\r\n"
               b"abcdefghijklmnopqrstuvwxyz",
}


def cutting(answer: bytes, reset: bool):
    """Each connection gets as many bytes of the answer as the path says."""
    def script(peer):
        request = peer.read_request()
        peer.send(answer[:int(request.target[1:])])
        if reset:
            time.sleep(0.01)
            peer.reset()

    return script


@pytest.mark.parametrize("version", ["HTTP/1.1", "HTTP/1.0"])
@pytest.mark.parametrize("reset", [False, True], ids=["closed", "reset"])
@pytest.mark.parametrize("kind", ANSWERS)
def test_answer_that_ends_after_every_byte(bearerd, upstream, kind, reset, version):
    """The client can tell each from a whole one."""
    answer = ANSWERS[kind]
    proxy = bearerd({"a": static(upstream(cutting(answer, reset)).url)})
    end = len(answer)
    if b"chunked" in answer:  # RFC 9112 §8: the last chunk makes it whole
        end = answer.index(b"\r\n0\r\n") + 5
    for length in range(end):
        with Connection(proxy.port, timeout=10) as connection:
            connection.send(f"GET {URL}/{length} {version}\r\n{HOST}\r\n"
                            "Connection: close\r\n\r\n")
            whole, data = True, b""
            try:
                while piece := connection.sock.recv(65536):
                    data += piece
            except ConnectionError:
                whole = False
        if data.startswith(b"HTTP/1.1 103 "):
            data = data.partition(b"\r\n\r\n")[2]
        if b" 502 " in data[:20] or not whole:
            continue
        assert data.startswith(version[:5].encode())
        head, _, body = data.partition(b"\r\n\r\n")
        head = head.lower()
        if b"content-length: 26" in head:
            assert len(body) < 26, (length, data)
        elif b"chunked" in head:
            assert not body.endswith(b"0\r\n\r\n"), (length, data)
        else:
            raise AssertionError(f"{length} bytes became whole: {data!r}")


def test_answer_until_close(bearerd, upstream):
    """Its end is the close, whole or not: only a reset tells."""
    def script(peer):
        request = peer.read_request()
        peer.send(b"HTTP/1.1 200 OK\r\n\r\nhello")
        time.sleep(0.1)
        if request.target == "/reset":
            peer.reset()

    proxy = bearerd({"a": static(upstream(script).url)})
    reply = proxy.get(URL + "/closed")
    assert (reply.body, reply.complete) == (b"hello", True)
    reply = proxy.get(URL + "/reset")
    assert not reply.complete or reply.status == 502


def test_chunks_that_are_none(bearerd, upstream):
    for bad in (b"zz\r\nhello\r\n0\r\n\r\n", b"5\r\nhelloXX0\r\n\r\n",
                b"-5\r\nhello\r\n0\r\n\r\n", b"ffffffffffffffffff\r\nhello"):
        server = upstream(exactly(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + bad))
        proxy = bearerd({"a": static(server.url)})
        reply = proxy.get(URL + "/")
        assert reply.status == 502 or not reply.complete, (bad, reply)
        proxy.stop()


@pytest.mark.parametrize("head", [
    "Content-Length: 5\r\nTransfer-Encoding: chunked", "Content-Length: -5",
    "Content-Length: 5x", "Content-Length: 5, 6", "Transfer-Encoding: gzip, chunked, x",
    "X-A : 1", "X-A: \0", "no colon"])
def test_answers_that_could_be_read_in_two_ways(bearerd, upstream, head):
    """Refused, or made clear; what lies behind is never taken for an answer."""
    server = upstream(exactly(
        b"HTTP/1.1 200 OK\r\n" + head.encode() + b"\r\n\r\n"
        b"5\r\nhello\r\n0\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nsmuggled"))
    proxy = bearerd({"a": static(server.url)}, {"workers": 1})
    with proxy.connect(timeout=5) as connection:
        connection.request("GET", URL + "/")
        reply = connection.read_response()
        assert reply.body != b"smuggled"
        if not reply.complete or (reply.value("Connection") or "") == "close":
            return
        connection.request("GET", URL + "/")
        assert connection.read_response().body != b"smuggled"


# ---- trailers ----

TRAILERS = (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n"
            b"5\r\nhello\r\n0\r\nX-Sum: 12\r\nContent-Length: 99\r\n"
            b"Set-Cookie: a=b\r\n\r\n")


def test_trailers_to_a_client_that_takes_them(bearerd, upstream):
    proxy = bearerd({"a": static(upstream(exactly(TRAILERS)).url)})
    with proxy.connect() as connection:
        connection.send(lines(f"GET {URL}/ HTTP/1.1", HOST, "TE: trailers",
                              "Connection: TE, close"))
        data = connection.read_to_end()
    assert b"5\r\nhello\r\n" in data
    assert data.endswith(b"\r\n0\r\nX-Sum: 12\r\n\r\n")


@pytest.mark.parametrize("version", ["HTTP/1.1", "HTTP/1.0"])
def test_trailers_to_a_client_that_does_not(bearerd, upstream, version):
    proxy = bearerd({"a": static(upstream(exactly(TRAILERS)).url)})
    with proxy.connect() as connection:
        connection.send(lines(f"GET {URL}/ {version}", HOST, "Connection: close"))
        data = connection.read_to_end()
    assert b"hello" in data and b"X-Sum" not in data.partition(b"\r\n\r\n")[2]


# ---- fields ----

def test_long_fields_and_many(proxy, server):
    long = "v" * 6000
    many = [f"X-{n}: {n}" for n in range(60)]
    assert proxy.get(URL + "/", f"X-Long: {long}", *many).status == 200
    assert server.last.value("X-Long") == long
    assert [server.last.value(f"X-{n}") for n in range(60)] == [
        str(n) for n in range(60)]


def test_octets_beyond_ascii_in_fields(bearerd, upstream):
    server = upstream(exactly("HTTP/1.1 200 OK\r\nX-B: gr\xfc\xdfe\r\n"
                              "Content-Length: 2\r\n\r\nok".encode("latin-1")))
    proxy = bearerd({"a": static(server.url)})
    reply = proxy.get(URL + "/", "X-A: gr\xfc\xdfe")
    assert server.last.value("X-A") == "gr\xfc\xdfe"
    assert reply.value("X-B") == "gr\xfc\xdfe"


def test_empty_values(bearerd, upstream):
    server = upstream(exactly(b"HTTP/1.1 200 OK\r\nX-B:\r\nX-C: \r\n"
                              b"Content-Length: 2\r\n\r\nok"))
    proxy = bearerd({"a": static(server.url)})
    reply = proxy.get(URL + "/", "X-A:")
    assert server.last.value("X-A") == ""
    assert (reply.value("X-B"), reply.value("X-C")) == ("", "")


def test_folded_lines_of_the_upstream(bearerd, upstream):
    """RFC 9112 §5.2: refused, or joined by a space."""
    server = upstream(exactly(b"HTTP/1.1 200 OK\r\nX-B: one\r\n two\r\n"
                              b"Content-Length: 2\r\n\r\nok"))
    reply = bearerd({"a": static(server.url)}).get(URL + "/")
    assert reply.status == 502 or reply.value("X-B").split() == ["one", "two"]


def test_upgrade_is_not_passed_on(bearerd, upstream):
    server = upstream()
    proxy = bearerd({"a": static(server.url)})
    assert proxy.get(URL + "/", "Connection: Upgrade, HTTP2-Settings",
                     "Upgrade: h2c", "HTTP2-Settings: AAMAAABk").status == 200
    assert server.last.values("Upgrade") == []
    assert server.last.values("HTTP2-Settings") == []


def test_small_pieces_are_not_held_back(bearerd, upstream):
    """TCP_NODELAY: a round trip of small writes takes no 40 ms."""
    server = upstream(echo())
    proxy = bearerd({"a": static(server.url)})
    with proxy.connect() as connection:
        times = []
        for n in range(20):
            began = time.monotonic()
            connection.send(f"POST {URL}/{n} HTTP/1.1\r\n{HOST}\r\n"
                            "Content-Length: 5\r\n\r\n")
            connection.send("hello")
            assert json.loads(connection.read_response().body)["length"] == 5
            times.append(time.monotonic() - began)
    assert sorted(times)[10] < either(0.03, 0.2)


def test_both_ways_at_once(bearerd, upstream):
    """An upload and a download of many at a time, byte for byte."""
    def script(peer):
        while True:
            request = peer.read_request()
            peer.answer(request.body[::-1])

    proxy = bearerd({"a": static(upstream(script).url)})
    failures = []

    def one(number: int) -> None:
        body = bytes([number]) * 300_000 + b"end"
        with proxy.connect() as connection:
            for _ in range(3):
                connection.request("POST", URL + "/", body=body)
                if connection.read_response().body != body[::-1]:
                    failures.append(number)

    threads = [threading.Thread(target=one, args=(n,)) for n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
