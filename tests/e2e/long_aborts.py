# SPDX-License-Identifier: MIT
"""Clients and an upstream that break off at random, for two minutes, under
the address sanitizer. Part of `make check-long`; prints what it measured.
BEARERD_SEED repeats a run's choices, though not its timing."""

import asyncio
import os
import random
import socket
import struct
import time
from collections import Counter

import harness
from harness import static
from levels import MIB, Crowd, Probe, allow_connections, falls_back, level, \
    read_request

SECONDS = 120
CLIENTS = 24
URL = b"http://api.example.test"
LARGE = bytes(300_000)


def reset(writer: asyncio.StreamWriter) -> None:
    """What is closed after this ends with RST."""
    sock = writer.get_extra_info("socket")
    if sock.fileno() >= 0:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                        struct.pack("ii", 1, 0))


def chunked(body: bytes, size: int) -> bytes:
    pieces = (body[n:n + size] for n in range(0, len(body), size))
    return b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in pieces) + b"0\r\n\r\n"


def random_body(choose: random.Random) -> bytes:
    return LARGE[:choose.choice((0, 1, 100, 5_000, 70_000, 300_000))]


def random_message(choose: random.Random, first: bytes) -> bytes:
    """Head and body in either framing; the same with none."""
    body = random_body(choose)
    how = choose.randrange(3)
    if how == 0:
        return first + b"\r\n"
    if how == 1:
        return first + b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
    return first + b"Transfer-Encoding: chunked\r\n\r\n" + chunked(
        body, choose.choice((7_000, 100_000)))


def random_request(choose: random.Random) -> bytes:
    method = choose.choice((b"GET", b"POST", b"PUT", b"HEAD"))
    fields = b"Host: api.example.test\r\n"
    if choose.random() < 0.1:
        fields += b"Expect: 100-continue\r\n"
    if choose.random() < 0.2:
        fields += b"Connection: close\r\n"
    first = b"%s %s/%d HTTP/1.%d\r\n%s" % (
        method, URL, choose.randrange(1000), choose.random() < 0.9, fields)
    if method in (b"GET", b"HEAD"):
        return first + b"\r\n"
    return random_message(choose, first)


async def send_some(choose: random.Random, writer, data: bytes) -> bool:
    """Sends all of it or a part, at once or with a pause; whether it was
    all."""
    whole = choose.random() < 0.6
    data = data if whole else data[:choose.randrange(len(data) + 1)]
    pause = choose.randrange(len(data) + 1) if choose.random() < 0.3 else 0
    writer.write(data[:pause])
    if pause:
        await asyncio.sleep(choose.random() * 0.05)
    writer.write(data[pause:])
    await asyncio.wait_for(writer.drain(), 2)
    return whole


class Upstream:
    """Reads requests wholly or not, and answers wholly or not."""

    def __init__(self, seed: int):
        self.choose = random.Random(seed)

    async def __call__(self, reader, writer) -> None:
        choose = self.choose
        while True:
            try:
                head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
            except asyncio.IncompleteReadError:
                return
            if head.startswith(b"GET /fine"):
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
                continue
            if choose.random() < 0.3:
                await asyncio.sleep(choose.random() * 0.1)
            # With something of the body unread, the connection is of no more
            # use: half of the time it ends at once.
            status = choose.choice((b"200 OK", b"401 No", b"304 Not Modified",
                                    b"503 No", b"204 No Content", b"100 Go"))
            whole = await send_some(choose, writer, random_message(
                choose, b"HTTP/1.1 %s\r\n" % status))
            if not whole or choose.random() < 0.3 or b"\r\nContent" in head:
                if choose.random() < 0.5:
                    reset(writer)
                return


async def client(choose: random.Random, port: int, seen: Counter) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        requests = [random_request(choose)
                    for _ in range(choose.choice((1, 1, 1, 2, 5)))]
        whole = await send_some(choose, writer, b"".join(requests))
        if not whole and choose.random() < 0.2:
            writer.write_eof()
        limit = choose.choice((0, 0, 10, 1_000, 100_000, 1 << 30))
        got = 0
        while got < limit:
            data = await asyncio.wait_for(reader.read(65536), choose.random())
            if not data:
                break
            if got == 0:
                seen[data[9:12].decode("latin-1")] += 1
            got += len(data)
    except (OSError, TimeoutError):
        pass
    finally:
        if choose.random() < 0.5:
            reset(writer)
        writer.close()
        seen["connections"] += 1


async def clients(seed: int, port: int, seconds: float, seen: Counter) -> None:
    limit = time.monotonic() + seconds

    async def one_after_the_other(number: int) -> None:
        choose = random.Random(seed * 1000 + number)
        while time.monotonic() < limit:
            await client(choose, port, seen)

    await asyncio.gather(*(one_after_the_other(n) for n in range(CLIENTS)))


def test_random_aborts(bearerd, tell):
    assert harness.is_sanitized(), "this needs the address sanitizer's build"
    allow_connections(2000)
    seed = int(os.environ.get("BEARERD_SEED") or random.randrange(1_000_000))
    seconds = float(os.environ.get("BEARERD_SECONDS") or SECONDS)
    crowd = Crowd(Upstream(seed))
    proxy = bearerd({"a": static(crowd.url, idle_timeout="2s",
                                 response_timeout="2s")})
    assert proxy.get("/a/fine").status == 200
    start = level(proxy)
    tell(f"start: {start}; BEARERD_SEED={seed}")
    seen: Counter = Counter()
    with Probe(proxy, "/-/health/live") as probe:
        asyncio.run(clients(seed, proxy.port, seconds, seen))
    count = seen.pop("connections")
    tell(f"{count} connections in {seconds:.0f} s; first answers: " + ", ".join(
        f"{n} × {status}" for status, n in sorted(seen.items())))
    tell(f"then: {level(proxy)}")
    tell(probe.check(10))
    assert count > 10 * seconds and seen["200"] > 0
    for _ in range(100):
        reply = proxy.get("/a/fine")
        assert (reply.status, reply.body) == (200, b"ok")
    tell(f"end: {falls_back(proxy, start, 100 * MIB, '/a/fine')}")
    proxy.stop()
    crowd.stop()
