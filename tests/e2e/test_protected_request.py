# SPDX-License-Identifier: MIT
"""What a service puts into its requests beside the token, and takes out."""

import base64
import re
import time

import pytest

import harness
from harness import static

URL = "http://api.example.test/x"
FORM = "Content-Type: application/x-www-form-urlencoded"
PREFIX = "protected_request."


def rows(**keys) -> dict:
    """header__X_Y=… is protected_request.header.X-Y = …"""
    return {PREFIX + key.replace("__", ".").replace("_", "-")
            if "__" in key else PREFIX + key: value
            for key, value in keys.items()}


@pytest.fixture
def forward(bearerd, upstream):
    """forward(keys, *fields, …): what the upstream saw, or the reply where
    nothing reached it."""
    server = upstream()

    def send(keys, *fields, method="GET", body=None, target="/x"):
        proxy = bearerd({"api": static(server.url, **keys)})
        reply = proxy.fetch(method, "http://api.example.test" + target,
                            fields=fields, body=body)
        proxy.stop()
        return server.requests[-1] if reply.status == 200 else reply

    return send


def test_header(forward):
    seen = forward(rows(header__X_One="1", header__x_two="a {access_token}"),
                   "X-One: mine", "x-ONE: mine too", "X-Three: 3")
    assert seen.values("X-One") == ["1"]
    assert seen.values("X-Two") == ["a fixed-token"]
    assert seen.values("X-Three") == ["3"]
    assert seen.value("Authorization") == "Bearer fixed-token"


def test_header_is_taken_out(forward):
    seen = forward({**rows(header__X_One=""),
                    PREFIX + "remove_header": ["X-Two", "cookie"]},
                   "X-One: 1", "x-two: 2", "X-Two: 2", "Cookie: a=1", "X-Three: 3")
    for name in ("X-One", "X-Two", "Cookie"):
        assert seen.values(name) == []
    assert seen.value("X-Three") == "3"


def test_keep(forward):
    keys = {**rows(header__X_One="ours", header__X_Two="ours",
                   query__page="1"), PREFIX + "keep": ["x-one", "page"]}
    seen = forward(keys, "X-ONE: mine", "X-Two: mine", target="/x?page=2")
    assert seen.value("X-One") == "mine"
    assert seen.value("X-Two") == "ours"
    assert seen.target == "/x?page=2"
    seen = forward(keys)
    assert seen.value("X-One") == "ours"
    assert seen.target == "/x?page=1"


@pytest.mark.parametrize("target, arrives", [
    ("/x", "/x?v=a%26%20b%25"),
    ("/x?a=%2f&&v=1&v", "/x?a=%2f&&v=a%26%20b%25"),
    ("/x?v=1", "/x?v=a%26%20b%25"),
])
def test_query(forward, target, arrives):
    assert forward(rows(query__v="a& b%"), target=target).target == arrives


def test_query_is_taken_out(forward):
    seen = forward({PREFIX + "query.v": ""}, target="/x?v=1&a=2")
    assert seen.target == "/x?a=2"


def test_query_beside_the_token_in_the_query(forward):
    seen = forward({"token_placement": "query", **rows(query__v="2")},
                   target="/x?v=1&access_token=mine")
    assert seen.target == "/x?access_token=fixed-token&v=2"


def test_body(forward):
    seen = forward({**rows(body__v="a b", body__w=""), PREFIX + "keep": "v"},
                   FORM, method="POST", body=b"w=1&a=1")
    assert seen.body == b"a=1&v=a%20b"
    assert seen.value("Content-Length") == str(len(seen.body))
    seen = forward({**rows(body__v="a b"), PREFIX + "keep": "v"},
                   FORM, method="POST", body=b"v=mine")
    assert seen.body == b"v=mine"


def test_body_elsewhere(forward):
    keys = rows(body__v="1")
    assert forward(keys, method="POST").body == b"v=1"
    assert forward(keys).target == "/x?v=1"
    reply = forward(keys, "Content-Type: application/json", method="POST",
                    body=b"{}")
    assert reply.status == 415


def test_body_that_only_loses_something(forward):
    seen = forward(rows(body__v=""), "Content-Type: application/json",
                   method="POST", body=b'{"v":1}', target="/x?v=1")
    assert seen.body == b'{"v":1}'
    assert seen.target == "/x?v=1"
    seen = forward(rows(body__v=""), FORM, method="POST", body=b"v=1")
    assert seen.body == b""


def test_body_beside_the_token_in_the_body(forward):
    seen = forward({"token_placement": "body", **rows(body__v="1")}, FORM,
                   method="POST", body=b"a=1")
    assert seen.body == b"a=1&access_token=fixed-token&v=1"


def test_templates(bearerd, provider, upstream):
    server = upstream()
    provider.set(issue={"extra": {"id_token": "a.b.c", "instance":
                                  {"ids": [7]}, "odd": "ä&"}})
    proxy = bearerd({"api": provider.service(
        upstream=server.url, username="robot", **rows(
            header__X_Type="{token_type}/{id_token}",
            header__X_Member="{token.instance.ids.0}",
            header__X_Basic="Basic {base64:{client_id}:{client_secret}}",
            header__X_Nested="{base64:{base64:{username}}} {{}}",
            query__odd="{token.odd}"))})
    assert proxy.get(URL).status == 200
    seen = server.requests[0]
    assert seen.value("X-Type").lower() == "bearer/a.b.c"
    assert seen.value("X-Member") == "7"
    assert seen.value("X-Basic") == "Basic " + base64.b64encode(
        b"demo-client:demo-secret").decode()
    assert seen.value("X-Nested") == base64.b64encode(
        base64.b64encode(b"robot")).decode() + " {}"
    assert seen.target == "/x?odd=%C3%A4%26"


def test_now_and_uuid_are_each_requests_own(bearerd, upstream):
    server = upstream()
    proxy = bearerd({"api": static(
        server.url, token_format="T {access_token} {now}",
        **rows(header__X_Now="{now}", header__X_Id="{uuid}",
               query__id="{access_token}-{uuid}"))})
    before = int(time.time())
    for _ in range(2):
        assert proxy.get(URL).status == 200
    uuid = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
    ids = set()
    for seen in server.requests:
        assert before <= int(seen.value("X-Now")) <= time.time()
        assert re.fullmatch(r"T fixed-token \d+", seen.value("Authorization"))
        assert re.fullmatch(uuid, seen.value("X-Id"))
        assert re.fullmatch(r"/x\?id=fixed-token-" + uuid, seen.target)
        ids |= {seen.value("X-Id"), seen.target[-36:]}
    assert len(ids) == 4


def test_new_token_in_a_request_that_is_sent_again(bearerd, provider, upstream):
    def refuse_once(peer):
        while True:
            peer.read_request()
            first = len(peer.server.requests) == 1
            peer.answer(b"", "401 Unauthorized" if first else "200 OK")

    server = upstream(refuse_once)
    proxy = bearerd({"api": provider.service(
        upstream=server.url, token_placement="none",
        **rows(header__X_Token="{access_token}"))})
    assert proxy.get(URL).status == 200
    assert [seen.value("X-Token") for seen in server.requests] == provider.issued
    assert len(provider.issued) == 2


def test_field_that_is_missing(bearerd, provider, upstream):
    server = upstream()
    proxy = bearerd({"api": provider.service(
        upstream=server.url, **rows(header__X_Id="{token.nowhere}"))})
    reply = proxy.get(URL)
    assert reply.status == 502
    assert reply.error == "proxy_configuration_error"
    assert "protected_request.header.X-Id" in reply.json()["detail"]
    assert server.requests == []


@pytest.mark.parametrize("value", ["a\r\nX-Evil: 1", "a\nb", "a\0b"])
@pytest.mark.parametrize("place", ["header", "query", "body"])
def test_no_line_break_gets_through(bearerd, provider, upstream, value, place):
    server = upstream()
    provider.set(issue={"extra": {"odd": value}})
    proxy = bearerd({"api": provider.service(
        upstream=server.url, **{f"{PREFIX}{place}.odd": "{token.odd}"})})
    reply = proxy.get(URL)
    assert reply.status == 502
    assert "Evil" not in reply.json()["detail"]
    assert server.requests == []


def test_without_a_token(forward):
    seen = forward({"access_token": None, "grant_type": "none",
                    "client_id": "me", **rows(
                        header__Authorization="Basic {base64:{client_id}:}",
                        query__id="{uuid}")}, "Authorization: Bearer mine")
    assert seen.values("Authorization") == ["Basic bWU6"]
    assert re.fullmatch(r"/x\?id=[0-9a-f-]{36}", seen.target)


def test_the_clients_own_credential_gets_nothing_of_our_token(forward):
    seen = forward({"existing_credential": "keep", **rows(
        header__X_Token="{access_token}", header__X_Other="1")},
        "Authorization: Bearer mine")
    assert seen.value("Authorization") == "Bearer mine"
    assert b"fixed-token" not in seen.head
    assert seen.value("X-Other") == "1"


MISTAKES = [
    ({PREFIX + "header.Host": "x"}, "Host"),
    ({PREFIX + "header.Connection": "x"}, "Connection"),
    ({PREFIX + "header.content-length": "1"}, "content-length"),
    ({PREFIX + "header.Transfer-Encoding": ""}, "Transfer-Encoding"),
    ({PREFIX + "remove_header": "Upgrade"}, "Upgrade"),
    ({PREFIX + "remove_header": "a b"}, "name of a header field"),
    ({PREFIX + "header.X": "{acess_token}"}, "{access_token}"),
    ({PREFIX + "header.X": "{client_secret}"}, "there is no client_secret"),
    ({PREFIX + "header.X": "{base64:{now}"}, "without its"),
    ({PREFIX + "header.X": "a\x01b"}, "control character"),
    ({PREFIX + "header.X": "1", PREFIX + "header.x": "2"}, "given already"),
    ({PREFIX + "header.X": "1", PREFIX + "remove_header": "x"}, "given already"),
    ({PREFIX + "header.authorization": "1"}, "where the token goes"),
    ({PREFIX + "remove_header": "Authorization"}, "where the token goes"),
    ({"token_placement": "query", PREFIX + "query.access_token": "1"},
     "where the token goes"),
    ({"token_placement": "body", PREFIX + "body.access_token": "1"},
     "where the token goes"),
    ({"token_placement": "cookie", PREFIX + "header.Cookie": "1"},
     "where the token goes"),
    ({PREFIX + "keep": "X"}, "puts \"X\" in"),
    ({PREFIX + "headers.X": "1"}, "has no key"),
    ({"access_token": None, "grant_type": "none",
      PREFIX + "header.X": "{access_token}"}, "gets no token"),
]


@pytest.mark.parametrize("keys, words", MISTAKES)
def test_mistakes(tmp_path, keys, words):
    service = static("http://127.0.0.1:9", **keys)
    path = tmp_path / "bearerd.ini"
    path.write_text(harness.ini({"service api": service}))
    result = harness.command("check", "-c", str(path),
                             env=harness.environment(tmp_path))
    assert result.returncode == 1
    assert words in result.stderr
    assert re.match(rf"{re.escape(str(path))}:\d+: ", result.stderr)


def test_secret_goes_over_no_plain_wire(tmp_path):
    path = tmp_path / "bearerd.ini"
    path.write_text(harness.ini({"service api": {
        "upstream": "http://api.example.com", "grant_type": "none",
        "client_id": "me", "client_secret": "s",
        PREFIX + "header.X": "{client_secret}"}}))
    result = harness.command("check", "-c", str(path),
                             env=harness.environment(tmp_path))
    assert result.returncode == 1
    assert "allow_plain_upstream" in result.stderr
