# SPDX-License-Identifier: MIT
"""The demonstration runs, here with ports of its own."""

import re
import signal
import socket
import subprocess
import time

import pytest

import harness
from harness import TREE, free_port

DEMO = [harness.PYTHON, "-B", str(TREE / "tests" / "provider" / "demo.py")]


@pytest.fixture
def config(tmp_path):
    """conf/demo.ini with free ports, and the folder of programs it needs."""
    text = (TREE / "conf" / "demo.ini").read_text()
    for port in ("8119", "8120", "8121"):
        assert port in text
        text = text.replace(port, str(free_port()))
    path = tmp_path / "demo.ini"
    path.write_text(text)
    return path


def run(config, *arguments) -> subprocess.Popen:
    env = {**harness.environment(config.parent), "BEARERD": harness.binary()}
    return subprocess.Popen([*DEMO, "-c", str(config), *arguments], env=env,
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, encoding="utf-8")


def test_once(config):
    process = run(config, "--once")
    shown, said = process.communicate(timeout=90)
    assert process.returncode == 0, said
    assert [int(n) for n in re.findall(r"^    (\d{3})$", shown, re.M)] == [
        401, 200, 200]
    assert shown.count("Bearer ") == 2
    assert re.search(r"seen: 1\.$", shown, re.M)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_until_it_is_told_to_end(config, number):
    process = run(config)
    shown = ""
    while "Ctrl-C ends it." not in shown:
        line = process.stdout.readline()
        assert line, process.stderr.read()
        shown += line
    assert process.poll() is None
    commands = re.findall(r"^    ((?:http_proxy=\S+ )?curl .*)$",
                          shown.partition("Try,")[2], re.M)
    assert len(commands) == 5
    for command in commands:
        result = subprocess.run(["sh", "-c", command], stdout=subprocess.PIPE,
                                timeout=30, encoding="utf-8",
                                env={"PATH": "/usr/bin:/bin"})
        assert result.returncode == 0, command
        assert result.stdout != "401", command
        assert "missing_authorization" not in result.stdout, command
        assert '"problem' not in result.stdout, command
    time.sleep(0.1)
    process.send_signal(number)
    _, said = process.communicate(timeout=90)
    assert process.returncode == 0, said


def test_port_that_is_taken(config):
    port = int(re.search(r"listen = 127\.0\.0\.1:(\d+)", config.read_text())[1])
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", port))
        holder.listen()
        process = run(config, "--once")
        _, said = process.communicate(timeout=30)
    assert process.returncode == 1
    assert str(port) in said and "demo.ini" in said
