# SPDX-License-Identifier: MIT
"""What goes wrong, and what the client sees (RFC 9457, RFC 9209)."""

import re
import resource
import socket
import time

import pytest

from harness import Process, binary, either, free_port, static
from rawserver import exactly

URL = "http://api.example.test/x"


def check_problem(reply, status: int, *errors: str) -> dict:
    """It is bearerd's own error, in both of its forms."""
    assert reply.status == status, reply.body
    assert reply.value("Content-Type") == "application/problem+json"
    body = reply.json()
    assert body["status"] == status
    for member in ("type", "title", "detail"):
        assert isinstance(body[member], str) and body[member]
    if errors:
        assert reply.error in errors
        assert re.fullmatch(r'bearerd; error=[a-z_]+; details="[^"\r\n]*"',
                            reply.value("Proxy-Status"))
    assert "fixed-token" not in reply.body.decode()
    return body


def script_of(action):
    def script(peer):
        peer.read_request()
        action(peer)

    return script


FAULTS = {
    "closes": (lambda peer: None,
               ("connection_terminated", "http_response_incomplete")),
    "resets": (lambda peer: peer.reset(),
               ("connection_terminated", "http_response_incomplete")),
    "closes in its head": (
        lambda peer: peer.send(b"HTTP/1.1 200 OK\r\nX-A: 1\r\n"),
        ("connection_terminated", "http_response_incomplete")),
    "speaks no HTTP": (
        lambda peer: peer.send(b"220 mail.example.test ESMTP\r\n\r\n"),
        ("http_protocol_error",)),
    "speaks HTTP/0.9": (
        lambda peer: peer.send(b"<html>hello</html>\r\n"),
        ("http_protocol_error",)),
    "names two lengths": (
        lambda peer: peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n"
                               b"Content-Length: 6\r\n\r\nhello!"),
        ("http_protocol_error",)),
    "has a bad length": (
        lambda peer: peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\nhello"),
        ("http_protocol_error",)),
    "has a head beyond all bounds": (
        lambda peer: peer.send(b"HTTP/1.1 200 OK\r\nX-A: " + b"x" * (1 << 20)
                               + b"\r\nContent-Length: 0\r\n\r\n"),
        ("http_response_header_section_size",)),
    "has fields beyond all bounds": (
        lambda peer: peer.send(b"HTTP/1.1 200 OK\r\n" + b"X-A: 1\r\n" * 100000
                               + b"Content-Length: 0\r\n\r\n"),
        ("http_response_header_section_size",)),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_upstream_that(bearerd, upstream, fault):
    action, errors = FAULTS[fault]
    server = upstream(script_of(action))
    proxy = bearerd({"a": static(server.url)})
    check_problem(proxy.get(URL), 502, *errors)
    assert proxy.health().status == 200


def test_field_that_cannot_be_passed_on(bearerd, upstream):
    """NUL in a value: refused, or at least cut off, never more fields."""
    server = upstream(exactly(b"HTTP/1.1 200 OK\r\nX-A: a\x00b\r\n"
                              b"Content-Length: 2\r\n\r\nok"))
    reply = bearerd({"a": static(server.url)}).get(URL)
    assert reply.status in (200, 502)
    assert b"\x00" not in reply.raw_head


def test_large_but_bounded_head_passes(bearerd, upstream):
    value = "x" * 6000
    server = upstream(exactly(f"HTTP/1.1 200 OK\r\nX-A: {value}\r\n"
                              "Content-Length: 2\r\n\r\nok".encode()))
    reply = bearerd({"a": static(server.url)}).get(URL)
    assert (reply.status, reply.body) == (200, b"ok")
    assert reply.value("X-A") == value


def test_refused(bearerd):
    proxy = bearerd({"a": static(f"http://127.0.0.1:{free_port()}")})
    check_problem(proxy.get(URL), 502, "connection_refused")


def test_no_such_name(bearerd):
    proxy = bearerd({"a": static("http://no-such-name.invalid",
                                 allow_plain_upstream="yes",
                                 connect_timeout="20s")})
    reply = proxy.get(URL)
    if reply.status == 504:  # a resolver that never answers
        check_problem(reply, 504, "dns_timeout")
    else:
        check_problem(reply, 502, "dns_error")


def test_connection_not_in_time(bearerd):
    """A listener whose queue is full drops what comes."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        address = listener.getsockname()
        fillers = []
        try:
            for _ in range(4):
                fillers.append(socket.socket())
                fillers[-1].setblocking(False)
                fillers[-1].connect_ex(address)
            time.sleep(0.2)
            proxy = bearerd({"a": static(f"http://127.0.0.1:{address[1]}",
                                         connect_timeout="1s")})
            began = time.monotonic()
            check_problem(proxy.get(URL), 504, "connection_timeout")
            assert 0.9 < time.monotonic() - began < either(4, 10)
        finally:
            for filler in fillers:
                filler.close()


def test_answer_not_in_time(bearerd, upstream):
    server = upstream(script_of(lambda peer: peer.wait_until_closed(20)))
    proxy = bearerd({"a": static(server.url, response_timeout="1s")})
    began = time.monotonic()
    check_problem(proxy.get(URL), 504, "http_response_timeout")
    assert 0.9 < time.monotonic() - began < either(4, 10)


def test_response_timeout_counts_from_the_requests_end(bearerd, upstream):
    server = upstream()
    proxy = bearerd({"a": static(server.url, response_timeout="1s")})
    with proxy.connect() as connection:
        connection.request("POST", URL, fields=["Content-Length: 3"])
        for _ in range(3):
            time.sleep(0.7)
            connection.send(b"x")
        assert connection.read_response().status == 200


def test_idle_answer_is_broken_off(bearerd, upstream):
    def action(peer):
        peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello")
        peer.wait_until_closed(20)

    server = upstream(script_of(action))
    proxy = bearerd({"a": static(server.url, idle_timeout="1s")})
    began = time.monotonic()
    reply = proxy.get(URL)
    assert (reply.status, reply.complete) == (200, False)
    assert 0.9 < time.monotonic() - began < either(4, 10)


def test_slow_answer_is_not_idle(bearerd, upstream):
    def action(peer):
        peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")
        for _ in range(5):
            time.sleep(0.4)
            peer.send(b"x")

    server = upstream(script_of(action))
    proxy = bearerd({"a": static(server.url, idle_timeout="1s",
                                 response_timeout="1s")})
    assert proxy.get(URL).body == b"xxxxx"


@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_what_is_not_idempotent_is_sent_once(bearerd, upstream, method):
    """Even where the connection that was to carry it turns out to be dead."""
    def script(peer):
        peer.read_request()
        peer.answer(b"ok")
        peer.read_request()  # and no answer

    server = upstream(script)
    proxy = bearerd({"a": static(server.url)}, {"workers": 1})
    assert proxy.get(URL).status == 200
    proxy.fetch(method, URL, body=b"once")
    proxy.fetch(method, URL, body=b"twice")
    bodies = [r.body for r in server.requests if r.method == method]
    assert bodies.count(b"once") == 1
    assert bodies.count(b"twice") == 1


def test_dead_kept_connection_is_not_noticed(bearerd, upstream):
    """One that the upstream closed while it was idle is just not used."""
    server = upstream(exactly(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"))
    proxy = bearerd({"a": static(server.url)}, {"workers": 1})
    for _ in range(3):
        assert proxy.get(URL).status == 200
        time.sleep(0.2)
        assert proxy.post(URL, b"x").status == 200
        time.sleep(0.2)
    assert len(server.requests) == 6


def test_own_answers_are_problems(bearerd, upstream):
    proxy = bearerd({"a": static(upstream().url)})
    check_problem(proxy.get("http://evil.test/"), 403, "http_request_denied")
    check_problem(proxy.get("/nothing"), 404)
    check_problem(proxy.fetch("TRACE", URL), 405)
    check_problem(proxy.get("/", host="evil.test"), 421)
    check_problem(proxy.get("http://api.example.test/../x"), 400, "http_request_error")


def test_own_answers_keep_the_connection_in_step(bearerd, upstream):
    """With a body that nobody wants, too."""
    proxy = bearerd({"a": static(upstream().url)})
    with proxy.connect() as connection:
        for body in (None, b"x" * 5000):
            connection.request("POST" if body else "GET", "/nothing", body=body)
            reply = connection.read_response()
            assert reply.status == 404
            if (reply.value("Connection") or "").lower() == "close":
                return
        connection.request("GET", URL)
        assert connection.read_response().status == 200


def test_head_of_an_error_has_no_body(bearerd):
    proxy = bearerd({"a": static(f"http://127.0.0.1:{free_port()}")})
    with proxy.connect() as connection:
        connection.request("HEAD", URL)
        assert connection.read_response("HEAD").status == 502
        connection.request("GET", "/-/health/live")
        assert connection.read_response().status == 200


def test_error_names_no_secret_and_says_what_to_do(bearerd, provider):
    proxy = bearerd({"a": provider.service(client_secret="the-wrong-secret")})
    reply = proxy.get(URL)
    check_problem(reply, 502, "proxy_configuration_error")
    assert "the-wrong-secret" not in (reply.raw_head + reply.body).decode()


def test_allow_from(bearerd, upstream):
    """Who may not connect gets no service and no page."""
    server = upstream()
    config = bearerd.write({"a": static(server.url)}, {"allow_from": "10.9.8.0/24"})
    process = Process([binary(), "run", "-c", str(config)], bearerd.env)
    try:
        port = int(process.find(r"listening address=127\.0\.0\.1:(\d+)",
                                30).group(1))
        for target in (URL, "/-/health"):
            with socket.create_connection(("127.0.0.1", port), 5) as sock:
                sock.sendall(f"GET {target} HTTP/1.1\r\nHost: localhost\r\n"
                             "Connection: close\r\n\r\n".encode())
                try:
                    answer = sock.recv(65536)
                except ConnectionError:
                    answer = b""
            assert answer == b"" or answer.startswith(b"HTTP/1.1 403")
        assert server.requests == []
    finally:
        status = process.end()
    assert status == 0


def test_no_descriptors_left(bearerd, upstream):
    """A client that came in is told what is wrong, the others wait until
    there is room, and the log is not flooded."""
    server = upstream()
    proxy = bearerd({"a": static(server.url)},
                    {"max_connections": 100, "workers": 1})
    limits = resource.prlimit(proxy.pid, resource.RLIMIT_NOFILE)
    # More than it has open, less than it and all the clients need.
    resource.prlimit(proxy.pid, resource.RLIMIT_NOFILE, (26, limits[1]))
    clients = [proxy.connect() for _ in range(40)]
    proxy.find("no_descriptors", 10)
    # What an earlier connection still gives back goes to those who wait.
    time.sleep(1)
    reply = clients[0].request("GET", URL).read_response()
    problem = check_problem(reply, 503, "connection_limit_reached")
    assert "open files" in problem["detail"]
    time.sleep(1)
    assert len([line for line in proxy.lines if "no_descriptors" in line]) <= 10
    for client in clients:
        client.close()
    assert proxy.get(URL).status == 200
