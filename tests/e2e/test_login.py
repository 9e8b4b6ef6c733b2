# SPDX-License-Identifier: MIT
"""People log in: authorization_code, implicit and hybrid, through a browser
that is led to the Authlib provider and back."""

import base64
import hashlib
from urllib.parse import parse_qs, urlsplit

import pytest

import login
from browser import Browser
from harness import Nginx, free_port, wait_for

RESOURCES = ["https://one.test/x y", "https://two.test/%20"]
OPENID = "openid read"
ODD = "d&=+ %/é"


def ways(provider, port: int) -> dict[str, dict]:
    """By name, the keys of services that differ in how their people log in."""
    endpoint = provider.authorization_endpoint
    extra = "authorization_request.param."
    return {
        "code": {"scope": "read"},
        "plain": {"pkce": "plain"},
        "without": {"pkce": "no"},
        "post": {"client_id": "poster",
                 "token_endpoint_auth_method": "client_secret_post"},
        "public": {"client_id": "public", "client_secret": None},
        "odd": {"client_id": ODD, "client_secret": ODD},
        "tenant": {"authorization_endpoint": endpoint + "?tenant=7&a=%20b+c"},
        "changed": {
            "authorization_endpoint": endpoint + "?tenant=7&prompt=none&old=1",
            "scope": "read", extra + "tenant": "8", extra + "prompt": "login",
            extra + "old": "", extra + "scope": "write", extra + "new": "a b&c"},
        "wishes": {"scope": "read write", "audience": "https://api.test/?a=b&c",
                   "resource": RESOURCES, "max_age": "1h"},
        "query": {"response_mode": "query"},
        "fragment": {"response_mode": "fragment"},
        "form_post": {"response_mode": "form_post"},
        "bare": {"redirect_uri": f"http://127.0.0.1:{port}/-/callback"},
        "named": {"redirect_uri": f"http://localhost:{port}/-/callback/named?x=1"},
        "token": {"grant_type": "implicit", "scope": "read"},
        "token_post": {"grant_type": "implicit", "scope": "read",
                       "response_mode": "form_post"},
        "token_bare": {"grant_type": "implicit",
                       "redirect_uri": f"http://127.0.0.1:{port}/-/callback"},
        "token_query": {
            "grant_type": "implicit",
            "redirect_uri": f"http://127.0.0.1:{port}/-/callback/token_query?x=1"},
        "id_token": {"grant_type": "implicit", "scope": OPENID},
        "id_token_post": {"grant_type": "implicit", "scope": OPENID,
                          "response_mode": "form_post"},
        "hybrid": {"response_type": "id_token code", "scope": OPENID},
        "hybrid_token": {"response_type": "code token", "scope": OPENID},
        "hybrid_all": {"response_type": "code id_token token", "scope": OPENID},
        "hybrid_post": {"response_type": "code id_token token", "scope": OPENID,
                        "response_mode": "form_post"},
    }


WAYS = list(ways(type("Any", (), {"authorization_endpoint": ""}), 0))
CLIENTS = {
    "poster": {"token_endpoint_auth_method": "client_secret_post"},
    "public": {"token_endpoint_auth_method": "none", "client_secret": ""},
    ODD: {"client_secret": ODD},
}


@pytest.fixture(scope="module")
def shared(shared_bearerd, provider_process):
    """A bearerd with all of them."""
    port = free_port()
    services = ways(provider_process, port)
    return shared_bearerd({name: login.service(provider_process, name, **keys)
                           for name, keys in services.items()},
                          {"listen": f"127.0.0.1:{port}"})


@pytest.fixture
def proxy(shared, provider):
    """The same, known at the provider."""
    uris = [keys["redirect_uri"] for keys in ways(provider, shared.port).values()
            if "redirect_uri" in keys]
    uris += [login.callback_url(shared, name) for name in WAYS]
    for client, metadata in {"demo-client": {}, **CLIENTS}.items():
        login.register(provider, shared,
                       **{"client_id": client, "redirect_uris": uris, **metadata})
    return shared


class Seen:
    """What one login asked for, and what it brought."""

    def __init__(self, proxy, provider, browser, name: str):
        self.visit = login.log_in(browser, proxy, name)
        self.query = provider.requests("authorize")[0]["query"]
        self.asked = dict(map(tuple, self.query))
        self.forms = [dict(map(tuple, one["form"])) for one in provider.token_requests]
        self.requests = provider.token_requests
        self.back = provider.responses[0]
        self.token = login.token_of(proxy.get(login.api_url(name)))
        assert self.token in provider.issued
        assert len(self.asked) == len([n for n, _ in self.query if n != "resource"]
                                      ) + ("resource" in self.asked)

    @property
    def form(self) -> dict:
        [form] = self.forms
        return form


@pytest.fixture
def seen(proxy, provider, browser):
    return lambda name: Seen(proxy, provider, browser, name)


@pytest.mark.parametrize("name", WAYS)
def test_way(seen, proxy, name):
    """Each way to a token ends with one that the API takes, and nothing of it
    in the address that the browser is left at."""
    one = seen(name)
    kind = set(one.asked["response_type"].split())
    assert len(one.forms) == ("code" in kind)
    if "code" in kind:
        assert one.form["redirect_uri"] == one.asked["redirect_uri"]
        assert one.form["grant_type"] == "authorization_code"
    assert ("nonce" in one.asked) == ("openid" in one.asked.get("scope", ""))
    assert len(one.asked["state"]) >= 22
    assert proxy.health(name).json()["status"] == "pass"
    last = urlsplit(one.visit.response.url)
    assert not last.fragment
    assert one.visit.response.headers["Cache-Control"] == "no-store"


def test_code_with_pkce(seen, proxy):
    one = seen("code")
    assert one.asked["response_type"] == "code"
    assert one.asked["client_id"] == "demo-client"
    assert one.asked["redirect_uri"] == login.callback_url(proxy, "code")
    assert one.asked["scope"] == "read"
    assert one.asked["code_challenge_method"] == "S256"
    assert 43 <= len(one.form["code_verifier"]) <= 128
    digest = hashlib.sha256(one.form["code_verifier"].encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    assert one.asked["code_challenge"] == challenge
    assert set(one.asked) == {"response_type", "client_id", "redirect_uri", "scope",
                              "state", "code_challenge", "code_challenge_method"}
    assert set(one.form) == {"grant_type", "code", "redirect_uri", "code_verifier"}


def test_pkce_plain(seen):
    one = seen("plain")
    assert one.asked["code_challenge_method"] == "plain"
    assert one.asked["code_challenge"] == one.form["code_verifier"]


def test_no_pkce(seen):
    one = seen("without")
    assert not {"code_challenge", "code_challenge_method"} & one.asked.keys()
    assert "code_verifier" not in one.form


def test_every_login_has_values_of_its_own(proxy, browser):
    asked = [login.begin(browser, proxy, "hybrid") for _ in range(3)]
    for name in ("state", "nonce", "code_challenge"):
        assert len({one[name] for one in asked}) == 3


@pytest.mark.parametrize("name, client, method", [
    ("code", "demo-client", "client_secret_basic"),
    ("post", "poster", "client_secret_post"),
    ("public", "public", "none"), ("odd", ODD, "client_secret_basic")])
def test_client_authentication(seen, name, client, method):
    one = seen(name)
    assert one.requests[0]["authenticated"] == [client, method]
    assert one.asked["client_id"] == client


def test_query_of_the_endpoint_is_kept(seen):
    one = seen("tenant")
    assert one.query[:2] == [["tenant", "7"], ["a", " b c"]]


def test_parameters_are_changed(seen):
    one = seen("changed")
    assert one.asked["tenant"] == "8" and one.asked["prompt"] == "login"
    assert one.asked["scope"] == "write" and one.asked["new"] == "a b&c"
    assert "old" not in one.asked


def test_wishes(seen):
    one = seen("wishes")
    assert [v for n, v in one.query if n == "resource"] == RESOURCES
    assert one.asked["audience"] == "https://api.test/?a=b&c"
    assert one.asked["scope"] == "read write"
    assert one.asked["max_age"] == "3600"


@pytest.mark.parametrize("name, asked, used", [
    ("code", None, "query"), ("query", "query", "query"),
    ("fragment", "fragment", "fragment"), ("form_post", "form_post", "form_post"),
    ("token", None, "fragment"), ("token_post", "form_post", "form_post"),
    ("hybrid_all", None, "fragment"), ("hybrid_post", "form_post", "form_post")])
def test_response_mode(seen, name, asked, used):
    one = seen(name)
    assert one.asked.get("response_mode") == asked
    assert one.back["mode"] == used


@pytest.mark.parametrize("name, kind", [
    ("token", {"token"}), ("id_token", {"id_token", "token"}),
    ("hybrid", {"code", "id_token"}), ("hybrid_token", {"code", "token"}),
    ("hybrid_all", {"code", "id_token", "token"})])
def test_response_type(seen, name, kind):
    one = seen(name)
    back = dict(map(tuple, one.back["params"]))
    assert set(one.asked["response_type"].split()) == kind
    assert ("code" in back, "id_token" in back) == ("code" in kind, "id_token" in kind)
    if "code" in kind:
        assert one.token != back.get("access_token")  # that of the code counts
        assert one.form["code"] == back["code"]
    else:
        assert one.token == back["access_token"]


@pytest.mark.parametrize("name", ["token", "id_token", "hybrid_all"])
def test_fragment_in_any_order(proxy, provider, browser, name):
    provider.set(issue={"extra": {"unknown": "x y"}})
    login.begin(browser, proxy, name)
    given = login.response_to(browser, provider)
    pairs = sorted(given.items(), reverse=True)
    fragment = "&".join(f"{n}={v}".replace(" ", "%20") for n, v in pairs)
    browser.come_from(provider.issuer + "/",
                      login.callback_url(proxy, name) + "#" + fragment)
    assert browser.run_scripts()
    assert browser.response.status_code == 200, browser.response.text
    assert browser.url == login.callback_url(proxy, name)
    assert proxy.get(login.api_url(name)).status == 200


def test_page_where_a_login_begins(proxy, browser):
    login.begin(browser, proxy, "code")
    reply = browser.response
    name, _, rest = reply.headers["Set-Cookie"].partition("=")
    value, *attributes = rest.split("; ")
    assert name.startswith("bearerd_login_") and len(value) >= 22
    assert {"HttpOnly", "SameSite=Lax", "Path=/-/callback"} <= set(attributes)
    assert "Secure" not in attributes and "Domain" not in rest
    assert reply.headers["Cache-Control"] == "no-store"


def test_external_url(bearerd, provider, browser):
    """Links and redirect_uri are below it."""
    port = free_port()
    external = f"http://localhost:{port}"
    proxy = bearerd({"a": login.service(provider)},
                    {"listen": f"127.0.0.1:{port}", "external_url": external})
    provider.register(**login.REGISTERED, redirect_uris=[external + "/-/callback/a"])
    reply = proxy.get(login.api_url())
    assert reply.json()["login_url"] == external + "/-/login/a"
    visit = browser.login(external + "/-/login/a")
    assert visit.response.status_code == 200, visit.response.text
    asked = parse_qs(urlsplit(visit.hops[1].url).query)
    assert asked["redirect_uri"] == [external + "/-/callback/a"]
    assert proxy.get(login.api_url()).status == 200


@pytest.mark.parametrize("way", ["code", "token", "form_post"])
def test_behind_a_prefix(bearerd, provider, browser, tmp_path, way):
    """A server in front has a path of its own, and takes it off."""
    port = free_port()
    front = Nginx(tmp_path / "front", f"""
        location /base/ {{ proxy_pass http://127.0.0.1:{port}/; }}""")
    external = f"{front.url}/base"
    keys = {"token": {"grant_type": "implicit"},
            "form_post": {"response_mode": "form_post"}}.get(way, {})
    try:
        proxy = bearerd({"a": login.service(provider, **keys)},
                        {"listen": f"127.0.0.1:{port}", "external_url": external})
        provider.register(**login.REGISTERED,
                          redirect_uris=[external + "/-/callback/a"])
        reply = proxy.get(login.api_url())
        assert reply.json()["login_url"] == external + "/-/login/a"
        visit = browser.login(external + "/-/login/a")
        assert "is logged in" in visit.response.text
        assert proxy.get(login.api_url()).status == 200
    finally:
        front.stop()


def test_login_begins_where_it_ends(proxy, browser):
    """The cookie of one own name is not the other's."""
    began = f"http://localhost:{proxy.port}/-/login/code"
    visit = browser.login(began)
    assert "is logged in" in visit.response.text
    assert visit.hops[1].url == login.login_url(proxy, "code") + "?here=1"
    assert visit.response.url.startswith(login.callback_url(proxy, "code"))
    # Behind a server that hides the name it still comes to an end.
    reply = proxy.get("/-/login/code?here=1")
    assert "/authorize?" in reply.value("Location")


def test_cookie_of_https(bearerd, provider):
    proxy = bearerd({"a": login.service(provider)},
                    {"external_url": "https://proxy.example.test"})
    reply = proxy.get("/-/login/a", "Sec-Fetch-Site: none",
                      "Sec-Fetch-Mode: navigate", host="proxy.example.test")
    assert reply.status == 303
    assert "Secure" in reply.value("Set-Cookie").split("; ")


def test_scope_that_the_server_changed(proxy, provider, browser):
    """It is taken, and shown."""
    provider.set(issue={"extra": {"scope": "read <b>other</b>"}})
    visit = login.log_in(browser, proxy, "code")
    assert "read &lt;b&gt;other&lt;/b&gt;" in visit.response.text
    assert proxy.get(login.api_url("code")).status == 200


def test_order_of_scopes_is_no_change(proxy, provider, browser):
    provider.set(issue={"extra": {"scope": "write read"}})
    visit = login.log_in(browser, proxy, "wishes")
    assert "other scopes" not in visit.response.text


def test_same_person_again(proxy, provider, browser):
    """The provider need not ask, and the newer token is the one that counts."""
    seen = []
    for _ in range(2):
        login.log_in(browser, proxy, "code")
        seen.append(login.token_of(proxy.get(login.api_url("code"))))
    assert seen == provider.issued and len(set(seen)) == 2
    wait_for(lambda: login.state_of(proxy, "code") == "ready", 5, "ready")


@pytest.mark.parametrize("keys", [
    {}, {"grant_type": "implicit"}, {"response_mode": "form_post"},
    {"response_type": "code id_token", "scope": OPENID}], ids=str)
def test_provider_over_tls(bearerd, secure_provider, keys):
    """The browser comes from https to plain http and back; the code, keys and
    metadata are fetched from whom the CA vouches for."""
    proxy = bearerd({"a": login.service(secure_provider,
                                        upstream_ca=secure_provider.ca, **keys)})
    login.register(secure_provider, proxy)
    login.log_in(Browser(secure_provider.ca), proxy)
    assert proxy.get(login.api_url()).status == 200
