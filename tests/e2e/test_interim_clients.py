# SPDX-License-Identifier: MIT
"""Real clients whose upstream sends 102 and 103 before each answer: every one
gets the answer, and the interim ones too unless it would take them for it
(src/proxy/interim_clients.c)."""

from __future__ import annotations

import http.client
import re
import select
import socket
import threading
from dataclasses import replace

import pytest

from clients import CLIENTS, GET, PROGRAMS, SMALL, WAYS, Matrix, program
from harness import Bearerd

INTERIM = [102, 103, 103]
# Whether each is sent them.
TOLD = {
    "curl": True, "wget": True, "PHP curl": True, "Java HttpClient": True,
    "git": True,
    "Python urllib": False, "Python requests": False, "Perl LWP": False,
    "Java HttpURLConnection": False, "apt-get": False,
    "lynx": False,  # speaks HTTP/1.0
}
# One that says no User-Agent unless it is told to: nobody can know then.
SILENT = "PHP streams"


class Tap:
    """Passes connections on to bearerd, and keeps what comes back."""

    def __init__(self, proxy: Bearerd):
        self.proxy = proxy
        self.answers: list[bytearray] = []
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                client = self.listener.accept()[0]
            except OSError:
                return
            threading.Thread(target=self._pass, args=(client,), daemon=True).start()

    def _pass(self, client: socket.socket) -> None:
        answer = bytearray()
        self.answers.append(answer)
        server = socket.create_connection(("127.0.0.1", self.proxy.port))
        with client, server:
            while True:
                for sock in select.select([client, server], [], [])[0]:
                    try:
                        data = sock.recv(65536)
                        if not data:
                            return
                        if sock is server:
                            answer += data
                        (client if sock is server else server).sendall(data)
                    except OSError:
                        return

    def statuses(self) -> list[int]:
        return [int(status) for answer in self.answers for status in
                re.findall(rb"HTTP/1\.1 (\d\d\d) ", bytes(answer))]

    def stop(self) -> None:
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.proxy.stop()


@pytest.fixture(scope="module")
def matrix(tmp_path_factory):
    running = Matrix(tmp_path_factory.mktemp("clients"))
    running.bearerd = Tap(running.bearerd)
    running.origin.interim = INTERIM
    yield running
    running.stop()


def test_every_client_is_listed():
    assert sorted([*TOLD, SILENT]) == sorted(client.name for client in CLIENTS)


@pytest.mark.parametrize("action", [GET, SMALL])
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("client", [c for c in CLIENTS if c.name in TOLD],
                         ids=lambda client: client.name)
def test_client(matrix, client, way, action):
    if action in client.cannot:
        action = GET
    matrix.bearerd.answers.clear()
    matrix.attempt(client, way, action)
    got = matrix.bearerd.statuses()
    finals = [status for status in got if status >= 200]
    assert finals and [status for status in got if 100 < status < 200] == (
        INTERIM * len(finals) if TOLD[client.name] else [])


@pytest.mark.parametrize("way", WAYS)
def test_php_that_says_who_it_is(matrix, way):
    php = program("php", "-d", "user_agent=PHP/8.2", str(PROGRAMS / "fetch_stream.php"))
    [silent] = [client for client in CLIENTS if client.name == SILENT]
    matrix.bearerd.answers.clear()
    matrix.attempt(replace(silent, attempt=php), way, GET)
    assert matrix.bearerd.statuses() == [200]


def test_python_http_client(matrix):
    """By itself it says no User-Agent either."""
    matrix.bearerd.answers.clear()
    connection = http.client.HTTPConnection("127.0.0.1", matrix.bearerd.port,
                                            timeout=30)
    connection.request("GET", "/demo/echo/http.client",
                       headers={"User-Agent": "Python-urllib/3.11"})
    assert connection.getresponse().status == 200
    connection.close()
    assert matrix.bearerd.statuses() == [200]
