# SPDX-License-Identifier: MIT
"""Look-ups of names: however many hang, the threads are few, the loops turn,
and names of the configuration are looked up."""

import re
import socket
import time
from collections import Counter
from pathlib import Path

import load
from harness import either, static, wait_for

THREADS = 16
FOREIGN = 8
FORWARD = {"unmatched": "forward", "forward_to": "127.0.0.0/8"}


def status(pid: int, what: str) -> int:
    text = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(rf"{what}:\s+(\d+)", text).group(1))


def here(server) -> str:
    return f"http://api.here.test:{server.port}"


def abandon(proxy, names) -> None:
    """A request for each, by a client that does not wait."""
    held = []
    for name in names:
        sock = socket.create_connection(("127.0.0.1", proxy.port))
        sock.sendall(f"GET http://{name}/ HTTP/1.1\r\nHost: {name}\r\n\r\n".encode())
        held.append(sock)
    for sock in held:
        sock.close()


def test_names_of_clients_that_hang(bearerd, upstream, names):
    """500 at once: those of the configuration go past them."""
    server = upstream()
    proxy = bearerd({"a": static(here(server), allow_plain_upstream="yes")}, FORWARD,
                    env=names.env)
    threads, size = (status(proxy.pid, w) for w in ("Threads", "VmSize"))
    abandon(proxy, (f"hangs{n}" for n in range(500)))
    began = time.monotonic()
    assert proxy.get("/a/first").status == 200
    assert proxy.get("/-/health/live").status == 200
    assert time.monotonic() - began < either(3, 10)
    wait_for(lambda: status(proxy.pid, "Threads") > threads, 5, "look-ups")
    abandon(proxy, (f"hangs{n}" for n in range(500, 1500)))
    assert status(proxy.pid, "Threads") - threads <= FOREIGN + 1
    assert status(proxy.pid, "VmSize") - size < either(300_000, 20_000_000)
    began = time.monotonic()
    proxy.stop()
    assert time.monotonic() - began < either(10, 30)


def test_names_of_the_configuration_that_hang(bearerd, upstream, names):
    """Each waits for itself, and for no longer than it may."""
    server = upstream()
    services = {f"h{n}": static(f"https://hangs{n}", match=f"h{n}.example.test",
                                connect_timeout="1s") for n in range(2 * THREADS)}
    proxy = bearerd({"a": static(here(server), allow_plain_upstream="yes"), **services},
                    env=names.env)
    assert proxy.get("/a/first").status == 200
    threads = status(proxy.pid, "Threads")
    began = time.monotonic()
    many = [proxy.connect() for _ in range(2 * THREADS)]
    for n, connection in enumerate(many):
        connection.request("GET", f"/h{n}/x")
    # What is known already and what is connected needs no look-up.
    assert proxy.get("/a/second").status == 200
    replies = [connection.read_response() for connection in many]
    assert {(r.status, r.error) for r in replies} == {(504, "dns_timeout")}
    assert time.monotonic() - began < either(8, 20)
    assert status(proxy.pid, "Threads") - threads <= THREADS
    names.release()
    for connection in many:
        connection.close()


def test_one_name_that_hangs(bearerd, names):
    """One look-up a name, whoever waits for it."""
    proxy = bearerd({"h": static("https://hangs", connect_timeout="1s")},
                    env=names.env)
    threads = status(proxy.pid, "Threads")
    answers = load.burst(proxy.port, load.get_request("/h/x"), 100)
    assert Counter(a.status for a in answers) == {504: 100}
    assert status(proxy.pid, "Threads") - threads == 1


def test_token_endpoint_whose_name_hangs(bearerd, provider, names):
    proxy = bearerd({"t": provider.service(
        token_timeout="1s", token_endpoint="https://hangs/token")}, env=names.env)
    reply = proxy.get("/t/x")
    assert reply.status == 503
    assert "not looked up" in proxy.find("warning token_request_failed.*", 5).string


def test_a_name_of_several_requests(bearerd, upstream, names):
    """Whether connections are kept or not, and with a body."""
    server = upstream()
    proxy = bearerd({"a": static(here(server), allow_plain_upstream="yes")}, env=names.env)
    for n in range(20):
        assert proxy.post(f"/a/{n}", b"x" * 1000).status == 200
        assert proxy.get(f"/a/{n}").status == 200
    assert len(server.requests) == 40
