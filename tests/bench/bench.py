#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""bearerd beside nginx and haproxy, in one run.

All do the same: take requests on kept connections, set `Authorization`, and
pass them on over kept connections. The figures of a row are measured in turns,
so that what else the machine does meets all; a ratio is bearerd's figure to the
other's in one round.
"""

from __future__ import annotations

import argparse
import itertools
import os
import shutil
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from proxies import Cores
from sections import SECTIONS, Bench
from upstreams import Upstream

PROGRAMS = ("wrk", "curl", "nginx", "haproxy")


def arguments() -> argparse.Namespace:
    listed = "\n".join(f"  {name:<14}{run.__doc__}" for name, run in SECTIONS.items())
    parser = argparse.ArgumentParser(
        description=__doc__, epilog=f"sections:\n{listed}",
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sections", nargs="*", metavar="SECTION",
                        help="only these")
    parser.add_argument("--pairs", type=int, help="rounds of each row (9)")
    parser.add_argument("--seconds", type=int, help="of each run (3)")
    parser.add_argument("--quick", action="store_true",
                        help="one second, three rounds, less of everything")
    options = parser.parse_args()
    for name in options.sections:
        if name not in SECTIONS:
            parser.error(f"no section {name}; there are {', '.join(SECTIONS)}")
    options.pairs = options.pairs or (3 if options.quick else 9)
    options.seconds = options.seconds or (1 if options.quick else 3)
    options.size = 64 if options.quick else 1024
    return options


def main() -> int:
    options = arguments()
    os.environ["PATH"] = os.environ.get("PATH", "") + ":/usr/sbin"
    for program in PROGRAMS:
        if not shutil.which(program):
            print(f"bench: {program} is not installed (./bootstrap bench)",
                  file=sys.stderr)
            return 1
    cores = Cores()
    print(f"One worker each where nothing else is said, {options.pairs} rounds of "
          f"{options.seconds} s; {cores}.")
    with tempfile.TemporaryDirectory(prefix="bearerd-bench-") as name, \
            ExitStack() as stack:
        folder = Path(name)
        folder.chmod(0o755)
        bench = Bench(options, folder, cores, Upstream(stack, folder / "upstream"),
                      itertools.count())
        for section in options.sections or SECTIONS:
            began = time.monotonic()
            SECTIONS[section](bench)
            print(f"({section}: {time.monotonic() - began:.0f} s)", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
