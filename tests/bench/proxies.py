# SPDX-License-Identifier: MIT
"""The proxies that are compared: nginx, haproxy and bearerd. All do the same:
take requests on kept connections, set `Authorization`, and pass them on over
kept connections."""

from __future__ import annotations

import os
import socket
import sys
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Iterator

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "e2e"))

import harness  # noqa: E402
from harness import ini, memory_peak, static  # noqa: E402

TICK = os.sysconf("SC_CLK_TCK")
HOST = "api.example.test"
WAITING_HOST = "wait.example.test"
TOKEN = "fixed-token"
MOST_CLIENTS = 9000


class Cores:
    """Where things run: the proxy under test has a core for itself."""

    def __init__(self) -> None:
        cores = sorted(os.sched_getaffinity(0))
        self.all = set(cores)
        self.load, self.proxy = set(cores[:1]), set(cores[1:2])
        if not self.proxy:
            self.proxy = self.load
        os.sched_setaffinity(0, self.load)

    @contextmanager
    def of_the_proxy(self, workers: int) -> Iterator[None]:
        """What is started within runs on the proxy's core, or on all where it
        has more workers than one."""
        os.sched_setaffinity(0, self.proxy if workers == 1 else self.all)
        try:
            yield
        finally:
            os.sched_setaffinity(0, self.load)

    def __str__(self) -> str:
        if self.load == self.proxy:
            return "everything on one core: figures are of what they share"
        return (f"the proxy under test on core {min(self.proxy)}; wrk, curl and "
                f"the upstream on core {min(self.load)} (taskset)")


@dataclass
class Way:
    """Where a proxy leads to, and how many workers it has."""

    upstream: str  # HOST:PORT
    ca: str = ""  # of the upstream: then it is https
    http2: bool = False
    workers: int = 1
    holder: str = ""  # where requests for WAITING_HOST go
    prefix: list[str] = field(default_factory=list)  # in front of the command
    keys: dict = field(default_factory=dict)  # bearerd's, of the service
    services: dict = field(default_factory=dict)  # bearerd's, more of them
    hook: str = ""  # bearerd's, its text


@dataclass
class Contender:
    """A running proxy."""

    name: str
    port: int
    pids: list[int]

    def cpu_seconds(self) -> float:
        """User and system time of the processes, all their threads."""
        ticks = 0
        for pid in self.pids:
            text = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2]
            fields = text.split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / TICK

    def memory_peak(self) -> int:
        return sum(memory_peak(pid) for pid in self.pids)

    def memory(self) -> int:
        """What is resident now, without what files back."""
        return sum(int(line.split()[1]) * 1024 for pid in self.pids
                   for line in Path(f"/proc/{pid}/status").read_text().splitlines()
                   if line.startswith("RssAnon:"))


NGINX = """
daemon off;
{master}
{user}
worker_processes {workers};
pid {folder}/nginx.pid;
error_log stderr error;
events {{ worker_connections 16000; }}
http {{
    access_log off;
    keepalive_requests 10000000;
    keepalive_timeout 600s;
    client_max_body_size 0;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    upstream behind {{
        server {upstream};
        keepalive 256;
        keepalive_requests 10000000;
    }}
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    proxy_set_header Authorization "Bearer {token}";
    proxy_request_buffering off;
    proxy_max_temp_file_size 0;
    proxy_read_timeout 600s;
    {tls}
    server {{
        listen 127.0.0.1:{port} backlog=4096;
        location / {{ proxy_pass {scheme}://behind; }}
    }}
    {more}
}}
"""
NGINX_TLS = """
    proxy_ssl_verify on;
    proxy_ssl_trusted_certificate {ca};
    proxy_ssl_name localhost;
    proxy_ssl_server_name on;
    proxy_ssl_protocols TLSv1.2 TLSv1.3;
"""
NGINX_HOLDER = """
    server {{
        listen 127.0.0.1:{port};
        server_name {host};
        location / {{ proxy_pass http://{holder}; }}
    }}
"""


def start_nginx(stack: ExitStack, cores: Cores, folder: Path, way: Way) -> Contender:
    """Under a tool (way.prefix) it is one process, not a master and workers."""
    folder.mkdir(parents=True)
    folder.chmod(0o755)
    port = harness.free_port()
    more = NGINX_HOLDER.format(port=port, host=WAITING_HOST, holder=way.holder)
    config = folder / "nginx.conf"
    config.write_text(NGINX.format(
        folder=folder, port=port, workers=way.workers, upstream=way.upstream,
        token=TOKEN, master="master_process off;" if way.prefix else "",
        user="user root;" if os.geteuid() == 0 else "",
        scheme="https" if way.ca else "http",
        tls=NGINX_TLS.format(ca=way.ca) if way.ca else "",
        more=more if way.holder else ""))
    command = [*way.prefix, "/usr/sbin/nginx", "-e", "stderr", "-p", str(folder),
               "-c", str(config)]
    process = _start(stack, cores, way, command, dict(os.environ))
    _wait_for_port(process, port)
    pids = [process.pid]
    if not way.prefix:
        harness.wait_for(lambda: len(_children(process.pid)) == way.workers, 60,
                         "nginx has its workers")
        pids = _children(process.pid)
    return Contender("nginx", port, pids)


def _children(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in children.read_text().split()]


HAPROXY = """
global
    nbthread {workers}
    maxconn {clients}
defaults
    mode http
    timeout connect 5s
    timeout client 600s
    timeout server 600s
    http-reuse always
frontend clients
    bind 127.0.0.1:{port} backlog 4096
    http-request set-header Authorization "Bearer {token}"
    {more}
    default_backend behind
backend behind
    server behind {upstream} {server}
{backend}
"""


def start_haproxy(stack: ExitStack, cores: Cores, folder: Path,
                  way: Way) -> Contender:
    folder.mkdir(parents=True)
    port = harness.free_port()
    server = ""
    if way.ca:
        server = (f"ssl verify required ca-file {way.ca} sni str(localhost) "
                  "verifyhost localhost ssl-min-ver TLSv1.2")
        server += " alpn h2" if way.http2 else ""
    elif way.http2:
        server = "proto h2"
    config = folder / "haproxy.cfg"
    config.write_text(HAPROXY.format(
        port=port, workers=way.workers, clients=MOST_CLIENTS, token=TOKEN,
        upstream=way.upstream, server=server,
        more=f"use_backend held if {{ hdr(host) {WAITING_HOST} }}"
        if way.holder else "",
        backend=f"backend held\n    server held {way.holder}" if way.holder else ""))
    process = _start(stack, cores, way,
                     [*way.prefix, "/usr/sbin/haproxy", "-db", "-f", str(config)],
                     dict(os.environ), good=(0, 130, 143, -15))
    _wait_for_port(process, port)
    return Contender("haproxy", port, [process.pid])


def start_bearerd(stack: ExitStack, cores: Cores, folder: Path, way: Way,
                  name: str = "bearerd") -> Contender:
    folder.mkdir(parents=True)
    keys = {"access_token": TOKEN, **way.keys}
    if way.hook:
        (folder / "hook.lua").write_text(way.hook)
        keys["hook"] = "hook.lua"
    if way.ca:
        keys["upstream_ca"] = way.ca
    if way.http2:
        keys["http_version"] = "2"
    scheme = "https" if way.ca else "http"
    sections = {
        "proxy": {"listen": "127.0.0.1:0", "workers": way.workers,
                  "max_connections": MOST_CLIENTS, "keepalive_timeout": "600s",
                  "store": "memory:"},
        "service bench": static(f"{scheme}://{way.upstream}", match=HOST, **keys)}
    if way.holder:
        sections["service held"] = static(f"http://{way.holder}", match=WAITING_HOST)
    sections.update(way.services)
    config = folder / "bearerd.ini"
    config.write_text(ini(sections))
    command = [*way.prefix, harness.binary(), "run", "-c", str(config)]
    process = _start(stack, cores, way, command, harness.environment(folder))
    found = process.find(r"info listening address=127\.0\.0\.1:(\d+)", 60)
    return Contender(name, int(found.group(1)), [process.pid])


def _start(stack: ExitStack, cores: Cores, way: Way, command: list[str],
           env: dict, good: tuple = (0,)) -> harness.Process:
    with cores.of_the_proxy(way.workers):
        process = harness.Process(command, env)

    def stop() -> None:
        status = process.end()
        assert status in good, f"{command}: exit status {status}: {process.stderr}"

    stack.callback(stop)
    return process


def _wait_for_port(process: harness.Process, port: int) -> None:
    def answers() -> bool:
        if process.process.poll() is not None:
            process.fail(f"ended with {process.process.returncode}")
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return True
        except OSError:
            return False

    harness.wait_for(answers, 60, "the proxy takes connections")


STARTS = {"nginx": start_nginx, "haproxy": start_haproxy, "bearerd": start_bearerd}


def start_all(stack: ExitStack, cores: Cores, folder: Path, way: Way,
              names: tuple = ("nginx", "haproxy", "bearerd")) -> list[Contender]:
    return [STARTS[name](stack, cores, folder / name, way) for name in names]
