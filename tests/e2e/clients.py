#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Real clients through bearerd: every client, by http_proxy and by path, with
a GET, a small POST and one of 1 MB. As a program it prints the matrix.

A cell passes when the client says that all went well and has the whole
answer, when every body reached the origin as it was sent, and when each
request there showed the one token, once.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable

import debian
import harness
from harness import PYTHON, Bearerd, Provider
from origin import Origin, Record, digest

HOST = "api.example.test"
PROGRAMS = Path(__file__).resolve().parent / "programs"
WAYS = HTTP_PROXY, BY_PATH = "http_proxy", "by path"
ACTIONS = GET, SMALL, LARGE = "GET", "small POST", "1 MB POST"
TIMEOUT = 60
# Clients get nothing of the caller's.
VARIABLES = {"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "LANG": "C.UTF-8",
             "HOME": "/nonexistent"}
# Text in lines, since lynx takes no other, and no line like another.
BODIES = {
    GET: b"",
    SMALL: b"some=body&more=of+it\n",
    LARGE: b"".join(b"%063d\n" % n for n in range(16384)),
}


@dataclass
class Cell:
    """One client's one try, with a folder of its own, and an id that is in
    the paths that it asks the origin for."""

    matrix: "Matrix"
    way: str
    action: str
    folder: Path
    id: str

    def url(self, path: str) -> str:
        if self.way == HTTP_PROXY:
            return f"http://{HOST}{path}"
        return f"{self.matrix.bearerd.url}/demo{path}"

    def environment(self) -> dict[str, str]:
        """Java looks at properties of its own."""
        env = {**VARIABLES, "HOME": str(self.folder)}
        if self.way == HTTP_PROXY:
            port = self.matrix.bearerd.port
            env["http_proxy"] = self.matrix.bearerd.url
            env["JDK_JAVA_OPTIONS"] = (
                f"-Dhttp.proxyHost=127.0.0.1 -Dhttp.proxyPort={port}")
        return env

    def run(self, *arguments: str, **variables: str) -> bytes:
        """Runs the client to its end, which must be a good one; its output."""
        result = subprocess.run(
            arguments, env={**self.environment(), **variables}, cwd=self.folder,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, timeout=TIMEOUT)
        assert result.returncode == 0, (
            f"{' '.join(arguments)}: exit status {result.returncode}\n"
            + (result.stderr + result.stdout).decode("utf-8", "replace"))
        return result.stdout

    def records(self, prefix: str) -> list[Record]:
        """What reached the origin for this cell, each with the one token."""
        records = self.matrix.origin.records_below(prefix)
        assert records, f"nothing reached the origin below {prefix}"
        for record in records:
            assert record.authorization == [self.matrix.authorization], record
        return records


@dataclass(frozen=True)
class Client:
    """A row: a name, Debian's package, what shows the version, what tries a
    cell, and what it has no way for, with the reason."""

    name: str
    package: str
    version: list[str]
    attempt: Callable[[Cell], None]
    cannot: dict[str, str] = field(default_factory=dict)


def command(get: list[str], post: list[str],
            sent: Callable[[bytes], bytes] = bytes) -> Callable[[Cell], None]:
    """A client that gets {url}, or posts what is in {file} there, and writes
    the answer; `sent` makes of a file what it sends."""

    def attempt(cell: Cell) -> None:
        content = BODIES[cell.action]
        file = cell.folder / "body"
        file.write_bytes(content)
        target = f"/echo/{cell.id}?a=b%20c"
        arguments = get if cell.action == GET else post
        output = cell.run(*(argument.format(url=cell.url(target), file=file)
                            for argument in arguments))
        [record] = cell.records(f"/echo/{cell.id}?")
        assert record.target == target
        assert record.method == ("GET" if cell.action == GET else "POST")
        body = sent(content)
        assert (record.length, record.digest) == (len(body), digest(body))
        assert json.loads(output) == record.__dict__

    return attempt


def program(*arguments: str) -> Callable[[Cell], None]:
    """One of the programs that take a URL and perhaps a file to post."""
    return command([*arguments, "{url}"], [*arguments, "{url}", "{file}"])


def joined(text: bytes) -> bytes:
    return text.replace(b"\n", b"")


def git(cell: Cell) -> None:
    """ls-remote of the old protocol only GETs, a clone POSTs what it wants,
    and a push POSTs what it has; 1 MB of it comes in chunks."""
    bare = cell.matrix.new_repository(cell.id)
    url = cell.url(f"/git/{cell.id}")

    def run(*arguments: str) -> str:
        return cell.run("git", "-c", "protocol.version="
                        + ("0" if cell.action == GET else "2"), *arguments,
                        **GIT_VARIABLES).decode().strip()

    def stored(what: str) -> str:
        return run("-C", str(bare), "rev-parse", what)

    if cell.action == GET:
        assert run("ls-remote", url, "HEAD") == stored("HEAD") + "\tHEAD"
        assert {r.method for r in cell.records(f"/git/{cell.id}/")} == {"GET"}
        return
    content = BODIES[SMALL] if cell.action == SMALL else os.urandom(1 << 20)
    run("clone", "-q", url, "copy")
    copy = ["-C", str(cell.folder / "copy")]
    assert run(*copy, "show", "HEAD:file") == "a file"
    (cell.folder / "copy" / "file").write_bytes(content)
    run(*copy, "commit", "-q", "-a", "-m", "change")
    run(*copy, "push", "-q")
    assert stored("HEAD:file") == run("hash-object", str(cell.folder / "copy/file"))
    posts = [r for r in cell.records(f"/git/{cell.id}/") if r.method == "POST"]
    assert max(r.length for r in posts) >= len(content) or cell.action == SMALL
    assert {r.target.rpartition("/")[2] for r in posts} == {
        "git-upload-pack", "git-receive-pack"}


GIT_VARIABLES = {
    "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_AUTHOR_NAME": "Test", "GIT_AUTHOR_EMAIL": "test@example.test",
    "GIT_COMMITTER_NAME": "Test", "GIT_COMMITTER_EMAIL": "test@example.test",
}


def apt_get(cell: Cell) -> None:
    """Reads a repository's lists and downloads a package of 1 MB."""
    below = f"/files/{cell.id}/"
    cell.matrix.new_files(cell.id)
    config = debian.apt_config(cell.folder, cell.url(below))
    cell.run("apt-get", "-q", "update", APT_CONFIG=str(config))
    cell.run("apt-get", "-q", "download", debian.PACKAGE, APT_CONFIG=str(config))
    [downloaded] = cell.folder.glob("*.deb")
    assert downloaded.read_bytes() == cell.matrix.deb.read_bytes()
    assert any(r.target.endswith(".deb") for r in cell.records(below))


PHP = ["php", "-d", "display_errors=stderr"]
JAVA = ["java", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
        str(PROGRAMS / "Fetch.java")]

CLIENTS = [
    Client("curl", "curl", ["curl", "--version"], command(
        ["curl", "-sS", "-f", "{url}"],
        ["curl", "-sS", "-f", "--data-binary", "@{file}", "{url}"])),
    Client("wget", "wget", ["wget", "--version"], command(
        ["wget", "-q", "-t", "1", "-O", "-", "{url}"],
        ["wget", "-q", "-t", "1", "-O", "-", "--post-file={file}", "{url}"])),
    Client("lynx", "lynx", ["lynx", "-version"], command(
        ["lynx", "-source", "{url}"],
        ["sh", "-c", 'exec lynx -source -post_data "$0" <"$1"', "{url}",
         "{file}"], joined)),
    Client("Python urllib", "python3", [PYTHON, "--version"],
           program(PYTHON, "-B", str(PROGRAMS / "fetch_urllib.py"))),
    Client("Python requests", "python3-requests",
           [PYTHON, "-c", "import requests as r; print(r.__version__)"],
           program(PYTHON, "-B", str(PROGRAMS / "fetch_requests.py"))),
    Client("Perl LWP", "libwww-perl",
           ["perl", "-MLWP", "-e", "print LWP->VERSION"],
           program("perl", str(PROGRAMS / "fetch.pl"))),
    Client("PHP streams", "php-cli", ["php", "--version"],
           program(*PHP, str(PROGRAMS / "fetch_stream.php"))),
    Client("PHP curl", "php-curl",
           ["php", "-r", 'echo curl_version()["version"];'],
           program(*PHP, str(PROGRAMS / "fetch_curl.php"))),
    Client("Java HttpURLConnection", "default-jre-headless",
           ["java", "--version"], program(*JAVA, "connection")),
    Client("Java HttpClient", "default-jre-headless", ["java", "--version"],
           program(*JAVA, "client")),
    Client("git", "git", ["git", "--version"], git),
    Client("apt-get", "apt", ["apt-get", "--version"], apt_get,
           {SMALL: "it sends no bodies", LARGE: "it sends no bodies"}),
]


def version(client: Client) -> str:
    """The first thing like a version that the client says of itself."""
    try:
        result = subprocess.run(client.version, env=VARIABLES, timeout=TIMEOUT,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT)
    except FileNotFoundError:
        return ""
    words = result.stdout.decode("utf-8", "replace").split()
    found = (word.strip(",()") for word in words if word[:1].isdigit())
    return next(found, "") if result.returncode == 0 else ""


class Matrix:
    """A provider, an origin and a bearerd between it and the clients."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.tries = 0
        self.origin = Origin(folder / "origin")
        self.provider = Provider()
        try:
            self.deb = debian.make_repository(self.origin.files / "made")
            self._make_repository()
            config = folder / "bearerd.ini"
            config.write_text(harness.ini({
                "proxy": {"listen": "127.0.0.1:0", "workers": 2,
                          "store": "memory:"},
                "service demo": self.provider.service(upstream=self.origin.url),
            }))
            self.bearerd = Bearerd(config, harness.environment(folder))
            assert self.bearerd.get("/demo/echo/first").status == 200
        except BaseException:
            self.provider.stop()
            self.origin.stop()
            raise
        self.authorization = f"Bearer {self.provider.issued[-1]}"

    def _make_repository(self) -> None:
        """A bare git repository with one commit, from which others are made."""
        self.template = self.folder / "template"

        def run(*arguments: str) -> None:
            subprocess.run(["git", "-C", str(self.template), *arguments],
                           env={**VARIABLES, **GIT_VARIABLES}, check=True,
                           stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)

        self.template.mkdir()
        run("init", "-q", "-b", "main")
        (self.template / "file").write_text("a file\n")
        run("add", "file")
        run("commit", "-q", "-m", "first")
        run("config", "core.bare", "true")
        run("config", "http.receivepack", "true")

    def new_repository(self, name: str) -> Path:
        return Path(shutil.copytree(self.template / ".git",
                                    self.origin.repositories / name))

    def new_files(self, name: str) -> None:
        (self.origin.files / name).symlink_to("made")

    def attempt(self, client: Client, way: str, action: str) -> None:
        """Tries one cell; what fails is an AssertionError that says how."""
        assert version(client), (
            f"{client.name} does not run: apt-get install {client.package}")
        self.tries += 1
        name = f"c{self.tries}"
        folder = self.folder / name
        folder.mkdir()
        client.attempt(Cell(self, way, action, folder, name))

    def stop(self) -> None:
        try:
            self.bearerd.stop()
        finally:
            self.provider.stop()
            self.origin.stop()


def cells() -> list[tuple[Client, str, str]]:
    """All that a client has a way for."""
    return [(client, way, action) for client in CLIENTS for way in WAYS
            for action in ACTIONS if action not in client.cannot]


def shown(matrix: Matrix, client: Client, way: str, action: str) -> tuple[str, str]:
    """What the table says of a cell, and why it failed, if it did."""
    if action in client.cannot:
        return "-", ""
    began = time.monotonic()
    try:
        matrix.attempt(client, way, action)
    except (AssertionError, OSError, ValueError,
            subprocess.SubprocessError) as error:
        return "FAILED", f"{client.name}, {way}, {action}: {error}"
    return f"ok {round((time.monotonic() - began) * 1000)} ms", ""


def main() -> int:
    line = "{:<32}" + "{:<12}" * 6
    print("ok: the body and one Authorization arrived, and the client has the "
          "whole answer.", "", sep="\n")
    print(line.format("", WAYS[0], "", "", WAYS[1], "", "").rstrip())
    print(line.format("", *ACTIONS, *ACTIONS).rstrip())
    failures, reasons = [], {}
    with tempfile.TemporaryDirectory() as folder:
        matrix = Matrix(Path(folder))
        try:
            for client in CLIENTS:
                row = [shown(matrix, client, way, action)
                       for way in WAYS for action in ACTIONS]
                failures += [why for _, why in row if why]
                reasons |= {f"{client.name}, {action}: {why}": None
                            for action, why in client.cannot.items()}
                print(line.format(f"{client.name} {version(client)}",
                                  *(word for word, _ in row)).rstrip(), flush=True)
        finally:
            matrix.stop()
    print("", *(f"-: {reason}" for reason in reasons), *failures, sep="\n")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
