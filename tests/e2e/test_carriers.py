# SPDX-License-Identifier: MIT
"""The list of what fails with --carrier=libcurl holds names of tests, and is
obeyed."""

import re
from types import SimpleNamespace

import pytest

import carriers

FOLDER = carriers.PATH.parent


def test_names_are_tests(request):
    nodes = {node.rpartition("/")[2] for node in request.config.stash[carriers.COLLECTED]}
    for name in carriers.LISTED:
        file, _, function = name.partition("::")
        function = function.partition("[")[0]
        text = (FOLDER / file).read_text()
        assert re.search(rf"^def {re.escape(function)}\(", text, re.M), name
        if any(node.startswith(f"{file}::") for node in nodes):
            assert any(carriers.covers(name, node) for node in nodes), name


def judged(monkeypatch, name: str, outcome: str):
    monkeypatch.setattr(carriers, "LISTED", carriers.parse("# about\n\n"
                                                           "test_a.py::test_b[1]: why\n"
                                                           "test_a.py::test_c: other\n"))
    report = SimpleNamespace(outcome=outcome, sections=[], longrepr=None)
    carriers.judge(name, report)
    return report


def test_listed_tests_must_fail(monkeypatch):
    for name in ("test_a.py::test_b[1]", "tests/e2e/test_a.py::test_c[x-y]"):
        assert judged(monkeypatch, name, "failed").outcome == "passed"
        report = judged(monkeypatch, name, "passed")
        assert report.outcome == "failed"
        assert "take it off the list" in report.longrepr


def test_others_are_left_alone(monkeypatch):
    for name in ("test_a.py::test_b[2]", "test_b.py::test_c"):
        for outcome in ("passed", "failed"):
            assert judged(monkeypatch, name, outcome).outcome == outcome


@pytest.mark.parametrize("text", ["test_a.py::test_b", "test_a.py::test_b: ",
                                  "test_a.py::test_b: x\ntest_a.py::test_b: y"])
def test_a_list_that_says_too_little(text):
    with pytest.raises(AssertionError):
        carriers.parse(text)
