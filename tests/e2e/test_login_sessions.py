# SPDX-License-Identifier: MIT
"""The life of a session that a person has to log in to: before, between and
after logins."""

import re
from urllib.parse import parse_qsl, urlsplit

import pytest

import load
import login
from harness import wait_for
from login import refused


def test_before_the_first_login(start, provider):
    proxy = start(names=("a", "b"))
    assert login.is_told_to_log_in(proxy)
    reply = proxy.get(login.api_url())
    assert "nobody has logged in yet" in reply.json()["detail"]
    assert "bearerd login a" in reply.json()["detail"]
    health = proxy.health()
    assert (health.status, health.json()["status"]) == (200, "warn")
    assert login.waits_for_login(proxy) and login.waits_for_login(proxy, "b")
    state = provider.state()
    assert state["token"]["total"] == state["api"]["total"] == 0


def test_session_that_exchanges_its_token(bearerd, provider, browser):
    """Its requests name the login that they wait for, and go through after it."""
    proxy = bearerd({"a": login.service(provider), "b": provider.service(
        grant_type="token-exchange", subject_token_service="a", match="b.example.test")})
    login.register(provider, proxy, grant_types=[
        "authorization_code", "urn:ietf:params:oauth:grant-type:token-exchange"])
    for _ in range(2):
        reply = proxy.get(login.api_url("b"))
        assert reply.status == 503
        assert reply.json()["login_url"] == login.login_url(proxy, "a")
        assert login.waits_for_login(proxy, "b")
    assert proxy.health("b").status == 200
    login.log_in(browser, proxy)
    assert proxy.get(login.api_url("b")).status == 200


@pytest.mark.parametrize("scope, subject", [
    ("read", "unknown"), ("openid read", "alice")])
def test_log_of_a_login(start, provider, browser, scope, subject):
    """Where it was done and whose it is, as far as that is known; no secret."""
    proxy = start(scope=scope)
    login.log_in(browser, proxy)
    line = proxy.find(r"info logged_in service=a .*", 5).group(0)
    assert " from=127.0.0.1 " in line
    assert re.search(r" subject=(\S+)$", line).group(1) == subject
    login.begin(browser, proxy)
    proxy.get("/-/callback/a?error=access_denied&state=" + dict(parse_qsl(urlsplit(
        browser.response.headers["Location"]).query))["state"],
        "Cookie: " + browser.response.headers["Set-Cookie"].split(";")[0])
    assert " from=127.0.0.1 reason=" in proxy.find(
        r"warning login_failed service=a .*", 5).group(0)
    for token in provider.issued:
        assert token not in proxy.stderr


def test_login_url_by_path(start):
    """However a client came, it is told."""
    proxy = start()
    for reply in (proxy.get("/a/x"), proxy.post("/a/x", b"body"),
                  proxy.get("/x", host="a.example.test")):
        assert reply.status == 503
        assert reply.json()["login_url"] == login.login_url(proxy)


def test_first_login_and_renewal(start, provider, browser):
    """The refresh token renews it in the background; nobody is asked again."""
    provider.set(issue={"expires_in": 2, "lifetime": 4, "rotate": True})
    proxy = start(scope="read")
    login.log_in(browser, proxy)
    assert proxy.health("a").json()["status"] == "pass"
    answers = load.steady(proxy.port, load.get_request(login.api_url()), 2, 3.5, 0.05)
    assert {a.status for a in answers} == {200}
    grants = [one["grant_type"] for one in provider.token_requests]
    assert grants[0] == "authorization_code" and set(grants[1:]) == {"refresh_token"}
    assert 1 <= len(grants[1:]) <= 3
    assert provider.state()["reused"] == 0
    assert proxy.health("a").json()["status"] == "pass"


def test_refused_token_is_renewed(start, provider, browser):
    proxy = start()
    login.log_in(browser, proxy)
    assert proxy.get(login.api_url()).status == 200
    provider.expire()
    assert proxy.get(login.api_url()).status == 200
    assert [one["grant_type"] for one in provider.token_requests] == [
        "authorization_code", "refresh_token"]


def test_refused_token_without_a_refresh_token(start, provider, browser):
    """The refusal passes on: no request can mend it."""
    provider.set(issue={"refresh": False})
    proxy = start()
    login.log_in(browser, proxy)
    provider.expire()
    for _ in range(3):
        reply = proxy.get(login.api_url())
        assert reply.status == 401
        assert "invalid_token" in reply.value("WWW-Authenticate")
    assert provider.token_count == 1
    login.log_in(browser, proxy)
    assert proxy.get(login.api_url()).status == 200


def test_refresh_token_that_died(start, provider, browser):
    """It is said everywhere, and logging in again repairs it."""
    proxy = start()
    login.log_in_and_die(provider, proxy, browser)
    assert login.is_failing(proxy)
    health = proxy.health()
    assert (health.status, health.json()["status"]) == (503, "fail")
    assert "invalid_grant" in proxy.get(login.api_url()).json()["detail"]
    count = provider.token_count
    for _ in range(10):
        assert login.is_told_to_log_in(proxy)
    assert provider.token_count == count  # nothing is sent any more
    login.log_in(browser, proxy)
    assert proxy.get(login.api_url()).status == 200
    assert proxy.health().json()["status"] == "pass"
    provider.expire()
    assert proxy.get(login.api_url()).status == 200  # by the new refresh token


def test_refused_token_whose_refresh_token_died(start, provider, browser):
    """The refusal passes on, for it may be of this request alone; but health
    says that somebody should log in."""
    proxy = start()
    login.log_in(browser, proxy)
    provider.revoke()
    for _ in range(3):
        assert proxy.get(login.api_url()).status == 401
    assert provider.token_count == 2
    wait_for(lambda: login.waits_for_login(proxy), 5, "waiting_for_login")
    health = proxy.health("a")
    assert (health.status, health.json()["status"]) == (200, "warn")
    login.log_in(browser, proxy)
    assert proxy.get(login.api_url()).status == 200
    assert proxy.health("a").json()["status"] == "pass"


def test_refresh_token_that_died_in_the_background(start, provider, browser):
    """While the token still works, nobody but health hears of it, and it is
    asked once more after that."""
    provider.set(issue={"expires_in": 3, "lifetime": 30},
                 plan=[{}, {"status": 400, "body": '{"error":"invalid_grant"}',
                            "times": None}])
    proxy = start()
    login.log_in(browser, proxy)
    seen = []

    def warns() -> bool:
        assert (reply := proxy.get(login.api_url())).status == 200, reply.body
        seen.append(proxy.health("a"))
        return seen[-1].json()["status"] == "warn"

    wait_for(warns, 4, "a failed renewal")
    assert seen[-1].status == 200 and login.state_of(proxy) == "failing"
    login.wait_until_told(proxy)
    assert login.waits_for_login(proxy) and login.is_failing(proxy)
    provider.set(plan=[])
    login.log_in(browser, proxy)
    assert proxy.health("a").json()["status"] == "pass"


def test_token_that_expires_without_a_refresh_token(start, provider, browser):
    """Health says so by itself, before anybody asks."""
    provider.set(issue={"refresh": False, "expires_in": 1})
    proxy = start()
    login.log_in(browser, proxy)
    assert proxy.health("a").json()["status"] == "pass"
    wait_for(lambda: login.is_failing(proxy), 5, "the token's end in health")
    assert login.is_told_to_log_in(proxy)
    assert "expired" in proxy.get(login.api_url()).json()["detail"]
    assert provider.token_count == 1
    provider.set(issue={})
    login.log_in(browser, proxy)
    assert proxy.get(login.api_url()).status == 200


@pytest.mark.parametrize("grant", ["implicit", "authorization_code"])
def test_default_life(start, provider, browser, grant):
    provider.set(issue={"refresh": False, "expires_in": "absent", "lifetime": 60})
    proxy = start(grant_type=grant, default_expires_in="1s")
    login.log_in(browser, proxy)
    wait_for(lambda: login.is_failing(proxy), 5, "the token's end in health")


def test_implicit_has_no_refresh_token(start, provider, browser):
    """One that comes along is none (RFC 6749 section 4.2.2)."""
    proxy = start(grant_type="implicit")
    login.log_in(browser, proxy)
    assert proxy.get(login.api_url()).status == 200
    provider.expire()
    assert proxy.get(login.api_url()).status == 401
    assert provider.token_count == 0


def test_requests_during_the_exchange_go_through(start, provider, browser):
    proxy = start()
    waiting, thread, visits = login.in_exchange(provider, proxy, browser, 10)
    wait_for(lambda: login.state_of(proxy) == "renewing", 5, "renewing")
    assert [one.answer().status for one in waiting] == [200] * 10
    thread.join(30)
    assert visits[0].response.status_code == 200
    assert provider.token_count == 1


def test_requests_during_an_exchange_that_fails(start, provider, browser):
    proxy = start()
    waiting, thread, visits = login.in_exchange(provider, proxy, browser, 10, status=503)
    replies = [one.answer() for one in waiting]
    assert [r.status for r in replies] == [503] * 10
    assert {r.json()["login_url"] for r in replies} == {login.login_url(proxy)}
    thread.join(30)
    refused(visits[0].response)
    assert provider.token_count == 1
    assert login.is_told_to_log_in(proxy) and login.waits_for_login(proxy)


def test_exchange_beside_a_token_that_works(start, provider, browser):
    """The old one serves until the new one is there."""
    proxy = start()
    login.log_in(browser, proxy)
    first = login.token_of(proxy.get(login.api_url()))
    waiting, thread, _ = login.in_exchange(provider, proxy, browser, 5)
    assert {login.token_of(one.answer()) for one in waiting} == {first}
    assert thread.is_alive()
    thread.join(30)
    assert login.token_of(proxy.get(login.api_url())) != first


def test_exchange_waits_for_a_refresh(start, provider, browser):
    """At most one token request of a session is under way."""
    proxy = start()
    login.log_in(browser, proxy)
    provider.expire()
    provider.set(plan=[{"delay": 0.7}])
    asking = login.Asking(proxy)
    wait_for(lambda: provider.token_count == 2, 10, "the refresh")
    login.log_in(browser, proxy)
    assert asking.answer().status == 200
    assert provider.state()["token"]["in_flight_max"] == 1
    assert login.token_of(proxy.get(login.api_url())) == provider.issued[-1]
    assert [r["grant_type"] for r in provider.token_requests] == [
        "authorization_code", "refresh_token", "authorization_code"]


def test_second_login_replaces_the_refresh_token(start, provider, browser):
    """Also where it brings none: the first person's is not used any more."""
    proxy = start()
    login.log_in(browser, proxy)
    provider.set(issue={"refresh": False})
    other = browser.fresh()
    visit = other.login(login.login_url(proxy), user="bob", password="builder")
    assert visit.response.status_code == 200
    provider.expire()
    assert proxy.get(login.api_url()).status == 401
    assert [r["grant_type"] for r in provider.token_requests] == [
        "authorization_code"] * 2


def test_shared_session(start, provider, browser):
    """One login is for all services that use the session, at whichever of
    them it was begun."""
    other = {"upstream": provider.api, "match": "b.example.test", "session": "a"}
    proxy = start(others={"b": other})
    reply = proxy.get(login.api_url("b"))
    assert reply.status == 503
    assert reply.json()["login_url"] == login.login_url(proxy, "a")
    visit = browser.login(login.login_url(proxy, "b"))
    assert visit.response.status_code == 200, visit.response.text
    tokens = {login.token_of(proxy.get(login.api_url(name))) for name in ("a", "b")}
    assert tokens == {provider.issued[0]}
    assert proxy.health("b").json()["status"] == "pass"
