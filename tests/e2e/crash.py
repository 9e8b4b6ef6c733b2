#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Kills bearerd at random instants while a rotating server refreshes under
load, and looks at what the next start makes of it.

Each round starts bearerd on the state that the last one left, loads it, kills
it (SIGKILL) and starts it again. The server takes a refresh token once; one
that comes again ends the session (RFC 9700 section 4.14). So a session may be
lost in one way only: the server had answered, and the answer was not stored
yet. Any other loss, and a store that cannot be read, is a failure. Half of the
kills are at any instant, half within a few milliseconds of an answer.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "provider")]

import harness  # noqa: E402
import provider as servers  # noqa: E402
import rawclient  # noqa: E402
from storage import Token  # noqa: E402

URL = "http://api.example.test/x"
TOKEN_LIFETIME = 0.2  # seconds; then the API answers 401, and it is renewed
SERVER_DELAY = 0.004  # seconds, before a refresh is dealt with
CLIENTS = 4

# What the newest refresh had come to when it was killed.
STORED = "answered and stored"
WITH_SERVER = "with the server, which then did it"
ANSWERED = "answered, not known to be stored"


class Failure(Exception):
    """What must not happen; the text says in which round."""


class Server(servers.Provider):
    """The provider in this process, so that its answers can be waited for."""

    def __init__(self) -> None:
        super().__init__()
        self.answered = threading.Condition()
        self.answers = 0  # to refreshes, whether or not they arrived
        self.storage.add_client({
            "client_id": "demo-client", "client_secret": "demo-secret",
            "grant_types": ["refresh_token"],
            "issue": {"rotate": True, "lifetime": TOKEN_LIFETIME}})
        save = self.storage.save

        def counted(token: Token) -> None:
            save(token)
            with self.answered:
                self.answers += 1
                self.answered.notify_all()

        self.storage.save = counted
        self.control.configure({"plan": [{"delay": SERVER_DELAY, "times": None}]})
        self.start()

    def new_seed(self, number: int) -> str:
        """A refresh token of a session that begins."""
        seed = f"seed-{number}-{random.getrandbits(64):x}"
        token = Token(self.storage.client("demo-client"),
                      {"access_token": f"none-{seed}", "refresh_token": seed},
                      "alice", 0)
        self.storage.by_access[token.access_token] = token
        self.storage.by_refresh[seed] = token
        return seed

    def wait_for_answer(self, timeout: float) -> None:
        with self.answered:
            seen = self.answers
            self.answered.wait_for(lambda: self.answers > seen, timeout)

    def settle(self) -> None:
        """Until requests of a process that is gone have been dealt with."""
        time.sleep(0.02)
        harness.wait_for(lambda: self.control.token.in_flight == 0, 10,
                         "the server's last answers")


class Load:
    """Clients that ask until they are told to stop."""

    def __init__(self, port: int):
        self.port = port
        self.ended = threading.Event()
        self.statuses: Counter = Counter()
        self.threads = [threading.Thread(target=self.ask) for _ in range(CLIENTS)]
        for thread in self.threads:
            thread.start()

    def ask(self) -> None:
        while not self.ended.is_set():
            try:
                with rawclient.Connection(self.port, timeout=10) as connection:
                    while not self.ended.is_set():
                        connection.request("GET", URL)
                        self.statuses[connection.read_response().status] += 1
                        time.sleep(0.005)
            except (OSError, AssertionError, ValueError):
                time.sleep(0.01)  # it was killed, or is about to be

    def stop(self) -> None:
        self.ended.set()
        for thread in self.threads:
            thread.join(15)


class Rounds:
    def __init__(self, folder: Path, server: Server, dice: random.Random):
        self.folder = folder
        self.server = server
        self.dice = dice
        self.env = harness.environment(folder)
        self.config = folder / "bearerd.ini"
        self.seeds = 0
        self.counts: Counter = Counter()
        self.config.write_text(harness.ini({
            "proxy": {"listen": "127.0.0.1:0", "workers": 2,
                      "store": f"sqlite:{folder}/state/tokens.db"},
            "service a": {
                "upstream": server.api.url, "match": "api.example.test",
                "token_endpoint": server.authorization.url + "/token",
                "client_id": "demo-client", "client_secret": "demo-secret",
                "refresh_token_file": f"{folder}/seed"}}))
        self.config.chmod(0o600)
        self.begin_session()

    def begin_session(self) -> None:
        self.seeds += 1
        (self.folder / "seed").write_text(self.server.new_seed(self.seeds))

    def start(self) -> harness.Bearerd:
        try:
            return harness.Bearerd(self.config, self.env)
        except AssertionError as failure:
            raise Failure(f"the next start failed: {failure}") from None

    def kill(self, proxy: harness.Bearerd, near_an_answer: bool) -> str:
        """Ends it, and says at which point: what the server had answered, and
        what bearerd said that it had stored."""
        before = self.server.answers
        load = Load(proxy.port)
        time.sleep(self.dice.uniform(0, 0.8))
        if near_an_answer:
            self.server.wait_for_answer(3)
            time.sleep(self.dice.choice((0, 1)) * self.dice.uniform(0, 0.012))
        under_way = self.server.control.token.in_flight > 0
        proxy.process.kill()
        proxy.process.wait()
        proxy.reader.join(5)
        load.stop()
        self.server.settle()
        answered = self.server.answers - before
        stored = sum("info token_obtained" in line for line in proxy.lines)
        self.counts["refreshes"] += answered
        # One answer is on its way, and one line may not have been written.
        if stored > answered or answered > stored + 2:
            raise Failure(f"{answered} answers, {stored} stored:\n{proxy.stderr}")
        if answered == stored:
            return STORED
        return WITH_SERVER if under_way else ANSWERED

    def first_answer(self, proxy):
        """A slow machine may take longer than the new token's life to use it:
        then, too, the API says 401."""
        for _ in range(20):
            reply = proxy.get(URL)
            if reply.status != 401 or "invalid_grant" in proxy.stderr:
                break
        return reply

    def round(self) -> None:
        proxy = self.start()
        point = self.kill(proxy, self.dice.random() < 0.5)
        proxy = self.start()
        try:
            reply = self.first_answer(proxy)
        finally:
            proxy.stop()
        if reply.status == 200:
            self.counts[point, "kept"] += 1
            return
        # 401 is the API's, of the stored token, which could not be renewed.
        if reply.status not in (401, 502) or point == STORED or \
                "invalid_grant" not in proxy.stderr:
            raise Failure(f"killed with \"{point}\", then {reply.status}: "
                          f"{reply.body.decode()}\n{proxy.stderr}")
        self.counts[point, "lost"] += 1
        self.begin_session()

    def table(self, rounds: int, seconds: float) -> str:
        points = (STORED, WITH_SERVER, ANSWERED)
        lines = [f"rounds {rounds:>6}", f"refreshes {self.counts['refreshes']:>3}",
                 f"seconds {seconds:>5.0f}", "",
                 f"{'newest refresh at the kill':<36}{'rounds':>7}{'kept':>6}{'lost':>6}"]
        for point in points:
            kept, lost = self.counts[point, "kept"], self.counts[point, "lost"]
            lines.append(f"{point:<36}{kept + lost:>7}{kept:>6}{lost:>6}")
        lost = sum(self.counts[point, "lost"] for point in points)
        lines += ["", f"sessions lost: {lost}" + (
            ", each because the server took the refresh token and\nthe kill "
            "came before its answer was in the store" if lost else ""),
            "store unreadable: 0"]
        return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--seed", type=int, default=None,
                        help="of the random instants")
    options = parser.parse_args()
    seed = options.seed if options.seed is not None else random.getrandbits(32)
    print(f"instants by --seed {seed}", flush=True)
    server = Server()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="bearerd-crash-") as folder:
        rounds = Rounds(Path(folder), server, random.Random(seed))
        for number in range(1, options.rounds + 1):
            try:
                rounds.round()
            except Failure as failure:
                print(f"round {number}: {failure}")
                return 1
    print(rounds.table(options.rounds, time.monotonic() - began))
    return 0


if __name__ == "__main__":
    status = main()
    sys.stdout.flush()
    os._exit(status)  # the servers' threads are not waited for
