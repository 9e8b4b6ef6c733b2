# SPDX-License-Identifier: MIT
"""Faults and limits of the libraries at the versions that run: what reaches
them through bearerd, and what comes of it (docs/libraries.md)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from certificates import Chain
from forwardproxy import SocksProxy
from harness import static

URL = "http://api.example.test/"
HEAD = b"POST http://api.example.test/x HTTP/1.1\r\nHost: api.example.test\r\n"

#: As RFC 9110 §5.5 and RFC 9112 §7.1.1 allow them, or nearly.
PADDED = {
    "a padded length": b"Content-Length: 5 \r\n\r\nhello",
    "a length behind a tab": b"Content-Length:\t5\r\n\r\nhello",
    "a padded coding": b"Transfer-Encoding: chunked \r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    "a coding behind spaces": b"Transfer-Encoding:  chunked\r\n\r\n"
                              b"5\r\nhello\r\n0\r\n\r\n",
    "a coding in capitals": b"Transfer-Encoding: Chunked\r\n\r\n"
                            b"5\r\nhello\r\n0\r\n\r\n",
    "a chunk with an extension": b"Transfer-Encoding: chunked\r\n\r\n"
                                 b"5;a=b\r\nhello\r\n0\r\n\r\n",
    "a padded chunk with an extension": b"Transfer-Encoding: chunked\r\n\r\n"
                                        b"5 ;a=b\r\nhello\r\n0\r\n\r\n",
    "a chunk line that ends with LF": b"Transfer-Encoding: chunked\r\n\r\n"
                                      b"5\nhello\r\n0\r\n\r\n",
}


@pytest.mark.parametrize("name", PADDED)
def test_padded_framing(bearerd, upstream, name):
    """Either it is read as it is meant, or it is refused in one piece and the
    connection closed; no request waits for an end that has come."""
    server = upstream()
    proxy = bearerd({"api": static(server.url)})
    with proxy.connect(timeout=10) as connection:
        connection.send(HEAD + PADDED[name])
        reply = connection.read_response()
        rest = connection.read_to_end() if reply.status == 400 else b""
    if reply.status == 200:
        assert server.last.body == b"hello"
    else:
        assert reply.status == 400
        assert rest == b""
        assert server.requests == []


def test_ready_connections_beside_suspended_ones(bearerd, upstream):
    """libmicrohttpd before 1.0.3 passed over connections that were ready where
    another was suspended: each must get its answer."""
    hangs, answers = upstream(lambda peer: peer.wait_until_closed(60)), upstream()
    proxy = bearerd({
        "slow": static(hangs.url, match="slow.test", response_timeout="20s"),
        "quick": static(answers.url, match="quick.test")}, {"workers": 1})
    with ThreadPoolExecutor(40) as pool:
        waits = [proxy.connect(timeout=30) for _ in range(40)]
        for connection in waits:
            connection.send(b"GET http://slow.test/ HTTP/1.1\r\n"
                            b"Host: slow.test\r\n\r\n")
        for _ in range(5):
            got = pool.map(lambda _: proxy.get("http://quick.test/").status,
                           range(40))
            assert list(got) == [200] * 40
    for connection in waits:
        connection.close()


@pytest.mark.parametrize("octets, passes", [(253, True), (256, False),
                                            (10_000, False)])
def test_long_name_to_a_socks_proxy(bearerd, upstream, octets, passes):
    """libcurl 7.69.0 to 8.3.0 wrote a name of more than 255 octets behind its
    buffer (CVE-2023-38545): none as long gets there (RFC 1035 §3.1)."""
    way, server = SocksProxy(), upstream()
    proxy = bearerd({"a": static(None, match="*.test", allow_plain_upstream="yes",
                                 upstream_proxy=f"socks5h://127.0.0.1:{way.port}"),
                     "good": static(server.url, match="good.example")})
    name = ".".join(["a" * 60] * (octets // 61 + 1))[:octets - 5] + ".test"
    reply = proxy.get(f"http://{name}/")
    assert reply.status >= 400
    if passes:
        assert way.asked[0][1] == name.encode()
    else:
        assert way.asked == []
    assert proxy.get("http://good.example/").status == 200
    proxy.stop()
    way.stop()


def shown(bearerd, upstream, authority, context) -> int:
    """What a service gets by whose upstream shows this chain, and then one
    whose upstream shows a plain one."""
    server = upstream(tls=context)
    good = upstream(tls=authority.context("localhost"))
    url, other = (f"https://localhost:{s.port}" for s in (server, good))
    proxy = bearerd({"a": static(url, upstream_ca=authority.path),
                     "b": static(other, match="b.test", upstream_ca=authority.path)})
    reply = proxy.get(URL)
    assert reply.status == 200 or reply.error.startswith("tls_"), reply.body
    assert proxy.get("http://b.test/").status == 200
    return reply.status


@pytest.mark.parametrize("length", [3, 15, 17, 40])
def test_long_chain(bearerd, upstream, authority, tmp_path, length):
    """A chain of more than 16 certificates ended the process with GnuTLS before
    3.8.4 (CVE-2024-28835)."""
    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(length)]
    links = Chain(authority, tmp_path)
    for n, key in enumerate(keys):
        above = keys[n - 1] if n else authority.key
        links.add(f"Link {n}", key, f"Link {n - 1}" if n else None, above,
                  ca=n + 1 < length)
    status = shown(bearerd, upstream, authority, links.context(keys[-1]))
    assert status == 200 or length > 10


def test_chain_in_a_circle(bearerd, upstream, authority, tmp_path):
    """Two authorities that sign each other ended the process with GnuTLS before
    3.8.3 (CVE-2024-0567)."""
    first, second, leaf = (ec.generate_private_key(ec.SECP256R1()) for _ in range(3))
    links = Chain(authority, tmp_path)
    for _ in range(3):
        links.add("Second", second, "First", first)
        links.add("First", first, "Second", second)
    links.add("Leaf", leaf, "First", first, ca=False)
    assert shown(bearerd, upstream, authority, links.context(leaf)) == 502


@pytest.mark.parametrize("names", [
    [x509.DNSName("a" * 300)],
    [x509.DNSName("a" * 9000)],
    [x509.DNSName("a" * 300), x509.DNSName("other.test")],
    [x509.UniformResourceIdentifier("https://other.test/")],
    [x509.UniformResourceIdentifier("https://other.test/" + "a" * 9000)],
    [x509.UniformResourceIdentifier("https://other.test/" + "a" * 300),
     x509.DNSName("other.test")],
    [x509.DNSName("a" * 255), x509.DNSName("other.test")],
    [x509.DNSName("a" * 256), x509.DNSName("other.test")],
    [x509.RFC822Name("me@other.test")],
    [x509.DNSName("other.test")],
])
def test_names_of_the_subject(bearerd, upstream, authority, tmp_path, names):
    """GnuTLS to 3.8.13 looks for a name in the subject where an alternative one
    is too long for it, or is of another kind (CVE-2026-42012, CVE-2026-42013)."""
    key = ec.generate_private_key(ec.SECP256R1())
    links = Chain(authority, tmp_path)
    links.add("localhost", key, None, authority.key, ca=False, names=names)
    assert shown(bearerd, upstream, authority, links.context(key)) == 502


def test_name_before_a_long_one(bearerd, upstream, authority, tmp_path):
    key = ec.generate_private_key(ec.SECP256R1())
    links = Chain(authority, tmp_path)
    links.add("other", key, None, authority.key, ca=False, names=[
        x509.DNSName("localhost"),
        x509.UniformResourceIdentifier("https://other.test/" + "a" * 300)])
    assert shown(bearerd, upstream, authority, links.context(key)) == 200
