# SPDX-License-Identifier: MIT
"""The pages of a login, by the way in which a browser comes to them, and many
logins at once."""

import re
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
import requests

import login
from harness import either, memory_peak
from login import refused

FOREIGN = "http://foreign.example"
NAVIGATION = ("Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document")


def site(word: str) -> tuple:
    return (f"Sec-Fetch-Site: {word}", *NAVIGATION)


@pytest.fixture(scope="module")
def shared(shared_bearerd, provider_process):
    return shared_bearerd({"a": login.service(provider_process)})


@pytest.fixture
def proxy(shared, provider):
    """For tests that do not mind whether somebody is logged in."""
    login.register(provider, shared)
    return shared


def get(proxy, target: str, *fields: str):
    """Asks at the address where logins end."""
    return proxy.get(target, *fields, host=f"127.0.0.1:{proxy.port}")


def asks(reply) -> bool:
    """Whether it asks first; else it leads on."""
    if reply.status == 303:
        assert reply.value("Location").partition("?")[0].endswith("/authorize")
        assert reply.value("Set-Cookie")
        return False
    assert reply.status == 200, (reply.status, reply.body)
    assert b"Log in?" in reply.body and b"<form method=\"post\">" in reply.body
    assert not reply.values("Set-Cookie") and not reply.values("Location")
    return True


@pytest.mark.parametrize("fields", [
    site("cross-site"), site("same-site"), site("nonsense"),
    (f"Referer: {FOREIGN}/page",), ("Referer: http://127.0.0.1:1/",),
    ("Referer: http://127.0.0.1:{port}@foreign.example/",), ("Referer: rubbish",),
    ("Purpose: prefetch",), (*site("none"), "Sec-Purpose: prefetch"),
    (*site("same-origin"), "Sec-Purpose: prefetch;prerender")], ids=" ".join)
def test_asks_first(proxy, fields):
    fields = [field.format(port=proxy.port) for field in fields]
    assert asks(get(proxy, "/-/login/a", *fields))


@pytest.mark.parametrize("fields", [
    (), site("none"), site("same-origin"),
    ("Referer: http://127.0.0.1:{port}/-/login/a",),
    (f"Referer: {FOREIGN}/", *site("none"))], ids=" ".join)
def test_leads_on(proxy, fields):
    fields = [field.format(port=proxy.port) for field in fields]
    assert not asks(get(proxy, "/-/login/a", *fields))


def test_person_who_was_asked_goes_on(proxy, browser):
    browser.come_from(FOREIGN + "/", login.login_url(proxy))
    assert "Log in?" in browser.response.text
    assert not browser.cookies
    assert "is logged in" in browser.decide().text
    assert [hop.method for hop in browser.hops[:2]] == ["GET", "POST"]
    assert proxy.get(login.api_url()).status == 200


@pytest.mark.parametrize("fields", [
    site("cross-site"), site("same-site"), (f"Origin: {FOREIGN}",), ("Origin: null",),
    ("Origin: http://127.0.0.1:1",), (f"Origin: {FOREIGN}", *site("same-origin"))],
    ids=" ".join)
def test_foreign_page_cannot_begin(proxy, fields):
    reply = proxy.post("/-/login/a", b"", *fields)
    assert (reply.status, reply.error) == (403, "http_request_denied")
    assert not reply.values("Set-Cookie")


@pytest.mark.parametrize("fields", [
    (), site("same-origin"), ("Origin: http://127.0.0.1:{port}", *site("same-origin"))],
    ids=" ".join)
def test_own_page_can_begin(proxy, fields):
    fields = [field.format(port=proxy.port) for field in fields]
    reply = proxy.post("/-/login/a", b"", *fields)
    assert reply.status == 303 and reply.value("Set-Cookie")


def test_foreign_frame(proxy):
    for dest in ("iframe", "frame", "object", "embed", "image", "script", "empty"):
        reply = proxy.get("/-/login/a", "Sec-Fetch-Site: cross-site",
                          "Sec-Fetch-Mode: navigate", f"Sec-Fetch-Dest: {dest}")
        assert reply.status == 403, dest


@pytest.mark.parametrize("method", ["HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"])
@pytest.mark.parametrize("path", ["/-/login/a", "/-/callback/a", "/-/callback"])
def test_methods(proxy, provider, method, path):
    reply = proxy.fetch(method, path)
    assert reply.status == 405
    assert reply.value("Allow") == "GET, POST"
    assert provider.token_count == 0


@pytest.mark.parametrize("path", [
    "/-/login/", "/-/login", "/-/login/b", "/-/login/A", "/-/login/a/", "/-/login/a/b",
    "/-/login/%61%00", "/-/callback/", "/-/callback/b", "/-/callback/a/",
    "/-/callbacks", "/-/callback/" + "a" * 5000])
def test_pages_that_are_none(proxy, path):
    for method, body in (("GET", None), ("POST", b"state=x&code=y")):
        reply = proxy.fetch(method, path, body=body)
        assert reply.status == 404, reply.body


def test_grant_that_needs_no_login(bearerd, provider):
    proxy = bearerd({"m": provider.service(), "s": {
        "upstream": provider.api, "match": "s.example.test", "access_token": "x"}})
    for name, grant in (("m", "client_credentials"), ("s", "static")):
        reply = get(proxy, f"/-/login/{name}")
        assert reply.status == 400
        assert f"grant_type = {grant} needs no login" in reply.body.decode()
        reply = proxy.get(f"/-/callback/{name}?state=x&code=y")
        assert reply.status == 400


def test_ticket_that_is_none(proxy):
    for ticket in ("x", "A" * 43, "A" * 5000, "%00"):
        reply = get(proxy, f"/-/login/a?ticket={ticket}")
        assert reply.status == 400
        assert b"begin again" in reply.body and not reply.values("Set-Cookie")


@pytest.mark.parametrize("uri", [
    "https://elsewhere.example/cb", "urn:ietf:wg:oauth:2.0:oob",
    "http://127.0.0.1:1/-/callbacks", "http://127.0.0.1:1/x/-/callback"])
def test_redirect_uri_elsewhere(start, uri):
    """Only what is pasted can come back from there."""
    proxy = start(redirect_uri=uri)
    reply = get(proxy, "/-/login/a")
    assert reply.status == 400
    assert b"bearerd login a --paste" in reply.body
    assert not reply.values("Set-Cookie")


def pages(proxy) -> dict:
    return {
        "ask": get(proxy, "/-/login/a", *site("cross-site")),
        "lead": get(proxy, "/-/login/a"),
        "home": proxy.get("/-/login/a", host="localhost"),
        "ticket": get(proxy, "/-/login/a?ticket=x"),
        "refused": proxy.get("/-/callback/a?state=x&code=y"),
        "fragment": proxy.get("/-/callback/a"),
        "again": proxy.post("/-/callback/a", b"state=x&code=y&x=%3Cb%3E%22'",
                            *site("cross-site"), f"Origin: {FOREIGN}"),
    }


def test_fields_of_pages(start):
    """Nothing is kept, nothing foreign runs in them, nobody frames them."""
    proxy = start(grant_type="implicit")
    nonces = []
    for _ in range(2):
        for name, reply in pages(proxy).items():
            assert reply.value("Content-Type") == "text/html; charset=utf-8", name
            assert reply.value("Cache-Control") == "no-store", name
            assert reply.value("X-Content-Type-Options") == "nosniff", name
            assert reply.value("Referrer-Policy") == "same-origin", name
            policy = dict(one.strip().split(" ", 1) for one in
                          reply.value("Content-Security-Policy").split(";"))
            assert policy["default-src"] == "'none'", name
            assert policy["frame-ancestors"] == "'none'", name
            assert policy["base-uri"] == "'none'", name
            nonce = re.search(r'<script nonce="([^"]+)">', reply.body.decode())
            assert bool(nonce) == (name in ("fragment", "again")), name
            if nonce:
                assert policy["script-src"] == f"'nonce-{nonce.group(1)}'"
                nonces.append(nonce.group(1))
            else:
                assert "script-src" not in policy, name
    assert len(set(nonces)) == 4


def test_form_is_sent_again_as_it_was(proxy, provider, browser):
    """What another site posts comes without the cookie: once more, from here."""
    form = [("state", "s"), ("code", "<b>\"'&é\r\n"), ("submit", "x"), ("a", ""),
            ("a", "2")]
    browser.url = FOREIGN + "/"
    reply = browser._navigate("POST", login.callback_url(proxy), source=browser.url,
                              body=urlencode(form))
    assert reply.status_code == 200 and "<b>" not in reply.text
    assert browser.run_scripts()
    sent = parse_qsl(browser.hops[-1].body, keep_blank_values=True)
    assert sent == [*form, ("bearerd_again", "1")]
    refused(browser.response)
    assert provider.token_count == 0


def test_forms_that_are_too_large(proxy):
    form = b"state=x&code=" + b"y" * (256 << 10)
    for path in ("/-/login/a", "/-/callback/a"):
        assert proxy.post(path, form).status == 413
        with proxy.connect() as connection:
            connection.request("POST", path, fields=["Transfer-Encoding: chunked"])
            connection.send(b"%x\r\n%s\r\n0\r\n\r\n" % (len(form), form))
            assert connection.read_response().status == 413
    assert proxy.post("/-/callback/a", b"a=" + b"b" * 240000).status == 200
    # Many small ones grow by the markup around each.
    assert proxy.post("/-/callback/a", b"a=b&" * 60000).status == 413
    assert proxy.post("/-/callback/a", b"&" * (256 << 10)).status in (200, 400)


# Many at once.

def test_two_browsers(proxy, provider, browser):
    """Each ends its own, in either order."""
    browsers = [browser, browser.fresh(), browser.fresh()]
    begun = []
    for one in browsers:
        login.begin(one, proxy)
        begun.append(login.response_to(one, provider))
    for one, params in zip(reversed(browsers), reversed(begun)):
        reply = one.open(login.callback_url(proxy) + "?" + urlencode(params))
        assert reply.status_code == 200, reply.text
        token = login.token_of(proxy.get(login.api_url()))
        assert token == provider.issued[-1]  # the newer login counts
    assert provider.token_count == 3


def test_two_tabs(proxy, provider, browser):
    begun = []
    for _ in range(5):
        login.begin(browser, proxy)
        begun.append(login.response_to(browser, provider))
    for params in begun:
        reply = browser.open(login.callback_url(proxy) + "?" + urlencode(params))
        assert reply.status_code == 200, reply.text
    assert provider.token_count == 5


def test_two_services(start, provider, browser):
    proxy = start(names=("a", "b"))
    begun = {}
    for name in ("a", "b"):
        login.begin(browser, proxy, name)
        begun[name] = login.response_to(browser, provider)
    for name in ("b", "a"):
        url = login.callback_url(proxy, name) + "?" + urlencode(begun[name])
        assert browser.open(url).status_code == 200
    tokens = [login.token_of(proxy.get(login.api_url(name))) for name in ("b", "a")]
    assert tokens == provider.issued and len(set(tokens)) == 2


@pytest.mark.threads
def test_exchanges_at_once(start, provider, browser):
    """Those of one session are one after the other, those of two are not."""
    provider.set(plan=[{"delay": 0.3, "times": None}])
    proxy = start(names=("a", "b"))
    waiting = []
    for name in ("a", "a", "b"):
        login.begin(browser, proxy, name)
        cookie = browser.response.headers["Set-Cookie"].split(";")[0]
        target = urlsplit(login.callback_url(proxy, name)).path + "?" + urlencode(
            login.response_to(browser, provider))
        waiting.append(proxy.connect().request("GET", target,
                                               fields=[f"Cookie: {cookie}"]))
    assert [one.read_response().status for one in waiting] == [200] * 3
    for one in waiting:
        one.close()
    assert provider.state()["token"]["in_flight_max"] == 2


def test_abandoned_callback(start, provider, browser):
    """A browser that leaves while the code is exchanged is logged in."""
    proxy = start()
    provider.set(plan=[{"delay": 0.4}])
    login.begin(browser, proxy)
    cookie = browser.response.headers["Set-Cookie"].split(";")[0]
    params = urlencode(login.response_to(browser, provider))
    proxy.connect().request("GET", "/-/callback/a?" + params,
                            fields=[f"Cookie: {cookie}"]).close()
    proxy.find("logged_in service=a", 10)
    assert proxy.get(login.api_url()).status == 200


# What is secret.

def test_nothing_secret_is_said(start, provider, browser):
    """Not in the log, at whatever level, nor in a page that says no."""
    provider.set(issue={"expires_in": 2})
    proxy = start(names=("a", "b"), proxy={"log_level": "debug"}, scope="openid read",
                  response_type="code id_token token")
    said = []
    login.log_in(browser, proxy)
    assert proxy.get(login.api_url()).status == 200
    secrets = {h.response.headers["Set-Cookie"].split("=")[1].split(";")[0]
               for h in browser.hops if "bearerd_login" in
               h.response.headers.get("Set-Cookie", "")}
    provider.set(plan=[{"status": 503, "body": "down"}])
    said.append(refused(browser.login(login.login_url(proxy, "b")).response))
    said.append(refused(browser.open(login.callback_url(proxy, "b") + "?" + urlencode(
        dict(provider.responses[-1]["params"])))))
    provider.set(plan=[{"endpoint": "authorize", "params": {"code": ["a", "b"]}}])
    said.append(refused(browser.login(login.login_url(proxy, "b")).response))
    login.begin(browser, proxy, "b")
    said.append(refused(browser.open(login.callback_url(proxy, "b") + "?" + urlencode(
        {**login.response_to(browser, provider), "access_token": "tok tok"}))))
    for one in provider.responses:
        secrets |= {v for n, v in one["params"] if n in
                    ("code", "state", "access_token", "id_token")}
    for one in provider.token_requests:
        secrets |= {v for n, v in one["form"] if n in ("code", "code_verifier")}
    for one in provider.requests("authorize"):
        secrets |= {v for n, v in one["query"] if n in ("nonce", "code_challenge")}
    secrets |= set(provider.issued) | {"demo-secret"}
    secrets -= {"a", "b"}
    assert len(secrets) > 15
    assert "login_failed" in proxy.stderr and "logged_in" in proxy.stderr
    for secret in secrets:
        assert secret not in proxy.stderr
        assert not any(secret in text for text in said)


def test_server_that_repeats_secrets(start, provider, browser):
    """What it was asked with is not shown, however it comes back."""
    proxy = start()
    login.begin(browser, proxy)
    params = login.response_to(browser, provider)
    provider.set(plan=[{"status": 400, "body": '{"error": "invalid_grant", '
                        f'"error_description": "code {params["code"]} is unknown"}}'}])
    text = refused(browser.open(login.callback_url(proxy) + "?" + urlencode(params)))
    assert params["code"] not in text and params["code"] not in proxy.stderr


def test_status_of_a_plain_client(start):
    """A program that is told to log in can follow login_url by itself."""
    proxy = start()
    told = proxy.get(login.api_url()).json()["login_url"]
    reply = requests.get(told, allow_redirects=False, timeout=30,
                         proxies={"http": "", "https": ""})
    assert reply.status_code == 303
