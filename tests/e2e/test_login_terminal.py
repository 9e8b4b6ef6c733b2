# SPDX-License-Identifier: MIT
"""bearerd login --paste at a terminal: lines of any length, and the terminal is
left as it was, however that ends."""

import contextlib
import os
import pty
import re
import signal
import subprocess
import termios
import threading
import time

import pytest

import harness
from harness import wait_for
from login import service as people
from test_login_command import consent, elsewhere  # noqa: F401


class AtTerminal:
    """bearerd login --paste, whose standard input and output are a terminal."""

    def __init__(self, bearerd):
        self.ours, theirs = pty.openpty()
        self.before = termios.tcgetattr(self.ours)
        self.process = subprocess.Popen(
            [harness.binary(), "login", "a", "--paste", "-c",
             str(bearerd.folder / "bearerd.ini")],
            env=bearerd.env, stdin=theirs, stdout=theirs, stderr=theirs,
            start_new_session=True)
        os.close(theirs)
        self.said = b""
        self.reader = threading.Thread(target=self._collect, daemon=True)
        self.reader.start()
        self.find(rb"Type in")
        wait_for(lambda: not self.is_canonical(), 10, "octet by octet")

    def _collect(self) -> None:
        with contextlib.suppress(OSError):
            while octets := os.read(self.ours, 4096):
                self.said += octets

    def find(self, pattern: bytes) -> re.Match:
        wait_for(lambda: re.search(pattern, self.said), 20, pattern)
        return re.search(pattern, self.said)

    def address(self) -> str:
        return self.find(rb"    (http\S+)\r\n").group(1).decode()

    def is_canonical(self) -> bool:
        return bool(termios.tcgetattr(self.ours)[3] & termios.ICANON)

    def type(self, text: bytes) -> None:
        while text:
            text = text[os.write(self.ours, text[:512]):]

    def as_before(self) -> bool:
        return termios.tcgetattr(self.ours) == self.before

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self.ours)


@pytest.fixture
def at_terminal(bearerd, provider, elsewhere):
    bearerd({"a": people(provider, redirect_uri=elsewhere)})
    with contextlib.closing(AtTerminal(bearerd)) as command:
        yield command


def test_paste_of_five_kilobytes(at_terminal, provider):
    back = consent(provider, at_terminal.address())
    at_terminal.type(back.encode() + b"&more=" + b"x" * 5000 + b"\r")
    at_terminal.find(rb"is logged in")
    assert at_terminal.process.wait(30) == 0
    assert at_terminal.as_before()
    # It was shown as it came.
    assert b"x" * 5000 in at_terminal.said


def test_line_that_is_edited(at_terminal, provider):
    """As the terminal's own editing does it: erased, killed, ended."""
    back = consent(provider, at_terminal.address()).encode()
    erase, kill, end = (at_terminal.before[6][i]
                        for i in (termios.VERASE, termios.VKILL, termios.VEOF))
    at_terminal.type(b"rubbish" + kill + erase + back[:-2] + b"?\x1b" +
                     2 * erase + back[-2:] + end)
    at_terminal.find(rb"is logged in")
    assert at_terminal.process.wait(30) == 0
    assert at_terminal.as_before()
    assert b"^[" in at_terminal.said and b"\x1b" not in at_terminal.said


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP,
                                    signal.SIGQUIT], ids=lambda n: n.name)
def test_signal_leaves_the_terminal_as_it_was(at_terminal, number):
    assert not at_terminal.as_before()
    at_terminal.process.send_signal(number)
    assert at_terminal.process.wait(30) == -number
    assert at_terminal.as_before()


def test_command_that_is_stopped_and_goes_on(at_terminal, provider):
    back = consent(provider, at_terminal.address())
    for number in (signal.SIGTSTP, signal.SIGCONT, signal.SIGSTOP, signal.SIGCONT):
        at_terminal.process.send_signal(number)
        time.sleep(0.3)
    wait_for(lambda: not at_terminal.is_canonical(), 10, "octet by octet again")
    at_terminal.type(back.encode() + b"\r")
    at_terminal.find(rb"is logged in")
    assert at_terminal.process.wait(30) == 0
    assert at_terminal.as_before()


def test_daemon_that_ends_while_a_line_is_typed(at_terminal, bearerd):
    at_terminal.type(b"http://")
    bearerd.started[-1].stop()
    at_terminal.find(rb"shutting down")
    assert at_terminal.process.wait(30) == 1
    assert at_terminal.as_before()
