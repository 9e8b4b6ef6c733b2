# SPDX-License-Identifier: MIT
"""What servers say beside the token, their keys and their metadata, as they are
and not as they ought to be; what is not lenient is in test_attacks_id_token.py."""

import base64
import json
from urllib.parse import parse_qs

import pytest
import requests

import login
from commands import password_service
from harness import wait_for
from signing import Key
from test_device import device
from test_discovery import OAUTH, OPENID, URL, Site
from test_grants import log_in, people, seeded, user  # noqa: F401

LATER = "http://api.example.test/x"


@pytest.fixture
def site(upstream) -> Site:
    return Site(upstream)


# A refresh does not repeat everything.


@pytest.mark.parametrize("again", [{}, {"instance_url": None}, {"instance_url": ""}])
@pytest.mark.parametrize("restart", [False, True])
def test_member_that_a_refresh_does_not_repeat(bearerd, people, again, restart):
    """It is of the same login: what the refresh token came with."""
    people.set(issue={"extra": {"instance_url": people.api}, "expires_in": 1})
    service = seeded(people, log_in(people)["refresh_token"],
                     upstream="{token.instance_url}", upstream_hosts="127.0.0.1")
    store = {"store": f"sqlite:{bearerd.folder}/state/t.db"}
    proxy = bearerd({"a": service}, store)
    assert proxy.get(URL).status == 200
    people.set(issue={"extra": again, "expires_in": 60})
    if restart:
        proxy.stop()
        proxy = bearerd({"a": service}, store)
    people.expire()
    wait_for(lambda: proxy.get(LATER).status == 200, 10, "a refresh")
    asked = people.token_count
    assert proxy.get(LATER).status == 200
    assert people.token_count == asked >= 3


def test_grant_that_starts_again_begins_with_nothing(bearerd, people):
    people.set(issue={"extra": {"instance_url": people.api}})
    proxy = bearerd({"a": user(people, upstream="{token.instance_url}",
                               upstream_hosts="127.0.0.1")})
    assert proxy.get(URL).status == 200
    people.expire()
    people.set(issue={}, plan=[{"status": 400, "body": '{"error":"invalid_grant"}'}])
    assert proxy.get(LATER).status in (401, 502)
    assert "instance_url" in proxy.stderr


# Empty and null members.


def test_empty_members_of_a_token_response(bearerd, provider):
    provider.set(plan=[{"body": json.dumps({
        "access_token": "t", "token_type": "", "expires_in": "", "scope": None,
        "refresh_token": "", "id_token": None, "error": "",
        "error_description": None})}])
    proxy = bearerd({"a": provider.service(match="api.example.test")})
    assert proxy.get("http://api.example.test/open/x").status == 200


@pytest.mark.parametrize("value", ["", None])
def test_empty_members_of_a_device_response(bearerd, provider, browser, value):
    provider.register(grant_types=["urn:ietf:params:oauth:grant-type:device_code",
                                   "refresh_token"], scope="read write")
    provider.set(options={"device": {"verification_uri_complete": value,
                                     "error": value, "interval": value}})
    proxy = bearerd({"a": device(provider)})
    page = browser.open(login.login_url(proxy))
    assert page.status_code == 200
    assert provider.approve_device()
    wait_for(lambda: login.state_of(proxy) == "ready", 20, "the login")


def test_empty_members_of_metadata(bearerd, site):
    site.pages[OAUTH] = site.document(
        jwks_uri="", revocation_endpoint="", grant_types_supported="",
        require_pushed_authorization_requests="", mtls_endpoint_aliases="",
        code_challenge_methods_supported=[""])
    assert bearerd({"a": site.service()}).get(URL).status == 200


# Keys.


def zeros(jwk: dict, name: str) -> str:
    octets = base64.urlsafe_b64decode(jwk[name] + "==")
    return base64.urlsafe_b64encode(b"\0" + octets).rstrip(b"=").decode()


SHAPES = {
    "a zero before the modulus": lambda jwk: {"n": zeros(jwk, "n")},
    "a zero before the exponent": lambda jwk: {"e": zeros(jwk, "e")},
    "padding": lambda jwk: {"e": "AQAB", "n": jwk["n"] + "=="},
    "the other alphabet": lambda jwk: {
        "n": jwk["n"].replace("-", "+").replace("_", "/")},
    "kid null": lambda jwk: {"kid": None},
    "kid empty": lambda jwk: {"kid": ""},
    "use, alg and key_ops null": lambda jwk: {"use": None, "alg": None,
                                              "key_ops": None},
    "private members null": lambda jwk: {"d": None, "p": None, "oth": None},
}


@pytest.fixture
def keys(bearerd, provider, browser):
    """Logs in where the server's keys are these; what comes of it."""
    def knock(change):
        known = requests.get(provider.jwks_uri, timeout=30).json()["keys"]
        changed = [{**jwk, **change(jwk)} for jwk in known if jwk["kty"] == "RSA"]
        provider.set(plan=[{"endpoint": "jwks", "times": None,
                            "content_type": "application/json",
                            "body": json.dumps({"keys": changed})}])
        proxy = bearerd({"a": login.service(provider, scope="openid read")})
        login.register(provider, proxy)
        return browser.login(login.login_url(proxy)).response.text, proxy
    return knock


@pytest.mark.parametrize("shape", SHAPES)
def test_shape_of_a_key(keys, shape):
    """It is the same number, or what is left out says nothing: the signature is
    verified with it all the same."""
    text, _ = keys(SHAPES[shape])
    assert "is logged in" in text


@pytest.mark.parametrize("change, why", [
    ({"n": None}, "has no member n"),
    ({"kty": "X"}, "kty is not one of"),
    ({"use": "enc"}, ""),
    ({"e": "AA"}, "not an exponent"),
    ({"n": "not base64!"}, "n is not base64url"),
])
def test_why_a_key_cannot_be_used(keys, change, why):
    text, proxy = keys(lambda jwk: change)
    assert "is logged in" not in text
    wait_for(lambda: "login_failed" in proxy.stderr, 5, "the failure")
    [line] = [line for line in proxy.lines if "login_failed" in line]
    assert "not usable: kid" in line and why in line


# Metadata.


def reset(peer) -> None:
    peer.reset()


@pytest.mark.parametrize("what", [
    (403, [], b"<p>no"), (503, [], b""), (200, ["Content-Type: text/html"], b"<p>"),
    "reset", "silence"], ids=["403", "503", "html", "reset", "silence"])
def test_metadata_behind_a_filter(bearerd, upstream, what):
    """The next address is asked; what it says is held to the issuer as ever."""
    site = Site(upstream)
    answer = site._answer

    def script(peer):
        while True:
            request = peer.read_request()
            path = request.target.split("?")[0]
            if path == OAUTH and what == "reset":
                peer.reset()
                return
            if path == OAUTH and what == "silence":
                peer.wait_until_closed(20)
                return
            peer.answer(*answer(path))

    site.server.script = script
    if isinstance(what, tuple):
        site.pages[OAUTH] = what
    site.pages[OPENID] = site.document()
    proxy = bearerd({"a": site.service(token_timeout="2s")})
    assert proxy.get(URL).status == 200


@pytest.mark.parametrize("methods, method", [
    (["client_secret_post"], "client_secret_post"),
    (["private_key_jwt", "client_secret_post", ""], "client_secret_post"),
    (["client_secret_post", "client_secret_basic"], "client_secret_basic"),
    (["tls_client_auth"], "client_secret_basic"), ([], "client_secret_basic"),
    (None, "client_secret_basic"),
])
def test_client_authentication_of_the_metadata(bearerd, site, methods, method):
    """The secret goes to the same endpoint, in the place that its server
    names; a method that the file names wins."""
    site.pages[OAUTH] = site.document(token_endpoint_auth_methods_supported=methods)
    keys = {"client_secret": "s3cret"}
    proxy = bearerd({
        "a": site.service(**keys),
        "b": site.service(**keys, match="b.example.test",
                          token_endpoint_auth_method="client_secret_basic")})
    for host, expected in (("api", method), ("b", "client_secret_basic")):
        assert proxy.get(f"http://{host}.example.test/x").status == 200
        asked = [r for r in site.server.requests if r.target == "/token"][-1]
        form = parse_qs(asked.body.decode())
        posted = form.get("client_secret") == ["s3cret"]
        assert posted == (expected == "client_secret_post")
        assert bool(asked.values("Authorization")) == (not posted)


@pytest.mark.parametrize("methods, signs", [
    (["client_secret_basic", "private_key_jwt"], True), (["none"], False),
    (["tls_client_auth"], True), (None, True)])
def test_private_key_by_the_metadata_alone(bearerd, site, tmp_path, methods, signs):
    key = Key("ES256")
    site.pages[OAUTH] = site.document(token_endpoint_auth_methods_supported=methods)
    proxy = bearerd({"a": site.service(
        grant_type="client_credentials",
        client_private_key=key.write(tmp_path / "k.pem"))})
    assert proxy.get(URL).status == 200
    [asked] = [r for r in site.server.requests if r.target == "/token"]
    form = parse_qs(asked.body.decode())
    assert ("client_assertion" in form) == signs and form["client_id"] == ["x"]
    assert not asked.values("Authorization")


def test_scope_of_two_words(bearerd, provider, browser):
    proxy = bearerd({"a": login.service(provider, scope="read write")})
    login.register(provider, proxy)
    browser.login(login.login_url(proxy))
    asked = provider.requests("authorize")
    assert asked and all("scope=read%20write" in one["target"] for one in asked)


# A logout.


def test_access_token_that_went_with_the_refresh_token(bearerd, provider, bearer,
                                                       revoking):
    proxy = bearerd({"api": password_service(provider, **revoking)})
    assert proxy.get(URL).status == 200
    provider.set(plan=[{"endpoint": "revocation"},
                       {"endpoint": "revocation", "status": 400,
                        "body": '{"error":"invalid_token"}'}])
    assert "revoked" in bearer("logout", "api")


def test_revocation_that_names_no_token(bearerd, provider, bearer, revoking):
    """The second request would be the first once more."""
    proxy = bearerd({"api": password_service(provider, **revoking, **{
        "revocation_request.param.token": "",
        "revocation_request.param.access_token": "{access_token}"})})
    assert proxy.get(URL).status == 200
    provider.set(plan=[{"endpoint": "revocation", "status": 200, "body": "{}"},
                       {"endpoint": "revocation", "status": 401, "body": "{}"}])
    assert "revoked" in bearer("logout", "api")
    assert provider.count("revocation") == 1


# An answer in the browser.


def test_refusal_without_state(bearerd, provider, browser):
    """It is told, and ends nothing: anybody can lead a browser there."""
    proxy = bearerd({"a": login.service(provider)})
    login.register(provider, proxy)
    login.begin(browser, proxy)
    reply = proxy.get("/-/callback/a?error=access_denied&error_description=no+way")
    assert reply.status == 400
    assert b"access_denied" in reply.body and b"no way" in reply.body
    assert "login_refused" in proxy.stderr and "access_denied: no way" in proxy.stderr
    login.log_in(browser, proxy)


PROMISE = {"authorization_response_iss_parameter_supported": True}


@pytest.mark.parametrize("kind", [
    {"response_type": "code id_token"}, {"response_type": "code id_token token"},
    {"grant_type": "implicit"}], ids=str)
def test_id_token_in_place_of_iss(bearerd, provider, browser, kind):
    """It names the issuer, and is verified before the code goes anywhere
    (test_attacks_mix_up.py)."""
    proxy = bearerd({"a": login.service(provider, scope="openid read", **kind)})
    login.register(provider, proxy)
    provider.set(options={"iss": False}, metadata=PROMISE)
    assert "is logged in" in browser.login(login.login_url(proxy)).response.text


def test_answer_with_neither(bearerd, provider, browser):
    """Metadata promises iss, and nothing else says who has answered."""
    proxy = bearerd({"a": login.service(provider, scope="openid read")})
    login.register(provider, proxy)
    provider.set(options={"iss": False}, metadata=PROMISE)
    text = browser.login(login.login_url(proxy)).response.text
    assert "is logged in" not in text and "(iss)" in text
    assert provider.token_count == 0
