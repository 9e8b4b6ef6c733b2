# SPDX-License-Identifier: MIT
"""The odd corners of providers, done by their profiles: those of
profile_rows_work, _people and _signed."""

import dataclasses
import json

import pytest

import profile_rows_first as first
import profile_rows_people as people
import profile_rows_second as second
import profile_rows_signed as signed
import profile_rows_usual as usual
import profile_rows_work as work
from profiles import CODE, ID, URL, Case, Reply, keys_of, params_of

GRANT = {"grant_type": "client_credentials"}


@pytest.fixture
def case(bearerd, upstream):
    def begin(row, *replies, **keys):
        return Case(row, bearerd, upstream, *replies, **keys)

    return begin


@pytest.fixture
def ready(case):
    """The same, with a token, got without a person."""
    def begin(row, *replies, **keys):
        one = case(row, *replies, **GRANT, **keys)
        reply = one.proxy.get(URL + "/first")
        assert reply.status == 200, reply.body
        return one

    return begin


def refusals(status, times=1):
    """An API that refuses the first requests of each connection."""
    def script(peer):
        for _ in range(times):
            peer.read_request()
            peer.answer(json.dumps({"error": {"code": 3}}).encode(), status,
                        "Content-Type: application/json")
        while True:
            peer.read_request()
            peer.answer(b"{}", "200 OK", "Content-Type: application/json")

    return script


# Where the API is.

@pytest.mark.parametrize("row, field", [
    (work.PIPEDRIVE, "api_domain"), (work.WRIKE, "host"), (work.ZOOM, "api_url")],
    ids=str)
@pytest.mark.parametrize("where", ["https://evil.example", "evil.example", None])
def test_upstream_that_must_not_be(case, row, field, where):
    body = {**row.reply.body, field: where}
    one = case(row, Reply(body), **GRANT)
    reply = one.proxy.get(URL + "/x")
    assert reply.status == 502, (reply.status, reply.body)
    assert reply.error == "proxy_configuration_error"
    assert one.api.requests == []


@pytest.mark.parametrize("row, field, host", [
    (work.PIPEDRIVE, "api_domain", "mycompany.pipedrive.com"),
    (work.WRIKE, "host", "www.wrike.com"), (work.ZOOM, "api_url", "api.zoom.us")],
    ids=str)
def test_upstream_as_documented(case, upstream, row, field, host):
    """The profile's own list of hosts lets it through; a proxy that refuses to
    go there stands for it."""
    def proxy(peer):
        while True:
            if peer.read_request().method == "CONNECT":
                peer.answer(b"", "403 Forbidden")
            else:
                Reply({**row.reply.body, field: host}).send(peer)

    between = upstream(proxy)
    hosts = keys_of(row.name)["upstream_hosts"]
    one = case(row, **GRANT, upstream_hosts=hosts, upstream_proxy=between.url)
    assert one.proxy.get(URL + "/x").status == 502
    assert between.last.line == f"CONNECT {host}:443 HTTP/1.1"


# What the API answers.

def test_netatmo_refuses_an_expired_token_with_403(case):
    one = case(people.NETATMO, people.NETATMO.reply, people.NETATMO.refresh.reply)
    one.obtain()
    one.api.script = refusals("403 Forbidden")
    reply = one.proxy.get(URL + "/x")
    assert reply.status == 200, (reply.status, reply.body)
    asked = [r.value("Authorization") for r in one.api.requests]
    assert asked == ["Bearer 53cb6eb5|1de2f2c4", "Bearer 53cb6eb5|two"]
    assert len(one.server.requests) == 2


# When, and how, a token is asked for.

@pytest.mark.parametrize("row", [work.XERO, work.BITBUCKET], ids=str)
def test_nobody_logs_in(ready, row):
    one = ready(row, scope=None)
    params = params_of(one.server.requests[0], "form")
    assert params == {"grant_type": "client_credentials"}


def test_servicenow_with_a_person(case):
    one = case(work.SERVICENOW, grant_type="authorization_code", username=None,
               password=None, authorization_endpoint="{server}/oauth_auth.do")
    asked = one.begin()
    assert asked["client_id"] == ID and asked["response_type"] == "code"
    assert "/oauth_auth.do?" in one.browser.response.headers["Location"]


def test_servicenow_starts_again(case):
    """A refresh token lives for 100 days: the password is there still."""
    one = case(work.SERVICENOW, work.SERVICENOW.reply, work.SERVICENOW.refused,
               work.SERVICENOW.refresh.reply)
    one.obtain()
    one.command("refresh", "a")
    kinds = [params_of(r, "form")["grant_type"] for r in one.server.requests]
    assert kinds == ["password", "refresh_token", "password"]
    assert one.command("token", "a") == "2nHg-two\n"


def test_walmart_identifiers_are_new_each_time(ready):
    one = ready(work.WALMART)
    one.get()
    one.get()
    seen = [r.value("WM_QOS.CORRELATION_ID")
            for r in one.api.requests + one.server.requests]
    assert len(seen) == 4 and len(set(seen)) == 4


def test_box_for_a_user(case):
    one = case(signed.BOX, **{"assertion.claim.box_sub_type": "user",
                              "assertion_subject": "7654321"})
    one.obtain()
    params = params_of(one.server.requests[0], "form")
    _, claims = one.opened(params["assertion"])
    assert claims["box_sub_type"] == "user" and claims["sub"] == "7654321"


def test_box_assertions_are_used_once(case):
    one = case(signed.BOX)
    one.obtain()
    one.command("refresh", "a")
    ids = [one.opened(params_of(r, "form")["assertion"])[1]["jti"]
           for r in one.server.requests]
    assert len(ids) == 2 and ids[0] != ids[1]


def test_app_store_connect_for_a_person(case):
    """A person's key has no issuer."""
    one = case(signed.APP_STORE_CONNECT, assertion_issuer=None, **{
        "assertion.claim.iss": "", "assertion.claim.sub": "user"})
    token = one.get().value("Authorization").removeprefix("Bearer ")
    _, claims = one.opened(token)
    assert claims["sub"] == "user" and "iss" not in claims
    assert claims["aud"] == "appstoreconnect-v1"


def test_google_self_signed_for_scopes(case):
    scope = "https://www.googleapis.com/auth/pubsub"
    one = case(signed.GOOGLE_SELF_SIGNED, assertion_audience=None, scope=scope)
    token = one.get().value("Authorization").removeprefix("Bearer ")
    _, claims = one.opened(token)
    assert claims["scope"] == scope and "aud" not in claims


def test_docusign_puts_no_scope_beside_the_assertion(case):
    one = case(signed.DOCUSIGN, **{"assertion.claim.scope":
                                   "signature impersonation click.manage"})
    one.obtain()
    params = params_of(one.server.requests[0], "form")
    assert set(params) == {"grant_type", "assertion"}
    _, claims = one.opened(params["assertion"])
    assert claims["scope"] == "signature impersonation click.manage"


@pytest.mark.parametrize("row, busy", [
    (people.WITHINGS, {"status": 601, "body": {"wait_seconds": 1}, "error":
                       "Too Many Requests"}),
    (first.ZOHO, {"error": "Access Denied", "status": "failure", "error_description":
                  "You have made too many requests continuously."})], ids=str)
@pytest.mark.parametrize("refreshed", [False, True])
def test_later(case, row, busy, refreshed):
    """It is asked once more, and nobody has to log in."""
    grant = {} if refreshed else GRANT
    before = [row.reply] if refreshed else []
    one = case(row, *before, Reply(busy), row.refresh.reply, **grant)
    if refreshed:
        one.obtain()
        one.command("refresh", "a")
    assert one.command("token", "a") == row.refresh.token + "\n"
    assert len(one.server.requests) == len(before) + 2


def test_withings_refuses_a_refresh_by_number(case):
    one = case(people.WITHINGS, people.WITHINGS.reply,
               Reply({"status": 401, "body": {}, "error": "no"}))
    one.obtain()
    one.command("refresh", "a", status=1)
    assert "invalid_grant: no" in one.session["last_error"]


@pytest.mark.parametrize("number", [20037, 20064, 20073])
def test_feishu_says_that_a_refresh_token_is_spent(case, number):
    one = case(people.FEISHU, people.FEISHU.reply,
               Reply({"code": number, "error": "invalid_request",
                      "error_description": "no"}, "400 Bad Request"))
    one.obtain()
    one.command("refresh", "a", status=1)
    assert "invalid_grant: no" in one.session["last_error"]


def test_hubspot_keeps_a_token_that_is_refused_otherwise(case):
    one = case(work.HUBSPOT, work.HUBSPOT.reply,
               Reply({"status": "BAD_CLIENT_ID", "message": "unknown client"},
                     "400 Bad Request"), work.HUBSPOT.refresh.reply)
    one.obtain()
    one.command("refresh", "a", status=1)
    assert "BAD_CLIENT_ID" in one.session["last_error"]
    one.command("refresh", "a")
    assert one.command("token", "a") == "CJSP-two\n"


# Logout.

@pytest.mark.parametrize("row", [second.STRIPE, second.TWITCH, usual.STRAVA,
                                 people.LICHESS, people.NAVER, people.SQUARE,
                                 people.YANDEX, work.ASANA], ids=str)
def test_revoked_once(case, row):
    """Both tokens end by one request; a second would be refused."""
    one = case(row, row.reply, Reply({}),
               Reply({"error": "invalid_request"}, "400 Bad Request"))
    one.obtain()
    one.command("logout", "a")
    assert len(one.server.requests) == 2


def test_amazon_s_seller_logs_in(case):
    """The callback has a name of its own for the code, and says who it is."""
    app = {"application_id": "amzn1.sp.solution.1", "version": "beta"}
    row = dataclasses.replace(
        second.AMAZON, grant="authorization_code", keys={},
        code="spapi_oauth_code", callback={"selling_partner_id": "A1EXAMPLE"})
    one = case(row, grant_type="authorization_code", **{
        "protected_request.header.X-Seller": "{token.callback.selling_partner_id}",
        **{f"authorization_request.param.{k}": v for k, v in app.items()}})
    asked = one.begin()
    assert set(asked) == {"state", "response_type", "redirect_uri", *app}
    assert one.log_in().status_code == 200
    [request] = one.server.requests
    sent = params_of(request, "form")
    assert (sent["grant_type"], sent["code"]) == ("authorization_code", CODE)
    assert one.get().value("X-Seller") == "A1EXAMPLE"


@pytest.mark.parametrize("row, body", [
    (people.WITHINGS, {"status": 401, "body": {}, "error": "XRequestID: invalid"}),
    (first.SLACK, {"ok": False, "error": "token_expired"}),
    (first.WECHAT, {"errcode": 42001, "errmsg": "access_token expired"}),
    (people.FEISHU, {"code": 99991677, "msg": "token expired"})], ids=str)
def test_api_refuses_in_words(case, row, body):
    """With 200: the token is renewed, and the request sent once more."""
    def script(peer):
        peer.read_request()
        peer.answer(json.dumps(body).encode(), "200 OK",
                    "Content-Type: application/json")
        while True:
            peer.read_request()
            peer.answer(b"{}", "200 OK", "Content-Type: application/json")

    one = case(row, row.reply, row.refresh.reply)
    one.obtain()
    one.api.script = script
    assert one.proxy.get(URL + "/x").body == b"{}"
    assert len(one.server.requests) == 2
    assert len(one.api.requests) == 2


def test_twitch_with_a_device(case):
    """Its scopes have another name there."""
    codes = {"device_code": "ike3GM8QIdYZs43KdrWPIO36LofILoCyFEzjlQ91",
             "expires_in": 1800, "interval": 1, "user_code": "ABCDEFGH",
             "verification_uri": "https://www.twitch.tv/activate?device-code=ABCDEFGH"}
    scopes = "channel:read:polls chat:read"
    one = case(second.TWITCH, Reply(codes), second.TWITCH.reply, **{
        "device_authorization_request.param.scopes": scopes,
        "access_token_request.param.scopes": scopes})
    assert "ABCDEFGH" in one.command("login", "a", "--device")
    asked, polled = one.server.requests
    assert asked.target == "/oauth2/device"
    assert params_of(asked, "form")["scopes"] == scopes
    sent = params_of(polled, "form")
    assert (sent["device_code"], sent["scopes"]) == (codes["device_code"], scopes)
    assert one.get().value("Client-Id") == ID
