# SPDX-License-Identifier: MIT
"""Starts and stops what the tests talk to: bearerd, the provider, nginx."""

from __future__ import annotations

import functools
import json
import os
import re
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path
from typing import Iterable

import rawclient

TREE = Path(__file__).resolve().parents[2]
PYTHON = "/usr/bin/python3"
START_TIMEOUT = 30
STOP_TIMEOUT = 60
SANITIZED_MARKS = (b"__asan_init", b"__tsan_init")
REPORTS = ("AddressSanitizer", "LeakSanitizer", "ThreadSanitizer",
           "UndefinedBehaviorSanitizer", "runtime error:", "Assertion")
KEPT_VARIABLES = re.compile(r"(PATH|LANG|LC_.*|TMPDIR|[A-Z]*SAN_OPTIONS|"
                            r"[A-Z]*SAN_SYMBOLIZER_PATH|GCOV_.*|LLVM_PROFILE_FILE)$")

Keys = dict[str, "str | int | list"]


def binary() -> str:
    path = Path(os.environ.get("BEARERD") or TREE / "build" / "bearerd")
    assert path.exists(), f"{path} is not built; BEARERD names another"
    return str(path.resolve())


@functools.cache
def is_sanitized() -> bool:
    """Whether the binary is a sanitizer's build, which is slower and larger."""
    if os.environ.get("BEARERD_SANITIZED"):
        return True
    code = Path(binary()).read_bytes()
    return any(mark in code for mark in SANITIZED_MARKS)


def either(normal: float, sanitized: float) -> float:
    """A bound, and the wider one that a sanitizer's build is held to."""
    return sanitized if is_sanitized() else normal


# Who carries the services' requests, where that is not bearerd's choice: the
# option --carrier of pytest.
CARRIER = "BEARERD_TEST_CARRIER"


def ini(sections: dict[str, Keys]) -> str:
    """A configuration file; a list is a key written once for each value."""
    lines = []
    carrier = os.environ.get(CARRIER)
    for section, keys in sections.items():
        lines.append(f"[{section}]")
        if carrier and section.startswith("service "):
            keys = {**keys, "carrier": carrier}
        for key, value in keys.items():
            values = value if isinstance(value, list) else [value]
            lines.extend(f"{key} = {one}" for one in values)
        lines.append("")
    return "\n".join(lines)


def static(upstream: str, **keys) -> Keys:
    """A service with a fixed token before `upstream`; None removes a key."""
    service: dict = {"upstream": upstream, "match": "api.example.test",
                     "access_token": "fixed-token", **keys}
    return {k: v for k, v in service.items() if v is not None}


def free_port() -> int:
    """A port that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(condition, timeout: float, what: str) -> None:
    limit = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < limit, f"not within {timeout} s: {what}"
        time.sleep(0.02)


def memory_peak(pid: int) -> int:
    """The most memory that a process ever had resident, in bytes."""
    text = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+) kB", text).group(1)) * 1024


def environment(folder: Path, extra: dict[str, str] | None = None) -> dict[str, str]:
    """Nothing of the caller's but what a process needs; folders of its own."""
    result = {k: v for k, v in os.environ.items() if KEPT_VARIABLES.match(k)}
    for variable, name in (("STATE_DIRECTORY", "state"), ("RUNTIME_DIRECTORY", "run")):
        (folder / name).mkdir(exist_ok=True, mode=0o700)
        result[variable] = str(folder / name)
    result["HOME"] = str(folder)
    result.update(extra or {})
    return result


def preload(folder: Path, name: str, **definitions: object) -> dict[str, str]:
    """The variables that preload programs/NAME.c, compiled into `folder`; the
    definitions are strings in it, since `bearerd run` hides most variables."""
    library = folder / f"{name}.so"
    source = Path(__file__).with_name("programs") / f"{name}.c"
    subprocess.run(["cc", "-shared", "-fPIC", "-o", str(library), str(source), "-ldl",
                    *(f'-D{k}="{v}"' for k, v in definitions.items())], check=True)
    options = os.environ.get("ASAN_OPTIONS", "")
    return {"LD_PRELOAD": str(library),
            "ASAN_OPTIONS": f"{options}:verify_asan_link_order=0"}


class Process:
    """A process whose standard error is collected line by line."""

    def __init__(self, arguments: list[str], env: dict[str, str], **options):
        self.name = Path(arguments[0]).name
        self.lines: list[str] = []
        self.process = subprocess.Popen(
            arguments, env=env, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, **options)
        self.reader = threading.Thread(target=self._collect, daemon=True)
        self.reader.start()

    def _collect(self) -> None:
        for line in self.process.stderr:
            self.lines.append(line.decode("utf-8", "replace").rstrip("\n"))

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def stderr(self) -> str:
        # A thread of the daemon's writes it, behind the answers.
        if self.process.poll() is None:
            time.sleep(0.05)
        return "\n".join(self.lines)

    def show(self) -> None:
        print(f"--- standard error of {self.name}, process {self.pid}:",
              self.stderr, "---", sep="\n", file=sys.stderr)

    def fail(self, why: str) -> None:
        raise AssertionError(f"{self.name}: {why}; it said:\n{self.stderr}")

    def find(self, pattern: str, timeout: float) -> re.Match:
        """The first line that fits, waited for."""
        limit = time.monotonic() + timeout
        seen = 0
        while True:
            ended = self.process.poll() is not None
            if ended:
                self.reader.join(5)
            while seen < len(self.lines):
                seen += 1
                if found := re.search(pattern, self.lines[seen - 1]):
                    return found
            if ended:
                self.fail(f"ended with {self.process.returncode}, no {pattern!r}")
            if time.monotonic() > limit:
                self.fail(f"no {pattern!r} within {timeout} s")
            time.sleep(0.005)

    def end(self, number: int = signal.SIGTERM, timeout: float = STOP_TIMEOUT) -> int:
        """Ends the process by a signal, if it has not ended; its status."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            self.fail(f"did not end within {timeout} s of signal {number}")
        self.reader.join(5)
        return self.process.returncode


class Bearerd(Process):
    """A bearerd on a free port of loopback."""

    def __init__(self, config: Path, env: dict[str, str], **options):
        super().__init__([binary(), "run", "-c", str(config)], env, **options)
        self.config = config
        self.stopped = False
        try:
            found = self.find(r"info listening address=127\.0\.0\.1:(\d+)",
                              START_TIMEOUT)
            self.port = int(found.group(1))
            wait_for(self.ready, START_TIMEOUT, "bearerd ready")
        except BaseException:
            self.process.kill()
            self.process.wait()
            raise

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ready(self) -> bool:
        try:
            return rawclient.get(self.port, "/-/health/ready").status == 200
        except (OSError, AssertionError):
            if self.process.poll() is not None:
                self.fail(f"ended with {self.process.returncode} at start")
            return False

    def get(self, target: str, *fields: str, **options) -> rawclient.Response:
        return rawclient.get(self.port, target, *fields, **options)

    def post(self, target: str, body: bytes, *fields: str, **options):
        return rawclient.post(self.port, target, body, *fields, **options)

    def fetch(self, method: str, target: str, **options) -> rawclient.Response:
        return rawclient.fetch(self.port, method, target, **options)

    def connect(self, **options) -> rawclient.Connection:
        return rawclient.Connection(self.port, **options)

    def health(self, name: str = "") -> rawclient.Response:
        return self.get("/-/health" + (f"/{name}" if name else ""))

    def stop(self) -> None:
        """By SIGTERM; it must drain, exit with 0 and have nothing to report."""
        if self.stopped:
            return
        self.stopped = True
        if self.process.poll() is not None:
            self.fail(f"ended by itself with {self.process.returncode}")
        status = self.end()
        if status != 0:
            self.fail(f"exit status {status} after SIGTERM")
        for word in REPORTS:
            if word in self.stderr:
                self.fail(f"{word} in its standard error")


def command(*arguments: str, env: dict[str, str], timeout: float = 60,
            **options) -> subprocess.CompletedProcess:
    """Runs bearerd with these arguments to its end."""
    return subprocess.run([binary(), *arguments], env=env, timeout=timeout,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, encoding="utf-8", **options)


class Provider:
    """The authorization server and its API, as a process."""

    def __init__(self, *arguments: str, ca: str | None = None):
        program = TREE / "tests" / "provider" / "provider.py"
        self.process = subprocess.Popen(
            [PYTHON, "-B", str(program), *arguments],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        line = self.process.stdout.readline()
        assert line, f"the provider did not start: {self.process.wait()}"
        self.addresses = json.loads(line)
        self.api = self.addresses["api"]
        self.issuer = self.addresses["issuer"]
        self.token_endpoint = self.addresses["token_endpoint"]
        self.authorization_endpoint = self.addresses["authorization_endpoint"]
        self.par_endpoint = self.addresses["pushed_authorization_request_endpoint"]
        self.device_endpoint = self.addresses["device_authorization_endpoint"]
        self.verification_uri = self.addresses["verification_uri"]
        self.revocation_endpoint = self.addresses["revocation_endpoint"]
        self.introspection_endpoint = self.addresses["introspection_endpoint"]
        self.jwks_uri = self.addresses["jwks_uri"]
        self.service_account_endpoint = self.addresses["service_account_endpoint"]
        self.aliases = self.addresses["mtls_endpoint_aliases"]
        self.ca = ca
        self.context = None
        if ca:
            import ssl
            self.context = ssl.create_default_context(cafile=ca)
        opener = urllib.request.ProxyHandler({})
        https = urllib.request.HTTPSHandler(context=self.context)
        self.opener = urllib.request.build_opener(opener, https)

    def _call(self, path: str, data: dict | None = None) -> dict:
        request = urllib.request.Request(
            self.addresses["control"] + path,
            data=None if data is None else json.dumps(data).encode(),
            headers={"Content-Type": "application/json"})
        with self.opener.open(request, timeout=30) as reply:
            return json.load(reply)

    def set(self, **changes) -> None:
        """issue=, plan=, clients=, options=, metadata=, issuers=,
        outside_tokens=, people=: see tests/provider/control.py."""
        self._call("", changes)

    def register(self, **metadata) -> dict:
        """Registers a client, or another in its place: the demonstration
        client, changed by RFC 7591's words (and those of authentication.py)."""
        client = {"client_id": "demo-client", "client_secret": "demo-secret",
                  **metadata}
        self.set(clients=[client])
        return client

    def approve_device(self, user_code: str | None = None, user: str = "alice",
                       approve: bool = True) -> str | None:
        """Decides without a page. Without a code, of the newest that waits;
        the user code, or None where none waits."""
        return self._call("/device", {"user_code": user_code, "user": user,
                                      "approve": approve})["user_code"]

    def deny_device(self, user_code: str | None = None) -> str | None:
        return self.approve_device(user_code, approve=False)

    def authorize(self, url: str, user: str = "alice", approve: bool = True) -> dict:
        """The answer to an authorization request, without asking anybody:
        `status`, `location`, `body`, and `response` (its parameters)."""
        return self._call("/authorize", {"url": url, "user": user,
                                         "approve": approve})

    def log_out(self) -> None:
        """Ends what the browsers' cookies stand for."""
        self._call("/log_out", {})

    def reset(self) -> None:
        self._call("/reset", {})

    def revoke(self, access_token: str | None = None) -> int:
        return self._call("/revoke", {"access_token": access_token})["revoked"]

    def expire(self) -> None:
        """Ends all access tokens, but no refresh token."""
        self._call("/expire", {})

    def state(self) -> dict:
        return self._call("")

    def requests(self, endpoint: str = "token") -> list[dict]:
        """Those of one of the ENDPOINTS in tests/provider/control.py."""
        return self.state()[endpoint]["log"]

    def count(self, endpoint: str = "token") -> int:
        return self.state()[endpoint]["total"]

    @property
    def revocations(self) -> list[dict]:
        """`hint`, `kind` (access_token, refresh_token, unknown), `revoked`,
        `authenticated` (client and method) of each, in order."""
        return self.requests("revocation")

    @property
    def responses(self) -> list[dict]:
        """Authorization responses: `redirect_uri`, `mode`, `params`."""
        return self.state()["responses"]

    @property
    def assertions(self) -> list[dict]:
        """All that were shown: `use`, `header`, `claims`, `refused` (or None)."""
        return self.state()["assertions"]

    @property
    def dpop_proofs(self) -> list[dict]:
        """All that were shown: `side` (token, api), `uri`, `header`, `claims`,
        `jkt`, `refused` (or None)."""
        return self.state()["dpop_proofs"]

    @property
    def exchanges(self) -> list[dict]:
        """Token exchanges that were granted: see tests/provider/exchange.py."""
        return self.state()["exchanges"]

    @property
    def token_requests(self) -> list[dict]:
        return self.requests("token")

    @property
    def token_count(self) -> int:
        return self.count("token")

    @property
    def issued(self) -> list[str]:
        return self.state()["issued"]

    def service(self, **keys) -> Keys:
        """A service of the demonstration client, changed by `keys`; None
        removes a key."""
        service: dict = {
            "upstream": self.api,
            "match": "api.example.test",
            "grant_type": "client_credentials",
            "token_endpoint": self.token_endpoint,
            "client_id": "demo-client",
            "client_secret": "demo-secret",
            **keys,
        }
        return {k: v for k, v in service.items() if v is not None}

    def stop(self) -> None:
        self.process.stdin.close()
        try:
            status = self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            status = self.process.wait()
        self.process.stdout.close()
        assert status == 0, f"the provider ended with {status}"


NGINX = """
daemon off;
{user}
worker_processes 1;
pid {folder}/nginx.pid;
error_log stderr error;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    sendfile on;
    keepalive_requests 10000000;
    client_max_body_size 0;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    default_type application/octet-stream;
    {http}
    server {{
        listen 127.0.0.1:{port} backlog=4096;
        {server}
    }}
}}
"""


class Nginx(Process):
    """nginx with a configuration of its own, serving `folder`/files."""

    def __init__(self, folder: Path, server: str = "", http: str = ""):
        self.folder = folder
        self.files = folder / "files"
        self.files.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        user = "user root;" if os.geteuid() == 0 else ""
        config = folder / "nginx.conf"
        config.write_text(NGINX.format(
            folder=folder, port=self.port, user=user, http=http,
            server=server or f"root {self.files};"))
        super().__init__(["/usr/sbin/nginx", "-e", "stderr", "-p", str(folder),
                          "-c", str(config)], dict(os.environ))
        wait_for(self.answers, START_TIMEOUT, "nginx answering")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def answers(self) -> bool:
        if self.process.poll() is not None:
            self.fail(f"ended with {self.process.returncode}")
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
            return True
        except OSError:
            return False

    def workers(self) -> list[int]:
        """The worker processes' ids."""
        children = f"/proc/{self.pid}/task/{self.pid}/children"
        return [int(pid) for pid in Path(children).read_text().split()]

    def stop(self) -> None:
        status = self.end()
        assert status == 0, f"nginx ended with {status}: {self.stderr}"


def big_file(path: Path, size: int) -> Path:
    """A file of zeros that takes no room on the disk."""
    with open(path, "wb") as out:
        out.truncate(size)
    return path


def limit_file_size(pid: int, size: int) -> None:
    """From now on the process can write no file beyond this size, as on a
    full disk."""
    hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)[1]
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, hard))


def texts_of(folder: Path) -> Iterable[tuple[Path, bytes]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path, path.read_bytes()
