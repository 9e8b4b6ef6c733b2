# SPDX-License-Identifier: MIT
"""The control socket: where it is, who may use it, and what comes in by it."""

import contextlib
import json
import os
import pwd
import signal
import socket
import stat
import subprocess
import tempfile
import threading
import time
from pathlib import Path

import pytest

import harness
from commands import dial, error_of, hear, state
from harness import wait_for

URL = "http://api.example.test/x"
LINE_MAX = 64 * 1024


def test_no_daemon(bearerd, provider, bearer):
    bearerd.write({"api": provider.service()})
    for words in (["status"], ["token", "api"], ["refresh", "api"],
                  ["logout", "api"], ["login", "api"]):
        said = bearer(*words, status=1)
        assert "not running" in said
        assert f"{bearerd.folder}/run/control.sock" in said
        assert "bearerd run -c" in said
        assert said.count("\n") == 1


def test_configuration_that_cannot_be_read(bearerd, bearer):
    assert "bearerd.ini" in bearer("status", status=1)


def test_mistakes_are_told_where_no_daemon_is(bearerd, provider, bearer):
    """They may be why. Where one is, what the services lack is its business:
    it had the variables."""
    bearerd({"api": provider.service(client_secret=None,
                                     client_secret_env="OF_THE_DAEMON")},
            env={"OF_THE_DAEMON": "demo-secret"}).get(URL)
    assert state(bearer, "api") == "ready"
    bearerd.write({"api": provider.service()}, {"contrl": "x", "control": "/no/s"})
    said = bearer("status", status=1)
    assert "contrl" in said and "not running" in said and "/no/s" in said


def test_control_key(bearerd, provider, bearer):
    """Relative to its file; its folder is made."""
    bearerd({"api": provider.service()}, {"control": "deep/er/c.sock"})
    path = bearerd.folder / "deep" / "er" / "c.sock"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert state(bearer, "api") == "idle"
    assert not (bearerd.folder / "run" / "control.sock").exists()


def test_path_that_is_too_long(bearerd, provider, bearer):
    long = f"{bearerd.folder}/{'x' * 100}"
    said = bearerd.refused({"api": provider.service()}, {"control": long})
    assert "control = " in said and "107" in said
    said = bearer("status", status=1)
    assert "control = " in said and "107" in said


def test_file_in_its_place(bearerd, provider):
    path = bearerd.folder / "run" / "control.sock"
    path.write_text("precious")
    said = bearerd.refused({"api": provider.service()})
    assert str(path) in said and "control" in said
    assert path.read_text() == "precious"


def test_stale_socket_is_replaced(bearerd, provider, bearer):
    proxy = bearerd({"api": provider.service()})
    proxy.stopped = True
    proxy.end(signal.SIGKILL)
    path = bearerd.folder / "run" / "control.sock"
    assert path.exists()
    assert "not running" in bearer("status", status=1)
    proxy = bearerd({"api": provider.service()})
    assert state(bearer, "api") == "idle"
    proxy.stop()
    assert not path.exists()


def test_live_socket_refuses_a_second_start(bearerd, provider, bearer):
    bearerd({"api": provider.service()})
    said = bearerd.refused({"api": provider.service()})
    assert "control.sock is in use" in said
    assert state(bearer, "api") == "idle"


def test_socket_of_another_is_left(bearerd, provider):
    proxy = bearerd({"api": provider.service()})
    path = bearerd.folder / "run" / "control.sock"
    path.unlink()
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(str(path))
        proxy.stop()
        assert path.exists()


ASK = r"""
import socket, sys
sock = socket.socket(socket.AF_UNIX)
sock.settimeout(20)
try:
    sock.connect(sys.argv[1])
except PermissionError:
    print("EACCES")
    sys.exit()
try:
    sock.sendall(b'{"command":"status"}\n')
except BrokenPipeError:
    pass  # turned away already
print(sock.recv(65536).decode())
"""


def test_other_users(bearerd, provider):
    """The file's mode keeps them out; and where that is changed, the daemon
    does."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        os.chmod(folder, 0o755)
        path = f"{folder}/c.sock"
        proxy = bearerd({"api": provider.service()}, {"control": path})
        assert stat.S_IMODE(os.stat(path).st_mode) == 0o600

        def ask(**who) -> str:
            return subprocess.run([harness.PYTHON, "-c", ASK, path], timeout=60,
                                  stdout=subprocess.PIPE, encoding="utf-8",
                                  check=True, cwd="/", **who).stdout

        assert '"session"' in ask()
        if os.geteuid() == 0:
            nobody = {"user": "nobody", "group": "nogroup", "extra_groups": []}
            assert ask(**nobody) == "EACCES\n"
            os.chmod(path, 0o666)
            said = ask(**nobody)
            assert "only the user" in said and "api" not in said
            assert proxy.find("warning control_refused", 5)
        assert '"session"' in ask()
        proxy.stop()


IMPOSTOR = """
import contextlib, socket, sys
listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[1])
listener.listen(8)
print("ready", flush=True)
while True:
    peer, _ = listener.accept()
    with contextlib.suppress(OSError):
        peer.recv(4096)
        peer.sendall(sys.argv[2].encode() + b"\\n")
    peer.close()
"""
END = '{"event":"end","error":null}'


@contextlib.contextmanager
def impostor(path: Path, *events: str, **who):
    """Something else that listens there, and answers each with these events."""
    process = subprocess.Popen(
        [harness.PYTHON, "-c", IMPOSTOR, str(path), "\n".join([*events, END])],
        stdout=subprocess.PIPE, cwd="/", **who)
    try:
        assert process.stdout.readline() == b"ready\n"
        yield
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def test_whom_root_believes(bearerd, provider, bearer):
    """Root and whoever owns the configuration, but nobody else who holds the
    socket's path; other users believe themselves and root."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        os.chmod(folder, 0o777)
        path = Path(folder, "c.sock")
        config = bearerd.write({"api": provider.service()}, {"control": path})
        with impostor(path):
            assert bearer("status") == ""
        path.unlink()
        if os.geteuid() != 0:
            return
        nobody = {"user": "nobody", "group": "nogroup", "extra_groups": []}
        with impostor(path, **nobody):
            said = bearer("status", status=1)
            assert "does not own the configuration" in said
            assert str(pwd.getpwnam("nobody").pw_uid) in said
            os.chown(config, pwd.getpwnam("nobody").pw_uid, -1)
            assert bearer("status") == ""


@pytest.mark.parametrize("event, word", [
    ('{"event":"token","access_token":"a\\u001b]0;x\\u0007"}', "not an access token"),
    ('{"event":"token","access_token":"a\\u009bx"}', "not an access token"),
    ('{"event":"token","access_token":""}', "not an access token"),
    ('{"event":"token","access_token":5}', "not an access token"),
])
def test_token_that_is_none(bearerd, provider, bearer, event, word):
    """It is printed as it is, and must steer no terminal."""
    bearerd.write({"api": provider.service()})
    with impostor(bearerd.folder / "run" / "control.sock", event):
        said = bearer("token", "api", status=1)
        assert word in said and "\x1b" not in said


@pytest.mark.parametrize("request_, words", [
    (b"\n", "JSON object"),
    (b"nonsense\n", "JSON object"),
    (b"[]\n", "JSON object"),
    (b'"status"\n', "JSON object"),
    (b'{"command":"status"\n', "JSON object"),
    (b'{"command":"status"}{}\n', "JSON object"),
    (b'{"command":"status","command":"token"}\n', "JSON object"),
    (b'{"command":"\xff"}\n', "JSON object"),
    (b'{}\n', "a command"),
    (b'{"command":""}\n', "a command"),
    (b'{"command":1}\n', "command must be a string"),
    (b'{"command":"status","service":null}\n', "service must be a string"),
    (b'{"command":"status","more":1}\n', "no such member"),
    (b'{"command":"status","line":"x"}\n', "nothing else"),
    (b'{"line":"x"}\n', "nothing is to be typed in now"),
    (b'{"command":"dance"}\n', "two versions"),
    (b'{"command":"token"}\n', "needs the name of a service"),
    (b'{"command":"login","service":"api","way":"foot"}\n', "device or import"),
    (b'{"command":"token","service":"slow"}\n{"command":"status"}\n', "one request"),
    (b'{"command":"token","service":"slow"}\n{"line":"x"}\n', "typed in now"),
    (b"x" * (LINE_MAX + 1), "longer than"),
    (b"x" * (LINE_MAX + 1) + b"\n", "longer than"),
    (b"[" * LINE_MAX + b"\n", "JSON object"),
    (b'{"command":"' + b"x" * (LINE_MAX - 14) + b'"}\n', "two versions"),
    (b'{"command":"token","service":"' + b"x" * 60000 + b'"}\n', "no service"),
    (b"\0" * 200000, "longer than"),
], ids=lambda value: repr(value)[:40] if isinstance(value, bytes) else "")
def test_what_is_no_request(bearerd, provider, bearer, request_, words):
    provider.set(plan=[{"delay": 1}])
    proxy = bearerd({"api": provider.service(),
                     "slow": provider.service(match="slow.test")})
    assert words in error_of(bearerd.folder, request_)
    assert state(bearer, "api") == "idle"
    assert proxy.health("live").status == 200


def test_request_in_pieces(bearerd, provider):
    bearerd({"api": provider.service()})
    with dial(bearerd.folder) as sock:
        for octet in b'{"command" :"status"}\r\n':
            sock.send(bytes([octet]))
            time.sleep(0.005)
        events = hear(sock)
    assert [event["event"] for event in events] == ["session", "end"]
    assert events[-1]["error"] is None


def test_silent_and_slow_peers(bearerd, provider, bearer):
    """They are let go after ten seconds, and disturb nobody meanwhile."""
    bearerd({"api": provider.service()})
    with dial(bearerd.folder) as silent, dial(bearerd.folder) as slow:
        slow.send(b'{"command"')
        assert state(bearer, "api") == "idle"
        began = time.monotonic()
        assert "within 10 s" in hear(silent)[-1]["error"]
        assert 8 < time.monotonic() - began < 15
        assert "within 10 s" in hear(slow)[-1]["error"]


def test_client_that_leaves(bearerd, provider, bearer):
    """Its wait is over, what it asked for goes on."""
    provider.set(plan=[{"delay": 1}])
    proxy = bearerd({"api": provider.service()})
    for command in ("token", "refresh", "logout"):
        with dial(bearerd.folder) as sock:
            sock.sendall(json.dumps({"command": command, "service": "api"})
                         .encode() + b"\n")
    wait_for(lambda: "logged_out" in proxy.stderr, 10, "the logout")
    assert proxy.health("live").status == 200
    assert provider.token_count == 1
    assert state(bearer, "api") == "idle"


def test_signs_of_life(bearerd, provider):
    """While a token request takes long."""
    provider.set(plan=[{"delay": 7}])
    bearerd({"api": provider.service()})
    with dial(bearerd.folder) as sock:
        sock.sendall(b'{"command":"token","service":"api"}\n')
        events = [event["event"] for event in hear(sock)]
    assert events == ["waits", "token", "end"]


def test_more_clients_than_there_is_room_for(bearerd, provider, bearer):
    bearerd({"api": provider.service()})
    crowd = [dial(bearerd.folder) for _ in range(60)]
    try:
        said = [hear(sock)[-1]["error"] for sock in crowd[48:]]
        assert all("too many" in text for text in said)
        assert "too many" in bearer("status", status=1)
    finally:
        for sock in crowd:
            sock.close()
    wait_for(lambda: state(bearer, "api") == "idle", 5, "room")


def test_many_clients_at_once(bearerd, provider, bearer):
    bearerd({"api": provider.service()})
    said: list[str] = []
    threads = [threading.Thread(target=lambda: said.append(bearer("status")))
               for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(said) == 20 and len(set(said)) == 1


def test_daemon_that_stands_still(bearerd, provider, bearer):
    proxy = bearerd({"api": provider.service()})
    proxy.process.send_signal(signal.SIGSTOP)
    try:
        assert "does not answer" in bearer("status", status=1)
    finally:
        proxy.process.send_signal(signal.SIGCONT)
    assert state(bearer, "api") == "idle"


def test_daemon_that_ends_meanwhile(bearerd, provider, bearer):
    provider.set(plan=[{"delay": 5}])
    proxy = bearerd({"api": provider.service()})
    said: list[str] = []
    waiting = threading.Thread(
        target=lambda: said.append(bearer("token", "api", status=1)))
    waiting.start()
    wait_for(lambda: provider.state()["token"]["in_flight"] == 1, 5, "asked")
    proxy.stop()
    waiting.join()
    assert "ended" in said[0]


@pytest.mark.parametrize("answer, words", [
    (b"HTTP/1.1 400 Bad Request\r\n\r\n", "of this version"),
    (b'{"event":1}\n', "of this version"),
    (b"", "ended"),
    (b'{"event":"session"', "ended"),
    (b'{"event":"later"}\n{"event":"end","error":"as\\u001b it is"}\n', "as? it is"),
])
def test_something_else_at_the_socket(bearerd, provider, bearer, answer, words):
    bearerd.write({"api": provider.service()})
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(str(bearerd.folder / "run" / "control.sock"))
        other.listen(1)

        def serve() -> None:
            peer, _ = other.accept()
            peer.recv(4096)
            peer.sendall(answer)
            peer.close()

        server = threading.Thread(target=serve)
        server.start()
        assert words in bearer("status", status=1)
        server.join()
