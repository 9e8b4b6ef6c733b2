# SPDX-License-Identifier: MIT
"""A certification authority for tests, and certificates that it signs."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

DAY = datetime.timedelta(days=1)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _general_name(text: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(text))
    except ValueError:
        return x509.DNSName(text)


def _write_key(path: Path, key: ec.EllipticCurvePrivateKey) -> None:
    path.write_bytes(key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption()))


class Authority:
    """A root of its own in `folder`; `path` is its certificate."""

    def __init__(self, folder: Path, name: str = "Test root"):
        self.folder = folder
        self.name = _name(name)
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.path = folder / f"{name.replace(' ', '-').lower()}.pem"
        builder = self._builder(self.name, self.key.public_key(), 10)
        builder = builder.add_extension(
            x509.BasicConstraints(ca=True, path_length=None), critical=True)
        self._write(self.path, builder)

    def _builder(self, subject: x509.Name, key, days: int):
        now = datetime.datetime.utcnow()
        return (x509.CertificateBuilder()
                .subject_name(subject).issuer_name(self.name).public_key(key)
                .serial_number(x509.random_serial_number())
                .not_valid_before(now - 20 * DAY)
                .not_valid_after(now + days * DAY))

    def _write(self, path: Path, builder) -> None:
        certificate = builder.sign(self.key, hashes.SHA256())
        path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))

    def issue(self, *names: str, days: int = 5, key=None,
              subject_only: bool = False) -> tuple[str, str]:
        """A certificate for these names; the paths of it and of its key.
        Negative days: it has expired. subject_only: without alternative
        names."""
        stem = names[0].replace(":", "_") + ("" if days > 0 else "-expired")
        if key or subject_only:
            stem += f"-{getattr(key, 'key_size', '')}-{subject_only}"
        certificate = self.folder / f"{stem}.pem"
        private_key = self.folder / f"{stem}.key"
        key = key or ec.generate_private_key(ec.SECP256R1())
        builder = self._builder(_name(names[0]), key.public_key(), days)
        if not subject_only:
            builder = builder.add_extension(
                x509.SubjectAlternativeName([_general_name(n) for n in names]),
                critical=False)
        self._write(certificate, builder)
        _write_key(private_key, key)
        return str(certificate), str(private_key)

    def context(self, *names: str, ciphers: str = "", **options) -> ssl.SSLContext:
        """What a server with such a certificate serves by."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        if ciphers:
            context.set_ciphers(ciphers)
        context.load_cert_chain(*self.issue(*names, **options))
        return context


def self_signed(folder: Path, name: str) -> tuple[str, str]:
    """A certificate that nobody but itself answers for, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.datetime.utcnow()
    certificate = (x509.CertificateBuilder()
                   .subject_name(_name(name)).issuer_name(_name(name))
                   .public_key(key.public_key())
                   .serial_number(x509.random_serial_number())
                   .not_valid_before(now - DAY).not_valid_after(now + 5 * DAY)
                   .sign(key, hashes.SHA256()))
    path, key_path = folder / f"{name}.pem", folder / f"{name}.key"
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    _write_key(key_path, key)
    return str(path), str(key_path)


class Chain:
    """Certificates below `authority` that no authority would sign so."""

    def __init__(self, authority: Authority, folder: Path):
        self.authority, self.folder = authority, folder
        self.pem: list[bytes] = []

    def add(self, name: str, key, issuer: str | None, issuer_key,
            ca: bool = True, names=(x509.DNSName("localhost"),)) -> None:
        """issuer: None is the authority. What is no CA is localhost's, or has
        these alternative names."""
        now = datetime.datetime.utcnow()
        builder = (x509.CertificateBuilder().subject_name(_name(name))
                   .issuer_name(_name(issuer) if issuer else self.authority.name)
                   .public_key(key.public_key())
                   .serial_number(x509.random_serial_number())
                   .not_valid_before(now - DAY).not_valid_after(now + 5 * DAY))
        builder = builder.add_extension(
            x509.BasicConstraints(ca=True, path_length=None) if ca else
            x509.SubjectAlternativeName(names), critical=ca)
        signed = builder.sign(issuer_key, hashes.SHA256())
        self.pem.append(signed.public_bytes(serialization.Encoding.PEM))

    def context(self, key) -> ssl.SSLContext:
        """What a server serves by that shows all, the last one first."""
        path, key_path = self.folder / "chain.pem", self.folder / "chain.key"
        path.write_bytes(b"".join(reversed(self.pem)))
        _write_key(key_path, key)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path, key_path)
        return context
