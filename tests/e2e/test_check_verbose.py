# SPDX-License-Identifier: MIT
"""`bearerd check -v`: what it shows is what servers then really get, but for
what is secret or new; and it asks nobody."""

import base64
import json
import re
from urllib.parse import parse_qsl, quote_plus, urlsplit

import pytest
import requests

import harness

SECRET = "s3&cret-0123456789-0123456789-0123456789"
KNOWN = {"client_secret": SECRET, "access_token": "val-1", "password": "pass wörd",
         "refresh_token": "ref-1", "subject_token": "sub-1",
         "token.team.id": "T7"}
OURS = ("Content-Length", "Connection")


class Request:
    """What is shown of one request."""

    def __init__(self, lines: list[str]):
        self.method, _, self.url = lines[0].strip().partition(" ")
        self.fields: list[tuple[str, str]] = []
        self.blocks: dict[str, list[tuple[str, str]]] = {}
        title = None
        for line in lines[1:]:
            text = line.strip()
            if not line.startswith(6 * " "):
                name, colon, value = text.partition(": ")
                title = None if colon else text
                if colon and not text.startswith("("):
                    self.fields.append((name, value))
            elif " = " in text and not line.startswith(8 * " "):
                name, _, value = text.partition(" = ")
                self.blocks.setdefault(title, []).append((name.strip(), value))


def shown(text: str, service: str = "a") -> dict[str, Request]:
    """The requests of a service by the first two words of their headings."""
    part = re.split(r"^(?=\S)", text, flags=re.M)
    [own] = [p for p in part if p.startswith(f"{service}: ")]
    requests = {}
    for block in own.rstrip("\n").split("\n\n")[1:]:
        heading, *lines = block.strip("\n").split("\n")
        requests[" ".join(heading.split()[:2]).rstrip(",")] = Request(lines)
    return requests


def pattern(text: str, known: dict) -> tuple[str, str]:
    """What a shown value can really be, up to a ")" that it does not open; and
    what stands behind that."""
    out = ""
    while text and text[0] != ")":
        if text.startswith("base64("):
            inside, text = pattern(text[7:], known)
            plain = re.sub(r"\\(.)", r"\1", inside).encode()
            out += re.escape(base64.b64encode(plain).decode())
            text = text[1:]
        elif text[0] == "(":
            name, _, text = text[1:].partition(")")
            out += re.escape(known[name]) if name in known else ".+"
        else:
            out += re.escape(text[0])
            text = text[1:]
    return out, text


def same(name: str, value: str, real: str) -> bool:
    """Whether a shown value is that of what was really sent. What HTTP Basic
    holds is encoded before it is base64's (RFC 6749 section 2.3.1)."""
    encoded = {**KNOWN, "client_secret": quote_plus(SECRET, safe="")}
    ways = [KNOWN, encoded] if name == "Authorization" else [KNOWN]
    return any(re.fullmatch(pattern(value, known)[0], real) for known in ways)


def agree(what: str, is_shown: list, real: list) -> None:
    assert [n for n, _ in is_shown] == [n for n, _ in real], what
    for (name, value), (_, got) in zip(is_shown, real):
        assert same(name, value, got), (what, name, value, got)


def compare(request: Request, got) -> None:
    """A shown request with one that a server got."""
    url, target = urlsplit(request.url), urlsplit(got.target)
    assert request.method == got.method
    assert url.path == target.path
    agree("fields", request.fields, [f for f in got.fields if f[0] not in OURS])
    agree("query", request.blocks.get("query", []), parse_qsl(target.query, True))
    if "JSON" in request.blocks:
        agree("JSON", request.blocks["JSON"], list(json.loads(got.body).items()))
    else:
        agree("form", request.blocks.get("form", []),
              parse_qsl(got.body.decode(), True))


class Servers:
    """An authorization server and an API that record what they get."""

    def __init__(self, upstream, bearerd):
        self.reply = {"access_token": "val-1", "token_type": "Bearer",
                      "refresh_token": "ref-1", "expires_in": 3600,
                      "team": {"id": "T7"}}
        self.server = upstream(self.give)
        self.api = upstream(self.take)
        self.bearerd = bearerd

    def give(self, peer) -> None:
        while True:
            peer.read_request()
            peer.answer(json.dumps(self.reply).encode(), "200 OK",
                        "Content-Type: application/json")

    def take(self, peer) -> None:
        while True:
            peer.read_request()
            peer.answer(b"")

    def services(self, keys: dict) -> dict:
        own = {"upstream": f"{self.api.url}/v1", "match": "api.example.test",
               "token_endpoint": f"{self.server.url}/token?v=2",
               "client_id": "me", "client_secret": SECRET, **keys}
        return {"a": {k: v for k, v in own.items() if v is not None}}

    def show(self, keys: dict, listen: str = "127.0.0.1:8119") -> dict[str, Request]:
        """Nobody is asked, and no secret is said."""
        services = {"proxy": {"store": "memory:", "listen": listen},
                    "service a": self.services(keys)["a"]}
        result = self.bearerd.check(harness.ini(services), "-v")
        assert result.returncode == 0, result.stderr
        assert result.stderr == ""
        assert self.server.requests == [] and self.api.requests == []
        for secret in (SECRET, "pass w", "sub-1", "ref-1"):
            assert secret not in result.stdout
        return shown(result.stdout)

    def run(self, keys: dict, method: str = "GET") -> None:
        proxy = self.bearerd(self.services(keys))
        reply = proxy.fetch(method, "http://api.example.test/...")
        assert reply.status == 200, reply.body


@pytest.fixture
def servers(upstream, bearerd) -> Servers:
    return Servers(upstream, bearerd)


CASES = {
    "basic": {"grant_type": "client_credentials", "scope": "a b/c"},
    "raw": {"client_secret_basic_encoding": "raw"},
    "post": {"token_endpoint_auth_method": "client_secret_post",
             "resource": ["https://a.example/", "https://b.example/"]},
    "jwt": {"token_endpoint_auth_method": "client_secret_jwt"},
    "password": {"username": "älice", "password": "pass wörd"},
    "exchange": {"grant_type": "token-exchange", "subject_token": "sub-1",
                 "audience": "x"},
    "json": {"access_token_request.format": "json",
             "access_token_request.param.app": "{client_id}/{client_secret}",
             "access_token_request.param.grant_type": ""},
    "query": {"access_token_request.format": "query",
              "access_token_request.method": "GET",
              "access_token_request.header.X-Pair":
                  "{base64:{client_id}:{client_secret}}"},
    "new": {"access_token_request.param.now": "{now}",
            "access_token_request.header.X-Id": "id-{uuid}"},
    "own authorization": {
        "access_token_request.header.Authorization":
            "Basic {base64:x{base64:{client_secret}}:{client_id}}"},
}


@pytest.mark.parametrize("keys", CASES.values(), ids=CASES.keys())
def test_token_request(servers, keys):
    seen = servers.show(keys)
    servers.run(keys)
    compare(seen["Token request"], servers.server.requests[0])


def test_refresh_request(servers):
    keys = {"refresh_token": "ref-1", "token_endpoint_auth_method":
            "client_secret_post", "refresh_endpoint": f"{servers.server.url}/again",
            "refresh_token_request.param.extra": "1", "scope": "a"}
    seen = servers.show(keys)
    assert "Token request" not in seen
    servers.run(keys)
    compare(seen["Refresh request"], servers.server.requests[0])


PLACES = {
    "header": {},
    "query": {"token_placement": "query", "protected_request.query.team":
              "{token.team.id}"},
    "cookie": {"token_placement": "cookie", "token_name": "sid"},
    "pair": {"protected_request.header.X-Pair":
             "{base64:{client_id}:{access_token}}", "token_name": "X-Token"},
    "static": {"access_token": "val-1", "token_endpoint": None, "client_id": None,
               "client_secret": None},
}


@pytest.mark.parametrize("keys", PLACES.values(), ids=PLACES.keys())
def test_forwarded_request(servers, keys):
    seen = servers.show(keys)
    servers.run(keys)
    compare(seen["Forwarded request"], servers.api.last)


def test_authorization_request(servers):
    keys = {"authorization_endpoint": f"{servers.server.url}/authorize?a=b",
            "scope": "read mail", "scope_separator": ",", "max_age": "5m",
            "authorization_request.param.prompt": "{client_id} consent"}
    listen = f"127.0.0.1:{harness.free_port()}"
    seen = servers.show(keys, listen)["Authorization request"]
    proxy = servers.bearerd(servers.services(keys), {"listen": listen})
    sent = requests.get(f"{proxy.url}/-/login/a", allow_redirects=False)
    assert sent.status_code == 303, sent.text
    address = urlsplit(sent.headers["Location"])
    assert address._replace(query="").geturl() == seen.url
    agree("query", seen.blocks["query"], parse_qsl(address.query))


def test_what_is_pushed(servers):
    keys = {"authorization_endpoint": f"{servers.server.url}/authorize",
            "pushed_authorization_request_endpoint": f"{servers.server.url}/par",
            "scope": "read"}
    servers.reply = {"request_uri": "urn:x:1", "expires_in": 60}
    listen = f"127.0.0.1:{harness.free_port()}"
    seen = servers.show(keys, listen)
    proxy = servers.bearerd(servers.services(keys), {"listen": listen})
    sent = requests.get(f"{proxy.url}/-/login/a", allow_redirects=False)
    compare(seen["Pushed authorization"], servers.server.last)
    agree("query", seen["Authorization request"].blocks["query"],
          parse_qsl(urlsplit(sent.headers["Location"]).query))


def test_only_v_is_known(bearerd):
    text = harness.ini({"service a": harness.static("https://a.example.test")})
    for words in (["-x"], ["-v", "-v"], ["-v", "a"]):
        result = bearerd.check(text, *words)
        assert result.returncode == 2
        assert result.stdout == ""


def test_mistakes_come_first(bearerd):
    result = bearerd.check("[service a]\nupstrem = https://a.example.test\n", "-v")
    assert result.returncode == 1
    assert result.stdout == ""
    assert "upstrem" in result.stderr


def test_profile(bearerd, servers):
    """What a profile gives is shown, and named."""
    folder = bearerd.folder / "profiles"
    folder.mkdir()
    (folder / "odd.ini").write_text(harness.ini({"provider odd": {
        "token_endpoint": "https://as.example.test/token",
        "access_token_request.param.client_id": "",
        "access_token_response.select": "data",
        "scope": "read"}}))
    text = harness.ini({
        "proxy": {"provider_dir": str(folder)},
        "service a": {"upstream": "https://api.example.test", "provider": "odd",
                      "client_id": "me", "client_secret": SECRET,
                      "token_endpoint_auth_method": "client_secret_post",
                      "scope": "write"}})
    result = bearerd.check(text, "-v")
    assert result.returncode == 0, result.stderr
    assert ("  Keys of the profile odd\n"
            "    token_endpoint, access_token_request.param.client_id,\n"
            "    access_token_response.select\n") in result.stdout
    form = shown(result.stdout)["Token request"].blocks["form"]
    assert form == [("grant_type", "client_credentials"), ("scope", "write"),
                    ("client_secret", "(client_secret)")]
    assert "      select = data\n" in result.stdout


def test_width(servers):
    """80 columns, where values allow."""
    services = {"service a": servers.services({"scope": "a"})["a"]}
    result = servers.bearerd.check(harness.ini(services), "-v")
    lines = result.stdout.splitlines()[1:]
    assert max(map(len, lines)) <= 80
