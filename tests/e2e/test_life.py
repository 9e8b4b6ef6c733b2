# SPDX-License-Identifier: MIT
"""The life of a token: one request for it however many wait, renewal that
nobody notices, refusals, outages and credentials that are dead."""

import hashlib
import threading
import time
from pathlib import Path

import pytest

import load
from harness import either, wait_for

URL = "http://api.example.test/x"


def statuses(answers) -> dict[int, int]:
    counted: dict[int, int] = {}
    for answer in answers:
        counted[answer.status] = counted.get(answer.status, 0) + 1
    return counted


@pytest.mark.parametrize("expired", [True, False], ids=["expired", "none yet"])
@pytest.mark.threads
def test_500_requests_make_one_token_request(bearerd, provider, expired):
    proxy = bearerd({"a": provider.service()}, {"workers": 2})
    if expired:
        provider.set(issue={"expires_in": 1})
        assert proxy.get(URL).status == 200
        time.sleep(2.5)  # over, and so is the one that its use was renewed to
    before = provider.token_count
    provider.set(issue={}, plan=[{"delay": 1.0}])
    answers = load.burst(proxy.port, load.get_request(URL), 500)
    assert statuses(answers) == {200: 500}
    state = provider.state()
    assert state["token"]["total"] == before + 1
    assert state["token"]["in_flight_max"] == 1
    assert max(a.seconds for a in answers) < either(10, 40)


@pytest.mark.threads
def test_renewal_in_the_background_is_not_noticed(bearerd, provider):
    provider.set(issue={"expires_in": 5, "lifetime": 8},
                 plan=[{}, {"delay": 0.7, "times": None}])
    proxy = bearerd({"a": provider.service()})
    assert proxy.get(URL).status == 200
    answers = load.steady(proxy.port, load.get_request(URL), 8, 11, 0.02)
    assert statuses(answers) == {200: len(answers)}
    assert len(answers) > 200
    assert 3 <= provider.token_count <= 4
    assert max(a.seconds for a in answers) < either(0.6, 3)
    assert len({a.body for a in answers}) >= 3  # the token changed, twice


def test_unused_token_is_not_renewed(bearerd, provider):
    provider.set(issue={"expires_in": 1, "lifetime": 30})
    proxy = bearerd({"a": provider.service()})
    assert proxy.get(URL).status == 200
    time.sleep(3.5)
    assert provider.token_count <= 2


def test_refresh_leeway(bearerd, provider):
    """Renewal is at the later of expiry - refresh_leeway and 80 % of the life."""
    provider.set(issue={"expires_in": 10})
    proxy = bearerd({"a": provider.service(refresh_leeway="1s")})
    assert proxy.get(URL).status == 200
    time.sleep(8.4)
    assert provider.token_count == 1
    wait_for(lambda: provider.token_count == 2, 3, "the renewal, 1 s before the end")


@pytest.mark.threads
def test_revoked_token_is_renewed_once(bearerd, provider):
    proxy = bearerd({"a": provider.service()})
    assert proxy.get(URL).status == 200
    for count in (2, 3):
        provider.revoke()
        assert proxy.get(URL).status == 200
        assert proxy.get(URL).status == 200
        assert provider.token_count == count
    assert provider.state()["api"]["by_status"]["refused"] == 2


@pytest.mark.parametrize("chunked", [False, True], ids=["length", "chunked"])
@pytest.mark.parametrize("size", [0, 5, 60000])
def test_revoked_token_and_a_body(bearerd, provider, chunked, size):
    proxy = bearerd({"a": provider.service()})
    assert proxy.get(URL).status == 200
    provider.revoke()
    body = bytes(n % 251 for n in range(size))
    with proxy.connect() as connection:
        if chunked:
            pieces = [body[n:n + 7000] for n in range(0, size, 7000)]
            connection.request("POST", URL, fields=["Transfer-Encoding: chunked"])
            for piece in pieces:
                connection.send(b"%x\r\n%s\r\n" % (len(piece), piece))
            connection.send(b"0\r\n\r\n")
        else:
            connection.request("POST", URL, body=body)
        reply = connection.read_response()
    assert reply.status == 200
    assert reply.json()["body_sha256"] == hashlib.sha256(body).hexdigest()
    assert provider.token_count == 2


@pytest.mark.threads
def test_many_that_are_refused_at_once_renew_once(bearerd, provider):
    proxy = bearerd({"a": provider.service()})
    assert proxy.get(URL).status == 200
    provider.revoke()
    provider.set(plan=[{"delay": 0.5}])
    answers = load.burst(proxy.port, load.get_request(URL), 50)
    assert statuses(answers) == {200: 50}
    assert provider.token_count == 2


def test_body_that_is_too_large_to_send_again(bearerd, provider):
    proxy = bearerd({"a": provider.service(replay_body="1K")})
    assert proxy.get(URL).status == 200
    provider.revoke()
    assert proxy.post(URL, b"x" * 2000).status == 401
    assert provider.token_count == 1
    assert proxy.post(URL, b"x" * 1000).status == 200
    assert provider.token_count == 2


def test_replay_never(bearerd, provider):
    proxy = bearerd({"a": provider.service(replay="never")})
    assert proxy.get(URL).status == 200
    provider.revoke()
    assert proxy.get(URL).status == 401
    assert provider.state()["api"]["by_status"]["refused"] == 1


def test_refusal_of_one_request_is_passed_on_whole(bearerd, provider):
    proxy = bearerd({"a": provider.service()})
    reply = proxy.get("http://api.example.test/always401")
    assert reply.status == 401
    assert "invalid_token" in reply.value("WWW-Authenticate")
    assert reply.body == b"no\n"


def test_path_that_always_refuses_does_not_storm(bearerd, provider):
    proxy = bearerd({"a": provider.service()})
    refusing = load.get_request("http://api.example.test/always401")
    answers = load.steady(proxy.port, refusing, 10, 3, 0.05)
    assert statuses(answers) == {401: len(answers)}
    assert len(answers) > 50
    assert provider.token_count <= 3


def test_other_statuses_do_not_renew(bearerd, provider):
    proxy = bearerd({"a": provider.service()})
    for status in (400, 403, 404, 407, 500, 503):
        reply = proxy.get(f"http://api.example.test/status/{status}")
        assert reply.status == status
    assert provider.token_count == 1


def test_refresh_status(bearerd, provider):
    proxy = bearerd({"a": provider.service(refresh_status=["401", "403"])})
    assert proxy.get("http://api.example.test/status/403").status == 403
    state = provider.state()
    assert state["token"]["total"] == 2
    assert [r["status"] for r in state["api"]["log"]] == [403, 403]


def test_refresh_status_and_a_method_that_is_not_idempotent(bearerd, provider):
    proxy = bearerd({"a": provider.service(refresh_status=["401", "403"])})
    reply = proxy.post("http://api.example.test/status/403", b"x")
    assert reply.status == 403
    assert len(provider.state()["api"]["log"]) == 1


def test_static_token_that_is_refused(bearerd, provider):
    proxy = bearerd({"a": {"upstream": provider.api, "match": "api.example.test",
                           "access_token": "not-known-there"}})
    for _ in range(3):
        assert proxy.get(URL).status == 401
    state = provider.state()
    assert state["token"]["total"] == 0
    assert state["api"]["total"] == 3


OUTAGES = {
    "down": {"status": 503, "body": "down", "times": 2},
    "dropped": {"drop": "before", "times": 2},
    "refused": {"status": 400, "body": '{"error":"invalid_client"}', "times": 1},
}


def test_outage_with_a_live_token_is_not_noticed(bearerd, provider):
    issue = {"expires_in": 10, "lifetime": 14}
    provider.set(
        clients=[{"client_id": name, "client_secret": "s", "issue": issue}
                 for name in OUTAGES],
        plan=[{"client_id": name, **step} for name, outage in OUTAGES.items()
              for step in ({}, outage)])
    proxy = bearerd({name: provider.service(
        client_id=name, client_secret="s", match=f"{name}.example.test")
        for name in OUTAGES})
    seen: list[str] = []

    def watch() -> None:
        limit = time.monotonic() + 12.5
        while time.monotonic() < limit:
            seen.append(proxy.health().json()["status"])
            time.sleep(0.2)

    watcher = threading.Thread(target=watch)
    watcher.start()
    requests = tuple(load.get_request(f"http://{name}.example.test/x")
                     for name in OUTAGES)
    answers = load.steady(proxy.port, requests, 9, 12, 0.1)
    watcher.join()
    assert statuses(answers) == {200: len(answers)}
    assert max(a.seconds for a in answers) < either(1.5, 5)
    assert provider.state()["token"]["by_client"] == {
        name: outage["times"] + 2 for name, outage in OUTAGES.items()}
    assert "warn" in seen and "fail" not in seen
    assert seen[-1] == "pass"


def test_dead_credentials_do_not_storm(bearerd, provider):
    proxy = bearerd({"a": provider.service(client_secret="wrong")})
    answers = load.steady(proxy.port, load.get_request(URL), 5, 4, 0.1)
    assert statuses(answers) == {502: len(answers)}
    assert len(answers) > 50
    assert all(b"invalid_client" in a.body for a in answers)
    # At once, then after about 1 s and 2 s more.
    assert 2 <= provider.token_count <= 4
    assert provider.state()["token"]["in_flight_max"] == 1


@pytest.mark.threads
def test_dead_credentials_and_many_waiters(bearerd, provider):
    provider.set(plan=[{"delay": 0.5}])
    proxy = bearerd({"a": provider.service(client_secret="wrong")})
    answers = load.burst(proxy.port, load.get_request(URL), 100)
    assert statuses(answers) == {502: 100}
    assert provider.token_count == 1


def test_credentials_that_come_back(bearerd, provider):
    provider.set(plan=[{"status": 401, "body": '{"error":"invalid_client"}'}])
    proxy = bearerd({"a": provider.service()})
    assert proxy.get(URL).status == 502
    wait_for(lambda: proxy.get(URL).status == 200, 5, "the end of the pause")
    assert provider.token_count == 2


@pytest.mark.parametrize("fault", [
    {"status": 503}, {"status": 500, "body": "{}"}, {"status": 429},
    {"drop": "before"}, {"drop": "after"}],
    ids=["503", "500", "429", "dropped before", "dropped after"])
@pytest.mark.threads
def test_second_try_is_quick(bearerd, provider, fault):
    provider.set(plan=[fault])
    proxy = bearerd({"a": provider.service()})
    began = time.monotonic()
    assert proxy.get(URL).status == 200
    assert time.monotonic() - began < either(1.5, 6)
    assert provider.token_count == 2


def test_outage_is_503_at_once_during_a_pause(bearerd, provider):
    provider.set(plan=[{"status": 503, "times": None}])
    proxy = bearerd({"a": provider.service()})
    first = proxy.get(URL)
    assert first.status == 503
    assert first.error == "destination_unavailable"
    assert int(first.value("Retry-After")) >= 1
    assert provider.token_count == 2
    for _ in range(5):
        began = time.monotonic()
        assert proxy.get(URL).status == 503
        assert time.monotonic() - began < either(0.4, 3)
    assert provider.token_count <= 3


def test_outage_does_not_storm(bearerd, provider):
    provider.set(plan=[{"status": 503, "times": None}])
    proxy = bearerd({"a": provider.service()})
    answers = load.steady(proxy.port, load.get_request(URL), 5, 4, 0.1)
    assert statuses(answers) == {503: len(answers)}
    assert all(b"retry-after:" in a.head.lower() for a in answers)
    assert provider.token_count <= 8
    provider.set(plan=[])
    wait_for(lambda: proxy.get(URL).status == 200, 12, "the outage's end seen")


def test_retry_after_of_the_server(bearerd, provider):
    provider.set(plan=[{"status": 429, "headers": {"Retry-After": "3"}, "times": 2}])
    proxy = bearerd({"a": provider.service()})
    reply = proxy.get(URL)
    if reply.status == 503:
        assert 1 <= int(reply.value("Retry-After")) <= 4
    asked = provider.token_count
    assert asked <= 2
    time.sleep(1.5)
    assert proxy.get(URL).status == 503
    assert provider.token_count == asked
    wait_for(lambda: proxy.get(URL).status == 200, 12, "the pause's end")


def test_token_timeout(bearerd, provider):
    provider.set(plan=[{"delay": 8, "times": None}])
    proxy = bearerd({"a": provider.service(token_timeout="500ms")})
    began = time.monotonic()
    reply = proxy.get(URL)
    assert reply.status == 503
    assert reply.error == "destination_unavailable"
    assert 0.5 <= time.monotonic() - began < either(4, 8)


def test_token_endpoint_that_refuses_connections(bearerd, provider):
    proxy = bearerd({"a": provider.service(
        token_endpoint="http://127.0.0.1:1/token")})
    reply = proxy.get(URL)
    assert reply.status == 503
    assert reply.error == "destination_unavailable"
    assert reply.value("Retry-After")
    assert provider.state()["api"]["total"] == 0


@pytest.mark.threads
def test_max_waiting(bearerd, provider):
    provider.set(plan=[{"delay": 2}])
    proxy = bearerd({"a": provider.service(max_waiting=5)})
    answers = load.burst(proxy.port, load.get_request(URL), 20)
    assert statuses(answers) == {200: 5, 503: 15}
    turned_away = [a for a in answers if a.status == 503]
    assert all(a.seconds < 1.8 for a in turned_away)
    assert all(b"retry-after:" in a.head.lower() for a in turned_away)
    assert provider.token_count == 1


@pytest.mark.threads
def test_waiters_that_leave(bearerd, provider):
    provider.set(plan=[{"delay": 1}])
    proxy = bearerd({"a": provider.service()})
    leaving = [proxy.connect().request("GET", URL) for _ in range(20)]
    time.sleep(0.3)
    for connection in leaving:
        connection.close()
    assert proxy.get(URL).status == 200
    assert provider.token_count == 1
    assert provider.state()["api"]["total"] <= 21


@pytest.mark.threads
def test_sessions_do_not_share_tokens(bearerd, provider):
    provider.set(clients=[{"client_id": "other", "client_secret": "s"}])
    proxy = bearerd({
        "a": provider.service(),
        "b": provider.service(match="b.example.test", client_id="other",
                              client_secret="s")})
    seen = [proxy.get(url).json()["headers"]
            for url in (URL, "http://b.example.test/x")]
    tokens = [dict(map(tuple, headers))["Authorization"] for headers in seen]
    assert len(set(tokens)) == 2
    assert provider.state()["token"]["by_client"] == {"demo-client": 1, "other": 1}


def test_slow_session_does_not_hold_the_others(bearerd, provider):
    provider.set(clients=[{"client_id": "slow", "client_secret": "s"}],
                 plan=[{"client_id": "slow", "delay": 2}])
    proxy = bearerd({
        "a": provider.service(),
        "b": provider.service(match="b.example.test", client_id="slow",
                              client_secret="s")}, {"workers": 1})
    with proxy.connect() as waiting:
        waiting.request("GET", "http://b.example.test/x")
        time.sleep(0.2)
        began = time.monotonic()
        assert proxy.get(URL).status == 200
        assert time.monotonic() - began < 1.5
        assert waiting.read_response().status == 200


@pytest.mark.threads
def test_stopping_with_waiters(bearerd, provider):
    provider.set(plan=[{"delay": 1}])
    proxy = bearerd({"a": provider.service()})
    with proxy.connect() as waiting:
        waiting.request("GET", URL)
        time.sleep(0.3)
        proxy.stop()
        reply = waiting.read_response()
    assert reply.status in (200, 503)


def test_threads_have_names(bearerd, provider):
    """What top -H and gdb show of them."""
    proxy = bearerd({"a": provider.service()}, {"workers": 2})
    names = [name.read_text().strip()
             for name in Path(f"/proc/{proxy.pid}/task").glob("*/comm")]
    assert {"worker-0", "worker-1", "broker", "keeper", "log"} <= set(names)
