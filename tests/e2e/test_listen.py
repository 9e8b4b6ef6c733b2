# SPDX-License-Identifier: MIT
"""Where bearerd listens: Unix sockets, IPv6."""

import os
import signal
import socket
import stat
import subprocess
import time

import pytest

import rawclient
from harness import Process, binary, free_port, static, wait_for
from rawclient import Connection

URL = "http://api.example.test/x"


@pytest.fixture
def folder(tmp_path_factory):
    """Of a short name: a socket's path has 107 bytes."""
    path = tmp_path_factory.mktemp("s")
    assert len(str(path)) < 90
    return path


def listening(folder):
    """On the socket beside the port that the tests wait for."""
    return {"listen": ["127.0.0.1:0", f"unix:{folder}/s"]}


def over(path, data: str) -> bytes:
    with socket.socket(socket.AF_UNIX) as sock:
        sock.settimeout(10)
        sock.connect(str(path))
        sock.sendall(data.encode())
        answer = b""
        while piece := sock.recv(65536):
            answer += piece
        return answer


def curl(path, *arguments: str) -> str:
    return subprocess.run(["curl", "-sS", "--max-time", "20", "--unix-socket",
                           str(path), *arguments], check=True, timeout=30,
                          stdout=subprocess.PIPE, encoding="utf-8").stdout


def test_unix_socket(bearerd, upstream, folder):
    server = upstream()
    proxy = bearerd({"a": static(server.url)}, listening(folder))
    proxy.find(rf"listening address=unix:{folder}/s$", 5)
    path = folder / "s"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert '"GET /by/path HTTP/1.1"' in curl(path, "http://localhost/a/by/path")
    assert '"GET /x HTTP/1.1"' in curl(path, URL)
    answer = over(path, f"GET {URL}?absolute HTTP/1.1\r\nHost: api.example.test\r\n"
                  "Connection: close\r\n\r\n")
    assert b'"GET /x?absolute HTTP/1.1"' in answer
    answer = over(path, "GET /a/no/host HTTP/1.0\r\n\r\n")
    assert b'"GET /no/host HTTP/1.1"' in answer
    assert server.last.value("Authorization") == "Bearer fixed-token"
    assert b" 421 " in over(path, "GET /a/ HTTP/1.1\r\nHost: evil.test\r\n"
                            "Connection: close\r\n\r\n")[:20]
    answer = over(path, "GET /-/health HTTP/1.1\r\nHost: localhost\r\n"
                  "Connection: close\r\n\r\n")
    assert b" 200 " in answer[:20]
    proxy.stop()
    assert not path.exists()


def test_unix_socket_and_all_workers(bearerd, upstream, folder):
    """One socket, whose connections they share."""
    proxy = bearerd({"a": static(upstream().url)}, {**listening(folder), "workers": 4})
    held = []
    for _ in range(200):
        sock = socket.socket(socket.AF_UNIX)
        sock.settimeout(10)
        sock.connect(str(folder / "s"))
        sock.sendall(b"GET /-/health/live HTTP/1.1\r\nHost: localhost\r\n\r\n")
        held.append(sock)
    for sock in held:
        assert sock.recv(65536).startswith(b"HTTP/1.1 200")
        sock.close()
    proxy.stop()


def test_unix_socket_with_large_bodies(bearerd, upstream, folder, tmp_path):
    server = upstream()
    bearerd({"a": static(server.url)}, listening(folder))
    body = os.urandom(3_000_000)
    (tmp_path / "body").write_bytes(body)
    curl(folder / "s", "--data-binary", f"@{tmp_path}/body", URL)
    assert server.last.body == body


def test_unix_socket_has_no_address(bearerd, upstream, folder):
    """Its mode says who may connect, not allow_from."""
    bearerd({"a": static(upstream().url)},
            {**listening(folder), "allow_from": "10.0.0.0/8 127.0.0.0/8"})
    assert '"GET /x HTTP/1.1"' in curl(folder / "s", URL)


def test_unix_socket_that_was_left_is_replaced(bearerd, upstream, folder):
    first = bearerd({"a": static(upstream().url)}, listening(folder))
    first.process.send_signal(signal.SIGKILL)
    first.process.wait()
    first.stopped = True
    assert (folder / "s").exists()
    bearerd({"a": static(upstream().url)}, listening(folder))
    assert '"GET /x HTTP/1.1"' in curl(folder / "s", URL)


def test_unix_socket_that_is_in_use(bearerd, upstream, folder):
    bearerd({"a": static(upstream().url)}, listening(folder))
    words = bearerd.refused({"a": static(upstream().url)}, listening(folder))
    assert f"{folder}/s" in words and "in use" in words
    assert '"GET /x HTTP/1.1"' in curl(folder / "s", URL)


@pytest.mark.parametrize("kind", ["unix", "tcp"])
def test_many_start_at_once(bearerd, upstream, folder, kind):
    """One of them gets the address, and keeps it; the others say that it is in
    use. A socket's file was left by one that was killed."""
    address = f"127.0.0.1:{free_port()}"
    if kind == "unix":
        address = f"unix:{folder}/s"
        with socket.socket(socket.AF_UNIX) as left:
            left.bind(f"{folder}/s")
    server = upstream()
    starts = [Process([binary(), "run", "-c", str(bearerd.write(
        {"a": static(server.url)}, {"listen": address, "control": f"{folder}/{n}"},
        name=f"{n}.ini"))], bearerd.env) for n in range(6)]
    try:
        wait_for(lambda: sum(one.process.poll() is None for one in starts) <= 1, 30,
                 "the end of all but one")
        [winner] = [one for one in starts if one.process.poll() is None]
        winner.find("info started", 30)
        for one in starts:
            if one is not winner:
                assert one.end() == 1
                assert f"{address} is in use" in one.stderr
        if kind == "unix":
            assert '"GET /x HTTP/1.1"' in curl(folder / "s", URL)
        else:
            assert rawclient.get(int(address.partition(":")[2]), URL).status == 200
        assert winner.end() == 0
        assert not (folder / "s").exists()
    finally:
        for one in starts:
            one.process.kill()


def test_path_is_free_while_it_drains(bearerd, upstream, folder):
    """Another one takes the path over; the first, which still has a client,
    leaves it alone in the end."""
    def slow(peer):
        peer.read_request()
        time.sleep(2)
        peer.answer(b"late")

    first = bearerd({"a": static(upstream(slow).url)}, listening(folder))
    with first.connect() as client:
        client.request("GET", URL)
        time.sleep(0.3)
        first.process.terminate()
        wait_for(lambda: not (folder / "s").exists(), 10, "the path's removal")
        bearerd({"a": static(upstream().url)},
                {**listening(folder), "control": f"{folder}/c"})
        assert client.read_response().body == b"late"
    assert first.process.wait(20) == 0
    first.stopped = True
    assert '"GET /x HTTP/1.1"' in curl(folder / "s", URL)


def test_file_in_its_place(bearerd, upstream, folder):
    (folder / "s").write_text("precious")
    words = bearerd.refused({"a": static(upstream().url)}, listening(folder))
    assert f"{folder}/s" in words
    assert (folder / "s").read_text() == "precious"


def test_unix_socket_alone(bearerd, upstream, folder):
    config = bearerd.write({"a": static(upstream().url)},
                           {"listen": f"unix:{folder}/s"})
    process = Process([binary(), "run", "-c", str(config)], bearerd.env)
    try:
        process.find("info started", 30)
        assert '"GET /x HTTP/1.1"' in curl(folder / "s", URL)
    finally:
        assert process.end() == 0


class Connection6(Connection):
    """To ::1."""

    def __init__(self, port: int):
        self.sock = socket.create_connection(("::1", port), 10)
        self.buffer = b""


def test_ipv6(bearerd, upstream):
    server = upstream()
    proxy = bearerd({"a": static(server.url)},
                    {"listen": ["127.0.0.1:0", "[::1]:0"]})
    port = int(proxy.find(r"listening address=\[::1\]:(\d+)$", 5).group(1))
    with Connection6(port) as connection:
        for host in (f"[::1]:{port}", "[::1]", "[0:0:0:0:0:0:0:1]", "localhost"):
            connection.request("GET", "/a/by/path", host=host)
            assert connection.read_response().status == 200
            assert server.last.target == "/by/path"
        connection.request("GET", f"http://[::1]:{port}/a/absolute")
        assert connection.read_response().status == 200
        assert server.last.target == "/absolute"
        connection.request("GET", URL)
        assert connection.read_response().status == 200
        connection.request("GET", "/a/", host="[::2]")
        assert connection.read_response().status == 421
    with socket.create_connection(("127.0.0.1", proxy.port)) as sock:
        assert sock  # and both at once


@pytest.mark.parametrize("free", [True, False])
def test_localhost_in_both_families(bearerd, upstream, free):
    """Whichever address a client takes localhost for."""
    port = 0 if free else free_port()
    server = upstream()
    proxy = bearerd({"a": static(server.url)}, {"listen": f"localhost:{port}"})
    six = int(proxy.find(r"listening address=\[::1\]:(\d+)$", 5).group(1))
    assert six == proxy.port and port in (0, six)
    assert proxy.get("/a/four").status == 200
    with Connection6(six) as connection:
        connection.request("GET", "/a/six", host=f"localhost:{six}")
        assert connection.read_response().status == 200
    assert [seen.target for seen in server.requests] == ["/four", "/six"]


def test_localhost_is_taken_in_one_family(bearerd, upstream):
    """Half of it would send half of the clients to another program."""
    with socket.socket(socket.AF_INET6) as other:
        other.bind(("::1", 0))
        other.listen()
        port = other.getsockname()[1]
        words = bearerd.refused({"a": static("https://a.example.test")},
                                {"listen": f"localhost:{port}"})
    assert f"[::1]:{port} is in use" in words


def test_ipv6_upstream_and_match(bearerd, upstream):
    server = upstream(host="::1")
    proxy = bearerd({"a": static(server.url, match=["[2001:db8::1]:8080/v1",
                                                    "api.example.test"])})
    assert proxy.get(URL).status == 200
    assert server.last.value("Host") == f"[::1]:{server.port}"
    assert proxy.get("http://[2001:DB8:0::1]:8080/v1/x").status == 200
    assert server.last.target == "/x"
    assert proxy.get("/v1/y", host="[2001:db8::1]:8080").status == 200
    assert server.last.target == "/y"
    assert proxy.get("http://[2001:db8::1]/v1/x").status == 403
    for bad in ("http://2001:db8::1/", "http://[2001:db8::1/", "http://[::g]/"):
        assert proxy.get(bad, host="api.example.test").status == 400
