# SPDX-License-Identifier: MIT
"""What the documents of providers show: those that companies work with, asana
to ups."""

from profiles import ANY, ID, SECRET, Refresh, Reply, Row

BAD = "400 Bad Request"

ASANA = Row(
    "asana",
    urls={"authorization_endpoint": "https://app.asana.com/-/oauth_authorize",
          "token_endpoint": "https://app.asana.com/-/oauth_token",
          "revocation_endpoint": "https://app.asana.com/-/oauth_revoke",
          "upstream": "https://app.asana.com/api/1.0"},
    keys={"scope": "tasks:read projects:read"},
    logs_in={"scope": "tasks:read projects:read"}, secret="post",
    reply=Reply({"access_token": "f6ds7fdsa69ags7ag9sd5a", "expires_in": 3600,
                 "token_type": "bearer", "refresh_token": "refresh-1",
                 "data": {"id": 4673218951, "name": "Greg Sanchez",
                          "email": "gsanchez@example.com"}}),
    token="f6ds7fdsa69ags7ag9sd5a", lifetime=3600, scope=None,
    refused=Reply({"error": "invalid_grant", "error_description":
                   "The code provided was invalid."}, BAD),
    words=["invalid_grant", "The code provided was invalid."],
    arrives="/api/1.0/x?q=1",
    refresh=Refresh(
        Reply({"access_token": "f6ds-two", "expires_in": 3600,
               "token_type": "bearer", "data": {"id": 4673218951}}), "f6ds-two",
        lifetime=3600,
        spent=Reply({"error": "invalid_grant", "error_description":
                     "The refresh token provided was invalid."}, BAD)),
    revokes={"client_id": ID, "client_secret": SECRET, "token": "refresh-1",
             "token_type_hint": "refresh_token"})

BITBUCKET = Row(
    "bitbucket",
    urls={"authorization_endpoint": "https://bitbucket.org/site/oauth2/authorize",
          "token_endpoint": "https://bitbucket.org/site/oauth2/access_token",
          "upstream": "https://api.bitbucket.org/2.0"},
    reply=Reply({"access_token": "vPtMVpBCGxlzEC2w", "scopes": "repository account",
                 "expires_in": 7200, "refresh_token": "refresh-1",
                 "token_type": "bearer", "state": "authorization_code"}),
    token="vPtMVpBCGxlzEC2w", lifetime=7200, scope="repository account",
    refused=Reply({"error": "invalid_grant", "error_description":
                   "The specified code is not valid."}, BAD),
    words=["invalid_grant", "The specified code is not valid."],
    arrives="/2.0/x?q=1",
    refresh=Refresh(
        Reply({"access_token": "vPt-two", "scopes": "repository account",
               "expires_in": 7200, "refresh_token": "refresh-1",
               "token_type": "bearer", "state": "refresh_token"}), "vPt-two",
        lifetime=7200,
        spent=Reply({"error": "invalid_grant",
                     "error_description": "Invalid refresh_token"}, BAD)))

XERO = Row(
    "xero",
    urls={"authorization_endpoint":
          "https://login.xero.com/identity/connect/authorize",
          "token_endpoint": "https://identity.xero.com/connect/token",
          "revocation_endpoint": "https://identity.xero.com/connect/revocation",
          "upstream": "https://api.xero.com/api.xro/2.0"},
    keys={"scope": "accounting.transactions offline_access",
          "protected_request.header.Xero-Tenant-Id":
          "70784a63-d24b-46a9-a4db-0e70a274b056"},
    logs_in={"scope": "accounting.transactions offline_access"},
    reply=Reply({"access_token": "eyJhbGciOiJSUzI1NiJ9.xero", "expires_in": 1800,
                 "token_type": "Bearer", "refresh_token": "refresh-1",
                 "scope": "accounting.transactions offline_access"}),
    token="eyJhbGciOiJSUzI1NiJ9.xero", lifetime=1800,
    scope="accounting.transactions offline_access",
    refused=Reply({"error": "invalid_grant"}, BAD), words=["invalid_grant"],
    arrives="/api.xro/2.0/x?q=1",
    fields={"Xero-Tenant-Id": "70784a63-d24b-46a9-a4db-0e70a274b056"},
    refresh=Refresh(
        Reply({"access_token": "eyJ2", "expires_in": 1800, "token_type": "Bearer",
               "refresh_token": "refresh-2",
               "scope": "accounting.transactions offline_access"}), "eyJ2",
        lifetime=1800, spent=Reply({"error": "invalid_grant"}, BAD)),
    revokes={"token": "refresh-1", "token_type_hint": "refresh_token"})

ZOOM = Row(
    "zoom", grant="client_credentials",
    urls={"token_endpoint": "https://zoom.us/oauth/token",
          "upstream": "{token.api_url}/v2"},
    keys={"access_token_request.param.account_id": "gYz8S9w5Q5yrDoIvmdClYw"},
    sends={"grant_type": "account_credentials",
           "account_id": "gYz8S9w5Q5yrDoIvmdClYw"},
    reply=Reply({"access_token": "eyJzdiI6IjAwMDAwMSJ9", "token_type": "bearer",
                 "expires_in": 3599, "scope": "meeting:read user:read:admin",
                 "api_url": "https://api.of.token"}),
    token="eyJzdiI6IjAwMDAwMSJ9", lifetime=3599,
    scope="meeting:read user:read:admin",
    refused=Reply({"reason": "Invalid client_id or client_secret",
                   "error": "invalid_client"}, BAD),
    words=["invalid_client", "Invalid client_id or client_secret"],
    arrives="/v2/x?q=1")

HUBSPOT = Row(
    "hubspot",
    urls={"authorization_endpoint": "https://app.hubspot.com/oauth/authorize",
          "token_endpoint": "https://api.hubapi.com/oauth/v1/token",
          "upstream": "https://api.hubapi.com"},
    keys={"scope": "oauth crm.objects.contacts.read"},
    logs_in={"scope": "oauth crm.objects.contacts.read"}, secret="post",
    reply=Reply({"token_type": "bearer", "refresh_token": "refresh-1",
                 "access_token": "CJSP5qf1KhICAQEYs-gDIIGOBii1hQIyGQAf3xBK",
                 "expires_in": 1800}),
    token="CJSP5qf1KhICAQEYs-gDIIGOBii1hQIyGQAf3xBK", lifetime=1800, scope=None,
    refused=Reply({"status": "BAD_AUTH_CODE", "correlationId": "d6ed5bd8",
                   "message": "missing or unknown auth code"}, BAD),
    words=["BAD_AUTH_CODE", "missing or unknown auth code"],
    refresh=Refresh(
        Reply({"token_type": "bearer", "refresh_token": "refresh-1",
               "access_token": "CJSP-two", "expires_in": 1800}), "CJSP-two",
        lifetime=1800,
        spent=Reply({"status": "BAD_REFRESH_TOKEN", "correlationId": "d6ed5bd9",
                     "message": "missing or invalid refresh token"}, BAD)))

SERVICENOW = Row(
    "servicenow", urls={}, grant="password", secret="post",
    keys={"token_endpoint": "{server}/oauth_token.do", "upstream": "{api}/api",
          "username": "web.service", "password": "hush"},
    reply=Reply({"access_token": "2nHgxtv2S7X9QR6kGPaUJGPVw0FS", "scope":
                 "useraccount", "token_type": "Bearer", "expires_in": 1799,
                 "refresh_token": "refresh-1"}),
    token="2nHgxtv2S7X9QR6kGPaUJGPVw0FS", lifetime=1799, scope="useraccount",
    refused=Reply({"error_description": "access_denied", "error": "server_error"},
                  "401 Unauthorized"),
    words=["server_error", "access_denied"], arrives="/api/x?q=1",
    refresh=Refresh(
        Reply({"access_token": "2nHg-two", "scope": "useraccount",
               "token_type": "Bearer", "expires_in": 1799,
               "refresh_token": "refresh-1"}), "2nHg-two", lifetime=1799))

AMAZON_ADS = Row(
    "amazon-ads",
    urls={"authorization_endpoint": "https://www.amazon.com/ap/oa",
          "token_endpoint": "https://api.amazon.com/auth/o2/token",
          "upstream": "https://advertising-api.amazon.com"},
    keys={"protected_request.header.Amazon-Advertising-API-Scope": "3312345"},
    logs_in={"scope": "advertising::campaign_management"}, secret="post",
    reply=Reply({"access_token": "Atza|IQEBLjAsAhRmHjNgHpi0U-Dme37rR6CuUpSR",
                 "refresh_token": "refresh-1", "token_type": "bearer",
                 "expires_in": 3600}),
    token="Atza|IQEBLjAsAhRmHjNgHpi0U-Dme37rR6CuUpSR", lifetime=3600, scope=None,
    refused=Reply({"error": "invalid_grant", "error_description":
                   "The request has an invalid grant parameter : code"}, BAD),
    words=["invalid_grant", "The request has an invalid grant parameter"],
    fields={"Amazon-Advertising-API-ClientId": ID,
            "Amazon-Advertising-API-Scope": "3312345"},
    refresh=Refresh(
        Reply({"access_token": "Atza|two", "refresh_token": "refresh-1",
               "token_type": "bearer", "expires_in": 3600}), "Atza|two",
        lifetime=3600,
        spent=Reply({"error": "invalid_grant", "error_description": "The request "
                     "has an invalid grant parameter : refresh_token"}, BAD)))

PIPEDRIVE = Row(
    "pipedrive",
    urls={"authorization_endpoint": "https://oauth.pipedrive.com/oauth/authorize",
          "token_endpoint": "https://oauth.pipedrive.com/oauth/token",
          "revocation_endpoint": "https://oauth.pipedrive.com/oauth/revoke",
          "upstream": "{token.api_domain}"},
    reply=Reply({"access_token": "u:AQIBAHj-LzTNK2yuuuaLqifzhWb9crUNKTpk0F",
                 "token_type": "bearer", "refresh_token": "refresh-1",
                 "scope": "deals:full,users:read", "expires_in": 3599,
                 "api_domain": "https://api.of.token"}),
    token="u:AQIBAHj-LzTNK2yuuuaLqifzhWb9crUNKTpk0F", lifetime=3599,
    scope="deals:full,users:read",
    refused=Reply({"success": False, "message": "Invalid grant: authorization "
                   "code is invalid", "error": "invalid_grant"}, BAD),
    words=["invalid_grant", "authorization code is invalid"],
    refresh=Refresh(
        Reply({"access_token": "u:two", "token_type": "bearer",
               "refresh_token": "refresh-1", "scope": "deals:full,users:read",
               "expires_in": 3599, "api_domain": "https://api.of.token"}), "u:two",
        lifetime=3599,
        spent=Reply({"success": False, "message": "Invalid grant: refresh token is "
                     "invalid", "error": "invalid_grant"}, BAD)),
    revokes={"token": "refresh-1", "token_type_hint": "refresh_token"})

WRIKE = Row(
    "wrike",
    urls={"authorization_endpoint":
          "https://login.wrike.com/oauth2/authorize/v4",
          "token_endpoint": "https://login.wrike.com/oauth2/token",
          "upstream": "{token.host}/api/v4"},
    keys={"scope": "Default amReadOnlyWorkflow"},
    logs_in={"scope": "Default,amReadOnlyWorkflow"}, secret="post",
    reply=Reply({"access_token": "2YotnFZFEjr1zCsicMWpAA",
                 "refresh_token": "refresh-1", "token_type": "bearer",
                 "expires_in": 3600, "host": "https://api.of.token"}),
    token="2YotnFZFEjr1zCsicMWpAA", lifetime=3600, scope=None,
    refused=Reply({"error": "invalid_grant", "error_description":
                   "Authorization code is invalid"}, BAD),
    words=["invalid_grant", "Authorization code is invalid"],
    arrives="/api/v4/x?q=1",
    refresh=Refresh(
        Reply({"access_token": "2Yot-two", "refresh_token": "refresh-2",
               "token_type": "bearer", "expires_in": 3600,
               "host": "https://api.of.token"}), "2Yot-two", lifetime=3600,
        spent=Reply({"error": "invalid_grant",
                     "error_description": "Refresh token is invalid"}, BAD)))

FIGMA = Row(
    "figma",
    urls={"authorization_endpoint": "https://www.figma.com/oauth",
          "token_endpoint": "https://api.figma.com/v1/oauth/token",
          "refresh_endpoint": "https://api.figma.com/v1/oauth/refresh",
          "upstream": "https://api.figma.com"},
    keys={"scope": "file_content:read current_user:read"},
    logs_in={"scope": "file_content:read current_user:read"},
    reply=Reply({"user_id_string": "1101", "access_token": "figu_m4W1J",
                 "token_type": "bearer", "expires_in": 7776000,
                 "refresh_token": "refresh-1"}),
    token="figu_m4W1J", lifetime=7776000, scope=None,
    refused=Reply({"error": True, "status": 400, "i18n": None, "message":
                   "Parameter client_id is required"}, BAD),
    words=["Parameter client_id is required"],
    refresh=Refresh(
        Reply({"access_token": "figu_two", "token_type": "bearer",
               "expires_in": 7776000}), "figu_two", lifetime=7776000,
        path="/v1/oauth/refresh", sends={"grant_type": None}))

AIRTABLE = Row(
    "airtable",
    urls={"authorization_endpoint": "https://airtable.com/oauth2/v1/authorize",
          "token_endpoint": "https://airtable.com/oauth2/v1/token",
          "upstream": "https://api.airtable.com/v0"},
    keys={"scope": "data.records:read schema.bases:read"},
    logs_in={"scope": "data.records:read schema.bases:read"},
    reply=Reply({"access_token": "oaauNiSmQV.v1.eyJ1c2VySWQ", "token_type": "Bearer",
                 "refresh_token": "refresh-1", "expires_in": 3600,
                 "refresh_expires_in": 5184000,
                 "scope": "data.records:read schema.bases:read"}),
    token="oaauNiSmQV.v1.eyJ1c2VySWQ", lifetime=3600,
    scope="data.records:read schema.bases:read",
    refused=Reply({"error": "invalid_grant", "error_description":
                   "Authorization code is expired"}, BAD),
    words=["invalid_grant", "Authorization code is expired"],
    arrives="/v0/x?q=1",
    refresh=Refresh(
        Reply({"access_token": "oaau-two", "refresh_token": "refresh-2",
               "token_type": "Bearer", "expires_in": 3600,
               "refresh_expires_in": 5184000,
               "scope": "data.records:read schema.bases:read"}), "oaau-two",
        lifetime=3600,
        spent=Reply({"error": "invalid_grant", "error_description":
                     "Refresh token is invalid or expired"}, BAD)))

ADOBE = Row(
    "adobe", grant="client_credentials",
    urls={"token_endpoint": "https://ims-na1.adobelogin.com/ims/token/v3"},
    keys={"upstream": "{api}/data", "scope": "openid AdobeID read_organizations",
          "protected_request.header.x-gw-ims-org-id": "12AB@AdobeOrg"},
    secret="post", sends={"scope": "openid,AdobeID,read_organizations"},
    reply=Reply({"access_token": "eyJhbGciOiJSUzI1NiJ9.adobe",
                 "token_type": "bearer", "expires_in": 86399}),
    token="eyJhbGciOiJSUzI1NiJ9.adobe", lifetime=86399, scope=None,
    refused=Reply({"error": "invalid_client", "error_description":
                   "invalid client_secret parameter"}, BAD),
    words=["invalid_client", "invalid client_secret parameter"],
    arrives="/data/x?q=1",
    fields={"x-api-key": ID, "x-gw-ims-org-id": "12AB@AdobeOrg"})

UPS = Row(
    "ups", grant="client_credentials",
    urls={"token_endpoint": "https://onlinetools.ups.com/security/v1/oauth/token",
          "upstream": "https://onlinetools.ups.com/api"},
    token_fields={"x-merchant-id": ID},
    reply=Reply({"token_type": "Bearer", "issued_at": "1706710921672",
                 "client_id": ID, "access_token": "eyJraWQiOiI2NGM0YjYyMC0yZmFh",
                 "expires_in": "14399", "status": "approved"}),
    token="eyJraWQiOiI2NGM0YjYyMC0yZmFh", lifetime=14399, scope=None,
    refused=Reply({"response": {"errors": [
        {"code": "10401", "message": "ClientId is Invalid"}]}}, "401 Unauthorized"),
    words=["10401", "ClientId is Invalid"], arrives="/api/x?q=1")

WALMART = Row(
    "walmart", grant="client_credentials",
    urls={"token_endpoint": "https://marketplace.walmartapis.com/v3/token",
          "upstream": "https://marketplace.walmartapis.com/v3"},
    token_fields={"WM_SVC.NAME": "Walmart Marketplace",
                  "WM_QOS.CORRELATION_ID": ANY},
    reply=Reply({"access_token": "eyJraWQiOiI1MWY3MjM0Ny0wYWY5",
                 "token_type": "Bearer", "expires_in": 900}),
    token="eyJraWQiOiI1MWY3MjM0Ny0wYWY5", lifetime=900, scope=None,
    refused=Reply({"error": [{"code": "UNAUTHORIZED.GMP_GATEWAY_API", "field":
                              "UNAUTHORIZED", "description": "Unauthorized",
                              "info": "Unauthorized token or incorrect "
                              "authorization header.", "severity": "ERROR",
                              "category": "DATA", "causes": []}]},
                  "401 Unauthorized"),
    words=["UNAUTHORIZED.GMP_GATEWAY_API"], arrives="/v3/x?q=1",
    fields={"Authorization": None, "WM_SVC.NAME": "Walmart Marketplace",
            "WM_QOS.CORRELATION_ID": ANY,
            "WM_SEC.ACCESS_TOKEN": "eyJraWQiOiI1MWY3MjM0Ny0wYWY5"},
    kept=("/x", ["WM_QOS.CORRELATION_ID: b3261d2d"], "/v3/x"))

BASECAMP = Row(
    "basecamp",
    urls={"authorization_endpoint":
          "https://launchpad.37signals.com/authorization/new",
          "token_endpoint": "https://launchpad.37signals.com/authorization/token",
          "upstream": "https://3.basecampapi.com"},
    secret="post",
    reply=Reply({"access_token": "BAhbByIBsHsidmVyc2lvbiI6MSwi",
                 "token_type": "Bearer", "expires_in": 1209600,
                 "refresh_token": "refresh-1"}),
    token="BAhbByIBsHsidmVyc2lvbiI6MSwi", lifetime=1209600, scope=None,
    refused=Reply({"error": "The verification code is invalid or expired"}, BAD),
    words=["The verification code is invalid or expired"],
    fields={"User-Agent": "bearerd (https://localhost)"},
    kept=("/999/x", ["User-Agent: Fabian's App (fabian@example.com)"], "/999/x"),
    refresh=Refresh(
        Reply({"access_token": "BAhb-two", "token_type": "Bearer",
               "expires_in": 1209600}), "BAhb-two", lifetime=1209600))

PODIO = Row(
    "podio",
    urls={"authorization_endpoint": "https://podio.com/oauth/authorize",
          "token_endpoint": "https://api.podio.com/oauth/token/v2",
          "upstream": "https://api.podio.com"},
    secret="post", format="json",
    reply=Reply({"access_token": "da5fc2c5c0f34bfb9a2f6a0b1c1e0d1a",
                 "token_type": "bearer", "ref": {"type": "user", "id": 1},
                 "expires_in": 28800, "refresh_token": "refresh-1",
                 "scope": "global:all"}),
    token="da5fc2c5c0f34bfb9a2f6a0b1c1e0d1a", lifetime=28800, scope="global:all",
    refused=Reply({"error_parameters": {}, "error_detail": None,
                   "error_propagate": False, "request": {"url": "/oauth/token"},
                   "error_description": "The code is invalid or has expired",
                   "error": "invalid_grant"}, BAD),
    words=["invalid_grant", "The code is invalid or has expired"],
    fields={"Authorization": "OAuth2 da5fc2c5c0f34bfb9a2f6a0b1c1e0d1a"},
    refresh=Refresh(
        Reply({"access_token": "da5f-two", "token_type": "bearer",
               "ref": {"type": "user", "id": 1}, "expires_in": 28800,
               "refresh_token": "refresh-1", "scope": "global:all"}), "da5f-two",
        lifetime=28800,
        spent=Reply({"error_description": "expired_token", "error": "invalid_grant",
                     "error_parameters": {}}, BAD)))

EXACT_ONLINE = Row(
    "exact-online",
    urls={"authorization_endpoint": "https://start.exactonline.nl/api/oauth2/auth",
          "token_endpoint": "https://start.exactonline.nl/api/oauth2/token",
          "upstream": "https://start.exactonline.nl/api/v1"},
    secret="post",
    reply=Reply({"access_token": "stampNL001.gAAAAFt7d0X", "token_type": "bearer",
                 "expires_in": "600", "refresh_token": "refresh-1"}),
    token="stampNL001.gAAAAFt7d0X", lifetime=600, scope=None,
    refused=Reply({"error": "invalid_grant"}, BAD), words=["invalid_grant"],
    arrives="/api/v1/x?q=1",
    refresh=Refresh(
        Reply({"access_token": "stampNL001.two", "token_type": "bearer",
               "expires_in": "600", "refresh_token": "refresh-2"}),
        "stampNL001.two", lifetime=600,
        spent=Reply({"error": "invalid_grant"}, BAD)))

SNOWFLAKE_OAUTH = Row(
    "snowflake-oauth", urls={},
    keys={"authorization_endpoint": "{server}/oauth/authorize",
          "token_endpoint": "{server}/oauth/token-request", "upstream": "{api}",
          "scope": "refresh_token session:role:ANALYST"},
    logs_in={"scope": "refresh_token session:role:ANALYST"},
    reply=Reply({"access_token": "ver:1-hint:1-ETMsDgAAAXI0IS9N",
                 "expires_in": 600, "refresh_token": "refresh-1",
                 "token_type": "Bearer", "username": "user1",
                 "scope": "refresh_token session:role:ANALYST",
                 "refresh_token_expires_in": 7776000, "idpInitiated": False}),
    token="ver:1-hint:1-ETMsDgAAAXI0IS9N", lifetime=600,
    scope="refresh_token session:role:ANALYST",
    refused=Reply({"data": None, "message": "This is an invalid client.",
                   "code": None, "success": False, "error": "invalid_client"}, BAD),
    words=["invalid_client"],
    fields={"X-Snowflake-Authorization-Token-Type": "OAUTH"},
    refresh=Refresh(
        Reply({"access_token": "ver:1-two", "expires_in": 600,
               "token_type": "Bearer", "scope": "session:role:ANALYST",
               "idpInitiated": False}), "ver:1-two", lifetime=600,
        spent=Reply({"data": None, "message": "The refresh token is invalid.",
                     "code": None, "success": False, "error": "invalid_grant"},
                    BAD)))

ROWS = [ASANA, BITBUCKET, XERO, ZOOM, HUBSPOT, SERVICENOW, AMAZON_ADS, PIPEDRIVE,
        WRIKE, FIGMA, AIRTABLE, ADOBE, UPS, WALMART, BASECAMP, PODIO, EXACT_ONLINE,
        SNOWFLAKE_OAUTH]
