# SPDX-License-Identifier: MIT
"""A browser without a window: what Chrome sends, keeps and follows in a login.

It navigates one request at a time and writes each down, keeps cookies by their
SameSite, keeps the fragment across redirects, submits forms, and does what the
two kinds of script do that such pages have: one submits a form at once, one
posts what is in the fragment to the page's own path.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookiejar import Cookie
from ipaddress import ip_address
from typing import NamedTuple
from urllib.parse import parse_qsl, urldefrag, urlencode, urljoin, urlsplit

import requests
from requests.cookies import RequestsCookieJar, extract_cookies_to_jar

TIMEOUT = 30
MOST_HOPS = 20
USER_AGENT = ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 "
              "(KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36")
ACCEPT = ("text/html,application/xhtml+xml,application/xml;q=0.9,"
          "image/avif,image/webp,*/*;q=0.8")
RELATIONS = ("none", "same-origin", "same-site", "cross-site")
LAX_GRACE = 120  # seconds in which a cookie without SameSite goes with a POST


def origin_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def site_of(url: str) -> tuple[str, str]:
    """Scheme and registrable domain; an address is its own. No port: two
    servers on 127.0.0.1 are the same site."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    try:
        ip_address(host)
    except ValueError:
        host = ".".join(host.split(".")[-2:])
    return parts.scheme, host


def relation(source: str | None, target: str) -> str:
    """Sec-Fetch-Site of one step; None is the address bar."""
    if source is None:
        return "none"
    if origin_of(source) == origin_of(target):
        return "same-origin"
    return "same-site" if site_of(source) == site_of(target) else "cross-site"


def is_trustworthy(url: str) -> bool:
    """Only there Sec-Fetch-* are sent."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    return (parts.scheme == "https" or host == "localhost"
            or host.endswith(".localhost") or host.startswith("127.") or host == "::1")


@dataclass
class Form:
    """A form as it stands in a page, with its fields' values."""

    method: str = "get"
    action: str | None = None
    fields: list[tuple[str, str]] = field(default_factory=list)
    kinds: dict[str, str] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)

    def has(self, name: str) -> bool:
        return name in self.kinds or name in dict(self.buttons)

    def asks_for_password(self) -> bool:
        return "password" in self.kinds.values()

    def values(self, changes: dict[str, str],
               button: tuple[str, str] | None) -> list[tuple[str, str]]:
        values = [(n, changes.get(n, v)) for n, v in self.fields]
        return values + ([button] if button and button[0] else [])


class Document(HTMLParser):
    """The forms and scripts of a page."""

    def __init__(self, text: str):
        super().__init__()
        self.forms: list[Form] = []
        self.script = ""
        self.sources: list[str] = []
        self.in_script = False
        self.form: Form | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list) -> None:
        given = {name: value or "" for name, value in attrs}
        self.script += "\n".join(v for n, v in given.items() if n.startswith("on"))
        if tag == "script":
            self.in_script = True
            if "src" in given:
                self.sources.append(given["src"])
        elif tag == "form":
            self.form = Form(given.get("method", "get").lower(), given.get("action"))
            self.forms.append(self.form)
        elif self.form is not None and tag in ("input", "button", "textarea"):
            self._control(tag, given)

    def _control(self, tag: str, given: dict[str, str]) -> None:
        name, value = given.get("name", ""), given.get("value", "")
        kind = given.get("type", "submit" if tag == "button" else "text").lower()
        if kind == "submit":
            self.form.buttons.append((name, value))
        elif kind in ("checkbox", "radio") and "checked" not in given:
            self.form.kinds[name] = kind
        elif name and kind not in ("button", "reset", "image"):
            self.form.kinds[name] = kind
            self.form.fields.append((name, value))

    def handle_endtag(self, tag: str) -> None:
        if tag == "script":
            self.in_script = False
        elif tag == "form":
            self.form = None

    def handle_data(self, data: str) -> None:
        if self.in_script:
            self.script += data


@dataclass
class Hop:
    """One request and its answer."""

    method: str
    url: str  # with the fragment, which was not sent
    sent: dict[str, str]
    body: str
    response: requests.Response

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def headers(self) -> requests.structures.CaseInsensitiveDict:
        return self.response.headers

    @property
    def path(self) -> str:
        return urlsplit(self.url).path

    @property
    def params(self) -> list[tuple[str, str]]:
        """What came along, in the query, the body and the fragment."""
        parts = urlsplit(self.url)
        return [pair for text in (parts.query, self.body, parts.fragment)
                for pair in parse_qsl(text, keep_blank_values=True)]


class Visit(NamedTuple):
    """Where a login ended, and the way there."""

    response: requests.Response
    hops: list[Hop]


class Browser:
    """One profile: its cookies, and the page that it shows."""

    def __init__(self, ca: str | None = None):
        self.cookies = RequestsCookieJar()
        self.made: dict[tuple, float] = {}
        self.hops: list[Hop] = []
        self.url: str | None = None  # of the page shown; None: a new tab
        self.response: requests.Response | None = None
        self.document = Document("")
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.verify = ca or True

    # What a person does.

    def open(self, url: str) -> requests.Response:
        """Types an address: no page has anything to do with it."""
        return self._navigate("GET", url, source=None)

    def click(self, url: str) -> requests.Response:
        """Follows a link of the page that is shown."""
        return self._navigate("GET", urljoin(self.url, url), source=self.url)

    def come_from(self, page: str, url: str) -> requests.Response:
        """Follows a link of another page, as a foreign site may have."""
        self.url = page
        self.response = None
        return self.click(url)

    def submit(self, form: Form | None = None, button: tuple[str, str] | None = None,
               **values: str) -> requests.Response:
        """Sends a form (the page's first) with these values filled in."""
        form = form or self.document.forms[0]
        if button is None and form.buttons:
            button = form.buttons[0]
        return self._send_form(form, form.values(values, button))

    def _send_form(self, form: Form, data: list[tuple[str, str]],
                   by_person: bool = True) -> requests.Response:
        target = urljoin(self.url, form.action) if form.action else self.url
        target, sent = urldefrag(target)[0], urlencode(data)
        if form.method == "post":
            return self._navigate("POST", target, source=self.url, body=sent,
                                  by_person=by_person)
        return self._navigate("GET", target.partition("?")[0] + "?" + sent,
                              source=self.url, by_person=by_person)

    def fresh(self) -> "Browser":
        """Another browser, which has none of the cookies."""
        return Browser(None if self.session.verify is True else self.session.verify)

    def login(self, url: str, user: str = "alice", password: str = "wonderland",
              approve: bool = True) -> Visit:
        """From an address through the provider's page and back, until a page
        comes where there is nothing more to do."""
        began = len(self.hops)
        self.open(url)
        return Visit(self.decide(user, password, approve), self.hops[began:])

    def decide(self, user: str = "alice", password: str = "wonderland",
               approve: bool = True) -> requests.Response:
        """The same, from the page that is shown on."""
        asked = False
        for _ in range(MOST_HOPS):
            if self.run_scripts():
                continue
            form = self._next_form(asked)
            if form is None:
                return self.response
            if not form.has("decision"):
                self.submit(form)
                continue
            asked = True
            self.submit(form, ("decision", "approve" if approve else "deny"),
                        username=user, password=password)
        raise AssertionError(f"no end to the login; now at {self.url}")

    def _next_form(self, asked: bool) -> Form | None:
        """The form that a login goes on with. Once a provider's has been sent
        and comes again, it was refused; behind the callback nothing goes on."""
        posts = [f for f in self.document.forms if f.method == "post"]
        if not posts or "/-/callback" in urlsplit(self.url).path:
            return None
        return None if asked else posts[0]

    # What its scripts do.

    def run_scripts(self) -> bool:
        """Does what the page's scripts do by themselves; whether they did."""
        if not self._may_run():
            return False
        script = self.document.script + self._loaded_scripts()
        fragment = urlsplit(self.url).fragment
        takes_fragment = "location.hash" in script
        if takes_fragment and fragment:
            self._post_fragment(fragment, by_fetch="fetch(" in script
                                or "XMLHttpRequest" in script)
            return True
        filled = [f for f in self.document.forms if f.fields or not takes_fragment]
        if re.search(r"\.(submit|requestSubmit)(\.call)?\(", script) and filled:
            self._send_form(filled[0], filled[0].fields, by_person=False)
            return True
        return False

    def _may_run(self) -> bool:
        """A sandbox without allow-scripts has none run."""
        policy = self.response.headers.get("Content-Security-Policy", "")
        for directive in policy.split(";"):
            words = directive.lower().split()
            if words[:1] == ["sandbox"] and "allow-scripts" not in words:
                return False
            if words[:1] == ["script-src"] and words[1:] == ["'none'"]:
                return False
        return True

    def _loaded_scripts(self) -> str:
        texts = []
        for source in self.document.sources:
            reply = self._send("GET", urljoin(self.url, source), self.url,
                               mode="no-cors", destination="script")
            texts.append(reply.text if reply.ok else "")
        return "".join(texts)

    def _post_fragment(self, fragment: str, by_fetch: bool) -> None:
        target = urldefrag(self.url)[0].partition("?")[0]
        if not by_fetch:
            self._navigate("POST", target, source=self.url, body=fragment,
                           by_person=False)
            return
        reply = self._send("POST", target, self.url, body=fragment, mode="cors",
                           destination="empty")
        self._show(target, reply)

    # How it navigates.

    def _navigate(self, method: str, url: str, source: str | None, body: str = "",
                  by_person: bool = True) -> requests.Response:
        worst, hops = relation(source, url), 0
        tainted = False
        while True:
            reply = self._send(method, url, source, body=body, site=worst,
                               by_person=by_person, tainted=tainted)
            target = reply.headers.get("Location")
            if reply.status_code not in (301, 302, 303, 307, 308) or not target:
                break
            hops += 1
            assert hops <= MOST_HOPS, f"no end of redirects; now at {url}"
            following = urljoin(url, target)
            if "#" not in target and "#" in url:
                following += "#" + urlsplit(url).fragment
            if method == "POST" and reply.status_code in (301, 302, 303):
                method, body = "GET", ""
            if origin_of(following) != origin_of(url):
                tainted = tainted or relation(source, url) != "same-origin"
            worst = max(worst, relation(source, following), key=RELATIONS.index)
            url = following
        self._show(url, reply)
        return reply

    def _show(self, url: str, reply: requests.Response) -> None:
        self.url, self.response = url, reply
        is_page = "html" in reply.headers.get("Content-Type", "")
        self.document = Document(reply.text if is_page else "")

    def _send(self, method: str, url: str, source: str | None, *, body: str = "",
              site: str | None = None, mode: str = "navigate",
              destination: str = "document", by_person: bool = True,
              tainted: bool = False) -> requests.Response:
        site = site or relation(source, url)
        headers = {"User-Agent": USER_AGENT,
                   "Accept": ACCEPT if mode == "navigate" else "*/*",
                   "Accept-Language": "en"}
        if mode == "navigate":
            headers["Upgrade-Insecure-Requests"] = "1"
        if is_trustworthy(url):
            headers.update({"Sec-Fetch-Site": site, "Sec-Fetch-Mode": mode,
                            "Sec-Fetch-Dest": destination})
            if mode == "navigate" and by_person:
                headers["Sec-Fetch-User"] = "?1"
        if source is not None:
            headers.update(self._referrer(method, url, source, mode, tainted))
        if method == "POST":
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        return self._exchange(method, url, headers, body, site)

    def _exchange(self, method: str, url: str, headers: dict[str, str], body: str,
                  site: str) -> requests.Response:
        bare = urldefrag(url)[0]
        prepared = requests.Request(
            method, bare, headers=headers, data=body if method == "POST" else None,
            cookies=self._cookies_for(method, site)).prepare()
        reply = self.session.send(prepared, allow_redirects=False, timeout=TIMEOUT)
        extract_cookies_to_jar(self.cookies, prepared, reply.raw)
        self._note_times()
        self.hops.append(Hop(method, url, dict(prepared.headers), body, reply))
        return reply

    def _referrer_policy(self) -> str:
        if self.response is None:
            return "strict-origin-when-cross-origin"
        return (self.response.headers.get("Referrer-Policy")
                or "strict-origin-when-cross-origin").split(",")[-1].strip().lower()

    def _is_opaque(self) -> bool:
        """A sandbox without allow-same-origin has the origin `null`."""
        policy = "" if self.response is None else self.response.headers.get(
            "Content-Security-Policy", "")
        return any(d.split()[:1] == ["sandbox"] and "allow-same-origin" not in d
                   for d in policy.lower().split(";"))

    def _referrer(self, method: str, url: str, source: str, mode: str,
                  tainted: bool) -> dict[str, str]:
        """Referer and Origin (Fetch, sections 3.2 and 4.6)."""
        policy, own = self._referrer_policy(), origin_of(source)
        same = own == origin_of(url)
        fields = {}
        if policy != "no-referrer" and (same or policy != "same-origin"):
            whole = (same or policy == "unsafe-url") and policy not in (
                "origin", "strict-origin")
            fields["Referer"] = urldefrag(source)[0] if whole else own + "/"
        if method in ("GET", "HEAD"):
            return fields
        hidden = policy == "no-referrer" or (policy == "same-origin" and not same)
        if self._is_opaque() or tainted or (hidden and mode != "cors"):
            own = "null"
        fields["Origin"] = own
        return fields

    # Which cookies go along.

    def _cookies_for(self, method: str, site: str) -> RequestsCookieJar:
        jar = RequestsCookieJar()
        for cookie in self.cookies:
            if site != "cross-site" or self._crosses(cookie, method):
                jar.set_cookie(cookie)
        return jar

    def _crosses(self, cookie: Cookie, method: str) -> bool:
        """Whether it goes with a navigation from another site."""
        rule = same_site(cookie)
        if rule == "none":
            return bool(cookie.secure)
        if rule == "strict":
            return False
        if method == "GET":
            return True
        age = time.monotonic() - self.made.get(identity(cookie), 0)
        return rule == "" and age < LAX_GRACE

    def _note_times(self) -> None:
        for cookie in self.cookies:
            self.made.setdefault(identity(cookie), time.monotonic())


def identity(cookie: Cookie) -> tuple:
    return cookie.domain, cookie.path, cookie.name, cookie.value


def same_site(cookie: Cookie) -> str:
    """Its SameSite, in small letters; "" where it has none."""
    for name, value in cookie._rest.items():
        if name.lower() == "samesite":
            return (value or "").lower()
    return ""
