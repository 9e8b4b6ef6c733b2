# SPDX-License-Identifier: MIT
"""What bearerd promises about browsers, in a real one: no page but its own
gets anything from it. The first tests are of the browser alone: that what
others build on it is there."""

import json
from urllib.parse import parse_qs

import pytest
import requests

from chromium import site
from harness import static, wait_for

SCRIPT = """<title>before</title><p id=a>shown</p>
<script>document.title = 'script ran'; new Image().src = '/ran'</script>"""
# Tells what a fetch came to: the answer's status, its type, or the refusal.
FETCH = """return fetch(...arguments).then(
    reply => reply.type === 'opaque' ? 'opaque' : reply.status, String)"""


@pytest.fixture
def web(upstream):
    """Makes a site of these pages."""
    return lambda pages: upstream(site(pages))


@pytest.fixture
def foreign(web):
    """A site that somebody else wrote."""
    return web({"/": "<title>foreign</title>"})


def named(server, host: str, path: str = "/") -> str:
    """The server's page under a name that the browser takes for loopback."""
    return f"http://{host}:{server.port}{path}"


def pages_asked_for(server) -> list[str]:
    return [f"{r.method} {r.target}" for r in server.requests
            if r.target != "/favicon.ico"]


def test_browser_submits_a_form(chromium, web):
    server = web({"/": "<form method=post action=/sent><input name=user>"
                       "<input name=password type=password>"
                       "<button>Log in</button></form>",
                  "/sent": "<title>sent</title><p>welcome"})
    chromium.open(named(server, "a.test"))
    chromium.find("[name=user]").type("älice & co")
    chromium.find("[name=password]").type("wonder land")
    chromium.find("button").click()
    assert chromium.wait_for_url("/sent$") == named(server, "a.test", "/sent")
    assert (chromium.title, chromium.text, chromium.status) == ("sent", "welcome", 200)
    sent, = [r for r in server.requests if r.method == "POST"]
    assert parse_qs(sent.body.decode()) == {"user": ["älice & co"],
                                               "password": ["wonder land"]}


def test_browser_keeps_the_fragment(chromium, web):
    """It is the script's and not the server's, also behind a redirect."""
    server = web({"/callback": "<script>document.title = location.hash;"
                               "history.replaceState(null, '', '/callback')</script>",
                  "/login": ("", "Location: /callback#access_token=t&state=s")})
    for path, seen in (("/callback#a=1", "#a=1"),
                       ("/login", "#access_token=t&state=s")):
        chromium.open(named(server, "a.test", path))
        assert chromium.title == seen
        assert chromium.url == named(server, "a.test", "/callback")
    assert pages_asked_for(server) == ["GET /callback", "GET /login", "GET /callback"]


def test_browser_minds_same_site(chromium, web, foreign):
    """A foreign page's link sends Lax, its form neither; HttpOnly is not for
    scripts."""
    server = web({"/": ("<title>home</title>", "Set-Cookie: lax=1; SameSite=Lax",
                        "Set-Cookie: strict=1; SameSite=Strict; HttpOnly"),
                  "/next": "<title>next</title>"})
    home, there = named(server, "a.test"), named(server, "a.test", "/next")

    def sent() -> str:
        asked = [r for r in server.requests if r.target == "/next"]
        return ",".join(asked[-1].values("Cookie"))

    chromium.open(home)
    assert chromium.run("return document.cookie") == "lax=1"
    cookies = chromium.cookies()
    assert cookies["strict"]["sameSite"] == "Strict" and cookies["strict"]["httpOnly"]
    chromium.run("location = arguments[0]", there)
    chromium.wait_for_url("/next$")
    assert sent() == "lax=1; strict=1"
    for make, cookie in (
            ("<a id=a href={0}>go</a>", "lax=1"),
            ("<form action={0} method=post><button id=a>go</button></form>", "")):
        chromium.open(named(foreign, "foreign.test"))
        chromium.run("document.body.innerHTML = arguments[0]", make.format(there))
        chromium.find("#a").click()
        chromium.wait_for_url("/next$")
        assert sent() == cookie


def test_browser_forgets(chromium, web):
    server = web({"/": ("<script>document.title = localStorage.a; localStorage.a = 1"
                        "</script>", "Set-Cookie: a=1; Max-Age=3600")})
    seen = []
    for _ in range(2):
        for _ in range(2):
            chromium.open(named(server, "a.test"))
            seen.append(chromium.title)
        chromium.forget()
    assert seen == ["undefined", "1", "undefined", "1"]
    asked = [r for r in server.requests if r.target == "/"]
    assert [r.values("Cookie") for r in asked] == [[], ["a=1"], [], ["a=1"]]


def test_two_browsers_share_nothing(chromedriver, chromium, web):
    server = web({"/": ("x", "Set-Cookie: a=1")})
    other = chromedriver.browser()
    for browser in (chromium, other):
        browser.open(named(server, "a.test"))
        assert "a" in browser.cookies()
    assert all(not r.values("Cookie") for r in server.requests if r.target == "/")


def test_browser_tells(chromium, web, tmp_path):
    """Its console, and a picture."""
    server = web({"/": "<p>hello<script>console.log('a word')</script>"})
    chromium.open(named(server, "a.test"))
    assert any("a word" in line for line in chromium.console())
    chromium.screenshot(tmp_path / "page.png")
    assert (tmp_path / "page.png").read_bytes().startswith(b"\x89PNG\r\n")


@pytest.fixture
def pages(web):
    """The upstream: a page with a script in it."""
    return web({"/page": SCRIPT, "/ran": "", "/data": "secret data"})


@pytest.fixture
def proxy(bearerd, pages):
    return bearerd({"a": static(pages.url)})


def test_health_page(chromium, proxy):
    chromium.open(proxy.url + "/-/health")
    assert chromium.status == 200
    assert json.loads(chromium.find("pre").text)["status"] == "pass"


def test_page_by_path_is_sandboxed(chromium, proxy, pages):
    """All services share one origin there, so no page gets a script or it."""
    chromium.open(proxy.url + "/a/page")
    assert chromium.find("#a").text == "shown"
    assert chromium.title == "before"
    assert chromium.run("return self.origin") == "null"
    assert any("sandboxed" in line for line in chromium.console())
    assert pages_asked_for(pages) == ["GET /page"]
    assert pages.requests[0].value("Authorization") == "Bearer fixed-token"


def test_page_under_its_own_name_is_not(chromium, proxy, pages):
    chromium.open(f"http://api.example.test:{proxy.port}/page")
    assert chromium.title == "script ran"
    assert chromium.run("return self.origin") != "null"
    wait_for(lambda: "GET /ran" in pages_asked_for(pages), 10, "the script's request")


def answered(browser, url: str) -> int:
    """The status that came for this address, however little of it the page may
    know."""
    seen: list[int] = []
    wait_for(lambda: seen.extend(status for at, status in browser.answers()
                                 if at == url) or seen, 10, f"an answer for {url}")
    return seen[0]


@pytest.mark.parametrize("host", ["foreign.test", "localhost", "127.0.0.1"])
@pytest.mark.parametrize("options", [
    {}, {"mode": "no-cors"}, {"method": "POST", "mode": "no-cors", "body": "x"},
    {"method": "PUT", "headers": {"X-One": "1"}}, {"credentials": "include"}],
    ids=["get", "no-cors", "no-cors post", "put", "credentials"])
def test_foreign_page_fetches_nothing(chromium, proxy, pages, foreign, host, options):
    """Cross-site, and of the same site: the other port of 127.0.0.1."""
    chromium.open(named(foreign, host))
    url = proxy.url + "/a/data"
    result = chromium.run(FETCH, url, options)
    assert result == "opaque" or "TypeError" in result
    assert "data" not in chromium.source
    assert pages.requests == []
    assert answered(chromium, url) == 403


@pytest.mark.parametrize("html", [
    "<img src={0}>", "<iframe src={0}></iframe>", "<link rel=stylesheet href={0}>",
    "<object data={0}></object>", "<video src={0}>"])
def test_foreign_page_embeds_nothing(chromium, proxy, pages, foreign, html):
    chromium.open(named(foreign, "foreign.test"))
    url = proxy.url + "/a/page"
    chromium.run("document.body.innerHTML = arguments[0]", html.format(url))
    assert answered(chromium, url) == 403
    assert pages.requests == []


@pytest.mark.parametrize("html", [
    "<a id=a href={0}>go</a>",
    "<form action={0}><button id=a>go</button></form>",
    "<form action={0} method=post><button id=a>go</button></form>"],
    ids=["link", "get", "post"])
def test_foreign_page_leads_nowhere(chromium, proxy, pages, foreign, html):
    chromium.open(named(foreign, "foreign.test"))
    chromium.run("document.body.innerHTML = arguments[0]",
                 html.format(proxy.url + "/a/page"))
    chromium.find("#a").click()
    chromium.wait_for_url("/a/page")
    assert chromium.status == 403
    assert pages.requests == []


def test_link_to_its_own_pages_works(chromium, proxy, foreign):
    """A person who follows one may see them; a frame or a script may not."""
    chromium.open(named(foreign, "foreign.test"))
    chromium.run("document.body.innerHTML = arguments[0]",
                 f"<a id=a href={proxy.url}/-/health>go</a>")
    assert "TypeError" in chromium.run(FETCH, proxy.url + "/-/health")
    chromium.find("#a").click()
    chromium.wait_for_url("/-/health$")
    assert chromium.status == 200


def test_own_page_may_fetch(chromium, proxy):
    chromium.open(proxy.url + "/-/health")
    assert chromium.run(FETCH, "/a/data") == 200
    assert chromium.run(FETCH, "/a/data", {"method": "POST", "body": "x"}) == 200


def test_allowed_page_may_fetch(chromium, bearerd, pages, foreign):
    proxy = bearerd({"a": static(pages.url, allow_origin=named(foreign, "friend.test")
                                 .rstrip("/"))})
    chromium.open(named(foreign, "friend.test"))
    for options in ({}, {"method": "PUT", "headers": {"X-One": "1"}, "body": "x"}):
        assert chromium.run(FETCH, proxy.url + "/a/data", options) == 200
    assert pages_asked_for(pages) == ["GET /data", "PUT /data"]
    chromium.open(named(foreign, "foreign.test"))
    assert "TypeError" in chromium.run(FETCH, proxy.url + "/a/data")


def test_dns_rebinding(chromium, proxy, pages):
    """A name of the attacker's that now leads to bearerd: the page is of the
    same origin, and gets nothing all the same."""
    chromium.open(f"http://rebound.test:{proxy.port}/-/health")
    assert chromium.status == 421
    for path in ("/-/health", "/a/data", "/"):
        assert chromium.run(FETCH, path) == 421
    assert pages.requests == []
    # What the browser is kept from, a program that means it gets.
    plain = requests.get(proxy.url + "/a/data", timeout=30,
                         proxies={"http": "", "https": ""})
    assert plain.status_code == 200
