# SPDX-License-Identifier: MIT
"""What stands before an authorization server that is not ours, and is the
address that all others know: it records every request as it came and passes
it on, so that a test can count them and see what was sent."""

from __future__ import annotations

import http.client
from urllib.parse import parse_qsl, urlsplit

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from harness import Keys
from rawserver import Peer, RawServer, Received

FORMATS = serialization.PrivateFormat
HOP_BY_HOP = ("connection", "content-length", "transfer-encoding")


def key_pair(form: serialization.PrivateFormat) -> tuple[str, str]:
    """A private key to sign tokens with, and its public one, as PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM,
        serialization.PublicFormat.SubjectPublicKeyInfo)
    private = key.private_bytes(serialization.Encoding.PEM, form,
                                serialization.NoEncryption())
    return private.decode(), public.decode()


def forward(port: int, peer: Peer) -> None:
    """A raw server's script: hands every request to the server behind it."""
    while True:
        request = peer.read_request()
        back = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        back.putrequest(request.method, request.target, skip_host=True,
                        skip_accept_encoding=True)
        for name, value in request.fields:
            if name.lower() not in HOP_BY_HOP:
                back.putheader(name, value)
        if request.body or request.method in ("POST", "PUT"):
            back.putheader("Content-Length", str(len(request.body)))
        back.endheaders(request.body or None)
        reply = back.getresponse()
        fields = [f"{name}: {value}" for name, value in reply.getheaders()
                  if name.lower() not in HOP_BY_HOP]
        peer.answer(reply.read(), f"{reply.status} {reply.reason}", *fields)
        back.close()


class Fronted:
    """A server that has such a front. What it is made for has the method
    introspect(token), which says what the server knows of a token."""

    front: RawServer
    token_endpoint: str

    def reset(self) -> None:
        """Forgets the requests so far; nothing else."""
        self.front.requests.clear()

    def requests_to(self, endpoint: str) -> list[Received]:
        """The requests that came for an endpoint of the server's, in order."""
        path = urlsplit(endpoint).path
        return [request for request in list(self.front.requests)
                if urlsplit(request.target).path == path]

    @property
    def token_requests(self) -> list[Received]:
        return self.requests_to(self.token_endpoint)

    @property
    def forms(self) -> list[dict[str, str]]:
        """What the token requests said, in order."""
        return [dict(parse_qsl(request.body.decode(), keep_blank_values=True))
                for request in self.token_requests]

    def service(self, client_id: str, secret: str | None = None, **keys) -> Keys:
        """A service of bearerd's for a client of this server's; its upstream
        is for the caller to give. None removes a key."""
        service: dict = {
            "match": "api.example.test",
            "token_endpoint": self.token_endpoint,
            "client_id": client_id,
            "client_secret": secret,
            **keys,
        }
        return {k: v for k, v in service.items() if v is not None}

    def resource(self, peer: Peer) -> None:
        """A raw server's script: a protected resource that lets in whom this
        server knows, and says whom (RFC 6750 section 3)."""
        while True:
            request = peer.read_request()
            scheme, _, token = request.value("Authorization").partition(" ")
            known = self.introspect(token)
            if scheme != "Bearer" or not known["active"]:
                peer.answer(b"", "401 Unauthorized",
                            'WWW-Authenticate: Bearer error="invalid_token"')
                continue
            peer.answer(repr(known).encode(), "200 OK", "Content-Type: text/plain")
