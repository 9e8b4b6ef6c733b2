# SPDX-License-Identifier: MIT
"""Thousands of clients at once: slow ones, idle ones, waiting ones. Part of
`make check-long`; each test prints what it measured."""

import asyncio
import time

import pytest

import load
from harness import either, static
from levels import MIB, Crowd, Probe, allow_connections, falls_back, level

HEAD = b"GET /a/slow HTTP/1.1\r\nHost: localhost\r\n\r\n"
BODY = 30
POST = b"POST /a/slow HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n" % BODY
LONG = {"header_timeout": "120s", "keepalive_timeout": "120s"}
# What malloc keeps of a load that is over.
KEPT = 24 * MIB
AT_ONCE = 250


@pytest.fixture
def crowd():
    server = Crowd()
    yield server
    server.stop()


async def connect_all(port: int, count: int):
    streams = []
    for _ in range(0, count, AT_ONCE):
        streams += await asyncio.gather(*(
            asyncio.open_connection("127.0.0.1", port) for _ in range(AT_ONCE)))
    return streams


async def close_all(streams) -> None:
    for _, writer in streams:
        writer.close()
    await asyncio.gather(*(writer.wait_closed() for _, writer in streams),
                         return_exceptions=True)


async def slowly(stream, at_once: bytes, slow: bytes) -> bytes:
    """Sends some of a request, and the rest a byte a second; the answer."""
    reader, writer = stream
    writer.write(at_once)
    for byte in slow:
        await asyncio.sleep(1)
        writer.write(bytes([byte]))
    head = await reader.readuntil(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 "), head
    return await reader.readline()


async def slow_clients(port: int, count: int, tell_level) -> list[bytes]:
    streams = await connect_all(port, count)
    heads = (slowly(s, b"", HEAD) for s in streams[::2])
    bodies = (slowly(s, POST, bytes(BODY)) for s in streams[1::2])
    asyncio.get_running_loop().call_later(BODY / 2, tell_level)
    try:
        return await asyncio.wait_for(asyncio.gather(*heads, *bodies), 150)
    finally:
        await close_all(streams)


def test_2000_slow_clients(bearerd, crowd, tell):
    allow_connections(5000)
    proxy = bearerd({"a": static(crowd.url)}, LONG)
    assert proxy.get("/a/first").status == 200
    start = level(proxy)
    tell(f"start: {start}")
    with Probe(proxy, "/-/health/live", "/a/other") as probe:
        answers = asyncio.run(slow_clients(
            proxy.port, 2000,
            lambda: tell(f"2,000 clients, a byte a second each: {level(proxy)}")))
    assert sorted(set(answers)) == [b"0\n", b"%d\n" % BODY]
    assert len(answers) == 2000
    tell(probe.check(either(2, 10)))
    tell(f"end: {falls_back(proxy, start, KEPT, '/a/last')}")


async def ask(stream) -> None:
    reader, writer = stream
    writer.write(b"GET /a/x HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 ")
    await reader.readline()


async def idle_clients(port: int, count: int, seconds: float, tell_level) -> None:
    """Half of them have asked once, half have sent nothing."""
    streams = await connect_all(port, count)
    asking = streams[::2]
    for n in range(0, len(asking), AT_ONCE):
        await asyncio.gather(*(ask(s) for s in asking[n:n + AT_ONCE]))
    tell_level()
    await asyncio.sleep(seconds)
    assert not any(reader.at_eof() for reader, _ in streams)
    await close_all(streams)


async def left_clients(port: int, count: int, seconds: float) -> float:
    """Waits until the other side has closed them all; how long it took."""
    streams = await connect_all(port, count)
    await asyncio.gather(*(ask(s) for s in streams[:AT_ONCE]))
    began = time.monotonic()
    ends = await asyncio.wait_for(
        asyncio.gather(*(reader.read() for reader, _ in streams),
                       return_exceptions=True), seconds)
    took = time.monotonic() - began
    assert all(end == b"" or b"HTTP/1.1 408 " in end for end in ends)
    await close_all(streams)
    return took


def test_5000_idle_connections(bearerd, crowd, tell):
    allow_connections(10500)
    proxy = bearerd({"a": static(crowd.url)}, LONG)
    assert proxy.get("/a/first").status == 200
    start = level(proxy)
    tell(f"start: {start}")
    for _ in range(2):
        with Probe(proxy, "/-/health/live", "/a/other") as probe:
            asyncio.run(idle_clients(
                proxy.port, 5000, 10,
                lambda: tell(f"5,000 idle connections: {level(proxy)}")))
        tell(probe.check(either(2, 10)))
    tell(f"end: {falls_back(proxy, start, KEPT, '/a/last')}")


def test_5000_idle_connections_are_closed(bearerd, crowd, tell):
    allow_connections(10500)
    proxy = bearerd({"a": static(crowd.url)},
                    {"header_timeout": "5s", "keepalive_timeout": "5s"})
    assert proxy.get("/a/first").status == 200
    start = level(proxy)
    took = asyncio.run(left_clients(proxy.port, 5000, 60))
    tell(f"5,000 idle connections closed after {took:.1f} s (5 s allowed)")
    tell(f"end: {falls_back(proxy, start, KEPT, '/a/last')}")


def test_1000_waiting_requests(bearerd, crowd, provider, tell):
    allow_connections(4000)
    proxy = bearerd({"a": provider.service(upstream=crowd.url),
                     "b": static(crowd.url, match="b.example.test")})
    assert proxy.get("/b/first").status == 200
    start = level(proxy)
    tell(f"start: {start}")
    provider.set(plan=[{"delay": 6}])
    with Probe(proxy, "/-/health/live", "/b/other") as probe:
        answers = load.burst(proxy.port, load.get_request("/a/wait"), 1000)
        tell(f"after 1,000 that waited: {level(proxy)}")
    assert [a.status for a in answers] == [200] * 1000
    assert provider.token_count == 1
    times = sorted(a.seconds for a in answers)
    tell(f"one token request of 6 s; the first answer after {times[0]:.2f} s, "
         f"the last after {times[-1]:.2f} s")
    tell(probe.check(either(3, 15)))
    tell(f"end: {falls_back(proxy, start, KEPT, '/a/last')}")
