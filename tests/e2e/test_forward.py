# SPDX-License-Identifier: MIT
"""unmatched = forward: an ordinary forward proxy for hosts of no service."""

import time

import pytest

from harness import static
from rawserver import exactly

LOOPBACK = {"unmatched": "forward", "forward_to": "127.0.0.0/8 ::1"}


@pytest.fixture
def site(upstream):
    """What no service claims, at an address that is not bearerd's own."""
    return upstream(exactly(
        b"HTTP/1.1 200 OK\r\nServer: site\r\nWWW-Authenticate: Basic\r\n"
        b"Set-Cookie: a=b; Domain=x; Path=/\r\nContent-Length: 2\r\n\r\nok",
        close=False), host="127.0.0.2")


@pytest.fixture
def proxy(bearerd, upstream):
    """With a service, whose token must stay away."""
    return bearerd({"a": static(upstream().url)}, LOOPBACK)


def url(site, path: str = "/") -> str:
    return site.url + path


def test_request_passes_untouched(proxy, site):
    reply = proxy.get(
        url(site, "/a/../b//c?x=%2F&&y"), "Authorization: Basic bWU6bXk=",
        "Authorization: Bearer second", "Cookie: c=d", "X-A: 1", "x-a: 2",
        "Origin: http://elsewhere.test", "Sec-Fetch-Site: cross-site",
        "Connection: keep-alive, X-Hop", "X-Hop: 1", "Proxy-Connection: close",
        "Proxy-Authorization: Basic eDp5")
    assert reply.status == 200
    request = site.last
    assert request.target == "/a/../b//c?x=%2F&&y"
    assert request.value("Host") == f"127.0.0.2:{site.port}"
    assert request.values("Authorization") == ["Basic bWU6bXk=", "Bearer second"]
    assert request.value("Cookie") == "c=d"
    assert request.values("X-A") == ["1", "2"]
    assert request.value("Via").startswith("1.1 bearerd-")
    for name in ("Connection", "X-Hop", "Proxy-Connection", "Proxy-Authorization"):
        assert request.values(name) == []
    assert "fixed-token" not in request.head.decode()


def test_answer_passes_untouched(proxy, site):
    reply = proxy.get(url(site))
    assert reply.body == b"ok"
    assert reply.value("Set-Cookie") == "a=b; Domain=x; Path=/"
    assert reply.value("WWW-Authenticate") == "Basic"
    assert reply.value("Via").startswith("1.1 bearerd-")
    assert reply.values("Cache-Control") == []
    assert reply.values("Content-Security-Policy") == []


def test_refusals_pass(bearerd, upstream, proxy, site):
    """No token is renewed for them."""
    site.script = exactly(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n")
    assert proxy.get(url(site)).status == 401
    assert len(site.requests) == 1


def test_redirects_pass(proxy, site):
    site.script = exactly(b"HTTP/1.1 302 Found\r\nLocation: http://x.test/\r\n"
                          b"Content-Length: 0\r\n\r\n")
    reply = proxy.get(url(site))
    assert (reply.status, reply.value("Location")) == (302, "http://x.test/")


def test_bodies(proxy, site):
    body = bytes(range(256)) * 1000
    assert proxy.post(url(site), body).status == 200
    assert site.last.body == body


def test_name_without_a_path(proxy, site):
    assert proxy.get(url(site, "")).status == 200
    assert site.last.target == "/"
    assert proxy.get(url(site, "?q")).status == 200
    assert site.last.target == "/?q"
    assert proxy.fetch("OPTIONS", url(site, "")).status == 200
    assert site.last.line == "OPTIONS * HTTP/1.1"


def test_trace_travels(proxy, site):
    reply = proxy.fetch("TRACE", url(site), fields=["Max-Forwards: 5"])
    assert reply.status == 200
    assert site.last.line == "TRACE / HTTP/1.1"
    assert site.last.value("Max-Forwards") == "4"


def test_trace_ends_here(proxy, site):
    reply = proxy.fetch("TRACE", url(site), fields=[
        "Max-Forwards: 0", "Authorization: Bearer secret", "Cookie: s=secret"])
    assert reply.status == 200
    assert reply.value("Content-Type") == "message/http"
    assert reply.body.startswith(f"TRACE {url(site)} HTTP/1.1\r\n".encode())
    assert b"secret" not in reply.body
    assert site.requests == []


def test_loop(proxy, site):
    proxy.get(url(site))
    via = site.last.value("Via")
    reply = proxy.get(url(site), f"Via: {via}")
    assert (reply.status, reply.error) == (502, "proxy_loop_detected")


def test_own_address_comes_first(proxy, site):
    for target in (f"http://127.0.0.1:{proxy.port}/", "http://localhost/"):
        assert proxy.get(target).status == 404
    assert proxy.get("/", host="evil.test").status == 421
    assert site.requests == []


def test_only_absolute_form(proxy, site):
    """A page that got here by another name is no client of the proxy."""
    assert proxy.get("/", host=f"127.0.0.2:{site.port}").status == 421
    assert site.requests == []


def test_only_http(proxy, site):
    reply = proxy.get(f"https://127.0.0.2:{site.port}/")
    assert (reply.status, reply.error) == (403, "http_request_denied")
    assert site.requests == []


def test_host_of_a_service_is_no_free_one(bearerd, site, upstream):
    """What its matches leave out is refused, not sent by http without them."""
    proxy = bearerd({"a": static(upstream().url, match=[
        "127.0.0.2:1", "*.example.test/v1"])}, LOOPBACK)
    assert proxy.get(url(site)).status == 403
    assert proxy.get("http://x.example.test/v2").status == 403
    assert site.requests == []


@pytest.mark.parametrize("host", [
    "127.0.0.2", "[::1]", "[::ffff:127.0.0.2]", "0.0.0.0", "2130706434",
    "10.0.0.1", "169.254.169.254", "[fe80::1]", "[fd00::1]", "100.64.0.1",
    "[64:ff9b::7f00:2]", "[2002:7f00:2::]", "224.0.0.1", "127.1"])
def test_address_that_is_not_public(bearerd, site, upstream, host):
    proxy = bearerd({"a": static(upstream().url)},
                    {"unmatched": "forward", "listen": "127.0.0.1:0"})
    began = time.monotonic()
    reply = proxy.get(f"http://{host}:{site.port}/")
    assert (reply.status, reply.error) in (
        (502, "destination_ip_prohibited"), (404, None), (502, "dns_error")), reply
    if host in ("127.0.0.2", "10.0.0.1", "169.254.169.254", "100.64.0.1"):
        assert reply.error == "destination_ip_prohibited"
    assert time.monotonic() - began < 5
    assert site.requests == []


def test_forward_to(bearerd, site, upstream):
    proxy = bearerd({"a": static(upstream().url)},
                    {"unmatched": "forward", "forward_to": "127.0.0.2/32"})
    assert proxy.get(url(site)).status == 200
    reply = proxy.get(f"http://127.0.0.3:{site.port}/")
    assert (reply.status, reply.error) == (502, "destination_ip_prohibited")


def test_connection_of_a_service_is_not_used(bearerd, site):
    """One that leads where unmatched requests must not go, and is open."""
    proxy = bearerd({"a": static(f"http://127.0.0.2:{site.port}")},
                    {"unmatched": "forward", "workers": 1})
    assert proxy.get("http://api.example.test/").status == 200
    reply = proxy.get(url(site))
    assert (reply.status, reply.error) == (502, "destination_ip_prohibited")
    assert len(site.requests) == 1


def test_connections_are_kept(proxy, site):
    with proxy.connect() as connection:
        for _ in range(5):
            connection.request("GET", url(site))
            assert connection.read_response().status == 200
    assert site.connections == 1


def test_errors_are_told(proxy):
    reply = proxy.get("http://127.0.0.9:1/")
    assert (reply.status, reply.error) == (502, "connection_refused")
    assert reply.value("Content-Type") == "application/problem+json"


def test_deny_is_the_default(bearerd, site, upstream):
    proxy = bearerd({"a": static(upstream().url)})
    assert proxy.get(url(site)).status == 403
    assert site.requests == []
