# SPDX-License-Identifier: MIT
"""Where the token goes, and what becomes of one that the client sent."""

from urllib.parse import quote, unquote

import pytest

from harness import static

URL = "http://api.example.test/x"


@pytest.fixture
def place(bearerd, upstream):
    """place(keys, target=, fields=...): what the upstream saw, or the reply
    where nothing reached it."""
    server = upstream()

    def send(keys, *fields, target="/x", method="GET", body=None):
        proxy = bearerd({"api": static(server.url, **keys)})
        reply = proxy.fetch(method, "http://api.example.test" + target,
                            fields=fields, body=body)
        proxy.stop()
        return server.requests[-1] if reply.status == 200 else reply

    return send


def test_header_is_the_default(place):
    assert place({}).values("Authorization") == ["Bearer fixed-token"]


def test_header_of_another_name(place):
    seen = place({"token_name": "X-Api-Key"})
    assert seen.values("X-Api-Key") == ["fixed-token"]
    assert seen.values("Authorization") == []


@pytest.mark.parametrize("token_format, value", [
    ("{access_token}", "fixed-token"),
    ("token {access_token}", "token fixed-token"),
    ("Key key=\"{access_token}\"; v={{1}}", "Key key=\"fixed-token\"; v={1}"),
    ("{access_token}.{access_token}", "fixed-token.fixed-token"),
])
def test_token_format(place, token_format, value):
    seen = place({"token_format": token_format})
    assert seen.values("Authorization") == [value]


@pytest.mark.parametrize("target, arrives", [
    ("/x", "/x?access_token=fixed-token"),
    ("/x?a=1", "/x?a=1&access_token=fixed-token"),
    ("/x?a=%2f&&b", "/x?a=%2f&&b&access_token=fixed-token"),
])
def test_query(place, target, arrives):
    seen = place({"token_placement": "query"}, target=target)
    assert seen.target == arrives
    assert seen.values("Authorization") == []


def test_query_that_is_empty(place):
    seen = place({"token_placement": "query"}, target="/x?")
    assert seen.target in ("/x?access_token=fixed-token",
                           "/x?&access_token=fixed-token")


def test_query_name_and_encoding(place):
    seen = place({"token_placement": "query", "token_name": "key",
                  "access_token": "a+b/c=&d %e"}, target="/x")
    assert seen.target in ("/x?key=a%2Bb%2Fc%3D%26d%20%25e",
                           "/x?key=a%2Bb%2Fc%3D%26d+%25e")


def test_query_of_a_post(place):
    seen = place({"token_placement": "query"}, method="POST", body=b"a=1")
    assert seen.target == "/x?access_token=fixed-token"
    assert seen.body == b"a=1"


CREDENTIALS = [
    ["Authorization: Bearer mine"],
    ["authorization: bearer mine"],
    ["AUTHORIZATION: Basic bWluZTptaW5l"],
    ["Authorization: Bearer mine", "Authorization: Bearer mine-too"],
    ["Authorization:"],
]


@pytest.mark.parametrize("fields", CREDENTIALS)
@pytest.mark.parametrize("keys", [{}, {"existing_credential": "replace"}])
def test_replace(place, fields, keys):
    seen = place(keys, *fields)
    assert seen.values("Authorization") == ["Bearer fixed-token"]
    assert b"mine" not in seen.head


@pytest.mark.parametrize("fields", CREDENTIALS[:3])
def test_keep(place, fields):
    seen = place({"existing_credential": "keep"}, *fields)
    assert seen.values("Authorization") == [fields[0].partition(": ")[2]]
    assert b"fixed-token" not in seen.head


def test_keep_never_lets_two_leave(place):
    result = place({"existing_credential": "keep"}, *CREDENTIALS[3])
    if hasattr(result, "head"):
        assert len(result.values("Authorization")) == 1
    else:
        assert result.status in (400, 403)


@pytest.mark.parametrize("mode", ["keep", "reject"])
def test_no_credential_of_the_clients(place, mode):
    seen = place({"existing_credential": mode})
    assert seen.values("Authorization") == ["Bearer fixed-token"]


@pytest.mark.parametrize("fields", CREDENTIALS[:4])
def test_reject(place, fields):
    reply = place({"existing_credential": "reject"}, *fields)
    assert reply.status == 403
    assert reply.error == "http_request_denied"


SLOTS = {
    "header": ({"token_name": "X-Api-Key"}, "/x", ["x-api-key: mine"]),
    "query": ({"token_placement": "query"}, "/x?a=1&access_token=mine&b=2", []),
    "encoded": ({"token_placement": "query"}, "/x?a=1&access%5Ftoken=mine&b=2", []),
    "other": ({"token_placement": "query"}, "/x?a=1&b=2",
              ["Authorization: Bearer mine"]),
    "other-header": ({"token_name": "X-Api-Key"}, "/x", ["Authorization: Basic mine"]),
}


@pytest.mark.parametrize("slot", SLOTS)
def test_replace_in_the_placements_own_slot(place, slot):
    keys, target, fields = SLOTS[slot]
    seen = place(keys, *fields, target=target)
    whole = seen.head.decode()
    assert "mine" not in whole
    assert whole.count("fixed-token") == 1
    if "query" in keys.values():
        assert seen.target == "/x?a=1&b=2&access_token=fixed-token"


@pytest.mark.parametrize("slot", SLOTS)
def test_keep_in_the_placements_own_slot(place, slot):
    keys, target, fields = SLOTS[slot]
    seen = place({**keys, "existing_credential": "keep"}, *fields, target=target)
    whole = seen.head.decode()
    assert "mine" in whole
    assert "fixed-token" not in whole
    assert seen.target == target


@pytest.mark.parametrize("slot", SLOTS)
def test_reject_in_the_placements_own_slot(place, slot):
    keys, target, fields = SLOTS[slot]
    reply = place({**keys, "existing_credential": "reject"}, *fields, target=target)
    assert reply.status == 403


def test_parameter_of_a_like_name_is_no_credential(place):
    seen = place({"token_placement": "query", "existing_credential": "reject"},
                 target="/x?access_token2=a&xaccess_token=b&q=access_token=c")
    assert seen.target == ("/x?access_token2=a&xaccess_token=b&q=access_token=c"
                           "&access_token=fixed-token")


def test_grant_none_places_nothing_and_keeps_the_clients(place):
    seen = place({"access_token": None, "grant_type": "none"},
                 "Authorization: Bearer mine")
    assert seen.values("Authorization") in (["Bearer mine"], [])
    assert "fixed-token" not in seen.head.decode()


def test_real_token_in_the_query(bearerd, provider):
    proxy = bearerd({"a": provider.service(token_placement="query")})
    echoed = proxy.get(URL).json()
    assert echoed["target"] == f"/x?access_token={provider.issued[0]}"
    provider.revoke()
    assert proxy.get(URL).status == 200
    assert provider.token_count == 2


def test_token_never_goes_elsewhere(bearerd, upstream):
    """Each service's token reaches its own upstream only."""
    servers = [upstream(), upstream()]
    proxy = bearerd({
        name: static(server.url, match=f"{name}.example.test",
                     access_token=f"token-of-{name}")
        for name, server in zip("ab", servers)})
    for name in "abab":
        assert proxy.get(f"http://{name}.example.test/x").status == 200
        assert proxy.get(f"/{name}/x").status == 200
    for name, server in zip("ab", servers):
        assert {r.value("Authorization") for r in server.requests} == {
            f"Bearer token-of-{name}"}


@pytest.mark.parametrize("way", ["/a/x?q=1", "http://api.example.test/x?q=1"])
def test_token_of_the_query_does_not_come_back(bearerd, upstream, way):
    """An upstream repeats the target that it was asked for, as it came, and in
    a parameter of another; nobody but the upstream is to see the token."""
    def script(peer):
        target = peer.read_request().target
        again = quote(target, safe="")
        peer.answer(b"", "302 Found", f"Location: {target}&x=1",
                    f"Content-Location: {peer.server.url}{target}#{target}",
                    f"Refresh: 5; url=/login?next={again}",
                    f'Link: <{target}>; rel=next, </y?n={quote(again)}>; rel=prev')

    server = upstream(script)
    token = "s3cret/t0ken+with~odd.octets"
    proxy = bearerd({"a": static(server.url, access_token=token,
                                 token_placement="query")})
    reply = proxy.get(way)
    assert quote(token, safe="") in server.last.target
    shown = reply.raw_head.decode()
    for _ in range(4):
        assert token not in shown and "s3cret" not in shown, reply.raw_head
        shown = unquote(shown)
    assert reply.value("Location").endswith("/x?q=1&x=1")
    assert reply.value("Refresh").startswith("5; url=/login?next=%2Fx%3Fq%3D1")
    assert "rel=next" in reply.value("Link")
    proxy.stop()
    # One that is placed in a field is not looked for.
    plain = bearerd({"a": static(server.url)})
    assert plain.get("/a/x?access_token=mine").value("Location").endswith(
        "/x?access_token=mine&x=1")
