# SPDX-License-Identifier: MIT
"""Mix-up (RFC 9207 section 1, RFC 9700 section 4.4): of two servers that people
log in to at one bearerd, one is malicious and wants what the honest one gives.
Here whole: the malicious one leads browsers to the honest one, and waits at its
token endpoint for the code."""

import json
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

import login
from harness import free_port
from login import refused

URL = "http://evil.example.test/x"


class Evil:
    """The malicious server: its authorization endpoint sends browsers on to
    the honest one's, with `changes`; what it is given at its other endpoints
    it keeps."""

    def __init__(self, upstream, honest):
        self.honest = honest
        self.changes: dict = {}
        self.document: dict = {}
        self.stolen: list[str] = []
        self.server = upstream(self.script)
        self.issuer = self.server.url

    def script(self, peer) -> None:
        while True:
            request = peer.read_request()
            path, _, query = request.target.partition("?")
            peer.answer(*self.answer(path, query, request.body.decode()))

    def answer(self, path: str, query: str, body: str) -> tuple:
        if path == "/authorize":
            asked = {**dict(parse_qsl(query)), **self.changes}
            asked = {n: v for n, v in asked.items() if v is not None}
            place = f"{self.honest.authorization_endpoint}?{urlencode(asked)}"
            return b"", "303 See Other", "Location: " + place
        if path.startswith("/.well-known/"):
            return (json.dumps(self.says()).encode(), "200 OK",
                    "Content-Type: application/json")
        self.stolen.append(path + " " + query + " " + body)
        token = {"access_token": "ev1l", "token_type": "Bearer"}
        return json.dumps(token).encode(), "200 OK", "Content-Type: application/json"

    def says(self) -> dict:
        return {"issuer": self.issuer, "authorization_endpoint":
                self.issuer + "/authorize", "token_endpoint": self.issuer + "/token",
                **self.document}


@pytest.fixture
def evil(upstream, provider) -> Evil:
    return Evil(upstream, provider)


@pytest.fixture
def both(bearerd, provider, evil):
    """A bearerd with the services honest and evil; `keys` are for both."""
    def begin(keys=None, of_evil=None, of_honest=None, callbacks=("honest",), port=0):
        common = {"issuer": None, **(keys or {})}
        there = {"authorization_endpoint": evil.issuer + "/authorize",
                 "token_endpoint": evil.issuer + "/token",
                 "client_id": "at-evil", "client_secret": "for-evil"}
        proxy = bearerd({
            "honest": login.service(provider, "honest",
                                    **{**common, **(of_honest or {})}),
            "evil": login.service(provider, "evil",
                                  **{**there, **common, **(of_evil or {})})},
            {"listen": f"127.0.0.1:{port}"})
        login.register(provider, proxy, redirect_uris=[
            *(login.callback_url(proxy, name) for name in callbacks),
            proxy.url + "/-/callback"])
        return proxy

    return begin


def nothing_leaked(proxy, provider, evil) -> None:
    """No code, no token and no secret of the honest server's or client's came
    to the malicious one; and nobody is logged in anywhere."""
    for text in evil.stolen:
        assert "demo-secret" not in text
        assert "verifier" not in text
    codes = [value for one in provider.responses for name, value in one["params"]
             if name in ("code", "access_token", "id_token")]
    assert not [text for text in evil.stolen for code in codes if code in text]
    assert evil.stolen == []
    assert provider.token_count == 0
    for name in ("honest", "evil"):
        assert login.is_told_to_log_in(proxy, name)


def log_in(browser, proxy, name="evil"):
    return browser.login(login.login_url(proxy, name)).response


def test_honest_way(both, provider, browser, evil):
    """That the tests below can fail."""
    proxy = both()
    login.log_in(browser, proxy, "honest")
    assert provider.token_count == 1 and evil.stolen == []


@pytest.mark.parametrize("iss", [True, False], ids=["iss", "no iss"])
def test_code_for_the_honest_service(both, provider, browser, evil, iss):
    """The browser comes back to the honest service's address with the malicious
    one's state: each login ends where it began."""
    proxy = both()
    provider.set(options={"iss": iss})
    evil.changes = {"client_id": "demo-client",
                    "redirect_uri": login.callback_url(proxy, "honest")}
    refused(log_in(browser, proxy))
    assert provider.responses  # it did give a code
    nothing_leaked(proxy, provider, evil)


def test_address_that_is_not_registered(both, provider, browser, evil):
    """Each service has an address of its own, which the honest server does not
    know as this client's."""
    proxy = both()
    evil.changes = {"client_id": "demo-client"}
    assert log_in(browser, proxy).status_code == 400
    assert not provider.responses
    nothing_leaked(proxy, provider, evil)


@pytest.mark.parametrize("how", ["key", "metadata"])
def test_answer_of_the_honest_server(both, provider, browser, evil, how):
    """A server that knows the other address too: iss tells."""
    keys = {"issuer": evil.issuer}
    if how == "metadata":
        keys |= {"authorization_endpoint": None, "token_endpoint": None}
    proxy = both(of_evil=keys, callbacks=("honest", "evil"))
    evil.changes = {"client_id": "demo-client"}
    refused(log_in(browser, proxy), "another issuer")
    assert provider.responses
    nothing_leaked(proxy, provider, evil)


@pytest.mark.parametrize("name, kind", [
    ("token", {"grant_type": "implicit"}),
    ("id_token token", {"grant_type": "implicit", "scope": "openid read"}),
    ("code id_token", {"response_type": "code id_token", "scope": "openid read"})])
def test_answer_in_the_fragment(both, provider, browser, evil, name, kind):
    """Tokens of the honest server's are not taken for the malicious one's."""
    proxy = both(of_honest={**kind, "issuer": provider.issuer},
                 of_evil={**kind, "issuer": evil.issuer,
                          "jwks_uri": provider.jwks_uri},
                 callbacks=("honest", "evil"))
    for iss in (True, False):
        provider.set(options={"iss": iss})
        evil.changes = {"client_id": "demo-client"}
        if iss or "id_token" in name:
            refused(log_in(browser, proxy))
            nothing_leaked(proxy, provider, evil)


def test_metadata_that_names_the_honest_endpoint(both, provider, browser, evil):
    """The browser is sent to the honest server by bearerd itself; the code
    would go to the malicious token endpoint."""
    evil.document = {"authorization_endpoint": provider.authorization_endpoint}
    proxy = both(of_evil={"issuer": evil.issuer, "authorization_endpoint": None,
                          "token_endpoint": None, "client_id": "demo-client"},
                 callbacks=("honest", "evil"))
    refused(log_in(browser, proxy), "another issuer")
    assert provider.responses
    nothing_leaked(proxy, provider, evil)


def test_metadata_of_another_name(both, provider, browser, evil):
    """A document that says it were the honest one's."""
    evil.document = {"issuer": provider.issuer}
    proxy = both(of_evil={"issuer": evil.issuer, "authorization_endpoint": None,
                          "token_endpoint": None})
    text = log_in(browser, proxy).text
    assert "to the last character" in text or provider.issuer in text
    nothing_leaked(proxy, provider, evil)


@pytest.mark.parametrize("iss", [True, False], ids=["iss", "no iss"])
@pytest.mark.parametrize("issuer", [True, False], ids=["issuer", "no issuer"])
def test_one_address_for_both(both, provider, browser, evil, iss, issuer):
    """Where two services of different servers have the same redirect_uri, an
    answer must say whose it is, and bearerd must know whose it should be."""
    port = free_port()
    shared = {"redirect_uri": f"http://127.0.0.1:{port}/-/callback"}
    proxy = both(keys=shared, port=port,
                 of_evil={"issuer": evil.issuer if issuer else None},
                 of_honest={"issuer": provider.issuer})
    provider.set(options={"iss": iss})
    evil.changes = {"client_id": "demo-client"}
    words = ["another issuer"] if issuer and iss else [
        "redirect_uri", "[service honest]"]
    refused(log_in(browser, proxy), *words)
    assert provider.responses
    nothing_leaked(proxy, provider, evil)
    # The honest way, where it can be told.
    reply = log_in(browser.fresh(), proxy, "honest")
    if iss:
        assert "is logged in" in reply.text, reply.text
    else:
        refused(reply, "does not say which issuer", "[service evil]")


def test_one_address_at_one_server(bearerd, provider, browser):
    """Two clients of one server cannot be mixed up in this way."""
    port = free_port()
    shared = {"redirect_uri": f"http://127.0.0.1:{port}/-/callback"}
    proxy = bearerd({name: login.service(provider, name, **shared)
                     for name in ("a", "b")}, {"listen": f"127.0.0.1:{port}"})
    provider.set(options={"iss": False})
    login.register(provider, proxy, redirect_uris=[shared["redirect_uri"]])
    for name in ("a", "b"):
        login.log_in(browser, proxy, name)
    assert urlsplit(provider.responses[0]["redirect_uri"]).path == "/-/callback"
