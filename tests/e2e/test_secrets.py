# SPDX-License-Identifier: MIT
"""No token and no secret is ever where people look."""

import base64
from pathlib import Path

import pytest

URL = "http://api.example.test/x"
SECRET = "SeCrEt/of+the=client"


def forms_of(secret: str) -> list[str]:
    """The ways in which a secret could be seen."""
    plain = secret.encode()
    basic = base64.b64encode(b"client:" + plain).decode()
    return [secret, basic, base64.b64encode(plain).decode(),
            secret.replace("/", "%2F").replace("+", "%2B").replace("=", "%3D")]


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
def test_nothing_is_told(bearerd, provider, method):
    provider.set(clients=[{"client_id": "client", "client_secret": SECRET,
                           "token_endpoint_auth_method": method}])
    keys = {"client_id": "client", "client_secret": SECRET,
            "token_endpoint_auth_method": method}
    proxy = bearerd({
        "good": provider.service(**keys),
        "query": provider.service(**keys, match="query.example.test",
                                  token_placement="query"),
        "fixed": provider.service(match="fixed.example.test", grant_type="static",
                                  access_token="FiXeD-token", token_endpoint=None,
                                  client_id=None, client_secret=None),
        "gone": provider.service(**keys, match="gone.example.test",
                                 upstream="http://127.0.0.1:1"),
        "dead": provider.service(**keys, match="dead.example.test",
                                 token_endpoint=provider.token_endpoint + "x"),
        "bad": provider.service(**{**keys, "client_secret": SECRET + "-bad"},
                                match="bad.example.test"),
    }, {"log_level": "debug"})
    provider_faults = [
        {"client_id": "client", "body": '{"access_token":"BrOkEn-token","token_type"'},
        {"client_id": "client", "times": 2, "status": 400, "body":
         '{"error":"invalid_client","access_token":"BrOkEn-token"}'}]
    provider.set(plan=provider_faults)
    shown = []
    for _ in range(3):
        for name in ("api", "query", "fixed", "gone", "dead", "bad"):
            reply = proxy.get(f"http://{name}.example.test/open/status/500",
                              "Authorization: Bearer ClIeNtS-own",
                              "Proxy-Authorization: Basic UHJvWHk6c2VjcmV0")
            shown += [reply.raw_head, reply.body]
    for page in ("", "good", "dead", "bad", "live", "ready"):
        reply = proxy.health(page)
        shown += [reply.raw_head, reply.body]
    shown.append(Path(f"/proc/{proxy.pid}/cmdline").read_bytes())
    proxy.stop()
    shown.append(proxy.stderr.encode())
    secrets = [*forms_of(SECRET), *provider.issued, "FiXeD-token", "BrOkEn-token",
               "ClIeNtS-own", "UHJvWHk6c2VjcmV0"]
    for text in shown:
        for secret in secrets:
            assert secret.encode() not in text, (secret, text)


def test_query_of_requests_is_not_logged(bearerd, provider):
    """A token may stand there, the client's own too."""
    proxy = bearerd({"a": provider.service(upstream="http://127.0.0.1:1")},
                    {"log_level": "debug"})
    proxy.get(URL + "?access_token=QuErY-token")
    proxy.get("http://other.example.test/?access_token=QuErY-token")
    proxy.get("/nothing?access_token=QuErY-token")
    proxy.stop()
    assert "QuErY-token" not in proxy.stderr


def test_secret_is_not_left_in_the_environment_of_children(bearerd, provider):
    """It runs none; and the token request is no command's argument."""
    proxy = bearerd({"a": provider.service()})
    assert proxy.get(URL).status == 200
    children = Path(f"/proc/{proxy.pid}/task/{proxy.pid}/children").read_text()
    assert children.split() == []


def test_check_tells_no_secret(bearerd, provider):
    config = bearerd.write({"a": provider.service(client_secret=SECRET, scop="x")})
    result = bearerd.check(config.read_text())
    assert result.returncode == 1
    for form in forms_of(SECRET):
        assert form not in result.stderr + result.stdout


@pytest.mark.parametrize("end", ["=", "==", " ="])
def test_check_tells_no_second_line_of_a_secret(bearerd, end):
    """Base64 that was wrapped looks like a key without a value."""
    result = bearerd.check("[service a]\nupstream = https://api.example.test\n"
                           "client_secret = c2VjcmV0\nbW9yZXNlY3JldHM" + end + "\n")
    assert result.returncode == 1
    assert ":4: " in result.stderr
    assert "bW9y" not in result.stderr
