# SPDX-License-Identifier: MIT
"""The benchmark's sections: each starts the proxies afresh, so that the peaks
are of its rows alone, and prints its lines."""

from __future__ import annotations

import argparse
import math
import os
import re
import subprocess
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Iterator

import counts
from figures import Figure, heading, show_values
from loads import FIELDS, MIB, NoRequest, Sample, resting, run_curl, run_wrk, waiting
from proxies import (HOST, Contender, Cores, Way, harness, start_all, start_bearerd)
from upstreams import Far, Holder, RawServer, Tokens, Upstream, sink

IDLE = 5000
WAITING = 1000
DELAY = 0.010  # seconds each way
SMALL = {"rate": "requests/s", "cpu": "CPU µs a req.", "p50": "p50 µs",
         "p99": "p99 µs"}
STREAM = {"rate": "MiB/s", "cpu": "CPU ms a GiB"}

Run = Callable[[Contender], Sample]


@dataclass
class Bench:
    """What all sections share."""

    options: argparse.Namespace
    folder: Path
    cores: Cores
    upstream: Upstream
    numbers: Iterator[int]

    def place(self) -> Path:
        return self.folder / f"place-{next(self.numbers)}"

    def small(self, connections: int, fields: dict | None = None) -> Run:
        return lambda c: run_wrk(c, connections, self.options.seconds, fields)


def _warm_up(run: Run, contender: Contender) -> None:
    """Until its connections to the upstream are there."""
    for _ in range(5):
        try:
            run(contender)
            return
        except NoRequest as error:
            last = error
    raise last


def measure(b: Bench, what: str, units: dict[str, str], run: Run,
            contenders: list[Contender]) -> None:
    """Rounds in which each has its turn, so that what else the machine does
    meets all of them; the order changes from round to round."""
    rounds: list[list[Sample]] = [[] for _ in contenders]
    order = list(range(len(contenders)))
    for contender in contenders:
        _warm_up(run, contender)
    for n in range(b.options.pairs):
        for i in order if n % 2 == 0 else reversed(order):
            rounds[i].append(run(contenders[i]))
    for name, unit in units.items():
        Figure(what, unit, [[getattr(s, name) for s in samples]
                            for samples in rounds]).show()
        what = ""
    Figure("", "peak MiB", [[c.memory_peak() / MIB] for c in contenders]).show()


def compare(b: Bench, way: Way, rows: list[tuple[str, dict[str, str], Run]],
            names: tuple = ("nginx", "haproxy", "bearerd")) -> None:
    heading(list(names))
    for what, units, run in rows:
        with ExitStack() as stack:
            contenders = start_all(stack, b.cores, b.place(), way, names)
            measure(b, what, units, run, contenders)


# ---- small requests ----

def small(b: Bench) -> None:
    """small requests, plain upstream, at 1, 64 and 256 connections"""
    compare(b, Way(b.upstream.plain),
            [(f"small, {n} conn.", SMALL, b.small(n)) for n in (1, 64, 256)])


def tls(b: Bench) -> None:
    """the same, HTTPS upstream"""
    compare(b, Way(b.upstream.tls, ca=b.upstream.ca),
            [(f"HTTPS upstream, {n} conn.", SMALL, b.small(n)) for n in (1, 64, 256)])


def fields(b: Bench) -> None:
    """about 900 octets of request fields, 64 connections"""
    compare(b, Way(b.upstream.plain), [("900 octets of fields", SMALL,
                                        b.small(64, FIELDS))])


def two(b: Bench) -> None:
    """two workers each, 64 connections; they share the cores with the load"""
    for title, way in (("two workers", Way(b.upstream.plain, workers=2)),
                       ("two workers, HTTPS", Way(b.upstream.tls, ca=b.upstream.ca,
                                                  workers=2))):
        compare(b, way, [(title, SMALL, b.small(64))])


def http2(b: Bench) -> None:
    """HTTP/2 upstream, 64 connections; nginx cannot do that"""
    compare(b, Way(b.upstream.http2, ca=b.upstream.ca, http2=True),
            [("HTTP/2 upstream", SMALL, b.small(64))], ("haproxy", "bearerd"))


# ---- large bodies ----

def stream(b: Bench) -> None:
    """1 GiB down and up (--quick: 64 MiB)"""
    size = b.options.size * MIB
    big = harness.big_file(b.upstream.files / "big", size)
    title = "1 GiB" if b.options.size == 1024 else f"{b.options.size} MiB"
    drain = RawServer(sink)
    try:
        compare(b, Way(b.upstream.plain),
                [(f"{title} down", STREAM, lambda c: run_curl(c, size))])
        compare(b, Way(f"127.0.0.1:{drain.port}"),
                [(f"{title} up", STREAM, lambda c: run_curl(c, size, "-T", str(big)))])
        compare(b, Way(b.upstream.tls, ca=b.upstream.ca),
                [(f"{title} down, HTTPS", STREAM, lambda c: run_curl(c, size))])
    finally:
        drain.stop()


# ---- many connections ----

def idle(b: Bench) -> None:
    """memory of each of 5,000 idle connections (--quick: 500)"""
    count = IDLE // 10 if b.options.quick else IDLE
    heading(["nginx", "haproxy", "bearerd"])
    with ExitStack() as stack:
        contenders = start_all(stack, b.cores, b.place(), Way(b.upstream.plain))
        grown = []
        for contender in contenders:
            with resting(contender, 20):
                pass  # what it sets up once
            before = contender.memory()
            with resting(contender, count):
                time.sleep(3)
                grown.append([(contender.memory() - before) / count])
    Figure(f"{count} idle connections", "octets each", grown).show()


def busy(b: Bench) -> None:
    """64 active connections beside 1,000 whose requests wait (--quick: 200)"""
    count = WAITING // 5 if b.options.quick else WAITING
    holder = Holder()
    heading(["nginx", "haproxy", "bearerd"])
    with ExitStack() as stack:
        stack.callback(holder.stop)
        contenders = start_all(stack, b.cores, b.place(),
                               Way(b.upstream.plain, holder=holder.address))
        for contender in contenders:
            stack.enter_context(waiting(contender, count))
        measure(b, f"beside {count} waiting", SMALL, b.small(64), contenders)


# ---- bearerd alone ----

def _more_services(count: int) -> dict:
    return {f"service s{n}": harness.static(f"http://127.0.0.1:{9 + n % 99}",
                                            match=f"api-{n}.example.test")
            for n in range(count - 1)}


def services(b: Bench) -> None:
    """1,000 and 10,000 services beside one; and how long a start takes"""
    heading(["1", "1000", "10000"])
    with ExitStack() as stack:
        place = b.place()
        contenders = [
            start_bearerd(stack, b.cores, place / f"{n}",
                          Way(b.upstream.plain, services=_more_services(n)))
            for n in (1, 1000, 10000)]
        measure(b, "services, 64 conn.", SMALL, b.small(64), contenders)
    times = start_times(b.place(), b.cores, min(b.options.pairs, 5))
    for what, values in (("listening", [t[0] for t in times]),
                         ("first answer", [t[1] for t in times])):
        show_values("start, 1000 services", f"ms to {what}", values)


def start_times(folder: Path, cores: Cores, runs: int) -> list[tuple[float, float]]:
    """Milliseconds until the log says that it listens, and until the first
    request is answered, with many services."""
    folder.mkdir()
    env = harness.environment(folder)
    config = folder / "bearerd.ini"
    sections: dict = {"proxy": {"listen": "127.0.0.1:0", "workers": 1,
                                "store": f"sqlite:{folder}/bearerd.db",
                                "store_key_file": f"{folder}/store.key"}}
    for n in range(1000):
        sections[f"service s{n}"] = {
            "upstream": f"https://api-{n}.example.test/v1",
            "token_endpoint": f"https://login-{n}.example.test/token",
            "client_id": f"client-{n}", "client_secret": f"secret-{n}",
            "scope": "read write"}
    config.write_text(harness.ini(sections))
    return [_start_time(config, env, cores) for _ in range(runs)]


def _start_time(config: Path, env: dict, cores: Cores) -> tuple[float, float]:
    with cores.of_the_proxy(1):
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
        while not _is_ready(int(port.group(1))):
            assert time.monotonic() - began < 30, "not ready within 30 s"
        return listening * 1e3, (time.monotonic() - began) * 1e3
    finally:
        process.terminate()
        process.communicate(timeout=60)


def _is_ready(port: int) -> bool:
    try:
        return harness.rawclient.get(port, "/-/health/ready").status == 200
    except (OSError, AssertionError):
        return False


def renewal(b: Bench) -> None:
    """a token that is renewed every second beside one that is fixed"""
    tokens = Tokens(1)
    keys = {"access_token": None, "grant_type": "client_credentials",
            "token_endpoint": tokens.url + "/token", "client_id": "bench",
            "client_secret": "bench-secret", "refresh_leeway": "0s"}
    heading(["fixed", "renewed"])
    with ExitStack() as stack:
        stack.callback(tokens.stop)
        place = b.place()
        fixed = start_bearerd(stack, b.cores, place / "fixed", Way(b.upstream.plain))
        renewed = start_bearerd(stack, b.cores, place / "renewed",
                                Way(b.upstream.plain, keys=keys))
        given, began = tokens.given, time.monotonic()
        measure(b, "token renewed, 64 conn.", SMALL, b.small(64), [fixed, renewed])
        given, seconds = tokens.given - given, time.monotonic() - began
    print(f"{'':<27} {given} tokens in {seconds / 2:.0f} s under load")


def cold(b: Bench) -> None:
    """a curl process a request, direct and through bearerd, 20 ms away"""
    far = Far(b.upstream.tls, DELAY)
    heading(["direct", "bearerd"])
    with ExitStack() as stack:
        stack.callback(far.stop)
        bearerd = start_bearerd(stack, b.cores, b.place(),
                                Way(far.address, ca=b.upstream.ca))
        times: list[list[float]] = [[], []]
        for n in range(b.options.pairs + 1):
            direct = _curl_ms("--cacert", b.upstream.ca, f"https://{far.address}/small")
            through = _curl_ms("-H", f"Host: {HOST}",
                               f"http://127.0.0.1:{bearerd.port}/small")
            if n > 0:
                times[0].append(direct)
                times[1].append(through)
    Figure("cold curl, 20 ms away", "ms a process", times).show()


def _curl_ms(*arguments: str) -> float:
    began = time.monotonic()
    subprocess.run(["curl", "-sS", "-f", "-o", "/dev/null", "-H",
                    "Authorization: Bearer fixed-token", *arguments],
                   check=True, timeout=60)
    return (time.monotonic() - began) * 1e3


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


def hooks(b: Bench) -> None:
    """what a hook in Lua costs"""
    heading(["without", "with hook"])
    for what, hook in HOOKS.items():
        with ExitStack() as stack:
            place = b.place()
            both = [start_bearerd(stack, b.cores, place / name,
                                  Way(b.upstream.plain, hook=text))
                    for name, text in (("without", ""), ("with", hook))]
            measure(b, what, SMALL, b.small(64), both)


# ---- what is counted ----

def instructions(b: Bench) -> None:
    """instructions in user space a request (valgrind), at 1 and 64 connections"""
    if counts.missing("valgrind"):
        print("\ninstructions: valgrind is not installed")
        return
    heading(["nginx", "haproxy", "bearerd"])
    seconds = 2 if b.options.quick else 5
    for title, way in (("plain", Way(b.upstream.plain)),
                       ("HTTPS", Way(b.upstream.tls, ca=b.upstream.ca))):
        for connections in (1, 64):
            totals, zeroing = [], []
            for name in ("nginx", "haproxy", "bearerd"):
                with ExitStack() as stack:
                    place = b.place()
                    (place / "grind").mkdir(parents=True)
                    way.prefix = counts.callgrind_prefix(place / "grind")
                    one = start_all(stack, b.cores, place, way, (name,))[0]
                    try:
                        total, zero = counts.instructions(one, place / "grind",
                                                          connections, seconds)
                    except AssertionError as error:
                        print(f"({error})")
                        total, zero = math.nan, math.nan
                    totals.append([total])
                    zeroing.append([zero])
            Figure(f"{title}, {connections} conn.", "instructions", totals).show()
            Figure("", "to zero memory", zeroing).show()
            Figure("", "without that", [[t[0] - z[0]] for t, z in
                                        zip(totals, zeroing)]).show()


def _calls_of(contender: Contender, place: Path,
              connections: int) -> tuple[float, dict[str, float]]:
    """Not a number where the machine was too busy for a tool to count them."""
    try:
        return counts.system_calls(contender, place, connections, 5)
    except AssertionError as error:
        print(f"({error})")
        return math.nan, {}


def calls(b: Bench) -> None:
    """system calls a request (strace, as root), at 1, 64 and 256 connections"""
    if counts.missing("strace") or os.geteuid() != 0:
        print("\nsystem calls: needs strace, and to be root")
        return
    names = ("nginx", "haproxy", "bearerd")
    heading(list(names))
    for title, way in (("plain", Way(b.upstream.plain)),
                       ("HTTPS", Way(b.upstream.tls, ca=b.upstream.ca))):
        with ExitStack() as stack:
            place = b.place()
            contenders = start_all(stack, b.cores, place, way)
            for connections in (1, 64, 256):
                found = [_calls_of(c, place, connections) for c in contenders]
                Figure(f"{title}, {connections} conn.", "system calls",
                       [[total] for total, _ in found]).show()
                for contender, (_, by_name) in zip(contenders, found):
                    each = ", ".join(f"{name} {n:.2f}" for name, n in sorted(
                        by_name.items(), key=lambda i: -i[1]) if n >= 0.05)
                    print(f"{'':<4}{contender.name}: {each}", flush=True)


SECTIONS: dict[str, Callable[[Bench], None]] = {
    section.__name__: section
    for section in (small, tls, fields, two, http2, stream, idle, busy, services,
                    renewal, cold, hooks, instructions, calls)
}
