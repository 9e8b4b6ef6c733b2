# SPDX-License-Identifier: MIT
"""What a refused refresh means: the grant starts again where it can, a person
is asked where that helps, and a trouble that passes ends nothing."""

import json

import pytest

import harness
import login
from attacks import encoded
from harness import wait_for
from test_grants import URL, forms, grants, log_in, people, seeded, user  # noqa: F401


def refusal(code: str, status: int = 400, **members) -> dict:
    return {"status": status, "content_type": "application/json",
            "body": json.dumps({"error": code, **members})}


@pytest.mark.parametrize("status", [400, 401])
@pytest.mark.parametrize("code", ["invalid_request", "unsupported_grant_type",
                                  "unauthorized_client", "invalid_scope",
                                  "interaction_required", "server_says_no"])
def test_grant_starts_again(bearerd, people, code, status):
    """The refresh was refused, not the password; the old refresh token goes
    with the first that comes after it."""
    proxy = bearerd({"a": user(people)})
    assert proxy.get(URL).status == 200
    people.expire()
    people.set(plan=[refusal(code, status)])
    assert proxy.get("http://api.example.test/x").status == 200
    assert grants(people) == ["password", "refresh_token", "password"]
    people.expire()
    assert proxy.get("http://api.example.test/x").status == 200
    old, new = [form["refresh_token"] for form in forms(people)
                if "refresh_token" in form]
    assert old != new


@pytest.mark.parametrize("body", [b"", b"no", b"{}", b'{"error":{"code":5}}'])
def test_grant_starts_again_whatever_is_said(bearerd, people, body):
    proxy = bearerd({"a": user(people)})
    assert proxy.get(URL).status == 200
    people.expire()
    people.set(plan=[{"status": 400, **encoded(body)}])
    assert proxy.get("http://api.example.test/x").status == 200
    assert grants(people) == ["password", "refresh_token", "password"]


def test_client_that_is_refused_starts_nothing(bearerd, people):
    """No password is sent where the client itself is at fault."""
    proxy = bearerd({"a": user(people)})
    assert proxy.get(URL).status == 200
    people.expire()
    people.set(plan=[{**refusal("invalid_client", 401), "times": None}])
    # The first answer passes on, for nothing renews the token.
    assert proxy.get("http://api.example.test/x").status in (401, 502)
    assert set(grants(people)) == {"password", "refresh_token"}
    assert grants(people).count("password") == 1


@pytest.fixture
def expired_login(bearerd, provider, browser):
    """A session that somebody has logged in to, its token over."""
    def start(expires_in=1, **keys):
        provider.set(issue={"expires_in": expires_in, "rotate": True})
        proxy = bearerd({"a": login.service(provider, **keys)})
        login.register(provider, proxy)
        browser.login(login.login_url(proxy))
        assert login.state_of(proxy) == "ready"
        provider.expire()
        return proxy
    return start


def ask(proxy):
    return proxy.get("/a/x")


@pytest.mark.parametrize("code", ["interaction_required", "login_required",
                                  "consent_required",
                                  "account_selection_required"])
def test_person_is_asked_for(expired_login, provider, code):
    proxy = expired_login()
    provider.set(plan=[{**refusal(code, error_description="a second factor"),
                        "times": None}])
    wait_for(lambda: ask(proxy).status == 503, 10, "the token's end")
    reply = ask(proxy)
    assert reply.status == 503
    assert reply.json()["login_url"].endswith("/-/login/a")
    assert "a second factor" in reply.json()["detail"]
    assert login.state_of(proxy) == "waiting_for_login"


@pytest.mark.parametrize("code", ["invalid_request", "invalid_target", "who_knows"])
def test_login_is_offered(expired_login, provider, code):
    """A login may help, and the refresh token is kept: so may time."""
    proxy = expired_login()
    provider.set(plan=[{**refusal(code), "times": None}])
    wait_for(lambda: ask(proxy).status == 503, 10, "the token's end")
    reply = ask(proxy)
    assert reply.json()["login_url"].endswith("/-/login/a")
    assert login.state_of(proxy) == "failing"
    provider.set(plan=[], issue={"expires_in": 60, "rotate": True})
    wait_for(lambda: ask(proxy).status == 200, 20, "the pause's end")
    assert login.state_of(proxy) == "ready"


@pytest.mark.parametrize("code", ["invalid_client", "unauthorized_client",
                                  "unsupported_grant_type", "invalid_scope"])
def test_no_login_is_asked_for(expired_login, provider, code):
    """No person can mend it."""
    proxy = expired_login()
    provider.set(plan=[{**refusal(code), "times": None}])
    wait_for(lambda: ask(proxy).status == 502, 10, "the token's end")
    reply = ask(proxy)
    assert reply.status == 502
    assert "login_url" not in reply.json()
    assert login.state_of(proxy) == "failing"


def test_early_refusal_is_not_believed(bearerd, people):
    """While the access token works, the refresh token is asked with once more
    before it is forgotten."""
    seed = log_in(people)["refresh_token"]
    proxy = bearerd({"a": seeded(people, seed)})
    assert proxy.get(URL).status == 200
    people.set(plan=[refusal("invalid_grant")])
    path = str(bearerd.folder / "bearerd.ini")
    result = harness.command("refresh", "a", "-c", path, env=bearerd.env)
    assert result.returncode == 1
    assert "asked once more" in result.stderr
    assert proxy.get(URL).status == 200
    people.expire()
    assert proxy.get("http://api.example.test/x").status == 200
    assert [form["refresh_token"] for form in forms(people)
            if "refresh_token" in form] == [seed] * 3


PASSING = {
    "temporarily_unavailable": refusal("temporarily_unavailable"),
    "slow_down": refusal("slow_down"),
    "403": refusal("temporarily_unavailable", 403),
    "a success's status": refusal("temporarily_unavailable", 200),
    "408": {"status": 408, "body": ""},
    "429": {"status": 429, "body": "slower"},
    "500": {"status": 500, "body": "<p>"},
    "empty": {"status": 200, "body": ""},
    "blank": {"status": 200, "body": "\r\n"},
    "cut": {"status": 200, "body": '{"access_token":"t0ken","ex',
            "content_type": "application/json"},
}


@pytest.mark.parametrize("how", PASSING)
def test_trouble_that_passes(bearerd, people, how):
    """It is tried again at once, and nobody hears of it."""
    people.set(plan=[PASSING[how]])
    proxy = bearerd({"a": people.service(grant_type=None, username="alice",
                                         password="wonderland")})
    assert proxy.get(URL).status == 200
    people.expire()
    people.set(plan=[PASSING[how]])
    assert proxy.get("http://api.example.test/x").status == 200
    assert grants(people) == ["password"] * 2 + ["refresh_token"] * 2


@pytest.mark.parametrize("how", PASSING)
def test_trouble_that_stays(bearerd, people, how):
    people.set(plan=[{**PASSING[how], "times": None}])
    reply = bearerd({"a": people.service()}).get(URL)
    assert reply.status == 503
    assert reply.error == "destination_unavailable"
    assert reply.value("Retry-After")
    assert b"t0ken" not in reply.body
