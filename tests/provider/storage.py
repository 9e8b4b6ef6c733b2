# SPDX-License-Identifier: MIT
"""What the provider knows: its clients, people, codes and tokens, in memory."""

from __future__ import annotations

import secrets
import threading
import time
from dataclasses import dataclass, field

from authlib.oauth2.rfc6749 import TokenMixin

from authentication import Client

DEFAULT_CLIENT = {
    "client_id": "demo-client",
    "client_secret": "demo-secret",
}


class Token(TokenMixin):
    """An issued token. `lifetime` is how long the API takes it, in seconds,
    whatever the token response said. Those of one grant are a family."""

    def __init__(self, client: Client, reply: dict, user: str | None,
                 lifetime: float | None, family: str | None = None,
                 actor: str | None = None, jkt: str | None = None):
        self.client = client
        self.access_token = reply["access_token"]
        self.refresh_token = reply.get("refresh_token")
        self.scope = reply.get("scope", "")
        self.user = user
        self.actor = actor
        self.jkt = jkt  # of the key that it is bound to (RFC 9449)
        self.lifetime = lifetime
        self.issued_at = time.monotonic()
        self.revoked = False
        self.spent_at: float | None = None  # when it was rotated
        self.late: float | None = None  # how long after that it came again
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

    def is_live(self) -> bool:
        return not self.is_expired() and not self.revoked


@dataclass(eq=False)
class Code:
    """An authorization code, in the words that Authlib asks for."""

    code: str
    client: Client
    redirect_uri: str | None
    scope: str
    user: str
    auth_time: int
    nonce: str | None
    code_challenge: str | None
    code_challenge_method: str | None
    lifetime: float
    dpop_jkt: str | None = None
    made_at: float = field(default_factory=time.monotonic)
    used: bool = False

    @property
    def family(self) -> str:
        return "code " + self.code

    def get_redirect_uri(self) -> str | None:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope

    def get_nonce(self) -> str | None:
        return self.nonce

    def get_auth_time(self) -> int:
        return self.auth_time

    def is_expired(self) -> bool:
        return time.monotonic() - self.made_at >= self.lifetime


@dataclass(eq=False)
class Pushed:
    """An authorization request that was pushed."""

    request_uri: str
    client: Client
    params: list
    lifetime: float
    made_at: float = field(default_factory=time.monotonic)

    def is_expired(self) -> bool:
        return time.monotonic() - self.made_at >= self.lifetime


@dataclass(eq=False)
class Device:
    """A device authorization: open until somebody approves or denies it."""

    device_code: str
    user_code: str
    client: Client
    scope: str
    lifetime: float
    interval: float
    made_at: float = field(default_factory=time.monotonic)
    asked_at: float | None = None
    user: str | None = None
    approved: bool | None = None
    used: bool = False

    @property
    def family(self) -> str:
        return "device " + self.device_code

    def get_client_id(self) -> str:
        return self.client.client_id

    def get_scope(self) -> str:
        return self.scope

    def get_user_code(self) -> str:
        return self.user_code

    def get_nonce(self) -> None:
        return None

    def is_expired(self) -> bool:
        return time.monotonic() - self.made_at >= self.lifetime


@dataclass(eq=False)
class Login:
    """A person whom a browser's cookie stands for, and what he allowed."""

    user: str
    auth_time: float
    consents: set[str] = field(default_factory=set)


class Storage:
    """All of it. Every method is safe on any thread."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.reset()

    def reset(self) -> None:
        with self.lock:
            self.clients = {"demo-client": Client(**DEFAULT_CLIENT)}
            self.people = {"alice": "wonderland", "bob": "builder"}
            self.issuers: dict[str, dict] = {}  # JWKS of outside issuers
            self.outside_tokens: dict[str, dict] = {}
            self.by_access: dict[str, Token] = {}
            self.by_refresh: dict[str, Token] = {}
            self.codes: dict[str, Code] = {}
            self.pushed: dict[str, Pushed] = {}  # by request_uri
            self.devices: dict[str, Device] = {}  # by device code
            self.logins: dict[str, Login] = {}  # by cookie
            self.seen_jtis: set[tuple[str, str]] = set()
            self.assertions: list[dict] = []
            self.exchanges: list[dict] = []
            self.dpop_proofs: list[dict] = []
            self.issued: list[str] = []
            self.reused = 0  # rotated refresh tokens that came too late again
            self.forgiven = 0  # those that came within the grace
            self.replayed_codes = 0

    def snapshot(self) -> dict:
        with self.lock:
            return {"issued": self.issued, "reused": self.reused,
                    "forgiven": self.forgiven,
                    "replayed_codes": self.replayed_codes,
                    "assertions": self.assertions, "exchanges": self.exchanges,
                    "dpop_proofs": self.dpop_proofs}

    def add_client(self, metadata: dict) -> Client:
        with self.lock:
            client = Client(**metadata)
            self.clients[client.client_id] = client
            return client

    def client(self, client_id: str | None) -> Client | None:
        return self.clients.get(client_id) if isinstance(client_id, str) else None

    def knows(self, user: str, password: str) -> bool:
        return self.people.get(user) == password

    def save(self, token: Token) -> None:
        with self.lock:
            self.by_access[token.access_token] = token
            self.issued.append(token.access_token)
            if token.refresh_token:
                self.by_refresh[token.refresh_token] = token

    def token(self, access_token: str) -> Token | None:
        return self.by_access.get(access_token)

    def refreshable(self, refresh_token: str, grace: float = 0) -> Token | None:
        """The grant behind a refresh token. A rotated one that comes again
        later than `grace` seconds is taken for stolen: its whole family ends
        (RFC 9700 section 4.14)."""
        with self.lock:
            token = self.by_refresh.get(refresh_token)
            if token is None or token.revoked:
                return None
            if token.spent_at is not None:
                token.late = time.monotonic() - token.spent_at
                if token.late < grace:
                    self.forgiven += 1
                    return token
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

    def take_code(self, code: str, client: Client) -> Code | None:
        """Spends an authorization code, whatever becomes of the request. One
        that comes again ends the tokens made of it (RFC 6749 section 4.1.2)."""
        with self.lock:
            found = self.codes.get(code)
            if found is None or found.client.client_id != client.client_id:
                return None
            if found.used:
                self.replayed_codes += 1
                self.revoke_family(found.family)
                return None
            found.used = True
            return None if found.is_expired() else found

    def has_nonce(self, client_id: str, nonce: str) -> bool:
        with self.lock:
            return any(c.nonce == nonce and c.client.client_id == client_id
                       for c in self.codes.values())

    def pending_device(self, user_code: str | None) -> Device | None:
        """The one with this user code, however it was typed; None is the
        newest that waits."""
        with self.lock:
            for device in reversed(self.devices.values()):
                if device.is_expired() or device.approved is not None:
                    continue
                if user_code is None or plain(user_code) == plain(device.user_code):
                    return device
            return None

    def first_use(self, issuer: str, jti: str) -> bool:
        with self.lock:
            known = (issuer, jti) in self.seen_jtis
            self.seen_jtis.add((issuer, jti))
            return not known

    def log_in(self, user: str) -> tuple[str, Login]:
        """A session for a browser: its cookie, and the session."""
        with self.lock:
            cookie = secrets.token_urlsafe(24)
            self.logins[cookie] = Login(user, time.time())
            return cookie, self.logins[cookie]

    def login(self, cookie: str | None) -> Login | None:
        return self.logins.get(cookie) if cookie else None


def plain(user_code: str) -> str:
    """RFC 8628 section 6.1: neither case nor punctuation counts."""
    return "".join(c for c in user_code.upper() if c.isalnum())
