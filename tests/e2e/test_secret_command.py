# SPDX-License-Identifier: MIT
"""Secrets that a program prints: KEY_command."""

import json
import os
import resource
import time

import pytest

from harness import wait_for
from test_compliance import GOOD, JSON, OK, Odd, odd  # noqa: F401

URL = "http://api.example.test/x"


class Program:
    """A script, and how often it ran."""

    def __init__(self, folder):
        self.path = folder / "print-secret"
        self.runs = folder / "runs"
        self.says("echo secret-1")

    def says(self, *lines: str) -> None:
        """The script is exchanged as a whole, as a package would be."""
        new = self.path.with_suffix(".new")
        new.write_text("\n".join(["#!/bin/sh", f"echo x >> {self.runs}", *lines, ""]))
        new.chmod(0o755)
        new.rename(self.path)

    @property
    def count(self) -> int:
        return len(self.runs.read_text().split()) if self.runs.exists() else 0


@pytest.fixture
def program(tmp_path) -> Program:
    return Program(tmp_path)


@pytest.fixture
def token(bearerd, odd, program):  # noqa: F811
    """A service whose token is the program's."""
    def run(**keys):
        return bearerd({"a": {
            "upstream": odd.api.url, "match": "api.example.test",
            "access_token_command": f"{program.path} --for a", **keys}},
            {"log_level": "debug"})
    return run


def credential(odd) -> str:  # noqa: F811
    return odd.api.last.value("Authorization")


def test_token_of_a_program(token, odd, program):  # noqa: F811
    proxy = token()
    assert program.count == 0  # it is run at the first need
    for _ in range(3):
        assert proxy.get(URL).status == 200
        assert credential(odd) == "Bearer secret-1"
    assert program.count == 1


def test_arguments_environment_and_descriptors(token, odd, program):  # noqa: F811
    program.says('fds=$(ls /proc/self/fd | tr "\\n" "-")',
                 'echo "$#:$1:$2:$SHELLY:$SSLKEYLOGFILE:$fds:$(cat | wc -c)"')
    proxy = token()
    assert proxy.get(URL).status == 200
    # Its own three, the pipe of the substitution among them, and ls's folder.
    assert credential(odd) == "Bearer 2:--for:a:::0-1-2-3-:0"


@pytest.fixture
def soft_limits(monkeypatch):
    """Limits that bearerd changes for itself are here others than it makes them."""
    files = resource.getrlimit(resource.RLIMIT_NOFILE)
    core = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (files[1] - 7, files[1]))
    resource.setrlimit(resource.RLIMIT_CORE, (core[1], core[1]))
    mask = os.umask(0o026)
    # The address sanitizer takes the core's limit away before main.
    given = os.environ.get("ASAN_OPTIONS", "")
    monkeypatch.setenv("ASAN_OPTIONS", f"{given}:disable_coredump=0")
    yield files[1] - 7
    os.umask(mask)
    resource.setrlimit(resource.RLIMIT_CORE, core)
    resource.setrlimit(resource.RLIMIT_NOFILE, files)


def test_limits_and_mode_are_as_bearerd_got_them(soft_limits, token, odd, program):  # noqa: F811
    program.says('ulimit -S -c >"$0.core"', 'echo "$(ulimit -S -n):$(umask)"')
    proxy = token()
    assert proxy.get(URL).status == 200
    assert credential(odd) == f"Bearer {soft_limits}:0026"
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    assert program.path.with_suffix(".core").read_text().strip() == (
        "unlimited" if hard == resource.RLIM_INFINITY else str(hard // 512))


def test_object_with_a_life(token, odd, program):  # noqa: F811
    program.says("echo '{\"access_token\": \"t1\",'", "echo ' \"expires_in\": 2}'")
    proxy = token(refresh_leeway="0s")
    assert proxy.get(URL).status == 200 and credential(odd) == "Bearer t1"
    program.says("echo '{\"access_token\":\"t2\",\"expires_at\":\"2999-01-01T00:00:00Z\"}'")

    def renewed() -> bool:
        assert proxy.get(URL).status == 200
        return credential(odd) == "Bearer t2"
    wait_for(renewed, 30, "the second token")
    assert program.count == 2


def test_refused_token_is_asked_for_once_a_minute(token, odd, program):  # noqa: F811
    """The program ran a moment ago: it would print the same."""
    odd.statuses = ["401 Unauthorized"]
    proxy = token()
    for _ in range(4):
        assert proxy.get(URL).status == 401
    assert program.count == 1


@pytest.mark.parametrize("lines, words", [
    (["echo oops >&2", "exit 3"], ["ended with status 3"]),
    (["echo secret-9; echo secret-9 >&2; exit 1"], ["ended with status 1"]),
    ([], ["is empty"]),
    (["printf 'a\\001b'"], ["what it printed"]),
    (["echo '{'"], ["what it printed"]),
    (["sleep 600"], ["did not end in time"]),
    (["kill -KILL $$"], ["signal 9"]),
    (["yes 0123456789"], ["more than it may"]),
])
def test_program_that_fails(token, odd, program, lines, words):  # noqa: F811
    program.says(*lines)
    proxy = token(token_timeout="3s")
    reply = proxy.get(URL)
    assert reply.status == 503 and reply.value("Retry-After")
    detail = json.loads(reply.body)["detail"]
    for word in ["access_token_command", *words]:
        assert word in detail, detail
    assert not odd.api.requests
    assert "secret-9" not in proxy.stderr
    if lines and "oops" in lines[0]:
        wait_for(lambda: "oops" in proxy.stderr, 20, "the program's words in the log")
    # It is run again, and then it works.
    program.says("echo secret-2")
    wait_for(lambda: proxy.get(URL).status == 200, 60, "the second run")
    assert credential(odd) == "Bearer secret-2"


def test_one_run_for_all_that_wait(token, odd, program):  # noqa: F811
    program.says("sleep 1; echo secret-1")
    proxy = token()
    with proxy.connect() as one, proxy.connect() as two:
        one.request("GET", URL)
        two.request("GET", URL)
        assert one.read_response().status == two.read_response().status == 200
    assert program.count == 1


def test_reload_runs_it_again(bearerd, odd, program):  # noqa: F811
    proxy = bearerd({"a": {"upstream": odd.api.url, "match": "api.example.test",
                           "access_token_command": str(program.path)}})
    assert proxy.get(URL).status == 200
    proxy.stop()
    again = bearerd({"a": {"upstream": odd.api.url, "match": "api.example.test",
                           "access_token_command": str(program.path)}})
    program.says("echo secret-2")
    assert again.get(URL).status == 200
    # Nothing of it was in the store.
    assert credential(odd) == "Bearer secret-2"


def test_client_assertion_of_a_program(bearerd, odd, program):  # noqa: F811
    """Before the first request, and not again for the next."""
    program.says("echo made.by.program")
    keys = odd.service(client_secret=None, client_assertion_command=str(program.path),
                       token_endpoint_auth_method="private_key_jwt")
    odd.says({**GOOD, "expires_in": 2})
    proxy = bearerd({"a": keys})
    assert proxy.get(URL).status == 200
    assert odd.form()["client_assertion"] == "made.by.program"
    time.sleep(3)
    assert proxy.get(URL).status == 200
    assert len(odd.server.requests) == 2 and program.count == 1


def test_client_assertion_that_cannot_be_had(bearerd, odd, program):  # noqa: F811
    program.says("exit 7")
    keys = odd.service(client_secret=None, client_assertion_command=str(program.path),
                       token_endpoint_auth_method="private_key_jwt")
    proxy = bearerd({"a": keys})
    reply = proxy.get(URL)
    assert reply.status == 503
    assert "client_assertion_command" in json.loads(reply.body)["detail"]
    assert not odd.server.requests


def service(command) -> str:
    return ("[service a]\nupstream = http://127.0.0.1:9\n"
            f"access_token_command = {command}\n")


@pytest.mark.parametrize("value, word", [
    ("print-secret", "absolute path"), ("", "has no value")])
def test_check_refuses(bearerd, value, word):
    done = bearerd.check(service(value))
    assert done.returncode == 1 and word in done.stderr


def test_check_does_not_run_it(bearerd, program):
    done = bearerd.check(service(program.path))
    assert done.returncode == 0, done.stderr
    assert program.count == 0


@pytest.mark.parametrize("what, words", [
    ("none", "No such file or directory"), ("folder", "Permission denied"),
    ("plain", "Permission denied")])
def test_check_tells_what_cannot_be_run(bearerd, what, words):
    """A warning: it may be put there later."""
    path = bearerd.folder / what
    if what == "folder":
        path.mkdir()
    elif what == "plain":
        path.write_text("#!/bin/sh\n")
        path.chmod(0o644)
    done = bearerd.check(service(path))
    assert done.returncode == 0, done.stderr
    assert f":3: warning: access_token_command: {path} cannot be run: {words}" in done.stderr


def test_program_that_others_can_write(bearerd, program):
    program.path.chmod(0o777)
    done = bearerd.check(service(program.path))
    assert done.returncode == 1
    assert "access_token_command" in done.stderr
