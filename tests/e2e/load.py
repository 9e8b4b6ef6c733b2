# SPDX-License-Identifier: MIT
"""Many requests at once, on one thread."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass


@dataclass
class Answer:
    """One answer, and when it was asked for and how long it took (seconds)."""

    status: int
    body: bytes
    head: bytes
    asked: float
    seconds: float


def get_request(target: str, *fields: str) -> bytes:
    host = target.split("/")[2] if "://" in target else "localhost"
    lines = [f"GET {target} HTTP/1.1", f"Host: {host}", *fields]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


async def _read(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    head = await reader.readuntil(b"\r\n\r\n")
    lower = head.lower()
    if b"\r\ntransfer-encoding: chunked" in lower:
        body = b""
        while size := int((await reader.readline()).split(b";")[0], 16):
            body += await reader.readexactly(size)
            await reader.readexactly(2)
        await reader.readline()
        return head, body
    _, found, rest = lower.partition(b"\r\ncontent-length:")
    length = int(rest.split(b"\r\n")[0]) if found else 0
    return head, await reader.readexactly(length)


async def _ask(reader, writer, request: bytes) -> Answer:
    asked = time.monotonic()
    writer.write(request)
    head, body = await _read(reader)
    return Answer(int(head.split(b" ")[1]), body, head, asked,
                  time.monotonic() - asked)


async def _connect(port: int, timeout: float):
    return await asyncio.wait_for(
        asyncio.open_connection("127.0.0.1", port), timeout)


async def _burst(port: int, request: bytes, count: int, timeout: float):
    streams = await asyncio.gather(*(_connect(port, timeout) for _ in range(count)))
    try:
        asking = (_ask(reader, writer, request) for reader, writer in streams)
        return await asyncio.wait_for(asyncio.gather(*asking), timeout)
    finally:
        for _, writer in streams:
            writer.close()


def burst(port: int, request: bytes, count: int, timeout: float = 60) -> list[Answer]:
    """Opens all connections, then asks on each of them at once."""
    return asyncio.run(_burst(port, request, count, timeout))


async def _steady(port: int, requests: tuple[bytes, ...], connections: int,
                  seconds: float, pause: float):
    limit = time.monotonic() + seconds

    async def client(request: bytes) -> list[Answer]:
        reader, writer = await _connect(port, 30)
        answers = []
        try:
            while time.monotonic() < limit:
                answers.append(await asyncio.wait_for(
                    _ask(reader, writer, request), 30))
                await asyncio.sleep(pause)
        finally:
            writer.close()
        return answers

    results = await asyncio.gather(*(
        client(requests[n % len(requests)]) for n in range(connections)))
    return sorted((a for r in results for a in r), key=lambda a: a.asked)


def steady(port: int, requests: bytes | tuple[bytes, ...], connections: int,
           seconds: float, pause: float) -> list[Answer]:
    """Each connection asks, waits for the answer, pauses and asks again; with
    several requests, each connection has one of them."""
    if isinstance(requests, bytes):
        requests = (requests,)
    return asyncio.run(_steady(port, requests, connections, seconds, pause))
