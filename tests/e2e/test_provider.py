# SPDX-License-Identifier: MIT
"""The servers that the other tests stand on, asked directly."""

import base64
import concurrent.futures
import time

import pytest
import requests

import harness
import load
import rawclient
from harness import Provider
from rawserver import exactly

BASIC = ("demo-client", "demo-secret")


def ask(provider, auth=BASIC, **form):
    form = {"grant_type": "client_credentials", **form}
    return requests.post(provider.token_endpoint, data=form, auth=auth, timeout=30)


def call(provider, path, token, **options):
    return requests.get(provider.api + path, timeout=30,
                        headers={"Authorization": f"Bearer {token}"}, **options)


def test_token_opens_the_api(provider):
    reply = ask(provider, scope="read write").json()
    assert reply["token_type"] == "Bearer"
    assert reply["expires_in"] == 3600
    assert reply["scope"] == "read write"
    echoed = call(provider, "/x?y=1", reply["access_token"]).json()
    assert echoed["method"] == "GET"
    assert echoed["target"] == "/x?y=1"
    state = provider.state()
    assert state["token"]["by_grant"] == {"client_credentials": 1}
    assert state["api"]["total"] == 1


@pytest.mark.parametrize("fields", [{}, {"Authorization": "Bearer wrong"}])
def test_api_refuses_without_a_token(provider, fields):
    reply = requests.get(provider.api + "/x", headers=fields, timeout=30)
    assert reply.status_code == 401
    assert reply.headers["WWW-Authenticate"].lower().startswith("bearer")


def test_api_refuses_two_tokens(provider):
    token = ask(provider).json()["access_token"]
    port = int(provider.api.rpartition(":")[2])
    field = f"Authorization: Bearer {token}"
    assert rawclient.get(port, "/x", field).status == 200
    assert rawclient.get(port, "/x", field, field).status == 401
    assert rawclient.get(port, f"/x?access_token={token}").status == 200
    assert rawclient.get(port, f"/x?access_token={token}", field).status == 401


def test_client_authentication_is_real(provider):
    odd = "p%20 s:/+ü&="
    provider.set(clients=[
        {"client_id": "form id", "client_secret": odd},
        {"client_id": "raw", "client_secret": odd,
         "client_secret_basic_encoding": "raw"},
        {"client_id": "post", "client_secret": odd,
         "token_endpoint_auth_method": "client_secret_post"},
        {"client_id": "public", "token_endpoint_auth_method": "none"}])
    quoted = ("form+id", requests.utils.quote(odd, safe=""))

    def status(auth=None, **form):
        return ask(provider, auth, **form).status_code

    assert status(quoted) == 200
    assert status(("form id", odd.encode())) == 401
    assert status(("raw", odd.encode())) == 200
    assert status(("raw", quoted[1])) == 401
    assert status(client_id="post", client_secret=odd) == 200
    assert status(("post", odd.encode())) == 401
    assert status(client_id="public") == 200
    wrong = ask(provider, ("demo-client", "wrong"))
    assert wrong.status_code == 401 and wrong.json()["error"] == "invalid_client"


@pytest.mark.parametrize("shape", [12, "12", None, 0, 1.5, [], "absent"])
def test_shape_of_expires_in(provider, shape):
    provider.set(issue={"expires_in": shape, "token_type": "bEARER",
                        "extra": {"more": {"a": 1}}})
    reply = ask(provider).json()
    assert reply.get("expires_in", "absent") == shape
    assert reply["token_type"] == "bEARER"
    assert reply["more"] == {"a": 1}


def test_tokens_expire_and_are_revoked(provider):
    provider.set(issue={"expires_in": 3600, "lifetime": 0.5})
    token = ask(provider).json()["access_token"]
    assert call(provider, "/", token).status_code == 200
    time.sleep(0.6)
    assert call(provider, "/", token).status_code == 401
    provider.set(issue={})
    token = ask(provider).json()["access_token"]
    assert provider.revoke(token) == 1
    assert call(provider, "/", token).status_code == 401
    assert provider.issued[-1] == token


def test_plan(provider):
    provider.set(plan=[
        {"status": 429, "headers": {"Retry-After": "7"}, "body": "wait", "times": 2},
        {"body": '{"a":1,', "content_type": "text/plain"},
        {"drop": "before"},
        {"drop": "after"},
        {"raw": base64.b64encode(b"nonsense").decode()},
        {"delay": 0.3},
    ])
    for _ in range(2):
        reply = ask(provider)
        assert (reply.status_code, reply.text) == (429, "wait")
        assert reply.headers["Retry-After"] == "7"
    assert ask(provider).text == '{"a":1,'
    for issued in (0, 1, 1):
        with pytest.raises(requests.ConnectionError):
            ask(provider)
        assert len(provider.issued) == issued
    began = time.monotonic()
    assert ask(provider).status_code == 200
    assert time.monotonic() - began >= 0.3
    assert provider.state()["plan"] == []
    assert provider.token_count == 7


def test_rotation_and_reuse(provider):
    provider.set(issue={"rotate": True}, clients=[{
        "client_id": "demo-client", "client_secret": "demo-secret",
        "grant_types": ["password", "refresh_token"]}])
    first = ask(provider, grant_type="password", username="alice",
                password="wonderland").json()
    second = ask(provider, grant_type="refresh_token",
                 refresh_token=first["refresh_token"]).json()
    assert second["refresh_token"] != first["refresh_token"]
    assert call(provider, "/", second["access_token"]).status_code == 200
    again = ask(provider, grant_type="refresh_token",
                refresh_token=first["refresh_token"])
    assert again.json()["error"] == "invalid_grant"
    assert call(provider, "/", second["access_token"]).status_code == 401
    newest = ask(provider, grant_type="refresh_token",
                 refresh_token=second["refresh_token"])
    assert newest.json()["error"] == "invalid_grant"
    assert provider.state()["reused"] == 1


def test_requests_are_recorded(provider):
    requests.post(provider.token_endpoint, auth=BASIC, timeout=30, data=[
        ("grant_type", "client_credentials"), ("resource", "a"), ("resource", "b")])
    seen = provider.token_requests[0]
    assert [v for n, v in seen["form"] if n == "resource"] == ["a", "b"]
    basic = base64.b64encode(b"demo-client:demo-secret").decode()
    assert ["Authorization", f"Basic {basic}"] in seen["headers"]


def test_many_at_once(provider):
    provider.set(plan=[{"delay": 0.5, "times": None}])
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        replies = list(pool.map(lambda _: ask(provider).status_code, range(20)))
    assert replies == [200] * 20
    assert provider.state()["token"]["in_flight_max"] > 10
    port = int(provider.api.rpartition(":")[2])
    answers = load.burst(port, load.get_request("/open/slow/0.5"), 500)
    assert [a.status for a in answers] == [200] * 500
    assert provider.state()["api"]["in_flight_max"] > 100


def test_request_of_before_a_reset(provider):
    """The next test sees nothing of what the last one left under way."""
    provider.set(plan=[{"delay": 0.5}])
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        late = pool.submit(ask, provider)
        harness.wait_for(lambda: provider.token_count == 1, 10, "the request")
        provider.reset()
        with pytest.raises(requests.ConnectionError):
            late.result()
    assert (provider.issued, provider.token_count) == ([], 0)


def test_bodies_both_ways(provider):
    port = int(provider.api.rpartition(":")[2])
    with rawclient.Connection(port) as connection:
        connection.request("GET", "/open/bytes/200000?chunked=1")
        chunked = connection.read_response()
        connection.request("GET", "/open/bytes/200000")
        plain = connection.read_response()
        connection.send("POST /open/x HTTP/1.1\r\nHost: x\r\n"
                        "Transfer-Encoding: chunked\r\n\r\n"
                        "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n")
        echoed = connection.read_response().json()
        connection.request("HEAD", "/open/bytes/10")
        assert connection.read_response("HEAD").value("Content-Length") == "10"
        connection.request("GET", "/open/status/204")
        assert connection.read_response().status == 204
    assert len(chunked.body) == 200000 and chunked.body == plain.body
    assert echoed["body_length"] == 5


def test_over_tls(authority):
    certificate, key = authority.issue("127.0.0.1")
    secure = Provider("--tls-certificate", certificate, "--tls-private-key", key,
                      ca=str(authority.path))
    try:
        reply = requests.post(secure.token_endpoint, auth=BASIC, timeout=30,
                              data={"grant_type": "client_credentials"},
                              verify=str(authority.path))
        assert reply.status_code == 200
        assert secure.token_count == 1
    finally:
        secure.stop()


def test_raw_server(upstream):
    server = upstream()
    with rawclient.Connection(server.port) as connection:
        connection.request("POST", "/%2f//x?", fields=["A: 1", "a: 2"], body=b"hello")
        assert connection.read_response().json()["length"] == 5
        connection.request("GET", "/2")
        assert connection.read_response().status == 200
    assert server.connections == 1
    assert server.requests[0].target == "/%2f//x?"
    assert server.requests[0].values("a") == ["1", "2"]
    assert server.last.target == "/2"


def test_raw_server_exact_bytes(upstream):
    server = upstream(exactly(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"))
    reply = rawclient.get(server.port, "/")
    assert (reply.body, reply.complete) == (b"abc", False)
    server = upstream(exactly(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"))
    reply = rawclient.get(server.port, "/")
    assert (reply.body, reply.complete) == (b"abc", False)


def test_nginx_serves_the_big_file(nginx):
    (nginx.files / "small").write_bytes(b"small\n")
    assert rawclient.get(nginx.port, "/small").body == b"small\n"
    head = rawclient.fetch(nginx.port, "HEAD", "/big")
    assert head.value("Content-Length") == str(1 << 30)
    assert len(nginx.workers()) == 1


def test_ini():
    text = harness.ini({"proxy": {"workers": 2}, "service a": {"match": ["x", "y"]}})
    assert text == "[proxy]\nworkers = 2\n\n[service a]\nmatch = x\nmatch = y\n"
