#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The demonstration: an authorization server and a protected API on loopback,
bearerd in front of them, and two requests that need no token of their own.

What runs where is read from the configuration file, conf/demo.ini.
"""

from __future__ import annotations

import argparse
import configparser
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

from provider import Provider, raise_descriptor_limit

TREE = Path(__file__).resolve().parents[2]
START_TIMEOUT = 30


class Refused(Exception):
    """The demonstration cannot run; the text says why and what to do."""


class Setting:
    """The addresses that the configuration file names."""

    def __init__(self, path: Path):
        parser = configparser.ConfigParser(interpolation=None)
        if not parser.read(path):
            raise Refused(f"{path} cannot be read")
        self.path = path
        self.name = next(s.split()[1] for s in parser.sections()
                         if s.startswith("service "))
        service = parser[f"service {self.name}"]
        self.listen = parser["proxy"]["listen"]
        self.proxy = f"http://{self.listen}"
        self.port = int(self.listen.rpartition(":")[2])
        self.api = service["upstream"]
        self.api_port = urlsplit(self.api).port
        self.host = service["match"]
        self.issuer_port = urlsplit(service["token_endpoint"]).port


def check_port(port: int, whose: str, setting: Setting) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise Refused(
                f"port {port} of 127.0.0.1, for {whose}, cannot be had "
                f"({error.strerror}): end what uses it, or write another "
                f"port in {setting.path}") from None


def fetch(url: str, proxy: str | None = None) -> tuple[int, str]:
    """The status and the text of an answer, whatever it is."""
    handler = urllib.request.ProxyHandler({"http": proxy} if proxy else {})
    try:
        with urllib.request.build_opener(handler).open(url, timeout=30) as reply:
            return reply.status, reply.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def start_bearerd(setting: Setting, folder: str) -> subprocess.Popen:
    binary = Path(os.environ.get("BEARERD") or TREE / "build" / "bearerd")
    if not binary.exists():
        raise Refused(f"{binary} is not there: build it, or name it in BEARERD")
    env = {**os.environ, "STATE_DIRECTORY": folder, "RUNTIME_DIRECTORY": folder}
    process = subprocess.Popen([str(binary), "run", "-c", str(setting.path)],
                               env=env, stdin=subprocess.DEVNULL)
    limit = time.monotonic() + START_TIMEOUT
    while time.monotonic() < limit:
        if process.poll() is not None:
            raise Refused(f"bearerd ended with status {process.returncode}")
        try:
            if fetch(setting.proxy + "/-/health/ready")[0] == 200:
                return process
        except OSError:
            time.sleep(0.02)
    process.terminate()
    raise Refused(f"bearerd was not ready within {START_TIMEOUT} s")


def indent(text: str) -> str:
    try:
        text = json.dumps(json.loads(text), indent=2)
    except ValueError:
        pass
    return "\n".join("      " + line for line in text.strip().split("\n"))


def step(what: str, line: str, status: int, text: str, wanted: int) -> None:
    print(f"\n{what}\n\n    $ {line}\n    {status}\n{indent(text)}", flush=True)
    if status != wanted:
        raise Refused(f"the answer was to be {wanted}, and is {status}")


def show(setting: Setting, provider: Provider) -> None:
    proxied = f"http://{setting.host}/hello"
    by_path = f"{setting.proxy}/{setting.name}/hello"
    print(f"""\
A demonstration of bearerd, on nothing but this machine.

  authorization server  {provider.authorization.url}  (Authlib and Flask)
  protected API         {provider.api.url}  (wants a token of that server)
  bearerd               {setting.proxy}  ({setting.path})""")
    status, text = fetch(setting.api + "/hello")
    step("1. The API, asked directly, refuses: there is no token.",
         f"curl -s {setting.api}/hello", status, text, 401)
    status, text = fetch(proxied, setting.proxy)
    step("2. The same through http_proxy. bearerd gets a token and adds it; the\n"
         "   API says what it was sent.",
         f"http_proxy={setting.proxy} curl -s {proxied}", status, text, 200)
    status, text = fetch(by_path)
    step("3. And by path, for what knows no proxy.",
         f"curl -s {by_path}", status, text, 200)
    count = provider.control.token.total
    print(f"\nToken requests that the authorization server has seen: {count}.")


def suggest(setting: Setting, provider: Provider) -> None:
    proxied = f"http://{setting.host}"
    print(f"""
bearerd goes on serving. Try, in another terminal:

    # any request, any method
    http_proxy={setting.proxy} curl -s -d some=body {proxied}/anything?a=b

    # events arrive as they are sent
    http_proxy={setting.proxy} curl -sN {proxied}/sse

    # revoke all tokens, then ask again: renewed, and answered 200
    curl -s --json '{{}}' {provider.authorization.url}/_control/revoke
    curl -s -o /dev/null -w '%{{http_code}}\\n' {setting.proxy}/{setting.name}/hello

    # how bearerd is
    curl -s {setting.proxy}/-/health

Ctrl-C ends it.""", flush=True)


def wait_for_end(bearerd: subprocess.Popen, ended: threading.Event) -> None:
    """Until a signal says so. Whether bearerd still lives is looked at too."""
    while not ended.wait(0.5):
        if bearerd.poll() is not None:
            raise Refused(f"bearerd ended with status {bearerd.returncode}")


def stop(bearerd: subprocess.Popen) -> None:
    if bearerd.poll() is None:
        bearerd.terminate()
    try:
        status = bearerd.wait(60)
    except subprocess.TimeoutExpired:
        bearerd.kill()
        raise Refused("bearerd did not end within 60 s") from None
    if status != 0:
        raise Refused(f"bearerd ended with status {status}")


def demonstrate(setting: Setting, once: bool, ended: threading.Event) -> None:
    for port, whose in ((setting.issuer_port, "the authorization server"),
                        (setting.api_port, "the API"), (setting.port, "bearerd")):
        check_port(port, whose, setting)
    provider = Provider(setting.issuer_port, setting.api_port).start()
    with tempfile.TemporaryDirectory(prefix="bearerd-demo-") as folder:
        bearerd = start_bearerd(setting, folder)
        try:
            show(setting, provider)
            if not once and not ended.is_set():
                suggest(setting, provider)
                wait_for_end(bearerd, ended)
        finally:
            stop(bearerd)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--once", action="store_true",
                        help="end after the two requests")
    parser.add_argument("-c", "--config", type=Path,
                        default=TREE / "conf" / "demo.ini")
    options = parser.parse_args()
    raise_descriptor_limit()
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    try:
        demonstrate(Setting(options.config), options.once, ended)
    except Refused as refused:
        print(f"demonstration: {refused}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # the servers' threads are not waited for
