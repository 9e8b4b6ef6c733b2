# SPDX-License-Identifier: MIT
"""strict_modes: files that others than the user and root could have written
are not believed, and what is usual passes."""

import grp
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from pathlib import Path

import pytest

import harness
from harness import wait_for

URL = "http://api.example.test/x"
ROOT = os.geteuid() == 0
OTHERS = 54321  # a user and a group without a name
TEXT = """[proxy]
listen = 127.0.0.1:0
store = memory:
{proxy}
[service a]
upstream = https://api.example.test
{service}
"""


class Tree:
    """A folder that all users can reach, and checks of a file in it."""

    def __init__(self, env: dict[str, str]):
        self.path = Path(tempfile.mkdtemp(prefix="bearerd-strict-"))
        self.path.chmod(0o755)
        self.env = env

    def file(self, name: str, text: str = "s3cret\n", mode: int = 0o600) -> Path:
        path = self.path / name
        path.unlink(missing_ok=True)
        path.write_text(text)
        path.chmod(mode)
        return path

    def folder(self, name: str, mode: int = 0o755) -> Path:
        path = self.path / name
        path.mkdir(parents=True)
        path.chmod(mode)
        return path

    def check(self, service: str = "access_token_file = token", proxy: str = "",
              mode: int = 0o600, **options) -> subprocess.CompletedProcess:
        path = self.file("bearerd.ini", TEXT.format(proxy=proxy, service=service), mode)
        return harness.command("check", "-c", str(path), env=self.env, **options)

    def passes(self, *arguments, **options) -> None:
        result = self.check(*arguments, **options)
        assert (result.returncode, result.stderr) == (0, ""), result.stderr

    def refuses(self, words: str, *arguments, proxy: str = "", **options) -> None:
        """With the mistake; only with a warning where it is told to."""
        result = self.check(*arguments, proxy=proxy, **options)
        assert result.returncode == 1, result.stderr
        assert words in result.stderr and "(strict_modes)" in result.stderr
        assert "s3cret" not in result.stderr
        result = self.check(*arguments, proxy=f"{proxy}\nstrict_modes = no", **options)
        assert result.returncode == 0, result.stderr
        assert words in result.stderr and ": warning: " in result.stderr


@pytest.fixture
def tree(tmp_path):
    result = Tree(harness.environment(tmp_path))
    yield result
    shutil.rmtree(result.path)


def test_usual_modes(tree):
    for mode in (0o400, 0o600, 0o640, 0o440):
        tree.file("token", mode=mode)
        tree.passes(mode=mode)


@pytest.mark.parametrize("mode", [0o602, 0o666, 0o622])
def test_file_that_others_can_write(tree, mode):
    tree.file("token")
    tree.refuses("bearerd.ini can be written by", mode=mode)
    tree.file("token", mode=mode)
    tree.refuses("token can be written by")


@pytest.mark.parametrize("what", [
    "include = conf.d/*.ini", "provider_dir = conf.d"])
def test_other_files_of_the_configuration(tree, what):
    tree.file("token")
    tree.folder("conf.d")
    kind = "provider" if "provider" in what else "service"
    tree.file("conf.d/b.ini", f"[{kind} b]\ntoken_placement = header\n"
              + ("upstream = https://b.example.test\n" if kind == "service" else ""),
              0o646)
    service = "access_token_file = token"
    if kind == "provider":
        service += "\nprovider = b"
    tree.refuses("conf.d/b.ini can be written by everybody", service, proxy=what)


@pytest.mark.parametrize("key, also", [
    ("client_private_key", "token_endpoint_auth_method = private_key_jwt"),
    ("assertion_private_key", "grant_type = jwt-bearer\nassertion_issuer = me"),
    ("service_account_file", ""), ("hook", "access_token = x"),
    ("client_secret_file", ""), ("password_file", "username = x"),
    ("upstream_ca", "access_token = x"), ("client_assertion_file",
                                          "token_endpoint_auth_method = private_key_jwt")])
def test_each_key_that_names_a_file(tree, key, also):
    """Whatever else is wrong with what is in them."""
    tree.file("it", "x", 0o606)
    result = tree.check(f"{key} = it\nclient_id = x\n{also}\n"
                        "token_endpoint = https://as.example.test/t")
    assert result.returncode == 1
    assert f"{key}: {tree.path}/it can be written by everybody" in result.stderr


def test_directories(tree):
    tree.folder("open", 0o777)
    tree.folder("open/closed")
    tree.file("open/closed/token")
    tree.refuses("the directory " + str(tree.path / "open"),
                 "access_token_file = open/closed/token")
    (tree.path / "open").chmod(0o1777)
    tree.passes("access_token_file = open/closed/token")


def test_links(tree):
    """Both where a link lies and where it leads."""
    tree.folder("one", 0o777)
    tree.folder("two")
    tree.file("two/token")
    (tree.path / "one/token").symlink_to("../two/token")
    tree.refuses("/one can be written", "access_token_file = one/token")
    (tree.path / "one").chmod(0o755)
    tree.passes("access_token_file = one/token")
    (tree.path / "two").chmod(0o777)
    tree.refuses("/two can be written", "access_token_file = one/token")


def test_secret_that_all_can_read(tree):
    """Told by check and at the start, which goes on."""
    tree.file("token", mode=0o644)
    result = tree.check(mode=0o644)
    assert result.returncode == 0
    assert result.stderr.count("\n") == 1
    assert f"bearerd.ini:7: warning: access_token_file: {tree.path}/token" \
        in result.stderr
    process = harness.Bearerd(tree.path / "bearerd.ini", tree.env)
    assert "warning: access_token_file: " in process.stderr
    assert process.end() == 0
    # The configuration is one where a secret is in it.
    result = tree.check("access_token = s3cret", mode=0o644)
    assert result.returncode == 0
    assert "bearerd.ini: warning: " in result.stderr
    # A folder that nobody else can search keeps it.
    tree.path.chmod(0o750)
    tree.passes(mode=0o644)


def test_as_kubernetes_has_it(tree):
    """A folder for all with the sticky bit, links that are exchanged, files
    that all can read: a warning, no mistake."""
    tree.folder("secrets", 0o1777)
    tree.folder("secrets/..2026_11_30")
    tree.file("secrets/..2026_11_30/token", mode=0o444)
    (tree.path / "secrets/..data").symlink_to("..2026_11_30")
    (tree.path / "secrets/token").symlink_to("..data/token")
    result = tree.check("access_token_file = secrets/token")
    assert result.returncode == 0 and "warning" in result.stderr
    tree.file("secrets/..2026_11_30/token", mode=0o440)
    tree.passes("access_token_file = secrets/token")


def test_as_docker_has_it(tree):
    tree.folder("run/secrets")
    tree.file("run/secrets/token", mode=0o444)
    result = tree.check("access_token_file = run/secrets/token")
    assert result.returncode == 0 and "warning" in result.stderr


def test_stranger(tree):
    """As root, files of another user; else one's own, which root could not
    know: what belongs to somebody else cannot be made."""
    tree.file("token")
    tree.folder("theirs")
    tree.file("theirs/token")
    if not ROOT:
        tree.passes()
        return
    os.chown(tree.path / "token", OTHERS, OTHERS)
    tree.refuses(f"belongs to user {OTHERS}")
    os.chown(tree.path / "theirs", OTHERS, OTHERS)
    tree.refuses(f"the directory {tree.path}/theirs belongs to",
                 "access_token_file = theirs/token")


def as_user(user: pwd.struct_passwd) -> dict:
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def private_user() -> pwd.struct_passwd:
    """A user whose group is nobody else's."""
    users = pwd.getpwall()
    return next(u for u in users if u.pw_uid and not any(
        v.pw_gid == u.pw_gid and v.pw_uid != u.pw_uid for v in users)
        and not set(grp.getgrgid(u.pw_gid).gr_mem) - {u.pw_name})


def test_root_and_a_user(tree):
    """root:bearerd 0640, a file that the user's own group may write, and a
    file that root names and that belongs to the user."""
    if not ROOT:
        tree.file("token", mode=0o640)
        tree.passes(mode=0o640)
        return
    user = private_user()
    for folder in Path(tree.env["HOME"]), *Path(tree.env["HOME"]).iterdir():
        os.chown(folder, user.pw_uid, user.pw_gid)
    path = tree.file("bearerd.ini", TEXT.format(
        proxy="", service="access_token_file = token"), 0o640)
    token = tree.file("token", mode=0o640)

    def check(**options):
        return harness.command("check", "-c", str(path), env=tree.env, **options)

    os.chown(path, 0, user.pw_gid)
    os.chown(token, 0, user.pw_gid)
    result = check(**as_user(user))
    assert (result.returncode, result.stderr) == (0, "")
    os.chown(token, user.pw_uid, user.pw_gid)
    token.chmod(0o660)
    result = check(**as_user(user))
    assert (result.returncode, result.stderr) == (0, "")
    # Root trusts the owner of a file that it is told to read, and no other.
    assert f"belongs to {user.pw_name}" in check().stderr
    os.chown(path, user.pw_uid, user.pw_gid)
    result = check()
    assert (result.returncode, result.stderr) == (0, "")
    os.chown(token, user.pw_uid, grp.getgrnam("nogroup").gr_gid)
    assert "can be written by the group nogroup" in check().stderr


def test_secret_that_changes(bearerd, provider):
    """One that is read again is held to it again."""
    path = bearerd.folder / "subject"
    path.write_text("one")
    path.chmod(0o600)
    keys = provider.service(grant_type="token-exchange", subject_token_file=path,
                            subject_token_type="urn:x")
    proxy = bearerd({"a": keys})
    path.chmod(0o606)
    reply = proxy.get(URL)
    assert reply.status in (502, 503)
    wait_for(lambda: "subject can be written by everybody" in proxy.stderr, 5,
             "a word in the log")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o602])
def test_store_key_is_looked_at_by_check(tree, mode):
    """The one that the file names: where it is by default depends on who
    runs."""
    tree.file("token")
    tree.file("key", "k" * 32, mode)
    tree.refuses("key can be read or written by others than its owner",
                 proxy="store_key_file = key")
    tree.file("key", "k" * 32, 0o600)
    tree.passes(proxy="store_key_file = key")
    tree.passes(proxy="store_key_file = to-be-made")


def test_store_key(bearerd, provider):
    """Nobody else reads it; with no, it is only told."""
    services = {"a": provider.service()}
    bearerd(services).stop()
    key = bearerd.folder / "state" / "store.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    for mode in (0o640, 0o604, 0o644):
        key.chmod(mode)
        words = bearerd.refused(services)
        assert f"{key} can be read or written by others than its owner" in words
        assert f"mode {mode:04o}" in words and "chmod 600" in words
    proxy = bearerd(services, {"strict_modes": "no"})
    assert "warning store_key_exposed" in proxy.stderr
    assert proxy.get(URL).status == 200


def test_folder_of_the_store_key(bearerd, provider):
    """None is made where others could exchange it."""
    state = bearerd.folder / "state"
    state.chmod(0o777)
    words = bearerd.refused({"a": provider.service()})
    assert f"the directory {state} can be written by everybody" in words
    assert list(state.iterdir()) == []
