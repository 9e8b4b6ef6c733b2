# SPDX-License-Identifier: MIT
"""The keys that a server signs with: fetched, kept, renewed, and what becomes
of a login where they cannot be had."""

import json

import pytest
import requests

import login
from harness import free_port
from login import refused
from rawserver import exactly

SCOPE = "openid read"


def published(provider) -> dict:
    return requests.get(provider.jwks_uri, timeout=30).json()


def renamed(keys: dict, suffix: str) -> str:
    """The same keys under other names."""
    return json.dumps({"keys": [{**key, "kid": key["kid"] + suffix}
                                for key in keys["keys"]]})


def answers(provider, *steps, **more) -> None:
    provider.set(plan=[{"endpoint": "jwks", **step} for step in steps], **more)


def kid_of(keys: dict, kind: str = "RSA") -> str:
    return next(key["kid"] for key in keys["keys"] if key["kty"] == kind)


def log_in(proxy, browser, name: str = "a"):
    return browser.login(login.login_url(proxy, name)).response


def fetched(provider, before: int = 0) -> int:
    return provider.count("jwks") - before


def test_fetched_once(start, provider, browser):
    """For all services that get them from the same place."""
    proxy = start(names=("a", "b"), scope=SCOPE)
    for name in ("a", "b", "a"):
        login.log_in(browser, proxy, name)
    assert fetched(provider) == 1
    [request] = provider.requests("jwks")
    assert request["method"] == "GET"


def test_rotation(start, provider, browser):
    """An unknown kid fetches the keys once more, and only once a minute."""
    proxy = start(scope=SCOPE)
    login.log_in(browser, proxy)
    keys = published(provider)
    before = provider.count("jwks")
    answers(provider, {"status": 200, "body": renamed(keys, " new")},
            issue={"id_token": {"header": {"kid": kid_of(keys) + " new"}}})
    login.log_in(browser, proxy)
    assert fetched(provider, before) == 1
    provider.set(issue={"id_token": {"header": {"kid": "another"}}})
    for _ in range(3):
        refused(log_in(proxy, browser), "(signature)", "an unknown kid")
    assert fetched(provider, before) == 1


def test_no_kid(start, provider, browser):
    """The one key that fits is taken."""
    provider.set(issue={"id_token": {"header": {"kid": "absent"}}})
    proxy = start(scope=SCOPE)
    login.log_in(browser, proxy)
    assert fetched(provider) == 1


def test_odd_keys(start, provider, browser):
    """What is not understood takes the good keys not away."""
    odd = [{}, {"kty": "RSA"}, {"kty": "odd", "kid": 7}, {"kty": "EC", "crv": "x"},
           {"kty": "oct", "k": "AAAA", "kid": kid_of(published(provider))}, 7, None]
    good = published(provider)["keys"]
    answers(provider, {"status": 200, "body": json.dumps({"keys": odd + good})})
    proxy = start(scope=SCOPE)
    login.log_in(browser, proxy)


@pytest.mark.parametrize("step, words", [
    ({"status": 404, "body": "no"}, "answered with status 404"),
    ({"status": 302, "body": "", "headers": {"Location": "/jwks"}},
     "a redirect, and none is followed"),
    ({"status": 503, "body": "later"}, "answered with status 503"),
    ({"status": 200, "body": "<html>"}, "cannot be used"),
    ({"status": 200, "body": "[]"}, "cannot be used"),
    ({"status": 200, "body": '{"keys":{}}'}, "cannot be used"),
    ({"status": 200, "body": '{"keys":[],"keys":[]}'}, "cannot be used"),
    ({"status": 200, "body": '{"keys":' + "[" * 40 + "]" * 40 + "}"}, "cannot be used"),
    ({"status": 200, "body": json.dumps({"keys": [{}] * 200})}, "more than"),
    ({"status": 200, "body": '{"keys":[]}' + " " * 300000}, "larger than is taken"),
    ({"drop": "before"}, "cannot be had"),
], ids=lambda value: str(value)[:40])
def test_not_to_be_had(start, provider, browser, step, words):
    """The login fails, and says why; once they can be had, all is well."""
    proxy = start(scope=SCOPE)
    answers(provider, {**step, "times": None})
    refused(log_in(proxy, browser), "keys", words)
    assert fetched(provider) == 1
    answers(provider)
    login.log_in(browser, proxy)


def test_dead_server(start, provider, browser):
    proxy = start(scope=SCOPE, jwks_uri=f"http://127.0.0.1:{free_port()}/jwks")
    refused(log_in(proxy, browser), "cannot be had", "check jwks_uri")


def test_silent_server(start, provider, browser, upstream):
    server = upstream(exactly(b"", close=False))
    proxy = start(scope=SCOPE, jwks_uri=server.url + "/jwks", token_timeout="1s")
    refused(log_in(proxy, browser), "cannot be had")


def test_empty_set(start, provider, browser):
    """It is asked for once more, for there may be keys by now."""
    answers(provider, {"status": 200, "body": '{"keys":[]}'})
    proxy = start(scope=SCOPE)
    login.log_in(browser, proxy)
    assert fetched(provider) == 2


def test_outage_with_a_copy(start, provider, browser):
    proxy = start(scope=SCOPE)
    login.log_in(browser, proxy)
    answers(provider, {"drop": "before", "times": None})
    login.log_in(browser, proxy)
    provider.set(issue={"id_token": {"header": {"kid": "another"}}})
    refused(log_in(proxy, browser), "cannot be had")
    provider.set(issue={})
    login.log_in(browser, proxy)


def test_key_of_the_configuration(start, provider, browser, upstream):
    """jwks_uri goes before what the metadata says."""
    body = json.dumps(published(provider)).encode()
    server = upstream(exactly(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s"
                              % (len(body), body)))
    before = provider.count("jwks")
    proxy = start(scope=SCOPE, jwks_uri=server.url + "/keys?x=1")
    login.log_in(browser, proxy)
    assert server.last.target == "/keys?x=1"
    assert fetched(provider, before) == 0


def test_refresh_without_keys(start, provider, browser, tmp_path):
    """It is as if the token endpoint were not available; what the server has
    rotated is not lost."""
    keys = {"proxy": {"store": f"sqlite:{tmp_path}/x.db"}, "scope": SCOPE}
    issue = {"rotate": True, "id_token": {"refresh": True}}
    provider.set(issue=issue)
    proxy = start(**keys)
    login.log_in(browser, proxy)
    proxy.stop()
    proxy = start(**keys)
    provider.expire()
    answers(provider, {"drop": "before", "times": None})
    reply = proxy.get(login.api_url())
    assert reply.status in (401, 503), reply.body
    answers(provider)
    login.wait_for(lambda: proxy.get(login.api_url()).status == 200, 15, "a token")
    statuses = provider.state()["token"]["by_status"]
    assert set(statuses) == {"200"}, statuses
