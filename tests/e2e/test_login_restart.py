# SPDX-License-Identifier: MIT
"""Sessions that a person has logged in to, across restarts."""

import resource
import time

import pytest

import harness
import login
from login import refused


@pytest.fixture
def store(bearerd):
    return {"store": f"sqlite:{bearerd.folder}/state/t.db"}


@pytest.mark.threads
def test_store_that_cannot_be_written(start, bearerd, provider, browser, store):
    """The login works all the same, and says so; then it is stored."""
    proxy = bearerd({"a": login.service(provider)}, store, restore_signals=False)
    login.register(provider, proxy)
    harness.limit_file_size(proxy.pid, 0)
    visit = login.log_in(browser, proxy)
    assert "The store could not be written" in visit.response.text
    assert proxy.get(login.api_url()).status == 200
    assert '"warn"' in proxy.health().body.decode()
    hard = resource.prlimit(proxy.pid, resource.RLIMIT_FSIZE)[1]
    resource.prlimit(proxy.pid, resource.RLIMIT_FSIZE, (hard, hard))
    proxy.find("store_write_works_again", 15)
    proxy.stop()
    assert start(proxy=store).get(login.api_url()).status == 200


@pytest.mark.parametrize("grant", ["authorization_code", "implicit"])
def test_restart(start, provider, browser, store, grant):
    """A session survives it."""
    proxy = start(proxy=store, grant_type=grant)
    login.log_in(browser, proxy)
    count = provider.token_count
    token = login.token_of(proxy.get(login.api_url()))
    proxy.stop()
    proxy = start(proxy=store, grant_type=grant)
    assert proxy.health("a").json()["status"] == "pass"
    assert login.token_of(proxy.get(login.api_url())) == token
    assert provider.token_count == count
    if grant == "authorization_code":
        provider.expire()
        assert proxy.get(login.api_url()).status == 200
        assert provider.token_requests[-1]["grant_type"] == "refresh_token"


def test_restart_after_the_token_expired(start, provider, browser, store):
    provider.set(issue={"expires_in": 1})
    proxy = start(proxy=store)
    login.log_in(browser, proxy)
    proxy.stop()
    time.sleep(1.1)
    proxy = start(proxy=store)
    assert proxy.health("a").json()["status"] == "pass"
    assert proxy.get(login.api_url()).status == 200
    assert provider.token_requests[-1]["grant_type"] == "refresh_token"


def test_restart_after_the_refresh_token_died(start, provider, browser, store):
    """It is known that somebody had logged in; nothing is sent again."""
    proxy = start(proxy=store)
    login.log_in_and_die(provider, proxy, browser)
    count = provider.token_count
    proxy.stop()
    for _ in range(2):
        proxy = start(proxy=store)
        assert login.is_failing(proxy) and login.is_told_to_log_in(proxy)
        proxy.stop()
    assert provider.token_count == count
    proxy = start(proxy=store)
    login.log_in(browser, proxy)
    proxy.stop()
    proxy = start(proxy=store)
    assert proxy.get(login.api_url()).status == 200


def test_restart_after_the_end_without_a_refresh_token(start, provider, browser,
                                                       store):
    provider.set(issue={"refresh": False, "expires_in": 1})
    proxy = start(proxy=store)
    login.log_in(browser, proxy)
    proxy.stop()
    time.sleep(1.1)
    proxy = start(proxy=store)
    assert login.is_failing(proxy) and login.is_told_to_log_in(proxy)


def test_restart_in_the_middle_of_a_login(start, provider, browser, store):
    """Logins that were begun are forgotten, and nothing else."""
    proxy = start(proxy=store)
    login.begin(browser, proxy)
    url = provider.authorize(browser.response.headers["Location"])["location"]
    proxy.stop()
    proxy = start(proxy={**store, "listen": f"127.0.0.1:{proxy.port}"})
    refused(browser.open(url))
    assert provider.token_count == 0
    login.log_in(browser, proxy)


def test_stop_during_the_exchange(start, provider, browser, store):
    """A stop waits for the answer, and keeps the token."""
    proxy = start(proxy=store)
    waiting, thread, visits = login.in_exchange(provider, proxy, browser, 1)
    proxy.stop()
    thread.join(30)
    waiting[0].answer()
    proxy = start(proxy=store)
    assert proxy.get(login.api_url()).status == 200
    assert provider.token_count == 1


@pytest.mark.parametrize("change", [
    {"client_id": "other"}, {"token_endpoint": "?x=y"}, {"grant_type": "implicit"}],
    ids=str)
def test_other_identity_must_log_in_again(start, provider, browser, store, change):
    proxy = start(proxy=store)
    login.log_in(browser, proxy)
    proxy.stop()
    if "token_endpoint" in change:
        change = {"token_endpoint": provider.token_endpoint + "?x=y"}
    client = {"client_id": change.get("client_id", "demo-client")}
    proxy = start(proxy=store, register=client, **change)
    assert login.is_told_to_log_in(proxy)
    assert proxy.health("a").json()["status"] == "warn"
    login.log_in(browser, proxy)
    proxy.stop()
    login.register(provider, proxy)
    proxy = start(proxy=store)  # the first one's is still there
    assert login.token_of(proxy.get(login.api_url())) == provider.issued[0]


def test_other_scope_is_renewed(start, provider, browser, store):
    """What was granted for other wishes is not used, but renewed."""
    proxy = start(proxy=store, scope="read")
    login.log_in(browser, proxy)
    proxy.stop()
    proxy = start(proxy=store, scope="read openid", register={"scope": "read"})
    assert proxy.get(login.api_url()).status in (200, 502, 503)
    assert provider.issued[0] not in [
        dict(map(tuple, r["headers"]))["Authorization"].removeprefix("Bearer ")
        for r in provider.state()["api"]["log"]]


def test_openid_is_asked_for_later(start, provider, browser, store):
    """Whose the old session is, nobody knows: a refresh that does not say it is
    not enough, and a login is."""
    register = {"scope": "read openid"}
    proxy = start(proxy=store, register=register, scope="read", issuer=provider.issuer)
    login.log_in(browser, proxy)
    proxy.stop()
    proxy = start(proxy=store, register=register, scope="read openid")
    reply = proxy.get(login.api_url())
    assert reply.status == 502 and "log in again" in reply.json()["detail"]
    login.log_in(browser, proxy)
    assert proxy.get(login.api_url()).status == 200
    provider.expire()
    assert proxy.get(login.api_url()).status == 200


def test_rotated_refresh_token_survives(start, provider, browser, store):
    provider.set(issue={"rotate": True})
    for count in range(3):
        proxy = start(proxy=store)
        if count == 0:
            login.log_in(browser, proxy)
        provider.expire()
        assert proxy.get(login.api_url()).status == 200
        proxy.stop()
    sent = [dict(map(tuple, r["form"])).get("refresh_token")
            for r in provider.token_requests[1:]]
    assert len(set(sent)) == len(sent) == 3
    assert provider.state()["reused"] == 0
