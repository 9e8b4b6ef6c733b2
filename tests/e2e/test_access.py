# SPDX-License-Identifier: MIT
"""allow and deny: which methods and paths a service lets through."""

import pytest

from harness import static
from rawserver import echo


@pytest.fixture(scope="module")
def server(shared_upstream):
    return shared_upstream(echo())


@pytest.fixture(scope="module")
def proxy(shared_bearerd, server):
    def service(name, **keys):
        return static(f"{server.url}/base", match=f"{name}.example.test/in", **keys)

    return shared_bearerd({
        "denies": service("denies", deny=["* /admin/**", "DELETE,PUT /items/*"]),
        "allows": service("allows", allow=["GET,HEAD /v1/**", "POST /v1/jobs"],
                          deny="* /v1/secret/**"),
        "pages": service("pages", allow="GET /x", max_body=10,
                         allow_origin="https://app.example.test"),
        "open": service("open"),
        "named": {"match": ["a.example.org/in", "b.example.org"], "deny": "* /**",
                  "access_token": "fixed-token"},
    })


@pytest.fixture
def ask(proxy, server):
    """Sends a request; whether it reached the server, and the answer."""

    def send(method, target, *fields, **options):
        before = len(server.requests)
        reply = proxy.fetch(method, target, fields=fields, **options)
        reached = len(server.requests) > before
        assert reached == (reply.status == 200)
        if not reached:
            assert "fixed-token" not in str(reply.body)
        return reply

    return send


@pytest.mark.parametrize("method, path, status", [
    ("GET", "/admin/x", 403), ("GET", "/admin/", 403), ("GET", "/administrator", 200),
    ("GET", "/items/1", 200), ("DELETE", "/items/1", 403), ("delete", "/items/1", 403),
    ("PUT", "/items/1?x=/y", 403), ("DELETE", "/items/1/parts", 200),
    ("DELETE", "/items", 200), ("GET", "/x?/admin/x", 200), ("GET", "", 200),
])
@pytest.mark.parametrize("way", ["http://denies.example.test/in", "/denies"])
def test_deny(ask, way, method, path, status):
    assert ask(method, way + path).status == status


@pytest.mark.parametrize("method, way, path, field, status", [
    ("POST", "denies", "/items/1", "X-HTTP-Method-Override: DELETE", 403),
    ("POST", "denies", "/items/1", "x-http-method-override: put", 403),
    ("POST", "denies", "/items/1", "X-Method-Override: PUT", 403),
    ("GET", "denies", "/items/1", "X-HTTP-Method: Delete", 403),
    ("POST", "denies", "/items/1", "X_HTTP_Method_Override: DELETE", 403),
    ("POST", "denies", "/items/1", "X-HTTP-Method-Override: PATCH, DELETE", 403),
    ("POST", "denies", "/items/1?_method=delete", "X: y", 403),
    ("POST", "denies", "/items/1?a&%5Fmethod=%44ELETE", "X: y", 403),
    ("POST", "denies", "/items/1", "X-HTTP-Method-Override: PATCH", 200),
    ("POST", "denies", "/items/1?method=DELETE", "X: y", 200),
    # Its own method has to be let through as well.
    ("DELETE", "denies", "/items/1", "X-HTTP-Method-Override: GET", 403),
    ("POST", "allows", "/v1/jobs", "X-HTTP-Method-Override: DELETE", 403),
    ("POST", "allows", "/v1/jobs", "X-HTTP-Method-Override: GET", 200),
    ("GET", "denies", "/x", "X-Original-URL: /admin/x", 403),
    ("GET", "denies", "/x", "X-Rewrite-URL: /y", 403),
    ("GET", "allows", "/v1/a", "x-original-url: /v1/a", 403),
    ("MOVE", "denies", "/x", "Destination: /in/admin/x", 403),
    ("COPY", "denies", "/x", "Destination: http://denies.example.test/in/admin/x", 403),
    ("COPY", "denies", "/x", "Destination: http://upstream/base/%61dmin/x", 403),
    ("COPY", "denies", "/x", "Destination: /in/y", 200),
    ("GET", "open", "/x", "X-Original-URL: /admin/x", 200),
    ("POST", "open", "/x", "X-HTTP-Method-Override: DELETE", 200),
])
def test_what_a_request_names_beside_its_line(ask, method, way, path, field, status):
    reply = ask(method, f"http://{way}.example.test/in{path}", field)
    assert reply.status == status
    if status == 403:
        assert reply.error == "http_request_denied"


@pytest.mark.parametrize("method, path, status", [
    ("GET", "/v1/a/b?q", 200), ("HEAD", "/v1/a", 200), ("POST", "/v1/a", 403),
    ("POST", "/v1/jobs", 200), ("GET", "/v2/a", 403), ("GET", "", 403),
    ("GET", "/V1/a", 403), ("get", "/v1/a", 403), ("OPTIONS", "/v1/a", 403),
    ("GET", "/v1/secret/x", 403), ("GET", "/v1/a%20b", 200),
    ("GET", "/v1/../v2", 403), ("GET", "/v1/%2e%2e/v2", 403),
])
def test_allow(ask, method, path, status):
    assert ask(method, "/allows" + path).status == status


@pytest.mark.parametrize("path", [
    "//admin/x", "/./admin/x", "/x/../admin/x", "/x/%2e%2e/admin/x", "/%61dmin/x",
    "/admin%2Fx", "/admin%5Cx", "/admin\\x", "/admin;a/x", "/x/..;/admin/x",
    "/x%2F..%2Fadmin%2fx", "/admin%3Ba/x", "/%2e/admin/x", "/admin/y/%2E./x",
    "/x//..//admin/x",
])
def test_evasions(ask, path):
    reply = ask("GET", "/denies" + path)
    assert (reply.status, reply.error) == (403, "http_request_denied")


def test_target_travels_as_it_was_sent(ask, server):
    target = "/x/%2e%2E/y;a=b//c%2Fd?e=%2F"
    assert ask("GET", "/denies" + target).status == 200
    assert server.last.target == "/base" + target


def test_refusal_says_why(ask):
    denied = ask("GET", "/denies/admin/x")
    assert denied.error == "http_request_denied"
    assert "deny" in denied.json()["detail"]
    assert "admin" not in denied.json()["detail"]
    assert "allow" in ask("GET", "/allows/x").json()["detail"]


def test_refusal_comes_before_the_token(bearerd, provider):
    proxy = bearerd({"a": provider.service(deny="* /no/**")})
    assert proxy.get("/a/no/x").status == 403
    assert proxy.post("/a/no/x", b"x" * 100000).status == 403
    assert proxy.get("http://api.example.test/no/x").status == 403
    assert provider.token_count == 0
    assert proxy.get("/a/yes").status == 200
    assert provider.token_count == 1


def test_connection_serves_on(proxy):
    with proxy.connect() as connection:
        for target, status in (("/denies/admin/x", 403), ("/denies/x", 200)):
            connection.request("GET", target)
            assert connection.read_response().status == status


def test_order_of_refusals(ask):
    assert ask("TRACE", "/allows/x").status == 405
    foreign = ask("GET", "/denies/admin/x", "Origin: https://evil.example")
    assert foreign.status == 403 and "page" in foreign.json()["detail"]
    assert ask("GET", "/denies/../open/x").status == 400
    assert ask("POST", "/pages/y", body=b"x" * 100).status == 403


def test_preflight_is_answered_here(ask):
    origin = "Origin: https://app.example.test"
    asked = ask("OPTIONS", "/pages/y", origin, "Access-Control-Request-Method: GET")
    assert asked.status == 204
    assert ask("GET", "/pages/y", origin).status == 403
    assert ask("GET", "/pages/x", origin).status == 200


def test_service_without_upstream(ask):
    assert ask("GET", "http://a.example.org/in/x").status == 403


@pytest.mark.parametrize("key", ["allow", "deny"])
@pytest.mark.parametrize("value, words", [
    ("/x", "METHOD"), ("GET", "METHOD"), ("GET x", 'begin with "/"'),
    ("G(T /x", "not a method"), ("GET HEAD /x", "not a method"), ("GET /x?y", "query"),
    ("GET /a/../b", '".."'),
])
def test_mistakes(bearerd, key, value, words):
    result = bearerd.check("[service a]\nupstream = https://a.example.test\n"
                           f"{key} = GET /good\n{key} = {value}\n")
    assert result.returncode == 1
    assert f"bearerd.ini:4: {key}: " in result.stderr
    assert words in result.stderr
