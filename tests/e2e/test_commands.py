# SPDX-License-Identifier: MIT
"""status, token, refresh and logout: what they do and what they say."""

import json
import re
import signal
import subprocess
import threading
import time

import pytest

import harness
from commands import PEOPLE, password_service, revocations, session, state
from harness import static, wait_for
from test_discovery import OAUTH, Site

URL = "http://api.example.test/x"
MEMBERS = ["service", "client", "grant_type", "state", "expires_at",
           "login_expires_at", "scope", "subject", "last_error"]


# --- status ---

def test_status_of_every_state(bearerd, provider, bearer):
    proxy = bearerd({
        "api": provider.service(scope="read write"),
        "bad": provider.service(match="bad.test", client_secret="wrong"),
        "fixed": static(provider.api, match="fixed.test"),
        "open": {"upstream": provider.api, "match": "open.test",
                 "grant_type": "none"}})
    found = json.loads(bearer("status", "--json"))
    assert [list(one) for one in found] == [MEMBERS] * 4
    assert found[0] == {
        "service": "api", "client": None, "grant_type": "client_credentials",
        "state": "idle", "expires_at": None, "login_expires_at": None,
        "scope": "read write", "subject": None, "last_error": None}
    assert [one["state"] for one in found] == ["idle", "idle", "ready", "ready"]

    assert proxy.get(URL).status == 200
    assert proxy.get("http://bad.test/").status == 502
    found = json.loads(bearer("status", "--json"))
    assert [one["state"] for one in found] == ["ready", "failing", "ready", "ready"]
    assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ", found[0]["expires_at"])
    assert found[2]["expires_at"] is None
    assert "invalid_client" in found[1]["last_error"]
    assert session(bearer, "bad") == found[1]

    lines = bearer("status").splitlines()
    assert len(lines) == 4
    assert lines[0].split() == ["api", "ready", "client_credentials", "59m",
                                "read", "write", "-"]
    assert lines[2].split() == ["fixed", "ready", "static", "-", "-", "-"]
    assert len({line.index(word) for line, word in
                zip(lines, ("client_", "client_", "static", "none"))}) == 1
    assert bearer("status", "fixed").split() == lines[2].split()


def test_status_while_a_token_is_renewed(bearerd, provider, bearer):
    bearerd({"api": provider.service()})
    bearer("token", "api")
    provider.set(plan=[{"delay": 2}])
    waiting = threading.Thread(target=bearer, args=("refresh", "api"))
    waiting.start()
    wait_for(lambda: state(bearer, "api") == "renewing", 2, "renewing")
    waiting.join()
    assert state(bearer, "api") == "ready"


def test_status_of_a_token_that_has_expired(bearerd, provider, bearer):
    provider.set(issue={"expires_in": 1})
    bearerd({"api": provider.service()})
    bearer("token", "api")
    time.sleep(1.2)
    found = session(bearer, "api")
    assert (found["state"], found["expires_at"]) == ("idle", None)


def test_status_shows_the_scope_that_was_granted(bearerd, provider, bearer):
    body = json.dumps({"access_token": "t", "scope": "more than"})
    provider.set(plan=[{"status": 200, "body": body}])
    bearerd({"api": provider.service(scope="read write")})
    bearer("token", "api")
    assert session(bearer, "api")["scope"] == "more than"
    assert "  more than  " in bearer("status")


def test_status_of_no_services(bearerd, bearer):
    config = bearerd.folder / "bearerd.ini"
    config.write_text("[proxy]\nlisten = 127.0.0.1:0\nstore = memory:\n")
    config.chmod(0o600)
    process = harness.Bearerd(config, bearerd.env)
    try:
        assert bearer("status") == ""
        assert json.loads(bearer("status", "--json")) == []
    finally:
        process.stop()


# --- token ---

def test_token(bearerd, provider, bearer):
    proxy = bearerd({"api": provider.service(),
                     "fixed": static(provider.api, match="fixed.test")})
    token = bearer("token", "api")
    assert token == provider.issued[0] + "\n"
    assert bearer("token", "api") == token
    assert proxy.get(URL).status == 200
    assert provider.token_count == 1
    assert bearer("token", "fixed") == "fixed-token\n"


def test_many_that_want_a_token_at_once(bearerd, provider, bearer):
    provider.set(plan=[{"delay": 1}])
    bearerd({"api": provider.service()})
    tokens: list[str] = []
    threads = [threading.Thread(target=lambda: tokens.append(bearer("token", "api")))
               for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert tokens == [provider.issued[0] + "\n"] * 20
    assert provider.token_count == 1


def test_token_that_is_due_is_renewed_first(bearerd, provider, bearer):
    provider.set(issue={"expires_in": 3, "lifetime": 60})
    bearerd({"api": provider.service()})
    bearer("refresh", "api")
    time.sleep(2.6)
    assert provider.token_count == 1
    assert bearer("token", "api") == provider.issued[1] + "\n"
    assert provider.token_count == 2


def test_token_that_cannot_be_renewed_is_good_still(bearerd, provider, bearer):
    provider.set(issue={"expires_in": 15, "lifetime": 60})
    bearerd({"api": provider.service()})
    bearer("refresh", "api")
    provider.set(plan=[{"status": 503, "times": None}])
    time.sleep(12.2)
    assert bearer("token", "api") == provider.issued[0] + "\n"
    found = session(bearer, "api")
    assert found["state"] == "failing" and "status 503" in found["last_error"]


def test_token_that_cannot_be_had(bearerd, provider, bearer):
    bearerd({"bad": provider.service(client_secret="wrong"),
             "open": {"upstream": provider.api, "match": "open.test",
                      "grant_type": "none"}})
    said = bearer("token", "bad", status=1)
    assert "invalid_client" in said
    assert said.count("\n") == 1
    assert "grant_type = none" in bearer("token", "open", status=1)
    assert state(bearer, "open") == "ready"


def test_unknown_service(bearerd, provider, bearer):
    bearerd({"calendar": provider.service()})
    for command in ("token", "refresh", "logout", "login", "status"):
        said = bearer(command, "calender", status=1)
        assert "calender" in said and "did you mean calendar?" in said


def test_token_into_a_full_device(bearerd, provider):
    bearerd({"api": provider.service()})
    with open("/dev/full", "w", encoding="utf-8") as full:
        result = subprocess.run(
            [harness.binary(), "token", "api", "-c",
             str(bearerd.folder / "bearerd.ini")], env=bearerd.env,
            stdout=full, stderr=subprocess.PIPE, timeout=60, check=False)
    assert result.returncode == 1
    assert b"cannot write" in result.stderr


# --- refresh ---

def test_refresh(bearerd, provider, bearer):
    bearerd({"api": provider.service()})
    first = bearer("token", "api")
    said = bearer("refresh", "api")
    assert session(bearer, "api")["expires_at"] in said
    assert bearer("token", "api") != first
    assert provider.token_count == 2
    provider.set(issue={"expires_in": "absent"})
    assert "no end" in bearer("refresh", "api")


def test_refresh_ends_a_pause(bearerd, provider, bearer):
    provider.set(plan=[{"status": 400, "body": '{"error":"invalid_client"}',
                        "times": 3}])
    proxy = bearerd({"api": provider.service()})
    assert proxy.get(URL).status == 502
    assert "invalid_client" in bearer("refresh", "api", status=1)
    assert "invalid_client" in bearer("refresh", "api", status=1)
    assert proxy.get(URL).status == 502  # the pause, remembered
    assert provider.token_count == 3
    bearer("refresh", "api")
    assert provider.token_count == 4
    assert proxy.get(URL).status == 200


def test_refresh_of_what_cannot_be(bearerd, provider, bearer):
    bearerd({"fixed": static(provider.api, match="fixed.test")})
    assert "grant_type = static" in bearer("refresh", "fixed", status=1)


# --- logout ---

def store(bearerd) -> dict:
    return {"store": f"sqlite:{bearerd.folder}/state/tokens.db"}


def test_logout(bearerd, provider, bearer, revoking):
    services = {"api": password_service(provider, **revoking)}
    proxy = bearerd(services, store(bearerd))
    assert proxy.get(URL).status == 200
    token = bearer("token", "api").strip()
    said = bearer("logout", "api")
    assert "its refresh token and its access token were revoked" in said
    asked = revocations(provider)
    assert [form["token_type_hint"] for form in asked] == ["refresh_token",
                                                           "access_token"]
    assert asked[1]["token"] == token
    assert state(bearer, "api") == "idle"
    # It is forgotten in the store too, and begins anew.
    proxy.stop()
    proxy = bearerd(services, store(bearerd))
    assert state(bearer, "api") == "idle"
    assert proxy.get(URL).status == 200
    grants = [dict(map(tuple, record["form"]))["grant_type"]
              for record in provider.token_requests]
    assert grants == ["password", "password"]


def test_logout_is_durable_before_it_is_told(bearerd, provider, bearer, revoking):
    services = {"api": provider.service(**revoking)}
    proxy = bearerd(services, store(bearerd))
    assert proxy.get(URL).status == 200
    bearer("logout", "api")
    proxy.stopped = True
    proxy.end(signal.SIGKILL)
    bearerd(services, store(bearerd))
    assert state(bearer, "api") == "idle"


def test_logout_of_a_configured_refresh_token(bearerd, provider, bearer, revoking):
    provider.set(clients=[PEOPLE])
    services = {"api": provider.service(grant_type=None, refresh_token="s33d",
                                        **revoking)}
    proxy = bearerd(services, store(bearerd))
    bearer("logout", "api")
    assert revocations(provider)[0] == {"token": "s33d",
                                        "token_type_hint": "refresh_token"}
    for _ in range(2):
        assert proxy.get(URL).status == 502
        assert "revoked" in session(bearer, "api")["last_error"] or \
            "refused" in session(bearer, "api")["last_error"]
        assert provider.token_count == 0  # it is not sent any more
        proxy.stop()
        proxy = bearerd(services, store(bearerd))


def test_logout_without_a_revocation_endpoint(bearerd, provider, bearer):
    proxy = bearerd({"api": provider.service()})
    assert proxy.get(URL).status == 200
    said = bearer("logout", "api")
    assert "not revoked" in said and "revocation_endpoint" in said
    assert state(bearer, "api") == "idle"
    assert "no token" in bearer("logout", "api")


@pytest.mark.parametrize("fault, words", [
    ({"status": 503}, "status 503"),
    ({"status": 400, "body": '{"error":"invalid_client"}'}, "invalid_client"),
    ({"drop": "before"}, "could not be revoked"),
])
def test_logout_whose_revocation_fails(bearerd, provider, bearer, revoking, fault,
                                       words):
    services = {"api": password_service(provider, **revoking)}
    proxy = bearerd(services, store(bearerd))
    assert proxy.get(URL).status == 200
    token = bearer("token", "api").strip()
    provider.set(plan=[{"endpoint": "revocation", "times": 2, **fault}])
    said = bearer("logout", "api", status=1)
    assert words in said and "forgotten" in said
    assert token not in said + proxy.stderr
    assert state(bearer, "api") == "idle"
    proxy.stop()
    bearerd(services, store(bearerd))
    assert state(bearer, "api") == "idle"


def test_logout_where_access_tokens_are_not_revoked(bearerd, provider, bearer,
                                                    revoking):
    proxy = bearerd({"api": password_service(provider, **revoking)})
    assert proxy.get(URL).status == 200
    provider.set(plan=[
        {"endpoint": "revocation"},
        {"endpoint": "revocation", "status": 400,
         "body": '{"error":"unsupported_token_type"}'}])
    said = bearer("logout", "api")
    assert "refresh token was revoked" in said and "until it expires" in said


@pytest.mark.parametrize("which", ["refresh_token", "access_token"])
def test_logout_sends_one_alone(bearerd, provider, bearer, revoking, which):
    """A server that knows one kind refuses the other."""
    proxy = bearerd({"api": password_service(provider, logout_tokens=which, **revoking)})
    assert proxy.get(URL).status == 200
    provider.set(plan=[
        {"endpoint": "revocation"},
        {"endpoint": "revocation", "status": 400, "times": 2,
         "body": '{"error":"invalid_request"}'}])
    said = bearer("logout", "api")
    assert f"its {which.replace('_', ' ')} was revoked" in said
    assert [form["token_type_hint"] for form in revocations(provider)] == [which]
    assert state(bearer, "api") == "idle"
    text = bearer("check", "-v")
    assert f"token_type_hint = {which}" in text
    assert "then the same of the access token" not in text


def test_logout_without_the_kind_that_it_sends(bearerd, provider, bearer, revoking):
    services = {"api": provider.service(logout_tokens="refresh_token", **revoking)}
    proxy = bearerd(services)
    assert proxy.get(URL).status == 200
    said = bearer("logout", "api")
    assert "none of those that logout_tokens names" in said
    assert revocations(provider) == []


def test_server_that_repeats_what_it_revokes(bearerd, provider, bearer, revoking):
    proxy = bearerd({"api": provider.service(**revoking)})
    token = bearer("token", "api").strip()
    provider.set(plan=[{
        "endpoint": "revocation", "status": 400, "body": json.dumps(
            {"error": "invalid_request", "error_description": f"no {token}"})}])
    said = bearer("logout", "api", status=1)
    assert "invalid_request" in said
    assert token not in said + proxy.stderr


def test_logout_waits_for_a_token_request(bearerd, provider, bearer, revoking):
    """What it brings is revoked too."""
    proxy = bearerd({"api": provider.service(**revoking)})
    provider.set(plan=[{"delay": 1}])
    waiting = threading.Thread(target=proxy.get, args=(URL,))
    waiting.start()
    wait_for(lambda: provider.state()["token"]["in_flight"] == 1, 5, "asked")
    bearer("logout", "api")
    waiting.join()
    assert [form["token"] for form in revocations(provider)] == provider.issued[:1]


def test_nothing_is_told_elsewhere(bearerd, provider, bearer, revoking):
    """Tokens are on standard output and nowhere else."""
    proxy = bearerd({"api": password_service(provider, **revoking)}, {"log_level": "debug"})
    token = bearer("token", "api").strip()
    shown = [bearer("status"), bearer("status", "--json"), bearer("refresh", "api"),
             bearer("status"), bearer("logout", "api")]
    proxy.stop()
    shown.append(proxy.stderr)
    asked = revocations(provider)
    assert len(asked) == 2
    for secret in [token, "wonderland", "demo-secret",
                   *(form["token"] for form in asked)]:
        for text in shown:
            assert secret not in text


@pytest.mark.parametrize("members, words", [
    ({"revocation_endpoint": "/revoke"}, "was revoked"),
    ({}, "not revoked"),
])
def test_logout_at_an_endpoint_that_is_found(bearerd, upstream, bearer, members,
                                             words):
    """After a restart nobody has needed the metadata yet."""
    site = Site(upstream)
    site.pages[OAUTH] = site.document(
        **{name: site.url + path for name, path in members.items()})
    site.pages["/revoke"] = b""
    services = {"a": site.service()}
    proxy = bearerd(services, store(bearerd))
    bearer("token", "a")
    proxy.stop()
    site.asked.clear()
    bearerd(services, store(bearerd))
    said = bearer("logout", "a")
    assert words in said
    assert site.count("/revoke") == len(members)


def test_logout_where_the_server_is_not_found(bearerd, upstream, bearer):
    site = Site(upstream)
    bearerd({"a": site.service(refresh_token="s33d")}, store(bearerd))
    said = bearer("logout", "a", status=1)
    assert "could not be revoked" in said and "forgotten" in said
    assert site.count("/.well-known") > 0
    assert "revoked by logout" in session(bearer, "a")["last_error"]
