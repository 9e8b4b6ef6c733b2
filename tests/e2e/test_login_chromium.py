# SPDX-License-Identifier: MIT
"""People log in with a real browser, at the Authlib provider's own pages."""

import time

import pytest

import login
from chromium import site
from harness import free_port, wait_for

WAYS = {
    "query": {"response_mode": "query"},
    "code": {},
    "code in the fragment": {"response_mode": "fragment"},
    "code by form_post": {"response_mode": "form_post"},
    "token": {"grant_type": "implicit", "scope": "read"},
    "token by form_post": {"grant_type": "implicit", "response_mode": "form_post"},
    "id_token token": {"grant_type": "implicit", "scope": "openid read"},
    "code id_token": {"response_type": "code id_token", "scope": "openid"},
    "code id_token token": {"response_type": "code id_token token",
                            "scope": "openid"},
}


def decide(browser, button: str = "approve") -> None:
    """Fills in the provider's form."""
    browser.find("[name=username]").type("alice")
    browser.find("[name=password]").type("wonderland")
    browser.find(f"button[value={button}]").click()


def ended(browser, title: str) -> str:
    """The page that says how it ended, at a clean address; its words."""
    wait_for(lambda: browser.title == title, 20, f"{title!r}, not {browser.title!r}")
    return browser.text


def complaints(browser) -> list[str]:
    """What the console says but for the icon that no page has, and the 400
    that a page came with."""
    return [line for line in browser.console()
            if "favicon.ico" not in line and "status of 400" not in line]


@pytest.fixture
def foreign(upstream):
    """Makes a page of another site that holds this; its address."""
    def make(html: str) -> str:
        server = upstream(site({"/": "<title>foreign</title>" + html}))
        return f"http://foreign.test:{server.port}/"

    return make


@pytest.mark.parametrize("name", WAYS)
def test_login(chromium, start, provider, name):
    proxy = start(**WAYS[name])
    chromium.open(login.login_url(proxy))
    decide(chromium)
    assert "[service a] is logged in" in ended(chromium, "Logged in")
    assert chromium.status == 200
    mode = provider.responses[0]["mode"]
    assert "#" not in chromium.url
    if mode != "query":
        assert chromium.url == login.callback_url(proxy)
        assert chromium.run("return location.hash") == ""
    assert chromium.run("return document.cookie") == ""
    assert complaints(chromium) == []
    assert proxy.get(login.api_url()).status == 200
    assert provider.token_count == (0 if name.startswith(("token", "id_")) else 1)


def test_fragment_is_not_in_the_history(chromium, start):
    """Going back finds no token either."""
    proxy = start(grant_type="implicit")
    chromium.open(login.login_url(proxy))
    decide(chromium)
    ended(chromium, "Logged in")
    chromium.back()
    assert "access_token" not in chromium.url
    assert "access_token" not in chromium.source


def test_refusal(chromium, start, provider):
    proxy = start()
    provider.set(plan=[{"endpoint": "authorize", "error": "access_denied",
                        "error_description": "<img src=x onerror=alert(1)>"}])
    chromium.open(login.login_url(proxy))
    decide(chromium, "deny")
    words = ended(chromium, "Not logged in")
    assert "access_denied: <img src=x onerror=alert(1)>" in words
    assert chromium.status == 400
    assert not chromium.find_all("img")
    assert complaints(chromium) == []


def test_refusal_of_a_token(chromium, start):
    proxy = start(grant_type="implicit")
    chromium.open(login.login_url(proxy))
    decide(chromium, "deny")
    assert "access_denied" in ended(chromium, "Not logged in")
    assert chromium.url == login.callback_url(proxy)


def test_page_without_a_fragment(chromium, start):
    proxy = start(grant_type="implicit")
    chromium.open(login.callback_url(proxy))
    assert "begin the login again" in chromium.text
    assert complaints(chromium) == []


def test_reload_and_back(chromium, start, provider):
    """What is shown once more is no second login."""
    proxy = start()
    chromium.open(login.login_url(proxy))
    decide(chromium)
    ended(chromium, "Logged in")
    chromium.reload()
    assert "finished already" in ended(chromium, "Not logged in")
    assert provider.token_count == 1
    assert proxy.get(login.api_url()).status == 200


@pytest.mark.parametrize("mode", ["query", "form_post"])
def test_another_site_asks_first(chromium, start, foreign, mode):
    proxy = start(response_mode=mode)
    chromium.open(foreign(f"<a id=a href={login.login_url(proxy)}>go</a>"))
    chromium.find("#a").click()
    assert "Another site" in ended(chromium, "Log in?")
    assert chromium.cookies() == {}
    chromium.find("button").click()
    decide(chromium)
    ended(chromium, "Logged in")
    assert complaints(chromium) == []


NAME = "http://proxy.test"  # which Chromium believes to be another machine's


@pytest.fixture
def away(chromium, start):
    """A bearerd that browsers reach by plain http over the network: it is not
    said to it where they come from."""
    port = free_port()
    proxy = start(proxy={"listen": f"127.0.0.1:{port}",
                         "external_url": f"{NAME}:{port}"},
                  register={"redirect_uris": [f"{NAME}:{port}/-/callback/a"]})
    return f"{NAME}:{proxy.port}/-/login/a"


BEGUN_BY = {
    "a link": "<a id=a href={url} referrerpolicy={policy}>go</a>"
              "<script>document.getElementById('a').click()</script>",
    "a script": "<meta name=referrer content={policy}>"
                "<script>location = '{url}'</script>",
    "a form": "<form id=f method=get action={url} rel=noreferrer></form>"
              "<meta name=referrer content={policy}>"
              "<script>document.getElementById('f').submit()</script>",
    "another window": "<meta name=referrer content={policy}>"
                      "<script>open('{url}', '_self', 'noopener')</script>",
    "a refresh": "<meta name=referrer content={policy}>"
                 "<meta http-equiv=refresh content='0;url={url}'>",
}


@pytest.mark.parametrize("policy", ["no-referrer", "origin", "unsafe-url"])
@pytest.mark.parametrize("how", BEGUN_BY)
def test_another_site_asks_first_over_the_network(chromium, away, foreign, provider,
                                                  how, policy):
    chromium.open(foreign(BEGUN_BY[how].format(url=away, policy=policy)))
    assert "Another site" in ended(chromium, "Log in?")
    assert provider.count("authorize") == 0
    chromium.find("button").click()
    decide(chromium)
    ended(chromium, "Logged in")


def test_another_site_begins_nothing_over_the_network(chromium, away, foreign,
                                                      provider):
    """Neither by what a page loads nor by a form that it posts."""
    chromium.open(foreign(
        f"<meta name=referrer content=no-referrer><img src={away}>"
        f"<script>fetch('{away}', {{mode: 'no-cors', credentials: 'include'}})"
        f".then(() => {{ document.title = 'done' }})</script>"))
    wait_for(lambda: chromium.title == "done", 20, "the page's request")
    chromium.open(foreign(
        f"<meta name=referrer content=no-referrer><form id=f method=post"
        f" action={away}></form><script>document.getElementById('f').submit()"
        "</script>"))
    chromium.wait_for_url("/-/login/a")
    assert chromium.status == 403
    assert provider.count("authorize") == 0
    assert not [name for name in chromium.cookies() if "login" in name]


def test_login_over_the_network(chromium, away):
    """An address that is typed in is not told apart from another site's: it
    takes a click."""
    chromium.open(away)
    assert "Another site" in ended(chromium, "Log in?")
    chromium.find("button").click()
    decide(chromium)
    ended(chromium, "Logged in")
    assert complaints(chromium) == []


def test_another_sites_form_is_refused(chromium, start, foreign, provider):
    proxy = start()
    chromium.open(foreign(f"<form method=post action={login.login_url(proxy)}>"
                          "<button>go</button></form>"))
    chromium.find("button").click()
    chromium.wait_for_url("/-/login/a")
    assert chromium.status == 403
    assert provider.count("authorize") == 0


def framed(chromium, url: str, path: str) -> list[int]:
    """What the page's frame was answered, within some seconds."""
    chromium.open(url)
    limit = time.monotonic() + 5
    while time.monotonic() < limit:
        found = [status for at, status in chromium.answers() if path in at]
        if found:
            return found
        time.sleep(0.05)
    return []


@pytest.mark.parametrize("path", ["/-/login/a", "/-/callback/a", "/-/callback/a?state=x"])
def test_pages_cannot_be_framed(chromium, start, foreign, path):
    """Neither by another site, nor by a page of another port."""
    proxy = start(grant_type="implicit")
    page = foreign(f"<iframe src={proxy.url}{path}></iframe>")
    for url in (page, page.replace("foreign.test", "127.0.0.1")):
        # The browser's log leaves a frame's answer out now and then.
        statuses = (framed(chromium, url, path) or framed(chromium, url, path)
                    or framed(chromium, url, path))
        shown = chromium.run(
            "const frame = document.querySelector('iframe');"
            "try { return frame.contentDocument ? frame.contentDocument.title : 'no' }"
            "catch (error) { return 'no' }")
        assert shown in ("no", "")
        said = " ".join(chromium.console())
        assert statuses == [403] or "frame-ancestors" in said, (statuses, said)


def test_localhost(chromium, start):
    """Begun at another of bearerd's own names, it ends all the same."""
    proxy = start()
    chromium.open(f"http://localhost:{proxy.port}/-/login/a")
    decide(chromium)
    ended(chromium, "Logged in")
    assert chromium.url.startswith(login.callback_url(proxy))


def test_two_tabs_and_two_browsers(chromium, chromedriver, start, provider):
    """Logins that overlap do not disturb one another."""
    proxy = start()
    other = chromedriver.browser()
    chromium.open(login.login_url(proxy))
    first = chromium.call("GET", "/window")
    second = chromium.call("POST", "/window/new", {"type": "tab"})["handle"]
    chromium.call("POST", "/window", {"handle": second})
    chromium.open(login.login_url(proxy))
    other.open(login.login_url(proxy))
    decide(other)
    ended(other, "Logged in")
    chromium.call("POST", "/window", {"handle": first})
    decide(chromium)
    ended(chromium, "Logged in")
    chromium.call("POST", "/window", {"handle": second})
    decide(chromium)
    ended(chromium, "Logged in")
    chromium.call("DELETE", "/window")
    chromium.call("POST", "/window", {"handle": first})
    assert provider.token_count == 3
    assert login.token_of(proxy.get(login.api_url())) == provider.issued[-1]
