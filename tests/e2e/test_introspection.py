# SPDX-License-Identifier: MIT
"""bearerd status -v: what the server says of each service's token."""

import json
import re
import socket
import time

import pytest

import harness
import login
from commands import PEOPLE, password_service
from harness import static
from rawserver import echo
from signing import Key

URL = "http://api.example.test/x"
BASE = ["service", "client", "grant_type", "state", "expires_at",
        "login_expires_at", "scope", "subject", "last_error"]


def asking(provider, **keys):
    return password_service(provider, **{
        "introspection_endpoint": provider.introspection_endpoint, **keys})


def shown(bearer, name="a") -> list[str]:
    """The lines below the service's, without their indentation."""
    line, *below = bearer("status", "-v", name).splitlines()
    assert line.startswith(name + " ")
    assert all(x.startswith("    ") for x in below)
    return [x.strip() for x in below]


def as_json(bearer, name="a") -> dict:
    [found] = json.loads(bearer("status", "--json", "-v", name))
    assert list(found) == [*BASE, "introspection", "introspection_error"]
    return found


def questions(provider) -> list[dict]:
    return [dict(map(tuple, r["form"])) for r in provider.requests("introspection")]


def test_lines(bearerd, bearer, provider):
    proxy = bearerd({"a": asking(provider, scope="read")})
    assert proxy.get(URL).status == 200
    lines = shown(bearer)
    assert lines[:5] == ["active: true", "scope: read", "client_id: demo-client",
                         "username: alice", "token_type: Bearer"]
    assert re.fullmatch(r"exp: \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ \(in (59m|1h 0m)\)", lines[5])
    assert re.fullmatch(r"iat: \S+Z \((in )?\d+s( ago)?\)", lines[6])
    assert lines[7:] == [f"iss: {provider.issuer}"]
    [form] = questions(provider)
    [token] = provider.issued
    assert form == {"token": token, "token_type_hint": "access_token"}
    [seen] = provider.requests("introspection")
    assert seen["authenticated"] == ["demo-client", "client_secret_basic"]
    assert token not in proxy.stderr


def test_json(bearerd, bearer, provider):
    proxy = bearerd({"a": asking(provider)})
    assert proxy.get(URL).status == 200
    found = as_json(bearer)
    assert found["state"] == "ready" and found["introspection_error"] is None
    says = found["introspection"]
    assert says["active"] is True and says["username"] == "alice"
    assert abs(says["exp"] - time.time() - 3600) < 30
    [plain] = json.loads(bearer("status", "--json"))
    assert list(plain) == BASE
    assert provider.count("introspection") == 1


def test_other_members(bearerd, bearer, provider):
    provider.set(options={"introspection": {
        "sub": "Z5O3", "aud": ["one", "two"], "nbf": 0, "jti": "j1",
        "ext": {"level": 2}, "odd\x1b[31m": "red\x1b]0;x\x07\n\x9b2J", "none": None,
        "exp": "soon", "iat": 1e18}})
    proxy = bearerd({"a": asking(provider)})
    assert proxy.get(URL).status == 200
    lines = shown(bearer)
    assert "exp: soon" in lines and "sub: Z5O3" in lines
    assert any(x.startswith("iat: 1") and "Z" not in x for x in lines)
    assert any(x.startswith("nbf: 1970-01-01T00:00:00Z (") for x in lines)
    assert 'aud: ["one","two"]' in lines and 'ext: {"level":2}' in lines
    assert lines.index("sub: Z5O3") < lines.index("jti: j1")
    assert "odd?[31m: red?]0;x???2J" in lines
    assert not any(x.startswith("none") for x in lines)
    assert as_json(bearer)["introspection"]["odd\x1b[31m"] == "red\x1b]0;x\x07\n\x9b2J"


def test_not_active(bearerd, bearer, provider):
    """The session believes in it still, the server does not."""
    proxy = bearerd({"a": asking(provider)})
    assert proxy.get(URL).status == 200
    provider.revoke()
    assert shown(bearer) == ["active: false"]
    found = as_json(bearer)
    assert found["introspection"] == {"active": False}
    assert found["state"] == "ready"


def test_no_endpoint(bearerd, bearer, provider):
    proxy = bearerd({"a": password_service(provider)})
    assert proxy.get(URL).status == 200
    [line] = shown(bearer)
    assert line.startswith("introspection: ") and "introspection_endpoint" in line
    found = as_json(bearer)
    assert found["introspection"] is None
    assert "introspection_endpoint" in found["introspection_error"]
    assert provider.count("introspection") == 0


def test_no_token(bearerd, bearer, provider):
    bearerd({"a": asking(provider)})
    assert shown(bearer) == ["introspection: there is no token to ask about"]
    assert provider.count("introspection") == 0 and provider.token_count == 0


def test_found_in_the_metadata(bearerd, bearer, provider):
    proxy = bearerd({"a": password_service(provider, issuer=provider.issuer,
                                           token_endpoint=None)})
    assert proxy.get(URL).status == 200
    assert shown(bearer)[0] == "active: true"


def test_not_in_the_metadata(bearerd, bearer, provider):
    provider.set(metadata={"introspection_endpoint": "absent"})
    proxy = bearerd({"a": password_service(provider, issuer=provider.issuer,
                                           token_endpoint=None)})
    assert proxy.get(URL).status == 200
    [line] = shown(bearer)
    assert "names no introspection_endpoint" in line


def test_fixed_token(bearerd, bearer, provider):
    """Of a service that asks for none: the client is who asks, if there is
    one."""
    proxy = bearerd({"a": static(
        provider.api, client_id="demo-client", client_secret="demo-secret",
        introspection_endpoint=provider.introspection_endpoint)})
    assert proxy.get(URL).status in (200, 401)
    assert shown(bearer) == ["active: false"]
    assert questions(provider)[0]["token"] == "fixed-token"


def test_fixed_token_goes_nowhere_in_the_clear(bearerd, provider):
    said = bearerd.refused({"a": static(
        provider.api, introspection_endpoint="http://as.example.test/introspect")})
    assert "introspection_endpoint must be an https URL" in said


def test_private_key_jwt(bearerd, bearer, provider, tmp_path):
    key = Key()
    keys = asking(provider, client_secret=None,
                  token_endpoint_auth_method="private_key_jwt",
                  client_private_key=key.write(tmp_path / "client.pem"))
    provider.set(clients=[{**PEOPLE, "jwks": key.jwks,
                           "token_endpoint_auth_method": "private_key_jwt"}])
    proxy = bearerd({"a": keys})
    assert proxy.get(URL).status == 200
    assert shown(bearer)[0] == "active: true"
    seen = provider.requests("introspection")[0]["authenticated"]
    assert seen == ["demo-client", "private_key_jwt"]


def test_shared_session(bearerd, bearer, provider):
    proxy = bearerd({"a": asking(provider),
                     "b": {"upstream": provider.api, "match": "b.example.test",
                           "session": "a"}})
    assert proxy.get(URL).status == 200
    assert shown(bearer, "b")[0] == "active: true"


def test_in_parallel_and_in_order(bearerd, bearer, provider):
    names = [f"s{i}" for i in range(8)]
    proxy = bearerd({n: asking(provider, match=f"{n}.example.test") for n in names})
    for name in names:
        assert proxy.get(f"http://{name}.example.test/").status == 200
    provider.set(plan=[{"endpoint": "introspection", "delay": 1, "times": None}])
    begun = time.monotonic()
    found = json.loads(bearer("status", "-v", "--json"))
    assert time.monotonic() - begun < 5
    assert [one["service"] for one in found] == names
    assert all(one["introspection"]["active"] for one in found)
    assert provider.state()["introspection"]["in_flight_max"] >= 4


def test_one_that_does_not_answer(bearerd, bearer, provider):
    """Nobody else's answer has to wait for longer than that."""
    proxy = bearerd({"a": asking(provider, token_timeout="1s"),
                     "b": asking(provider, token_timeout="1s",
                                 match="b.example.test")})
    assert proxy.get(URL).status == 200
    assert proxy.get("http://b.example.test/").status == 200
    token = provider.issued[0]
    provider.set(plan=[{"endpoint": "introspection", "delay": 5}])
    begun = time.monotonic()
    both = json.loads(bearer("status", "-v", "--json"))
    assert time.monotonic() - begun < 4.5
    assert [one["state"] for one in both] == ["ready", "ready"]
    [_] = [one for one in both if one["introspection"] is None]
    [said] = [one["introspection"] for one in both if one["introspection"]]
    assert said["active"] is True
    assert token not in proxy.stderr


def test_slow(bearerd, bearer, provider):
    proxy = bearerd({"a": asking(provider, token_timeout="1s")})
    assert proxy.get(URL).status == 200
    provider.set(plan=[{"endpoint": "introspection", "delay": 4}])
    begun = time.monotonic()
    found = as_json(bearer)
    assert time.monotonic() - begun < 3.5
    assert found["introspection"] is None and found["introspection_error"]
    assert proxy.get(URL).status == 200  # nothing has changed by it


def test_down(bearerd, bearer, provider):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}/introspect"
        proxy = bearerd({"a": asking(provider, introspection_endpoint=url)})
        assert proxy.get(URL).status == 200
        [line] = shown(bearer)
    assert line.startswith("introspection: ") and "connect" in line


ANSWERS = {
    "refused": ({"status": 401, "body": '{"error":"invalid_client",'
                                        '"error_description":"who?"}'},
                "401: invalid_client: who?"),
    "broken": ({"status": 500}, "500"),
    "redirect": ({"status": 302, "headers": {"Location": "/"}}, "not followed"),
    "no content": ({"status": 204}, "204"),
    "no active": ({"body": '{"scope":"x"}'}, "active"),
    "active of text": ({"body": '{"active":"true"}'}, "active"),
    "active null": ({"body": '{"active":null}'}, "active"),
    "twice": ({"body": '{"active":true,"active":false}'}, "cannot be used"),
    "array": ({"body": '[true]'}, "not a JSON object"),
    "nothing": ({"body": ""}, "cannot be used"),
    "form": ({"body": "active=true"}, "cannot be used"),
    "jwt": ({"body": "eyJhbGciOiJub25lIn0.eyJhY3RpdmUiOnRydWV9.",
             "content_type": "application/token-introspection+jwt"}, "cannot be used"),
    "deep": ({"body": '{"active":true,"a":' + "[" * 50 + "]" * 50 + "}"},
             "cannot be used"),
    "long": ({"body": '{"active":true,"a":"' + "x" * 70000 + '"}'}, "longer than"),
    "too long": ({"body": '{"active":true,"a":"' + "x" * 300000 + '"}'}, "larger"),
    "error": ({"body": '{"error":"no"}'}, "no"),
    "dropped": ({"drop": "before"}, "127.0.0.1"),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_answer_of_no_use(bearerd, bearer, provider, name):
    answer, words = ANSWERS[name]
    if "drop" not in answer:
        answer = {"status": 200, **answer}
    proxy = bearerd({"a": asking(provider)})
    assert proxy.get(URL).status == 200
    provider.set(plan=[{"endpoint": "introspection", **answer}])
    [line] = shown(bearer)
    assert line.startswith("introspection: ") and words in line
    assert provider.count("introspection") == 1  # never twice
    assert shown(bearer)[0] == "active: true"
    assert provider.issued[0] not in proxy.stderr


def test_the_token_is_not_shown(bearerd, bearer, provider):
    """A server that repeats it, anywhere, is not repeated."""
    proxy = bearerd({"a": asking(provider)})
    assert proxy.get(URL).status == 200
    [token] = provider.issued
    provider.set(options={"introspection": {
        "access_token": token, "list": ["x", {"deep": f"<{token}>"}],
        token: "as a name", "form": "%" + f"{ord(token[0]):02x}" + token[1:],
        "secret": "demo-secret", "fine": "yes"}})
    said = bearer("status", "-v", "a")
    assert token not in said and token[1:] not in said and "demo-secret" not in said
    assert "fine: yes" in said and "not shown" in said and "as a name" not in said
    text = bearer("status", "-v", "--json")
    assert token not in text and token[1:] not in text
    assert json.loads(text)[0]["introspection"]["list"][0] == "x"
    provider.set(plan=[{"endpoint": "introspection", "status": 400, "body": json.dumps(
        {"error": "e", "error_description": f"no {token} here"})}])
    said = bearer("status", "-v", "a")
    assert token not in said and token not in proxy.stderr


def test_person(start, bearer, provider, browser):
    proxy = start(introspection_endpoint=provider.introspection_endpoint)
    assert shown(bearer) == ["introspection: there is no token to ask about"]
    login.log_in(browser, proxy)
    assert "username: alice" in shown(bearer)


def test_client_that_leaves(bearerd, bearer, provider):
    proxy = bearerd({"a": asking(provider)})
    assert proxy.get(URL).status == 200
    provider.set(plan=[{"endpoint": "introspection", "delay": 2}])
    with socket.socket(socket.AF_UNIX) as sock:
        sock.connect(str(bearerd.folder / "run" / "control.sock"))
        sock.sendall(b'{"command":"introspect"}\n')
        harness.wait_for(lambda: provider.count("introspection") == 1, 10, "it")
    assert shown(bearer)[0] == "active: true"


def test_stop_while_it_waits(bearerd, provider):
    proxy = bearerd({"a": asking(provider)})
    assert proxy.get(URL).status == 200
    provider.set(plan=[{"endpoint": "introspection", "delay": 3}])
    with socket.socket(socket.AF_UNIX) as sock:
        sock.connect(str(bearerd.folder / "run" / "control.sock"))
        sock.sendall(b'{"command":"introspect"}\n')
        harness.wait_for(lambda: provider.count("introspection") == 1, 10, "it")
        proxy.stop()


def test_without_a_daemon(bearerd, bearer, provider):
    bearerd.write({"a": asking(provider)})
    assert "not running" in bearer("status", "-v", status=1)


# --- glewlwyd ---


def test_glewlwyd(bearerd, bearer, glewlwyd, upstream):
    name = "client-status"
    glewlwyd.client(name, "client-secret")
    keys = glewlwyd.service(name, "client-secret", upstream=upstream(echo()).url,
                         username="alice", password="wonderland", scope="read",
                         introspection_endpoint=glewlwyd.introspection_endpoint)
    proxy = bearerd({"a": keys})
    assert proxy.get(URL).status == 200
    lines = shown(bearer)
    assert lines[0] == "active: true" and "scope: read" in lines
    assert "username: alice" in lines
    assert any(re.match(r"exp: \d{4}-\d\d-\d\dT.*Z \(in ", x) for x in lines)
    token = bearer("token", "a").strip()
    glewlwyd.revoke(token)
    assert shown(bearer)[0] == "active: false"


def test_glewlwyd_by_its_metadata(bearerd, bearer, glewlwyd, upstream):
    name = "client-status-found"
    glewlwyd.client(name, "client-secret")
    keys = glewlwyd.service(name, "client-secret", upstream=upstream(echo()).url,
                         username="alice", password="wonderland", scope="read",
                         token_endpoint=None, issuer=glewlwyd.issuer)
    proxy = bearerd({"a": keys})
    assert proxy.get(URL).status == 200
    assert shown(bearer)[0] == "active: true"
    [asked] = glewlwyd.requests_to(glewlwyd.introspection_endpoint)
    assert asked.values("Authorization")
