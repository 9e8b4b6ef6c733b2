# SPDX-License-Identifier: MIT
"""An orderly stop: whatever comes in its last moments, bearerd ends with exit
status 0, and nothing that a server gave is lost."""

import time

import pytest

import login
from harness import either, static
from rawserver import RawServer

URL = "http://api.example.test"
LATE = "bearerd is shutting down"
LONG = 64 * 1024 * 1024


def silent(peer) -> None:
    """Takes requests and answers none."""
    peer.read_request()
    peer.wait_until_closed(60)


def endless(peer) -> None:
    """An answer that no socket's buffer holds."""
    peer.read_request()
    peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % LONG)
    for _ in range(LONG // 65536):
        peer.send(b"x" * 65536)


@pytest.fixture
def draining(bearerd, upstream, provider):
    """A bearerd whose logins wait for a server that never answers, with a
    client that does not read its answer, so that its stop lasts."""
    def begin(drain_timeout: str):
        where: RawServer = upstream(silent)
        person = login.service(provider, issuer=where.url, token_endpoint=None,
                               authorization_endpoint=None)
        return bearerd({"big": static(upstream(endless).url), "a": person},
                       {"drain_timeout": drain_timeout, "workers": 1})

    return begin


def here(proxy) -> str:
    """The host where its logins begin and end."""
    return f"127.0.0.1:{proxy.port}"


def late(reply) -> bool:
    """It is told to come again, and that the connection ends."""
    return (reply.status == 503 and reply.error == "destination_unavailable"
            and reply.json()["detail"] == LATE
            and int(reply.value("Retry-After")) >= 1
            and reply.value("Connection") == "close")


@pytest.mark.parametrize("page", ["/-/login/a", "/-/callback/a?state=x&code=y"])
def test_pages_that_would_wait(draining, page):
    """Such a page is answered at once while bearerd drains, and one that knows
    its answer as always."""
    proxy = draining("20s")
    with proxy.connect() as stuck, proxy.connect() as asks, proxy.connect() as looks:
        stuck.request("GET", URL + "/")
        stuck.receive()
        for one in asks, looks:
            one.request("GET", "/-/health/live")
            assert one.read_response().status == 200
        proxy.process.terminate()
        proxy.find("stopping", 10)
        time.sleep(0.3)
        began = time.monotonic()
        asks.request("GET", page, here(proxy))
        assert late(asks.read_response())
        looks.request("GET", "/-/health/live")
        assert looks.read_response().status == 200
        assert time.monotonic() - began < either(2, 6)
    assert proxy.process.wait(20) == 0
    proxy.stopped = True


@pytest.mark.parametrize("target", ["/-/login/a", "/big/", "/a/x"])
def test_requests_in_the_last_turns(draining, target):
    """They come when what was under way has been given up and the clients may
    still take its end: each is answered or closed, and the end is orderly."""
    proxy = draining("500ms")
    clients = [proxy.connect() for _ in range(40)]
    with proxy.connect() as stuck:
        stuck.request("GET", URL + "/")
        stuck.receive()
        for one in clients:
            one.request("GET", "/-/health/live")
            assert one.read_response().status == 200
        proxy.process.terminate()
        proxy.find("drain_timeout", 10)
        for one in clients:
            try:
                one.request("GET", target, here(proxy))
            except ConnectionError:
                break
            time.sleep(0.005)
        assert proxy.process.wait(20) == 0
    for one in clients:
        if one.receive():
            assert late(one.read_response())
        one.close()
    proxy.stopped = True


def test_page_that_waits_when_the_stop_comes(draining):
    """What waited before is told in the end that nothing comes of it."""
    proxy = draining("1s")
    with proxy.connect() as person:
        person.request("GET", "/-/login/a", here(proxy))
        time.sleep(0.3)
        proxy.process.terminate()
        assert late(person.read_response())
        assert proxy.process.wait(20) == 0
    proxy.stopped = True

