# SPDX-License-Identifier: MIT
"""Programs that people use, through `http_proxy` and by path."""

import json
import subprocess
import urllib.request

import pytest
import requests

URL = "http://api.example.test/hello?a=b"


@pytest.fixture
def proxy(bearerd, provider):
    return bearerd({"demo": provider.service()})


def run(*arguments: str, **variables: str) -> str:
    env = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", **variables}
    result = subprocess.run(arguments, env=env, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, timeout=60)
    assert result.returncode == 0, result.stderr
    return result.stdout.decode()


def check(text: str, provider, method: str = "GET") -> dict:
    """The API took the request, with the one token."""
    echoed = json.loads(text)
    assert echoed["method"] == method
    assert echoed["target"] == "/hello?a=b"
    assert ["Authorization", f"Bearer {provider.issued[0]}"] in echoed["headers"]
    assert provider.token_count == 1
    return echoed


def test_curl_through_http_proxy(proxy, provider):
    check(run("curl", "-sS", "-f", URL, http_proxy=proxy.url), provider)


def test_curl_by_path(proxy, provider):
    check(run("curl", "-sS", "-f", proxy.url + "/demo/hello?a=b"), provider)


@pytest.mark.threads
def test_curl_posts(proxy, provider):
    for more in ([], ["-H", "Transfer-Encoding: chunked"],
                 ["-H", "Expect: 100-continue"], ["--http1.0"]):
        echoed = check(run("curl", "-sS", "-f", "-d", "some=body", *more, URL,
                           http_proxy=proxy.url), provider, "POST")
        assert echoed["body_length"] == 9


def test_curl_uploads(proxy, provider, tmp_path):
    (tmp_path / "file").write_bytes(b"x" * 3000000)
    echoed = check(run("curl", "-sS", "-f", "-T", str(tmp_path / "file"), URL,
                       http_proxy=proxy.url), provider, "PUT")
    assert echoed["body_length"] == 3000000


def test_curl_head(proxy):
    shown = run("curl", "-sS", "-f", "-I", URL, http_proxy=proxy.url)
    assert shown.startswith("HTTP/1.1 200")


def test_wget_through_http_proxy(proxy, provider):
    check(run("wget", "-qO-", URL, http_proxy=proxy.url), provider)


def test_wget_by_path(proxy, provider):
    check(run("wget", "-qO-", proxy.url + "/demo/hello?a=b"), provider)


def test_wget_posts(proxy, provider):
    echoed = check(run("wget", "-qO-", "--post-data=some=body", URL,
                       http_proxy=proxy.url), provider, "POST")
    assert echoed["body_length"] == 9


def test_lynx_speaks_http_1_0(proxy, provider):
    check(run("lynx", "-source", URL, http_proxy=proxy.url), provider)


def test_urllib_through_http_proxy(proxy, provider):
    handler = urllib.request.ProxyHandler({"http": proxy.url})
    with urllib.request.build_opener(handler).open(URL, timeout=30) as reply:
        check(reply.read().decode(), provider)


def test_urllib_by_path(proxy, provider):
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(proxy.url + "/demo/hello?a=b", timeout=30) as reply:
        check(reply.read().decode(), provider)


@pytest.mark.threads
def test_requests_through_http_proxy(proxy, provider):
    with requests.Session() as session:
        session.proxies = {"http": proxy.url}
        for _ in range(3):
            check(session.get(URL, timeout=30).text, provider)
        check(session.post(URL, data=iter([b"a", b"b"]), timeout=30).text,
              provider, "POST")


def test_requests_by_path(proxy, provider):
    with requests.Session() as session:
        session.trust_env = False
        reply = session.get(proxy.url + "/demo/hello?a=b", timeout=30)
        check(reply.text, provider)


def test_python_of_its_own(proxy, provider):
    program = ("import sys, urllib.request as r;"
               "sys.stdout.write(r.urlopen(sys.argv[1]).read().decode())")
    check(run("/usr/bin/python3", "-c", program, URL, http_proxy=proxy.url), provider)


def test_curl_says_why(proxy):
    shown = run("curl", "-sS", "http://other.example.test/", http_proxy=proxy.url)
    assert json.loads(shown)["status"] == 403
