# SPDX-License-Identifier: MIT
"""What a request more on a kept connection costs."""

from __future__ import annotations

from pathlib import Path

import pytest
from harness import is_sanitized, preload, static


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
