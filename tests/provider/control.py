# SPDX-License-Identifier: MIT
"""The switches that tests turn, and the counters that they read.

A plan is a list of answers that replace those of an endpoint, in order. Each
is an object of these members, all optional:

  endpoint      one of ENDPOINTS (token)
  times         how many requests it answers (1; null is forever)
  client_id     only requests of this client
  delay         seconds before anything is done
  drop          "before" or "after": close without an answer, before the
                request is processed or after (a token was issued then)
  raw           bytes (base64) written instead of any answer, then a close
  status        with `body` (text) or `body_base64`, `content_type` and
                `headers` (an object): this answer instead of the real one

Without `drop`, `raw`, `status` or `body`, the request is processed as usual
after the delay. A step of `authorize` with one of these is not for a request
but for the next authorization response, whoever was asked before:

  params        parameters of the response, each by its name: another value;
                a list, for a parameter that is doubled; "absent"
  error         the response is this error, with `error_description`,
                whatever was decided
  mode          another response mode than was asked for

`issue` (of the whole provider, or of one client) says what issued tokens look
like: `expires_in` (any JSON; the text "absent" leaves it out), `token_type`
(the same), `lifetime` (seconds; how long the API takes it), `rotate` (refresh
tokens rotate), `grace` (0; for how many seconds a rotated one still is taken),
`refresh` (whether there are any), `extra` (more members),
`id_token` (see openid.py).

`options` are, with what they are at the start:

  iss                 true: authorization responses have `iss` (RFC 9207)
  code_lifetime       60, of authorization codes, in seconds
  consent             null: people are asked. {"user": ..., "approve": ...}:
                      nobody is asked, that is the answer
  device_interval     1, seconds between polls; null: five, and unsaid
  device_expires_in   600
  device              {}: more members of the device authorization response
  assertion_audience  null: issuer or token endpoint; else a list
  par_required        false: authorization requests may be pushed; true: they
                      must be
  par_lifetime        60, of what was pushed, in seconds
  par                 {}: more members of the answer to what was pushed
  introspection       {}: more members of an introspection response
  dpop                true: tokens are bound to the key of a proof (RFC 9449);
                      false: proofs are ignored
  token_nonce         null: none is asked for; see dpop.py
  api_nonce           the same of the API
  api_origin          null: the API's own, as `Host` names it; else what
                      proofs must say instead (of something before it)
  targets             null: any; else the `audience` and `resource` that may be
                      asked for in a token exchange

`metadata` replaces members of the metadata, or leaves them out ("absent").
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from typing import Callable

from httpd import HangUp

LOG_LENGTH = 5000
ABSENT = "absent"
ENDPOINTS = ("token", "authorize", "par", "device", "verification", "revocation",
             "introspection", "metadata", "jwks")
RESPONSE = "authorization response"
OPTIONS = {
    "iss": True,
    "code_lifetime": 60,
    "consent": None,
    "device_interval": 1,
    "device_expires_in": 600,
    "device": {},
    "assertion_audience": None,
    "par_required": False,
    "par_lifetime": 60,
    "par": {},
    "introspection": {},
    "dpop": True,
    "token_nonce": None,
    "api_nonce": None,
    "api_origin": None,
    "targets": None,
}


def shaped(values: dict, changes: dict) -> dict:
    """The values with these changes; a member that is to be absent is not in
    them."""
    return {name: value for name, value in {**values, **changes}.items()
            if not is_absent(value)}


def is_absent(value) -> bool:
    return isinstance(value, str) and value.lower() == ABSENT


class Counters:
    """What was asked of one endpoint."""

    def __init__(self) -> None:
        self.total = 0
        self.in_flight = 0
        self.in_flight_max = 0
        self.by_grant: Counter = Counter()
        self.by_client: Counter = Counter()
        self.by_status: Counter = Counter()
        self.log: list[dict] = []

    def snapshot(self) -> dict:
        return {
            "total": self.total,
            "in_flight": self.in_flight,
            "in_flight_max": self.in_flight_max,
            "by_grant": dict(self.by_grant),
            "by_client": dict(self.by_client),
            "by_status": {str(k): v for k, v in self.by_status.items()},
            "log": self.log[-LOG_LENGTH:],
        }


class Control:
    """Switches and counters, safe on any thread."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.idle = threading.Condition(self.lock)
        self.processing = 0
        self.reset()

    def reset(self) -> None:
        """No request of before changes anything when this returns."""
        with self.lock:
            self.counters = {name: Counters() for name in ENDPOINTS}
            self.token = self.counters["token"]
            self.api = Counters()
            self.issue: dict = {}
            self.options = dict(OPTIONS)
            self.metadata: dict = {}
            self.plan: list[dict] = []
            self.responses: list[dict] = []  # authorization responses
            self.idle.wait_for(lambda: self.processing == 0, 10)

    def process(self, counters: Counters, process: Callable):
        """Does what a request asks for, unless it was counted before a reset."""
        with self.lock:
            if all(one is not counters for one in self.counters.values()):
                raise HangUp
            self.processing += 1
        try:
            return process()
        finally:
            with self.lock:
                self.processing -= 1
                self.idle.notify_all()

    def configure(self, changes: dict) -> None:
        unknown = set(changes.get("options", {})) - set(OPTIONS)
        if unknown:
            raise ValueError(f"no such options: {unknown}")
        with self.lock:
            if "issue" in changes:
                self.issue = dict(changes["issue"])
            if "plan" in changes:
                self.plan = [read_step(step) for step in changes["plan"]]
            self.options.update(changes.get("options", {}))
            if "metadata" in changes:
                self.metadata = dict(changes["metadata"])

    def next_step(self, client_id: str | None, endpoint: str = "token") -> dict:
        """The plan's answer for this request; {} where it has none."""
        with self.lock:
            for step in self.plan:
                if step["endpoint"] != endpoint:
                    continue
                if step.get("client_id") not in (None, client_id):
                    continue
                if step.get("times", 1) is not None:
                    step["times"] = step.get("times", 1) - 1
                    if step["times"] <= 0:
                        self.plan.remove(step)
                return step
            return {}

    def begin(self, counters: Counters, record: dict) -> dict:
        record["time"] = time.monotonic()
        with self.lock:
            counters.total += 1
            counters.in_flight += 1
            counters.in_flight_max = max(counters.in_flight_max, counters.in_flight)
            if "grant_type" in record:
                counters.by_grant[record["grant_type"]] += 1
                counters.by_client[record["client_id"]] += 1
            counters.log.append(record)
            if len(counters.log) > 2 * LOG_LENGTH:
                del counters.log[:LOG_LENGTH]
        return record

    def end(self, counters: Counters, record: dict, status) -> None:
        with self.lock:
            counters.in_flight -= 1
            counters.by_status[status] += 1
            record["status"] = status

    def snapshot(self) -> dict:
        with self.lock:
            state = {name: c.snapshot() for name, c in self.counters.items()}
            return {**state, "api": self.api.snapshot(), "plan": self.plan,
                    "responses": self.responses, "now": time.monotonic()}


def read_step(step: dict) -> dict:
    step = {"endpoint": "token", **step}
    if step["endpoint"] not in ENDPOINTS:
        raise ValueError(f"no such endpoint: {step['endpoint']}")
    if step["endpoint"] == "authorize" and step.keys() & {"params", "error", "mode"}:
        step["endpoint"] = RESPONSE
    return step
