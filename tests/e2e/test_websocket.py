# SPDX-License-Identifier: MIT
"""WebSocket through a route: which handshakes pass, with what, and who may
send them."""

import pytest

from forwardproxy import HttpProxy
from harness import static
from rawserver import echo
from websocket import ASK, KEY, accept_of, after, ask, opened, to_end

URL = "http://api.example.test"


def talk(peer) -> None:
    """Says back what it got until its end, with an end of its own."""
    peer.send(to_end(peer) + b" and out")


def pass_through(connection) -> None:
    connection.send(b"over").sock.shutdown(1)
    assert connection.read_to_end() == b"over and out"


@pytest.fixture
def chat(bearerd, upstream):
    server = upstream(after(talk, "Sec-WebSocket-Protocol: soap",
                            "Set-Cookie: a=b; Path=/base/x; Domain=example.test"))
    return server, bearerd({"a": static(server.url + "/base")})


WAYS = {"path": ("/a/chat?q=%2f", "localhost"),
        "absolute": (URL + "/chat?q=%2f", "api.example.test"),
        "host": ("/chat?q=%2f", "api.example.test")}


@pytest.mark.parametrize("way", WAYS)
def test_handshake(chat, way):
    server, proxy = chat
    target, host = WAYS[way]
    with proxy.connect() as connection:
        head = ask(connection, target, "Sec-WebSocket-Protocol: soap, wamp",
                   "Sec-WebSocket-Extensions: permessage-deflate", host=host)
        assert head.status == 101, head.raw_head
        assert head.value("Upgrade") == "websocket"
        assert head.value("Connection").lower() == "upgrade"
        assert head.value("Sec-WebSocket-Accept") == accept_of(KEY)
        assert head.value("Sec-WebSocket-Protocol") == "soap"
        assert "bearerd-" in head.value("Via")
        assert head.value("Set-Cookie") == (
            "a=b; Path=/a/x" if way == "path"
            else "a=b; Path=/base/x; Domain=example.test")
        for framing in "Content-Length", "Transfer-Encoding":
            assert not head.values(framing)
        pass_through(connection)
    sent = server.last
    assert sent.line == "GET /base/chat?q=%2f HTTP/1.1"
    assert sent.value("Authorization") == "Bearer fixed-token"
    assert sent.value("Upgrade") == "websocket"
    assert sent.value("Connection") == "Upgrade"
    assert sent.value("Sec-WebSocket-Key") == KEY
    assert sent.value("Sec-WebSocket-Version") == "13"
    assert sent.value("Sec-WebSocket-Protocol") == "soap, wamp"
    assert sent.value("Sec-WebSocket-Extensions") == "permessage-deflate"
    assert "bearerd-" in sent.value("Via")


@pytest.mark.parametrize("keys", [{"carrier": "libcurl"}, {"http_version": "2"},
                                  {"http_version": "auto"}], ids=str)
def test_whatever_carries_requests(bearerd, upstream, authority, keys):
    """It goes over HTTP/1.1, which alone has an upgrade."""
    server = upstream(after(talk), tls=authority.context("127.0.0.1"))
    proxy = bearerd({"a": static(server.url, upstream_ca=authority.path, **keys)})
    with proxy.connect() as connection:
        opened(connection).send(b"over")
        # TLS in Python closes both directions at once.
        connection.sock.shutdown(1)
        connection.read_to_end()
    assert server.last.value("Upgrade") == "websocket"


def test_of_any_site(bearerd, upstream):
    """With unmatched = forward it is a proxy for these as well."""
    server = upstream(after(talk), host="127.0.0.2")
    proxy = bearerd({}, {"unmatched": "forward", "forward_to": "127.0.0.0/8"})
    with proxy.connect() as connection:
        pass_through(opened(connection, server.url + "/chat"))
    assert not server.last.values("Authorization")


def test_through_a_proxy(bearerd, upstream):
    """It would be such a proxy's to end it: a tunnel, as the RFC says (§4.1)."""
    def answer(peer):
        peer.take(4)
        peer.send(b"over and out")

    server, way = upstream(after(answer)), HttpProxy()
    try:
        proxy = bearerd({"a": static(
            server.url, upstream_proxy=f"http://127.0.0.1:{way.port}")})
        with proxy.connect() as connection:
            assert opened(connection).send(b"over")._take(12) == b"over and out"
        assert way.asked[0].startswith(f"CONNECT 127.0.0.1:{server.port} ")
        assert "fixed-token" not in "".join(way.asked)
    finally:
        way.stop()


# What is no handshake goes out as a request like others, and no word of Upgrade.

OTHERS = {
    "h2c": ("GET", ["Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c",
                    "HTTP2-Settings: AAMAAABkAAQAAP__"]),
    "another": ("GET", ["Connection: Upgrade", "Upgrade: websockets", *ASK[2:]]),
    "not named": ("GET", ["Connection: keep-alive", *ASK[1:]]),
    "post": ("POST", ASK),
    "no key": ("GET", [ASK[0], ASK[1], ASK[3]]),
    "short key": ("GET", [*ASK[:2], "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25j"]),
    "broken key": ("GET", [*ASK[:2], "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZ!=="]),
    "two keys": ("GET", [*ASK, f"Sec-WebSocket-Key: {KEY}"]),
    "key at this hop": ("GET", ["Connection: Upgrade, Sec-WebSocket-Key", *ASK[1:]]),
}


@pytest.mark.parametrize("name", OTHERS)
def test_other_upgrades_are_dropped(bearerd, upstream, name):
    server = upstream()
    proxy = bearerd({"a": static(server.url)})
    method, fields = OTHERS[name]
    with proxy.connect() as connection:
        for _ in range(2):
            connection.request(method, "/a/x", fields=fields)
            assert connection.read_response().status == 200
    for one in server.requests:
        for field in "Upgrade", "Connection", "HTTP2-Settings":
            assert not one.values(field), one.head


def test_old_and_with_a_body(bearerd, upstream):
    server = upstream()
    proxy = bearerd({"a": static(server.url)})
    assert proxy.get("/a/x", *ASK, version="HTTP/1.0").status == 200
    assert proxy.fetch("GET", "/a/x", fields=ASK, body=b"body").status == 200
    for one in server.requests:
        assert not one.values("Upgrade"), one.head
    assert server.last.body == b"body"


def test_websocket_among_others(bearerd, upstream):
    server = upstream(after(talk))
    proxy = bearerd({"a": static(server.url)})
    with proxy.connect() as connection:
        lines = ["GET /a/chat HTTP/1.1", "Host: localhost", "Upgrade: h2c, WebSocket",
                 "Connection: keep-alive, UPGRADE", *ASK[2:], "Content-Length: 0"]
        connection.send("\r\n".join(lines) + "\r\n\r\n")
        assert connection.read_head().status == 101
        pass_through(connection)
    assert server.last.value("Upgrade") == "websocket"


# Answers.


def test_refused(bearerd, upstream):
    """An answer like any other, and the connection is good for more."""
    def script(peer):
        for status in "403 Forbidden", "426 Upgrade Required", "200 OK":
            peer.read_request()
            peer.answer(b"no", status, "Upgrade: websocket", "Connection: upgrade")

    server = upstream(script)
    proxy = bearerd({"a": static(server.url)}, {"workers": 1})
    with proxy.connect() as connection:
        for status in 403, 426, 200:
            connection.request("GET", "/a/chat", fields=ASK)
            reply = connection.read_response()
            assert (reply.status, reply.body) == (status, b"no")
            assert not reply.values("Upgrade")
    assert server.connections == 1


@pytest.mark.parametrize("fields", [
    (), ("Connection: Upgrade", "Upgrade: websocket")], ids=["plain", "upgrade"])
def test_unasked(bearerd, upstream, fields):
    """A 101 to a request that did not ask, and one to another protocol."""
    def script(peer):
        peer.read_head()
        peer.send(b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n"
                  b"Upgrade: websocket\r\n\r\nHTTP/1.1 200 OK\r\n"
                  b"Content-Length: 5\r\n\r\nwrong")
        peer.wait_until_closed(10)

    proxy = bearerd({"a": static(upstream(script).url)})
    reply = proxy.get("/a/x", *fields)
    assert (reply.status, reply.error) == (502, "http_protocol_error")
    assert b"wrong" not in reply.body


@pytest.mark.parametrize("fields", [
    "Connection: Upgrade\r\nUpgrade: h2c", "Connection: Upgrade",
    "Upgrade: websocket", "Connection: Upgrade\r\nUpgrade: websocket, h2c"])
def test_another_protocol(bearerd, upstream, fields):
    closed = []

    def script(peer):
        peer.read_head()
        peer.send(b"HTTP/1.1 101 Switching Protocols\r\n" + fields.encode()
                  + b"\r\n\r\n")
        closed.append(peer.wait_until_closed(10))

    proxy = bearerd({"a": static(upstream(script).url)})
    reply = proxy.get("/a/chat", *ASK)
    assert (reply.status, reply.error) == (502, "http_protocol_error")
    assert proxy.get("/-/health/live").status == 200
    while not closed:
        pass
    assert closed == [True]


def test_token_is_renewed(bearerd, provider, upstream):
    """A 401 to the handshake is answered with a new token, as to any request."""
    tokens = []

    def script(peer):
        request = peer.read_head()
        tokens.append(request.value("Authorization"))
        if len(tokens) == 1:
            return peer.answer(b"", "401 Unauthorized")
        peer.send(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                  b"Connection: Upgrade\r\n\r\n")
        talk(peer)

    def serve(peer):
        while len(tokens) < 1:
            script(peer)
        script(peer)

    proxy = bearerd({"a": provider.service(upstream=upstream(serve).url)})
    with proxy.connect() as connection:
        assert ask(connection, "/a/chat").status == 101
        pass_through(connection)
    assert len(tokens) == 2 and tokens[0] != tokens[1]
    assert provider.token_count == 2


# Who may send one.

FOREIGN = {
    "a site": ["Origin: https://evil.test"],
    "no origin": ["Origin: null"],
    "another port": ["Origin: http://localhost:1"],
    "the upstream's": [f"Origin: {URL}"],
    "fetch": ["Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: websocket"],
    "beside": ["Sec-Fetch-Site: same-site", "Sec-Fetch-Mode: websocket"],
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", FOREIGN)
def test_page_of_another_origin(chat, name, way):
    """No preflight comes before a handshake, and any page may send one: it
    would talk with the API as whoever bearerd's token is."""
    server, proxy = chat
    target, host = WAYS[way]
    with proxy.connect() as connection:
        head = ask(connection, target, *FOREIGN[name], host=host)
        assert head.status == 403
    assert server.requests == []


def test_page_that_may(bearerd, upstream):
    server = upstream(after(talk))
    proxy = bearerd({"a": static(server.url, allow_origin="https://app.test"),
                     "b": static(server.url, match="b.test")})
    fields = ["Origin: https://app.test", "Sec-Fetch-Site: cross-site"]
    with proxy.connect() as connection:
        pass_through(opened(connection, "/a/chat", *fields))
    with proxy.connect() as connection:
        assert ask(connection, "/b/chat", *fields).status == 403
    with proxy.connect() as connection:
        assert ask(connection, "/b/chat", f"Origin: http://localhost:{proxy.port}"
                   ).status == 101
    assert len(server.requests) == 2


def test_deny(bearerd, upstream):
    server = upstream(after(talk))
    proxy = bearerd({"a": static(server.url, deny="GET /chat/**")})
    with proxy.connect() as connection:
        assert ask(connection, "/a/chat/x").status == 403
    with proxy.connect() as connection:
        pass_through(opened(connection, "/a/other"))
    assert len(server.requests) == 1


def test_both_on_one_connection(bearerd, upstream):
    """Requests, and then a handshake, and what is behind it is no request."""
    server = upstream(after(talk))
    proxy = bearerd({"a": static(server.url)}, {"workers": 1})
    with proxy.connect() as connection:
        connection.request("GET", "/a/x")
        assert connection.read_response().body == b"no handshake"
        opened(connection, behind=b"GET /a/y HTTP/1.1\r\nHost: localhost\r\n\r\n")
        connection.sock.shutdown(1)
        assert connection.read_to_end() == (
            b"GET /a/y HTTP/1.1\r\nHost: localhost\r\n\r\n and out")
    assert len(server.requests) == 2


def test_upstream_that_knows_nothing_of_it(bearerd, upstream):
    server = upstream(echo())
    proxy = bearerd({"a": static(server.url)})
    assert proxy.get("/a/chat", *ASK).status == 200
