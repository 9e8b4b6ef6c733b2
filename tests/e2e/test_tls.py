# SPDX-License-Identifier: MIT
"""Upstreams and token endpoints over TLS: whom to trust, and whom not."""

import pytest

from certificates import Authority
from harness import Provider, static
from rawserver import exactly

URL = "http://api.example.test/x"


@pytest.fixture
def other_authority(tmp_path):
    return Authority(tmp_path, "Other root")


def refused(proxy, server, *errors: str) -> None:
    reply = proxy.get(URL)
    assert reply.status == 502, reply.body
    assert reply.error in errors
    assert reply.value("Content-Type") == "application/problem+json"
    assert server.requests == []
    assert b"fixed-token" not in reply.body


@pytest.mark.parametrize("names, host", [
    (["127.0.0.1"], "127.0.0.1"), (["localhost"], "localhost"),
    (["x.test", "127.0.0.1"], "127.0.0.1")])
def test_own_ca(bearerd, upstream, authority, names, host):
    server = upstream(tls=authority.context(*names))
    proxy = bearerd({"a": static(f"https://{host}:{server.port}",
                                 upstream_ca=authority.path)})
    for _ in range(2):
        assert proxy.get(URL).status == 200
    assert server.last.value("Authorization") == "Bearer fixed-token"
    assert server.last.value("Host") == f"{host}:{server.port}"


def test_connections_are_kept(bearerd, upstream, authority):
    server = upstream(tls=authority.context("127.0.0.1"))
    proxy = bearerd({"a": static(server.url, upstream_ca=authority.path)},
                    {"workers": 1})
    for _ in range(5):
        assert proxy.get(URL).status == 200
    assert server.connections == 1


def test_unknown_ca(bearerd, upstream, authority):
    server = upstream(tls=authority.context("127.0.0.1"))
    refused(bearerd({"a": static(server.url)}), server, "tls_certificate_error")


def test_another_ca(bearerd, upstream, authority, other_authority):
    server = upstream(tls=authority.context("127.0.0.1"))
    refused(bearerd({"a": static(server.url, upstream_ca=other_authority.path)}),
            server, "tls_certificate_error")


@pytest.mark.parametrize("name", ["other.test", "127.0.0.2", "*.0.0.1"])
def test_wrong_host(bearerd, upstream, authority, name):
    server = upstream(tls=authority.context(name))
    refused(bearerd({"a": static(server.url, upstream_ca=authority.path)}),
            server, "tls_certificate_error")


def test_expired_certificate(bearerd, upstream, authority):
    server = upstream(tls=authority.context("127.0.0.1", days=-1))
    refused(bearerd({"a": static(server.url, upstream_ca=authority.path)}),
            server, "tls_certificate_error")


def test_upstream_that_speaks_no_tls(bearerd, upstream, authority):
    def script(peer):
        peer.sock.recv(65536)
        peer.send(b"HTTP/1.1 400 Bad Request\r\n\r\nThis is no TLS.\r\n")

    server = upstream(script)
    proxy = bearerd({"a": static(server.url.replace("http:", "https:"),
                                 upstream_ca=authority.path)})
    refused(proxy, server, "tls_protocol_error")


@pytest.mark.threads
def test_services_do_not_share_trust(bearerd, upstream, authority):
    """A connection that one service verified is not used for another that
    trusts nobody."""
    server = upstream(tls=authority.context("127.0.0.1"))
    proxy = bearerd({
        "a": static(server.url, upstream_ca=authority.path),
        "b": static(server.url, match="b.example.test")}, {"workers": 1})
    assert proxy.get(URL).status == 200
    reply = proxy.get("http://b.example.test/x")
    assert (reply.status, reply.error) == (502, "tls_certificate_error")
    assert proxy.get(URL).status == 200


def test_large_answer(bearerd, upstream, authority):
    body = bytes(n % 253 for n in range(3 << 20))
    server = upstream(exactly(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s"
                              % (len(body), body)),
                      tls=authority.context("127.0.0.1"))
    proxy = bearerd({"a": static(server.url, upstream_ca=authority.path)})
    assert proxy.get(URL).body == body


@pytest.fixture
def secure_provider(authority):
    certificate, key = authority.issue("127.0.0.1")
    provider = Provider("--tls-certificate", certificate,
                        "--tls-private-key", key, ca=str(authority.path))
    yield provider
    provider.stop()


@pytest.mark.threads
def test_token_endpoint(bearerd, secure_provider, authority):
    proxy = bearerd({"a": secure_provider.service(upstream_ca=authority.path)})
    assert proxy.get(URL).status == 200
    assert secure_provider.token_count == 1


def test_token_endpoint_of_an_unknown_ca(bearerd, secure_provider, upstream,
                                         authority):
    server = upstream()
    proxy = bearerd({"a": secure_provider.service(upstream=server.url)})
    reply = proxy.get(URL)
    assert reply.status in (502, 503)
    assert reply.error in ("destination_unavailable", "tls_certificate_error")
    assert secure_provider.token_count == 0
    assert server.requests == []
