# SPDX-License-Identifier: MIT
"""Notices: what the program of notify and the URL of notify_url are told."""

import json
import os
import signal
import time
from datetime import datetime

import pytest

import login
from harness import wait_for
from test_compliance import GOOD, Odd, odd  # noqa: F401

URL = "http://api.example.test/x"
DAY = 24 * 3600
HOUR = 3600
REFUSED = {"error": "invalid_client"}
# All that a program gets beside what is told, and what its own shell adds.
ALLOWED = {"PATH", "HOME", "USER", "LOGNAME", "SHELL", "TMPDIR", "TZ", "LANG",
           "LANGUAGE", "DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY",
           "DBUS_SESSION_BUS_ADDRESS", "PWD", "OLDPWD", "SHLVL", "_"}


class Program:
    """A script that notes its environment and its words, and then does more."""

    def __init__(self, folder):
        self.path = folder / "tell-me"
        self.told = folder / "told"
        self.does()

    def does(self, *lines: str) -> None:
        new = self.path.with_suffix(".new")
        new.write_text("\n".join([
            "#!/bin/sh", f"one={self.told}.$$",
            '{ echo "PID=$$"; echo "WORDS=$#|$1|$2"; echo "IN=$(wc -c)"',
            '  echo "DESCRIPTORS=$(ls /proc/self/fd | tr "\\n" "-")"; env; echo --; } > $one',
            f"cat $one >> {self.told}; rm $one", *lines, ""]))
        new.chmod(0o755)
        new.rename(self.path)

    @property
    def notices(self) -> list[dict[str, str]]:
        text = self.told.read_text() if self.told.exists() else ""
        return [dict(line.split("=", 1) for line in part.splitlines() if "=" in line)
                for part in text.split("--\n")[:-1]]

    @property
    def events(self) -> list[str]:
        return [notice["BEARERD_EVENT"] for notice in self.notices]

    def wait(self, *events: str) -> dict[str, str]:
        """Until these were told, all in all, and no others; the last one."""
        try:
            wait_for(lambda: len(self.events) >= len(events), 30, f"{events}")
        finally:
            assert self.events == list(events)
        return self.notices[-1]


@pytest.fixture
def program(tmp_path) -> Program:
    return Program(tmp_path)


@pytest.fixture
def keys(bearerd, program) -> dict:
    return {"notify": program.path, "store": f"sqlite:{bearerd.folder}/state/t.db"}


def kill(proxy) -> None:
    """As a crash would: it has no time to put anything in order."""
    proxy.stopped = True
    proxy.end(signal.SIGKILL)


@pytest.mark.threads
def test_login(start, bearer, provider, browser, program, keys):
    """That it is needed, with where it begins; and that there was one."""
    proxy = start(proxy=keys)
    notice = program.wait("login_needed")
    assert notice["BEARERD_SERVICE"] == "a"
    assert notice["BEARERD_LOGIN_URL"] == login.login_url(proxy)
    assert notice["BEARERD_EXPIRES_AT"] == ""
    login.log_in(browser, proxy)
    notice = program.wait("login_needed", "session_recovered")
    assert notice["BEARERD_LOGIN_URL"] == ""
    bearer("logout", "a")
    program.wait("login_needed", "session_recovered", "login_needed")


@pytest.mark.parametrize("end", [lambda proxy: proxy.stop(), kill])
def test_restart_tells_nothing_again(start, bearer, provider, browser, program, keys, end):
    """Neither that it waits nor that it works."""
    proxy = start(proxy=keys)
    program.wait("login_needed")
    for _ in range(2):
        end(proxy)
        proxy = start(proxy=keys)
    login.log_in(browser, proxy)
    program.wait("login_needed", "session_recovered")
    end(proxy)
    proxy = start(proxy=keys)
    assert proxy.get(login.api_url()).status == 200
    bearer("refresh", "a")
    bearer("logout", "a")
    program.wait("login_needed", "session_recovered", "login_needed")


def test_login_that_nobody_was_told_of(start, provider, browser, program, keys):
    """Without notify for a while: what was told then is not what is."""
    proxy = start(proxy=keys)
    program.wait("login_needed")
    proxy.stop()
    proxy = start(proxy={"store": keys["store"]})
    login.log_in(browser, proxy)
    proxy.stop()
    start(proxy=keys)
    program.wait("login_needed", "session_recovered")


def test_failing_session(bearerd, bearer, odd, program, keys):  # noqa: F811
    """Once however often it fails, over restarts too; then that it works."""
    proxy = bearerd({"a": odd.service()}, keys)
    assert proxy.get(URL).status == 200
    odd.says(REFUSED, "401 Unauthorized")
    bearer("refresh", "a", status=1)
    notice = program.wait("session_failing")
    assert notice["BEARERD_LOGIN_URL"] == notice["BEARERD_EXPIRES_AT"] == ""
    bearer("refresh", "a", status=1)
    proxy.stop()
    proxy = bearerd({"a": odd.service()}, keys)
    bearer("refresh", "a", status=1)
    odd.says(GOOD)
    bearer("refresh", "a")
    program.wait("session_failing", "session_recovered")
    odd.says(REFUSED, "401 Unauthorized")
    bearer("refresh", "a", status=1)
    program.wait("session_failing", "session_recovered", "session_failing")


def test_order(bearerd, bearer, odd, program, keys):  # noqa: F811
    """One at a time of a session, however long that takes."""
    program.does("sleep 1")
    bearerd({"a": odd.service()}, keys)
    for _ in range(2):
        odd.says(REFUSED, "401 Unauthorized")
        bearer("refresh", "a", status=1)
        odd.says(GOOD)
        bearer("refresh", "a")
    program.wait(*["session_failing", "session_recovered"] * 2)


def test_login_that_ends(start, bearer, provider, browser, program, keys):
    """Once for each login, however its end moves; and for the next one."""
    provider.set(issue={"extra": {"refresh_expires_in": HOUR}, "rotate": True})
    proxy = start(proxy=keys, login_warning="2h")
    login.log_in(browser, proxy)
    told = ["login_needed", "session_recovered", "login_expires_soon"]
    notice = program.wait(*told)
    ends = datetime.fromisoformat(notice["BEARERD_EXPIRES_AT"].replace("Z", "+00:00"))
    assert HOUR - 300 < ends.timestamp() - time.time() <= HOUR + 2
    assert notice["BEARERD_LOGIN_URL"] == login.login_url(proxy)
    bearer("refresh", "a")
    proxy.stop()
    proxy = start(proxy=keys, login_warning="2h")
    bearer("refresh", "a")
    login.log_in(browser, proxy)
    told += ["login_expires_soon"]
    program.wait(*told)
    provider.set(issue={"extra": {"refresh_expires_in": 30 * DAY}})
    login.log_in(browser, proxy)
    bearer("logout", "a")
    program.wait(*told, "login_needed")


def test_environment(bearerd, start, provider, program, keys):
    """Nothing that may be a secret, no descriptor, no shell."""
    program.does()
    keys["notify"] = f"{program.path} $(id) *"
    bearerd.env.update({"API_KEY": "s3cret-of-others", "MY_SECRET": "s3cret-of-mine",
                        "DISPLAY": ":7", "BEARERD_EXPIRES_AT": "never"})
    start(proxy=keys, client_secret=None, client_secret_env="MY_SECRET")
    notice = program.wait("login_needed")
    assert "s3cret" not in program.told.read_text()
    assert notice["WORDS"] == "2|$(id)|*"
    assert notice["IN"] == "0"
    assert notice["DESCRIPTORS"] == "0-1-2-3-"  # its own three, and ls's folder
    assert notice["DISPLAY"] == ":7" and notice["BEARERD_EXPIRES_AT"] == ""
    for name in notice.keys() - {"PID", "WORDS", "IN", "DESCRIPTORS"}:
        assert name in ALLOWED or name.startswith(("BEARERD_", "LC_", "XDG_")), name


@pytest.mark.parametrize("lines, words", [
    (["echo oops >&2", "exit 3"], "ended with status 3.* stderr=oops"),
    (["kill -TERM $$"], "signal 15"),
    (["yes 0123456789"], "wrote more than it may"),
])
def test_program_that_fails(bearerd, odd, program, keys, lines, words):  # noqa: F811
    """The log says so; the session does not notice."""
    program.does(*lines)
    odd.says(REFUSED, "401 Unauthorized")
    proxy = bearerd({"a": odd.service()}, keys)
    assert proxy.get(URL).status == 502
    line = f"notify_failed service=a notice=session_failing key=notify reason=.*{words}"
    proxy.find(line, 30)
    odd.says(GOOD)
    wait_for(lambda: proxy.get(URL).status == 200, 60, "a token")
    program.wait("session_failing", "session_recovered")


def is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_program_that_hangs(bearerd, odd, program, keys, tmp_path):  # noqa: F811
    """It is ended with what it has started, and nobody waits for it."""
    program.does(f"sleep 600 & echo $! > {tmp_path}/child", "sleep 600")
    odd.says(REFUSED, "401 Unauthorized")
    proxy = bearerd({"a": odd.service(token_timeout="6s")}, keys)
    assert proxy.get(URL).status == 502
    program.wait("session_failing")
    odd.says(GOOD)
    wait_for(lambda: proxy.get(URL).status == 200, 60, "a token")
    proxy.find("notify_failed .*did not end in time", 30)
    pids = [int(program.notices[0]["PID"]), int((tmp_path / "child").read_text())]
    wait_for(lambda: not any(map(is_there, pids)), 30, "the end of both")


def test_program_that_is_not_there(bearerd, odd, keys, tmp_path):  # noqa: F811
    odd.says(REFUSED, "401 Unauthorized")
    proxy = bearerd({"a": odd.service()}, {**keys, "notify": f"{tmp_path}/none"})
    proxy.find("warning: notify: there is no program .*/none that may be run", 10)
    assert proxy.get(URL).status == 502
    proxy.find("notify_failed service=a .*cannot start .*/none", 10)


def test_program_that_others_can_write(bearerd, odd, program, keys):  # noqa: F811
    """From the start, or later."""
    text = "[proxy]\nnotify = {}\n[service a]\nupstream = https://a.test\n"
    program.path.chmod(0o777)
    done = bearerd.check(text.format(program.path))
    assert done.returncode == 1
    assert ":2: notify: " in done.stderr and "(strict_modes)" in done.stderr
    program.path.chmod(0o755)
    assert bearerd.check(text.format(program.path)).returncode == 0
    proxy = bearerd({"a": odd.service()}, keys)
    program.path.chmod(0o777)
    odd.says(REFUSED, "401 Unauthorized")
    assert proxy.get(URL).status == 502
    proxy.find("notify_failed service=a .*can be written by", 10)
    assert not program.events


def test_few_at_a_time(start, program, keys, tmp_path):
    """However many sessions have something to be told."""
    running = tmp_path / "running"
    running.mkdir()
    program.does(f"cd {running}; touch $$", f"ls | wc -l >> {tmp_path}/counts",
                 "sleep 1; rm $$")
    names = [f"s{i}" for i in range(10)]
    start(names=names, proxy=keys, token_timeout="60s")
    program.wait(*["login_needed"] * 10)
    assert sorted(notice["BEARERD_SERVICE"] for notice in program.notices) == names
    wait_for(lambda: len((tmp_path / "counts").read_text().split()) == 10, 30, "counts")
    assert max(map(int, (tmp_path / "counts").read_text().split())) <= 4


def test_stop_waits(start, program, keys):
    """A notice that is on its way arrives, and is not killed for the stop."""
    script = program.path.read_text().split("\n")
    program.path.write_text("\n".join([script[0], "sleep 4", *script[1:]]))
    proxy = start(proxy=keys)
    proxy.find("notify service=a notice=login_needed", 10)
    proxy.stop()
    assert program.events == ["login_needed"]


# --- notify_url ---

def secret_url(server) -> str:
    return f"{server.url}/hooks/s3cret-path?key=s3cret-query"


def receive(peer) -> None:
    while True:
        peer.read_request()
        peer.answer(b"", "204 No Content")


def test_url(start, bearer, upstream, browser, program, keys):
    """The same as the program, as JSON."""
    server = upstream(receive)
    proxy = start(proxy={**keys, "notify_url": secret_url(server),
                         "log_level": "debug"})
    program.wait("login_needed")
    wait_for(lambda: server.requests, 30, "a request")
    request = server.last
    assert request.line == "POST /hooks/s3cret-path?key=s3cret-query HTTP/1.1"
    assert request.value("Content-Type") == "application/json"
    assert request.value("Host") == server.url.removeprefix("http://")
    assert json.loads(request.body) == {
        "event": "login_needed", "service": "a", "login_url": login.login_url(proxy),
        "expires_at": None}
    login.log_in(browser, proxy)
    program.wait("login_needed", "session_recovered")
    wait_for(lambda: len(server.requests) == 2, 30, "another request")
    assert json.loads(server.last.body) == {
        "event": "session_recovered", "service": "a", "login_url": None,
        "expires_at": None}
    proxy.stop()
    assert "s3cret" not in proxy.stderr and "notify_failed" not in proxy.stderr


def redirects(peer) -> None:
    peer.read_request()
    peer.answer(b"", "307 Temporary Redirect", f"Location: {peer.server.url}/elsewhere")


def fails(peer) -> None:
    peer.read_request()
    peer.answer(b"", "500 Internal Server Error")


def hangs(peer) -> None:
    peer.read_request()
    peer.sock.recv(1)


def is_endless(peer) -> None:
    peer.read_request()
    peer.sock.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    try:
        while True:
            peer.sock.sendall(b"x" * 65536)
    except OSError:
        pass


@pytest.mark.parametrize("script, words", [
    (redirects, "status 307; redirects are not followed"), (fails, "status 500"),
    (hangs, ""), (is_endless, "")])
def test_url_that_fails(bearerd, odd, upstream, script, words):  # noqa: F811
    server = upstream(script)
    odd.says(REFUSED, "401 Unauthorized")
    proxy = bearerd({"a": odd.service(token_timeout="3s")},
                    {"notify_url": secret_url(server), "log_level": "debug"})
    assert proxy.get(URL).status == 502
    proxy.find(f"notify_failed service=a notice=session_failing key=notify_url "
               f"reason=.*{words}", 30)
    assert len(server.requests) == 1
    odd.says(GOOD)
    wait_for(lambda: proxy.get(URL).status == 200, 60, "a token")
    proxy.stop()
    assert "s3cret" not in proxy.stderr


def test_url_that_is_not_there(bearerd, odd, upstream):  # noqa: F811
    odd.says(REFUSED, "401 Unauthorized")
    proxy = bearerd({"a": odd.service()}, {"notify_url": "http://127.0.0.1:1/x"})
    assert proxy.get(URL).status == 502
    proxy.find("notify_failed service=a .* key=notify_url", 30)


def test_url_of_nobody_known(bearerd, odd, upstream, authority):  # noqa: F811
    """The system's authorities are believed, and no others."""
    server = upstream(receive, tls=authority.context("127.0.0.1"))
    odd.says(REFUSED, "401 Unauthorized")
    proxy = bearerd({"a": odd.service()}, {"notify_url": secret_url(server)})
    assert proxy.get(URL).status == 502
    proxy.find("notify_failed service=a .* key=notify_url reason=.*certificate", 30)
    assert not server.requests


# --- the configuration ---

def check(bearerd, line: str):
    return bearerd.check(f"[proxy]\n{line}\n[service a]\nupstream = https://a.test\n")


@pytest.mark.parametrize("line, words", [
    ("notify = tell-me", "absolute path of a program"),
    ("notify =", "has no value"),
    ("notify_url = http://hooks.example.com/s3cret", "only a loopback address may be http"),
    ("notify_url = https://me:s3cret@hooks.example.com/", "must not hold a user"),
    ("notify_url = https://hooks.example.com/#s3cret", "fragment"),
    ("notify_url = ftp://hooks.example.com/s3cret", "must be a URL such as"),
])
def test_check_refuses(bearerd, line, words):
    done = check(bearerd, line)
    assert done.returncode == 1
    assert ":2: notify" in done.stderr and words in done.stderr
    assert "s3cret" not in done.stderr


@pytest.mark.parametrize("url", [
    "https://hooks.example.com/x?y", "http://127.0.0.1:9/", "http://[::1]/x",
    "http://localhost:9/x"])
def test_check_takes(bearerd, url):
    done = check(bearerd, f"notify_url = {url}")
    assert (done.returncode, done.stderr) == (0, "")


def test_check_warns(bearerd):
    """What is not there may be installed later."""
    done = check(bearerd, "notify = /usr/local/bin/there-is-no-such")
    assert done.returncode == 0
    assert ":2: warning: notify: there is no program" in done.stderr
