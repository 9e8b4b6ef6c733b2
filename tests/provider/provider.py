#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""An authorization server and an API that it protects, on loopback.

Prints one line of JSON with its addresses when it is ready, and serves until
SIGTERM or until its standard input ends.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import signal
import sys
import threading

os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"  # plain HTTP, on loopback

import api  # noqa: E402
import authorization  # noqa: E402
from control import Control  # noqa: E402
from httpd import Server  # noqa: E402
from metadata import Site  # noqa: E402
from storage import Storage  # noqa: E402


class Provider:
    """Both servers, over one storage. With `client_ca`, beside the first over
    TLS stands another that asks for client certificates: those that the CA
    signed, and those that clients were registered with (RFC 8705)."""

    def __init__(self, port: int = 0, api_port: int = 0,
                 tls: tuple[str, str] | None = None, client_ca: str | None = None):
        self.storage = Storage()
        self.control = Control()
        self.site = Site()
        app = authorization.make_app(self.storage, self.control, self.site,
                                     self.trust, self.forget)
        self.authorization = Server(port, app, tls)
        self.mtls = Server(0, app, tls, client_ca=client_ca) if client_ca else None
        self.site.issuer = self.authorization.url
        self.site.mtls = self.mtls.url if self.mtls else None
        self.api = Server(api_port, api.make_app(self.storage, self.control), tls)

    def servers(self) -> list[Server]:
        return [s for s in (self.authorization, self.mtls, self.api) if s]

    def start(self) -> "Provider":
        for server in self.servers():
            server.start()
        return self

    def trust(self, certificate: str) -> None:
        if self.mtls:
            self.mtls.trust(certificate)

    def forget(self) -> None:
        if self.mtls:
            self.mtls.forget()

    def addresses(self) -> dict:
        return {**self.site.addresses(), "api": self.api.url}


def raise_descriptor_limit() -> None:
    """Each connection is a descriptor, and tests open many at once."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--api-port", type=int, default=0)
    parser.add_argument("--tls-certificate")
    parser.add_argument("--tls-private-key")
    parser.add_argument("--tls-client-ca")
    options = parser.parse_args()
    tls = None
    if options.tls_certificate:
        tls = (options.tls_certificate, options.tls_private_key)
    raise_descriptor_limit()
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    provider = Provider(options.port, options.api_port, tls,
                        options.tls_client_ca).start()
    print(json.dumps(provider.addresses()), flush=True)

    def wait_for_end_of_input() -> None:
        sys.stdin.buffer.read()
        ended.set()

    threading.Thread(target=wait_for_end_of_input, daemon=True).start()
    ended.wait()
    sys.stdout.flush()
    os._exit(0)  # threads that still answer somebody do not matter


if __name__ == "__main__":
    sys.exit(main())
