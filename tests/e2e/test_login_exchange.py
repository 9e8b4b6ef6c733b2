# SPDX-License-Identifier: MIT
"""Logins whose code is refused, or brings what is no token."""

import json

import pytest

import login
from login import refused
from test_token import ABSENT, REFUSED

FAILURES = {
    "503": ({"status": 503, "body": "down"}, "is not available"),
    "429": ({"status": 429, "headers": {"Retry-After": "1"}}, "429"),
    "500": ({"status": 500, "body": "{}"}, "500"),
    "dropped before": ({"drop": "before"}, "cannot be used"),
    "dropped after": ({"drop": "after"}, "cannot be used"),
    "late": ({"delay": 1.2}, "cannot be used"),
    "refused": ({"status": 400, "body": json.dumps({
        "error": "invalid_grant", "error_description": "<b>no</b>"})},
        "invalid_grant: &lt;b&gt;no&lt;/b&gt;"),
    "client": ({"status": 401, "body": '{"error":"invalid_client"}'}, "client_secret"),
    "empty": ({"status": 400, "body": ""}, "400"),
    "redirect": ({"status": 307, "headers": {"Location": "/token"}}, "307"),
}


@pytest.mark.parametrize("name", FAILURES)
@pytest.mark.parametrize("before", [False, True], ids=["first", "again"])
def test_code_is_sent_once(start, provider, browser, name, before):
    """The login fails with words, and the session is as it was."""
    proxy = start(token_timeout="800ms")
    if before:
        login.log_in(browser, proxy)
    count = provider.token_count
    step, words = FAILURES[name]
    provider.set(plan=[{"times": None, **step}])
    visit = browser.login(login.login_url(proxy))
    text = refused(visit.response, words)
    assert "asked again" not in text
    assert provider.token_count == count + 1
    code = dict(map(tuple, provider.responses[-1]["params"]))["code"]
    assert code not in text and code not in proxy.stderr
    if before:
        assert proxy.get(login.api_url()).status == 200
        assert proxy.health("a").json()["status"] == "pass"
    else:
        login.wait_until_told(proxy)
    assert provider.token_count == count + 1
    provider.set(plan=[])
    login.log_in(browser, proxy)
    assert proxy.get(login.api_url()).status == 200


@pytest.mark.parametrize("name", REFUSED)
def test_token_response_of_no_use(start, provider, browser, name):
    content_type = ("application/x-www-form-urlencoded" if name.startswith("form")
                    else "application/json")
    proxy = start()
    provider.set(plan=[{"body": REFUSED[name], "content_type": content_type,
                        "times": None}])
    visit = browser.login(login.login_url(proxy))
    text = refused(visit.response)
    assert "t0ken" not in text and "t0ken" not in proxy.stderr
    assert provider.token_count == 1
    login.wait_until_told(proxy)
    assert provider.state()["api"]["total"] == 0


def test_life_that_is_none(start, provider, browser):
    proxy = start()
    for value in ABSENT.values():
        provider.set(issue={"expires_in": value})
        login.log_in(browser, proxy)
        assert login.token_of(proxy.get(login.api_url())) == provider.issued[-1]


@pytest.mark.parametrize("extra", [
    {"refresh_token": 5}, {"refresh_token": None}, {"refresh_token": ["a"]},
    {"refresh_token": "r\r\nX: y"}, {"refresh_token": ""}, {"scope": 5},
    {"scope": ["read", "write"]}, {"scope": None}, {"id_token": 5},
    {"id_token": None}, {"token_type": "absent"}, {"unknown": {"a": [1]}}], ids=str)
def test_members_of_wrong_types(start, provider, browser, extra):
    """Either it is no token, or one without that member: never half of one."""
    proxy = start()
    provider.set(issue={"extra": extra})
    visit = browser.login(login.login_url(proxy))
    assert visit.response.status_code in (200, 400)
    if visit.response.status_code == 400:
        refused(visit.response)
        login.wait_until_told(proxy)
    else:
        assert proxy.get(login.api_url()).status == 200
    assert provider.token_count == 1


@pytest.mark.parametrize("name", ["access_token", "refresh_token", "id_token", "scope",
                                  "token_type", "expires_in", "unknown"])
def test_members_that_are_too_long(start, provider, browser, name):
    """It is a token whole, or none."""
    proxy = start()
    provider.set(issue={"extra": {name: "t0ken" * 14000}})
    visit = browser.login(login.login_url(proxy))
    assert "t0ken" not in proxy.stderr
    if visit.response.status_code == 400:
        assert "t0ken" not in refused(visit.response)
        login.wait_until_told(proxy)
    else:
        assert name in ("expires_in", "unknown", "scope", "id_token")
        assert proxy.get(login.api_url()).status == 200
    assert provider.token_count == 1
