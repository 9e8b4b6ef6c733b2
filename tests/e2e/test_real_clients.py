# SPDX-License-Identifier: MIT
"""Every cell of the matrix of real clients (see clients.py)."""

import pytest

from clients import Matrix, cells


@pytest.fixture(scope="module")
def matrix(tmp_path_factory):
    running = Matrix(tmp_path_factory.mktemp("clients"))
    yield running
    running.stop()


def name(part) -> str:
    return getattr(part, "name", part).replace(" ", "-")


@pytest.mark.parametrize("client, way, action", cells(), ids=name)
def test_cell(matrix, client, way, action):
    matrix.attempt(client, way, action)
