# SPDX-License-Identifier: MIT
"""Services that people log in to, and the Authlib provider that knows them."""

from __future__ import annotations

import threading
from urllib.parse import parse_qsl, urlsplit

from browser import Browser, Visit
from harness import Bearerd, Keys, Provider, wait_for

KINDS = ["code", "token", "id_token token", "code id_token", "code token",
         "code id_token token"]
REGISTERED = {
    "grant_types": ["authorization_code", "refresh_token", "implicit"],
    "response_types": KINDS,
    "scope": "read write openid",
}
WRONG_STATE = "A" * 43


def service(provider: Provider, name: str = "a", **keys) -> Keys:
    """One that people log in to, at http://NAME.example.test; None removes a
    key. Where there are ID tokens, they are verified."""
    openid = "openid" in keys.get("scope", "")
    return provider.service(**{
        "grant_type": "authorization_code", "match": f"{name}.example.test",
        "authorization_endpoint": provider.authorization_endpoint,
        "issuer": provider.issuer if openid else None, **keys})


def callback_url(proxy: Bearerd, name: str = "a") -> str:
    return f"{proxy.url}/-/callback/{name}"


def login_url(proxy: Bearerd, name: str = "a") -> str:
    return f"{proxy.url}/-/login/{name}"


def api_url(name: str = "a", path: str = "/x") -> str:
    return f"http://{name}.example.test{path}"


def register(provider: Provider, proxy: Bearerd, *names: str, **metadata) -> None:
    """The provider knows the client, and where this bearerd's logins come
    back to."""
    uris = [callback_url(proxy, name) for name in names or ("a",)]
    provider.register(**{**REGISTERED, "redirect_uris": uris, **metadata})


def log_in(browser: Browser, proxy: Bearerd, name: str = "a") -> Visit:
    """A login that must succeed."""
    visit = browser.login(login_url(proxy, name))
    assert visit.response.status_code == 200, visit.response.text
    assert "is logged in" in visit.response.text
    return visit


def refused(reply, *words: str) -> str:
    """It is a page for people that says no, and why."""
    assert reply.status_code == 400, reply.text
    assert "<h1>Not logged in</h1>" in reply.text
    assert reply.headers["Content-Type"] == "text/html; charset=utf-8"
    assert reply.headers["Cache-Control"] == "no-store"
    for word in words:
        assert word in reply.text, reply.text
    return reply.text


def begin(browser: Browser, proxy: Bearerd, name: str = "a") -> dict[str, str]:
    """Opens the login and follows no redirect: the parameters with which the
    browser is sent to the provider; it has the cookie."""
    reply = browser._send("GET", login_url(proxy, name), None)
    assert reply.status_code == 303, (reply.status_code, reply.text)
    browser._show(login_url(proxy, name), reply)
    return dict(parse_qsl(urlsplit(reply.headers["Location"]).query))


def response_to(browser: Browser, provider: Provider) -> dict[str, str]:
    """What the provider answers to the login that this browser has begun."""
    given = provider.authorize(browser.response.headers["Location"])
    return dict(given["response"]["params"])


def token_of(reply) -> str:
    """The token that reached the API with a request that it echoed."""
    assert reply.status == 200, (reply.status, reply.body)
    [field] = [v for n, v in reply.json()["headers"] if n == "Authorization"]
    return field.removeprefix("Bearer ")


def state_of(proxy: Bearerd, name: str = "a") -> str:
    return proxy.health(name).json()["checks"][f"session:{name}"][0]["observedValue"]


def waits_for_login(proxy: Bearerd, name: str = "a") -> bool:
    return state_of(proxy, name) == "waiting_for_login"


def is_told_to_log_in(proxy: Bearerd, name: str = "a") -> bool:
    """Whether a request is answered as section "What goes wrong" of the
    manual says of a session that waits for a person."""
    reply = proxy.get(api_url(name))
    if reply.status != 503:
        return False
    assert reply.error == "proxy_configuration_error"
    assert reply.value("Content-Type") == "application/problem+json"
    body = reply.json()
    assert body["login_url"] == login_url(proxy, name), body
    assert "log in" in body["detail"], body
    return True


def wait_until_told(proxy: Bearerd, name: str = "a") -> None:
    wait_for(lambda: is_told_to_log_in(proxy, name), 10, "503 with login_url")


def is_failing(proxy, name: str = "a") -> bool:
    """Health says that it can serve nothing, and why."""
    reply = proxy.health(name)
    return (reply.status == 503 and reply.json()["status"] == "fail"
            and waits_for_login(proxy, name))


def log_in_and_die(provider, proxy, browser) -> None:
    """Somebody logged in, but both tokens are worth nothing any more, and
    bearerd has seen it."""
    provider.set(issue={"expires_in": 1})
    log_in(browser, proxy)
    assert proxy.get(api_url()).status == 200
    provider.set(issue={})
    provider.revoke()
    wait_until_told(proxy)


class Asking:
    """A request that waits, in a thread."""

    def __init__(self, proxy, name: str = "a"):
        self.reply = None
        self.thread = threading.Thread(
            target=lambda: setattr(self, "reply", proxy.get(api_url(name))))
        self.thread.start()

    def answer(self):
        self.thread.join(30)
        return self.reply


def in_exchange(provider, proxy, browser, count: int, **step):
    """A login whose code is being exchanged, and requests that came then."""
    before = provider.token_count
    provider.set(plan=[{"delay": 0.7, **step}])
    visits = []
    thread = threading.Thread(target=lambda: visits.append(
        browser.login(login_url(proxy))))
    thread.start()
    wait_for(lambda: provider.token_count > before, 10, "the exchange")
    waiting = [Asking(proxy) for _ in range(count)]
    return waiting, thread, visits
