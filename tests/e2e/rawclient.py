# SPDX-License-Identifier: MIT
"""A client that sends exact bytes and reads exact bytes."""

from __future__ import annotations

import json
import re
import socket
from dataclasses import dataclass, field

TIMEOUT = 30.0


@dataclass
class Response:
    """What came back, with its fields in order. `complete` is whether it ended
    the way that its framing promised."""

    status: int
    version: str
    reason: str
    fields: list[tuple[str, str]]
    body: bytes = b""
    complete: bool = False
    raw_head: bytes = b""
    pieces: list[bytes] = field(default_factory=list)

    def values(self, name: str) -> list[str]:
        return [v for n, v in self.fields if n.lower() == name.lower()]

    def value(self, name: str, default: str | None = None) -> str | None:
        values = self.values(name)
        assert len(values) <= 1, f"{name} came more than once: {values}"
        return values[0] if values else default

    def json(self):
        return json.loads(self.body)

    @property
    def error(self) -> str | None:
        """The `error` of bearerd's own Proxy-Status, if it is there."""
        found = re.search(r"\bbearerd\b.*?;\s*error=([a-z_0-9]+)",
                          self.value("Proxy-Status", "") or "")
        return found.group(1) if found else None


class Connection:
    """One connection to a port of loopback."""

    def __init__(self, port: int, timeout: float = TIMEOUT,
                 receive_buffer: int = 0, host: str = "127.0.0.1"):
        self.sock = socket.socket()
        if receive_buffer:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.sock.settimeout(timeout)
        self.sock.connect((host, port))
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""

    def __enter__(self) -> "Connection":
        return self

    def __exit__(self, *exc) -> None:
        self.close()

    def close(self) -> None:
        self.sock.close()

    def send(self, data: bytes | str) -> "Connection":
        self.sock.sendall(data.encode("latin-1") if isinstance(data, str) else data)
        return self

    def request(self, method: str, target: str, host: str | None = None,
                fields: list[str] | tuple = (), body: bytes | None = None,
                version: str = "HTTP/1.1") -> "Connection":
        """Sends a well-formed request; `fields` are whole lines."""
        if host is None:
            authority = re.match(r"https?://([^/?#]*)", target)
            host = authority.group(1) if authority else "localhost"
        lines = [f"{method} {target} {version}", f"Host: {host}", *fields]
        if body is not None:
            lines.append(f"Content-Length: {len(body)}")
        head = "\r\n".join(lines) + "\r\n\r\n"
        return self.send(head.encode("latin-1") + (body or b""))

    def receive(self) -> bool:
        """Reads once into the buffer; false at the end."""
        try:
            data = self.sock.recv(262144)
        except ConnectionError:
            return False
        self.buffer += data
        return bool(data)

    def read_to_end(self) -> bytes:
        while self.receive():
            pass
        data, self.buffer = self.buffer, b""
        return data

    def _take(self, length: int) -> bytes | None:
        parts, have = [], 0
        while have < length:
            if not self.buffer and not self.receive():
                self.buffer = b"".join(parts)
                return None
            parts.append(self.buffer[: length - have])
            self.buffer = self.buffer[len(parts[-1]):]
            have += len(parts[-1])
        return b"".join(parts)

    def _line(self) -> bytes | None:
        while b"\r\n" not in self.buffer:
            if not self.receive():
                return None
        line, _, self.buffer = self.buffer.partition(b"\r\n")
        return line

    def read_head(self) -> Response:
        while b"\r\n\r\n" not in self.buffer:
            assert self.receive(), f"closed within the head: {self.buffer!r}"
        head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        version, status, reason = (first + "  ").split(" ", 2)
        pairs = (line.partition(":") for line in lines)
        return Response(int(status), version, reason.strip(),
                        [(n, v.strip()) for n, _, v in pairs], raw_head=head)

    def read_response(self, method: str = "GET") -> Response:
        response = self.read_head()
        while response.status in (100, 102, 103):
            response = self.read_head()
        coding = (response.value("Transfer-Encoding") or "").lower()
        length = response.value("Content-Length")
        if method == "HEAD" or response.status in (204, 304):
            response.complete = True
        elif coding == "chunked":
            assert length is None, "both framings in one response"
            response.complete = self._read_chunks(response)
        elif length is not None:
            body = self._take(int(length))
            response.complete = body is not None
            response.body = self.read_to_end() if body is None else body
        else:
            response.body = self.read_to_end()
            response.complete = True
        return response

    def _read_chunks(self, response: Response) -> bool:
        while (line := self._line()) is not None:
            size = int(line.split(b";")[0], 16)
            if size == 0:
                while (line := self._line()):
                    pass
                break
            piece = self._take(size)
            if piece is None or self._take(2) != b"\r\n":
                line = None
                break
            response.pieces.append(piece)
        response.body = b"".join(response.pieces)
        return line is not None

    def at_end(self, timeout: float = 5.0) -> bool:
        """Whether the other side closes without another byte."""
        self.sock.settimeout(timeout)
        try:
            return not self.buffer and not self.receive()
        except TimeoutError:
            return False


def fetch(port: int, method: str, target: str, **options) -> Response:
    """One request on a connection of its own."""
    with Connection(port) as connection:
        return connection.request(method, target, **options).read_response(method)


def get(port: int, target: str, *fields: str, **options) -> Response:
    return fetch(port, "GET", target, fields=fields, **options)


def post(port: int, target: str, body: bytes, *fields: str, **options) -> Response:
    return fetch(port, "POST", target, body=body, fields=fields, **options)


def exchange(port: int, data: bytes | str, timeout: float = TIMEOUT) -> bytes:
    """Sends bytes and reads until the other side closes."""
    with Connection(port, timeout) as connection:
        return connection.send(data).read_to_end()
