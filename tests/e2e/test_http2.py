# SPDX-License-Identifier: MIT
"""HTTP/2 towards the upstream, with nginx as the upstream."""

from __future__ import annotations

import concurrent.futures
import hashlib
import json
import os
import signal
import time

import pytest

from harness import Nginx, big_file, free_port, static, wait_for
from rawclient import Connection
from rawserver import RawServer

URL = "http://api.example.test"

SERVER = """
listen 127.0.0.1:{tls} ssl http2;
listen 127.0.0.1:{old} ssl;
listen 127.0.0.1:{plain} http2;
ssl_certificate {certificate};
ssl_certificate_key {key};
client_max_body_size {max_body};
{more}
location /files/ {{ alias {files}/; }}
location /slow/ {{ alias {files}/; limit_rate 200k; }}
location /said {{
    add_header X-Twice one;
    add_header X-Twice two;
    set $fields "$http_authorization|$http_host|$request_uri|$http_x_test";
    return 200 "$server_protocol|$connection|$fields";
}}
location /none {{ return 204; }}
location /back/ {{
    proxy_pass http://127.0.0.1:{back};
    proxy_http_version 1.1;
    proxy_request_buffering off;
}}
"""


def hashed(peer) -> None:
    """Answers with the length and digest of each body."""
    while True:
        got = peer.read_request()
        said = {"method": got.method, "length": len(got.body),
                "digest": hashlib.sha256(got.body).hexdigest()}
        peer.answer(json.dumps(said).encode())


class Upstream:
    """nginx that speaks HTTP/2, and what stands behind it."""

    def __init__(self, folder, authority, name="127.0.0.1", more="",
                 max_body=0):
        self.back = RawServer(hashed)
        certificate, key = authority.issue(name)
        for left in (3, 2, 1, 0):
            self.tls, self.old, self.plain = (free_port() for _ in range(3))
            try:
                self.nginx = Nginx(folder, SERVER.format(
                    tls=self.tls, old=self.old, plain=self.plain, more=more,
                    certificate=certificate, key=key, files=folder / "files",
                    back=self.back.port, max_body=max_body))
                break
            except AssertionError:  # somebody else has one of the ports now
                if not left:
                    raise
        big_file(self.nginx.files / "big", 1 << 28)
        big_file(self.nginx.files / "mega", 1 << 20)

    def stop(self):
        self.nginx.stop()
        self.back.stop()

    def service(self, authority, port=None, scheme="https", **keys):
        return static(f"{scheme}://127.0.0.1:{port or self.tls}", **{
            "upstream_ca": authority.path, "http_version": "2", **keys})


@pytest.fixture(scope="module")
def server(tmp_path_factory, authority):
    one = Upstream(tmp_path_factory.mktemp("http2"), authority)
    yield one
    one.stop()


@pytest.fixture
def other_server(tmp_path, authority):
    made = []

    def make(**options):
        made.append(Upstream(tmp_path / f"nginx{len(made)}", authority, **options))
        return made[-1]

    yield make
    for one in made:
        one.stop()


@pytest.fixture(scope="module")
def proxy(shared_bearerd, server, authority):
    return shared_bearerd({"a": server.service(authority)}, {"workers": 1})


def said(reply):
    assert reply.status == 200, reply.body
    return reply.body.decode().split("|")


def test_request_and_response(proxy, server):
    reply = proxy.get(URL + "/said?q=a%20b", "X-Test: yes", "Connection: close, X-Hop",
                      "X-Hop: 1", "TE: trailers")
    version, _, token, host, target, test = said(reply)
    assert version == "HTTP/2.0"
    assert token == "Bearer fixed-token"
    assert host == f"127.0.0.1:{server.tls}"
    assert target == "/said?q=a%20b"
    assert test == "yes"
    assert reply.values("X-Twice") == ["one", "two"]


def test_bodyless(proxy):
    assert proxy.get(URL + "/none").status == 204
    head = proxy.fetch("HEAD", URL + "/files/mega")
    assert head.status == 200 and head.value("Content-Length") == str(1 << 20)
    seen = proxy.get(URL + "/files/mega").value("ETag")
    assert proxy.get(URL + "/files/mega", f"If-None-Match: {seen}").status == 304


def test_one_connection_carries_many(proxy):
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        replies = list(pool.map(lambda i: said(proxy.get(f"{URL}/said?{i}")), range(100)))
    assert {r[0] for r in replies} == {"HTTP/2.0"}
    assert sorted(r[4] for r in replies) == sorted(f"/said?{i}" for i in range(100))
    assert len({r[1] for r in replies}) == 1


@pytest.mark.parametrize("size", [0, 1, 100_000, 3_000_000])
@pytest.mark.parametrize("chunked", [False, True])
def test_uploads(proxy, size, chunked):
    body = bytes(i * 7 % 251 for i in range(1000)) * (size // 1000 + 1)
    body = body[:size]
    with Connection(proxy.port) as client:
        framing = ("Transfer-Encoding: chunked" if chunked else
                   f"Content-Length: {size}")
        client.send(f"POST {URL}/back/x HTTP/1.1\r\nHost: api.example.test\r\n"
                    f"{framing}\r\n\r\n")
        for at in range(0, size, 70_000):
            piece = body[at:at + 70_000]
            client.send(b"%x\r\n%s\r\n" % (len(piece), piece) if chunked else piece)
        if chunked:
            client.send(b"0\r\n\r\n")
        got = client.read_response("POST").json()
    assert got == {"method": "POST", "length": size,
                   "digest": hashlib.sha256(body).hexdigest()}


def test_a_slow_reader_holds_nobody_up(proxy):
    """One client stops reading in the middle of a large answer."""
    with Connection(proxy.port) as slow:
        slow.send(f"GET {URL}/files/big HTTP/1.1\r\nHost: api.example.test\r\n\r\n")
        head = slow.read_head()
        assert head.status == 200
        time.sleep(1)
        for i in range(20):
            began = time.monotonic()
            reply = proxy.get(f"{URL}/said?{i}")
            assert said(reply)[4] == f"/said?{i}"
            assert time.monotonic() - began < 2
        assert len(proxy.get(URL + "/files/mega").body) == 1 << 20
        with Connection(proxy.port) as other:
            other.send(f"GET {URL}/files/big HTTP/1.1\r\nHost: api.example.test\r\n\r\n")
            assert len(other.read_response().body) == 1 << 28
    assert said(proxy.get(URL + "/said"))[0] == "HTTP/2.0"


def test_slow_reader_reads_on(proxy):
    with Connection(proxy.port, timeout=60) as slow:
        slow.send(f"GET {URL}/files/big HTTP/1.1\r\nHost: api.example.test\r\n\r\n")
        time.sleep(1)
        assert len(slow.read_response().body) == 1 << 28


def test_client_that_leaves(proxy):
    for _ in range(5):
        with Connection(proxy.port) as client:
            client.send(f"GET {URL}/files/big HTTP/1.1\r\nHost: api.example.test\r\n\r\n")
            client.read_head()
    assert said(proxy.get(URL + "/said"))[0] == "HTTP/2.0"


def test_body_that_is_refused(bearerd, other_server, authority):
    server = other_server(max_body=1000)
    proxy = bearerd({"a": server.service(authority)}, {"workers": 1})
    for size in (10_000, 3_000_000):
        assert proxy.post(URL + "/back/x", b"x" * size).status == 413
        assert said(proxy.get(URL + "/said"))[0] == "HTTP/2.0"


def test_upstream_that_goes_away_again_and_again(bearerd, other_server, authority):
    """GOAWAY after each third request: each arrives once."""
    server = other_server(more="keepalive_requests 3;")
    proxy = bearerd({"a": server.service(authority)}, {"workers": 1})
    for _ in range(20):
        reply = proxy.post(URL + "/back/x", b"hello")
        assert reply.status == 200 and reply.json()["length"] == 5
    assert len(server.back.requests) == 20


def test_upstream_that_is_restarted(bearerd, other_server, authority):
    server = other_server()
    proxy = bearerd({"a": server.service(authority)}, {"workers": 1})
    assert proxy.post(URL + "/back/x", b"hello").status == 200
    for pid in server.nginx.workers():
        os.kill(pid, signal.SIGKILL)
    wait_for(lambda: len(server.nginx.workers()) == 1, 10, "another worker")
    wait_for(server.nginx.answers, 10, "nginx answering")
    assert said(proxy.get(URL + "/said"))[0] == "HTTP/2.0"


def test_auto(bearerd, server, authority):
    proxy = bearerd({
        "new": server.service(authority, http_version="auto", match="new.test"),
        "old": server.service(authority, server.old, http_version="auto",
                              match="old.test"),
        "plain": server.service(authority, server.nginx.port, "http",
                                http_version="auto", match="plain.test"),
        "one": server.service(authority, http_version=None, match="one.test")})
    for name, version in (("new", "HTTP/2.0"), ("old", "HTTP/1.1"),
                          ("plain", "HTTP/1.1"), ("one", "HTTP/1.1")):
        for _ in range(3):
            assert said(proxy.get(f"http://{name}.test/said"))[0] == version
        chunk = b"5\r\nhello\r\n0\r\n\r\n"
        with Connection(proxy.port) as client:
            client.send(f"POST http://{name}.test/back/ HTTP/1.1\r\nHost: {name}.test"
                        "\r\nTransfer-Encoding: chunked\r\n\r\n")
            client.send(chunk)
            assert client.read_response("POST").json()["length"] == 5


def test_prior_knowledge(bearerd, server, authority):
    proxy = bearerd({"a": server.service(authority, server.plain, "http")},
                    {"workers": 1})
    replies = [said(proxy.get(URL + "/said")) for _ in range(10)]
    assert {r[0] for r in replies} == {"HTTP/2.0"}
    with concurrent.futures.ThreadPoolExecutor(10) as pool:
        replies = list(pool.map(lambda _: proxy.post(URL + "/back/", b"hello"), range(30)))
    assert {r.json()["length"] for r in replies} == {5}


def test_upstream_without_http2(bearerd, server, authority):
    proxy = bearerd({"a": server.service(authority, server.old),
                     "b": server.service(authority, server.nginx.port, "http",
                                         match="plain.test")})
    for url in (URL, URL, "http://plain.test", "http://plain.test"):
        reply = proxy.get(url + "/said")
        assert reply.status == 502
        assert reply.error == "http_protocol_error", reply.body
        assert b"HTTP/2" in reply.body


def test_refused_connection_serves_nobody(bearerd, other_server, authority):
    """Its certificate is another's: not one of several requests goes out."""
    server = other_server(name="other.test")
    proxy = bearerd({"a": server.service(authority)}, {"workers": 1})
    with concurrent.futures.ThreadPoolExecutor(10) as pool:
        replies = list(pool.map(lambda i: proxy.get(URL + "/back/"), range(30)))
    assert {r.status for r in replies} == {502}
    assert {r.error for r in replies} == {"tls_certificate_error"}
    assert server.back.requests == []
