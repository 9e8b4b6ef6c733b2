# SPDX-License-Identifier: MIT
"""What a grant brings goes where a key says, and nowhere else; and what an error
says was seen, with the key that would change it. The servers are those of
test_compliance.py."""

import base64
import json
import time

import pytest

from signing import Key
from test_compliance import (GOOD, JSON, OK, Q, R, odd, placed, refused,  # noqa: F401
                             start)  # noqa: F401


# --- what the grant brings, elsewhere ---

def test_assertion_as_a_credential(start, odd, tmp_path):
    """A POST without a body, as GitHub wants it for an installation."""
    key = Key("RS256")
    odd.says({"token": "val-1", "expires_at": "2999-01-01T00:00:00Z"}, "201 Created")
    proxy = start({
        "grant_type": "jwt-bearer", "client_id": None, "client_secret": None,
        "assertion_issuer": "1234", "assertion_signing_alg": "RS256",
        "assertion_private_key": key.write(tmp_path / "k.pem"),
        'assertion.claim.iss': '"1234"', "assertion.claim.n": "7",
        Q + "header.Authorization": "Bearer {assertion}",
        Q + "param.assertion": "", Q + "param.grant_type": "",
        R + "rename.token": "access_token", R + "expires_at": "expires_at"})
    placed(proxy, odd)
    assert odd.asked.body == b""
    assertion = odd.asked.value("Authorization").removeprefix("Bearer ")
    claims = json.loads(base64.urlsafe_b64decode(assertion.split(".")[1] + "=="))
    assert claims["iss"] == "1234" and claims["n"] == 7
    assert assertion not in proxy.stderr


def test_password_and_refresh_token_elsewhere(start, odd):
    odd.says({**GOOD, "refresh_token": "ref-1", "expires_in": 1})
    proxy = start({
        "grant_type": "password", "username": "alice", "password": "w&nder",
        Q + "param.password": "", Q + "header.X-Password": "{base64:{password}}",
        "refresh_token_request.header.X-Password": "",
        "refresh_token_request.header.X-Refresh": "<{refresh_token}>"})
    placed(proxy, odd)
    assert "password" not in odd.form()
    assert odd.asked.value("X-Password") == base64.b64encode(b"w&nder").decode()
    time.sleep(2)
    placed(proxy, odd)
    assert odd.asked.value("X-Refresh") == "<ref-1>"
    assert odd.asked.values("X-Password") == []


@pytest.mark.parametrize("key", ["authorization_request.param.x", "token_format",
                                 "protected_request.header.X"])
@pytest.mark.parametrize("name", ["assertion", "password", "refresh_token",
                                  "subject_token"])
def test_what_the_grant_brings_goes_nowhere_else(bearerd, odd, key, name):
    """Neither a browser nor an upstream gets it."""
    said = bearerd.refused({"a": odd.service(
        grant_type="authorization_code", redirect_uri="http://127.0.0.1:9/cb",
        authorization_endpoint=f"{odd.server.url}/auth",
        **{key: "{" + name + "}"})})
    assert key in said and name in said, said


# --- words: what was seen, and the key that would change it ---

def test_type_that_is_the_token_is_not_shown(start, odd):
    odd.says({**GOOD, "token_type": "val-1"})
    assert "val-1" not in refused(start(), "token_type is neither")


def test_type_that_repeats_a_secret_is_not_shown(start, odd):
    odd.says({**GOOD, "token_type": "hushhush"})
    assert "hushhush" not in refused(start(client_secret="hushhush"),
                                     "its words repeat a secret")


@pytest.mark.parametrize("field, words", [
    ("Content-Type: text/html; charset=utf-8", "its Content-Type is text/html"),
    ("X-None: 1", "it has no Content-Type")])
def test_answer_that_is_a_page(start, odd, field, words):
    odd.says("<html>", OK, field)
    refused(start(), words)
    odd.says("<html>", "400 Bad Request", field)


@pytest.mark.parametrize("field, words", [
    ("Content-Type: text/html", "its Content-Type is text/html")])
def test_refusal_that_is_a_page(start, odd, field, words):
    odd.says("<html>", "400 Bad Request", field)
    refused(start(), "without an OAuth error", words)


def test_refusal_of_another_shape(start, odd):
    odd.says({"fault": {"code": "nope"}}, "400 Bad Request")
    refused(start(), "access_token_response.error")


def test_refusal_of_another_shape_that_is_known(start, odd):
    odd.says({"fault": {"code": "nope"}}, "400 Bad Request")
    refused(start({R + "error": "fault"}), "nope")


@pytest.mark.parametrize("keys, told", [
    ({}, True), ({"client_secret": "plain-1.2_3"}, False),
    ({"client_secret_basic_encoding": "raw"}, False),
    ({"token_endpoint_auth_method": "client_secret_post"}, False)])
def test_client_that_is_refused_for_its_encoding(start, odd, keys, told):
    odd.says({"error": "invalid_client"}, "401 Unauthorized")
    detail = refused(start(**keys), "check client_id, client_secret")
    assert ("client_secret_basic_encoding = raw" in detail) == told
