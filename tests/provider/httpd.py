# SPDX-License-Identifier: MIT
"""A threaded HTTP/1.1 server for WSGI applications, for tests.

It keeps connections alive, gives the application the request's raw target and
its fields in order, reads bodies with a length and chunked ones, streams what
the application yields piece by piece, and can break off on command.
"""

from __future__ import annotations

import io
import socket
import ssl
import sys
import threading
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Callable, Iterable, Iterator

LINE_LIMIT = 65536
BODILESS = (204, 304)


class HangUp(Exception):
    """Raised by an application: close the connection without an answer."""


class RawAnswer(Exception):
    """Raised by an application: write exactly these bytes, then close."""

    def __init__(self, data: bytes):
        super().__init__("raw answer")
        self.data = data


class Body(io.RawIOBase):
    """A request's body, by Content-Length or in chunks, as one stream."""

    def __init__(self, source: io.BufferedIOBase, length: int, chunked: bool):
        super().__init__()
        self.source = source
        self.left = length
        self.chunked = chunked
        self.ended = not chunked and length == 0

    def readable(self) -> bool:
        return True

    def readinto(self, target) -> int:
        if self.chunked and self.left == 0 and not self.ended:
            self._next_chunk()
        if self.ended:
            return 0
        data = self.source.read1(min(len(target), self.left))
        if not data:
            raise ConnectionError("request body ended early")
        target[: len(data)] = data
        self.left -= len(data)
        if self.left == 0:
            self._end_of_piece()
        return len(data)

    def _next_chunk(self) -> None:
        line = self.source.readline(LINE_LIMIT)
        if not line:
            raise ConnectionError("request body ended early")
        self.left = int(line.split(b";")[0].strip(), 16)
        if self.left == 0:
            while self.source.readline(LINE_LIMIT) not in (b"\r\n", b"\n", b""):
                pass
            self.ended = True

    def _end_of_piece(self) -> None:
        if self.chunked:
            self.source.readline(LINE_LIMIT)
        else:
            self.ended = True

    def drain(self) -> None:
        scratch = bytearray(65536)
        while self.readinto(scratch):
            pass


class Exchange(BaseHTTPRequestHandler):
    """One connection; each request on it is given to the application."""

    protocol_version = "HTTP/1.1"
    server_version = "provider"
    sys_version = ""
    disable_nagle_algorithm = True
    wbufsize = 0

    def log_message(self, format: str, *args) -> None:  # noqa: A002
        pass

    def handle(self) -> None:
        try:
            super().handle()
        except (ConnectionError, TimeoutError, ssl.SSLError, ValueError):
            self.close_connection = True

    def __getattr__(self, name: str):
        if name.startswith("do_"):
            return self._exchange
        raise AttributeError(name)

    def _environ(self, body: Body) -> dict:
        # The parent folds leading slashes in its own `path`.
        target = self.requestline.split()[1]
        path, _, query = target.partition("?")
        environ = {
            "REQUEST_METHOD": self.command,
            "SCRIPT_NAME": "",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "SERVER_NAME": self.server.server_address[0],
            "SERVER_PORT": str(self.server.server_address[1]),
            "SERVER_PROTOCOL": self.request_version,
            "REMOTE_ADDR": self.client_address[0],
            "REMOTE_PORT": str(self.client_address[1]),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": self.server.scheme,
            "wsgi.input": io.BufferedReader(body, 262144),
            "wsgi.input_terminated": True,
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            "provider.target": target,
            "provider.fields": [[n, v] for n, v in self.headers.items()],
            "provider.certificate": shown_certificate(self.connection),
        }
        for name, value in self.headers.items():
            key = name.upper().replace("-", "_")
            if key not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
                key = "HTTP_" + key
            environ[key] = f"{environ[key]},{value}" if key in environ else value
        return environ

    def _exchange(self) -> None:
        chunked = "chunked" in self.headers.get("Transfer-Encoding", "").lower()
        length = 0 if chunked else int(self.headers.get("Content-Length") or 0)
        body = Body(self.rfile, length, chunked)
        status: list = []

        def start_response(line: str, fields: list, exc_info=None) -> None:
            status[:] = [line, fields]

        try:
            pieces = self.server.application(self._environ(body), start_response)
            try:
                self._answer(status[0], status[1], pieces)
            finally:
                getattr(pieces, "close", lambda: None)()
            body.drain()
        except RawAnswer as answer:
            self.connection.sendall(answer.data)
            self.close_connection = True
        except (HangUp, ConnectionError, TimeoutError):
            self.close_connection = True
        except Exception:
            traceback.print_exc()
            self.close_connection = True

    def _answer(self, line: str, fields: list, pieces: Iterable[bytes]) -> None:
        code = int(line.split()[0])
        names = {name.lower() for name, _ in fields}
        bodiless = self.command == "HEAD" or code in BODILESS
        chunked = "content-length" not in names and not bodiless
        head = [f"HTTP/1.1 {line}"] + [f"{n}: {v}" for n, v in fields]
        if chunked and self.request_version == "HTTP/1.1":
            head.append("Transfer-Encoding: chunked")
        elif chunked:
            chunked, self.close_connection = False, True
        if "date" not in names:
            head.append("Date: " + self.date_time_string())
        data = ("\r\n".join(head) + "\r\n\r\n").encode("latin-1")
        for piece in frame(pieces, chunked, bodiless):
            if len(data) + len(piece) <= 65536:
                piece, data = data + piece, b""
            elif data:
                self.connection.sendall(data)
                data = b""
            self.connection.sendall(piece)
        if data:
            self.connection.sendall(data)


def frame(pieces: Iterable[bytes], chunked: bool, bodiless: bool) -> Iterator[bytes]:
    """The body's bytes as they go on the wire."""
    if bodiless:
        return
    for piece in pieces:
        if not piece:
            continue
        yield b"%x\r\n%s\r\n" % (len(piece), piece) if chunked else piece
    if chunked:
        yield b"0\r\n\r\n"


def shown_certificate(connection: socket.socket) -> bytes | None:
    """The client's certificate, DER, of which the handshake made sure."""
    if isinstance(connection, ssl.SSLSocket):
        return connection.getpeercert(binary_form=True)
    return None


class Server(ThreadingHTTPServer):
    """Serves one WSGI application on one loopback address. With `client_ca`
    it asks for client certificates, and goes without where none is shown."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 1024
    allow_reuse_address = True

    def __init__(self, port: int, application: Callable,
                 tls: tuple[str, str] | None = None, host: str = "127.0.0.1",
                 client_ca: str | None = None):
        super().__init__((host, port), Exchange)
        self.application = application
        self.scheme = "https" if tls else "http"
        self.own = tls
        self.client_ca = client_ca
        self.tls = self._context() if tls else None
        self.thread = threading.Thread(target=self.serve_forever, daemon=True)

    def _context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*self.own)
        if self.client_ca:
            context.verify_mode = ssl.CERT_OPTIONAL
            context.load_verify_locations(self.client_ca)
        return context

    def trust(self, certificate: str) -> None:
        """Takes this client certificate (PEM) too: a self-signed one is its
        own authority."""
        self.tls.load_verify_locations(cadata=certificate)

    def forget(self) -> None:
        """Takes those of `client_ca` only again."""
        self.tls = self._context()

    def server_bind(self) -> None:
        # The parent looks the address up in the DNS; there is no need to.
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = self.server_address[:2]

    def finish_request(self, request, client_address) -> None:
        # In the connection's own thread: a handshake never stops the others.
        if self.tls:
            try:
                request = self.tls.wrap_socket(request, server_side=True)
            except (OSError, ssl.SSLError):
                return
        super().finish_request(request, client_address)

    def handle_error(self, request, client_address) -> None:
        error = sys.exc_info()[1]
        if not isinstance(error, (OSError, ValueError)):
            traceback.print_exc()

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.server_address[0]}:{self.server_port}"

    def start(self) -> "Server":
        self.thread.start()
        return self
