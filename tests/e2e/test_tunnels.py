# SPDX-License-Identifier: MIT
"""Octets behind a handshake: all of them, in bounded memory, each side's end,
and when a tunnel's time is over."""

import hashlib
import os
import socket
import statistics
import struct
import threading
import time

import pytest

from harness import either, memory_peak, static, wait_for
from websocket import ASK, after, ask, opened, switch, to_end

MIB = 1 << 20
MUCH = 32 * MIB
# What two connections' buffers in the kernel may hold between the two ends.
IN_THE_KERNEL = 40 * MIB


@pytest.fixture
def tunnel(bearerd, upstream):
    """A bearerd before a server whose connections do this behind the 101."""
    def begin(does, proxy=None, **keys):
        server = upstream(after(does), receive_buffer=keys.pop("buffer", 0))
        return server, bearerd({"a": static(server.url, **keys)},
                               {"workers": 1, **(proxy or {})})

    return begin


def hold(peer) -> None:
    """Until the other side has gone."""
    to_end(peer)


def gone(server) -> bool:
    return not server.live


def reset(connection) -> None:
    connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                               struct.pack("ii", 1, 0))
    connection.close()


def ends_within(connection, seconds: float) -> bytes:
    connection.sock.settimeout(seconds)
    return connection.read_to_end()


# Ends.


def test_octets_in_the_handshakes_packets(bearerd, upstream):
    """Both sides may go on behind their heads at once."""
    got = []

    def script(peer):
        switch(peer, behind=b"hello, client")
        got.append(to_end(peer))

    proxy = bearerd({"a": static(upstream(script).url)})
    with proxy.connect() as connection:
        opened(connection, behind=b"hello, server")
        assert connection._take(13) == b"hello, client"
        connection.sock.shutdown(socket.SHUT_WR)
        assert connection.read_to_end() == b""
    assert got == [b"hello, server"]


def test_client_ends_first(tunnel):
    def count(peer):
        data = to_end(peer)
        for _ in range(3):
            time.sleep(0.1)
            peer.send(b"%d." % len(data))

    server, proxy = tunnel(count)
    with proxy.connect() as connection:
        opened(connection).send(b"x" * 100000)
        connection.sock.shutdown(socket.SHUT_WR)
        assert connection.read_to_end() == b"100000." * 3
    wait_for(lambda: gone(server), 5, "the upstream's connection ended")


def test_upstream_ends_first(tunnel):
    got = []

    def leave(peer):
        peer.send(b"bye")
        peer.sock.shutdown(socket.SHUT_WR)
        got.append(to_end(peer))

    server, proxy = tunnel(leave)
    with proxy.connect() as connection:
        opened(connection)
        assert connection.read_to_end() == b"bye"
        for _ in range(3):
            time.sleep(0.1)
            connection.send(b"y" * 1000)
        connection.sock.shutdown(socket.SHUT_WR)
        wait_for(lambda: got, 5, "the upstream has seen the end")
    assert got == [b"y" * 3000]


@pytest.mark.parametrize("how", ["reset", "close"])
def test_client_is_gone(tunnel, how):
    server, proxy = tunnel(hold)
    with proxy.connect() as connection:
        opened(connection)
        reset(connection) if how == "reset" else connection.close()
    wait_for(lambda: gone(server), 5, "the upstream was told")


def test_client_is_gone_while_nobody_reads(tunnel):
    """The upstream takes nothing, so that nothing is read of the client."""
    over = threading.Event()

    def wait(peer):
        over.wait(20)
        hold(peer)

    server, proxy = tunnel(wait, {"log_level": "debug"}, buffer=65536)
    with proxy.connect() as connection:
        opened(connection).sock.settimeout(0.3)
        with pytest.raises(TimeoutError):
            while True:
                connection.sock.send(b"x" * 65536)
        reset(connection)
    proxy.find("tunnel_ended .*reason=client", 5)
    over.set()


@pytest.mark.parametrize("how", ["reset", "close"])
def test_upstream_is_gone(tunnel, how):
    def leave(peer):
        peer.send(b"last words")
        time.sleep(0.1)
        if how == "reset":
            peer.reset()

    server, proxy = tunnel(leave)
    with proxy.connect() as connection:
        opened(connection)
        assert ends_within(connection, 5) == b"last words"
        if how == "close":
            connection.sock.shutdown(socket.SHUT_WR)
    assert proxy.get("/-/health/live").status == 200


def test_upstream_closes_with_octets_unread(tunnel):
    """It has said why; what it was sent meanwhile does not destroy that, also
    where the client takes its time."""
    words = os.urandom(200000)

    def refuse(peer):
        peer.send(words)
        time.sleep(0.3)

    server, proxy = tunnel(refuse)
    with proxy.connect(receive_buffer=16384) as connection:
        flood = Flood(opened(connection).sock, MUCH)
        wait_for(lambda: gone(server), 10, "the upstream has left")
        time.sleep(0.3)
        got = bytearray(connection.buffer)
        while data := connection.sock.recv(8192):
            got += data
            time.sleep(0.002)
        assert bytes(got) == words
    flood.join()


def test_reset_behind_the_handshake(bearerd, upstream):
    def script(peer):
        switch(peer, behind=b"x")
        peer.reset()

    proxy = bearerd({"a": static(upstream(script).url)})
    for _ in range(50):
        with proxy.connect() as connection:
            head = ask(connection, "/a/chat")
            if head.status == 101:
                ends_within(connection, 5)
            else:
                assert head.status == 502
    assert proxy.get("/-/health/live").status == 200


# Much.


class Flood(threading.Thread):
    """Sends octets by a thread, and keeps their digest."""

    def __init__(self, sock, length: int):
        super().__init__(daemon=True)
        self.sock, self.length, self.sent = sock, length, 0
        self.digest = hashlib.sha256()
        self.start()

    def run(self) -> None:
        block = os.urandom(262144)
        try:
            while self.sent < self.length:
                self.sock.sendall(block)
                self.digest.update(block)
                self.sent += len(block)
        except OSError:
            pass


def read_all(side, most: int = 1 << 40) -> tuple[int, str]:
    """To the end of a client's connection or a server's, or so many octets."""
    digest, length = hashlib.sha256(side.buffer), len(side.buffer)
    while length < most and (data := side.sock.recv(262144)):
        digest.update(data)
        length += len(data)
    return length, digest.hexdigest()


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
def test_much_both_ways(bearerd, upstream, authority, tls):
    seen = []

    def script(peer):
        switch(peer)
        flood = Flood(peer.sock, MUCH)
        got = read_all(peer, MUCH)
        flood.join()
        seen.append((got, flood.digest.hexdigest()))

    server = upstream(script, tls=authority.context("127.0.0.1") if tls else None)
    proxy = bearerd({"a": static(server.url, upstream_ca=authority.path)},
                    {"workers": 1})
    with proxy.connect() as connection:
        flood = Flood(opened(connection).sock, MUCH)
        length, digest = read_all(connection)
        flood.join()
    assert length == MUCH
    wait_for(lambda: seen, 10, "the upstream is done")
    assert seen == [((MUCH, flood.digest.hexdigest()), digest)]
    assert memory_peak(proxy.pid) < either(24, 500) * MIB


def test_client_that_does_not_read(tunnel):
    """The upstream has to wait, what the client sends goes on all the while."""
    floods, got = [], []

    def script(peer):
        floods.append(Flood(peer.sock, 4 * MUCH))
        got.append(read_all(peer, MUCH))
        floods[0].join()

    server, proxy = tunnel(script)
    with proxy.connect(receive_buffer=65536) as connection:
        flood = Flood(opened(connection).sock, MUCH)
        wait_for(lambda: got, 20, "the client's octets arrived")
        time.sleep(0.5)
        before = floods[0].sent
        time.sleep(0.5)
        assert floods[0].sent == before < IN_THE_KERNEL
        assert memory_peak(proxy.pid) < either(24, 500) * MIB
        length, digest = read_all(connection)
        flood.join()
    assert (length, digest) == (4 * MUCH, floods[0].digest.hexdigest())
    assert got == [(MUCH, flood.digest.hexdigest())]


def test_upstream_that_does_not_read(tunnel):
    reads, seen = threading.Event(), []

    def script(peer):
        for _ in range(10):
            peer.send(b"tick")
            time.sleep(0.05)
        reads.wait(30)
        seen.append(read_all(peer))

    server, proxy = tunnel(script)
    with proxy.connect() as connection:
        flood = Flood(opened(connection).sock, 4 * MUCH)
        assert connection._take(40) == b"tick" * 10
        time.sleep(0.5)
        before = flood.sent
        time.sleep(0.5)
        assert flood.sent == before < IN_THE_KERNEL
        assert memory_peak(proxy.pid) < either(24, 500) * MIB
        reads.set()
        flood.join()
        connection.sock.shutdown(socket.SHUT_WR)
        assert connection.read_to_end() == b""
    assert seen == [(4 * MUCH, flood.digest.hexdigest())]


def test_small_pieces_are_not_held_back(tunnel):
    """libmicrohttpd leaves the socket so that they would be: 40 ms each."""
    def script(peer):
        while True:
            peer.take(1)
            peer.send(b"o")
            time.sleep(0.002)
            peer.send(b"k")

    server, proxy = tunnel(script)
    took = []
    with proxy.connect() as connection:
        opened(connection)
        for _ in range(100):
            began = time.monotonic()
            connection.send(b"?")
            assert connection._take(2) == b"ok"
            took.append(time.monotonic() - began)
    assert statistics.median(took) < 0.03


# Time.


def test_idle_timeout(tunnel):
    server, proxy = tunnel(hold, {"log_level": "debug"}, tunnel_idle_timeout="1s")
    with proxy.connect() as connection:
        began = time.monotonic()
        opened(connection)
        assert ends_within(connection, 10) == b""
        assert 0.9 < time.monotonic() - began < either(3, 8)
    wait_for(lambda: gone(server), 5, "the upstream was told")
    proxy.find("tunnel_ended .*reason=tunnel_idle_timeout", 5)


@pytest.mark.parametrize("who", ["client", "upstream"])
def test_one_direction_is_enough(tunnel, who):
    """Neither idle_timeout nor response_timeout hold for it."""
    def script(peer):
        for _ in range(15 if who == "upstream" else 0):
            peer.send(b"x")
            time.sleep(0.2)
        to_end(peer)

    server, proxy = tunnel(script, tunnel_idle_timeout="1s", idle_timeout="500ms",
                           response_timeout="500ms")
    with proxy.connect() as connection:
        opened(connection)
        if who == "upstream":
            assert connection._take(15) == b"x" * 15
        for _ in range(15 if who == "client" else 0):
            connection.send(b"y")
            time.sleep(0.2)
        connection.sock.shutdown(socket.SHUT_WR)
        assert ends_within(connection, 5) == b""


def test_half_open_ends_by_its_timeout(tunnel):
    over = threading.Event()
    server, proxy = tunnel(lambda peer: over.wait(20), tunnel_idle_timeout="1s")
    with proxy.connect() as connection:
        opened(connection).sock.shutdown(socket.SHUT_WR)
        began = time.monotonic()
        assert ends_within(connection, 10) == b""
        assert time.monotonic() - began > 0.8
    over.set()


def test_stop_waits(tunnel):
    """Until the tunnel has ended."""
    server, proxy = tunnel(hold, {"drain_timeout": "30s"})
    with proxy.connect() as connection:
        opened(connection)
        proxy.process.terminate()
        proxy.find("stopping", 10)
        time.sleep(1)
        assert proxy.process.poll() is None
        connection.send(b"still here").sock.shutdown(socket.SHUT_WR)
        assert ends_within(connection, 5) == b""
        assert proxy.process.wait(either(5, 10)) == 0
    proxy.stopped = True


def test_stop_cuts_off(tunnel):
    server, proxy = tunnel(hold, {"drain_timeout": "1s"})
    with proxy.connect() as connection:
        opened(connection)
        began = time.monotonic()
        proxy.process.terminate()
        assert ends_within(connection, 20) == b""
        proxy.find("drain_timeout .*cancelled=1", 5)
        assert 0.8 < time.monotonic() - began < either(5, 15)
        assert proxy.process.wait(either(5, 10)) == 0
    proxy.stopped = True
    wait_for(lambda: gone(server), 5, "the upstream was told")


# Many.


def test_counted_as_clients(tunnel):
    server, proxy = tunnel(hold, {"max_connections": 3})
    with proxy.connect() as one, proxy.connect() as two:
        opened(one), opened(two)
        time.sleep(0.2)
        with proxy.connect() as third, proxy.connect() as fourth:
            third.request("GET", "/-/health/live")
            assert third.read_response().status == 200
            assert fourth.read_response().status == 503
        one.sock.shutdown(socket.SHUT_WR)
        assert ends_within(one, 5) == b""
    wait_for(lambda: gone(server), 5, "the upstream was told")
    with proxy.connect() as one, proxy.connect() as two, proxy.connect() as three:
        for connection in one, two, three:
            opened(connection)


def test_counted_at_the_upstream(tunnel):
    server, proxy = tunnel(hold, max_upstream_connections=1, connect_timeout="500ms")
    with proxy.connect() as one, proxy.connect() as two:
        opened(one)
        two.request("GET", "/a/chat", fields=ASK)
        assert two.read_response().status == 503
        one.sock.shutdown(socket.SHUT_WR)
        assert ends_within(one, 5) == b""
        opened(two)


def test_quiet_ones_cost_little(tunnel):
    """Also those whose sides have waited for each other."""
    length, many = 12 * MIB, 12

    def script(peer):
        flood = Flood(peer.sock, length)
        time.sleep(0.3)
        read_all(peer, length)
        flood.join()
        peer.buffer = b""
        hold(peer)

    server, proxy = tunnel(script, buffer=65536)
    connections = []
    before = 0
    for _ in range(many):
        connection = opened(proxy.connect(receive_buffer=65536))
        connections.append(connection)
        flood = Flood(connection.sock, length)
        time.sleep(0.3)
        assert read_all(connection, length)[0] == length
        flood.join()
        before = before or memory_peak(proxy.pid)
    assert memory_peak(proxy.pid) - before < either(many * 65536, many * MIB)
    for connection in connections:
        connection.close()
    wait_for(lambda: gone(server), 10, "all have ended")
