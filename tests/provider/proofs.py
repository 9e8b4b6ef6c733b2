# SPDX-License-Identifier: MIT
"""The verification of signed assertions.

Everyone who shows one comes here, so that all are recorded and none is taken
twice (RFC 7523 section 3).
"""

from __future__ import annotations

import json
import time

from authlib.common.encoding import urlsafe_b64decode
from authlib.jose import JsonWebKey, JsonWebSignature
from authlib.jose.errors import JoseError

SYMMETRIC = ["HS256", "HS384", "HS512"]
ASYMMETRIC = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512",
              "ES256", "ES384", "ES512", "EdDSA"]
LONGEST_LIFE = 24 * 3600  # RFC 7523 section 3, number 4


class Refused(Exception):
    """The assertion does not hold; the text says why."""


def _part(text: str, number: int) -> dict:
    try:
        value = json.loads(urlsafe_b64decode(text.split(".")[number].encode()))
    except (ValueError, IndexError):
        return {}
    return value if isinstance(value, dict) else {}


def peek(text: str) -> dict:
    """The claims, of which nothing is known yet."""
    return _part(text, 1)


def find_key(keys: dict, header: dict):
    """The one that `kid` names; without it, the only one there is."""
    candidates = [k for k in keys.get("keys", [])
                  if header.get("kid") in (None, k.get("kid"))]
    if len(candidates) != 1:
        raise Refused(f"no key, or no single one, has kid {header.get('kid')!r}")
    return JsonWebKey.import_key(candidates[0])


def check_signature(text: str, algorithms: list[str], keys: dict) -> None:
    header = _part(text, 0)
    if header.get("alg") not in algorithms:
        raise Refused(f"algorithm {header.get('alg')!r} is none of {algorithms}")
    key = find_key(keys, header)
    try:
        JsonWebSignature([header["alg"]]).deserialize_compact(text.encode(), key)
    except (JoseError, ValueError, TypeError, LookupError) as error:
        raise Refused(f"the signature is wrong ({error})") from None


def check_times(claims: dict, needs_iat: bool = False) -> None:
    now = time.time()
    for name in ("exp", "iat", "nbf"):
        value = claims.get(name, 0)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise Refused(f"{name} is no number")
    if claims.get("exp", 0) <= now:
        raise Refused("it has expired, or has no exp")
    if claims["exp"] > now + LONGEST_LIFE:
        raise Refused("exp is too far away")
    if claims.get("nbf", 0) > now or claims.get("iat", 0) > now:
        raise Refused("nbf or iat lies in the future")
    if needs_iat and "iat" not in claims:
        raise Refused("there is no iat")


def check_audience(claims: dict, audiences: list[str]) -> None:
    shown = claims.get("aud")
    shown = shown if isinstance(shown, list) else [shown]
    if not set(shown) & set(audiences):
        raise Refused(f"aud {shown} is none of {audiences}")


def verify(server, text: str, algorithms: list[str], keys: dict, *, use: str,
           issuer: str, audiences: list[str], subject: str | None = None,
           needs_jti: bool = False, needs_iat: bool = False) -> dict:
    """The claims of an assertion that holds; it is recorded either way."""
    claims = peek(text)
    record = {"use": use, "header": _part(text, 0), "claims": claims,
              "refused": None}
    server.storage.assertions.append(record)
    try:
        check_signature(text, algorithms, keys)
        if claims.get("iss") != issuer:
            raise Refused(f"iss is {claims.get('iss')!r}, not {issuer!r}")
        if subject is not None and claims.get("sub") != subject:
            raise Refused(f"sub is {claims.get('sub')!r}, not {subject!r}")
        check_audience(claims, audiences)
        check_times(claims, needs_iat)
        if needs_jti and not claims.get("jti"):
            raise Refused("there is no jti")
        if "jti" in claims and not server.storage.first_use(issuer, claims["jti"]):
            raise Refused("its jti was used before")
    except Refused as refused:
        record["refused"] = str(refused)
        raise
    return claims
