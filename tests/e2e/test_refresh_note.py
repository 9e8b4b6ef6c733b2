# SPDX-License-Identifier: MIT
"""Before a refresh token is sent, the store says so: whoever finds that asks
again at once, with the same one, while a server that rotates still takes it."""

import signal
import socket
import threading
import time

import pytest

from harness import wait_for
from test_grants import PEOPLE, URL, forms, log_in, seeded


@pytest.fixture
def rotating(provider):
    """The provider, rotating; a rotated refresh token is good for half a
    minute more."""
    provider.set(clients=[PEOPLE], issue={"rotate": True, "grace": 30})
    return provider


@pytest.fixture
def store(bearerd):
    return {"store": f"sqlite:{bearerd.folder}/state/t.db"}


def refreshes(provider) -> list[str]:
    return [f["refresh_token"] for f in forms(provider)
            if f["grant_type"] == "refresh_token"]


def kill(proxy) -> None:
    proxy.stopped = True
    proxy.end(signal.SIGKILL)


def ask(proxy):
    """A request that waits for a token; nobody reads its answer."""
    client = proxy.connect()
    client.request("GET", URL)
    return client


def test_start_that_finds_a_note_goes_on_at_once(bearerd, rotating, store):
    """Killed between the sending and the answer, of which nothing came."""
    seed = log_in(rotating)["refresh_token"]
    service = seeded(rotating, seed)
    rotating.set(plan=[{"drop": "after", "times": None}])
    proxy = bearerd({"a": service}, store)
    with ask(proxy):
        wait_for(lambda: refreshes(rotating), 20, "the first refresh")
        kill(proxy)
    rotating.set(plan=[])
    before = len(refreshes(rotating))
    proxy = bearerd({"a": service}, store)
    # Nobody wants a token.
    wait_for(lambda: len(refreshes(rotating)) > before, 20, "the next refresh")
    assert set(refreshes(rotating)) == {seed}
    assert proxy.get(URL).status == 200
    assert (rotating.state()["reused"], len(refreshes(rotating))) == (0, before + 1)


def test_start_without_a_note_asks_for_nothing(bearerd, rotating, store):
    service = seeded(rotating, log_in(rotating)["refresh_token"])
    proxy = bearerd({"a": service}, store)
    assert proxy.get(URL).status == 200
    kill(proxy)
    before = rotating.token_count
    proxy = bearerd({"a": service}, store)
    time.sleep(1)
    assert rotating.token_count == before
    assert proxy.get(URL).status == 200
    assert rotating.token_count == before


@pytest.mark.parametrize("plan", [
    {"status": 400, "body": '{"error":"invalid_client"}'},
    {"status": 503},
], ids=["refused", "not available"])
def test_answer_takes_the_note_away(bearerd, rotating, store, plan):
    """The server has not rotated, and that is known."""
    service = seeded(rotating, log_in(rotating)["refresh_token"])
    rotating.set(plan=[{**plan, "times": None,
                        "content_type": "application/json"}])
    proxy = bearerd({"a": service}, store)
    assert proxy.get(URL).status in (502, 503)
    proxy.stop()
    rotating.set(plan=[])
    before = rotating.token_count
    proxy = bearerd({"a": service}, store)
    time.sleep(1)
    assert rotating.token_count == before
    assert proxy.get(URL).status == 200


def test_lost_answer_is_asked_for_though_nobody_waits(bearerd, rotating):
    service = seeded(rotating, log_in(rotating)["refresh_token"])
    rotating.set(plan=[{"drop": "after", "times": 4}])
    proxy = bearerd({"a": service})
    assert proxy.get(URL).status == 503
    wait_for(lambda: len(refreshes(rotating)) == 5, 60, "the answer")
    wait_for(lambda: proxy.health("a").json()["checks"]["session:a"][0]
             ["observedValue"] == "ready", 20, "its token")
    assert len(set(refreshes(rotating))) == 1
    assert proxy.get(URL).status == 200
    assert len(refreshes(rotating)) == 5


def test_server_that_cannot_be_reached_is_no_loss(bearerd, rotating, store):
    """Nothing was sent: the next start has no reason to ask."""
    service = seeded(rotating, log_in(rotating)["refresh_token"])
    nowhere = {**service, "token_endpoint": "http://127.0.0.1:1/token"}
    proxy = bearerd({"a": nowhere}, store)
    assert proxy.get(URL).status == 503
    proxy.stop()
    proxy = bearerd({"a": nowhere}, store)
    time.sleep(1)
    assert "token_request_failed" not in proxy.stderr


@pytest.mark.parametrize("again", range(3))
def test_note_is_there_before_the_first_octet(bearerd, rotating, store, upstream,
                                              again):
    """Killed as soon as anything of the request has arrived."""
    arrived = threading.Event()
    running = []

    def script(peer) -> None:
        peer.sock.recv(1, socket.MSG_PEEK)
        if len(running) == 1:
            kill(running[0])
        arrived.set()

    service = seeded(rotating, log_in(rotating)["refresh_token"],
                     token_endpoint=upstream(script).url + "/token")
    running.append(bearerd({"a": service}, store))
    with ask(running[0]):
        assert arrived.wait(20)
    arrived.clear()
    running.append(None)
    proxy = bearerd({"a": service}, store)
    assert arrived.wait(20), "the next start did not ask by itself"
    kill(proxy)


def test_connection_that_is_never_there_leaves_no_note(bearerd, rotating, store,
                                                       upstream):
    """It is accepted, and no TLS comes: nothing was sent, and the next start
    has no reason to ask."""
    arrived = threading.Event()

    def script(peer) -> None:
        arrived.set()
        peer.wait_until_closed(30)

    address = upstream(script).url.replace("http:", "https:") + "/token"
    service = seeded(rotating, log_in(rotating)["refresh_token"],
                     token_endpoint=address)
    proxy = bearerd({"a": service}, store)
    with ask(proxy):
        assert arrived.wait(20)
        time.sleep(0.5)
        kill(proxy)
    arrived.clear()
    bearerd({"a": service}, store)
    assert not arrived.wait(1.5)
