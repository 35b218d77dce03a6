#!/usr/bin/python3
"""Stand-in for CloudStack's `cloud-install-sys-tmplt`: puts a system VM template on a mounted secondary store.

It takes the options of the documented one and leaves the same files, `template/tmpl/1/<number>/<uuid>.<suffix>` and
`template.properties` beside it. The number is the database's, which it asks for as the real one does.
"""

from __future__ import annotations

import argparse
import base64
import bz2
import gzip
import hashlib
import http.client
import json
import os
import shutil
import sys
import urllib.request
import uuid
from pathlib import Path
from typing import IO, Any, NoReturn

PROPERTIES = "/etc/cloudstack/management/db.properties"
SUFFIXES = {
    "kvm": "qcow2",
    "lxc": "qcow2",
    "xenserver": "vhd",
    "hyperv": "vhd",
    "vmware": "ova",
    "ovm3": "raw",
}
BAD_USE, NOT_WRITABLE, NOT_THERE, NO_SOURCE, NO_NUMBER = 2, 3, 4, 5, 8


def failed(words: str, code: int) -> NoReturn:
    """End with the reason."""
    print(f"{words}\nThe template was not installed.", file=sys.stderr)
    sys.exit(code)


def options(words: list[str]) -> argparse.Namespace:
    """The documented options; those of the database connection default to db.properties."""
    parser = argparse.ArgumentParser(prog="cloud-install-sys-tmplt", add_help=False)
    parser.add_argument("-m", dest="mount", type=Path, required=True, help="secondary storage mount point")
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("-f", dest="file", type=Path, help="template file")
    source.add_argument("-u", dest="url", help="URL of the template")
    parser.add_argument("-h", dest="hypervisor", choices=sorted(SUFFIXES), required=True, help="hypervisor")
    parser.add_argument(
        "-F", dest="clean", action="store_true", help="remove the template that is there first"
    )
    parser.add_argument("-t", dest="number", type=int, help="the template's number")
    parser.add_argument("-e", dest="suffix", help="suffix of the file")
    parser.add_argument("-s", dest="secret", help="the management server's secret key")
    parser.add_argument("-o", dest="host", help="database server")
    parser.add_argument("-p", dest="port", type=int, help="its port")
    parser.add_argument("-r", dest="user", help="its user")
    parser.add_argument("-d", dest="password", nargs="?", const="", help="that user's password")
    return parser.parse_args(words)


def record_of(given: argparse.Namespace) -> dict[str, Any]:
    """What the database knows of the hypervisor's system template: `id`, `uuid`."""
    known: dict[str, str] = {}
    if os.path.exists(PROPERTIES):
        with open(PROPERTIES, encoding="utf-8") as file:
            known = dict(line.strip().split("=", 1) for line in file if "=" in line and line[0] != "#")
    host, port = given.host or known.get("db.cloud.host"), given.port or known.get("db.cloud.port")
    words = (
        f"{given.user or known.get('db.cloud.username')}:{given.password or known.get('db.cloud.password')}"
    )
    headers = {"Authorization": "Basic " + base64.b64encode(words.encode()).decode()}
    try:
        connection = http.client.HTTPConnection(str(host), int(port or 0), timeout=30)
        asked = json.dumps({"hypervisor": given.hypervisor, "id": given.number})
        connection.request("POST", "/_lab/systemtemplate", asked, headers)
        answer = connection.getresponse()
        body: dict[str, Any] = json.loads(answer.read() or b"{}")
    except (OSError, http.client.HTTPException, ValueError) as error:
        failed(f"The database at {host} does not tell the template's number: {error}", NO_NUMBER)
    if answer.status != 200:
        failed(f"The database knows no such template: {body.get('error', answer.status)}", NO_NUMBER)
    return body


def opened(given: argparse.Namespace) -> IO[bytes]:
    """The source, unpacked on the way."""
    if given.file and not given.file.is_file():
        failed(f"There is no file {given.file}.", NOT_WRITABLE)
    try:
        source: Any = given.file.open("rb") if given.file else urllib.request.urlopen(given.url, timeout=60)
    except (OSError, ValueError) as error:
        failed(f"The template at {given.url or given.file} can't be fetched: {error}", NO_SOURCE)
    packed = str(given.file or given.url)
    if packed.endswith(".gz"):
        source = gzip.GzipFile(fileobj=source)
    elif packed.endswith(".bz2"):
        source = bz2.BZ2File(source)
    unpacked: IO[bytes] = source
    return unpacked


def place(given: argparse.Namespace, number: int, suffix: str) -> Path:
    """The empty directory that the template goes to."""
    directory: Path = given.mount / "template" / "tmpl" / "1" / str(number)
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for each in list(directory.iterdir()) if given.clean else []:
            shutil.rmtree(each) if each.is_dir() else each.unlink()
    except OSError as error:
        failed(f"Can't write to {given.mount}: {error}. Is it mounted?", NOT_WRITABLE)
    if (directory / "template.properties").exists():
        failed(f"{directory} holds a template already; -F replaces it.", NOT_THERE)
    if any(directory.glob(f"*.{suffix}")):
        failed(f"{directory} holds a file of a template already; -F replaces it.", NO_SOURCE)
    return directory


def main() -> None:
    """Install the template."""
    given = options(sys.argv[1:])
    if not given.mount.is_dir():
        failed(f"The mount point {given.mount} does not exist.", NOT_THERE)
    source = opened(given)
    record = record_of(given)
    number = int(record["id"])
    suffix = given.suffix or SUFFIXES[given.hypervisor]
    directory = place(given, number, suffix)
    name = f"{record.get('uuid') or uuid.uuid4()}.{suffix}"
    checksum, size = hashlib.md5(), 0
    with source, (directory / name).open("wb") as file:
        while chunk := source.read(1 << 20):
            file.write(chunk)
            checksum.update(chunk)
            size += len(chunk)
    lines = {
        "filename": name,
        "description": "SystemVM Template",
        "checksum": checksum.hexdigest(),
        "hvm": "false",
        "size": size,
        suffix: "true",
        "id": number,
        "public": "true",
        f"{suffix}.filename": name,
        "uniquename": f"routing-{number}",
        f"{suffix}.virtualsize": size,
        "virtualsize": size,
        f"{suffix}.size": size,
    }
    text = "".join(f"{key}={value}\n" for key, value in lines.items())
    (directory / "template.properties").write_text(text, encoding="utf-8")
    print(f"The system VM template {name} ({size} bytes) is in {directory}.")


if __name__ == "__main__":
    main()
