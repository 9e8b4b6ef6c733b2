# SPDX-License-Identifier: MIT
"""NTLM and Negotiate authenticate a connection (RFC 4559, section 6): what an
upstream takes for one client's is nobody else's."""

from __future__ import annotations

import json

import pytest

from harness import static, wait_for

URL = "http://api.example.test/"
SCHEMES = ("NTLM", "Negotiate")


def authenticating(peer):
    """Each connection has the user whose credential it saw last."""
    user = None
    while True:
        request = peer.read_request()
        scheme, _, proof = (request.values("Authorization") or [""])[0].partition(" ")
        if scheme not in SCHEMES:
            proof = ""
        if proof == "hello":
            peer.answer(b"", "401 Unauthorized", f"WWW-Authenticate: {scheme} prove")
            continue
        if proof:
            user = proof
        if user:
            peer.answer(json.dumps([user, peer.number]).encode())
        else:
            peer.answer(b"", "401 Unauthorized", "WWW-Authenticate: Negotiate",
                        "WWW-Authenticate: NTLM")


MODES = {
    "libcurl": ({"access_token": None, "grant_type": "none", "carrier": "libcurl"}, {}),
    "none": ({"access_token": None, "grant_type": "none"}, {}),
    "keep": ({"existing_credential": "keep"}, {}),
    "forward": (None, {"unmatched": "forward", "forward_to": "127.0.0.0/8"}),
}


@pytest.fixture(params=MODES)
def way(request, bearerd, upstream):
    """A bearerd, its server, and the address by which a client asks."""
    service, proxy = MODES[request.param]
    server = upstream(authenticating, host="127.0.0.2" if service is None
                      else "127.0.0.1")
    process = bearerd({"a": static(upstream().url if service is None
                                   else server.url, **(service or {}))},
                      {"workers": 1, **proxy})
    return process, server, URL if service is not None else server.url + "/"


def ask(client, url, *credential):
    client.request("GET", url, fields=[f"Authorization: {c}" for c in credential])
    return client.read_response()


def log_in(client, url, scheme, user) -> int:
    """The number of the upstream's connection that is this user's now."""
    assert ask(client, url, "Basic eDp5").status == 401
    reply = ask(client, url, f"{scheme} hello")
    assert reply.status == 401
    assert reply.values("WWW-Authenticate") == [f"{scheme} prove"]
    reply = ask(client, url, f"{scheme} {user}")
    assert reply.status == 200 and reply.json()[0] == user
    return reply.json()[1]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_users_connection_is_nobody_elses(way, scheme):
    proxy, server, url = way
    with proxy.connect() as alice, proxy.connect() as bob:
        number = log_in(alice, url, scheme, "alice")
        # Her later requests need no credential.
        for _ in range(3):
            assert ask(alice, url, "Basic eDp5").json() == ["alice", number]
        for _ in range(3):
            assert ask(bob, url, "Basic eDp5").status == 401
        other = log_in(bob, url, scheme, "bob")
        assert other != number
        assert ask(alice, url, f"{scheme} alice").json() == ["alice", number]


def test_the_connection_goes_with_its_client(way):
    proxy, server, url = way
    with proxy.connect() as alice:
        log_in(alice, url, "NTLM", "alice")
        open_before = len(server.live)
    wait_for(lambda: len(server.live) < open_before, 10, "its end")
    with proxy.connect() as alice:
        assert ask(alice, url, "Basic eDp5").status == 401


def test_services_that_share_an_upstream(bearerd, upstream):
    """One's injected credential is not for the other's clients."""
    server = upstream(authenticating)
    proxy = bearerd({
        "a": static(server.url, match=None, token_format="Negotiate {access_token}"),
        "b": static(server.url, match=None, access_token=None, grant_type="none"),
    }, {"workers": 1})
    assert proxy.get("/a/").json()[0] == "fixed-token"
    for _ in range(3):
        assert proxy.get("/b/").status == 401


def test_a_challenge_alone_changes_nothing(bearerd, upstream):
    """It is passed on, and other schemes share connections as ever."""
    server = upstream()
    proxy = bearerd({"a": static(server.url, access_token=None, grant_type="none")},
                    {"workers": 1})
    for credential in ("Basic YTpi", "Bearer x", "Digest username=negotiate"):
        for _ in range(2):
            assert proxy.get(URL, f"Authorization: {credential}").status == 200
    assert server.connections == 1
