# SPDX-License-Identifier: MIT
"""Authorization servers as they are: what deviates a little, where nothing is
at stake, is understood. Each test of a leniency says what keeps it from letting
in what was refused before."""

import gzip
import json
import zlib

import pytest

import harness
from attacks import DOORS, answered, encoded
from test_grants import forms, grants, log_in, people, seeded, user  # noqa: F401

URL = "http://api.example.test/open/x"
MARK = b"\xef\xbb\xbf"


@pytest.fixture
def door(request, bearerd, provider, browser):
    return DOORS[request.param](bearerd, provider, browser)


every_door = pytest.mark.parametrize("door", DOORS, indirect=True)


REFUSALS = {
    "a byte order mark": MARK + b'{"error":"invalid_grant"}',
    "Latin-1": b'{"error":"invalid_grant","error_description":"expir\xe9"}',
    "a line break": b'{"error":"invalid_grant","error_description":"a\nb"}',
    "half a pair": b'{"error":"invalid_grant","error_description":"\\ud800"}',
    "a page behind it": b'{"error":"invalid_grant"}<br>Notice: undefined index',
    "twice the same": b'{"error":"invalid_grant","error":"invalid_grant"}',
    "another member twice": b'{"x":1,"x":2,"error":"invalid_grant"}',
    "words of another shape": b'{"error":"invalid_grant","error_description":[]}',
    "a comma behind it": b'{"error":"invalid_grant",}',
    "too deep": b'{"x":' + b"[" * 99 + b"]" * 99 + b',"error":"invalid_grant"}',
    "a form": b"error=invalid_grant&error_description=caf%E9",
    "a form of Latin-1": b"error=invalid_grant&error_description=caf\xe9",
}


FORM = "application/x-www-form-urlencoded"
# Not a form, if nobody says so.
KINDS = [(how, kind) for how in REFUSALS
         for kind in ("application/json", "text/html", "absent", FORM)
         if kind == FORM or how != "a form of Latin-1"]


@pytest.mark.parametrize("how, kind", KINDS)
def test_refusal_that_is_not_quite_json(bearerd, people, how, kind):
    """The code is read, and the grant starts again: no token comes of a
    refusal, whatever is in it (tests/unit/oauth/token/test_token_reply.c)."""
    proxy = bearerd({"a": user(people)})
    assert proxy.get(URL).status == 200
    people.revoke()
    fields = {} if kind == "absent" else {"content_type": kind}
    people.set(plan=[{"status": 400, **encoded(REFUSALS[how]), **fields}])
    assert proxy.get("http://api.example.test/x").status == 200
    assert grants(people) == ["password", "refresh_token", "password"]
    assert "refresh_token_refused" in proxy.stderr
    assert "invalid_grant" in proxy.stderr


@pytest.mark.parametrize("status, body", [
    (400, b'{"error":"invalid_grant","error":"invalid_client"}'),
    (400, b'<p>{"error":"invalid_grant"}'),
    (400, b"the error=invalid_grant is meant"),
    (400, b'"error":"invalid_grant"'),
    (400, b'[{"error":"invalid_grant"}]'),
    (400, b'{"message":"error=invalid_grant"}'),
    (404, b'{"error":"invalid_grant",}'),
    (200, b'{"error":"invalid_grant","x":"\xe9"}'),
], ids=range(8))
def test_words_that_forget_no_refresh_token(bearerd, people, status, body):
    """Nobody's login ends by words in a page, nor by a status that says
    something else."""
    seed = log_in(people)["refresh_token"]
    people.set(plan=[{"status": status, "content_type": "text/plain",
                      **encoded(body)}])
    proxy = bearerd({"a": seeded(people, seed)})
    assert proxy.get(URL).status in (502, 503)
    path = str(bearerd.folder / "bearerd.ini")
    harness.command("refresh", "a", "-c", path, env=bearerd.env)
    assert proxy.get(URL).status == 200
    assert {form["refresh_token"] for form in forms(people)
            if "refresh_token" in form} == {seed}


@every_door
def test_byte_order_mark(door):
    """Nothing but the mark is passed over: what follows is read as strictly as
    without it (test_attacks.py::test_broken_json)."""
    body = MARK + json.dumps(door.good()).encode()
    answered(door, status=door.status, content_type="application/json",
             **encoded(body))
    assert door.opens()


def packed(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


PACKED = {
    "gzip": packed,
    "x-gzip": packed,
    "GZIP": lambda data: packed(data[:5]) + packed(data[5:]),
    "deflate": zlib.compress,
    "Deflate": raw_deflate,
    "identity": lambda data: data,
    "deflate, gzip": lambda data: packed(zlib.compress(data)),
}


@pytest.mark.parametrize("coding", PACKED)
@every_door
def test_content_coding(door, coding):
    """What comes out is bounded (test_attacks.py::test_bomb) and read as what
    was never packed."""
    body = PACKED[coding](json.dumps(door.good()).encode())
    answered(door, status=door.status, content_type="application/json",
             headers={"Content-Encoding": coding}, **encoded(body))
    assert door.opens()
    [*_, asked] = door.provider.requests(door.endpoint)
    fields = {name.lower(): value for name, value in asked["headers"]}
    assert fields["accept-encoding"] == "identity"


@pytest.mark.parametrize("coding, body", [
    ("br", b"\x0b\x02\x80{}\x03"),
    ("gzip", packed(b'{"access_token":"t0ken"}')[:-9]),
    ("gzip", b'{"access_token":"t0ken"}'),
    ("gzip, zstd", b"(\xb5/\xfd"),
], ids=["unknown", "cut", "not packed", "one unknown"])
def test_content_coding_that_cannot_be_undone(bearerd, provider, coding, body):
    """It is named, and no octet of the answer is believed."""
    provider.set(plan=[{"times": None, "headers": {"Content-Encoding": coding},
                        "content_type": "application/json", **encoded(body)}])
    proxy = bearerd({"a": provider.service()})
    reply = proxy.get(URL)
    known = coding == "gzip"
    assert reply.status == (503 if known else 502)
    unknown = coding.split()[-1]
    assert ("Content-Encoding is " + (coding if known else f'"{unknown}"')
            in reply.json()["detail"])
    assert b"t0ken" not in reply.body
    assert provider.state()["api"]["total"] == 0


def test_refusal_in_a_coding_that_cannot_be_undone(bearerd, provider):
    """The status counts, and the coding is named."""
    provider.set(plan=[{"times": None, "status": 400, **encoded(b"\x0b\x02\x80"),
                        "headers": {"Content-Encoding": "br"}}])
    reply = bearerd({"a": provider.service()}).get(URL)
    assert reply.status == 502
    assert 'its Content-Encoding is "br"' in reply.json()["detail"]
