# SPDX-License-Identifier: MIT
"""Registered clients, and the ways in which they show who they are.

A method is one function and one row in METHODS (RFC 6749 section 2.3, RFC 7523
section 2.2, RFC 8705 section 2).
"""

from __future__ import annotations

import base64
import binascii
import hmac
from dataclasses import dataclass, field
from urllib.parse import unquote_plus

from authlib.oauth2.rfc6749 import (ClientMixin, InvalidClientError,
                                    InvalidRequestError)
from authlib.oauth2.rfc6749.util import list_to_scope, scope_to_list
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import ExtensionOID
from flask import request as http

import proofs

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@dataclass(eq=False)
class Client(ClientMixin):
    """A registered client, in the words of RFC 7591. What has no word there:

    client_secret_basic_encoding  `form` or `raw`
    require_pkce                  True, or the one method that is taken
    certificate                   PEM, of self_signed_tls_client_auth; so is
    certificate_thumbprint        its `x5t#S256`
    issue                         how its tokens look: see control.py
    """

    client_id: str
    client_secret: str = ""
    token_endpoint_auth_method: str = "client_secret_basic"
    token_endpoint_auth_signing_alg: str = ""
    client_secret_basic_encoding: str = "form"
    grant_types: tuple = ("client_credentials",)
    response_types: tuple = ("code",)
    redirect_uris: tuple = ()
    scope: str = ""
    jwks: dict = field(default_factory=dict)
    require_pkce: bool | str = False
    id_token_signed_response_alg: str = "RS256"
    tls_client_auth_subject_dn: str = ""
    tls_client_auth_san_dns: str = ""
    certificate: str = ""
    certificate_thumbprint: str = ""
    dpop_bound_access_tokens: bool = False
    issue: dict = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.certificate:
            parsed = x509.load_pem_x509_certificate(self.certificate.encode())
            self.certificate_thumbprint = Certificate(parsed).thumbprint

    def get_client_id(self) -> str:
        return self.client_id

    def get_default_redirect_uri(self) -> str | None:
        return self.redirect_uris[0] if len(self.redirect_uris) == 1 else None

    def get_allowed_scope(self, scope: str) -> str:
        if not self.scope:
            return scope
        allowed = set(scope_to_list(self.scope))
        return list_to_scope([s for s in scope_to_list(scope) if s in allowed])

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri in self.redirect_uris

    def check_client_secret(self, client_secret: str) -> bool:
        return hmac.compare_digest(self.client_secret.encode(), client_secret.encode())

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return self.token_endpoint_auth_method == method

    def check_response_type(self, response_type: str) -> bool:
        wanted = set(response_type.split())
        return any(set(kind.split()) == wanted for kind in self.response_types)

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type in self.grant_types


class Certificate:
    """What a client showed in the TLS handshake."""

    def __init__(self, parsed: x509.Certificate):
        self.parsed = parsed

    @classmethod
    def shown(cls) -> "Certificate | None":
        der = http.environ.get("provider.certificate")
        return cls(x509.load_der_x509_certificate(der)) if der else None

    @property
    def thumbprint(self) -> str:
        """RFC 8705 section 3.1."""
        digest = self.parsed.fingerprint(SHA256())
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

    @property
    def subject(self) -> str:
        return self.parsed.subject.rfc4514_string()

    @property
    def is_self_signed(self) -> bool:
        return self.parsed.subject == self.parsed.issuer

    def has_dns_name(self, name: str) -> bool:
        kind = ExtensionOID.SUBJECT_ALTERNATIVE_NAME
        try:
            names = self.parsed.extensions.get_extension_for_oid(kind).value
        except x509.ExtensionNotFound:
            return False
        return name in names.get_values_for_type(x509.DNSName)

    def describe(self) -> dict:
        return {"subject": self.subject, "thumbprint": self.thumbprint}


def read_basic(value: str | None) -> tuple[str, str] | None:
    """The two halves of a Basic field as they stand, undecoded."""
    scheme, _, rest = (value or "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        text = base64.b64decode(rest.strip(), validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return None
    name, colon, secret = text.partition(":")
    return (name, secret) if colon else None


def by_basic(server, req) -> Client | None:
    """RFC 6749 section 2.3.1: the halves are form-urlencoded. A client may be
    registered as `raw`, as many servers have it: then they are not."""
    halves = read_basic(req.headers.get("Authorization"))
    if halves is None:
        return None
    for encoding, decode in (("form", unquote_plus), ("raw", str)):
        client = server.storage.client(decode(halves[0]))
        if client is None or client.client_secret_basic_encoding != encoding:
            continue
        if client.check_client_secret(decode(halves[1])):
            return client
    return None


def by_secret(server, req) -> Client | None:
    client = server.storage.client(req.form.get("client_id"))
    secret = req.form.get("client_secret")
    if client and secret and client.check_client_secret(secret):
        return client
    return None


def by_name(server, req) -> Client | None:
    """`none`: a public client just says who it is."""
    return None if shown_ways(req) else server.storage.client(req.client_id)


def by_assertion(method: str, key_of):
    """RFC 7523 section 2.2 and 3: `iss` and `sub` are the client, and `jti`
    comes once."""

    def authenticate(server, req) -> Client | None:
        text = req.form.get("client_assertion")
        if not text or req.form.get("client_assertion_type") != ASSERTION_TYPE:
            return None
        client = server.storage.client(proofs.peek(text).get("sub"))
        if client is None or client.token_endpoint_auth_method != method:
            return None
        if req.client_id not in (None, client.client_id):
            raise InvalidClientError("client_id is not the assertion's sub")
        algorithms, keys = key_of(client)
        if client.token_endpoint_auth_signing_alg:
            algorithms = [client.token_endpoint_auth_signing_alg]
        try:
            proofs.verify(server, text, algorithms, keys, use=method,
                              issuer=client.client_id, subject=client.client_id,
                              audiences=server.assertion_audiences(),
                              needs_jti=True)
        except proofs.Refused as refused:
            raise InvalidClientError(str(refused), status_code=401) from None
        return client

    return authenticate


def secret_key(client: Client) -> tuple[list[str], dict]:
    key = base64.urlsafe_b64encode(client.client_secret.encode()).rstrip(b"=")
    return proofs.SYMMETRIC, {"keys": [{"kty": "oct", "k": key.decode()}]}


def public_keys(client: Client) -> tuple[list[str], dict]:
    return proofs.ASYMMETRIC, client.jwks


def by_certificate_of_authority(server, req) -> Client | None:
    """RFC 8705 section 2.1: the handshake proved who signed it."""
    client, shown = server.storage.client(req.client_id), Certificate.shown()
    if client is None or shown is None or shown.is_self_signed:
        return None
    wanted = client.tls_client_auth_subject_dn
    if wanted:
        return client if shown.parsed.subject == read_name(wanted) else None
    wanted = client.tls_client_auth_san_dns
    return client if wanted and shown.has_dns_name(wanted) else None


def read_name(text: str) -> x509.Name:
    return x509.Name.from_rfc4514_string(text)


def by_own_certificate(server, req) -> Client | None:
    """RFC 8705 section 2.2."""
    client, shown = server.storage.client(req.client_id), Certificate.shown()
    if client and shown and shown.thumbprint == client.certificate_thumbprint:
        return client
    return None


METHODS = {
    "client_secret_basic": by_basic,
    "client_secret_post": by_secret,
    "client_secret_jwt": by_assertion("client_secret_jwt", secret_key),
    "private_key_jwt": by_assertion("private_key_jwt", public_keys),
    "tls_client_auth": by_certificate_of_authority,
    "self_signed_tls_client_auth": by_own_certificate,
    "none": by_name,
}
AUTH_METHODS = list(METHODS)


def shown_ways(req) -> int:
    """How many secrets or proofs are in the request itself."""
    return sum(map(bool, (req.headers.get("Authorization"),
                          req.form.get("client_secret"),
                          req.form.get("client_assertion"))))


def shows_client(req) -> bool:
    return shown_ways(req) > 0


def check_one_way(req) -> None:
    """RFC 6749 section 2.3."""
    if shown_ways(req) > 1:
        raise InvalidRequestError("more than one way of client authentication")
