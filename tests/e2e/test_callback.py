# SPDX-License-Identifier: MIT
"""What a login's callback brings beside a code, or calls otherwise:
authorization_response.rename and .keep."""

import time
from urllib.parse import parse_qsl, urlencode

import pytest

import login
from browser import Browser
from harness import command

A = "authorization_response."
OK = "200 OK"
JSON = "Content-Type: application/json"


class Server:
    """Gives a token for each request that comes, whatever it holds; and an
    API."""

    def __init__(self, upstream):
        self.refreshed = b""  # more members of a refresh's reply
        self.more = b""  # and of each
        self.server = upstream(self.tokens)
        self.api = upstream(self.serve)

    def tokens(self, peer) -> None:
        while True:
            refresh = b"grant_type=refresh_token" in peer.read_request().body
            peer.answer(b'{"access_token":"val-1","token_type":"Bearer",'
                        b'"callback":{"id":"of the reply"},'
                        b'"refresh_token":"ref-1"'
                        + (self.refreshed if refresh else b"") + self.more
                        + b"}", OK, JSON)

    def serve(self, peer) -> None:
        while True:
            peer.read_request()
            peer.answer(b"", OK)

    def service(self, **keys) -> dict:
        return {"upstream": self.api.url, "match": "a.example.test",
                "authorization_endpoint": f"{self.server.url}/authorize",
                "token_endpoint": f"{self.server.url}/token",
                "client_id": "me", "client_secret": "s", **keys}

    def form(self, i: int = -1) -> dict[str, str]:
        return dict(parse_qsl(self.server.requests[i].body.decode(), True))


@pytest.fixture
def server(upstream) -> Server:
    return Server(upstream)


def answer(proxy, browser: Browser, **params):
    """A login that the server answers so; the page that the person sees."""
    state = login.begin(browser, proxy)["state"]
    query = urlencode({"state": state, **params}, doseq=True)
    return browser.open(f"{login.callback_url(proxy)}?{query}")


def logs_in(proxy, browser, **params) -> None:
    page = answer(proxy, browser, **params)
    assert page.status_code == 200, page.text


def test_renamed_code(bearerd, server, browser):
    proxy = bearerd({"a": server.service(**{f"{A}rename.auth_code": "code"})})
    logs_in(proxy, browser, auth_code="c-1", code="other")
    assert server.form()["code"] == "c-1"
    assert proxy.get(login.api_url()).status == 200


def test_renamed_error(bearerd, server, browser):
    proxy = bearerd({"a": server.service(**{
        f"{A}rename.err": "error", f"{A}rename.msg": "error_description"})})
    login.refused(answer(proxy, browser, err="denied_by", msg="the owner"),
                  "denied_by: the owner")
    assert server.server.requests == []


@pytest.mark.parametrize("params, words", [
    ({"auth_code": ["a", "b"]}, "code is in it twice"),
    ({"auth_code": "a", "state": "x"}, "no login of this kind"),
    ({"auth_code": "a", "id": ["1", "2"]}, "id is in it twice"),
    ({"auth_code": "a", "id": "x" * 1025}, "id is longer than 1024"),
    ({"auth_code": "a", "id": "1\r\nX-A: b"}, "id holds a character"),
], ids=["twice", "state", "kept twice", "long", "lines"])
def test_refused(bearerd, server, browser, params, words):
    """It changes nothing, and the right answer is still taken."""
    proxy = bearerd({"a": server.service(**{
        f"{A}rename.auth_code": "code", f"{A}keep": "id"})})
    state = login.begin(browser, proxy)["state"]
    query = urlencode({"state": state, **params}, doseq=True)
    login.refused(browser.open(f"{login.callback_url(proxy)}?{query}"), words)
    assert server.server.requests == []
    query = urlencode({"state": state, "auth_code": "a", "id": "1"})
    assert browser.open(f"{login.callback_url(proxy)}?{query}").status_code == 200


KEEPING = {f"{A}keep": ["id", "site"],
           "access_token_request.param.device": "{token.callback.id}",
           "refresh_token_request.param.again": "{token.callback.id}",
           "protected_request.header.X-Id": "{token.callback.id}"}


def test_kept(bearerd, server, browser):
    """In the request for the token, in headers, over restarts and refreshes;
    no reply can say it otherwise."""
    store = {"store": f"sqlite:{bearerd.folder}/state/t.db"}
    service = server.service(**KEEPING)
    proxy = bearerd({"a": service}, store)
    logs_in(proxy, browser, code="c", id="D&1 \"2\"")
    assert server.form()["device"] == "D&1 \"2\""
    assert proxy.get(login.api_url()).status == 200
    assert server.api.last.value("X-Id") == "D&1 \"2\""
    proxy.stop()
    proxy = bearerd({"a": service}, store)
    assert proxy.get(login.api_url()).status == 200
    assert server.api.last.value("X-Id") == "D&1 \"2\""
    server.refreshed = b',"id":"x"'
    for _ in range(2):
        assert command("refresh", "a", "-c", str(proxy.config),
                       env=bearerd.env).returncode == 0
        assert server.form()["again"] == "D&1 \"2\""
        assert proxy.get(login.api_url()).status == 200
        assert server.api.last.value("X-Id") == "D&1 \"2\""
    # Another login's own.
    logs_in(proxy, browser, code="c", id="two")
    assert server.form()["device"] == "two"
    assert proxy.get(login.api_url()).status == 200
    assert server.api.last.value("X-Id") == "two"


def test_kept_while_nothing_runs(bearerd, server, browser):
    """The token's life is over by the next start, and what goes with its
    refresh is still there."""
    store = {"store": f"sqlite:{bearerd.folder}/state/t.db"}
    service = server.service(**KEEPING)
    server.more = b',"expires_in":1'
    proxy = bearerd({"a": service}, store)
    logs_in(proxy, browser, code="c", id="one")
    proxy.stop()
    time.sleep(1.5)
    server.more = b""
    proxy = bearerd({"a": service}, store)
    assert proxy.get(login.api_url()).status == 200
    assert server.form()["grant_type"] == "refresh_token"
    assert server.form()["again"] == "one"
    assert server.api.last.value("X-Id") == "one"


def test_kept_for_a_logout(bearerd, server, browser):
    """The token's life is over, and the refresh token is revoked."""
    service = server.service(**KEEPING, **{
        "revocation_endpoint": f"{server.server.url}/revoke",
        "revocation_request.param.device": "{token.callback.id}"})
    store = {"store": f"sqlite:{bearerd.folder}/state/t.db"}
    server.more = b',"expires_in":1'
    proxy = bearerd({"a": service}, store)
    logs_in(proxy, browser, code="c", id="one")
    proxy.stop()
    time.sleep(1.5)
    proxy = bearerd({"a": service}, store)
    done = command("logout", "a", "-c", str(proxy.config), env=bearerd.env)
    assert done.returncode == 0, done.stderr
    assert server.server.last.target == "/revoke"
    assert server.form() == {"token": "ref-1", "device": "one",
                             "token_type_hint": "refresh_token"}


def test_missing(bearerd, server, browser):
    """Nothing of an older login, or of the reply, is taken for it."""
    proxy = bearerd({"a": server.service(**KEEPING)})
    logs_in(proxy, browser, code="c", id="one")
    login.refused(answer(proxy, browser, code="c"),
                  "{token.callback.id}", "had none")
    assert len(server.server.requests) == 1
    assert proxy.get(login.api_url()).status == 200
    assert server.api.last.value("X-Id") == "one"


@pytest.mark.parametrize("realm, status", [
    ("12", 200), ("a-b_c.~", 200), ("..", 400), ("1/2", 400), ("1%2f2", 400),
    ("1?x", 400), ("1#x", 400), ("@h", 400), ("\\", 400), (".", 400)])
def test_in_upstream(bearerd, server, browser, realm, status):
    """It is a part of the path, and nothing more."""
    proxy = bearerd({"a": server.service(**{
        f"{A}keep": "realm", "upstream_hosts": "127.0.0.1",
        "upstream": server.api.url + "/v3/{token.callback.realm}"})})
    page = answer(proxy, browser, code="c", realm=realm)
    assert page.status_code == status, page.text
    if status == 200:
        assert proxy.get(login.api_url()).status == 200
        assert server.api.last.target == f"/v3/{realm}/x"
    else:
        assert "part of an address" in page.text


def test_host(bearerd, server, browser):
    keys = {f"{A}keep": "site", "upstream_hosts": "127.0.0.1",
            "upstream": "{token.callback.site}"}
    proxy = bearerd({"a": server.service(**keys)})
    logs_in(proxy, browser, code="c", site=server.api.url)
    assert proxy.get(login.api_url()).status == 200
    login.refused(answer(proxy, browser, code="c", site="https://evil.test"),
                  "upstream_hosts")


def test_mistakes(bearerd):
    result = bearerd.check("""[service a]
upstream = https://a.example.test
token_endpoint = https://a.example.test/t
authorization_endpoint = https://a.example.test/a
client_id = x
client_secret = s
authorization_response.rename.state = code
protected_request.header.X-A = {token.callback.b}
""")
    assert result.returncode == 1
    assert "state cannot be another parameter" in result.stderr
    assert "authorization_response.keep = b is missing" in result.stderr
