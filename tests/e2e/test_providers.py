# SPDX-License-Identifier: MIT
"""Every profile, against what its provider documents (profile_rows_*.py):
requests to the token endpoint, its replies, and requests to the API."""

import socket
import time
from datetime import datetime, timezone
from urllib.parse import urlsplit

import pytest

import login
import profile_rows_callback
import profile_rows_first
import profile_rows_people
import profile_rows_second
import profile_rows_signed
import profile_rows_usual
import profile_rows_work
from profiles import (ANY, CODE, FOLDER, ID, SECRET, URL, Case, assert_client,
                      changed, client_params, is_address, keys_of, params_of, path_of,
                      same_fields, same_params, signed_with)
from signing import Key

ROWS = (profile_rows_first.ROWS + profile_rows_second.ROWS + profile_rows_usual.ROWS
        + profile_rows_work.ROWS + profile_rows_people.ROWS
        + profile_rows_signed.ROWS + profile_rows_callback.ROWS)
ASKING = [row for row in ROWS if row.reply]
MAKING = [row for row in ROWS if not row.reply]
PEOPLE = [row for row in ROWS if row.grant == "authorization_code"]
REFRESHED = [row for row in ROWS if row.refresh]
SPENT = [row for row in REFRESHED if row.refresh.spent]
KEEPING = [row for row in ROWS if row.kept]
REVOKED = [row for row in ROWS if row.revokes is not None]
SIGNING = [row for row in ASKING if row.claims]
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"


def rows(those):
    return pytest.mark.parametrize("row", those, ids=str)


@pytest.fixture
def case(bearerd, upstream):
    def begin(row, *replies, **keys):
        return Case(row, bearerd, upstream, *replies, **keys)

    return begin


def lifetime(session) -> float:
    ends = datetime.fromisoformat(session["expires_at"].replace("Z", "+00:00"))
    return (ends - datetime.now(timezone.utc)).total_seconds()


def test_each_profile_has_a_row():
    assert sorted(p.stem for p in FOLDER.glob("*.ini")) == sorted(
        row.name for row in ROWS)


@rows(ROWS)
def test_loads_with_documented_addresses(bearerd, tmp_path, row):
    said = keys_of(row.name)
    for key, url in row.urls.items():
        assert said[key] == [url]
    lines = ["[proxy]", "external_url = http://127.0.0.1:8119", "[service a]",
             f"provider = {row.name}"]
    lines += [f"{key} = {value}".format(server="https://login.example.com",
                                        api="https://api.example.com")
              for key, value in {"client_id": ID, "client_secret": SECRET,
                                 **row.keys}.items()
              if value is not None and "{t" not in value]
    if row.key:
        named = signed_with(row, Key(row.key), tmp_path)
        lines += [f"{key} = {path}" for key, path in named.items()]
    if "upstream" not in {**said, **row.keys} or "{" in said.get("upstream", [""])[0]:
        lines.append("match = api.example.com")
    result = bearerd.check("\n".join(lines) + "\n")
    assert result.returncode == 0, result.stderr
    assert f"grant_type {row.grant}" in result.stdout


@rows(ROWS)
def test_says_what_it_is_for(row):
    text = (FOLDER / f"{row.name}.ini").read_text().splitlines()
    assert len(text[0]) > 5 and text[0].startswith("# ")
    assert any(line.startswith("# Documented in:") for line in text)
    assert text.count(f"[provider {row.name}]") == 1
    assert not any("secret =" in line and "{" not in line and
                   not line.endswith("=") for line in text)


@rows(PEOPLE)
def test_login_request(case, row):
    one = case(row)
    params = one.begin()
    wanted = {"response_type": "code", "client_id": ID, "state": ANY,
              "redirect_uri": login.callback_url(one.proxy)}
    if row.pkce:
        wanted |= {"code_challenge": ANY, "code_challenge_method": "S256"}
    if "openid" in row.logs_in.get("scope", ""):
        wanted["nonce"] = ANY
    same_params(params, changed(wanted, row.logs_in))
    documented = row.urls.get("authorization_endpoint")
    if documented:
        there = one.browser.response.headers["Location"]
        assert urlsplit(there).path == urlsplit(documented).path


def first_params(row, one) -> dict:
    params = client_params(row)
    if row.grant == "authorization_code":
        params |= {"grant_type": "authorization_code", "code": CODE,
                   "redirect_uri": login.callback_url(one.proxy)}
        if row.pkce:
            params["code_verifier"] = ANY
    elif row.grant == "refresh_token":
        params |= {"grant_type": "refresh_token",
                   "refresh_token": row.keys["refresh_token"]}
    elif row.grant == "password":
        params |= {"grant_type": "password", "username": row.keys["username"],
                   "password": row.keys["password"]}
    elif row.grant == "token-exchange":
        params["grant_type"] = row.sends["grant_type"]
    elif row.grant == "jwt-bearer":
        params |= {"grant_type": JWT_BEARER, "assertion": ANY}
    else:
        params["grant_type"] = row.grant
    return changed(params, row.sends)


@rows(ASKING)
def test_token_request(case, row):
    one = case(row)
    one.obtain()
    [request] = one.server.requests
    assert request.method == row.method
    same_params(params_of(request, row.format), first_params(row, one))
    documented = row.urls.get("token_endpoint")
    if documented:
        assert path_of(request) == urlsplit(documented).path
    if row.keys.get("client_id", ID):
        assert_client(row, request)
    assert request.value("Accept") == "application/json"
    same_fields(request, row.token_fields)


def look_at(row, header, claims):
    for name, value in {**row.header, **row.claims}.items():
        found = {**claims, **header}[name]
        assert found if value is ANY else found == value, name
    assert not set(row.absent) & set(claims)
    assert 0 < claims["exp"] - time.time() <= row.life
    assert claims["iat"] <= time.time() + 1


@rows(SIGNING)
def test_assertion(case, row):
    """It is signed with the service's key, for as long as it may be."""
    one = case(row)
    one.obtain()
    [request] = one.server.requests
    if row.assertion:
        made = params_of(request, row.format)[row.assertion]
    else:
        made = request.value("Authorization").removeprefix("Bearer ")
    look_at(row, *one.opened(made))


@rows(MAKING)
def test_token_that_is_made_here(case, row):
    """Nobody is asked; the next request has the same, a renewal another."""
    one = case(row)
    request = one.get()
    assert request.target == row.arrives
    token = request.value("Authorization").removeprefix("Bearer ")
    header, claims = one.opened(token)
    look_at(row, header, claims)
    same_fields(request, row.fields)
    session = one.session
    assert session["state"] == "ready" and session["grant_type"] == row.grant
    assert row.lifetime - 60 < lifetime(session) <= row.lifetime + 1
    assert one.get().value("Authorization") == "Bearer " + token
    one.command("refresh", "a")
    other = one.get().value("Authorization").removeprefix("Bearer ")
    assert one.opened(other)[1]["jti"] != claims["jti"]
    assert one.server.requests == []
    assert token.rpartition(".")[2] not in one.proxy.stderr
    shown = one.command("check", "-v")
    assert "is signed here" in shown and token.rpartition(".")[2] not in shown
    for value in row.claims.values():
        assert value in shown


@rows(MAKING)
def test_token_that_is_refused(case, row):
    """Another is made, and the request sent once more."""
    one = case(row)
    one.api.script = refuse_once
    assert one.proxy.get(URL + "/x").status == 200
    asked = [r.value("Authorization") for r in one.api.requests]
    assert len(asked) == 2 and asked[0] != asked[1]


@rows(ASKING)
def test_token_response(case, row):
    one = case(row)
    one.obtain()
    session = one.session
    assert session["state"] == "ready" and session["last_error"] is None
    assert session["grant_type"] == row.grant
    assert session["scope"] == (row.scope or one.asked_scope)
    if row.lifetime is None:
        assert session["expires_at"] is None
    else:
        assert row.lifetime - row.slack < lifetime(session) <= row.lifetime + 1
    assert one.command("token", "a") == row.token + "\n"


@rows(ASKING)
def test_error_response(case, row):
    one = case(row, row.refused)
    told = one.fails()
    for word in row.words:
        assert word in told
    assert SECRET not in told + one.proxy.stderr
    assert one.session["state"] in ("failing", "waiting_for_login")
    assert one.api.requests == []


@rows(ASKING)
def test_protected_request(case, row):
    one = case(row)
    one.obtain()
    request = one.get()
    assert request.target == row.arrives
    same_fields(request, {"Authorization": f"Bearer {row.token}", **row.fields})
    assert request.value("Host") == urlsplit(one.api.url).netloc


@rows(KEEPING)
def test_client_s_own_stays(case, row):
    target, fields, arrives = row.kept
    one = case(row)
    one.obtain()
    request = one.get(target, *fields)
    assert request.target == arrives
    for line in fields:
        name, _, value = line.partition(": ")
        assert request.values(name) == [value]


def renew(one, row):
    one.obtain()
    one.command("refresh", "a")
    return one.server.requests[1]


@rows(REFRESHED)
def test_refresh_request(case, row):
    one = case(row, row.reply, row.refresh.reply)
    request = renew(one, row)
    params = {"grant_type": "refresh_token", "refresh_token": row.refresh.kept,
              **client_params(row)}
    assert request.method == row.refresh.method
    kind = "query" if request.method == "GET" else row.format
    same_params(params_of(request, kind), changed(params, row.refresh.sends))
    path = row.refresh.path or path_of(one.server.requests[0])
    assert path_of(request) == path
    if row.keys.get("client_id", ID):
        assert_client(row, request)


@rows(REFRESHED)
def test_refresh_response(case, row):
    one = case(row, row.reply, row.refresh.reply)
    renew(one, row)
    session = one.session
    assert session["state"] == "ready"
    if row.refresh.lifetime:
        left = lifetime(session)
        assert row.refresh.lifetime - row.slack < left <= row.refresh.lifetime + 1
    assert one.command("token", "a") == row.refresh.token + "\n"
    assert row.token not in one.get().target


def refuse_once(peer) -> None:
    peer.read_request()
    peer.answer(b"", "401 Unauthorized")
    while True:
        peer.read_request()
        peer.answer(b"{}", "200 OK", "Content-Type: application/json")


def refuse(peer) -> None:
    while True:
        peer.read_request()
        peer.answer(b"", "401 Unauthorized")


@rows(SPENT)
def test_spent_refresh_token(case, row):
    """It is given up, and somebody is asked to log in."""
    one = case(row, row.reply, row.refresh.spent)
    one.obtain()
    one.api.script = refuse  # or the token would be believed to work still
    for sock in list(one.api.live):
        sock.shutdown(socket.SHUT_RDWR)
    assert one.proxy.get(URL + "/x").status == 401
    count = len(one.server.requests)
    assert count == 2
    assert "invalid_grant" in one.session["last_error"]
    if row.grant != "authorization_code":
        return
    one.proxy.get(URL + "/x")
    one.command("refresh", "a", status=1)
    assert len(one.server.requests) == count  # it is not sent again


@rows(REVOKED)
def test_revocation_request(case, row):
    one = case(row)
    one.obtain()
    one.command("logout", "a")
    request = one.server.requests[1]
    assert path_of(request) == urlsplit(row.urls["revocation_endpoint"]).path
    kind = row.format if row.format == "json" else row.revokes_as
    same_params(params_of(request, kind), row.revokes)
    assert request.method == row.revokes_by
    same_fields(request, row.revoke_fields)


@rows(ROWS)
def test_no_real_host_is_asked(case, row):
    """All addresses of a profile are exchanged for loopback ones."""
    one = case(row)
    given = {k: str(v) for k, v in one.service.items() if is_address(k)}
    assert set(given) >= {k for k in keys_of(row.name) if is_address(k)}
    for value in given.values():
        assert value.startswith(("http://127.0.0.1:", "127.0.0.1", "{token."))
