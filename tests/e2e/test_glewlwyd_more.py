# SPDX-License-Identifier: MIT
"""More of what bearerd does, at glewlwyd: a login by device, clients that
sign, revocation."""

import json
import secrets

import pytest

from harness import wait_for
from signing import Key
from test_login_command import Login

URL = "http://api.example.test/x"
SECRET = "a secret of more than thirty-two octets, or sixty-four for HS512"


@pytest.fixture
def resource(glewlwyd, upstream):
    """An API that asks glewlwyd about every token."""
    return upstream(glewlwyd.resource)


def name() -> str:
    return "more-" + secrets.token_hex(4)


@pytest.mark.parametrize("secret", [None, SECRET], ids=["public", "secret"])
def test_device(bearerd, glewlwyd, resource, secret):
    client = name()
    glewlwyd.client(client, secret)
    proxy = bearerd({"a": glewlwyd.service(
        client, secret, upstream=resource.url, grant_type="device_code",
        scope="read",
        device_authorization_endpoint=glewlwyd.device_authorization_endpoint)})
    assert proxy.get(URL).status == 503
    command = Login(bearerd, "a", "--device")
    code = command.find(r"(?m)\b([A-Z0-9]{4}-[A-Z0-9]{4})\b")
    assert code
    address = command.find(r"(http\S+code=\S+)")
    glewlwyd.person().approve(address)
    assert "logged in" in command.end(0)
    assert proxy.get(URL).status == 200
    token = resource.last.value("Authorization").removeprefix("Bearer ")
    assert glewlwyd.introspect(token)["username"] == "alice"


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "PS256", "EdDSA"])
def test_private_key_jwt(bearerd, glewlwyd, resource, algorithm):
    client, key = name(), Key(algorithm)
    path = key.write(bearerd.folder / "client.key")
    glewlwyd.client(client, SECRET, auth_methods=["private_key_jwt"],
                    jwks=key.jwks)
    proxy = bearerd({"a": glewlwyd.service(
        client, None, upstream=resource.url, grant_type="client_credentials",
        scope="read", token_endpoint_auth_method="private_key_jwt",
        token_endpoint_auth_signing_alg=algorithm, client_key_id=key.kid,
        client_private_key=str(path))})
    assert proxy.get(URL).status == 200
    assert "client_assertion" in glewlwyd.forms[0]


@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
def test_client_secret_jwt(bearerd, glewlwyd, resource, algorithm):
    client = name()
    glewlwyd.client(client, SECRET, auth_methods=["client_secret_jwt"])
    proxy = bearerd({"a": glewlwyd.service(
        client, SECRET, upstream=resource.url, grant_type="client_credentials",
        scope="read", token_endpoint_auth_method="client_secret_jwt",
        token_endpoint_auth_signing_alg=algorithm)})
    assert proxy.get(URL).status == 200
    assert SECRET not in json.dumps(glewlwyd.forms)


def test_logout(bearerd, glewlwyd, resource, bearer):
    client = name()
    glewlwyd.client(client, SECRET)
    proxy = bearerd({"a": glewlwyd.service(
        client, SECRET, upstream=resource.url, grant_type="password",
        username="alice", password="wonderland", scope="read",
        revocation_endpoint=glewlwyd.revocation_endpoint)})
    assert proxy.get(URL).status == 200
    token = resource.last.value("Authorization").removeprefix("Bearer ")
    bearer("logout", "a")
    assert not glewlwyd.introspect(token)["active"]
    wait_for(lambda: json.loads(bearer("status", "--json"))[0]["state"] == "idle",
             5, "the session to be idle")
