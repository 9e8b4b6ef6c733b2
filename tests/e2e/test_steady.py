# SPDX-License-Identifier: MIT
"""What a kept connection costs, with one request more and with none."""

from __future__ import annotations

import re
import time
from contextlib import ExitStack
from pathlib import Path

import pytest
from harness import either, is_sanitized, preload, static

CLIENTS = 1000
KIB = 1024


def small(peer):
    """Answers of 300 octets, for as long as requests come."""
    while True:
        peer.read_request()
        peer.answer(b"x" * 300, "200 OK", "Content-Type: text/plain", "X-One: 1",
                    "X-Two: 2", "ETag: \"abc\"")


def counted(path: Path) -> int:
    return int.from_bytes(path.read_bytes(), "little")


@pytest.mark.parametrize("method, body", [("GET", b""), ("POST", b"y" * 2000)])
def test_a_request_more_allocates_nothing(bearerd, upstream, method, body):
    """Of bearerd itself; its libraries have their own ways."""
    file = bearerd.folder / "allocations"
    env = {}
    if is_sanitized():  # which has the heap in its own hands
        file.write_bytes(bytes(8))
    else:
        env = preload(bearerd.folder, "allocations", ALLOCATIONS=file)
    proxy = bearerd({"a": static(upstream(small).url)}, {"workers": 1}, env=env)
    assert is_sanitized() or counted(file) > 100  # of the start
    with proxy.connect() as client:
        def ask(count: int) -> None:
            for _ in range(count):
                client.request(method, "http://api.example.test/x", body=body)
                assert client.read_response().status == 200

        ask(50)
        warm = counted(file)
        ask(200)
        assert counted(file) - warm <= 2  # a line of the log, a sweep


HEADS = [  # of answers that a client gets one behind the other: status, fields, body
    ("200 OK", ["X-A: 1", "X-B: 2"], b"one"),
    ("200 OK", ["X-A: 1", "X-B: 2"], b"two"),
    ("200 OK", ["X-A: 1", "X-B: 3"], b"two"),
    ("200 OK", ["X-A: 1", "x-b: 3"], b"two"),
    ("200 OK", ["X-B: 3", "X-A: 1"], b"two"),
    ("200 OK", ["X-B: 3"], b"two"),
    ("200 OK", ["X-B: 3", "X-B: 3"], b"two"),
    ("200 OK", ["X-B: 3", "X-B: 3"], b"three"),
    ("404 Not Found", ["X-B: 3", "X-B: 3"], b"three"),
    ("200 OK", ["X-B: 3", "X-B: 3"], b""),
    ("200 OK", ["X-B:"], b""),
    ("204 No Content", ["X-B:"], b""),
    ("200 OK", ["X-A: " + "a" * 3000], b"b" * 9000),
    ("200 OK", ["X-A: " + "a" * 2999], b"c" * 9000),
    ("200 OK", ["X-A: 1"], b"d" * 40000),
    ("200 OK", ["X-A: 1"], b"e" * 9000)]


def test_answers_that_differ_in_one_thing(bearerd, upstream):
    """What libmicrohttpd was given for the last answer may serve for the next,
    where that is the same and nowhere else."""
    def by_number(peer):
        while True:
            status, fields, body = HEADS[int(peer.read_request().target[1:])]
            peer.answer(body, status, *fields)

    proxy = bearerd({"a": static(upstream(by_number).url)}, {"workers": 1})
    order = [i for n in range(len(HEADS)) for i in (n, n, 0, n)]
    with proxy.connect() as client:
        for number in [*order, *reversed(order)]:
            status, fields, body = HEADS[number]
            client.request("GET", f"http://api.example.test/{number}")
            response = client.read_response()
            got = [f"{name}: {value}".strip() for name, value in response.fields
                   if name.lower().startswith("x-")]
            assert got == fields
            assert response.status == int(status[:3])
            assert response.body == body


def resident(pid: int) -> int:
    """The octets of memory that no file is behind."""
    text = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"RssAnon:\s+(\d+) kB", text).group(1)) * KIB


@pytest.mark.parametrize("size", [4, 16])
def test_memory_of_idle_connections(bearerd, upstream, size):
    """Each keeps max_header_size and 2 KiB at the most: its exchange, and what
    that had of bodies, are gone with the answer."""
    proxy = bearerd({"a": static(upstream(small).url)},
                    {"workers": 1, "max_header_size": f"{size}K"})
    with ExitStack() as stack:
        def clients(count: int) -> None:
            for _ in range(count):
                client = stack.enter_context(proxy.connect())
                client.request("POST", "http://api.example.test/x", body=b"y" * 2000)
                response = client.read_response()
                assert response.status == 200
                assert response.value("Connection") is None  # it is kept

        clients(50)  # and what is there once
        before = resident(proxy.pid)
        clients(CLIENTS)
        time.sleep(1)
        grown = (resident(proxy.pid) - before) / CLIENTS
        assert grown < either((size + 2) * KIB, 60 * KIB), f"{grown:.0f} octets each"
