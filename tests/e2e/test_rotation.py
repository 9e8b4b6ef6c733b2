# SPDX-License-Identifier: MIT
"""Refresh tokens that are good for one use: the newest is never lost to load,
to a restart or to a store that cannot be written, and where it is lost on its
way, that is said."""

import re
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import harness
import load
from harness import either, wait_for
from test_grants import PEOPLE, URL, forms, grants, log_in, seeded, user


@pytest.fixture
def rotating(provider):
    """The provider, rotating; a rotated refresh token that comes again ends
    its family."""
    provider.set(clients=[PEOPLE], issue={"rotate": True})
    return provider


@pytest.fixture
def store(bearerd):
    return {"store": f"sqlite:{bearerd.folder}/state/t.db"}


def refresh_tokens(provider) -> list[str]:
    return [f["refresh_token"] for f in forms(provider) if "refresh_token" in f]


@pytest.mark.parametrize("make", ["user", "seeded"])
@pytest.mark.threads
def test_200_requests_make_one_refresh(bearerd, rotating, make):
    short = {"rotate": True, "expires_in": 1}
    rotating.set(issue=short)
    service = user(rotating) if make == "user" else \
        seeded(rotating, log_in(rotating)["refresh_token"])
    proxy = bearerd({"a": service})
    assert proxy.get(URL).status == 200
    for _ in range(2):
        # Over, and so is the one that its use was renewed to.
        time.sleep(either(2.5, 5))
        before = rotating.token_count
        rotating.set(issue={"rotate": True, "expires_in": 60}, plan=[{"delay": 0.5}])
        answers = load.burst(proxy.port, load.get_request(URL), 200)
        assert {a.status for a in answers} == {200}
        assert rotating.token_count == before + 1
        # The API refuses this one now; its refresh token is still good.
        rotating.set(issue=short)
        rotating.expire()
        assert proxy.get(URL).status == 200
    seen = refresh_tokens(rotating)
    assert len(seen) == len(set(seen)) >= 3
    assert rotating.state()["reused"] == 0
    assert rotating.state()["token"]["in_flight_max"] == 1


@pytest.mark.threads
def test_rotation_under_load_is_not_noticed(bearerd, rotating):
    rotating.set(issue={"rotate": True, "expires_in": 1, "lifetime": 3})
    proxy = bearerd({"a": seeded(rotating, log_in(rotating)["refresh_token"])})
    answers = load.steady(proxy.port, load.get_request(URL), 8, 6, 0.02)
    assert {a.status for a in answers} == {200}
    seen = refresh_tokens(rotating)
    assert len(seen) == len(set(seen)) >= 5
    assert rotating.state()["reused"] == 0


def test_answer_that_comes_late_in_a_stop(bearerd, rotating, store):
    """Whoever waited has been given up, but the server has rotated: its answer
    is waited for and stored."""
    rotating.set(issue={"rotate": True, "expires_in": 1})
    service = seeded(rotating, log_in(rotating)["refresh_token"])
    rotating.set(plan=[{"delay": 4}])
    before = rotating.token_count
    proxy = bearerd({"a": service}, {**store, "drain_timeout": "200ms"})
    with proxy.connect() as client:
        client.request("GET", URL)
        wait_for(lambda: rotating.token_count > before, 10, "the refresh")
        proxy.process.terminate()
        assert client.read_response().status == 503
    assert proxy.process.wait(30) == 0
    proxy.stopped = True
    second = bearerd({"a": service}, store)
    assert second.get(URL).status == 200
    seen = refresh_tokens(rotating)
    assert len(seen) == len(set(seen)) == 2
    assert rotating.state()["reused"] == 0


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_rotated_one_wins_after_a_restart(bearerd, rotating, store, end):
    rotating.set(issue={"rotate": True, "expires_in": 1})
    seed = log_in(rotating)["refresh_token"]
    for _ in range(3):
        proxy = bearerd({"a": seeded(rotating, seed)}, store)
        assert proxy.get(URL).status == 200
        if end == "kill":
            proxy.stopped = True
            proxy.end(signal.SIGKILL)
        else:
            proxy.stop()
        time.sleep(1.2)
    assert refresh_tokens(rotating)[0] == seed
    assert refresh_tokens(rotating).count(seed) == 1
    assert rotating.state()["reused"] == 0


def test_new_value_wins(bearerd, rotating, store):
    """Also where the old session is dead, and only until the next rotation."""
    first, second = log_in(rotating), log_in(rotating)
    seed = bearerd.folder / "seed"
    service = seeded(rotating, None, refresh_token_file=str(seed))
    seed.write_text(first["refresh_token"])
    proxy = bearerd({"a": service}, store)
    assert proxy.get(URL).status == 200
    proxy.stop()
    seed.write_text(second["refresh_token"])
    for _ in range(2):
        proxy = bearerd({"a": service}, store)
        assert proxy.get(URL).status == 200
        proxy.stop()
    assert refresh_tokens(rotating) == [first["refresh_token"],
                                        second["refresh_token"]]


def test_another_scope_keeps_the_session(bearerd, rotating, store):
    seed = log_in(rotating, scope="read write")["refresh_token"]
    for scope in ("read write", "read"):
        proxy = bearerd({"a": seeded(rotating, seed, scope=scope)}, store)
        assert proxy.get(URL).status == 200
        proxy.stop()
    asked = forms(rotating)[1:]
    assert [f["scope"] for f in asked] == ["read write", "read"]
    assert asked[1]["refresh_token"] != seed


def test_revoked_session_is_dead_until_the_value_changes(bearerd, rotating, store):
    seed = bearerd.folder / "seed"
    service = seeded(rotating, None, refresh_token_file=str(seed))
    seed.write_text(log_in(rotating)["refresh_token"])
    proxy = bearerd({"a": service}, store)
    assert proxy.get(URL).status == 200
    rotating.revoke()
    # What the upstream says passes on, for nothing can be renewed.
    assert proxy.get(URL).status == 401
    asked = rotating.token_count
    assert proxy.health().json()["checks"]["session:a"][0]["observedValue"] == \
        "failing"
    assert "give a new refresh_token" in proxy.stderr
    for _ in range(5):
        assert proxy.get(URL).status == 401
    proxy.stop()
    proxy = bearerd({"a": service}, store)
    proxy.get(URL)
    assert rotating.token_count == asked
    proxy.stop()
    seed.write_text(log_in(rotating)["refresh_token"])
    proxy = bearerd({"a": service}, store)
    assert proxy.get(URL).status == 200
    assert proxy.health().json()["status"] == "pass"


def test_expired_and_revoked(bearerd, rotating):
    """Without a token that could be tried, it is bearerd that answers."""
    rotating.set(issue={"rotate": True, "expires_in": 1})
    proxy = bearerd({"a": seeded(rotating, log_in(rotating)["refresh_token"])})
    assert proxy.get(URL).status == 200
    time.sleep(2.5)
    rotating.revoke()
    asked = rotating.token_count
    for _ in range(5):
        reply = proxy.get(URL)
        assert (reply.status, reply.error) == (502, "proxy_configuration_error")
        assert "invalid_grant" in reply.json()["detail"]
        assert "give a new refresh_token" in str(reply.json())
    assert rotating.token_count == asked + 1
    assert proxy.health().status == 503


def test_lost_answer_where_the_server_forgives(bearerd, rotating):
    """Some servers take the one before for a while, for just this case."""
    rotating.set(issue={})
    proxy = bearerd({"a": seeded(rotating, log_in(rotating)["refresh_token"])})
    rotating.set(plan=[{"drop": "after"}])
    assert proxy.get(URL).status == 200
    assert grants(rotating)[1:] == ["refresh_token", "refresh_token"]


def test_lost_answer_where_it_does_not(bearerd, rotating):
    """The server rotated and the answer never came: the session cannot be
    saved, and the words say what has happened and what to do."""
    proxy = bearerd({"a": seeded(rotating, log_in(rotating)["refresh_token"])})
    rotating.set(plan=[{"drop": "after"}])
    reply = proxy.get(URL)
    assert (reply.status, reply.error) == (502, "proxy_configuration_error")
    said = str(reply.json())
    for words in ("invalid_grant", "an earlier answer was lost",
                  "give a new refresh_token"):
        assert words in said, words
    assert rotating.state()["reused"] == 1


def test_lost_answer_of_a_password_session(bearerd, rotating):
    rotating.set(issue={"rotate": True, "expires_in": 1})
    proxy = bearerd({"a": user(rotating)})
    assert proxy.get(URL).status == 200
    time.sleep(2.5)
    rotating.set(plan=[{"drop": "after"}])
    assert proxy.get(URL).status == 200
    assert grants(rotating)[-3:] == ["refresh_token", "refresh_token", "password"]


def store_health(proxy) -> str:
    return proxy.health().json()["checks"]["store"][0]["status"]


def broken_store(bearerd, rotating, store, spoil, mend, **options) -> None:
    """Rotates while the store cannot be written; what was in memory is on
    disk once it can."""
    rotating.set(issue={"rotate": True, "expires_in": 1})
    service = seeded(rotating, log_in(rotating)["refresh_token"])
    proxy = bearerd({"a": service}, store, **options)
    assert proxy.get(URL).status == 200
    spoil(proxy)
    for _ in range(3):
        time.sleep(1.2)
        assert proxy.get(URL).status == 200
    # One that lives longer, so that no refresh is under way at the kill.
    rotating.set(issue={"rotate": True})
    time.sleep(1.2)
    assert proxy.get(URL).status == 200
    wait_for(lambda: store_health(proxy) == "warn", 5, "health warns")
    assert proxy.health().status == 200
    assert "store_write_failed" in proxy.stderr
    mend(proxy)
    wait_for(lambda: store_health(proxy) == "pass", either(30, 60), "written again")
    proxy.stopped = True
    proxy.end(signal.SIGKILL)
    rotating.expire()
    proxy = bearerd({"a": service}, store, **options)
    assert proxy.get(URL).status == 200
    assert rotating.state()["reused"] == 0


@pytest.mark.threads
def test_full_disk_while_rotating(bearerd, rotating, store):
    def mend(proxy) -> None:
        hard = resource.prlimit(proxy.pid, resource.RLIMIT_FSIZE)[1]
        resource.prlimit(proxy.pid, resource.RLIMIT_FSIZE, (hard, hard))

    broken_store(bearerd, rotating, store,
                 lambda proxy: harness.limit_file_size(proxy.pid, 0), mend,
                 restore_signals=False)


@pytest.mark.threads
def test_store_that_becomes_read_only(bearerd, rotating, store):
    flag = bearerd.folder / "flag"
    env = harness.preload(bearerd.folder, "read_only", READ_ONLY_FLAG=flag,
                          READ_ONLY_FOLDER=bearerd.folder / "state")
    broken_store(bearerd, rotating, store, lambda _: flag.touch(),
                 lambda _: flag.unlink(), env=env)


def test_crash_rounds():
    """The program says itself what it does; here, a few rounds of it."""
    program = Path(__file__).with_name("crash.py")
    result = subprocess.run([sys.executable, "-B", str(program), "--rounds", "15"],
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                            encoding="utf-8", timeout=either(240, 600))
    print(result.stdout)
    assert result.returncode == 0, result.stdout
    assert re.search(r"^rounds +15$", result.stdout, re.M)
