# SPDX-License-Identifier: MIT
"""How clients show the provider who they are, and what it says of itself."""

from datetime import timedelta
from pathlib import Path

import pytest
import requests
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import ClientSecretJWT, PrivateKeyJWT

import certificates
from signing import Key, claims_for, hmac_signed

BASIC = ("demo-client", "demo-secret")
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384",
              "ES512", "EdDSA"]
SECRET = "a secret of more than thirty-two bytes, for HMAC"
ASKING = ("token", "revocation", "introspection", "device")


def error(reply) -> str | None:
    return reply.json().get("error")


def show(provider, assertion, endpoint=None, kind=ASSERTION_TYPE, **form):
    return requests.post(endpoint or provider.token_endpoint, timeout=30, data={
        "grant_type": "client_credentials", "client_assertion": assertion,
        "client_assertion_type": kind, **form})


def address(provider, endpoint: str) -> str:
    return {"token": provider.token_endpoint, "device": provider.device_endpoint,
            "revocation": provider.revocation_endpoint,
            "introspection": provider.introspection_endpoint}[endpoint]


def register_key(provider, key: Key, **more) -> Key:
    provider.register(token_endpoint_auth_method="private_key_jwt", jwks=key.jwks,
                      grant_types=["client_credentials",
                                   "urn:ietf:params:oauth:grant-type:device_code"],
                      **more)
    return key


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_private_key_jwt(provider, algorithm):
    key = register_key(provider, Key(algorithm))
    claims = claims_for("demo-client", provider.token_endpoint)
    assert show(provider, key.sign(claims)).status_code == 200
    seen = provider.token_requests[0]
    assert seen["authenticated"] == ["demo-client", "private_key_jwt"]


@pytest.mark.parametrize("endpoint", ASKING)
def test_every_endpoint_takes_it_once(provider, endpoint):
    key = register_key(provider, Key())
    assertion = key.sign(claims_for("demo-client", provider.issuer))
    where = address(provider, endpoint)
    assert show(provider, assertion, where, token="x").status_code == 200
    replayed = show(provider, assertion, where, token="x")
    assert error(replayed) == "invalid_client"
    assert "before" in provider.assertions[-1]["refused"]


@pytest.mark.parametrize("changes", [
    {"aud": "http://elsewhere.test/"}, {"aud": None}, {"exp": 1}, {"exp": None},
    {"exp": timedelta(days=12)}, {"nbf": timedelta(minutes=17)}, {"jti": None},
    {"iss": "other"}, {"iss": None}, {"sub": "other"}, {"sub": None}])
def test_assertion_that_does_not_hold(provider, changes):
    key = register_key(provider, Key())
    claims = claims_for("demo-client", provider.token_endpoint, **changes)
    refused = show(provider, key.sign(claims))
    assert refused.status_code in (400, 401) and error(refused) == "invalid_client"
    assert provider.issued == []


def test_assertion_of_another_key(provider):
    key = register_key(provider, Key("RS256"))
    claims = claims_for("demo-client", provider.token_endpoint)
    for wrong in (Key("RS256").sign(claims, kid=key.kid), "a.b.c",
                  Key("ES256").sign(claims), hmac_signed("demo-secret", claims)):
        assert error(show(provider, wrong)) == "invalid_client"
    good = key.sign(claims)
    assert error(show(provider, good, kind="other")) == "invalid_client"
    assert error(show(provider, good, client_id="other")) == "invalid_client"
    assert error(show(provider, good, client_secret="demo-secret")) == "invalid_request"
    assert show(provider, good, client_id="demo-client").status_code == 200


def test_audience_can_be_narrowed(provider):
    key = register_key(provider, Key())
    provider.set(options={"assertion_audience": [provider.issuer]})
    for audience, status in ((provider.token_endpoint, 401), (provider.issuer, 200),
                             (["x", provider.issuer], 200)):
        claims = claims_for("demo-client", audience)
        assert show(provider, key.sign(claims)).status_code == status


def test_algorithm_can_be_fixed(provider):
    key = register_key(provider, Key("RS256"), token_endpoint_auth_signing_alg="PS256")
    claims = claims_for("demo-client", provider.issuer)
    assert error(show(provider, key.sign(claims))) == "invalid_client"
    assert show(provider, key.sign(claims, alg="PS256")).status_code == 200


@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
def test_client_secret_jwt(provider, algorithm):
    provider.register(client_secret=SECRET,
                      token_endpoint_auth_method="client_secret_jwt")
    claims = claims_for("demo-client", provider.token_endpoint)
    wrong = show(provider, hmac_signed("another" * 8, claims, algorithm))
    assert error(wrong) == "invalid_client"
    good = hmac_signed(SECRET, claims, algorithm)
    assert show(provider, good).status_code == 200
    assert error(show(provider, good)) == "invalid_client"


def test_authlib_authenticates_itself(provider):
    key = register_key(provider, Key("RS256"))
    session = OAuth2Session("demo-client", key.pem,
                            token_endpoint_auth_method="private_key_jwt")
    session.register_client_auth_method(PrivateKeyJWT(provider.token_endpoint))
    assert session.fetch_token(provider.token_endpoint)["access_token"]
    provider.register(client_secret=SECRET,
                      token_endpoint_auth_method="client_secret_jwt")
    session = OAuth2Session("demo-client", SECRET,
                            token_endpoint_auth_method="client_secret_jwt")
    session.register_client_auth_method(ClientSecretJWT(provider.token_endpoint))
    assert session.fetch_token(provider.token_endpoint)["access_token"]


@pytest.mark.parametrize("registered", ["client_secret_post", "client_secret_jwt",
                                        "private_key_jwt", "tls_client_auth", "none"])
def test_only_the_registered_way(provider, registered):
    provider.register(token_endpoint_auth_method=registered)
    refused = requests.post(provider.token_endpoint, auth=BASIC, timeout=30,
                            data={"grant_type": "client_credentials"})
    assert refused.status_code == 401 and error(refused) == "invalid_client"


def test_one_way_at_a_time_and_no_parameter_twice(provider):
    form = {"grant_type": "client_credentials", "client_secret": "demo-secret"}
    both = requests.post(provider.token_endpoint, auth=BASIC, timeout=30, data=form)
    assert error(both) == "invalid_request"
    twice = requests.post(provider.token_endpoint, auth=BASIC, timeout=30, data=[
        ("grant_type", "client_credentials"), ("scope", "a"), ("scope", "a")])
    assert error(twice) == "invalid_request"


# RFC 8705


def call(provider, certificate=None, endpoint=None, client_id="demo-client", **form):
    return requests.post(endpoint or provider.aliases["token_endpoint"], timeout=30,
                         verify=provider.ca, cert=certificate, data={
                             "grant_type": "client_credentials",
                             "client_id": client_id, **form})


def test_tls_client_auth(secure_provider, authority, tmp_path):
    provider = secure_provider
    provider.register(token_endpoint_auth_method="tls_client_auth",
                      tls_client_auth_subject_dn="CN=client.test")
    good, other = authority.issue("client.test"), authority.issue("other.test")
    assert call(provider, good).status_code == 200
    seen = provider.token_requests[0]
    assert seen["certificate"]["subject"] == "CN=client.test"
    assert seen["authenticated"] == ["demo-client", "tls_client_auth"]
    assert f":{seen['server_port']}/" in provider.aliases["token_endpoint"]
    assert error(call(provider, other)) == "invalid_client"
    assert error(call(provider)) == "invalid_client"
    assert error(call(provider, good, client_id="nobody")) == "invalid_client"
    # The other address does not ask for one.
    unasked = call(provider, good, provider.token_endpoint)
    assert error(unasked) == "invalid_client"
    provider.register(token_endpoint_auth_method="tls_client_auth",
                      tls_client_auth_san_dns="other.test")
    assert call(provider, other).status_code == 200
    assert error(call(provider, good)) == "invalid_client"
    forged = certificates.self_signed(tmp_path, "other.test")
    with pytest.raises(requests.ConnectionError):
        call(provider, forged)


def test_self_signed_tls_client_auth(secure_provider, authority, tmp_path):
    provider = secure_provider
    mine = certificates.self_signed(tmp_path, "mine")
    other = certificates.self_signed(tmp_path, "other")
    provider.register(token_endpoint_auth_method="self_signed_tls_client_auth",
                      certificate=Path(mine[0]).read_text())
    assert call(provider, mine).status_code == 200
    seen = provider.token_requests[0]["authenticated"]
    assert seen == ["demo-client", "self_signed_tls_client_auth"]
    with pytest.raises(requests.ConnectionError):
        call(provider, other)
    provider.register(client_id="other", certificate=Path(other[0]).read_text(),
                      token_endpoint_auth_method="self_signed_tls_client_auth")
    assert call(provider, other, client_id="other").status_code == 200
    assert error(call(provider, other)) == "invalid_client"
    # One that is its own authority proves no registered name.
    provider.register(token_endpoint_auth_method="tls_client_auth",
                      tls_client_auth_subject_dn="CN=other")
    assert error(call(provider, other)) == "invalid_client"
    provider.reset()
    with pytest.raises(requests.ConnectionError):
        call(provider, mine)


@pytest.mark.parametrize("name", ["revocation_endpoint", "introspection_endpoint",
                                  "device_authorization_endpoint"])
def test_aliases_of_the_other_endpoints(secure_provider, authority, name):
    secure_provider.register(
        token_endpoint_auth_method="tls_client_auth",
        tls_client_auth_subject_dn="CN=client.test",
        grant_types=["urn:ietf:params:oauth:grant-type:device_code"])
    certificate = authority.issue("client.test")
    alias = secure_provider.aliases[name]
    assert call(secure_provider, certificate, alias, token="x").status_code == 200
    assert error(call(secure_provider, None, alias, token="x")) == "invalid_client"


# RFC 7009


def revoke(provider, token, **form):
    return requests.post(provider.revocation_endpoint, auth=BASIC, timeout=30,
                         data={"token": token, **form})


def test_revocation(provider):
    provider.register(grant_types=["password", "refresh_token"])
    ask = {"auth": BASIC, "timeout": 30}
    tokens = [requests.post(provider.token_endpoint, **ask, data={
        "grant_type": "password", "username": "alice",
        "password": "wonderland"}).json() for _ in range(2)]
    renewed = requests.post(provider.token_endpoint, **ask, data={
        "grant_type": "refresh_token",
        "refresh_token": tokens[0]["refresh_token"]}).json()
    provider.set(plan=[{"endpoint": "revocation", "status": 503, "body": ""}])
    assert revoke(provider, "x").status_code == 503
    for token, hint in ((tokens[0]["refresh_token"], "refresh_token"),
                        (tokens[1]["access_token"], "access_token"),
                        ("unknown", None)):
        form = {"token_type_hint": hint} if hint else {}
        assert revoke(provider, token, **form).status_code == 200
    seen = [(r.get("hint"), r.get("kind"), r.get("revoked", False))
            for r in provider.revocations[1:]]
    assert seen == [("refresh_token", "refresh_token", True),
                    ("access_token", "access_token", True),
                    (None, "unknown", False)]
    for token in (tokens[0], tokens[1], renewed):
        reply = requests.get(provider.api, timeout=30, headers={
            "Authorization": f"Bearer {token['access_token']}"})
        assert reply.status_code == 401


def test_revocation_of_anothers_token(provider):
    token = requests.post(provider.token_endpoint, auth=BASIC, timeout=30,
                          data={"grant_type": "client_credentials"}).json()
    provider.register(client_id="other")
    reply = requests.post(provider.revocation_endpoint, timeout=30,
                          auth=("other", "demo-secret"),
                          data={"token": token["access_token"]})
    assert reply.status_code == 200
    assert not provider.revocations[0].get("revoked")


# RFC 8414


@pytest.mark.parametrize("path", ["/.well-known/oauth-authorization-server",
                                  "/.well-known/openid-configuration"])
def test_metadata(provider, path):
    def get():
        return requests.get(provider.issuer + path, timeout=30)

    says = get().json()
    assert says["issuer"] == provider.issuer
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri",
                 "device_authorization_endpoint", "revocation_endpoint",
                 "introspection_endpoint", "pushed_authorization_request_endpoint"):
        assert says[name] == provider.addresses[name]
    assert says["authorization_response_iss_parameter_supported"] is True
    assert "mtls_endpoint_aliases" not in says
    assert {"implicit", "authorization_code", "refresh_token"} <= set(
        says["grant_types_supported"])
    assert "private_key_jwt" in says["token_endpoint_auth_methods_supported"]
    provider.set(metadata={"token_endpoint": "https://elsewhere.test/",
                           "jwks_uri": "absent"}, options={"iss": False})
    says = get().json()
    assert says["token_endpoint"] == "https://elsewhere.test/"
    assert "jwks_uri" not in says
    assert says["authorization_response_iss_parameter_supported"] is False
    provider.set(plan=[{"endpoint": "metadata", "status": 404}])
    assert get().status_code == 404
    assert provider.count("metadata") == 3


def test_metadata_of_an_issuer_with_a_path(provider):
    for path in ("/.well-known/oauth-authorization-server/a/b",
                 "/a/b/.well-known/openid-configuration"):
        says = requests.get(provider.issuer + path, timeout=30).json()
        assert says["issuer"] == provider.issuer + "/a/b"


def test_metadata_names_the_aliases(secure_provider):
    says = requests.get(
        secure_provider.issuer + "/.well-known/oauth-authorization-server",
        timeout=30, verify=secure_provider.ca).json()
    assert says["mtls_endpoint_aliases"] == secure_provider.aliases
    assert says["mtls_endpoint_aliases"]["token_endpoint"] != says["token_endpoint"]
