# SPDX-License-Identifier: MIT
"""Logins whose parameters are pushed to the server first (RFC 9126)."""

import json
import socket
import time
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
import requests

import harness
import login
from commands import dial
from signing import Key
from test_login_command import Login

REFERENCE = "urn:ietf:params:oauth:request_uri:"
SECRET = "a secret of more than thirty-two bytes, for HMAC"


@pytest.fixture
def pushing(start, provider):
    """A bearerd whose service pushes."""
    def begin(**keys):
        return start(pushed_authorization_request_endpoint=provider.par_endpoint,
                     **keys)

    return begin


def form_of(record) -> dict:
    assert len(record["form"]) == len(dict(map(tuple, record["form"])))
    return dict(map(tuple, record["form"]))


def first_redirect(browser, proxy) -> str:
    return browser._send("GET", login.login_url(proxy), None).headers["Location"]


# --- what is asked, and where ---


def test_browser(pushing, provider, browser):
    proxy = pushing(scope="read")
    login.log_in(browser, proxy)
    [pushed] = provider.requests("par")
    form = form_of(pushed)
    assert form.keys() == {"response_type", "client_id", "redirect_uri", "scope",
                           "state", "code_challenge", "code_challenge_method"}
    assert form["redirect_uri"] == login.callback_url(proxy)
    assert pushed["authenticated"] == ["demo-client", "client_secret_basic"]
    asked = provider.requests("authorize")[0]
    query = dict(map(tuple, asked["query"]))
    assert query.keys() == {"client_id", "request_uri"}
    assert query["client_id"] == "demo-client"
    assert query["request_uri"].startswith(REFERENCE)
    assert login.token_of(proxy.get(login.api_url())) in provider.issued
    for secret in (form["state"], form["code_challenge"], query["request_uri"]):
        assert secret not in proxy.stderr


def test_paste(pushing, bearerd, provider):
    proxy = pushing()
    command = Login(bearerd, "a", "--paste")
    address = command.address()
    assert urlsplit(address).query.startswith("client_id=demo-client&request_uri=urn")
    given = provider.authorize(address)
    command.type(given["location"] + "\n")
    assert "[service a] is logged in" in command.end()
    assert provider.count("par") == 1
    assert proxy.get(login.api_url()).status == 200


@pytest.mark.parametrize("kind", ["code id_token", "code token",
                                  "code id_token token"])
def test_hybrid(pushing, provider, browser, kind):
    proxy = pushing(response_type=kind, scope="openid read")
    login.log_in(browser, proxy)
    form = form_of(provider.requests("par")[0])
    assert form["response_type"] == kind and form["nonce"]
    assert login.token_of(proxy.get(login.api_url())) in provider.issued


def test_implicit(pushing, provider, browser):
    proxy = pushing(grant_type="implicit")
    login.log_in(browser, proxy)
    assert form_of(provider.requests("par")[0])["response_type"] == "token"
    assert login.token_of(proxy.get(login.api_url())) in provider.issued


def test_bound_to_a_key(pushing, provider, browser):
    """RFC 9449 section 10.1: the key's thumbprint is pushed like the rest."""
    proxy = pushing(dpop="yes")
    login.log_in(browser, proxy)
    assert len(form_of(provider.requests("par")[0])["dpop_jkt"]) == 43
    reply = proxy.get(login.api_url())
    assert reply.status == 200, reply.body


def test_the_endpoint_keeps_its_query(pushing, provider, browser):
    proxy = pushing(
        authorization_endpoint=provider.authorization_endpoint + "?tenant=%41")
    address = first_redirect(browser, proxy)
    assert address.startswith(provider.authorization_endpoint + "?tenant=%41&"
                              "client_id=demo-client&request_uri=urn%3Aietf%3A")


def test_parameters_of_the_configuration(pushing, provider, browser):
    proxy = pushing(**{"authorization_request.param.prompt": "login",
                       "authorization_request.param.scope": "",
                       "authorization_request.param.login_hint": "{base64:a}",
                       "scope": "read", "resource": ["urn:a", "urn:b"]})
    login.log_in(browser, proxy)
    [pushed] = provider.requests("par")
    form = dict(map(tuple, pushed["form"]))
    assert form["prompt"] == "login" and form["login_hint"] == "YQ=="
    assert "scope" not in form
    assert [v for n, v in pushed["form"] if n == "resource"] == ["urn:a", "urn:b"]
    assert len(provider.requests("authorize")[0]["query"]) == 2


def test_more_than_an_address_holds(pushing, provider, browser):
    """What no browser would carry is pushed all the same."""
    many = [f"urn:{i}:{'x' * 1000}" for i in range(20)]
    proxy = pushing(resource=many)
    login.log_in(browser, proxy)
    assert len(provider.requests("authorize")[0]["target"]) < 300


def test_each_login_pushes_its_own(pushing, provider, browser):
    proxy = pushing()
    first = first_redirect(browser, proxy)
    second = first_redirect(browser.fresh(), proxy)
    assert first != second
    one, two = map(form_of, provider.requests("par"))
    assert one["state"] != two["state"]
    assert one["code_challenge"] != two["code_challenge"]


# --- who asks ---


def test_public_client(pushing, provider, browser):
    proxy = pushing(client_secret=None, token_endpoint_auth_method="none",
                    register={"client_secret": "",
                              "token_endpoint_auth_method": "none"})
    login.log_in(browser, proxy)
    assert provider.requests("par")[0]["authenticated"] == ["demo-client", "none"]
    assert proxy.get(login.api_url()).status == 200


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post",
                                    "client_secret_jwt"])
def test_secret(pushing, provider, browser, method):
    proxy = pushing(client_secret=SECRET, token_endpoint_auth_method=method,
                    register={"client_secret": SECRET,
                              "token_endpoint_auth_method": method})
    login.log_in(browser, proxy)
    [pushed] = provider.requests("par")
    assert pushed["authenticated"] == ["demo-client", method]
    form_of(pushed)  # nothing is in it twice
    assert SECRET not in proxy.stderr


def test_private_key_jwt(pushing, provider, browser, tmp_path):
    key = Key()
    proxy = pushing(client_secret=None, token_endpoint_auth_method="private_key_jwt",
                    client_private_key=key.write(tmp_path / "client.pem"),
                    register={"token_endpoint_auth_method": "private_key_jwt",
                              "jwks": key.jwks})
    login.log_in(browser, proxy)
    [pushed] = provider.requests("par")
    assert pushed["authenticated"] == ["demo-client", "private_key_jwt"]
    first, second = provider.assertions
    assert first["claims"]["jti"] != second["claims"]["jti"]
    assert form_of(pushed)["client_assertion"] not in proxy.stderr


def test_certificate(bearerd, secure_provider, authority, browser):
    """The alias for clients with certificates is the one that is pushed to."""
    provider = secure_provider
    provider.set(options={"par_required": True})
    certificate, key = authority.issue("client.test")
    proxy = bearerd({"a": login.service(
        provider, issuer=provider.issuer, authorization_endpoint=None,
        token_endpoint=None, upstream_ca=str(authority.path), client_secret=None,
        token_endpoint_auth_method="tls_client_auth",
        client_certificate=certificate, client_private_key=key)})
    login.register(provider, proxy, client_secret="",
                   token_endpoint_auth_method="tls_client_auth",
                   tls_client_auth_subject_dn="CN=client.test")
    address = first_redirect(browser, proxy)
    assert dict(parse_qsl(urlsplit(address).query))["request_uri"].startswith(REFERENCE)
    [pushed] = provider.requests("par")
    assert pushed["authenticated"] == ["demo-client", "tls_client_auth"]
    assert pushed["certificate"]


# --- the metadata's word ---


def found(provider, **keys):
    return {"issuer": provider.issuer, "authorization_endpoint": None,
            "token_endpoint": None, **keys}


def test_demanded(start, provider, browser):
    provider.set(options={"par_required": True})
    proxy = start(**found(provider))
    login.log_in(browser, proxy)
    assert provider.count("par") == 1


def test_demanded_beside_keys(start, provider, browser):
    """The metadata is asked although the endpoints are given."""
    provider.set(options={"par_required": True})
    proxy = start(issuer=provider.issuer)
    login.log_in(browser, proxy)
    assert provider.count("par") == 1


def test_offered_is_not_demanded(start, provider, browser):
    proxy = start(**found(provider))
    login.log_in(browser, proxy)
    assert provider.count("par") == 0


def test_the_key_wins(start, provider, browser):
    provider.set(metadata={"pushed_authorization_request_endpoint":
                           "http://127.0.0.1:1/par"})
    proxy = start(**found(
        provider, pushed_authorization_request_endpoint=provider.par_endpoint))
    login.log_in(browser, proxy)
    assert provider.count("par") == 1


def test_demanded_and_nowhere(start, provider, browser):
    provider.set(options={"par_required": True},
                 metadata={"pushed_authorization_request_endpoint": "absent"})
    proxy = start(**found(provider))
    page = browser.open(login.login_url(proxy))
    assert page.status_code == 500
    assert "pushed_authorization_request_endpoint" in page.text
    assert provider.count("authorize") == 0


# --- no for an answer ---


def not_begun(proxy, provider, page, status: int, *words: str) -> None:
    assert page.status_code == status, page.text
    assert "Not logged in" in page.text
    for word in words:
        assert word in page.text, page.text
    assert "Set-Cookie" not in page.headers
    assert provider.count("par") <= 1  # never twice
    assert provider.count("authorize") == 0
    assert provider.token_count == 0
    assert login.is_told_to_log_in(proxy)
    proxy.find("login_failed", 5)


REFUSALS = {
    "invalid_request": ({"status": 400, "body": json.dumps(
        {"error": "invalid_request", "error_description": "no such scope"})},
        400, ["invalid_request", "no such scope"]),
    "invalid_client": ({"status": 401, "body": '{"error":"invalid_client"}'},
                       400, ["401", "invalid_client"]),
    "no words": ({"status": 403}, 400, ["403"]),
    "not there": ({"status": 404, "content_type": "text/html", "body": "<b>?"},
                  400, ["404"]),
    "too much": ({"status": 413}, 400, ["413"]),
    "redirect": ({"status": 307, "headers": {"Location": "http://127.0.0.1:1/"}},
                 400, ["307", "redirects are not followed"]),
    "no content": ({"status": 204}, 400, ["204"]),
    "later": ({"status": 429}, 503, ["429"]),
    "broken": ({"status": 500}, 503, ["500"]),
    "unavailable": ({"status": 503}, 503, ["503"]),
    "dropped": ({"drop": "before"}, 503, ["pushed_authorization_request_endpoint"]),
    "dropped after": ({"drop": "after"}, 503,
                      ["pushed_authorization_request_endpoint"]),
    "error in a success": ({"status": 201, "body": '{"error":"access_denied"}'},
                           400, ["access_denied"]),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_refused(pushing, provider, browser, name):
    answer, status, words = REFUSALS[name]
    provider.set(plan=[{"endpoint": "par", **answer}])
    proxy = pushing()
    page = browser.open(login.login_url(proxy))
    not_begun(proxy, provider, page, status, *words)
    assert provider.count("par") == 1
    login.log_in(browser, proxy)  # the next one works


def test_refused_by_the_provider(pushing, provider, browser):
    """What it says to a scope or a secret that it does not like."""
    proxy = pushing(client_secret="wrong")
    page = browser.open(login.login_url(proxy))
    not_begun(proxy, provider, page, 400, "invalid_client")


def test_down(start, provider, browser):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
        proxy = start(pushed_authorization_request_endpoint=
                      f"http://127.0.0.1:{port}/par")
        page = browser.open(login.login_url(proxy))
        not_begun(proxy, provider, page, 503, "connect")


def test_slow(pushing, provider, browser):
    provider.set(plan=[{"endpoint": "par", "delay": 4}])
    proxy = pushing(token_timeout="1s")
    begun = time.monotonic()
    page = browser.open(login.login_url(proxy))
    assert time.monotonic() - begun < 3.5
    not_begun(proxy, provider, page, 503)


def body(**members):
    said = {"request_uri": REFERENCE + "x", "expires_in": 60, **members}
    return json.dumps({n: v for n, v in said.items() if v is not ...})


ANSWERS = {
    "no request_uri": body(request_uri=...),
    "null": body(request_uri=None),
    "number": body(request_uri=5),
    "list": body(request_uri=["urn:x"]),
    "empty": body(request_uri=""),
    "twice": '{"request_uri":"urn:a","request_uri":"urn:b","expires_in":60}',
    "too long": body(request_uri="urn:" + "x" * 2048),
    "far too long": body(request_uri="urn:" + "x" * 300000),
    "line break": body(request_uri="urn:x\r\nX: y"),
    "NUL": body(request_uri="urn:x\0y"),
    "space": body(request_uri="urn: x"),
    "no ASCII": body(request_uri="urn:\u00e9"),
    "no expires_in": body(expires_in=...),
    "expires_in of text": body(expires_in="60"),
    "expires_in 0": body(expires_in=0),
    "expires_in below 0": body(expires_in=-1),
    "expires_in in parts": body(expires_in=1.5),
    "array": "[]",
    "form": "request_uri=urn%3Ax&expires_in=60",
    "cut": body()[:-1],
    "more behind": body() + "{}",
    "deep": '{"a":' + "[" * 100 + "]" * 100 + "}",
    "nothing": "",
}


@pytest.mark.parametrize("name", ANSWERS)
def test_answer_of_no_use(pushing, provider, browser, name):
    provider.set(plan=[{"endpoint": "par", "status": 201, "body": ANSWERS[name]}])
    proxy = pushing()
    page = browser.open(login.login_url(proxy))
    not_begun(proxy, provider, page, 503 if "far" in name else 400)
    assert REFERENCE not in page.text and REFERENCE not in proxy.stderr


@pytest.mark.parametrize("status", [200, 201])
def test_reference_is_encoded(pushing, provider, browser, status):
    uri = "https://as.example/r?a=b&c=d#e+%20"
    provider.set(plan=[{"endpoint": "par", "status": status,
                        "body": body(request_uri=uri, more=[1])}])
    proxy = pushing()
    query = urlsplit(first_redirect(browser, proxy)).query
    assert parse_qsl(query) == [("client_id", "demo-client"), ("request_uri", uri)]


def test_paste_refused(pushing, bearerd, provider):
    provider.set(plan=[{"endpoint": "par", "status": 400,
                        "body": '{"error":"invalid_request"}'}])
    proxy = pushing()
    command = Login(bearerd, "a", "--paste")
    assert "invalid_request" in command.end(1)
    assert provider.count("par") == 1
    assert login.waits_for_login(proxy)


def test_typed_too_soon(pushing, bearerd, provider):
    """A line that comes before the address is no answer to it."""
    provider.set(plan=[{"endpoint": "par", "delay": 1}])
    pushing()
    with dial(bearerd.folder) as sock:
        sock.sendall(b'{"command":"login","service":"a","way":"paste"}\n'
                     b'{"line":"c0de"}\n')
        stream = sock.makefile()
        again, address = (json.loads(stream.readline()) for _ in range(2))
    assert again["event"] == "again" and "not there yet" in again["error"]
    assert address["event"] == "address"
    assert 55 <= address["expires_in"] <= 60
    assert provider.token_count == 0


# --- the words of the server ---


@pytest.mark.parametrize("name,keys", [
    ("state", {}), ("nonce", {"scope": "openid"}), ("client_secret", {}),
    ("code_challenge", {"pkce": "plain"})])
def test_secrets_are_in_no_text(start, provider, browser, upstream, name, keys):
    """A server that repeats what it was sent is not repeated."""
    def repeat(peer):
        sent = dict(parse_qsl(peer.read_request().body.decode()))
        seen.append(sent[name])
        said = json.dumps({"error": "invalid_request",
                           "error_description": f"no: {sent[name]}"})
        peer.answer(said.encode(), "400 No", "Content-Type: application/json")

    seen = []
    proxy = start(pushed_authorization_request_endpoint=upstream(repeat).url + "/par",
                  token_endpoint_auth_method="client_secret_post", **keys)
    page = browser.open(login.login_url(proxy))
    not_begun(proxy, provider, page, 400, "invalid_request")
    [secret] = seen
    assert secret not in page.text and secret not in proxy.stderr


def test_expiry_shortens_nothing(pushing, provider, browser):
    """The person may take longer than the reference lives, once it was
    opened; and a login does not end with it."""
    provider.set(options={"par": {"expires_in": 1}})
    proxy = pushing()
    login.begin(browser, proxy)
    time.sleep(1.5)
    params = login.response_to(browser, provider)
    page = browser.open(login.callback_url(proxy) + "?" + urlencode(params))
    assert page.status_code == 200, page.text


# --- the configuration ---


@pytest.mark.parametrize("keys,words", [
    ({"pushed_authorization_request_endpoint": "http://as.example.test/par"},
     "must be an https URL"),
    ({"pushed_authorization_request_endpoint": "https://u:p@as.example.test/par"},
     "user or password"),
    ({"authorization_request.param.request_uri": "urn:x"}, "request_uri itself")])
def test_configuration(bearerd, provider, keys, words):
    text = harness.ini({"proxy": {"listen": "127.0.0.1:0"},
                        "service a": login.service(provider, **{
                            "pushed_authorization_request_endpoint":
                            provider.par_endpoint, **keys})})
    result = bearerd.check(text)
    assert result.returncode == 1
    assert words in result.stderr, result.stderr


def test_client_auth_of_what_is_pushed(bearerd, upstream):
    def give(peer) -> None:
        peer.read_request()
        peer.answer(b'{"request_uri": "urn:x:1", "expires_in": 60}', "200 OK",
                    "Content-Type: application/json")

    server = upstream(give)
    path = bearerd.folder / "hook.lua"
    path.write_text('function client_auth(r) r.headers["X-Client"] = "hooked" end')
    proxy = bearerd({"a": {
        "upstream": server.url, "match": "api.example.test", "client_id": "me",
        "authorization_endpoint": f"{server.url}/authorize",
        "token_endpoint": f"{server.url}/token",
        "pushed_authorization_request_endpoint": f"{server.url}/par",
        "hook": str(path), "token_endpoint_auth_method": "hook"}})
    reply = requests.get(f"{proxy.url}/-/login/a", allow_redirects=False)
    assert reply.status_code == 303, reply.text
    assert "request_uri=urn%3Ax%3A1" in reply.headers["Location"]
    assert server.last.value("X-Client") == "hooked"
