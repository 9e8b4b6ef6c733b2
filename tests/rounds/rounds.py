#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Rotates refresh tokens while answers are cut, bearerd is killed, and the way
to the server breaks, and counts the logins that are lost.

  cut   the answer to a refresh ends after so many octets, each number in turn
  kill  SIGKILL at a random moment around a refresh, then the next start
  way   the way to the token endpoint is down from a random moment on, for a
        random time

The server (Authlib's) takes a rotated refresh token for `grace` seconds more; one
that comes later ends the login (RFC 9700 section 4.14). A login may be lost in
one way only: the server had rotated, its answer had not reached bearerd or was
not stored yet, and the next request came when the grace was over. Any other
loss is a failure, and the exit status 1.
"""

from __future__ import annotations

import argparse
import os
import queue
import random
import sys
import tempfile
import threading
import time
import traceback
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "e2e"), str(HERE.parent / "provider")]

import harness  # noqa: E402
import provider as servers  # noqa: E402
import rawclient  # noqa: E402
from storage import Token  # noqa: E402
from way import Login, Way  # noqa: E402

LOGINS = 48  # of one bearerd, where it is not killed
THREADS = 4  # rounds at once, there
KILLED_LOGINS = 2  # of one that is killed
PATIENCE = 60  # seconds until it is known what became of a login

# What had become of the newest refresh when it was disturbed.
NOT_ROTATED = "the server had not rotated"
UNSEEN = "it had, and the answer had not come"
UNSTORED = "it had, the answer had come, may be stored"
DONE = "it had, and the answer was used"
POINTS = (NOT_ROTATED, UNSEEN, UNSTORED, DONE)


class Failure(Exception):
    """What must not happen."""


class Cell:
    """The rounds of one kind at one grace."""

    def __init__(self, kind: str, grace: float, rounds: int, seed: int):
        self.kind = kind
        self.grace = grace
        self.left = rounds
        self.number = 0
        self.dice = random.Random(f"{seed} {kind} {grace}")
        self.lock = threading.Lock()
        self.counts: Counter = Counter()
        self.late = 0.0  # the longest until the server was asked again
        self.storing = 0.0  # the longest that an answer had come and was lost
        self.began = time.monotonic()
        self.server = servers.Provider()
        self.server.storage.add_client({
            "client_id": "demo-client", "client_secret": "demo-secret",
            "grant_types": ["refresh_token"],
            "issue": {"rotate": True, "grace": grace}})
        self.server.start()
        self.way = Way(self.server.authorization.server_address[1])

    def next_round(self) -> int | None:
        with self.lock:
            if self.left == 0:
                return None
            self.left -= 1
            self.number += 1
            return self.number - 1

    def uniform(self, most: float) -> float:
        with self.lock:
            return self.dice.uniform(0, most)

    def chance(self, part: float) -> bool:
        return self.uniform(1) < part

    # --- logins ---

    def new_login(self, number: int) -> Login:
        self.way.logins[number] = Login(number)
        return self.way.logins[number]

    def seed(self, login: Login) -> str:
        """The refresh token of a login that begins."""
        seed = f"seed-{login.number}-{random.getrandbits(64):x}"
        token = Token(self.server.storage.client("demo-client"),
                      {"access_token": f"none-{seed}", "refresh_token": seed},
                      "alice", 0)
        self.server.storage.save(token)
        return seed

    def prepare(self, login: Login) -> None:
        """Its access token is not good any more, and what led to it is of no
        interest."""
        storage = self.server.storage
        with storage.lock:
            *old, last = [e for e in login.exchanges if e.rotated]
            for exchange in old:
                storage.by_access.pop(exchange.access_token, None)
                storage.by_refresh.pop(exchange.refresh_token, None)
            storage.by_access[last.access_token].lifetime = 0
            storage.issued.clear()
        login.begin()

    # --- what became of one ---

    def outcome(self, login: Login, port: int) -> bool:
        """Whether it is kept: asks until that is known."""
        limit = time.monotonic() + PATIENCE
        while True:
            try:
                status = rawclient.get(port, login.url).status
            except (OSError, AssertionError) as error:
                raise Failure(f"no answer: {error}") from None
            if status == 200:
                return True
            last = login.exchanges[-1].status if login.exchanges else 0
            if status in (401, 502) and last == 400:
                return False
            if time.monotonic() > limit:
                raise Failure(f"status {status} for {PATIENCE} s")
            time.sleep(0.02)

    def judge(self, login: Login, kept: bool, disturbed: int, at: float) -> None:
        """Counts it. So many of its exchanges are those that were disturbed, at
        this time."""
        rotated = [e for e in login.exchanges[:disturbed] if e.rotated]
        if self.kind != "kill":
            # One that was on its way to the server when its way broke.
            rotated += [e for e in login.exchanges[disturbed:]
                        if e.rotated and e.whole_at is None]
        newest = rotated[-1] if rotated else None
        point = NOT_ROTATED if not newest else \
            UNSEEN if not newest.was_whole(at) else \
            UNSTORED if self.kind == "kill" else DONE
        with self.lock:
            self.counts[point, kept] += 1
        if kept:
            return
        if point in (NOT_ROTATED, DONE):
            raise Failure(f"it is lost ({point})")
        later = login.exchanges[login.exchanges.index(newest) + 1:]
        if not later:
            raise Failure("it is lost, and the server was not asked again")
        if newest.asked_with != later[0].asked_with:
            raise Failure("it is lost, by another refresh token")
        token = self.server.storage.by_refresh[newest.asked_with]
        if token.late is None or token.late < self.grace:
            raise Failure("it is lost, though the server had forgiven")
        with self.lock:
            self.late = max(self.late, token.late)
            if point == UNSTORED:
                self.storing = max(self.storing, at - newest.whole_at)

    # --- results ---

    def table(self) -> str:
        seconds = time.monotonic() - self.began
        rounds = sum(self.counts.values())
        lines = [f"{self.kind}, grace {self.grace:g} s: {rounds} logins in "
                 f"{self.number} rounds, {seconds:.0f} s",
                 f"  {'the newest refresh, when it was disturbed':<46}"
                 f"{'logins':>8}{'kept':>7}{'lost':>7}"]
        for point in POINTS:
            kept, lost = self.counts[point, True], self.counts[point, False]
            if kept + lost:
                lines.append(f"  {point:<46}{kept + lost:>8}{kept:>7}{lost:>7}")
        lost = sum(n for (_, kept), n in self.counts.items() if not kept)
        lines.append(f"  lost: {lost}" + (
            f", each after the grace: the server was asked again up to "
            f"{self.late:.1f} s after the rotation" if lost else ""))
        if self.storing:
            lines.append("  killed while the answer was being stored, up to "
                         f"{1000 * self.storing:.0f} ms after it had come: "
                         f"{self.counts[UNSTORED, False]}")
        return "\n".join(lines)


class Worker:
    """One bearerd at a time, in a folder of its own."""

    def __init__(self, cell: Cell, number: int, folder: Path, logins: int):
        self.cell = cell
        self.folder = folder
        self.folder.mkdir(mode=0o700)
        self.env = harness.environment(folder)
        self.logins = [cell.new_login(1000 * number + i) for i in range(logins)]
        self.proxy: harness.Bearerd | None = None
        sections = {"proxy": {"listen": "127.0.0.1:0", "workers": 1,
                              "store": f"sqlite:{folder}/state/tokens.db"}}
        for login in self.logins:
            sections[f"service s{login.number}"] = {
                "upstream": cell.server.api.url, "match": login.host,
                "token_endpoint": cell.way.token_endpoint(login),
                "client_id": "demo-client", "client_secret": "demo-secret",
                "refresh_token_file": f"{folder}/{login.number}"}
            self.seed(login)
        self.config = folder / "bearerd.ini"
        self.config.write_text(harness.ini(sections))
        self.config.chmod(0o600)

    def seed(self, login: Login) -> None:
        """Another login takes its place, from the next start on."""
        path = self.folder / str(login.number)
        path.write_text(self.cell.seed(login))
        path.chmod(0o600)
        login.exchanges = []

    def start(self) -> None:
        try:
            self.proxy = harness.Bearerd(self.config, self.env)
        except AssertionError as failure:
            raise Failure(f"the next start failed: {failure}") from None

    def kill(self) -> float:
        at = time.monotonic()
        self.proxy.process.kill()
        self.proxy.process.wait()
        self.proxy.reader.join(5)
        return at

    def fail(self, login: Login, failure: Failure) -> None:
        seen = "\n".join(map(str, login.exchanges))
        said = self.proxy.stderr if self.proxy else ""
        raise Failure(f"{failure}\nlogin {login.number}:\n{seen}\n{said}") from None

    # --- cut and way ---

    def run_disturbed(self) -> None:
        while self.cell.left:
            self.start()
            alive = queue.SimpleQueue()
            failures: list[Failure] = []
            for login in self.logins:
                if self.cell.outcome(login, self.proxy.port):
                    alive.put(login)
            threads = [threading.Thread(target=self.rounds_of_one,
                                        args=(alive, failures))
                       for _ in range(THREADS)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            if failures:
                raise failures[0]
            self.proxy.stop()

    def rounds_of_one(self, alive, failures: list) -> None:
        while not failures:
            try:
                login = alive.get(timeout=0.01)
            except queue.Empty:
                return
            number = self.cell.next_round()
            if number is None:
                return
            self.cell.prepare(login)
            disturb = {"cut": self.cut, "way": self.break_way}[self.cell.kind]
            try:
                try:
                    kept, disturbed = disturb(login, number)
                    self.cell.judge(login, kept, disturbed, time.monotonic())
                except Failure as failure:
                    self.fail(login, failure)
            except Exception:
                failures.append(Failure(traceback.format_exc()))
                return
            if kept:
                alive.put(login)
            else:
                self.seed(login)

    def cut(self, login: Login, number: int) -> tuple[bool, int]:
        """Whether it is kept, and how many exchanges were disturbed."""
        login.cut_at = number % (self.cell.way.length + 1)
        login.reset = self.cell.chance(0.5)
        return self.cell.outcome(login, self.proxy.port), 1

    def break_way(self, login: Login, number: int) -> tuple[bool, int]:
        login.before = self.cell.uniform(0.01)
        login.after = self.cell.uniform(0.01)
        login.reset = self.cell.chance(0.5)
        down = self.cell.uniform(min(1.0, self.cell.grace / 4) or 0.3)
        wait = self.cell.uniform(0.04)

        disturbed = 0

        def disturb() -> None:
            nonlocal disturbed
            if number % 2:
                login.arrived.wait(5)
            time.sleep(wait)
            login.cut()
            disturbed = len(login.exchanges)
            time.sleep(down)
            login.mend()

        thread = threading.Thread(target=disturb)
        thread.start()
        try:
            kept = self.cell.outcome(login, self.proxy.port)
        finally:
            thread.join()
        # It may have been broken behind all that there was.
        return kept, disturbed

    # --- kill ---

    def run_killed(self) -> None:
        alive: list[Login] = []
        self.start()
        while True:
            for login in self.logins:
                if login not in alive and self.cell.outcome(login, self.proxy.port):
                    alive.append(login)
            number = self.cell.next_round()
            if number is None:
                self.proxy.stop()
                return
            killed = self.kill_while_refreshing(alive, number)
            disturbed = {login.number: len(login.exchanges) for login in alive}
            for login in self.logins:
                if login not in alive:
                    self.seed(login)
            self.start()
            for login in alive:
                try:
                    kept = self.cell.outcome(login, self.proxy.port)
                    self.cell.judge(login, kept, disturbed[login.number], killed)
                except Failure as failure:
                    self.fail(login, failure)
                if not kept:
                    alive = [one for one in alive if one is not login]

    def kill_while_refreshing(self, logins: list[Login], number: int) -> float:
        """When it was killed; what it had asked for has been dealt with."""
        for login in logins:
            self.cell.prepare(login)
            login.before = self.cell.uniform(0.01)
            login.after = self.cell.uniform(0.02)
        clients = [threading.Thread(target=self.ask, args=(login,))
                   for login in logins]
        for client in clients:
            client.start()
        if logins and number % 2:
            logins[0].arrived.wait(5)
        time.sleep(self.cell.uniform(0.05))
        killed = self.kill()
        for client in clients:
            client.join()
        self.cell.way.settle()
        return killed

    def ask(self, login: Login) -> None:
        try:
            rawclient.get(self.proxy.port, login.url)
        except (OSError, AssertionError):
            pass  # it was killed


def run(cell: Cell, folder: Path, jobs: int) -> None:
    failures: list[Failure] = []

    def work(number: int) -> None:
        killed = cell.kind == "kill"
        worker = None
        try:
            worker = Worker(cell, number, folder / f"{cell.kind}-{cell.grace}-{number}",
                            KILLED_LOGINS if killed else LOGINS)
            if killed:
                worker.run_killed()
            else:
                worker.run_disturbed()
        except Failure as failure:
            failures.append(failure)
            cell.left = 0
        except Exception:
            failures.append(Failure(traceback.format_exc()))
            cell.left = 0
        finally:
            if worker and worker.proxy and worker.proxy.process.poll() is None:
                worker.proxy.process.kill()

    threads = [threading.Thread(target=work, args=(n,))
               for n in range(jobs if cell.kind == "kill" else 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=2000, help="of each kind and grace")
    parser.add_argument("--grace", type=float, nargs="+", default=[0, 2, 30])
    parser.add_argument("--kind", nargs="+", default=["cut", "kill", "way"],
                        choices=["cut", "kill", "way"])
    parser.add_argument("--jobs", type=int, default=2, help="bearerds that are killed "
                        "at a time")
    parser.add_argument("--seed", type=int, default=random.getrandbits(32),
                        help="of the random moments")
    options = parser.parse_args()
    servers.raise_descriptor_limit()
    print(f"moments by --seed {options.seed}", flush=True)
    for kind in options.kind:
        for grace in options.grace:
            cell = Cell(kind, grace, options.rounds, options.seed)
            with tempfile.TemporaryDirectory(prefix="bearerd-rounds-") as folder:
                try:
                    run(cell, Path(folder), options.jobs)
                except Failure as failure:
                    print(f"{kind}, grace {grace:g} s, round {cell.number}: {failure}")
                    return 1
            print(cell.table(), flush=True)
    return 0


if __name__ == "__main__":
    status = main()
    sys.stdout.flush()
    os._exit(status)  # the servers' threads are not waited for
