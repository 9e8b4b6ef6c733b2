# SPDX-License-Identifier: MIT
"""Which fields travel, in both directions."""

import re

import pytest

from harness import static
from rawclient import Connection
from rawserver import exactly


@pytest.fixture
def through(bearerd, upstream):
    """Sends a request with these field lines; what the upstream saw."""
    server = upstream()
    proxy = bearerd({"api": static(server.url)})

    def send(*fields, method="GET", **options):
        reply = proxy.fetch(method, "http://api.example.test/x", fields=fields,
                            **options)
        assert reply.status == 200, reply.body
        return server.last

    return send


def test_host_is_the_upstreams(through):
    seen = through("X-A: 1")
    assert re.fullmatch(r"127\.0\.0\.1:\d+", seen.value("Host"))


def test_case_order_and_repeats_are_kept(through):
    seen = through("X-b: 1", "x-A: 2", "X-b: 3", "ACCEPT: a/b", "x-b:  4  ")
    names = ("x-a", "x-b", "accept")
    assert [f for f in seen.fields if f[0].lower() in names] == [
        ("X-b", "1"), ("x-A", "2"), ("X-b", "3"), ("ACCEPT", "a/b"), ("x-b", "4")]


def test_nothing_is_invented(through):
    seen = through()
    names = {name.lower() for name, _ in seen.fields}
    assert names <= {"host", "via", "authorization", "connection"}


def test_user_agent_and_accept_travel(through):
    seen = through("User-Agent: mine/1", "Accept: x/y", "Accept-Encoding: gzip")
    assert seen.value("User-Agent") == "mine/1"
    assert seen.value("Accept") == "x/y"
    assert seen.value("Accept-Encoding") == "gzip"


@pytest.mark.parametrize("line", [
    "Proxy-Connection: keep-alive", "Keep-Alive: timeout=5",
    "Proxy-Authorization: Basic eDp5", "Upgrade: h2c", "TE: trailers",
    "HTTP2-Settings: AAMAAABkAAQAAP__"])
def test_hop_by_hop_fields_stay_here(through, line):
    name = line.partition(":")[0]
    connection = "Connection: keep-alive"
    if name in ("Upgrade", "HTTP2-Settings"):
        connection = "Connection: Upgrade, HTTP2-Settings"
    assert through(line, connection).values(name) == []


def test_fields_that_connection_names_stay_here(through):
    seen = through("Connection: X-One, x-two", "X-One: 1", "X-Two: 2", "X-Three: 3")
    assert seen.values("X-One") == seen.values("X-Two") == []
    assert seen.value("X-Three") == "3"


def test_connection_cannot_name_the_credential_away(through):
    seen = through("Connection: authorization, host")
    assert seen.value("Authorization") == "Bearer fixed-token"
    assert seen.value("Host")


def test_via_both_ways(bearerd, upstream):
    server = upstream()
    proxy = bearerd({"api": static(server.url)})
    reply = proxy.get("http://api.example.test/x", "Via: 1.0 other")
    ours = re.compile(r"1\.1 bearerd-[0-9a-f]{8}")
    sent = ", ".join(server.last.values("Via"))
    assert sent.startswith("1.0 other, ")
    assert ours.fullmatch(sent.partition(", ")[2])
    assert any(ours.search(value) for value in reply.values("Via"))


def test_loop(bearerd, upstream):
    server = upstream()
    proxy = bearerd({"api": static(server.url)})
    proxy.get("http://api.example.test/x")
    own = server.last.value("Via")
    reply = proxy.get("http://api.example.test/x", "Via: 1.0 other", f"Via: {own}")
    assert reply.status == 502
    assert reply.error == "proxy_loop_detected"
    assert len(server.requests) == 1


def test_response_fields(bearerd, upstream):
    server = upstream(exactly(
        b"HTTP/1.1 203 Odd Reason\r\nSet-Cookie: a=1; Domain=example.test\r\n"
        b"x-LOWER: 1\r\nX-Lower: 2\r\nSet-Cookie: b=2\r\nConnection: X-Hop\r\n"
        b"X-Hop: 1\r\nKeep-Alive: timeout=5\r\nLocation: http://other.test/\r\n"
        b"Date: Thu, 01 Jan 1970 00:00:00 GMT\r\nServer: mine\r\nEmpty:\r\n"
        b"Content-Length: 2\r\n\r\nok", close=False))
    proxy = bearerd({"api": static(server.url)})
    with Connection(proxy.port) as connection:
        connection.request("GET", "http://api.example.test/x")
        reply = connection.read_response()
        connection.request("GET", "http://api.example.test/x")
        assert connection.read_response().body == b"ok"
    assert (reply.status, reply.body) == (203, b"ok")
    assert reply.values("Set-Cookie") == ["a=1; Domain=example.test", "b=2"]
    assert [f for f in reply.fields if f[0].lower() == "x-lower"] == [
        ("x-LOWER", "1"), ("X-Lower", "2")]
    assert reply.values("X-Hop") == []
    assert reply.values("Keep-Alive") == []
    assert reply.value("Location") == "http://other.test/"
    assert reply.value("Date") == "Thu, 01 Jan 1970 00:00:00 GMT"
    assert reply.value("Server") == "mine"
    assert reply.value("Content-Length") == "2"


@pytest.mark.parametrize("directive, added", [
    (None, True), ("max-age=5", True), ("no-cache", True), ("public", False),
    ("max-age=5, private", False), ("no-store", False), ("s-maxage=1", False),
    ('max-age=5, private="Set-Cookie"', True), ('max-age=5, x="a, no-store, b"', True)])
def test_cache_control(bearerd, upstream, directive, added):
    line = f"Cache-Control: {directive}\r\n" if directive else ""
    server = upstream(exactly(
        f"HTTP/1.1 200 OK\r\n{line}Content-Length: 0\r\n\r\n".encode()))
    proxy = bearerd({"api": static(server.url)})
    values = proxy.get("/api/x").values("Cache-Control")
    assert values == ([directive] if directive else []) + (["private"] if added else [])


def test_redirects_are_passed_on(bearerd, upstream):
    server = upstream(exactly(
        b"HTTP/1.1 302 Found\r\nLocation: http://other.test/y\r\n"
        b"Content-Length: 0\r\n\r\n"))
    proxy = bearerd({"api": static(server.url)})
    reply = proxy.get("http://api.example.test/x")
    assert reply.status == 302
    assert reply.value("Location") == "http://other.test/y"
    assert len(server.requests) == 1


def test_by_path_location_and_cookies_are_rewritten(bearerd, upstream):
    def script(peer):
        peer.read_request()
        peer.answer(b"", "302 Found",
                    f"Location: {peer.server.url}/base/next?x=1",
                    f"Content-Location: {peer.server.url}/base/here",
                    "Set-Cookie: a=1; Domain=api.example.test; Path=/; HttpOnly")

    server = upstream(script)
    proxy = bearerd({"api": static(server.url + "/base")})
    own = f"127.0.0.1:{proxy.port}"
    reply = proxy.get("/api/x", host=own)
    assert reply.value("Location") in (
        "/api/next?x=1", f"http://{own}/api/next?x=1")
    assert reply.value("Content-Location") in (
        "/api/here", f"http://{own}/api/here")
    cookie = reply.value("Set-Cookie")
    assert "domain" not in cookie.lower()
    assert re.search(r";\s*path=/api(/|;|$)", cookie, re.I)
    assert "HttpOnly" in cookie


def test_by_path_a_long_cookie_is_rewritten_or_left_out(bearerd, upstream):
    """One that came through as it is would be for other services' paths."""
    junk = "x" * 20000
    paths = "; Path=/" * 7000

    def script(peer):
        peer.read_request()
        peer.answer(b"", "200 OK", f"Set-Cookie: a=1; junk={junk}; Path=/other/",
                    "Set-Cookie: c=3; Path=/")
        peer.read_request()
        peer.answer(b"", "200 OK", f"Set-Cookie: b=2{paths}", "Set-Cookie: c=3; Path=/")

    proxy = bearerd({"api": static(upstream(script).url)},
                    {"max_header_size": "1M", "workers": 1})
    own = f"127.0.0.1:{proxy.port}"
    assert proxy.get("/api/x", host=own).values("Set-Cookie") == [
        f"a=1; junk={junk}; Path=/api/other/", "c=3; Path=/api/"]
    assert proxy.get("/api/x", host=own).values("Set-Cookie") == ["c=3; Path=/api/"]


def test_by_path_links_are_rewritten(bearerd, upstream):
    def script(peer):
        peer.read_request()
        peer.answer(b"", "200 OK", f'Link: <{peer.server.url}/base/x?p=2>; rel="next", '
                    '</base/x?p=9>; rel=last, </base/terms>; rel=license')

    proxy = bearerd({"api": static(upstream(script).url + "/base")})
    assert proxy.get("/api/x").value("Link") == (
        '</api/x?p=2>; rel="next", </api/x?p=9>; rel=last, </base/terms>; rel=license')


@pytest.mark.parametrize("given, arrives", [
    ("http://127.0.0.1:{port}/api/new?q", "{url}/base/new?q"),
    ("http://localhost/api/", "{url}/base/"), ("/api/a%20b", "{url}/base/a%20b"),
    ("/other/x", "/other/x"), ("http://other.test/api/x", "http://other.test/api/x"),
    ("/api/../x", "/api/../x"), ("x", "x")])
def test_by_path_a_destination_is_rewritten(bearerd, upstream, given, arrives):
    server = upstream()
    proxy = bearerd({"api": static(server.url + "/base")})
    reply = proxy.fetch("MOVE", "/api/old",
                        fields=[f"Destination: {given.format(port=proxy.port)}"])
    assert reply.status == 200
    assert server.last.value("Destination") == arrives.format(url=server.url)


@pytest.mark.parametrize("field, content_type, sandboxed", [
    ("Sec-Fetch-Dest: document", "text/plain", True),
    ("Sec-Fetch-Dest: iframe", "image/svg+xml", True),
    ("Sec-Fetch-Dest: empty", "text/html", False),
    ("X: y", "text/html; charset=utf-8", True),
    ("Sec-Fetch-Dest: image", "image/svg+xml", False),
    ("X: y", "application/json", True),
    ("X: y", "image/svg+xml", True),
])
def test_documents_by_path_are_sandboxed(bearerd, upstream, field, content_type,
                                         sandboxed):
    server = upstream(exactly(
        f"HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\n"
        "Content-Length: 0\r\n\r\n".encode()))
    proxy = bearerd({"api": static(server.url)})
    reply = proxy.get("/api/x", field)
    policies = reply.values("Content-Security-Policy")
    assert any("sandbox" in policy for policy in policies) == sandboxed
    assert reply.value("X-Content-Type-Options") == "nosniff"
    assert "Sec-Fetch-Dest" in reply.values("Vary")


def test_two_content_types_by_path_are_refused(bearerd, upstream):
    server = upstream(exactly(
        b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
        b"Content-Type: text/html\r\nContent-Length: 0\r\n\r\n", close=False))
    proxy = bearerd({"api": static(server.url)})
    reply = proxy.get("/api/x")
    assert (reply.status, reply.error) == (502, "http_protocol_error")
    assert proxy.get("http://api.example.test/x").values("Content-Type") == [
        "text/plain", "text/html"]


ORIGIN_WIDE = ("Clear-Site-Data", "NEL", "Report-To", "Reporting-Endpoints",
               "Strict-Transport-Security", "Alt-Svc", "Service-Worker-Allowed",
               "Origin-Agent-Cluster", "Speculation-Rules", "Set-Login")


def test_no_service_speaks_for_the_origin(bearerd, upstream):
    lines = "".join(f"{name}: x\r\n" for name in ORIGIN_WIDE)
    server = upstream(exactly(
        f"HTTP/1.1 200 OK\r\n{lines}X-Kept: 1\r\nContent-Length: 0\r\n\r\n"
        .encode(), close=False))
    proxy = bearerd({"api": static(server.url)})
    reply = proxy.get("/api/x")
    assert reply.value("X-Kept") == "1"
    assert not any(reply.values(name) for name in ORIGIN_WIDE)
    reply = proxy.get("http://api.example.test/x")
    assert all(reply.value(name) == "x" for name in ORIGIN_WIDE)
