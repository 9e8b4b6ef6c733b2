# SPDX-License-Identifier: MIT
"""What the provider knows: its clients, people and tokens, in memory."""

from __future__ import annotations

import hmac
import threading
import time

from authlib.oauth2.rfc6749 import ClientMixin, TokenMixin
from authlib.oauth2.rfc6749.util import list_to_scope, scope_to_list

DEFAULT_CLIENT = {
    "client_id": "demo-client",
    "client_secret": "demo-secret",
}


class Client(ClientMixin):
    """A registered client, in the words of RFC 7591."""

    def __init__(self, client_id: str, client_secret: str = "",
                 token_endpoint_auth_method: str = "client_secret_basic",
                 client_secret_basic_encoding: str = "form",
                 grant_types: tuple = ("client_credentials",), scope: str = "",
                 issue: dict | None = None):
        self.client_id = client_id
        self.client_secret = client_secret
        self.token_endpoint_auth_method = token_endpoint_auth_method
        self.client_secret_basic_encoding = client_secret_basic_encoding
        self.grant_types = tuple(grant_types)
        self.scope = scope
        self.issue = issue or {}

    def get_client_id(self) -> str:
        return self.client_id

    def get_default_redirect_uri(self) -> None:
        return None

    def get_allowed_scope(self, scope: str) -> str:
        if not self.scope:
            return scope
        allowed = set(scope_to_list(self.scope))
        return list_to_scope([s for s in scope_to_list(scope) if s in allowed])

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return False

    def check_client_secret(self, client_secret: str) -> bool:
        return hmac.compare_digest(self.client_secret.encode(), client_secret.encode())

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return self.token_endpoint_auth_method == method

    def check_response_type(self, response_type: str) -> bool:
        return False

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type in self.grant_types


class Token(TokenMixin):
    """An issued token. `lifetime` is how long the API takes it, in seconds,
    whatever the token response said."""

    def __init__(self, client: Client, reply: dict, user: str | None,
                 lifetime: float | None, family: str | None = None):
        self.client = client
        self.access_token = reply["access_token"]
        self.refresh_token = reply.get("refresh_token")
        self.scope = reply.get("scope", "")
        self.user = user
        self.lifetime = lifetime
        self.issued_at = time.monotonic()
        self.revoked = False
        self.spent = False
        self.family = family or self.refresh_token

    def check_client(self, client: Client) -> bool:
        return self.client.client_id == client.client_id

    def get_scope(self) -> str:
        return self.scope

    def get_expires_in(self) -> int | None:
        return None if self.lifetime is None else int(self.lifetime)

    def is_expired(self) -> bool:
        age = time.monotonic() - self.issued_at
        return self.lifetime is not None and age >= self.lifetime

    def is_revoked(self) -> bool:
        return self.revoked


class Storage:
    """All of it. Every method is safe on any thread."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.reset()

    def reset(self) -> None:
        with self.lock:
            self.clients = {"demo-client": Client(**DEFAULT_CLIENT)}
            self.people = {"alice": "wonderland"}
            self.by_access: dict[str, Token] = {}
            self.by_refresh: dict[str, Token] = {}
            self.issued: list[str] = []
            self.reused = 0  # rotated refresh tokens that came again

    def add_client(self, metadata: dict) -> None:
        with self.lock:
            self.clients[metadata["client_id"]] = Client(**metadata)

    def client(self, client_id: str) -> Client | None:
        return self.clients.get(client_id)

    def save(self, token: Token) -> None:
        with self.lock:
            self.by_access[token.access_token] = token
            self.issued.append(token.access_token)
            if token.refresh_token:
                self.by_refresh[token.refresh_token] = token

    def token(self, access_token: str) -> Token | None:
        return self.by_access.get(access_token)

    def refreshable(self, refresh_token: str) -> Token | None:
        """The grant behind a refresh token. A rotated one that comes again is
        taken for stolen: its whole family ends (RFC 9700 section 4.14)."""
        with self.lock:
            token = self.by_refresh.get(refresh_token)
            if token is None or token.revoked:
                return None
            if token.spent:
                self.reused += 1
                self.revoke_family(token.family)
                return None
            return token

    def revoke_family(self, family: str | None) -> None:
        with self.lock:
            for token in self.by_access.values():
                if family is not None and token.family == family:
                    token.revoked = True

    def revoke(self, access_token: str | None = None) -> int:
        """Ends one access token now, or all of them; says how many."""
        with self.lock:
            ended = 0
            for name, token in self.by_access.items():
                if access_token in (None, name) and not token.revoked:
                    token.revoked = True
                    ended += 1
            return ended

    def expire(self) -> None:
        """All access tokens are over now; refresh tokens are not."""
        with self.lock:
            for token in self.by_access.values():
                token.lifetime = 0
