# SPDX-License-Identifier: MIT
"""Idle connections to upstreams: how many, and which of them go."""

from __future__ import annotations

import asyncio
import os
import resource
import threading
import time

import pytest

from harness import static, wait_for

NEEDED = 193  # descriptors, of max_connections = 20 and one worker
LIMIT = 319  # of open files
IDLE = (LIMIT - NEEDED) // 2 + 8
ORIGIN = 256


class ManyOrigins:
    """One server at every address of loopback: each is an origin."""

    def __init__(self) -> None:
        self.accepted: list[str] = []
        self.open: list[str] = []
        self.waiting = 0
        self.wanted = 0
        self.loop = asyncio.new_event_loop()
        self.go = asyncio.Event()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        started = asyncio.run_coroutine_threadsafe(
            asyncio.start_server(self._serve, "0.0.0.0", 0, backlog=1000), self.loop)
        self.server = started.result(10)
        self.port = self.server.sockets[0].getsockname()[1]

    async def _serve(self, reader, writer) -> None:
        host = writer.get_extra_info("sockname")[0]
        self.accepted.append(host)
        self.open.append(host)
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                if b" /together" in head:
                    self.waiting += 1
                    if self.waiting == self.wanted:
                        self.go.set()
                    await asyncio.wait_for(self.go.wait(), 30)
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        self.open.remove(host)
        writer.close()

    def together(self, count: int) -> None:
        """So many requests for /together are answered once all are there."""
        self.waiting, self.wanted = 0, count
        self.loop.call_soon_threadsafe(self.go.clear)

    def stop(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)


@pytest.fixture
def origins():
    server = ManyOrigins()
    yield server
    server.stop()


def limited(bearerd, **options):
    return bearerd({}, {"workers": 1, "max_connections": 20, "unmatched": "forward",
                        "forward_to": "127.0.0.0/8"},
                   preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE,
                                                         (LIMIT, LIMIT)), **options)


def test_answers_before_their_requests_end(bearerd, upstream):
    """A copy of the client's socket is needed for each: they have what the
    limit of open files leaves, the next are told so, and the upstreams'
    connections are nobody's loss."""
    def script(peer):
        peer.read_head()
        peer.send(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 9\r\n\r\nno")
        peer.wait_until_closed(30)

    proxy = bearerd({"a": static(upstream(script).url)},
                    {"workers": 1, "max_connections": 20},
                    preexec_fn=lambda: resource.setrlimit(
                        resource.RLIMIT_NOFILE, (NEEDED, NEEDED)))
    clients = []

    def next_one() -> int:
        client = proxy.connect(timeout=30)
        clients.append(client)
        client.request("POST", "http://api.example.test/",
                       fields=["Content-Length: 100"])
        client.send(b"hello")
        return client.read_head().status

    assert [next_one() for _ in range(16)] == [403] * 16
    assert [next_one() for _ in range(3)] == [503] * 3
    assert b"no descriptor is left" in clients[-1].read_to_end()
    for client in clients:
        client.close()
    wait_for(lambda: next_one() == 403, 10, "room for one more")
    for client in clients:
        client.close()


def hosts(first: int, count: int) -> list[str]:
    return [f"127.0.{1 + n // 200}.{1 + n % 200}" for n in range(first, first + count)]


def ask(connection, origins, host: str, path: str = "/") -> None:
    connection.request("GET", f"http://{host}:{origins.port}{path}")


def descriptors(proxy) -> int:
    return len(os.listdir(f"/proc/{proxy.pid}/fd"))


def test_a_client_with_700_origins(bearerd, origins):
    """Everybody else is served all the same."""
    proxy = limited(bearerd)
    with proxy.connect() as connection:
        for host in hosts(0, 700):
            ask(connection, origins, host)
            assert connection.read_response().status == 200
    assert len(origins.accepted) == 700
    wait_for(lambda: len(origins.open) <= IDLE, 0.5, "no more than may be idle")
    origins.together(18)
    clients = [proxy.connect() for _ in range(18)]
    for client, host in zip(clients, hosts(700, 18)):
        ask(client, origins, host, "/together")
    assert [client.read_response().status for client in clients] == [200] * 18
    for client in clients:
        client.close()
    assert "no_descriptors" not in proxy.stderr


def test_the_oldest_go(bearerd, origins):
    """Those that were used last are used again."""
    proxy = limited(bearerd)
    with proxy.connect() as connection:
        for host in hosts(0, IDLE):
            ask(connection, origins, host)
            connection.read_response()
        time.sleep(2.2)
        for host in hosts(IDLE, 10):
            ask(connection, origins, host)
            connection.read_response()
        wait_for(lambda: len(origins.open) <= IDLE, 10, "the oldest closed")
        assert not set(origins.open) & set(hosts(0, 10))
        before = len(origins.accepted)
        assert before == IDLE + 10
        for host in hosts(IDLE, 10):
            ask(connection, origins, host)
            assert connection.read_response().status == 200
        assert len(origins.accepted) == before


def test_connections_of_one_origin(bearerd, origins):
    proxy = bearerd({}, {"workers": 1, "unmatched": "forward",
                         "forward_to": "127.0.0.0/8", "max_connections": 1000})
    origins.together(ORIGIN + 50)
    clients = [proxy.connect() for _ in range(ORIGIN + 50)]
    for client in clients:
        ask(client, origins, "127.0.0.2", "/together")
    for client in clients:
        assert client.read_response().status == 200
    wait_for(lambda: len(origins.open) <= ORIGIN, 10, "the others closed")
    assert len(origins.open) > ORIGIN // 2
    for client in clients:
        client.close()


def test_a_limit_that_holds_no_idle_one(bearerd):
    """The least is reckoned with at the start."""
    said = bearerd.refused({}, {"workers": 1, "max_connections": 20,
                                "unmatched": "forward"},
                           preexec_fn=lambda: resource.setrlimit(
                               resource.RLIMIT_NOFILE, (NEEDED - 1, NEEDED - 1)))
    assert f"needs {NEEDED} descriptors" in said
