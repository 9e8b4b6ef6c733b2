# SPDX-License-Identifier: MIT
"""Requests whose end or meaning two servers could read differently: refused,
and nothing of them reaches the upstream."""

import time

import pytest

from harness import static
from rawclient import Connection

HOST = "Host: api.example.test"
TARGET = "http://api.example.test/x"

AMBIGUOUS = {
    "two lengths": f"POST {TARGET} HTTP/1.1|{HOST}|Content-Length: 5"
                   "|Content-Length: 6||hello",
    "two equal lengths": f"POST {TARGET} HTTP/1.1|{HOST}|Content-Length: 5"
                         "|Content-Length: 5||hello",
    "a list of lengths": f"POST {TARGET} HTTP/1.1|{HOST}|Content-Length: 5, 5||hello",
    "a signed length": f"POST {TARGET} HTTP/1.1|{HOST}|Content-Length: +5||hello",
    "a negative length": f"POST {TARGET} HTTP/1.1|{HOST}|Content-Length: -5||hello",
    "a hexadecimal length": f"POST {TARGET} HTTP/1.1|{HOST}|Content-Length: 0x5"
                            "||hello",
    "an empty length": f"POST {TARGET} HTTP/1.1|{HOST}|Content-Length:||",
    "a length beyond all numbers": f"POST {TARGET} HTTP/1.1|{HOST}"
                                   "|Content-Length: 99999999999999999999||hello",
    "coding and length": f"POST {TARGET} HTTP/1.1|{HOST}|Content-Length: 5"
                         "|Transfer-Encoding: chunked||0||",
    "length and coding": f"POST {TARGET} HTTP/1.1|{HOST}|Transfer-Encoding: chunked"
                         "|Content-Length: 5||0||",
    "gzip, chunked": f"POST {TARGET} HTTP/1.1|{HOST}"
                     "|Transfer-Encoding: gzip, chunked||0||",
    "chunked, chunked": f"POST {TARGET} HTTP/1.1|{HOST}"
                        "|Transfer-Encoding: chunked, chunked||0||",
    "two codings": f"POST {TARGET} HTTP/1.1|{HOST}|Transfer-Encoding: chunked"
                   "|Transfer-Encoding: chunked||0||",
    "identity": f"POST {TARGET} HTTP/1.1|{HOST}|Transfer-Encoding: identity||",
    "an unknown coding": f"POST {TARGET} HTTP/1.1|{HOST}"
                         "|Transfer-Encoding: xchunked||0||",
    "chunked in HTTP/1.0": f"POST {TARGET} HTTP/1.0|{HOST}"
                           "|Transfer-Encoding: chunked||0||",
    "space before the colon": f"GET {TARGET} HTTP/1.1|{HOST}|X-A : 1||",
    "space before the length's colon": f"POST {TARGET} HTTP/1.1|{HOST}"
                                       "|Content-Length : 5||hello",
    "space before the coding's colon": f"POST {TARGET} HTTP/1.1|{HOST}"
                                       "|Transfer-Encoding : chunked||0||",
    "NUL in a value": f"GET {TARGET} HTTP/1.1|{HOST}|X-A: 1\0002||",
    "NUL in a name": f"GET {TARGET} HTTP/1.1|{HOST}|X\000A: 1||",
    "CR in a value": f"GET {TARGET} HTTP/1.1|{HOST}|X-A: 1\r2||",
    "a folded line": f"GET {TARGET} HTTP/1.1|{HOST}|X-A: 1|  2||",
    "a folded first line": f"GET {TARGET} HTTP/1.1| X-A: 1|{HOST}||",
    "a line without a colon": f"GET {TARGET} HTTP/1.1|{HOST}|nonsense||",
    "an empty name": f"GET {TARGET} HTTP/1.1|{HOST}|: 1||",
    "space in the target": f"GET {TARGET} y HTTP/1.1|{HOST}||",
    "tab in the target": f"GET {TARGET}\ty HTTP/1.1|{HOST}||",
    "no Host": f"GET {TARGET} HTTP/1.1||",
    "no Host in origin-form": "GET /api/x HTTP/1.1||",
    "two Hosts": f"GET {TARGET} HTTP/1.1|{HOST}|{HOST}||",
    "two different Hosts": f"GET {TARGET} HTTP/1.1|{HOST}|Host: other.test||",
    "a Host with a path": "GET /x HTTP/1.1|Host: api.example.test/x||",
    "a Host with a user": "GET /x HTTP/1.1|Host: me@api.example.test||",
    "a Host with a space": "GET /x HTTP/1.1|Host: api.example.test x||",
    "a Host with a bad port": "GET /x HTTP/1.1|Host: api.example.test:8x||",
    "two hosts in a Host": "GET /x HTTP/1.1|Host: api.example.test, other.test||",
    "a target with a user": f"GET http://me@api.example.test/x HTTP/1.1|{HOST}||",
    "a target with a bad port": f"GET http://api.example.test:99999/ HTTP/1.1|{HOST}||",
    "a target without a host": f"GET http:///x HTTP/1.1|{HOST}||",
    "a target of another scheme": f"GET ftp://api.example.test/x HTTP/1.1|{HOST}||",
    "a relative target": f"GET x HTTP/1.1|{HOST}||",
    "a method that is no token": f"G@T {TARGET} HTTP/1.1|{HOST}||",
    "a method with a tab": f"GET\t{TARGET} {TARGET} HTTP/1.1|{HOST}||",
    "a method with a control character": f"G\001T {TARGET} HTTP/1.1|{HOST}||",
}
# Refused too, but by whom and how is not ours to say.
GARBAGE = {
    "no version": f"GET {TARGET}|{HOST}||",
    "an unknown version": f"GET {TARGET} HTTP/3.7|{HOST}||",
    "not HTTP": "\026\003\001\002\000\001\000\001\374\003\003" + "x" * 600 + "||",
    "HTTP/2": "PRI * HTTP/2.0||SM||",
    "a method with a space before": f" GET {TARGET} HTTP/1.1|{HOST}||",
    "a head beyond all bounds": f"GET {TARGET} HTTP/1.1|{HOST}|X: {'x' * 200000}||",
    "fields beyond all bounds": f"GET {TARGET} HTTP/1.1|{HOST}|"
                                + "X-A: 1|" * 50000 + "|",
    "a target beyond all bounds": f"GET {TARGET}{'x' * 200000} HTTP/1.1|{HOST}||",
}


@pytest.fixture(scope="module")
def server(shared_upstream):
    return shared_upstream()


@pytest.fixture(scope="module")
def proxy(shared_bearerd, server):
    return shared_bearerd({"api": static(server.url)})


def lines(text: str) -> bytes:
    return text.replace("|", "\r\n").encode("latin-1")


def answer_and_close(proxy, data: bytes) -> bytes:
    """What comes back to these bytes and a request behind them."""
    smuggled = lines("GET http://api.example.test/smuggled HTTP/1.1|"
                     + HOST + "||")
    with Connection(proxy.port, timeout=15) as connection:
        try:
            connection.send(data + smuggled)
        except ConnectionError:
            pass
        return connection.read_to_end()


@pytest.mark.parametrize("name", AMBIGUOUS)
def test_ambiguous_request(proxy, server, name):
    server.requests.clear()
    answer = answer_and_close(proxy, lines(AMBIGUOUS[name]))
    expected = b"413" if name == "a length beyond all numbers" else b"400"
    assert answer[9:12] in (b"400", expected), answer[:200]
    assert answer.count(b"HTTP/1.1 ") == 1
    assert server.requests == []


@pytest.mark.parametrize("name", GARBAGE)
def test_garbage(proxy, server, name):
    server.requests.clear()
    answer = answer_and_close(proxy, lines(GARBAGE[name]))
    assert answer == b"" or answer[:9] in (b"HTTP/1.1 ", b"HTTP/1.0 ")
    assert answer == b"" or answer[9:10] in b"45", answer[:200]
    assert answer.count(b"HTTP/1.1 ") <= 1
    assert server.requests == []


def test_refusals_that_are_ours_say_why(proxy):
    answer = answer_and_close(proxy, lines(AMBIGUOUS["two lengths"]))
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"application/problem+json" in head
    assert b"error=http_request_error" in head
    assert b"connection: close" in head.lower()
    assert b'"status"' in body


@pytest.mark.parametrize("chunks", [
    "zz\r\nabc\r\n0\r\n\r\n", "-1\r\nabc\r\n", "3\r\nabcX0\r\n\r\n",
    "fffffffffffffffff\r\nabc\r\n", "0x3\r\nabc\r\n0\r\n\r\n"])
def test_broken_chunks_make_no_whole_request(bearerd, upstream, chunks):
    server = upstream()
    proxy = bearerd({"api": static(server.url)})
    head = lines(f"POST {TARGET} HTTP/1.1|{HOST}|Transfer-Encoding: chunked||")
    with Connection(proxy.port, timeout=15) as connection:
        connection.send(head + chunks.encode())
        answer = connection.read_to_end()
    assert b" 200 " not in answer[:20]
    time.sleep(0.1)
    assert not any(request.complete for request in server.requests)


def test_client_that_ends_early_makes_no_whole_request(bearerd, upstream):
    server = upstream()
    proxy = bearerd({"api": static(server.url)})
    with Connection(proxy.port) as connection:
        connection.send(lines(f"POST {TARGET} HTTP/1.1|{HOST}"
                              "|Content-Length: 10||hello"))
        time.sleep(0.2)
    time.sleep(0.3)
    assert not any(request.complete for request in server.requests)


@pytest.mark.parametrize("head", [
    f"GET {TARGET} HTTP/1.1|{HOST}|X-A:\t 1 \t||",
    f"GET {TARGET} HTTP/1.1|hOST:api.example.test||",
    f"POST {TARGET} HTTP/1.1|{HOST}|Content-Length: 005||hello",
    f"POST {TARGET} HTTP/1.1|{HOST}|Transfer-Encoding: Chunked||5;a=b|hello|0|X: y||",
    f"GET {TARGET} HTTP/1.1|{HOST}|Content-Length: 0||",
])
def test_unusual_but_clear_requests_pass(bearerd, upstream, head):
    server = upstream()
    proxy = bearerd({"api": static(server.url)})
    with Connection(proxy.port) as connection:
        reply = connection.send(lines(head)).read_response()
    assert reply.status == 200
    assert server.last.complete
    assert server.last.body in (b"", b"hello")
