# SPDX-License-Identifier: MIT
"""What the documents of providers show: facebook to zoho, those that deviate
from RFC 6749 in their token endpoint's words."""

from profiles import ID, SECRET, Refresh, Reply, Row

BAD = "400 Bad Request"

FACEBOOK = Row(
    "facebook",
    urls={"authorization_endpoint": "https://www.facebook.com/dialog/oauth",
          "token_endpoint": "https://graph.facebook.com/oauth/access_token",
          "upstream": "https://graph.facebook.com"},
    keys={"scope": "email public_profile"},
    logs_in={"scope": "email public_profile"},
    secret="post",
    reply=Reply("access_token=EAAB-form&expires=5183999", type="text/plain"),
    token="EAAB-form", lifetime=5183999, scope=None,
    refused=Reply({"error": {"message": "Invalid verification code format.",
                             "type": "OAuthException", "code": 100,
                             "fbtrace_id": "A"}}, BAD),
    words=["OAuthException", "Invalid verification code format."])

LINKEDIN = Row(
    "linkedin",
    urls={"authorization_endpoint": "https://www.linkedin.com/oauth/v2/authorization",
          "token_endpoint": "https://www.linkedin.com/oauth/v2/accessToken",
          "upstream": "https://api.linkedin.com"},
    keys={"scope": "profile email"}, logs_in={"scope": "profile email"},
    secret="post", pkce=False,
    reply=Reply({"access_token": "AQXd-1", "expires_in": 5184000,
                 "refresh_token": "refresh-1", "refresh_token_expires_in": 31536000,
                 "scope": "email,profile"}),
    token="AQXd-1", lifetime=5184000, scope="email,profile",
    refused=Reply({"error": "invalid_request",
                   "error_description": "appid/redirect uri/code verifier does not "
                   "match authorization code."}, BAD),
    words=["invalid_request", "does not match authorization code"],
    arrives="/x?q=1&oauth2_access_token=AQXd-1", fields={"Authorization": None},
    refresh=Refresh(
        Reply({"access_token": "AQXd-2", "expires_in": 86400,
               "refresh_token": "refresh-1", "refresh_token_expires_in": 439200}),
        "AQXd-2", lifetime=86400,
        spent=Reply({"error": "invalid_grant",
                     "error_description": "The provided authorization grant or "
                     "refresh token is invalid, expired or revoked."}, BAD)))

SLACK = Row(
    "slack",
    urls={"authorization_endpoint": "https://slack.com/oauth/v2/authorize",
          "token_endpoint": "https://slack.com/api/oauth.v2.access",
          "upstream": "https://slack.com/api"},
    keys={"scope": "commands chat:write",
          "authorization_request.param.user_scope": "search:read"},
    logs_in={"scope": "commands,chat:write", "user_scope": "search:read"},
    reply=Reply({"ok": True, "access_token": "xoxb-bot", "token_type": "bot",
                 "scope": "commands,chat:write", "bot_user_id": "U0KRQLJ9H",
                 "app_id": "A0KRD7HC3", "expires_in": 43200,
                 "refresh_token": "xoxe-1-bot",
                 "team": {"name": "Softies", "id": "T9TK3CUKW"}, "enterprise": None,
                 "authed_user": {"id": "U1234", "scope": "search:read",
                                 "access_token": "xoxp-user", "token_type": "user",
                                 "expires_in": 40000,
                                 "refresh_token": "refresh-1"}}),
    token="xoxp-user", lifetime=40000, scope="search:read",
    refused=Reply({"ok": False, "error": "invalid_code"}),
    words=["invalid_code"],
    arrives="/api/x?q=1&token=xoxp-user", fields={"Authorization": None},
    kept=("/x?token=own", [], "/api/x?token=own"),
    refresh=Refresh(
        Reply({"ok": True, "access_token": "xoxe.xoxp-2", "token_type": "user",
               "expires_in": 43200, "refresh_token": "xoxe-2"}),
        "xoxe.xoxp-2", lifetime=43200,
        spent=Reply({"ok": False, "error": "invalid_refresh_token"})))

INSTAGRAM = Row(
    "instagram",
    urls={"authorization_endpoint": "https://www.instagram.com/oauth/authorize",
          "token_endpoint": "https://api.instagram.com/oauth/access_token",
          "refresh_endpoint": "https://graph.instagram.com/access_token",
          "upstream": "https://graph.instagram.com"},
    keys={"scope": "instagram_business_basic instagram_business_manage_comments"},
    logs_in={"scope":
             "instagram_business_basic,instagram_business_manage_comments"},
    secret="post",
    reply=Reply({"data": [{"access_token": "EAACEdEose0",
                           "user_id": "1020",
                           "permissions": "instagram_business_basic"}]}),
    token="EAACEdEose0", lifetime=3600, scope="instagram_business_basic",
    refused=Reply({"error_type": "OAuthException", "code": 400,
                   "error_message": "Matching code was not found or was already "
                   "used"}, BAD),
    words=["OAuthException", "Matching code was not found"],
    arrives="/x?q=1&access_token=EAACEdEose0", fields={"Authorization": None},
    kept=("/x?access_token=own", [], "/x?access_token=own"),
    refresh=Refresh(
        Reply({"access_token": "EAACEdEose-long", "token_type": "bearer",
               "expires_in": 5183944}),
        "EAACEdEose-long", lifetime=5183944, method="GET", path="/access_token",
        sends={"grant_type": "ig_exchange_token", "access_token": "EAACEdEose0",
               "refresh_token": None},
        spent=Reply({"error": {"message": "Error validating access token: Session "
                               "has expired", "type": "OAuthException", "code": 190,
                               "fbtrace_id": "A"}}, BAD)))

FITBIT = Row(
    "fitbit",
    urls={"authorization_endpoint": "https://www.fitbit.com/oauth2/authorize",
          "token_endpoint": "https://api.fitbit.com/oauth2/token",
          "revocation_endpoint": "https://api.fitbit.com/oauth2/revoke",
          "upstream": "https://api.fitbit.com"},
    keys={"scope": "activity sleep"}, logs_in={"scope": "activity sleep"},
    reply=Reply({"access_token": "eyJhbGciOiJIUzI1NiJ9", "expires_in": 28800,
                 "refresh_token": "refresh-1", "scope": "sleep activity",
                 "token_type": "Bearer", "user_id": "GGNJL9"}),
    token="eyJhbGciOiJIUzI1NiJ9", lifetime=28800, scope="sleep activity",
    refused=Reply({"errors": [{"errorType": "invalid_client",
                               "message": "Invalid authorization header format."}],
                   "success": False}, "401 Unauthorized"),
    words=["invalid_client", "Invalid authorization header format."],
    refresh=Refresh(
        Reply({"access_token": "eyJ2", "expires_in": 28800,
               "refresh_token": "refresh-2", "token_type": "Bearer",
               "user_id": "GGNJL9"}), "eyJ2", lifetime=28800,
        spent=Reply({"errors": [{"errorType": "invalid_grant",
                                 "message": "Refresh token invalid: 4a1d"}],
                     "success": False}, BAD)),
    revokes={"token": "refresh-1", "token_type_hint": "refresh_token"})

MAILCHIMP = Row(
    "mailchimp",
    urls={"authorization_endpoint": "https://login.mailchimp.com/oauth2/authorize",
          "token_endpoint": "https://login.mailchimp.com/oauth2/token"},
    keys={"upstream": "{api}/3.0"}, secret="post",
    reply=Reply({"access_token": "mailchimp", "expires_in": 0, "scope": None}),
    token="mailchimp", lifetime=None, scope=None,
    refused=Reply({"error": "invalid_grant",
                   "error_description": "The authorization code is invalid"}, BAD),
    words=["invalid_grant", "The authorization code is invalid"],
    arrives="/3.0/x?q=1")

WEIBO = Row(
    "weibo",
    urls={"authorization_endpoint": "https://api.weibo.com/oauth2/authorize",
          "token_endpoint": "https://api.weibo.com/oauth2/access_token",
          "upstream": "https://api.weibo.com/2"},
    keys={"scope": "email follow_app_official_microblog"},
    logs_in={"scope": "email,follow_app_official_microblog"}, secret="post",
    reply=Reply({"access_token": "2.00weibo", "expires_in": 157679999,
                 "remind_in": "157679999", "uid": "12341234"},
                type="text/plain;charset=UTF-8"),
    token="2.00weibo", lifetime=157679999, scope=None,
    refused=Reply({"error": "invalid_grant", "error_code": 21325,
                   "request": "/oauth2/access_token",
                   "error_uri": "/oauth2/access_token",
                   "error_description": "invalid authorization code:d4da"}, BAD),
    words=["invalid_grant", "invalid authorization code"],
    arrives="/2/x?q=1&access_token=2.00weibo", fields={"Authorization": None})

DOUBAN = Row(
    "douban",
    urls={"authorization_endpoint": "https://www.douban.com/service/auth2/auth",
          "token_endpoint": "https://www.douban.com/service/auth2/token",
          "upstream": "https://api.douban.com/v2"},
    keys={"scope": "shuo_basic_r douban_basic_common"},
    logs_in={"scope": "shuo_basic_r,douban_basic_common"}, secret="post",
    reply=Reply({"access_token": "a14afef0f66fcffce3e0fcd2e34f6ff4",
                 "expires_in": 3920, "refresh_token": "refresh-1",
                 "douban_user_id": "1221"}),
    token="a14afef0f66fcffce3e0fcd2e34f6ff4", lifetime=3920, scope=None,
    refused=Reply({"code": 107, "msg": "INVALID_AUTHORIZATION_CODE",
                   "request": "POST /auth2/token"}, BAD),
    words=["INVALID_AUTHORIZATION_CODE"],
    arrives="/v2/x?q=1",
    refresh=Refresh(
        Reply({"access_token": "0e63c03dfb66c4172b2b40b9f2344c45",
               "expires_in": 3926, "refresh_token": "refresh-2",
               "douban_user_id": "1221"}),
        "0e63c03dfb66c4172b2b40b9f2344c45", lifetime=3926))

EBAY = Row(
    "ebay",
    urls={"authorization_endpoint": "https://auth.ebay.com/oauth2/authorize",
          "token_endpoint": "https://api.ebay.com/identity/v1/oauth2/token",
          "upstream": "https://api.ebay.com"},
    keys={"scope": "https://api.ebay.com/oauth/api_scope/sell.account",
          "authorization_request.param.redirect_uri": "A_Shop-AShop-PRD-a1-b2",
          "access_token_request.param.redirect_uri": "A_Shop-AShop-PRD-a1-b2"},
    logs_in={"scope": "https://api.ebay.com/oauth/api_scope/sell.account",
             "redirect_uri": "A_Shop-AShop-PRD-a1-b2"},
    sends={"redirect_uri": "A_Shop-AShop-PRD-a1-b2"},
    reply=Reply({"access_token": "v^1.1#i^1#p^3#r^1", "expires_in": 7200,
                 "refresh_token": "refresh-1", "refresh_token_expires_in": 47304000,
                 "token_type": "User Access Token"}),
    token="v^1.1#i^1#p^3#r^1", lifetime=7200, scope=None,
    refused=Reply({"error": "invalid_grant",
                   "error_description": "the provided authorization grant code is "
                   "invalid or was issued to another client"}, BAD),
    words=["invalid_grant", "issued to another client"],
    refresh=Refresh(
        Reply({"access_token": "v^1.1#two", "expires_in": 7200,
               "token_type": "User Access Token"}), "v^1.1#two", lifetime=7200,
        sends={"redirect_uri": "A_Shop-AShop-PRD-a1-b2"},
        spent=Reply({"error": "invalid_grant",
                     "error_description": "the provided refresh token is invalid "
                     "or was issued to another client"}, BAD)))

PLENTYMARKETS = Row(
    "plentymarkets", urls={}, grant="password", secret="none", format="json",
    keys={"token_endpoint": "{server}/rest/login",
          "refresh_endpoint": "{server}/rest/login/refresh", "upstream": "{api}",
          "username": "shop", "password": "hush", "client_id": None,
          "client_secret": None},
    sends={"grant_type": None},
    reply=Reply({"accessToken": "ecUN1r8KhJewMCdLAmpHOdZ4O0ofXKB9zf6CXK61",
                 "tokenType": "Bearer", "expiresIn": 86400,
                 "refreshToken": "refresh-1"}),
    token="ecUN1r8KhJewMCdLAmpHOdZ4O0ofXKB9zf6CXK61", lifetime=86400, scope=None,
    refused=Reply({"error": {"code": 0, "message": "invalid_credentials"}},
                  "401 Unauthorized"),
    words=["invalid_credentials"],
    refresh=Refresh(
        Reply({"accessToken": "two", "tokenType": "Bearer", "expiresIn": 86400,
               "refreshToken": "refresh-2"}), "two", lifetime=86400,
        path="/rest/login/refresh", sends={"grant_type": None}))

TIKTOK = Row(
    "tiktok",
    urls={"authorization_endpoint": "https://www.tiktok.com/v2/auth/authorize/",
          "token_endpoint": "https://open.tiktokapis.com/v2/oauth/token/",
          "revocation_endpoint": "https://open.tiktokapis.com/v2/oauth/revoke/",
          "upstream": "https://open.tiktokapis.com"},
    keys={"scope": "user.info.basic video.list"},
    logs_in={"scope": "user.info.basic,video.list", "client_key": ID,
             "client_id": None},
    secret="post", pkce=False, sends={"client_key": ID, "client_id": None},
    reply=Reply({"access_token": "act.example12345", "expires_in": 86400,
                 "open_id": "afd97af1", "refresh_expires_in": 31536000,
                 "refresh_token": "refresh-1", "scope": "user.info.basic,video.list",
                 "token_type": "Bearer"}),
    token="act.example12345", lifetime=86400, scope="user.info.basic,video.list",
    refused=Reply({"error": "invalid_request",
                   "error_description": "The request parameters are malformed.",
                   "log_id": "202206221854370101130062072500FFA2"}),
    words=["invalid_request", "The request parameters are malformed."],
    refresh=Refresh(
        Reply({"access_token": "act.two", "expires_in": 86400, "open_id": "afd97af1",
               "refresh_expires_in": 31536000, "refresh_token": "refresh-2",
               "scope": "user.info.basic", "token_type": "Bearer"}),
        "act.two", lifetime=86400, sends={"client_key": ID, "client_id": None},
        spent=Reply({"error": "invalid_grant", "log_id": "2022",
                     "error_description": "Refresh token is invalid or expired."})),
    revokes={"client_key": ID, "client_secret": SECRET, "token": "refresh-1",
             "token_type_hint": "refresh_token"})

WECHAT = Row(
    "wechat",
    urls={"authorization_endpoint": "https://open.weixin.qq.com/connect/qrconnect",
          "token_endpoint": "https://api.weixin.qq.com/sns/oauth2/access_token",
          "refresh_endpoint": "https://api.weixin.qq.com/sns/oauth2/refresh_token",
          "upstream": "https://api.weixin.qq.com"},
    logs_in={"appid": ID, "client_id": None, "scope": "snsapi_login"},
    secret="post", pkce=False, method="GET", format="query",
    sends={"appid": ID, "secret": SECRET, "client_id": None, "client_secret": None,
           "redirect_uri": None},
    reply=Reply({"access_token": "ACCESS", "expires_in": 7200,
                 "refresh_token": "refresh-1", "openid": "OPENID",
                 "scope": "snsapi_login", "unionid": "o6_bmasdasdsad6_2sgVt7hMZOPfL"},
                type="text/plain"),
    token="ACCESS", lifetime=7200, scope="snsapi_login",
    refused=Reply({"errcode": 40029, "errmsg": "invalid code"}, type="text/plain"),
    words=["40029", "invalid code"],
    arrives="/x?q=1&access_token=ACCESS&openid=OPENID",
    fields={"Authorization": None},
    kept=("/x?openid=own", [], "/x?openid=own&access_token=ACCESS"),
    refresh=Refresh(
        Reply({"access_token": "TWO", "expires_in": 7200,
               "refresh_token": "refresh-1", "openid": "OPENID",
               "scope": "snsapi_login"}),
        "TWO", lifetime=7200, method="GET", path="/sns/oauth2/refresh_token",
        sends={"appid": ID, "client_id": None, "client_secret": None},
        spent=Reply({"errcode": 40030, "errmsg": "invalid refresh_token"})))

ZOHO = Row(
    "zoho",
    urls={"authorization_endpoint": "https://accounts.zoho.com/oauth/v2/auth",
          "token_endpoint": "https://accounts.zoho.com/oauth/v2/token",
          "revocation_endpoint": "https://accounts.zoho.com/oauth/v2/token/revoke",
          "upstream": "{token.api_domain}"},
    keys={"scope": "ZohoCRM.users.ALL ZohoCRM.org.ALL"},
    logs_in={"scope": "ZohoCRM.users.ALL,ZohoCRM.org.ALL", "access_type": "offline",
             "prompt": "consent"},
    secret="post",
    reply=Reply({"access_token": "1000.2deaf8d0c268e3c85daa2a013a843b10",
                 "refresh_token": "refresh-1", "api_domain": "https://api.of.token",
                 "token_type": "Bearer", "expires_in": 3600}),
    token="1000.2deaf8d0c268e3c85daa2a013a843b10", lifetime=3600, scope=None,
    refused=Reply({"error": "invalid_client_secret"}), words=["invalid_client_secret"],
    fields={"Authorization":
            "Zoho-oauthtoken 1000.2deaf8d0c268e3c85daa2a013a843b10"},
    refresh=Refresh(
        Reply({"access_token": "1000.two", "api_domain": "https://api.of.token",
               "token_type": "Bearer", "expires_in": 3600}), "1000.two",
        lifetime=3600, spent=Reply({"error": "invalid_code"})),
    revokes={"client_id": ID, "client_secret": SECRET, "token": "refresh-1",
             "token_type_hint": "refresh_token"})

ROWS = [FACEBOOK, LINKEDIN, SLACK, INSTAGRAM, FITBIT, MAILCHIMP, WEIBO, DOUBAN,
        EBAY, PLENTYMARKETS, TIKTOK, WECHAT, ZOHO]
