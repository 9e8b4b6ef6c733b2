#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""bearerd against nginx, side by side in one run.

Both have one worker and do the same: take requests on kept connections, set
`Authorization`, and pass them on over kept connections. The figures of a row
are measured in alternating pairs, so that what else the machine does meets
both; a ratio is bearerd's figure to nginx's in one pair.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable, Iterator

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "e2e"))

import harness  # noqa: E402
import rawclient  # noqa: E402
from harness import Bearerd, Nginx, big_file, ini, memory_peak, static  # noqa: E402
from rawserver import Peer, RawServer  # noqa: E402

MIB = 1 << 20
GIB = 1 << 30
TICK = os.sysconf("SC_CLK_TCK")
CONNECTIONS = 64
SERVICES = 1000
HOST = "api.example.test"

UPSTREAM = """
    root {files};
    location = /small {{
        default_type text/plain;
        return 200 "a small static answer\\n";
    }}
"""
PROXY_HTTP = """
    upstream behind {{
        server {upstream};
        keepalive 256;
        keepalive_requests 10000000;
    }}
"""
PROXY_SERVER = """
    location / {
        proxy_pass http://behind;
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        proxy_set_header Authorization "Bearer fixed-token";
        proxy_request_buffering off;
        proxy_max_temp_file_size 0;
    }
"""


# What a hook costs: the least that it can do, and the manual's example.
HOOKS = {
    "Lua hook: one field": """
function protected_request(r)
    r.headers["X-Service"] = r.service
end
""",
    "Lua hook: signed calls": """
local function path_of(url)
    return url:match("^https?://[^/]+(.*)$")
end

function protected_request(r)
    local date = time.date("%a, %d %b %Y %H:%M:%S %Z")
    local digest = "sha-256=:" .. base64.encode(sha256(r.body)) .. ":"
    local text = table.concat({ r.method, path_of(r.url), date, digest }, "\\n")

    r.headers["Date"] = date
    r.headers["Content-Digest"] = digest
    r.headers["X-Signature"] = base64.encode(
        hmac("sha256", r.token.access_token, text))
end
""",
}


class Cores:
    """Where things run: the proxy under test has a core for itself."""

    def __init__(self) -> None:
        cores = sorted(os.sched_getaffinity(0))
        self.load, self.proxy = set(cores[:1]), set(cores[1:2])
        if not self.proxy:
            self.proxy = self.load
        os.sched_setaffinity(0, self.load)

    @contextmanager
    def of_the_proxy(self) -> Iterator[None]:
        """What is started within runs on the proxy's core."""
        os.sched_setaffinity(0, self.proxy)
        try:
            yield
        finally:
            os.sched_setaffinity(0, self.load)

    def __str__(self) -> str:
        if self.load == self.proxy:
            return "everything on one core: figures are of what they share"
        return (f"the proxy under test on core {min(self.proxy)}; wrk, curl and "
                f"the upstream on core {min(self.load)} (taskset)")


@dataclass
class Sample:
    """One measurement of one proxy."""

    rate: float  # requests or MiB a second
    cpu: float  # µs a request, or ms a GiB


@dataclass
class Contender:
    """A running proxy."""

    port: int
    pid: int
    samples: list[Sample] = field(default_factory=list)

    def cpu_seconds(self) -> float:
        """User and system time of the process, all its threads."""
        text = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2]
        fields = text.split()
        return (int(fields[11]) + int(fields[12])) / TICK


def sink(peer: Peer) -> None:
    """Reads bodies as fast as they come."""
    scratch = bytearray(4 * MIB)
    while True:
        left = int(peer.read_head().value("Content-Length")) - len(peer.buffer)
        peer.buffer = b""
        while left > 0:
            count = peer.sock.recv_into(scratch, min(left, len(scratch)))
            if not count:
                return
            left -= count
        peer.answer(b"")


def start_nginx(stack: ExitStack, cores: Cores, folder: Path,
                upstream: str) -> Contender:
    with cores.of_the_proxy():
        process = Nginx(folder, PROXY_SERVER, PROXY_HTTP.format(upstream=upstream))
    stack.callback(process.stop)
    return Contender(process.port, process.workers()[0])


def start_bearerd(stack: ExitStack, cores: Cores, folder: Path,
                  upstream: str, hook: str | None = None) -> Contender:
    folder.mkdir()
    keys = {}
    if hook:
        (folder / "hook.lua").write_text(hook)
        keys["hook"] = "hook.lua"
    config = folder / "bearerd.ini"
    config.write_text(ini({
        "proxy": {"listen": "127.0.0.1:0", "workers": 1, "store": "memory:"},
        "service bench": static(f"http://{upstream}", match=HOST, **keys)}))
    with cores.of_the_proxy():
        process = Bearerd(config, harness.environment(folder))
    stack.callback(process.stop)
    return Contender(process.port, process.pid)


def run_wrk(contender: Contender, seconds: int) -> Sample:
    before = contender.cpu_seconds()
    shown = subprocess.run(
        ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-H", f"Host: {HOST}",
         f"http://127.0.0.1:{contender.port}/small"],
        stdout=subprocess.PIPE, check=True, encoding="utf-8").stdout
    spent = contender.cpu_seconds() - before
    if "Non-2xx" in shown or "Socket errors" in shown:
        raise AssertionError(f"requests failed:\n{shown}")
    count = int(re.search(r"(\d+) requests in", shown).group(1))
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", shown).group(1))
    return Sample(rate, spent / count * 1e6)


def run_curl(contender: Contender, *arguments: str) -> Sample:
    before, began = contender.cpu_seconds(), time.monotonic()
    shown = subprocess.run(
        ["curl", "-sS", "-f", "-o", "/dev/null", "-H", f"Host: {HOST}", "-H", "Expect:",
         "-w", "%{http_code} %{size_download} %{size_upload}", *arguments,
         f"http://127.0.0.1:{contender.port}/big"],
        stdout=subprocess.PIPE, check=True, encoding="utf-8").stdout
    seconds = time.monotonic() - began
    if str(GIB) not in shown.split():
        raise AssertionError(f"not all of it: {shown}")
    return Sample(GIB / MIB / seconds, (contender.cpu_seconds() - before) * 1e3)


Run = Callable[[Contender], Sample]


@dataclass
class Figure:
    """A line of the table: two medians and the ratios of the pairs."""

    what: str
    unit: str
    nginx: float
    bearerd: float
    ratios: list[float]

    def line(self) -> str:
        low, high = min(self.ratios), max(self.ratios)
        middle = statistics.median(self.ratios)
        return (f"{self.what:<30} {self.unit:<14} {number(self.nginx):>10} "
                f"{number(self.bearerd):>10}   {low:6.2f} {middle:7.2f} {high:6.2f}")


def heading(first: str, second: str) -> None:
    print(f"\n{'':<30} {'':<14} {first:>10} {second:>10}   "
          f"{'min':>6} {'median':>7} {'max':>6}", flush=True)


def number(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}"


def figure(what: str, unit: str, nginx: list[float], bearerd: list[float]) -> Figure:
    return Figure(what, unit, statistics.median(nginx), statistics.median(bearerd),
                  [b / max(n, 1e-9) for n, b in zip(nginx, bearerd)])


def measure(what: str, units: tuple[str, str], run: Run, pairs: int, folder: Path,
            cores: Cores, upstream: str, hook: str | None = None) -> list[Figure]:
    """Both proxies are started afresh, so that the peaks are of this row. With
    a hook, it is bearerd without that and with it."""
    with ExitStack() as stack:
        place = folder / re.sub(r"\W+", "-", what)
        place.mkdir()
        if hook:
            first = start_bearerd(stack, cores, place / "without", upstream)
        else:
            first = start_nginx(stack, cores, place / "nginx", upstream)
        both = [first, start_bearerd(stack, cores, place / "bearerd", upstream, hook)]
        for contender in both:
            run(contender)  # to warm up
        for n in range(pairs):
            for contender in both if n % 2 == 0 else reversed(both):
                contender.samples.append(run(contender))
        peaks = [[memory_peak(c.pid) / MIB] for c in both]
        rates = [[s.rate for s in c.samples] for c in both]
        costs = [[s.cpu for s in c.samples] for c in both]
    return [figure(what, units[0], *rates), figure("", units[1], *costs),
            figure("", "peak MiB", *peaks)]


def start_times(folder: Path, cores: Cores, runs: int) -> list[tuple[float, float]]:
    """Milliseconds until the log says that it listens, and until the first
    request is answered, with many services."""
    folder.mkdir()
    env = harness.environment(folder)
    config = folder / "bearerd.ini"
    sections: dict = {"proxy": {"listen": "127.0.0.1:0", "workers": 1,
                                "store": f"sqlite:{folder}/bearerd.db",
                                "store_key_file": f"{folder}/store.key"}}
    for n in range(SERVICES):
        sections[f"service s{n}"] = {
            "upstream": f"https://api-{n}.example.test/v1",
            "token_endpoint": f"https://login-{n}.example.test/token",
            "client_id": f"client-{n}", "client_secret": f"secret-{n}",
            "scope": "read write"}
    config.write_text(ini(sections))
    return [start_time(config, env, cores) for _ in range(runs)]


def start_time(config: Path, env: dict, cores: Cores) -> tuple[float, float]:
    with cores.of_the_proxy():
        began = time.monotonic()
        process = subprocess.Popen(
            [harness.binary(), "run", "-c", str(config)], env=env,
            stderr=subprocess.PIPE, encoding="utf-8")
    try:
        port = None
        while port is None:
            line = process.stderr.readline()
            assert line, "bearerd did not start"
            port = re.search(r"listening address=127\.0\.0\.1:(\d+)", line)
        listening = time.monotonic() - began
        while not is_ready(int(port.group(1))):
            assert time.monotonic() - began < 30, "not ready within 30 s"
        return listening * 1e3, (time.monotonic() - began) * 1e3
    finally:
        process.terminate()
        process.communicate(timeout=60)


def is_ready(port: int) -> bool:
    try:
        return rawclient.get(port, "/-/health/ready").status == 200
    except (OSError, AssertionError):
        return False


def bench(options: argparse.Namespace, folder: Path) -> None:
    cores = Cores()
    print(f"bearerd and nginx with one worker each, {options.pairs} pairs; {cores}.")
    folder.chmod(0o755)
    with ExitStack() as stack:
        upstream = Nginx(folder / "upstream", UPSTREAM.format(
            files=folder / "upstream" / "files"))
        stack.callback(upstream.stop)
        big = big_file(upstream.files / "big", GIB)
        drain = RawServer(sink)
        stack.callback(drain.stop)
        behind = f"127.0.0.1:{upstream.port}"
        stream = ("MiB/s", "CPU ms a GiB")
        rows = [
            (f"small requests, {CONNECTIONS} connections",
             ("requests/s", "CPU µs a req."),
             lambda c: run_wrk(c, options.seconds), behind),
            ("1 GiB down", stream, run_curl, behind),
            ("1 GiB up", stream, lambda c: run_curl(c, "-T", str(big)),
             f"127.0.0.1:{drain.port}"),
        ]
        if not options.hooks:
            heading("nginx", "bearerd")
        for what, units, run, where in rows if not options.hooks else []:
            for line in measure(what, units, run, options.pairs, folder, cores, where):
                print(line.line(), flush=True)
        heading("without", "with hook")
        for what, hook in HOOKS.items():
            for line in measure(what, ("requests/s", "CPU µs a req."),
                                lambda c: run_wrk(c, options.seconds), options.pairs,
                                folder, cores, behind, hook):
                print(line.line(), flush=True)
    if options.hooks:
        return
    times = start_times(folder / "start", cores, options.pairs)
    for what, values in (("listening", [t[0] for t in times]),
                         ("first answer", [t[1] for t in times])):
        print(f"{f'start, {SERVICES} services':<30} {f'ms to {what}':<21}   "
              f"{'':>3}{number(statistics.median(values)):>10}   (ms) "
              f"{min(values):.0f} to {max(values):.0f}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=4, help="of each wrk run")
    parser.add_argument("--hooks", action="store_true",
                        help="only what a hook in Lua costs")
    options = parser.parse_args()
    for program in ("wrk", "curl", "nginx"):
        if not shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin"):
            print(f"bench: {program} is not installed", file=sys.stderr)
            return 1
    with tempfile.TemporaryDirectory(prefix="bearerd-bench-") as folder:
        bench(options, Path(folder))
    return 0


if __name__ == "__main__":
    sys.exit(main())
