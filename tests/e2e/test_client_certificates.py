# SPDX-License-Identifier: MIT
"""upstream_certificate and upstream_private_key: who bearerd is to the
upstream."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from certificates import Authority
from harness import static

URL = "http://api.example.test"


def demanding(authority: Authority, *names: str) -> ssl.SSLContext:
    """Serves only who shows a certificate of this authority."""
    context = authority.context(*names)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(authority.path)
    return context


def subject(peer) -> str:
    shown = peer.sock.getpeercert()
    return shown and shown["subject"][0][0][1] or "nobody"


def named(peer) -> None:
    """Answers with the name that was shown."""
    while True:
        peer.read_request()
        peer.answer(subject(peer).encode())


@pytest.fixture(params=["two files", "one file"])
def keys(request, authority, tmp_path):
    certificate, key = authority.issue("client.test")
    if request.param == "two files":
        return {"upstream_certificate": certificate, "upstream_private_key": key}
    both = tmp_path / "both.pem"
    both.write_text(Path(certificate).read_text() + Path(key).read_text())
    return {"upstream_certificate": str(both)}


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_certificate_is_shown(bearerd, upstream, authority, keys, version):
    context = demanding(authority, "127.0.0.1")
    context.minimum_version = context.maximum_version = version
    server = upstream(named, tls=context)
    proxy = bearerd({"a": static(server.url, upstream_ca=authority.path, **keys)},
                    {"workers": 1})
    for _ in range(3):
        assert proxy.get(URL).body == b"client.test"
    assert server.connections == 1


def test_nobody_gets_another_services_connection(bearerd, upstream, authority, keys):
    context = demanding(authority, "127.0.0.1")
    context.verify_mode = ssl.CERT_OPTIONAL
    server = upstream(named, tls=context)
    other, other_key = authority.issue("other-client.test")
    services = {
        "a": static(server.url, match="a.test", upstream_ca=authority.path, **keys),
        "b": static(server.url, match="b.test", upstream_ca=authority.path),
        "c": static(server.url, match="c.test", upstream_ca=authority.path,
                    upstream_certificate=other, upstream_private_key=other_key)}
    proxy = bearerd(services, {"workers": 1})
    for _ in range(2):
        for name, who in (("a", b"client.test"), ("b", b"nobody"),
                          ("c", b"other-client.test")):
            assert proxy.get(f"http://{name}.test/").body == who
    assert server.connections == 3


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_without_a_certificate(bearerd, upstream, authority, version):
    context = demanding(authority, "127.0.0.1")
    context.minimum_version = context.maximum_version = version
    server = upstream(named, tls=context)
    proxy = bearerd({"a": static(server.url, upstream_ca=authority.path)})
    reply = proxy.get(URL)
    assert reply.status == 502
    assert reply.error in ("tls_protocol_error", "connection_terminated")
    assert server.requests == []


def test_certificate_of_an_authority_that_the_upstream_does_not_know(
        bearerd, upstream, authority, tmp_path):
    certificate, key = Authority(tmp_path, "Other root").issue("client.test")
    server = upstream(named, tls=demanding(authority, "127.0.0.1"))
    proxy = bearerd({"a": static(server.url, upstream_ca=authority.path,
                                 upstream_certificate=certificate,
                                 upstream_private_key=key)})
    assert proxy.get(URL).status == 502
    assert server.requests == []


def test_the_token_endpoint_is_not_shown_it(bearerd, upstream, authority, keys):
    def token(peer):
        peer.read_request()
        peer.answer(b'{"access_token":"for-%s","token_type":"Bearer"}'
                    % subject(peer).encode(),
                    "200 OK", "Content-Type: application/json")

    context = demanding(authority, "127.0.0.1")
    context.verify_mode = ssl.CERT_OPTIONAL
    endpoint = upstream(token, tls=context)
    server = upstream(named, tls=demanding(authority, "127.0.0.1"))
    proxy = bearerd({"a": {
        "upstream": server.url, "match": "api.example.test",
        "token_endpoint": endpoint.url + "/token", "client_id": "me",
        "client_secret": "s3cret", "upstream_ca": authority.path, **keys}})
    assert proxy.get(URL).body == b"client.test"
    assert server.last.value("Authorization") == "Bearer for-nobody"


def test_files_that_do_not_fit(bearerd, authority, tmp_path):
    certificate, _ = authority.issue("client.test")
    _, other_key = authority.issue("other-client.test")
    nothing = tmp_path / "nothing.pem"
    nothing.write_text("no certificate\n")
    for keys in ({"upstream_certificate": certificate, "upstream_private_key": other_key},
                 {"upstream_certificate": str(nothing)},
                 {"upstream_certificate": certificate},
                 {"upstream_certificate": "/nonexistent/x.pem"},
                 {"upstream_private_key": other_key}):
        said = bearerd.refused({"a": static("https://a.test", **keys)})
        assert "upstream_certificate" in said or "upstream_private_key" in said
        assert "bearerd.ini:" in said
