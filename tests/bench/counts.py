# SPDX-License-Identifier: MIT
"""What does not depend on what else the machine does: instructions in user
space (valgrind's callgrind) and system calls (strace), a request."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
from pathlib import Path

from loads import NoRequest, run_wrk
from proxies import Contender, harness

ENOUGH = 20  # requests a connection, so that its opening hardly counts
RUNS = 8


def _run_until_enough(contender: Contender, connections: int, seconds: float) -> int:
    """How many requests were made: under a tool, on a busy machine, a run may
    not be enough."""
    count = 0
    for _ in range(RUNS):
        try:
            count += run_wrk(contender, connections, seconds).count
        except NoRequest:
            continue
        if count >= ENOUGH * connections:
            break
    assert count, f"{contender.name} answered nothing"
    return count


def callgrind_prefix(folder: Path) -> list[str]:
    return ["valgrind", "-q", "--tool=callgrind", "--callgrind-out-file="
            f"{folder}/callgrind.out", "--separate-threads=no"]


def _control(contender: Contender, option: str) -> None:
    subprocess.run(["callgrind_control", option, str(contender.pids[0])],
                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=True,
                   timeout=60)


def _own_costs(path: Path) -> dict[str, int]:
    """Instructions by function, without those of what it calls."""
    names: dict[str, str] = {}
    costs: dict[str, int] = {}
    function, calls = "", False
    for line in path.read_text(errors="replace").splitlines():
        if found := re.match(r"fn=\((\d+)\)(?: (.+))?$", line):
            number, name = found.groups()
            function = names.setdefault(number, name or "")
        elif found := re.match(r"cfn=\((\d+)\) (.+)$", line):
            names.setdefault(*found.groups())
        elif line.startswith("calls="):
            calls = True
        elif found := re.match(r"[+\-*\d]\S* (\d+)$", line):
            if not calls:
                costs[function] = costs.get(function, 0) + int(found.group(1))
            calls = False
    return costs


def instructions(contender: Contender, folder: Path, connections: int,
                 seconds: float) -> tuple[float, float]:
    """Instructions a request of a proxy that runs under callgrind; and those
    of them that set memory to zero."""
    _run_until_enough(contender, connections, 6)
    _control(contender, "-z")
    count = _run_until_enough(contender, connections, seconds)
    _control(contender, "-d")
    dumps = sorted(folder.glob("callgrind.out*"), key=lambda p: p.stat().st_mtime)
    costs = _own_costs(dumps[-1])
    zeroing = sum(cost for name, cost in costs.items()
                  if re.search(r"memset|bzero", name))
    return sum(costs.values()) / count, zeroing / count


def _is_traced(pid: int) -> bool:
    return "TracerPid:\t0\n" not in Path(f"/proc/{pid}/status").read_text()


def system_calls(contender: Contender, folder: Path, connections: int,
                 seconds: float) -> tuple[float, dict[str, float]]:
    """System calls a request; and those of each name."""
    _run_until_enough(contender, connections, 1)
    summary = folder / f"strace-{contender.name}-{connections}"
    command = ["strace", "-f", "-c", "-q", "-o", str(summary)]
    for pid in contender.pids:
        command += ["-p", str(pid)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as tool:
        try:
            harness.wait_for(lambda: all(map(_is_traced, contender.pids)), 20,
                             "strace has hold of the processes")
            count = _run_until_enough(contender, connections, seconds)
        finally:
            tool.send_signal(signal.SIGINT)
            tool.wait(60)
    names = {}
    for line in summary.read_text().splitlines():
        words = line.split()
        if len(words) >= 5 and words[3].isdigit() and words[-1] != "total":
            names[words[-1]] = int(words[3]) / count
    return sum(names.values()), names


def missing(program: str) -> bool:
    return not shutil.which(program)
