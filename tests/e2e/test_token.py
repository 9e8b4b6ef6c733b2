# SPDX-License-Identifier: MIT
"""The token request as servers see it, and their replies as they really are."""

import base64
import gzip
import json
import time
from urllib.parse import unquote_plus

import pytest

from harness import Provider, wait_for

URL = "http://api.example.test/open/x"
ODD_ID = "client/1 ä"
ODD_SECRET = "p%20 s:/+ü&=;#\"'"


def one_request(proxy, provider: Provider, url="http://api.example.test/x") -> dict:
    """Sends a request that must succeed; the token request that it made."""
    reply = proxy.get(url)
    assert reply.status == 200, reply.body
    seen = provider.token_requests
    assert len(seen) == 1 and seen[0]["status"] == 200
    return seen[0]


def values(pairs: list, name: str) -> list[str]:
    return [v for n, v in pairs if n.lower() == name.lower()]


def test_request_is_as_the_rfc_says(bearerd, provider):
    seen = one_request(bearerd({"a": provider.service()}), provider)
    assert seen["method"] == "POST"
    assert seen["target"] == "/token"
    assert seen["form"] == [["grant_type", "client_credentials"]]
    headers = seen["headers"]
    assert values(headers, "Content-Type") == ["application/x-www-form-urlencoded"]
    assert "application/json" in values(headers, "Accept")[0]
    assert values(headers, "Host") == [provider.token_endpoint.split("/")[2]]
    assert values(headers, "Expect") == []
    assert len(values(headers, "Authorization")) == 1


@pytest.mark.parametrize("encoding", ["form", "raw"])
def test_client_secret_basic(bearerd, provider, encoding):
    provider.set(clients=[{"client_id": ODD_ID, "client_secret": ODD_SECRET,
                           "client_secret_basic_encoding": encoding}])
    seen = one_request(bearerd({"a": provider.service(
        client_id=ODD_ID, client_secret=ODD_SECRET,
        client_secret_basic_encoding=encoding)}), provider)
    scheme, _, rest = values(seen["headers"], "Authorization")[0].partition(" ")
    halves = base64.b64decode(rest).decode().split(":", 1)
    assert scheme == "Basic"
    if encoding == "form":
        assert all(char.isalnum() or char in "-._*+%" for half in halves
                   for char in half)
        halves = [unquote_plus(half) for half in halves]
    assert halves == [ODD_ID, ODD_SECRET]
    assert values(seen["form"], "client_id") == []
    assert values(seen["form"], "client_secret") == []


def test_client_secret_basic_is_the_default_and_form_encoded(bearerd, provider):
    provider.set(clients=[{"client_id": ODD_ID, "client_secret": ODD_SECRET}])
    one_request(bearerd({"a": provider.service(
        client_id=ODD_ID, client_secret=ODD_SECRET)}), provider)


def test_client_secret_post(bearerd, provider):
    provider.set(clients=[{"client_id": ODD_ID, "client_secret": ODD_SECRET,
                           "token_endpoint_auth_method": "client_secret_post"}])
    seen = one_request(bearerd({"a": provider.service(
        client_id=ODD_ID, client_secret=ODD_SECRET,
        token_endpoint_auth_method="client_secret_post")}), provider)
    assert values(seen["form"], "client_id") == [ODD_ID]
    assert values(seen["form"], "client_secret") == [ODD_SECRET]
    assert values(seen["headers"], "Authorization") == []


def test_no_client_authentication(bearerd, provider):
    provider.set(clients=[{"client_id": "public",
                           "token_endpoint_auth_method": "none"}])
    seen = one_request(bearerd({"a": provider.service(
        client_id="public", client_secret=None,
        token_endpoint_auth_method="none")}), provider)
    assert values(seen["form"], "client_id") == ["public"]
    assert values(seen["form"], "client_secret") == []
    assert values(seen["headers"], "Authorization") == []


def test_scope_audience_and_resource(bearerd, provider):
    seen = one_request(bearerd({"a": provider.service(
        scope="read:a write+b &c", audience="https://api.example.test/?a=b&c",
        resource=["https://one.test/x y", "https://two.test/%20"])}), provider)
    assert values(seen["form"], "scope") == ["read:a write+b &c"]
    assert values(seen["form"], "audience") == ["https://api.example.test/?a=b&c"]
    assert values(seen["form"], "resource") == [
        "https://one.test/x y", "https://two.test/%20"]


def test_token_endpoints_own_query_stays(bearerd, provider):
    seen = one_request(bearerd({"a": provider.service(
        token_endpoint=provider.token_endpoint + "?tenant=a%20b")}), provider)
    assert seen["target"] == "/token?tenant=a%20b"
    assert values(seen["form"], "grant_type") == ["client_credentials"]


def test_grant_is_inferred(bearerd, provider):
    seen = one_request(bearerd({"a": provider.service(grant_type=None)}), provider)
    assert seen["grant_type"] == "client_credentials"


def test_first_token_is_fetched_at_first_need(bearerd, provider):
    proxy = bearerd({"a": provider.service()})
    time.sleep(0.3)
    assert provider.token_count == 0
    for _ in range(3):
        assert proxy.get("http://api.example.test/x").status == 200
    assert provider.token_count == 1


def services_by_client(provider, shapes: dict, **keys) -> dict:
    """A service and a client for each way to issue tokens."""
    provider.set(clients=[
        {"client_id": name, "client_secret": "s", "issue": issue}
        for name, issue in shapes.items()])
    return {name: provider.service(client_id=name, client_secret="s",
                                   match=f"{name}.example.test", **keys)
            for name in shapes}


def test_expires_in_that_is_a_number(bearerd, provider):
    shapes = {name: {"expires_in": value, "lifetime": 30} for name, value in {
        "integer": 2, "text": "2", "fraction": 2.5,
        "huge": 10 ** 30, "text-huge": "9" * 40, "exponent": 1e18}.items()}
    names = list(shapes)
    proxy = bearerd(services_by_client(provider, shapes))
    for name in names:
        assert proxy.get(f"/{name}/x").status == 200, name
    time.sleep(3.2)
    for name in names:
        assert proxy.get(f"/{name}/x").status == 200, name
    time.sleep(0.2)
    asked = provider.state()["token"]["by_client"]
    for name in names:
        if "huge" in name or name == "exponent":
            assert asked[name] == 1, name
        else:
            assert asked[name] in (2, 3), name


ABSENT = {"absent": "absent", "null": None, "zero": 0, "text-zero": "0",
          "empty": "", "word": "soon", "boolean": True, "array": [5],
          "object": {"a": 1}}


def test_expires_in_that_is_none(bearerd, provider):
    shapes = {name: {"expires_in": value, "lifetime": 1.5}
              for name, value in ABSENT.items()}
    proxy = bearerd(services_by_client(provider, shapes))
    for _ in range(2):
        for name in ABSENT:
            assert proxy.get(f"/{name}/x").status == 200, name
    asked = provider.state()["token"]["by_client"]
    assert asked == {name: 1 for name in ABSENT}
    time.sleep(1.6)  # now the API refuses it, and that renews it
    for name in ABSENT:
        assert proxy.get(f"/{name}/x").status == 200, name
    asked = provider.state()["token"]["by_client"]
    assert asked == {name: 2 for name in ABSENT}


def test_default_expires_in(bearerd, provider):
    shapes = {name: {"expires_in": value, "lifetime": 30}
              for name, value in ABSENT.items()}
    proxy = bearerd(services_by_client(provider, shapes, default_expires_in="1s"))
    for name in ABSENT:
        assert proxy.get(f"/{name}/x").status == 200, name
    time.sleep(2.2)
    for name in ABSENT:
        assert proxy.get(f"/{name}/x").status == 200, name
    asked = provider.state()["token"]["by_client"]
    assert all(asked[name] in (2, 3) for name in ABSENT), asked


@pytest.mark.parametrize("token_type", ["Bearer", "bearer", "BEARER", "absent"])
def test_token_type_bearer_in_any_case(bearerd, provider, token_type):
    provider.set(issue={"token_type": token_type})
    proxy = bearerd({"a": provider.service()})
    echoed = proxy.get("http://api.example.test/x").json()
    assert values(echoed["headers"], "Authorization") == [
        f"Bearer {provider.issued[0]}"]


@pytest.mark.parametrize("content_type, body", [
    ("application/x-www-form-urlencoded",
     "access_token=a-b.c_d%7E&token_type=bearer&expires_in=3600&scope="),
    ("application/x-www-form-urlencoded; charset=utf-8", "access_token=a-b.c_d~"),
    ("text/plain", "access_token=a-b.c_d~&scope=repo%2Cgist&token_type=bearer"),
    ("text/plain", '{"access_token": "a-b.c_d~", "token_type": "Bearer"}'),
    ("text/html; charset=utf-8", '\n {"access_token":"a-b.c_d\\u007e"}\n '),
    ("application/json;charset=UTF-8",
     '{"access_token":"a-b.c_d~","token_type":"Bearer","x":{"y":[1,null,"z"]}}'),
])
def test_replies_of_other_shapes(bearerd, provider, content_type, body):
    provider.set(plan=[{"body": body, "content_type": content_type, "times": None}])
    reply = bearerd({"a": provider.service()}).get(URL)
    assert reply.status == 200
    assert values(reply.json()["headers"], "Authorization") == ["Bearer a-b.c_d~"]


def problem(reply) -> dict:
    assert reply.value("Content-Type") == "application/problem+json"
    body = reply.json()
    assert body["status"] == reply.status
    assert body["title"] and body["type"] and body["detail"]
    return body


@pytest.mark.parametrize("status", [400, 401, 403, 200])
def test_words_of_an_error(bearerd, provider, status):
    provider.set(plan=[{"status": status, "times": None, "body": json.dumps({
        "error": "invalid_scope", "error_description": "no such thing as tea"})}])
    reply = bearerd({"a": provider.service()}).get(URL)
    assert reply.status == 502
    assert reply.error == "proxy_configuration_error"
    detail = problem(reply)["detail"]
    assert "invalid_scope" in detail and "no such thing as tea" in detail
    assert provider.state()["api"]["total"] == 0


def test_form_encoded_error(bearerd, provider):
    provider.set(plan=[{
        "status": 200, "times": None,
        "content_type": "application/x-www-form-urlencoded",
        "body": "error=incorrect_client_credentials&error_description=No+tea."}])
    reply = bearerd({"a": provider.service()}).get(URL)
    assert reply.status == 502
    detail = problem(reply)["detail"]
    assert "incorrect_client_credentials" in detail and "No tea." in detail


def test_real_error(bearerd, provider):
    proxy = bearerd({"a": provider.service(client_secret="wrong-secret-word")})
    reply = proxy.get(URL)
    assert reply.status == 502
    assert "invalid_client" in problem(reply)["detail"]
    assert b"wrong-secret-word" not in reply.body


@pytest.mark.parametrize("status", [400, 401, 403])
def test_error_without_a_body(bearerd, provider, status):
    provider.set(plan=[{"status": status, "body": "", "times": None}])
    reply = bearerd({"a": provider.service()}).get(URL)
    assert reply.status in (502, 503)
    assert str(status) in problem(reply)["detail"]
    assert provider.state()["api"]["total"] == 0


def test_error_words_cannot_break_out(bearerd, provider):
    provider.set(plan=[{"status": 400, "times": None, "body": json.dumps({
        "error": "invalid\r\nX-Evil: 1", "error_description": "<b>\"\\\r\n\x01"})}])
    proxy = bearerd({"a": provider.service()})
    reply = proxy.get(URL)
    assert reply.status in (502, 503)
    problem(reply)
    assert reply.values("X-Evil") == []
    assert not any(line.startswith("X-Evil") for line in proxy.lines)


def token(**members) -> str:
    return json.dumps({"access_token": "t0ken", "token_type": "Bearer", **members})


REFUSED = {
    "empty": "",
    "cut": '{"access_token":"t0ken","token_type":"Bearer"',
    "array": '["t0ken"]',
    "text": '"t0ken"',
    "null": "null",
    "number": "1",
    "html": "<!doctype html><title>access_token=t0ken</title>",
    "two objects": token() + token(),
    "rubbish behind": token() + " x",
    "comment": '{/* */"access_token":"t0ken","token_type":"Bearer"}',
    "trailing comma": '{"access_token":"t0ken","token_type":"Bearer",}',
    "single quotes": "{'access_token':'t0ken'}",
    "no token": '{"token_type":"Bearer"}',
    "empty token": token(access_token=""),
    "token is a number": token(access_token=5),
    "token is null": token(access_token=None),
    "token is an object": token(access_token={"a": "t0ken"}),
    "token twice": '{"access_token":"t0ken","access_token":"t0ken2",'
                   '"token_type":"Bearer"}',
    "type twice": '{"access_token":"t0ken","token_type":"Bearer",'
                  '"token_type":"Bearer"}',
    "any member twice": '{"access_token":"t0ken","token_type":"Bearer",'
                        '"x":1,"x":1}',
    "escaped member twice": '{"access_token":"t0ken","token_type":"Bearer",'
                            '"access_toke\\u006e":"t1"}',
    "error and token": token(error="invalid_grant"),
    "line break in token": token(access_token="t0ken\r\nX-Evil: 1"),
    "NUL in token": token(access_token="t0ken\u0000x"),
    "control in token": token(access_token="t0ken\u0007"),
    "token type mac": token(token_type="mac"),
    "token type DPoP": token(token_type="DPoP"),
    "token type N_A": token(token_type="N_A"),
    "token type is a number": token(token_type=1),
    "deep": '{"access_token":"t0ken","x":' + "[" * 100000 + "]" * 100000 + "}",
    "huge": token(x="x" * (8 << 20)),
    "form with token twice": "access_token=t0ken&access_token=t1",
    "form with error and token": "access_token=t0ken&error=x",
    "form of type mac": "access_token=t0ken&token_type=mac",
}


def refused(bearerd, provider, step: dict) -> None:
    provider.set(plan=[{**step, "times": None}])
    proxy = bearerd({"a": provider.service()})
    reply = proxy.get(URL, "X-Mine: 1")
    assert reply.status in (502, 503), reply.body
    problem(reply)
    assert reply.error
    assert b"t0ken" not in reply.body
    assert "t0ken" not in proxy.stderr
    state = provider.state()
    assert state["api"]["total"] == 0
    assert 1 <= state["token"]["total"] <= 2
    wait_for(lambda: proxy.health("a").status == 503, 5, "health fails")


@pytest.mark.parametrize("name", REFUSED)
def test_reply_that_is_refused(bearerd, provider, name):
    content_type = "application/json"
    if name.startswith("form"):
        content_type = "application/x-www-form-urlencoded"
    refused(bearerd, provider, {"body": REFUSED[name],
                                "content_type": content_type})


def test_reply_that_is_no_text(bearerd, provider):
    body = b'{"access_token":"t0ken\xff","token_type":"Bearer"}'
    refused(bearerd, provider,
            {"body_base64": base64.b64encode(body).decode()})


def test_reply_that_unpacks_beyond_all_bounds(bearerd, provider):
    bomb = gzip.compress(b'{"access_token":"t0ken","x":"' + b"x" * (64 << 20) + b'"}')
    refused(bearerd, provider, {
        "body_base64": base64.b64encode(bomb).decode(),
        "headers": {"Content-Encoding": "gzip"}})


def test_reply_that_is_cut_short(bearerd, provider):
    whole = b'{"access_token":"t0ken","token_type":"Bearer"}'
    raw = (b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
           b"Content-Length: 100\r\n\r\n" + whole)
    refused(bearerd, provider, {"raw": base64.b64encode(raw).decode()})


def test_reply_that_is_no_http(bearerd, provider):
    refused(bearerd, provider,
            {"raw": base64.b64encode(b"t0ken t0ken\r\n\r\n").decode()})


def test_redirect_is_not_followed(bearerd, provider):
    refused(bearerd, provider, {
        "status": 307, "headers": {"Location": provider.token_endpoint}})
