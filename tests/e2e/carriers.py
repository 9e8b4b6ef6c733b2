# SPDX-License-Identifier: MIT
"""What libcurl cannot carry: carrier_libcurl.txt lists the tests that fail
with --carrier=libcurl, each with its reason. They are run and must fail; one
that passes fails the run, as one does that fails and is not listed."""

from __future__ import annotations

from pathlib import Path

import pytest

COLLECTED = pytest.StashKey[set]()
PATH = Path(__file__).with_name("carrier_libcurl.txt")


def parse(text: str) -> dict[str, str]:
    """{"test_file.py::test_name[parameters]": reason}; without the brackets
    it stands for all of its parameters."""
    listed: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        name, colon, reason = line.partition(": ")
        assert colon and reason.strip(), f"{PATH.name}:{number}: a test, and why"
        assert name not in listed, f"{PATH.name}:{number}: {name} stands here twice"
        listed[name] = reason.strip()
    return listed


LISTED = parse(PATH.read_text())


def covers(name: str, node: str) -> bool:
    return name in (node, node.partition("[")[0])


def reason_of(node: str) -> str | None:
    node = node.rpartition("/")[2]
    return next((why for name, why in LISTED.items() if covers(name, node)), None)


def judge(node: str, report) -> None:
    """Turns the report of a listed test round."""
    reason = reason_of(node)
    if reason is None or report.outcome == "skipped":
        return
    if report.outcome == "failed":
        report.outcome = "passed"
        report.sections.append(("fails over libcurl, as listed", reason))
        return
    report.outcome = "failed"
    report.longrepr = (f"{PATH.name} lists {node} as one that fails over libcurl "
                       f"({reason}). It passes: take it off the list.")
