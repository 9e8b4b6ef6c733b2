# SPDX-License-Identifier: MIT
"""Secrets in files: a change takes effect without a reload."""

import os

import pytest

from harness import static, wait_for
from test_grants import PEOPLE, forms, log_in, seeded

URL = "http://api.example.test/x"
CLIENT = {"client_id": "demo-client",
          "grant_types": ["client_credentials", "password", "refresh_token"]}


@pytest.fixture
def secret(bearerd):
    """Writes a secret's file whole, as a program that rotates it does."""
    path = bearerd.folder / "secret"

    def write(text: str, mode: int = 0o600):
        new = path.with_suffix(".new")
        new.write_text(text)
        new.chmod(mode)
        os.rename(new, path)
        return path

    return write


def registers(provider, client_secret: str, method: str = "client_secret_basic",
              **more) -> None:
    provider.set(clients=[{**CLIENT, "client_secret": client_secret,
                           "token_endpoint_auth_method": method, **more}])


def works(proxy) -> bool:
    return proxy.get(URL).status == 200


@pytest.mark.threads
@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post",
                                    "client_secret_jwt"])
def test_rotation_of_a_client_secret(bearerd, provider, secret, method):
    """The next request has the new one, and the old one is tried no more."""
    first, second = "first-secret-" + 32 * "1", "second-secret-" + 32 * "2"
    registers(provider, first, method)
    proxy = bearerd({"a": provider.service(client_secret=None,
                                           client_secret_file=secret(first + "\n"),
                                           token_endpoint_auth_method=method)})
    assert proxy.get(URL).status == 200
    registers(provider, second, method)
    secret(second + "\n")
    before = len(provider.token_requests)
    provider.expire()
    assert proxy.get(URL).status == 200
    assert len(provider.token_requests) == before + 1
    assert "first-secret" not in proxy.stderr and "second-secret" not in proxy.stderr


def test_rotation_in_a_template(bearerd, provider, secret):
    """Where the secret stands in a parameter and in forwarded requests."""
    registers(provider, "one-1", "client_secret_post")
    proxy = bearerd({"a": provider.service(**{
        "client_secret": None, "client_secret_file": secret("one-1"),
        "token_endpoint_auth_method": "client_secret_post",
        "access_token_request.param.key": "{client_secret}",
        "protected_request.header.X-Key": "{client_secret}"})})

    def sent() -> list[str]:
        return [v for n, v in proxy.get(URL).json()["headers"] if n == "X-Key"]

    assert sent() == ["one-1"]
    registers(provider, "two-2", "client_secret_post")
    secret("two-2")
    wait_for(lambda: sent() == ["two-2"], 20, "the new secret in requests")
    provider.expire()
    assert sent() == ["two-2"]
    assert forms(provider)[-1]["key"] == "two-2"


def test_wrong_secret_is_mended(bearerd, provider, secret):
    """What was refused does not wait for a pause's end."""
    proxy = bearerd({"a": provider.service(client_secret=None,
                                           client_secret_file=secret("wrong"))})
    for _ in range(3):
        reply = proxy.get(URL)
        assert reply.status == 502
        assert b"wrong" not in reply.body
    secret("demo-secret")
    wait_for(lambda: works(proxy), 20, "the right secret")
    proxy.find("secret_changed service=a", 5)


def test_password_that_was_given_up(bearerd, provider, secret):
    """After three refusals nothing is sent, until the file says another one."""
    registers(provider, "demo-secret")
    proxy = bearerd({"a": provider.service(
        grant_type="password", username="alice", password_file=secret("no"))})
    wait_for(lambda: "session_given_up" in (proxy.get(URL) and proxy.stderr), 60,
             "three refusals")
    count = len(provider.token_requests)
    assert proxy.get(URL).status == 502
    assert len(provider.token_requests) == count
    secret("wonderland")
    wait_for(lambda: works(proxy), 20, "the right password")


def test_static_token(bearerd, upstream, secret):
    server = upstream()
    proxy = bearerd({"a": static(server.url, access_token=None,
                                 access_token_file=secret("pat-one"))})

    def sent() -> str | None:
        assert proxy.get(URL).status == 200
        return server.requests[-1].value("Authorization")

    assert sent() == "Bearer pat-one"
    secret("pat-two")
    wait_for(lambda: sent() == "Bearer pat-two", 20, "the new token")
    secret("")  # a rotation that went wrong: the last one is used
    wait_for(lambda: proxy.stderr.count("secret_changed") == 2, 20, "a look")
    assert sent() == "Bearer pat-two"


def test_refresh_token(bearerd, provider, secret):
    """Another one begins the session anew, also where the last was refused."""
    provider.set(clients=[PEOPLE])
    keys = seeded(provider, None, refresh_token_file=secret("stale"))
    proxy = bearerd({"a": {k: v for k, v in keys.items() if v is not None}})
    assert proxy.get(URL).status == 502
    good = log_in(provider).get("refresh_token")
    assert good, provider.state()
    secret(good)
    wait_for(lambda: works(proxy), 20, "the new refresh token")
    assert forms(provider)[-1]["refresh_token"] == good


def test_strict_modes_hold_at_each_reading(bearerd, provider, secret):
    path = secret("demo-secret")
    proxy = bearerd({"a": provider.service(client_secret=None,
                                           client_secret_file=path)})
    assert works(proxy)
    path.chmod(0o606)
    provider.expire()
    assert proxy.get(URL).status in (401, 502)
    proxy.find("secret can be written by everybody", 10)
    path.chmod(0o600)
    wait_for(lambda: works(proxy), 20, "a file that is nobody else's again")


def test_file_that_is_not_there(bearerd, provider, secret):
    """Only what needs it fails."""
    path = secret("demo-secret")
    proxy = bearerd({"a": provider.service(client_secret=None,
                                           client_secret_file=path)})
    assert works(proxy)
    path.unlink()
    assert works(proxy)
    provider.expire()
    assert proxy.get(URL).status in (401, 502)
    proxy.find("client_secret: .*secret: cannot be read", 10)
    secret("demo-secret")
    wait_for(lambda: works(proxy), 20, "the file again")
