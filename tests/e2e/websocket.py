# SPDX-License-Identifier: MIT
"""The WebSocket handshake (RFC 6455 §4) by hand, from both sides; what comes
behind it is octets, whatever they mean."""

from __future__ import annotations

import base64
import hashlib

from rawclient import Connection, Response
from rawserver import Peer, Received, Script

KEY = "dGhlIHNhbXBsZSBub25jZQ=="
ASK = ("Connection: Upgrade", "Upgrade: websocket", f"Sec-WebSocket-Key: {KEY}",
       "Sec-WebSocket-Version: 13")


def accept_of(key: str) -> str:
    digest = hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode())
    return base64.b64encode(digest.digest()).decode()


def switch(peer: Peer, *fields: str, behind: bytes = b"") -> Received:
    """Takes the handshake up; what else is asked before it has an answer."""
    while not (request := peer.read_head()).values("Upgrade"):
        peer.answer(b"no handshake")
    lines = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket",
             "Connection: Upgrade",
             f"Sec-WebSocket-Accept: {accept_of(request.value('Sec-WebSocket-Key'))}",
             *fields]
    peer.send("\r\n".join(lines).encode() + b"\r\n\r\n" + behind)
    return request


def after(does: Script, *fields: str) -> Script:
    """A server that takes each handshake up and then does this."""

    def script(peer: Peer) -> None:
        switch(peer, *fields)
        does(peer)

    return script


def to_end(peer: Peer) -> bytes:
    """All octets until the other side sends no more."""
    parts = [peer.buffer]
    while parts[-1] or len(parts) == 1:
        parts.append(peer.sock.recv(262144))
    peer.buffer = b""
    return b"".join(parts)


def ask(connection: Connection, target: str, *fields: str, host: str | None = None,
        behind: bytes = b"") -> Response:
    """Sends a handshake, octets behind it, and reads the head of its answer."""
    lines = [f"GET {target} HTTP/1.1", f"Host: {host or 'localhost'}",
             *ASK, *fields]
    connection.send("\r\n".join(lines).encode() + b"\r\n\r\n" + behind)
    return connection.read_head()


def opened(connection: Connection, target: str = "/a/chat", *fields: str,
           behind: bytes = b"") -> Connection:
    head = ask(connection, target, *fields, behind=behind)
    assert head.status == 101, head.raw_head
    assert head.value("Sec-WebSocket-Accept") == accept_of(KEY)
    return connection
