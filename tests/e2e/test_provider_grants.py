# SPDX-License-Identifier: MIT
"""The provider's grants of assertions, devices and exchanges."""

import time
from datetime import timedelta

import pytest
import requests
from authlib.integrations.requests_client import AssertionSession

from signing import Key, claims_for, hmac_signed, verified

BASIC = ("demo-client", "demo-secret")
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
TYPE = "urn:ietf:params:oauth:token-type:"
ROBOT = "robot@project.example.test"


def ask(provider, auth=BASIC, endpoint=None, **form):
    form = {n: v for n, v in form.items() if v is not None}
    return requests.post(endpoint or provider.token_endpoint, data=form, auth=auth,
                         timeout=30)


def error(reply) -> str | None:
    return reply.json().get("error")


def works(provider, token) -> bool:
    reply = requests.get(provider.api, timeout=30,
                         headers={"Authorization": f"Bearer {token}"})
    return reply.status_code == 200


# RFC 7523


@pytest.fixture(params=["RS256", "PS256", "ES256", "ES384", "EdDSA"])
def any_robot(request, provider) -> Key:
    return make_robot(provider, Key(request.param))


@pytest.fixture
def robot(provider) -> Key:
    return make_robot(provider, Key("RS256"))


def make_robot(provider, key: Key) -> Key:
    provider.register(client_id=ROBOT, client_secret="", jwks=key.jwks,
                      grant_types=[JWT_BEARER])
    return key


def show(provider, assertion, endpoint=None, auth=None, **form):
    return ask(provider, auth, endpoint, grant_type=JWT_BEARER, assertion=assertion,
               **form)


def test_assertion(provider, any_robot):
    claims = claims_for(ROBOT, provider.token_endpoint)
    reply = show(provider, any_robot.sign(claims), scope="read").json()
    assert reply["scope"] == "read" and works(provider, reply["access_token"])
    assert "refresh_token" not in reply
    seen = provider.assertions[0]
    assert seen["claims"] == claims and seen["refused"] is None
    assert seen["header"]["alg"] == any_robot.algorithm


@pytest.mark.parametrize("changes, word", [
    ({"exp": 1}, "expired"),
    ({"exp": None}, "expired"),
    ({"exp": timedelta(days=12)}, "far away"),
    ({"iat": timedelta(minutes=17)}, "future"),
    ({"nbf": timedelta(minutes=17)}, "future"),
    ({"iat": "now"}, "no number"),
    ({"aud": "http://elsewhere.test/"}, "aud"),
    ({"aud": None}, "aud"),
    ({"iss": "nobody"}, "nobody"),
    ({"iss": None}, "nobody"),
    ({"sub": "nobody"}, "sub"),
])
def test_assertion_that_does_not_hold(provider, robot, changes, word):
    claims = claims_for(ROBOT, provider.token_endpoint, **changes)
    refused = show(provider, robot.sign(claims))
    assert refused.status_code == 400 and error(refused) == "invalid_grant"
    assert word in refused.json()["error_description"]
    assert provider.issued == []


def test_assertion_is_not_taken_twice(provider, robot):
    assertion = robot.sign(claims_for(ROBOT, provider.issuer))
    assert show(provider, assertion).status_code == 200
    assert error(show(provider, assertion)) == "invalid_grant"
    assert "before" in provider.assertions[-1]["refused"]


def test_assertion_of_another_key(provider, robot):
    claims = claims_for(ROBOT, provider.token_endpoint)
    stray = Key("RS256")
    for wrong in (stray.sign(claims), stray.sign(claims, kid=robot.kid),
                  Key("ES256").sign(claims, kid=robot.kid),
                  hmac_signed("secret", claims), "nonsense", "a.b.c"):
        assert error(show(provider, wrong)) == "invalid_grant"
    assert show(provider, robot.sign(claims, kid=None)).status_code == 200


def test_assertion_for_a_person(provider, robot):
    claims = claims_for(ROBOT, provider.token_endpoint, sub="alice", scope="a b")
    reply = show(provider, robot.sign(claims)).json()
    assert reply["scope"] == "a b"


def test_assertion_of_an_outside_issuer(provider):
    idp, own = Key("ES256"), Key("RS256")
    provider.set(issuers={"https://idp.test": idp.jwks})
    provider.register(grant_types=[JWT_BEARER], jwks=own.jwks,
                      token_endpoint_auth_method="private_key_jwt")

    def assertion():
        return idp.sign(claims_for("https://idp.test", provider.issuer, sub="alice"))

    assert error(show(provider, assertion())) == "invalid_client"
    proof = own.sign(claims_for("demo-client", provider.token_endpoint))
    form = {"client_assertion": proof, "client_assertion_type":
            "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"}
    assert show(provider, assertion(), **form).status_code == 200
    uses = [a["use"] for a in provider.assertions]
    assert uses == ["private_key_jwt", "jwt-bearer"]


def test_authlib_shows_an_assertion(provider, robot):
    session = AssertionSession(
        provider.token_endpoint, issuer=ROBOT, subject=ROBOT,
        audience=provider.token_endpoint, grant_type=JWT_BEARER,
        claims={"scope": "read"}, key=robot.pem, header={"alg": "RS256"})
    assert session.get(provider.api + "/x").json()["target"] == "/x"


def test_service_account(provider, robot):
    endpoint = provider.service_account_endpoint

    def sent(**changes):
        changes = {"sub": None, "scope": "a b", **changes}
        claims = claims_for(ROBOT, endpoint, **changes)
        return show(provider, robot.sign(claims), endpoint)

    reply = sent().json()
    assert reply["scope"] == "a b" and works(provider, reply["access_token"])
    assert error(sent(scope=None)) == "invalid_scope"
    assert error(sent(iat=None)) == "invalid_grant"
    assert error(sent(exp=time.time() + 4000)) == "invalid_grant"
    assert error(sent(aud=provider.token_endpoint)) == "invalid_grant"
    assert sent(sub="alice").status_code == 200


# RFC 8628


@pytest.fixture
def device_client(provider):
    provider.register(grant_types=[DEVICE_CODE, "refresh_token"])
    provider.set(options={"device_interval": 0.2})


def start(provider, auth=BASIC, **form) -> requests.Response:
    return ask(provider, auth, provider.device_endpoint, scope="read", **form)


def poll(provider, device_code, auth=BASIC, **form):
    return ask(provider, auth, grant_type=DEVICE_CODE, device_code=device_code, **form)


def test_device(provider, device_client, browser):
    started = start(provider).json()
    assert started["interval"] == 0.2 and started["expires_in"] == 600
    assert error(poll(provider, started["device_code"])) == "authorization_pending"
    browser.open(started["verification_uri"])
    browser.submit(user_code=started["user_code"].lower().replace("-", " "),
                   username="alice", password="wonderland")
    assert "connected" in browser.response.text
    reply = poll(provider, started["device_code"]).json()
    assert reply["scope"] == "read" and works(provider, reply["access_token"])
    assert reply["refresh_token"]
    assert error(poll(provider, started["device_code"])) == "invalid_grant"
    assert provider.requests("device")[0]["authenticated"][0] == "demo-client"
    assert provider.count("verification") == 2


def test_device_address_has_the_code(provider, device_client, browser):
    started = start(provider).json()
    browser.open(started["verification_uri_complete"])
    assert ("user_code", started["user_code"]) in browser.document.forms[0].fields
    browser.decide(approve=False)
    assert error(poll(provider, started["device_code"])) == "access_denied"


def test_device_page_refuses(provider, device_client, browser):
    started = start(provider).json()
    browser.open(provider.verification_uri)
    reply = browser.submit(user_code="WRNG-CODE", username="alice",
                           password="wonderland")
    assert reply.status_code == 403
    reply = browser.submit(user_code=started["user_code"], username="alice",
                           password="wrong")
    assert reply.status_code == 403
    assert error(poll(provider, started["device_code"])) == "authorization_pending"


def test_device_that_polls_too_fast(provider, device_client):
    code = start(provider).json()["device_code"]
    assert error(poll(provider, code)) == "authorization_pending"
    assert error(poll(provider, code)) == "slow_down"
    time.sleep(0.3)  # five seconds were added
    assert error(poll(provider, code)) == "slow_down"
    code = start(provider).json()["device_code"]
    for _ in range(3):
        assert error(poll(provider, code)) == "authorization_pending"
        time.sleep(0.25)


def test_device_code_expires(provider, device_client):
    provider.set(options={"device_expires_in": 0.2})
    started = start(provider).json()
    time.sleep(0.3)
    assert error(poll(provider, started["device_code"])) == "expired_token"
    assert provider.approve_device(started["user_code"]) is None


def test_device_shape(provider, device_client):
    provider.set(options={"device_interval": None, "device": {
        "verification_uri_complete": "absent", "expires_in": "soon"}})
    started = start(provider).json()
    assert "interval" not in started and "verification_uri_complete" not in started
    assert started["expires_in"] == "soon"
    provider.set(plan=[{"endpoint": "device", "status": 500, "body": "{}"}])
    assert [start(provider).status_code for _ in range(2)] == [500, 200]


def test_device_decided_without_a_page(provider, device_client):
    first, second = start(provider).json(), start(provider).json()
    assert provider.deny_device() == second["user_code"]
    assert provider.approve_device(first["user_code"]) == first["user_code"]
    assert error(poll(provider, second["device_code"])) == "access_denied"
    assert poll(provider, first["device_code"]).status_code == 200


def test_device_client_is_authenticated(provider, device_client):
    assert error(start(provider, ("demo-client", "wrong"))) == "invalid_client"
    assert error(start(provider, None)) == "invalid_client"
    provider.register(client_id="other", grant_types=[DEVICE_CODE])
    code = start(provider).json()["device_code"]
    other = poll(provider, code, ("other", "demo-secret"))
    assert error(other) == "unauthorized_client"
    provider.register(client_id="public", grant_types=[DEVICE_CODE],
                      token_endpoint_auth_method="none")
    code = start(provider, None, client_id="public").json()["device_code"]
    provider.approve_device()
    assert poll(provider, code, None, client_id="public").status_code == 200
    provider.register()
    assert error(start(provider)) == "unauthorized_client"


# RFC 8693


@pytest.fixture
def subject(provider) -> str:
    """alice's token, of a client that may exchange it."""
    provider.register(grant_types=["password", "refresh_token", EXCHANGE])
    return ask(provider, grant_type="password", username="alice", scope="read write",
               password="wonderland").json()["access_token"]


def swap(provider, subject, **form):
    form = {"subject_token": subject, "subject_token_type": TYPE + "access_token",
            **form}
    return ask(provider, grant_type=EXCHANGE, **form)


def test_exchange(provider, subject):
    reply = swap(provider, subject, scope="read", audience="there",
                 resource="https://api.test/x").json()
    assert reply["issued_token_type"] == TYPE + "access_token"
    assert reply["scope"] == "read" and works(provider, reply["access_token"])
    assert reply["access_token"] != subject and "refresh_token" not in reply
    seen = provider.exchanges[0]
    assert seen["subject"] == "alice" and seen["actor"] is None
    assert seen["targets"] == ["there", "https://api.test/x"]


def test_exchange_with_an_actor(provider, subject):
    actor = ask(provider, grant_type="password", username="bob",
                password="builder").json()["access_token"]
    reply = swap(provider, subject, actor_token=actor,
                 actor_token_type=TYPE + "access_token").json()
    assert provider.exchanges[0]["actor"] == "bob"
    said = requests.post(provider.introspection_endpoint, auth=BASIC, timeout=30,
                         data={"token": reply["access_token"]}).json()
    assert said["username"] == "alice" and said["act"] == {"sub": "bob"}
    made = swap(provider, subject, actor_token=actor, audience="there",
                actor_token_type=TYPE + "access_token",
                requested_token_type=TYPE + "jwt").json()
    claims = verified(made["access_token"], provider.jwks_uri)[1]
    assert claims["sub"] == "alice" and claims["act"] == {"sub": "bob"}
    assert claims["aud"] == ["there"] and works(provider, made["access_token"])
    assert made["issued_token_type"] == TYPE + "jwt"


def test_exchange_of_outside_tokens(provider, subject):
    provider.set(outside_tokens={"from-afar": {"sub": "carol", "type": "saml2"}})
    assert error(swap(provider, "from-afar")) == "invalid_request"
    assert swap(provider, "from-afar",
                subject_token_type=TYPE + "saml2").status_code == 200
    idp = Key("ES256")
    token = idp.sign(claims_for("https://idp.test", "anyone", sub="dave"))
    kind = {"subject_token_type": TYPE + "jwt"}
    assert error(swap(provider, token, **kind)) == "invalid_request"
    provider.set(issuers={"https://idp.test": idp.jwks})
    assert swap(provider, token, **kind).status_code == 200
    old = idp.sign(claims_for("https://idp.test", "anyone", exp=1))
    assert error(swap(provider, old, **kind)) == "invalid_request"
    assert [e["subject"] for e in provider.exchanges] == ["carol", "dave"]


@pytest.mark.parametrize("form, wrong", [
    ({"subject_token": None}, "invalid_request"),
    ({"subject_token_type": None}, "invalid_request"),
    ({"subject_token_type": TYPE + "smoke"}, "invalid_request"),
    ({"subject_token": "unknown"}, "invalid_request"),
    ({"actor_token": "unknown"}, "invalid_request"),
    ({"actor_token_type": TYPE + "jwt"}, "invalid_request"),
    ({"requested_token_type": TYPE + "saml1"}, "invalid_request"),
    ({"resource": "no-uri"}, "invalid_request"),
    ({"resource": "https://a.test/#b"}, "invalid_request"),
    ({"audience": "elsewhere"}, "invalid_target"),
    ({"scope": "read everything"}, "invalid_scope"),
])
def test_exchange_refused(provider, subject, form, wrong):
    provider.set(options={"targets": ["there"]})
    assert error(swap(provider, subject, **form)) == wrong
    assert provider.exchanges == []


def test_exchange_of_a_dead_token(provider, subject):
    provider.revoke(subject)
    assert error(swap(provider, subject)) == "invalid_request"
    provider.register()
    assert error(swap(provider, subject)) == "unauthorized_client"
