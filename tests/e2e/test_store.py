# SPDX-License-Identifier: MIT
"""The store: tokens that outlive the process, sealed, and never lost to a
mistake."""

import resource
import signal
import time

import pytest

import harness
from harness import texts_of, wait_for

URL = "http://api.example.test/x"


@pytest.fixture
def proxy_settings(bearerd):
    folder = bearerd.folder / "state"
    return {"store": f"sqlite:{folder}/tokens.db",
            "store_key_file": f"{folder}/store.key"}


@pytest.fixture
def used(bearerd, provider, proxy_settings):
    """A store that holds a token, and whose process has ended."""
    proxy = bearerd({"a": provider.service()}, proxy_settings)
    assert proxy.get(URL).status == 200
    proxy.stop()
    assert provider.token_count == 1
    return bearerd.folder / "state"


def contents(folder) -> dict:
    """What the files hold, by name; SQLite may leave empty ones."""
    return {path.name: data for path, data in texts_of(folder) if data}


@pytest.mark.threads
def test_token_survives_a_restart(bearerd, provider, proxy_settings, used):
    proxy = bearerd({"a": provider.service()}, proxy_settings)
    assert proxy.get(URL).status == 200
    assert provider.token_count == 1


def test_token_survives_a_kill(bearerd, provider, proxy_settings):
    proxy = bearerd({"a": provider.service()}, proxy_settings)
    assert proxy.get(URL).status == 200
    proxy.stopped = True
    assert proxy.end(signal.SIGKILL) == -signal.SIGKILL
    proxy = bearerd({"a": provider.service()}, proxy_settings)
    assert proxy.get(URL).status == 200
    assert provider.token_count == 1


def test_token_in_memory_does_not(bearerd, provider):
    for count in (1, 2):
        proxy = bearerd({"a": provider.service()}, {"store": "memory:"})
        assert proxy.get(URL).status == 200
        proxy.stop()
        assert provider.token_count == count


def test_expiry_survives_a_restart(bearerd, provider, proxy_settings):
    provider.set(issue={"expires_in": 2, "lifetime": 60})
    proxy = bearerd({"a": provider.service()}, proxy_settings)
    assert proxy.get(URL).status == 200
    proxy.stop()
    asked = provider.token_count
    time.sleep(2.5)
    proxy = bearerd({"a": provider.service()}, proxy_settings)
    assert proxy.get(URL).status == 200
    assert provider.token_count == asked + 1


@pytest.mark.parametrize("change", [
    {"client_id": "other"}, {"token_endpoint": "?x=y"}])
def test_token_of_another_identity_is_not_used(bearerd, provider, proxy_settings,
                                               used, change):
    provider.set(clients=[{"client_id": "other", "client_secret": "demo-secret"}])
    if "token_endpoint" in change:
        change = {"token_endpoint": provider.token_endpoint + "?x=y"}
    proxy = bearerd({"a": provider.service(**change)}, proxy_settings)
    assert proxy.get(URL).status == 200
    assert provider.token_count == 2


def test_token_is_sealed_at_rest(bearerd, provider, proxy_settings):
    proxy = bearerd({"a": provider.service()}, proxy_settings)
    assert proxy.get(URL).status == 200
    token = provider.issued[0].encode()
    for _ in range(2):
        files = contents(bearerd.folder / "state")
        assert any(name.startswith("tokens.db") for name in files)
        for name, data in files.items():
            assert token not in data, name
            assert token[:16] not in data, name
            assert b"demo-secret" not in data, name
        proxy.stop()


def test_modes_of_the_files(bearerd, used):
    for path in used.iterdir():
        assert path.stat().st_mode & 0o077 == 0, path.name
    assert (used / "store.key").stat().st_size == 32


def test_wrong_key(bearerd, provider, proxy_settings, used):
    good = (used / "store.key").read_bytes()
    (used / "store.key").write_bytes(bytes(32))
    before = contents(used)
    said = bearerd.refused({"a": provider.service()}, proxy_settings)
    assert "store.key" in said or "tokens.db" in said
    assert "key" in said
    after = contents(used)
    assert {name: after[name] for name in before} == before
    (used / "store.key").write_bytes(good)
    proxy = bearerd({"a": provider.service()}, proxy_settings)
    assert proxy.get(URL).status == 200
    assert provider.token_count == 1


def test_missing_key_of_a_used_store(bearerd, provider, proxy_settings, used):
    """A new key is made for a new store only."""
    (used / "store.key").rename(used.parent / "saved.key")
    before = contents(used)
    said = bearerd.refused({"a": provider.service()}, proxy_settings)
    assert "key" in said
    assert contents(used)["tokens.db"] == before["tokens.db"]


@pytest.mark.parametrize("size", [0, 31, 33, 64])
def test_key_of_a_wrong_size(bearerd, provider, proxy_settings, size):
    (bearerd.folder / "state" / "store.key").write_bytes(b"k" * size)
    (bearerd.folder / "state" / "store.key").chmod(0o600)
    said = bearerd.refused({"a": provider.service()}, proxy_settings)
    assert "store.key" in said and "32" in said


def test_more_keys(bearerd, provider, proxy_settings, used):
    """The first seals, all open."""
    second = used / "second.key"
    second.write_bytes(bytes(range(32)))
    second.chmod(0o600)
    keys = [str(second), str(used / "store.key")]
    proxy = bearerd({"a": provider.service()},
                    {**proxy_settings, "store_key_file": keys})
    assert proxy.get(URL).status == 200
    assert provider.token_count == 1


@pytest.mark.parametrize("damage", ["no database", "header", "cut", "empty page"])
def test_damaged_store(bearerd, provider, proxy_settings, used, damage):
    path = used / "tokens.db"
    for name in ("tokens.db-wal", "tokens.db-shm"):
        (used / name).unlink(missing_ok=True)
    data = path.read_bytes()
    path.write_bytes({
        "no database": b"this is no database, but it is precious\n" * 200,
        "header": b"x" * 100 + data[100:],
        "cut": data[:len(data) // 2 + 100],
        "empty page": data[:4096] + bytes(len(data) - 4096),
    }[damage])
    before = path.read_bytes()
    said = bearerd.refused({"a": provider.service()}, proxy_settings)
    assert "tokens.db" in said
    assert path.read_bytes() == before


def test_second_process_is_refused(bearerd, provider, proxy_settings):
    proxy = bearerd({"a": provider.service()}, proxy_settings)
    assert proxy.get(URL).status == 200
    other_run = bearerd.folder / "other-run"
    other_run.mkdir()
    said = bearerd.refused({"a": provider.service()}, proxy_settings,
                           env={"RUNTIME_DIRECTORY": str(other_run)})
    assert "tokens.db" in said
    assert proxy.get(URL).status == 200
    assert provider.token_count == 1


@pytest.mark.parametrize("where", ["a file", "/proc"])
def test_folder_that_cannot_be_written(bearerd, provider, proxy_settings, where):
    (bearerd.folder / "file").write_text("x")
    path = {"a file": f"{bearerd.folder}/file/tokens.db",
            "/proc": "/proc/self/tokens.db"}[where]
    said = bearerd.refused({"a": provider.service()},
                           {**proxy_settings, "store": f"sqlite:{path}"})
    assert path in said
    assert "listening" not in said


def full_disk(bearerd, provider, settings, size: int) -> str:
    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    # The interpreter ignores SIGXFSZ, and so its child does.
    return bearerd.refused({"a": provider.service()}, settings,
                           preexec_fn=limit, restore_signals=False)


@pytest.mark.parametrize("size", [0, 1000, 5000])
def test_full_disk_at_start(bearerd, provider, proxy_settings, size):
    said = full_disk(bearerd, provider, proxy_settings, size)
    assert "tokens.db" in said or "store.key" in said


def test_full_disk_at_start_with_a_used_store(bearerd, provider, proxy_settings,
                                              used):
    full_disk(bearerd, provider, proxy_settings, 0)
    proxy = bearerd({"a": provider.service()}, proxy_settings)
    assert proxy.get(URL).status == 200
    assert provider.token_count == 1


@pytest.mark.threads
def test_full_disk_later(bearerd, provider, proxy_settings):
    """The token is used all the same, health warns, and writing goes on as
    soon as it can."""
    proxy = bearerd({"a": provider.service()}, proxy_settings,
                    restore_signals=False)
    harness.limit_file_size(proxy.pid, 0)
    assert proxy.get(URL).status == 200
    wait_for(lambda: proxy.health().json()["checks"]["store"][0]["status"] == "warn",
             5, "health warns of the store")
    assert proxy.health().status == 200
    hard = resource.prlimit(proxy.pid, resource.RLIMIT_FSIZE)[1]
    resource.prlimit(proxy.pid, resource.RLIMIT_FSIZE, (hard, hard))
    wait_for(lambda: proxy.health().json()["status"] == "pass", 30,
             "the store written again")
    proxy.stop()
    proxy = bearerd({"a": provider.service()}, proxy_settings)
    assert proxy.get(URL).status == 200
    assert provider.token_count == 1


@pytest.mark.parametrize("pattern", ["tokens.db", "tokens.db*", "tokens.db-wal", "*"])
def test_files_deleted_under_the_daemon(bearerd, provider, proxy_settings, pattern):
    """They are made again from what is open: a crash later loses nothing."""
    proxy = bearerd({"a": provider.service()}, proxy_settings)
    assert proxy.get(URL).status == 200
    for path in (bearerd.folder / "state").glob(pattern):
        path.unlink()
    proxy.find(r"warning store_made_again store=\S+/tokens\.db reason=", 15)
    assert proxy.health().json()["checks"]["store"][0]["status"] == "pass"
    proxy.stopped = True
    assert proxy.end(signal.SIGKILL) == -signal.SIGKILL
    proxy = bearerd({"a": provider.service()}, proxy_settings)
    assert proxy.get(URL).status == 200
    assert provider.token_count == 1


def test_file_replaced_under_the_daemon(bearerd, provider, proxy_settings):
    """What is there now is not touched; it is said, and tokens are used."""
    proxy = bearerd({"a": provider.service()}, proxy_settings)
    assert proxy.get(URL).status == 200
    path = bearerd.folder / "state" / "tokens.db"
    path.unlink()
    path.write_text("from a backup")
    proxy.find(r"warning store_lost reason=.*was replaced while it was in use", 15)
    assert proxy.health().json()["checks"]["store"][0]["status"] == "warn"
    assert proxy.get(URL).status == 200
    assert path.read_text() == "from a backup"
    path.unlink()
    proxy.find(r"info store_found_again", 15)
    assert proxy.health().json()["checks"]["store"][0]["status"] == "pass"
    proxy.stop()
    proxy = bearerd({"a": provider.service()}, proxy_settings)
    assert proxy.get(URL).status == 200
    assert provider.token_count == 1
