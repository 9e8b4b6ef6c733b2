# SPDX-License-Identifier: MIT
"""Demonstrating proof of possession (RFC 9449), at the token endpoint and at
the API: Authlib has nothing of it.

Every proof that is shown is recorded, whether it holds or not, and none is
taken twice.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import time

from authlib.common.encoding import urlsafe_b64decode
from authlib.jose import JsonWebKey, JsonWebSignature
from authlib.jose.errors import JoseError
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6750 import InvalidTokenError
from flask import g, request as http

ALGORITHM = "ES256"
WINDOW = 60  # seconds that iat may be off
TOKEN, API = "token", "api"


class UseNonce(OAuth2Error):
    """Sections 8 and 9: the proof must have the nonce that comes with this."""

    error = "use_dpop_nonce"
    description = "the proof has no nonce, or not the right one"
    status_code = 400


class InvalidProof(OAuth2Error):
    error = "invalid_dpop_proof"
    status_code = 400


class Nonces:
    """Those of one server; its option says which it takes: null, none is asked
    for; `once`, each is good once, and each answer brings the next; `loop`,
    whatever comes is refused; any other text is the one that is good."""

    def __init__(self, control, side: str):
        self.control = control
        self.option = f"{side}_nonce"
        self.open: set[str] = set()

    @property
    def mode(self) -> str | None:
        return self.control.options[self.option]

    def next(self) -> str | None:
        """What an answer gives."""
        if self.mode not in ("once", "loop"):
            return self.mode
        made = secrets.token_urlsafe(12)
        self.open.add(made)
        return made

    def takes(self, nonce: str | None) -> bool:
        if self.mode is None:
            return True
        if self.mode == "once":
            known = nonce in self.open
            self.open.discard(nonce)
            return known
        return self.mode != "loop" and nonce == self.mode


def _part(text: str, number: int) -> dict:
    try:
        value = json.loads(urlsafe_b64decode(text.split(".")[number].encode()))
    except (ValueError, IndexError):
        return {}
    return value if isinstance(value, dict) else {}


def shown_fields() -> list[str]:
    """The DPoP fields of this request, each on its own."""
    fields = http.environ.get("provider.fields", [])
    return [value for name, value in fields if name.lower() == "dpop"]


def check_header(header: dict) -> None:
    if header.get("typ") != "dpop+jwt":
        raise InvalidProof(f"typ is {header.get('typ')!r}")
    if header.get("alg") != ALGORITHM:
        raise InvalidProof(f"alg is {header.get('alg')!r}")
    jwk = header.get("jwk")
    if not isinstance(jwk, dict) or jwk.get("kty") != "EC":
        raise InvalidProof("jwk is no key")
    if jwk.keys() & {"d", "k", "p", "q"}:
        raise InvalidProof("jwk is private")


def check_signature(text: str, header: dict) -> None:
    try:
        JsonWebSignature([ALGORITHM]).deserialize_compact(
            text.encode(), JsonWebKey.import_key(header["jwk"]))
    except (JoseError, ValueError, TypeError, LookupError) as error:
        raise InvalidProof(f"the signature is wrong ({error})") from None


def token_hash(access_token: str) -> str:
    digest = hashlib.sha256(access_token.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def check_claims(claims: dict, uri: str, access_token: str | None) -> None:
    if claims.get("htm") != http.method:
        raise InvalidProof(f"htm is {claims.get('htm')!r}")
    if claims.get("htu") != uri:
        raise InvalidProof(f"htu is {claims.get('htu')!r}, not {uri!r}")
    iat = claims.get("iat")
    if type(iat) is not int or abs(time.time() - iat) > WINDOW:
        raise InvalidProof(f"iat is {iat!r}")
    jti = claims.get("jti")
    if not isinstance(jti, str) or len(jti) < 16:
        raise InvalidProof("jti is none")
    if access_token is not None and claims.get("ath") != token_hash(access_token):
        raise InvalidProof(f"ath is {claims.get('ath')!r}")


def thumbprint(jwk: dict) -> str:
    return JsonWebKey.import_key(jwk).thumbprint()


def verify(storage, nonces: Nonces, side: str, uri: str,
           access_token: str | None = None) -> str:
    """The thumbprint of the key that this request's proof shows."""
    shown = shown_fields()
    record = {"side": side, "uri": uri, "header": {}, "claims": {}, "jkt": None,
              "refused": None}
    storage.dpop_proofs.append(record)
    try:
        if len(shown) != 1:
            raise InvalidProof(f"there are {len(shown)} DPoP fields")
        header, claims = _part(shown[0], 0), _part(shown[0], 1)
        record.update(header=header, claims=claims)
        check_header(header)
        check_signature(shown[0], header)
        record["jkt"] = thumbprint(header["jwk"])
        check_claims(claims, uri, access_token)
        if not storage.first_use("dpop " + side, claims["jti"]):
            raise InvalidProof("its jti was used before")
        if not nonces.takes(claims.get("nonce")):
            raise UseNonce()
    except OAuth2Error as refused:
        record["refused"] = refused.error
        record["why"] = refused.description
        raise
    return record["jkt"]


# --- the token endpoint ---


def bind(server, uri: str) -> None:
    """Which key the token of this request will be bound to (section 5)."""
    g.jkt = None
    client = server.storage.client(g.record["client_id"])
    if not server.control.options["dpop"]:
        return
    if shown_fields():
        g.jkt = verify(server.storage, server.nonces, TOKEN, uri)
    elif client and client.dpop_bound_access_tokens:
        raise InvalidProof("this client must show a proof")
    g.record["jkt"] = g.jkt


def fits(jkt: str | None) -> bool:
    """Whether what is bound to this key may be used by this request."""
    return jkt in (None, g.get("jkt"))


# --- the API ---


def challenge(error: OAuth2Error, nonce: str | None) -> OAuth2Error:
    """As the API says it (section 7.1)."""
    headers = [("WWW-Authenticate", f'DPoP realm="api", error="{error.error}", '
                f'error_description="{error.description}", algs="{ALGORITHM}"')]
    if nonce:
        headers.append(("DPoP-Nonce", nonce))
    error.status_code = 401
    error.get_headers = lambda: headers
    return error


def check_bound(storage, control, nonces: Nonces, token, access_token: str) -> None:
    """A request with the scheme DPoP (section 7.2)."""
    target = http.environ["provider.target"].partition("?")[0]
    origin = control.options["api_origin"] or (
        f"{http.environ['wsgi.url_scheme']}://{http.environ['HTTP_HOST']}")
    try:
        jkt = verify(storage, nonces, API,
                     origin if target == "*" else origin + target, access_token)
        if jkt != token.jkt:
            storage.dpop_proofs[-1]["refused"] = "another key"
            raise InvalidTokenError("the token is bound to another key")
    except OAuth2Error as error:
        raise challenge(error, nonces.next()) from None
