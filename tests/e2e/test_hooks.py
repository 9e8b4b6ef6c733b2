# SPDX-License-Identifier: MIT
"""Hooks in Lua: what each function changes, what it may not, and what becomes
of a request where it fails."""

import base64
import hashlib
import hmac
import re
import threading

import pytest

import harness
import rawclient
from harness import static

URL = "http://api.example.test/x"
EXAMPLE = harness.TREE / "conf" / "signed-calls.lua.example"


@pytest.fixture
def forward(bearerd, upstream, hook):
    """forward(body, …): what the upstream saw of a request that this body of
    protected_request has changed, or the reply where nothing reached it."""
    server = upstream()

    def send(body, *fields, method="GET", data=None, target="/x", **keys):
        text = f"function protected_request(r)\n{body}\nend\n"
        proxy = bearerd({"api": static(server.url, hook=hook(text), **keys)})
        before = len(server.requests)
        reply = proxy.fetch(method, "http://api.example.test" + target,
                            fields=fields, body=data)
        proxy.stop()
        send.log = proxy.stderr
        if len(server.requests) == before:
            return reply
        assert reply.status == 200
        return server.requests[-1]

    send.server = server
    return send


def failed(reply, log, *words) -> None:
    assert reply.status == 502
    assert reply.error == "proxy_configuration_error"
    line = [line for line in log.splitlines() if " hook_failed " in line][-1]
    for word in words:
        assert word in line, line


def forms(provider) -> list[dict]:
    return [dict(map(tuple, record["form"])) for record in provider.token_requests]


# --- protected_request ---


def test_fields_and_url(forward):
    seen = forward("""
        r.headers["X-Service"] = r.service
        r.headers["x-ONE"] = r.headers["X-One"] .. "!"
        r.headers["X-Two"] = nil
        r.headers["X-Token"] = r.token.access_token
        r.headers["X-Url"] = r.url
        r.url = r.url .. "&b=2"
        """, "X-One: 1", "X-Two: 2", "X-Three: 3", target="/a/%2F//b?a=1")
    assert seen.value("X-Service") == "api"
    assert seen.value("X-One") == "1!"
    assert seen.values("X-Two") == []
    assert seen.value("X-Three") == "3"
    assert seen.value("X-Token") == "fixed-token"
    assert seen.value("Authorization") == "Bearer fixed-token"
    assert seen.value("X-Url") == forward.server.url + "/a/%2F//b?a=1"
    assert seen.target == "/a/%2F//b?a=1&b=2"
    assert len(seen.values("Host")) == 1
    assert len(seen.values("Via")) == 1


def test_what_is_not_touched_stays(forward):
    fields = ("X-B: 1", "x-a: 2", "X-B: 3", "Cookie: a=b")
    seen = forward("local nothing", *fields, target="/p?&&q=%41;")
    names = [f for f in seen.fields if f[0].lower() in ("x-a", "x-b", "cookie")]
    assert names == [("X-B", "1"), ("x-a", "2"), ("X-B", "3"), ("Cookie", "a=b")]
    assert seen.target == "/p?&&q=%41;"


def test_beside_the_other_placements(forward):
    seen = forward("""
        assert(r.url:match("[?&]access_token=fixed%-token"))
        assert(r.headers["X-Key"] == "k")
        r.url = r.url:gsub("access_token=", "key=")
        r.headers["X-Key"] = nil
        """, target="/x?a=1", token_placement="query",
        **{"protected_request.header.X-Key": "k"})
    assert seen.target == "/x?a=1&key=fixed-token"
    assert seen.values("X-Key") == []


def test_method(forward):
    seen = forward("r.method = 'PATCH'", method="POST", data=b"x")
    assert (seen.method, seen.body) == ("PATCH", b"x")
    for method in ("HEAD", "CONNECT", "TRACE"):
        reply = forward(f"r.method = '{method}'")
        assert reply.status == 502
    assert forward("r.method = 'GET'", method="HEAD").status == 502


def test_body(forward):
    body = "r.body = r.body:upper() r.headers['X-Was'] = #r.body"
    seen = forward(body, "Content-Digest: sha-256=:x:", method="POST",
                   data=b"abc")
    assert seen.body == b"ABC"
    assert seen.value("Content-Length") == "3"
    assert seen.values("Content-Digest") == []
    assert seen.value("X-Was") == "3"
    seen = forward("r.body = { a = 1 }", method="POST")
    assert seen.body == b'{"a":1}'
    seen = forward("r.body = nil", method="POST", data=b"abc")
    assert seen.body == b""
    assert seen.value("Content-Length") == "0"


def test_form_with_the_token(forward):
    seen = forward("r.body = r.body .. '&more=1'",
                   "Content-Type: application/x-www-form-urlencoded",
                   method="POST", data=b"a=1", token_placement="body")
    assert seen.body == b"a=1&access_token=fixed-token&more=1"


def test_large_body_streams_by(forward):
    data = b"x" * 300_000
    body = "assert(r.body == nil) r.headers['X-Saw'] = 'nothing'"
    seen = forward(body, method="POST", data=data)
    assert seen.body == data
    assert seen.value("X-Saw") == "nothing"
    seen = forward("r.headers['X-Size'] = #r.body", method="POST", data=data,
                   replay_body="400K")
    assert seen.value("X-Size") == "300000"
    reply = forward("r.body = 'other'", method="POST", data=data)
    failed(reply, forward.log, "replay_body")


def chunked(proxy, chunks) -> rawclient.Response:
    """A request whose body comes in chunks."""
    connection = proxy.connect()
    connection.send(b"POST http://api.example.test/x HTTP/1.1\r\n"
                    b"Host: api.example.test\r\n"
                    b"Transfer-Encoding: chunked\r\n\r\n")
    for chunk in chunks:
        connection.send(b"%x\r\n%s\r\n" % (len(chunk), chunk))
    connection.send(b"0\r\n\r\n")
    return connection.read_response()


@pytest.mark.parametrize("size, saw", [(10, "20"), (40_000, "nothing")])
def test_body_in_two_chunks(bearerd, upstream, hook, size, saw):
    server = upstream()
    path = hook("function protected_request(r)\n"
                "r.headers['X-Saw'] = r.body and #r.body or 'nothing'\nend")
    proxy = bearerd({"api": static(server.url, hook=path)})
    assert chunked(proxy, [b"a" * size, b"b" * size]).status == 200
    seen = server.requests[-1]
    assert seen.body == b"a" * size + b"b" * size
    assert seen.value("X-Saw") == saw


@pytest.mark.parametrize("body, words", [
    ("error('this is no good')", ["line=2", "this is no good"]),
    ("error('bad ' .. r.token.access_token)", ["line=2", "may hold a secret"]),
    ("local x\n\nx.y = 1", ["line=4", "attempt to index"]),
    ("while true do end", ["line=2", "it takes too long"]),
    ("local t = {} while true do t = { t } end", ["line=2", "8 MiB"]),
    ("('a'):rep(99):find(('a*'):rep(30) .. 'b')", ["line=2", "too long"]),
    ("r.headers['A'] = 'x\\r\\nB: y'", ["line=1", "none can have"]),
    ("r.headers['Host'] = 'x'", ["line=1", "cannot set"]),
    ("return os.exit()", ["line=2", "os"]),
    ("setmetatable({}, { __gc = 1 })", ["line=2", "__gc"]),
])
def test_errors(forward, body, words):
    reply = forward(body)
    failed(reply, forward.log, "service=api", "function=protected_request",
           "hook.lua", *words)
    for text in (reply.body.decode(), forward.log):
        assert "fixed-token" not in text
    assert "protected_request" in reply.json()["detail"]


@pytest.mark.parametrize("body", [
    "error('bad ' .. SECRET)",
    "setmetatable({}, { __name = SECRET })()",
    "local t = setmetatable({}, { __name = SECRET }) string.rep(t)",
    "load('local t = {} t[\"' .. SECRET .. '\"].x = 1')()",
    "assert(load('x = ' .. SECRET .. ' y'))",
    "load(('\\n'):rep(77001) .. 'error()')()",
    "error({ SECRET })",
])
def test_errors_hold_no_words_of_the_hooks(forward, body):
    """Whatever a hook puts together may be a secret: no word of it is told, nor
    a line that is none of its file's."""
    body = body.replace("SECRET", "(r.token.access_token:gsub('%W', ''))")
    reply = forward(body, access_token="S3cret-S3cret")
    failed(reply, forward.log, "hook.lua line=2 ")
    for text in (reply.body.decode(), forward.log):
        assert "S3cret" not in text
        assert "77001" not in text


def test_no_addresses(forward):
    """A table's address tells how memory is laid out."""
    seen = forward("""
        r.headers["X-Table"] = tostring(r)
        r.headers["X-Function"] = ("%s"):format(error)
        r.headers["X-Null"] = tostring(json.null)
        """)
    assert seen.value("X-Table") == "table"
    assert seen.value("X-Function") == "function"
    assert seen.value("X-Null") == "userdata"


def test_fields_that_are_too_long(forward):
    """Too much for one head, by one field or several, is one request's failure."""
    reply = forward("local p = string.rep('x', 400000)\n"
                    "for i = 1, 3 do r.headers['X-Long-' .. i] = p end")
    assert reply.status == 431
    assert reply.error == "http_request_error"


def test_others_go_on_beside_one_that_hangs(bearerd, upstream, hook):
    server = upstream()
    endless = hook("function protected_request(r) while true do end end", "a.lua")
    proxy = bearerd({"a": static(server.url, match="a.test", hook=endless),
                     "b": static(server.url, match="b.test")}, {"workers": 1})
    results = []

    def hang():
        results.append(proxy.get("http://a.test/").status)

    threads = [threading.Thread(target=hang) for _ in range(5)]
    for thread in threads:
        thread.start()
    assert proxy.get("http://b.test/").status == 200
    for thread in threads:
        thread.join()
    assert results == [502] * 5
    assert proxy.ready()


# --- hosts ---


def test_host(bearerd, upstream, hook):
    first, second = upstream(), upstream()
    port = second.port
    path = hook(f"function protected_request(r)\n"
                f"r.url = r.url:gsub(':%d+/', ':{port}/')\nend")
    keys = static(first.url, hook=path)
    proxy = bearerd({"api": keys})
    refused = proxy.get(URL)
    proxy.stop()
    assert refused.status == 502
    assert refused.error == "proxy_configuration_error"
    assert "upstream_hosts" in refused.json()["detail"]
    assert first.requests == second.requests == []
    proxy = bearerd({"api": {**keys, "upstream_hosts": "127.0.0.1"}})
    assert proxy.get(URL).status == 200
    assert first.requests == []
    seen = second.requests[-1]
    assert seen.value("Host") == f"127.0.0.1:{port}"
    assert seen.value("Authorization") == "Bearer fixed-token"


@pytest.mark.parametrize("url", [
    "http://elsewhere.example/x", "ftp://127.0.0.1/x", "//127.0.0.1/x", "x", "",
    "https://user@127.0.0.1/x", "https://127.0.0.1/x#f", "https://127.0.0.1",
    "https://127.0.0.1.example/x", "https://127.0.0.1/ x",
])
def test_urls_that_cannot_be(bearerd, upstream, hook, url):
    server = upstream()
    path = hook(f"function protected_request(r) r.url = '{url}' end")
    proxy = bearerd({"api": static(server.url, hook=path,
                                   upstream_hosts="127.0.0.1")})
    reply = proxy.get(URL)
    assert reply.status == 502
    assert reply.error == "proxy_configuration_error"
    assert server.requests == []


def test_token_chooses_the_upstream_and_the_hook_changes_it(
        bearerd, provider, upstream, hook):
    server = upstream()
    provider.set(issue={"extra": {"api": server.url}})
    path = hook("function protected_request(r)\n"
                "r.headers['X-Api'] = r.token.api\n"
                "r.url = r.url .. '?more=1'\nend")
    proxy = bearerd({"api": provider.service(
        upstream="{token.api}/v2", upstream_hosts="127.0.0.1", hook=path)})
    assert proxy.get(URL).status == 200
    seen = server.requests[-1]
    assert seen.target == "/v2/x?more=1"
    assert seen.value("X-Api") == server.url


# --- once more with a new token ---


def test_it_is_asked_again_for_the_new_token(bearerd, provider, upstream, hook):
    def refuse_once(peer):
        while True:
            peer.read_request()
            first = len(peer.server.requests) == 1
            peer.answer(b"", "401 Unauthorized" if first else "200 OK")

    server = upstream(refuse_once)
    path = hook("local n = 0\n"
                "function protected_request(r)\n"
                "r.headers['X-Token'] = r.token.access_token\n"
                "r.body = r.body .. '+' .. r.token.access_token\n"
                "end")
    proxy = bearerd({"api": provider.service(upstream=server.url, hook=path)})
    assert proxy.post(URL, b"body").status == 200
    assert [seen.value("X-Token") for seen in server.requests] == provider.issued
    assert [seen.body.decode() for seen in server.requests] == [
        "body+" + token for token in provider.issued]
    assert len(provider.issued) == 2


# --- signed calls ---


def verify(seen, secret: str) -> None:
    """As the provider of the example would."""
    digest = "sha-256=:" + base64.b64encode(
        hashlib.sha256(seen.body).digest()).decode() + ":"
    assert seen.value("Content-Digest") == digest
    text = "\n".join([seen.method, seen.target, seen.value("Date"), digest])
    signature = base64.b64encode(hmac.new(
        secret.encode(), text.encode(), hashlib.sha256).digest()).decode()
    assert seen.value("X-Signature") == (
        f'keyId="demo-client",signature="{signature}"')


def test_signed_calls(bearerd, provider, upstream, hook):
    server = upstream()
    proxy = bearerd({"api": provider.service(
        upstream=server.url, hook=str(EXAMPLE))})
    assert proxy.get(URL + "?a=1&b=%20").status == 200
    assert proxy.post(URL, b'{"amount":1}', "Content-Digest: x").status == 200
    for seen in server.requests:
        verify(seen, "demo-secret")
    assert proxy.post(URL, b"x" * 100_000).status == 502
    assert len(server.requests) == 2
    proxy.find("larger than replay_body cannot be signed", 5)


def test_the_manual_shows_the_example():
    manual = (harness.TREE / "man" / "bearerd-hooks.7").read_text()
    code = EXAMPLE.read_text()
    code = code[code.index("local function"):]
    shown = manual[manual.index("local function path_of"):]
    shown = shown[:shown.index(".Ed")].replace("\\e", "\\").replace("\\&", "")
    assert shown == code


# --- the token endpoint ---


def test_access_token_request(bearerd, provider, hook):
    path = hook("""
        function access_token_request(r)
            assert(r.method == "POST" and r.body == "" and r.token == nil)
            assert(r.params.grant_type == "client_credentials")
            assert(r.client_id == "demo-client")
            r.params.resource = { "https://a.test", "https://b.test" }
            r.params.scope = nil
            r.headers["X-Extra"] = "x"
            r.url = r.url .. "?q=1"
        end""")
    proxy = bearerd({"api": provider.service(hook=path, scope="read")})
    assert proxy.get(URL).status == 200
    record = provider.token_requests[-1]
    form = list(map(tuple, record["form"]))
    assert [value for name, value in form if name == "resource"] == [
        "https://a.test", "https://b.test"]
    assert "scope" not in dict(form)


def test_raw_body_of_a_token_request(bearerd, provider, hook):
    path = hook("""
        function access_token_request(r)
            r.params.odd = "1"
            r.body = form.encode(r.params) .. "&raw=yes"
        end""")
    proxy = bearerd({"api": provider.service(hook=path)})
    assert proxy.get(URL).status == 200
    form = forms(provider)[-1]
    assert form["raw"] == "yes" and form["odd"] == "1"


@pytest.mark.parametrize("body, words", [
    ("r.url = 'https://elsewhere.example/token'", "host and port"),
    ("r.url = r.url:gsub('127', 'user@127')", "host and port"),
    ("r.method = 'TRACE'", "TRACE"),
    ("error('no ' .. r.client_secret)", "has failed"),
    ("r.params.x = ('x'):rep(300000)", "has failed"),
    ("r.params = 5", "has failed"),
    ("while true do end", "has failed"),
])
def test_token_requests_that_cannot_be(bearerd, provider, hook, body, words):
    path = hook(f"function access_token_request(r)\n{body}\nend")
    proxy = bearerd({"api": provider.service(hook=path)})
    reply = proxy.get(URL)
    assert reply.status == 502
    assert reply.error == "proxy_configuration_error"
    assert words in reply.json()["detail"]
    assert provider.token_count == 0
    proxy.stop()
    assert "demo-secret" not in proxy.stderr + reply.body.decode()
    if words == "has failed":
        assert re.search(r" hook_failed service=api function=access_token_request "
                         r"file=\S+hook.lua line=[12] ", proxy.stderr)


def test_access_token_response(bearerd, provider, upstream, hook):
    server = upstream()
    provider.set(issue={"extra": {"deep": {"token": "deep-token"}}})
    path = hook("""
        function access_token_response(r)
            assert(r.status == 200 and r.url == nil)
            assert(r.headers["content-type"]:match("^application/json"))
            local reply = json.decode(r.body)
            reply.access_token = reply.deep.token
            r.body = reply
        end
        function protected_request(r)
            r.headers["X-Deep"] = r.token.deep.token
        end""")
    proxy = bearerd({"api": provider.service(upstream=server.url, hook=path)})
    assert proxy.get(URL).status == 200
    seen = server.requests[-1]
    assert seen.value("Authorization") == "Bearer deep-token"
    assert seen.value("X-Deep") == "deep-token"


def test_token_response_of_another_status(bearerd, provider, hook):
    path = hook("""
        function access_token_response(r)
            r.status = 400
            r.body = { error = "invalid_scope", error_description = "by hook" }
        end""")
    proxy = bearerd({"api": provider.service(hook=path)})
    reply = proxy.get(URL)
    assert reply.status == 502
    assert "invalid_scope: by hook" in reply.json()["detail"]


def test_token_response_that_fails(bearerd, provider, hook):
    path = hook("function access_token_response(r)\n\nerror(r.body)\nend")
    proxy = bearerd({"api": provider.service(hook=path)})
    reply = proxy.get(URL)
    assert reply.status == 502
    assert "the hook access_token_response has failed" in reply.json()["detail"]
    proxy.find(r" hook_failed .*access_token_response .*line=3", 5)
    proxy.stop()
    assert provider.issued[-1] not in proxy.stderr


def test_error_that_holds_a_token(bearerd, provider, hook):
    """A hook may make an error of a response that held a token: that is not told
    where nobody looks for one."""
    path = hook("""
        function access_token_response(r)
            r.status = 400
            r.body = { error = "invalid_scope",
                       error_description = "no " .. json.decode(r.body).access_token }
        end""")
    proxy = bearerd({"api": provider.service(hook=path)})
    reply = proxy.get(URL)
    proxy.stop()
    assert reply.status == 502
    assert "invalid_scope: its words are not shown" in reply.json()["detail"]
    assert provider.issued[-1] not in proxy.stderr + reply.body.decode()


def test_refresh(bearerd, provider, upstream, hook):
    server = upstream()
    provider.set(clients=[{"client_id": "demo-client", "client_secret": "demo-secret",
                           "grant_types": ["password", "refresh_token"]}])
    path = hook("""
        function access_token_request(r) r.params.first = "yes" end
        function refresh_token_request(r)
            assert(r.params.grant_type == "refresh_token")
            r.params.old = r.token.access_token
        end
        function refresh_token_response(r)
            local reply = json.decode(r.body)
            reply.access_token = "again-" .. reply.access_token
            r.body = json.encode(reply)
        end""")

    def refuse_first(peer):
        while True:
            seen = peer.read_request()
            good = "again-" in seen.value("Authorization")
            peer.answer(b"", "200 OK" if good else "401 Unauthorized")

    server = upstream(refuse_first)
    proxy = bearerd({"api": provider.service(
        grant_type=None, username="alice", password="wonderland",
        upstream=server.url, hook=path)})
    assert proxy.get(URL).status == 200
    first, second = forms(provider)
    assert first["first"] == "yes" and "old" not in first
    assert second["old"] == provider.issued[0]
    assert server.requests[-1].value("Authorization") == (
        "Bearer again-" + provider.issued[1])


def test_client_auth(bearerd, provider, hook):
    path = hook("""
        function client_auth(r)
            r.headers.Authorization = "Basic " ..
                base64.encode(r.client_id .. ":" .. r.client_secret)
        end""")
    proxy = bearerd({"api": provider.service(
        hook=path, token_endpoint_auth_method="hook")})
    assert proxy.get(URL).status == 200
    assert "client_secret" not in forms(provider)[-1]


def test_client_auth_that_the_server_refuses(bearerd, provider, hook):
    """A server that repeats what the hook has made does not get it shown."""
    path = hook("""
        function client_auth(r)
            r.params.client_id = r.client_id
            r.params.client_secret = "made-by-the-hook-0123456789"
        end""")
    proxy = bearerd({"api": provider.service(
        hook=path, token_endpoint_auth_method="hook")})
    reply = proxy.get(URL)
    proxy.stop()
    assert reply.status == 502
    assert "made-by-the-hook" not in proxy.stderr + reply.body.decode()


# --- other services ---


def test_service_without_a_token(bearerd, upstream, hook):
    server = upstream()
    path = hook("function protected_request(r)\n"
                "assert(r.token == nil)\nr.headers['X-Key'] = 'k'\nend")
    proxy = bearerd({"api": static(server.url, access_token=None, hook=path)})
    assert proxy.get(URL).status == 200
    assert server.requests[-1].value("X-Key") == "k"
    assert server.requests[-1].values("Authorization") == []


def test_shared_session(bearerd, provider, upstream, hook):
    server = upstream()
    path = hook("function protected_request(r)\n"
                "r.headers['X-Token'] = r.token.access_token\n"
                "r.headers['X-Client'] = r.client_id\nend")
    proxy = bearerd({
        "main": provider.service(match="main.test"),
        "other": {"upstream": server.url, "match": "api.example.test",
                  "session": "main", "hook": path}})
    assert proxy.get(URL).status == 200
    assert server.requests[-1].value("X-Token") == provider.issued[-1]
    assert server.requests[-1].value("X-Client") == "demo-client"


def test_proof_is_of_what_the_hook_has_made(bearerd, provider, hook):
    """RFC 9449: method and address are those that arrive, also of the request
    that is sent once more."""
    path = hook("""
        function protected_request(r)
            r.method = "PUT"
            r.url = r.url:gsub("/x$", "/changed?a=1")
        end
        function access_token_request(r)
            r.url = r.url .. "?b=2"
        end""")
    proxy = bearerd({"api": provider.service(hook=path, dpop="yes")})
    assert proxy.post(URL, b"body").status == 200
    provider.revoke()
    assert proxy.post(URL, b"body").status == 200
    shown = [p["claims"] for p in provider.dpop_proofs if p["side"] == "api"]
    assert len(shown) >= 2
    assert {p["htm"] for p in shown} == {"PUT"}
    assert {p["htu"] for p in shown} == {provider.api + "/changed"}
