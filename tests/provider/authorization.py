# SPDX-License-Identifier: MIT
"""The authorization server: Authlib's, with storage in memory.

A grant is one class and one row in GRANTS; so is an endpoint in ENDPOINTS.
"""

from __future__ import annotations

import base64
import time
from typing import Callable
from urllib.parse import parse_qsl, unquote_plus

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import InvalidRequestError
from flask import Flask, Response, g, jsonify, request

import device
import dpop
import metadata
import openid
import people
from assertions import JWTBearerGrant, SERVICE_ACCOUNT_PATH, ServiceAccountGrant
from authentication import METHODS, Certificate, Client, check_one_way, read_basic
from control import Control, is_absent
from device import DeviceAuthorization, DeviceCodeGrant
from exchange import TokenExchangeGrant
from httpd import HangUp, RawAnswer
from metadata import Site
from people import (AuthorizationCodeGrant, CodeChallenge, HybridGrant, IdTokenGrant,
                    ImplicitGrant, OpenIDCode)
from pushed import PushedAuthorization
from storage import Storage, Token
from tokens import (ClientCredentialsGrant, Introspection, PasswordGrant,
                    RefreshTokenGrant, Revocation)

# Each with what extends it.
GRANTS = [
    (ClientCredentialsGrant, []),
    (PasswordGrant, []),
    (RefreshTokenGrant, []),
    (AuthorizationCodeGrant, [OpenIDCode(), CodeChallenge(required=False)]),
    (ImplicitGrant, []),
    (IdTokenGrant, []),
    (HybridGrant, [CodeChallenge(required=False)]),
    (ServiceAccountGrant, []),
    (JWTBearerGrant, []),
    (DeviceCodeGrant, [OpenIDCode()]),
    (TokenExchangeGrant, []),
]
ENDPOINTS = [Revocation, Introspection, DeviceAuthorization, PushedAuthorization]
REPEATABLE = ("resource", "audience")  # RFC 8707, RFC 8693


class Server(AuthorizationServer):
    """Authlib's server, joined to our storage and switches."""

    def __init__(self, app: Flask, storage: Storage, control: Control, site: Site):
        self.storage = storage
        self.control = control
        self.site = site
        self.nonces = dpop.Nonces(control, dpop.TOKEN)
        app.config["OAUTH2_REFRESH_TOKEN_GENERATOR"] = True
        super().__init__(app, storage.client, self.keep_token)
        for method, authenticate in METHODS.items():
            self.register_client_auth_method(
                method, lambda _query, req, way=authenticate: way(self, req))
        for grant, extensions in GRANTS:
            self.register_grant(grant, extensions)
        for endpoint in ENDPOINTS:
            self.register_endpoint(endpoint)

    def authenticate_client(self, request, methods, endpoint="token"):
        check_one_way(request)
        client = super().authenticate_client(request, methods, endpoint)
        g.record["authenticated"] = [client.client_id, request.auth_method]
        return client

    def create_token_response(self, request=None) -> Response:
        """RFC 6749 section 3.2: no parameter comes twice."""
        names = [n for n, _ in g.record["form"] if n not in REPEATABLE]
        if len(names) != len(set(names)):
            return self.handle_error_response(
                request, InvalidRequestError("a parameter comes twice"))
        try:
            dpop.bind(self, self.site.issuer + g.record["target"].partition("?")[0])
        except OAuth2Error as error:
            response = self.handle_error_response(request, error)
        else:
            response = super().create_token_response(request)
        if nonce := self.nonces.next():
            response.headers["DPoP-Nonce"] = nonce
        return response

    def assertion_audiences(self) -> list[str]:
        """What `aud` of an assertion may be; RFC 7523 section 3, number 3."""
        given = self.control.options["assertion_audience"]
        if given is not None:
            return given
        aliases = self.site.aliases()
        return [self.site.issuer, self.site.issuer + "/token", *aliases.values()]

    def issue_of(self, client: Client) -> dict:
        return {**self.control.issue, **client.issue}

    def rotates(self, client: Client) -> bool:
        return bool(self.issue_of(client).get("rotate"))

    def check_authorization(self, request) -> None:
        people.Authorization(self, request).validate()

    def respond(self, request, redirect_uri: str, params: list) -> Response:
        return people.respond(self, request, redirect_uri, params)

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
        actor = getattr(req, "actor", None)
        jkt = g.get("jkt")
        self.storage.save(Token(req.client, reply, req.user, lifetime, family, actor,
                                jkt))
        reply["expires_in"] = expires_in
        reply["token_type"] = issue.get("token_type", "DPoP" if jkt else "Bearer")
        reply.update(issue.get("extra", {}))
        for name in [n for n, v in reply.items() if is_absent(v)]:
            del reply[name]


def describe_request() -> dict:
    """What a test may want to know of a request."""
    form = parse_qsl(request.get_data(cache=True).decode("utf-8", "replace"),
                     keep_blank_values=True)
    fields = dict(form)
    basic = read_basic(request.headers.get("Authorization"))
    query = parse_qsl(request.environ["QUERY_STRING"], keep_blank_values=True)
    client_id = (fields.get("client_id") or dict(query).get("client_id")
                 or (unquote_plus(basic[0]) if basic else ""))
    certificate = Certificate.shown()
    return {
        "method": request.method,
        "target": request.environ.get("provider.target", request.full_path),
        "headers": request.environ.get("provider.fields", []),
        "query": query,
        "form": form,
        "grant_type": fields.get("grant_type", ""),
        "client_id": client_id,
        "port": request.environ.get("REMOTE_PORT", ""),
        "server_port": int(request.environ["SERVER_PORT"]),
        "certificate": certificate and certificate.describe(),
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


def carry_out(step: dict, process: Callable[[], Response]) -> Response:
    """The planned answer, or the real one."""
    time.sleep(step.get("delay", 0))
    if step.get("drop") == "before":
        raise HangUp
    if "raw" in step:
        raise RawAnswer(base64.b64decode(step["raw"]))
    if step.keys() & {"status", "body", "body_base64"}:
        return planned_answer(step)
    response = process()
    if step.get("drop") == "after":
        raise HangUp
    return response


def observed(control: Control, endpoint: str,
             process: Callable[[], Response]) -> Response:
    """Counts a request of this endpoint, and lets the plan have its way."""
    counters = control.counters[endpoint]
    g.record = control.begin(counters, describe_request())
    status = "dropped"
    try:
        step = control.next_step(g.record["client_id"], endpoint)
        response = carry_out(step, lambda: control.process(counters, process))
        status = response.status_code
        return response
    finally:
        control.end(counters, g.record, status)


def add_control(app: Flask, server: Server, trust: Callable[[str], None],
                forget: Callable[[], None]) -> None:
    storage, control = server.storage, server.control

    @app.get("/_control")
    def state():
        return jsonify({**control.snapshot(), **storage.snapshot()})

    @app.post("/_control")
    def change():
        changes = request.get_json()
        for words in changes.get("clients", []):
            client = storage.add_client(words)
            if client.certificate:
                trust(client.certificate)
        storage.issuers.update(changes.get("issuers", {}))
        storage.outside_tokens.update(changes.get("outside_tokens", {}))
        storage.people.update(changes.get("people", {}))
        control.configure(changes)
        return jsonify({})

    @app.post("/_control/reset")
    def reset():
        control.reset()
        storage.reset()
        forget()
        return jsonify({})

    @app.post("/_control/expire")
    def expire():
        storage.expire()
        return jsonify({})

    @app.post("/_control/revoke")
    def end_token():
        wanted = request.get_json().get("access_token")
        return jsonify({"revoked": storage.revoke(wanted)})

    @app.post("/_control/log_out")
    def log_out():
        storage.logins.clear()
        return jsonify({})

    @app.post("/_control/device")
    def decide_device():
        wanted = request.get_json()
        found = device.decide(storage, wanted.get("user_code"),
                              wanted.get("user", "alice"),
                              wanted.get("approve", True))
        return jsonify({"user_code": found and found.user_code})

    @app.post("/_control/authorize")
    def decide_authorization():
        """An authorization request's answer, as the browser would get it."""
        wanted = request.get_json()
        _, _, query = wanted["url"].partition("?")
        with app.test_request_context("/authorize", query_string=query):
            g.record = describe_request()
            response = people.decided(server, wanted)
            return jsonify({"status": response.status_code,
                            "location": response.headers.get("Location"),
                            "body": response.get_data(as_text=True),
                            "response": g.record.get("response")})


def add_endpoints(app: Flask, server: Server) -> None:
    control, site = server.control, server.site

    @app.route("/token", methods=["GET", "POST"])
    @app.route(SERVICE_ACCOUNT_PATH, methods=["GET", "POST"])
    def token():
        return observed(control, "token", server.create_token_response)

    def endpoint(name: str, path: str, kind) -> None:
        def answer():
            return observed(control, name, lambda: server.create_endpoint_response(
                kind.ENDPOINT_NAME))

        app.add_url_rule(path, name, answer, methods=["POST"])

    endpoint("revocation", "/revoke", Revocation)
    endpoint("introspection", "/introspect", Introspection)
    endpoint("par", "/par", PushedAuthorization)
    endpoint("device", "/device_authorization", DeviceAuthorization)

    @app.get("/jwks")
    def jwks():
        return observed(control, "jwks", lambda: jsonify(openid.public_keys()))

    @app.get("/.well-known/oauth-authorization-server")
    @app.get("/.well-known/oauth-authorization-server/<path:path>")
    @app.get("/.well-known/openid-configuration")
    @app.get("/<path:path>/.well-known/openid-configuration")
    def describe(path: str = ""):
        kinds = sorted({grant.GRANT_TYPE for grant, _ in GRANTS
                        if grant is not HybridGrant})
        return observed(control, "metadata", lambda: jsonify(metadata.document(
            site, control, kinds, "/" + path if path else "")))


def add_pages(app: Flask, server: Server) -> None:
    @app.route("/authorize", methods=["GET", "POST"])
    def authorize():
        return observed(server.control, "authorize", lambda: people.authorize(server))

    @app.route("/device", methods=["GET", "POST"])
    def verification():
        return observed(server.control, "verification",
                        lambda: device.verify(server.storage))


def make_app(storage: Storage, control: Control, site: Site,
             trust: Callable[[str], None], forget: Callable[[], None]) -> Flask:
    """`trust` has a client certificate accepted from now on, `forget` ends
    that for all of them."""
    app = Flask("authorization")
    app.config["PROPAGATE_EXCEPTIONS"] = True
    server = Server(app, storage, control, site)
    add_endpoints(app, server)
    add_pages(app, server)
    add_control(app, server, trust, forget)
    return app
