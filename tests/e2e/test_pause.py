# SPDX-License-Identifier: MIT
"""The process stands still for a while, as under a debugger, in a container
that was frozen or on a laptop that slept: what came meanwhile counts, however
late the clocks say it is."""

import signal
import time

import pytest

from harness import static
from websocket import after, opened

URL = "http://api.example.test/x"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Paused:
    """Stops a process for some seconds."""

    def __init__(self, process, seconds: float):
        self.process = process
        self.seconds = seconds

    def __enter__(self):
        self.process.send_signal(signal.SIGSTOP)
        self.began = time.monotonic()

    def __exit__(self, *exc):
        time.sleep(max(0, self.began + self.seconds - time.monotonic()))
        self.process.send_signal(signal.SIGCONT)


def test_answer_that_came_meanwhile(bearerd, upstream):
    def script(peer):
        peer.read_request()
        time.sleep(0.5)
        peer.send(OK)

    server = upstream(script)
    proxy = bearerd({"a": static(server.url, response_timeout="3s")},
                    {"workers": 1})
    clients = [proxy.connect() for _ in range(150)]
    for one in clients:
        one.request("GET", URL)
    server.wait_for_requests(150)
    with Paused(proxy.process, 3.8):
        pass
    assert [one.read_response().status for one in clients] == [200] * 150
    for one in clients:
        one.close()


def test_octets_of_an_answer_that_came_meanwhile(bearerd, upstream):
    """Between two octets no time-out has passed either."""
    def script(peer):
        peer.read_request()
        peer.send(OK[:-1])
        time.sleep(0.5)
        peer.send(OK[-1:])

    server = upstream(script)
    proxy = bearerd({"a": static(server.url, idle_timeout="3s")}, {"workers": 1})
    with proxy.connect() as client:
        client.request("GET", URL)
        server.wait_for_requests(1)
        time.sleep(0.2)
        with Paused(proxy.process, 3.8):
            pass
        reply = client.read_response()
        assert (reply.status, reply.body, reply.complete) == (200, b"ok", True)


def test_request_that_came_meanwhile(bearerd, upstream):
    """Its answer's time begins when bearerd goes on, not with the pause."""
    def slow(peer):
        peer.read_request()
        time.sleep(1)
        peer.send(OK)

    proxy = bearerd({"a": static(upstream(slow).url, response_timeout="3s")},
                    {"workers": 1})
    with proxy.connect() as client:
        with Paused(proxy.process, 4.2):
            time.sleep(0.2)
            client.request("GET", URL)
        assert client.read_response().status == 200


def test_octets_that_came_meanwhile_and_more(bearerd, upstream):
    """The time between the last octets of the pause and the next ones is
    counted from its end."""
    def script(peer):
        peer.read_request()
        time.sleep(0.6)
        peer.send(OK[:-1])
        time.sleep(4.7)
        peer.send(OK[-1:])

    server = upstream(script)
    proxy = bearerd({"a": static(server.url, idle_timeout="3s")}, {"workers": 1})
    with proxy.connect() as client:
        client.request("GET", URL)
        server.wait_for_requests(1)
        with Paused(proxy.process, 4.2):
            pass
        reply = client.read_response()
        assert (reply.status, reply.complete) == (200, True)


def test_tunnels_octets_that_came_meanwhile(bearerd, upstream):
    def talk(peer):
        said = peer.sock.recv(100)
        time.sleep(1)
        peer.send(b"re:" + said)
        peer.wait_until_closed(10)

    proxy = bearerd({"a": static(upstream(after(talk)).url, tunnel_idle_timeout="3s")},
                    {"workers": 1})
    with proxy.connect() as client:
        opened(client)
        time.sleep(0.3)
        with Paused(proxy.process, 4.2):
            time.sleep(0.2)
            client.send(b"two")
        client.sock.settimeout(20)
        assert client.sock.recv(100) == b"re:two"


def test_connection_that_was_made_meanwhile(bearerd, upstream):
    proxy = bearerd({"a": static(upstream().url, connect_timeout="1s")},
                    {"workers": 1})
    with proxy.connect() as client:
        client.request("GET", URL)
        with Paused(proxy.process, 1.6):
            pass
        assert client.read_response().status == 200


def test_token_that_came_meanwhile(bearerd, provider):
    provider.set(plan=[{"delay": 0.5}])
    proxy = bearerd({"a": provider.service(token_timeout="3s")}, {"workers": 1})
    with proxy.connect() as client:
        client.request("GET", URL)
        time.sleep(0.2)
        with Paused(proxy.process, 3.8):
            pass
        assert client.read_response().status == 200
    assert provider.token_count == 1


@pytest.mark.parametrize("sent", [
    f"GET {URL} HTTP/1.1\r\nHost: api.example.test\r\n",
    f"POST {URL} HTTP/1.1\r\nHost: api.example.test\r\nContent-Length: 4\r\n\r\nab"])
def test_rest_of_a_request_that_came_meanwhile(bearerd, upstream, sent):
    proxy = bearerd({"a": static(upstream().url, idle_timeout="3s")},
                    {"workers": 1, "header_timeout": "3s"})
    with proxy.connect() as client:
        client.send(sent)
        time.sleep(0.2)
        with Paused(proxy.process, 3.8):
            client.send("\r\n" if sent.startswith("GET") else "cd")
        assert client.read_response().status == 200


def test_next_request_that_came_meanwhile(bearerd, upstream):
    proxy = bearerd({"a": static(upstream().url)},
                    {"workers": 1, "keepalive_timeout": "3s"})
    with proxy.connect() as client:
        client.request("GET", URL)
        assert client.read_response().status == 200
        time.sleep(0.8)
        with Paused(proxy.process, 3.8):
            client.request("GET", URL)
        assert client.read_response().status == 200


def test_it_is_live_at_once(bearerd, upstream):
    """Nobody has to restart it because it was stopped."""
    proxy = bearerd({"a": static(upstream().url)}, {"workers": 2})
    time.sleep(0.5)
    clients = [proxy.connect() for _ in range(8)]
    with Paused(proxy.process, 11):
        for one in clients:
            one.request("GET", "/-/health/live")
    assert [one.read_response().status for one in clients] == [200] * 8
    for one in clients:
        one.close()
