# SPDX-License-Identifier: MIT
"""What the tests of the commands and of the control socket share."""

import json
import socket
from pathlib import Path

PEOPLE = {"client_id": "demo-client", "client_secret": "demo-secret",
          "grant_types": ["password", "refresh_token", "client_credentials"]}


def session(bearer, name: str) -> dict:
    [found] = json.loads(bearer("status", name, "--json"))
    return found


def state(bearer, name: str) -> str:
    return session(bearer, name)["state"]


def revocations(provider) -> list[dict]:
    log = provider.state()["revocation"]["log"]
    return [dict(map(tuple, record["form"])) for record in log]


def password_service(provider, **keys):
    provider.set(clients=[PEOPLE])
    return provider.service(**{"grant_type": "password", "username": "alice",
                               "password": "wonderland", **keys})


def dial(folder: Path) -> socket.socket:
    sock = socket.socket(socket.AF_UNIX)
    sock.settimeout(30)
    sock.connect(str(folder / "run" / "control.sock"))
    return sock


def hear(sock: socket.socket) -> list[dict]:
    """All events until the daemon hangs up."""
    text = b""
    try:
        while octets := sock.recv(65536):
            text += octets
    except ConnectionResetError:
        pass
    return [json.loads(line) for line in text.splitlines()]


def error_of(folder: Path, request: bytes) -> str:
    with dial(folder) as sock:
        try:
            sock.sendall(request)
        except OSError:
            pass  # it has hung up already, and said why
        last = hear(sock)[-1]
    assert last["event"] == "end"
    return last["error"]
