# SPDX-License-Identifier: MIT
"""What the documents of providers show: those that people use by themselves,
x to feishu."""

from profiles import ID, SECRET, Refresh, Reply, Row, ends

BAD = "400 Bad Request"

X = Row(
    "x",
    urls={"authorization_endpoint": "https://x.com/i/oauth2/authorize",
          "token_endpoint": "https://api.x.com/2/oauth2/token",
          "revocation_endpoint": "https://api.x.com/2/oauth2/revoke",
          "upstream": "https://api.x.com/2"},
    keys={"scope": "tweet.read users.read offline.access"},
    logs_in={"scope": "tweet.read users.read offline.access"},
    reply=Reply({"token_type": "bearer", "expires_in": 7200,
                 "access_token": "Q0Mzb0VhZ0V5dmNXSTEyNER2MFNfVW50RzdXdTN6STFx",
                 "scope": "tweet.read users.read offline.access",
                 "refresh_token": "refresh-1"}),
    token="Q0Mzb0VhZ0V5dmNXSTEyNER2MFNfVW50RzdXdTN6STFx", lifetime=7200,
    scope="tweet.read users.read offline.access",
    refused=Reply({"error": "invalid_request", "error_description":
                   "Value passed for the authorization code was invalid."}, BAD),
    words=["invalid_request", "the authorization code was invalid."],
    arrives="/2/x?q=1",
    refresh=Refresh(
        Reply({"token_type": "bearer", "expires_in": 7200, "access_token": "Q0-two",
               "scope": "tweet.read users.read offline.access",
               "refresh_token": "refresh-2"}), "Q0-two", lifetime=7200,
        spent=Reply({"error": "invalid_request", "error_description":
                     "Value passed for the token was invalid."}, BAD)),
    revokes={"token": "refresh-1", "token_type_hint": "refresh_token"})

TRAKT = Row(
    "trakt",
    urls={"authorization_endpoint": "https://trakt.tv/oauth/authorize",
          "token_endpoint": "https://api.trakt.tv/oauth/token",
          "revocation_endpoint": "https://api.trakt.tv/oauth/revoke",
          "upstream": "https://api.trakt.tv"},
    secret="post", format="json",
    reply=Reply({"access_token": "dbaf9757982a9e738f05d249b7b5b4a266b3a139",
                 "token_type": "bearer", "expires_in": 86400,
                 "refresh_token": "refresh-1", "scope": "public",
                 "created_at": 1487889741}),
    token="dbaf9757982a9e738f05d249b7b5b4a266b3a139", lifetime=86400,
    scope="public",
    refused=Reply({"error": "invalid_grant", "error_description":
                   "The provided authorization grant is invalid, expired, revoked, "
                   "or was issued to another client."}, "401 Unauthorized"),
    words=["invalid_grant", "The provided authorization grant is invalid"],
    fields={"trakt-api-version": "2", "trakt-api-key": ID},
    refresh=Refresh(
        Reply({"access_token": "dbaf-two", "token_type": "bearer",
               "expires_in": 86400, "refresh_token": "refresh-2",
               "scope": "public", "created_at": 1487889742}), "dbaf-two",
        lifetime=86400,
        spent=Reply({"error": "invalid_grant", "error_description":
                     "The provided authorization grant is invalid"},
                    "401 Unauthorized")),
    revokes={"client_id": ID, "client_secret": SECRET, "token": "refresh-1",
             "token_type_hint": "refresh_token"})

LICHESS = Row(
    "lichess",
    urls={"authorization_endpoint": "https://lichess.org/oauth",
          "token_endpoint": "https://lichess.org/api/token",
          "revocation_endpoint": "https://lichess.org/api/token",
          "upstream": "https://lichess.org"},
    keys={"scope": "challenge:read board:play", "client_secret": None},
    logs_in={"scope": "challenge:read board:play"}, secret="none",
    sends={"client_id": ID},
    reply=Reply({"token_type": "Bearer", "access_token": "lio_MWkKZHxVuFGVfzFZ",
                 "expires_in": 31536000}),
    token="lio_MWkKZHxVuFGVfzFZ", lifetime=31536000, scope=None,
    refused=Reply({"error": "invalid_grant",
                   "error_description": "hash of code_verifier does not match "
                   "code_challenge"}, BAD),
    words=["invalid_grant", "hash of code_verifier does not match"],
    revokes={}, revokes_by="DELETE",
    revoke_fields={"Authorization": "Bearer lio_MWkKZHxVuFGVfzFZ"})

YANDEX = Row(
    "yandex",
    urls={"authorization_endpoint": "https://oauth.yandex.com/authorize",
          "token_endpoint": "https://oauth.yandex.com/token",
          "revocation_endpoint": "https://oauth.yandex.com/revoke_token",
          "upstream": "https://cloud-api.yandex.net"},
    keys={"scope": "cloud_api:disk.read login:info"},
    logs_in={"scope": "cloud_api:disk.read login:info"}, secret="post",
    reply=Reply({"token_type": "bearer", "access_token": "AQAAAACy1C6ZAAAAfa6vDLuIt",
                 "expires_in": 31536000, "refresh_token": "refresh-1",
                 "scope": "login:info cloud_api:disk.read"}),
    token="AQAAAACy1C6ZAAAAfa6vDLuIt", lifetime=31536000,
    scope="login:info cloud_api:disk.read",
    refused=Reply({"error_description": "Code has expired", "error":
                   "invalid_grant"}, BAD),
    words=["invalid_grant", "Code has expired"],
    fields={"Authorization": "OAuth AQAAAACy1C6ZAAAAfa6vDLuIt"},
    refresh=Refresh(
        Reply({"token_type": "bearer", "access_token": "AQ-two",
               "expires_in": 31536000, "refresh_token": "refresh-2"}), "AQ-two",
        lifetime=31536000,
        spent=Reply({"error_description": "expired_token", "error":
                     "invalid_grant"}, BAD)),
    revokes={"client_id": ID, "client_secret": SECRET,
             "access_token": "AQAAAACy1C6ZAAAAfa6vDLuIt"})

MYANIMELIST = Row(
    "myanimelist",
    urls={"authorization_endpoint": "https://myanimelist.net/v1/oauth2/authorize",
          "token_endpoint": "https://myanimelist.net/v1/oauth2/token",
          "upstream": "https://api.myanimelist.net/v2"},
    logs_in={"code_challenge_method": "plain"}, secret="post",
    reply=Reply({"token_type": "Bearer", "expires_in": 2678400,
                 "access_token": "a1b2c3d4e5", "refresh_token": "refresh-1"}),
    token="a1b2c3d4e5", lifetime=2678400, scope=None,
    refused=Reply({"error": "invalid_grant", "message": "Failed to verify "
                   "`code_verifier`.", "hint": "Failed to verify `code_verifier`."},
                  BAD),
    words=["invalid_grant"], arrives="/v2/x?q=1",
    refresh=Refresh(
        Reply({"token_type": "Bearer", "expires_in": 2678400,
               "access_token": "a1-two", "refresh_token": "refresh-2"}), "a1-two",
        lifetime=2678400,
        spent=Reply({"error": "invalid_grant", "message": "The refresh token is "
                     "invalid."}, "401 Unauthorized")))

NAVER = Row(
    "naver",
    urls={"authorization_endpoint": "https://nid.naver.com/oauth2.0/authorize",
          "token_endpoint": "https://nid.naver.com/oauth2.0/token",
          "revocation_endpoint": "https://nid.naver.com/oauth2.0/token",
          "upstream": "https://openapi.naver.com/v1"},
    secret="post",
    reply=Reply({"access_token": "AAAAQosjWDJieBiQZc3to9YQp6HDLvrmyKC",
                 "refresh_token": "refresh-1", "token_type": "bearer",
                 "expires_in": "3600"}),
    token="AAAAQosjWDJieBiQZc3to9YQp6HDLvrmyKC", lifetime=3600, scope=None,
    refused=Reply({"error": "invalid_request",
                   "error_description": "no valid data in session"}),
    words=["invalid_request", "no valid data in session"], arrives="/v1/x?q=1",
    refresh=Refresh(
        Reply({"access_token": "AAAA-two", "token_type": "bearer",
               "expires_in": "3600"}), "AAAA-two", lifetime=3600),
    revokes={"client_id": ID, "client_secret": SECRET, "grant_type": "delete",
             "service_provider": "NAVER",
             "access_token": "AAAAQosjWDJieBiQZc3to9YQp6HDLvrmyKC"})

NETATMO = Row(
    "netatmo",
    urls={"authorization_endpoint": "https://api.netatmo.com/oauth2/authorize",
          "token_endpoint": "https://api.netatmo.com/oauth2/token",
          "upstream": "https://api.netatmo.com/api"},
    keys={"scope": "read_station read_thermostat"},
    logs_in={"scope": "read_station read_thermostat"}, secret="post",
    reply=Reply({"scope": ["read_station", "read_thermostat"],
                 "access_token": "53cb6eb5|1de2f2c4", "expires_in": 10800,
                 "expire_in": 10800, "refresh_token": "refresh-1"}),
    token="53cb6eb5|1de2f2c4", lifetime=10800, scope="read_station read_thermostat",
    refused=Reply({"error": "invalid_grant"}, BAD), words=["invalid_grant"],
    arrives="/api/x?q=1",
    refresh=Refresh(
        Reply({"scope": ["read_station", "read_thermostat"],
               "access_token": "53cb6eb5|two", "expires_in": 10800,
               "expire_in": 10800, "refresh_token": "refresh-2"}), "53cb6eb5|two",
        lifetime=10800, spent=Reply({"error": "invalid_grant"}, BAD)))

FEISHU = Row(
    "feishu",
    urls={"authorization_endpoint":
          "https://accounts.feishu.cn/open-apis/authen/v1/authorize",
          "token_endpoint":
          "https://open.feishu.cn/open-apis/authen/v2/oauth/token",
          "upstream": "https://open.feishu.cn/open-apis"},
    keys={"scope": "contact:user.base:readonly offline_access"},
    logs_in={"scope": "contact:user.base:readonly offline_access"},
    secret="post", format="json",
    reply=Reply({"code": 0, "access_token": "eyJhbGciOiJFUzI1NiJ9.feishu",
                 "expires_in": 7200, "refresh_token": "refresh-1",
                 "refresh_token_expires_in": 604800, "token_type": "Bearer",
                 "scope": "auth:user.id:read offline_access"}),
    token="eyJhbGciOiJFUzI1NiJ9.feishu", lifetime=7200,
    scope="auth:user.id:read offline_access",
    refused=Reply({"code": 20003, "error": "invalid_grant", "error_description":
                   "The authorization code is not found."}, BAD),
    words=["invalid_grant", "The authorization code is not found."],
    arrives="/open-apis/x?q=1",
    refresh=Refresh(
        Reply({"code": 0, "access_token": "eyJ2", "expires_in": 7200,
               "refresh_token": "refresh-2", "refresh_token_expires_in": 604800,
               "token_type": "Bearer", "scope": "auth:user.id:read"}), "eyJ2",
        lifetime=7200,
        spent=Reply({"code": 20064, "error": "invalid_request", "error_description":
                     "The refresh token has been revoked."}, BAD)))

WITHINGS = Row(
    "withings",
    urls={"authorization_endpoint":
          "https://account.withings.com/oauth2_user/authorize2",
          "token_endpoint": "https://wbsapi.withings.net/v2/oauth2",
          "upstream": "https://wbsapi.withings.net"},
    keys={"scope": "user.info user.metrics"},
    logs_in={"scope": "user.info,user.metrics"}, secret="post", pkce=False,
    sends={"action": "requesttoken"},
    reply=Reply({"status": 0, "body": {
        "userid": "363", "access_token": "a075f8c14fb8df40b08ebc8508533dc332a6910a",
        "refresh_token": "refresh-1", "expires_in": 10800,
        "scope": "user.info,user.metrics", "csrf_token": "PACnnxwHTaBQOzF7bQqwFUUotI",
        "token_type": "Bearer"}}),
    token="a075f8c14fb8df40b08ebc8508533dc332a6910a", lifetime=10800,
    scope="user.info,user.metrics",
    refused=Reply({"status": 503, "body": {}, "error":
                   "Invalid Params: invalid code"}),
    words=["Invalid Params: invalid code"],
    refresh=Refresh(
        Reply({"status": 0, "body": {
            "userid": "363", "access_token": "a075-two", "expires_in": 10800,
            "refresh_token": "refresh-2", "scope": "user.info,user.metrics",
            "token_type": "Bearer"}}), "a075-two", lifetime=10800,
        sends={"action": "requesttoken"},
        spent=Reply({"status": 503, "body": {}, "error":
                     "Invalid Params: invalid refresh_token"})))

SQUARE = Row(
    "square",
    urls={"authorization_endpoint": "https://connect.squareup.com/oauth2/authorize",
          "token_endpoint": "https://connect.squareup.com/oauth2/token",
          "revocation_endpoint": "https://connect.squareup.com/oauth2/revoke",
          "upstream": "https://connect.squareup.com"},
    keys={"scope": "MERCHANT_PROFILE_READ PAYMENTS_READ"},
    logs_in={"scope": "MERCHANT_PROFILE_READ PAYMENTS_READ", "session": "false"},
    secret="post", format="json",
    reply=Reply({"access_token": "EAAAEOuLQObrVwJvCvoio3H13b8Ssqz1ighmTBKZvIENW9qx",
                 "token_type": "bearer", "expires_at": ends(30),
                 "merchant_id": "MLQBDWRSXYZ", "refresh_token": "refresh-1",
                 "short_lived": False}),
    token="EAAAEOuLQObrVwJvCvoio3H13b8Ssqz1ighmTBKZvIENW9qx", lifetime=30 * 86400,
    slack=3600, scope=None,
    refused=Reply({"errors": [{"category": "AUTHENTICATION_ERROR",
                               "code": "UNAUTHORIZED",
                               "detail": "Authorization code not found"}]},
                  "401 Unauthorized"),
    words=["UNAUTHORIZED", "Authorization code not found"],
    fields={"Square-Version": "2025-01-23"},
    kept=("/x", ["Square-Version: 2024-05-15"], "/x"),
    refresh=Refresh(
        Reply({"access_token": "EAAA-two", "token_type": "bearer",
               "expires_at": ends(30), "merchant_id": "MLQBDWRSXYZ",
               "refresh_token": "refresh-1", "short_lived": False}), "EAAA-two",
        lifetime=30 * 86400),
    revokes={"client_id": ID, "access_token":
             "EAAAEOuLQObrVwJvCvoio3H13b8Ssqz1ighmTBKZvIENW9qx"},
    revoke_fields={"Authorization": f"Client {SECRET}"})

ROWS = [X, TRAKT, LICHESS, YANDEX, MYANIMELIST, NAVER, NETATMO, FEISHU,
        WITHINGS, SQUARE]
