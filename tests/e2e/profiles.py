# SPDX-License-Identifier: MIT
"""Provider profiles against what their providers document: a server that
answers as the documents show it, and rows that say what must come of it.

The addresses of a profile are exchanged for loopback ones: a test that would
leave one as it is fails before it starts anything."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from urllib.parse import parse_qsl, urlencode, urlsplit

import harness
import login
import rawclient
from browser import Browser
from rawserver import Peer, RawServer, Received
from signing import Key, opened

FOLDER = harness.TREE / "conf" / "providers"
ADDRESSES = ("issuer", "jwks_uri", "metadata_url", "upstream", "upstream_hosts")
ID, SECRET, CODE = "the-id", "the-secret", "the-code"
ANY = object()  # a value that is there, and new each time
URL = "http://api.example.test"
FORM = "Content-Type: application/x-www-form-urlencoded"


def ends(days: int) -> str:
    """A date as JSON has it, that many days from now."""
    date = datetime.now(timezone.utc) + timedelta(days)
    return date.strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass
class Reply:
    """An answer as it is documented: an object is JSON."""

    body: dict | str
    status: str = "200 OK"
    type: str = "application/json"

    def send(self, peer: Peer) -> None:
        text = self.body if isinstance(self.body, str) else json.dumps(self.body)
        peer.answer(text.encode(), self.status, f"Content-Type: {self.type}")


@dataclass
class Refresh:
    """How a token is renewed: what the request has otherwise than RFC 6749,
    and what must come of the reply."""

    reply: Reply
    token: str
    sends: dict = field(default_factory=dict)
    method: str = "POST"
    path: str | None = None  # where it is another endpoint than the token's
    kept: str = "refresh-1"  # the refresh token that is sent
    lifetime: int | None = None
    spent: Reply | None = None  # the refresh token is of no use any more


@dataclass
class Row:
    """One profile. Parameters are those that differ from the standard's; None
    is one that must not be there."""

    name: str
    urls: dict[str, str]
    reply: Reply | None = None  # None: no token endpoint is asked
    token: str = ""
    lifetime: int | None = None
    scope: str | None = None
    refused: Reply | None = None
    words: list[str] = field(default_factory=list)
    keys: dict = field(default_factory=dict)  # what each user must say
    grant: str = "authorization_code"
    secret: str = "basic"  # or post, none
    pkce: bool = True
    logs_in: dict = field(default_factory=dict)
    sends: dict = field(default_factory=dict)
    code: str = "code"  # what the callback calls it
    callback: dict = field(default_factory=dict)  # what it brings beside that
    method: str = "POST"
    format: str = "form"
    token_fields: dict[str, str] = field(default_factory=dict)
    refresh: Refresh | None = None
    arrives: str = "/x?q=1"  # a GET of /x?q=1
    fields: dict[str, str | None] = field(default_factory=dict)
    kept: tuple | None = None  # of the client's own: (target, fields, arrives)
    revokes: dict | None = None  # all parameters, where logout tells the server
    revoke_fields: dict[str, str] = field(default_factory=dict)
    revokes_by: str = "POST"
    revokes_as: str = "form"  # where the token request is a form
    key: str | None = None  # the algorithm of what the client signs with
    key_name: str = "assertion_private_key"
    assertion: str | None = "assertion"  # the parameter that it is; None: it is
    #                                      the request's Bearer
    header: dict = field(default_factory=dict)  # of the assertion
    claims: dict = field(default_factory=dict)
    absent: list[str] = field(default_factory=list)  # claims that must not be
    account: str | None = None  # the key is that of this service account's file
    life: int = 3600  # of the assertion, at the most
    slack: int = 60  # by how much a life may have shrunk, in seconds

    def __str__(self) -> str:
        return self.name


def keys_of(name: str) -> dict[str, list[str]]:
    """What the profile says, as it stands in its file."""
    keys: dict[str, list[str]] = {}
    for line in (FOLDER / f"{name}.ini").read_text().splitlines():
        if line and line[0] not in "#[":
            key, _, value = line.partition("=")
            keys.setdefault(key.strip(), []).append(value.strip())
    return keys


def is_address(key: str) -> bool:
    return key.endswith("_endpoint") or key in ADDRESSES


class Server:
    """The authorization server: answers its token endpoint's replies in order,
    the last one again and again, and says where its endpoints are."""

    def __init__(self, upstream, *replies: Reply):
        self.replies = list(replies)
        self.issuer: str | None = None
        self.raw: RawServer = upstream(self._serve)

    @property
    def url(self) -> str:
        return self.raw.url

    @property
    def requests(self) -> list[Received]:
        return [r for r in self.raw.requests if "/.well-known/" not in r.target]

    def _serve(self, peer: Peer) -> None:
        while True:
            request = peer.read_request()
            if "/.well-known/" in request.target:
                self._metadata().send(peer)
                continue
            reply = self.replies[0]
            if len(self.replies) > 1:
                self.replies.pop(0)
            reply.send(peer)

    def _metadata(self) -> Reply:
        return Reply({"issuer": self.issuer, "response_types_supported": ["code"],
                      "authorization_endpoint": self.url + "/authorize",
                      "token_endpoint": self.url + "/token",
                      "jwks_uri": self.url + "/keys"})


def api(peer: Peer) -> None:
    while True:
        peer.read_request()
        peer.answer(b"{}", "200 OK", "Content-Type: application/json")


def signed_with(row: Row, key: Key, folder) -> dict[str, str]:
    """The key that names the file of what the client signs with."""
    path = key.write(folder / "row.pem")
    if not row.account:
        return {row.key_name: str(path)}
    account = {"type": "service_account", "client_email": row.account,
               "private_key_id": row.header["kid"], "private_key": path.read_text(),
               "token_uri": "https://oauth2.googleapis.com/token"}
    path.write_text(json.dumps(account))
    return {"service_account_file": str(path)}


class Case:
    """A bearerd with a service of the row's profile, between two servers."""

    def __init__(self, row: Row, bearerd, upstream, *replies: Reply, **keys):
        self.row = row
        self.bearerd = bearerd
        self.api = upstream(api)
        self.key = Key(row.key) if row.key else None
        shown = replies or (row.reply,)
        self.server = Server(upstream, *(self._local(r) for r in shown if r))
        self.service = self._service(keys)
        self.server.issuer = self.service.get("issuer")
        self.proxy = bearerd({"a": self.service}, {"log_level": "debug"})
        self.browser = Browser()

    def _local(self, reply: Reply) -> Reply:
        """With the API's address where the reply names one."""
        if isinstance(reply.body, str):
            return reply
        text = json.dumps(reply.body).replace("https://api.of.token", self.api.url)
        return Reply(json.loads(text), reply.status, reply.type)

    def _put(self, value: str) -> str:
        return value.replace("{server}", self.server.url).replace(
            "{api}", self.api.url).replace("{host}", urlsplit(self.api.url).netloc)

    def _service(self, keys: dict) -> dict:
        said = keys_of(self.row.name)
        service = {"provider": self.row.name, "match": "api.example.test",
                   "client_id": ID, "client_secret": SECRET}
        if self.key:
            service |= signed_with(self.row, self.key, self.bearerd.folder)
        for key, values in said.items():
            if is_address(key):
                service[key] = self._loopback(key, values[0])
        for key, value in {**self.row.keys, **keys}.items():
            service[key] = self._put(value) if isinstance(value, str) else value
        left = [key for key in said if is_address(key) and key not in service]
        real = [key for key, value in service.items() if is_address(key)
                and "https://" in str(value)]
        assert not left + real, "a real host would be asked"
        return {k: v for k, v in service.items() if v is not None}

    def _loopback(self, key: str, value: str) -> str:
        if key == "upstream_hosts":
            return "127.0.0.1"
        if "{" in value:
            return value
        base = self.api.url if key == "upstream" else self.server.url
        return base + urlsplit(value).path

    # What a person and a program do.

    def begin(self) -> dict[str, str]:
        return login.begin(self.browser, self.proxy)

    def log_in(self):
        """A login with a code; the page that says what came of it."""
        query = {self.row.code: CODE, "state": self.begin()["state"],
                 **{k: self._put(v) for k, v in self.row.callback.items()}}
        return self.browser.open(f"{login.callback_url(self.proxy)}?"
                                 f"{urlencode(query)}")

    def obtain(self) -> None:
        """A token, in whichever way the grant has."""
        if self.row.grant == "authorization_code":
            page = self.log_in()
            assert page.status_code == 200, page.text
            return
        reply = self.proxy.get(URL + "/first")
        assert reply.status == 200, reply.body

    def fails(self) -> str:
        """What is told of a token request that is refused."""
        if self.row.grant == "authorization_code":
            page = self.log_in()
            assert page.status_code == 400, page.text
            return page.text
        reply = self.proxy.get(URL + "/first")
        assert reply.status == 502, reply.body
        return reply.json()["detail"]

    def command(self, *words: str, status: int = 0) -> str:
        result = harness.command(*words, "-c", str(self.proxy.config),
                                 env=self.bearerd.env)
        assert result.returncode == status, (result.stdout, result.stderr)
        return result.stdout

    @property
    def asked_scope(self) -> str | None:
        """What counts as granted where the reply does not say."""
        said = keys_of(self.row.name).get("scope", [None])[0]
        return self.service.get("scope", said)

    @property
    def session(self) -> dict:
        return json.loads(self.command("status", "a", "--json"))[0]

    def get(self, target: str = "/x?q=1", *fields: str) -> Received:
        reply = self.proxy.get(URL + target, *fields)
        assert reply.status == 200, (reply.status, reply.body)
        return self.api.last

    def opened(self, token: str) -> tuple[dict, dict]:
        """Header and claims of what the service's own key has signed."""
        return opened(token, self.key)

    def post(self, body: bytes, *fields: str, target: str = "/x") -> Received:
        reply = self.proxy.post(URL + target, body, *fields)
        assert reply.status == 200, (reply.status, reply.body)
        return self.api.last

    def fetch(self, method: str, target: str = "/x", **options) -> rawclient.Response:
        return self.proxy.fetch(method, URL + target, **options)


# What a request was.

def path_of(request: Received) -> str:
    return urlsplit(request.target).path


def params_of(request: Received, kind: str) -> dict[str, str]:
    """Its parameters: each stands once, and nowhere else."""
    if kind == "json":
        assert request.value("Content-Type") == "application/json"
        assert "?" not in request.target
        return json.loads(request.body)
    if kind == "form":
        if not request.body:
            assert "?" not in request.target
            return {}
        assert request.value("Content-Type") == "application/x-www-form-urlencoded"
        assert "?" not in request.target
        text = request.body.decode()
    else:
        assert request.body == b""
        text = urlsplit(request.target).query
    pairs = parse_qsl(text, keep_blank_values=True, strict_parsing=True)
    assert len(dict(pairs)) == len(pairs), pairs
    return dict(pairs)


def changed(standard: dict, changes: dict) -> dict:
    return {k: v for k, v in {**standard, **changes}.items() if v is not None}


def same_params(found: dict, wanted: dict) -> None:
    for name, value in wanted.items():
        if value is ANY:
            assert found.get(name), (name, found)
            wanted = {**wanted, name: found[name]}
    assert found == wanted


def same_fields(request: Received, wanted: dict) -> None:
    for name, value in wanted.items():
        if value is ANY:
            assert request.value(name), name
        else:
            assert request.values(name) == ([] if value is None else [value])


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def client_params(row: Row) -> dict[str, str]:
    return {"client_id": ID, "client_secret": SECRET} if row.secret == "post" else {}


def assert_client(row: Row, request: Received) -> None:
    """Who the client is stands in the field, or not there."""
    expected = [basic(ID, SECRET)] if row.secret == "basic" else []
    assert request.values("Authorization") == expected
