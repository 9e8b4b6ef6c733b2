# SPDX-License-Identifier: MIT
"""The grant token-exchange (RFC 8693): of tokens in files that others keep
fresh, and of another service's session."""

import time

import pytest
import requests

from harness import wait_for

URL = "http://api.example.test/x"
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
TYPE = "urn:ietf:params:oauth:token-type:"


@pytest.fixture
def people(provider):
    provider.register(grant_types=["password", "refresh_token", EXCHANGE])
    return provider


def token_of(provider, username, password) -> str:
    reply = requests.post(provider.token_endpoint, timeout=30,
                          auth=("demo-client", "demo-secret"),
                          data={"grant_type": "password", "username": username,
                                "password": password, "scope": "read write"})
    assert reply.status_code == 200, reply.text
    return reply.json()["access_token"]


def exchange(provider, **keys):
    return provider.service(**{"grant_type": "token-exchange", **keys})


def form_of(provider) -> dict:
    return dict(map(tuple, provider.token_requests[-1]["form"]))


def test_files_are_read_again(bearerd, people, tmp_path):
    subject, actor = tmp_path / "subject", tmp_path / "actor"
    subject.write_text(token_of(people, "alice", "wonderland") + "\n")
    actor.write_text(token_of(people, "bob", "builder"))
    proxy = bearerd({"a": exchange(people, subject_token_file=subject,
                                   actor_token_file=actor, scope="read")})
    assert proxy.get(URL).status == 200
    form = form_of(people)
    assert form["subject_token"] == subject.read_text().strip()
    assert form["subject_token_type"] == TYPE + "access_token"
    assert form["actor_token"] == actor.read_text()
    assert form["scope"] == "read"
    assert [people.exchanges[0][n] for n in ("subject", "actor")] == ["alice", "bob"]
    fresh = token_of(people, "alice", "wonderland")
    subject.write_text(fresh)
    people.revoke(form["subject_token"])
    people.revoke(people.issued[-2])
    assert proxy.get(URL).status == 200
    assert proxy.stderr.count(fresh) == 0


def test_a_file_that_went_away(bearerd, people, tmp_path):
    subject = tmp_path / "subject"
    subject.write_text(token_of(people, "alice", "wonderland"))
    proxy = bearerd({"a": exchange(people, subject_token_file=subject)})
    whole = subject.read_text()
    subject.unlink()
    assert proxy.get(URL).status in (500, 502, 503)
    wait_for(lambda: f"subject_token: {subject}" in proxy.stderr, 5, "the log")
    subject.write_text(whole)
    deadline = time.monotonic() + 15
    while proxy.get(URL).status != 200 and time.monotonic() < deadline:
        time.sleep(0.3)
    assert proxy.get(URL).status == 200


def test_another_service(bearerd, people):
    proxy = bearerd({
        "login": people.service(grant_type=None, username="alice",
                                password="wonderland", match="login.test"),
        "a": exchange(people, subject_token_service="login", audience="there")})
    assert proxy.get(URL).status == 200
    assert people.exchanges[0]["subject"] == "alice"
    assert people.exchanges[0]["targets"] == ["there"]
    grants = [r["grant_type"] for r in people.token_requests]
    assert grants == ["password", EXCHANGE]


def test_what_cannot_be(bearerd, people):
    said = bearerd.refused({
        "a": exchange(people, subject_token_service="b"),
        "b": exchange(people, subject_token_service="a", match="b.test"),
        "c": exchange(people, subject_token_service="nobody", match="c.test"),
        "d": exchange(people, subject_token="x", subject_token_type="smoke",
                      match="d.test")})
    assert "the token of b would be needed to get the token of a" in said
    assert "no such service" in said
    assert "subject_token_type must be access_token" in said


def test_dead_subject(bearerd, people):
    proxy = bearerd({"a": exchange(people, subject_token="unknown")})
    answer = proxy.get(URL)
    assert answer.status == 502 and b"invalid_request" in answer.body
