# SPDX-License-Identifier: MIT
"""Mistakes in a hook's file, which are told when the configuration is read."""

import re

import pytest


@pytest.mark.parametrize("text, keys, words", [
    ("function protected_request(r)\nx = = 1\nend", {}, r"hook\.lua:2: .*'='"),
    ("function protected_reqest(r) end", {},
     r"hook\.lua:1: protected_reqest is not a hook; did you mean protected_request\?"),
    ("function f() end function protected_request(r) end", {},
     r"hook\.lua:1: f is not a hook; .*local"),
    ("local x = 1", {}, "defines no hook"),
    ("error('x')", {}, r"hook\.lua:1: x"),
    ("function client_auth(r) end", {}, "client_auth has no use"),
    ("function protected_request(r) end",
     {"token_endpoint_auth_method": "hook"}, "needs the function client_auth"),
    ("function protected_request(r) end", {"upstream_hosts": "*.com"},
     "upstream_hosts"),
])
def test_mistakes(bearerd, provider, hook, text, keys, words):
    path = hook(text)
    config = bearerd.write({"api": provider.service(hook=path, **keys)})
    result = bearerd.check(config.read_text())
    assert result.returncode == 1
    number = [n for n, line in enumerate(config.read_text().splitlines(), 1)
              if line.startswith("upstream_hosts" if "upstream_hosts" in keys
                                 else "hook")][0]
    assert re.search(rf":{number}: .*{words}", result.stderr), result.stderr


def test_file_that_is_not_there(bearerd, provider):
    config = bearerd.write({"api": provider.service(hook="nowhere.lua")})
    result = bearerd.check(config.read_text())
    assert result.returncode == 1
    assert re.search(r":\d+: hook: .*nowhere\.lua", result.stderr)


def test_method_without_a_file(bearerd, provider):
    config = bearerd.write({"api": provider.service(
        token_endpoint_auth_method="hook")})
    result = bearerd.check(config.read_text())
    assert "hook is missing" in result.stderr


def test_mistakes_hold_no_words_of_the_file(bearerd, provider, hook):
    path = hook("local key = 'S3cret\nfunction protected_request(r) end")
    config = bearerd.write({"api": provider.service(hook=path)})
    result = bearerd.check(config.read_text())
    assert result.returncode == 1
    assert re.search(r"hook\.lua:1: unfinished string$", result.stderr.strip())
