# SPDX-License-Identifier: MIT
"""Answers that come before their requests have been sent: how many are
kept."""

from __future__ import annotations

import time
from collections import Counter

from harness import either, memory_peak, static

MIB = 1 << 20
ANSWERS = 16


def answers_early(peer):
    peer.read_head()
    peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (3 * MIB)
              + b"x" * (3 * MIB))
    while peer.sock.recv(65536):
        pass


def upload(proxy, count: int) -> list:
    clients = [proxy.connect() for _ in range(count)]
    for client in clients:
        client.sock.sendall(b"POST http://api.example.test/x HTTP/1.1\r\n"
                            b"Host: api.example.test\r\n"
                            b"Content-Length: 1000\r\n\r\n" + b"a" * 500)
    return clients


def finish(clients) -> Counter:
    for client in clients:
        client.sock.sendall(b"b" * 500)
    replies = [client.read_response() for client in clients]
    for client in clients:
        client.close()
    return Counter(r.status if r.complete else 0 for r in replies)


def test_early_answers(bearerd, upstream):
    """16 are kept; the others are told so, and the memory stays bounded."""
    server = upstream(answers_early)
    proxy = bearerd({"a": static(server.url)})
    before = memory_peak(proxy.pid)
    clients = upload(proxy, 3 * ANSWERS)
    time.sleep(2)
    assert memory_peak(proxy.pid) - before < either(96 * MIB, 500 * MIB)
    assert finish(clients) == {200: ANSWERS, 502: 2 * ANSWERS}
    # What they held is there for others.
    clients = upload(proxy, ANSWERS)
    time.sleep(1)
    assert finish(clients) == {200: ANSWERS}
