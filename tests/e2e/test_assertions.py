# SPDX-License-Identifier: MIT
"""Assertions that bearerd makes, and what the provider thinks of them: in the
grant jwt-bearer, and where a client shows who it is."""

import json
import time

import pytest

import certificates
from signing import Key, claims_for

URL = "http://api.example.test/x"
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
ROBOT = "robot@project.example.test"
SECRET = "a secret of more than thirty-two bytes, for HMAC"
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384",
              "ES512", "EdDSA"]


def robot(provider, key: Key) -> Key:
    provider.register(client_id=ROBOT, client_secret="", jwks=key.jwks,
                      grant_types=[JWT_BEARER])
    return key


def bearer(provider, key_file, algorithm, **keys):
    return provider.service(**{
        "grant_type": None, "client_id": None, "client_secret": None,
        "assertion_issuer": ROBOT, "assertion_private_key": key_file,
        "assertion_signing_alg": algorithm, **keys})


def form_of(record) -> dict:
    return dict(map(tuple, record["form"]))


# --- the grant ---


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_jwt_bearer(bearerd, provider, tmp_path, algorithm):
    key = robot(provider, Key(algorithm))
    file = key.write(tmp_path / "robot.pem")
    proxy = bearerd({"a": bearer(provider, file, algorithm, scope="read",
                                 assertion_key_id=key.kid)})
    assert proxy.get(URL).status == 200
    form = form_of(provider.token_requests[0])
    assert set(form) == {"grant_type", "assertion", "scope"}
    seen = provider.assertions[0]
    assert seen["refused"] is None and seen["header"]["alg"] == algorithm
    assert seen["header"]["kid"] == key.kid
    claims = seen["claims"]
    assert claims["iss"] == claims["sub"] == ROBOT
    assert claims["aud"] == provider.token_endpoint
    assert claims["exp"] - claims["iat"] == 3600
    assert 55 <= time.time() - claims["iat"] <= 90
    assert form["assertion"] not in proxy.stderr


def test_each_token_has_an_assertion_of_its_own(bearerd, provider, tmp_path):
    key = robot(provider, Key("ES256"))
    proxy = bearerd({"a": bearer(provider, key.write(tmp_path / "k"), "ES256")})
    assert proxy.get(URL).status == 200
    provider.revoke()
    assert proxy.get(URL).status == 200
    provider.set(plan=[{"endpoint": "token", "status": 500, "body": ""}])
    provider.revoke()
    assert proxy.get(URL).status == 200
    assert all(a["refused"] is None for a in provider.assertions)
    ids = [a["claims"]["jti"] for a in provider.assertions]
    assert len(ids) >= 3 and len(set(ids)) == len(ids)


def test_jwk_and_claims(bearerd, provider, tmp_path):
    key = robot(provider, Key("ES256", kid="own"))
    file = tmp_path / "robot.jwk"
    file.write_text(json.dumps(key.jwk))
    proxy = bearerd({"a": bearer(provider, file, "ES256", **{
        "assertion_subject": "alice", "assertion_audience": provider.issuer,
        "assertion_lifetime": "2m", "assertion.claim.box": '{"a": [1, true]}',
        "assertion.claim.text": "7 days", "assertion.header.typ": "x+jwt",
        "assertion.claim.number": "123", "assertion.claim.digits": '"123"',
        "assertion.claim.quoted": '"true"', "assertion.claim.open": '"x',
        "assertion.header.x": '"0"'})})
    assert proxy.get(URL).status == 200
    seen = provider.assertions[0]
    assert seen["header"] == {"alg": "ES256", "kid": "own", "typ": "x+jwt", "x": "0"}
    claims = seen["claims"]
    assert claims["sub"] == "alice" and claims["aud"] == provider.issuer
    assert claims["box"] == {"a": [1, True]} and claims["text"] == "7 days"
    assert claims["number"] == 123 and claims["digits"] == "123"
    assert claims["quoted"] == "true" and claims["open"] == '"x'
    assert claims["exp"] - claims["iat"] == 120


def test_refused_assertion(bearerd, provider, tmp_path):
    robot(provider, Key("ES256"))
    other = Key("ES256").write(tmp_path / "other.pem")
    proxy = bearerd({"a": bearer(provider, other, "ES256")})
    answer = proxy.get(URL)
    assert answer.status == 502
    assert b"invalid_grant" in answer.body and b"assertion" in answer.body


def account(provider, key: Key, folder, **changes):
    text = {"type": "service_account", "project_id": "p", "client_email": ROBOT,
            "private_key": key.pem.decode(), "private_key_id": key.kid,
            "token_uri": provider.service_account_endpoint, **changes}
    file = folder / "account.json"
    file.write_text(json.dumps(text))
    return file


def google(provider, file, **keys):
    return provider.service(**{"grant_type": None, "client_id": None,
                               "client_secret": None, "token_endpoint": None,
                               "service_account_file": file, **keys})


def test_service_account(bearerd, provider, tmp_path):
    key = robot(provider, Key("RS256"))
    file = account(provider, key, tmp_path)
    proxy = bearerd({"a": google(provider, file, scope="a b")})
    assert proxy.get(URL).status == 200
    seen = provider.assertions[0]
    assert seen["header"] == {"alg": "RS256", "kid": key.kid, "typ": "JWT"}
    claims = seen["claims"]
    assert claims["iss"] == ROBOT and "sub" not in claims
    assert claims["aud"] == provider.service_account_endpoint
    assert claims["scope"] == "a b"
    assert claims["exp"] - claims["iat"] <= 3600


def test_service_account_is_checked(bearerd, provider, tmp_path):
    key = Key("RS256")
    for changes, word in (({"type": "authorized_user"}, "service_account"),
                          ({"client_email": None}, "client_email"),
                          ({"private_key": "x"}, "private_key"),
                          ({"token_uri": "http://far.test/"}, "token_uri")):
        file = account(provider, key, tmp_path, **changes)
        said = bearerd.refused({"a": google(provider, file)})
        assert "service_account_file" in said and word in said, said


def test_algorithm_is_asked_for(bearerd, provider, tmp_path):
    file = Key("RS256").write(tmp_path / "k.pem")
    keys = bearer(provider, file, None)
    said = bearerd.refused({"a": {k: v for k, v in keys.items() if v is not None}})
    assert "assertion_signing_alg is missing" in said and "RS256, RS384" in said


# --- client authentication ---


def client(provider, method, **keys):
    return provider.service(**{"client_secret": None,
                               "token_endpoint_auth_method": method, **keys})


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_private_key_jwt(bearerd, provider, tmp_path, algorithm):
    key = Key(algorithm)
    provider.register(token_endpoint_auth_method="private_key_jwt", jwks=key.jwks)
    proxy = bearerd({"a": client(provider, "private_key_jwt",
                                 client_private_key=key.write(tmp_path / "k.pem"),
                                 client_key_id=key.kid,
                                 token_endpoint_auth_signing_alg=algorithm)})
    assert proxy.get(URL).status == 200
    seen = provider.token_requests[0]
    assert seen["authenticated"] == ["demo-client", "private_key_jwt"]
    claims = provider.assertions[0]["claims"]
    assert claims["iss"] == claims["sub"] == "demo-client"
    assert claims["aud"] == provider.token_endpoint
    assert form_of(seen)["client_assertion"] not in proxy.stderr


@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
def test_client_secret_jwt(bearerd, provider, algorithm):
    secret = SECRET + SECRET
    provider.register(client_secret=secret,
                      token_endpoint_auth_method="client_secret_jwt")
    proxy = bearerd({"a": client(provider, "client_secret_jwt", client_secret=secret,
                                 token_endpoint_auth_signing_alg=algorithm)})
    assert proxy.get(URL).status == 200
    seen = provider.token_requests[0]
    assert seen["authenticated"] == ["demo-client", "client_secret_jwt"]
    assert secret not in str(seen["form"])
    assert provider.assertions[0]["header"]["alg"] == algorithm


def test_ready_made_assertion_is_read_again(bearerd, provider, tmp_path):
    key = Key("ES256")
    provider.register(token_endpoint_auth_method="private_key_jwt", jwks=key.jwks)
    file = tmp_path / "identity"

    def refill():
        file.write_text(key.sign(claims_for("demo-client", provider.issuer)) + "\n")

    refill()
    proxy = bearerd({"a": client(provider, "private_key_jwt",
                                 client_assertion_file=file)})
    for _ in range(2):
        refill()
        assert proxy.get(URL).status == 200
        provider.revoke()
    file.unlink()
    answer = proxy.get(URL)
    assert answer.status in (401, 500, 502, 503)
    refill()
    deadline = time.monotonic() + 15
    while proxy.get(URL).status != 200 and time.monotonic() < deadline:
        time.sleep(0.3)
    assert proxy.get(URL).status == 200
    assert f"client_assertion: {file}" in proxy.stderr


def test_what_does_not_fit(bearerd, provider, tmp_path):
    rsa = Key("RS256").write(tmp_path / "rsa.pem")
    for keys, word in (
            ({"client_private_key": rsa, "token_endpoint_auth_signing_alg": "ES256"},
             "ES256"),
            ({"client_private_key": tmp_path / "none.pem"}, "none.pem"),
            ({}, "client_private_key is missing"),
            ({"client_private_key": rsa, "client_secret": "x"},
             "client_secret is not used")):
        said = bearerd.refused({"a": client(provider, "private_key_jwt", **keys)})
        assert word in said, said
        assert "bearerd.ini:" in said
    said = bearerd.refused({"a": client(provider, "client_secret_jwt",
                                        client_secret="short")})
    assert "too short" in said and "short\n" not in said.replace("too short", "")


# --- RFC 8705 ---


def mutual(provider, method, certificate, key, **keys):
    return client(provider, method, upstream_ca=provider.ca,
                  token_endpoint=provider.aliases["token_endpoint"],
                  client_certificate=certificate, client_private_key=key, **keys)


def test_tls_client_auth(bearerd, secure_provider, authority):
    provider = secure_provider
    provider.register(token_endpoint_auth_method="tls_client_auth",
                      tls_client_auth_subject_dn="CN=client.test")
    proxy = bearerd({
        "a": mutual(provider, "tls_client_auth", *authority.issue("client.test")),
        "b": mutual(provider, "tls_client_auth", *authority.issue("other.test"),
                    match="other.example.test")})
    assert proxy.get(URL).status == 200
    seen = provider.token_requests[0]
    assert seen["authenticated"] == ["demo-client", "tls_client_auth"]
    assert form_of(seen)["client_id"] == "demo-client"
    assert proxy.get("http://other.example.test/").status == 502


def test_self_signed_tls_client_auth(bearerd, secure_provider, tmp_path):
    provider = secure_provider
    mine = certificates.self_signed(tmp_path, "mine")
    with open(mine[0], encoding="ascii") as file:
        provider.register(token_endpoint_auth_method="self_signed_tls_client_auth",
                          certificate=file.read())
    proxy = bearerd({"a": mutual(provider, "self_signed_tls_client_auth", *mine)})
    assert proxy.get(URL).status == 200
    seen = provider.token_requests[0]["authenticated"]
    assert seen == ["demo-client", "self_signed_tls_client_auth"]


def test_aliases_of_the_metadata(bearerd, secure_provider, authority):
    """mtls_endpoint_aliases (RFC 8705 section 5): where certificates are asked
    for is found by the issuer; who shows none goes to the plain address."""
    provider = secure_provider
    provider.register(token_endpoint_auth_method="tls_client_auth",
                      tls_client_auth_subject_dn="CN=client.test")
    certificate, key = authority.issue("client.test")
    found = {"issuer": provider.issuer, "upstream_ca": provider.ca,
             "token_endpoint": None}
    proxy = bearerd({
        "a": client(provider, "tls_client_auth", client_certificate=certificate,
                    client_private_key=key, **found)})
    assert proxy.get(URL).status == 200
    [seen] = provider.token_requests
    assert seen["authenticated"] == ["demo-client", "tls_client_auth"]
    alias = provider.aliases["token_endpoint"]
    assert f":{seen['server_port']}/" in alias
    assert f":{seen['server_port']}/" not in provider.token_endpoint
    proxy.stop()
    provider.register()
    proxy = bearerd({"a": provider.service(**found)})
    assert proxy.get(URL).status == 200
    assert f":{provider.token_requests[-1]['server_port']}/" in provider.token_endpoint
