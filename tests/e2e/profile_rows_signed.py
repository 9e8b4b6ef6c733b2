# SPDX-License-Identifier: MIT
"""What the documents of providers show: those whose clients sign something."""

from profiles import ANY, ID, SECRET, Reply, Row, ends

BAD = "400 Bad Request"

BOX = Row(
    "box", grant="jwt-bearer",
    urls={"token_endpoint": "https://api.box.com/oauth2/token",
          "revocation_endpoint": "https://api.box.com/oauth2/revoke",
          "upstream": "https://api.box.com/2.0"},
    key="RS256", keys={"assertion_issuer": ID, "assertion_subject": "1234567",
                       "assertion_key_id": "abcd1234"}, secret="post",
    header={"alg": "RS256", "kid": "abcd1234", "typ": "JWT"},
    claims={"iss": ID, "sub": "1234567", "box_sub_type": "enterprise",
            "aud": "https://api.box.com/oauth2/token", "jti": ANY},
    life=60,
    reply=Reply({"access_token": "c3FIOG9vSGV4VHo4QzAyg5T1JvNnJoZ3ExaVNyQWw6",
                 "expires_in": 4169, "restricted_to": [], "token_type": "bearer"}),
    token="c3FIOG9vSGV4VHo4QzAyg5T1JvNnJoZ3ExaVNyQWw6", lifetime=4169, scope=None,
    refused=Reply({"error": "invalid_grant", "error_description": "Please check the "
                   "'exp' claim. A unique 'jti' value is required."}, BAD),
    words=["invalid_grant", "value is required."], arrives="/2.0/x?q=1",
    revokes={"client_id": ID, "client_secret": SECRET, "token_type_hint":
             "access_token", "token":
             "c3FIOG9vSGV4VHo4QzAyg5T1JvNnJoZ3ExaVNyQWw6"})

DOCUSIGN = Row(
    "docusign", grant="jwt-bearer",
    urls={"token_endpoint": "https://account.docusign.com/oauth/token"},
    key="RS256",
    keys={"assertion_issuer": "7c2b8d7e-83c3-4940-af5e-cda8a50dd73f",
          "assertion_subject": "464f7988-7b3d-4e26-8d4e-0b3a2e4ab6d4",
          "upstream": "{api}/restapi", "client_id": None, "client_secret": None},
    secret="none",
    claims={"iss": "7c2b8d7e-83c3-4940-af5e-cda8a50dd73f",
            "sub": "464f7988-7b3d-4e26-8d4e-0b3a2e4ab6d4",
            "aud": "account.docusign.com", "scope": "signature impersonation"},
    reply=Reply({"access_token": "eyJ0eXAiOiJNVCIsImFsZyI6IlJTMjU2In0",
                 "token_type": "Bearer", "expires_in": 3600}),
    token="eyJ0eXAiOiJNVCIsImFsZyI6IlJTMjU2In0", lifetime=3600, scope=None,
    refused=Reply({"error": "consent_required"}, BAD), words=["consent_required"],
    arrives="/restapi/x?q=1")

THUMBPRINT = "A1jN-_gGoW9WFPQFZFJx8QvwMXEJHFCsrrIRSM9Kz9Y"
TENANT = "9188040d-6c67-4c5b-b112-36a304b66dad"

MICROSOFT_CERTIFICATE = Row(
    "microsoft-certificate", grant="client_credentials",
    urls={"upstream": "https://graph.microsoft.com"},
    key="PS256", key_name="client_private_key", secret="none",
    keys={"issuer": f"{{server}}/{TENANT}/v2.0", "client_secret": None,
          "client_assertion_audience":
          f"https://login.microsoftonline.com/{TENANT}/oauth2/v2.0/token",
          "client_assertion.header.x5t#S256": THUMBPRINT},
    sends={"client_id": ID, "scope": "https://graph.microsoft.com/.default",
           "client_assertion": ANY, "client_assertion_type":
           "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
    assertion="client_assertion", header={"alg": "PS256", "typ": "JWT",
                                          "x5t#S256": THUMBPRINT},
    claims={"iss": ID, "sub": ID, "jti": ANY, "aud":
            f"https://login.microsoftonline.com/{TENANT}/oauth2/v2.0/token"},
    life=600,
    reply=Reply({"token_type": "Bearer", "expires_in": 3599,
                 "access_token": "eyJ0eXAiOiJKV1QiLCJub25jZSI6Ikd"}),
    token="eyJ0eXAiOiJKV1QiLCJub25jZSI6Ikd", lifetime=3599, scope=None,
    refused=Reply({"error": "invalid_client", "error_description":
                   "AADSTS700027: Client assertion failed signature validation.",
                   "error_codes": [700027]}, "401 Unauthorized"),
    words=["invalid_client", "AADSTS700027"])

SNOWFLAKE = Row(
    "snowflake", grant="signed-jwt", urls={}, key="RS256", secret="none",
    keys={"upstream": "{api}", "client_id": None, "client_secret": None,
          "assertion_subject": "MYORG-MYACCOUNT.MYUSER", "assertion_issuer":
          "MYORG-MYACCOUNT.MYUSER.SHA256:NhJ1Kq3k4Rk5lT9dW2cW0Yk3c7Q="},
    claims={"sub": "MYORG-MYACCOUNT.MYUSER",
            "iss": "MYORG-MYACCOUNT.MYUSER.SHA256:NhJ1Kq3k4Rk5lT9dW2cW0Yk3c7Q="},
    absent=["aud"], lifetime=3540,
    fields={"X-Snowflake-Authorization-Token-Type": "KEYPAIR_JWT"})

APP_STORE_CONNECT = Row(
    "app-store-connect", grant="signed-jwt", key="ES256", secret="none",
    urls={"upstream": "https://api.appstoreconnect.apple.com"},
    keys={"client_id": None, "client_secret": None, "assertion_key_id": "2X9R4HXF34",
          "assertion_issuer": "57246542-96fe-1a63-e053-0824d011072a"},
    header={"alg": "ES256", "kid": "2X9R4HXF34", "typ": "JWT"},
    claims={"iss": "57246542-96fe-1a63-e053-0824d011072a",
            "aud": "appstoreconnect-v1"}, absent=["sub"], life=1200, lifetime=1140)

ACCOUNT = "robot@project.iam.gserviceaccount.com"

GOOGLE_SELF_SIGNED = Row(
    "google-self-signed", grant="signed-jwt", urls={}, key="RS256", secret="none",
    keys={"upstream": "{api}", "client_id": None, "client_secret": None,
          "assertion_audience": "https://pubsub.googleapis.com/"},
    account=ACCOUNT, header={"alg": "RS256", "kid": "370ab79b4513eb9bad7c"},
    claims={"iss": ACCOUNT, "sub": ACCOUNT, "aud": "https://pubsub.googleapis.com/"},
    absent=["scope"], lifetime=3540)

GITHUB_APP = Row(
    "github-app", grant="jwt-bearer", urls={"upstream": "https://api.github.com"},
    key="RS256", secret="none",
    keys={"token_endpoint": "{server}/app/installations/42/access_tokens",
          "assertion_issuer": "Iv23f8doAlphaNumer1c", "client_id": None,
          "client_secret": None},
    sends={"grant_type": None, "assertion": None},
    token_fields={"Authorization": ANY, "User-Agent": "bearerd"},
    assertion=None, header={"alg": "RS256"}, claims={"iss": "Iv23f8doAlphaNumer1c"},
    absent=["aud", "sub"], life=600,
    reply=Reply({"token": "ghs_16C7e42F292c6912E7710c838347Ae178B4a",
                 "expires_at": ends(30), "repository_selection": "selected",
                 "permissions": {"issues": "write", "contents": "read"}},
                "201 Created"),
    token="ghs_16C7e42F292c6912E7710c838347Ae178B4a", lifetime=30 * 86400,
    slack=3600, scope=None,
    refused=Reply({"message": "A JSON web token could not be decoded",
                   "documentation_url": "https://docs.github.com/rest",
                   "status": "401"}, "401 Unauthorized"),
    words=["A JSON web token could not be decoded"],
    fields={"User-Agent": "bearerd"}, kept=("/x", ["User-Agent: curl/8"], "/x"))

SAML = "PD94bWwgdmVyc2lvbj0iMS4wIiBlbmNvZGluZz0iVVRGLTgiPz4"

SUCCESSFACTORS = Row(
    "sap-successfactors", grant="token-exchange", urls={}, secret="none",
    keys={"token_endpoint": "{server}/oauth/token", "upstream": "{api}/odata/v2",
          "client_secret": None, "subject_token": SAML,
          "access_token_request.param.company_id": "ACME"},
    sends={"client_id": ID, "company_id": "ACME", "assertion": SAML, "grant_type":
           "urn:ietf:params:oauth:grant-type:saml2-bearer"},
    reply=Reply({"access_token": "eyJ0b2tlbkNvbnRlbnQiOnsiYXBpS2V5",
                 "token_type": "Bearer", "expires_in": 86399}),
    token="eyJ0b2tlbkNvbnRlbnQiOnsiYXBpS2V5", lifetime=86399, scope=None,
    refused=Reply({"errorHttpCode": "401", "errorMessage": "Unable to verify the "
                   "signature of the SAML assertion"}, "401 Unauthorized"),
    words=["Unable to verify the signature of the SAML assertion"],
    arrives="/odata/v2/x?q=1")

ROWS = [BOX, DOCUSIGN, MICROSOFT_CERTIFICATE, SNOWFLAKE, APP_STORE_CONNECT,
        GOOGLE_SELF_SIGNED, GITHUB_APP, SUCCESSFACTORS]
