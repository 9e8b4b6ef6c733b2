# SPDX-License-Identifier: MIT
"""A few of the rounds of tests/rounds: answers that are cut, kills, ways that
break, and no login lost but where nobody could have kept it."""

import re
import subprocess
import sys

import pytest

from harness import TREE, either

PROGRAM = TREE / "tests" / "rounds" / "rounds.py"


@pytest.mark.parametrize("kind, rounds", [("cut", 30), ("kill", 6), ("way", 24)])
@pytest.mark.parametrize("grace", ["0", "30"])
def test_rounds(kind, rounds, grace):
    result = subprocess.run(
        [sys.executable, "-B", str(PROGRAM), "--kind", kind, "--grace", grace,
         "--rounds", str(rounds), "--jobs", "1"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8",
        timeout=either(300, 900))
    print(result.stdout)
    assert result.returncode == 0, result.stdout
    assert f" in {rounds} rounds" in result.stdout
    [lost] = re.findall(r"^  lost: (\d+)", result.stdout, re.M)
    if grace == "30":
        assert lost == "0"
    elif kind == "cut":
        # Not one octet of an answer that is cut makes it whole.
        assert int(lost) == rounds
