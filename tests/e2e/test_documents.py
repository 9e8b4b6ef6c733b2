# SPDX-License-Identifier: MIT
"""The tables in docs/ that say which test shows what: each test, key and
command that they name is there, and each row names one."""

import ast
import re
from pathlib import Path

import pytest

import harness

HERE = Path(__file__).parent
#: And how many columns each table has, the last of which names the tests.
DOCS = {"authlib.md": 3, "attacks.md": 3, "libraries.md": 5}
HEADS = ("what is asked", "attack", "fault")
TEST = re.compile(r"`(\w+\.py)::(\w+)`")
PROGRAM = re.compile(r"`(tests/\S+\.c)`")
KEY = re.compile(r"[a-z_]+(\.[a-z_]+)*(\.NAME|\.[\w-]+)?")
MANUAL = ["bearerd.ini.5", "bearerd.8", "bearerd-hooks.7"]


def rows(document: str) -> list[list[str]]:
    lines = (harness.TREE / "docs" / document).read_text().split("\n")
    cells = [re.split(r" *\| *", line.strip("| ")) for line in lines
             if line.startswith("| ")]
    return [row for row in cells if row[0] not in HEADS]


def functions_of(file: str) -> set[str]:
    tree = ast.parse((HERE / file).read_text())
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def manual() -> str:
    return "\n".join((harness.TREE / "man" / name).read_text() for name in MANUAL)


@pytest.mark.parametrize("document", DOCS)
def test_tests_are_there(document):
    known: dict[str, set[str]] = {}
    for row in rows(document):
        assert len(row) == DOCS[document], row
        named = TEST.findall(row[-1])
        programs = PROGRAM.findall(row[-1])
        assert named or programs, f"no test in {row}"
        for file, name in named:
            if file not in known:
                known[file] = functions_of(file)
            assert name in known[file], f"{file} has no {name}"
            assert name.startswith("test_")
        for program in programs:
            assert (harness.TREE / program).exists(), program


def test_keys_and_commands_are_there():
    text = manual()
    for row in rows("authlib.md"):
        for word in re.findall(r"`([^`]+)`", row[1]):
            if word.startswith("/"):
                continue
            if word.startswith("bearerd "):
                assert word.split()[1] in text, word
                continue
            name = word.partition(" =")[0]
            assert KEY.fullmatch(name), word
            stem = name.removesuffix("NAME")
            assert stem in text or name.rpartition(".")[0] + "." in text, word


def test_number_of_profiles():
    """The README counts them."""
    profiles = list((harness.TREE / "conf" / "providers").glob("*.ini"))
    text = (harness.TREE / "README.md").read_text()
    assert f"| {len(profiles)} profiles (`bearerd providers`)" in text


def test_every_attack_has_a_row():
    """What is a test of attacks is in the list of them."""
    text = (harness.TREE / "docs" / "attacks.md").read_text()
    for path in sorted(HERE.glob("test_attacks*.py")):
        for name in functions_of(path.name):
            if name.startswith("test_"):
                assert f"`{path.name}::{name}`" in text, f"{path.name}::{name}"
