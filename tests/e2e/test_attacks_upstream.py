# SPDX-License-Identifier: MIT
"""Servers that attack the client library behind bearerd: whatever they send,
the process lives, and the next client gets its own answer."""

from __future__ import annotations

import pytest

from forwardproxy import HttpProxy
from harness import static

URL = "http://api.example.test/"
#: Fields enough that memory which was freed is used for something else.
FIELDS = "".join(f"X-{n}: {'v' * n}\r\n" for n in range(1, 60, 7))
GOOD = f"HTTP/1.1 200 OK\r\n{FIELDS}Content-Length: 2\r\n\r\nok".encode()
FOLDED = ("HTTP/1.1 200 OK\r\n%s" + "X-Folded: " + 200 * "value " +
          "\r\nContent-Length: 2\r\n\r\nok")
SPACES = (" ", "\t", " \t ")


CARRIERS = pytest.mark.parametrize("carrier", ("auto", "libcurl"))


def folding(peer):
    """Every other answer begins its fields with a space (RFC 9112 §5.2)."""
    while True:
        peer.read_request()
        n = len(peer.server.requests)
        peer.send(GOOD if n % 2 else (FOLDED % SPACES[n % 3]).encode())


def attack(get, server, rounds: int = 12) -> None:
    for n in range(1, rounds + 1):
        reply = get()
        assert reply.status == (200 if n % 2 else 502), reply.body
        if n % 2 == 0:
            assert reply.error == "http_protocol_error"
    assert len(server.requests) == rounds


@CARRIERS
def test_first_field_is_folded(bearerd, upstream, carrier):
    """libcurl 7.83.0 to 8.1.0 wrote to freed memory where a handle was used
    again (its pull request 11103)."""
    server = upstream(folding)
    proxy = bearerd({"a": static(server.url, carrier=carrier)}, {"workers": 1})
    attack(lambda: proxy.get(URL), server)


def test_first_field_is_folded_of_any_site(bearerd, upstream):
    site = upstream(folding, host="127.0.0.2")
    proxy = bearerd({"a": static(upstream().url)}, {
        "workers": 1, "unmatched": "forward", "forward_to": "127.0.0.0/8"})
    attack(lambda: proxy.get(site.url + "/"), site)


@CARRIERS
def test_first_field_is_folded_of_a_token_endpoint(bearerd, upstream, carrier):
    """A call of each of 12 services to one server."""
    def tokens(peer):
        peer.read_request()
        body = b'{"access_token":"t","token_type":"bearer"}'
        answer = GOOD if len(peer.server.requests) % 2 else (FOLDED % " ").encode()
        peer.send(answer.replace(b": 2\r\n\r\nok",
                                 b": %d\r\n\r\n%s" % (len(body), body)))

    server, endpoint = upstream(), upstream(tokens)
    proxy = bearerd({f"s{n}": {
        "upstream": server.url, "grant_type": "client_credentials",
        "carrier": carrier,
        "client_id": f"client-{n}", "client_secret": "s",
        "token_endpoint": endpoint.url + "/token"} for n in range(12)})
    statuses = [proxy.get(f"/s{n}/").status for n in range(12)]
    assert statuses.count(200) >= 6
    assert len(endpoint.requests) >= 12


def test_first_field_is_folded_of_a_proxy(bearerd, upstream):
    """What upstream_proxy answers to a request in absolute-form."""
    way = upstream(folding)
    proxy = bearerd({"a": static(upstream().url, upstream_proxy=way.url)},
                    {"workers": 1})
    attack(lambda: proxy.get(URL), way)


@CARRIERS
def test_first_field_is_folded_of_a_tunnel(bearerd, upstream, authority, carrier):
    """What upstream_proxy answers to CONNECT is no answer, and not kept."""
    class Proxy(HttpProxy):
        def tunnel(self, peer, target):
            peer.send = lambda data, send=peer.send: send(data.replace(
                b"\r\nX-Proxy", b"\r\n X-Folded: " + 200 * b"value " + b"\r\nX-Proxy"))
            super().tunnel(peer, target)

    def once(peer):
        peer.read_request()
        peer.answer(b"ok", "200 OK", "Connection: close")

    server = upstream(once, tls=authority.context("127.0.0.1"))
    way = Proxy()
    proxy = bearerd({"a": static(
        server.url, upstream_ca=authority.path, carrier=carrier,
        upstream_proxy=f"http://127.0.0.1:{way.port}")}, {"workers": 1})
    assert [proxy.get(URL).status for _ in range(8)] == 8 * [200]
    assert way.connections == 8
    way.stop()
