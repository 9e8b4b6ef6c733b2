# SPDX-License-Identifier: MIT
"""Pushed authorization requests (RFC 9126): what a client asks for comes from
itself, with its authentication, and the browser brings a reference to it."""

from __future__ import annotations

import secrets
from urllib.parse import urlencode

from authlib.consts import default_json_headers
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import InvalidRequestError, OAuth2Request, TokenEndpoint
from flask import g

from authentication import AUTH_METHODS
from control import shaped
from storage import Pushed

OF_THE_CLIENT = ("client_secret", "client_assertion", "client_assertion_type")
REPEATABLE = ("resource",)
PREFIX = "urn:ietf:params:oauth:request_uri:"  # section 2.2


class PushedAuthorization(TokenEndpoint):
    ENDPOINT_NAME = "pushed_authorization"
    CLIENT_AUTH_METHODS = AUTH_METHODS

    def create_endpoint_response(self, request):
        client = self.authenticate_endpoint_client(request)
        params = [(n, v) for n, v in g.record["form"] if n not in OF_THE_CLIENT]
        self.check(client, params)
        options = self.server.control.options
        pushed = Pushed(PREFIX + secrets.token_urlsafe(32), client, params,
                        options["par_lifetime"])
        self.server.storage.pushed[pushed.request_uri] = pushed
        reply = {"request_uri": pushed.request_uri, "expires_in": pushed.lifetime}
        return 201, shaped(reply, options["par"]), default_json_headers

    def check(self, client, params: list) -> None:
        """Section 2.1: as the authorization endpoint would."""
        names = [n for n, _ in params if n not in REPEATABLE]
        if len(names) != len(set(names)):
            raise InvalidRequestError("a parameter comes twice")
        if "request_uri" in names:
            raise InvalidRequestError("request_uri cannot be pushed")
        if dict(params).get("client_id") != client.client_id:
            raise InvalidRequestError("client_id is missing, or another's")
        try:
            self.server.check_authorization(asked(self.server, params))
        except OAuth2Error as error:
            error.redirect_uri = None  # section 2.3: it is told at once
            raise


def asked(server, params: list) -> OAuth2Request:
    """The parameters as if a browser had brought them."""
    return OAuth2Request("GET", f"{server.site.issuer}/authorize?{urlencode(params)}")


def restored(server, request: OAuth2Request) -> OAuth2Request:
    """What a browser's request stands for. ValueError where it may not."""
    uri = request.data.get("request_uri")
    if uri is None:
        if server.control.options["par_required"]:
            raise ValueError("invalid_request: requests must be pushed")
        return request
    pushed = server.storage.pushed.get(uri)
    if pushed is None or pushed.client.client_id != request.client_id:
        raise ValueError("invalid_request: this request_uri is unknown")
    if pushed.is_expired():
        raise ValueError("invalid_request: this request_uri has expired")
    found = asked(server, pushed.params)
    found.pushed_as = uri
    return found


def spend(server, request: OAuth2Request) -> None:
    """Section 4: it is of use once."""
    server.storage.pushed.pop(getattr(request, "pushed_as", None), None)
