# SPDX-License-Identifier: MIT
"""The log: whoever does not read it stops nothing, and no client fills it."""

import fcntl
import os
import re
import subprocess
import threading
import time

import pytest

import rawclient
from harness import (START_TIMEOUT, binary, either, environment, free_port, ini,
                     static, wait_for)

URL = "http://api.example.test"


class Unread:
    """A bearerd whose standard error is a full pipe that nobody reads."""

    def __init__(self, folder, services, **proxy):
        self.port = free_port()
        config = folder / "unread.ini"
        config.write_text(ini({"proxy": {"listen": f"127.0.0.1:{self.port}",
                                         **proxy},
                               **{f"service {n}": k for n, k in services.items()}}))
        self.reading, writing = os.pipe()
        os.set_blocking(writing, False)
        self.lines = []
        try:
            while True:
                os.write(writing, b"x" * 4095 + b"\n")
        except BlockingIOError:
            os.set_blocking(writing, True)
        self.process = subprocess.Popen(
            [binary(), "run", "-c", str(config)], env=environment(folder),
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=writing)
        self.is_blocking = not fcntl.fcntl(writing, fcntl.F_GETFL) & os.O_NONBLOCK
        os.close(writing)
        wait_for(lambda: self.answers("/-/health/ready"), START_TIMEOUT, "ready")

    def answers(self, target: str) -> bool:
        try:
            return rawclient.get(self.port, target).status == 200
        except OSError:
            return False

    def read_on(self) -> None:
        """From now on somebody reads, to the end."""
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self) -> None:
        with os.fdopen(self.reading, "rb") as end:
            self.reading = None
            for line in end:
                self.lines.append(line.decode().rstrip("\n"))

    def finish(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        if self.reading is not None:
            os.close(self.reading)


@pytest.fixture
def unread(tmp_path):
    started = []

    def start(services, **proxy):
        started.append(Unread(tmp_path, services, **proxy))
        return started[-1]

    yield start
    for one in started:
        one.finish()


def fail_often(port: int, times: int) -> None:
    with rawclient.Connection(port) as connection:
        for _ in range(times):
            connection.request("GET", URL + "/")
            assert connection.read_response().status == 502


def test_a_log_that_nobody_reads(unread):
    """Far more lines than the queue holds."""
    daemon = unread({"a": static(f"http://127.0.0.1:{free_port()}")},
                    log_level="debug")
    assert daemon.is_blocking
    fail_often(daemon.port, 4000)
    assert daemon.answers("/-/health/live")
    began = time.monotonic()
    daemon.process.terminate()
    assert daemon.process.wait(20) == 0
    assert time.monotonic() - began < either(6, 15)


def test_what_was_lost_is_told(unread):
    daemon = unread({"a": static(f"http://127.0.0.1:{free_port()}")},
                    log_level="debug")
    fail_often(daemon.port, 4000)
    daemon.read_on()
    told = r"warning log_dropped lines=(\d+)$"
    wait_for(lambda: any(re.search(told, line) for line in daemon.lines), 10,
             "a line that tells of the lost ones")
    daemon.process.terminate()
    assert daemon.process.wait(20) == 0
    daemon.reader.join(10)
    lines = daemon.lines
    assert any("info started" in line for line in lines)
    lost = [int(m[1]) for line in lines if (m := re.search(told, line))]
    assert sum(lost) > 100
    assert any("info stopping" in line for line in lines[-5:])


def test_no_client_fills_the_log(bearerd):
    """A line a second of each kind, then a count; none is lost without it."""
    gone = f"http://127.0.0.1:{free_port()}"
    proxy = bearerd({"a": static(gone), "b": static(gone, match="b.example.test")})
    began = time.monotonic()
    fail_often(proxy.port, 1000)
    took = time.monotonic() - began
    assert proxy.get("http://b.example.test/").status == 502
    proxy.stop()
    lines = [line for line in proxy.lines if "upstream_failed service=a " in line]
    assert len(lines) <= took + 3
    counts = [int(m[2]) for line in lines
              if (m := re.search(r"( suppressed|log_suppressed lines)=(\d+)", line))]
    written = [line for line in lines if " upstream_failed " in line]
    assert len(written) + sum(counts) == 1000
    assert len([line for line in proxy.lines
                if "upstream_failed service=b " in line]) == 1


def test_the_last_lines_are_written(bearerd):
    proxy = bearerd({"a": static(f"http://127.0.0.1:{free_port()}")})
    fail_often(proxy.port, 1)
    proxy.stop()
    assert "info stopping signal=15" in proxy.lines[-1]


def test_debug_shows_each_step(bearerd, provider):
    """One request, followed through."""
    proxy = bearerd({"a": provider.service()}, {"log_level": "debug", "workers": 1})
    assert proxy.get(URL).status == 200
    # What asks whether it is ready is an exchange too.
    wait_for(lambda: re.search(r"step=relay result=next.* step=finish", proxy.stderr,
                               re.DOTALL), 10, "the last step")
    steps = re.findall(r" debug step worker=0 exchange=(\d+) step=(\w+) result=(\w+)",
                       proxy.stderr)
    number = next(n for n, step, _ in steps if step == "relay")
    steps = [(step, result) for n, step, result in steps if n == number]
    assert steps[:2] == [("identify", "next"), ("route", "next")]
    assert ("acquire", "wait") in steps and ("acquire", "next") in steps
    assert steps[-1] == ("finish", "next")
    of_session = re.findall(r" debug session_step service=a step=(\w+)", proxy.stderr)
    assert of_session[0] == "start" and of_session[-1] == "publish"
