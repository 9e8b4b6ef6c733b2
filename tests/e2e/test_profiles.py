# SPDX-License-Identifier: MIT
"""Provider profiles: what a service takes from the one that it names."""

import re

import pytest

import harness

PLACED = {"token_placement": "header", "token_name": "X-Api-Token",
          "token_format": "<{access_token}>"}


@pytest.fixture
def endpoint(provider):
    """What the provider's profile says; and a client that fits it."""
    provider.set(clients=[{"client_id": "id", "client_secret": "hush",
                           "token_endpoint_auth_method": "client_secret_post"}])
    return {"token_endpoint": provider.token_endpoint,
            "token_endpoint_auth_method": "client_secret_post"}


@pytest.fixture
def profile(bearerd):
    """Writes NAME.ini of a folder, which provider_dir can name."""

    def write(name, keys, folder="profiles"):
        (bearerd.folder / folder).mkdir(exist_ok=True)
        path = bearerd.folder / folder / f"{name}.ini"
        path.write_text(harness.ini({f"provider {name}": keys}))
        return path

    return write


@pytest.fixture
def start(bearerd):
    """Starts bearerd with a file that has these profiles too."""

    def run(services, profiles, proxy=None):
        write = bearerd.write

        def with_profiles(*arguments):
            path = write(*arguments)
            sections = {f"provider {name}": keys for name, keys in profiles.items()}
            path.write_text(path.read_text() + "\n" + harness.ini(sections))
            return path

        bearerd.write = with_profiles
        return bearerd(services, proxy)

    return run


def service(url, **keys):
    return {"upstream": url, "match": "api.example.test", "provider": "acme",
            "client_id": "id", "client_secret": "hush", **keys}


def reaches(proxy, server, provider):
    """One request; the token that it carried is the provider's."""
    assert proxy.get("http://api.example.test/x").status == 200
    token = provider.issued[-1]
    assert server.last.value("X-Api-Token") == f"<{token}>"
    assert server.last.values("Authorization") == []


def test_section_of_the_file(start, provider, upstream, endpoint):
    server = upstream()
    proxy = start({"a": service(server.url)}, {"acme": {**endpoint, **PLACED}})
    reaches(proxy, server, provider)
    sent = provider.token_requests[0]
    assert ["client_secret", "hush"] in sent["form"]


def test_file_of_a_directory(bearerd, provider, upstream, endpoint, profile):
    server = upstream()
    profile("acme", {**endpoint, **PLACED})
    proxy = bearerd({"a": service(server.url)}, {"provider_dir": "profiles"})
    reaches(proxy, server, provider)


def test_first_directory_counts(bearerd, provider, upstream, endpoint, profile):
    server = upstream()
    profile("acme", {**endpoint, **PLACED}, "one")
    profile("acme", {"token_endpoint": "https://unused.example.test"}, "two")
    proxy = bearerd({"a": service(server.url)}, {"provider_dir": ["one", "two"]})
    reaches(proxy, server, provider)


def test_section_goes_before_a_file(start, provider, upstream, endpoint, profile):
    server = upstream()
    profile("acme", {"token_endpoint": "https://unused.example.test"})
    proxy = start({"a": service(server.url)}, {"acme": {**endpoint, **PLACED}},
                  {"provider_dir": "profiles"})
    reaches(proxy, server, provider)


def test_own_key_wins(start, provider, upstream, endpoint):
    server = upstream()
    proxy = start({"a": service(server.url, token_name="X-Own", scope="read",
                                client_id="demo-client", client_secret="demo-secret",
                                token_endpoint_auth_method="client_secret_basic")},
                  {"acme": {**endpoint, **PLACED, "scope": "write"}})
    assert proxy.get("http://api.example.test/x").status == 200
    assert server.last.value("X-Own") == f"<{provider.issued[-1]}>"
    assert server.last.values("X-Api-Token") == []
    form = provider.token_requests[0]["form"]
    assert ["scope", "read"] in form
    assert not [name for name, _ in form if name == "client_secret"]


def test_two_services_of_one_profile(start, provider, upstream, endpoint):
    server = upstream()
    proxy = start({"a": service(server.url),
                   "b": service(server.url, match="b.example.test", token_name="X-B")},
                  {"acme": {**endpoint, **PLACED}})
    reaches(proxy, server, provider)
    assert proxy.get("http://b.example.test/x").status == 200
    assert server.last.value("X-B").startswith("<")
    assert server.last.values("X-Api-Token") == []


def test_unknown_one_names_the_nearest(bearerd, profile):
    profile("globex", {"token_endpoint": "https://login.example.test"})
    for wrong, right in (("acmee", "acme"), ("globx", "globex")):
        result = bearerd.check(
            "[proxy]\nprovider_dir = profiles\n"
            "[provider acme]\ntoken_endpoint = https://login.example.test\n"
            "[service a]\nupstream = https://api.example.test\n"
            f"provider = {wrong}\nclient_id = x\nclient_secret = hush\n")
        assert result.returncode == 1
        assert re.search(rf'bearerd\.ini:7: .*"{right}"', result.stderr)
        assert len(result.stderr.splitlines()) == 1


def test_secret_in_a_profile_is_refused(bearerd, profile):
    path = profile("acme", {"token_endpoint": "https://login.example.test",
                            "client_id": "x", "client_secret": "hush"})
    result = bearerd.check(
        "[proxy]\nprovider_dir = profiles\n"
        "[service a]\nupstream = https://api.example.test\nprovider = acme\n"
        "client_id = x\nclient_secret = own\n")
    assert result.returncode == 1
    assert f"{path}:4: " in result.stderr
    assert "secret" in result.stderr and "hush" not in result.stderr


@pytest.mark.parametrize("key", ["client_secret", "password", "refresh_token",
                                 "access_token", "client_secret_env"])
def test_secret_in_a_section_is_refused(bearerd, key):
    result = bearerd.check(
        "[service a]\nupstream = https://api.example.test\naccess_token = own\n"
        f"provider = acme\n[provider acme]\n{key} = hush\n")
    assert result.returncode == 1
    assert re.search(rf"bearerd\.ini:6: .*{key}", result.stderr)
    assert "hush" not in result.stderr


def test_mistake_in_a_file_has_its_line(bearerd, profile):
    path = profile("acme", {"token_endpoint": "https://login.example.test",
                            "token_placment": "query"})
    result = bearerd.check(
        "[proxy]\nprovider_dir = profiles\n"
        "[service a]\nupstream = https://api.example.test\nprovider = acme\n"
        "client_id = x\nclient_secret = own\n")
    assert result.returncode == 1
    assert f"{path}:3: " in result.stderr and "token_placement" in result.stderr


def test_routes_are_not_a_profiles(bearerd):
    result = bearerd.check(
        "[service a]\nupstream = https://api.example.test\naccess_token = own\n"
        "provider = acme\n[provider acme]\nallow = GET /x\n")
    assert result.returncode == 1
    assert re.search(r"bearerd\.ini:6: .*allow", result.stderr)
