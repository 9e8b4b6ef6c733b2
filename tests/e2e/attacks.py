# SPDX-License-Identifier: MIT
"""Every way in which bearerd asks an authorization server for something, so
that a test can have each of them answered by somebody hostile."""

from __future__ import annotations

import base64
import re
import time
from pathlib import Path
from urllib.parse import urlencode

import requests

import harness
import login
import test_device

URL = "http://api.example.test/open/x"
SECRET = "t0ken"
# Controls of C0 and C1, and what turns the direction of a line.
CONTROLS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e"
                      "\u2066-\u2069]")


class Door:
    """One endpoint, and what makes bearerd use it. `good` is what an honest
    server would say there; `knock` returns all that a person is told."""

    endpoint = ""  # as the provider's plan names it
    key = ""       # the key that gives its address
    status = 200

    def __init__(self, bearerd, provider, browser):
        self.bearerd = bearerd
        self.provider = provider
        self.browser = browser
        self.proxy = None
        self.keys: dict = {}

    def good(self) -> dict:
        return {"access_token": SECRET, "token_type": "Bearer"}

    def start(self, **keys) -> None:
        keys = {**keys, **self.keys}
        self.proxy = self.bearerd({"a": self.service(**keys)},
                                  {"log_level": "debug"})

    def service(self, **keys) -> dict:
        return self.provider.service(**keys)

    def knock(self) -> str:
        self.start()
        return self.told(self.proxy.get(URL))

    def told(self, reply) -> str:
        assert reply.status in (502, 503), (reply.status, reply.body)
        assert reply.values("X-Evil") == []
        return reply.raw_head.decode("latin-1") + reply.body.decode()

    def page(self, reply) -> str:
        assert reply.status_code >= 400, reply.text
        assert "is logged in" not in reply.text
        assert "X-Evil" not in reply.headers
        return reply.text

    def command(self, *words: str) -> str:
        """What a command says that fails, on the terminal."""
        path = self.bearerd.folder / "bearerd.ini"
        result = harness.command(*words, "-c", str(path), env=self.bearerd.env)
        assert result.returncode == 1, (result.stdout, result.stderr)
        return result.stdout + result.stderr

    def shown(self, *words: str) -> str:
        """What a command says that does not fail."""
        path = self.bearerd.folder / "bearerd.ini"
        result = harness.command(*words, "-c", str(path), env=self.bearerd.env)
        assert (result.returncode, result.stderr) == (0, "")
        return result.stdout

    def status_text(self) -> str:
        """What is remembered of it."""
        return self.shown("status") + self.shown("status", "--json")

    def is_shut(self) -> None:
        """Nothing of it was taken."""
        assert self.provider.state()["api"]["total"] == 0
        assert login.state_of(self.proxy) != "ready"

    def opens(self) -> bool:
        """Whether it takes what is said there now."""
        self.start()
        return self.proxy.get(URL).status == 200


class Token(Door):
    endpoint, key = "token", "token_endpoint"


class Refresh(Door):
    endpoint, key = "token", "refresh_endpoint"

    def service(self, **keys) -> dict:
        return self.provider.service(**{
            "grant_type": None, "refresh_token": "s33d", **keys})


class People(Door):
    def service(self, **keys) -> dict:
        return login.service(self.provider, **{"match": "api.example.test", **keys})

    def start(self, **keys) -> None:
        super().start(**keys)
        login.register(self.provider, self.proxy)

    def knock(self) -> str:
        self.start()
        return self.page(self.log_in())

    def log_in(self):
        return self.browser.login(login.login_url(self.proxy)).response

    def opens(self) -> bool:
        self.start()
        return "is logged in" in self.log_in().text


class Code(People):
    endpoint, key = "token", "token_endpoint"


class Keys(People):
    endpoint, key = "jwks", "jwks_uri"

    def service(self, **keys) -> dict:
        return super().service(**{"scope": "openid read", **keys})

    def good(self) -> dict:
        return requests.get(self.provider.jwks_uri, timeout=30).json()


class Metadata(Door):
    endpoint, key = "metadata", "issuer"

    def service(self, **keys) -> dict:
        return self.provider.service(**{
            "token_endpoint": None, "issuer": self.provider.issuer, **keys})

    def good(self) -> dict:
        issuer = self.keys.get("issuer", self.provider.issuer)
        return {"issuer": issuer, "token_endpoint": self.provider.token_endpoint}


class Device(Door):
    endpoint, key = "device", "device_authorization_endpoint"

    def service(self, **keys) -> dict:
        self.provider.register(grant_types=[test_device.GRANT, "refresh_token"],
                               scope="read write")
        return test_device.device(self.provider, **keys)

    def good(self) -> dict:
        return {"device_code": "c0de", "user_code": "ABCD", "expires_in": 60,
                "verification_uri": self.provider.verification_uri}

    def knock(self) -> str:
        self.start()
        return self.page(self.open())

    def open(self):
        return self.browser.open(login.login_url(self.proxy))

    def opens(self) -> bool:
        self.start()
        return "ABCD" in self.open().text


class Poll(Device):
    """It ends a login that is waited for, or is asked again."""

    endpoint, key = "token", "token_endpoint"
    good = Door.good

    def knock(self) -> str:
        self.provider.set(options={"device_expires_in": 3})
        self.start()
        assert self.open().status_code == 200
        harness.wait_for(self.failed, 10, "the login's end")
        [said] = self.failed()
        return said + self.told(self.proxy.get(URL))

    def failed(self) -> list[str]:
        return [line for line in self.proxy.lines if "login_failed" in line]

    def opens(self) -> bool:
        self.start()
        self.open()
        harness.wait_for(lambda: login.state_of(self.proxy) == "ready", 10, "a login")
        return True


class Revocation(Door):
    endpoint, key = "revocation", "revocation_endpoint"
    status = 400

    def service(self, **keys) -> dict:
        where = {self.key: self.provider.addresses[self.key]}
        return self.provider.service(**{**where, **keys})

    def good(self) -> dict:
        return {"error": "invalid_request", "error_description": "no"}

    def knock(self) -> str:
        self.start()
        assert self.proxy.get(URL).status == 200
        return self.command("logout", "a")

    def is_shut(self) -> None:
        """It was forgotten all the same."""
        assert login.state_of(self.proxy) == "idle"

    def opens(self) -> bool:
        return "invalid_request" in self.knock()


class Introspection(Door):
    endpoint, key = "introspection", "introspection_endpoint"

    def service(self, **keys) -> dict:
        where = {self.key: self.provider.addresses[self.key]}
        return self.provider.service(**{**where, **keys})

    def good(self) -> dict:
        return {"active": True, "username": SECRET, "token_type": "Bearer"}

    def knock(self) -> str:
        self.start()
        assert self.proxy.get(URL).status == 200
        return self.shown("status", "-v", "a") + self.shown("status", "-v", "--json")

    def is_shut(self) -> None:
        """It changes nothing."""
        assert self.proxy.get(URL).status == 200
        assert self.provider.token_count == 1

    def opens(self) -> bool:
        return "username: " + SECRET in self.knock()


class Pushed(People):
    endpoint, key = "par", "pushed_authorization_request_endpoint"
    status = 201

    def service(self, **keys) -> dict:
        return super().service(**{self.key: self.provider.par_endpoint, **keys})

    def good(self) -> dict:
        return {"request_uri": "urn:ietf:params:oauth:request_uri:" + SECRET,
                "expires_in": 60}

    def opens(self) -> bool:
        self.start()
        self.log_in()
        [asked] = self.provider.requests("authorize")
        return SECRET in asked["target"]


DOORS = {kind.__name__.lower(): kind for kind in (
    Token, Refresh, Code, Poll, Device, Metadata, Keys, Pushed, Revocation,
    Introspection)}


def answered(door, **step) -> None:
    """From now on, by this."""
    door.provider.set(plan=[{"endpoint": door.endpoint, "times": None, **step}])


def no_controls(door: Door, *texts: str) -> None:
    """Neither a terminal nor a log can be written to by a server."""
    for text in (*texts, *door.proxy.lines):
        for line in text.replace("\r\n", "\n").split("\n"):
            assert not CONTROLS.search(line), ascii(line)
            assert not line.lstrip().startswith("X-Evil"), ascii(line)


def spoiled(value, words: str):
    """The same, and in every text within it these words too."""
    if isinstance(value, str):
        return value + words
    if isinstance(value, list):
        return [spoiled(one, words) for one in value]
    if isinstance(value, dict):
        return {name: spoiled(one, words) for name, one in value.items()}
    return value


def encoded(body: bytes) -> dict:
    return {"body_base64": base64.b64encode(body).decode()}


def come_back(browser, url: str, params):
    """A browser brings what somebody told it to; what is in the fragment, the
    page's script posts."""
    browser.open(url + "#" + urlencode(params))
    browser.run_scripts()
    return browser.response


def now() -> int:
    return int(time.time())


def resident(pid: int) -> int:
    """Octets."""
    text = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(re.search(r"VmRSS:\s+(\d+) kB", text).group(1)) * 1024
