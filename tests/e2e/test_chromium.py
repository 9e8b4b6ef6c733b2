# SPDX-License-Identifier: MIT
"""What bearerd promises about browsers, in a real one: no page but its own
gets anything from it. The first tests are of the browser alone: that what
others build on it is there."""

import json
import time
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


THIEF = """
fetch('/b/secret').then(reply => reply.text()).then(
    text => { new Image().src = '/a/told?' + encodeURIComponent(text); })"""
HTML = f"<!doctype html><title>t</title><script>{THIEF}</script>"
XHTML = ("<html xmlns='http://www.w3.org/1999/xhtml'><script><![CDATA["
         f"{THIEF}]]></script></html>")
SVG = ("<svg xmlns='http://www.w3.org/2000/svg'><script><![CDATA["
       f"{THIEF}]]></script></svg>")
XSLT = ("<?xml version='1.0'?><?xml-stylesheet type='text/xsl' href='style'?><x/>")
STYLE = ("<xsl:stylesheet version='1.0' "
         "xmlns:xsl='http://www.w3.org/1999/XSL/Transform'>"
         "<xsl:template match='/'><html><script>"
         f"{THIEF.replace('&', '&amp;').replace('>', '&gt;')}"
         "</script></html></xsl:template></xsl:stylesheet>")
PDF = "%PDF-1.4\n1 0 obj<</Type/Catalog/OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj\n"
PARTS = f"--b\r\nContent-Type: text/html\r\n\r\n{HTML}\r\n--b--\r\n"
# What a service answers: a name, its fields, the content, and whether a script
# in it runs where nothing keeps it from that.
KINDS = {
    "html": (["Content-Type: text/html"], HTML, True),
    "none": ([], HTML, True),
    "empty": (["Content-Type:"], HTML, True),
    "unknown": (["Content-Type: unknown/unknown"], HTML, True),
    "plain": (["Content-Type: text/plain"], HTML, False),
    "svg": (["Content-Type: image/svg+xml"], SVG, True),
    "xml": (["Content-Type: text/xml"], XHTML, True),
    "xhtml": (["Content-Type: application/xhtml+xml"], XHTML, True),
    "xslt": (["Content-Type: application/xml"], XSLT, True),
    "pdf": (["Content-Type: application/pdf"], PDF, False),
    "twice": (["Content-Type: text/plain", "Content-Type: text/html"], HTML, True),
    "list": (["Content-Type: text/plain, text/html"], HTML, True),
    "parts": (["Content-Type: multipart/x-mixed-replace; boundary=b"], PARTS, False),
    "open": (["Content-Type: text/html", "Content-Security-Policy: sandbox "
              "allow-scripts allow-same-origin"], HTML, True),
}


def thief(peer):
    """A service that wants to know what others answer."""
    while True:
        request = peer.read_request()
        name = request.target.rpartition("/")[2].partition("?")[0]
        fields, content, _ = KINDS.get(name, ([], "", False))
        if name == "style":
            fields, content = ["Content-Type: text/xsl"], STYLE
        peer.answer(content.encode(), "200 OK", *fields)


def told(server) -> list[str]:
    return [r.target for r in server.requests if "told?" in r.target]


@pytest.mark.parametrize("kind", KINDS)
def test_pages_beyond_loopback(chromium, bearerd, upstream, web, kind):
    """By plain http, at a name that is not loopback's to the browser, it says
    nothing of what it asks for: whatever a service answers there, a script in
    it does not run, let alone read another service's answers."""
    attacker = upstream(thief)
    victim = web({"/secret": "the other service's"})
    proxy = bearerd({"a": static(attacker.url, match="*.a.test"),
                     "b": static(victim.url, match="b.test")},
                    {"own_names": "proxy.test"})
    chromium.open(f"http://proxy.test:{proxy.port}/a/{kind}")
    assert not [f for r in attacker.requests for f in r.values("Sec-Fetch-Dest")]
    wait_for(lambda: any(r.target.endswith(kind) for r in attacker.requests), 10,
             "the page's request")
    time.sleep(0.3)  # as long as a script would need
    # The same at a name of its own, as long as it takes for a script to tell.
    chromium.open(f"http://x.a.test:{proxy.port}/a/{kind}")
    if KINDS[kind][2]:
        wait_for(lambda: told(attacker), 10, "the script at its own name")
    assert not [one for one in told(attacker) if "other" in one], told(attacker)
    assert victim.requests == []


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
