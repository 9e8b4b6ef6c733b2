# SPDX-License-Identifier: MIT
"""Forged ID tokens: what was tampered with, signed with the wrong thing, or
signed by a server that has a good key and bad claims. They come in the
fragment, where an attacker has a free hand, and by the token endpoint."""

import base64
import hmac
import json

import pytest

import login
from attacks import come_back, no_controls, now
from login import refused
from rawserver import RawServer
from signing import Key

SCOPE = "openid read"
SECRET = "a-client-secret-of-thirty-two-octets-and-more"
OURS = Key("RS256", kid="ours")
CURVE = Key("ES256", kid="curve")
OTHER = Key("RS256", kid="ours")


def coded(data) -> str:
    if not isinstance(data, (bytes, str)):
        data = json.dumps(data)
    data = data.encode() if isinstance(data, str) else data
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decoded(part: str):
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def public(key: Key) -> dict:
    return key.jwks["keys"][0]


class KeyServer:
    """Publishes what it is told to."""

    def __init__(self):
        self.body = b""
        self.honest()
        self.server = RawServer(self.script)

    def honest(self) -> None:
        self.says({"keys": [{**public(OURS), "use": "sig"}, public(CURVE)]})

    def says(self, keys) -> None:
        self.body = keys if isinstance(keys, bytes) else json.dumps(keys).encode()

    def script(self, peer) -> None:
        while True:
            peer.read_request()
            peer.answer(self.body, "200 OK", "Content-Type: application/json")


@pytest.fixture(scope="module")
def keys():
    server = KeyServer()
    yield server
    server.server.stop()


@pytest.fixture(scope="module")
def shared(shared_bearerd, provider_process, keys):
    """Nobody ever logs in to a and curve; to good and good_curve, somebody."""
    def service(name, **more):
        return login.service(provider_process, name, **{
            "scope": SCOPE, "jwks_uri": keys.server.url + "/keys",
            "grant_type": "implicit", "client_secret": SECRET, **more})

    curve = {"id_token_signed_response_alg": "ES256"}
    return shared_bearerd({"a": service("a"), "good": service("good"),
                           "curve": service("curve", **curve),
                           "good_curve": service("good_curve", **curve)},
                          {"log_level": "debug"})


@pytest.fixture
def proxy(shared, provider):
    login.register(provider, shared, "a", "good", "curve", "good_curve",
                   client_secret=SECRET)
    return shared


class Victim:
    """A login that is answered by a forger, who has all that the browser has."""

    def __init__(self, proxy, provider, browser, name):
        self.proxy, self.browser, self.name = proxy, browser, name
        login.begin(browser, proxy, name)
        self.params = login.response_to(browser, provider)
        self.claims = decoded(self.params["id_token"].split(".")[1])

    def comes_back(self, token: str):
        return come_back(self.browser, login.callback_url(self.proxy, self.name),
                         {**self.params, "id_token": token})

    def is_refused(self, token: str, *words: str) -> None:
        text = refused(self.comes_back(token), *words)
        assert len(token) < 20 or token not in text + self.proxy.stderr
        no_controls(self, text)
        assert login.is_told_to_log_in(self.proxy, self.name)


@pytest.fixture
def victim(proxy, provider, browser):
    return lambda name="a": Victim(proxy, provider, browser, name)


@pytest.mark.parametrize("name, key", [("good", OURS), ("good_curve", CURVE)])
def test_what_the_forgers_have_is_good(victim, name, key):
    """That the tests below can fail: the same, not forged."""
    one = victim(name)
    assert one.comes_back(key.sign(one.claims)).status_code == 200
    assert one.proxy.get(login.api_url(name)).status == 200


# What was tampered with. Each is given the parts of a good token.


def signed(header, payload, key: Key = OURS) -> str:
    """The octets of both are anybody's; the signature is good."""
    text = coded(header) + "." + coded(payload)
    jws = key.pair.get_private_key()
    return text + "." + coded(sign_raw(jws, text.encode()))


def sign_raw(private, data: bytes) -> bytes:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding
    return private.sign(data, padding.PKCS1v15(), hashes.SHA256())


def mac(header: dict, claims: dict, secret: bytes) -> str:
    text = coded(header) + "." + coded(claims)
    size = {"HS256": "sha256", "HS384": "sha384", "HS512": "sha512"}[header["alg"]]
    return text + "." + coded(hmac.new(secret, text.encode(), size).digest())


def flip(part: str, at: int) -> str:
    return part[:at] + ("A" if part[at] != "A" else "B") + part[at + 1:]


def looser(part: str) -> str:
    """The same octets, where a decoder does not mind the last bits."""
    alphabet = ("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                "0123456789-_")
    assert len(part) % 4 in (2, 3)
    return part[:-1] + alphabet[alphabet.index(part[-1]) + 1]


TAMPERED = {
    "payload": lambda h, p, s, c: (h, coded({**c, "sub": "bob"}), s),
    "payload of one more claim": lambda h, p, s, c: (h, coded({**c, "x": 1}), s),
    "payload, an octet": lambda h, p, s, c: (h, flip(p, len(p) // 2), s),
    "header": lambda h, p, s, c: (coded({"alg": "RS256", "kid": "ours", "x": 1}), p, s),
    "header, an octet": lambda h, p, s, c: (flip(h, 4), p, s),
    "signature, the first octet": lambda h, p, s, c: (h, p, flip(s, 0)),
    "signature, the last octet": lambda h, p, s, c: (h, p, flip(s, len(s) - 2)),
    "signature cut": lambda h, p, s, c: (h, p, s[:-4]),
    "signature longer": lambda h, p, s, c: (h, p, s + "AAAA"),
    "no signature": lambda h, p, s, c: (h, p, ""),
    "a signature of nothing": lambda h, p, s, c: (h, p, "AA"),
    "signature of zeros": lambda h, p, s, c: (h, p, coded(bytes(256))),
    "signature in another base64": lambda h, p, s, c: (
        h, p, s.replace("-", "+").replace("_", "/") + "="),
    "signature that is padded": lambda h, p, s, c: (h, p, s + "=="),
    "signature with loose bits": lambda h, p, s, c: (h, p, looser(s)),
    "payload that is padded": lambda h, p, s, c: (h, p + "=", s),
    "a space": lambda h, p, s, c: (h, p, s + " "),
    "a line break": lambda h, p, s, c: (h + "\r\n", p, s),
    "a fourth part": lambda h, p, s, c: (h, p, s, "e30"),
    "two parts": lambda h, p, s, c: (h, p),
    "parts changed about": lambda h, p, s, c: (p, h, s),
    "NUL": lambda h, p, s, c: (h, p, s + "\0"),
}


@pytest.mark.parametrize("how", TAMPERED)
def test_tampered(victim, how):
    one = victim()
    good = OURS.sign(one.claims).split(".")
    one.is_refused(".".join(TAMPERED[how](*good, one.claims)))


# What was signed with the wrong thing.


def public_forms(key: Key) -> dict:
    """All that somebody could take a public key for, as a secret."""
    pem = key.pair.as_pem()
    lines = pem.decode().strip().split("\n")
    jwk = public(key)
    return {"pem": pem, "pem without its end": pem.strip(),
            "der": base64.b64decode("".join(lines[1:-1])),
            "jwk": json.dumps(jwk).encode(), "n": jwk["n"].encode(),
            "modulus": base64.urlsafe_b64decode(jwk["n"] + "=="), "nothing": b""}


@pytest.mark.parametrize("form", public_forms(OURS))
@pytest.mark.parametrize("alg", ["HS256", "HS512"])
def test_public_key_as_a_secret(victim, form, alg):
    """Key confusion: that the metadata names HMAC too changes nothing, for a
    client is registered for it or not."""
    secret = public_forms(OURS)[form]
    for kid in ("ours", "curve"):
        one = victim()
        one.is_refused(mac({"alg": alg, "kid": kid}, one.claims, secret), "(alg)")


def test_clients_secret_where_a_key_is_expected(victim):
    one = victim()
    one.is_refused(mac({"alg": "HS256"}, one.claims, SECRET.encode()), "(alg)")


@pytest.mark.parametrize("alg", ["none", "None", "NONE", "nOnE", "", "none ", "rs256",
                                 "RS1", "HS1", "RSA1_5", "dir", None, 256, True,
                                 ["RS256"], {"a": 1}, "RS256\0", "\x1b[31m\r\nX-Evil: 1",
                                 "\u202e", "A" * 5000], ids=lambda v: ascii(v)[:20])
def test_odd_algorithm(victim, alg):
    header = {"alg": alg, "kid": "ours"}
    for signature in ("", "AA", None):
        one = victim()
        token = signed(header, one.claims)
        if signature is not None:
            token = token.rpartition(".")[0] + "." + signature
        one.is_refused(token)


def test_no_algorithm(victim):
    one = victim()
    one.is_refused(signed({"kid": "ours"}, one.claims))


@pytest.mark.parametrize("numbers", [(0, 0), (0, 1), (1, 0), "order"], ids=str)
def test_signature_of_no_numbers(victim, numbers):
    """ES256 with r or s that no signature has."""
    order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551
    r, s = (order, order) if numbers == "order" else numbers
    one = victim("curve")
    head = CURVE.sign(one.claims).rpartition(".")[0]
    one.is_refused(f"{head}.{coded(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}",
                   "(signature)")


def test_signature_in_der(victim):
    """Only the form that RFC 7518 section 3.4 has."""
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
    one = victim("curve")
    head, _, raw = CURVE.sign(one.claims).rpartition(".")
    raw = base64.urlsafe_b64decode(raw + "==")
    der = encode_dss_signature(int.from_bytes(raw[:32], "big"),
                               int.from_bytes(raw[32:], "big"))
    one.is_refused(f"{head}.{coded(der)}")


def test_key_of_another_kind(victim):
    """The algorithm is the key's and the rules', whatever the header says."""
    one = victim("curve")
    one.is_refused(OURS.sign(one.claims), "(alg)")
    one = victim()
    one.is_refused(signed({"alg": "ES256", "kid": "ours"}, one.claims), "(signature)")
    one = victim()
    one.is_refused(signed({"alg": "RS256", "kid": "curve"}, one.claims), "(signature)")


BROUGHT = {
    "jwk": lambda url: {"jwk": public(OTHER)},
    "jwk and no kid": lambda url: {"jwk": public(OTHER), "kid": None},
    "jku": lambda url: {"jku": url + "/jku"},
    "x5u": lambda url: {"x5u": url + "/x5u"},
    "x5c": lambda url: {"x5c": [coded(b"\x30\x03\x02\x01\x01")]},
    "crit": lambda url: {"crit": ["exp"], "exp": now() + 60},
    "crit of nothing": lambda url: {"crit": []},
    "b64": lambda url: {"crit": ["b64"], "b64": False},
    "zip": lambda url: {"zip": "DEF", "crit": ["zip"]},
}


@pytest.mark.parametrize("how", BROUGHT)
def test_key_that_the_token_brings(victim, upstream, how):
    """Where a key lies is not the token's to say, and what must be understood
    is."""
    trap = upstream()
    one = victim()
    key = OURS if "crit" in BROUGHT[how](trap.url) else OTHER
    header = {"alg": "RS256", "kid": "ours", **BROUGHT[how](trap.url)}
    header = {name: value for name, value in header.items() if value is not None}
    one.is_refused(signed(header, one.claims, key))
    assert trap.connections == 0


@pytest.mark.parametrize("kid", [
    "", "unknown", 7, None, True, ["ours"], {"a": "ours"}, "ours\0", "ours ", "OURS",
    "../../etc/passwd", "' OR 1=1 --", "|/bin/sh", "%s%n", "http://127.0.0.1/",
    "\x1b[31m\r\nX-Evil: 1", "\u202e", "A" * 20000], ids=lambda v: ascii(v)[:20])
def test_odd_kid(victim, kid):
    one = victim()
    one.is_refused(signed({"alg": "RS256", "kid": kid}, one.claims, OTHER))


# What a server signs that has a good key.


NOW = now()
WRONG = {
    "iss": [7, "", ["https://evil.test"], {"a": 1}, True, "\x1b[31m\r\nX-Evil: 1"],
    "sub": [7, "", ["alice"], {"a": 1}, True, "x" * 5000],
    "aud": [7, "", [], [7], {"a": 1}, True, ["demo-client", 7], [["demo-client"]],
            "demo-client ", "DEMO-CLIENT", "demo"],
    "azp": [7, "", ["demo-client"], {"a": 1}, "demo", True],
    "exp": [NOW - 600, "9999999999", -1, 1e300, [NOW + 60], {}, True, 0],
    "iat": [NOW + 6000, str(NOW), -1, 1e300, [NOW], {}, True, 0],
    "nbf": [NOW + 6000, str(NOW), -1, [NOW], {}, True],
    "nonce": [7, "", ["n"], {"a": 1}, True, "n\0"],
    "at_hash": [7, "", ["n"], {"a": 1}, True, "A" * 22],
}
CASES = [(name, value) for name, values in WRONG.items() for value in values]


@pytest.mark.parametrize("name, value", CASES,
                         ids=lambda v: "time" if v in (NOW - 600, NOW + 6000, str(NOW))
                         else "times" if isinstance(v, list) and v[:1] and
                         v[0] in (NOW, NOW + 60) else ascii(v)[:20])
def test_claim_of_another_type(victim, name, value):
    one = victim()
    one.is_refused(OURS.sign({**one.claims, name: value}), f"({name})")


@pytest.mark.parametrize("name", ["iss", "sub", "aud", "exp", "iat", "nonce",
                                  "at_hash"])
def test_claim_that_is_missing(victim, name):
    one = victim()
    del one.claims[name]
    one.is_refused(OURS.sign(one.claims), f"({name})")


TEXTS = {
    "a claim twice": lambda t: t[:-1] + ',"sub":"bob"}',
    "a claim twice, in escapes": lambda t: t[:-1] + ',"s\\u0075b":"bob"}',
    "any claim twice": lambda t: t[:-1] + ',"x":1,"x":2}',
    "deep": lambda t: t[:-1] + ',"x":' + "[" * 5000 + "]" * 5000 + "}",
    "many": lambda t: t[:-1] + ',"x":[' + "1," * 6000 + "1]}",
    "an array": lambda t: f"[{t}]",
    "rubbish behind": lambda t: t + "x",
    "two": lambda t: t + t,
    "nothing": lambda t: "",
    "NUL": lambda t: t + "\0",
    "no text": lambda t: t[:-1].encode() + b',"x":"\xff"}',
}


@pytest.mark.parametrize("how", TEXTS)
@pytest.mark.parametrize("where", ["claims", "header"])
def test_json_of_a_token(victim, how, where):
    one = victim()
    header = json.dumps({"alg": "RS256", "kid": "ours", "sub": "x"})
    claims = json.dumps(one.claims)
    if where == "claims":
        token = signed(header, TEXTS[how](claims))
    else:
        token = signed(TEXTS[how](header), claims)
    one.is_refused(token)


# Sets of keys that are odd.


SETS = {
    "two of one name": lambda good, odd: [odd, good],
    "the good one is for encryption": lambda good, odd: [{**good, "use": "enc"}],
    "of another algorithm": lambda good, odd: [{**good, "alg": "RS512"}],
    "only encrypts": lambda good, odd: [{**good, "key_ops": ["encrypt"]}],
    "a weak one": lambda good, odd: [{**good, "n": coded(b"\xff" * 64)}],
    "an exponent of one": lambda good, odd: [{**good, "e": "AQ"}],
    "even": lambda good, odd: [{**good, "n": coded(b"\xff" * 255 + b"\xfe")}],
    "kid is a number": lambda good, odd: [{**good, "kid": 7}],
    "a secret": lambda good, odd: [{"kty": "oct", "kid": "ours", "k": coded(b"k" * 32)}],
    "a private key": lambda good, odd: [OURS.jwk],
    "a point beside the curve": lambda good, odd: [
        {**public(CURVE), "kid": "ours", "x": coded(b"\1" * 32)}],
}
TAKEN = {"two of one name", "a private key"}


@pytest.mark.parametrize("how", SETS)
def test_odd_set(bearerd, provider, browser, keys, how):
    """A key is used for what it is for, or not at all; a second one of the same
    name does not hide the good one."""
    keys.says({"keys": SETS[how](public(OURS), public(OTHER))})
    try:
        proxy = bearerd({"a": login.service(
            provider, scope=SCOPE, grant_type="implicit",
            jwks_uri=keys.server.url + "/keys")}, {"log_level": "debug"})
        login.register(provider, proxy)
        one = Victim(proxy, provider, browser, "a")
        token = OURS.sign(one.claims)
        if how in TAKEN:
            reply = one.comes_back(token)
            assert reply.status_code in (200, 400), reply.text
        else:
            one.is_refused(token, "(signature)")
        private = OURS.jwk["d"]
        assert private not in proxy.stderr
    finally:
        keys.honest()
