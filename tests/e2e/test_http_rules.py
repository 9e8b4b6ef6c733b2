# SPDX-License-Identifier: MIT
"""What RFC 9110 and RFC 9112 ask of a proxy, rule by rule, on raw sockets."""

from __future__ import annotations

import pytest

from harness import static
from rawclient import Connection

HOST = "api.example.test"
URL = f"http://{HOST}/x"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@pytest.fixture(scope="module")
def server(shared_upstream):
    def script(peer):
        while True:
            peer.read_request()
            peer.send(peer.server.answers_with)

    one = shared_upstream(script)
    one.answers_with = OK
    return one


@pytest.fixture(scope="module")
def proxy(shared_bearerd, server):
    return shared_bearerd({"a": static(server.url, allow_plain_upstream="yes")})


@pytest.fixture
def ask(proxy, server):
    """ask(request, answer): what the client got, what the upstream got."""
    def send(request: bytes, answer: bytes = OK):
        server.answers_with = answer
        seen = len(server.requests)
        with Connection(proxy.port) as client:
            client.send(request)
            method = request.lstrip().split(b" ", 1)[0].decode()
            return client.read_response(method), server.requests[seen:]

    return send


def request(method: str, *fields: str, target: str = URL, version: str = "1.1",
            host: str | None = HOST, body: bytes = b"") -> bytes:
    lines = [f"{method} {target} HTTP/{version}"]
    lines += [f"Host: {host}"] if host else []
    return "\r\n".join([*lines, *fields, "", ""]).encode() + body


def answer(status: str, *fields: str, body: bytes = b"ok", length: bool = True) -> bytes:
    lines = [f"HTTP/1.1 {status}", *fields]
    lines += [f"Content-Length: {len(body)}"] if length else []
    return "\r\n".join([*lines, "", ""]).encode() + body


REFUSED = {
    "a folded line": request("GET", "X-A: b", "  c"),
    "a space before the colon": request("GET", "X-A : b"),
    "a bare CR": request("GET", "X-A: b\rX-B: c"),
    "no Host": request("GET", host=None),
    "two Hosts": request("GET", "Host: b"),
    "a Host that is none": request("GET", host="a b"),
    "two lengths": request("POST", "Content-Length: 5", "Content-Length: 5",
                           body=b"hello"),
    "a list of lengths": request("POST", "Content-Length: 5, 5", body=b"hello"),
    "a signed length": request("POST", "Content-Length: +5", body=b"hello"),
    "a coding under 1.0": request("POST", "Transfer-Encoding: chunked", version="1.0",
                                  body=b"5\r\nhello\r\n0\r\n\r\n"),
    "a coding and a length": request("POST", "Transfer-Encoding: chunked",
                                     "Content-Length: 5",
                                     body=b"5\r\nhello\r\n0\r\n\r\n"),
    "an unknown coding": request("POST", "Transfer-Encoding: xyz", body=b"hello"),
    "chunked twice": request("POST", "Transfer-Encoding: chunked, chunked",
                             body=b"5\r\nhello\r\n0\r\n\r\n"),
    "userinfo": request("GET", target=f"http://u:p@{HOST}/x"),
    "a fragment": request("GET", target=URL + "#f"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_refused_requests(ask, what):
    reply, arrived = ask(REFUSED[what])
    assert reply.status == 400 and arrived == []


def test_too_long(ask):
    for status, text in ((414, request("GET", target=URL + "a" * 20_000)),
                         (431, request("GET", "X-A: " + "a" * 20_000))):
        reply, arrived = ask(text)
        assert reply.status == status and arrived == []
        assert b"max_header_size" in reply.body


def test_fields_of_the_connection_in_a_request(ask):
    """RFC 9110 §7.6.1: those, and what Connection names, go no further."""
    reply, (got,) = ask(request(
        "GET", "Connection: X-Hop, keep-alive, Cache-Control", "X-Hop: 1",
        "Cache-Control: no-cache", "Keep-Alive: 5", "TE: trailers", "Trailer: x",
        "Proxy-Connection: x", "Upgrade: foo", "Proxy-Authorization: Basic eA==",
        "X-Stays: 1"))
    assert reply.status == 200
    assert sorted(n.lower() for n, _ in got.fields) == [
        "authorization", "host", "via", "x-stays"]


def test_fields_of_the_connection_in_an_answer(ask):
    reply, _ = ask(request("GET"), answer(
        "200 OK", "Connection: X-Hop", "X-Hop: 1", "Keep-Alive: timeout=5",
        "Proxy-Authenticate: Basic", "Proxy-Authentication-Info: a=b",
        "Upgrade: h2c", "X-Stays: 1"))
    for name in ("Connection", "X-Hop", "Keep-Alive", "Proxy-Authenticate",
                 "Proxy-Authentication-Info", "Upgrade"):
        assert reply.values(name) == [], name
    assert reply.value("X-Stays") == "1"


def test_max_forwards(ask):
    """RFC 9110 §7.6.2: of OPTIONS it is counted down, and 0 goes no further."""
    reply, arrived = ask(request("OPTIONS", "Max-Forwards: 0"))
    assert reply.status in (200, 204) and arrived == []
    reply, (got,) = ask(request("OPTIONS", "Max-Forwards: 5"))
    assert got.value("Max-Forwards") == "4"
    reply, (got,) = ask(request("GET", "Max-Forwards: 0"))
    assert got.value("Max-Forwards") == "0"


def test_via_is_the_last(ask):
    """RFC 9110 §7.6.3: behind those that were there."""
    reply, (got,) = ask(request("GET", "Via: 1.1 a, 1.0 b"))
    first, ours = got.values("Via")
    assert first == "1.1 a, 1.0 b" and ours.startswith("1.1 bearerd-")
    assert reply.value("Via").startswith("1.1 bearerd-")
    _, (got,) = ask(request("GET", version="1.0"))
    assert got.value("Via").startswith("1.0 bearerd-")
    assert got.line.endswith(" HTTP/1.1")
    reply, _ = ask(request("GET"), OK.replace(b"HTTP/1.1", b"HTTP/1.0", 1))
    assert reply.value("Via").startswith("1.0 bearerd-")


def test_methods_are_passed_as_they_are(ask):
    for method in ("get", "FROB", "M-SEARCH"):
        reply, (got,) = ask(request(method))
        assert reply.status == 200 and got.method == method


def test_targets(ask):
    """RFC 9112 §3.2: the target's host counts, not the field's."""
    for target, seen in (("http://" + HOST, "/"), (f"http://{HOST}?q", "/?q")):
        assert ask(request("GET", target=target))[1][0].target == seen
    _, (got,) = ask(request("OPTIONS", target="http://" + HOST))
    assert got.target == "*"
    reply, (got,) = ask(request("GET", host="other.test"))
    assert reply.status == 200 and not got.value("Host").startswith("other")
    assert ask(request("GET", version="1.0", host=None))[0].status == 200
    assert ask(b"\r\n" + request("GET"))[0].status == 200
    assert ask(request("GET", version="1.2"))[0].status == 200
    assert ask(request("GET", version="2.0"))[0].status == 505


STATUSES = ["205 Reset Content", "426 Upgrade Required",
            "511 Network Authentication Required", "499 Odd", "206 Partial Content"]


@pytest.mark.parametrize("status", STATUSES)
def test_statuses_pass(ask, status):
    reply, _ = ask(request("GET"), answer(status, "Content-Range: bytes 0-1/5"))
    assert (reply.status, reply.body) == (int(status[:3]), b"ok")


def test_answers_without_content(ask):
    """RFC 9112 §6.3: whatever their lengths say."""
    for method, text, length in (
            ("HEAD", answer("200 OK", "Content-Length: 77", body=b"", length=False), "77"),
            ("GET", answer("304 Not Modified", "Content-Length: 77", body=b"",
                           length=False), "77"),
            ("HEAD", answer("200 OK", "Transfer-Encoding: chunked", body=b"",
                            length=False), None)):
        reply, _ = ask(request(method), text)
        assert reply.body == b"" and reply.status == int(text[9:12])
        assert reply.values("Content-Length") == ([length] if length else [])
    reply, _ = ask(request("GET"), answer("204 No Content", "Content-Length: 5",
                                          body=b"", length=False))
    assert reply.status == 204 and reply.values("Content-Length") == []


def test_date(ask):
    """RFC 9110 §6.6.1: added where there is none, else left."""
    assert len(ask(request("GET"))[0].values("Date")) == 1
    date = "Mon, 01 Jan 2001 00:00:00 GMT"
    reply, _ = ask(request("GET"), answer("200 OK", f"Date: {date}", "Age: 5",
                                          "Warning: 110 - x"))
    assert reply.values("Date") == [date]
    assert (reply.value("Age"), reply.value("Warning")) == ("5", "110 - x")


def test_framing_of_answers(ask):
    ok = [answer("200 OK", "Content-Length: 2, 2", length=False),
          answer("200 OK", "Transfer-Encoding: chunked", length=False,
                 body=b"2;a=b\r\nok\r\n0;c\r\n\r\n"),
          answer("200 OK", "X-A : b")]
    for text in ok:
        reply, _ = ask(request("GET"), text)
        assert (reply.status, reply.body) == (200, b"ok"), text
    for fields in (("Content-Length: 2", "Content-Length: 3"),
                   ("Transfer-Encoding: gzip, chunked",)):
        reply, _ = ask(request("GET"), answer("200 OK", *fields, length=False))
        assert (reply.status, reply.error) == (502, "http_protocol_error")


def test_folded_line_of_an_answer(ask):
    """RFC 9112 §5.2: one space in its place."""
    reply, _ = ask(request("GET"), answer("200 OK", "X-A: b", "  c"))
    assert reply.value("X-A") == "b c"


def test_chunk_extensions_go_no_further(ask):
    reply, (got,) = ask(request("POST", "Transfer-Encoding: chunked",
                                body=b"5;a=b\r\nhello\r\n0\r\n\r\n"))
    assert reply.status == 200 and got.body == b"hello"


def test_trace_would_show_the_token(ask):
    reply, arrived = ask(request("TRACE"))
    assert reply.status == 405 and arrived == [] and reply.values("Allow")
