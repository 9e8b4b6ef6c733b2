# SPDX-License-Identifier: MIT
"""What the documents of providers show: those whose callback brings more than
a code, or calls it otherwise."""

from profiles import ANY, CODE, ID, SECRET, Refresh, Reply, Row

BAD = "400 Bad Request"

QUICKBOOKS = Row(
    "quickbooks",
    urls={"issuer": "https://oauth.platform.intuit.com/op/v1", "metadata_url":
          "https://developer.api.intuit.com/.well-known/openid_configuration",
          "revocation_endpoint":
          "https://developer.api.intuit.com/v2/oauth2/tokens/revoke",
          "upstream": "https://quickbooks.api.intuit.com/v3/company/"
                      "{token.callback.realmId}"},
    keys={"upstream": "{api}/v3/company/{token.callback.realmId}"},
    logs_in={"scope": "com.intuit.quickbooks.accounting"},
    callback={"realmId": "123456789012345"},
    reply=Reply({"token_type": "bearer", "expires_in": 3600,
                 "refresh_token": "refresh-1", "access_token":
                 "eyJlbmMiOiJBMTI4Q0JDLUhTMjU2IiwiYWxnIjoiZGlyIn0",
                 "x_refresh_token_expires_in": 8726400}),
    token="eyJlbmMiOiJBMTI4Q0JDLUhTMjU2IiwiYWxnIjoiZGlyIn0", lifetime=3600,
    scope=None,
    refused=Reply({"error": "invalid_grant",
                   "error_description": "Invalid authorization code"}, BAD),
    words=["invalid_grant", "Invalid authorization code"],
    arrives="/v3/company/123456789012345/x?q=1",
    refresh=Refresh(
        Reply({"token_type": "bearer", "expires_in": 3600, "access_token": "eyJ2",
               "refresh_token": "refresh-2",
               "x_refresh_token_expires_in": 8726400}), "eyJ2", lifetime=3600,
        spent=Reply({"error": "invalid_grant",
                     "error_description": "Incorrect Token type or clientID"}, BAD)),
    revokes={"token": "refresh-1", "token_type_hint": "refresh_token"},
    revokes_as="json")

VK_ID = Row(
    "vk-id",
    urls={"authorization_endpoint": "https://id.vk.com/authorize",
          "token_endpoint": "https://id.vk.com/oauth2/auth",
          "revocation_endpoint": "https://id.vk.com/oauth2/revoke",
          "upstream": "https://api.vk.com/method"},
    keys={"scope": "email phone", "client_secret": None},
    logs_in={"scope": "email phone"}, secret="none",
    callback={"device_id": "XF2hFjPFDOMVdSmDM", "type": "code_v2"},
    sends={"client_id": ID, "device_id": "XF2hFjPFDOMVdSmDM", "state": ANY},
    reply=Reply({"refresh_token": "refresh-1", "access_token": "vk2.a.ya8d7f",
                 "id_token": "eyJ0.eyJ1.c2ln", "token_type": "Bearer",
                 "expires_in": 3600, "user_id": 1234567890, "state": "x",
                 "scope": "email phone"}),
    token="vk2.a.ya8d7f", lifetime=3600, scope="email phone",
    refused=Reply({"error": "invalid_grant",
                   "error_description": "Code is expired."}, BAD),
    words=["invalid_grant", "Code is expired."], arrives="/method/x?q=1&v=5.199",
    kept=("/x?v=5.131", [], "/method/x?v=5.131"),
    refresh=Refresh(
        Reply({"refresh_token": "refresh-2", "access_token": "vk2.a.two",
               "token_type": "Bearer", "expires_in": 3600, "user_id": 1234567890,
               "state": "x", "scope": "email phone"}), "vk2.a.two", lifetime=3600,
        sends={"client_id": ID, "device_id": "XF2hFjPFDOMVdSmDM", "state": ANY},
        spent=Reply({"error": "invalid_grant",
                     "error_description": "refresh_token is expired"}, BAD)),
    revokes={"client_id": ID, "access_token": "vk2.a.ya8d7f"})

DATADOG = Row(
    "datadog",
    urls={"authorization_endpoint": "https://app.datadoghq.com/oauth2/v1/authorize",
          "token_endpoint": "https://api.datadoghq.com/oauth2/v1/token",
          "revocation_endpoint": "https://api.datadoghq.com/oauth2/v1/revoke"},
    keys={"upstream": "{token.callback.domain}"}, secret="post",
    callback={"domain": "{api}"},
    reply=Reply({"access_token": "ddoat-1", "refresh_token": "refresh-1",
                 "scope": "dashboards_read", "expires_in": 3600,
                 "token_type": "Bearer"}),
    token="ddoat-1", lifetime=3600, scope="dashboards_read",
    refused=Reply({"error": "invalid_grant", "error_description":
                   "Invalid authorization code"}, BAD),
    words=["invalid_grant", "Invalid authorization code"],
    refresh=Refresh(
        Reply({"access_token": "ddoat-2", "refresh_token": "refresh-2",
               "scope": "dashboards_read", "expires_in": 3600,
               "token_type": "Bearer"}), "ddoat-2", lifetime=3600,
        spent=Reply({"error": "invalid_grant"}, BAD)),
    revokes={"client_id": ID, "client_secret": SECRET, "token": "refresh-1",
             "token_type_hint": "refresh_token"})

TIKTOK_ADS = Row(
    "tiktok-ads",
    urls={"authorization_endpoint": "https://business-api.tiktok.com/portal/auth",
          "token_endpoint":
          "https://business-api.tiktok.com/open_api/v1.3/oauth2/access_token/",
          "upstream": "https://business-api.tiktok.com/open_api/v1.3"},
    logs_in={"app_id": ID, "client_id": None},
    secret="post", pkce=False, code="auth_code", callback={"code": "another"},
    format="json",
    sends={"app_id": ID, "secret": SECRET, "auth_code": CODE, "code": None,
           "client_id": None, "client_secret": None, "grant_type": None,
           "redirect_uri": None},
    reply=Reply({"code": 0, "message": "OK", "request_id": "2023",
                 "data": {"access_token": "c5b3f2a1", "scope": [4],
                          "advertiser_ids": ["70001"]}}),
    token="c5b3f2a1", lifetime=None, scope=None,
    refused=Reply({"code": 40110, "message": "Auth_code is expired.",
                   "request_id": "2023", "data": {}}),
    words=["Auth_code is expired."], arrives="/open_api/v1.3/x?q=1",
    fields={"Authorization": None, "Access-Token": "c5b3f2a1"})

DINGTALK = Row(
    "dingtalk",
    urls={"authorization_endpoint": "https://login.dingtalk.com/oauth2/auth",
          "token_endpoint": "https://api.dingtalk.com/v1.0/oauth2/userAccessToken",
          "upstream": "https://api.dingtalk.com"},
    logs_in={"scope": "openid", "prompt": "consent"}, secret="post", pkce=False,
    code="authCode", format="json",
    sends={"clientId": ID, "clientSecret": SECRET, "client_id": None,
           "client_secret": None, "grantType": "authorization_code",
           "grant_type": None, "redirect_uri": None},
    reply=Reply({"accessToken": "ding-1", "refreshToken": "refresh-1",
                 "expireIn": 7200, "corpId": "corp1"}),
    token="ding-1", lifetime=7200, scope="openid",
    refused=Reply({"code": "invalidParameter.authCode.notFound",
                   "message": "no such code", "requestid": "1"}, BAD),
    words=["invalidParameter.authCode.notFound", "no such code"],
    fields={"Authorization": None, "x-acs-dingtalk-access-token": "ding-1"},
    refresh=Refresh(
        Reply({"accessToken": "ding-2", "refreshToken": "refresh-2",
               "expireIn": 7200}), "ding-2", lifetime=7200,
        sends={"clientId": ID, "clientSecret": SECRET, "client_id": None,
               "client_secret": None, "grantType": "refresh_token",
               "grant_type": None, "refreshToken": "refresh-1",
               "refresh_token": None}))

ROWS = [QUICKBOOKS, VK_ID, DATADOG, TIKTOK_ADS, DINGTALK]
