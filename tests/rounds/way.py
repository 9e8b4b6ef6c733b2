# SPDX-License-Identifier: MIT
"""The way between bearerd and the token endpoint, which can be cut: each login
has a path of its own, and each exchange is noted, to the octet."""

from __future__ import annotations

import json
import random
import socket
import struct
import threading
import time
from dataclasses import dataclass, field
from urllib.parse import parse_qs

PIECE = 64  # octets of an answer that travel at once
RESET = struct.pack("ii", 1, 0)


@dataclass
class Exchange:
    """One request for a token, as the server and the way have seen it."""

    arrived: float
    asked_with: str  # the refresh token
    status: int = 0
    access_token: str | None = None
    refresh_token: str | None = None
    answered: float = 0  # when the server had answered
    length: int = 0  # octets of the answer
    sent: int = 0  # of them on their way to bearerd
    whole_at: float | None = None  # when the last one was

    @property
    def rotated(self) -> bool:
        return self.status == 200

    def was_whole(self, at: float) -> bool:
        return self.whole_at is not None and self.whole_at <= at


@dataclass
class Login:
    """One session, and what is to happen on its way."""

    number: int
    exchanges: list[Exchange] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    before: float = 0  # seconds until a request is with the server
    after: float = 0  # until the answer begins
    cut_at: int | None = None  # octets of the next answer, then nothing
    reset: bool = False  # the connection is reset, not closed
    is_down: bool = False
    arrived: threading.Event = field(default_factory=threading.Event)
    sockets: set = field(default_factory=set)

    @property
    def host(self) -> str:
        return f"s{self.number}.example.test"

    @property
    def url(self) -> str:
        return f"http://{self.host}/x"

    def begin(self) -> None:
        """A round: what came before does not count any more."""
        self.exchanges = []
        self.arrived.clear()

    def cut(self) -> None:
        """Nothing passes from here on."""
        with self.lock:
            self.is_down = True
            for sock in self.sockets:
                end(sock, self.reset)

    def mend(self) -> None:
        with self.lock:
            self.is_down = False


def end(sock: socket.socket, reset: bool) -> None:
    try:
        if reset:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            sock.close()
        else:
            sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass


def read_request(sock: socket.socket) -> tuple[bytes, bytes]:
    data = b""
    while b"\r\n\r\n" not in data:
        data += receive(sock)
    head, _, body = data.partition(b"\r\n\r\n")
    length = next(int(line.split(b":")[1]) for line in head.split(b"\r\n")
                  if line.lower().startswith(b"content-length:"))
    while len(body) < length:
        body += receive(sock)
    return head, body


def receive(sock: socket.socket) -> bytes:
    data = sock.recv(65536)
    if not data:
        raise ConnectionError("it ended")
    return data


class Way:
    """Listens on a port of loopback; a request for /N/token is login N's."""

    def __init__(self, to_port: int):
        self.to_port = to_port
        self.logins: dict[int, Login] = {}
        self.under_way = 0
        self.awaited: dict[int, threading.Event] = {}  # by port, of settle
        self.length = 0  # octets of the last answer with a token
        self.lock = threading.Lock()
        self.listener = socket.socket()
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen(1024)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def token_endpoint(self, login: Login) -> str:
        return f"http://127.0.0.1:{self.port}/{login.number}/token"

    def _accept(self) -> None:
        while True:
            sock, (_, port) = self.listener.accept()
            if awaited := self.awaited.pop(port, None):
                awaited.set()
                sock.close()
                continue
            with self.lock:
                self.under_way += 1
            threading.Thread(target=self._run, args=(sock,), daemon=True).start()

    def _run(self, sock: socket.socket) -> None:
        try:
            sock.settimeout(30)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._carry(sock)
        except OSError:
            pass  # it was cut, or whoever asked is gone
        finally:
            sock.close()
            with self.lock:
                self.under_way -= 1

    def _carry(self, sock: socket.socket) -> None:
        head, body = read_request(sock)
        line, _, fields = head.partition(b"\r\n")
        login = self.logins[int(line.split(b" ")[1].split(b"/")[1])]
        with login.lock:
            if login.is_down:
                end(sock, login.reset)
                return
            login.sockets.add(sock)
        try:
            self._exchange(login, sock, fields, body)
        finally:
            with login.lock:
                login.sockets.discard(sock)

    def _exchange(self, login: Login, sock: socket.socket, fields: bytes,
                  body: bytes) -> None:
        login.arrived.set()
        time.sleep(login.before)
        with login.lock:
            if login.is_down:
                return
            [asked_with] = parse_qs(body.decode())["refresh_token"]
            exchange = Exchange(time.monotonic(), asked_with)
            login.exchanges.append(exchange)
        answer = self._ask(fields, body)
        exchange.answered = time.monotonic()
        self._look(exchange, answer)
        time.sleep(login.after)
        cut_at, login.cut_at = login.cut_at, None
        self._answer(login, sock, exchange, answer, cut_at)

    def _ask(self, fields: bytes, body: bytes) -> bytes:
        """The server's whole answer."""
        with socket.create_connection(("127.0.0.1", self.to_port), 30) as server:
            server.sendall(b"POST /token HTTP/1.1\r\nConnection: close\r\n" + fields +
                           b"\r\n\r\n" + body)
            answer = b""
            while data := server.recv(65536):
                answer += data
        return answer

    def _look(self, exchange: Exchange, answer: bytes) -> None:
        head, _, body = answer.partition(b"\r\n\r\n")
        exchange.length = len(answer)
        exchange.status = int(head.split(b" ")[1])
        if exchange.rotated:
            self.length = len(answer)
            token = json.loads(body)
            exchange.access_token = token["access_token"]
            exchange.refresh_token = token["refresh_token"]

    @staticmethod
    def _answer(login: Login, sock: socket.socket, exchange: Exchange,
                answer: bytes, cut_at: int | None) -> None:
        stop = len(answer) if cut_at is None else cut_at
        while exchange.sent < stop:
            piece = answer[exchange.sent:min(stop, exchange.sent + PIECE)]
            with login.lock:
                if login.is_down:
                    return
                sock.sendall(piece)
                exchange.sent += len(piece)
                if exchange.sent == len(answer):
                    exchange.whole_at = time.monotonic()
            if login.after and random.random() < 0.3:
                time.sleep(random.uniform(0, 0.002))
        if cut_at is not None:
            end(sock, login.reset)

    def settle(self) -> None:
        """Until the requests of a process that is gone have been dealt with,
        those too that were not accepted yet."""
        accepted = threading.Event()
        with socket.socket() as last:
            last.bind(("127.0.0.1", 0))
            self.awaited[last.getsockname()[1]] = accepted
            last.connect(("127.0.0.1", self.port))
            assert accepted.wait(60), "nobody is accepted"
        limit = time.monotonic() + 60
        while self.under_way > 0:
            assert time.monotonic() < limit, "an exchange does not end"
            time.sleep(0.002)


