# SPDX-License-Identifier: MIT
"""People log in: authorization_code, implicit and hybrid, through a browser
that is led to the Authlib provider and back."""

import json
import time
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

import load
from harness import wait_for

URL = "http://api.example.test/x"
PEOPLE = {"grant_types": ["authorization_code", "refresh_token", "implicit"],
          "response_types": ["code", "token", "id_token token", "code id_token",
                             "code token", "code id_token token"],
          "scope": "read write openid"}


def people(provider, **keys):
    """A service that people log in to."""
    return provider.service(**{
        "grant_type": "authorization_code",
        "authorization_endpoint": provider.authorization_endpoint, **keys})


def expects(provider, proxy, *names, **metadata):
    """The provider knows where this bearerd's logins come back to."""
    names = names or ("a",)
    provider.register(**{**PEOPLE, "redirect_uris": [
        f"http://127.0.0.1:{proxy.port}/-/callback/{name}" for name in names],
        **metadata})


def login_url(proxy, name="a"):
    return f"http://127.0.0.1:{proxy.port}/-/login/{name}"


@pytest.fixture
def start(bearerd, provider):
    """A bearerd with the service "a" of these keys, known at the provider."""
    def begin(proxy=None, register=None, **keys):
        process = bearerd({"a": people(provider, **keys)}, proxy)
        expects(provider, process, **(register or {}))
        return process

    return begin


def test_code(start, provider, browser):
    proxy = start(scope="read")
    visit = browser.login(login_url(proxy))
    assert visit.response.status_code == 200, visit.response.text
    assert "is logged in" in visit.response.text
    assert proxy.get(URL).status == 200
    [request] = provider.token_requests
    form = dict(map(tuple, request["form"]))
    assert form["grant_type"] == "authorization_code"
    assert form["redirect_uri"] == f"http://127.0.0.1:{proxy.port}/-/callback/a"
    assert len(form["code_verifier"]) >= 43
    asked = parse_qs(urlsplit(visit.hops[1].url).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["scope"] == ["read"]
    assert len(asked["state"][0]) >= 22
    assert proxy.health("a").json()["status"] == "pass"
