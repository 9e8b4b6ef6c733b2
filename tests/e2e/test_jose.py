# SPDX-License-Identifier: MIT
"""Keys and signatures against other implementations: Debian's jose for what
it knows, Authlib and openssl for the rest."""

import base64
import json
import subprocess
from pathlib import Path

import pytest
from authlib.jose import JsonWebKey, JsonWebSignature

import harness

PAYLOAD = b'{"iss":"joe","exp":1300819380}'
ALGORITHMS = ["HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256",
              "PS384", "PS512", "ES256", "ES384", "ES512"]
# What makes keys that jose does not, as PEM.
OPENSSL = {
    "RSA-3072": ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:3072"],
    "P-256": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
    "P-384": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"],
    "P-521": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-521"],
    "Ed25519": ["-algorithm", "ed25519"],
    "Ed448": ["-algorithm", "ed448"],
}
FITS = {"RSA-3072": ["RS256", "PS512"], "P-256": ["ES256"],
        "P-384": ["ES384"], "P-521": ["ES512"], "Ed25519": ["EdDSA"],
        "Ed448": ["EdDSA"]}


def run(*command, given=b""):
    done = subprocess.run([str(part) for part in command], input=given,
                          capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def program():
    path = Path(harness.binary()).parent / "tests/e2e/linked/jose"
    assert path.exists(), f"{path} is not built: make check-e2e does"
    return path


def ours(*args, given=b""):
    return run(program(), *args, given=given)


def refused(*args, given=b""):
    done = subprocess.run([str(part) for part in (program(), *args)],
                          input=given, capture_output=True, timeout=60,
                          check=False)
    assert done.returncode == 1
    assert done.stdout == b""
    return done.stderr.decode()


@pytest.fixture
def folder(tmp_path):
    return tmp_path


def make_jwk(folder, algorithm, public):
    """A key that jose makes, and what its owner gives away of it."""
    private = folder / "private.jwk"
    run("jose", "jwk", "gen", "-i", json.dumps({"alg": algorithm}), "-o",
        private)
    if algorithm.startswith("HS"):
        return private, private
    run("jose", "jwk", "pub", "-i", private, "-o", public)
    return private, public


@pytest.fixture
def keys(folder, algorithm):
    return make_jwk(folder, algorithm, folder / "public.jwk")


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_jose_verifies_what_we_sign(folder, algorithm, keys):
    private, public = keys
    signed = folder / "signed"
    signed.write_bytes(ours("sign", algorithm, private, given=PAYLOAD))
    assert run("jose", "jws", "ver", "-i", signed, "-k", public, "-O",
               "-") == PAYLOAD


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_we_verify_what_jose_signs(folder, algorithm, keys):
    private, public = keys
    payload = folder / "payload"
    payload.write_bytes(PAYLOAD)
    signed = run("jose", "jws", "sig", "-I", payload, "-k", private, "-c")
    assert ours("verify", algorithm, public, given=signed.strip()) == PAYLOAD
    # And no other payload, and by no other algorithm.
    head, _, signature = signed.strip().split(b".")
    other = b".".join([head, b"e30", signature])
    assert "not that of the key" in refused("verify", algorithm, public,
                                            given=other)
    for another in ALGORITHMS:
        if another != algorithm:
            assert refused("verify", another, public, given=signed.strip())


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_thumbprints_are_the_same(folder, algorithm, keys):
    private, public = keys
    theirs = run("jose", "jwk", "thp", "-i", private, "-a", "S256").strip()
    assert ours("thumbprint", private) == theirs
    assert ours("thumbprint", public) == theirs


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_jose_takes_the_keys_that_we_write(folder, algorithm, keys):
    private, public = keys
    written = folder / "written.jwk"
    written.write_bytes(ours("private", private))
    mine = json.loads(written.read_bytes())
    theirs = json.loads(private.read_bytes())
    assert mine == {name: theirs[name] for name in mine}
    signed = folder / "signed"
    signed.write_bytes(ours("sign", algorithm, written, given=PAYLOAD))
    run("jose", "jws", "ver", "-i", signed, "-k", public)
    if private != public:
        assert json.loads(ours("public", private)).keys() < mine.keys()


def same(value: str) -> str:
    """A number in base64url, without its leading zero octets; else as it is."""
    if len(value) < 20:
        return value
    octets = base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))
    return octets.lstrip(b"\0").hex()


@pytest.mark.parametrize("kind", OPENSSL)
def test_pem_and_authlib(folder, kind):
    pem, public, written = (folder / name for name in
                            ("key.pem", "public.pem", "written.jwk"))
    run("openssl", "genpkey", *OPENSSL[kind], "-out", pem)
    run("openssl", "pkey", "-in", pem, "-pubout", "-out", public)
    written.write_bytes(ours("public", pem))
    theirs = JsonWebKey.import_key(public.read_bytes())
    members, others = json.loads(written.read_bytes()), theirs.as_dict()
    # Authlib leaves a coordinate's leading zero octets out, which RFC 7518
    # section 6.2.1.2 wants; the thumbprint is of those.
    assert {n: same(v) for n, v in members.items()} == \
        {n: same(others[n]) for n in members}
    if all(members[n] == others[n] for n in members):
        assert ours("thumbprint", pem).decode() == theirs.thumbprint()
    jws = JsonWebSignature()
    for algorithm in FITS[kind]:
        signed = ours("sign", algorithm, pem, given=PAYLOAD)
        assert jws.deserialize_compact(signed, theirs)["payload"] == PAYLOAD
        signed = jws.serialize_compact({"alg": algorithm}, PAYLOAD,
                                       JsonWebKey.import_key(
                                           pem.read_bytes()))
        assert ours("verify", algorithm, written, given=signed) == PAYLOAD


@pytest.mark.parametrize("form", ["pkcs8", "traditional"])
@pytest.mark.parametrize("kind", ["RSA-3072", "P-256", "P-521"])
def test_forms_of_pem(folder, kind, form):
    pem, other = folder / "key.pem", folder / "other.pem"
    run("openssl", "genpkey", *OPENSSL[kind], "-out", pem)
    if form == "traditional":
        run("openssl", "pkey", "-in", pem, "-traditional", "-out", other)
        assert "PRIVATE KEY" in other.read_text()
        assert "-----BEGIN PRIVATE KEY" not in other.read_text()
    else:
        run("openssl", "pkcs8", "-topk8", "-nocrypt", "-in", pem, "-out",
            other)
    assert ours("private", other) == ours("private", pem)


def test_encrypted_pem(folder):
    pem, locked = folder / "key.pem", folder / "locked.pem"
    run("openssl", "genpkey", *OPENSSL["P-256"], "-out", pem)
    run("openssl", "pkcs8", "-topk8", "-passout", "pass:x", "-in", pem,
        "-out", locked)
    assert "is encrypted" in refused("thumbprint", locked)
    run("openssl", "ec", "-aes128", "-passout", "pass:x", "-in", pem, "-out",
        locked)
    assert "is encrypted" in refused("thumbprint", locked)


def test_a_key_that_does_not_fit(folder):
    private, public = make_jwk(folder, "ES256", folder / "public.jwk")
    assert refused("sign", "RS256", private).strip() == \
        "RS256 needs an RSA key; this one is P-256"
    assert "this one is public" in refused("sign", "ES256", public)
