# SPDX-License-Identifier: MIT
"""bearerd and a server that knows nothing of it: glewlwyd. The last tests are
of the server alone: that what others build on it is there."""

import base64
import hashlib
import json
import secrets
import time
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import pytest

import glewlwyd as server
from chromium import site
from harness import wait_for

URL = "http://api.example.test/x"
REDIRECT = "http://127.0.0.1/callback"
# What "raw" and form-urlencoded Basic disagree about.
SECRET = "a+b %c&d=e/ä"
AUTHENTICATED = ["client_secret_basic", "client_secret_post"]


@pytest.fixture
def resource(glewlwyd, upstream):
    """An API that asks glewlwyd about every token."""
    return upstream(glewlwyd.resource)


@pytest.fixture
def service(glewlwyd, resource):
    """Registers a client under a name of its own and makes a service of it."""

    def make(secret: str | None = SECRET, client: dict | None = None, **keys):
        name = "client-" + secrets.token_hex(4)
        glewlwyd.client(name, secret, **(client or {}))
        return glewlwyd.service(name, secret, **{"upstream": resource.url, **keys})

    return make


def user(service, **keys):
    return service(username="alice", password="wonderland", scope="read", **keys)


def token_of(resource) -> str:
    """The token that reached the API last."""
    return resource.last.value("Authorization").removeprefix("Bearer ")


def grants(glewlwyd) -> list[str]:
    return [form["grant_type"] for form in glewlwyd.forms]


def payload(token: str) -> dict:
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


@pytest.mark.parametrize("method", AUTHENTICATED)
def test_client_credentials(bearerd, glewlwyd, resource, service, method):
    keys = service(grant_type="client_credentials", scope="read write",
                   client={"auth_methods": [method]},
                   token_endpoint_auth_method=method)
    proxy = bearerd({"a": keys})
    for _ in range(3):
        assert proxy.get(URL).status == 200
    known = glewlwyd.introspect(token_of(resource))
    assert known["active"] and set(known["scope"].split()) == {"read", "write"}
    # It does not always keep whom it gave the token to, but writes it inside.
    assert payload(token_of(resource))["client_id"] == keys["client_id"]
    sent, = glewlwyd.token_requests
    assert bool(sent.values("Authorization")) == (method == "client_secret_basic")
    assert ("client_secret" in glewlwyd.forms[0]) == (method == "client_secret_post")


@pytest.mark.parametrize("method", AUTHENTICATED)
def test_password(bearerd, glewlwyd, resource, service, method):
    keys = user(service, client={"auth_methods": [method]},
                token_endpoint_auth_method=method)
    proxy = bearerd({"a": keys})
    assert proxy.get(URL).status == 200
    known = glewlwyd.introspect(token_of(resource))
    assert (known["username"], known["scope"]) == ("alice", "read")
    assert grants(glewlwyd) == ["password"]


def test_password_of_a_public_client_is_not_taken(bearerd, glewlwyd, service):
    """It lets nobody but a client with a secret ask for a password's token."""
    keys = user(service, secret=None, token_endpoint_auth_method="none")
    proxy = bearerd({"a": keys})
    reply = proxy.get(URL)
    assert (reply.status, reply.error) == (502, "proxy_configuration_error")
    assert "403" in reply.json()["detail"]
    assert not glewlwyd.token_requests[0].values("Authorization")
    assert glewlwyd.forms[0]["client_id"] == keys["client_id"]


def test_encoded_basic_is_not_understood(bearerd, glewlwyd, service):
    """Its deviation from RFC 6749 section 2.3.1, which raw is for."""
    proxy = bearerd({"a": service(grant_type="client_credentials", scope="read",
                                  client_secret_basic_encoding=None)})
    reply = proxy.get(URL)
    assert (reply.status, reply.error) == (502, "proxy_configuration_error")
    assert "403" in reply.json()["detail"]
    assert glewlwyd.token_requests


@pytest.mark.parametrize("method", AUTHENTICATED)
def test_wrong_secret(bearerd, glewlwyd, resource, service, method):
    proxy = bearerd({"a": service(grant_type="client_credentials", scope="read",
                                  client_secret="not-the-one",
                                  token_endpoint_auth_method=method)})
    reply = proxy.get(URL)
    assert (reply.status, reply.error) == (502, "proxy_configuration_error")
    assert "403" in reply.json()["detail"]
    assert b"not-the-one" not in reply.body + reply.raw_head
    assert "not-the-one" not in proxy.stderr
    assert not resource.requests
    for _ in range(20):
        assert proxy.get(URL).status == 502
    assert len(glewlwyd.token_requests) <= 2


def test_wrong_password(bearerd, glewlwyd, resource, service):
    """It says 403 and no word more."""
    proxy = bearerd({"a": user(service) | {"password": "not-the-one"}})
    assert proxy.get(URL).status == 502
    assert not resource.requests


@pytest.mark.parametrize("rotate", [False, True], ids=["stays", "rotates"])
def test_refresh(bearerd, glewlwyd, resource, service, rotate):
    """The API says which tokens have ended, as the server does."""
    proxy = bearerd({"a": user(service, client={"rotate": rotate})})
    seen = []
    for _ in range(3):
        assert proxy.get(URL).status == 200
        seen.append(token_of(resource))
        glewlwyd.revoke(seen[-1])
    assert len(set(seen)) == 3
    assert grants(glewlwyd) == ["password", "refresh_token", "refresh_token"]
    first, second = [form["refresh_token"] for form in glewlwyd.forms[1:]]
    assert (first != second) == rotate


@pytest.mark.parametrize("rotate", [False, True], ids=["stays", "rotates"])
def test_seeded_refresh_token(bearerd, glewlwyd, resource, service, rotate):
    """The rotated one outlives the process; the configured one is spent."""
    keys = service(client={"rotate": rotate})
    reply = glewlwyd.new_session().post(
        glewlwyd.token_endpoint, timeout=30,
        auth=(keys["client_id"], SECRET.encode()),
        data={"grant_type": "password", "username": "alice",
              "password": "wonderland", "scope": "read"})
    assert reply.status_code == 200
    glewlwyd.reset()
    keys["refresh_token"] = reply.json()["refresh_token"]
    store = {"store": f"sqlite:{bearerd.folder}/state/t.db"}
    for _ in range(2):
        proxy = bearerd({"a": keys}, store)
        assert proxy.get(URL).status == 200
        glewlwyd.revoke(token_of(resource))
        assert proxy.get(URL).status == 200
        glewlwyd.revoke(token_of(resource))
        proxy.stop()
    sent = [form["refresh_token"] for form in glewlwyd.forms]
    assert set(grants(glewlwyd)) == {"refresh_token"}
    assert len(set(sent)) == (len(sent) if rotate else 1)
    assert len(sent) == 4


def test_refused_refresh_token(bearerd, glewlwyd, resource, service):
    """It answers 400 with an empty body, which confirms nothing."""
    proxy = bearerd({"a": service(refresh_token="unknown-there")})
    reply = proxy.get(URL)
    assert reply.status == 502
    assert "400" in reply.json()["detail"]
    assert "unknown-there" not in proxy.stderr
    assert not resource.requests


def test_tokens_survive_a_restart(bearerd, glewlwyd, resource, service):
    store = {"store": f"sqlite:{bearerd.folder}/state/t.db"}
    keys = user(service)
    seen = set()
    for _ in range(2):
        proxy = bearerd({"a": keys}, store)
        assert proxy.get(URL).status == 200
        seen.add(token_of(resource))
        proxy.stop()
    assert len(seen) == 1
    assert grants(glewlwyd) == ["password"]


def authorization_request(glewlwyd, client_id, response_type, **more) -> str:
    return glewlwyd.authorization_endpoint + "?" + urlencode({
        "client_id": client_id, "response_type": response_type,
        "redirect_uri": REDIRECT, "scope": "openid read", "state": "a state",
        "nonce": "a nonce", **more})


def exchange(glewlwyd, **form):
    return glewlwyd.new_session().post(glewlwyd.token_endpoint, data=form,
                                       timeout=30)


def authorized(glewlwyd, response_type: str, **more) -> dict[str, str]:
    """What alice's consent sends to the client."""
    location = glewlwyd.person().authorize(authorization_request(
        glewlwyd, "direct", response_type, **more))
    parts = urlsplit(location)
    assert location.startswith(REDIRECT), location
    return dict(parse_qsl(parts.query if response_type == "code" else parts.fragment))


def test_server_metadata(glewlwyd):
    metadata = glewlwyd.new_session().get(glewlwyd.discovery, timeout=30).json()
    for name in ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri",
                 "device_authorization_endpoint", "revocation_endpoint",
                 "introspection_endpoint"):
        assert metadata[name] == getattr(glewlwyd, name)
    assert "S256" in metadata["code_challenge_methods_supported"]
    keys = glewlwyd.new_session().get(glewlwyd.jwks_uri, timeout=30).json()["keys"]
    assert keys and all("d" not in key for key in keys)


@pytest.mark.parametrize("secret", [None, "direct-secret"], ids=["public", "secret"])
def test_server_code_with_pkce(glewlwyd, secret):
    glewlwyd.client("direct", secret, redirect_uris=[REDIRECT])
    verifier = secrets.token_urlsafe(48)
    challenge = base64.urlsafe_b64encode(
        hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    pkce = {"code_challenge": challenge, "code_challenge_method": "S256"}
    form = {"grant_type": "authorization_code", "redirect_uri": REDIRECT,
            "client_id": "direct"}
    if secret:
        form["client_secret"] = secret

    back = authorized(glewlwyd, "code", **pkce)
    assert (back["state"], back["iss"]) == ("a state", glewlwyd.issuer)
    for wrong in ({}, {"code_verifier": secrets.token_urlsafe(48)}):
        assert exchange(glewlwyd, **form, code=back["code"], **wrong).status_code >= 400
    back = authorized(glewlwyd, "code", **pkce)
    reply = exchange(glewlwyd, **form, code=back["code"], code_verifier=verifier)
    assert reply.status_code == 200, reply.text
    known = glewlwyd.introspect(reply.json()["access_token"])
    assert known["active"] and known["username"] == "alice"
    assert set(known["scope"].split()) == {"openid", "read"}
    assert payload(reply.json()["id_token"])["nonce"] == "a nonce"
    assert reply.json()["refresh_token"]
    again = exchange(glewlwyd, **form, code=back["code"], code_verifier=verifier)
    assert again.status_code >= 400
    assert len(glewlwyd.token_requests) == 4


def test_server_narrows_the_scope(glewlwyd):
    """A person who grants less than was asked for."""
    glewlwyd.client("narrowed", None, redirect_uris=[REDIRECT])
    location = glewlwyd.person().authorize(
        authorization_request(glewlwyd, "narrowed", "code"), scope="openid")
    reply = exchange(glewlwyd, grant_type="authorization_code", client_id="narrowed",
                     redirect_uri=REDIRECT,
                     code=parse_qs(urlsplit(location).query)["code"][0])
    assert reply.json()["scope"] == "openid"


def test_server_refuses_a_foreign_redirect(glewlwyd):
    glewlwyd.client("direct", None, redirect_uris=[REDIRECT])
    reply = glewlwyd.new_session().get(
        authorization_request(glewlwyd, "direct", "code",
                              redirect_uri="http://127.0.0.2/callback"),
        allow_redirects=False, timeout=30)
    assert not reply.headers.get("Location", "").startswith("http://127.0.0.2")


@pytest.mark.parametrize("response_type", ["token", "id_token token", "id_token"])
def test_server_implicit(glewlwyd, response_type):
    glewlwyd.client("direct", None, redirect_uris=[REDIRECT])
    back = authorized(glewlwyd, response_type)
    assert back["state"] == "a state"
    assert ("access_token" in back) == ("token" in response_type.split())
    assert ("id_token" in back) == ("id_token" in response_type.split())
    if "access_token" in back:
        assert back["token_type"] == "bearer"
        assert glewlwyd.introspect(back["access_token"])["username"] == "alice"
    if "id_token" in back:
        assert payload(back["id_token"])["nonce"] == "a nonce"


def test_server_device(glewlwyd):
    glewlwyd.client("device", None)
    device = glewlwyd.new_session().post(
        glewlwyd.device_authorization_endpoint, timeout=30,
        data={"client_id": "device", "scope": "read"}).json()
    assert {"device_code", "user_code", "verification_uri", "expires_in"} <= set(device)

    def poll():
        return exchange(glewlwyd, grant_type=server.DEVICE_CODE, client_id="device",
                        device_code=device["device_code"])

    assert poll().json() == {"error": "authorization_pending"}
    assert poll().json() == {"error": "slow_down"}
    glewlwyd.person().approve(device["verification_uri_complete"])
    time.sleep(device["interval"])
    replies = []
    wait_for(lambda: replies.append(poll()) or replies[-1].status_code == 200,
             10, "a token for the device")
    assert glewlwyd.introspect(replies[-1].json()["access_token"])["username"] == "alice"
    assert poll().status_code >= 400


@pytest.mark.parametrize("response_type", ["code", "id_token token"])
def test_server_in_a_browser(chromium, glewlwyd, upstream, response_type):
    """Alice logs in at its own page, and the client's page gets the answer."""
    page = upstream(site({"/callback": "<p>back"}))
    redirect = f"http://client.test:{page.port}/callback"
    glewlwyd.client("browsed", None, redirect_uris=[redirect])
    chromium.open(authorization_request(glewlwyd, "browsed", response_type,
                                        redirect_uri=redirect))
    server.consent_in(chromium)
    at = urlsplit(chromium.wait_for_url("/callback"))
    answer = dict(parse_qsl(at.query or at.fragment))
    assert answer["state"] == "a state"
    assert ("code" in answer) == (response_type == "code")
    assert page.requests[0].target == "/callback" + ("?" + at.query if at.query else "")
    if at.fragment:
        known = glewlwyd.introspect(answer["access_token"])
        assert set(known["scope"].split()) == {"openid", "read"}


def test_server_device_in_a_browser(chromium, glewlwyd):
    glewlwyd.client("device", None)
    device = glewlwyd.new_session().post(
        glewlwyd.device_authorization_endpoint, timeout=30,
        data={"client_id": "device", "scope": "read"}).json()
    chromium.open(device["verification_uri_complete"])
    server.consent_in(chromium)
    chromium.wait_for_url("prompt=deviceComplete")
    reply = exchange(glewlwyd, grant_type=server.DEVICE_CODE, client_id="device",
                     device_code=device["device_code"])
    assert reply.status_code == 200, reply.text
