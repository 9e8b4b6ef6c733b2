# SPDX-License-Identifier: MIT
"""Upstreams and token endpoints over TLS: whom to trust, and whom not."""

import ssl

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import dh, rsa

from certificates import Authority
from harness import Provider, static
from rawserver import exactly

URL = "http://api.example.test/x"
OAKLEY_2 = (
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74"
    "020BBEA63B139B22514A08798E3404DDEF9519B3CD3A431B302B0A6DF25F1437"
    "4FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED"
    "EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE65381FFFFFFFFFFFFFFFF")


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


#: The kinds of certificates, and the profiles that take them.
OLD = {
    "RSA of 2048 bits": (2048, False, "medium low legacy"),
    "RSA of 1792 bits": (1792, False, "low legacy"),
    "RSA of 1024 bits": (1024, False, "low"),
    "no alternative name": (2048, True, "low legacy"),
}


@pytest.fixture(scope="module")
def old_context(authority):
    contexts = {}

    def make(kind):
        if kind not in contexts:
            bits, subject_only, _ = OLD[kind]
            contexts[kind] = authority.context(
                "127.0.0.1", key=rsa.generate_private_key(65537, bits),
                subject_only=subject_only, ciphers="ALL:@SECLEVEL=0")
        return contexts[kind]

    return make


@pytest.mark.parametrize("kind", OLD)
def test_profiles(bearerd, upstream, authority, old_context, kind):
    """Of the upstream, of a token endpoint, and of metadata."""
    server = upstream(tls=old_context(kind))
    endpoint = upstream(exactly(
        b"HTTP/1.1 200 OK\r\nContent-Length: 42\r\n\r\n"
        b'{"access_token":"t","token_type":"bearer"}'), tls=old_context(kind))
    back = upstream()
    profiles = ("medium", "low", "legacy")
    client = {"grant_type": "client_credentials", "client_id": "c",
              "client_secret": "s", "upstream_ca": authority.path,
              "upstream": back.url}
    services = {}
    for profile in profiles:
        services[f"up-{profile}"] = static(
            server.url, match=None, tls_profile=profile, upstream_ca=authority.path)
        services[f"as-{profile}"] = {**client, "tls_profile": profile,
                                     "token_endpoint": endpoint.url + "/token"}
        services[f"md-{profile}"] = {**client, "tls_profile": profile,
                                     "issuer": endpoint.url}
    del services["up-medium"]["tls_profile"]  # it is the default
    proxy = bearerd(services)
    for profile in profiles:
        taken = profile in OLD[kind][2]
        before = len(endpoint.requests)
        assert proxy.get(f"/up-{profile}/").status == (200 if taken else 502)
        assert (proxy.get(f"/as-{profile}/").status == 200) == taken
        assert len(endpoint.requests) == before + taken
        proxy.get(f"/md-{profile}/")
        assert (len(endpoint.requests) > before + taken) == taken
    assert len(server.requests) == len(OLD[kind][2].split())


def test_weak_key_exchange(bearerd, upstream, authority, tmp_path):
    """A group of 1024 bits (RFC 2409, section 6.2)."""
    context = authority.context(
        "127.0.0.1", key=rsa.generate_private_key(65537, 2048),
        ciphers="DHE-RSA-AES256-GCM-SHA384:@SECLEVEL=0")
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    group = dh.DHParameterNumbers(int(OAKLEY_2, 16), 2).parameters()
    path = tmp_path / "group.pem"
    path.write_bytes(group.parameter_bytes(serialization.Encoding.PEM,
                                           serialization.ParameterFormat.PKCS3))
    context.load_dh_params(str(path))
    server = upstream(tls=context)
    proxy = bearerd({profile: static(server.url, match=None, tls_profile=profile,
                                     upstream_ca=authority.path)
                     for profile in ("medium", "low")})
    reply = proxy.get("/medium/")
    assert reply.status == 502
    assert "too weak" in reply.body.decode()
    assert server.requests == []
    assert proxy.get("/low/").status == 200
