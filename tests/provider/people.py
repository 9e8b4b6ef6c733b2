# SPDX-License-Identifier: MIT
"""The authorization endpoint, where a person decides, and the grants that go
through it."""

from __future__ import annotations

import time
from urllib.parse import urlencode

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import (AccessDeniedError, InvalidClientError,
                                    InvalidRequestError, UnsupportedResponseTypeError,
                                    grants)
from authlib.oauth2.rfc7636 import CodeChallenge as AuthlibCodeChallenge
from authlib.oidc.core import OpenIDCode as AuthlibOpenIDCode
from authlib.oidc.core import OpenIDHybridGrant, OpenIDImplicitGrant
from authlib.oidc.core.errors import (ConsentRequiredError, LoginRequiredError)
from flask import Response, g, redirect, request as http

import dpop
import openid
import pages
import pushed
from authentication import AUTH_METHODS
from control import RESPONSE, is_absent
from storage import Code, Login

MODES = ("query", "fragment", "form_post")


class Deciding:
    """What the grants of this endpoint have in common: the answer is a list of
    parameters, and the response mode says how it travels."""

    TOKEN_ENDPOINT_AUTH_METHODS = AUTH_METHODS
    ERROR_MODE = "fragment"

    def authenticate_token_endpoint_client(self):
        """The browser brings no secret: here the client is only named."""
        if not hasattr(self.request, "auth_time"):
            return super().authenticate_token_endpoint_client()
        client = self.server.storage.client(self.request.client_id)
        if client is None:
            raise InvalidClientError()
        return client

    def create_authorization_response(self, redirect_uri: str, grant_user: str | None):
        if grant_user is None:
            raise AccessDeniedError(redirect_uri=redirect_uri)
        return self.server.respond(self.request, redirect_uri,
                                   self.granted(grant_user))

    def granted(self, user: str) -> list[tuple[str, str]]:
        self.request.user = user
        return self.create_granted_params(user)

    def save_authorization_code(self, code: str, request) -> Code:
        data = request.data
        made = Code(code, request.client, data.get("redirect_uri"),
                    request.client.get_allowed_scope(data.get("scope", "")),
                    request.user, request.auth_time, data.get("nonce"),
                    data.get("code_challenge"), data.get("code_challenge_method"),
                    self.server.control.options["code_lifetime"],
                    data.get("dpop_jkt"))
        self.server.storage.codes[code] = made
        request.credential = made  # what comes beside it is of its family
        return made

    def exists_nonce(self, nonce: str, request) -> bool:
        return self.server.storage.has_nonce(request.client_id, nonce)

    def process_implicit_token(self, token: dict, code: str | None = None) -> dict:
        made = openid.id_token(self.server, self.request, token,
                               self.request.data.get("nonce"),
                               self.request.auth_time, code)
        return token if made is None else {**token, "id_token": made}


class AuthorizationCodeGrant(Deciding, grants.AuthorizationCodeGrant):
    def create_granted_params(self, user: str) -> list[tuple[str, str]]:
        code = self.generate_authorization_code()
        self.save_authorization_code(code, self.request)
        return [("code", code)]

    def query_authorization_code(self, code: str, client) -> Code | None:
        found = self.server.storage.take_code(code, client)
        return found if found and dpop.fits(found.dpop_jkt) else None

    def delete_authorization_code(self, authorization_code: Code) -> None:
        pass  # it was spent when it was shown

    def authenticate_user(self, authorization_code: Code) -> str:
        return authorization_code.user


class ImplicitGrant(Deciding, grants.ImplicitGrant):
    def create_granted_params(self, user: str) -> list[tuple[str, str]]:
        token = self.generate_token(user=user, scope=self.request.scope,
                                    include_refresh_token=False)
        self.save_token(token)
        return list(token.items())


class IdTokenGrant(Deciding, OpenIDImplicitGrant):
    """`id_token` and `id_token token`."""


class HybridGrant(Deciding, OpenIDHybridGrant):
    """A code, and something beside it at once."""


class CodeChallenge(AuthlibCodeChallenge):
    """RFC 7636; a client's `require_pkce` says whether it must be used, and
    by which method."""

    def validate_code_challenge(self, grant) -> None:
        super().validate_code_challenge(grant)
        wanted = grant.request.client.require_pkce
        shown = grant.request.data
        if wanted and not shown.get("code_challenge"):
            raise InvalidRequestError("this client must use PKCE")
        if isinstance(wanted, str) and shown.get("code_challenge_method") != wanted:
            raise InvalidRequestError(f"code_challenge_method must be {wanted}")


class OpenIDCode(AuthlibOpenIDCode):
    """An ID token beside the access token, where the scope has `openid`."""

    def exists_nonce(self, nonce: str, request) -> bool:
        return False  # the grants see to it themselves

    def process_token(self, grant, token: dict) -> None:
        code = grant.request.credential
        if "openid" not in (code.get_scope() or "").split():
            return
        made = openid.id_token(grant.server, grant.request, token,
                               code.get_nonce(), code.get_auth_time())
        if made is not None:
            token["id_token"] = made


def check_mode(request) -> None:
    mode = request.data.get("response_mode")
    in_query = set((request.response_type or "").split()) & {"token", "id_token"}
    if mode not in (None, *MODES):
        raise InvalidRequestError("no such response_mode")
    if mode == "query" and in_query:
        raise InvalidRequestError("response_mode=query would put tokens in a query")


class Authorization:
    """One request of the authorization endpoint: whose it is and what it asks
    for. What cannot be told to the client is told to the person."""

    def __init__(self, server, request=None):
        self.server = server
        self.request = request or pushed.restored(
            server, server.create_oauth2_request(None))
        self.request.auth_time = int(time.time())
        self.grant = None
        self.redirect_uri: str | None = None

    @property
    def client_id(self) -> str:
        return self.request.client_id or ""

    def check(self) -> Response | None:
        """The answer to a request that is wrong."""
        try:
            self.check_repeated()
            self.validate()
        except OAuth2Error as error:
            return self.refuse(error)
        return None

    def validate(self) -> None:
        try:
            self.grant = self.server.get_authorization_grant(self.request)
            self.redirect_uri = self.grant.validate_authorization_request()
            check_mode(self.request)
            self.check_prompt()
        except UnsupportedResponseTypeError:
            self.redirect_uri = self.trusted_redirect_uri()
            raise

    def check_repeated(self) -> None:
        """RFC 6749 section 3.1."""
        names = [n for n, _ in http.args.items(multi=True) if n != "resource"]
        if len(names) != len(set(names)):
            raise InvalidRequestError("a parameter comes twice")

    def check_prompt(self) -> None:
        if "none" in self.prompts() and len(self.prompts()) > 1:
            raise InvalidRequestError("prompt=none stands alone")

    def trusted_redirect_uri(self) -> str | None:
        client = self.server.storage.client(self.request.client_id)
        asked = self.request.redirect_uri
        if client is None or not (asked is None or client.check_redirect_uri(asked)):
            return None
        return asked or client.get_default_redirect_uri()

    def refuse(self, error: OAuth2Error) -> Response:
        redirect_uri = error.redirect_uri or self.redirect_uri
        if redirect_uri is None:
            return pages.problem(f"{error.error}: {error.get_error_description()}")
        body = [(n, v) for n, v in error.get_body() if n != "state"]
        return self.server.respond(self.request, redirect_uri, body)

    def answer(self, user: str | None) -> Response:
        """The decision, on its way to the client."""
        try:
            return self.grant.create_authorization_response(self.redirect_uri, user)
        except OAuth2Error as error:
            return self.refuse(error)

    def approved(self, login: Login) -> Response:
        self.request.auth_time = int(login.auth_time)
        login.consents.add(self.client_id)
        return self.answer(login.user)

    def prompts(self) -> set[str]:
        return set((self.request.data.get("prompt") or "").split())

    def login(self) -> Login | None:
        """The browser's session, if it will do for this request."""
        login = pages.known(self.server.storage)
        if login and "login" not in self.prompts() and pages.is_recent(
                login, self.request.data.get("max_age")):
            return login
        return None

    def without_asking(self) -> Response:
        """prompt=none."""
        login = self.login()
        if login is None:
            return self.refuse(LoginRequiredError())
        if self.client_id not in login.consents:
            return self.refuse(ConsentRequiredError())
        return self.approved(login)

    def ask(self, message: str = "") -> Response:
        text = (f"{self.client_id} asks for access to what is yours: "
                f"{self.request.scope or 'nothing in particular'}.")
        return pages.question("Log in and decide", text,
                              pages.who_fields(self.login()), message)

    def decide(self) -> Response:
        """What a person sent by the form."""
        if http.form["decision"] == "deny":
            return self.answer(None)
        person = pages.Person(self.server.storage, self.login())
        if person.login is None:
            return self.ask("The name or the password is wrong.")
        return person.remember(self.approved(person.login))


def preset(authorization: Authorization, consent: dict) -> Response:
    """Nobody is asked: a switch or a control call says what is decided."""
    user = consent.get("user", "alice")
    return authorization.answer(user if consent.get("approve", True) else None)


def decided(server, consent: dict) -> Response:
    try:
        authorization = Authorization(server)
    except ValueError as error:
        return pages.problem(str(error))
    return authorization.check() or preset(authorization, consent)


def authorize(server) -> Response:
    try:
        authorization = Authorization(server)
    except ValueError as error:
        return pages.problem(str(error))
    refused = authorization.check()
    if refused is not None:
        return refused
    consent = server.control.options["consent"]
    if consent is not None:
        return preset(authorization, consent)
    if authorization.prompts() == {"none"}:
        return authorization.without_asking()
    if http.method == "POST" and "decision" in http.form:
        return authorization.decide()
    return authorization.ask()


def planned(step: dict, params: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The parameters as a plan's step wants them."""
    params = list(params)
    for name, value in step.get("params", {}).items():
        place = next((i for i, (n, _) in enumerate(params) if n == name), len(params))
        params = [(n, v) for n, v in params if n != name]
        values = value if isinstance(value, list) else [value]
        params[place:place] = [(name, str(v)) for v in values if not is_absent(v)]
    return params


def respond(server, request, redirect_uri: str,
            params: list[tuple[str, str]]) -> Response:
    """The authorization response (RFC 6749 sections 4.1.2 and 4.2.2)."""
    pushed.spend(server, request)
    step = server.control.next_step(request.client_id, RESPONSE)
    if "error" in step:
        params = [("error", step["error"])]
        if "error_description" in step:
            params.append(("error_description", step["error_description"]))
    params = [(name, str(value)) for name, value in params]
    if request.state is not None:
        params.append(("state", request.state))
    if server.control.options["iss"]:
        params.append(("iss", server.site.issuer))
    params = planned(step, params)
    tokens = set((request.response_type or "").split()) & {"token", "id_token"}
    mode = step.get("mode") or request.data.get("response_mode")
    if mode not in MODES:
        mode = "fragment" if tokens else "query"
    g.record["response"] = {"redirect_uri": redirect_uri, "mode": mode,
                            "params": params}
    server.control.responses.append(g.record["response"])
    if mode == "form_post":
        return pages.self_posting(redirect_uri, params)
    mark = "#" if mode == "fragment" else "&" if "?" in redirect_uri else "?"
    return redirect(redirect_uri + mark + urlencode(params))
