# SPDX-License-Identifier: MIT
"""The configuration file: what `bearerd check` says of it, and what starts."""

import re

import pytest

import harness
from harness import ini

GOOD = {
    "upstream": "https://api.example.test",
    "token_endpoint": "https://login.example.test/token",
    "client_id": "id",
    "client_secret": "hush",
}


def text(service: dict | None = None, proxy: dict | None = None, **services) -> str:
    sections = {"proxy": proxy or {}, "service api": {**GOOD, **(service or {})}}
    for name, keys in services.items():
        sections[f"service {name}"] = keys
    return ini(sections)


def line_of(content: str, part: str) -> int:
    lines = content.split("\n")
    return 1 + next(n for n, line in enumerate(lines) if part in line)


@pytest.fixture
def accepted(bearerd):
    def check(content: str, *arguments, **options) -> str:
        result = bearerd.check(content, *arguments, **options)
        assert result.returncode == 0, result.stderr
        return result.stdout

    return check


@pytest.fixture
def mistakes(bearerd):
    """Checks a bad file; its mistakes as {line: what}."""

    def check(content: str, **options) -> dict[int, str]:
        result = bearerd.check(content, **options)
        assert result.returncode == 1, (result.stdout, result.stderr)
        found: dict[int, str] = {}
        for line in result.stderr.splitlines():
            match = re.fullmatch(r"(\S+\.ini):(\d+): (.+)", line)
            assert match, f"no FILE:LINE: {line!r}"
            number = int(match.group(2))
            found[number] = found.get(number, "") + match.group(3)
        assert found
        assert "hush" not in result.stderr
        return found

    return check


def test_good_file(accepted):
    shown = accepted(text())
    assert re.search(r"^.*\bapi\b.*client_credentials", shown, re.M)
    assert "hush" not in shown


def test_a_line_per_service(accepted):
    other = {**GOOD, "upstream": "https://other.example.test"}
    shown = accepted(text(two=other, three={
        "upstream": "https://third.example.test", "access_token": "secret-token"}))
    assert len(shown.splitlines()) == 3
    assert "static" in shown
    assert "secret-token" not in shown


ALL_AT_ONCE = """\
[proxy]
listem = 127.0.0.1:0
workers = many

[service api]
upstream = https://api.example.test
token_endpint = https://login.example.test/token
client_id = id
connect_timeout = 10 parsecs
existing_credential = maybe

[servce other]
x = 1
"""


def test_all_mistakes_in_one_run(mistakes):
    found = mistakes(ALL_AT_ONCE)
    for number in (2, 3, 7, 9, 10, 12):
        assert number in found, (number, found)
    assert "listen" in found[2]
    assert "token_endpoint" in found[7]
    for word in ("replace", "keep", "reject"):
        assert word in found[10]


@pytest.mark.parametrize("wrong, right", [
    ("cliend_id", "client_id"), ("client-secret", "client_secret"),
    ("Scope", "scope"), ("token_placment", "token_placement"),
    ("refresh_leway", "refresh_leeway"), ("existing_credentials",
                                           "existing_credential")])
def test_unknown_key_names_the_nearest(mistakes, wrong, right):
    content = text({wrong: "x"})
    assert right in mistakes(content)[line_of(content, wrong + " =")]


@pytest.mark.parametrize("key, value", [
    ("upstream", "api.example.test"), ("upstream", "ftp://api.example.test"),
    ("upstream", "https://"), ("upstream", "https://me:pw@api.example.test"),
    ("upstream", "https://api.example.test/?q"),
    ("upstream", "https://api.example.test/#f"),
    ("upstream", "https://api.example.test:99999"),
    ("upstream", "https://exa mple.test"),
    ("match", "https://api.example.test"), ("match", "api.example.test:x"),
    ("match", "a.*.test"), ("match", "*"), ("match", ""),
    ("path", "api"), ("path", "/-/"), ("path", "/a b/"),
    ("grant_type", "client_credential"), ("grant_type", "magic"),
    ("token_endpoint", "http://login.example.test/token"),
    ("token_endpoint", "login.example.test"),
    ("token_endpoint_auth_method", "basic"),
    ("client_secret_basic_encoding", "base64"),
    ("token_placement", "trailer"), ("token_format", "{access_tokn}"),
    ("token_format", "{access_token"),
    ("token_name", "X Y"), ("token_name", "X:Y"),
    ("existing_credential", "yes"), ("replay", "always"),
    ("replay_body", "64Q"), ("replay_body", "-1"),
    ("refresh_leeway", "soon"), ("refresh_leeway", "-5s"),
    ("token_timeout", "0"), ("max_waiting", "none"), ("max_waiting", "-1"),
    ("refresh_status", "200000"), ("refresh_status", "abc"),
    ("allow_plain_upstream", "perhaps"), ("allow_origin", "example.test"),
    ("connect_timeout", "99999999999999999999s"),
    ("upstream_ca", "/nonexistent/ca.pem"),
])
def test_bad_value_is_named_with_its_line(mistakes, key, value):
    keys = {**GOOD, "match": "api.example.test", key: value}
    content = ini({"proxy": {}, "service api": keys})
    found = mistakes(content)
    assert line_of(content, f"{key} = {value}") in found, found


@pytest.mark.parametrize("key, value", [
    ("listen", "127.0.0.1"), ("listen", "127.0.0.1:x"), ("listen", "[::1:80"),
    ("listen", "127.0.0.1:70000"), ("workers", "0"), ("workers", "-1"),
    ("store", "mysql:x"), ("store", "sqlite:"), ("unmatched", "maybe"),
    ("allow_from", "10.0.0.0/33"), ("allow_from", "everyone"),
    ("external_url", "localhost"), ("log_level", "loud"),
])
def test_bad_value_in_proxy(mistakes, key, value):
    content = text(proxy={key: value})
    assert line_of(content, f"{key} = {value}") in mistakes(content)


@pytest.mark.parametrize("line", [
    "nonsense", "= value", "key: value", "  scope = indented",
    "scope = a ; comment", "scope = a # comment", "[service", "[]"])
def test_line_that_is_no_key(bearerd, line):
    """What inih would bend is refused or read as written."""
    content = text() + line + "\n"
    result = bearerd.check(content)
    number = content.count("\n")
    if result.returncode == 0:
        assert line.startswith("scope = a ")
    else:
        assert f":{number}: " in result.stderr


@pytest.mark.parametrize("section", [
    "service", "service ", "service a b", "service live", "service ready",
    "service -x", "service a.b", "service " + "x" * 33, "service " + "x" * 300,
    "Service x", "proxies"])
def test_bad_section(mistakes, section):
    content = text() + f"[{section}]\nupstream = https://x.example.test\n"
    assert line_of(content, f"[{section}]") in mistakes(content)


def test_longest_section_name(accepted):
    name = "x" * 32
    assert name in accepted(text(**{name: {
        "upstream": "https://x.example.test", "access_token": "t"}}))


@pytest.mark.parametrize("missing", ["token_endpoint", "client_id"])
def test_missing_key(mistakes, missing):
    keys = {k: v for k, v in GOOD.items() if k != missing}
    keys["grant_type"] = "client_credentials"
    content = ini({"service api": keys})
    assert missing in " ".join(mistakes(content).values())


def test_neither_upstream_nor_match(mistakes):
    found = mistakes(ini({"service api": {"access_token": "t"}}))
    assert "upstream" in " ".join(found.values())


def test_two_services_that_cannot_be_told_apart(mistakes):
    content = text({"match": "api.example.test/v1"}, two={
        "upstream": "https://b.test", "match": "API.example.test./v1",
        "access_token": "t"})
    assert "api" in mistakes(content)[line_of(content, "match = API")]


def test_two_accounts_at_one_upstream(accepted):
    """No match was written: the second is reached by path."""
    assert "two" in accepted(text(two={**GOOD, "client_id": "other"}))


def test_two_services_of_one_name_or_path(mistakes):
    one = "[service a]\nupstream = https://a.test\naccess_token = t\n"
    assert mistakes(one + one)
    assert mistakes(one + "[service b]\nupstream = https://b.test\n"
                    "access_token = t\npath = /a/\n")


def test_key_written_twice(mistakes):
    content = text({"client_id": ["one", "two"]})
    assert line_of(content, "client_id = two") in mistakes(content)


def test_plain_upstream(mistakes, accepted):
    plain = {"upstream": "http://api.example.test"}
    content = text(plain)
    found = mistakes(content)
    assert "allow_plain_upstream" in " ".join(found.values())
    accepted(text({**plain, "allow_plain_upstream": "yes"}))
    for loopback in ("http://127.0.0.1:1", "http://[::1]:1", "http://localhost:1"):
        accepted(text({"upstream": loopback, "match": "api.example.test"}))


@pytest.mark.parametrize("listen", ["0.0.0.0:0", "[::]:0", "192.0.2.1:80"])
def test_listening_openly_is_refused(mistakes, accepted, listen):
    found = mistakes(text(proxy={"listen": listen}))
    assert "allow_from" in " ".join(found.values())
    accepted(text(proxy={"listen": listen, "allow_from": "192.0.2.0/24"}))


def test_listening_openly_does_not_start(bearerd, upstream):
    said = bearerd.refused({"a": harness.static(upstream().url)},
                           {"listen": "0.0.0.0:0"})
    assert "allow_from" in said


def test_nothing_starts_on_a_file_with_a_mistake(bearerd, upstream):
    said = bearerd.refused({"a": harness.static(upstream().url, scop="x")})
    assert "scope" in said and "bearerd.ini:" in said
    assert "listening" not in said


@pytest.mark.parametrize("end", ["", "\n"])
def test_secret_from_a_file(bearerd, provider, end):
    (bearerd.folder / "secret").write_text("demo-secret" + end)
    keys = provider.service(client_secret=None, client_secret_file="secret")
    assert bearerd({"a": keys}).get("http://api.example.test/x").status == 200


def test_secret_from_a_file_of_the_service_manager(bearerd, provider):
    folder = bearerd.folder / "credentials"
    folder.mkdir()
    (folder / "secret").write_text("demo-secret\n")
    (bearerd.folder / "secret").write_text("wrong")
    keys = provider.service(client_secret=None, client_secret_file="secret")
    proxy = bearerd({"a": keys}, {"store_key_file": "store.key"},
                    env={"CREDENTIALS_DIRECTORY": str(folder)})
    assert proxy.get("http://api.example.test/x").status == 200


def test_secret_from_the_environment(bearerd, provider):
    keys = provider.service(client_secret=None, client_secret_env="THE_SECRET")
    proxy = bearerd({"a": keys}, env={"THE_SECRET": "demo-secret"})
    assert proxy.get("http://api.example.test/x").status == 200


def test_only_one_newline_is_removed(bearerd, upstream):
    server = upstream()
    (bearerd.folder / "token").write_text(" a b \n")
    proxy = bearerd({"a": harness.static(
        server.url, access_token=None, access_token_file="token",
        token_name="X-Key", token_format="<{access_token}>")})
    assert proxy.get("/a/x").status == 200
    assert server.last.value("X-Key") == "< a b >"


@pytest.mark.parametrize("keys", [
    {"client_secret_file": "nonexistent"}, {"client_secret_env": "NOT_THERE"},
    {"client_secret": "a", "client_secret_env": "PATH"},
    {"scope_file": "secret"}])
def test_bad_source_of_a_secret(mistakes, keys):
    base = {k: v for k, v in GOOD.items() if k != "client_secret"}
    content = ini({"service api": {**base, **keys}})
    key = list(keys)[-1]
    assert line_of(content, f"{key} =") in mistakes(content)


def test_long_values_are_whole(bearerd, provider):
    secret = "".join(f"{n:04d}" for n in range(1900))
    scope = " ".join(f"scope-{n:04d}" for n in range(600))
    provider.set(clients=[{"client_id": "long", "client_secret": secret}])
    proxy = bearerd({"a": provider.service(
        client_id="long", client_secret=secret, scope=scope)})
    assert proxy.get("http://api.example.test/x").status == 200
    assert ["scope", scope] in provider.token_requests[0]["form"]


def test_value_beyond_all_bounds(mistakes):
    content = text({"scope": "x" * 9000})
    assert line_of(content, "scope = ") in mistakes(content)


def test_marks_of_comments_within_a_value(bearerd, upstream):
    """Taken as written or refused, never cut."""
    server = upstream()
    for value in ("a;b#c", "a ;b", "a #b"):
        content = ini({"service a": harness.static(server.url, access_token=value)})
        result = bearerd.check(content)
        if result.returncode == 0:
            proxy = bearerd({"a": harness.static(server.url, access_token=value,
                                                 token_name="X-Key")})
            assert proxy.get("/a/x").status == 200
            assert server.last.value("X-Key") == value
            proxy.stop()
        else:
            assert value != "a;b#c"
            assert "bearerd.ini:" in result.stderr


def test_comments_and_blank_lines(accepted):
    content = "; one\n# two\n\n" + text().replace(
        "client_id", "; x = y\n# z\n\nclient_id")
    accepted(content)


def test_dos_line_ends_and_no_last_newline(accepted):
    accepted(text().replace("\n", "\r\n"))
    accepted(text().rstrip("\n"))


def test_include(bearerd, accepted, mistakes):
    folder = bearerd.folder / "conf.d"
    folder.mkdir()
    (folder / "one.ini").write_text(
        "[service one]\nupstream = https://one.test\naccess_token = t\n")
    (folder / "two.ini").write_text(
        "[service two]\nupstream = https://two.test\naccess_token = t\n")
    content = text(proxy={"include": "conf.d/*.ini"})
    shown = accepted(content)
    assert "one" in shown and "two" in shown
    (folder / "two.ini").write_text("[service two]\n\nupstrem = https://two.test\n")
    result = bearerd.check(content)
    assert result.returncode == 1
    assert re.search(r"conf\.d/two\.ini:3: .*upstream", result.stderr)


def test_no_such_file(bearerd):
    result = harness.command("check", "-c", str(bearerd.folder / "none.ini"),
                             env=bearerd.env)
    assert result.returncode == 1
    assert "none.ini" in result.stderr


@pytest.mark.parametrize("arguments", [
    [], ["chek"], ["check", "--nonsense"], ["run", "-c"]])
def test_wrong_use(bearerd, arguments):
    result = harness.command(*arguments, env=bearerd.env)
    assert result.returncode == 2
    assert result.stderr


@pytest.mark.parametrize("arguments", [
    ["--help"], ["--version"], ["check", "--help"], ["run", "--help"]])
def test_help_and_version(bearerd, arguments):
    result = harness.command(*arguments, env=bearerd.env)
    assert result.returncode == 0
    assert "bearerd" in result.stdout
    assert result.stderr == ""


def libraries(bearerd) -> dict[str, str]:
    """The second line of --version."""
    result = harness.command("--version", env=bearerd.env)
    lines = result.stdout.splitlines()
    assert re.fullmatch(r"bearerd \d+\.\d+\.\d+", lines[0])
    assert len(lines) == 2
    return dict(word.split("/") for word in lines[1].split())


def test_version_of_the_libraries(bearerd):
    versions = libraries(bearerd)
    assert set(versions) >= {"libcurl", "libmicrohttpd", "GnuTLS", "yajl", "inih",
                             "SQLite", "Lua"}
    for name, version in versions.items():
        assert re.fullmatch(r"\d+(\.\d+)*\S*", version), name


def test_start_tells_faults_of_the_libraries(bearerd):
    """Each that the services reach, and what is done instead."""
    versions = libraries(bearerd)
    number = tuple(map(int, re.findall(r"\d+", versions["libcurl"])[:3]))
    proxy = bearerd({"api": harness.static("http://127.0.0.1:1")})
    proxy.stop()
    lines = [line for line in proxy.stderr.splitlines() if "library_fault" in line]
    told = [line for line in lines if "11103" in line]
    assert bool(told) == ((7, 83, 0) <= number < (8, 1, 1))
    for line in lines:
        name = re.search(r"library=(\S+) version=(\S+)", line)
        assert versions[name[1]] == name[2]
        assert " safe=" in line


def test_check_shows_a_wildcard(accepted):
    assert "*.example.test -> https://HOST" in accepted(
        "[service a]\nmatch = *.example.test\naccess_token = x\n")


def test_check_shows_an_upstream_that_the_token_chooses(accepted):
    assert "/a/ -> https://{token.region}.example.test/v1, " in accepted(
        "[service a]\nupstream = https://{token.region}.example.test/v1\n"
        "upstream_hosts = *.example.test\ngrant_type = client_credentials\n"
        "client_id = i\nclient_secret = s\n"
        "token_endpoint = https://as.example.test/token\n")


@pytest.mark.parametrize("value", ["500ms", "1s", "2m", "1h", "1d", "30"])
def test_durations(accepted, value):
    accepted(text({"connect_timeout": value}))


@pytest.mark.parametrize("value", ["yes", "no", "true", "false", "on", "off", "1", "0"])
def test_booleans(accepted, value):
    accepted(text({"allow_plain_upstream": value}))


@pytest.mark.parametrize("value", ["0", "1000", "64K", "2M"])
def test_sizes(accepted, value):
    accepted(text({"replay_body": value}))
