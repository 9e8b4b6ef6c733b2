# SPDX-License-Identifier: MIT
"""Variables of the environment that the libraries of a daemon would obey."""

import os
import pty
import re
import subprocess

import pytest

import harness
from harness import static, wait_for
from login import service as people

URL = "http://api.example.test/x"
KEPT = re.compile(r"(PATH|HOME|TZ|LANG|LANGUAGE|LC_\w+|XDG_\w+|BEARERD_PROVIDER_DIR|"
                  r"NOTIFY_SOCKET|(WATCHDOG|LISTEN)_\w+|INVOCATION_ID|JOURNAL_STREAM|"
                  r"(CREDENTIALS|STATE|RUNTIME)_DIRECTORY|"
                  r"([ALT]|UB)SAN_\w+|GCOV_\w+|LLVM_PROFILE_FILE)=")
POISON = {name: "/dev/null" for name in (
    "SSLKEYLOGFILE GNUTLS_DEBUG_LEVEL GNUTLS_SYSTEM_PRIORITY_FILE HOSTALIASES "
    "RES_OPTIONS LOCALDOMAIN RESOLV_HOST_CONF KRB5_CONFIG KRB5_TRACE OPENSSL_CONF "
    "CURL_CA_BUNDLE SSL_CERT_FILE SSL_CERT_DIR http_proxy https_proxy HTTPS_PROXY "
    "all_proxy NO_PROXY NETRC SQLITE_TMPDIR TMPDIR MALLOC_TRACE LOCPATH NLSPATH "
    "TZDIR GCONV_PATH LDAPRC P11_KIT_DEBUG NIS_PATH PATHS XDG").split()}


def test_no_session_keys_are_written(bearerd, secure_provider, upstream, authority):
    """Neither of the connection to the upstream nor of that to the token
    endpoint."""
    keys = bearerd.folder / "keys"
    server = upstream(tls=authority.context("127.0.0.1"))
    proxy = bearerd({"a": secure_provider.service(upstream=server.url,
                                                  upstream_ca=authority.path)},
                    env={"SSLKEYLOGFILE": str(keys)})
    assert proxy.get(URL).status == 200
    assert server.last.value("Authorization").startswith("Bearer ")
    assert not keys.exists()


def test_gnutls_says_nothing(bearerd, upstream, authority):
    """What it would say on standard error holds the traffic."""
    server = upstream(tls=authority.context("127.0.0.1"))
    proxy = bearerd({"a": static(server.url, upstream_ca=authority.path)},
                    env={"GNUTLS_DEBUG_LEVEL": "9"})
    assert proxy.get(URL).status == 200
    assert "gnutls" not in proxy.stderr


def test_no_other_choice_of_algorithms(bearerd, upstream, authority):
    """A file that leaves no version of TLS would make the handshake fail."""
    policy = bearerd.folder / "policy"
    policy.write_text("[overrides]\n" + "".join(
        f"disabled-version = {v}\n"
        for v in ("tls1.0", "tls1.1", "tls1.2", "tls1.3", "dtls1.2")))
    server = upstream(tls=authority.context("127.0.0.1"))
    proxy = bearerd({"a": static(server.url, upstream_ca=authority.path)},
                    env={"GNUTLS_SYSTEM_PRIORITY_FILE": str(policy)})
    assert proxy.get(URL).status == 200


def test_names_have_no_other_meaning(bearerd):
    """The C library reads the file of aliases for a name without a dot: here
    a FIFO, which has a reader once it was opened."""
    aliases = bearerd.folder / "aliases"
    os.mkfifo(aliases)
    proxy = bearerd({"a": static("https://unheard-of", connect_timeout="1s")},
                    env={"HOSTALIASES": str(aliases)})
    assert proxy.get(URL).status in (502, 504)
    with pytest.raises(OSError, match="No such device"):
        os.open(aliases, os.O_WRONLY | os.O_NONBLOCK)


@pytest.mark.parametrize("variables", [
    ("http_proxy", "HTTP_PROXY"), ("https_proxy", "HTTPS_PROXY", "all_proxy",
                                   "ALL_PROXY")])
def test_no_proxy_of_the_environment(bearerd, upstream, authority, variables):
    other = upstream()
    server = upstream(tls=None if "http_proxy" in variables
                      else authority.context("127.0.0.1"))
    proxy = bearerd({"a": static(server.url, upstream_ca=authority.path)},
                    env={name: other.url for name in variables})
    assert proxy.get(URL).status == 200
    assert server.connections == 1 and other.connections == 0


def test_all_but_a_list_is_hidden(bearerd, provider):
    """In the process, before main and later; KEY_env sees what is hidden."""
    seen = bearerd.folder / "seen"
    env = {**POISON, "THE_SECRET": "demo-secret", "LC_ALL": "C", "TZ": "UTC",
           **harness.preload(bearerd.folder, "seen_environment",
                             SEEN_ENVIRONMENT_FILE=seen)}
    keys = provider.service(client_secret=None, client_secret_env="THE_SECRET")
    proxy = bearerd({"a": keys,
                     "b": static("https://no.such.invalid", match="b.example.test")},
                    env=env)
    assert proxy.get(URL).status == 200
    assert proxy.get("http://b.example.test/").status in (502, 504)
    lines = seen.read_text().splitlines()
    assert lines.count("LC_ALL=C") >= 2
    assert [line for line in lines if not KEPT.match(line)] == []


def test_other_commands_leave_it_alone(bearerd, provider):
    """The browser that login starts is the person's, with all variables."""
    bearerd({"a": people(provider)})
    seen, program = bearerd.folder / "seen", bearerd.folder / "browser"
    program.write_text(f"#!/bin/sh\nenv >{seen}.new\nmv {seen}.new {seen}\n")
    program.chmod(0o755)
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [harness.binary(), "login", "a", "-c", str(bearerd.folder / "bearerd.ini")],
        env={**bearerd.env, "BROWSER": str(program), "SSLKEYLOGFILE": "/k",
             "LOCALDOMAIN": "x.test", "MINE": "1"},
        stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True)
    os.close(theirs)
    wait_for(seen.exists, 10, "the browser")
    assert {"SSLKEYLOGFILE=/k", "LOCALDOMAIN=x.test",
            "MINE=1"} <= set(seen.read_text().splitlines())
    process.kill()
    process.wait()
    os.close(ours)
