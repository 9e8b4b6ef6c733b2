# SPDX-License-Identifier: MIT
"""The authorization server: Authlib's, with storage in memory.

A grant is one class and one row in GRANTS; so is an endpoint in ENDPOINTS.
"""

from __future__ import annotations

import base64
import binascii
import time
from urllib.parse import parse_qsl, unquote_plus

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import InvalidGrantError, grants
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7662 import IntrospectionEndpoint
from flask import Flask, Response, jsonify, request

from control import Control
from httpd import HangUp, RawAnswer
from storage import Client, Storage, Token

AUTH_METHODS = ["client_secret_basic", "client_secret_post", "none"]
ABSENT = "absent"


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


def authenticate_basic(storage: Storage, value: str | None) -> Client | None:
    """RFC 6749 section 2.3.1: the halves are form-urlencoded. A client may be
    registered as `raw`, as many servers have it: then they are not."""
    halves = read_basic(value)
    if halves is None:
        return None
    for encoding, decode in (("form", unquote_plus), ("raw", str)):
        client = storage.client(decode(halves[0]))
        if client is None or client.client_secret_basic_encoding != encoding:
            continue
        if client.check_client_secret(decode(halves[1])):
            return client
    return None


class ClientCredentialsGrant(grants.ClientCredentialsGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = AUTH_METHODS


class PasswordGrant(grants.ResourceOwnerPasswordCredentialsGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = AUTH_METHODS

    def authenticate_user(self, username: str, password: str) -> str:
        if self.server.storage.people.get(username) == password:
            return username
        # RFC 6749 section 5.2; Authlib's own word is invalid_request.
        raise InvalidGrantError("the username or the password is wrong")


class RefreshTokenGrant(grants.RefreshTokenGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = AUTH_METHODS

    @property
    def INCLUDE_NEW_REFRESH_TOKEN(self) -> bool:  # noqa: N802 (Authlib's name)
        return self.server.rotates(self.request.client)

    def authenticate_refresh_token(self, refresh_token: str) -> Token | None:
        return self.server.storage.refreshable(refresh_token)

    def authenticate_user(self, credential: Token) -> str | None:
        return credential.user

    def revoke_old_credential(self, credential: Token) -> None:
        if self.server.rotates(self.request.client):
            credential.spent = True


class Revocation(RevocationEndpoint):
    CLIENT_AUTH_METHODS = AUTH_METHODS

    def query_token(self, token_string: str, token_type_hint: str) -> Token | None:
        storage = self.server.storage
        return storage.token(token_string) or storage.by_refresh.get(token_string)

    def revoke_token(self, token: Token, request) -> None:
        token.revoked = True


class Introspection(IntrospectionEndpoint):
    CLIENT_AUTH_METHODS = AUTH_METHODS

    def check_permission(self, token: Token, client: Client, request) -> bool:
        return token.check_client(client)

    def query_token(self, token_string: str, token_type_hint: str) -> Token | None:
        return self.server.storage.token(token_string)

    def introspect_token(self, token: Token) -> dict:
        active = not token.is_expired() and not token.is_revoked()
        return {"active": active, "client_id": token.client.client_id,
                "scope": token.scope, "username": token.user}


GRANTS = [ClientCredentialsGrant, PasswordGrant, RefreshTokenGrant]
ENDPOINTS = [Revocation, Introspection]


class Server(AuthorizationServer):
    """Authlib's server, joined to our storage and switches."""

    def __init__(self, app: Flask, storage: Storage, control: Control):
        self.storage = storage
        self.control = control
        app.config["OAUTH2_REFRESH_TOKEN_GENERATOR"] = True
        super().__init__(app, storage.client, self.keep_token)
        self.register_client_auth_method(
            "client_secret_basic",
            lambda query_client, req: authenticate_basic(
                storage, req.headers.get("Authorization")))
        for grant in GRANTS:
            self.register_grant(grant)
        for endpoint in ENDPOINTS:
            self.register_endpoint(endpoint)

    def issue_of(self, client: Client) -> dict:
        return {**self.control.issue, **client.issue}

    def rotates(self, client: Client) -> bool:
        return bool(self.issue_of(client).get("rotate"))

    def keep_token(self, reply: dict, req) -> None:
        """Stores the token, then gives the reply the shape that was asked for
        (it is this dictionary that Authlib sends)."""
        issue = self.issue_of(req.client)
        expires_in = issue.get("expires_in", 3600)
        numeric = isinstance(expires_in, (int, float)) and expires_in > 0
        lifetime = issue.get("lifetime", expires_in if numeric else 3600)
        if issue.get("refresh") is False:
            reply.pop("refresh_token", None)
        family = getattr(req.credential, "family", None)
        self.storage.save(Token(req.client, reply, req.user, lifetime, family))
        reply["expires_in"] = expires_in
        reply["token_type"] = issue.get("token_type", "Bearer")
        reply.update(issue.get("extra", {}))
        for name in [n for n, v in reply.items() if v == ABSENT]:
            del reply[name]


def describe_request() -> dict:
    """What a test may want to know of a token request."""
    form = parse_qsl(request.get_data(cache=True).decode("utf-8", "replace"),
                     keep_blank_values=True)
    fields = dict(form)
    basic = read_basic(request.headers.get("Authorization"))
    client_id = fields.get("client_id") or (unquote_plus(basic[0]) if basic else None)
    return {
        "method": request.method,
        "target": request.environ["provider.target"],
        "headers": request.environ["provider.fields"],
        "form": form,
        "grant_type": fields.get("grant_type", ""),
        "client_id": client_id or "",
        "port": request.environ["REMOTE_PORT"],
    }


def planned_answer(step: dict) -> Response:
    if "body_base64" in step:
        body = base64.b64decode(step["body_base64"])
    else:
        body = step.get("body", "").encode("utf-8")
    response = Response(body, status=step.get("status", 200))
    response.headers["Content-Type"] = step.get("content_type", "application/json")
    for name, value in step.get("headers", {}).items():
        response.headers[name] = value
    return response


def carry_out(server: Server, step: dict) -> Response:
    """The planned answer, or Authlib's."""
    time.sleep(step.get("delay", 0))
    if step.get("drop") == "before":
        raise HangUp
    if "raw" in step:
        raise RawAnswer(base64.b64decode(step["raw"]))
    if step.keys() & {"status", "body", "body_base64"}:
        return planned_answer(step)
    response = server.create_token_response()
    if step.get("drop") == "after":
        raise HangUp
    return response


def add_control(app: Flask, storage: Storage, control: Control) -> None:
    @app.get("/_control")
    def state():
        return jsonify({**control.snapshot(), "issued": storage.issued,
                        "reused": storage.reused})

    @app.post("/_control")
    def change():
        changes = request.get_json()
        for metadata in changes.get("clients", []):
            storage.add_client(metadata)
        control.configure(changes)
        return jsonify({})

    @app.post("/_control/reset")
    def reset():
        storage.reset()
        control.reset()
        return jsonify({})

    @app.post("/_control/expire")
    def expire():
        storage.expire()
        return jsonify({})

    @app.post("/_control/revoke")
    def end_token():
        wanted = request.get_json().get("access_token")
        return jsonify({"revoked": storage.revoke(wanted)})


def make_app(storage: Storage, control: Control) -> Flask:
    app = Flask("authorization")
    app.config["PROPAGATE_EXCEPTIONS"] = True
    server = Server(app, storage, control)

    @app.route("/token", methods=["GET", "POST"])
    def token():
        record = control.begin(control.token, describe_request())
        status = "dropped"
        try:
            response = carry_out(server, control.next_step(record["client_id"]))
            status = response.status_code
            return response
        finally:
            control.end(control.token, record, status)

    @app.post("/revoke")
    def revoke():
        return server.create_endpoint_response(Revocation.ENDPOINT_NAME)

    @app.post("/introspect")
    def introspect():
        return server.create_endpoint_response(Introspection.ENDPOINT_NAME)

    add_control(app, storage, control)
    return app
