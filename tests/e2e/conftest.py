# SPDX-License-Identifier: MIT
"""What the tests are given: running servers, ended when the test is over."""

from __future__ import annotations

import os
import re
import signal
import sys
from pathlib import Path
from typing import Callable, Iterator

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import carriers  # noqa: E402
import harness  # noqa: E402
import login  # noqa: E402
from browser import Browser  # noqa: E402
from certificates import Authority  # noqa: E402
from chromium import Browser as Chromium, Chromedriver  # noqa: E402
from glewlwyd import Glewlwyd  # noqa: E402
from hanging import HangingNames  # noqa: E402
from harness import Bearerd, Nginx, Provider  # noqa: E402
from lemonldap import Lemonldap  # noqa: E402
from rawserver import RawServer, Script, echo  # noqa: E402


@pytest.fixture(scope="session")
def provider_process() -> Iterator[Provider]:
    process = Provider()
    yield process
    process.stop()


@pytest.fixture
def provider(provider_process: Provider) -> Provider:
    """The provider, with no switch turned and nothing counted."""
    provider_process.reset()
    return provider_process


@pytest.fixture(scope="session")
def glewlwyd_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Glewlwyd]:
    process = Glewlwyd(tmp_path_factory.mktemp("glewlwyd"))
    yield process
    process.stop()


@pytest.fixture
def glewlwyd(glewlwyd_process: Glewlwyd) -> Glewlwyd:
    """The second authorization server, nothing counted; its clients stay, so
    a test registers those that it needs."""
    glewlwyd_process.reset()
    return glewlwyd_process


@pytest.fixture(scope="session")
def lemonldap_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lemonldap]:
    process = Lemonldap(tmp_path_factory.mktemp("lemonldap"))
    yield process
    process.stop()


@pytest.fixture
def lemonldap(lemonldap_process: Lemonldap) -> Lemonldap:
    """The third authorization server, nothing counted; its clients stay, so a
    test registers those that it needs."""
    lemonldap_process.reset()
    return lemonldap_process


@pytest.fixture(scope="module")
def chromedriver() -> Iterator[Chromedriver]:
    """For tests that need more than one browser: chromedriver.browser()."""
    process = Chromedriver()
    yield process
    process.stop()


@pytest.fixture(scope="module")
def chromium_process(chromedriver: Chromedriver) -> Chromium:
    return chromedriver.browser()


@pytest.fixture
def chromium(chromium_process: Chromium) -> Chromium:
    """A real browser, which remembers nothing of other tests."""
    chromium_process.forget()
    return chromium_process


@pytest.fixture(scope="session")
def secure_provider_process(authority: Authority) -> Iterator[Provider]:
    certificate, key = authority.issue("127.0.0.1")
    process = Provider("--tls-certificate", certificate, "--tls-private-key", key,
                       "--tls-client-ca", str(authority.path),
                       ca=str(authority.path))
    yield process
    process.stop()


@pytest.fixture
def secure_provider(secure_provider_process: Provider) -> Provider:
    """The same over TLS, and with it the addresses (`aliases`) where client
    certificates are asked for: the authority's, and registered ones."""
    secure_provider_process.reset()
    return secure_provider_process


class Upstreams:
    """Starts raw servers: upstream(script), or upstream() for an echo."""

    def __init__(self) -> None:
        self.servers: list[RawServer] = []

    def __call__(self, script: Script | None = None, **options) -> RawServer:
        self.servers.append(RawServer(script or echo(), **options))
        return self.servers[-1]

    def finish(self) -> None:
        for server in self.servers:
            server.stop()


@pytest.fixture
def upstream() -> Iterator[Upstreams]:
    upstreams = Upstreams()
    yield upstreams
    upstreams.finish()


@pytest.fixture(scope="module")
def shared_upstream() -> Iterator[Upstreams]:
    upstreams = Upstreams()
    yield upstreams
    upstreams.finish()


class Starter:
    """Starts bearerds with configurations that tests give, in one folder, so
    that a second start finds the first one's state."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.env = harness.environment(folder)
        self.started: list[Bearerd] = []

    def write(self, services: dict, proxy: dict | None = None,
              name: str = "bearerd.ini") -> Path:
        sections = {"proxy": {"listen": "127.0.0.1:0", "workers": 2,
                              "store": "memory:", **(proxy or {})}}
        for service, keys in services.items():
            sections[f"service {service}"] = keys
        path = self.folder / name
        path.write_text(harness.ini(sections))
        path.chmod(0o600)
        return path

    def __call__(self, services: dict, proxy: dict | None = None,
                 env: dict | None = None, **options) -> Bearerd:
        """A running bearerd; services: {name: {key: value}}."""
        config = self.write(services, proxy)
        self.started.append(Bearerd(config, {**self.env, **(env or {})}, **options))
        return self.started[-1]

    def refused(self, services: dict, proxy: dict | None = None,
                env: dict | None = None, **options) -> str:
        """Starts one that must not come up; its standard error."""
        config = self.write(services, proxy)
        result = harness.command("run", "-c", str(config), timeout=30,
                                 env={**self.env, **(env or {})}, **options)
        assert result.returncode == 1, (result.returncode, result.stderr)
        return result.stderr

    def check(self, text: str, *arguments: str, env: dict | None = None,
              name: str = "bearerd.ini"):
        """`bearerd check` of a file with this text."""
        path = self.folder / name
        path.write_text(text)
        path.chmod(0o600)
        return harness.command("check", *arguments, "-c", str(path),
                               env={**self.env, **(env or {})})


    def finish(self) -> None:
        for process in self.started:
            process.show()
        failures = []
        for process in self.started:
            try:
                process.stop()
            except AssertionError as failure:
                failures.append(str(failure))
            finally:
                if process.process.poll() is None:
                    process.process.kill()
        assert not failures, "\n".join(failures)


@pytest.fixture
def bearerd(tmp_path: Path) -> Iterator[Starter]:
    starter = Starter(tmp_path)
    yield starter
    starter.finish()


@pytest.fixture
def bearer(bearerd: Starter) -> Callable[..., str]:
    """Runs a command with the configuration that was written last."""
    def run(*words, status=0, **options) -> str:
        result = harness.command(*words, "-c", str(bearerd.folder / "bearerd.ini"),
                                 env={**bearerd.env, **options.pop("env", {})},
                                 **options)
        assert result.returncode == status, (result.stdout, result.stderr)
        if status == 0:
            assert result.stderr == ""
            return result.stdout
        assert result.stdout == ""
        return result.stderr

    return run


@pytest.fixture
def revoking(provider: Provider) -> dict:
    """The keys of a service whose server revokes."""
    return {"revocation_endpoint": provider.addresses["revocation_endpoint"]}


@pytest.fixture(scope="module")
def shared_bearerd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Starter]:
    """The same for a whole file: for tests that change nothing in it."""
    starter = Starter(tmp_path_factory.mktemp("shared"))
    yield starter
    starter.finish()


@pytest.fixture
def start(bearerd: Starter, provider: Provider) -> Callable[..., Bearerd]:
    """Starts a bearerd with the service "a", or those of `names`, of these
    keys, which people log in to, and which the provider knows; `others` are
    more services."""
    def begin(names=("a",), proxy: dict | None = None, register: dict | None = None,
              others: dict | None = None, **keys) -> Bearerd:
        services = {name: login.service(provider, name, **keys) for name in names}
        process = bearerd({**services, **(others or {})}, proxy)
        login.register(provider, process, *names, **(register or {}))
        return process

    return begin


@pytest.fixture(scope="session")
def nginx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nginx]:
    """nginx with files: `big` (1 GiB of zeros) and whatever tests put into
    nginx.files."""
    process = Nginx(tmp_path_factory.mktemp("nginx"))
    harness.big_file(process.files / "big", 1 << 30)
    yield process
    process.stop()


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ca"))


@pytest.fixture
def names(tmp_path: Path) -> HangingNames:
    return HangingNames(tmp_path)


@pytest.fixture
def browser() -> Browser:
    """A person's browser, with no cookie yet."""
    return Browser()


@pytest.fixture
def tell(capsys: pytest.CaptureFixture) -> Callable[[str], None]:
    """Prints a line that is seen whether the test passes or fails."""
    def say(text: str) -> None:
        with capsys.disabled():
            print(f"\n    {text}", end="", flush=True)

    return say


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--carrier", choices=["auto", "libcurl"],
                     help="who carries the requests of all services")
    parser.addoption("--profile-counts", action="store_true",
                     help="say how many tests of each provider profile passed")


def pytest_configure(config: pytest.Config) -> None:
    carrier = config.getoption("--carrier")
    if carrier:
        os.environ[harness.CARRIER] = carrier
    # What a shell's background or nohup leave ignored would stay so in programs.
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)
    if harness.is_sanitized():
        # What was freed would count as memory in use, up to 256 MiB of it.
        given = os.environ.get("ASAN_OPTIONS", "")
        os.environ["ASAN_OPTIONS"] = f"quarantine_size_mb=8:{given}"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list) -> None:
    """Before any is left out."""
    config.stash[carriers.COLLECTED] = {item.nodeid for item in items}


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call) -> Iterator[None]:
    """What carrier_libcurl.txt lists must fail there, and nothing else."""
    outcome = yield
    if os.environ.get(harness.CARRIER) == "libcurl" and call.when == "call":
        carriers.judge(item.nodeid, outcome.get_result())


def pytest_terminal_summary(terminalreporter, config: pytest.Config) -> None:
    """With --profile-counts; a profile's tests have its name, as the words
    behind test_ or in brackets."""
    if not config.getoption("--profile-counts"):
        return
    names = [path.stem for path in
             (harness.TREE / "conf" / "providers").glob("*.ini")]
    passed = [report.nodeid for report in terminalreporter.stats.get("passed", [])
              if "/test_providers" in "/" + report.nodeid]
    terminalreporter.section("tests of each profile that passed")
    for name in sorted(names):
        mark = re.compile(rf"[\[-]{name}[\]-]|::test_{name.replace('-', '_')}_")
        terminalreporter.line(f"{name:24}{sum(map(bool, map(mark.search, passed)))}")


def pytest_report_header() -> list[str]:
    return [f"bearerd: {os.environ.get('BEARERD', 'build/bearerd')}"]


@pytest.fixture
def hook(bearerd):
    """hook(text): the path of a file with it."""

    def write(text: str, name: str = "hook.lua") -> str:
        path = bearerd.folder / name
        path.write_text(text)
        return str(path)

    return write
