# SPDX-License-Identifier: MIT
"""bearerd login: what it shows, what it opens, what is typed in, and how it
ends."""

import contextlib
import json
import os
import pty
import re
import resource
import signal
import subprocess
import threading
import time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

import harness
from commands import dial, hear, session, state
from harness import wait_for
from login import api_url, register as expects, service as people
from test_control import impostor
from test_device import GRANT, device

URL = api_url()


class Login:
    """bearerd login as a process; its standard output as it comes."""

    def __init__(self, bearerd, *words: str, stdin=subprocess.PIPE, env=None):
        self.process = subprocess.Popen(
            [harness.binary(), "login", *words, "-c",
             str(bearerd.folder / "bearerd.ini")],
            env={**bearerd.env, **(env or {})}, stdin=stdin,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8")
        self.out = ""
        self.err = ""
        self.readers = [threading.Thread(target=self._collect, args=each, daemon=True)
                        for each in ((self.process.stdout, "out"),
                                     (self.process.stderr, "err"))]
        for reader in self.readers:
            reader.start()

    def _collect(self, stream, name: str) -> None:
        for line in stream:
            setattr(self, name, getattr(self, name) + line)

    def find(self, pattern: str) -> str:
        wait_for(lambda: re.search(pattern, self.out) or
                 self.process.poll() is not None, 10, pattern)
        found = re.search(pattern, self.out)
        assert found, (self.out, self.err)
        return found.group(1)

    def address(self) -> str:
        return self.find(r"\n    (http\S+)\n")

    def type(self, line: str) -> None:
        self.process.stdin.write(line)
        self.process.stdin.flush()

    def end(self, status: int = 0) -> str:
        """What it said last."""
        ended = self.process.wait(30)
        for reader in self.readers:
            reader.join(5)
        assert ended == status, (ended, self.out, self.err)
        if status == 0:
            return self.out
        return self.err


@pytest.fixture
def login(bearerd):
    started = []

    def begin(*words, **options) -> Login:
        started.append(Login(bearerd, *words, **options))
        return started[-1]

    yield begin
    for one in started:
        if one.process.poll() is None:
            one.process.kill()
        one.process.wait()


@pytest.fixture
def proxy(bearerd, provider):
    process = bearerd({"a": people(provider, scope="read")})
    expects(provider, process)
    return process


# --- by browser ---

def test_browser(proxy, login, browser, bearer, provider):
    command = login("a")
    address = command.address()
    assert address.startswith(f"http://127.0.0.1:{proxy.port}/-/login/a?")
    assert "good for 9m" in command.find(r"(It is good for .*)\n") or \
        "good for 10m" in command.out
    assert command.process.poll() is None
    visit = browser.login(address)
    assert "is logged in" in visit.response.text
    assert "[service a] is logged in" in command.end()
    assert state(bearer, "a") == "ready"
    assert session(bearer, "a")["scope"] == "read"
    assert proxy.get(URL).status == 200
    assert bearer("token", "a").strip() in provider.issued
    # Once.
    assert browser.fresh().open(address).status_code != 200
    assert bearer("refresh", "a")
    assert bearer("logout", "a")
    assert state(bearer, "a") == "waiting_for_login"
    assert "log in" in bearer("token", "a", status=1)


def test_whose_account_it_is_and_until_when(bearerd, provider, login, browser,
                                             bearer):
    """As far as that is known."""
    proxy = bearerd({"a": people(provider, scope="read openid")})
    expects(provider, proxy, scope="read openid")
    provider.set(issue={"extra": {"refresh_expires_in": 86400}})
    command = login("a")
    browser.login(command.address())
    assert re.search(r"\[service a\] is logged in as alice, until "
                     r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", command.end())
    [told] = json.loads(bearer("status", "a", "--json"))
    assert told["subject"] == "alice" and told["login_expires_at"]


def test_same_account_keeps_its_refresh_token(bearerd, provider, login, browser,
                                              bearer):
    """Some servers give one only the first time."""
    proxy = bearerd({"a": people(provider, scope="read openid")})
    expects(provider, proxy, scope="read openid")
    secrets = {"alice": "wonderland", "bob": "builder"}
    for refresh, user in ((True, "alice"), (False, "alice"), (False, "bob")):
        provider.set(issue={"refresh": refresh, "extra": {}})
        command = login("a")
        browser.fresh().login(command.address(), user, secrets[user])
        assert f"is logged in as {user}" in command.end()
        bearer("refresh", "a", status=1 if user == "bob" else 0)


def test_log_says_whose_command_it_was(bearerd, provider, login, browser, elsewhere):
    proxy = bearerd({"a": people(provider, redirect_uri=elsewhere)})
    command = login("a", "--paste")
    command.type(consent(provider, command.address()) + "\n")
    command.end()
    assert f'from="uid {os.geteuid()}" ' in proxy.find("logged_in service=a .*",
                                                       5).group(0)


def test_denied_by_the_person(proxy, login, browser, bearer):
    command = login("a")
    browser.login(command.address(), approve=False)
    said = command.end(1)
    assert "access_denied" in said and said.count("\n") == 1
    assert state(bearer, "a") == "waiting_for_login"


def test_refused_without_a_state(proxy, login, browser, bearer):
    """Whom the server means is not said: the command hears of it, and waits
    on."""
    command = login("a")
    browser._send("GET", command.address(), None)
    refusal = "error=access_denied&error_description=not+today"
    reply = requests.get(f"{proxy.url}/-/callback/a?{refusal}", timeout=30)
    assert reply.status_code == 400 and "access_denied: not today" in reply.text
    wait_for(lambda: "access_denied: not today" in command.err, 10, "the word")
    assert "still waits" in command.err
    assert command.process.poll() is None
    browser.fresh().login(f"{proxy.url}/-/login/a")
    wait_for(lambda: state(bearer, "a") == "ready", 10, "another login")
    assert command.process.poll() is None


def test_several_at_once(proxy, login, browser, bearer):
    commands = [login("a") for _ in range(4)]
    addresses = [command.address() for command in commands]
    assert len(set(addresses)) == 4
    for n in (2, 0, 3):
        browser.fresh().login(addresses[n])
        assert "is logged in" in commands[n].end()
    assert commands[1].process.poll() is None


def test_interrupted(proxy, login, browser, bearer):
    """The command ends, and the address that it has shown works still."""
    command = login("a")
    address = command.address()
    command.process.send_signal(signal.SIGINT)
    assert command.process.wait(5) == -signal.SIGINT
    browser.login(address)
    wait_for(lambda: state(bearer, "a") == "ready", 5, "the login")


def test_daemon_that_ends_meanwhile(proxy, login):
    command = login("a")
    command.address()
    proxy.stop()
    assert "shutting down" in command.end(1)


def test_what_waits_goes_on(proxy, login, browser):
    """Logging in again repairs a session without a restart."""
    assert proxy.get(URL).status == 503
    browser.login(login("a").address())
    wait_for(lambda: proxy.get(URL).status == 200, 5, "the login")


RECORD = """#!/bin/sh
ulimit -S -c >{folder}/core
printf '%s\\n' "$@" >{folder}/asked.new
mv {folder}/asked.new {folder}/asked
"""


@pytest.mark.parametrize("terminal, words, opened", [
    (True, [], True), (True, ["--no-browser"], False), (False, [], False)])
def test_browser_that_is_opened(bearerd, proxy, login, browser, terminal, words,
                                opened):
    program = bearerd.folder / "browser"
    program.write_text(RECORD.format(folder=bearerd.folder))
    program.chmod(0o755)
    asked = bearerd.folder / "asked"
    env = {**bearerd.env, "BROWSER": f"/no/such/program:{program}"}
    if not terminal:
        command = login("a", env=env)
        address = command.address()
    else:
        ours, theirs = pty.openpty()
        process = subprocess.Popen(
            [harness.binary(), "login", *words, "a", "-c",
             str(bearerd.folder / "bearerd.ini")], env=env, stdin=theirs,
            stdout=theirs, stderr=theirs, start_new_session=True)
        os.close(theirs)
        address = address_on(ours)
    if opened:
        wait_for(asked.exists, 10, "the browser")
        [ticket] = parse_qs(urlsplit(address).query)["ticket"]
        assert ticket not in asked.read_text()
        assert ticket not in all_arguments()
        [address] = asked.read_text().splitlines()
        limit = resource.getrlimit(resource.RLIMIT_CORE)[0]
        assert (bearerd.folder / "core").read_text().strip() == (
            "unlimited" if limit == resource.RLIM_INFINITY else str(limit // 512))
    else:
        time.sleep(0.5)
        assert not asked.exists()
    visit = browser.login(address)
    assert "is logged in" in visit.response.text
    if terminal:
        assert process.wait(10) == 0
        os.close(ours)


def address_on(terminal: int) -> str:
    """The address that the command has shown there."""
    text = b""
    while b"good for" not in text:
        text += os.read(terminal, 4096)
    return re.search(rb"    (http\S+)\r\n", text).group(1).decode()


def all_arguments() -> str:
    """Of all processes of the machine, as everyone can read them."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            found.append(path.read_bytes().decode(errors="replace"))
    return "\n".join(found)


@pytest.fixture
def handed_over(bearerd, proxy):
    """The command, which has started a browser at this address; and the address
    to which that will be led."""
    program = bearerd.folder / "browser"
    program.write_text(RECORD.format(folder=bearerd.folder))
    program.chmod(0o755)
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [harness.binary(), "login", "a", "-c", str(bearerd.folder / "bearerd.ini")],
        env={**bearerd.env, "BROWSER": str(program)}, stdin=theirs, stdout=theirs,
        stderr=theirs, start_new_session=True)
    os.close(theirs)
    try:
        address = address_on(ours)
        wait_for((bearerd.folder / "asked").exists, 10, "the browser")
        yield process, (bearerd.folder / "asked").read_text().strip(), address
    finally:
        process.kill()
        process.wait()
        os.close(ours)


@pytest.mark.parametrize("fields", [
    {"Host": "evil.test"}, {"Sec-Fetch-Mode": "cors"}, {"Sec-Fetch-Mode": "no-cors"},
    {"Sec-Purpose": "prefetch"}, {"Purpose": "prefetch"}], ids=str)
def test_who_is_not_led_to_the_login(handed_over, browser, fields):
    """Neither a page that asks in its own name nor a browser of its own accord;
    the browser that comes is, and then nobody any more."""
    _, url, address = handed_over
    reply = requests.get(url, headers=fields, allow_redirects=False, timeout=30)
    assert reply.status_code == 404 and "Location" not in reply.headers
    for path in ("favicon.ico", "?x", "/"):
        assert requests.get(url + path, allow_redirects=False,
                            timeout=30).status_code == 404
    reply = requests.get(url, allow_redirects=False, timeout=30)
    assert (reply.status_code, reply.headers["Location"]) == (303, address)
    assert reply.headers["Cache-Control"] == "no-store"
    assert reply.headers["Referrer-Policy"] == "no-referrer"
    with pytest.raises(requests.ConnectionError):
        requests.get(url, timeout=30)


FETCH = """
import sys, urllib.request
try:
    print(urllib.request.urlopen(sys.argv[1], timeout=20).url)
except OSError as error:
    print("nothing:", error)
"""


def test_another_user_is_not_led_to_the_login(handed_over):
    """Whom the kernel names as the other end's owner decides."""
    _, url, address = handed_over
    who = {"user": "nobody", "group": "nogroup", "extra_groups": []}
    said = subprocess.run([harness.PYTHON, "-c", FETCH, url], timeout=60, cwd="/",
                          stdout=subprocess.PIPE, encoding="utf-8", check=True,
                          **(who if os.geteuid() == 0 else {})).stdout
    assert said.startswith("nothing:" if os.geteuid() == 0 else "http")
    if os.geteuid() == 0:
        reply = requests.get(url, allow_redirects=False, timeout=30)
        assert reply.headers["Location"] == address


def test_end_of_the_command_is_that_of_its_child(handed_over):
    process, url, _ = handed_over
    process.kill()
    process.wait()

    def is_gone() -> bool:
        try:
            requests.get(url + "x", timeout=30)
        except requests.ConnectionError:
            return True
        return False

    wait_for(is_gone, 10, "nobody at the address")


@pytest.mark.parametrize("address", [
    "--help", "-x", "file:///etc/passwd", "javascript:alert(1)", "/etc/passwd",
    "data:text/html,x", "http:", "http://a.test/\n", "http://a.test/\0", "x-man-page://a", ""])
def test_address_that_is_not_opened(bearerd, provider, address):
    """Whatever the daemon says, a program gets nothing but a web page's
    address."""
    program = bearerd.folder / "browser"
    program.write_text(RECORD.format(folder=bearerd.folder))
    program.chmod(0o755)
    bearerd.write({"a": people(provider)})
    event = json.dumps({"event": "address", "address": address, "expires_in": 9})
    ours, theirs = pty.openpty()
    with impostor(bearerd.folder / "run" / "control.sock", event):
        process = subprocess.Popen(
            [harness.binary(), "login", "a", "-c",
             str(bearerd.folder / "bearerd.ini")],
            env={**bearerd.env, "BROWSER": str(program)}, stdin=theirs,
            stdout=theirs, stderr=subprocess.PIPE)
        os.close(theirs)
        said = process.stderr.read()
        assert process.wait(30) == 0
    process.stderr.close()
    os.close(ours)
    assert b"not an http or https URL" in said
    assert not (bearerd.folder / "asked").exists()


def test_no_browser_can_be_started(bearerd, proxy, login):
    ours, theirs = pty.openpty()
    command = subprocess.Popen(
        [harness.binary(), "login", "a", "-c", str(bearerd.folder / "bearerd.ini")],
        env={**bearerd.env, "BROWSER": "/no/such", "PATH": "/no"}, stdin=theirs,
        stdout=theirs, stderr=subprocess.PIPE)
    os.close(theirs)
    assert b"no browser could be started" in command.stderr.readline()
    command.kill()
    command.wait()
    command.stderr.close()
    os.close(ours)


# --- by paste ---

@pytest.fixture
def elsewhere(provider):
    """A redirect URI on which nobody listens."""
    uri = f"http://127.0.0.1:{harness.free_port()}/cb"
    provider.register(**{"grant_types": ["authorization_code", "refresh_token"],
                         "response_types": ["code"], "scope": "read",
                         "redirect_uris": [uri]})
    return uri


def consent(provider, address: str) -> str:
    """The redirect that a person's consent leads to."""
    provider.set(options={"consent": {"user": "alice", "approve": True}})
    reply = requests.get(address, allow_redirects=False, timeout=30)
    assert reply.status_code in (302, 303), reply.text
    return reply.headers["Location"]


@pytest.mark.parametrize("what", ["address", "code"])
def test_paste(bearerd, provider, login, bearer, elsewhere, what):
    proxy = bearerd({"a": people(provider, redirect_uri=elsewhere)})
    command = login("--paste", "a")
    address = command.address()
    assert address.startswith(provider.authorization_endpoint)
    command.find(r"(Type in)")
    back = consent(provider, address)
    assert back.startswith(elsewhere)
    code = parse_qs(urlsplit(back).query)["code"][0]
    command.type("\n  \n")
    command.type("http://127.0.0.1/cb?state=wrong&code=x\n")
    wait_for(lambda: command.err, 5, "a word on the wrong one")
    assert command.process.poll() is None
    command.type("  " + (back if what == "address" else code) + " \r\n")
    assert "is logged in" in command.end()
    assert proxy.get(URL).status == 200
    assert code not in command.out + command.err + proxy.stderr
    assert state(bearer, "a") == "ready"


def test_paste_through_a_pipe(bearerd, provider, login, elsewhere):
    """Without a line's end, and a wrong line before it."""
    bearerd({"a": people(provider, redirect_uri=elsewhere)})
    command = login("a", "--paste")
    back = consent(provider, command.address())
    command.type("http://x/?code=1&state=2\n" + back)
    command.process.stdin.close()
    assert "is logged in" in command.end()


def test_paste_of_nothing(bearerd, provider, login, elsewhere):
    bearerd({"a": people(provider, redirect_uri=elsewhere)})
    command = login("a", "--paste", stdin=subprocess.DEVNULL)
    assert "nothing more was typed in" in command.end(1)


def test_paste_of_too_much(bearerd, provider, login, elsewhere):
    proxy = bearerd({"a": people(provider, redirect_uri=elsewhere)})
    command = login("a", "--paste")
    command.address()
    try:
        command.type("x" * 100000)
    except BrokenPipeError:
        pass
    assert "too long" in command.end(1)
    assert proxy.health("live").status == 200


def test_line_where_none_is_asked_for(proxy, bearerd):
    with dial(bearerd.folder) as sock:
        sock.sendall(b'{"command":"login","service":"a","way":"browser"}\n'
                     b'{"line":"http://127.0.0.1/?code=1"}\n')
        assert "nothing is to be typed in" in hear(sock)[-1]["error"]
    with dial(bearerd.folder) as sock:
        sock.sendall(b'{"command":"login","service":"a","way":"paste"}\n'
                     b'{"line":"x"}\n{"line":"y"}\n{"line":1}\n')
        assert "must be a string" in hear(sock)[-1]["error"]
    assert proxy.health("live").status == 200


# --- by device ---

@pytest.mark.parametrize("words", [[], ["--device"]])
def test_device(bearerd, provider, login, bearer, words):
    provider.register(grant_types=[GRANT, "refresh_token"], scope="read write")
    proxy = bearerd({"a": device(provider, match="a.example.test")})
    command = login("a", *words)
    code = command.find(r"type in this code:\n\n    (\S+)\n")
    assert provider.verification_uri in command.out
    assert f"user_code={code}" in command.out or code in command.out
    provider.approve_device(code)
    assert "is logged in" in command.end()
    assert proxy.get(URL).status == 200
    assert state(bearer, "a") == "ready"


def test_device_that_is_refused(bearerd, provider, login, bearer):
    provider.register(grant_types=[GRANT, "refresh_token"], scope="read write")
    bearerd({"a": device(provider)})
    command = login("a")
    provider.deny_device(command.find(r"type in this code:\n\n    (\S+)\n"))
    assert "refused" in command.end(1)
    assert state(bearer, "a") == "waiting_for_login"


def test_device_of_a_service_with_both(bearerd, provider, login):
    provider.register(grant_types=[GRANT, "authorization_code", "refresh_token"],
                      scope="read write")
    bearerd({"a": people(provider,
                         device_authorization_endpoint=provider.device_endpoint)})
    command = login("--device", "a")
    provider.approve_device(command.find(r"type in this code:\n\n    (\S+)\n"))
    assert "is logged in" in command.end()


def test_daemon_gives_signs_of_life(bearerd, provider, login):
    """A person may take longer than a command waits for a daemon."""
    provider.register(grant_types=[GRANT, "refresh_token"], scope="read write")
    bearerd({"a": device(provider)})
    command = login("a")
    code = command.find(r"type in this code:\n\n    (\S+)\n")
    time.sleep(17)
    provider.approve_device(code)
    assert "is logged in" in command.end()


# --- what cannot be ---

def test_ways_that_there_are_not(bearerd, provider, bearer):
    bearerd({"a": provider.service(), "b": device(provider, match="b.test"),
             "c": people(provider, match="c.test")})
    assert "needs no login" in bearer("login", "a", status=1)
    assert "--device" in bearer("login", "b", "--paste", status=1)
    bearer("login", "c", "--device", status=1)
    assert json.loads(bearer("status", "--json"))[2]["state"] == "waiting_for_login"
