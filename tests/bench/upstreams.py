# SPDX-License-Identifier: MIT
"""What is behind the proxies: nginx, and small servers of this process that
hold requests, swallow bodies, give tokens, or stand far away."""

from __future__ import annotations

import json
import selectors
import socket
import threading
import time
from collections import deque
from contextlib import ExitStack
from pathlib import Path

from proxies import harness  # first: it knows where the tests' modules are
from certificates import Authority  # noqa: E402
from rawserver import Peer, RawServer  # noqa: E402

MIB = 1 << 20
SMALL = """
    root {files};
    location = /small {{
        default_type text/plain;
        return 200 "a small static answer\\n";
    }}
"""
TLS = """
    server {{
        listen 127.0.0.1:{port} backlog=4096 ssl{http2};
        ssl_certificate {certificate};
        ssl_certificate_key {key};
        ssl_session_cache shared:{port}:1m;
        {small}
    }}
"""


class Upstream:
    """nginx with a small answer and files, by HTTP/1.1, TLS, and HTTP/2."""

    def __init__(self, stack: ExitStack, folder: Path):
        folder.mkdir(parents=True)
        authority = Authority(folder)
        certificate, key = authority.issue("localhost", "127.0.0.1")
        small = SMALL.format(files=folder / "files")
        self.ca = str(authority.path)
        tls, http2 = harness.free_port(), harness.free_port()
        more = "".join(
            TLS.format(port=port, http2=word, certificate=certificate, key=key,
                       small=small) for port, word in ((tls, ""), (http2, " http2")))
        server = harness.Nginx(folder, small, more)
        stack.callback(server.stop)
        self.files = server.files
        self.plain = f"127.0.0.1:{server.port}"
        self.tls, self.http2 = f"127.0.0.1:{tls}", f"127.0.0.1:{http2}"


def sink(peer: Peer) -> None:
    """Reads bodies as fast as they come."""
    scratch = bytearray(4 * MIB)
    while True:
        left = int(peer.read_head().value("Content-Length")) - len(peer.buffer)
        peer.buffer = b""
        while left > 0:
            count = peer.sock.recv_into(scratch, min(left, len(scratch)))
            if not count:
                return
            left -= count
        peer.answer(b"")


class Holder:
    """Takes connections, and never answers."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
        self.address = f"127.0.0.1:{self.listener.getsockname()[1]}"
        self.held: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                self.held.append(self.listener.accept()[0])
            except OSError:
                return

    def stop(self) -> None:
        self.listener.close()
        for held in self.held:
            held.close()


class Tokens:
    """A token endpoint whose tokens live `seconds`."""

    def __init__(self, seconds: int) -> None:
        self.given = 0
        self.seconds = seconds
        self.server = RawServer(self._answer)
        self.url = self.server.url
        self.stop = self.server.stop

    def _answer(self, peer: Peer) -> None:
        while True:
            peer.read_request()
            self.given += 1
            body = json.dumps({"access_token": f"token-{self.given}",
                               "token_type": "Bearer", "expires_in": self.seconds})
            peer.answer(body.encode(), "200 OK", "Content-Type: application/json")


class Far:
    """A relay to `address` whose octets take `delay` seconds each way. The
    kernel here accepts at once, so that a connection's first octets wait for
    its handshake too."""

    def __init__(self, address: str, delay: float) -> None:
        host, port = address.split(":")
        self.to, self.delay = (host, int(port)), delay
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.address = f"127.0.0.1:{self.listener.getsockname()[1]}"
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.listener, selectors.EVENT_READ)
        self.queue: deque = deque()  # (when, to, octets; none: its end)
        self.peers: dict[socket.socket, socket.socket] = {}
        self.opened: dict[socket.socket, float] = {}
        self.stopped = False
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def stop(self) -> None:
        self.stopped = True
        self.thread.join(5)
        for sock in [self.listener, *self.peers]:
            sock.close()

    def _accept(self, now: float) -> None:
        near = self.listener.accept()[0]
        far = socket.create_connection(self.to)
        for sock in (near, far):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.selector.register(sock, selectors.EVENT_READ)
        self.peers[near], self.peers[far] = far, near
        self.opened[near] = now

    def _read(self, sock: socket.socket, now: float) -> None:
        try:
            octets = sock.recv(256 << 10)
        except OSError:
            octets = b""
        if not octets:
            self.selector.unregister(sock)
        late = max(now, self.opened.get(sock, 0) + 2 * self.delay) + self.delay
        self.queue.append((late, self.peers[sock], octets))

    def _deliver(self, to: socket.socket, octets: bytes) -> None:
        try:
            if octets:
                to.sendall(octets)
            else:
                to.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def _run(self) -> None:
        while not self.stopped:
            now = time.monotonic()
            # Nearly in order: only a connection's first octets wait longer.
            for item in [i for i in self.queue if i[0] <= now]:
                self.queue.remove(item)
                self._deliver(item[1], item[2])
            wait = min([i[0] for i in self.queue], default=now + 0.1) - now
            for key, _ in self.selector.select(max(0, min(wait, 0.1))):
                if key.fileobj is self.listener:
                    self._accept(time.monotonic())
                else:
                    self._read(key.fileobj, time.monotonic())
