# SPDX-License-Identifier: MIT
"""Keys and signed tokens for tests, by Authlib's JOSE."""

from __future__ import annotations

import json
import time
import uuid
from datetime import timedelta
from pathlib import Path

import requests
from authlib.jose import JsonWebKey, JsonWebSignature

KINDS = {"RS": ("RSA", 2048), "PS": ("RSA", 2048), "ES256": ("EC", "P-256"),
         "ES384": ("EC", "P-384"), "ES512": ("EC", "P-521"),
         "EdDSA": ("OKP", "Ed25519")}


class Key:
    """A key pair for one algorithm."""

    def __init__(self, algorithm: str = "ES256", kid: str | None = None):
        self.algorithm = algorithm
        kind = KINDS.get(algorithm) or KINDS[algorithm[:2]]
        options = {"kid": kid} if kid else None
        self.pair = JsonWebKey.generate_key(*kind, options, is_private=True)

    @property
    def kid(self) -> str:
        return self.pair.as_dict()["kid"]

    @property
    def jwk(self) -> dict:
        """With the private part."""
        return self.pair.as_dict(is_private=True)

    @property
    def jwks(self) -> dict:
        """The public part, as a client registers it."""
        return {"keys": [self.pair.as_dict()]}

    @property
    def pem(self) -> bytes:
        return self.pair.as_pem(is_private=True)

    def write(self, path: Path) -> Path:
        path.write_bytes(self.pem)
        path.chmod(0o600)
        return path

    def sign(self, claims: dict, **header) -> str:
        whole = {"alg": self.algorithm, "kid": self.kid, **header}
        whole = {n: v for n, v in whole.items() if v is not None}
        jws = JsonWebSignature([whole["alg"]])
        return jws.serialize_compact(whole, json.dumps(claims).encode(),
                                     self.pair).decode()


def hmac_signed(secret: str, claims: dict, algorithm: str = "HS256") -> str:
    key = JsonWebKey.import_key(secret, {"kty": "oct"})
    return JsonWebSignature([algorithm]).serialize_compact(
        {"alg": algorithm}, json.dumps(claims).encode(), key).decode()


def claims_for(issuer: str, audience, **changes) -> dict:
    """Claims that hold now; None leaves one out, a timedelta counts from now."""
    now = int(time.time())
    claims = {"iss": issuer, "sub": issuer, "aud": audience, "iat": now,
              "exp": now + 300, "jti": uuid.uuid4().hex, **changes}
    return {name: now + value.total_seconds() if isinstance(value, timedelta) else value
            for name, value in claims.items() if value is not None}


def opened(token: str, key: Key) -> tuple[dict, dict]:
    """Header and claims of a token that this key has signed."""
    found = JsonWebSignature([key.algorithm]).deserialize_compact(token.encode(),
                                                                  key.pair)
    return dict(found["header"]), json.loads(found["payload"])


def verified(token: str, jwks_uri: str, ca: str | None = None) -> tuple[dict, dict]:
    """Header and claims of a token that the server's published keys verify."""
    keys = JsonWebKey.import_key_set(
        requests.get(jwks_uri, timeout=30, verify=ca or True).json())
    algorithms = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256",
                  "ES384", "ES512", "EdDSA"]
    found = JsonWebSignature(algorithms).deserialize_compact(
        token.encode(), lambda header, _: keys.find_by_kid(header["kid"]))
    return dict(found["header"]), json.loads(found["payload"])
