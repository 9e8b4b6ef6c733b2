# SPDX-License-Identifier: MIT
"""A real browser: headless Chromium, driven by chromedriver over the W3C's
WebDriver protocol.

It reaches loopback and nothing else: names below .test, and a few more that
are reserved for tests, are all 127.0.0.1 to it, and no others are found.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import requests

from harness import START_TIMEOUT, Process, free_port, wait_for
from rawserver import Peer, Script

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # the protocol's own key
PATIENCE = 20
NAMES = ("*.test", "*.example.org", "*.example.com")
FLAGS = (
    "--headless=new", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--disable-dev-shm-usage", "--disable-breakpad",
    "--disable-default-apps", "--disable-extensions", "--no-proxy-server",
    "--host-resolver-rules=" + ", ".join(
        [f"MAP {name} 127.0.0.1" for name in NAMES] +
        ["MAP * ~NOTFOUND", "EXCLUDE 127.0.0.1", "EXCLUDE localhost"]),
)


def can_sandbox() -> bool:
    """Whether Chromium may put its processes into namespaces: never as root,
    and not within containers that forbid it."""
    return os.geteuid() != 0 and subprocess.run(
        ["unshare", "--user", "--pid", "--net", "--fork", "true"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0


class WebDriverError(AssertionError):
    """What the driver refused, by the protocol's word for it."""

    def __init__(self, value: dict):
        super().__init__(f"{value['error']}: {value['message']}")
        self.error = value["error"]


class Element:
    """Something in a page, as long as that page is shown."""

    def __init__(self, browser: "Browser", reference: str):
        self.browser = browser
        self.path = f"/element/{reference}"

    def click(self) -> None:
        self.browser.call("POST", self.path + "/click", {})

    def type(self, text: str) -> None:
        """Types at the end of what a field holds; a newline is Enter."""
        self.browser.call("POST", self.path + "/value", {"text": text})

    def clear(self) -> None:
        self.browser.call("POST", self.path + "/clear", {})

    @property
    def text(self) -> str:
        return self.browser.call("GET", self.path + "/text")

    def attribute(self, name: str) -> str | None:
        return self.browser.call("GET", f"{self.path}/attribute/{name}")

    def property(self, name: str) -> Any:
        return self.browser.call("GET", f"{self.path}/property/{name}")


class Browser:
    """A Chromium with an empty profile of its own; a WebDriver session."""

    def __init__(self, driver: "Chromedriver", *flags: str):
        self.profile = tempfile.mkdtemp(prefix="profile-", dir=driver.folder)
        arguments = [*FLAGS, f"--user-data-dir={self.profile}", *flags]
        if not can_sandbox():
            arguments.append("--no-sandbox")
        self.driver = driver
        self.path = ""
        made = self.call("POST", "/session", {"capabilities": {"alwaysMatch": {
            "browserName": "chrome",
            "timeouts": {"implicit": 0, "pageLoad": 60000, "script": 30000},
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
            "goog:chromeOptions": {"binary": "/usr/bin/chromium",
                                   "args": arguments}}}})
        self.path = "/session/" + made["sessionId"]
        self.pid = made["capabilities"]["goog:processID"]
        self.asked: dict[str, str] = {}
        self.untold: list[tuple[str, int]] = []

    def call(self, method: str, path: str, body: dict | None = None) -> Any:
        """One command of the protocol; its value."""
        reply = self.driver.http.request(
            method, self.driver.url + self.path + path, json=body, timeout=90)
        value = reply.json()["value"]
        if reply.status_code != 200:
            raise WebDriverError(value)
        return value

    def open(self, url: str) -> None:
        """Goes there, and waits until the page is loaded."""
        self.call("POST", "/url", {"url": url})

    def back(self) -> None:
        self.call("POST", "/back", {})

    def reload(self) -> None:
        self.call("POST", "/refresh", {})

    @property
    def url(self) -> str:
        return self.call("GET", "/url")

    @property
    def title(self) -> str:
        return self.call("GET", "/title")

    @property
    def source(self) -> str:
        return self.call("GET", "/source")

    @property
    def text(self) -> str:
        """What a person can read in the page."""
        return self.find("body").text

    @property
    def status(self) -> int:
        """The HTTP status that the page came with."""
        return self.run("return performance.getEntriesByType('navigation')[0]"
                        ".responseStatus")

    def find_all(self, css: str) -> list[Element]:
        found = self.call("POST", "/elements",
                          {"using": "css selector", "value": css})
        return [Element(self, one[ELEMENT]) for one in found]

    def find(self, css: str, timeout: float = PATIENCE) -> Element:
        """The first that fits, waited for."""
        found: list[Element] = []
        wait_for(lambda: found.extend(self.find_all(css)) or found, timeout,
                 f"{css} in {self.url}")
        return found[0]

    def run(self, script: str, *arguments) -> Any:
        """Runs a function's body in the page; a promise is waited for."""
        return self.call("POST", "/execute/sync",
                         {"script": script, "args": list(arguments)})

    def wait_for_url(self, pattern: str, timeout: float = PATIENCE) -> str:
        """Waits until the address fits (re.search); the address."""
        limit = time.monotonic() + timeout
        while not re.search(pattern, url := self.url):
            assert time.monotonic() < limit, f"at {url}, not {pattern}"
            time.sleep(0.02)
        return url

    def cookies(self) -> dict[str, dict]:
        """The cookies that the page's address would get, by name."""
        return {cookie["name"]: cookie for cookie in self.call("GET", "/cookie")}

    def screenshot(self, path: Path) -> None:
        path.write_bytes(base64.b64decode(self.call("GET", "/screenshot")))

    def console(self) -> list[str]:
        """What went to the console since the last look, the browser's own
        complaints too."""
        entries = self.call("POST", "/se/log", {"type": "browser"})
        return [f"{entry['level']} {entry['message']}" for entry in entries]

    def answers(self) -> list[tuple[str, int]]:
        """The addresses that answered since the last look, with the status
        that came over the wire, whether or not the page may see it. Chromium
        tells of both in either order, and a moment later."""
        for entry in self.call("POST", "/se/log", {"type": "performance"}):
            event = json.loads(entry["message"])["message"]
            values = event["params"]
            if event["method"] == "Network.requestWillBeSent":
                self.asked[values["requestId"]] = values["request"]["url"]
            elif event["method"] == "Network.responseReceivedExtraInfo":
                self.untold.append((values["requestId"], values["statusCode"]))
        told = [one for one in self.untold if one[0] in self.asked]
        self.untold = [one for one in self.untold if one[0] not in self.asked]
        return [(self.asked[number], status) for number, status in told]

    def devtools(self, command: str, **parameters) -> Any:
        """A command of Chromium's own protocol, for what WebDriver lacks."""
        return self.call("POST", "/goog/cdp/execute",
                         {"cmd": command, "params": parameters})

    def forget(self) -> None:
        """As if nothing had been opened in it before."""
        self.open("about:blank")
        self.devtools("Network.clearBrowserCookies")
        self.devtools("Network.clearBrowserCache")
        self.devtools("Storage.clearDataForOrigin", origin="*", storageTypes="all")
        self.console()
        self.answers()
        self.asked.clear()
        self.untold.clear()

    def quit(self) -> None:
        self.call("DELETE", "")
        shutil.rmtree(self.profile, ignore_errors=True)


class Chromedriver(Process):
    """chromedriver on a free port, the leader of a session of processes that
    its browsers are in too. Its folder's path is short, for sockets are in it;
    all that a browser writes is below."""

    def __init__(self) -> None:
        self.folder = tempfile.mkdtemp(prefix="bearerd-chromium-")
        self.browsers: list[Browser] = []
        self.http = requests.Session()
        self.http.trust_env = False
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        env = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": self.folder,
               "TMPDIR": self.folder}
        for name in ("CONFIG_HOME", "CACHE_HOME", "DATA_HOME", "RUNTIME_DIR"):
            env["XDG_" + name] = self.folder
        super().__init__(["/usr/bin/chromedriver", f"--port={port}"], env,
                         start_new_session=True, cwd=self.folder)
        try:
            wait_for(self._ready, START_TIMEOUT, "chromedriver ready")
        except BaseException:
            self.process.kill()
            self.process.wait()
            raise

    def _ready(self) -> bool:
        try:
            return self.http.get(self.url + "/status", timeout=10).status_code == 200
        except requests.ConnectionError:
            if self.process.poll() is not None:
                self.fail(f"ended with {self.process.returncode}")
            return False

    def browser(self, *flags: str) -> Browser:
        """Starts another browser."""
        self.browsers.append(Browser(self, *flags))
        return self.browsers[-1]

    def members(self) -> list[int]:
        """The processes of this session that have not ended, and those that
        left it and still write below its folder."""
        result = []
        for path in Path("/proc").glob("[0-9]*"):
            try:
                stat = (path / "stat").read_text()
                command = (path / "cmdline").read_bytes()
            except (FileNotFoundError, ProcessLookupError):
                continue
            state, _, _, session = stat.rpartition(")")[2].split()[:4]
            if state not in "ZX" and (int(session) == self.pid or
                                      os.fsencode(self.folder) in command):
                result.append(int(path.name))
        return result

    def stop(self) -> None:
        try:
            for browser in self.browsers:
                browser.quit()
            self.end()
            wait_for(lambda: not self.members(), 10, "Chromium's end")
        finally:
            for pid in self.members():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            shutil.rmtree(self.folder, ignore_errors=True)


def site(pages: dict[str, str | tuple[str, ...]]) -> Script:
    """A raw server's script: HTML by path, alone or with fields after it, of
    which Location makes it a redirect. What is not there is a 404, a browser's
    favicon.ico for one."""

    def script(peer: Peer) -> None:
        while True:
            request = peer.read_request()
            page = pages.get(request.target.partition("?")[0])
            if page is None:
                peer.answer(b"", "404 Not Found")
                continue
            html, *fields = (page,) if isinstance(page, str) else page
            moved = any(field.startswith("Location:") for field in fields)
            peer.answer(html.encode(), "302 Found" if moved else "200 OK",
                        "Content-Type: text/html; charset=utf-8", *fields)

    return script
