# SPDX-License-Identifier: MIT
"""The device authorization grant (RFC 8628): its endpoint, its page, its
grant."""

from __future__ import annotations

import time

from authlib.consts import default_json_headers
from authlib.oauth2.rfc6749 import InvalidGrantError, UnauthorizedClientError
from authlib.oauth2.rfc8628 import (DEVICE_CODE_GRANT_TYPE,
                                    DeviceAuthorizationEndpoint)
from authlib.oauth2.rfc8628 import DeviceCodeGrant as AuthlibDeviceCodeGrant
from flask import Response, request as http

import pages
from authentication import AUTH_METHODS
from control import shaped
from storage import Device, Storage

DEFAULT_INTERVAL = 5  # section 3.2, where the server says none
SLOWER_BY = 5  # section 3.5
EARLY = 0.05  # of a timer's roughness, in seconds


class DeviceAuthorization(DeviceAuthorizationEndpoint):
    CLIENT_AUTH_METHODS = AUTH_METHODS

    def get_verification_uri(self) -> str:
        return self.server.site.issuer + "/device"

    def create_endpoint_response(self, request):
        client = self.authenticate_client(request)
        if not client.check_grant_type(DEVICE_CODE_GRANT_TYPE):
            raise UnauthorizedClientError()
        self.server.validate_requested_scope(request.scope)
        options = self.server.control.options
        interval = options["device_interval"]
        device = Device(
            self.generate_device_code(), self.generate_user_code(), client,
            request.scope or "", options["device_expires_in"],
            DEFAULT_INTERVAL if interval is None else interval)
        self.server.storage.devices[device.device_code] = device
        return 200, self.describe(device, interval), default_json_headers

    def describe(self, device: Device, interval: float | None) -> dict:
        page = self.get_verification_uri()
        reply = {
            "device_code": device.device_code,
            "user_code": device.user_code,
            "verification_uri": page,
            "verification_uri_complete": f"{page}?user_code={device.user_code}",
            "expires_in": device.lifetime,
        }
        if interval is not None:
            reply["interval"] = interval
        return shaped(reply, self.server.control.options["device"])


class DeviceCodeGrant(AuthlibDeviceCodeGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = AUTH_METHODS

    def query_device_credential(self, device_code: str) -> Device:
        device = self.server.storage.devices.get(device_code)
        if device is None or device.used:
            raise InvalidGrantError("the device code is unknown, or was used")
        return device

    def query_user_grant(self, user_code: str) -> tuple[str, bool] | None:
        device = self.server.storage.devices[self.request.data["device_code"]]
        if device.approved is None:
            return None
        device.used = device.approved
        return device.user or "", device.approved

    def should_slow_down(self, credential: Device) -> bool:
        now, before = time.monotonic(), credential.asked_at
        credential.asked_at = now
        if before is None or now - before >= credential.interval - EARLY:
            return False
        credential.interval += SLOWER_BY
        return True


def decide(storage: Storage, user_code: str | None, user: str,
           approve: bool) -> Device | None:
    """A decision without a page. Without a code, of the newest device."""
    device = storage.pending_device(user_code)
    if device is not None:
        device.user, device.approved = user, approve
    return device


def ask(storage: Storage, message: str = "") -> Response:
    fields = pages.code_field(http.values.get("user_code", ""))
    fields += pages.who_fields(pages.known(storage))
    return pages.question("Connect a device", "Type the code that it shows.",
                          fields, message)


def verify(storage: Storage) -> Response:
    """The page of `verification_uri`."""
    if http.method != "POST":
        return ask(storage)
    code = http.form.get("user_code") or "none"
    if storage.pending_device(code) is None:
        return ask(storage, "No device waits with this code.")
    approve = http.form.get("decision") == "approve"
    person = pages.Person(storage, pages.known(storage))
    if person.login is None:
        return ask(storage, "The name or the password is wrong.")
    decide(storage, code, person.login.user, approve)
    done = "It is connected." if approve else "It is refused."
    return person.remember(pages.page("The device", f"<p id='message'>{done}</p>"))
