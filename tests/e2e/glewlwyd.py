# SPDX-License-Identifier: MIT
"""A second authorization server, with nothing of ours in it: glewlwyd.

It is the packaged program with a database and a configuration of the test's
own, set up over its administration API, behind a front (front.py).
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from functools import partial
from pathlib import Path
from urllib.parse import parse_qs, parse_qsl, urlsplit

import requests

from chromium import Browser
from front import FORMATS, Fronted, forward, key_pair
from harness import START_TIMEOUT, Keys, Process, free_port, wait_for
from rawserver import RawServer

SCHEMA = Path("/usr/share/dbconfig-common/data/glewlwyd/install/sqlite3")
SHARE = Path("/usr/share/glewlwyd")
ADMIN = {"username": "admin", "password": "password"}  # the schema makes it
SCOPES = ("openid", "read", "write", "introspect")
GRANTS = ("code", "token", "id_token", "password", "client_credentials",
          "refresh_token", "device_authorization")
DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"

# "use_secure_connection = false" would be taken for true there.
CONFIG = """
port = {port}
bind_address = "127.0.0.1"
external_url = "{url}"
login_url = "login.html"
api_prefix = "api"
static_files_path = "{pages}"
static_files_mime_types = (
  {{ extension = ".html" mime_type = "text/html" }},
  {{ extension = ".css" mime_type = "text/css" }},
  {{ extension = ".js" mime_type = "application/javascript" }},
  {{ extension = ".json" mime_type = "application/json" }}
)
log_mode = "console"
log_level = "WARNING"
cookie_secure = 0
admin_scope = "g_admin"
profile_scope = "g_profile"
user_module_path = "/usr/lib/glewlwyd/user"
client_module_path = "/usr/lib/glewlwyd/client"
user_auth_scheme_module_path = "/usr/lib/glewlwyd/scheme"
plugin_module_path = "/usr/lib/glewlwyd/plugin"
hash_algorithm = "SHA512"
database = {{ type = "sqlite3" path = "{database}" }};
"""

PLUGIN = {
    "access-token-duration": 3600,
    "refresh-token-duration": 86400,
    "code-duration": 600,
    "refresh-token-rolling": False,
    "refresh-token-one-use": "client-driven",
    "client-refresh-token-one-use-parameter": "refresh-token-one-use",
    "allow-non-oidc": True,
    "oauth-as-iss-id": True,
    "auth-type-code-enabled": True,
    "auth-type-code-revoke-replayed": True,
    "auth-type-token-enabled": True,
    "auth-type-id-token-enabled": True,
    "auth-type-password-enabled": True,
    "auth-type-client-enabled": True,
    "auth-type-refresh-enabled": True,
    "auth-type-device-enabled": True,
    "device-authorization-expiration": 600,
    "device-authorization-interval": 1,
    "pkce-allowed": True,
    "pkce-method-plain-allowed": False,
    "introspection-revocation-allowed": True,
    "introspection-revocation-allow-target-client": True,
    "introspection-revocation-auth-scope": ["introspect"],
    "request-parameter-allow": True,
    "client-pubkey-parameter": "pubkey",
    "client-jwks-parameter": "jwks",
    "jwks-show": True,
    "jwt-type": "rsa",
    "jwt-key-size": "256",
}


def signing_keys() -> dict[str, str]:
    """A key to sign tokens with, in the plugin's words."""
    return dict(zip(("key", "cert"), key_pair(FORMATS.PKCS8)))


def make_database(path: Path) -> None:
    """The packaged schema, in one transaction that need not last."""
    with sqlite3.connect(path) as database:
        database.executescript("PRAGMA synchronous = OFF; BEGIN;" +
                               SCHEMA.read_text() + "COMMIT;")


def make_pages(folder: Path) -> None:
    """Its login page, for real browsers. Copied: it serves nothing that a link
    leads out of its folder to, and the packaged config.json is a folder."""
    shutil.copytree(SHARE / "webapp", folder, ignore=shutil.ignore_patterns(
        "config.json", "admin.js", "*.map"))
    shutil.copy(SHARE / "templates" / "config.json", folder)


class Person:
    """Somebody who is logged in there, in a browser of his own."""

    def __init__(self, server: "Glewlwyd", username: str, password: str):
        self.server = server
        self.session = server.new_session()
        reply = self.session.post(server.api + "/auth/", timeout=30, json={
            "username": username, "password": password})
        assert reply.status_code == 200, (username, reply.status_code)

    def grant(self, client_id: str, scope: str) -> None:
        """Lets the client have these scopes, and no others."""
        reply = self.session.put(f"{self.server.api}/auth/grant/{client_id}",
                                 json={"scope": scope}, timeout=30)
        assert reply.status_code == 200, (reply.status_code, reply.text)

    def visit(self, url: str) -> str:
        """Opens a page; where it redirects to."""
        reply = self.session.get(url, allow_redirects=False, timeout=30)
        assert reply.status_code == 302, (reply.status_code, reply.text)
        return reply.headers["Location"]

    def consent(self, url: str, scope: str | None = None) -> str:
        """Does what the login page does at this address: grants what is asked
        for (or `scope`) and goes on; where that leads to."""
        page = self.visit(url)
        if not page.startswith(self.server.url + "/login.html"):
            return page  # an error, told to the client
        query = dict(parse_qsl(urlsplit(page).query))
        if "scope" not in query:
            return page
        self.grant(query["client_id"], query["scope"] if scope is None else scope)
        back = query["callback_url"]
        return self.visit(back + ("&" if "?" in back else "?") + "g_continue")

    def authorize(self, url: str, scope: str | None = None) -> str:
        """Opens an authorization request and consents; the redirect that the
        client gets, which is not followed."""
        return self.consent(url, scope)

    def approve(self, verification_uri_complete: str) -> None:
        """Approves a device (RFC 8628 section 3.3)."""
        page = self.consent(verification_uri_complete)
        assert parse_qs(urlsplit(page).query)["prompt"] == ["deviceComplete"], page


def consent_in(browser: Browser, username: str = "alice",
               password: str = "wonderland") -> None:
    """Logs in at the login page that the browser shows, grants the client all
    that it asks for, and goes on to where the page leads."""
    browser.find("#username").type(username)
    browser.find("#password").type(password)
    browser.find("#loginbut").click()
    # There from the start; a click on it too early would grant less.
    go_on = ".btn-success"
    browser.find(go_on)
    if wanted := browser.find_all("input[id^=grant-]"):
        for box in wanted:
            box.click()
        browser.find(".card-body .btn-primary").click()
        wait_for(lambda: not browser.find_all("input[id^=grant-]"), 20, "the grant")
    browser.find(go_on).click()


class Glewlwyd(Fronted, Process):
    """glewlwyd behind its front, both on free ports of loopback, with the
    user alice, whose password is wonderland."""

    def __init__(self, folder: Path):
        self.port = free_port()
        self.front = RawServer(partial(forward, self.port))
        self.url = self.front.url
        self.api = self.url + "/api"
        self.issuer = self.api + "/oidc"
        self.clients: set[str] = set()
        self.resource_token: str | None = None
        make_database(folder / "glewlwyd.db")
        make_pages(folder / "pages")
        config = folder / "glewlwyd.conf"
        config.write_text(CONFIG.format(port=self.port, url=self.url,
                                        pages=folder / "pages",
                                        database=folder / "glewlwyd.db"))
        env = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "HOME": str(folder)}
        super().__init__(["/usr/bin/glewlwyd", f"--config-file={config}"], env)
        try:
            self._wait()
            self._set_up()
        except BaseException:
            self.process.kill()
            self.process.wait()
            self.front.stop()
            raise
        self.reset()

    @staticmethod
    def new_session() -> requests.Session:
        """Like a browser that was never used; no proxy of the caller's."""
        session = requests.Session()
        session.trust_env = False
        return session

    def _wait(self) -> None:
        self.admin = self.new_session()
        limit = time.monotonic() + START_TIMEOUT
        while True:
            try:
                reply = self.admin.post(f"http://127.0.0.1:{self.port}/api/auth/",
                                        json=ADMIN, timeout=30)
                break
            except requests.ConnectionError:
                if self.process.poll() is not None:
                    self.reader.join(5)
                    self.fail(f"ended with {self.process.returncode}")
                if time.monotonic() > limit:
                    self.fail("does not answer")
                time.sleep(0.01)
        assert reply.status_code == 200, "the schema's administrator is another"

    def administer(self, method: str, path: str, body: dict | None = None):
        """Uses the administration API, past the front."""
        reply = self.admin.request(method, f"http://127.0.0.1:{self.port}/api/{path}",
                                   json=body, timeout=30)
        assert reply.status_code == 200, (method, path, reply.status_code, reply.text)
        return reply.json() if reply.content else None

    def _set_up(self) -> None:
        clients = self.administer("GET", "mod/client/database")
        clients["parameters"]["data-format"]["refresh-token-one-use"] = {
            "multiple": False, "read": True, "write": True}
        self.administer("PUT", "mod/client/database", clients)
        self.administer("PUT", "mod/client/database/reset")
        self.administer("POST", "mod/plugin/", {
            "module": "oidc", "name": "oidc", "display_name": "oidc",
            "parameters": {**PLUGIN, **signing_keys(), "iss": self.issuer}})
        for scope in SCOPES[1:]:  # the schema has openid
            self.administer("POST", "scope/", {
                "name": scope, "display_name": scope, "password_required": False})
        self.user("alice", "wonderland")
        self.client("resource-server", "resource-secret", scope=["introspect"],
                    grants=["client_credentials"])

    def user(self, username: str, password: str, scope=SCOPES[:3]) -> None:
        """Adds a user who may grant these scopes."""
        self.administer("POST", "user/", {
            "username": username, "name": username.title(), "password": password,
            "email": f"{username}@example.test", "scope": list(scope),
            "enabled": True})

    def client(self, client_id: str, secret: str | None = None, *,
               redirect_uris=(), auth_methods=None, grants=GRANTS,
               scope=("read", "write"), rotate: bool = False, **more) -> None:
        """Registers a client, or changes one: a public one if it has no
        secret. `grants` in the server's words, see GRANTS; `scope` is what it
        may have by client credentials; with `rotate`, its refresh tokens are
        good for one use; more: properties of the server's, `jwks` say."""
        if auth_methods is None:
            auth_methods = ["client_secret_basic", "client_secret_post"] \
                if secret else ["none"]
        body = {"client_id": client_id, "name": client_id, "enabled": True,
                "confidential": secret is not None or "none" not in auth_methods,
                "redirect_uri": list(redirect_uris), "scope": list(scope),
                "authorization_type": list(grants),
                "token_endpoint_auth_method": list(auth_methods), **more}
        if secret is not None:
            body["client_secret"] = secret
        if rotate:
            body["refresh-token-one-use"] = "1"
        if client_id in self.clients:
            self.administer("PUT", f"client/{client_id}", body)
        else:
            self.administer("POST", "client/", body)
        self.clients.add(client_id)

    def person(self, username: str = "alice", password: str = "wonderland") -> Person:
        return Person(self, username, password)

    @property
    def discovery(self) -> str:
        return self.issuer + "/.well-known/openid-configuration"

    @property
    def authorization_endpoint(self) -> str:
        return self.issuer + "/auth"

    @property
    def token_endpoint(self) -> str:
        return self.issuer + "/token"

    @property
    def device_authorization_endpoint(self) -> str:
        return self.issuer + "/device_authorization"

    @property
    def revocation_endpoint(self) -> str:
        return self.issuer + "/revoke"

    @property
    def introspection_endpoint(self) -> str:
        return self.issuer + "/introspect"

    @property
    def jwks_uri(self) -> str:
        return self.issuer + "/jwks"

    def _as_resource_server(self, endpoint: str, token: str) -> requests.Response:
        if self.resource_token is None:
            reply = self.admin.post(
                f"http://127.0.0.1:{self.port}/api/oidc/token",
                auth=("resource-server", "resource-secret"), timeout=30,
                data={"grant_type": "client_credentials", "scope": "introspect"})
            assert reply.status_code == 200, (reply.status_code, reply.text)
            self.resource_token = reply.json()["access_token"]
        reply = self.admin.post(
            f"http://127.0.0.1:{self.port}/api/oidc/{endpoint}",
            data={"token": token}, timeout=30,
            headers={"Authorization": f"Bearer {self.resource_token}"})
        assert reply.status_code == 200, (reply.status_code, reply.text)
        return reply

    def introspect(self, token: str) -> dict:
        """What the server knows of a token (RFC 7662), past the front."""
        return self._as_resource_server("introspect", token).json()

    def revoke(self, token: str) -> None:
        """Ends a token, past the front."""
        self._as_resource_server("revoke", token)

    def service(self, client_id: str, secret: str | None = None, **keys) -> Keys:
        """Without the encoding of Basic that it does not understand."""
        return super().service(client_id, secret, **{
            "client_secret_basic_encoding": "raw", **keys})

    def stop(self) -> None:
        status = self.end()
        self.front.stop()
        assert status == 0, f"glewlwyd ended with {status}: {self.stderr}"
