# SPDX-License-Identifier: MIT
"""What the server says of itself (RFC 8414, OpenID Connect Discovery)."""

from __future__ import annotations

from dataclasses import dataclass

import dpop
import openid
import proofs
from assertions import SERVICE_ACCOUNT_PATH
from authentication import AUTH_METHODS
from control import Control, shaped
from people import MODES

PATHS = {
    "authorization_endpoint": "/authorize",
    "token_endpoint": "/token",
    "pushed_authorization_request_endpoint": "/par",
    "device_authorization_endpoint": "/device_authorization",
    "revocation_endpoint": "/revoke",
    "introspection_endpoint": "/introspect",
    "jwks_uri": "/jwks",
}
MTLS_PATHS = ("token_endpoint", "pushed_authorization_request_endpoint",
              "device_authorization_endpoint", "revocation_endpoint",
              "introspection_endpoint")
RESPONSE_TYPES = ["code", "token", "id_token", "id_token token", "code id_token",
                  "code token", "code id_token token"]


@dataclass
class Site:
    """The server's addresses, once they are known. `mtls` is that of the
    listener that asks for certificates, where there is one."""

    issuer: str = ""
    mtls: str | None = None

    def endpoints(self) -> dict[str, str]:
        return {name: self.issuer + path for name, path in PATHS.items()}

    def aliases(self) -> dict[str, str]:
        return {name: self.mtls + PATHS[name] for name in MTLS_PATHS if self.mtls}

    def addresses(self) -> dict:
        return {
            "issuer": self.issuer,
            **self.endpoints(),
            "mtls_endpoint_aliases": self.aliases(),
            "verification_uri": self.issuer + "/device",
            "service_account_endpoint": self.issuer + SERVICE_ACCOUNT_PATH,
            "control": self.issuer + "/_control",
        }


def document(site: Site, control: Control, grant_types: list[str],
             path: str = "") -> dict:
    """Both documents. An issuer with a path has one of its own."""
    says = {
        "issuer": site.issuer + path,
        **site.endpoints(),
        "response_types_supported": RESPONSE_TYPES,
        "response_modes_supported": list(MODES),
        "grant_types_supported": grant_types,
        "subject_types_supported": ["public"],
        "scopes_supported": ["openid", "profile", "email", "read", "write"],
        "id_token_signing_alg_values_supported": openid.ALGORITHMS,
        "code_challenge_methods_supported": ["S256", "plain"],
        "authorization_response_iss_parameter_supported": control.options["iss"],
        "require_pushed_authorization_requests": control.options["par_required"],
        "dpop_signing_alg_values_supported": [dpop.ALGORITHM],
        "prompt_values_supported": ["none", "login", "consent"],
    }
    for endpoint in ("token", "revocation", "introspection"):
        says[endpoint + "_endpoint_auth_methods_supported"] = AUTH_METHODS
        says[endpoint + "_endpoint_auth_signing_alg_values_supported"] = (
            proofs.ASYMMETRIC + proofs.SYMMETRIC)
    if site.mtls:
        says["mtls_endpoint_aliases"] = site.aliases()
    return shaped(says, control.metadata)
