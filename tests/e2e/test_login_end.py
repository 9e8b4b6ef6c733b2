# SPDX-License-Identifier: MIT
"""When a login ends, that it is told ahead, and that a login which nobody uses
does not end by disuse."""

import time
from datetime import datetime

import pytest

import harness
import login
from commands import session
from harness import wait_for

DAY = 24 * 3600
HOUR = 3600


@pytest.fixture
def store(bearerd):
    return {"store": f"sqlite:{bearerd.folder}/state/t.db"}


def ends_in(bearer, name: str = "a") -> float | None:
    """Seconds until the login's end, as status says it."""
    date = session(bearer, name)["login_expires_at"]
    if date is None:
        return None
    return datetime.fromisoformat(date.replace("Z", "+00:00")).timestamp() - time.time()


def is_about(seconds: float | None, expected: float) -> bool:
    return seconds is not None and expected - 120 < seconds <= expected + 2


def health(proxy) -> str:
    reply = proxy.health("a")
    assert reply.status in (200, 503)
    return reply.json()["status"]


@pytest.mark.parametrize("name", ["refresh_expires_in", "refresh_token_expires_in",
                                  "x_refresh_token_expires_in"])
def test_server_says_when(start, bearer, provider, browser, name):
    """By any of these names; until then there is no end."""
    provider.set(issue={"extra": {name: 30 * DAY}})
    proxy = start()
    assert ends_in(bearer) is None
    login.log_in(browser, proxy)
    assert is_about(ends_in(bearer), 30 * DAY)
    assert health(proxy) == "pass"
    assert "the login ends" not in bearer("status")


def test_end_that_is_not_known(start, bearer, provider, browser):
    proxy = start()
    login.log_in(browser, proxy)
    assert ends_in(bearer) is None
    assert health(proxy) == "pass"


def test_default(start, bearer, provider, browser):
    """Where the server does not say; a refresh token that it gives anew begins
    a new life."""
    provider.set(issue={"rotate": True})
    proxy = start(default_refresh_expires_in="20d")
    login.log_in(browser, proxy)
    assert is_about(ends_in(bearer), 20 * DAY)
    bearer("refresh", "a")
    assert is_about(ends_in(bearer), 20 * DAY)


def test_date_stays_where_a_refresh_does_not_say(start, bearer, provider, browser,
                                                 store):
    """Over a restart too."""
    provider.set(issue={"extra": {"refresh_expires_in": 9 * DAY}, "rotate": True})
    proxy = start(proxy=store)
    login.log_in(browser, proxy)
    provider.set(issue={"rotate": True})
    bearer("refresh", "a")
    assert is_about(ends_in(bearer), 9 * DAY)
    proxy.stop()
    start(proxy=store)
    assert is_about(ends_in(bearer), 9 * DAY)
    bearer("logout", "a")
    assert ends_in(bearer) is None


@pytest.mark.threads
def test_warning(start, bearer, provider, browser):
    """In health, in status and, once, in the log; another login ends it."""
    provider.set(issue={"extra": {"refresh_expires_in": HOUR}})
    proxy = start(login_warning="2h")
    login.log_in(browser, proxy)
    wait_for(lambda: health(proxy) == "warn", 10, "a warning")
    assert proxy.health().status == 200
    assert proxy.health().json()["status"] == "warn"
    proxy.find("warning login_expires_soon service=a expires_at=20", 10)
    assert "the login ends in 59m" in bearer("status")
    assert proxy.get(login.api_url()).status == 200
    provider.set(issue={"extra": {"refresh_expires_in": 30 * DAY}})
    login.log_in(browser, proxy)
    wait_for(lambda: health(proxy) == "pass", 10, "no warning any more")
    assert "the login ends" not in bearer("status")
    assert len([x for x in proxy.lines if "login_expires_soon" in x]) == 1


def test_no_warning_of_short_lives(start, bearer, provider, browser):
    """Without the key, a life that is renewed all the time is not told of."""
    provider.set(issue={"extra": {"refresh_expires_in": HOUR}})
    proxy = start()
    login.log_in(browser, proxy)
    assert is_about(ends_in(bearer), HOUR)
    assert health(proxy) == "pass"


@pytest.fixture
def later(bearerd, provider, store, tmp_path):
    """Starts the same service once more, with a wall clock that is ahead."""
    def begin(seconds: int, **keys):
        env = harness.preload(tmp_path, "later", LATER=seconds)
        return bearerd({"a": login.service(provider, **keys)}, store, env=env)

    return begin


def test_idle_login_is_renewed(start, bearer, provider, browser, store, later):
    """Nobody uses it; two days later it is renewed without a request."""
    provider.set(issue={"rotate": True})
    proxy = start(proxy=store)
    login.log_in(browser, proxy)
    count = provider.token_count
    proxy.stop()
    proxy = start(proxy=store)
    assert login.state_of(proxy) == "ready"
    assert provider.token_count == count
    proxy.stop()
    proxy = later(2 * DAY)
    wait_for(lambda: provider.token_count == count + 1, 20, "a renewal")
    assert provider.token_requests[-1]["grant_type"] == "refresh_token"
    assert proxy.get(login.api_url()).status == 200
    assert provider.token_count == count + 1


@pytest.mark.parametrize("keys", [{"renew_idle": "no"}, {"renew_idle": "7d"}])
def test_idle_login_is_left_alone(start, bearer, provider, browser, store, later,
                                  keys):
    proxy = start(proxy=store, **keys)
    login.log_in(browser, proxy)
    count = provider.token_count
    proxy.stop()
    proxy = later(2 * DAY, **keys)
    assert login.state_of(proxy) in ("idle", "ready")
    time.sleep(1)
    assert provider.token_count == count


def test_half_of_a_short_life(start, bearer, provider, browser, store, later):
    """A refresh token of eight hours is renewed after four."""
    provider.set(issue={"extra": {"refresh_expires_in": 8 * HOUR}, "rotate": True})
    proxy = start(proxy=store)
    login.log_in(browser, proxy)
    count = provider.token_count
    proxy.stop()
    proxy = later(5 * HOUR)
    wait_for(lambda: provider.token_count == count + 1, 20, "a renewal")
    assert health(proxy) == "pass"


def test_warning_after_a_start(start, bearer, provider, browser, store, later):
    """A login that died of age while nothing ran is told of as soon as it runs
    again, and before: by its date."""
    provider.set(issue={"extra": {"refresh_expires_in": 30 * DAY}})
    proxy = start(proxy=store, renew_idle="no")
    login.log_in(browser, proxy)
    proxy.stop()
    proxy = later(25 * DAY, renew_idle="no")
    wait_for(lambda: health(proxy) == "warn", 10, "a warning")
    proxy.find("login_expires_soon", 10)
