# SPDX-License-Identifier: MIT
"""The provider's authorization endpoint, and the browser that goes there."""

import base64
import hashlib
import time
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import pytest
import requests
from authlib.jose.errors import BadSignatureError, UnsupportedAlgorithmError

from rawserver import echo
from signing import verified

BASIC = ("demo-client", "demo-secret")
VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(
    hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
TYPES = ["code", "token", "id_token", "id_token token", "code id_token",
         "code token", "code id_token token"]


@pytest.fixture
def callback(provider, upstream) -> str:
    """The redirect URI of the client, which gets every response type."""
    uri = upstream(echo("client")).url + "/-/callback/a"
    register(provider, uri)
    return uri


def register(provider, uri, **more):
    provider.register(**{
        "redirect_uris": [uri], "response_types": TYPES,
        "grant_types": ["authorization_code", "refresh_token"], **more})


def address(provider, callback, **params) -> str:
    params = {"response_type": "code", "client_id": "demo-client",
              "redirect_uri": callback, "state": "st/1 +", "scope": "read", **params}
    query = urlencode({n: v for n, v in params.items() if v is not None})
    return f"{provider.authorization_endpoint}?{query}"


def answer(visit) -> dict:
    """The parameters with which the browser came back."""
    params = visit.hops[-1].params
    assert len(params) == len(dict(params)), params
    return dict(params)


def ask(provider, auth=BASIC, **form):
    form = {n: v for n, v in form.items() if v is not None}
    return requests.post(provider.token_endpoint, data=form, auth=auth, timeout=30)


def exchange(provider, callback, code, **form):
    return ask(provider, **{"grant_type": "authorization_code", "code": code,
                            "redirect_uri": callback, **form})


def get_code(provider, callback, **params) -> str:
    given = provider.authorize(address(provider, callback, **params))
    return dict(given["response"]["params"])["code"]


def works(provider, token) -> bool:
    reply = requests.get(provider.api, timeout=30,
                         headers={"Authorization": f"Bearer {token}"})
    return reply.status_code == 200


def test_login_and_code(provider, browser, callback):
    visit = browser.login(address(provider, callback))
    assert [h.method for h in visit.hops] == ["GET", "POST", "GET"]
    assert visit.hops[-1].url.startswith(callback + "?")
    got = answer(visit)
    assert got.keys() == {"code", "state", "iss"}
    assert (got["state"], got["iss"]) == ("st/1 +", provider.issuer)
    reply = exchange(provider, callback, got["code"]).json()
    assert reply["scope"] == "read" and reply["refresh_token"]
    assert works(provider, reply["access_token"])
    assert "id_token" not in reply
    seen = provider.requests("token")[-1]
    assert seen["authenticated"] == ["demo-client", "client_secret_basic"]


def test_password_is_asked_for_once(provider, browser, callback):
    browser.open(address(provider, callback))
    assert browser.document.forms[0].asks_for_password()
    browser.decide()
    browser.open(address(provider, callback))
    assert not browser.document.forms[0].asks_for_password()
    assert "alice" in browser.response.text
    browser.decide(password="")
    assert "code" in dict(browser.hops[-1].params)
    other = browser.fresh()
    other.open(address(provider, callback))
    assert other.document.forms[0].asks_for_password()
    provider.log_out()
    browser.open(address(provider, callback))
    assert browser.document.forms[0].asks_for_password()


def test_wrong_password(provider, browser, callback):
    visit = browser.login(address(provider, callback), password="wrong")
    assert visit.response.status_code == 403
    assert "wrong" in visit.response.text
    assert provider.responses == []


def test_denial(provider, browser, callback):
    got = answer(browser.login(address(provider, callback), approve=False))
    assert got["error"] == "access_denied"
    assert got["state"] == "st/1 +" and got["iss"] == provider.issuer


def test_prompt_and_max_age(provider, browser, callback):
    def error(**params):
        browser.open(address(provider, callback, **params))
        return dict(browser.hops[-1].params).get("error")

    assert error(prompt="none") == "login_required"
    browser.login(address(provider, callback))
    assert error(prompt="none") is None
    assert "code" in dict(browser.hops[-1].params)
    assert error(prompt="none login") == "invalid_request"
    for params in ({"prompt": "login"}, {"max_age": "0"}):
        time.sleep(0.01)
        browser.open(address(provider, callback, **params))
        assert browser.document.forms[0].asks_for_password()


def test_consent_is_each_clients_own(provider, browser, callback):
    browser.login(address(provider, callback))
    provider.register(client_id="other", redirect_uris=[callback])
    browser.open(address(provider, callback, client_id="other", prompt="none"))
    assert dict(browser.hops[-1].params)["error"] == "consent_required"


def test_query_of_the_endpoint_is_kept(provider, browser, callback):
    url = address(provider, callback).replace("?", "?tenant=7&")
    assert "code" in answer(browser.login(url))
    assert ["tenant", "7"] in provider.requests("authorize")[0]["query"]


@pytest.mark.parametrize("params, error", [
    ({"client_id": "nobody"}, None),
    ({"client_id": None}, None),
    ({"redirect_uri": "http://127.0.0.1:1/"}, None),
    ({"response_type": "code magic"}, "unsupported_response_type"),
    ({"response_type": None}, "unsupported_response_type"),
    ({"response_type": "token", "response_mode": "query"}, "invalid_request"),
    ({"response_mode": "smoke"}, "invalid_request"),
    ({"code_challenge_method": "S256"}, "invalid_request"),
    ({"response_type": "id_token", "scope": "openid"}, "invalid_request"),
    ({"response_type": "id_token", "nonce": "n"}, "invalid_scope"),
])
def test_wrong_authorization_request(provider, browser, callback, params, error):
    reply = browser.open(address(provider, callback, **params))
    if error is None:
        assert reply.status_code == 400
        assert not browser.document.forms
    else:
        assert dict(browser.hops[-1].params)["error"] == error


def test_parameter_that_comes_twice(provider, browser, callback):
    reply = browser.open(address(provider, callback) + "&state=other")
    assert reply.status_code == 400


def test_redirect_uri_is_exact(provider, browser, callback):
    for wrong in (callback + "/", callback + "?x=1", callback[:-1]):
        assert browser.open(address(provider, wrong)).status_code == 400
    code = get_code(provider, callback)
    assert exchange(provider, callback + "/", code).json()["error"] == "invalid_grant"
    code = get_code(provider, callback)
    assert exchange(provider, None, code).json()["error"] == "invalid_grant"
    code = get_code(provider, callback, redirect_uri=None)
    assert exchange(provider, None, code).status_code == 200


def test_code_works_once(provider, callback):
    code = get_code(provider, callback)
    first = exchange(provider, callback, code).json()
    renewed = ask(provider, grant_type="refresh_token",
                  refresh_token=first["refresh_token"]).json()
    assert works(provider, renewed["access_token"])
    again = exchange(provider, callback, code)
    assert again.status_code == 400 and again.json()["error"] == "invalid_grant"
    assert not works(provider, first["access_token"])
    assert not works(provider, renewed["access_token"])
    refused = ask(provider, grant_type="refresh_token",
                  refresh_token=first["refresh_token"])
    assert refused.json()["error"] == "invalid_grant"
    assert provider.state()["replayed_codes"] == 1


def test_code_of_another_client(provider, callback):
    provider.register(client_id="other", redirect_uris=[callback],
                      grant_types=["authorization_code"])
    code = get_code(provider, callback)
    other = exchange(provider, callback, code, auth=("other", "demo-secret"))
    assert other.json()["error"] == "invalid_grant"
    assert exchange(provider, callback, code).status_code == 200


def test_code_expires(provider, callback):
    provider.set(options={"code_lifetime": 0.2})
    code = get_code(provider, callback)
    time.sleep(0.3)
    assert exchange(provider, callback, code).json()["error"] == "invalid_grant"


def test_code_needs_the_client(provider, callback):
    code = get_code(provider, callback)
    for auth in (("demo-client", "wrong"), None):
        refused = exchange(provider, callback, code, auth=auth, response_type="code")
        assert refused.json()["error"] == "invalid_client"
    assert exchange(provider, callback, code).status_code == 200


@pytest.mark.parametrize("method, challenge", [
    ("S256", CHALLENGE), ("plain", VERIFIER), (None, VERIFIER)])
def test_pkce(provider, callback, method, challenge):
    params = {"code_challenge": challenge, "code_challenge_method": method}
    code = get_code(provider, callback, **params)
    assert exchange(provider, callback, code,
                    code_verifier=VERIFIER).status_code == 200
    for verifier, error in (("w" * 43, "invalid_grant"), (None, "invalid_request")):
        code = get_code(provider, callback, **params)
        refused = exchange(provider, callback, code, code_verifier=verifier)
        assert refused.json()["error"] == error
    code = get_code(provider, callback)
    refused = exchange(provider, callback, code, code_verifier=VERIFIER)
    assert refused.json()["error"] == "invalid_grant"


@pytest.mark.parametrize("wanted, method, fits", [
    (True, None, False), (True, "plain", True), (True, "S256", True),
    ("S256", "plain", False), ("S256", "S256", True)])
def test_pkce_may_be_demanded(provider, callback, wanted, method, fits):
    register(provider, callback, require_pkce=wanted)
    params = {"code_challenge": CHALLENGE, "code_challenge_method": method}
    given = provider.authorize(address(
        provider, callback, **(params if method else {})))
    assert ("code" in dict(given["response"]["params"])) == fits


@pytest.mark.parametrize("kind", TYPES)
def test_response_types(provider, browser, callback, kind):
    visit = browser.login(address(provider, callback, response_type=kind,
                                  scope="openid read", nonce="n-1"))
    got, last = answer(visit), visit.hops[-1]
    words = set(kind.split())
    assert bool(urlsplit(last.url).fragment) == (kind != "code")
    assert ("code" in got, "access_token" in got, "id_token" in got) == (
        "code" in words, "token" in words, "id_token" in words)
    if "token" in words:
        assert works(provider, got["access_token"])
        assert got["token_type"] == "Bearer" and got["expires_in"] == "3600"
        assert "refresh_token" not in got
    if "id_token" in words:
        header, claims = verified(got["id_token"], provider.jwks_uri)
        assert header["alg"] == "RS256"
        assert claims["nonce"] == "n-1" and claims["sub"] == "alice"
        assert ("at_hash" in claims) == ("token" in words)
        assert ("c_hash" in claims) == ("code" in words)
    if "code" in words:
        reply = exchange(provider, callback, got["code"]).json()
        claims = verified(reply["id_token"], provider.jwks_uri)[1]
        assert claims["nonce"] == "n-1" and works(provider, reply["access_token"])


@pytest.mark.parametrize("mode", ["query", "fragment", "form_post"])
def test_response_modes(provider, browser, callback, mode):
    visit = browser.login(address(provider, callback, response_mode=mode))
    last = visit.hops[-1]
    assert answer(visit)["state"] == "st/1 +"
    parts = urlsplit(last.url)
    where = {"query": parts.query, "fragment": parts.fragment, "form_post": last.body}
    assert [n for n, v in where.items() if v] == [mode]
    assert last.method == ("POST" if mode == "form_post" else "GET")


def half(text: str, hash_name: str = "sha256") -> str:
    digest = hashlib.new(hash_name, text.encode()).digest()
    return base64.urlsafe_b64encode(digest[:len(digest) // 2]).rstrip(b"=").decode()


@pytest.mark.parametrize("algorithm", ["RS256", "PS384", "ES256", "ES512", "EdDSA"])
def test_id_token(provider, callback, algorithm):
    register(provider, callback, id_token_signed_response_alg=algorithm)
    given = provider.authorize(address(
        provider, callback, response_type="code id_token token", nonce="n",
        scope="openid email"))
    got = dict(given["response"]["params"])
    header, claims = verified(got["id_token"], provider.jwks_uri)
    hash_name = "sha512" if algorithm == "EdDSA" else "sha" + algorithm[2:]
    assert header["alg"] == algorithm
    assert claims["iss"] == provider.issuer and claims["aud"] == "demo-client"
    assert claims["email"] == "alice@example.test"
    assert claims["at_hash"] == half(got["access_token"], hash_name)
    assert claims["c_hash"] == half(got["code"], hash_name)
    assert claims["exp"] > time.time() > claims["auth_time"] - 1


def test_id_token_can_be_spoiled(provider, callback):
    def made(**switch):
        provider.set(issue={"id_token": switch})
        code = get_code(provider, callback, scope="openid")
        return exchange(provider, callback, code).json().get("id_token")

    assert made(text="garbage") == "garbage"
    assert made(text="absent") is None
    claims = verified(made(claims={"aud": "other", "sub": "absent"}),
                      provider.jwks_uri)[1]
    assert claims["aud"] == "other" and "sub" not in claims
    assert verified(made(), provider.jwks_uri)
    assert made(alg="none").endswith(".")
    for switch, error in (({"alg": "HS256"}, UnsupportedAlgorithmError),
                          ({"header": {"kid": "absent"}}, KeyError),
                          ({"stray": True}, BadSignatureError)):
        token = made(**switch)
        with pytest.raises(error):
            verified(token, provider.jwks_uri)


def test_nonce_comes_once(provider, callback):
    params = {"response_type": "code id_token", "scope": "openid", "nonce": "same"}
    get_code(provider, callback, **params)
    given = provider.authorize(address(provider, callback, **params))
    assert dict(given["response"]["params"])["error"] == "invalid_request"


def test_plan_of_the_response(provider, browser, callback):
    url = address(provider, callback)

    def params(**step):
        provider.set(plan=[{"endpoint": "authorize", **step}])
        return browser.login(url).hops[-1].params

    names = [n for n, _ in params(params={"state": "ABSENT", "iss": "absent"})]
    assert names == ["code"]
    assert dict(params(params={"state": "other"}))["state"] == "other"
    doubled = [v for n, v in params(params={"code": ["a", "b"]}) if n == "code"]
    assert doubled == ["a", "b"]
    got = dict(params(error="server_error", error_description="<b>it's & so</b>"))
    assert got["error_description"] == "<b>it's & so</b>" and got["state"] == "st/1 +"
    assert browser.hops[-1].method == "GET"
    params(mode="form_post")
    assert browser.hops[-1].method == "POST"
    assert provider.state()["plan"] == []
    provider.set(options={"iss": False})
    assert "iss" not in answer(browser.login(url))


def test_plan_of_the_page(provider, browser, callback):
    provider.set(plan=[{"endpoint": "authorize", "status": 503, "body": "later"}])
    assert browser.open(address(provider, callback)).status_code == 503
    assert browser.open(address(provider, callback)).status_code == 200
    assert provider.state()["authorize"]["by_status"] == {"503": 1, "200": 1}


@pytest.mark.parametrize("approve", [True, False])
def test_nobody_need_be_asked(provider, browser, callback, approve):
    provider.set(options={"consent": {"user": "bob", "approve": approve}})
    browser.open(address(provider, callback, response_type="token", scope="openid"))
    got = dict(browser.hops[-1].params)
    assert ("access_token" in got) == approve
    assert ("error" in got) != approve
    given = provider.authorize(address(provider, callback), approve=approve)
    assert given["status"] == 302
    got = parse_qs(urlsplit(given["location"]).query)
    assert ("code" in got) == approve


def page(text: str, *fields: str):
    """A server that shows this page, and echoes what is posted."""
    def script(peer) -> None:
        while True:
            received = peer.read_request()
            body = received.body if received.method == "POST" else text.encode()
            peer.answer(body, "200 OK", "Content-Type: text/html", *fields)
    return script


POSTER = "<script>fetch(location.pathname, {body: location.hash.slice(1)})</script>"
SENDER = ("<form method=post><input name=x type=hidden></form><script>"
          "document.forms[0].x = location.hash; document.forms[0].submit()</script>")


@pytest.mark.parametrize("text, mode", [(POSTER, "cors"), (SENDER, "navigate")])
def test_browser_hands_a_fragment_over(provider, browser, upstream, text, mode):
    client = upstream(page(text))
    uri = client.url + "/-/callback/a"
    register(provider, uri)
    visit = browser.login(address(provider, uri, response_type="token"))
    last = visit.hops[-1]
    assert (last.method, last.path) == ("POST", "/-/callback/a")
    got = dict(parse_qsl(client.last.body.decode()))
    assert got["state"] == "st/1 +" and works(provider, got["access_token"])
    assert last.sent["Sec-Fetch-Mode"] == mode
    assert last.sent["Sec-Fetch-Site"] == "same-origin"
    assert last.sent["Origin"] == client.url
    assert "#" not in browser.url
    assert b"access_token" not in b"".join(r.head for r in client.requests)


def test_browser_runs_nothing_in_a_sandbox(provider, browser, upstream):
    client = upstream(page(POSTER, "Content-Security-Policy: sandbox"))
    uri = client.url + "/-/callback/a"
    register(provider, uri)
    visit = browser.login(address(provider, uri, response_type="token"))
    assert visit.hops[-1].method == "GET"


def test_what_the_browser_sends(provider, browser, callback):
    visit = browser.login(address(provider, callback))
    typed, sent, back = (h.sent for h in visit.hops)
    assert typed["Sec-Fetch-Site"] == "none" and "Referer" not in typed
    assert typed["Sec-Fetch-User"] == "?1" and "Origin" not in typed
    assert sent["Sec-Fetch-Site"] == "same-origin"
    assert sent["Origin"] == provider.issuer
    assert back["Sec-Fetch-Site"] == "same-site"  # another port of this host
    assert back["Sec-Fetch-Dest"] == "document" and "Origin" not in back
    assert "Cookie" not in typed and "provider_session" not in sent.get("Cookie", "")


def test_cookies_of_another_site(browser, upstream):
    cookies = [f"Set-Cookie: {name}=1; Path=/{rule}" for name, rule in (
        ("lax", "; SameSite=Lax"), ("strict", "; SameSite=Strict"), ("plain", ""))]
    server = upstream(page("<form method=post></form>", *cookies))
    browser.open(server.url)

    def sent(act) -> set:
        act()
        text = browser.hops[-1].sent.get("Cookie", "")
        return {pair.split("=")[0] for pair in text.split("; ") if pair}

    everything = {"lax", "strict", "plain"}
    assert sent(lambda: browser.open(server.url)) == everything
    assert sent(lambda: browser.submit()) == everything
    foreign = "http://elsewhere.example/"
    assert sent(lambda: browser.come_from(foreign, server.url)) == {"lax", "plain"}
    assert browser.hops[-1].sent["Sec-Fetch-Site"] == "cross-site"
    assert browser.hops[-1].sent["Referer"] == foreign
    browser.url = foreign
    form = browser.document.forms[0]
    form.action = server.url
    assert sent(lambda: browser.submit(form)) == {"plain"}
    assert browser.hops[-1].sent["Origin"] == "http://elsewhere.example"


def test_browser_keeps_the_fragment_and_hides_its_origin(browser, upstream):
    end = upstream(page("<form method=post></form>", "Referrer-Policy: no-referrer"))

    def moved(peer) -> None:
        peer.read_request()
        peer.answer(b"", "302 Found", f"Location: {end.url}/end")

    browser.open(upstream(moved).url + "/#a=1")
    assert browser.url == end.url + "/end#a=1"
    browser.submit()
    assert browser.hops[-1].sent["Origin"] == "null"
    assert "Referer" not in browser.hops[-1].sent
