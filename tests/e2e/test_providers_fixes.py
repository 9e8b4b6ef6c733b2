# SPDX-License-Identifier: MIT
"""What requests-oauthlib's compliance fixes and Authlib's example do, done by
profiles, and the odd corners of single providers."""

import json

import pytest

import profile_rows_first as first
import profile_rows_second as second
import profile_rows_usual as usual
from harness import wait_for
from profiles import FORM, ID, URL, Case, Reply
from test_providers import lifetime

BEARER = "Authorization"
GRANT = {"grant_type": "client_credentials"}


@pytest.fixture
def case(bearerd, upstream):
    def begin(row, *replies, **keys):
        return Case(row, bearerd, upstream, *replies, **keys)

    return begin


@pytest.fixture
def ready(case):
    """The same, with a token, got without a person; what is said of their
    logins has no use then."""
    def begin(row, *replies, **keys):
        unused = {key: None for key in row.keys
                  if key.startswith("authorization_request.")}
        one = case(row, *replies, **GRANT, **unused, **keys)
        reply = one.proxy.get(URL + "/first")
        assert reply.status == 200, reply.body
        return one

    return begin


def members(one, *names: str) -> list[str]:
    """Members of the token response, as a template sees them."""
    request = one.get()
    return [request.value(f"X-{name.replace('_', '-')}") for name in names]


def shown(*names: str) -> dict[str, str]:
    return {f"protected_request.header.X-{name.replace('_', '-')}":
            f"{{token.{name}}}" for name in names}


# requests-oauthlib's, in the order of its tests.

def test_facebook_as_a_form(ready):
    one = ready(first.FACEBOOK, Reply("access_token=urlencoded", type="text/plain"),
                token_format="{token_type} {access_token}")
    assert one.get().value(BEARER) == "Bearer urlencoded"
    assert one.session["expires_at"] is None


def test_facebook_as_json(ready):
    one = ready(first.FACEBOOK, Reply({"access_token": "EAAB", "token_type": "bearer",
                                       "expires_in": 5183944}))
    assert one.get().value(BEARER) == "Bearer EAAB"
    assert one.session["expires_at"]


def test_fitbit_says_no_with_200(case):
    one = case(first.FITBIT, Reply({"errors": [{"errorType": "invalid_grant"}]}),
               Reply({"access_token": "fitbit"}))
    assert "invalid_grant" in one.fails()
    one.obtain()
    assert one.get().value(BEARER) == "Bearer fitbit"


def test_fitbit_says_no_to_a_refresh_with_200(case):
    one = case(first.FITBIT, first.FITBIT.reply,
               Reply({"errors": [{"errorType": "invalid_grant"}]}),
               Reply({"access_token": "access", "refresh_token": "refresh"}))
    one.obtain()
    one.command("refresh", "a", status=1)
    assert "invalid_grant" in one.session["last_error"]
    one.obtain()
    assert one.get().value(BEARER) == "Bearer access"


def test_mailchimp_does_not_expire(ready):
    """requests-oauthlib makes it an hour, lest it counts as expired at once;
    here 0 counts as absent, and nobody has to log in every hour."""
    one = ready(first.MAILCHIMP)
    assert one.session["expires_at"] is None and one.session["scope"] is None
    assert one.get().value(BEARER) == "Bearer mailchimp"


def test_mailchimp_expires_where_a_service_says_so(ready):
    one = ready(first.MAILCHIMP,
                **{"access_token_response.default.expires_in": "3600"},
                **shown("expires_in"))
    assert members(one, "expires_in") == ["3600"]
    assert one.session["expires_at"]


def test_weibo_without_a_type(ready):
    one = ready(first.WEIBO, Reply({"access_token": "weibo"}),
                token_placement="header", token_format="{token_type} {access_token}")
    assert one.get().value(BEARER) == "Bearer weibo"


def test_douban_without_a_type(ready):
    one = ready(first.DOUBAN, Reply({"access_token": "douban"}),
                token_format="{token_type} {access_token}")
    assert one.get().value(BEARER) == "Bearer douban"


def test_slack_puts_it_into_the_form(ready):
    one = ready(first.SLACK)
    for body, arrives in ((b"", b"token=xoxp-user"),
                          (b"channel=C1", b"channel=C1&token=xoxp-user")):
        request = one.post(body, *([FORM] if body else []), target="/auth.test")
        assert request.target == "/api/auth.test"
        assert request.body == arrives
        assert request.value("Content-Type") == "application/x-www-form-urlencoded"


def test_slack_form_of_a_get(ready):
    one = ready(first.SLACK)
    reply = one.fetch("GET", "/auth.test", fields=[FORM], body=b"a=b")
    assert reply.status == 200, reply.body
    assert one.api.last.target == "/api/auth.test"
    assert one.api.last.body == b"a=b&token=xoxp-user"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_slack_own_token_in_the_form_stays(ready, method):
    one = ready(first.SLACK)
    reply = one.fetch(method, "/auth.test", fields=[FORM],
                      body=b"token=different-token")
    assert reply.status == 200, reply.body
    assert one.api.last.body == b"token=different-token"
    assert one.api.last.target == "/api/auth.test"


def test_slack_own_token_in_the_query_stays(ready):
    request = ready(first.SLACK).get("/auth.test?token=different-token")
    assert request.target == "/api/auth.test?token=different-token"
    assert request.body == b"" and request.values("Content-Type") == []


def test_instagram_puts_it_into_the_query(ready):
    one = ready(first.INSTAGRAM, Reply({"access_token": "dummy-access-token"}))
    request = one.get("/v1/users/self")
    assert request.target == "/v1/users/self?access_token=dummy-access-token"
    request = one.get("/v1/users/self?access_token=correct-access-token")
    assert request.target == "/v1/users/self?access_token=correct-access-token"


def test_plentymarkets_without_camels(case):
    one = case(first.PLENTYMARKETS, **shown("expires_in", "token_type",
                                            "refresh_token"))
    assert members(one, "expires_in", "token_type", "refresh_token") == [
        "86400", "Bearer", "refresh-1"]


@pytest.mark.parametrize("kind", ["Application Access Token", "User Access Token"])
def test_ebay_types(ready, kind):
    one = ready(first.EBAY, Reply({"access_token": "the-token", "expires_in": 7200,
                                   "token_type": kind}),
                token_format="{token_type} {access_token}")
    assert one.get().value(BEARER) == "Bearer the-token"


def test_linkedin_as_authlib_has_it(bearerd, upstream):
    """One line does what Authlib's example of a compliance hook does."""
    one = Case(first.LINKEDIN, bearerd, upstream, **GRANT, token_placement="header",
               token_name="Authorization",
               **{"protected_request.query.oauth2_access_token": "{access_token}"})
    request = one.get("/people/~")
    assert request.target == "/people/~?oauth2_access_token=AQXd-1"
    assert request.value(BEARER) == "Bearer AQXd-1"


# Other corners.

def test_slack_of_a_bot(ready):
    """Without user_scope the one at the top is the only one."""
    one = ready(first.SLACK, Reply({"ok": True, "access_token": "xoxb-bot",
                                    "token_type": "bot", "scope": "commands",
                                    "authed_user": {"id": "U1234"}}))
    assert one.post(b"").body == b"token=xoxb-bot"
    assert one.session["scope"] == "commands"


def test_slack_says_no_without_a_word(case):
    one = case(first.SLACK, Reply({"ok": False, "access_token": "xoxb-bot"}))
    assert "ok is false" in one.fails()


@pytest.mark.parametrize("word", ["invalid_refresh_token", "token_revoked"])
def test_slack_says_that_a_refresh_token_is_spent(case, word):
    one = case(first.SLACK, first.SLACK.reply, Reply({"ok": False, "error": word}))
    one.obtain()
    one.command("refresh", "a", status=1)
    assert f"invalid_grant: {word}" in one.session["last_error"]


def test_slack_by_a_field(ready):
    """As new apps and bodies of JSON need it."""
    one = ready(first.SLACK, token_placement="header", token_name="Authorization")
    request = one.post(b'{"channel":"C1"}', "Content-Type: application/json")
    assert request.body == b'{"channel":"C1"}' and request.target == "/api/x"
    assert request.value(BEARER) == "Bearer xoxp-user"


def test_slack_own_field_stays(ready):
    one = ready(first.SLACK)
    request = one.post(b"a=b", FORM, "Authorization: Bearer own")
    assert request.value(BEARER) == "Bearer own" and request.body == b"a=b"


def test_instagram_without_an_array(ready):
    one = ready(first.INSTAGRAM, Reply({"access_token": "abc", "user_id": 1020,
                                        "permissions": ["a", "b"]}))
    assert one.session["scope"] == "a b"


def test_instagram_says_why_it_ends(case):
    one = case(first.INSTAGRAM, first.INSTAGRAM.reply, first.INSTAGRAM.refresh.spent)
    one.obtain()
    one.command("refresh", "a", status=1)
    assert "Session has expired" in one.session["last_error"]


def test_vk_offline_does_not_expire(ready):
    one = ready(second.VK, Reply({"access_token": "abc", "expires_in": 0,
                                  "user_id": 1}))
    assert one.session["expires_at"] is None


def test_stackexchange_without_expiry(ready):
    one = ready(second.STACKEXCHANGE, Reply("access_token=abc", type="text/plain"))
    assert one.session["expires_at"] is None
    assert "access_token=abc" in one.get().target


def test_stackexchange_needs_its_key(ready):
    one = ready(second.STACKEXCHANGE, **{"protected_request.query.key": None})
    assert "key=" not in one.get().target


@pytest.mark.parametrize("row, field", [(second.SALESFORCE, "instance_url"),
                                        (first.ZOHO, "api_domain")], ids=str)
@pytest.mark.parametrize("where", ["https://evil.example", "http://salesforce.com",
                                   "https://me@127.0.0.1", None])
def test_upstream_that_must_not_be(case, row, field, where):
    body = {**row.reply.body, field: where}
    one = case(row, Reply(body), **GRANT)
    reply = one.proxy.get(URL + "/x")
    assert reply.status == 502, (reply.status, reply.body)
    assert reply.error == "proxy_configuration_error"
    assert row.token not in reply.body.decode()
    assert one.api.requests == []


def test_salesforce_moves_with_its_token(case, upstream):
    other = upstream()
    moved = {**second.SALESFORCE.refresh.reply.body, "instance_url": other.url}
    one = case(second.SALESFORCE, second.SALESFORCE.reply, Reply(moved))
    one.obtain()
    one.get()
    one.command("refresh", "a")
    assert one.proxy.get(URL + "/y").status == 200
    assert other.last.target == "/y" and one.api.last.target == "/x?q=1"


def test_shopify_of_one_s_own(case):
    """An app of the shop's own organization needs nobody to log in."""
    one = case(second.SHOPIFY, Reply({"access_token": "shpat_1", "expires_in": 86399,
                                      "scope": "write_orders"}),
               authorization_endpoint=None)
    assert one.get().value("X-Shopify-Access-Token") == "shpat_1"
    assert b"grant_type=client_credentials" in one.server.requests[0].body


def test_amazon_selling_partner_without_a_seller(case):
    one = case(second.AMAZON, grant_type="client_credentials", refresh_token=None,
               scope="sellingpartnerapi::notifications")
    one.get()
    body = one.server.requests[0].body
    assert b"scope=sellingpartnerapi%3A%3Anotifications" in body


@pytest.mark.parametrize("number", [40030, 42002])
def test_wechat_says_that_a_refresh_token_is_spent(case, number):
    one = case(first.WECHAT, first.WECHAT.reply,
               Reply({"errcode": number, "errmsg": "no"}))
    one.obtain()
    one.command("refresh", "a", status=1)
    assert "invalid_grant: no" in one.session["last_error"]


def test_wechat_scopes(case):
    one = case(first.WECHAT, scope="snsapi_base snsapi_login")
    assert one.begin()["scope"] == "snsapi_base,snsapi_login"


def test_wechat_secret_is_in_no_text(case):
    """It is in an address, which no log line shows."""
    one = case(first.WECHAT, first.WECHAT.refused)
    one.fails()
    assert "the-secret" not in one.proxy.stderr
    assert "the-secret" not in json.dumps(one.session)


def test_microsoft_of_any_tenant(case):
    """common has no issuer of one name: the service says the endpoints."""
    one = case(usual.MICROSOFT, issuer=None, id_token=None,
               scope="offline_access User.Read",
               authorization_endpoint="{server}/common/oauth2/v2.0/authorize",
               token_endpoint="{server}/common/oauth2/v2.0/token")
    one.obtain()
    assert one.server.requests[0].target == "/common/oauth2/v2.0/token"
    assert one.get().value(BEARER).startswith("Bearer eyJ0")


@pytest.mark.parametrize("row", [usual.MICROSOFT, usual.KEYCLOAK, usual.OKTA], ids=str)
def test_daemon_of_an_issuer(ready, row):
    """Nobody logs in, and no id_token is asked for."""
    one = ready(row, id_token=None, scope="https://graph.microsoft.com/.default")
    assert one.server.requests[0].target == "/token"
    assert one.get().value(BEARER) == f"Bearer {row.token}"


def test_github_with_another_device(case):
    """Its errors have the status 200 here too."""
    one = case(usual.GITHUB, Reply({"device_code": "3584d83530557fdd1f46af8289938c8e",
                                    "user_code": "WDJB-MJHT", "expires_in": 900,
                                    "verification_uri": "https://github.example/d",
                                    "interval": 1}),
               Reply({"error": "authorization_pending",
                      "error_description": "The authorization request is pending."}),
               usual.GITHUB.reply, grant_type="device_code")
    page = one.browser.open(f"{one.proxy.url}/-/login/a")
    assert "WDJB-MJHT" in page.text
    wait_for(lambda: len(one.server.requests) == 3, 10, "the second poll")
    wait_for(lambda: one.proxy.get(URL + "/x").status == 200, 10, "the login")
    asked = one.server.requests[0]
    assert asked.target == "/login/device/code" and b"scope=repo" in asked.body
    assert one.get().value(BEARER) == f"Bearer {usual.GITHUB.token}"


def test_twitch_identifier_cannot_be_the_client_s(ready):
    request = ready(second.TWITCH).get("/users", "Client-ID: other")
    assert request.values("Client-Id") == [ID]


def test_zoho_in_milliseconds(case):
    """A reply of the older kind: the life in seconds has a name of its own."""
    body = {**first.ZOHO.reply.body, "expires_in": 3600000, "expires_in_sec": 3600}
    one = case(first.ZOHO, Reply(body))
    one.obtain()
    left = lifetime(one.session)
    assert 3500 < left <= 3600
