# SPDX-License-Identifier: MIT
"""Proxies for bearerd itself to go through: HTTP (RFC 9110 §9.3.6) and SOCKS 5
(RFC 1928, RFC 1929). They record what they were asked."""

from __future__ import annotations

import base64
import select
import socket
import ssl
import struct

from rawserver import Peer, RawServer

NAMES = {b"name.test": b"127.0.0.1"}


def pump(one, other) -> None:
    """Both ways until either side ends."""
    pair = {one: other, other: one}
    while True:
        ready = [s for s in pair if isinstance(s, ssl.SSLSocket) and s.pending()]
        for source in ready or select.select(list(pair), [], [], 60)[0]:
            data = source.recv(65536)
            if not data:
                return
            pair[source].sendall(data)


class HttpProxy(RawServer):
    """`asked`: the head of each CONNECT and of each absolute-form request."""

    def __init__(self, credentials: str | None = None, refuses: int = 0,
                 **options):
        self.asked: list[str] = []
        self.expected = credentials and "Basic " + base64.b64encode(
            credentials.encode()).decode()
        self.refuses = refuses
        super().__init__(self.serve, **options)

    def serve(self, peer: Peer) -> None:
        peer.server.requests.clear()
        while True:
            request = peer.read_head()
            self.asked.append(request.head.decode("latin-1"))
            if self.refuses:
                peer.answer(b"no", f"{self.refuses} No")
            elif self.expected and request.values("Proxy-Authorization") != [
                    self.expected]:
                peer.answer(b"who are you?", "407 Proxy Authentication Required",
                            'Proxy-Authenticate: Basic realm="proxy"')
            elif request.method == "CONNECT":
                self.tunnel(peer, request.target)
                return
            else:
                self.forward(peer, request)

    def tunnel(self, peer: Peer, target: str) -> None:
        host, _, port = target.rpartition(":")
        host = NAMES.get(host.encode(), host.encode()).decode()
        with socket.create_connection((host, int(port)), 10) as out:
            peer.send(b"HTTP/1.1 200 Established\r\nX-Proxy: 1\r\n\r\n")
            pump(peer.sock, out)

    def forward(self, peer: Peer, request) -> None:
        """One exchange: the head, and a body with a length."""
        assert request.target.startswith("http://"), request.line
        authority, slash, path = request.target[7:].partition("/")
        host, _, port = authority.partition(":")
        host = NAMES.get(host.encode(), host.encode()).decode()
        length = int((request.values("Content-Length") or ["0"])[0])
        body = peer.take(length)
        lines = request.head.decode("latin-1").split("\r\n")
        lines[0] = f"{request.method} {slash}{path or ''} HTTP/1.1"
        lines = [l for l in lines if l and not l.lower().startswith("proxy-")]
        with socket.create_connection((host, int(port or 80)), 10) as out:
            out.sendall("\r\n".join(lines + ["Connection: close", "", ""]).encode(
                "latin-1") + body)
            # An upstream that keeps connections ends this one now.
            out.shutdown(socket.SHUT_WR)
            while data := out.recv(65536):
                peer.send(data)


class SocksProxy(RawServer):
    """`asked`: (kind of address, address, port, user and password)."""

    def __init__(self, credentials: tuple[str, str] | None = None,
                 reply: int = 0, **options):
        self.asked: list[tuple] = []
        self.credentials = credentials
        self.reply = reply
        super().__init__(self.serve, **options)

    def log_in(self, peer: Peer) -> tuple | None:
        _, count = peer.take(2)
        methods = peer.take(count)
        if not self.credentials:
            peer.send(b"\x05\x00")
            return None
        if 2 not in methods:
            peer.send(b"\x05\xff")
            raise ValueError("no credentials were offered")
        peer.send(b"\x05\x02")
        _, length = peer.take(2)
        user = peer.take(length)
        password = peer.take(peer.take(1)[0])
        seen = user.decode(), password.decode()
        peer.send(b"\x01\x00" if seen == self.credentials else b"\x01\x01")
        if seen != self.credentials:
            raise ValueError("other credentials")
        return seen

    def serve(self, peer: Peer) -> None:
        seen = self.log_in(peer)
        _, _, _, kind = peer.take(4)
        if kind == 3:
            address = peer.take(peer.take(1)[0])
        else:
            address = peer.take(4 if kind == 1 else 16)
        port, = struct.unpack(">H", peer.take(2))
        self.asked.append((kind, address, port, seen))
        if self.reply:
            peer.send(bytes((5, self.reply, 0, 1)) + bytes(6))
            return
        host = (NAMES.get(address, address).decode() if kind == 3 else
                socket.inet_ntop(socket.AF_INET, address))
        with socket.create_connection((host, port), 10) as out:
            peer.send(bytes((5, 0, 0, 1)) + bytes(6))
            pump(peer.sock, out)
