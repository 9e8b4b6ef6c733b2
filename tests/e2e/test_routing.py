# SPDX-License-Identifier: MIT
"""Which service a request reaches, with which target, and who is refused."""

import pytest

from harness import static
from rawclient import Connection, exchange
from rawserver import echo

NAVIGATION = ("Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate",
              "Sec-Fetch-Dest: document")


@pytest.fixture(scope="module")
def servers(shared_upstream):
    names = ("exact", "wild", "port", "prefix", "deep", "pages")
    return {name: shared_upstream(echo(name)) for name in names}


@pytest.fixture(scope="module")
def proxy(shared_bearerd, servers):
    def service(name, match, **keys):
        return static(servers[name].url + "/" + name[0], match=match, **keys)

    return shared_bearerd({
        "wild": service("wild", "*.example.test"),
        "exact": service("exact", ["api.example.test", "second.example.org"]),
        "prefix": service("prefix", "api.example.test/v1"),
        "deep": service("deep", "api.example.test/v1/deep", path="/own/path/"),
        "port": service("port", "api.example.test:8443"),
        "pages": service("pages", "pages.example.org"),
    }, {"own_names": "bearerd.home.test"})


@pytest.fixture
def reach(proxy, servers):
    """Sends a GET; says which server it came to and with which target."""

    def send(target, *fields, **options):
        before = {name: len(server.requests) for name, server in servers.items()}
        reply = proxy.get(target, *fields, **options)
        assert reply.status == 200, (reply.status, reply.body)
        new = [n for n, s in servers.items() if len(s.requests) > before[n]]
        assert new == [reply.json()["server"]]
        return new[0], servers[new[0]].last.target

    return send


@pytest.fixture
def refuse(proxy, servers):
    """Sends a request that must be refused and reach nobody."""

    def send(method, target, *fields, **options):
        before = sum(len(server.requests) for server in servers.values())
        reply = proxy.fetch(method, target, fields=fields, **options)
        assert sum(len(s.requests) for s in servers.values()) == before
        return reply

    return send


@pytest.mark.parametrize("target, server, arrives", [
    ("http://api.example.test/x", "exact", "/e/x"),
    ("https://api.example.test/x", "exact", "/e/x"),
    ("http://api.example.test:80/x", "exact", "/e/x"),
    ("https://api.example.test:443/x", "exact", "/e/x"),
    ("http://api.example.test:8080/x", "exact", "/e/x"),
    ("http://api.example.test/", "exact", "/e/"),
    ("http://API.Example.Test/x", "exact", "/e/x"),
    ("http://api.example.test./x", "exact", "/e/x"),
    ("http://second.example.org/x", "exact", "/e/x"),
    ("http://other.example.test/x", "wild", "/w/x"),
    ("http://a.b.example.test/x", "wild", "/w/x"),
    ("http://api.example.test:8443/x", "port", "/p/x"),
    ("http://api.example.test:8443/v1/deep/x", "port", "/p/v1/deep/x"),
    ("http://api.example.test/v1/x", "prefix", "/p/x"),
    ("http://api.example.test/v10/x", "exact", "/e/v10/x"),
    ("http://api.example.test/V1/x", "exact", "/e/V1/x"),
    ("http://api.example.test/v1/deep/x", "deep", "/d/x"),
    ("http://api.example.test/v1/deeper", "prefix", "/p/deeper"),
])
def test_choice_by_host_port_and_prefix(reach, target, server, arrives):
    assert reach(target) == (server, arrives)


def test_prefix_itself_is_matched(reach):
    assert reach("http://api.example.test/v1?q=1")[0] == "prefix"
    assert reach("http://api.example.test/v1")[0] == "prefix"


@pytest.mark.parametrize("host, target, server, arrives", [
    ("api.example.test", "/x", "exact", "/e/x"),
    ("API.example.test.:80", "/x", "exact", "/e/x"),
    ("api.example.test:8443", "/x", "port", "/p/x"),
    ("api.example.test", "/v1/x?y", "prefix", "/p/x?y"),
    ("z.example.test", "/x", "wild", "/w/x"),
])
def test_origin_form_with_a_services_host(reach, host, target, server, arrives):
    assert reach(target, host=host) == (server, arrives)


@pytest.mark.parametrize("host", [
    "127.0.0.1", "127.0.0.1:1", "localhost", "LOCALHOST.:99", "bearerd.home.test"])
@pytest.mark.parametrize("target, server, arrives", [
    ("/exact/x?y=1", "exact", "/e/x?y=1"),
    ("/exact/", "exact", "/e/"),
    ("/own/path/x", "deep", "/d/x"),
])
def test_by_path_on_own_address(reach, host, target, server, arrives):
    assert reach(target, host=host) == (server, arrives)


def test_absolute_form_to_own_address_is_by_path(reach, proxy):
    assert reach(f"http://127.0.0.1:{proxy.port}/exact/x") == ("exact", "/e/x")
    assert reach("http://localhost/exact/x") == ("exact", "/e/x")


def test_http_1_0_without_host_is_own_address(proxy, servers):
    answer = exchange(proxy.port, "GET /exact/old HTTP/1.0\r\n\r\n")
    assert answer.split(b" ")[1] == b"200"
    assert servers["exact"].last.target == "/e/old"


def test_absolute_form_wins_over_host(proxy, servers):
    proxy.get("http://other.example.test/winner", host="api.example.test")
    assert servers["wild"].last.target == "/w/winner"


@pytest.mark.parametrize("rest", [
    "/a%2fb//c/",
    "/%41%7e%C3%BC?b=%20&a=1&&b=+&=&",
    "/;p=1/~._-!$&'()*+,;=:@",
    "/x?",
    "/x?/../..//%2e%2e/?x",
    "//double",
    "/a/./b",
    "/a/../b",
    "/%252e%252e/x",
    "/...;x",
])
def test_target_travels_byte_for_byte(reach, rest):
    assert reach("http://api.example.test/v1" + rest) == ("prefix", "/p" + rest)
    assert reach("/prefix" + rest, host="localhost") == ("prefix", "/p" + rest)


def test_a_target_of_the_largest_head(bearerd, upstream):
    server = upstream()
    proxy = bearerd({"api": static(server.url)}, {"max_header_size": "1M"})
    target = "/" + "y" * 500_000 + "?z"
    assert proxy.get("http://api.example.test" + target).status == 200
    assert server.last.target == target


def test_long_target(reach):
    rest = "/" + "long/" * 1000 + "?" + "x" * 3000
    assert reach("http://api.example.test/v1" + rest) == ("prefix", "/p" + rest)


@pytest.mark.parametrize("rest", [
    "/..", "/../x", "/a/../../x", "/%2e%2e/x", "/.%2E/x", "/..%2fx", "/..%2F../x",
    "/a%2f..%2f../x", "/..\\x", "/..%5cx", "/..%5Cx", "/..;x/y", "/..;/y",
    "/a/..;b/..;c/d", "/%2e%2e;x/y", "/%2e%2e", "/a/..//../../x",
])
def test_target_outside_its_prefix(refuse, rest):
    for target, host in (("http://api.example.test/v1" + rest, None),
                         ("/v1" + rest, "api.example.test"),
                         ("/prefix" + rest, "localhost")):
        reply = refuse("GET", target, host=host)
        assert reply.status == 400, target
        assert reply.error == "http_request_error"


@pytest.mark.parametrize("path", [
    "/%761/x", "//v1/x", "/a/../v1/x", "/v1;x", "/v1;x/y", "/\\v1", "/v1%2fx",
    "/%2fv1", "/v1\\x", "/a%5c..%5Cv1", "/a/..;/v1", "/./v1", "/%2e/v1",
    "/v1%00", "/v1%3B/x", "/%2576%31/x", "/a/%252e%252e/v1", "/%c1%b61/x",
    "/%c0%afv1", "/;//%76%31%2f%78",
])
def test_target_of_another_service_in_another_reading(refuse, path):
    """A service that has a part of another's paths cannot be evaded."""
    for target, host in (("http://api.example.test" + path, None),
                         ("http://API.Example.TEST.:80" + path, None),
                         (path, "api.example.test."),
                         ("https://api.example.test" + path + "?v1", None)):
        reply = refuse("GET", target, host=host)
        assert reply.status == 400, target
        assert reply.error == "http_request_error"
        assert b"another service" in reply.body


@pytest.mark.parametrize("path", [
    "/%76/x", "/v10", "/a//b/", "/V1/x", "/a/../b", "/x%2fv1", "/%2525;a//",
])
def test_readings_that_are_no_others(reach, path):
    assert reach("http://api.example.test" + path) == ("exact", "/e" + path)


def test_target_above_the_root(refuse):
    assert refuse("GET", "http://second.example.org/../x").status == 400
    assert refuse("GET", "http://second.example.org/a/%2e%2e/../x").status == 400


@pytest.mark.parametrize("host", [
    "evil.test", "127.0.0.2", "[::1]", "10.0.0.1:80", "localhost.evil.test"])
def test_foreign_name_for_own_address(refuse, host):
    for target in ("/exact/x", "/-/health", "/"):
        assert refuse("GET", target, host=host).status == 421


@pytest.mark.parametrize("target", [
    "http://evil.test/x", "https://example.test/x", "http://xexample.test/",
    "http://api.example.test.evil.test/", "http://192.0.2.1/"])
def test_unmatched_host(refuse, target):
    reply = refuse("GET", target)
    assert reply.status == 403
    assert reply.error == "http_request_denied"


def test_no_such_path(refuse):
    for target in ("/nothing/x", "/", "/Exact/x", "/exactly/x"):
        assert refuse("GET", target).status == 404


def test_connect(proxy, servers):
    with Connection(proxy.port) as connection:
        connection.send("CONNECT api.example.test:443 HTTP/1.1\r\n"
                        "Host: api.example.test:443\r\n\r\n")
        assert connection.read_response().status == 501
        assert connection.at_end()


def test_trace(refuse):
    assert refuse("TRACE", "http://api.example.test/x").status == 405
    assert refuse("TRACE", "/exact/x").status == 405
    assert refuse("trace", "/exact/x").status == 405


@pytest.mark.parametrize("fields", [
    ["Origin: http://evil.test"],
    ["Origin: null"],
    ["Origin: https://api.example.test"],
    ["Origin: https://app.example.org.evil.test"],
    ["Origin: http://app.example.org"],
    ["Origin: https://app.example.org:8443"],
    ["Sec-Fetch-Site: cross-site"],
    ["Sec-Fetch-Site: same-site"],
    ["Origin: http://evil.test", "Sec-Fetch-Site: same-origin"],
    list(NAVIGATION),
])
def test_foreign_pages(refuse, fields):
    for target in ("/pages/x", "http://pages.example.org/x"):
        reply = refuse("GET", target, *fields)
        assert reply.status == 403, target
        assert reply.error == "http_request_denied"
        assert refuse("POST", target, *fields, body=b"x").status == 403


def test_own_pages_may(proxy, reach):
    own = f"Origin: http://127.0.0.1:{proxy.port}"
    for fields in ([own], [own, "Sec-Fetch-Site: same-origin"],
                   ["Sec-Fetch-Site: none"], ["Sec-Fetch-Site: same-origin"]):
        assert reach("/pages/x", *fields,
                     host=f"127.0.0.1:{proxy.port}")[0] == "pages"


def test_own_pages_refuse_foreign_origins(refuse):
    assert refuse("GET", "/-/health", "Origin: http://evil.test").status == 403


def test_max_forwards_ends_here(refuse):
    reply = refuse("OPTIONS", "http://api.example.test/x", "Max-Forwards: 0")
    assert reply.status in (200, 204)


@pytest.fixture
def apps(bearerd, upstream):
    """Two services, one of which pages of another origin may call."""
    servers = {name: upstream(echo(name)) for name in ("pages", "other")}
    return servers, bearerd({
        "pages": static(servers["pages"].url, match="pages.example.org",
                        allow_origin=["https://app.example.org"]),
        "other": static(servers["other"].url, match="other.example.org")})


def test_allowed_origin(apps):
    servers, proxy = apps
    origin = "Origin: https://app.example.org"
    for fields in ([origin], [origin, "Sec-Fetch-Site: cross-site"]):
        assert proxy.get("/pages/x", *fields).status == 200
        assert proxy.get("http://pages.example.org/x", *fields).status == 200
    assert proxy.get("/other/x", origin).status == 403
    for foreign in ("http://app.example.org", "https://app.example.org:8443",
                    "https://app.example.org.evil.test", "null"):
        assert proxy.get("/pages/x", f"Origin: {foreign}").status == 403
    assert len(servers["pages"].requests) == 4
    assert servers["other"].requests == []


def test_preflight_is_answered_here(apps):
    servers, proxy = apps
    reply = proxy.fetch("OPTIONS", "/pages/x", fields=[
        "Origin: https://app.example.org", "Access-Control-Request-Method: PUT",
        "Access-Control-Request-Headers: x-one"])
    assert reply.status in (200, 204)
    assert reply.value("Access-Control-Allow-Origin") == "https://app.example.org"
    assert "PUT" in reply.value("Access-Control-Allow-Methods")
    assert "x-one" in reply.value("Access-Control-Allow-Headers").lower()
    assert servers["pages"].requests == []
