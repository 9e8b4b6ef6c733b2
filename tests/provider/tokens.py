# SPDX-License-Identifier: MIT
"""The grants of RFC 6749 that need no browser, and the endpoints for tokens."""

from __future__ import annotations

import time

from authlib.oauth2.rfc6749 import InvalidGrantError, grants
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7662 import IntrospectionEndpoint
from flask import g

import dpop
import openid
from authentication import AUTH_METHODS, Client
from control import shaped
from storage import Token


class ClientCredentialsGrant(grants.ClientCredentialsGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = AUTH_METHODS


class PasswordGrant(grants.ResourceOwnerPasswordCredentialsGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = AUTH_METHODS

    def authenticate_user(self, username: str, password: str) -> str:
        if self.server.storage.knows(username, password):
            return username
        # RFC 6749 section 5.2; Authlib's own word is invalid_request.
        raise InvalidGrantError("the username or the password is wrong")


class RefreshTokenGrant(grants.RefreshTokenGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = AUTH_METHODS

    @property
    def INCLUDE_NEW_REFRESH_TOKEN(self) -> bool:  # noqa: N802 (Authlib's name)
        return self.server.rotates(self.request.client)

    def create_token_response(self):
        status, token, headers = super().create_token_response()
        if openid.is_refreshed(self.server, self.request, token):
            made = openid.id_token(self.server, self.request, token, None)
            token.update({} if made is None else {"id_token": made})
        return status, token, headers

    def authenticate_refresh_token(self, refresh_token: str) -> Token | None:
        grace = self.server.issue_of(self.request.client).get("grace", 0)
        found = self.server.storage.refreshable(refresh_token, grace)
        # RFC 9449 section 5: those of public clients are bound.
        public = self.request.client.token_endpoint_auth_method == "none"
        return found if found and (not public or dpop.fits(found.jkt)) else None

    def authenticate_user(self, credential: Token) -> str | None:
        return credential.user

    def revoke_old_credential(self, credential: Token) -> None:
        if self.server.rotates(self.request.client) and credential.spent_at is None:
            credential.spent_at = time.monotonic()


def find_token(server, text: str) -> tuple[Token | None, str]:
    """A token, and which of its two strings this is."""
    if found := server.storage.token(text):
        return found, "access_token"
    if found := server.storage.by_refresh.get(text):
        return found, "refresh_token"
    return None, "unknown"


class Revocation(RevocationEndpoint):
    """RFC 7009. With a refresh token goes all that came of it; an access
    token goes with the refresh token beside it."""

    CLIENT_AUTH_METHODS = AUTH_METHODS

    def query_token(self, token_string: str, token_type_hint: str) -> Token | None:
        found, kind = find_token(self.server, token_string)
        g.record.update(hint=token_type_hint, kind=kind)
        return found

    def revoke_token(self, token: Token, request) -> None:
        g.record["revoked"] = True
        token.revoked = True
        if g.record["kind"] == "refresh_token":
            self.server.storage.revoke_family(token.family)


class Introspection(IntrospectionEndpoint):
    CLIENT_AUTH_METHODS = AUTH_METHODS

    def check_permission(self, token: Token, client: Client, request) -> bool:
        return token.check_client(client)

    def query_token(self, token_string: str, token_type_hint: str) -> Token | None:
        return self.server.storage.token(token_string)

    def introspect_token(self, token: Token) -> dict:
        made = int(time.time() - (time.monotonic() - token.issued_at))
        reply = {"active": token.is_live(), "client_id": token.client.client_id,
                 "scope": token.scope, "username": token.user,
                 "token_type": "DPoP" if token.jkt else "Bearer", "iat": made,
                 "iss": self.server.site.issuer}
        if token.lifetime is not None:
            reply["exp"] = made + int(token.lifetime)
        if token.jkt:
            reply["cnf"] = {"jkt": token.jkt}  # RFC 9449 section 6.2
        if token.actor:
            reply["act"] = {"sub": token.actor}  # RFC 8693 section 4.1
        return shaped(reply, self.server.control.options["introspection"])
