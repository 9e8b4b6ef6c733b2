# SPDX-License-Identifier: MIT
"""ID tokens (OpenID Connect Core section 2), and the keys that sign them.

`issue` may have an `id_token` of these members, all optional:

  claims   claims by name: other values; "absent" leaves one out
  header   the same for the header
  alg      another algorithm than the client is registered for
  stray    true: signed by a key that is not in the JWKS
  refresh  true: one with each refresh too, without a nonce
  text     this text in the token's place; "absent": no token at all
"""

from __future__ import annotations

import base64
import functools
import hashlib
import json
import time

from authlib.jose import JsonWebKey, JsonWebSignature

from control import is_absent, shaped

KINDS = {
    "RS": ("RSA", 2048),
    "PS": ("RSA", 2048),
    "ES256": ("EC", "P-256"),
    "ES384": ("EC", "P-384"),
    "ES512": ("EC", "P-521"),
    "EdDSA": ("OKP", "Ed25519"),
}
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512",
              "ES256", "ES384", "ES512", "EdDSA", "HS256", "HS384", "HS512"]


@functools.cache
def make_key(kind: str, parameter: str | int, kid: str):
    return JsonWebKey.generate_key(kind, parameter, {"kid": kid}, is_private=True)


def key_for(algorithm: str, stray: bool = False):
    kind = KINDS.get(algorithm) or KINDS[algorithm[:2]]
    kid = f"{kind[0]}-{kind[1]}".lower()
    return make_key(*kind, kid + " stray" if stray else kid)


def public_keys() -> dict:
    """The JWKS: what verifies any ID token of this server."""
    keys = [key_for(a) for a in ("RS256", "ES256", "ES384", "ES512", "EdDSA")]
    return {"keys": [{**key.as_dict(), "use": "sig"} for key in keys]}


def half_hash(text: str, algorithm: str) -> str:
    """at_hash and c_hash; Ed25519 has SHA-512 within."""
    size = {"EdDSA": "512", "none": "256"}.get(algorithm, algorithm[2:])
    digest = hashlib.new("sha" + size, text.encode()).digest()
    return base64.urlsafe_b64encode(digest[:len(digest) // 2]).rstrip(b"=").decode()


def claims_of(server, request, algorithm: str, reply: dict, nonce: str | None,
              auth_time: float | None, code: str | None) -> dict:
    now = int(time.time())
    claims = {"iss": server.site.issuer, "sub": request.user,
              "aud": request.client.client_id, "iat": now, "exp": now + 3600,
              "auth_time": int(auth_time or now), "nonce": nonce}
    scopes = (reply.get("scope") or "").split()
    if "profile" in scopes:
        claims["name"] = request.user.title()
        claims["preferred_username"] = request.user
    if "email" in scopes:
        claims["email"] = request.user + "@example.test"
        claims["email_verified"] = True
    if reply.get("access_token"):
        claims["at_hash"] = half_hash(reply["access_token"], algorithm)
    if code:
        claims["c_hash"] = half_hash(code, algorithm)
    return {name: value for name, value in claims.items() if value is not None}


def sign(header: dict, claims: dict, key) -> str:
    jws = JsonWebSignature([header["alg"]])
    payload = json.dumps(claims).encode()
    return jws.serialize_compact(header, payload, key).decode()


def is_refreshed(server, request, reply: dict) -> bool:
    switch = server.issue_of(request.client).get("id_token", {})
    return switch.get("refresh", False) and (
        "openid" in (reply.get("scope") or "").split())


def id_token(server, request, reply: dict, nonce: str | None,
             auth_time: float | None = None, code: str | None = None) -> str | None:
    """The ID token beside this reply; None where there is to be none."""
    switch = server.issue_of(request.client).get("id_token", {})
    if "text" in switch:
        return None if is_absent(switch["text"]) else switch["text"]
    algorithm = switch.get("alg", request.client.id_token_signed_response_alg)
    claims = claims_of(server, request, algorithm, reply, nonce, auth_time, code)
    claims = shaped(claims, switch.get("claims", {}))
    header = {"typ": "JWT", "alg": algorithm}
    if algorithm == "none":
        key = None
    elif algorithm.startswith("HS"):
        key = JsonWebKey.import_key(request.client.client_secret, {"kty": "oct"})
    else:
        key = key_for(algorithm, switch.get("stray", False))
        header["kid"] = key_for(algorithm).as_dict()["kid"]
    header = shaped(header, switch.get("header", {}))
    return sign({"alg": algorithm, **header}, claims, key)
