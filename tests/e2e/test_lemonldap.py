# SPDX-License-Identifier: MIT
"""bearerd and LemonLDAP::NG, which knows nothing of it: its metadata, its ID
tokens, the pages where people log in, and how it refuses."""

import re
import secrets
from urllib.parse import parse_qs, urlsplit

import pytest

import lemonldap as server
import login
from harness import wait_for
from login import refused

URL = login.api_url()
SECRET = secrets.token_hex(40)  # long enough for HS512
CODE = {"grant_type": "authorization_code", "scope": "openid email"}
OFFLINE = {**CODE, "scope": "openid email offline_access",
           "authorization_request.param.prompt": "consent"}
WAYS = {
    "code": CODE,
    "code by form_post": {**CODE, "response_mode": "form_post"},
    "code for offline_access": OFFLINE,
    "id_token token": {"grant_type": "implicit", "scope": "openid email"},
    "code id_token": {**CODE, "response_type": "code id_token"},
    "code token": {**CODE, "response_type": "code token"},
    "code id_token token": {**CODE, "response_type": "code id_token token"},
}
WITH_PKCE = [keys for name, keys in WAYS.items() if "token" not in name]
ALGORITHMS = ["RS256", "RS384", "RS512", "HS256", "HS384", "HS512"]


@pytest.fixture
def resource(lemonldap, upstream):
    """An API that asks the server about every token."""
    return upstream(lemonldap.resource)


@pytest.fixture
def run(bearerd, lemonldap, resource):
    """Starts a bearerd with a service that finds the server by its issuer, and
    registers its client under a name of its own."""

    def begin(secret: str | None = SECRET, client: dict | None = None,
              proxy: dict | None = None, **keys):
        name = "client-" + secrets.token_hex(4)
        process = bearerd({"a": lemonldap.service(name, secret, **{
            "upstream": resource.url, "match": "a.example.test",
            "token_endpoint": None, "issuer": lemonldap.issuer, **keys})}, proxy)
        lemonldap.client(name, secret, redirect_uris=[login.callback_url(process)],
                         **(client or {}))
        return process

    return begin


def log_in(browser, proxy, **how):
    """From bearerd's address through the server's pages and back."""
    browser.open(login.login_url(proxy))
    server.go_through(browser, **how)
    return browser.response


def logged_in(browser, proxy, **how) -> None:
    reply = log_in(browser, proxy, **how)
    assert reply.status_code == 200, reply.text
    assert "is logged in" in reply.text
    assert browser.url.startswith(proxy.url + "/-/callback/")


def token_of(resource) -> str:
    """The token that reached the API last."""
    return resource.last.value("Authorization").removeprefix("Bearer ")


def grants(lemonldap) -> list[str]:
    return [form["grant_type"] for form in lemonldap.forms]


def end_portal_session(browser, lemonldap) -> None:
    """Logs out at the portal itself: what hangs on that session ends."""
    browser.open(lemonldap.url + "/?logout=1")
    assert browser.response.status_code == 200


# --- without people ---


def test_metadata(bearerd, lemonldap, resource):
    """All addresses are found by an issuer that ends in a slash."""
    lemonldap.client("found", SECRET)
    proxy = bearerd({"a": lemonldap.service(
        "found", SECRET, upstream=resource.url, match="a.example.test",
        token_endpoint=None, issuer=lemonldap.issuer,
        grant_type="client_credentials", scope="read")})
    assert proxy.get(URL).status == 200
    assert len(lemonldap.requests_to(lemonldap.discovery)) == 1
    assert grants(lemonldap) == ["client_credentials"]


def test_issuer_without_its_slash(run, lemonldap, resource):
    """The metadata is found, and is another issuer's."""
    proxy = run(issuer=lemonldap.url, grant_type="client_credentials", scope="read")
    reply = proxy.get(URL)
    assert reply.status == 502
    assert lemonldap.issuer in reply.json()["detail"]
    assert lemonldap.requests_to(lemonldap.discovery)
    assert not lemonldap.token_requests and not resource.requests


@pytest.mark.parametrize("method", server.AUTH_METHODS)
def test_client_credentials(run, lemonldap, resource, method):
    proxy = run(grant_type="client_credentials", scope="read write",
                token_endpoint_auth_method=method)
    for _ in range(3):
        assert proxy.get(URL).status == 200
    known = lemonldap.introspect(token_of(resource))
    sent, = lemonldap.token_requests
    assert known["active"] and known["scope"] == "read write"
    assert known["client_id"].startswith("client-")
    assert bool(sent.values("Authorization")) == (method == "client_secret_basic")


@pytest.mark.parametrize("method", server.AUTH_METHODS)
def test_wrong_secret(run, lemonldap, resource, method):
    """It says invalid_client with 401 to Basic and with 400 to a form."""
    proxy = run(client_secret="not-the-one", grant_type="client_credentials",
                scope="read", token_endpoint_auth_method=method)
    reply = proxy.get(URL)
    assert (reply.status, reply.error) == (502, "proxy_configuration_error")
    assert "invalid_client" in reply.json()["detail"]
    assert b"not-the-one" not in reply.body + reply.raw_head
    assert "not-the-one" not in proxy.stderr
    assert not resource.requests
    for _ in range(20):
        assert proxy.get(URL).status == 502
    assert len(lemonldap.token_requests) < 10  # in pauses that double


def test_grant_that_is_not_allowed(run, resource):
    proxy = run(client={"AllowClientCredentialsGrant": 0},
                grant_type="client_credentials", scope="read")
    reply = proxy.get(URL)
    assert (reply.status, reply.error) == (502, "proxy_configuration_error")
    assert "unauthorized_client" in reply.json()["detail"]
    assert not resource.requests


def test_password(run, lemonldap, resource):
    proxy = run(username="dwho", password="dwho", scope="openid")
    for _ in range(2):
        assert proxy.get(URL).status == 200
    assert lemonldap.introspect(token_of(resource))["sub"] == "dwho"
    assert grants(lemonldap) == ["password"]
    lemonldap.forget(token_of(resource))
    assert proxy.get(URL).status == 200
    assert grants(lemonldap) == ["password", "refresh_token"]


def test_wrong_password(run, resource):
    proxy = run(username="dwho", password="not-the-one", scope="openid")
    reply = proxy.get(URL)
    assert reply.status == 502
    assert "invalid_grant" in reply.json()["detail"]
    assert "not-the-one" not in proxy.stderr
    assert not resource.requests


def test_refused_refresh_token(run, lemonldap, resource):
    """It calls one that it does not know invalid_request, not invalid_grant."""
    proxy = run(refresh_token="unknown-there")
    for _ in range(3):
        reply = proxy.get(URL)
        assert reply.status == 502
        assert "invalid_request" in reply.json()["detail"]
        assert "give a new refresh_token" in reply.json()["detail"]
    assert "unknown-there" not in proxy.stderr
    assert not resource.requests


# --- with people ---


@pytest.mark.parametrize("name", WAYS)
@pytest.mark.parametrize("secret", [SECRET, None], ids=["secret", "public"])
def test_way(run, lemonldap, resource, browser, name, secret):
    proxy = run(secret, {"pkce": WAYS[name] in WITH_PKCE}, **WAYS[name])
    logged_in(browser, proxy)
    assert proxy.get(URL).status == 200
    known = lemonldap.introspect(token_of(resource))
    assert known["active"] and known["sub"] == "dwho"
    if "code" in name:
        [form] = lemonldap.forms
        assert len(form["code_verifier"]) >= 43
        assert form["redirect_uri"] == login.callback_url(proxy)
    else:
        assert lemonldap.forms == []
    [asked] = lemonldap.requests_to(lemonldap.authorization_endpoint)[:1]
    assert parse_qs(urlsplit(asked.target).query)["nonce"]


def test_consent(run, lemonldap, resource, browser):
    """Asked for once, at a page of its own; a second login goes through."""
    proxy = run(client={"consent": True}, **CODE)
    browser.open(login.login_url(proxy))
    assert server.go_through(browser) == ["password", "confirm"]
    assert "is logged in" in browser.response.text
    browser.open(login.login_url(proxy))
    assert server.go_through(browser) == []
    assert "is logged in" in browser.response.text
    assert proxy.get(URL).status == 200
    assert grants(lemonldap) == ["authorization_code"] * 2


@pytest.mark.parametrize("name", ["code", "id_token token"])
def test_no_consent(run, lemonldap, browser, name):
    """A person says no: consent_required, in the query or the fragment."""
    proxy = run(client={"consent": True, "pkce": name == "code"}, **WAYS[name])
    text = refused(log_in(browser, proxy, user="rtyler", agree=False))
    assert "consent_required" in text
    assert lemonldap.forms == []
    assert login.is_told_to_log_in(proxy)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_id_token(run, lemonldap, browser, algorithm):
    """It is verified by each algorithm that the server signs with."""
    proxy = run(client={"algorithm": algorithm},
                id_token_signed_response_alg=algorithm, **CODE)
    logged_in(browser, proxy)
    keys = lemonldap.requests_to(lemonldap.jwks_uri)
    assert bool(keys) == algorithm.startswith("RS")


@pytest.mark.parametrize("algorithm, why", [
    ("RS512", "(alg)"), ("HS256", "(alg)"), ("none", "(form)")])
def test_id_token_of_another_algorithm(run, browser, algorithm, why):
    """Its `none` has not even the dot before the signature that is not there."""
    proxy = run(client={"algorithm": algorithm},
                id_token_signed_response_alg="RS256", **CODE)
    refused(log_in(browser, proxy), why)
    assert login.is_told_to_log_in(proxy)


@pytest.mark.parametrize("renamed", [True, False], ids=["renamed", "same name"])
def test_new_key(run, lemonldap, browser, renamed):
    """The server signs with another key: whether its name is new or not, the
    keys are asked for again, and nobody notices."""
    proxy = run(**CODE)
    logged_in(browser, proxy)
    name = {"oidcServiceKeyIdSig": "key-" + secrets.token_hex(4)} if renamed else {}
    lemonldap.change(**server.signing_keys(), **name)
    logged_in(browser, proxy)
    assert len(lemonldap.requests_to(lemonldap.jwks_uri)) == 2


@pytest.mark.parametrize("name", ["code", "code for offline_access"])
def test_refresh(run, bearerd, lemonldap, resource, browser, name):
    """Also after a restart. The refresh token stays, and the ID token that
    comes with each new token has no nonce."""
    store = {"store": f"sqlite:{bearerd.folder}/state/t.db"}
    proxy = run(proxy=store, **WAYS[name])
    logged_in(browser, proxy)
    seen = []
    for count in range(3):
        assert proxy.get(URL).status == 200
        seen.append(token_of(resource))
        lemonldap.forget(seen[-1])
        if count == 1:
            config = proxy.config
            proxy.stop()
            bearerd.started.append(type(proxy)(config, bearerd.env))
            proxy = bearerd.started[-1]
    assert len(set(seen)) == 3
    assert grants(lemonldap) == ["authorization_code", "refresh_token",
                                 "refresh_token"]
    assert len({form["refresh_token"] for form in lemonldap.forms[1:]}) == 1


def test_refresh_token_that_is_gone(run, lemonldap, browser):
    """It is refused with invalid_request, which does not say for certain that
    it is over: once no token lives any more, somebody is asked to log in."""
    proxy = run(client={"AccessTokenExpiration": 1}, **OFFLINE)
    logged_in(browser, proxy)
    wait_for(lambda: proxy.get(URL).status == 200
             and "refresh_token" in grants(lemonldap), 30, "a renewal")
    lemonldap.forget(lemonldap.forms[-1]["refresh_token"])
    wait_for(lambda: login.is_told_to_log_in(proxy), 30, "503 with login_url")
    assert "invalid_request" in proxy.get(URL).json()["detail"]
    logged_in(browser, proxy)
    wait_for(lambda: proxy.get(URL).status == 200, 30, "the new login's token")


def test_portal_logout(run, lemonldap, resource, browser):
    """Who logs out there ends the tokens, and the refresh token is refused: the
    API's refusals pass on, and health says that somebody should log in."""
    proxy = run(**CODE)
    logged_in(browser, proxy)
    assert proxy.get(URL).status == 200
    end_portal_session(browser, lemonldap)
    assert not lemonldap.introspect(token_of(resource))["active"]
    for _ in range(3):
        assert proxy.get(URL).status == 401
    wait_for(lambda: login.waits_for_login(proxy), 10, "waiting_for_login")
    assert grants(lemonldap) == ["authorization_code", "refresh_token"]
    logged_in(browser, proxy)
    assert proxy.get(URL).status == 200


def test_portal_logout_leaves_an_offline_login(run, lemonldap, resource, browser):
    proxy = run(**OFFLINE)
    logged_in(browser, proxy)
    assert proxy.get(URL).status == 200
    end_portal_session(browser, lemonldap)
    assert proxy.get(URL).status == 200
    assert lemonldap.introspect(token_of(resource))["active"]


def test_logout(run, bearer, browser, lemonldap):
    """It has no revocation endpoint, which is said; the tokens are forgotten,
    and somebody has to log in again."""
    proxy = run(**CODE)
    logged_in(browser, proxy)
    assert proxy.get(URL).status == 200
    assert "not revoked" in bearer("logout", "a")
    assert login.is_told_to_log_in(proxy)
    assert grants(lemonldap) == ["authorization_code"]
    logged_in(browser, proxy)
    assert proxy.get(URL).status == 200


def test_introspection(run, bearer, browser, lemonldap):
    proxy = run(**CODE)
    logged_in(browser, proxy)
    shown = bearer("status", "-v", "a")
    assert "active: true" in shown and "sub: dwho" in shown
    assert re.search(r"exp: \d{4}-\d\d-\d\dT.*Z \(in ", shown)
    assert f"iss: {lemonldap.issuer}" in shown
    end_portal_session(browser, lemonldap)
    assert "active: false" in bearer("status", "-v", "a")


def test_wrong_secret_of_a_login(run, browser):
    proxy = run(client_secret="not-the-one", **CODE)
    text = refused(log_in(browser, proxy))
    assert "invalid_client" in text
    assert "not-the-one" not in text + proxy.stderr
    assert login.is_told_to_log_in(proxy)


def test_stolen_code(run, lemonldap, browser):
    """Its own PKCE refuses a code without its verifier, and the code is spent."""
    proxy = run(None, **CODE)
    person = browser.fresh()
    person.open(lemonldap.url + "/")
    server.go_through(person)
    asked = login.begin(browser, proxy)
    reply = person._send("GET", browser.response.headers["Location"], None)
    back = reply.headers["Location"]
    assert back.startswith(login.callback_url(proxy)), back
    stolen = lemonldap.session.post(lemonldap.token_endpoint, timeout=30, data={
        "grant_type": "authorization_code", "client_id": asked["client_id"],
        "code": parse_qs(urlsplit(back).query)["code"][0],
        "redirect_uri": asked["redirect_uri"]})
    assert stolen.json() == {"error": "invalid_grant"}
    refused(browser.open(back), "invalid_grant")


def test_replay(run, lemonldap, browser):
    proxy = run(**CODE)
    logged_in(browser, proxy)
    refused(browser.open(browser.hops[-1].url))
    assert len(lemonldap.forms) == 1
    assert proxy.get(URL).status == 200


def test_person_who_may_not(run, lemonldap, browser):
    """The server keeps such a person at a page of its own; bearerd waits."""
    proxy = run(client={"rule": '$uid eq "rtyler"'}, **CODE)
    log_in(browser, proxy)
    assert browser.url.startswith(lemonldap.url)
    assert login.is_told_to_log_in(proxy)
    logged_in(browser.fresh(), proxy, user="rtyler")
    wait_for(lambda: proxy.get(URL).status == 200, 10, "the login of another")
