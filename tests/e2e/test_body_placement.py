# SPDX-License-Identifier: MIT
"""The token in a form, and in a cookie."""

import pytest

from harness import static

FORM = "Content-Type: application/x-www-form-urlencoded"
URL = "http://api.example.test/x"
LIMIT = 1024 * 1024


@pytest.fixture
def place(bearerd, upstream):
    """place(*fields, method=, body=, **keys): what the upstream saw, or the
    reply where nothing reached it."""
    server = upstream()

    def send(*fields, method="POST", body=None, target="/x", **keys):
        keys = {"token_placement": "body", **keys}
        proxy = bearerd({"api": static(server.url, **keys)})
        reply = proxy.fetch(method, "http://api.example.test" + target,
                            fields=fields, body=body)
        proxy.stop()
        if reply.status == 200:
            return server.requests[-1]
        assert server.requests == []
        return reply

    return send


def whole(seen) -> bytes:
    """The body; its length must be the one that the head names."""
    assert seen.value("Content-Length") == str(len(seen.body))
    assert seen.values("Transfer-Encoding") == []
    return seen.body


@pytest.mark.parametrize("body, arrives", [
    (b"a=1", b"a=1&access_token=fixed-token"),
    (b"a=%2f&&b+c&=", b"a=%2f&&b+c&=&access_token=fixed-token"),
    (b"a=1&", b"a=1&&access_token=fixed-token"),
    (b"a=1&access_token=mine&b=2", b"a=1&b=2&access_token=fixed-token"),
    (b"access%5ftoken=mine", b"access_token=fixed-token"),
    (b"a=\xff\x00\r\n", b"a=\xff\x00\r\n&access_token=fixed-token"),
])
def test_form(place, body, arrives):
    seen = place(FORM, body=body)
    assert whole(seen) == arrives
    assert seen.target == "/x"
    assert seen.values("Authorization") == []


@pytest.mark.parametrize("media_type", [
    "application/x-www-form-urlencoded; charset=UTF-8",
    "Application/X-WWW-Form-URLencoded",
    "application/x-www-form-urlencoded ;charset=utf-8",
])
def test_form_by_its_media_type(place, media_type):
    seen = place("Content-Type: " + media_type, body=b"a=1")
    assert whole(seen) == b"a=1&access_token=fixed-token"
    assert seen.value("Content-Type") == media_type


def test_name_format_and_encoding(place):
    seen = place(FORM, body=b"a=1", token_name="key[]", access_token="a+b/c=",
                 token_format="{access_token}&")
    assert whole(seen) == b"a=1&key%5B%5D=a%2Bb%2Fc%3D%26"


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
@pytest.mark.parametrize("body", [None, b""])
def test_form_is_made(place, method, body):
    seen = place(method=method, body=body)
    assert whole(seen) == b"access_token=fixed-token"
    assert seen.value("Content-Type") == "application/x-www-form-urlencoded"
    assert seen.target == "/x"


@pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE", "OPTIONS"])
def test_query_where_there_is_no_body(place, method):
    seen = place(method=method, target="/x?a=1&access_token=mine")
    assert seen.target == "/x?a=1&access_token=fixed-token"
    assert seen.body == b""


def test_delete_with_a_form(place):
    seen = place(FORM, method="DELETE", body=b"a=1")
    assert whole(seen) == b"a=1&access_token=fixed-token"
    assert seen.target == "/x"


def test_chunked_form(bearerd, upstream):
    server = upstream()
    proxy = bearerd({"api": static(server.url, token_placement="body")})
    with proxy.connect() as client:
        client.send("POST /x HTTP/1.1\r\nHost: api.example.test\r\n"
                    f"{FORM}\r\nTransfer-Encoding: chunked\r\n\r\n"
                    "3\r\na=1\r\n4\r\n&b=2\r\n0\r\n\r\n")
        assert client.read_response("POST").status == 200
    assert whole(server.requests[0]) == b"a=1&b=2&access_token=fixed-token"


@pytest.mark.parametrize("fields", [
    ["Content-Type: application/json"],
    ["Content-Type: multipart/form-data; boundary=x"],
    ["Content-Type: application/x-www-form-urlencodedx"],
    [FORM, "Content-Type: text/plain"],
    [FORM, "Content-Encoding: gzip"],
    [],
])
def test_another_body_is_refused(place, fields):
    reply = place(*fields, body=b"{}")
    assert reply.status == 415
    assert reply.error == "http_request_error"


def test_large_form(place):
    body = b"a=" + b"x" * (LIMIT - 2)
    assert whole(place(FORM, body=body)) == body + b"&access_token=fixed-token"


def test_form_that_is_too_large(place):
    reply = place(FORM, body=b"a=" + b"x" * (LIMIT - 1))
    assert reply.status == 413
    assert reply.error == "http_request_error"
    assert "1 MiB" in reply.json()["detail"]


def test_chunked_form_that_is_too_large(bearerd, upstream):
    server = upstream()
    proxy = bearerd({"api": static(server.url, token_placement="body")})
    with proxy.connect() as client:
        client.send("POST /x HTTP/1.1\r\nHost: api.example.test\r\n"
                    f"{FORM}\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(17):
            client.send(b"10000\r\n" + b"x" * 65536 + b"\r\n")
        client.send("0\r\n\r\n")
        assert client.read_response("POST").status == 413
    assert server.requests == []
    assert proxy.get("/-/health/ready").status == 200


def test_expect_continue(bearerd, upstream):
    server = upstream()
    proxy = bearerd({"api": static(server.url, token_placement="body")})
    with proxy.connect() as client:
        client.send("POST /x HTTP/1.1\r\nHost: api.example.test\r\n"
                    f"{FORM}\r\nExpect: 100-continue\r\n"
                    "Content-Length: 3\r\n\r\n")
        while b"\r\n\r\n" not in client.buffer:
            assert client.receive()
        assert client.buffer.startswith(b"HTTP/1.1 100 ")
        client.buffer = b""
        client.send("a=1")
        assert client.read_response("POST").status == 200
    assert whole(server.requests[0]) == b"a=1&access_token=fixed-token"


def test_digests_of_the_old_body_do_not_travel(place):
    seen = place(FORM, "Content-Digest: sha-256=:AAAA:", "Content-MD5: AAAA",
                 "Accept: a/b", body=b"a=1")
    assert seen.values("Content-Digest") == seen.values("Content-MD5") == []
    assert seen.value("Accept") == "a/b"


@pytest.mark.parametrize("mode, body, fields", [
    ("keep", b"a=1&access_token=mine", [FORM]),
    ("keep", b"a=1", [FORM, "Authorization: Bearer mine"]),
    ("keep", b"{}", ["Content-Type: application/json",
                     "Authorization: Bearer mine"]),
])
def test_keep(place, mode, body, fields):
    seen = place(*fields, body=body, existing_credential=mode)
    assert whole(seen) == body
    assert b"fixed-token" not in seen.head


@pytest.mark.parametrize("body, fields", [
    (b"a=1&access_token=mine", [FORM]),
    (b"a=1", [FORM, "Authorization: Bearer mine"]),
])
def test_reject(place, body, fields):
    reply = place(*fields, body=body, existing_credential="reject")
    assert reply.status == 403
    assert reply.error == "http_request_denied"


@pytest.mark.parametrize("mode", ["keep", "reject"])
def test_no_credential_of_the_clients(place, mode):
    seen = place(FORM, body=b"a=1", existing_credential=mode)
    assert whole(seen) == b"a=1&access_token=fixed-token"


def refuse_once(peer) -> None:
    """A script: 401 for the first request, then 200."""
    while True:
        peer.read_request()
        first = len(peer.server.requests) == 1
        peer.answer(b"", "401 Unauthorized" if first else "200 OK")


@pytest.mark.parametrize("body", [b"a=1&access_token=mine", None,
                                  b"a=" + b"x" * 200000],
                         ids=["form", "made", "large"])
def test_sent_again_with_the_new_token(bearerd, provider, upstream, body):
    """Also where the form is larger than replay_body."""
    server = upstream(refuse_once)
    proxy = bearerd({"a": provider.service(
        upstream=server.url, token_placement="body", replay_body="1K")})
    reply = proxy.fetch("POST", URL, fields=[FORM] if body else [], body=body)
    assert reply.status == 200
    kept = (body or b"").replace(b"&access_token=mine", b"")
    first, second = provider.issued
    before = kept + b"&" if kept else b""
    assert [whole(seen) for seen in server.requests] == [
        before + b"access_token=" + token.encode() for token in (first, second)]


COOKIES = [
    ([], "access_token=fixed-token"),
    (["Cookie: a=1; b=2"], "a=1; b=2; access_token=fixed-token"),
    (["Cookie: a=1;b=2;"], "a=1;b=2; access_token=fixed-token"),
    (["Cookie: access_token=mine; b=2"], "b=2; access_token=fixed-token"),
    (["cookie: a=1; access_token=mine;  b=\"2\""],
     "a=1;  b=\"2\"; access_token=fixed-token"),
    (["Cookie: a=1; access_token=mine; access_token=mine"],
     "a=1; access_token=fixed-token"),
    (["Cookie: access_token=mine"], "access_token=fixed-token"),
    (["Cookie: xaccess_token=1; Access_token=2"],
     "xaccess_token=1; Access_token=2; access_token=fixed-token"),
]


@pytest.mark.parametrize("fields, arrives", COOKIES)
def test_cookie(place, fields, arrives):
    seen = place(*fields, method="GET", token_placement="cookie")
    assert seen.value("Cookie") == arrives
    assert seen.values("Authorization") == []


def test_cookie_of_several_fields(place):
    seen = place("Cookie: a=1; access_token=mine", "Cookie: b=2", method="GET",
                 token_placement="cookie")
    assert seen.values("Cookie") == ["a=1", "b=2; access_token=fixed-token"]


def test_cookie_by_name(place):
    seen = place("Cookie: access_token=1", method="GET", token_name="session",
                 token_placement="cookie")
    assert seen.value("Cookie") == "access_token=1; session=fixed-token"


@pytest.mark.parametrize("mode, fields, status", [
    ("keep", ["Cookie: access_token=mine; a=1"], 200),
    ("reject", ["Cookie: a=1;access_token=mine"], 403),
])
def test_cookie_of_the_clients(place, mode, fields, status):
    seen = place(*fields, method="GET", token_placement="cookie",
                 existing_credential=mode)
    if status == 403:
        assert seen.status == 403
    else:
        assert seen.value("Cookie") == "access_token=mine; a=1"


def test_token_that_is_no_cookie(place):
    reply = place(method="GET", token_placement="cookie", access_token="a;b")
    assert reply.status == 502
    assert reply.error == "proxy_configuration_error"
    assert "cookie" in reply.json()["detail"]


def test_cookie_is_renewed(bearerd, provider, upstream):
    server = upstream(refuse_once)
    proxy = bearerd({"a": provider.service(upstream=server.url,
                                           token_placement="cookie")})
    assert proxy.get(URL, "Cookie: a=1").status == 200
    first, second = provider.issued
    assert [seen.value("Cookie") for seen in server.requests] == [
        f"a=1; access_token={token}" for token in (first, second)]
