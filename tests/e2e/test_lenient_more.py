# SPDX-License-Identifier: MIT
"""More of what servers really send, class by class: other members of those in
test_lenient.py, test_lenient_members.py and test_refusals.py."""

import base64
import gzip
import json
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests

import login
from attacks import encoded
from commands import password_service
from harness import static, wait_for
from signing import Key
from test_device import device, open_page, state as device_state
from test_discovery import OAUTH, OPENID, URL, Site
from test_grants import forms, grants, people, user  # noqa: F401

LATER = "http://api.example.test/x"
MARK = b"\xef\xbb\xbf"


@pytest.fixture
def site(upstream) -> Site:
    return Site(upstream)


# Codings.

GZIP = {"Content-Encoding": "gzip"}
INVALID = b'{"error":"invalid_grant"}'


@pytest.mark.parametrize("body, fields", [
    (gzip.compress(INVALID), GZIP),
    (gzip.compress(MARK + INVALID), GZIP),
    (gzip.compress(b'{"error":"invalid_grant","error_description":"\xe9"}'), GZIP),
    (gzip.compress(b"error=invalid_grant"), GZIP),
    (INVALID, {"Content-Encoding": ""}),
    (gzip.compress(INVALID), {"Content-Encoding": "identity, gzip"}),
], ids=range(6))
def test_refusal_that_is_packed(bearerd, people, body, fields):
    proxy = bearerd({"a": user(people)})
    assert proxy.get(URL).status == 200
    people.revoke()
    people.set(plan=[{"status": 400, "headers": fields, **encoded(body)}])
    assert proxy.get(LATER).status == 200
    assert grants(people) == ["password", "refresh_token", "password"]
    assert "invalid_grant" in proxy.stderr


# A mark before a secret.


def test_mark_before_keys_and_accounts(bearerd, provider, tmp_path):
    """Windows' editors put it before whatever they save."""
    key = Key("RS256")
    pem = tmp_path / "k.pem"
    pem.write_bytes(MARK + key.pem)
    jwk = tmp_path / "k.jwk"
    jwk.write_bytes(MARK + json.dumps(key.jwk).encode())
    account = tmp_path / "a.json"
    account.write_bytes(MARK + json.dumps({
        "type": "service_account", "client_email": "robot@example.test",
        "private_key": key.pem.decode(), "private_key_id": "1",
        "token_uri": provider.token_endpoint}).encode())
    for path in (pem, jwk, account):
        path.chmod(0o600)
    keys = {"grant_type": "jwt-bearer", "client_id": None, "client_secret": None,
            "assertion_issuer": "x", "assertion_signing_alg": "RS256"}
    bearerd({
        "a": provider.service(**keys, match="a.example.test",
                              assertion_private_key=str(pem)),
        "b": provider.service(**keys, match="b.example.test",
                              assertion_private_key=str(jwk)),
        "c": provider.service(match="c.example.test", grant_type=None, client_id=None,
                              client_secret=None, token_endpoint=None,
                              service_account_file=str(account))})


@pytest.mark.parametrize("text", [b"demo-secret\r\n", MARK + b"demo-secret\r\n",
                                  MARK + b"demo-secret"], ids=str)
def test_secret_of_windows(bearerd, provider, text):
    path = bearerd.folder / "secret"
    path.write_bytes(text)
    path.chmod(0o600)
    proxy = bearerd({"a": provider.service(client_secret=None,
                                           client_secret_file=path)})
    assert proxy.get(LATER).status == 200


@pytest.mark.parametrize("more", [
    {"error": False}, {"refresh_token": False, "id_token": False}, {"scope": False},
    {"expires_in": False}, {"expires_in": "3600.0"}, {"scope": {"read": True}},
], ids=str)
def test_members_that_say_no(bearerd, provider, more):
    """As PHP writes what is not there; what says something of another type is
    refused as ever."""
    provider.set(plan=[{"body": json.dumps({"access_token": "t", **more})}])
    proxy = bearerd({"a": provider.service()})
    assert proxy.get("http://api.example.test/open/x").status == 200


def test_mark_before_what_a_command_prints(bearerd, upstream):
    server = upstream()
    script = bearerd.folder / "print"
    script.write_text("#!/bin/sh\nprintf '\\357\\273\\277pat-one\\r\\n'\n")
    script.chmod(0o755)
    proxy = bearerd({"a": static(server.url, access_token=None,
                                 access_token_command=str(script))})
    wait_for(lambda: proxy.get(LATER).status == 200, 20, "the token")
    assert server.requests[-1].value("Authorization") == "Bearer pat-one"


# Refusals that end nothing.


@pytest.mark.parametrize("step", [
    {"status": 404, "body": '{"error":"not_found"}'},
    {"status": 405, "body": ""}, {"status": 410, "body": ""},
    {"status": 422, "body": '{"message":"expired"}'},
    {"status": 400, "body": "<html>", "content_type": "text/html"},
    {"status": 401, "body": "", "headers": {"WWW-Authenticate": "Bearer"}},
    {"status": 200, "body": '{"error":"invalid_grant"}'},
    {"status": 200, "body": '{"error":"expired_token"}'},
], ids=str)
def test_refresh_that_is_refused_otherwise(bearerd, people, step):
    proxy = bearerd({"a": user(people)})
    assert proxy.get(URL).status == 200
    people.revoke()
    people.set(plan=[step])
    assert proxy.get(LATER).status == 200
    assert grants(people) == ["password", "refresh_token", "password"]


# Troubles that pass, at a device's polls.


@pytest.mark.parametrize("step", [
    {"status": 400, "body": '{"error":"temporarily_unavailable"}'},
    {"status": 503, "body": ""}, {"status": 429, "body": ""},
    {"status": 200, "body": ""}, {"status": 200, "body": '{"access_token":"t'},
    {"abort": True},
], ids=str)
def test_trouble_at_a_poll(bearerd, provider, browser, step):
    provider.register(grant_types=["urn:ietf:params:oauth:grant-type:device_code",
                                   "refresh_token"], scope="read write")
    proxy = bearerd({"a": device(provider)})
    provider.set(plan=[{"endpoint": "token", **step}], options={"device_interval": 1})
    _, code = open_page(proxy, browser)
    wait_for(lambda: provider.token_requests, 20, "a poll")
    provider.approve_device(code)
    wait_for(lambda: device_state(proxy) == "ready", 60, "the login")


# What a refresh does not repeat.


def test_members_that_templates_take(bearerd, people):
    """In a header, nested, and chosen by select."""
    people.set(issue={"extra": {"tenant": {"id": "t1"}, "hub": "h"}})
    proxy = bearerd({"a": user(people, **{
        "protected_request.header.X-Tenant": "{token.tenant.id}",
        "protected_request.query.hub": "{token.hub}"})})

    def sent() -> tuple:
        reply = proxy.get(LATER).json()
        return ([v for n, v in reply["headers"] if n == "X-Tenant"],
                parse_qs(urlsplit(reply["target"]).query).get("hub"))

    assert sent() == (["t1"], ["h"])
    people.expire()
    people.set(issue={})
    assert sent() == (["t1"], ["h"])
    people.expire()
    people.set(issue={"extra": {"tenant": {"id": "t2"}, "hub": None}})
    assert sent() == (["t2"], ["h"])
    assert "refresh_token" in grants(people)[1:]


@pytest.mark.parametrize("value", ["", None])
def test_refresh_token_that_is_empty(bearerd, people, value):
    """The old one stays."""
    proxy = bearerd({"a": user(people)})
    assert proxy.get(URL).status == 200
    people.set(issue={"extra": {"refresh_token": value}})
    for _ in range(2):
        people.expire()
        assert proxy.get(LATER).status == 200
    assert grants(people) == ["password", "refresh_token", "refresh_token"]
    assert len({f["refresh_token"] for f in forms(people)[1:]}) == 1


# Empty members elsewhere.


@pytest.mark.parametrize("more", [
    {"error": ""}, {"error": "", "error_description": "", "error_uri": ""},
    {"id_token": ""}, {"access_token": "", "token_type": ""}, {"iss": ""},
    {"session_state": ""}], ids=str)
def test_empty_parameters_of_a_callback(bearerd, provider, browser, more):
    proxy = bearerd({"a": login.service(provider)})
    login.register(provider, proxy)
    login.begin(browser, proxy)
    params = login.response_to(browser, provider)
    url = login.callback_url(proxy) + "?" + urlencode({**params, **more})
    assert "is logged in" in browser.open(url).text


@pytest.mark.parametrize("query", [
    "error=access_denied&state=", "error=access_denied&state=gone",
    "error=access_denied&error_description=no&state=" + "A" * 43])
def test_refusal_of_no_login_that_is_known(bearerd, provider, browser, query):
    """The server's word is shown, whatever became of the login."""
    proxy = bearerd({"a": login.service(provider)})
    login.register(provider, proxy)
    login.begin(browser, proxy)
    reply = proxy.get("/-/callback/a?" + query)
    assert reply.status == 400 and b"access_denied" in reply.body, reply.body
    login.log_in(browser, proxy)


@pytest.mark.parametrize("value", [None, ""])
@pytest.mark.parametrize("member", ["expires_in", "interval"])
def test_device_response_that_names_no_time(bearerd, provider, browser, member, value):
    provider.register(grant_types=["urn:ietf:params:oauth:grant-type:device_code",
                                   "refresh_token"], scope="read write")
    provider.set(options={"device": {member: value}})
    proxy = bearerd({"a": device(provider)})
    _, code = open_page(proxy, browser)
    provider.approve_device(code)
    wait_for(lambda: device_state(proxy) == "ready", 60, "the login")


# Keys.


def unpadded(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def raw(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


CURVES = {
    "zeros before x and y": lambda k: {n: unpadded(b"\0" + raw(k[n])) for n in "xy"},
    "no zeros before x and y": lambda k: {
        n: unpadded(raw(k[n]).lstrip(b"\0")) for n in "xy"},
    "padding": lambda k: {n: k[n] + "=" * (-len(k[n]) % 4) for n in "xy"},
    "use empty, alg empty, key_ops empty": lambda k: {"use": "", "alg": "",
                                                      "key_ops": []},
    "x5c null, x5t empty": lambda k: {"x5c": None, "x5t": ""},
    "d null": lambda k: {"d": None},
}


@pytest.mark.parametrize("shape", CURVES)
def test_shape_of_a_key_on_a_curve(bearerd, provider, browser, shape):
    known = requests.get(provider.jwks_uri, timeout=30).json()["keys"]
    changed = [{**k, **CURVES[shape](k)} for k in known if k["kty"] == "EC"]
    provider.set(plan=[{"endpoint": "jwks", "times": None,
                        "content_type": "application/json",
                        "body": json.dumps({"keys": changed})}])
    proxy = bearerd({"a": login.service(provider, scope="openid read",
                                        id_token_signed_response_alg="ES256")})
    login.register(provider, proxy, id_token_signed_response_alg="ES256")
    text = browser.login(login.login_url(proxy)).response.text
    assert "is logged in" in text, text


# Metadata.


@pytest.mark.parametrize("first", [
    (302, ["Location: /login"], b""), (200, [], b"{}"), (200, [], b""),
    (200, ["Content-Type: application/json"], b'{"issuer":"https://other.test"}'),
    (200, ["Content-Encoding: gzip"], b"not packed"), (204, [], b""),
    (401, ["WWW-Authenticate: Basic"], b""), (200, [], b"[]"),
    (200, ["Content-Encoding: br"], b"x"),
], ids=str)
def test_metadata_whose_first_address_is_of_no_use(bearerd, site, first):
    site.pages[OAUTH] = first
    site.pages[OPENID] = site.document()
    assert bearerd({"a": site.service()}).get(URL).status == 200


@pytest.mark.parametrize("methods, post", [
    ("client_secret_post", True), ("client_secret_basic client_secret_post", False),
    ("", False), (["CLIENT_SECRET_POST"], False), ([None, "client_secret_post"], True),
    (["urn:x", "client_secret_post"], True),
], ids=str)
def test_methods_of_odd_shapes(bearerd, site, methods, post):
    site.pages[OAUTH] = site.document(token_endpoint_auth_methods_supported=methods)
    assert bearerd({"a": site.service(client_secret="s3cret")}).get(URL).status == 200
    [asked] = [r for r in site.server.requests if r.target == "/token"]
    form = parse_qs(asked.body.decode())
    assert (form.get("client_secret") == ["s3cret"]) == post, form


# A logout.


@pytest.mark.parametrize("status, body", [
    (400, '{"error":"invalid_token"}'), (401, '{"error":"invalid_token"}'),
    (400, '{"error":"unsupported_token_type"}'),
    (400, '{"error_description":"gone","error":"invalid_token","x":null}'),
    (200, "<html>"), (204, ""), (400, '{"error":"invalid_grant"}'),
])
def test_access_token_that_is_gone(bearerd, provider, bearer, revoking, status, body):
    """It went with the refresh token."""
    proxy = bearerd({"api": password_service(provider, **revoking)})
    assert proxy.get(URL).status == 200
    provider.set(plan=[{"endpoint": "revocation"},
                       {"endpoint": "revocation", "status": status, "body": body}])
    assert "revoked" in bearer("logout", "api")
