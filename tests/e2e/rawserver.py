# SPDX-License-Identifier: MIT
"""An upstream that misbehaves to the byte: plain sockets, scripted per test.

A script is a function that is given each accepted connection as a `Peer` and
does with it what the test wants. What arrives is recorded as it came.
"""

from __future__ import annotations

import json
import socket
import ssl
import struct
import threading
import time
from dataclasses import dataclass, field
from typing import Callable

HEAD_LIMIT = 4 * 1024 * 1024


@dataclass
class Received:
    """One request as it came over the wire."""

    head: bytes
    body: bytes = b""
    trailers: list[bytes] = field(default_factory=list)
    complete: bool = False

    @property
    def line(self) -> str:
        return self.head.split(b"\r\n", 1)[0].decode("latin-1")

    @property
    def method(self) -> str:
        return self.line.split(" ")[0]

    @property
    def target(self) -> str:
        return self.line.split(" ")[1]

    @property
    def fields(self) -> list[tuple[str, str]]:
        lines = self.head.decode("latin-1").split("\r\n")[1:]
        pairs = (line.partition(":") for line in lines if line)
        return [(name, value.strip()) for name, _, value in pairs]

    def values(self, name: str) -> list[str]:
        """All values of the fields of this name, in order."""
        return [v for n, v in self.fields if n.lower() == name.lower()]

    def value(self, name: str) -> str:
        """The one value of a field that must be there exactly once."""
        values = self.values(name)
        assert len(values) == 1, f"{name}: {values} in {self.head!r}"
        return values[0]


class Closed(Exception):
    """The other side closed where more was expected."""


class Peer:
    """One connection, from the server's side."""

    def __init__(self, server: "RawServer", sock: socket.socket, number: int):
        self.server = server
        self.sock = sock
        self.number = number
        self.buffer = b""

    def _more(self) -> None:
        data = self.sock.recv(65536)
        if not data:
            raise Closed(f"closed after {self.buffer[:200]!r}")
        self.buffer += data

    def read_head(self) -> Received:
        """Reads and records a head; the body is left to the script."""
        while b"\r\n\r\n" not in self.buffer:
            assert len(self.buffer) < HEAD_LIMIT
            self._more()
        head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
        request = Received(head + b"\r\n")
        self.server.requests.append(request)
        return request

    def take(self, length: int) -> bytes:
        while len(self.buffer) < length:
            self._more()
        data, self.buffer = self.buffer[:length], self.buffer[length:]
        return data

    def take_line(self) -> bytes:
        while b"\r\n" not in self.buffer:
            self._more()
        line, _, self.buffer = self.buffer.partition(b"\r\n")
        return line

    def read_request(self) -> Received:
        """Reads and records a whole request, its chunks joined."""
        request = self.read_head()
        if "chunked" in ",".join(request.values("Transfer-Encoding")).lower():
            while size := int(self.take_line().split(b";")[0], 16):
                request.body += self.take(size)
                self.take(2)
            while line := self.take_line():
                request.trailers.append(line)
        else:
            length = request.values("Content-Length")
            request.body = self.take(int(length[0]) if length else 0)
        request.complete = True
        return request

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def answer(self, body: bytes = b"", status: str = "200 OK", *fields: str) -> None:
        """A whole answer that keeps the connection."""
        lines = [f"HTTP/1.1 {status}", *fields, f"Content-Length: {len(body)}"]
        self.send("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body)

    def reset(self) -> None:
        """Closes with RST instead of FIN."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                             struct.pack("ii", 1, 0))
        self.sock.close()

    def wait_until_closed(self, timeout: float) -> bool:
        """Whether the other side closes within so many seconds."""
        self.sock.settimeout(timeout)
        try:
            while self.sock.recv(65536):
                pass
            return True
        except TimeoutError:
            return False
        except OSError:
            return True


Script = Callable[[Peer], None]


@dataclass
class RawServer:
    """Listens on a free loopback port; each connection runs the script in a
    thread of its own, and is closed when the script returns."""

    script: Script
    tls: ssl.SSLContext | None = None
    backlog: int = 1024
    receive_buffer: int = 0
    host: str = "127.0.0.1"
    requests: list[Received] = field(default_factory=list)
    connections: int = 0
    errors: list[BaseException] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.listener = socket.socket(
            socket.AF_INET6 if ":" in self.host else socket.AF_INET)
        if self.receive_buffer:
            self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF,
                                     self.receive_buffer)
        self.listener.bind((self.host, 0))
        self.listener.listen(self.backlog)
        self.port = self.listener.getsockname()[1]
        self.live: set[socket.socket] = set()
        self.stopped = False
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.tls else 'http'}://{host}:{self.port}"

    @property
    def last(self) -> Received:
        assert self.requests, "nothing reached the upstream"
        return self.requests[-1]

    def _accept(self) -> None:
        while not self.stopped:
            try:
                sock = self.listener.accept()[0]
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._run, args=(sock, self.connections),
                             daemon=True).start()

    def _run(self, sock: socket.socket, number: int) -> None:
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.tls:
                sock = self.tls.wrap_socket(sock, server_side=True)
            self.live.add(sock)
            self.script(Peer(self, sock, number))
        except (Closed, OSError, ValueError):
            pass  # the other side's right; tests look at what was recorded
        except BaseException as error:
            self.errors.append(error)
        finally:
            self.live.discard(sock)
            sock.close()

    def wait_for_requests(self, count: int, timeout: float = 10) -> None:
        limit = time.monotonic() + timeout
        while len(self.requests) < count:
            assert time.monotonic() < limit, (
                f"{len(self.requests)} requests of {count} after {timeout} s")
            time.sleep(0.01)

    def stop(self) -> None:
        self.stopped = True
        try:
            self.listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.listener.close()
        for sock in list(self.live):
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        assert not self.errors, f"the upstream's script failed: {self.errors!r}"


def echo(name: str = "") -> Script:
    """Answers every request with its own line, and keeps the connection."""

    def script(peer: Peer) -> None:
        while True:
            request = peer.read_request()
            body = json.dumps({"server": name, "line": request.line,
                               "length": len(request.body)}).encode()
            if request.method == "HEAD":
                body = b""
            peer.answer(body, "200 OK", "Content-Type: application/json")

    return script


def exactly(*answers: bytes, close: bool = True) -> Script:
    """Reads a request and writes the next of these, for each of them; then
    closes, or else goes on with the last one."""

    def script(peer: Peer) -> None:
        for answer in answers:
            peer.read_request()
            peer.send(answer)
        while not close:
            peer.read_request()
            peer.send(answers[-1])

    return script
