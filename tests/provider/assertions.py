# SPDX-License-Identifier: MIT
"""The grants made of assertions: RFC 7523's, and Google's use of it."""

from __future__ import annotations

from authlib.oauth2.rfc6749 import (InvalidClientError, InvalidGrantError,
                                    InvalidScopeError)
from authlib.oauth2.rfc7523 import JWTBearerGrant as AuthlibJWTBearerGrant

from authentication import AUTH_METHODS, shows_client
from proofs import ASYMMETRIC, SYMMETRIC, Refused, peek, verify

SERVICE_ACCOUNT_PATH = "/service-account/token"


class JWTBearerGrant(AuthlibJWTBearerGrant):
    """RFC 7523 section 2.1. The issuer is a client with keys, or one of
    `issuers`: then the client authenticates itself besides."""

    TOKEN_ENDPOINT_AUTH_METHODS = AUTH_METHODS

    def audiences(self) -> list[str]:
        return self.server.assertion_audiences()

    def process_assertion_claims(self, assertion: str) -> dict:
        issuer = peek(assertion).get("iss")
        client = self.resolve_issuer_client(issuer)
        keys = self.server.storage.issuers.get(issuer, client.jwks)
        try:
            claims = verify(self.server, assertion, ASYMMETRIC + SYMMETRIC, keys,
                            use="jwt-bearer", issuer=issuer,
                            audiences=self.audiences(), **self.demands())
        except Refused as refused:
            raise InvalidGrantError(str(refused)) from None
        self.choose_scope(claims)
        return claims

    def demands(self) -> dict:
        return {}

    def choose_scope(self, claims: dict) -> None:
        """A scope within the assertion counts where the form has none."""
        if "scope" in claims:
            self.request.data.setdefault("scope", claims["scope"])

    def resolve_issuer_client(self, issuer: str):
        if issuer in self.server.storage.issuers:
            return self.shown_client()
        client = self.server.storage.client(issuer)
        if client is None:
            raise InvalidGrantError(f"nobody is known as {issuer!r}")
        return client

    def authenticate_user(self, subject: str) -> str | None:
        known = subject in self.server.storage.people
        return subject if known or self.server.storage.client(subject) else None

    def has_granted_permission(self, client, user: str) -> bool:
        return True

    def shown_client(self):
        """Who the client shows to be, asked once: a jti is spent by it."""
        if self.request.client is None:
            self.request.client = self.authenticate_token_endpoint_client()
        return self.request.client

    def validate_token_request(self) -> None:
        # Authentication is optional here; what is shown must hold.
        shown = self.shown_client() if shows_client(self.request) else None
        super().validate_token_request()
        if shown not in (None, self.request.client):
            raise InvalidClientError("the assertion is another client's")


class ServiceAccountGrant(JWTBearerGrant):
    """As Google has it for service accounts: at an address of its own, which
    is the only audience; the scope is in the assertion, and `iat` is too."""

    @classmethod
    def check_token_endpoint(cls, request) -> bool:
        return (super().check_token_endpoint(request)
                and request.uri.endswith(SERVICE_ACCOUNT_PATH))

    def audiences(self) -> list[str]:
        return [self.server.site.issuer + SERVICE_ACCOUNT_PATH]

    def demands(self) -> dict:
        return {"needs_iat": True}

    def choose_scope(self, claims: dict) -> None:
        if claims["exp"] - claims["iat"] > 3600:
            raise InvalidGrantError("Token must be a short-lived token (60 minutes)")
        if not claims.get("scope"):
            raise InvalidScopeError("Invalid OAuth scope provided.")
        self.request.data["scope"] = claims["scope"]
