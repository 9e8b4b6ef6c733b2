# SPDX-License-Identifier: MIT
"""What the documents of providers show: the much used ones, which deviate
little."""

from profiles import ID, SECRET, Refresh, Reply, Row

BAD = "400 Bad Request"
# Whose id_token is checked is for other tests to say.
UNCHECKED = {"id_token": "ignore"}

GOOGLE = Row(
    "google", urls={"issuer": "https://accounts.google.com",
                    "upstream": "https://www.googleapis.com"},
    keys={"issuer": "{server}",
          "scope": "https://www.googleapis.com/auth/drive.readonly"},
    logs_in={"scope": "https://www.googleapis.com/auth/drive.readonly",
             "access_type": "offline", "prompt": "consent"},
    reply=Reply({"access_token": "1/fFAGRNJru1FTz70BzhT3Zg", "expires_in": 3920,
                 "token_type": "Bearer", "refresh_token": "refresh-1",
                 "scope": "https://www.googleapis.com/auth/drive.readonly"}),
    token="1/fFAGRNJru1FTz70BzhT3Zg", lifetime=3920,
    scope="https://www.googleapis.com/auth/drive.readonly",
    refused=Reply({"error": "invalid_grant",
                   "error_description": "Malformed auth code."}, BAD),
    words=["invalid_grant", "Malformed auth code."],
    refresh=Refresh(
        Reply({"access_token": "1/two", "expires_in": 3920, "token_type": "Bearer",
               "scope": "https://www.googleapis.com/auth/drive.readonly"}), "1/two",
        lifetime=3920,
        spent=Reply({"error": "invalid_grant", "error_description":
                     "Token has been expired or revoked."}, BAD)))

GITHUB = Row(
    "github",
    urls={"authorization_endpoint": "https://github.com/login/oauth/authorize",
          "token_endpoint": "https://github.com/login/oauth/access_token",
          "device_authorization_endpoint": "https://github.com/login/device/code",
          "upstream": "https://api.github.com"},
    keys={"scope": "repo gist"}, logs_in={"scope": "repo gist"}, secret="post",
    reply=Reply({"access_token": "ghu_16C7e42F292c6912E7710c838347Ae178B4a",
                 "expires_in": 28800, "refresh_token": "refresh-1",
                 "refresh_token_expires_in": 15897600, "scope": "repo,gist",
                 "token_type": "bearer"}),
    token="ghu_16C7e42F292c6912E7710c838347Ae178B4a", lifetime=28800,
    scope="repo,gist",
    refused=Reply({"error": "bad_verification_code",
                   "error_description": "The code passed is incorrect or expired.",
                   "error_uri": "/apps/managing-oauth-apps"}),
    words=["bad_verification_code", "The code passed is incorrect or expired."],
    fields={"User-Agent": "bearerd"}, kept=("/x", ["User-Agent: curl/8"], "/x"),
    refresh=Refresh(
        Reply({"access_token": "ghu_two", "expires_in": 28800, "scope": "",
               "refresh_token": "refresh-2", "refresh_token_expires_in": 15811200,
               "token_type": "bearer"}), "ghu_two", lifetime=28800,
        spent=Reply({"error": "bad_refresh_token", "error_description":
                     "The refresh token passed is incorrect or expired."})))

GITLAB = Row(
    "gitlab",
    urls={"issuer": "https://gitlab.com", "upstream": "https://gitlab.com/api/v4"},
    keys={"issuer": "{server}", "scope": "read_api"}, logs_in={"scope": "read_api"},
    reply=Reply({"access_token": "de6780bc506a0446309bd9362820ba8a",
                 "token_type": "Bearer", "expires_in": 7200,
                 "refresh_token": "refresh-1", "scope": "read_api",
                 "created_at": 1607635748}),
    token="de6780bc506a0446309bd9362820ba8a", lifetime=7200, scope="read_api",
    refused=Reply({"error": "invalid_grant", "error_description":
                   "The provided authorization grant is invalid, expired, revoked"},
                  BAD),
    words=["invalid_grant", "The provided authorization grant is invalid"],
    arrives="/api/v4/x?q=1",
    refresh=Refresh(
        Reply({"access_token": "c97d1fe5", "token_type": "Bearer", "expires_in": 7200,
               "refresh_token": "refresh-2", "created_at": 1607635800}), "c97d1fe5",
        lifetime=7200,
        spent=Reply({"error": "invalid_grant", "error_description":
                     "The provided authorization grant is invalid"}, BAD)))

MICROSOFT = Row(
    "microsoft", urls={"upstream": "https://graph.microsoft.com"},
    keys={"issuer": "{server}/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0", **UNCHECKED},
    logs_in={"scope": "openid offline_access User.Read"}, secret="post",
    reply=Reply({"token_type": "Bearer", "scope": "User.Read profile openid",
                 "expires_in": 3736, "ext_expires_in": 3736,
                 "access_token": "eyJ0eXAiOiJKV1QiLCJub25jZSI6",
                 "refresh_token": "refresh-1", "id_token": "eyJ0.eyJ1.c2ln"}),
    token="eyJ0eXAiOiJKV1QiLCJub25jZSI6", lifetime=3736,
    scope="User.Read profile openid",
    refused=Reply({"error": "invalid_scope", "error_description":
                   "AADSTS70011: The provided value for scope is not valid.",
                   "error_codes": [70011], "timestamp": "2016-01-09 02:02:12Z",
                   "trace_id": "255d1aef", "correlation_id": "fb3d2015"}, BAD),
    words=["invalid_scope", "AADSTS70011"],
    refresh=Refresh(
        Reply({"token_type": "Bearer", "scope": "User.Read", "expires_in": 3599,
               "access_token": "eyJ2", "refresh_token": "refresh-2"}), "eyJ2",
        lifetime=3599,
        spent=Reply({"error": "invalid_grant", "error_codes": [70008],
                     "error_description": "AADSTS70008: The refresh token has "
                     "expired due to inactivity."}, BAD)))

DISCORD = Row(
    "discord",
    urls={"authorization_endpoint": "https://discord.com/oauth2/authorize",
          "token_endpoint": "https://discord.com/api/oauth2/token",
          "revocation_endpoint": "https://discord.com/api/oauth2/token/revoke",
          "upstream": "https://discord.com/api/v10"},
    keys={"scope": "identify guilds"}, logs_in={"scope": "identify guilds"},
    pkce=False,
    reply=Reply({"access_token": "6qrZcUqja7812RVdnEKjpzOL4CvHBFG",
                 "token_type": "Bearer", "expires_in": 604800,
                 "refresh_token": "refresh-1", "scope": "identify guilds"}),
    token="6qrZcUqja7812RVdnEKjpzOL4CvHBFG", lifetime=604800, scope="identify guilds",
    refused=Reply({"error": "invalid_grant",
                   "error_description": "Invalid \"code\" in request."}, BAD),
    words=["invalid_grant", "in request."],
    arrives="/api/v10/x?q=1",
    fields={"User-Agent": "DiscordBot (https://localhost, 1)"},
    kept=("/x", ["User-Agent: DiscordBot (https://example.com, 2)"], "/api/v10/x"),
    refresh=Refresh(
        Reply({"access_token": "two", "token_type": "Bearer", "expires_in": 604800,
               "refresh_token": "refresh-2", "scope": "identify guilds"}), "two",
        lifetime=604800, spent=Reply({"error": "invalid_grant"}, BAD)),
    revokes={"token": "refresh-1", "token_type_hint": "refresh_token"})

STRAVA = Row(
    "strava",
    urls={"authorization_endpoint": "https://www.strava.com/oauth/authorize",
          "token_endpoint": "https://www.strava.com/oauth/token",
          "revocation_endpoint": "https://www.strava.com/oauth/deauthorize",
          "upstream": "https://www.strava.com/api/v3"},
    keys={"scope": "read activity:read_all"},
    logs_in={"scope": "read,activity:read_all"}, secret="post",
    reply=Reply({"token_type": "Bearer", "expires_at": 1568775134,
                 "expires_in": 21600, "refresh_token": "refresh-1",
                 "access_token": "a4b945687g", "athlete": {"id": 1, "firstname": "A"}}),
    token="a4b945687g", lifetime=21600, scope=None,
    refused=Reply({"message": "Bad Request", "errors": [
        {"resource": "AuthorizationCode", "field": "", "code": "expired"}]}, BAD),
    words=["expired", "Bad Request"],
    arrives="/api/v3/x?q=1",
    refresh=Refresh(
        Reply({"token_type": "Bearer", "access_token": "a9b723", "expires_in": 20566,
               "expires_at": 1568775134, "refresh_token": "refresh-2"}), "a9b723",
        lifetime=20566,
        spent=Reply({"message": "Bad Request", "errors": [
            {"resource": "RefreshToken", "field": "refresh_token",
             "code": "invalid"}]}, BAD)),
    revokes={"client_id": ID, "client_secret": SECRET, "access_token": "a4b945687g"})

SPOTIFY = Row(
    "spotify",
    urls={"authorization_endpoint": "https://accounts.spotify.com/authorize",
          "token_endpoint": "https://accounts.spotify.com/api/token",
          "upstream": "https://api.spotify.com/v1"},
    keys={"scope": "user-read-private"}, logs_in={"scope": "user-read-private"},
    reply=Reply({"access_token": "NgCXRK...MzYjw", "token_type": "Bearer",
                 "scope": "user-read-private user-read-email", "expires_in": 3600,
                 "refresh_token": "refresh-1"}),
    token="NgCXRK...MzYjw", lifetime=3600, scope="user-read-private user-read-email",
    refused=Reply({"error": "invalid_grant",
                   "error_description": "Invalid authorization code"}, BAD),
    words=["invalid_grant", "Invalid authorization code"],
    arrives="/v1/x?q=1",
    refresh=Refresh(
        Reply({"access_token": "BQBLuPRYBQ", "token_type": "Bearer",
               "expires_in": 3600, "scope": "user-read-private"}), "BQBLuPRYBQ",
        lifetime=3600,
        spent=Reply({"error": "invalid_grant",
                     "error_description": "Refresh token revoked"}, BAD)))

ATLASSIAN = Row(
    "atlassian",
    urls={"authorization_endpoint": "https://auth.atlassian.com/authorize",
          "token_endpoint": "https://auth.atlassian.com/oauth/token",
          "upstream": "https://api.atlassian.com"},
    keys={"scope": "read:jira-work offline_access"},
    logs_in={"scope": "read:jira-work offline_access",
             "audience": "api.atlassian.com", "prompt": "consent"},
    secret="post", format="json",
    reply=Reply({"access_token": "eyJraWQiOiJhdXRoLmF0bGFzc2lhbi5jb20",
                 "expires_in": 3600, "token_type": "Bearer",
                 "refresh_token": "refresh-1",
                 "scope": "read:jira-work offline_access"}),
    token="eyJraWQiOiJhdXRoLmF0bGFzc2lhbi5jb20", lifetime=3600,
    scope="read:jira-work offline_access",
    refused=Reply({"error": "access_denied", "error_description": "Unauthorized"},
                  "401 Unauthorized"),
    words=["access_denied", "Unauthorized"],
    refresh=Refresh(
        Reply({"access_token": "eyJ2", "refresh_token": "refresh-2",
               "expires_in": 3600, "scope": "read:jira-work offline_access"}), "eyJ2",
        lifetime=3600,
        spent=Reply({"error": "invalid_grant", "error_description":
                     "Unknown or invalid refresh token."}, "403 Forbidden")))

AUTH0 = Row(
    "auth0", urls={},
    keys={"issuer": "{server}/", "upstream": "{api}",
          "audience": "https://api.example.com/", **UNCHECKED},
    logs_in={"scope": "openid offline_access", "audience": "https://api.example.com/"},
    secret="post", sends={"audience": "https://api.example.com/"},
    reply=Reply({"access_token": "eyJz93a", "refresh_token": "refresh-1",
                 "id_token": "eyJ0.eyJ1.c2ln", "token_type": "Bearer",
                 "expires_in": 86400}),
    token="eyJz93a", lifetime=86400, scope=None,
    refused=Reply({"error": "invalid_grant",
                   "error_description": "Invalid authorization code"},
                  "403 Forbidden"),
    words=["invalid_grant", "Invalid authorization code"],
    refresh=Refresh(
        Reply({"access_token": "eyJtwo", "expires_in": 86400, "token_type": "Bearer",
               "scope": "openid offline_access", "id_token": "eyJ0.eyJ1.c2ln"}),
        "eyJtwo", lifetime=86400, sends={"audience": "https://api.example.com/"},
        spent=Reply({"error": "invalid_grant",
                     "error_description": "Unknown or invalid refresh token."},
                    "403 Forbidden")))

OKTA = Row(
    "okta", urls={},
    keys={"issuer": "{server}/oauth2/default", "upstream": "{api}", **UNCHECKED},
    logs_in={"scope": "openid offline_access"},
    reply=Reply({"token_type": "Bearer", "expires_in": 3600,
                 "access_token": "eyJhbGciOiJSUzI1NiJ9.okta",
                 "scope": "offline_access openid", "refresh_token": "refresh-1",
                 "id_token": "eyJ0.eyJ1.c2ln"}),
    token="eyJhbGciOiJSUzI1NiJ9.okta", lifetime=3600, scope="offline_access openid",
    refused=Reply({"error": "invalid_client", "error_description":
                   "The client secret supplied for a confidential client is "
                   "invalid."}, "401 Unauthorized"),
    words=["invalid_client", "for a confidential client is invalid"],
    refresh=Refresh(
        Reply({"token_type": "Bearer", "expires_in": 3600, "access_token": "eyJ2",
               "scope": "openid offline_access", "refresh_token": "refresh-2",
               "id_token": "eyJ0.eyJ1.c2ln"}), "eyJ2", lifetime=3600,
        spent=Reply({"error": "invalid_grant", "error_description":
                     "The refresh token is invalid or expired."}, BAD)))

KEYCLOAK = Row(
    "keycloak", urls={},
    keys={"issuer": "{server}/realms/demo", "upstream": "{api}", **UNCHECKED},
    logs_in={"scope": "openid"},
    reply=Reply({"access_token": "eyJhbGciOiJSUzI1NiJ9.kc", "expires_in": 300,
                 "refresh_expires_in": 1800, "refresh_token": "refresh-1",
                 "token_type": "Bearer", "id_token": "eyJ0.eyJ1.c2ln",
                 "not-before-policy": 0, "session_state": "27b6a9d0",
                 "scope": "openid email profile"}),
    token="eyJhbGciOiJSUzI1NiJ9.kc", lifetime=300, scope="openid email profile",
    refused=Reply({"error": "unauthorized_client", "error_description":
                   "Invalid client or Invalid client credentials"},
                  "401 Unauthorized"),
    words=["unauthorized_client", "Invalid client credentials"],
    refresh=Refresh(
        Reply({"access_token": "eyJ2", "expires_in": 300, "refresh_expires_in": 1790,
               "refresh_token": "refresh-2", "token_type": "Bearer",
               "id_token": "eyJ0.eyJ1.c2ln", "not-before-policy": 0,
               "session_state": "27b6a9d0", "scope": "openid email profile"}), "eyJ2",
        lifetime=300,
        spent=Reply({"error": "invalid_grant",
                     "error_description": "Session not active"}, BAD)))

ROWS = [GOOGLE, GITHUB, GITLAB, MICROSOFT, DISCORD, STRAVA, SPOTIFY, ATLASSIAN, AUTH0,
        OKTA, KEYCLOAK]
