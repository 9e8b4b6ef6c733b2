# SPDX-License-Identifier: MIT
"""Compliance fixes by key: requests as odd servers want them, and replies as
they give them. The servers here answer what is scripted; the last ones are
those for which requests-oauthlib has fixes."""

import base64
import json
import time
from datetime import datetime, timedelta, timezone
from urllib.parse import parse_qsl, urlsplit

import pytest

import harness
import login
from browser import Browser
from commands import session

URL = "http://api.example.test/x"
GOOD = {"access_token": "val-1", "token_type": "Bearer"}
JSON = "Content-Type: application/json"
OK = "200 OK"
R = "access_token_response."
Q = "access_token_request."


def text(reply) -> bytes:
    return reply.encode() if isinstance(reply, str) else json.dumps(reply).encode()


class Odd:
    """An authorization server that gives these replies, and the last one for
    ever; and an API."""

    def __init__(self, upstream):
        self.replies = [(GOOD, OK, JSON)]
        self.statuses = [OK]  # the API's, as the replies
        self.server = upstream(self.script)
        self.api = upstream(self.serve)

    def serve(self, peer) -> None:
        while True:
            peer.read_request()
            status = self.statuses[0]
            if len(self.statuses) > 1:
                self.statuses.pop(0)
            peer.answer(b"", status)

    def script(self, peer) -> None:
        while True:
            peer.read_request()
            reply, status, *fields = self.replies[0]
            if len(self.replies) > 1:
                self.replies.pop(0)
            peer.answer(text(reply), status, *fields)

    def says(self, reply, status=OK, *fields) -> None:
        self.replies = [(reply, status, *(fields or [JSON]))]

    def service(self, **keys) -> dict:
        keys = {
            "upstream": self.api.url, "match": "api.example.test",
            "grant_type": "client_credentials",
            "token_endpoint": f"{self.server.url}/token",
            "client_id": "me", "client_secret": "s3&cret", **keys}
        return {name: value for name, value in keys.items() if value is not None}

    @property
    def asked(self):
        return self.server.last

    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.asked.target).query, True))

    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.asked.body.decode(), True))


@pytest.fixture
def odd(upstream) -> Odd:
    return Odd(upstream)


@pytest.fixture
def start(bearerd, odd):
    def run(keys: dict | None = None, **more):
        return bearerd({"a": odd.service(**(keys or {}), **more)},
                       {"log_level": "debug"})
    return run


def placed(proxy, odd) -> str:
    """What the API got of the token."""
    reply = proxy.get(URL)
    assert reply.status == 200, reply.body
    return odd.api.last.value("Authorization")


def refused(proxy, *words: str) -> str:
    reply = proxy.get(URL)
    assert reply.status == 502, (reply.status, reply.body)
    detail = json.loads(reply.body)["detail"]
    for word in words:
        assert word in detail, detail
    return detail


# --- requests ---

def test_without_fixes_nothing_changes(start, odd):
    placed(start(scope="a  b"), odd)
    host = odd.server.url.split("/")[2]
    version = odd.asked.value("User-Agent")
    credential = base64.b64encode(b"me:s3%26cret").decode()
    body = b"grant_type=client_credentials&scope=a++b"
    assert odd.asked.head.decode().split("\r\n")[:-1] == [
        "POST /token HTTP/1.1", f"Host: {host}", f"User-Agent: {version}",
        "Accept: application/json", "Accept-Encoding: identity",
        "Content-Type: application/x-www-form-urlencoded",
        f"Authorization: Basic {credential}", f"Content-Length: {len(body)}"]
    assert odd.asked.body == body


def test_params(start, odd):
    placed(start({f"{Q}param.grant_type": "special",
                  f"{Q}param.scope": "",
                  f"{Q}param.key": "{client_id}:{client_secret} {{x}}",
                  f"{Q}param.when": "{now}",
                  f"{Q}param.basic": "{base64:{client_id}}"}, scope="a"), odd)
    form = odd.form()
    assert int(form.pop("when")) > 1_500_000_000
    assert form == {"grant_type": "special", "key": "me:s3&cret {x}",
                    "basic": "bWU="}


def test_headers(start, odd):
    placed(start({f"{Q}header.Authorization": "",
                  f"{Q}header.User-Agent": "robot by {client_id}",
                  f"{Q}header.X-Id": "{uuid}"}), odd)
    assert odd.asked.values("Authorization") == []
    assert odd.asked.value("User-Agent") == "robot by me"
    assert len(odd.asked.value("X-Id")) == 36


def test_json(start, odd):
    placed(start({f"{Q}format": "json"}, scope="ä \"b\"",
                 token_endpoint_auth_method="client_secret_post"), odd)
    assert odd.asked.value("Content-Type") == "application/json"
    assert json.loads(odd.asked.body) == {
        "grant_type": "client_credentials", "scope": "ä \"b\"", "client_id": "me",
        "client_secret": "s3&cret"}


def test_query(start, odd):
    proxy = start({f"{Q}format": "query"}, scope="a b",
                  token_endpoint=f"{odd.server.url}/token?v=1&w",
                  token_endpoint_auth_method="client_secret_post")
    placed(proxy, odd)
    assert odd.asked.method == "POST"
    assert odd.asked.target == (
        "/token?v=1&w&grant_type=client_credentials&scope=a%20b&client_id=me"
        "&client_secret=s3%26cret")
    assert odd.asked.body == b""
    assert odd.asked.value("Content-Length") == "0"
    assert odd.asked.values("Content-Type") == []


def test_get(start, odd):
    placed(start({f"{Q}method": "GET", f"{Q}param.client_id": "",
                  f"{Q}param.appid": "{client_id}",
                  f"{Q}param.secret": "{client_secret}"},
                 token_endpoint_auth_method="client_secret_post"), odd)
    assert odd.asked.method == "GET"
    assert odd.asked.values("Content-Length") == []
    assert odd.query() == {"grant_type": "client_credentials", "appid": "me",
                           "client_secret": "s3&cret", "secret": "s3&cret"}


@pytest.mark.parametrize("fault", ["refused", "broken", "gone"])
def test_a_secret_in_a_url_is_in_no_text(start, odd, upstream, fault):
    """Neither in logs nor in answers, whatever goes wrong."""
    server = odd.server.url
    odd.says({"error": "invalid_request", "error_description":
              "/token?client_secret=s3%26cret is not good"}, "400 Bad Request")
    if fault == "broken":
        server = upstream(lambda peer: peer.read_request() and None).url
    if fault == "gone":
        server = f"http://127.0.0.1:{harness.free_port()}"
    proxy = start({f"{Q}method": "GET"}, token_endpoint=f"{server}/token",
                  token_endpoint_auth_method="client_secret_post")
    reply = proxy.get(URL)
    assert reply.status in (502, 503)
    for where in (reply.body.decode(), proxy.health("a").body.decode(), proxy.stderr):
        assert "s3" not in where and "client_secret=" not in where
        assert "/token?" not in where


def test_scope_separator(start, odd):
    placed(start(scope="a b  c", scope_separator=","), odd)
    assert odd.form()["scope"] == "a,b,c"


def test_refreshes_and_their_templates(start, odd):
    """The present token's members; what is not given is the access token's."""
    odd.replies = [({**GOOD, "refresh_token": "ref-1", "team": {"id": "t7"}}, OK, JSON),
                   ({**GOOD, "access_token": "val-2"}, OK, JSON)]
    proxy = start({f"{Q}param.app": "one", f"{Q}param.both": "one",
                   f"{Q}format": "json",
                   "refresh_token_request.param.app": "{access_token}/{token.team.id}",
                   "refresh_token_request.header.X-Old": "{access_token}",
                   "refresh_token_request.format": "form"},
                  grant_type="password", username="u", password="p")
    odd.statuses = [OK, "401 Unauthorized", OK]
    assert placed(proxy, odd) == "Bearer val-1"
    assert json.loads(odd.asked.body)["app"] == "one"
    assert placed(proxy, odd) == "Bearer val-2"
    assert odd.asked.value("X-Old") == "val-1"
    assert odd.form()["app"] == "val-1/t7"
    assert odd.form()["both"] == "one"
    assert odd.form()["refresh_token"] == "ref-1"


def test_member_that_is_missing(start, odd):
    odd.replies = [({**GOOD, "refresh_token": "ref-1", "expires_in": 1}, OK, JSON)]
    proxy = start({"refresh_token_request.param.x": "{token.team}"},
                  grant_type="refresh_token", refresh_token="seed")
    refused(proxy, "refresh_token_request.param.x", "{token.team}")
    assert odd.server.requests == []


def test_revocation(start, odd, bearer):
    proxy = start({f"{Q}param.app": "one",
                   "revocation_request.method": "DELETE",
                   "revocation_request.format": "query",
                   "revocation_request.param.token_type_hint": "",
                   "revocation_request.header.X-Token": "{access_token}"},
                  revocation_endpoint=f"{odd.server.url}/revoke")
    placed(proxy, odd)
    assert odd.asked.method == "POST"
    bearer("logout", "a")
    assert odd.asked.method == "DELETE"
    assert urlsplit(odd.asked.target).path == "/revoke"
    assert odd.query() == {"token": "val-1", "app": "one"}
    assert odd.asked.value("X-Token") == "val-1"


def test_authorization_request(bearerd, provider):
    """With the real server, which consents; the device request is nobody's."""
    proxy = bearerd({"a": login.service(provider, scope="read write",
                                        username="alice", **{
        "authorization_request.param.login_hint": "{username}@example.test",
        "authorization_request.param.tag": "{base64:{client_id}}",
        "access_token_request.param.extra": "{client_id}"})})
    login.register(provider, proxy)
    browser = Browser(provider)
    login.log_in(browser, proxy)
    asked = provider.requests("authorize")[0]
    query = dict(parse_qsl(urlsplit(asked["target"]).query))
    assert query["login_hint"] == "alice@example.test"
    assert query["tag"] == "ZGVtby1jbGllbnQ="
    assert query["scope"] == "read write"
    assert ["extra", "demo-client"] in provider.token_requests[-1]["form"]


def test_polls_are_token_requests(start, odd, bearer):
    """The device authorization request is not changed, its polls are."""
    codes = {"device_code": "dev-1", "user_code": "U-1", "interval": 1,
             "verification_uri": f"{odd.server.url}/device"}
    odd.replies = [(codes, OK, JSON), (GOOD, OK, JSON)]
    start({f"{Q}param.app": "one", f"{Q}format": "json"},
          grant_type="device_code", scope="a b", scope_separator="+",
          device_authorization_endpoint=f"{odd.server.url}/codes")
    bearer("login", "a", "--device")
    first, last = odd.server.requests[0], odd.asked
    assert dict(parse_qsl(first.body.decode())) == {"client_id": "me", "scope": "a+b"}
    assert json.loads(last.body)["app"] == "one"
    assert json.loads(last.body)["device_code"] == "dev-1"


# --- replies ---

def test_reply_of_every_key(start, odd):
    odd.says('{"ok":true,"data":[{"accessToken":"val-9","kind":"odd",'
             '"error":"","ttl":null,"user":{"id":7}}]}', OK,
             "Content-Type: application/x-www-form-urlencoded")
    proxy = start({f"{R}format": "json", f"{R}select": "data.0",
                   f"{R}rename.accessToken": "access_token",
                   f"{R}rename.ttl": "expires_in", f"{R}set.token_type": "Zed",
                   f"{R}default.expires_in": "3600", f"{R}drop": "kind",
                   f"{R}error_if": "ok=false", f"{R}error": "message"},
                  token_format="{token_type} {access_token} {token.user.id} "
                               "{token.expires_in}")
    assert placed(proxy, odd) == "Zed val-9 7 3600"


def test_an_odd_type_outlives_a_restart(bearerd, odd):
    service = odd.service(**{f"{R}set.token_type": "Zed",
                             "token_format": "{token_type} {access_token}"})
    store = {"store": f"sqlite:{bearerd.folder}/b.db"}
    proxy = bearerd({"a": service}, store)
    assert placed(proxy, odd) == "Zed val-1"
    proxy.stop()
    proxy = bearerd({"a": service}, store)
    assert placed(proxy, odd) == "Zed val-1"
    assert len(odd.server.requests) == 1


def test_error_if_and_its_words(start, odd):
    odd.says({**GOOD, "ok": False, "message": "come again tomorrow"})
    refused(start({f"{R}error_if": "ok=false", f"{R}error": "message"}),
            "come again tomorrow", "status 200")
    assert odd.api.requests == []


def test_refused_refresh_by_an_odd_code(start, odd):
    """A code at a path is a code: the refresh token is given up, and the
    grant starts again."""
    odd.replies = [({**GOOD, "refresh_token": "ref-1"}, OK, JSON),
                   ({"fault": {"why": "invalid_grant"}}, "401 Unauthorized", JSON),
                   ({**GOOD, "access_token": "val-2"}, OK, JSON)]
    odd.statuses = [OK, "401 Unauthorized", OK]
    proxy = start({f"{R}error": "fault.why"}, grant_type="password", username="u",
                  password="p")
    assert placed(proxy, odd) == "Bearer val-1"
    assert placed(proxy, odd) == "Bearer val-2"
    grants = [dict(parse_qsl(r.body.decode()))["grant_type"]
              for r in odd.server.requests]
    assert grants == ["password", "refresh_token", "password"]


def test_refreshes_are_read_otherwise(start, odd, bearer):
    odd.replies = [({"data": {"token": "val-1", "refresh_token": "ref-1"}}, OK, JSON),
                   ({"fresh": "val-2"}, OK, JSON)]
    proxy = start({f"{R}select": "data", f"{R}rename.token": "access_token",
                   "refresh_token_response.select": ".",
                   "refresh_token_response.rename.fresh": "access_token"},
                  grant_type="password", username="u", password="p")
    assert placed(proxy, odd) == "Bearer val-1"
    bearer("refresh", "a")
    assert placed(proxy, odd) == "Bearer val-2"


def test_what_was_fixed_obeys_the_rules(start, odd):
    odd.says({"token": "two words"})
    refused(start({f"{R}rename.token": "access_token"}), "access_token holds")
    assert odd.api.requests == []


def test_mistakes_have_their_lines(bearerd):
    result = bearerd.check("""[service a]
upstream = https://a.example.test
token_endpoint = https://a.example.test/t
client_id = x
client_secret = s
access_token_request.param.a = {nobody}
access_token_request.methd = GET
access_token_response.error_if = ok
access_token_request.format = xml
authorization_endpoint = https://a.example.test/a
authorization_request.param.b = {client_secret}
refresh_token_request.header.Host = x
scope_separator =
""")
    assert result.returncode == 1
    said = result.stderr
    for line, words in [(6, "{nobody}"), (7, "did you mean"), (8, "NAME=VALUE"),
                        (9, "form json query"), (11, "would be shown"),
                        (12, "cannot be set"), (13, "no value")]:
        [found] = [s for s in said.splitlines() if f":{line}: " in s]
        assert words in found, found


# --- those that requests-oauthlib knows ---

def test_facebook(start, odd):
    """A form that calls itself text, and `expires`."""
    odd.says("access_token=val-fb&expires=5184000", OK, "Content-Type: text/plain")
    proxy = start({f"{R}rename.expires": "expires_in"},
                  token_format="{access_token} {token.expires_in}")
    assert placed(proxy, odd) == "val-fb 5184000"


def test_facebook_says_no(start, odd):
    odd.says({"error": {"message": "This code has been used.",
                        "type": "OAuthException", "code": 100}}, "400 Bad Request")
    refused(start({f"{R}error": "error"}), "OAuthException: This code has been used.")


def test_fitbit(start, odd):
    """The code of the first of `errors`."""
    odd.says({"errors": [{"errorType": "invalid_grant"}]}, "400 Bad Request")
    refused(start({f"{R}error": "errors.0.errorType"}), "invalid_grant")


def test_fitbit_says_no_with_200(start, odd):
    odd.says({"errors": [{"errorType": "invalid_client", "message": "Who?"}]})
    refused(start({f"{R}error": "errors"}), "invalid_client: Who?")


def test_fitbit_says_yes(start, odd):
    odd.says({"access_token": "val-ft", "refresh_token": "r"})
    assert placed(start({f"{R}error": "errors.0.errorType"}), odd) == "Bearer val-ft"


SLACK = {"token_placement": "body", "token_name": "token",
         f"{R}error_if": "ok=false", f"{R}select": "authed_user",
         f"{R}set.token_type": "Bearer"}
SLACK_REPLY = {"ok": True, "access_token": "bot", "token_type": "bot", "authed_user": {
    "id": "U1", "scope": "chat:write", "access_token": "val-sl",
    "token_type": "user"}, "team": {"id": "T1"}}


def test_slack(start, odd):
    odd.says(SLACK_REPLY)
    proxy = start(SLACK)
    assert proxy.get(f"{URL}?a=1").status == 200
    assert odd.api.last.target == "/x?a=1&token=val-sl"
    reply = proxy.post(URL, b"a=1&token=old",
                       "Content-Type: application/x-www-form-urlencoded")
    assert reply.status == 200
    assert odd.api.last.body == b"a=1&token=val-sl"
    assert odd.api.last.values("Authorization") == []


def test_slack_says_no(start, odd):
    odd.says({"ok": False, "error": "invalid_code"})
    refused(start(SLACK), "invalid_code")


def test_instagram(start, odd):
    """No token_type, and the token in the query."""
    odd.says({"access_token": "val-ig", "user": {"id": "1"}})
    proxy = start(token_placement="query")
    assert proxy.get(f"{URL}?access_token=mine&b=2").status == 200
    assert odd.api.last.target == "/x?b=2&access_token=val-ig"


def test_plentymarkets(start, odd):
    odd.says({"tokenType": "Bearer", "accessToken": "val-pm", "expiresIn": 86400,
              "refreshToken": "ref-pm"})
    proxy = start({f"{R}rename.accessToken": "access_token",
                   f"{R}rename.tokenType": "token_type",
                   f"{R}rename.expiresIn": "expires_in",
                   f"{R}rename.refreshToken": "refresh_token"},
                  token_format="{token_type} {access_token} {token.expires_in} "
                               "{token.refresh_token}")
    assert placed(proxy, odd) == "Bearer val-pm 86400 ref-pm"


@pytest.mark.parametrize("kind", ["User Access Token", "Application Access Token"])
def test_ebay(start, odd, kind):
    odd.says({**GOOD, "token_type": kind})
    proxy = start({f"{R}set.token_type": "Bearer"})
    assert placed(proxy, odd) == "Bearer val-1"


def test_without_a_fix_such_a_type_is_refused(start, odd):
    odd.says({**GOOD, "token_type": "User Access Token"})
    refused(start(), "token_type is neither Bearer nor DPoP", "User Access Token",
            "access_token_response.set.token_type = Bearer")


def test_mailchimp(start, odd):
    """An expires_in of 0 and a scope of null."""
    odd.says({**GOOD, "expires_in": 0, "scope": None})
    proxy = start({f"{R}default.expires_in": "3600"},
                  token_format="{access_token} {token.expires_in}")
    assert placed(proxy, odd) == "val-1 3600"


@pytest.mark.parametrize("reply", [
    {"access_token": "val-1", "remind_in": 798114, "expires_in": 798114},  # weibo
    {"access_token": "val-1", "expires_in": 3920, "douban_user_id": "1"},  # douban
])
def test_no_type_at_all(start, odd, reply):
    odd.says(reply)
    proxy = start({f"{R}set.token_type": "Bearer"},
                  token_format="{token_type} {access_token}")
    assert placed(proxy, odd) == "Bearer val-1"


def test_linkedin(start, odd):
    """The secret in the form, the token in a parameter of its own name."""
    odd.says({"access_token": "val-li", "expires_in": 100})
    proxy = start(token_placement="query", token_name="oauth2_access_token",
                  token_endpoint_auth_method="client_secret_post")
    assert proxy.get(f"{URL}?format=json").status == 200
    assert odd.api.last.target == "/x?format=json&oauth2_access_token=val-li"
    assert odd.form()["client_secret"] == "s3&cret"


def test_wechat(start, odd):
    """Names of its own, in a GET; errors with 200."""
    keys = {f"{Q}method": "GET", f"{Q}param.client_id": "",
            f"{Q}param.client_secret": "", f"{Q}param.appid": "{client_id}",
            f"{Q}param.secret": "{client_secret}", f"{R}error": "errmsg"}
    odd.says({"errcode": 40029, "errmsg": "invalid code"})
    proxy = start(keys, token_endpoint_auth_method="client_secret_post")
    refused(proxy, "invalid code")
    assert odd.query() == {"grant_type": "client_credentials", "appid": "me",
                           "secret": "s3&cret"}


# --- how long a token lives, and what passes ---

def left_of(bearer) -> float:
    """Seconds until its token ends, as `status` tells them."""
    ends = datetime.fromisoformat(session(bearer, "a")["expires_at"])
    return (ends - datetime.now(timezone.utc)).total_seconds()


@pytest.mark.parametrize("keys, members, life", [
    ({R + "expires_unit": "ms"}, {"expires_in": 3600000}, 3600),
    ({R + "expires_at": "ends"}, {"ends": "+3600"}, 3600),
    ({R + "expires_at": "ends"}, {"ends": 3600}, 3600),
    ({R + "expires_at": "data.ends"}, {"data": {"ends": 3600000}}, 3600),
    ({R + "expires_at": "ends"}, {"ends": -3600, "expires_in": 60}, 60)])
def test_life_told_otherwise(start, odd, bearer, keys, members, life):
    def dated(value):
        now = time.time()
        if isinstance(value, dict):
            return {name: dated(inner) for name, inner in value.items()}
        if value == "+3600":
            ends = datetime.fromtimestamp(now + 3600, timezone(timedelta(hours=2)))
            return ends.isoformat()
        return (now * 1000 if value > 10**6 else now) + value
    odd.says({**GOOD, **{name: value if name == "expires_in" else dated(value)
                         for name, value in members.items()}})
    placed(start(keys), odd)
    assert life - 40 < left_of(bearer) <= life + 1


def test_reply_that_says_later(start, odd):
    """A number of its own for "not now": nothing of that reply is taken, and it
    is asked again."""
    proxy = start({R + "unavailable_if": "status=601"})
    odd.replies = [({"status": 601, "access_token": "wrong"}, OK, JSON),
                   (GOOD, OK, JSON)]
    assert placed(proxy, odd) == "Bearer val-1"
    assert len(odd.server.requests) == 2


def test_reply_that_says_later_for_long(start, odd):
    proxy = start({R + "unavailable_if": "status=601"})
    odd.says({"status": 601})
    reply = proxy.get(URL)
    assert reply.status == 503 and reply.value("Retry-After")
    assert "status is 601" in json.loads(reply.body)["detail"]
