# SPDX-License-Identifier: MIT
"""An upstream for real clients, which records what reached it.

Below /echo/ it answers with what it got, below /files/ it serves files (a
Debian repository, for one), and below /git/ git's own server answers.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote


@dataclass
class Record:
    """One request as it arrived, with its body's length and SHA-256."""

    method: str
    target: str
    authorization: list[str]
    length: int
    digest: str


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


class Answering(BaseHTTPRequestHandler):
    """One connection to the origin."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: "Origin"

    def log_message(self, *_arguments) -> None:
        pass

    def read_body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        parts = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass
        return b"".join(parts)

    def answer(self, status: int, body: bytes, *fields: tuple[str, str]) -> None:
        self.send_response(status)
        for name, value in fields:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def respond(self) -> None:
        body = self.read_body()
        for status in self.server.interim:
            self.wfile.write(b"HTTP/1.1 %d Interim\r\nLink: </style.css>; "
                             b"rel=preload\r\n\r\n" % status)
        shown = self.headers.get_all("Authorization", [])
        record = Record(self.command, self.path, shown, len(body), digest(body))
        self.server.records.append(record)
        path, _, query = self.path.partition("?")
        path = unquote(path)
        if len(shown) != 1:
            self.answer(401, b"", ("WWW-Authenticate", 'Bearer realm="origin"'))
        elif path.startswith("/echo/"):
            self.answer(200, json.dumps(record.__dict__).encode() + b"\n",
                        ("Content-Type", "application/json"))
        elif path.startswith("/files/"):
            self.send_file(path.removeprefix("/files/"))
        elif path.startswith("/git/"):
            self.run_git(path.removeprefix("/git"), query, body)
        else:
            self.answer(404, b"")

    do_GET = do_HEAD = do_POST = do_PUT = respond

    def send_file(self, name: str) -> None:
        path = (self.server.files / name).resolve()
        if path.is_relative_to(self.server.files) and path.is_file():
            self.answer(200, path.read_bytes())
        else:
            self.answer(404, b"")

    def run_git(self, path: str, query: str, body: bytes) -> None:
        """git-http-backend is a CGI program (RFC 3875)."""
        variables = {
            "PATH": "/usr/bin:/bin", "HOME": "/nonexistent",
            "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_PROJECT_ROOT": str(self.server.repositories),
            "GIT_HTTP_EXPORT_ALL": "1", "PATH_INFO": path,
            "QUERY_STRING": query, "REQUEST_METHOD": self.command,
            "CONTENT_LENGTH": str(len(body)), "REMOTE_USER": "test",
            "REMOTE_ADDR": "127.0.0.1",
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
        }
        made = subprocess.run(["git", "http-backend"], env=variables, input=body,
                              stdout=subprocess.PIPE, timeout=60, check=True).stdout
        head, _, content = made.partition(b"\r\n\r\n")
        pairs = (line.partition(": ") for line in head.decode().split("\r\n"))
        fields = {name: value for name, _, value in pairs}
        status = int(fields.pop("Status", "200").split(" ")[0])
        self.answer(status, content, *fields.items())


class Origin(ThreadingHTTPServer):
    """Listens on a free loopback port until it is stopped."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, folder: Path):
        self.records: list[Record] = []
        self.interim: list[int] = []  # what goes before each answer
        self.files = (folder / "files").resolve()
        self.repositories = (folder / "repositories").resolve()
        self.files.mkdir(parents=True)
        self.repositories.mkdir()
        super().__init__(("127.0.0.1", 0), Answering)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def records_below(self, prefix: str) -> list[Record]:
        return [r for r in self.records if r.target.startswith(prefix)]

    def stop(self) -> None:
        self.shutdown()
        self.server_close()
