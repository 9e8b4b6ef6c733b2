# SPDX-License-Identifier: MIT
"""What Authlib's own tests ask of its sessions, where no other test of ours
shows it. docs/authlib.md has all of it."""

import base64
import hashlib
import json
import re
import threading
import time
from urllib.parse import parse_qsl

import pytest

import load
import login
from attacks import come_back
from harness import wait_for
from login import refused
from signing import Key
from test_discovery import OAUTH, OPENID, Site

URL = "http://api.example.test/x"
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
FORM = "Content-Type: application/x-www-form-urlencoded"
ISO = "2024-01-01T00:00:00Z"


def spent(provider, proxy) -> None:
    """It has a token that has expired, as far as both sides can tell; what was
    begun before that to renew it is not answered yet."""
    provider.set(issue={"expires_in": 1, "lifetime": 1})
    assert proxy.get(URL).status == 200
    provider.set(issue={}, plan=[{"delay": 1}])
    time.sleep(1.2)


def claims_of(token: str) -> dict:
    return json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))


def people(provider, **keys) -> dict:
    """A service that renews by a refresh token, which rotates."""
    provider.register(grant_types=["password", "refresh_token"])
    return provider.service(grant_type=None, username="alice",
                            password="wonderland", **keys)


# Placements, in requests whose answers are streams.


@pytest.mark.parametrize("placement, method", [
    ("header", "GET"), ("query", "GET"), ("body", "GET"), ("body", "POST"),
    ("cookie", "GET")])
def test_streamed_answer(bearerd, provider, upstream, placement, method):
    """The first token is fetched for it, is where it should be, and the answer
    arrives piece by piece."""
    more = threading.Event()

    def script(peer) -> None:
        while True:
            peer.read_request()
            peer.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                      b"5\r\nfirst\r\n")
            assert more.wait(10)
            peer.send(b"4\r\nlast\r\n0\r\n\r\n")

    server = upstream(script)
    proxy = bearerd({"a": provider.service(upstream=server.url,
                                           token_placement=placement)})
    with proxy.connect() as client:
        client.request(method, URL, fields=[FORM] if method == "POST" else [],
                       body=b"a=1" if method == "POST" else None)
        while b"first" not in client.buffer:
            assert client.receive()
        assert b"last" not in client.buffer
        more.set()
        assert client.read_response(method).body == b"firstlast"
    [token] = provider.issued
    seen = server.last
    where = {"header": seen.values("Authorization") == ["Bearer " + token],
             "query": f"access_token={token}" in seen.target,
             "cookie": seen.values("Cookie") == ["access_token=" + token],
             "body": f"access_token={token}" in (
                 seen.target if method == "GET" else seen.body.decode())}
    assert [name for name, there in where.items() if there] == (
        ["query", "body"] if (placement, method) == ("body", "GET")
        or placement == "query" else [placement])


# Renewals, and the requests that cause them.


@pytest.mark.parametrize("how", ["length", "chunks", "large", "expect"])
@pytest.mark.parametrize("grant", ["client_credentials", "refresh_token"])
def test_refresh_does_not_eat_the_body(bearerd, provider, how, grant):
    """A POST finds the token expired: it waits, and arrives whole."""
    service = (provider.service() if grant == "client_credentials"
               else people(provider))
    proxy = bearerd({"a": service})
    spent(provider, proxy)
    body = b'{"foo":"bar"}' if how != "large" else b"0123456789" * 300000
    with proxy.connect() as client:
        if how == "length":
            client.request("POST", URL, body=body)
        elif how == "expect":
            client.request("POST", URL, fields=[
                f"Content-Length: {len(body)}", "Expect: 100-continue"])
            while b" 100 " not in client.buffer:
                assert client.receive()
            client.buffer = b""
            client.send(body)
        else:
            client.request("POST", URL, fields=["Transfer-Encoding: chunked"])
            size = len(body) // 7 + 1
            for at in range(0, len(body), size):
                piece = body[at:at + size]
                client.send(b"%x\r\n%s\r\n" % (len(piece), piece))
                time.sleep(0.03)
            client.send(b"0\r\n\r\n")
        reply = client.read_response("POST")
    assert reply.status == 200, reply.body
    assert reply.json()["body_sha256"] == hashlib.sha256(body).hexdigest()
    assert provider.token_count == 2
    assert provider.token_requests[-1]["grant_type"] == grant
    state = provider.state()["api"]
    assert [one["method"] for one in state["log"]].count("POST") == 1


@pytest.mark.parametrize("grant", ["client_credentials", "refresh_token"])
@pytest.mark.threads
def test_ten_at_once_renew_once(bearerd, provider, grant):
    service = (provider.service() if grant == "client_credentials"
               else people(provider))
    proxy = bearerd({"a": service})
    provider.set(issue={"rotate": True})
    spent(provider, proxy)
    provider.set(issue={"rotate": True})
    answers = load.burst(proxy.port, load.get_request(URL), 10)
    assert [one.status for one in answers] == [200] * 10
    assert provider.token_count == 2
    assert provider.token_requests[-1]["grant_type"] == grant
    assert provider.state()["token"]["in_flight_max"] == 1


@pytest.mark.threads
def test_first_ten_at_once_ask_once(bearerd, provider):
    provider.set(plan=[{"delay": 0.3}])
    proxy = bearerd({"a": provider.service()})
    answers = load.burst(proxy.port, load.get_request(URL), 10)
    assert [one.status for one in answers] == [200] * 10
    assert provider.token_count == 1


# How long a token holds.


@pytest.mark.parametrize("members, asked", [
    ({"expires_in": 3600, "expires_at": ISO}, 1),
    ({"expires_in": "3600", "expires_at": 100}, 1),
    ({"expires_in": "absent", "expires_at": ISO}, 1),
    ({"expires_in": 1, "expires_at": int(time.time()) + 3600}, 2)],
    ids=["text", "past", "alone", "future"])
def test_expires_at(bearerd, provider, members, asked):
    """It is in no standard, and a server's clock may be wrong: expires_in
    counts; a token whose life is not known is used until it is refused."""
    expires_in = members.pop("expires_in")
    provider.set(issue={"expires_in": expires_in, "extra": members, "lifetime": 60})
    proxy = bearerd({"a": provider.service()})
    assert proxy.get(URL).status == 200
    time.sleep(1.2)
    provider.set(issue={})
    assert proxy.get(URL).status == 200
    assert provider.token_count == asked


@pytest.mark.parametrize("leeway, early", [("15s", True), ("1s", False)])
def test_leeway(bearerd, provider, leeway, early):
    """Of a life of ten seconds: renewal begins no earlier than after four
    fifths of it, however long the leeway is, or each request would ask for a
    token of its own."""
    provider.set(issue={"expires_in": 10, "lifetime": 60})
    proxy = bearerd({"a": provider.service(refresh_leeway=leeway)})
    for _ in range(5):
        assert proxy.get(URL).status == 200
        time.sleep(0.2)
    assert provider.token_count == 1
    time.sleep(7.3)
    assert provider.token_count == (2 if early else 1)
    wait_for(lambda: provider.token_count == 2, 3, "the renewal")
    assert proxy.get(URL).status == 200


# Who the client is.


def test_client_authentication_of_ones_own(bearerd, provider, upstream):
    """Authlib's own example: client_id and client_secret, and all the rest, in
    the address."""
    def script(peer) -> None:
        while True:
            peer.read_request()
            peer.answer(b'{"access_token":"t","token_type":"Bearer"}', "200 OK",
                        "Content-Type: application/json")

    server = upstream(script)
    hook = bearerd.folder / "hook.lua"
    hook.write_text("""
        function client_auth(r)
            r.params.client_id = r.client_id
            r.params.client_secret = r.client_secret
        end""")
    hook.chmod(0o600)
    proxy = bearerd({"a": provider.service(**{
        "token_endpoint": server.url + "/token?q=a", "hook": hook,
        "token_endpoint_auth_method": "hook", "client_secret": "s&1",
        "access_token_request.format": "query"})})
    assert proxy.get("http://api.example.test/open/x").status == 200
    path, _, query = server.last.target.partition("?")
    assert path == "/token"
    assert sorted(parse_qsl(query)) == [
        ("client_id", "demo-client"), ("client_secret", "s&1"),
        ("grant_type", "client_credentials"), ("q", "a")]
    assert server.last.body == b""
    assert server.last.values("Authorization") == []


@pytest.mark.parametrize("kind, alg, other", [
    ("RS256", "PS384", "RS256"), ("ES256", "ES256", "ES384"),
    ("EdDSA", "EdDSA", "ES256")])
def test_algorithm_and_name_of_the_key(bearerd, provider, tmp_path, kind, alg, other):
    """What a JWK says of itself need not be said again, and nothing else can
    be."""
    key = Key(kind, kid="own")
    provider.register(token_endpoint_auth_method="private_key_jwt", jwks=key.jwks)
    provider.set(options={"assertion_audience": ["urn:them"]})
    file = tmp_path / "client.jwk"
    file.write_text(json.dumps({**key.jwk, "alg": alg}))
    keys = {"client_assertion_audience": "urn:them",
            "client_secret": None, "token_endpoint_auth_method": "private_key_jwt",
            "client_private_key": file}
    proxy = bearerd({"a": provider.service(**keys)})
    assert proxy.get(URL).status == 200
    [seen] = provider.assertions
    assert (seen["header"]["alg"], seen["header"]["kid"]) == (alg, "own")
    assert seen["header"].get("typ", "JWT") == "JWT"
    claims = seen["claims"]
    assert claims["iss"] == claims["sub"] == "demo-client"
    assert claims["aud"] == "urn:them"
    assert 0 < claims["exp"] - claims["iat"] <= 3600
    said = bearerd.refused({"a": provider.service(
        **keys, token_endpoint_auth_signing_alg=other)})
    assert "token_endpoint_auth_signing_alg" in said


# Assertions.


def test_assertion_session(bearerd, provider, tmp_path):
    """Everything that can be given: and one assertion, for both requests."""
    key = Key("RS256")
    provider.register(client_id="foo", client_secret="", jwks=key.jwks,
                      grant_types=[JWT_BEARER], scope="email read")
    proxy = bearerd({"a": provider.service(**{
        "grant_type": "jwt-bearer", "client_id": None, "client_secret": None,
        "assertion_issuer": "foo", "assertion_audience": provider.token_endpoint,
        "assertion_private_key": key.write(tmp_path / "k.pem"),
        "assertion_signing_alg": "RS256", "assertion_key_id": key.kid,
        "assertion_lifetime": "10m", "scope": "email",
        "assertion.claim.sub": "", "assertion.claim.test_mode": "on",
        "assertion.header.typ": "oauth-id-jag+jwt"})})
    for _ in range(2):
        assert proxy.get(URL).status == 200
    [seen] = provider.assertions
    assert seen["claims"]["test_mode"] == "on"
    assert seen["header"]["typ"] == "oauth-id-jag+jwt"
    [asked] = provider.token_requests
    form = dict(map(tuple, asked["form"]))
    assert (form["grant_type"], form["scope"]) == (JWT_BEARER, "email")


@pytest.mark.parametrize("alg", ["HS256", "HS384", "HS512"])
def test_assertion_by_a_secret(bearerd, provider, tmp_path, alg):
    """AssertionSession's own example: a key that both sides have, as a JWK."""
    key = {"kty": "oct", "kid": "shared", "k": "c2VjcmV0" * 11}
    provider.register(client_id="foo", client_secret="", jwks={"keys": [key]},
                      grant_types=[JWT_BEARER])
    file = tmp_path / "shared.jwk"
    file.write_text(json.dumps(key))
    file.chmod(0o600)
    keys = {"grant_type": "jwt-bearer", "client_id": None, "client_secret": None,
            "assertion_issuer": "foo", "assertion_private_key": file}
    proxy = bearerd({"a": provider.service(**keys, assertion_signing_alg=alg)})
    assert proxy.get(URL).status == 200
    [seen] = provider.assertions
    assert seen["header"]["alg"] == alg and seen["header"]["kid"] == "shared"
    said = bearerd.refused({"a": provider.service(**keys)})
    assert "assertion_signing_alg is missing" in said and "HS256, HS384" in said
    said = bearerd.refused({"a": provider.service(
        **keys, assertion_signing_alg="RS256")})
    assert "RS256" in said and key["k"] not in said


# Who has logged in.


def keys_without(upstream, *keys):
    """Publishes these keys without their names."""
    named = [{n: v for n, v in key.jwks["keys"][0].items() if n != "kid"}
             for key in keys]
    body = json.dumps({"keys": named}).encode()

    def script(peer) -> None:
        while True:
            peer.read_request()
            peer.answer(body, "200 OK", "Content-Type: application/json")

    return upstream(script).url + "/keys"


@pytest.mark.parametrize("kid", ["token-kid", None])
def test_keys_without_names(bearerd, provider, browser, upstream, kid):
    """A set whose keys have no kid: each that fits is tried; where none is the
    one, the login is refused."""
    right, wrong = Key("RS256"), Key("RS256")
    sets = {"a": [wrong, right], "b": [wrong, Key("RS256")]}
    proxy = bearerd({name: login.service(
        provider, name, grant_type="implicit", scope="openid read",
        jwks_uri=keys_without(upstream, *keys)) for name, keys in sets.items()})
    login.register(provider, proxy, *sets)
    for name in sets:
        login.begin(browser, proxy, name)
        params = login.response_to(browser, provider)
        params["id_token"] = right.sign(claims_of(params["id_token"]), kid=kid)
        reply = come_back(browser, login.callback_url(proxy, name), params)
        if name == "a":
            assert "is logged in" in reply.text, reply.text
        else:
            refused(reply, "(signature)")


def test_no_keys_anywhere(start, provider, browser):
    """Neither jwks_uri nor a word of the metadata: it says what is missing."""
    provider.set(metadata={"jwks_uri": "absent"})
    proxy = start(scope="openid read")
    refused(browser.login(login.login_url(proxy)).response, "jwks_uri")


@pytest.mark.parametrize("amr", [["pwd", "otp"], "pwd"], ids=["list", "text"])
def test_amr(start, provider, browser, amr):
    """How somebody was recognized is not looked at, and a server that writes it
    otherwise than the standard locks nobody out."""
    provider.set(issue={"id_token": {"claims": {"amr": amr}}})
    login.log_in(browser, start(scope="openid read"))


# What a server says of itself.


@pytest.mark.parametrize("issuer", [
    None, 7, "list", "https://attacker.test", "{url}:1", "{url}.attacker.test",
    "{url}/tenant", "{url}/", "https{rest}", "HTTP{rest}", ""], ids=str)
def test_issuer_of_the_metadata(bearerd, upstream, issuer):
    """To the last character, not only the same origin."""
    site = Site(upstream)
    if isinstance(issuer, str):
        issuer = issuer.format(url=site.url, rest=site.url[4:])
    says = {"issuer": [site.url] if issuer == "list" else issuer}
    site.pages[OAUTH] = site.pages[OPENID] = site.document(**says)
    proxy = bearerd({"a": site.service()})
    reply = proxy.get(URL)
    assert reply.status == 502
    assert "issuer" in reply.json()["detail"]
    assert site.count("/token") == 0


def test_endpoint_on_another_host(bearerd, upstream):
    """Of which only the issuer must be the one that was asked."""
    site, other = Site(upstream), Site(upstream)
    site.pages[OAUTH] = site.document(token_endpoint=other.url + "/token")
    proxy = bearerd({"a": site.service()})
    assert proxy.get(URL).status == 200
    assert (other.count("/token"), site.count("/token")) == (1, 0)


def test_time_that_requests_may_take(bearerd, provider, upstream):
    """Each service has its own."""
    def script(peer) -> None:
        while True:
            peer.read_request()
            time.sleep(1.5)
            peer.answer(b"late")

    server = upstream(script)
    proxy = bearerd({name: provider.service(
        upstream=server.url, match=f"{name}.example.test",
        response_timeout=time_) for name, time_ in {"a": "500ms", "b": "10s"}.items()})
    assert proxy.get("http://a.example.test/x").status == 504
    assert proxy.get("http://b.example.test/x").body == b"late"


def test_nowhere_to_get_a_token(bearerd, provider):
    """Without a token endpoint nothing starts, and so nothing is sent."""
    for keys in ({"token_endpoint": None},
                 {"grant_type": "authorization_code"},
                 {"grant_type": "password"}):
        said = bearerd.refused({"a": provider.service(**keys)})
        assert re.search(r"is missing|needs", said), said
    assert provider.state()["api"]["total"] == 0
