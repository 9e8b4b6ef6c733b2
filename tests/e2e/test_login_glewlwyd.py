# SPDX-License-Identifier: MIT
"""People log in at glewlwyd, which knows nothing of bearerd."""

import secrets
from urllib.parse import parse_qs, urlsplit

import pytest

import glewlwyd as server
import login
from harness import wait_for
from login import refused

CODE = {"grant_type": "authorization_code", "scope": "openid read"}
WAYS = {
    "code": {**CODE},
    "code without openid": {**CODE, "scope": "read"},
    "token": {"grant_type": "implicit", "scope": "read"},
    "id_token token": {"grant_type": "implicit", "scope": "openid read"},
    "code id_token": {**CODE, "response_type": "code id_token"},
    "code token": {**CODE, "response_type": "code token"},
    "code id_token token": {**CODE, "response_type": "code id_token token"},
}


@pytest.fixture
def resource(glewlwyd, upstream):
    """An API that asks glewlwyd about every token."""
    return upstream(glewlwyd.resource)


@pytest.fixture
def run(bearerd, glewlwyd, resource):
    """Starts a bearerd with a service of these keys, and registers its client
    under a name of its own."""

    def begin(secret: str | None = "a secret", client: dict | None = None,
              proxy: dict | None = None, **keys):
        name = "people-" + secrets.token_hex(4)
        process = bearerd({"a": glewlwyd.service(
            name, secret, upstream=resource.url, match="a.example.test",
            authorization_endpoint=glewlwyd.authorization_endpoint,
            issuer=glewlwyd.issuer, **keys)}, proxy)
        glewlwyd.client(name, secret, redirect_uris=[login.callback_url(process)],
                        **(client or {}))
        return process

    return begin


def log_in(browser, proxy, person, scope: str | None = None):
    """As a browser does, but for the page where the person consents."""
    login.begin(browser, proxy)
    back = person.authorize(browser.response.headers["Location"], scope)
    assert back.startswith(login.callback_url(proxy)), back
    browser.come_from(person.server.url + "/", back)
    browser.run_scripts()
    return browser.response


def token_of(resource) -> str:
    return resource.last.value("Authorization").removeprefix("Bearer ")


@pytest.mark.parametrize("name", WAYS)
@pytest.mark.parametrize("secret", ["a secret", None], ids=["secret", "public"])
def test_way(run, glewlwyd, resource, browser, name, secret):
    proxy = run(secret, **WAYS[name])
    reply = log_in(browser, proxy, glewlwyd.person())
    assert reply.status_code == 200, reply.text
    assert proxy.get(login.api_url()).status == 200
    known = glewlwyd.introspect(token_of(resource))
    assert known["active"] and known["username"] == "alice"
    assert set(known["scope"].split()) == set(WAYS[name]["scope"].split())
    if "code" in name:
        [form] = glewlwyd.forms
        assert len(form["code_verifier"]) >= 43
        assert form["redirect_uri"] == login.callback_url(proxy)
    else:
        assert glewlwyd.forms == []


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
def test_client_authentication(run, glewlwyd, browser, method):
    proxy = run(client={"auth_methods": [method]},
                token_endpoint_auth_method=method, **CODE)
    assert log_in(browser, proxy, glewlwyd.person()).status_code == 200
    sent, = glewlwyd.token_requests
    assert bool(sent.values("Authorization")) == (method == "client_secret_basic")


@pytest.mark.parametrize("rotate", [False, True], ids=["stays", "rotates"])
def test_refresh(run, bearerd, glewlwyd, resource, browser, rotate):
    """Also after a restart."""
    store = {"store": f"sqlite:{bearerd.folder}/state/t.db"}
    proxy = run(client={"rotate": rotate}, proxy=store, **CODE)
    assert log_in(browser, proxy, glewlwyd.person()).status_code == 200
    seen = []
    for count in range(3):
        assert proxy.get(login.api_url()).status == 200
        seen.append(token_of(resource))
        glewlwyd.revoke(seen[-1])
        if count == 1:
            config = proxy.config
            proxy.stop()
            bearerd.started.append(type(proxy)(config, bearerd.env))
            proxy = bearerd.started[-1]
    assert len(set(seen)) == 3
    grants = [form["grant_type"] for form in glewlwyd.forms]
    assert grants == ["authorization_code", "refresh_token", "refresh_token"]


def test_narrowed_scope(run, glewlwyd, browser, resource):
    """A person may grant less than was asked for: it is taken, and shown."""
    proxy = run(**{**CODE, "scope": "openid read write"})
    reply = log_in(browser, proxy, glewlwyd.person(), scope="openid read")
    assert reply.status_code == 200
    assert "other scopes" in reply.text
    assert proxy.get(login.api_url()).status == 200
    assert "write" not in glewlwyd.introspect(token_of(resource))["scope"]


def test_stolen_code(run, glewlwyd, browser):
    """Its own PKCE refuses a code without its verifier."""
    proxy = run(None, **CODE)
    login.begin(browser, proxy)
    back = glewlwyd.person().authorize(browser.response.headers["Location"])
    asked = parse_qs(urlsplit(browser.response.headers["Location"]).query)
    reply = glewlwyd.new_session().post(glewlwyd.token_endpoint, timeout=30, data={
        "grant_type": "authorization_code", "client_id": asked["client_id"][0],
        "code": parse_qs(urlsplit(back).query)["code"][0],
        "redirect_uri": login.callback_url(proxy)})
    assert reply.status_code >= 400 and "access_token" not in reply.text


def test_replay(run, glewlwyd, browser):
    proxy = run(**CODE)
    assert log_in(browser, proxy, glewlwyd.person()).status_code == 200
    refused(browser.open(browser.hops[-1].url))
    assert len(glewlwyd.forms) == 1
    assert proxy.get(login.api_url()).status == 200


def test_wrong_secret(run, glewlwyd, browser):
    proxy = run(client_secret="not-the-one", **CODE)
    text = refused(log_in(browser, proxy, glewlwyd.person()))
    assert "not-the-one" not in text + proxy.stderr
    assert login.is_told_to_log_in(proxy)


@pytest.mark.parametrize("name", ["code", "id_token token"])
def test_in_a_browser(chromium, run, name):
    """Alice logs in at its own page."""
    proxy = run(**WAYS[name])
    chromium.open(login.login_url(proxy))
    server.consent_in(chromium)
    wait_for(lambda: chromium.title == "Logged in", 20, "the end of the login")
    assert "#" not in chromium.url
    assert proxy.get(login.api_url()).status == 200
