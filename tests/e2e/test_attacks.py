# SPDX-License-Identifier: MIT
"""Servers that attack: every endpoint that bearerd asks, answered by a redirect,
by JSON that is none, or by more than anybody can hold. docs/attacks.md is the
list."""

import gzip
import json
import time

import pytest

import harness
from attacks import DOORS, SECRET, answered, encoded, no_controls

MANY = 64 << 20


@pytest.fixture
def door(request, bearerd, provider, browser):
    return DOORS[request.param](bearerd, provider, browser)


every_door = pytest.mark.parametrize("door", DOORS, indirect=True)


@every_door
def test_good_answer(door):
    """That the tests below can fail: it is taken."""
    answered(door, status=door.status, body=json.dumps(door.good()),
             content_type="application/json")
    assert door.opens()


# Redirects.


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@every_door
def test_redirect(door, upstream, status):
    """None is followed: whoever stands there learns nothing."""
    trap = upstream()
    answered(door, status=status, body=json.dumps(door.good()),
             headers={"Location": trap.url + "/stolen"})
    text = door.knock()
    assert "redirect" in text or str(status) in text, text
    assert SECRET not in text + door.proxy.stderr
    assert trap.connections == 0
    door.is_shut()


# What is no JSON object, whole and once.


def twice(good: str) -> str:
    name = json.loads(good).popitem()[0]
    return good[:-1] + f',"{name}":"x"}}'


def escaped(good: str) -> str:
    name = json.loads(good).popitem()[0]
    return good[:-1] + f',"\\u{ord(name[0]):04x}{name[1:]}":"x"}}'


def more(text: str):
    return lambda good: good[:-1] + text + "}"


BROKEN = {
    "a member twice": twice,
    "a member twice, once in escapes": escaped,
    "another member twice": more(',"x":1,"x":1'),
    "a member twice below": more(',"x":{"y":[{"z":1,"z":1}]}'),
    "deep": more(',"x":' + "[" * 100000 + "]" * 100000),
    "deep objects": more(',"x":' + '{"a":' * 100 + "1" + "}" * 100),
    "many values": more(',"x":[' + "1," * 100000 + "1]"),
    "huge": more(',"x":"' + "x" * (8 << 20) + '"'),
    "a huge name": more(',"' + "x" * (1 << 20) + '":1'),
    "cut": lambda good: good[:-1],
    "two": lambda good: good * 2,
    "rubbish behind": lambda good: good + "x",
    "NUL behind": lambda good: good + "\0",
    "NUL within": more(',"x":"\0"'),
    "a bare line break": more(',"x":"a\nb"'),
    "half a pair": more(',"x":"\\ud800"'),
    "an array": lambda good: f"[{good}]",
    "nothing": lambda good: "",
    "a page": lambda good: "<!doctype html><script>alert(1)</script>",
}


@pytest.mark.parametrize("how", BROKEN)
@every_door
def test_broken_json(door, how):
    """It is as if nothing had been said: no member of it is believed, nor
    repeated."""
    body = BROKEN[how](json.dumps(door.good()))
    answered(door, status=door.status, body=body, content_type="application/json")
    text = door.knock()
    assert SECRET not in text + door.proxy.stderr
    assert "<script>alert" not in text
    no_controls(door, text, door.status_text())
    door.is_shut()


@every_door
def test_octets_that_are_no_text(door):
    body = json.dumps(door.good()).encode()[:-1] + b',"x":"\xff\xc0\x80"}'
    answered(door, status=door.status, content_type="application/json",
             **encoded(body))
    no_controls(door, door.knock())
    door.is_shut()


@every_door
def test_bomb(door):
    """What unpacks to more than is taken, in little memory."""
    body = json.dumps(door.good()).encode()[:-1]
    bomb = gzip.compress(body + b',"x":"' + b"x" * MANY + b'"}')
    answered(door, status=door.status, content_type="application/json",
             headers={"Content-Encoding": "gzip"}, **encoded(bomb))
    door.knock()
    assert harness.memory_peak(door.proxy.pid) < harness.either(MANY, 16 * MANY)
    door.is_shut()


class Endless:
    """Sends for as long as anybody listens."""

    def __init__(self, upstream, pause: float = 0):
        self.pause = pause
        self.sent = 0
        self.server = upstream(self.script)

    def script(self, peer) -> None:
        peer.read_request()
        peer.send(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                  b"Transfer-Encoding: chunked\r\n\r\n")
        piece = b'{"x":"' if self.pause else b'{"x":"' + b"x" * 65530
        while self.sent < MANY:
            peer.send(b"%x\r\n%s\r\n" % (len(piece), piece))
            self.sent += len(piece)
            time.sleep(self.pause)


def led_to(door, url: str) -> None:
    """Where the endpoint is somebody else's."""
    door.keys[door.key] = url


@every_door
def test_endless_answer(door, upstream):
    server = Endless(upstream)
    led_to(door, server.server.url)
    door.knock()
    assert 0 < server.sent < MANY // 4
    assert harness.memory_peak(door.proxy.pid) < harness.either(MANY, 16 * MANY)


@every_door
def test_answer_that_trickles(door, upstream):
    """token_timeout is for the whole of it, however little comes how often."""
    server = Endless(upstream, 0.1)
    led_to(door, server.server.url)
    door.keys["token_timeout"] = "1s"
    began = time.monotonic()
    door.knock()
    assert server.sent > 0
    assert time.monotonic() - began < harness.either(12, 40)


@every_door
def test_endless_head(door, upstream):
    def script(peer) -> None:
        peer.read_request()
        peer.send(b"HTTP/1.1 200 OK\r\n")
        for n in range(1 << 20):
            peer.send(b"X-%d: %s\r\n" % (n, b"x" * 1000))

    server = upstream(script)
    led_to(door, server.url)
    door.knock()
    assert server.requests
    assert harness.memory_peak(door.proxy.pid) < harness.either(MANY, 16 * MANY)
