# SPDX-License-Identifier: MIT
"""Servers whose words would write where they should not: to a log, a field, a
page or a terminal."""

import json
import time

import pytest

import attacks
import login
from attacks import DOORS, answered, encoded, no_controls, spoiled


@pytest.fixture
def door(request, bearerd, provider, browser):
    return DOORS[request.param](bearerd, provider, browser)


every_door = pytest.mark.parametrize("door", DOORS, indirect=True)


WORDS = ["\x1b[31m\x1b]0;evil\x07", "a\r\nX-Evil: 1\r\n\r\n<script>alert(1)</script>",
         "a\0b", "\x9b31m\x85", "\u202etxt.exe\u2028", "\x7f\x08\x08", "%s%n%1$s",
         '"\\\'<b>&amp;{access_token}']


@pytest.mark.parametrize("words", WORDS, ids=ascii)
@every_door
def test_words_of_an_error(door, words):
    answered(door, status=400, content_type="application/json", body=json.dumps(
        {"error": "invalid_" + words, "error_description": words,
         "error_uri": words, words: words}))
    text = door.knock()
    no_controls(door, text, door.status_text())
    if "<!DOCTYPE html>" in text:
        assert "<script>alert" not in text and "<b>&amp;" not in text
    door.is_shut()


@pytest.mark.parametrize("words", WORDS[:5], ids=ascii)
@every_door
def test_words_of_every_member(door, words):
    """Also where the answer is a good one but for them: taken or not, they
    are shown nowhere as they are."""
    answered(door, status=door.status, content_type="application/json",
             body=json.dumps({**spoiled(door.good(), words), "scope": words}))
    no_controls(door, door.knock(), door.status_text())
    door.is_shut()


@every_door
def test_head_that_is_none(door):
    """Fields with control characters, and a status line that goes on."""
    raw = (b"HTTP/1.1 200 \x1b[31mOK\r\nX-Odd: \x1b]0;evil\x07\r\n"
           b"Content-Type: \x1b[31m/\x9b\r\nLocation: \x1b[31m\r\n"
           b"WWW-Authenticate: DPoP error=\"\x1b[31m\"\r\n"
           b"Content-Length: 2\r\n\r\n{}")
    step = encoded(raw)
    answered(door, raw=step["body_base64"])
    no_controls(door, door.knock(), door.status_text())


# What is good but for one word, and is shown.


@pytest.mark.parametrize("words", WORDS, ids=ascii)
def test_scope_in_a_page_and_on_a_terminal(start, bearer, provider, browser, words):
    """A server may grant other scopes than were asked for, and people are
    told; in a page, in the status and in the log."""
    proxy = start(scope="read", proxy={"log_level": "debug"})
    provider.set(issue={"extra": {"scope": "read " + words}})
    visit = browser.login(login.login_url(proxy))
    text = visit.response.text
    assert "<script>alert" not in text and "<b>&amp;" not in text
    for line in (*proxy.lines, *text.split("\n"), *bearer("status").split("\n"),
                 *bearer("status", "--json").split("\n")):
        assert not attacks.CONTROLS.search(line), ascii(line)


@pytest.mark.parametrize("name", ["user_code", "verification_uri",
                                  "verification_uri_complete", "device_code"])
@pytest.mark.parametrize("words", WORDS[:5], ids=ascii)
def test_code_on_a_terminal(bearerd, provider, browser, name, words):
    """bearerd login --device shows what the server says: nothing, then."""
    door = DOORS["device"](bearerd, provider, browser)
    good = {**door.good(), "verification_uri_complete": "http://127.0.0.1/?c=1"}
    answered(door, content_type="application/json",
             body=json.dumps({**good, name: good[name] + words}))
    door.start()
    no_controls(door, door.command("login", "a", "--device"))
    assert provider.token_count == 0


TOKENS = ["a\r\nX-Evil: 1", "a\nb", "a\0b", "a\tb", "a b", "\x1b[31m", "é", "\x7f",
          "\u202e", ""]


@pytest.mark.parametrize("place", ["header", "query", "body", "cookie"])
@pytest.mark.parametrize("token", TOKENS, ids=ascii)
def test_token_that_would_break_out(bearerd, provider, upstream, token, place):
    """Wherever it was to go, nothing goes."""
    server = upstream()
    provider.set(issue={"extra": {"access_token": token}})
    proxy = bearerd({"a": provider.service(upstream=server.url,
                                           token_placement=place)})
    reply = proxy.post(attacks.URL, b"a=1",
                       "Content-Type: application/x-www-form-urlencoded")
    assert reply.status == 502, (reply.status, reply.body)
    assert server.requests == []
    assert reply.values("X-Evil") == []


@pytest.mark.parametrize("token", TOKENS[:-1], ids=ascii)
def test_refresh_token_that_would_break_out(bearerd, provider, token):
    """It goes back to whom it came from, encoded, or not at all."""
    provider.register(grant_types=["password", "refresh_token"])
    provider.set(issue={"extra": {"refresh_token": token}, "lifetime": 1})
    proxy = bearerd({"a": provider.service(grant_type=None, username="alice",
                                           password="wonderland")})
    assert proxy.get("http://api.example.test/x").status in (200, 502)
    time.sleep(1.1)
    proxy.get("http://api.example.test/x")
    for asked in provider.token_requests:
        form = dict(map(tuple, asked["form"]))
        assert form.get("refresh_token", token) == token
        assert not any(name.lower() == "x-evil" for name, _ in asked["headers"])
