# SPDX-License-Identifier: MIT
"""An upstream that closes after every byte count of an answer, and a name
that is looked up for ever. Part of `make check-long`; each test prints what
it measured."""

from collections import Counter

import pytest

import load
from harness import either, static
from levels import MIB, Crowd, Probe, falls_back, level

URL = "http://api.example.test"
BODY = b"the answer's body\n"
FIELDS = b"Server: test\r\nContent-Type: text/plain\r\n"
CHUNKED = b"7\r\nthe ans\r\nb;x=y\r\nwer's body\n\r\n0\r\nX-T: 1\r\n\r\n"
ANSWERS = {
    "length": b"HTTP/1.1 200 OK\r\n" + FIELDS + b"Content-Length: %d\r\n\r\n%s"
              % (len(BODY), BODY),
    "chunked": b"HTTP/1.1 200 OK\r\n" + FIELDS
               + b"Transfer-Encoding: chunked\r\n\r\n" + CHUNKED,
    "to-the-end": b"HTTP/1.1 200 OK\r\n" + FIELDS + b"\r\n" + BODY,
    "interim": b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\n"
               b"Content-Length: %d\r\n\r\n%s" % (len(BODY), BODY),
}


def outcome(proxy, target: str, body: bytes | None):
    """The reply, or None where the connection closed without one."""
    try:
        return proxy.fetch("GET" if body is None else "POST", target, body=body)
    except (AssertionError, ConnectionError):
        return None


@pytest.mark.parametrize("how", ["close", "reset"])
@pytest.mark.parametrize("framing", ANSWERS)
def test_upstream_that_closes_after_every_byte_count(bearerd, upstream, tell,
                                                     framing, how):
    answer = ANSWERS[framing]
    head = answer.rindex(b"\r\n\r\n", 0, answer.index(BODY[:7])) + 4

    def script(peer):
        request = peer.read_request()
        peer.send(answer[:int(request.target[1:])])
        if how == "reset":
            peer.reset()

    # Behind the last chunk libcurl takes the CR for the end already.
    least = len(answer) - (framing == "chunked")
    server = upstream(script)
    proxy = bearerd({"a": static(server.url)})
    seen = Counter()
    for count in range(len(answer) + 1):
        for body in (None, b"x" * 100):
            reply = outcome(proxy, f"{URL}/{count}", body)
            assert reply is not None, (count, "no answer at all")
            seen[reply.status, "whole" if reply.complete else "broken off"] += 1
            ends = framing == "to-the-end" and how == "close" and count >= head
            if reply.status == 200 and reply.complete:
                assert count >= least or ends, (count, reply)
                assert reply.body == (answer[head:count] if ends else BODY)
            elif reply.status == 200:
                assert count >= head and BODY.startswith(reply.body), (count, reply)
            else:
                assert reply.status == 502 and reply.complete, (count, reply)
                assert reply.error in ("connection_terminated",
                                       "http_response_incomplete",
                                       "http_protocol_error"), (count, reply.error)
                assert not ends and (how == "reset" or count < len(answer))
    tell(f"{framing}, {how}, 0 to {len(answer)} bytes, GET and POST: " + ", ".join(
        f"{n} × {status} {word}" for (status, word), n in sorted(seen.items())))
    assert proxy.health().status == 200


def test_names_that_hang(bearerd, provider, names, tell):
    crowd = Crowd()
    proxy = bearerd({
        "good": static(crowd.url),
        "hangs": static("https://hangs", match="h.example.test",
                        connect_timeout="2s"),
        "token": provider.service(match="t.example.test", token_timeout="2s",
                                  token_endpoint="https://hangs/token"),
    }, env=names.env)
    assert proxy.get("/good/first").status == 200
    start = level(proxy)
    tell(f"start: {start}")
    with Probe(proxy, "/-/health/live", "/good/other") as probe:
        for _ in range(3):
            answers = load.burst(proxy.port, load.get_request("/hangs/x"), 100)
            answers += load.burst(proxy.port, load.get_request("/token/x"), 100)
            statuses = Counter(a.status for a in answers)
            assert statuses == {504: 100, 503: 100}, statuses
            assert all(b"error=dns_timeout" in a.head for a in answers
                       if a.status == 504)
            assert max(a.seconds for a in answers) < either(8, 20)
        tell(f"after 300 requests to a name that hangs: {level(proxy)}")
    tell(probe.check(either(2, 10)))
    names.release()
    tell(f"end: {falls_back(proxy, start, 24 * MIB, '/good/last')}")
    crowd.stop()


def test_a_hanging_name_does_not_keep_it_from_ending(bearerd, names, tell):
    proxy = bearerd({"hangs": static("https://hangs", match="h.example.test",
                                     connect_timeout="1s")}, env=names.env)
    answers = load.burst(proxy.port, load.get_request("/hangs/x"), 10)
    assert [a.status for a in answers] == [504] * 10
    proxy.stop()
    tell("10 look-ups under way: ended with 0")
