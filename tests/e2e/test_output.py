# SPDX-License-Identifier: MIT
"""What a command prints arrives, or the command has failed."""

import os
import sqlite3
import subprocess

import pytest

import harness
from harness import wait_for
from login import service as people

ALONE = [["--help"], ["--version"], ["run", "--help"], ["providers", "--help"],
         ["providers"], ["providers", "github"]]
OF_THE_CONFIGURATION = [["check"], ["check", "-v"]]
OF_THE_DAEMON = [["status"], ["status", "--json"], ["status", "-v"], ["token", "a"],
                 ["refresh", "a"], ["logout", "a"], ["login", "b", "--no-browser"]]


@pytest.fixture
def proxy(bearerd, provider):
    started = bearerd({"a": provider.service(
        revocation_endpoint=provider.addresses.get("revocation_endpoint")),
        "b": people(provider, "b")})
    assert started.get("http://api.example.test/x").status == 200
    return started


def run(proxy, words: list[str], **options) -> subprocess.CompletedProcess:
    if words not in ALONE:
        words = [*words, "-c", str(proxy.config)]
    environment = harness.environment(proxy.config.parent)
    return subprocess.run([harness.binary(), *words], env=environment, timeout=30,
                          stdin=subprocess.DEVNULL, stderr=subprocess.PIPE,
                          encoding="utf-8", **options)


def test_full_disk(proxy):
    for words in ALONE + OF_THE_CONFIGURATION + OF_THE_DAEMON:
        with open("/dev/full", "w") as full:
            result = run(proxy, words, stdout=full)
        assert result.returncode == 1, words
        assert result.stderr.startswith("bearerd: cannot write"), (words, result.stderr)
        assert "No space left on device" in result.stderr, words
        assert result.stderr.count("\n") == 1, result.stderr


def test_reader_that_has_gone(proxy):
    for words in ALONE + OF_THE_CONFIGURATION + OF_THE_DAEMON:
        out, into = os.pipe()
        os.close(out)
        result = run(proxy, words, stdout=into)
        os.close(into)
        assert result.returncode == 1, words
        assert "Broken pipe" in result.stderr, (words, result.stderr)


@pytest.mark.parametrize("closed", [[1], [0, 1]])
def test_output_that_is_closed(proxy, closed):
    """No file or connection gets its number and is written to."""
    for words in ALONE + OF_THE_CONFIGURATION + OF_THE_DAEMON:
        result = run(proxy, words, preexec_fn=lambda: [os.close(n) for n in closed])
        assert result.returncode == 1, words
        assert "Bad file descriptor" in result.stderr, (words, result.stderr)


def test_wrong_use_stays_wrong_use(proxy):
    with open("/dev/full", "w") as full:
        assert run(proxy, ["status", "--wrong"], stdout=full).returncode == 2


def test_daemon_without_standard_streams(bearerd, provider, tmp_path):
    """Its log goes nowhere, least of all to a client."""
    port = harness.free_port()
    path = bearerd.write({"a": provider.service()},
                         {"listen": f"127.0.0.1:{port}", "log_level": "debug",
                          "store": f"sqlite:{tmp_path}/store.db"})
    process = subprocess.Popen(
        [harness.binary(), "run", "-c", str(path)], env=bearerd.env,
        preexec_fn=lambda: [os.close(n) for n in (0, 1, 2)])
    try:
        def ready() -> bool:
            try:
                return harness.rawclient.get(port, "/-/health/ready").status == 200
            except (OSError, AssertionError):
                return False

        wait_for(ready, 20, "bearerd")
        for _ in range(3):
            reply = harness.rawclient.get(port, "http://api.example.test/x")
            assert reply.status == 200
            assert "debug" not in str(reply.fields)
        if os.geteuid() == 0:  # others may not look into the process
            assert [os.readlink(f"/proc/{process.pid}/fd/{n}")
                    for n in range(3)] == ["/dev/null"] * 3
    finally:
        process.terminate()
        assert process.wait(30) == 0
    with sqlite3.connect(tmp_path / "store.db") as store:
        assert store.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
