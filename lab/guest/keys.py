"""The keys of one lab, and the disk that brings them into its guests.

The host's key is made here and not by the guest, so that it is known before the first connection.
"""

from __future__ import annotations

import io
import tarfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lab.addresses import DATA_LIF, MANAGEMENT_PORT, RECORDS, GuestAddress


@dataclass(frozen=True)
class KeyPair:
    """An Ed25519 key in OpenSSH's formats, each ending with a line feed."""

    private: str
    public: str


def new_key_pair(comment: str) -> KeyPair:
    """A fresh key without a passphrase."""
    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    return KeyPair(private.decode(), f"{public.decode()} {comment}\n")


def write_seed(
    path: Path,
    guest: GuestAddress,
    everyone: Sequence[GuestAddress],
    host: KeyPair,
    user: str,
    records_password: str | None = None,
) -> None:
    """The guest's second disk: a tar archive with its name, its host key and the public key that opens it.

    With the password for CloudStack's records the guest is the management server.
    """
    hosts = [
        "127.0.0.1 localhost",
        f"{DATA_LIF} data-lif",
        *(f"{each.address} {each.name}" for each in everyone),
    ]
    with tarfile.open(path, "w", format=tarfile.USTAR_FORMAT) as archive:
        _add(archive, "etc/hostname", f"{guest.name}\n", 0o644)
        _add(archive, "etc/hosts", "\n".join(hosts) + "\n", 0o644)
        _add(archive, "etc/ssh/ssh_host_ed25519_key", host.private, 0o600)
        _add(archive, "etc/ssh/ssh_host_ed25519_key.pub", host.public, 0o644)
        _add_directory(archive, "root/.ssh", 0)
        _add(archive, "root/.ssh/authorized_keys", user, 0o600)
        # The user operator is the image's first, 1000; operator's group is Debian's 37.
        _add_directory(archive, "home/operator/.ssh", 1000)
        _add(archive, "home/operator/.ssh/authorized_keys", user, 0o600, owner=1000)
        if records_password is not None:
            name = "etc/cloudstack/management/db.properties"
            _add(archive, name, _properties(records_password), 0o600)
    path.chmod(0o600)


def _properties(password: str) -> str:
    """CloudStack's own file for the way to its database."""
    lines = {
        "host": RECORDS,
        "port": MANAGEMENT_PORT,
        "name": "cloud",
        "username": "admin",
        "password": password,
    }
    return "".join(f"db.cloud.{name}={value}\n" for name, value in lines.items())


def _add(archive: tarfile.TarFile, name: str, text: str, mode: int, owner: int = 0) -> None:
    content = text.encode()
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode, entry.uid = len(content), mode, owner
    archive.addfile(entry, io.BytesIO(content))


def _add_directory(archive: tarfile.TarFile, name: str, owner: int) -> None:
    entry = tarfile.TarInfo(name)
    entry.type, entry.mode, entry.uid = tarfile.DIRTYPE, 0o700, owner
    archive.addfile(entry)
