# SPDX-License-Identifier: MIT
"""bearerd login --import: a token response that another program got, proved by
a refresh."""

import json
import os
import pty
import subprocess

import pytest
import requests

import harness
from commands import session, state
from harness import wait_for
from login import api_url, register as expects, service as people, token_of

URL = api_url()
SOME = {"access_token": "an-access-token", "refresh_token": "a-refresh-token"}
OURS = {"scope": "read openid", "require_claim.email": "alice@example.test"}


def got_before(provider, proxy, scope: str = "read", user: str = "alice") -> dict:
    """What another program has: the provider's own answer to a code."""
    expects(provider, proxy, scope="read write openid email")
    uri = f"{proxy.url}/-/callback/a"
    query = requests.models.PreparedRequest()
    query.prepare_url(provider.authorization_endpoint, {
        "response_type": "code", "client_id": "demo-client", "redirect_uri": uri,
        "scope": scope, "state": "s", "nonce": "other"})
    answer = provider.authorize(query.url, user)
    code = dict(answer["response"]["params"])["code"]
    reply = requests.post(provider.token_endpoint, timeout=30, data={
        "grant_type": "authorization_code", "code": code, "redirect_uri": uri,
        }, auth=("demo-client", "demo-secret"))
    assert reply.status_code == 200, reply.text
    return reply.json()


def hand_in(bearerd, text: str | bytes, *words: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [harness.binary(), "login", "a", "--import", *words, "-c",
         str(bearerd.folder / "bearerd.ini")], env=bearerd.env, timeout=60,
        input=text if isinstance(text, bytes) else text.encode(), capture_output=True)


def imports(bearerd, response: dict) -> str:
    done = hand_in(bearerd, json.dumps(response, indent=1) + "\n")
    assert (done.returncode, done.stderr) == (0, b""), done
    return done.stdout.decode()


def refuses(bearerd, response, *words: str, status: int = 1) -> str:
    """One line that says why, and nothing of what was handed in."""
    text = response if isinstance(response, (str, bytes)) else json.dumps(response)
    done = hand_in(bearerd, text)
    said = done.stderr.decode()
    assert (done.returncode, done.stdout) == (status, b""), done
    assert said.startswith("bearerd: ") and said.count("\n") == 1, said
    for word in words:
        assert word in said, said
    if isinstance(response, dict):
        for name in ("access_token", "refresh_token", "id_token"):
            assert str(response.get(name) or "-none-") not in said
    return said


def keeps_quiet(proxy, *responses: dict) -> None:
    for response in responses:
        for name in ("access_token", "refresh_token", "id_token"):
            assert str(response.get(name) or "-none-") not in proxy.stderr


@pytest.mark.threads
def test_import(bearerd, provider, bearer):
    """From then on it is a session like any other."""
    proxy = bearerd({"a": people(provider, scope="read")})
    before = got_before(provider, proxy)
    assert proxy.get(URL).status == 503
    assert "[service a] is logged in" in imports(bearerd, before)
    assert state(bearer, "a") == "ready"
    used = token_of(proxy.get(URL))
    assert used != before["access_token"] and used in provider.issued
    [sent] = [dict(r["form"]) for r in provider.token_requests[1:]]
    assert sent["grant_type"] == "refresh_token"
    assert sent["refresh_token"] == before["refresh_token"]
    assert f'from="uid {os.geteuid()}" ' in proxy.find("logged_in service=a .*",
                                                       5).group(0)
    bearer("refresh", "a")
    assert token_of(proxy.get(URL)) != used
    bearer("logout", "a")
    assert state(bearer, "a") == "waiting_for_login"
    keeps_quiet(proxy, before)


def test_import_outlives_a_restart(bearerd, provider, bearer):
    store = {"store": f"sqlite:{bearerd.folder}/state/t.db"}
    proxy = bearerd({"a": people(provider, scope="read")}, store)
    imports(bearerd, got_before(provider, proxy))
    used = token_of(proxy.get(URL))
    proxy.stop()
    proxy = bearerd({"a": people(provider, scope="read")}, store)
    assert token_of(proxy.get(URL)) == used
    bearer("refresh", "a")


@pytest.mark.parametrize("rotates", [True, False])
def test_servers_that_rotate_and_that_do_not(bearerd, provider, bearer, rotates):
    provider.set(issue={"rotate": rotates})
    proxy = bearerd({"a": people(provider, scope="read")})
    imports(bearerd, got_before(provider, proxy))
    bearer("refresh", "a")
    assert proxy.get(URL).status == 200


# --- whose it is ---

def test_whose_account_it_is(bearerd, provider, bearer):
    """The id_token that was got before says it, where a refresh brings none."""
    proxy = bearerd({"a": people(provider, scope="read openid")})
    said = imports(bearerd, got_before(provider, proxy, "read openid"))
    assert "is logged in as alice" in said
    assert session(bearer, "a")["subject"] == "alice"


def test_refresh_says_whose_account_it_is(bearerd, provider, bearer):
    """Where the id_token is not there any more, or has expired."""
    proxy = bearerd({"a": people(provider, scope="read openid")})
    provider.set(issue={"id_token": {"refresh": True}})
    response = got_before(provider, proxy, "read openid")
    del response["id_token"]
    assert "is logged in as alice" in imports(bearerd, response)
    provider.set(issue={"id_token": {"refresh": True, "claims": {"exp": 1600000000}}})
    response = got_before(provider, proxy, "read openid", "bob")
    provider.set(issue={"id_token": {"refresh": True}})
    assert "is logged in as bob" in imports(bearerd, response)
    assert session(bearer, "a")["subject"] == "bob"


def test_nobody_says_whose_it_is(bearerd, provider, bearer):
    """The session that was there stays."""
    proxy = bearerd({"a": people(provider, scope="read openid")})
    imports(bearerd, got_before(provider, proxy, "read openid"))
    response = got_before(provider, proxy, "read openid", "bob")
    del response["id_token"]
    refuses(bearerd, response, "no id_token came", "may be used up")
    provider.set(issue={"id_token": {"claims": {"exp": 1600000000}}})
    response = got_before(provider, proxy, "read openid", "bob")
    refuses(bearerd, response, "no id_token came", "(exp)", "may be used up")
    assert session(bearer, "a")["subject"] == "alice"
    assert proxy.get(URL).status == 200


@pytest.mark.parametrize("switch, words", [
    ({"stray": True}, None),
    ({"claims": {"iss": "https://other.test"}}, "(iss)"),
    ({"claims": {"aud": "another-client"}}, "(aud)"),
    ({"claims": {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}}, "(at_hash)"),
    ({"alg": "none"}, "(alg)"),
], ids=str)
def test_id_token_of_no_use(bearerd, provider, bearer, switch, words):
    """Nothing is sent: the refresh token is still good where it was got. A key
    that the server has no more may have been replaced: the refresh decides."""
    proxy = bearerd({"a": people(provider, scope="read openid")})
    provider.set(issue={"id_token": switch})
    response = got_before(provider, proxy, "read openid")
    provider.set(issue={})
    count = len(provider.token_requests)
    refuses(bearerd, response, words or "(signature)",
            "nothing was sent" if words else "may be used up")
    assert len(provider.token_requests) == count + (words is None)
    assert state(bearer, "a") in ("idle", "waiting_for_login")


def test_account_that_is_asked_for(bearerd, provider, bearer):
    scope = "read openid email"
    proxy = bearerd({"a": people(provider, **{**OURS, "scope": scope})})
    count = len(provider.token_requests)
    refuses(bearerd, got_before(provider, proxy, scope, "bob"), "claim email",
            "right account", "nothing was sent")
    assert len(provider.token_requests) == count + 1
    assert "as alice" in imports(bearerd, got_before(provider, proxy, scope))


@pytest.mark.parametrize("kept", ["none", "expired"])
def test_account_that_is_asked_for_of_a_refresh(bearerd, provider, bearer, kept):
    """A refresh's id_token may leave claims out where it is known whose the
    session is, and only there."""
    scope = "read openid email"
    proxy = bearerd({"a": people(provider, **{**OURS, "scope": scope})})
    changes = {"exp": 1600000000} if kept == "expired" else {}

    def response(user: str = "alice") -> dict:
        provider.set(issue={"id_token": {"refresh": True, "claims": changes}})
        got = got_before(provider, proxy, scope, user)
        if kept == "none":
            del got["id_token"]
        return got

    def refreshed_with(**claims) -> None:
        provider.set(issue={"id_token": {"refresh": True, "claims": claims}})

    mine = response()
    refreshed_with(email="absent")
    refuses(bearerd, mine, "claim email is missing")
    mine = response()
    refreshed_with(email="bob@example.test", sub="bob")
    refuses(bearerd, mine, "right account")
    assert state(bearer, "a") in ("idle", "waiting_for_login")
    mine = response()
    refreshed_with()
    assert "as alice" in imports(bearerd, mine)


def test_refresh_of_another_account(bearerd, provider, bearer):
    """The id_token that was got before is alice's."""
    proxy = bearerd({"a": people(provider, scope="read openid")})
    response = got_before(provider, proxy, "read openid")
    provider.set(issue={"id_token": {"refresh": True, "claims": {"sub": "bob"}}})
    refuses(bearerd, response, "another account")
    assert state(bearer, "a") in ("idle", "waiting_for_login")


# --- what goes wrong ---

@pytest.mark.parametrize("text, words", [
    ("", "is empty"), (" \n", "is empty"), ("not JSON", "must be the JSON"),
    ("[1]", "must be the JSON"), ('{"access_token":', "cut in the middle"),
    ('{"refresh_token": "r"}', "no access_token"),
    ('{"access_token": "t"}', "no refresh_token"),
    ('{"access_token": "t", "refresh_token": "r", "token_type": "mac"}', "token_type"),
    ('{"error": "invalid_grant"}', "refusal (invalid_grant)"),
    (b"\xff\xfe{\0}\0", "not UTF-8"), ("x" * 40000, "longer than 32768"),
], ids=lambda text: repr(text)[:24])
def test_what_is_no_token_response(bearerd, provider, bearer, text, words):
    proxy = bearerd({"a": people(provider, scope="read")})
    refuses(bearerd, text, words)
    assert not provider.token_requests
    assert state(bearer, "a") in ("idle", "waiting_for_login")
    assert proxy.get(URL).status == 503


def test_refresh_token_that_is_not_good(bearerd, provider, bearer):
    proxy = bearerd({"a": people(provider, scope="read")})
    imports(bearerd, got_before(provider, proxy))
    used = token_of(proxy.get(URL))
    response = {"access_token": "an-access-token", "refresh_token": "of-elsewhere"}
    refuses(bearerd, response, "not proved", "invalid_grant")
    keeps_quiet(proxy, response)
    assert token_of(proxy.get(URL)) == used
    bearer("refresh", "a")


def test_server_that_is_not_there(bearerd, provider, bearer):
    proxy = bearerd({"a": people(provider, scope="read")})
    response = got_before(provider, proxy)
    provider.set(plan=[{"status": 503, "body": ""}])
    refuses(bearerd, response, "not proved", "begin the login again")
    assert "is logged in" in imports(bearerd, response)


def test_service_without_a_login(bearerd, provider):
    bearerd({"a": provider.service()})
    refuses(bearerd, SOME, "needs no login")


def test_implicit(bearerd, provider):
    bearerd({"a": people(provider, grant_type="implicit")})
    refuses(bearerd, SOME,
            "no refresh tokens", "without --import")


def test_terminal(bearerd, provider):
    """What would be typed in there is a secret, and shown."""
    bearerd({"a": people(provider, scope="read")})
    ours, theirs = pty.openpty()
    done = subprocess.run(
        [harness.binary(), "login", "a", "--import", "-c",
         str(bearerd.folder / "bearerd.ini")], env=bearerd.env, timeout=60,
        stdin=theirs, capture_output=True, text=True)
    os.close(theirs)
    os.close(ours)
    assert done.returncode == 2
    assert "is a terminal" in done.stderr and "< FILE" in done.stderr


def test_no_daemon(bearerd, provider):
    proxy = bearerd({"a": people(provider, scope="read")})
    proxy.stop()
    refuses(bearerd, SOME, "not running")


def test_command_that_is_interrupted(bearerd, provider, bearer):
    """One that hands nothing in leaves nothing behind."""
    proxy = bearerd({"a": people(provider, scope="read")})
    ours, theirs = os.pipe()
    command = subprocess.Popen(
        [harness.binary(), "login", "a", "--import", "-c",
         str(bearerd.folder / "bearerd.ini")], env=bearerd.env, stdin=ours,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    os.close(ours)
    os.write(theirs, b'{"access_token":')
    command.kill()
    command.wait()
    os.close(theirs)
    assert state(bearer, "a") in ("idle", "waiting_for_login")
    assert not provider.token_requests
    imports(bearerd, got_before(provider, proxy))
    wait_for(lambda: proxy.get(URL).status == 200, 20, "the session")
