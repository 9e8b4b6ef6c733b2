# SPDX-License-Identifier: MIT
"""refresh_if: an upstream that says in words, whatever its status, that the
token is of no use any more."""

import gzip
import json
import socket
import threading
import time

import pytest

from harness import wait_for

URL = "http://api.example.test/x"
JSON = "Content-Type: application/json"
OLD = json.dumps({"ok": False, "error": {"code": 190}, "pad": "x" * 500}).encode()
GOOD = b'{"ok":true,"error":{"code":0}}'


def is_new(request) -> bool:
    return not request.value("Authorization").endswith("-1")


class Pair:
    """A token endpoint that numbers its tokens, and an API that refuses the
    first in its own way."""

    def __init__(self, bearerd, upstream, answer, **keys):
        self.tokens = 0
        self.answer = answer
        self.server = upstream(self.give)
        self.api = upstream(self.serve)
        service = {
            "upstream": self.api.url, "match": "api.example.test",
            "token_endpoint": f"{self.server.url}/token", "client_id": "me",
            "client_secret": "s", "refresh_if": "error.code=190", **keys}
        self.proxy = bearerd({"a": {k: v for k, v in service.items() if v}})

    def give(self, peer) -> None:
        while True:
            peer.read_request()
            self.tokens += 1
            peer.answer(json.dumps({"access_token": f"t-{self.tokens}",
                                    "token_type": "Bearer"}).encode(),
                        "200 OK", JSON)

    def serve(self, peer) -> None:
        while True:
            request = peer.read_request()
            if is_new(request):
                peer.answer(GOOD, "200 OK", JSON)
            else:
                self.answer(peer)


def plain(body=OLD, status="200 OK", *fields):
    return lambda peer: peer.answer(body, status, *(fields or (JSON,)))


def chunked(*pieces, wait=0.0, kind=JSON):
    def answer(peer):
        peer.send(f"HTTP/1.1 200 OK\r\n{kind}\r\n"
                  "Transfer-Encoding: chunked\r\n\r\n".encode())
        for piece in pieces:
            peer.send(b"%x\r\n%s\r\n" % (len(piece), piece))
            time.sleep(wait)
        peer.send(b"0\r\n\r\n")

    return answer


@pytest.mark.parametrize("answer", [
    plain(), plain(OLD, "400 Bad Request"), plain(OLD, "500 No"),
    plain(OLD, "401 No"),
    plain(OLD, "200 OK", "Content-Type: application/problem+json; a=b"),
    plain(OLD, "200 OK", "Content-Type: text/plain"),
    plain(gzip.compress(OLD), "200 OK", JSON, "Content-Encoding: gzip"),
    chunked(OLD[:9], OLD[9:])],
    ids=["200", "400", "500", "401", "+json", "text", "gzip", "chunks"])
def test_renewed(bearerd, upstream, answer):
    """Whatever the method; the client sees the second answer alone."""
    pair = Pair(bearerd, upstream, answer)
    reply = pair.proxy.post(URL, b"a=1",
                            "Content-Type: application/x-www-form-urlencoded")
    assert (reply.status, reply.body) == (200, GOOD)
    assert [r.body for r in pair.api.requests] == [b"a=1", b"a=1"]
    assert pair.tokens == 2


@pytest.mark.parametrize("answer, body", [
    (plain(GOOD), GOOD),
    (plain(OLD[:-1]), OLD[:-1]),
    (plain(b'[{"error":{"code":190}}]'), b'[{"error":{"code":190}}]'),
    (plain(b'{"error":{"code":190},"error":1}'),
     b'{"error":{"code":190},"error":1}'),
    (plain(b'{"error":{"code":"1900"}}'), b'{"error":{"code":"1900"}}'),
    (plain(OLD, "200 OK", "Content-Type: text/html"), OLD),
    (plain(OLD, "200 OK", JSON, "Content-Encoding: br"), OLD),
    (plain(OLD, "200 OK", JSON, "Content-Encoding: gzip"), OLD),
    (plain(b" " * 65536 + OLD), b" " * 65536 + OLD),
    (chunked(b" " * 65536, OLD), b" " * 65536 + OLD),
    (chunked(b" " * 300000, OLD), b" " * 300000 + OLD),
    (chunked(OLD, kind="Content-Type: text/plain"), OLD)],
    ids=["other", "cut", "array", "twice", "more", "page", "coding", "damaged",
         "long", "long chunks", "longer chunks", "text in chunks"])
def test_passed_on(bearerd, upstream, answer, body):
    pair = Pair(bearerd, upstream, answer)
    reply = pair.proxy.get(URL)
    assert (reply.status, reply.body) == (200, body)
    assert pair.tokens == 1 and len(pair.api.requests) == 1


def test_slow_end_is_not_waited_for(bearerd, upstream):
    """What comes later than in a second passes on as it comes."""
    pair = Pair(bearerd, upstream, chunked(OLD[:9], OLD[9:], b" ", wait=3))
    reply = pair.proxy.get(URL)
    assert reply.body == OLD + b" "
    assert pair.tokens == 1


def test_cut_answer(bearerd, upstream):
    """One that breaks off breaks off for the client too."""
    def answer(peer):
        peer.send(f"HTTP/1.1 200 OK\r\n{JSON}\r\nContent-Length: 900\r\n\r\n"
                  .encode() + OLD)
        peer.sock.shutdown(socket.SHUT_WR)

    pair = Pair(bearerd, upstream, answer)
    reply = pair.proxy.get(URL)
    assert reply.status == 200 and not reply.complete
    assert pair.tokens == 1


def test_head_has_nothing_to_look_at(bearerd, upstream):
    def answer(peer):
        peer.send(f"HTTP/1.1 200 OK\r\n{JSON}\r\nContent-Length: 99\r\n\r\n"
                  .encode())

    pair = Pair(bearerd, upstream, answer)
    assert pair.proxy.fetch("HEAD", URL).status == 200
    assert pair.tokens == 1


def test_refused_again(bearerd, upstream):
    """Then refusals pass on for a while, and no token is asked for."""
    pair = Pair(bearerd, upstream, plain())

    def refuse(peer):
        while True:
            peer.read_request()
            peer.answer(OLD, "200 OK", JSON)

    pair.api.script = refuse
    for _ in range(3):
        assert pair.proxy.get(URL).body == OLD
    assert pair.tokens == 2
    wait_for(lambda: len(pair.api.requests) == 4, 10, "the requests")


@pytest.mark.parametrize("keys", [{"replay": "never"}, {
    "access_token": "t-1", "token_endpoint": None, "client_id": None,
    "client_secret": None}], ids=["never", "static"])
def test_nothing_to_look_for(bearerd, upstream, keys):
    """Where nothing would come of it, no answer is held back: its beginning is
    there before its end is sent."""
    let_go = threading.Event()

    def answer(peer):
        peer.send(f"HTTP/1.1 200 OK\r\n{JSON}\r\nContent-Length: {len(OLD)}"
                  "\r\n\r\n".encode() + OLD[:9])
        let_go.wait(20)
        peer.send(OLD[9:])

    pair = Pair(bearerd, upstream, answer, **keys)
    with socket.create_connection(("127.0.0.1", pair.proxy.port), 20) as sock:
        sock.sendall(f"GET {URL} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
        got = b""
        while OLD[:9] not in got:
            piece = sock.recv(65536)
            assert piece, got
            got += piece
        let_go.set()


def test_mistakes(bearerd):
    result = bearerd.check("""[service a]
upstream = https://a.example.test
access_token = t
refresh_if = expired
""")
    assert result.returncode == 1
    assert ":4: " in result.stderr and "NAME=VALUE" in result.stderr
