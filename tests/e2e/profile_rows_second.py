# SPDX-License-Identifier: MIT
"""What the documents of providers show: twitch to dropbox, those that deviate
in what requests must carry, and where they go."""

from profiles import ID, SECRET, Refresh, Reply, Row

BAD = "400 Bad Request"

TWITCH = Row(
    "twitch",
    urls={"authorization_endpoint": "https://id.twitch.tv/oauth2/authorize",
          "token_endpoint": "https://id.twitch.tv/oauth2/token",
          "device_authorization_endpoint": "https://id.twitch.tv/oauth2/device",
          "revocation_endpoint": "https://id.twitch.tv/oauth2/revoke",
          "upstream": "https://api.twitch.tv/helix"},
    keys={"scope": "channel:moderate chat:read"},
    logs_in={"scope": "channel:moderate chat:read"}, secret="post",
    reply=Reply({"access_token": "rfx2uswqe8l4g1mkagrvg5tv0ks3", "expires_in": 14124,
                 "refresh_token": "refresh-1", "token_type": "bearer",
                 "scope": ["channel:moderate", "chat:edit"]}),
    token="rfx2uswqe8l4g1mkagrvg5tv0ks3", lifetime=14124,
    scope="channel:moderate chat:edit",
    refused=Reply({"status": 400, "message": "Invalid authorization code"}, BAD),
    words=["Invalid authorization code"],
    arrives="/helix/x?q=1", fields={"Client-Id": ID},
    refresh=Refresh(
        Reply({"access_token": "1ssjqsqfy6bads1ws7m03gras79zfr",
               "refresh_token": "refresh-2", "scope": ["channel:read:subscriptions"],
               "token_type": "bearer"}), "1ssjqsqfy6bads1ws7m03gras79zfr",
        spent=Reply({"error": "Bad Request", "status": 400,
                     "message": "Invalid refresh token"}, BAD)),
    revokes={"client_id": ID, "client_secret": SECRET, "token_type_hint":
             "access_token", "token": "rfx2uswqe8l4g1mkagrvg5tv0ks3"})

VK = Row(
    "vk",
    urls={"authorization_endpoint": "https://oauth.vk.com/authorize",
          "token_endpoint": "https://oauth.vk.com/access_token",
          "upstream": "https://api.vk.com/method"},
    keys={"scope": "friends email"}, logs_in={"scope": "friends,email"}, secret="post",
    reply=Reply({"access_token": "533bacf01e11f55b536a565b57531ac114461ae8736d6506",
                 "expires_in": 43200, "user_id": 66748, "email": "a@example.com"}),
    token="533bacf01e11f55b536a565b57531ac114461ae8736d6506", lifetime=43200,
    scope=None,
    refused=Reply({"error": "invalid_grant",
                   "error_description": "Code is expired."}, "401 Unauthorized"),
    words=["invalid_grant", "Code is expired."],
    arrives="/method/x?q=1&access_token="
            "533bacf01e11f55b536a565b57531ac114461ae8736d6506&v=5.199",
    fields={"Authorization": None},
    kept=("/x?v=5.131", [], "/method/x?v=5.131&access_token="
          "533bacf01e11f55b536a565b57531ac114461ae8736d6506"))

STACKEXCHANGE = Row(
    "stackexchange",
    urls={"authorization_endpoint": "https://stackoverflow.com/oauth",
          "token_endpoint": "https://stackoverflow.com/oauth/access_token",
          "upstream": "https://api.stackexchange.com/2.3"},
    keys={"scope": "read_inbox private_info", "protected_request.query.key": "U4DMV*"},
    logs_in={"scope": "read_inbox,private_info"}, secret="post",
    reply=Reply("access_token=xgI3XA*(&expires=86400", type="text/plain"),
    token="xgI3XA*(", lifetime=86400, scope=None,
    refused=Reply({"error": {"type": "invalid_request",
                             "message": "`code` is invalid"}}, BAD),
    words=["invalid_request", "`code` is invalid"],
    arrives="/2.3/x?q=1&access_token=xgI3XA%2A%28&key=U4DMV%2A&site=stackoverflow",
    fields={"Authorization": None},
    kept=("/x?site=askubuntu", [],
          "/2.3/x?site=askubuntu&access_token=xgI3XA%2A%28&key=U4DMV%2A"))

REDDIT = Row(
    "reddit",
    urls={"authorization_endpoint": "https://www.reddit.com/api/v1/authorize",
          "token_endpoint": "https://www.reddit.com/api/v1/access_token",
          "revocation_endpoint": "https://www.reddit.com/api/v1/revoke_token",
          "upstream": "https://oauth.reddit.com"},
    keys={"scope": "identity read"},
    logs_in={"scope": "identity read", "duration": "permanent"},
    reply=Reply({"access_token": "J1qK1c18UUGJFAzz9xnH56584l4", "token_type": "bearer",
                 "expires_in": 3600, "scope": "identity read",
                 "refresh_token": "refresh-1"}),
    token="J1qK1c18UUGJFAzz9xnH56584l4", lifetime=3600, scope="identity read",
    token_fields={"User-Agent": "linux:bearerd.the-id:v1"},
    refused=Reply({"error": "invalid_grant"}), words=["invalid_grant"],
    fields={"User-Agent": "linux:bearerd.the-id:v1"},
    refresh=Refresh(
        Reply({"access_token": "J2", "token_type": "bearer", "expires_in": 3600,
               "scope": "identity read"}), "J2", lifetime=3600,
        spent=Reply({"error": "invalid_grant"}, BAD)),
    revokes={"token": "refresh-1", "token_type_hint": "refresh_token"},
    revoke_fields={"User-Agent": "linux:bearerd.the-id:v1"})

SALESFORCE = Row(
    "salesforce",
    urls={"authorization_endpoint":
          "https://login.salesforce.com/services/oauth2/authorize",
          "token_endpoint": "https://login.salesforce.com/services/oauth2/token",
          "revocation_endpoint":
          "https://login.salesforce.com/services/oauth2/revoke",
          "upstream": "{token.instance_url}"},
    keys={"scope": "api refresh_token"}, logs_in={"scope": "api refresh_token"},
    secret="post",
    reply=Reply({"access_token": "00D50000000IZ3Z!AQ0AQDpEDKYsn7ioKug2aSmgCjgrPjG",
                 "instance_url": "https://api.of.token", "token_type": "Bearer",
                 "id": "https://login.salesforce.com/id/00D50000000IZ3ZEAW/005",
                 "refresh_token": "refresh-1", "issued_at": "1558553873237",
                 "signature": "c2lnbmF0dXJl", "scope": "refresh_token api"}),
    token="00D50000000IZ3Z!AQ0AQDpEDKYsn7ioKug2aSmgCjgrPjG", lifetime=None,
    scope="refresh_token api",
    refused=Reply({"error": "invalid_grant",
                   "error_description": "authentication failure"}, BAD),
    words=["invalid_grant", "authentication failure"],
    refresh=Refresh(
        Reply({"access_token": "00D50000000IZ3Z!two", "token_type": "Bearer",
               "instance_url": "https://api.of.token", "issued_at": "1558553873238",
               "id": "https://login.salesforce.com/id/00D50000000IZ3ZEAW/005",
               "signature": "c2ln"}), "00D50000000IZ3Z!two",
        spent=Reply({"error": "invalid_grant",
                     "error_description": "expired access/refresh token"}, BAD)),
    revokes={"client_id": ID, "client_secret": SECRET, "token": "refresh-1",
             "token_type_hint": "refresh_token"})

NOTION = Row(
    "notion",
    urls={"authorization_endpoint": "https://api.notion.com/v1/oauth/authorize",
          "token_endpoint": "https://api.notion.com/v1/oauth/token",
          "revocation_endpoint": "https://api.notion.com/v1/oauth/revoke",
          "upstream": "https://api.notion.com"},
    logs_in={"owner": "user"}, format="json",
    reply=Reply({"access_token": "ntn_e202e8c9", "token_type": "bearer",
                 "refresh_token": "refresh-1", "bot_id": "b3414d65",
                 "duplicated_template_id": None, "owner": {"workspace": True},
                 "workspace_icon": "https://website.domain/images/image.png",
                 "workspace_id": "j565j4d7", "workspace_name": "Ada's Notion",
                 "request_id": "2a1f"}),
    token="ntn_e202e8c9", lifetime=None, scope=None,
    refused=Reply({"object": "error", "status": 401, "code": "unauthorized",
                   "message": "API token is invalid."}, "401 Unauthorized"),
    words=["unauthorized", "API token is invalid."],
    fields={"Notion-Version": "2022-06-28"},
    kept=("/x", ["Notion-Version: 2025-09-03"], "/x"),
    refresh=Refresh(
        Reply({"access_token": "ntn_two", "token_type": "bearer",
               "refresh_token": "refresh-2", "bot_id": "b3414d65",
               "owner": {"workspace": True}, "workspace_id": "j565j4d7",
               "workspace_name": None, "workspace_icon": None,
               "duplicated_template_id": None}), "ntn_two",
        spent=Reply({"error": "invalid_grant",
                     "error_description": "Invalid refresh token."}, BAD)),
    revokes={"token": "refresh-1", "token_type_hint": "refresh_token"})

SHOPIFY = Row(
    "shopify", urls={},
    keys={"authorization_endpoint": "{server}/admin/oauth/authorize",
          "token_endpoint": "{server}/admin/oauth/access_token", "upstream": "{api}",
          "scope": "write_orders read_customers"},
    logs_in={"scope": "write_orders,read_customers"}, secret="post",
    reply=Reply({"access_token": "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",
                 "scope": "write_orders,read_customers"}),
    token="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", lifetime=None,
    scope="write_orders,read_customers",
    refused=Reply({"error": "invalid_request",
                   "error_description": "The authorization code was not found or "
                   "was already used"}, BAD),
    words=["invalid_request", "was not found or was already used"],
    fields={"Authorization": None,
            "X-Shopify-Access-Token": "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"})

AMAZON = Row(
    "amazon-selling-partner", grant="refresh_token",
    urls={"token_endpoint": "https://api.amazon.com/auth/o2/token",
          "upstream": "https://sellingpartnerapi-na.amazon.com"},
    keys={"refresh_token": "Atzr|refresh"}, secret="post",
    reply=Reply({"access_token": "Atza|IQEBLjAsAhRmHjNgHpi0U", "token_type": "bearer",
                 "expires_in": 3600, "refresh_token": "Atzr|refresh"}),
    token="Atza|IQEBLjAsAhRmHjNgHpi0U", lifetime=3600, scope=None,
    refused=Reply({"error": "invalid_client", "error_description":
                   "Client authentication failed"}, "401 Unauthorized"),
    words=["invalid_client", "Client authentication failed"],
    fields={"Authorization": None, "x-amz-access-token": "Atza|IQEBLjAsAhRmHjNgHpi0U",
            "User-Agent": "bearerd/1 (Language=C)"},
    kept=("/x", ["User-Agent: Shop/2.0 (Language=Java/1.8)"], "/x"),
    refresh=Refresh(
        Reply({"access_token": "Atza|two", "token_type": "bearer",
               "expires_in": 3600, "refresh_token": "Atzr|refresh"}),
        "Atza|two", lifetime=3600, kept="Atzr|refresh",
        spent=Reply({"error": "invalid_grant", "error_description":
                     "The request has an invalid grant parameter : refresh_token"},
                    BAD)))

STRIPE = Row(
    "stripe",
    urls={"authorization_endpoint": "https://connect.stripe.com/oauth/authorize",
          "token_endpoint": "https://connect.stripe.com/oauth/token",
          "revocation_endpoint": "https://connect.stripe.com/oauth/deauthorize",
          "upstream": "https://api.stripe.com"},
    keys={"scope": "read_write"}, logs_in={"scope": "read_write"},
    secret="post", pkce=False, sends={"client_id": None, "redirect_uri": None},
    reply=Reply({"access_token": "sk_test_AbC", "livemode": False,
                 "refresh_token": "refresh-1", "token_type": "bearer",
                 "stripe_publishable_key": "pk_test_AbC",
                 "stripe_user_id": "acct_1032D82eZvKYlo2C", "scope": "read_write"}),
    token="sk_test_AbC", lifetime=None, scope="read_write",
    refused=Reply({"error": "invalid_grant",
                   "error_description": "Authorization code does not exist"}, BAD),
    words=["invalid_grant", "Authorization code does not exist"],
    refresh=Refresh(
        Reply({"access_token": "sk_test_two", "refresh_token": "refresh-2",
               "token_type": "bearer", "livemode": False, "scope": "read_write",
               "stripe_user_id": "acct_1032D82eZvKYlo2C"}), "sk_test_two",
        sends={"client_id": None},
        spent=Reply({"error": "invalid_grant",
                     "error_description": "Refresh token does not exist"}, BAD)),
    revokes={"client_id": ID, "stripe_user_id": "acct_1032D82eZvKYlo2C"},
    revoke_fields={"Authorization": f"Bearer {SECRET}"})

PAYPAL = Row(
    "paypal", grant="client_credentials",
    urls={"token_endpoint": "https://api-m.paypal.com/v1/oauth2/token",
          "upstream": "https://api-m.paypal.com"},
    reply=Reply({"scope": "https://uri.paypal.com/services/invoicing openid",
                 "access_token": "A21AAFEpH4PsADK7qSS7pSRsgz", "token_type": "Bearer",
                 "app_id": "APP-80W284485P519543T", "expires_in": 31668,
                 "nonce": "2020-04-03T15:35:36ZaYZlGvEkV4yVSz8g6bAKFoGSEzuy3CQ"}),
    token="A21AAFEpH4PsADK7qSS7pSRsgz", lifetime=31668,
    scope="https://uri.paypal.com/services/invoicing openid",
    refused=Reply({"error": "invalid_client",
                   "error_description": "Client Authentication failed"},
                  "401 Unauthorized"),
    words=["invalid_client", "Client Authentication failed"])

DROPBOX = Row(
    "dropbox",
    urls={"authorization_endpoint": "https://www.dropbox.com/oauth2/authorize",
          "token_endpoint": "https://api.dropboxapi.com/oauth2/token",
          "upstream": "https://api.dropboxapi.com/2"},
    logs_in={"token_access_type": "offline"},
    reply=Reply({"access_token": "sl.AbX9y6Fe3AuH5o66", "expires_in": 14400,
                 "token_type": "bearer", "refresh_token": "refresh-1",
                 "scope": "account_info.read files.content.read", "uid": "12345",
                 "account_id": "dbid:AAH4f99T0taONIb"}),
    token="sl.AbX9y6Fe3AuH5o66", lifetime=14400,
    scope="account_info.read files.content.read",
    refused=Reply({"error": "invalid_grant",
                   "error_description": "code doesn't exist or has expired"}, BAD),
    words=["invalid_grant", "exist or has expired"],
    arrives="/2/x?q=1",
    refresh=Refresh(
        Reply({"access_token": "sl.two", "expires_in": 14400,
               "token_type": "bearer"}), "sl.two", lifetime=14400,
        spent=Reply({"error": "invalid_grant",
                     "error_description": "refresh token is invalid or revoked"},
                    BAD)))

ROWS = [TWITCH, VK, STACKEXCHANGE, REDDIT, SALESFORCE, NOTION, SHOPIFY, AMAZON, STRIPE,
        PAYPAL, DROPBOX]
