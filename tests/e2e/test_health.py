# SPDX-License-Identifier: MIT
"""The health pages (draft-inadarei-api-health-check)."""

import time

import pytest

from harness import static, wait_for

URL = "http://api.example.test/x"


def report(proxy, name: str = "") -> tuple[int, dict]:
    reply = proxy.health(name)
    assert reply.value("Content-Type") == "application/health+json"
    assert "no-" in (reply.value("Cache-Control") or "no-")
    return reply.status, reply.json()


def becomes(proxy, name: str, status: int) -> None:
    """Each worker has the news by mail, a moment after the client's answer."""
    wait_for(lambda: report(proxy, name)[0] == status, 5, f"health {status}")


def session(body: dict, name: str = "a") -> str:
    checks = body["checks"][f"session:{name}"]
    assert isinstance(checks, list) and len(checks) == 1
    return checks[0]["status"]


@pytest.mark.threads
def test_idle_and_ready_pass(bearerd, provider):
    proxy = bearerd({"a": provider.service()})
    for _ in range(2):
        status, body = report(proxy)
        assert (status, body["status"]) == (200, "pass")
        assert body["version"]
        assert session(body) == "pass"
        assert body["checks"]["store"][0]["status"] == "pass"
        assert proxy.get(URL).status == 200


@pytest.mark.threads
def test_failing_session(bearerd, provider):
    proxy = bearerd({
        "a": provider.service(client_secret="wrong"),
        "b": provider.service(match="b.example.test")})
    assert proxy.get(URL).status == 502
    becomes(proxy, "", 503)
    status, body = report(proxy)
    assert (status, body["status"]) == (503, "fail")
    assert (session(body, "a"), session(body, "b")) == ("fail", "pass")
    status, body = report(proxy, "a")
    assert (status, body["status"]) == (503, "fail")
    status, body = report(proxy, "b")
    assert (status, body["status"]) == (200, "pass")


def test_recovery(bearerd, provider):
    provider.set(plan=[{"status": 503, "times": 2}])
    proxy = bearerd({"a": provider.service()})
    assert proxy.get(URL).status == 503
    becomes(proxy, "", 503)
    wait_for(lambda: proxy.get(URL).status == 200, 10, "the token")
    becomes(proxy, "", 200)
    assert report(proxy)[1]["status"] == "pass"


@pytest.mark.threads
def test_renewal_that_fails_warns(bearerd, provider):
    provider.set(issue={"expires_in": 5, "lifetime": 30},
                 plan=[{}, {"status": 503, "times": None}])
    proxy = bearerd({"a": provider.service()})
    assert proxy.get(URL).status == 200
    wait_for(lambda: provider.token_count >= 3, 8, "the renewal's failure")
    wait_for(lambda: session(report(proxy)[1]) == "warn", 2, "the warning")
    status, body = report(proxy)
    assert (status, body["status"]) == (200, "warn")
    wait_for(lambda: report(proxy)[0] == 503, 6, "the token's end seen")


def test_static_and_none_pass(bearerd, upstream):
    server = upstream()
    proxy = bearerd({"a": static(server.url),
                     "b": static(server.url, match="b.example.test",
                                 grant_type="none", access_token=None)})
    assert report(proxy)[1]["status"] == "pass"
    assert report(proxy, "b")[1]["status"] == "pass"


def test_live_and_ready(bearerd, upstream):
    proxy = bearerd({"a": static(upstream().url)})
    for page in ("live", "ready"):
        assert proxy.health(page).status == 200


def test_health_says_nothing_that_is_secret(bearerd, provider):
    proxy = bearerd({"a": provider.service(client_secret="a-wrong-secret")})
    proxy.get(URL)
    text = proxy.health().body.decode() + proxy.health("a").body.decode()
    for word in ("a-wrong-secret", "demo-client", "invalid_client", "127.0.0.1"):
        assert word not in text


@pytest.mark.parametrize("page", ["/-/health/nothing", "/-/nothing", "/-"])
def test_no_such_page(bearerd, upstream, page):
    proxy = bearerd({"a": static(upstream().url)})
    assert proxy.get(page).status == 404


def test_head_and_other_methods(bearerd, upstream):
    proxy = bearerd({"a": static(upstream().url)})
    assert proxy.fetch("HEAD", "/-/health").status == 200
    assert proxy.post("/-/health", b"x").status == 405


def test_health_answers_while_the_session_waits(bearerd, provider):
    provider.set(plan=[{"delay": 2}])
    proxy = bearerd({"a": provider.service()}, {"workers": 1})
    with proxy.connect() as waiting:
        waiting.request("GET", URL)
        time.sleep(0.2)
        began = time.monotonic()
        assert report(proxy)[0] == 200
        assert time.monotonic() - began < 1
        assert waiting.read_response().status == 200
