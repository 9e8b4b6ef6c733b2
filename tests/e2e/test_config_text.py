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
    assert result.stderr == f"{tmp_path}: is no regular file\n"


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
    assert result.stderr.endswith(": a NUL octet: this is no text file\n")


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
