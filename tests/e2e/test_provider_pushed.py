# SPDX-License-Identifier: MIT
"""The provider's endpoint for pushed authorization requests (RFC 9126)."""

import time
from urllib.parse import urlencode

import pytest
import requests

from rawserver import echo
from signing import Key, claims_for

BASIC = ("demo-client", "demo-secret")
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@pytest.fixture
def callback(provider, upstream) -> str:
    uri = upstream(echo("client")).url + "/-/callback/a"
    register(provider, uri)
    return uri


def register(provider, uri, **more):
    provider.register(**{"redirect_uris": [uri], "response_types": ["code"],
                         "grant_types": ["authorization_code"], **more})


def params(callback, **more) -> dict:
    asked = {"response_type": "code", "client_id": "demo-client",
             "redirect_uri": callback, "state": "st/1 +", "scope": "read", **more}
    return {n: v for n, v in asked.items() if v is not None}


def push(provider, form, auth=BASIC):
    return requests.post(provider.par_endpoint, data=form, auth=auth, timeout=30)


def reference(provider, request_uri, client_id="demo-client", **more) -> str:
    query = urlencode({"client_id": client_id, "request_uri": request_uri, **more})
    return f"{provider.authorization_endpoint}?{query}"


def test_it_stands_for_the_parameters(provider, browser, callback):
    reply = push(provider, params(callback))
    assert reply.status_code == 201
    assert reply.headers["Cache-Control"] == "no-store"
    says = reply.json()
    assert says["expires_in"] == 60
    assert says["request_uri"].startswith("urn:ietf:params:oauth:request_uri:")
    visit = browser.login(reference(provider, says["request_uri"]))
    got = dict(visit.hops[-1].params)
    assert got.keys() == {"code", "state", "iss"} and got["state"] == "st/1 +"
    token = requests.post(provider.token_endpoint, auth=BASIC, timeout=30, data={
        "grant_type": "authorization_code", "code": got["code"],
        "redirect_uri": callback}).json()
    assert token["scope"] == "read"
    [seen] = provider.requests("par")
    assert seen["authenticated"] == ["demo-client", "client_secret_basic"]
    assert seen["client_id"] == "demo-client" and seen["status"] == 201


def test_once(provider, callback):
    uri = push(provider, params(callback)).json()["request_uri"]
    first = provider.authorize(reference(provider, uri))
    assert "code" in dict(first["response"]["params"])
    again = provider.authorize(reference(provider, uri))
    assert again["response"] is None and "unknown" in again["body"]


def test_for_its_time(provider, callback):
    provider.set(options={"par_lifetime": 1})
    reply = push(provider, params(callback)).json()
    assert reply["expires_in"] == 1
    time.sleep(1.1)
    page = requests.get(reference(provider, reply["request_uri"]), timeout=30)
    assert page.status_code == 400 and "expired" in page.text


def test_of_its_client(provider, callback):
    uri = push(provider, params(callback)).json()["request_uri"]
    provider.set(clients=[{"client_id": "other", "client_secret": "x",
                           "redirect_uris": [callback]}])
    page = requests.get(reference(provider, uri, "other"), timeout=30)
    assert page.status_code == 400 and "unknown" in page.text


def test_what_the_browser_adds_is_nothing(provider, callback):
    uri = push(provider, params(callback)).json()["request_uri"]
    given = provider.authorize(reference(provider, uri, state="other"))
    assert ["state", "st/1 +"] in given["response"]["params"]


@pytest.mark.parametrize("changes,error", [
    ({"request_uri": "urn:x"}, "invalid_request"),
    ({"client_id": None}, "invalid_request"),
    ({"client_id": "other"}, "invalid_request"),
    ({"redirect_uri": "http://elsewhere.test/"}, "invalid_request"),
    ({"response_type": "token"}, "unauthorized_client"),
    ({"response_mode": "smoke"}, "invalid_request")])
def test_what_is_wrong_is_refused_at_once(provider, callback, changes, error):
    reply = push(provider, params(callback, **changes))
    assert reply.status_code in (400, 401)
    assert reply.json()["error"] == error


def test_twice(provider, callback):
    form = [*params(callback).items(), ("state", "x")]
    assert push(provider, form).json()["error"] == "invalid_request"
    form = [*params(callback).items(), ("resource", "urn:a"), ("resource", "urn:b")]
    assert push(provider, form).status_code == 201


def test_the_client_shows_who_it_is(provider, callback):
    reply = push(provider, params(callback), ("demo-client", "wrong"))
    assert reply.status_code == 401
    assert reply.json()["error"] == "invalid_client"
    assert push(provider, params(callback), None).status_code in (400, 401)
    register(provider, callback, token_endpoint_auth_method="none")
    assert push(provider, params(callback), None).status_code == 201
    key = Key()
    register(provider, callback, token_endpoint_auth_method="private_key_jwt",
             jwks=key.jwks)
    assertion = key.sign(claims_for("demo-client", provider.issuer))
    form = params(callback, client_assertion=assertion,
                  client_assertion_type=ASSERTION_TYPE)
    assert push(provider, form, None).status_code == 201
    assert push(provider, form, None).json()["error"] == "invalid_client"


def test_demanded(provider, callback):
    plain = f"{provider.authorization_endpoint}?{urlencode(params(callback))}"
    assert provider.authorize(plain)["response"] is not None

    def demands():
        return requests.get(
            provider.issuer + "/.well-known/oauth-authorization-server",
            timeout=30).json()["require_pushed_authorization_requests"]

    assert demands() is False
    provider.set(options={"par_required": True})
    assert demands() is True
    page = requests.get(plain, timeout=30)
    assert page.status_code == 400 and "must be pushed" in page.text
    uri = push(provider, params(callback)).json()["request_uri"]
    assert provider.authorize(reference(provider, uri))["response"] is not None


def test_plan_and_shape(provider, callback):
    provider.set(plan=[{"endpoint": "par", "status": 503}],
                 options={"par": {"expires_in": "absent"}})
    assert push(provider, params(callback)).status_code == 503
    assert push(provider, params(callback)).json().keys() == {"request_uri"}
    assert provider.count("par") == 2
