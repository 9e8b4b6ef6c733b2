# SPDX-License-Identifier: MIT
"""What a process holds while it is under load, and whether it lets go of it."""

from __future__ import annotations

import asyncio
import re
import resource
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

import harness
import rawclient
from harness import Bearerd

MIB = 1 << 20
A_FEW = 16
IDLE = 5  # seconds that an upstream keeps a connection without a request


def allow_connections(count: int) -> None:
    """Lets this process have so many, and what it needs besides."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    need = count + 200
    assert need <= hard, f"{need} descriptors are needed, {hard} are allowed"
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, need), hard))


def status_of(pid: int, name: str) -> int:
    """A number of /proc/PID/status."""
    text = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(rf"^{name}:\s+(\d+)", text, re.MULTILINE).group(1))


def sockets_of(proxy: Bearerd) -> int:
    """The TCP sockets of loopback, as the kernel lists all of them, on the
    proxy's port or towards one that its configuration names; those in
    TIME_WAIT are no descriptors any more."""
    named = re.findall(r"127\.0\.0\.1:(\d+)", proxy.config.read_text())
    upstreams = {int(port) for port in named}
    count = 0
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        _, own, other, state, *_ = line.split()
        own, other = (int(end.split(":")[1], 16) for end in (own, other))
        if state != "06" and (own == proxy.port or other in upstreams):
            count += 1
    return count


@dataclass
class Level:
    """What a process holds; memory in bytes."""

    descriptors: int
    memory: int
    threads: int

    def __str__(self) -> str:
        return (f"{self.descriptors} descriptors, {self.memory / MIB:.1f} MiB, "
                f"{self.threads} threads")


def level(proxy: Bearerd) -> Level:
    """Only root may look at the descriptors themselves of a process that
    keeps secrets; its sockets, which are most of them, everybody can."""
    try:
        descriptors = len(list(Path(f"/proc/{proxy.pid}/fd").iterdir()))
    except PermissionError:
        descriptors = sockets_of(proxy)
    return Level(descriptors, status_of(proxy.pid, "VmRSS") * 1024,
                 status_of(proxy.pid, "Threads"))


def falls_back(proxy: Bearerd, start: Level, memory: int, target: str,
               timeout: float = 30) -> Level:
    """Waits until no more is held than at the start, but for so much memory
    and a few kept connections; the level that was reached. Requests for the
    target go on meanwhile, since kept connections are looked after then."""
    def is_back() -> bool:
        for _ in range(8):
            assert proxy.get(target).status == 200
        now = level(proxy)
        return (now.descriptors <= start.descriptors + A_FEW
                and now.threads <= start.threads
                and (harness.is_sanitized()
                     or now.memory <= start.memory + memory))

    limit = time.monotonic() + timeout
    while not is_back():
        assert time.monotonic() < limit, (
            f"not back after {timeout} s: {start} at the start, "
            f"{level(proxy)} now")
        time.sleep(0.5)
    return level(proxy)


class Probe:
    """Asks for some targets, one after the other, four times a second, while
    something else goes on; all must answer 200."""

    def __init__(self, proxy: Bearerd, *targets: str):
        self.proxy = proxy
        self.targets = targets
        self.times: list[float] = []
        self.failures: list[str] = []
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._ask, daemon=True)

    def _ask(self) -> None:
        while not self.over.wait(0.25):
            for target in self.targets:
                began = time.monotonic()
                try:
                    status = rawclient.get(self.proxy.port, target).status
                    if status != 200:
                        self.failures.append(f"{target}: {status}")
                except (OSError, AssertionError) as error:
                    self.failures.append(f"{target}: {error}")
                self.times.append(time.monotonic() - began)

    def __enter__(self) -> "Probe":
        self.thread.start()
        return self

    def __exit__(self, *exc) -> None:
        self.over.set()
        self.thread.join()

    def check(self, slowest: float) -> str:
        """All were answered within so many seconds; says how fast."""
        assert not self.failures, self.failures[:10]
        assert self.times and max(self.times) < slowest, max(self.times)
        middle = sorted(self.times)[len(self.times) // 2]
        return (f"{len(self.times)} other requests meanwhile, the middle one in "
                f"{middle * 1000:.1f} ms, the slowest in {max(self.times) * 1000:.0f} ms")


Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], None]


async def read_request(reader: asyncio.StreamReader) -> tuple[bytes, int]:
    """A whole request's head, and the length of its body."""
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), IDLE)
    lower = head.lower()
    if b"\r\ntransfer-encoding: chunked" in lower:
        total = 0
        while size := int((await reader.readline()).split(b";")[0], 16):
            await reader.readexactly(size + 2)
            total += size
        await reader.readline()
        return head, total
    _, found, rest = lower.partition(b"\r\ncontent-length:")
    length = int(rest.split(b"\r\n")[0]) if found else 0
    await reader.readexactly(length)
    return head, length


async def answer_all(reader: asyncio.StreamReader,
                     writer: asyncio.StreamWriter) -> None:
    """Answers every request that shows one Authorization with its body's
    length, and closes a connection that is idle."""
    while True:
        head, length = await read_request(reader)
        good = head.lower().count(b"\r\nauthorization:") == 1
        body = b"%d\n" % length
        writer.write(b"HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n%s" % (
            b"200 OK" if good else b"418 No", len(body), body))
        await writer.drain()


class Crowd:
    """An upstream for thousands of connections, on one thread."""

    def __init__(self, answer: Answer = answer_all):
        self.answer = answer
        self.requests = 0
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        self.server = self._run(asyncio.start_server(
            self._serve, "127.0.0.1", 0, backlog=4096))
        self.port = self.server.sockets[0].getsockname()[1]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def _run(self, work):
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(30)

    async def _serve(self, reader, writer) -> None:
        try:
            await self.answer(reader, writer)
        except (OSError, EOFError, ValueError, TimeoutError,
                asyncio.LimitOverrunError):
            pass  # the other side's right
        finally:
            writer.close()

    async def _end(self) -> None:
        self.server.close()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def stop(self) -> None:
        self._run(self._end())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)
        self.loop.close()
