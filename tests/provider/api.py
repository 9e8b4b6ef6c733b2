# SPDX-License-Identifier: MIT
"""The protected API that tests and the demonstration reach through bearerd.

Everything but what is below /open/ wants a token, in one `Authorization`
field or in the query's `access_token`. The first segment (after /open, where
it is there) names what is done; what is not named here is echoed.
"""

from __future__ import annotations

import hashlib
import time
from contextlib import nullcontext
from typing import Iterator
from urllib.parse import parse_qs

from authlib.integrations.flask_oauth2 import ResourceProtector
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import MissingAuthorizationError
from authlib.oauth2.rfc6750 import BearerTokenValidator, InvalidTokenError
from flask import Flask, Response, jsonify, request

import dpop
from control import Control
from storage import Storage, Token

PIECE = 65536


class Validator(BearerTokenValidator):
    def __init__(self, storage: Storage):
        super().__init__(realm="api")
        self.storage = storage

    def authenticate_token(self, token_string: str) -> Token | None:
        return self.storage.token(token_string)

    def validate_token(self, token, scopes, request) -> None:
        super().validate_token(token, scopes, request)
        if token.jkt:
            raise InvalidTokenError("the token is bound to a key", realm="api")


class BoundValidator(Validator):
    """RFC 9449 section 7."""

    TOKEN_TYPE = "dpop"

    def __init__(self, storage: Storage, control: Control):
        super().__init__(storage)
        self.control = control
        self.nonces = dpop.Nonces(control, dpop.API)

    def validate_token(self, token, scopes, request) -> None:
        try:
            BearerTokenValidator.validate_token(self, token, scopes, request)
        except OAuth2Error as error:
            raise dpop.challenge(error, self.nonces.next()) from None
        dpop.check_bound(self.storage, self.control, self.nonces, token,
                         token.access_token)


class Protector(ResourceProtector):
    """Takes a token from the query too (RFC 6750 section 2.3), and refuses a
    request that shows two."""

    def parse_request_authorization(self, req):
        in_query = parse_qs(request.environ["QUERY_STRING"]).get("access_token", [])
        in_fields = request.headers.getlist("Authorization")
        shown = len(in_query) + len([v for f in in_fields for v in f.split(",")])
        if shown == 0:
            raise MissingAuthorizationError("bearer", "api")
        if shown > 1:
            raise InvalidTokenError("more than one token", realm="api")
        if in_query:
            return self.get_token_validator("bearer"), in_query[0]
        return super().parse_request_authorization(req)


def number(name: str, default: float) -> float:
    values = parse_qs(request.environ["QUERY_STRING"]).get(name)
    return float(values[0]) if values else default


def echo(_argument: str) -> Response:
    """What arrived, as JSON."""
    digest, length = hashlib.sha256(), 0
    while data := request.stream.read(PIECE):
        digest.update(data)
        length += len(data)
    return jsonify({
        "method": request.method,
        "target": request.environ["provider.target"],
        "headers": request.environ["provider.fields"],
        "body_length": length,
        "body_sha256": digest.hexdigest(),
    })


def pieces(length: int) -> Iterator[bytes]:
    """Bytes whose order can be checked: 8 digits, again and again, counted."""
    block = b"".join(b"%08d" % n for n in range(PIECE // 8))
    while length > 0:
        yield block[: min(length, PIECE)]
        length -= PIECE


def some_bytes(argument: str) -> Response:
    response = Response(pieces(int(argument)), mimetype="application/octet-stream")
    if not number("chunked", 0):
        response.headers["Content-Length"] = argument
    return response


def events(_argument: str) -> Response:
    count, interval = int(number("events", 5)), number("interval", 0.2)

    def stream() -> Iterator[bytes]:
        for n in range(count):
            if n:
                time.sleep(interval)
            yield b"data: event %d\n\n" % n

    return Response(stream(), mimetype="text/event-stream")


def drip(argument: str) -> Response:
    interval = number("interval", 0.05)

    def stream() -> Iterator[bytes]:
        for _ in range(int(argument)):
            yield b"."
            time.sleep(interval)

    return Response(stream(), mimetype="text/plain",
                    headers={"Content-Length": argument})


def slow(argument: str) -> Response:
    time.sleep(float(argument or 1))
    return echo("")


def status(argument: str) -> Response:
    return Response(f"status {argument}\n", status=int(argument))


def always401(_argument: str) -> Response:
    return Response("no\n", status=401, headers={
        "WWW-Authenticate": 'Bearer realm="api", error="invalid_token"'})


ACTIONS = {
    "bytes": some_bytes,
    "sse": events,
    "drip": drip,
    "slow": slow,
    "status": status,
    "always401": always401,
}


def make_app(storage: Storage, control: Control) -> Flask:
    app = Flask("api")
    app.config["PROPAGATE_EXCEPTIONS"] = True
    protector = Protector()
    protector.register_token_validator(Validator(storage))
    bound = BoundValidator(storage, control)
    protector.register_token_validator(bound)

    @app.before_request
    def answer():
        # Before routing, so that any method and any target comes here.
        target = request.environ["provider.target"]
        segments = target.partition("?")[0].lstrip("/").split("/")
        is_open = segments[0] == "open"
        segments = segments[1:] if is_open else segments
        record = control.begin(control.api, {
            "method": request.method, "target": target,
            "headers": request.environ["provider.fields"]})
        status_code = "refused"
        try:
            with nullcontext() if is_open else protector.acquire():
                action = ACTIONS.get(segments[0] if segments else "", echo)
                response = action(segments[1] if len(segments) > 1 else "")
            status_code = response.status_code
            if not is_open and (nonce := bound.nonces.next()):
                response.headers["DPoP-Nonce"] = nonce
            return response
        finally:
            control.end(control.api, record, status_code)

    return app
