# SPDX-License-Identifier: MIT
"""A small Debian repository, and an apt that knows no other."""

from __future__ import annotations

import hashlib
import os
import subprocess
from pathlib import Path

PACKAGE = "bearerd-test"
CONTROL = f"""Package: {PACKAGE}
Version: 1.0
Architecture: all
Maintainer: Test <test@example.test>
Description: nothing but a file of 1 MB
"""
# No folder of the system's, no user but the caller.
APT = """Dir "{folder}/";
Dir::State "state/";
Dir::State::status "{folder}/status";
Dir::Cache "cache/";
Dir::Etc "etc/";
Dir::Log "{folder}/";
APT::Sandbox::User "";
APT::Update::Error-Mode "any";
Acquire::Languages "none";
Acquire::Retries "0";
"""


def make_repository(folder: Path) -> Path:
    """Writes one package and the lists that name it; the package's path."""
    root = folder / "root"
    (root / "DEBIAN").mkdir(parents=True)
    (root / "DEBIAN" / "control").write_text(CONTROL)
    (root / "DEBIAN").chmod(0o755)
    (root / "file").write_bytes(os.urandom(1 << 20))
    deb = folder / f"{PACKAGE}_1.0_all.deb"
    subprocess.run(["dpkg-deb", "-Znone", "--root-owner-group", "--build",
                    str(root), str(deb)], check=True, stdout=subprocess.DEVNULL)
    data = deb.read_bytes()
    packages = (f"{CONTROL}Filename: ./{deb.name}\nSize: {len(data)}\n"
                f"SHA256: {hashlib.sha256(data).hexdigest()}\n").encode()
    (folder / "Packages").write_bytes(packages)
    (folder / "Release").write_text(
        "Suite: test\nCodename: test\nArchitectures: all amd64\n"
        f"SHA256:\n {hashlib.sha256(packages).hexdigest()} {len(packages)} Packages\n")
    return deb


def apt_config(folder: Path, url: str) -> Path:
    """What APT_CONFIG is set to for an apt that lives in the folder and knows
    the repository at this URL."""
    for name in ("state/lists/partial", "cache/archives/partial", "etc"):
        (folder / name).mkdir(parents=True)
    (folder / "status").touch()
    (folder / "etc" / "sources.list").write_text(f"deb [trusted=yes] {url} ./\n")
    path = folder / "apt.conf"
    path.write_text(APT.format(folder=folder))
    return path
