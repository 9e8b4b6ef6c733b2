# SPDX-License-Identifier: MIT
"""Several routes with one session (`session`), and upstreams that the token
chooses (`upstream = {token.FIELD}`, `upstream_hosts`)."""

import json
import time

import pytest

from harness import free_port, wait_for

URL = "http://api.example.test/x"
OTHER = "http://files.example.test/y"


def shares(provider, **keys):
    return {"upstream": provider.api, "match": "files.example.test",
            "session": "a", **keys}


def header(reply, name):
    return [v for n, v in reply.json()["headers"] if n.lower() == name.lower()]


def test_one_token_for_both(bearerd, provider):
    proxy = bearerd({"a": provider.service(), "b": shares(provider)})
    assert proxy.get(OTHER).status == 200
    assert proxy.get(URL).status == 200
    assert provider.token_count == 1


def test_each_places_it_its_own_way(bearerd, provider):
    proxy = bearerd({"a": provider.service(), "b": shares(
        provider, token_placement="query",
        **{"protected_request.header.X-Client": "{client_id}"})})
    assert proxy.get(URL).status == 200
    reply = proxy.get(OTHER)
    assert reply.status == 200
    assert "access_token=" in reply.json()["target"]
    assert header(reply, "Authorization") == []
    assert header(reply, "X-Client") == ["demo-client"]
    assert provider.token_count == 1


def test_a_refusal_at_one_renews_for_both(bearerd, provider):
    proxy = bearerd({"a": provider.service(), "b": shares(provider)})
    assert proxy.get(URL).status == 200
    provider.revoke()
    assert proxy.get(OTHER).status == 200
    assert proxy.get(URL).status == 200
    assert provider.token_count == 2


def test_renewed_in_the_background_by_its_use(bearerd, provider):
    provider.set(issue={"expires_in": 3})
    proxy = bearerd({"a": provider.service(refresh_leeway="1s"),
                     "b": shares(provider)})
    assert proxy.get(OTHER).status == 200
    limit = time.monotonic() + 6
    while provider.token_count < 2 and time.monotonic() < limit:
        assert proxy.get(OTHER).status == 200
        time.sleep(0.05)
    assert provider.token_count == 2


def test_a_failure_is_both_services(bearerd, provider):
    provider.set(plan=[{"status": 401, "body": '{"error":"invalid_client"}',
                        "times": None}])
    proxy = bearerd({"a": provider.service(), "b": shares(provider)})
    assert proxy.get(OTHER).status == 502
    assert proxy.get(URL).status == 502
    assert proxy.health("b").status == 503


def test_waits_in_one_queue(bearerd, provider):
    provider.set(plan=[{"delay": 0.5}])
    proxy = bearerd({"a": provider.service(), "b": shares(provider)})
    from concurrent.futures import ThreadPoolExecutor
    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(proxy.get, [URL, OTHER] * 4))
    assert {r.status for r in replies} == {200}
    assert provider.token_count == 1


def test_a_person_logs_in_once(bearerd, provider, browser):
    proxy = bearerd({"a": provider.service(
        grant_type="authorization_code",
        authorization_endpoint=provider.authorization_endpoint),
        "b": shares(provider)})
    provider.register(
        grant_types=["authorization_code"], redirect_uris=[
            f"http://127.0.0.1:{proxy.port}/-/callback/a"])
    reply = proxy.get(OTHER)
    assert reply.status == 503
    # The address is that of the service that has the session.
    assert reply.json()["login_url"].endswith("/-/login/a")
    browser.login(f"http://127.0.0.1:{proxy.port}/-/login/b")
    assert proxy.get(OTHER).status == 200
    assert proxy.get(URL).status == 200


def test_its_login_begins_where_it_ends(bearerd, provider, browser):
    """Which name the session's redirect_uri has, counts for all who use it."""
    port = free_port()
    back = f"http://localhost:{port}/-/callback/a"
    proxy = bearerd({"a": provider.service(
        grant_type="authorization_code", redirect_uri=back,
        authorization_endpoint=provider.authorization_endpoint),
        "b": shares(provider)}, {"listen": f"127.0.0.1:{port}"})
    provider.register(grant_types=["authorization_code"], redirect_uris=[back])
    visit = browser.login(f"http://127.0.0.1:{port}/-/login/b")
    assert "is logged in" in visit.response.text
    assert proxy.get(OTHER).status == 200


def test_commands_on_either(bearerd, provider, bearer, revoking):
    """What is asked of one is asked of the session, and said of both."""
    proxy = bearerd({"a": provider.service(**revoking), "b": shares(provider)})
    assert bearer("token", "b") == bearer("token", "a")
    assert provider.token_count == 1
    bearer("refresh", "b")
    assert provider.token_count == 2
    one, other = json.loads(bearer("status", "--json"))
    assert {**one, "service": "b"} == other
    assert one["state"] == "ready" and one["grant_type"] == "client_credentials"
    bearer("logout", "b")
    assert len(provider.revocations) == 1
    assert {s["state"] for s in json.loads(bearer("status", "--json"))} == {"idle"}
    assert "needs no login" in bearer("login", "b", status=1)
    assert proxy.get(OTHER).status == 200
    assert provider.token_count == 3


def test_health_of_both(bearerd, provider):
    """The session's; but of one that cannot use the token, its own."""
    proxy = bearerd({"a": provider.service(), "b": shares(
        provider, token_format="X {token.tenant}")})
    assert proxy.health("b").status == 200
    assert proxy.get(URL).status == 200
    assert proxy.get(OTHER).status == 502
    assert proxy.health("a").status == 200
    assert proxy.health("b").status == 503
    assert proxy.health().status == 503


@pytest.mark.parametrize("keys, said", [
    ({"session": "nobody"}, "no such service"),
    ({"session": "b"}, "no session of its own"),
    ({"client_id": "x"}, "client_id has no use beside session = a"),
    ({"refresh_leeway": "1s"}, "refresh_leeway has no use"),
    ({"password": "x"}, "password has no use"),
    ({"require_claim.email": "x"}, "require_claim.email has no use"),
    ({"access_token_request.param.x": "y", "assertion.claim.z": "1"},
     "assertion.claim.z has no use"),
])
def test_mistakes(bearerd, provider, keys, said):
    assert said in bearerd.refused({"a": provider.service(),
                                    "b": shares(provider, **keys)})


def test_check_says_whose_it_is(bearerd, provider):
    bearerd.write({"a": provider.service(), "b": shares(provider)})
    said = bearerd.check((bearerd.folder / "bearerd.ini").read_text()).stdout
    one, two = said.splitlines()
    assert one.endswith("grant_type client_credentials, client_secret_basic")
    assert two.endswith(", session a")


def test_no_session_to_share(bearerd, provider):
    assert "has no tokens" in bearerd.refused({
        "a": {"upstream": provider.api, "grant_type": "none"},
        "b": shares(provider)})


# --- upstreams that the token chooses ---


def chooses(provider, **keys):
    return provider.service(**{
        "upstream": "{token.instance_url}", "upstream_hosts": "127.0.0.1", **keys})


def test_whole_url(bearerd, provider):
    provider.set(issue={"extra": {"instance_url": provider.api + "/base/"}})
    proxy = bearerd({"a": chooses(provider)})
    reply = proxy.get("http://api.example.test/x?y=z")
    assert reply.status == 200
    assert reply.json()["target"] == "/base/x?y=z"
    assert header(reply, "Host") == [provider.api.removeprefix("http://")]


def test_part_of_a_url(bearerd, provider):
    port = provider.api.rpartition(":")[2]
    provider.set(issue={"extra": {"shop": "127.0.0.1", "api": "v7"}})
    proxy = bearerd({"a": chooses(
        provider, upstream="http://{token.shop}:%s/{token.api}" % port)})
    assert proxy.get(URL).json()["target"] == "/v7/x"


def test_by_path(bearerd, provider):
    provider.set(issue={"extra": {"instance_url": provider.api + "/base"}})
    proxy = bearerd({"a": chooses(provider, match=None)})
    reply = proxy.get("/a/x")
    assert reply.status == 200
    assert reply.json()["target"] == "/base/x"


def test_it_changes_with_the_token(bearerd, provider, upstream):
    echo = upstream()
    provider.set(issue={"extra": {"instance_url": provider.api}})
    proxy = bearerd({"a": chooses(provider)})
    assert proxy.get(URL).status == 200
    provider.set(issue={"extra": {"instance_url": echo.url}})
    provider.revoke()
    assert proxy.get(URL).status == 200  # the refused request goes there
    assert len(echo.requests) == 1


@pytest.mark.parametrize("url", [
    None, "", 7, [], "http://192.0.2.1/", "https://evil.test/",
    "https://127.0.0.1.evil.test/", "https://127.0.0.1@evil.test/",
    "https://user@127.0.0.1/", "ftp://127.0.0.1/", "https://127.0.0.1/?q",
    "https://127.0.0.1/#f", "https://127.0.0.1\r\nX: y", "evil.test/127.0.0.1",
    "https://evil.test\\@127.0.0.1/", "https:127.0.0.1", "//127.0.0.1/"])
def test_refused(bearerd, provider, url):
    extra = {} if url is None else {"instance_url": url}
    provider.set(issue={"extra": extra})
    proxy = bearerd({"a": chooses(provider)})
    reply = proxy.get(URL)
    assert reply.status == 502
    assert reply.error == "proxy_configuration_error"
    assert b"evil" not in reply.body


@pytest.mark.parametrize("keys, said", [
    ({"upstream_hosts": None}, "upstream_hosts is missing"),
    ({"upstream_hosts": "*"}, "whole labels"),
    ({"upstream_hosts": "*.com"}, "nearly every host"),
    ({"upstream_hosts": "a*.example.com"}, "whole labels"),
    ({"upstream": "https://api.example.com"}, "upstream_hosts is for"),
    ({"upstream": "{token.a}{uuid}"}, "the same for all requests"),
    ({"upstream": "https://{client_secret}.example.com"}, "no secret"),
    ({"upstream": "{tokem.a}"}, "tokem.a"),
    ({"existing_credential": "keep"}, "the token chooses"),
])
def test_mistakes_of_templates(bearerd, provider, keys, said):
    assert said in bearerd.refused({"a": chooses(provider, **keys)})


def test_two_services_one_session_two_upstreams(bearerd, provider):
    provider.set(issue={"extra": {"one": provider.api + "/1",
                                  "two": provider.api + "/2"}})
    proxy = bearerd({
        "a": chooses(provider, upstream="{token.one}"),
        "b": {"upstream": "{token.two}", "upstream_hosts": "127.0.0.1",
              "match": "files.example.test", "session": "a"},
        "c": {"upstream": "{token.three}", "upstream_hosts": "127.0.0.1",
              "match": "third.example.test", "session": "a"}})
    assert proxy.get(URL).json()["target"] == "/1/x"
    assert proxy.get(OTHER).json()["target"] == "/2/y"
    # What one cannot use leaves the others as they are.
    assert proxy.get("http://third.example.test/").status == 502
    assert proxy.get(URL).status == 200
    assert provider.token_count == 1
