# SPDX-License-Identifier: MIT
"""Token exchange (RFC 8693), which Authlib has no class for."""

from __future__ import annotations

import time
from dataclasses import dataclass
from urllib.parse import urlsplit

from authlib.common.security import generate_token
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import (BaseGrant, InvalidRequestError, InvalidScopeError,
                                    TokenEndpointMixin, UnauthorizedClientError)
from flask import request as http

import openid
import proofs
from authentication import AUTH_METHODS

GRANT_TYPE = "urn:ietf:params:oauth:grant-type:token-exchange"
TYPE = "urn:ietf:params:oauth:token-type:"
TYPES = [TYPE + name for name in ("access_token", "refresh_token", "id_token", "jwt",
                                  "saml1", "saml2")]
ISSUED_TYPES = [TYPE + "access_token", TYPE + "jwt"]


class InvalidTargetError(OAuth2Error):
    """Section 2.2.2."""

    error = "invalid_target"


@dataclass
class Party:
    """Whom a token stands for: subject or actor."""

    name: str
    scope: str | None  # None: nothing bounds it
    token_type: str


class TokenExchangeGrant(BaseGrant, TokenEndpointMixin):
    GRANT_TYPE = GRANT_TYPE
    TOKEN_ENDPOINT_AUTH_METHODS = AUTH_METHODS

    def validate_token_request(self) -> None:
        client = self.authenticate_token_endpoint_client()
        self.request.client = client
        if not client.check_grant_type(GRANT_TYPE):
            raise UnauthorizedClientError()
        self.subject = self.party("subject", required=True)
        self.actor = self.party("actor")
        self.issued_type = self.request.form.get("requested_token_type",
                                                 TYPE + "access_token")
        if self.issued_type not in ISSUED_TYPES:
            raise InvalidRequestError("this requested_token_type is not issued")
        self.targets = self.read_targets()
        self.check_scope()
        self.request.user = self.subject.name

    def party(self, role: str, required: bool = False) -> Party | None:
        """Section 2.1: a token and its type come together."""
        text = self.request.form.get(role + "_token")
        kind = self.request.form.get(role + "_token_type")
        if not text and not kind and not required:
            return None
        if not text or not kind:
            raise InvalidRequestError(f"{role}_token and {role}_token_type "
                                      "come together")
        if kind not in TYPES:
            raise InvalidRequestError(f"no such {role}_token_type")
        found = self.own(text, kind) or self.outside(text, kind)
        if found is None:
            raise InvalidRequestError(f"the {role}_token is not valid")
        return found

    def own(self, text: str, kind: str) -> Party | None:
        storage = self.server.storage
        if kind == TYPE + "access_token":
            token = storage.token(text)
            token = token if token and token.is_live() else None
        elif kind == TYPE + "refresh_token":
            token = storage.refreshable(text)
        else:
            return None
        return token and Party(token.user or token.client.client_id, token.scope, kind)

    def outside(self, text: str, kind: str) -> Party | None:
        """A registered one, or a JWT of a registered issuer."""
        known = self.server.storage.outside_tokens.get(text)
        if known is not None:
            fits = known.get("type", kind) in (kind, kind.removeprefix(TYPE))
            return Party(known["sub"], known.get("scope"), kind) if fits else None
        if kind not in (TYPE + "jwt", TYPE + "id_token", TYPE + "access_token"):
            return None
        issuer = proofs.peek(text).get("iss")
        keys = self.server.storage.issuers.get(issuer)
        if keys is None:
            return None
        try:
            proofs.check_signature(text, proofs.ASYMMETRIC, keys)
            proofs.check_times(proofs.peek(text))
        except proofs.Refused as refused:
            raise InvalidRequestError(f"the token is not valid: {refused}") from None
        return Party(proofs.peek(text).get("sub", ""), None, kind)

    def read_targets(self) -> list[str]:
        resources = http.form.getlist("resource")
        for resource in resources:
            if not urlsplit(resource).scheme or "#" in resource:
                raise InvalidRequestError("resource must be an absolute URI "
                                          "without a fragment")
        targets = http.form.getlist("audience") + resources
        allowed = self.server.control.options["targets"]
        if allowed is not None and not set(targets) <= set(allowed):
            raise InvalidTargetError("no token is issued for this target")
        return targets

    def check_scope(self) -> None:
        wanted = set((self.request.scope or "").split())
        if self.subject.scope is None or not self.subject.scope:
            return
        if not wanted <= set(self.subject.scope.split()):
            raise InvalidScopeError("the scope is wider than the subject's")

    def create_token_response(self):
        token = self.generate_token(
            user=self.subject.name, include_refresh_token=False,
            scope=self.request.scope or self.subject.scope)
        if self.issued_type == TYPE + "jwt":
            token["access_token"] = self.make_jwt(token)
        token["issued_token_type"] = self.issued_type
        self.request.actor = self.actor.name if self.actor else None
        self.server.storage.exchanges.append({
            "client_id": self.client.client_id,
            "subject": self.subject.name,
            "subject_token_type": self.subject.token_type,
            "actor": self.request.actor,
            "actor_token_type": self.actor.token_type if self.actor else None,
            "targets": self.targets,
            "scope": self.request.scope,
            "issued_token_type": self.issued_type,
            "access_token": token["access_token"],
        })
        self.save_token(token)
        return 200, token, self.TOKEN_RESPONSE_HEADER

    def make_jwt(self, token: dict) -> str:
        """Section 4.1: who acts for whom is in `act`."""
        now = int(time.time())
        claims = {"iss": self.server.site.issuer, "sub": self.subject.name,
                  "aud": self.targets, "client_id": self.client.client_id,
                  "iat": now, "exp": now + token["expires_in"],
                  "jti": generate_token(16), "scope": token.get("scope", "")}
        if self.actor:
            claims["act"] = {"sub": self.actor.name}
        key = openid.key_for("ES256")
        header = {"alg": "ES256", "typ": "at+jwt", "kid": key.as_dict()["kid"]}
        return openid.sign(header, claims, key)
