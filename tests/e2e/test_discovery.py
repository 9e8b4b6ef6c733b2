# SPDX-License-Identifier: MIT
"""Endpoints that nobody gave: found by the issuer (RFC 8414, OpenID Connect
Discovery), and nothing believed of what is found that should not be."""

from __future__ import annotations

import json
import re
import threading
import time

import pytest

import load
import login
import test_device
from harness import Provider, wait_for
from login import login_url

URL = "http://api.example.test/x"
OAUTH = "/.well-known/oauth-authorization-server"
OPENID = "/.well-known/openid-configuration"


class Site:
    """An authorization server and an API in one. `pages` maps paths to
    documents (JSON), octets, or (status, fields, octets); the token endpoint
    gives tokens, every other POST and unknown GET is 404."""

    def __init__(self, upstream, path: str = ""):
        self.pages: dict = {}
        self.delay = 0.0
        self.expires_in = 60
        self.lock = threading.Lock()
        self.asked: list[str] = []
        self.server = upstream(self._script)
        self.url = self.server.url
        self.issuer = self.url + path

    def document(self, **members) -> dict:
        says = {"issuer": self.issuer, "token_endpoint": self.url + "/token",
                **members}
        return {k: v for k, v in says.items() if v is not None}

    def count(self, start: str) -> int:
        with self.lock:
            return sum(path.startswith(start) for path in self.asked)

    def _script(self, peer) -> None:
        while True:
            request = peer.read_request()
            path = request.target.split("?")[0]
            with self.lock:
                self.asked.append(path)
            peer.answer(*self._answer(path))

    def _answer(self, path: str) -> tuple:
        if path.startswith("/api/"):
            return b"api", "200 OK"
        if path.startswith("/token"):
            token = {"access_token": "t", "token_type": "Bearer",
                     "expires_in": self.expires_in}
            return json.dumps(token).encode(), "200 OK"
        time.sleep(self.delay)
        page = self.pages.get(path, (404, [], b"nothing"))
        if isinstance(page, dict):
            page = json.dumps(page).encode()
        if isinstance(page, bytes):
            page = (200, ["Content-Type: application/json"], page)
        status, fields, body = page
        return body, f"{status} X", *fields

    def service(self, **keys) -> dict:
        service = {"upstream": self.url + "/api", "match": "api.example.test",
                   "client_id": "x", "issuer": self.issuer, **keys}
        return {k: v for k, v in service.items() if v is not None}


@pytest.fixture
def site(upstream) -> Site:
    return Site(upstream)


def refused(proxy, *words: str, status: int = 502):
    reply = proxy.get(URL)
    assert reply.status == status, reply.body
    detail = reply.json()["detail"]
    for word in words:
        assert word in detail
    return reply


# Where it lies


@pytest.mark.parametrize("path, place, scope", [
    ("", OAUTH, None),
    ("", OPENID, None),
    ("/", OAUTH, None),
    ("/", OPENID, "openid"),
    ("/tenant/1", OAUTH + "/tenant/1", None),
    ("/tenant/1", "/tenant/1" + OPENID, None),
    ("/tenant/1", OPENID + "/tenant/1", None),
    ("/tenant/1", OAUTH + "/tenant/1", "a openid b"),
    ("/tenant/1/", OAUTH + "/tenant/1", None),
    ("/tenant/1/", "/tenant/1" + OPENID, "openid"),
])
def test_found_where_the_standards_say(bearerd, upstream, path, place, scope):
    site = Site(upstream, path)
    site.pages[place] = site.document()
    proxy = bearerd({"a": site.service(scope=scope)})
    assert site.asked == []  # not before the first need
    assert proxy.get(URL).status == 200
    assert site.asked[-3:] == [place, "/token", "/api/x"]
    request = next(r for r in site.server.requests if place in r.target)
    assert request.line == f"GET {place} HTTP/1.1"
    assert request.value("Host") == site.url.split("/")[2]
    assert "application/json" in request.value("Accept")
    assert request.values("Authorization") == []


def likely(site, path) -> list[str]:
    return [at for at in site.asked if "well-known" in at or at == path]


def test_metadata_elsewhere(bearerd, site):
    """No other address is asked, and the document is the issuer's all the
    same."""
    site.pages["/static/doc.json"] = site.document()
    proxy = bearerd({"a": site.service(metadata_url=site.url + "/static/doc.json")})
    assert proxy.get(URL).status == 200
    assert likely(site, "/static/doc.json") == ["/static/doc.json"]


@pytest.mark.parametrize("page", [
    {"issuer": "http://127.0.0.1:9/other", "token_endpoint": "http://127.0.0.1:9/t"},
    (404, [], b""), (302, ["Location: /.well-known/openid-configuration"], b"")])
def test_metadata_elsewhere_that_is_none(bearerd, site, page):
    """What another issuer says there is not taken, and nothing else asked."""
    site.pages[OAUTH] = site.pages[OPENID] = site.document()
    site.pages["/static/doc.json"] = page
    proxy = bearerd({"a": site.service(metadata_url=site.url + "/static/doc.json")})
    assert proxy.get(URL).status == 502
    assert set(likely(site, "/static/doc.json")) == {"/static/doc.json"}
    assert not site.count("/token")


@pytest.mark.parametrize("keys, words", [
    ({"issuer": None, "token_endpoint": "http://127.0.0.1:9/t"}, "needs issuer"),
    ({"metadata_url": "http://static.example.com/x"}, "must be an https URL"),
    ({"issuer": "https://as.example.com"}, "must be https, as issuer is")])
def test_metadata_url_that_cannot_be(bearerd, site, keys, words):
    said = bearerd.refused({"a": site.service(**{
        "metadata_url": site.url + "/static/doc.json", **keys})})
    assert "metadata_url" in said and words in said, said


@pytest.mark.parametrize("scope, first", [(None, OAUTH), ("openid", OPENID)])
def test_likely_one_is_asked_first(bearerd, site, scope, first):
    site.pages[OAUTH] = site.document(token_endpoint=site.url + "/token/oauth")
    site.pages[OPENID] = site.document(token_endpoint=site.url + "/token/openid")
    proxy = bearerd({"a": site.service(scope=scope)})
    assert proxy.get(URL).status == 200
    assert site.asked[0] == first
    assert site.count("/.well-known") == 1


def test_rubbish_at_one_address_does_not_hide_another(bearerd, site):
    site.pages[OAUTH] = b"<!doctype html>" + b" " * 300000
    site.pages[OPENID] = site.document()
    proxy = bearerd({"a": site.service()})
    assert proxy.get(URL).status == 200


# Who wins, and who shares


def test_keys_win(bearerd, site):
    site.pages[OAUTH] = site.document(token_endpoint=site.url + "/token/found")
    proxy = bearerd({"a": site.service(token_endpoint=site.url + "/token/given")})
    assert proxy.get(URL).status == 200
    assert site.asked == ["/token/given", "/api/x"]


def test_key_for_one_endpoint_leaves_the_others_to_be_found(bearerd, site):
    site.pages[OAUTH] = site.document()
    proxy = bearerd({"a": site.service(
        refresh_endpoint=site.url + "/token/again", grant_type="refresh_token",
        refresh_token="r", client_secret="s"), "b": site.service(match="b.test")})
    assert proxy.get(URL).status == 200
    assert site.asked == ["/token/again", "/api/x"]
    assert proxy.get("http://b.test/x").status == 200
    assert site.asked[2:] == [OAUTH, "/token", "/api/x"]


def test_one_question_for_all_who_wait(bearerd, site):
    site.pages[OAUTH] = site.document()
    site.delay = 0.5
    names = ["a", "b", "c"]
    proxy = bearerd({name: site.service(match=f"{name}.test", client_id=name)
                     for name in names})
    threads, answers = [], []
    for name in names:
        def ask(name=name):
            answers.extend(load.burst(
                proxy.port, load.get_request(f"http://{name}.test/x"), 40))
        threads.append(threading.Thread(target=ask))
        threads[-1].start()
    for thread in threads:
        thread.join()
    assert [a.status for a in answers] == [200] * 120
    assert site.count("/.well-known") == 1
    assert site.count("/token") == 3


# What must not be believed


def test_other_issuer_is_refused(bearerd, site):
    for place in (OAUTH, OPENID):
        site.pages[place] = site.document(issuer=site.issuer + "/")
    proxy = bearerd({"a": site.service()})
    reply = refused(proxy, f'issuer "{site.issuer}/"', "to the last character")
    assert reply.error == "proxy_configuration_error"
    assert site.count("/token") == 0


ADDRESSES = ["authorization_endpoint", "token_endpoint", "revocation_endpoint",
             "device_authorization_endpoint", "introspection_endpoint", "jwks_uri",
             "pushed_authorization_request_endpoint"]
WRONG = [
    *((name, value) for name in ADDRESSES for value in (
        17, True, [], {}, "http://login.example.com/x", "ftp://localhost/x",
        "https://user@login.example.com/", "https://login.example.com/#f",
        "https://login.example.com/\r\nX: y")),
    ("mtls_endpoint_aliases", []),
    ("mtls_endpoint_aliases", {"token_endpoint": "http://login.example.com/"}),
    ("require_pushed_authorization_requests", "yes"),
    ("authorization_response_iss_parameter_supported", 1),
    ("grant_types_supported", 1),
    ("id_token_signing_alg_values_supported", [256]),
    ("token_endpoint_auth_methods_supported", {}),
    ("code_challenge_methods_supported", ["a b"]),
    ("dpop_signing_alg_values_supported", ["ES256"] * 257),
]


def test_members_that_are_not_what_they_must_be(bearerd, upstream):
    """A service for each, of one server, told apart by the issuer's path."""
    site = Site(upstream)
    services = {}
    for i, (name, value) in enumerate(WRONG):
        issuer = f"{site.url}/{i}"
        services[f"s{i}"] = site.service(issuer=issuer, match=f"s{i}.test")
        site.pages[f"{OAUTH}/{i}"] = site.document(
            **{"issuer": issuer, name: value})
    proxy = bearerd(services)
    for i, (name, value) in enumerate(WRONG):
        reply = proxy.get(f"http://s{i}.test/x")
        assert reply.status == 502, (name, value)
        assert name in reply.json()["detail"], (name, value)
    assert site.count("/token") == 0


@pytest.mark.parametrize("make, words", [
    (lambda good: b"", "cannot be used"),
    (lambda good: b"[]", "not a JSON object"),
    (lambda good: good + b"x", "cannot be used"),
    (lambda good: good[:-1], "cannot be used"),
    (lambda good: good[:-1] + b"," + good[1:], "twice"),
    (lambda good: good[:-1] + b',"x":{"a":1,"a":1}}', "twice"),
    (lambda good: good[:-1] + b',"x":' + b"[" * 5000 + b"]" * 5000 + b"}",
     "cannot be used"),
    (lambda good: good[:-1] + b',"x":[' + b"1," * 5000 + b"1]}",
     "cannot be used"),
    (lambda good: good[:-1] + b',"x":"' + b"x" * 300000 + b'"}', "larger"),
    (lambda good: good[:-1] + b',"x":"\xff"}', "cannot be used"),
], ids=["empty", "array", "tail", "cut", "twice", "twice-below", "deep", "many",
        "huge", "not-utf8"])
def test_document_that_is_none(bearerd, site, make, words):
    good = json.dumps(site.document()).encode()
    site.pages[OAUTH] = make(good)
    proxy = bearerd({"a": site.service()})
    refused(proxy, words)
    assert site.count("/token") == 0


def test_redirect_is_not_followed(bearerd, site):
    site.pages["/moved"] = site.document()
    site.pages[OAUTH] = site.pages[OPENID] = (
        302, [f"Location: {site.url}/moved"], b"")
    proxy = bearerd({"a": site.service()})
    refused(proxy, "redirect", "not followed")
    assert site.count("/moved") == 0 and site.count("/token") == 0


def test_nothing_there(bearerd, site):
    proxy = bearerd({"a": site.service()})
    refused(proxy, "status 404", "check issuer, or give the endpoints")
    assert site.count("/.well-known") == 2


def test_no_such_endpoint(bearerd, site):
    site.pages[OAUTH] = site.document(token_endpoint=None)
    proxy = bearerd({"a": site.service()})
    refused(proxy, "names no token_endpoint; give the key")


# Outages


def test_outage_without_a_copy(bearerd, site):
    site.pages[OAUTH] = site.pages[OPENID] = (503, [], b"")
    proxy = bearerd({"a": site.service()})
    reply = refused(proxy, "status 503", status=503)
    assert reply.error == "destination_unavailable"
    assert int(reply.value("Retry-After")) >= 1
    assert site.count("/.well-known") == 4  # the quick second try
    site.pages[OAUTH] = site.document()
    limit = time.monotonic() + 15
    while proxy.get(URL).status != 200:
        assert time.monotonic() < limit
        time.sleep(0.2)


def test_mended_document_is_taken(bearerd, site):
    site.pages[OAUTH] = site.document(issuer="https://wrong.test")
    proxy = bearerd({"a": site.service()})
    refused(proxy, "wrong.test")
    site.pages[OAUTH] = site.document()
    limit = time.monotonic() + 15
    while proxy.get(URL).status != 200:
        assert time.monotonic() < limit
        time.sleep(0.2)


def test_server_that_does_not_answer(bearerd, site):
    site.delay = 3
    proxy = bearerd({"a": site.service(token_timeout="300ms")})
    began = time.monotonic()
    refused(proxy, "cannot be had", status=503)
    assert time.monotonic() - began < 2.5


@pytest.mark.threads
def test_outage_with_a_copy_is_none(bearerd, site):
    site.pages[OAUTH] = site.document()
    site.expires_in = 1
    proxy = bearerd({"a": site.service()})
    assert proxy.get(URL).status == 200
    site.pages.clear()
    for _ in range(2):
        time.sleep(1.1)
        assert proxy.get(URL).status == 200
    assert site.count("/token") == 3
    assert site.count("/.well-known") == 1


def test_outage_at_a_restart_is_none(bearerd, site):
    store = {"store": f"sqlite:{bearerd.folder}/state/t.db"}
    site.pages[OAUTH] = site.document()
    site.expires_in = 1
    proxy = bearerd({"a": site.service()}, store)
    assert proxy.get(URL).status == 200
    proxy.stop()
    site.pages[OAUTH] = (503, [], b"")
    time.sleep(1.1)
    proxy = bearerd({"a": site.service()}, store)
    assert proxy.get(URL).status == 200
    assert site.count("/token") == 2
    # Another issuer has no part in it.
    proxy.stop()
    proxy = bearerd({"a": site.service(issuer=site.issuer + "/")}, store)
    refused(proxy, "not available", status=503)


def test_stop_while_asking(bearerd, site):
    site.delay = 5
    proxy = bearerd({"a": site.service()}, {"drain_timeout": "200ms"})
    with proxy.connect() as client:
        client.send(load.get_request(URL))
        site.server.wait_for_requests(1)
        began = time.monotonic()
        proxy.stop()
        assert time.monotonic() - began < 4


# The server made with Authlib


def test_real_server(bearerd, provider: Provider):
    proxy = bearerd({"a": provider.service(token_endpoint=None,
                                           issuer=provider.issuer)})
    assert proxy.get(URL).status == 200
    assert provider.count("metadata") == 1
    assert provider.token_count == 1
    assert re.search(r"metadata_obtained issuer=http://127\.0\.0\.1:\d+ ",
                     proxy.stderr)


def test_real_server_with_a_refresh_and_a_path(bearerd, provider: Provider):
    provider.set(clients=[{"client_id": "demo-client",
                           "client_secret": "demo-secret",
                           "grant_types": ["password", "refresh_token"]}],
                 issue={"expires_in": 1, "lifetime": 60})
    proxy = bearerd({"a": provider.service(
        grant_type="password", username="alice", password="wonderland",
        scope="openid read", token_endpoint=None,
        issuer=provider.issuer + "/a/b")})
    assert proxy.get(URL).status == 200
    time.sleep(1.2)
    assert proxy.get(URL).status == 200
    assert [r["grant_type"] for r in provider.token_requests] == [
        "password", "refresh_token"]
    assert provider.count("metadata") == 1
    assert provider.requests("metadata")[0]["target"] == "/a/b" + OPENID


def test_real_server_whose_word_is_changed(bearerd, provider: Provider):
    provider.set(metadata={"issuer": "https://evil.example.com"})
    proxy = bearerd({"a": provider.service(token_endpoint=None,
                                           issuer=provider.issuer)})
    refused(proxy, "evil.example.com")
    assert provider.token_count == 0


# People


@pytest.fixture
def people(bearerd, provider):
    """A bearerd with a service that people log in to, of which the issuer
    alone is given."""
    def begin(**keys):
        proxy = bearerd({"a": login.service(provider, **{
            "match": "api.example.test",
            "authorization_endpoint": None, "token_endpoint": None,
            "issuer": provider.issuer, **keys})})
        login.register(provider, proxy)
        return proxy

    return begin


@pytest.mark.parametrize("scope", ["read", "openid read"])
def test_people_log_in(people, provider, browser, scope):
    proxy = people(scope=scope)
    visit = browser.login(login_url(proxy))
    assert "is logged in" in visit.response.text
    assert proxy.get(URL).status == 200
    assert provider.count("metadata") == 1


def test_answer_must_say_whose_it_is(people, provider, browser):
    """RFC 9207 §2.4: where the metadata says that answers have iss."""
    provider.set(options={"iss": False}, metadata={
        "authorization_response_iss_parameter_supported": True})
    proxy = people()
    visit = browser.login(login_url(proxy))
    assert visit.response.status_code == 400
    assert "does not say which issuer" in visit.response.text
    assert provider.token_count == 0


def test_answer_need_not_say_it_where_no_answer_does(people, provider, browser):
    provider.set(options={"iss": False})
    visit = browser.login(login_url(people()))
    assert "is logged in" in visit.response.text


def test_key_does_not_hide_what_the_metadata_demands(people, provider, browser):
    provider.set(options={"iss": False}, metadata={
        "authorization_response_iss_parameter_supported": True})
    proxy = people(authorization_endpoint=provider.authorization_endpoint)
    visit = browser.login(login_url(proxy))
    assert visit.response.status_code == 400
    assert provider.token_count == 0


def test_login_while_nothing_can_be_found(people, provider, browser):
    provider.set(plan=[{"endpoint": "metadata", "status": 503, "times": None}])
    proxy = people()
    visit = browser.login(login_url(proxy))
    assert visit.response.status_code == 503
    assert "status 503" in visit.response.text
    provider.set(plan=[])
    visit = browser.login(login_url(proxy))
    assert "is logged in" in visit.response.text


def test_login_with_a_document_of_another(people, provider, browser):
    provider.set(metadata={"issuer": "https://evil.example.com"})
    visit = browser.login(login_url(people()))
    assert visit.response.status_code == 500
    assert "evil.example.com" in visit.response.text
    assert provider.count("authorize") == 0


def test_device_code(bearerd, provider, browser):
    provider.register(grant_types=[test_device.GRANT, "refresh_token"])
    proxy = bearerd({"a": test_device.device(
        provider, device_authorization_endpoint=None, token_endpoint=None,
        issuer=provider.issuer)})
    _, code = test_device.open_page(proxy, browser)
    assert provider.approve_device(code) == code
    wait_for(lambda: proxy.get(URL).status == 200, 15, "the login")
    assert provider.count("metadata") == 1


# The configuration


@pytest.mark.parametrize("issuer, words", [
    ("http://login.example.com", "https"),
    ("https://login.example.com/?tenant=1", "query"),
    ("https://login.example.com/#x", "fragment"),
    ("https://me@login.example.com/", "user"),
    ("login.example.com", "URL"),
])
def test_issuer_that_is_none(bearerd, issuer, words):
    result = bearerd.check("[service a]\nupstream = https://api.example.com\n"
                           f"client_id = x\nissuer = {issuer}\n")
    assert result.returncode == 1
    assert re.fullmatch(rf".*:4: issuer.*{words}.*\n", result.stderr)
