# SPDX-License-Identifier: MIT
"""upstream_proxy: what it is told, what not, and whose fault is whose."""

from __future__ import annotations

import pytest

from forwardproxy import HttpProxy, SocksProxy
from harness import free_port, static

URL = "http://api.example.test"
SECRETS = ("proxy-pass", "proxy%2dpass", "cHJveHktdXNlcjpwcm94eS1wYXNz")


@pytest.fixture
def proxies():
    made = []

    def make(kind, **options):
        made.append(kind(**options))
        return made[-1]

    yield make
    for one in made:
        one.stop()


def ok(reply) -> None:
    assert reply.status == 200, reply.body


def bad(proxy, error: str, *words: str, status: int = 502, path="/x") -> None:
    reply = proxy.get(URL + path)
    assert reply.status == status, reply.body
    assert reply.error == error, reply.body
    for word in words:
        assert word in reply.body.decode(), reply.body
    for secret in SECRETS:
        assert secret not in reply.raw_head.decode("latin-1")
        assert secret.encode() not in reply.body
        assert secret not in proxy.stderr


def test_http_origin_by_absolute_form(bearerd, upstream, proxies):
    server, way = upstream(), proxies(HttpProxy, credentials="proxy-user:proxy-pass")
    proxy = bearerd({"a": static(server.url + "/base", upstream_proxy=(
        f"http://proxy-user:proxy-pass@127.0.0.1:{way.port}"))})
    ok(proxy.get(URL + "/x%20y//z?q=1&q=%2F"))
    ok(proxy.post(URL + "/x", b"hello"))
    assert server.requests[0].target == "/base/x%20y//z?q=1&q=%2F"
    assert server.requests[1].body == b"hello"
    assert server.last.value("Authorization") == "Bearer fixed-token"
    assert server.last.value("Host") == f"127.0.0.1:{server.port}"
    first = way.asked[0].split("\r\n")
    assert first[0] == (f"GET http://127.0.0.1:{server.port}/base/x%20y//z?q=1&q=%2F"
                        " HTTP/1.1")
    assert not [line for line in first if line.lower().startswith("proxy-connection")]


def test_https_origin_by_a_tunnel(bearerd, upstream, proxies, authority):
    server = upstream(tls=authority.context("127.0.0.1"))
    way = proxies(HttpProxy, credentials="proxy-user:proxy-pass")
    proxy = bearerd({"a": static(server.url, upstream_ca=authority.path, upstream_proxy=(
        f"http://proxy-user:proxy%2dpass@127.0.0.1:{way.port}/"))}, {"workers": 1})
    for _ in range(3):
        ok(proxy.get(URL + "/x", "X-Mine: 1", "User-Agent: me"))
    assert server.connections == 1 and way.connections == 1
    assert server.last.value("Authorization") == "Bearer fixed-token"
    assert not server.last.values("Proxy-Authorization")
    head, = way.asked
    assert head.startswith(f"CONNECT 127.0.0.1:{server.port} HTTP/1.1\r\n")
    assert "fixed-token" not in head
    assert "X-Mine" not in head and "User-Agent" not in head
    assert f"Host: 127.0.0.1:{server.port}" in head


def test_certificate_inside_the_tunnel(bearerd, upstream, proxies, authority):
    server, way = upstream(tls=authority.context("other.test")), proxies(HttpProxy)
    proxy = bearerd({"a": static(server.url, upstream_ca=authority.path,
                                 upstream_proxy=f"http://127.0.0.1:{way.port}")})
    bad(proxy, "tls_certificate_error", "another name")
    assert server.requests == []


def test_https_proxy_is_refused(bearerd):
    said = bearerd.refused({"a": static("https://a.test", upstream_proxy=(
        "https://proxy-user:proxy-pass@127.0.0.1:1"))})
    assert "upstream_proxy" in said and "socks5" in said
    assert not [secret for secret in SECRETS if secret in said]


@pytest.mark.parametrize("tls", [False, True])
@pytest.mark.parametrize("scheme, kind", [("socks5", 1), ("socks5h", 3)])
def test_socks(bearerd, upstream, proxies, authority, tls, scheme, kind):
    context = authority.context("localhost") if tls else None
    server = upstream(tls=context)
    way = proxies(SocksProxy, credentials=("proxy-user", "p@ss:word"))
    proxy = bearerd({"a": static(
        f"{'https' if tls else 'http'}://localhost:{server.port}",
        upstream_ca=authority.path,
        upstream_proxy=f"{scheme}://proxy-user:p%40ss%3Aword@127.0.0.1:{way.port}")})
    ok(proxy.get(URL + "/x?y"))
    assert server.last.target == "/x?y"
    seen, address, port, who = way.asked[0]
    assert (seen, port) == (kind, server.port)
    assert address == (b"localhost" if kind == 3 else b"\x7f\0\0\x01")
    assert who == ("proxy-user", "p@ss:word")


def test_names_are_the_proxys_to_look_up(bearerd, upstream, proxies):
    server, way = upstream(), proxies(SocksProxy)
    proxy = bearerd({"a": static(f"http://name.test:{server.port}",
                                 allow_plain_upstream="yes",
                                 upstream_proxy=f"socks5h://127.0.0.1:{way.port}")})
    ok(proxy.get(URL + "/x"))
    assert way.asked[0][:2] == (3, b"name.test")


def test_token_calls_go_through_it(bearerd, upstream, proxies, provider):
    server, way = upstream(), proxies(HttpProxy, credentials="proxy-user:proxy-pass")
    proxy = bearerd({"a": provider.service(upstream=server.url, upstream_proxy=(
        f"http://proxy-user:proxy-pass@127.0.0.1:{way.port}"))})
    ok(proxy.get(URL + "/x"))
    assert provider.token_count == 1
    assert any(head.startswith("POST " + provider.token_endpoint) for head in way.asked)


@pytest.mark.parametrize("tls", [False, True])
def test_proxy_that_wants_other_credentials(bearerd, upstream, proxies, authority, tls):
    server = upstream(tls=authority.context("127.0.0.1") if tls else None)
    way = proxies(HttpProxy, credentials="proxy-user:another")
    proxy = bearerd({"a": static(server.url, upstream_ca=authority.path, upstream_proxy=(
        f"http://proxy-user:proxy-pass@127.0.0.1:{way.port}"))})
    bad(proxy, "proxy_configuration_error", f"the proxy http://127.0.0.1:{way.port}",
        "credentials")
    assert server.requests == []


def test_socks_proxy_that_wants_other_credentials(bearerd, upstream, proxies):
    server = upstream()
    way = proxies(SocksProxy, credentials=("proxy-user", "another"))
    for userinfo in ("proxy-user:proxy-pass@", ""):
        proxy = bearerd({"a": static(server.url, upstream_proxy=(
            f"socks5://{userinfo}127.0.0.1:{way.port}"))})
        bad(proxy, "proxy_configuration_error", "the proxy socks5://127.0.0.1:")
        proxy.stop()
    assert server.requests == []


@pytest.mark.parametrize("status, error, mine", [
    (403, "connection_refused", 502), (502, "connection_refused", 502),
    (504, "connection_timeout", 504)])
def test_tunnel_that_is_refused(bearerd, upstream, proxies, authority, status, error,
                                mine):
    server = upstream(tls=authority.context("127.0.0.1"))
    way = proxies(HttpProxy, refuses=status)
    proxy = bearerd({"a": static(server.url, upstream_ca=authority.path,
                                 upstream_proxy=f"http://127.0.0.1:{way.port}")})
    bad(proxy, error, "the proxy http://127.0.0.1:", status=mine)


@pytest.mark.parametrize("reply, error, status", [
    (2, "connection_refused", 502), (5, "connection_refused", 502),
    (6, "connection_timeout", 504), (1, "connection_refused", 502)])
def test_socks_that_refuses(bearerd, upstream, proxies, reply, error, status):
    server, way = upstream(), proxies(SocksProxy, reply=reply)
    proxy = bearerd({"a": static(server.url,
                                 upstream_proxy=f"socks5h://127.0.0.1:{way.port}")})
    bad(proxy, error, "the proxy socks5h://127.0.0.1:", status=status)


@pytest.mark.parametrize("scheme", ["http", "socks5", "socks5h"])
def test_proxy_that_is_not_there(bearerd, upstream, authority, scheme):
    server = upstream(tls=authority.context("127.0.0.1"))
    port = free_port()
    proxy = bearerd({"a": static(server.url, upstream_ca=authority.path, upstream_proxy=(
        f"{scheme}://proxy-user:proxy-pass@127.0.0.1:{port}"))})
    bad(proxy, "connection_refused", f"the proxy {scheme}://127.0.0.1:{port}")


def test_proxy_without_an_address(bearerd, upstream):
    server = upstream()
    proxy = bearerd({"a": static(server.url, allow_plain_upstream="yes",
                                 upstream_proxy="http://nowhere.invalid:3128")})
    bad(proxy, "dns_error", "the proxy http://nowhere.invalid:3128")


@pytest.mark.parametrize("scheme", ["http", "socks5"])
def test_proxy_that_closes(bearerd, upstream, authority, scheme):
    server = upstream(tls=authority.context("127.0.0.1"))
    way = upstream(lambda peer: peer.sock.recv(1000))
    proxy = bearerd({"a": static(server.url, upstream_ca=authority.path,
                                 upstream_proxy=f"{scheme}://127.0.0.1:{way.port}")})
    bad(proxy, "connection_terminated" if scheme == "http" else "connection_refused",
        f"the proxy {scheme}://127.0.0.1:")


def test_proxy_that_hangs(bearerd, upstream, authority):
    server = upstream(tls=authority.context("127.0.0.1"))
    way = upstream(lambda peer: peer.wait_until_closed(20))
    proxy = bearerd({"a": static(server.url, upstream_ca=authority.path,
                                 connect_timeout="300ms",
                                 upstream_proxy=f"http://127.0.0.1:{way.port}")})
    bad(proxy, "connection_timeout", status=504)


def test_http2_through_a_tunnel(bearerd, proxies, authority, tmp_path):
    from test_http2 import Upstream, said
    server, way = Upstream(tmp_path / "nginx", authority), proxies(HttpProxy)
    try:
        proxy = bearerd({"a": server.service(
            authority, upstream_proxy=f"http://127.0.0.1:{way.port}")}, {"workers": 1})
        for _ in range(3):
            assert said(proxy.get(URL + "/said"))[0] == "HTTP/2.0"
        assert len(way.asked) == 1
    finally:
        server.stop()


def test_services_with_different_proxies_share_nothing(bearerd, upstream, proxies):
    server, one, two = upstream(), proxies(HttpProxy), proxies(HttpProxy)
    proxy = bearerd({
        name: static(server.url, match=f"{name}.test", upstream_proxy=url)
        for name, url in (("one", f"http://127.0.0.1:{one.port}"),
                          ("two", f"http://a:b@127.0.0.1:{one.port}"),
                          ("three", f"http://127.0.0.1:{two.port}"), ("none", None))},
        {"workers": 1})
    for name in ("one", "two", "three", "none"):
        ok(proxy.get(f"http://{name}.test/"))
    assert [("Basic YTpi" in head) for head in one.asked] == [False, True]
    assert one.connections == 2 and two.connections == 1
    assert len(two.asked) == 1
