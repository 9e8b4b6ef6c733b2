# SPDX-License-Identifier: MIT
"""What is asked of a proxy under test, and what is read off meanwhile."""

from __future__ import annotations

import re
import socket
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Iterator

from proxies import HOST, WAITING_HOST, Contender

UNITS = {"us": 1, "ms": 1000, "s": 1000000, "m": 60000000}
MIB = 1 << 20

# About 900 octets, as a browser's script sends them.
FIELDS = {
    "Accept": "application/json, text/plain, */*",
    "Accept-Encoding": "gzip, deflate, br",
    "Accept-Language": "en-GB,en;q=0.9,de;q=0.8,fr;q=0.7",
    "Cache-Control": "no-cache",
    "Pragma": "no-cache",
    "Content-Type": "application/json",
    "Referer": "http://app.example.test/projects/1234/issues?state=open&page=2",
    "Sec-CH-UA": '"Chromium";v="120", "Not?A_Brand";v="8"',
    "Sec-CH-UA-Mobile": "?0",
    "Sec-CH-UA-Platform": '"Linux"',
    "Sec-Fetch-Mode": "cors",
    "Sec-Fetch-Dest": "empty",
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, "
                  "like Gecko) Chrome/120.0.0.0 Safari/537.36",
    "X-Request-Id": "0f7c2f1e-5a5d-4d3e-9d57-6d5a1a3b2c4d",
    "X-Trace": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    "If-None-Match": 'W/"5d41402abc4b2a76b9719d911017c592"',
}


@dataclass
class Sample:
    """One measurement of one proxy."""

    rate: float  # requests or MiB a second
    cpu: float  # µs a request, or ms a GiB
    p50: float = 0  # µs
    p99: float = 0
    count: int = 0  # requests


class NoRequest(AssertionError):
    """Not one request ended in the time of a run."""


def _latency(shown: str, percent: str) -> float:
    value, unit = re.search(rf"^\s+{percent}\s+([\d.]+)(us|ms|s|m)\s*$", shown,
                            re.MULTILINE).groups()
    return float(value) * UNITS[unit]


def run_wrk(contender: Contender, connections: int, seconds: float,
            fields: dict[str, str] | None = None, host: str = HOST) -> Sample:
    arguments = []
    for name, value in {"Host": host, **(fields or {})}.items():
        arguments += ["-H", f"{name}: {value}"]
    before = contender.cpu_seconds()
    shown = subprocess.run(
        ["wrk", "-t1", f"-c{connections}", f"-d{seconds:.0f}s",
         "--timeout", "30s", "--latency",
         *arguments, f"http://127.0.0.1:{contender.port}/small"],
        stdout=subprocess.PIPE, check=True, encoding="utf-8",
        timeout=seconds + 60).stdout
    spent = contender.cpu_seconds() - before
    if "Non-2xx" in shown or "Socket errors" in shown:
        raise AssertionError(f"{contender.name}: requests failed:\n{shown}")
    count = int(re.search(r"(\d+) requests in", shown).group(1))
    if count == 0:  # all the time went into handshakes
        raise NoRequest(f"{contender.name}: no request ended:\n{shown}")
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", shown).group(1))
    return Sample(rate, spent / count * 1e6, _latency(shown, "50%"),
                  _latency(shown, "99%"), count)


def run_curl(contender: Contender, size: int, *arguments: str) -> Sample:
    """One body of `size` octets."""
    before, began = contender.cpu_seconds(), time.monotonic()
    shown = subprocess.run(
        ["curl", "-sS", "-f", "-o", "/dev/null", "-H", f"Host: {HOST}", "-H", "Expect:",
         "-w", "%{http_code} %{size_download} %{size_upload}", *arguments,
         f"http://127.0.0.1:{contender.port}/big"],
        stdout=subprocess.PIPE, check=True, encoding="utf-8", timeout=600).stdout
    seconds = time.monotonic() - began
    if str(size) not in shown.split():
        raise AssertionError(f"{contender.name}: not all of it: {shown}")
    spent = contender.cpu_seconds() - before
    return Sample(size / MIB / seconds, spent * 1e3 * (1 << 30) / size)


def ask(contender: Contender, host: str, path: str) -> socket.socket:
    """A connection with a request on it."""
    sock = socket.create_connection(("127.0.0.1", contender.port), 30)
    sock.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    return sock


def _take_answer(sock: socket.socket) -> None:
    octets = b""
    while b"a small static answer\n" not in octets:
        more = sock.recv(4096)
        if not more:
            raise AssertionError(f"no answer but {octets!r}")
        octets += more


@contextmanager
def resting(contender: Contender, count: int) -> Iterator[list[socket.socket]]:
    """Connections that are idle after one request."""
    clients = []
    try:
        while len(clients) < count:
            batch = [ask(contender, HOST, "/small")
                     for _ in range(min(50, count - len(clients)))]
            clients += batch
            for client in batch:
                _take_answer(client)
        yield clients
    finally:
        for client in clients:
            client.close()


@contextmanager
def waiting(contender: Contender, count: int) -> Iterator[list[socket.socket]]:
    """Connections whose requests wait for the upstream."""
    clients: list[socket.socket] = []
    try:
        for _ in range(count):
            clients.append(ask(contender, WAITING_HOST, "/wait"))
        time.sleep(1)
        yield clients
    finally:
        for client in clients:
            client.close()
