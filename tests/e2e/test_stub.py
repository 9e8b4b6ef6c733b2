# SPDX-License-Identifier: MIT
"""token_endpoint_stub: a program that asks for a token itself is answered in
the token endpoint's place, and never holds a real one."""

import json
import subprocess
from urllib.parse import urlsplit

import pytest

URL = "http://api.example.test/x"


@pytest.fixture
def stub(bearerd, provider):
    """A bearerd between a program and an authorization server that the program
    would ask at http://login.example.test/token."""
    def start(**keys):
        keys = {"token_endpoint_stub": "yes", **keys}
        return bearerd({"a": provider.service(**keys)})

    return start


def token_url(provider):
    """Where the real one is; the program's proxy takes it."""
    return provider.token_endpoint


def ask(proxy, provider, method="POST", body=b"grant_type=client_credentials"):
    if method == "POST":
        return proxy.post(token_url(provider), body, "Content-Type: "
                          "application/x-www-form-urlencoded",
                          "Authorization: Basic eDp5")
    return proxy.fetch(method, token_url(provider))


def test_well_formed(stub, provider):
    proxy = stub(scope="read")
    reply = ask(proxy, provider)
    assert reply.status == 200
    token = reply.json()
    assert token["token_type"] == "Bearer"
    assert token["expires_in"] > 0
    assert token["scope"] == "read"
    assert reply.values("Cache-Control") == ["no-store"]
    assert provider.token_count == 0  # nothing was asked for


def test_placeholder_becomes_the_token(stub, provider):
    proxy = stub()
    shown = ask(proxy, provider).json()["access_token"]
    reply = proxy.get(URL, f"Authorization: Bearer {shown}")
    assert reply.status == 200
    [sent] = [v for n, v in reply.json()["headers"] if n == "Authorization"]
    assert shown not in sent
    assert provider.token_count == 1


@pytest.mark.parametrize("existing", ["replace", "keep", "reject"])
@pytest.mark.parametrize("placement", ["header", "query", "body", "cookie"])
def test_always_replaced(bearerd, provider, upstream, existing, placement):
    echo = upstream()
    proxy = bearerd({"a": provider.service(
        upstream=echo.url, token_placement=placement,
        existing_credential=existing, token_endpoint_stub="yes")})
    shown = ask(proxy, provider).json()["access_token"]
    target, fields, body = URL, [], b""
    if placement == "header":
        fields = [f"Authorization: Bearer {shown}"]
    elif placement == "query":
        target += f"?access_token={shown}"
    elif placement == "cookie":
        fields = [f"Cookie: access_token={shown}"]
    else:
        body = f"a=b&access_token={shown}".encode()
        fields = ["Content-Type: application/x-www-form-urlencoded"]
    reply = proxy.post(target, body, *fields)
    assert reply.status == 200
    [request] = echo.requests
    seen = request.head + request.body
    assert shown.encode() not in seen
    assert provider.token_count == 1


def test_a_credential_of_its_own_is_still_one(stub, provider):
    proxy = stub(existing_credential="reject")
    assert proxy.get(URL, "Authorization: Bearer other").status == 403


def test_only_that_path(stub, provider):
    proxy = stub()
    origin = token_url(provider).rpartition("/")[0]
    for path in "/token/x", "/tokens", "/other", "/":
        assert proxy.get(origin + path).status == 403
    assert ask(proxy, provider).status == 200
    assert proxy.get(token_url(provider) + "?a=b").status == 200
    assert ask(proxy, provider, "DELETE").status == 405


def test_two_services_of_one_provider(bearerd, provider):
    proxy = bearerd({
        "a": provider.service(token_endpoint_stub="yes"),
        "b": provider.service(match="b.test", token_endpoint_stub="yes")})
    shown = ask(proxy, provider).json()["access_token"]
    for url in URL, "http://b.test/":
        assert proxy.get(url, f"Authorization: Bearer {shown}").status == 200


def test_mistakes(bearerd, provider):
    said = bearerd.refused({"a": provider.service(
        token_endpoint_stub="yes", token_endpoint=None,
        issuer="https://as.test")})
    assert "token_endpoint_stub needs token_endpoint" in said
    said = bearerd.refused({
        "a": provider.service(token_endpoint_stub="yes"),
        "b": {"upstream": provider.api, "grant_type": "none",
              "match": urlsplit(token_url(provider)).netloc + "/token"}})
    assert "[service a] has the same one" in said


def test_an_oauth_program_works(stub, provider, bearerd):
    """Authlib's own session, behind http_proxy."""
    proxy = stub()
    program = """
import json, os, sys
os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"
from authlib.integrations.requests_client import OAuth2Session
session = OAuth2Session("any", "thing")
session.proxies = {"http": sys.argv[1]}
session.trust_env = False
session.fetch_token(sys.argv[2], grant_type="client_credentials")
print(session.token["access_token"])
print(session.get(sys.argv[3]).status_code)
"""
    said = subprocess.run(
        ["/usr/bin/python3", "-c", program, proxy.url, token_url(provider), URL],
        stdout=subprocess.PIPE, check=True, timeout=60, encoding="utf-8",
        env=bearerd.env).stdout.split()
    assert said[1] == "200"
    assert "placeholder" in said[0]
    assert provider.token_count == 1
