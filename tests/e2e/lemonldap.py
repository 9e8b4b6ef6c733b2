# SPDX-License-Identifier: MIT
"""A third authorization server, with nothing of ours in it: LemonLDAP::NG.

It is the packaged portal under Plack's own server, with a configuration and
sessions in a folder of the test's own, behind a front (front.py). Its issuer
ends in a slash, it refuses in words of RFC 6749's, but not always those that are
meant there, and people log in at its pages, by forms.
"""

from __future__ import annotations

import json
import os
import secrets
import signal
import time
from functools import partial
from pathlib import Path

import requests

from browser import MOST_HOPS, Browser
from front import FORMATS, Fronted, forward, key_pair
from harness import START_TIMEOUT, Process, free_port
from rawserver import RawServer

PORTAL = "/usr/share/lemonldap-ng/portal/htdocs/index.psgi"
TEMPLATES = "/usr/share/lemonldap-ng/portal/templates"
AUTH_METHODS = ("client_secret_basic", "client_secret_post")
SESSIONS = "Apache::Session::File"

# Without a cache, and looked at before every request: a client that a test
# adds is known at once.
INI = """
[all]
logLevel = warn
checkTime = -1
[configuration]
type = File
dirName = {folder}/conf
[portal]
staticPrefix = /static
templateDir = {templates}
languages = en
"""


def signing_keys() -> dict[str, str]:
    """A key to sign ID tokens with, in the configuration's words."""
    private, public = key_pair(FORMATS.TraditionalOpenSSL)
    return {"oidcServicePrivateKeySig": private, "oidcServicePublicKeySig": public}


class Lemonldap(Fronted, Process):
    """The portal behind its front, both on free ports of loopback. Its users
    are those of its demonstration: dwho and others, whose password is their
    name."""

    def __init__(self, folder: Path):
        self.port = free_port()
        self.front = RawServer(partial(forward, self.port))
        self.url = self.front.url
        self.folder = folder
        self.session = requests.Session()
        self.session.trust_env = False
        for name in ("conf", "sessions/lock", "persistent/lock"):
            (folder / name).mkdir(parents=True)
        self.configuration = self._configuration()
        self.client("resource-server", "resource-secret")
        ini = folder / "lemonldap-ng.ini"
        ini.write_text(INI.format(folder=folder, templates=TEMPLATES))
        env = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "HOME": str(folder),
               "LLNG_DEFAULTCONFFILE": str(ini)}
        super().__init__(["/usr/bin/plackup", "-E", "deployment", "-s",
                          "HTTP::Server::PSGI", "--host", "127.0.0.1", "--port",
                          str(self.port), PORTAL], env, cwd=folder)
        try:
            self._wait()
        except BaseException:
            self.process.kill()
            self.process.wait()
            self.front.stop()
            raise
        self.reset()

    def _configuration(self) -> dict:
        def sessions(name: str) -> dict[str, str]:
            return {"Directory": str(self.folder / name),
                    "LockDirectory": str(self.folder / name / "lock")}

        return {
            "cfgNum": 0, "cfgAuthor": "tests",
            "portal": self.url + "/", "domain": "127.0.0.1",
            "key": secrets.token_hex(16), "cookieName": "lemonldap",
            "securedCookie": 0, "timeout": 72000,
            "authentication": "Demo", "userDB": "Same", "passwordDB": "Demo",
            "captcha": "::Main::Plugin",  # the base of all: none
            "portalDisplayRegister": 0, "portalDisplayResetPassword": 0,
            "whatToTrace": "_whatToTrace",
            "macros": {"_whatToTrace": "lc($_user)"},
            "demoExportedVars": {"cn": "cn", "mail": "mail", "uid": "uid"},
            "globalStorage": SESSIONS, "globalStorageOptions": sessions("sessions"),
            "persistentStorage": SESSIONS,
            "persistentStorageOptions": sessions("persistent"),
            "localSessionStorage": "",  # its default is a folder of the machine's
            "locationRules": {"127.0.0.1": {"default": "accept"}},
            "issuerDBOpenIDConnectActivation": 1,
            "oidcServiceAllowAuthorizationCodeFlow": 1,
            "oidcServiceAllowImplicitFlow": 1, "oidcServiceAllowHybridFlow": 1,
            "oidcRPMetaDataOptions": {}, "oidcRPMetaDataExportedVars": {},
            **signing_keys(), "oidcServiceKeyIdSig": "first",
        }

    def _wait(self) -> None:
        limit = time.monotonic() + START_TIMEOUT
        while True:
            try:
                reply = self.session.get(
                    f"http://127.0.0.1:{self.port}/.well-known/openid-configuration",
                    timeout=30)
                break
            except requests.ConnectionError:
                if self.process.poll() is not None:
                    self.reader.join(5)
                    self.fail(f"ended with {self.process.returncode}")
                if time.monotonic() > limit:
                    self.fail("does not answer")
                time.sleep(0.01)
        if reply.status_code != 200:
            self.fail(f"answers {reply.status_code}")

    def client(self, client_id: str, secret: str | None = None, *,
               redirect_uris=(), algorithm: str = "RS256",
               consent: bool = False, pkce: bool = True, rule: str = "",
               **more) -> None:
        """Registers a client: a public one if it has no secret. With
        `consent`, people are asked before it gets anything; with `pkce` it
        must use that (but the server then wants a challenge of an implicit
        grant too, and forgets that of a hybrid one); `rule` says of whom it
        gets anything, in Perl; more: options of the server's."""
        options = {
            "ClientID": client_id, "ClientSecret": secret or "",
            "Public": int(secret is None), "DisplayName": client_id,
            "RedirectUris": " ".join(redirect_uris),
            "BypassConsent": int(not consent),
            "IDTokenSignAlg": algorithm, "RequirePKCE": int(pkce), "RefreshToken": 1,
            "AllowOffline": 1, "AllowClientCredentialsGrant": 1,
            "AllowPasswordGrant": 1, "Rule": rule, "UserIDAttr": "uid", **more}
        self.configuration["oidcRPMetaDataOptions"][client_id] = {
            f"oidcRPMetaDataOptions{name}": value for name, value in options.items()}
        self.configuration["oidcRPMetaDataExportedVars"][client_id] = {
            "email": "mail", "name": "cn"}
        self._save()

    def change(self, **values) -> None:
        """Changes the configuration."""
        self.configuration.update(values)
        self._save()

    def _save(self) -> None:
        """As a configuration of the next number, whole from the start."""
        self.configuration["cfgNum"] += 1
        self.configuration["cfgDate"] = int(time.time())
        conf = self.folder / "conf"
        (conf / "new").write_text(json.dumps(self.configuration))
        (conf / "new").rename(conf / f"lmConf-{self.configuration['cfgNum']}.json")

    @property
    def issuer(self) -> str:
        return self.url + "/"

    @property
    def discovery(self) -> str:
        return self.url + "/.well-known/openid-configuration"

    @property
    def authorization_endpoint(self) -> str:
        return self.url + "/oauth2/authorize"

    @property
    def token_endpoint(self) -> str:
        return self.url + "/oauth2/token"

    @property
    def introspection_endpoint(self) -> str:
        return self.url + "/oauth2/introspect"

    @property
    def jwks_uri(self) -> str:
        return self.url + "/oauth2/jwks"

    def introspect(self, token: str) -> dict:
        """What the server knows of a token (RFC 7662), past the front."""
        reply = self.session.post(
            f"http://127.0.0.1:{self.port}/oauth2/introspect", data={"token": token},
            auth=("resource-server", "resource-secret"), timeout=30)
        assert reply.status_code == 200, (reply.status_code, reply.text)
        return reply.json()

    def forget(self, token: str) -> None:
        """Ends an access token: its session is its file."""
        (self.folder / "sessions" / token).unlink()

    def stop(self) -> None:
        """Plack's server leaves the signal to the system."""
        status = self.end()
        self.front.stop()
        assert status == -signal.SIGTERM, f"plackup ended with {status}: {self.stderr}"


def go_through(browser: Browser, user: str = "dwho", password: str | None = None,
               agree: bool = True) -> list[str]:
    """Does what a person does at the pages that are shown from here on, until
    a page comes that is not the portal's, or that asks nothing; what the
    pages asked for."""
    asked: list[str] = []
    for _ in range(MOST_HOPS):
        form = next((f for f in browser.document.forms if f.method == "post"), None)
        if form is not None and form.has("password"):
            if "password" in asked:
                return asked  # it was refused
            asked.append("password")
            browser.submit(form, user=user,
                           password=user if password is None else password)
        elif form is not None and form.has("confirm"):
            asked.append("confirm")
            browser.submit(form, ("confirm", "1" if agree else "-1"))
        elif form is not None and "redirectcontent" in browser.response.text:
            # Its script, which the portal leaves to a server of files.
            browser._send_form(form, form.fields, by_person=False)
        elif not browser.run_scripts():
            return asked
    raise AssertionError(f"no end to the pages; now at {browser.url}")
