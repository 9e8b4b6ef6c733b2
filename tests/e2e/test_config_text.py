# SPDX-License-Identifier: MIT
"""Files as editors and other programs write them: marks, encodings, nothing
at all. What is said of them."""

import os

import pytest

import harness

GOOD = "[service a]\nupstream = https://a.example.test\naccess_token = x\n"
MARK = b"\xef\xbb\xbf"


@pytest.fixture
def check(bearerd):
    def run(content: bytes | None, name: str = "bearerd.ini"):
        path = bearerd.folder / name
        if content is not None:
            path.write_bytes(content)
            path.chmod(0o600)
        return path, harness.command("check", "-c", str(path), env=bearerd.env)
    return run


@pytest.mark.parametrize("content", [b"", b"\n\n", MARK, b"# nothing\n", b"[proxy]\n"])
def test_nothing_in_it(check, content):
    """It is good, and it is said what it does."""
    path, result = check(content)
    assert (result.returncode, result.stdout) == (0, "")
    assert result.stderr == (f"{path}: warning: there is no [service NAME], so that "
                             "every request is refused\n")


def test_no_service_but_a_forward_proxy(check):
    _, result = check(b"[proxy]\nunmatched = forward\n")
    assert (result.returncode, result.stderr) == (0, "")


def test_file_that_is_not_there(check):
    path, result = check(None)
    assert result.returncode == 1
    assert result.stderr == f"{path}: cannot be read: No such file or directory\n"


def test_directory(check, tmp_path):
    result = harness.command("check", "-c", str(tmp_path),
                             env=harness.environment(tmp_path))
    assert result.returncode == 1
    assert result.stderr == f"{tmp_path}: is not a regular file\n"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_other_encodings(check, encoding):
    path, result = check(GOOD.encode(encoding))
    name = encoding.upper()[:6]
    assert result.returncode == 1
    assert result.stderr == f"{path}: is text in {name}: save it as UTF-8\n"


def test_other_kinds_of_files(check):
    path, result = check(b"\n" + os.urandom(64) + b"\0" + os.urandom(4096))
    assert result.returncode == 1
    assert result.stderr.count("\n") == 1
    assert result.stderr.endswith(": a NUL octet: this is not a text file\n")


def test_mark_before_the_file(check):
    _, result = check(MARK + GOOD.encode())
    assert (result.returncode, result.stderr) == (0, "")


def test_mark_before_a_secret(bearerd, provider):
    secret = bearerd.folder / "secret"
    secret.write_bytes(MARK + b"demo-secret\n")
    keys = provider.service(client_secret=None, client_secret_file=secret)
    assert bearerd({"a": keys}).get("http://api.example.test/x").status == 200


def test_secret_in_another_encoding(bearerd, check):
    (bearerd.folder / "secret").write_bytes("s3cret".encode("utf-16"))
    path, result = check(b"[service a]\nupstream = https://a.example.test\n"
                         b"access_token_file = secret\n")
    assert result.returncode == 1
    assert result.stderr == (f"{path}:3: access_token_file: {bearerd.folder}/secret: "
                             "is text in UTF-16: save it as UTF-8\n")


TOKEN = "[service a]\nupstream = https://a.example.test\naccess_token_file = secret\n"
ASKING = ("[service a]\nupstream = https://a.example.test\nclient_id = me\n"
          "token_endpoint = https://as.example.test/token\n")


@pytest.mark.parametrize("text", [
    b"s3cret ", b" s3cret", b"s3cret\t", b"s3cret\r", b"s3\ncret\n", b"s3\0cret",
    b"s3cret\n\n", b"s3\tcret", "s3crét".encode(), b"s3\xe9cret", b"s3\x7fcret"])
@pytest.mark.parametrize("config, line", [
    (TOKEN, 3),
    (ASKING + "refresh_token_file = secret\n", 5),
    (ASKING + "grant_type = token-exchange\nsubject_token_type = jwt\n"
              "subject_token_file = secret\n", 7),
    (ASKING + "client_assertion_file = secret\n"
              "token_endpoint_auth_method = private_key_jwt\n", 5)])
def test_token_that_cannot_be_sent(bearerd, check, text, config, line):
    """It is a mistake at its place, not a 502 for each request."""
    (bearerd.folder / "secret").write_bytes(text)
    path, result = check(config.encode())
    assert result.returncode == 1
    assert result.stderr.startswith(f"{path}:{line}: "), result.stderr
    assert "s3" not in result.stderr


@pytest.mark.parametrize("key, text", [
    ("protected_request.header.X-Key = {access_token}", b"s3cret "),
    ("token_name = X-Key", b" s3cret")])
def test_token_that_fits_no_place(bearerd, check, key, text):
    (bearerd.folder / "secret").write_bytes(text)
    path, result = check((TOKEN + key).encode())
    assert result.returncode == 1
    assert f"{path}:3: access_token: " in result.stderr
    assert "s3" not in result.stderr


@pytest.mark.parametrize("text", [b'"s3cret"', b"s3;cret"])
def test_token_that_is_no_cookie(bearerd, check, text):
    (bearerd.folder / "secret").write_bytes(text)
    path, result = check((TOKEN + "token_placement = cookie").encode())
    assert result.returncode == 0
    assert result.stderr.startswith(f"{path}:3: warning: access_token: ")
    assert "cookie" in result.stderr and "s3" not in result.stderr


def test_token_of_another_service(bearerd, check):
    """The one that has it can place it, the one that shares it cannot."""
    (bearerd.folder / "secret").write_bytes(b"s3cret ")
    path, result = check((TOKEN + "token_name = X-Key\ntoken_format = <{access_token}>\n"
                          "[service b]\nupstream = https://b.example.test\n"
                          "session = a\n").encode())
    assert result.returncode == 1
    assert result.stderr.startswith(f"{path}:3: access_token: ")
    assert "([service b])" in result.stderr and "[service a]" not in result.stderr


@pytest.mark.parametrize("key", [
    "protected_request.header.X-Key", "access_token_request.header.X-Key",
    "token_name = X-Key\ntoken_format"])
def test_client_secret_that_cannot_be_sent(bearerd, check, key):
    (bearerd.folder / "secret").write_bytes(b"s3cret ")
    path, result = check((ASKING + "client_secret_file = secret\n"
                          f"{key} = {{client_secret}}\n").encode())
    assert result.returncode == 1
    assert f"{path}:{5 + len(key.splitlines())}: " in result.stderr
    assert "begins or ends with a space" in result.stderr
    assert "s3cret" not in result.stderr


@pytest.mark.parametrize("keys", [
    "client_secret_file = secret", "username = me\npassword_file = secret"])
def test_secret_with_a_space_at_its_end(bearerd, check, keys):
    """It may be meant: passwords have what people type."""
    (bearerd.folder / "secret").write_bytes(b"s3cret \n")
    path, result = check((ASKING + keys + "\n").encode())
    assert result.returncode == 0
    assert f"{path}:{4 + len(keys.splitlines())}: warning: " in result.stderr
    assert "begins or ends with white space" in result.stderr
    assert "s3cret" not in result.stderr
